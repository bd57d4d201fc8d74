/* Reading bits of a frame. Private to src/exi.
 *
 * A place is a pointer and a bit counted from it. Nothing here asks for the end: whoever reads a row has seen to it that EXI_AHEAD
 * octets from its start are readable. Then one load (a window) gives most of what a row needs.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EXI_BITS_IN_H
#define CCS_EXI_BITS_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    EXI_AHEAD = 24, /* 25 bits, a sign and a 64-bit integer in ten octets, a word that begins in its last octet */
    EXI_TAIL = 64   /* of a frame, its last octets; a message of the charging loop is all tail */
};

/* Words are as wide as a register: a load from any bit gives at least EXI_WINDOW_BITS. */
#if UINTPTR_MAX > 0xFFFFFFFFu
typedef uint64_t exi_word_t;
#else
typedef uint32_t exi_word_t;
#endif
enum { EXI_WORD_OCTETS = (int)sizeof(exi_word_t), EXI_WORD_BITS = 8 * EXI_WORD_OCTETS, EXI_WINDOW_BITS = EXI_WORD_BITS - 7 };

static inline uint64_t exi_load64(const uint8_t *at)
{
    return (uint64_t)at[0] << 56 | (uint64_t)at[1] << 48 | (uint64_t)at[2] << 40 | (uint64_t)at[3] << 32 | (uint64_t)at[4] << 24 |
           (uint64_t)at[5] << 16 | (uint64_t)at[6] << 8 | at[7];
}

static inline uint32_t exi_load32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Stores are written line by line: gcc makes one of them, but not of a loop. */
inline void exi_store32(uint8_t *at, uint32_t word)
{
    at[0] = (uint8_t)(word >> 24);
    at[1] = (uint8_t)(word >> 16);
    at[2] = (uint8_t)(word >> 8);
    at[3] = (uint8_t)word;
}

static inline void exi_store64(uint8_t *at, uint64_t word)
{
    at[0] = (uint8_t)(word >> 56);
    at[1] = (uint8_t)(word >> 48);
    at[2] = (uint8_t)(word >> 40);
    at[3] = (uint8_t)(word >> 32);
    at[4] = (uint8_t)(word >> 24);
    at[5] = (uint8_t)(word >> 16);
    at[6] = (uint8_t)(word >> 8);
    at[7] = (uint8_t)word;
}

#if UINTPTR_MAX > 0xFFFFFFFFu
static inline exi_word_t exi_load(const uint8_t *at)
{
    return exi_load64(at);
}

static inline void exi_store(uint8_t *at, exi_word_t word)
{
    exi_store64(at, word);
}
#else
static inline exi_word_t exi_load(const uint8_t *at)
{
    return exi_load32(at);
}

static inline void exi_store(uint8_t *at, exi_word_t word)
{
    exi_store32(at, word);
}
#endif

/* The bits from pos on, left-aligned. */
static inline exi_word_t exi_window(const uint8_t *at, uint32_t pos)
{
    return exi_load(at + (pos >> 3)) << (pos & 7);
}

/* The first `bits` (1 .. 25) bits of a window. */
static inline uint32_t exi_first(exi_word_t window, unsigned bits)
{
    return (uint32_t)(window >> ((unsigned)EXI_WORD_BITS - bits));
}

/* Are the first `bits` (0 .. 25) bits zero? */
static inline bool exi_are_zero(exi_word_t window, unsigned bits)
{
    return window >> 1 >> ((unsigned)EXI_WORD_BITS - 1 - bits) == 0;
}

/* The next `bits` (0 .. 25) bits at a place. */
static inline uint32_t exi_peek(const uint8_t *at, uint32_t pos, unsigned bits)
{
    return (uint32_t)(exi_window(at, pos) >> 1 >> ((unsigned)EXI_WORD_BITS - 1 - bits));
}

static inline unsigned exi_octet(const uint8_t *at, uint32_t pos)
{
    at += pos >> 3;
    return ((unsigned)at[0] << 8 | at[1]) >> (8 - (pos & 7)) & 0xFF;
}

/* An unsigned integer: groups of 7 bits, least significant first. */
typedef struct exi_uint {
    uint64_t value;
    uint32_t end; /* the bit behind it; 0: it does not fit 64 bits */
} exi_uint_t;

exi_uint_t exi_read_uint(const uint8_t *at, uint32_t pos);

/* Copies `length` octets that begin `shift` (1 .. 7) bits into from[0]; from[length] is read as well. */
void exi_copy_octets(uint8_t *to, const uint8_t *from, unsigned shift, size_t length);

/* The same, and: are they all below 128? */
bool exi_copy_ascii(uint8_t *to, const uint8_t *from, unsigned shift, size_t length);

bool exi_is_ascii(const uint8_t *from, size_t length);

#endif
