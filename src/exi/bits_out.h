/* Writing bits into a buffer. Private to src/exi. A writer that is full stays full and writes no more; it is asked once, at the
 * end. SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EXI_BITS_OUT_H
#define CCS_EXI_BITS_OUT_H

#include "exi/bits_in.h"

typedef struct exi_out {
    uint8_t *at;
    uint8_t *end;
    uint64_t bits; /* the last `count` (< 32) bits, not yet written, right-aligned */
    unsigned count;
    bool full;
} exi_out_t;

static inline void exi_out_word(exi_out_t *out)
{
    if (out->end - out->at < 4) {
        out->full = true;
        out->count = 0;
        return;
    }
    out->count -= 32;
    const uint32_t word = (uint32_t)(out->bits >> out->count);
    out->at[0] = (uint8_t)(word >> 24);
    out->at[1] = (uint8_t)(word >> 16);
    out->at[2] = (uint8_t)(word >> 8);
    out->at[3] = (uint8_t)word;
    out->at += 4;
}

/* The low `count` (0 .. 32) bits of value; the bits above them are zero. */
static inline void exi_out_put(exi_out_t *out, uint32_t value, unsigned count)
{
    out->bits = out->bits << count | value;
    out->count += count;
    if (out->count >= 32) {
        exi_out_word(out);
    }
}

static inline void exi_out_uint(exi_out_t *out, uint64_t value)
{
    while (value > 127) {
        exi_out_put(out, (uint32_t)(value & 127) | 128, 8);
        value >>= 7;
    }
    exi_out_put(out, (uint32_t)value, 8);
}

void exi_out_octets(exi_out_t *out, const uint8_t *from, size_t length);

/* Writes what is left, padded with zero bits. */
void exi_out_finish(exi_out_t *out);

#endif
