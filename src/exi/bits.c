/* SPDX-License-Identifier: Apache-2.0 */
#include "exi/bits_in.h"
#include "exi/bits_out.h"
#include <string.h>

static uint8_t fold(uint64_t word)
{
    word |= word >> 32;
    word |= word >> 16;
    return (uint8_t)(word | word >> 8);
}

/* Octets of a word at a time; those that are left, one by one. */
static uint8_t copy_aligned(uint8_t *to, const uint8_t *from, size_t length)
{
    uint64_t any = 0;
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        any |= exi_load64(from + i);
    }
    for (; i < length; i++) {
        any |= from[i];
    }
    if (to != NULL && length > 0) {
        memcpy(to, from, length);
    }
    return fold(any);
}

uint8_t exi_copy_shifted(uint8_t *to, const uint8_t *from, unsigned shift, size_t length)
{
    if (shift == 0) {
        return copy_aligned(to, from, length);
    }
    uint64_t any = 0;
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        const uint64_t word = exi_load64(from + i) << shift | from[i + 8] >> (8 - shift);
        any |= word;
        exi_store64(to + i, word);
    }
    for (; i < length; i++) {
        to[i] = (uint8_t)(from[i] << shift | from[i + 1] >> (8 - shift));
        any |= to[i];
    }
    return fold(any);
}

/* Writes the whole octets that wait, so that less than one is left. */
static void flush_octets(exi_out_t *out)
{
    while (out->count >= 8) {
        out->count -= 8;
        *out->at++ = (uint8_t)(out->bits >> out->count);
    }
}

void exi_out_octets(exi_out_t *out, const uint8_t *from, size_t length)
{
    if (out->full || (size_t)(out->end - out->at) < length + 4) {
        for (size_t i = 0; i < length && !out->full; i++) {
            exi_out_put(out, from[i], 8);
        }
        return;
    }
    flush_octets(out);
    const unsigned count = out->count;
    uint64_t before = count == 0 ? 0 : out->bits << (64 - count);
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        const uint64_t word = exi_load64(from + i);
        exi_store64(out->at + i, before | word >> count);
        before = count == 0 ? 0 : word << (64 - count);
    }
    out->at += i;
    out->bits = count == 0 ? 0 : before >> (64 - count);
    for (; i < length; i++) {
        exi_out_put(out, from[i], 8);
    }
}

void exi_out_finish(exi_out_t *out)
{
    if (out->full || (size_t)(out->end - out->at) < (out->count + 7) / 8) {
        out->full = true;
        return;
    }
    out->bits <<= (8 - out->count % 8) % 8;
    out->count += (8 - out->count % 8) % 8;
    flush_octets(out);
}
