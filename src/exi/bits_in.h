/* Reading bits of a frame. Private to src/exi.
 *
 * The reader looks at the frame itself until the end is near, then at a copy of the last octets with zeros behind them, so that a
 * row may read EXI_AHEAD octets from where it starts without asking at each of them. exi_in_ready() sees to that, once per row.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EXI_BITS_IN_H
#define CCS_EXI_BITS_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    EXI_AHEAD = 24, /* 25 zero bits, a 64-bit integer in ten octets, a word that begins in its last octet */
    EXI_TAIL = 2 * EXI_AHEAD
};

typedef struct exi_in {
    const uint8_t *at;
    uint32_t pos;   /* next bit, counted from at */
    uint32_t limit; /* EXI_AHEAD octets are readable from any pos up to here */
} exi_in_t;

/* Words are as wide as a register: one load gives at least 57 or 25 bits. */
#if UINTPTR_MAX > 0xFFFFFFFFu
typedef uint64_t exi_word_t;
#else
typedef uint32_t exi_word_t;
#endif
enum { EXI_WORD_BITS = 8 * (int)sizeof(exi_word_t) };

static inline uint64_t exi_load64(const uint8_t *at)
{
    return (uint64_t)at[0] << 56 | (uint64_t)at[1] << 48 | (uint64_t)at[2] << 40 | (uint64_t)at[3] << 32 | (uint64_t)at[4] << 24 |
           (uint64_t)at[5] << 16 | (uint64_t)at[6] << 8 | at[7];
}

static inline uint32_t exi_load32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline void exi_store64(uint8_t *at, uint64_t word)
{
    /* Line by line: gcc makes one store of it, but not of a loop. */
    at[0] = (uint8_t)(word >> 56);
    at[1] = (uint8_t)(word >> 48);
    at[2] = (uint8_t)(word >> 40);
    at[3] = (uint8_t)(word >> 32);
    at[4] = (uint8_t)(word >> 24);
    at[5] = (uint8_t)(word >> 16);
    at[6] = (uint8_t)(word >> 8);
    at[7] = (uint8_t)word;
}

/* The bits from pos on, left-aligned; at least 25 of them are valid. */
static inline exi_word_t exi_in_window(const exi_in_t *in)
{
    const uint8_t *at = in->at + (in->pos >> 3);
#if UINTPTR_MAX > 0xFFFFFFFFu
    return exi_load64(at) << (in->pos & 7);
#else
    return exi_load32(at) << (in->pos & 7);
#endif
}

/* The next `bits` (0 .. 25) bits, without moving. */
static inline uint32_t exi_in_peek(const exi_in_t *in, unsigned bits)
{
    return (uint32_t)(exi_in_window(in) >> 1 >> ((unsigned)EXI_WORD_BITS - 1 - bits));
}

static inline uint32_t exi_in_take(exi_in_t *in, unsigned bits)
{
    const uint32_t value = exi_in_peek(in, bits);
    in->pos += bits;
    return value;
}

static inline unsigned exi_in_octet(exi_in_t *in)
{
    const uint8_t *at = in->at + (in->pos >> 3);
    const unsigned two = (unsigned)at[0] << 8 | at[1];
    const unsigned octet = two >> (8 - (in->pos & 7)) & 0xFF;
    in->pos += 8;
    return octet;
}

/* The rest of an unsigned integer whose first octet said that more follow. False: it does not fit 64 bits. */
static inline bool exi_in_uint_rest(exi_in_t *in, unsigned first, uint64_t *value)
{
    uint64_t sum = first & 127;
    unsigned octet = 128;
    for (unsigned shift = 7; octet > 127; shift += 7) {
        octet = exi_in_octet(in);
        if (shift > 63 || (shift == 63 && octet > 1)) {
            return false;
        }
        sum |= (uint64_t)(octet & 127) << shift;
    }
    *value = sum;
    return true;
}

/* An unsigned integer: groups of 7 bits, least significant first. */
static inline bool exi_in_uint(exi_in_t *in, uint64_t *value)
{
    const unsigned first = exi_in_octet(in);
    *value = first;
    return first < 128 || exi_in_uint_rest(in, first, value);
}

/* Copies `length` octets that begin `shift` (0 .. 7) bits into from[0]; with a shift, from[length] is read as well.
 * Returns the OR of all octets, folded into one, so that the caller sees at once whether all are below 128. */
uint8_t exi_copy_shifted(uint8_t *to, const uint8_t *from, unsigned shift, size_t length);

#endif
