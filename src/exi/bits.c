/* SPDX-License-Identifier: Apache-2.0 */
#include "exi/bits_in.h"
#include "exi/bits_out.h"

extern inline void exi_store32(uint8_t *at, uint32_t word);
extern inline void exi_out_word(exi_out_t *out, exi_sink_t *sink);
extern inline void exi_out_put(exi_out_t *out, exi_sink_t *sink, uint32_t value, unsigned count);
extern inline void exi_out_uint(exi_out_t *out, exi_sink_t *sink, uint64_t value);

/* A shifted word holds so many whole octets; its store writes one octet more, which the next store puts right. */
enum { STEP = EXI_WORD_OCTETS - 1, OCTETS_OF_WINDOW = EXI_WINDOW_BITS / 8 };

/* Certificates are long, and eight steps in a row are quicker; but not where flash is dear. */
enum { IN_EIGHTS = EXI_WORD_BITS > 32 };

static const exi_word_t HIGH_BITS = (exi_word_t)0x8080808080808080u;

exi_uint_t exi_read_uint(const uint8_t *at, uint32_t pos)
{
    uint64_t sum = 0;
    exi_word_t window = exi_window(at, pos);
    unsigned octets = OCTETS_OF_WINDOW;
    for (unsigned shift = 0;; shift += 7) {
        const uint32_t octet = exi_first(window, 8);
        pos += 8;
        if (shift == 63 && octet > 1) {
            return (exi_uint_t){0, 0};
        }
        sum |= (uint64_t)(octet & 127) << shift;
        if (octet < 128) {
            return (exi_uint_t){sum, pos};
        }
        window <<= 8;
        if (--octets == 0) {
            window = exi_window(at, pos);
            octets = OCTETS_OF_WINDOW;
        }
    }
}

/* STEP octets, and one that is not yet right. */
static inline exi_word_t copy_step(uint8_t *to, const uint8_t *from, unsigned shift)
{
    const exi_word_t word = exi_load(from) << shift;
    exi_store(to, word);
    return word;
}

static inline exi_word_t copy_two(uint8_t *to, const uint8_t *from, unsigned shift)
{
    return copy_step(to, from, shift) | copy_step(to + STEP, from + STEP, shift);
}

/* EXI_WORD_OCTETS octets, all of them right. */
static inline exi_word_t copy_word(uint8_t *to, const uint8_t *from, unsigned shift)
{
    const exi_word_t word = exi_load(from) << shift | from[EXI_WORD_OCTETS] >> (8 - shift);
    exi_store(to, word);
    return word;
}

static unsigned copy_few(uint8_t *to, const uint8_t *from, unsigned shift, size_t length)
{
    unsigned any = 0;
    for (size_t i = 0; i < length; i++) {
        to[i] = (uint8_t)(from[i] << shift | from[i + 1] >> (8 - shift));
        any |= to[i];
    }
    return any;
}

void exi_copy_octets(uint8_t *to, const uint8_t *from, unsigned shift, size_t length)
{
    if (length < EXI_WORD_OCTETS) {
        (void)copy_few(to, from, shift, length);
        return;
    }
    size_t i = 0;
    for (; IN_EIGHTS && i + 8 * STEP < length; i += 8 * STEP) {
        (void)copy_two(to + i, from + i, shift);
        (void)copy_two(to + i + 2 * STEP, from + i + 2 * STEP, shift);
        (void)copy_two(to + i + 4 * STEP, from + i + 4 * STEP, shift);
        (void)copy_two(to + i + 6 * STEP, from + i + 6 * STEP, shift);
    }
    for (const size_t last = length - EXI_WORD_OCTETS; i < last; i += STEP) {
        (void)copy_step(to + i, from + i, shift);
    }
    (void)copy_word(to + length - EXI_WORD_OCTETS, from + length - EXI_WORD_OCTETS, shift);
}

bool exi_copy_ascii(uint8_t *to, const uint8_t *from, unsigned shift, size_t length)
{
    if (length < EXI_WORD_OCTETS) {
        return copy_few(to, from, shift, length) < 0x80;
    }
    exi_word_t any = 0;
    size_t i = 0;
    for (; i + 2 * STEP < length; i += 2 * STEP) {
        any |= copy_two(to + i, from + i, shift);
    }
    for (const size_t last = length - EXI_WORD_OCTETS; i < last; i += STEP) {
        any |= copy_step(to + i, from + i, shift);
    }
    any &= HIGH_BITS << 8;
    any |= copy_word(to + length - EXI_WORD_OCTETS, from + length - EXI_WORD_OCTETS, shift);
    return (any & HIGH_BITS) == 0;
}

bool exi_is_ascii(const uint8_t *from, size_t length)
{
    exi_word_t any = 0;
    size_t i = 0;
    for (; i + EXI_WORD_OCTETS <= length; i += EXI_WORD_OCTETS) {
        any |= exi_load(from + i);
    }
    for (; i < length; i++) {
        any |= from[i];
    }
    return (any & HIGH_BITS) == 0;
}

/* Writes the whole octets that wait, so that less than one is left. */
static inline void flush_octets(exi_out_t *out)
{
    uint8_t *at = out->at;
    unsigned count = out->count;
    for (; count >= 8; at++) {
        count -= 8;
        *at = (uint8_t)(out->bits >> count);
    }
    out->at = at;
    out->count = count;
}

/* Some octets, four at a time. */
static inline void put_few(exi_out_t *out, exi_sink_t *sink, const uint8_t *from, size_t length)
{
    uint32_t rest = 0;
    for (; length >= 4; length -= 4, from += 4) {
        exi_out_put(out, sink, exi_load32(from), 32);
    }
    for (size_t i = 0; i < length; i++) {
        rest = rest << 8 | from[i];
    }
    exi_out_put(out, sink, rest, (unsigned)length * 8);
}

/* The octets of a word but its first, of which only the last bits are left to write; and so on. */
static inline void put_two(uint8_t *at, const uint8_t *from, unsigned shift)
{
    exi_store(at, exi_load(from) << shift);
    exi_store(at + STEP, exi_load(from + STEP) << shift);
}

/* EXI_WORD_OCTETS or more, where there is room for as many more. */
static void put_many(exi_out_t *out, const uint8_t *from, size_t length)
{
    const unsigned shift = 8 - out->count;
    const size_t last = length - 1;
    uint8_t *const at = out->at + 1;
    *out->at = (uint8_t)(out->bits << shift | from[0] >> out->count);
    size_t i = 0;
    for (; IN_EIGHTS && i + 8 * STEP < last; i += 8 * STEP) {
        put_two(at + i, from + i, shift);
        put_two(at + i + 2 * STEP, from + i + 2 * STEP, shift);
        put_two(at + i + 4 * STEP, from + i + 4 * STEP, shift);
        put_two(at + i + 6 * STEP, from + i + 6 * STEP, shift);
    }
    for (; i + STEP < last; i += STEP) {
        exi_store(at + i, exi_load(from + i) << shift);
    }
    exi_store(at + last - STEP, exi_load(from + last - STEP) << shift);
    out->at = at + last;
    out->bits = from[last];
}

void exi_out_octets(exi_out_t *out, exi_sink_t *sink, const uint8_t *from, size_t length)
{
    if (length >= EXI_WORD_OCTETS && !sink->full && (size_t)(sink->end - out->at) > length + 4 + EXI_WORD_OCTETS) {
        flush_octets(out);
        put_many(out, from, length);
        return;
    }
    put_few(out, sink, from, length);
}

void exi_out_finish(exi_out_t *out, exi_sink_t *sink)
{
    const unsigned pad = (8 - out->count % 8) % 8;
    if (sink->full || (size_t)(sink->end - out->at) < (out->count + pad) / 8) {
        sink->full = true;
        return;
    }
    out->bits <<= pad;
    out->count += pad;
    flush_octets(out);
}
