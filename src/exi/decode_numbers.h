/* Numbers, as the interpreter of the decoder reads them. For decode_run.c alone: what is here becomes part of its loop, so that the
 * machine stays in registers.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EXI_DECODE_NUMBERS_H
#define CCS_EXI_DECODE_NUMBERS_H

#include "exi/decode.h"
#include <string.h>

/* Takes bits off the window; on a 32-bit machine there are not enough left for what follows. */
static inline void slide(exi_machine_t *m, const exi_decoder_t *d, unsigned bits)
{
    m->pos += bits;
    m->window = EXI_WORD_BITS > 32 ? m->window << bits : exi_window(d->at, m->pos);
}

/* The row's bits are read: on to the next one. */
static inline void next_row(exi_machine_t *m, const exi_decoder_t *d)
{
    slide(m, d, m->bits);
    exi_go_to(m, m->row + 1);
}

/* ---------------------------------------------------------------- numbers of n bits */

/* A code above the highest: zero bits that are not zero, or a value outside its range, which is kept and counted. */
static ccs_err_t soft_code(exi_decoder_t *d, uint32_t code, uint32_t highest)
{
    uint32_t field = highest;
    field |= field >> 1;
    field |= field >> 2;
    field |= field >> 4;
    field |= field >> 8;
    if (code > field) {
        return CCS_ERR_EVENT;
    }
    d->soft++;
    return CCS_OK;
}

/* Zero bits and an n-bit field at the window: one comparison sees to both. */
static inline ccs_err_t read_code(const exi_machine_t *m, exi_decoder_t *d, unsigned bits, uint32_t highest, uint32_t *code)
{
    *code = exi_first(m->window, bits);
    return *code > highest ? soft_code(d, *code, highest) : CCS_OK;
}

static inline void put_enum(uint8_t *at, uint32_t code)
{
    const exi_enum_t value = (exi_enum_t)code;
    memcpy(at, &value, sizeof value);
}

static inline void put_int16(uint8_t *at, int16_t value)
{
    memcpy(at, &value, sizeof value);
}

static inline ccs_err_t step_n8(exi_machine_t *m, exi_decoder_t *d)
{
    uint32_t code;
    CCS_TRY(read_code(m, d, m->bits, m->row->m, &code));
    m->object[m->row->offset] = (uint8_t)(code + m->row->n);
    next_row(m, d);
    return CCS_OK;
}

static inline ccs_err_t step_enum(exi_machine_t *m, exi_decoder_t *d)
{
    uint32_t code;
    CCS_TRY(read_code(m, d, m->bits, m->row->m, &code));
    put_enum(m->object + m->row->offset, code);
    next_row(m, d);
    return CCS_OK;
}

static inline ccs_err_t step_n16(exi_machine_t *m, exi_decoder_t *d)
{
    uint32_t code;
    CCS_TRY(read_code(m, d, m->bits, m->row->m, &code));
    put_int16(m->object + m->row->offset, (int16_t)(code + m->row->n));
    next_row(m, d);
    return CCS_OK;
}

/* ---------------------------------------------------------------- 16-bit integers, alone and as the end of measured values */

enum { MULTIPLIER_HIGHEST = 6, MULTIPLIER_LEAST = -3, EE_SE_CH = 3 }; /* the three zero bits between two simple elements */

/* Multiplier, and what stands before it; `then` are the bits of what follows. */
static ccs_err_t read_multiplier(exi_decoder_t *d, unsigned then)
{
    uint32_t code;
    exi_machine_t *m = &d->m;
    CCS_TRY(read_code(m, d, m->bits, MULTIPLIER_HIGHEST, &code));
    m->object[m->row->offset] = (uint8_t)((int)code + MULTIPLIER_LEAST);
    slide(m, d, m->bits);
    m->bits = then;
    return CCS_OK;
}

static ccs_err_t read_unit(exi_decoder_t *d, size_t offset)
{
    uint32_t code;
    exi_machine_t *m = &d->m;
    CCS_TRY(read_code(m, d, m->bits, m->row->m, &code));
    put_enum(m->object + m->row->offset + offset, code);
    slide(m, d, m->bits);
    m->bits = EE_SE_CH;
    return CCS_OK;
}

/* What stands before Value of a physical value where it is not as usual: a code out of its range, no Unit, or damage. In DIN 70121
 * a code says after Multiplier and its EE whether Unit (0) or Value (1) follows. */
static ccs_err_t read_unusual(exi_decoder_t *d)
{
    exi_machine_t *m = &d->m;
    if (m->row->kind == ROW_PHYSICAL) {
        CCS_TRY(read_multiplier(d, EE_SE_CH + 3));
        return read_unit(d, offsetof(exi_physical_t, unit));
    }
    CCS_TRY(read_multiplier(d, 3));
    const uint32_t absent = exi_first(m->window, 3);
    if (absent > 1) {
        return CCS_ERR_EVENT;
    }
    m->object[m->row->offset + offsetof(exi_physical_optional_t, has_unit)] = !absent;
    slide(m, d, 3);
    m->bits = absent ? 1 : 1 + 4; /* CH of Value, or Unit */
    return absent ? CCS_OK : read_unit(d, offsetof(exi_physical_optional_t, unit));
}

/* Multiplier and Unit, `between` zero bits and the Unit's own behind the Multiplier: two comparisons see to all of it. False: not
 * as usual. */
static inline bool read_usual(exi_machine_t *m, const exi_decoder_t *d, unsigned between, size_t offset)
{
    const uint32_t head = exi_first(m->window, m->bits + between);
    const uint32_t multiplier = head >> between;
    const uint32_t unit = head & ((1u << between) - 1);
    if (multiplier > MULTIPLIER_HIGHEST || unit > m->row->m) {
        return false;
    }
    uint8_t *at = m->object + m->row->offset;
    *at = (uint8_t)((int)multiplier + MULTIPLIER_LEAST);
    put_enum(at + offset, unit);
    slide(m, d, m->bits + between);
    m->bits = EE_SE_CH;
    return true;
}

static inline ccs_err_t read_physical(exi_machine_t *m, exi_decoder_t *d)
{
    if (read_usual(m, d, EE_SE_CH + 3, offsetof(exi_physical_t, unit))) {
        return CCS_OK;
    }
    d->m = *m;
    const ccs_err_t err = read_unusual(d);
    *m = d->m;
    return err;
}

static inline ccs_err_t read_physical_optional(exi_machine_t *m, exi_decoder_t *d)
{
    if (read_usual(m, d, 3 + 1 + 4, offsetof(exi_physical_optional_t, unit))) {
        m->object[m->row->offset + offsetof(exi_physical_optional_t, has_unit)] = 1;
        return CCS_OK;
    }
    d->m = *m;
    const ccs_err_t err = read_unusual(d);
    *m = d->m;
    return err;
}

/* Exponent of ISO 15118-20, before Value. */
static inline ccs_err_t read_exponent(exi_machine_t *m, exi_decoder_t *d)
{
    const uint32_t code = exi_first(m->window, m->bits);
    if (code > 0xFF) {
        return CCS_ERR_EVENT;
    }
    m->object[m->row->offset] = (uint8_t)(code + 128);
    slide(m, d, m->bits);
    m->bits = EE_SE_CH;
    return CCS_OK;
}

/* Zero bits, a sign and an unsigned integer of at most three octets: the third one is rare. */
static inline ccs_err_t read_int16(exi_machine_t *m, const exi_decoder_t *d, uint8_t *to)
{
    const uint32_t head = exi_first(m->window, m->bits + 9);
    if (head > 0x1FF) {
        return CCS_ERR_EVENT;
    }
    const uint32_t start = m->pos;
    uint32_t magnitude = head & 0xFF;
    slide(m, d, m->bits + 9);
    if (magnitude > 127) {
        const uint32_t second = exi_first(m->window, 8);
        magnitude = (magnitude & 127) | (second & 127) << 7;
        m->pos += 8;
        if (second > 127) {
            magnitude |= (uint32_t)exi_octet(d->at, m->pos) << 14;
            m->pos += 8;
        }
    }
    if (magnitude > INT16_MAX) {
        m->pos = start;
        return CCS_ERR_RANGE;
    }
    put_int16(to, (int16_t)((int32_t)magnitude ^ -(int32_t)(head >> 8))); /* -magnitude - 1 with the sign */
    exi_go_to(m, m->row + 1);
    return CCS_OK;
}

/* ---------------------------------------------------------------- other integers */

static inline bool is_signed(const exi_row_t *row)
{
    return row->kind == ROW_INT32 || row->kind == ROW_INT64;
}

/* Highest magnitude that the C type holds. */
static inline uint64_t type_most(const exi_row_t *row)
{
    switch (row->kind) {
    case ROW_UINT16:
        return UINT16_MAX;
    case ROW_UINT32:
        return UINT32_MAX;
    case ROW_INT32:
        return INT32_MAX;
    case ROW_INT64:
        return INT64_MAX;
    default:
        return UINT64_MAX;
    }
}

static inline void put_integer(uint8_t *at, const exi_row_t *row, uint64_t value)
{
    if (row->kind == ROW_UINT32 || row->kind == ROW_INT32) {
        const uint32_t narrow = (uint32_t)value;
        memcpy(at, &narrow, sizeof narrow);
    } else if (row->kind == ROW_UINT16) {
        const uint16_t narrow = (uint16_t)value;
        memcpy(at, &narrow, sizeof narrow);
    } else {
        memcpy(at, &value, sizeof value);
    }
}

/* Integers of 16 bits without sign, of 32 and 64 bits. One that its schema forbids but its C type holds is kept and counted. */
static inline ccs_err_t step_integer(exi_machine_t *m, exi_decoder_t *d)
{
    const exi_row_t *row = m->row;
    const uint32_t pos = m->pos + m->bits;
    if (!exi_are_zero(m->window, m->bits)) {
        return CCS_ERR_EVENT;
    }
    const bool negative = is_signed(row) && exi_peek(d->at, pos, 1) != 0;
    const exi_uint_t magnitude = exi_read_uint(d->at, pos + is_signed(row));
    if (magnitude.end == 0 || magnitude.value > type_most(row)) {
        return CCS_ERR_RANGE;
    }
    d->soft += magnitude.value > d->tables->limits[row->m] || magnitude.value < row->n;
    put_integer(m->object + row->offset, row, negative ? ~magnitude.value : magnitude.value);
    m->pos = magnitude.end;
    exi_go_to(m, row + 1);
    return CCS_OK;
}

/* Without a sign, of one octet, and so below every highest value: the usual one. */
static inline bool takes_short_integer(exi_machine_t *m, const exi_decoder_t *d)
{
    const exi_row_t *row = m->row;
    const uint32_t head = exi_first(m->window, m->bits + 8);
    if (head > 127 || head < row->n) {
        return false;
    }
    put_integer(m->object + row->offset, row, head);
    m->bits += 8;
    next_row(m, d);
    return true;
}

#endif
