/* Writing bits into a buffer. Private to src/exi.
 *
 * A writer gathers bits and writes words of 32. What does not fit is dropped and remembered in the sink, so that the end is asked
 * for once, when all is written. SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EXI_BITS_OUT_H
#define CCS_EXI_BITS_OUT_H

#include "exi/bits_in.h"

/* What is `inline` and not static here and in other headers of the codec has its one definition in a .c file, for a compiler that
 * saves octets. */
typedef struct exi_out {
    uint8_t *at;
    uint64_t bits;  /* the last `count` bits are not yet written; what stands above them has no meaning */
    unsigned count; /* below 32 */
} exi_out_t;

typedef struct exi_sink {
    uint8_t *begin, *end;
    bool full;
} exi_sink_t;

inline void exi_out_word(exi_out_t *out, exi_sink_t *sink)
{
    out->count -= 32;
    if (sink->end - out->at < 4) {
        sink->full = true;
        return;
    }
    exi_store32(out->at, (uint32_t)(out->bits >> out->count));
    out->at += 4;
}

/* The low `count` (0 .. 32) bits of value; the bits above them are zero. */
inline void exi_out_put(exi_out_t *out, exi_sink_t *sink, uint32_t value, unsigned count)
{
    out->bits = out->bits << count | value;
    out->count += count;
    if (out->count >= 32) {
        exi_out_word(out, sink);
    }
}

inline void exi_out_uint(exi_out_t *out, exi_sink_t *sink, uint64_t value)
{
    while (value > 127) {
        exi_out_put(out, sink, (uint32_t)(value & 127) | 128, 8);
        value >>= 7;
    }
    exi_out_put(out, sink, (uint32_t)value, 8);
}

void exi_out_octets(exi_out_t *out, exi_sink_t *sink, const uint8_t *from, size_t length);

/* Writes what is left, padded with zero bits. */
void exi_out_finish(exi_out_t *out, exi_sink_t *sink);

#endif
