/* Numbers, as the interpreter of the encoder writes them. For encode_run.c alone, as decode_numbers.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EXI_ENCODE_NUMBERS_H
#define CCS_EXI_ENCODE_NUMBERS_H

#include "exi/encode.h"

/* ---------------------------------------------------------------- numbers of n bits */

static inline void put(exi_writer_t *m, exi_encoder_t *e, uint32_t value, unsigned bits)
{
    exi_out_put(&m->out, &e->sink, value, bits);
}

static inline uint32_t get_enum(const uint8_t *at)
{
    exi_enum_t value;
    memcpy(&value, at, sizeof value);
    return (uint32_t)value;
}

static inline int16_t get_int16(const uint8_t *at)
{
    int16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/* A number of n bits, the row's last ones. */
static inline ccs_err_t write_code(exi_writer_t *m, exi_encoder_t *e, uint32_t code)
{
    if (code > m->row->m) {
        return CCS_ERR_RANGE;
    }
    put(m, e, code, m->bits);
    exi_write_next(m, m->row + 1);
    return CCS_OK;
}

static inline ccs_err_t step_n8(exi_writer_t *m, exi_encoder_t *e)
{
    return write_code(m, e, (uint8_t)(m->object[m->row->offset] - m->row->n));
}

static inline ccs_err_t step_enum(exi_writer_t *m, exi_encoder_t *e)
{
    return write_code(m, e, get_enum(m->object + m->row->offset));
}

static inline ccs_err_t step_n16(exi_writer_t *m, exi_encoder_t *e)
{
    return write_code(m, e, (uint16_t)(get_int16(m->object + m->row->offset) - m->row->n));
}

/* ---------------------------------------------------------------- 16-bit integers, alone and as the end of measured values */

enum { MULTIPLIER_HIGHEST = 6, MULTIPLIER_LEAST = -3, EE_SE_CH = 3 }; /* the three zero bits between two simple elements */

/* Multiplier and Unit, with `between` bits behind the Multiplier, the Unit the last of them. */
static inline ccs_err_t write_measure(exi_writer_t *m, exi_encoder_t *e, unsigned between, size_t offset)
{
    const uint8_t *at = m->object + m->row->offset;
    const uint32_t multiplier = (uint8_t)(*at - MULTIPLIER_LEAST);
    const uint32_t unit = get_enum(at + offset);
    if (multiplier > MULTIPLIER_HIGHEST || unit > m->row->m) {
        return CCS_ERR_RANGE;
    }
    put(m, e, multiplier << between | unit, m->bits + between);
    m->bits = EE_SE_CH;
    return CCS_OK;
}

static inline ccs_err_t write_physical(exi_writer_t *m, exi_encoder_t *e)
{
    return write_measure(m, e, EE_SE_CH + 3, offsetof(exi_physical_t, unit));
}

/* After Multiplier and its EE a code says whether Unit (0) or Value (1) follows. */
static inline ccs_err_t write_physical_optional(exi_writer_t *m, exi_encoder_t *e)
{
    const uint8_t *at = m->object + m->row->offset;
    if (at[offsetof(exi_physical_optional_t, has_unit)] != 0) {
        return write_measure(m, e, 3 + 1 + 4, offsetof(exi_physical_optional_t, unit));
    }
    const uint32_t multiplier = (uint8_t)(*at - MULTIPLIER_LEAST);
    if (multiplier > MULTIPLIER_HIGHEST) {
        return CCS_ERR_RANGE;
    }
    put(m, e, multiplier << 3 | 1, m->bits + 3);
    m->bits = 1; /* CH of Value */
    return CCS_OK;
}

static inline void write_exponent(exi_writer_t *m, exi_encoder_t *e)
{
    put(m, e, (uint8_t)(m->object[m->row->offset] + 128), m->bits);
    m->bits = EE_SE_CH;
}

/* Zero bits, a sign and the magnitude, at once where it has one or two octets. */
static inline ccs_err_t write_int16(exi_writer_t *m, exi_encoder_t *e, int16_t value)
{
    const uint32_t sign = value < 0;
    const uint32_t magnitude = (uint32_t)(value ^ -(int32_t)sign); /* -value - 1 with the sign */
    if (magnitude < 0x80) {
        put(m, e, sign << 8 | magnitude, m->bits + 9);
    } else {
        const uint32_t low = sign << 16 | (magnitude & 127) << 8 | 0x8000;
        const bool third = magnitude > 0x3FFF;
        put(m, e, low | (magnitude >> 7 & 127) | (third ? 128u : 0u), m->bits + 17);
        if (third) {
            put(m, e, magnitude >> 14, 8);
        }
    }
    exi_write_next(m, m->row + 1);
    return CCS_OK;
}

/* ---------------------------------------------------------------- other integers */

/* The value of an integer row, sign-extended. */
static inline uint64_t get_integer(const exi_row_t *row, const uint8_t *at)
{
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    switch (row->kind) {
    case ROW_UINT16:
        memcpy(&u16, at, sizeof u16);
        return u16;
    case ROW_UINT32:
        memcpy(&u32, at, sizeof u32);
        return u32;
    case ROW_INT32:
        memcpy(&u32, at, sizeof u32);
        return u32 > INT32_MAX ? u32 | UINT64_MAX << 32 : u32;
    default:
        memcpy(&u64, at, sizeof u64);
        return u64;
    }
}

static inline ccs_err_t step_integer(exi_writer_t *m, exi_encoder_t *e)
{
    const exi_row_t *row = m->row;
    uint64_t value = get_integer(row, m->object + row->offset);
    unsigned bits = m->bits;
    uint32_t sign = 0;
    if (row->kind == ROW_INT32 || row->kind == ROW_INT64) {
        sign = value > INT64_MAX;
        value = sign ? ~value : value;
        bits++;
    }
    if (value > e->tables->limits[row->m] || value < row->n) {
        return CCS_ERR_RANGE;
    }
    while (value > 127) {
        put(m, e, sign << 8 | 128 | (uint32_t)(value & 127), bits + 8);
        value >>= 7;
        sign = 0;
        bits = 0;
    }
    put(m, e, sign << 8 | (uint32_t)value, bits + 8);
    exi_write_next(m, row + 1);
    return CCS_OK;
}

#endif
