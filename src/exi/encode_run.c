/* The interpreter of the encoder: writes rows of fixed shape and finds the next row. SPDX-License-Identifier: Apache-2.0 */
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

/* ---------------------------------------------------------------- structure */

static inline ccs_err_t step_literal(exi_writer_t *m, exi_encoder_t *e, uint32_t value)
{
    put(m, e, value, m->bits);
    exi_write_next(m, m->row + 1);
    return CCS_OK;
}

static inline ccs_err_t step_type(exi_writer_t *m, exi_encoder_t *e)
{
    const exi_row_t *row = m->row;
    put(m, e, 0, m->bits);
    exi_descend(m, e, &e->tables->slots[row->m], m->object + row->offset, row + 1);
    return CCS_OK;
}

static inline ccs_err_t step_end(exi_writer_t *m, exi_encoder_t *e)
{
    put(m, e, 0, m->bits);
    const exi_written_t *ended = e->top--;
    m->object = ended->object;
    m->row = ended->resume;
    if (m->row != NULL) {
        m->bits = m->row->bits;
    }
    return CCS_OK;
}

/* An optional field that is there. */
static inline bool takes_option(exi_writer_t *m, exi_encoder_t *e)
{
    if (m->object[m->row->offset] == 0) {
        return false;
    }
    put(m, e, 0, m->bits);
    exi_write_next(m, m->row + 1);
    return true;
}

/* An optional field or struct that is not there? */
static inline bool is_absent(const exi_writer_t *m, const exi_row_t *row)
{
    if (row->kind == ROW_OPTION) {
        return m->object[row->offset] == 0;
    }
    return row->kind == ROW_POINTER && exi_get_pointer(m->object + row->offset) == NULL;
}

/* A state: the first production that is there, and its event code. */
static inline ccs_err_t step_state(exi_writer_t *m, exi_encoder_t *e)
{
    const exi_row_t *row = m->row;
    unsigned code = 0;
    while (is_absent(m, row)) {
        code++;
        row += row->kind == ROW_OPTION ? row->m : 1;
    }
    if (exi_row_is_state(row) && row->kind != ROW_OPTION) {
        e->m = *m;
        CCS_TRY(exi_write_state(e, row, code));
        *m = e->m;
        return CCS_OK;
    }
    if (code >= m->row->n) {
        return CCS_ERR_MISSING;
    }
    put(m, e, code, m->bits);
    if (row->kind == ROW_OPTION) {
        exi_write_next(m, row + 1);
        return CCS_OK;
    }
    m->row = row; /* a mandatory row: the event code stands for its first k zero bits */
    m->bits = (unsigned)row->bits - row->k;
    return CCS_OK;
}

/* ---------------------------------------------------------------- the interpreter */

/* Numbers of n bits, and optional fields that are there. */
static inline ccs_err_t step_chain(exi_writer_t *m, exi_encoder_t *e)
{
    while (exi_row_is_chained(m->row)) {
        if (m->row->kind == ROW_OPTION) {
            if (!takes_option(m, e)) {
                return CCS_OK;
            }
        } else if (m->row->kind == ROW_N8_MORE) {
            CCS_TRY(step_n8(m, e));
        } else {
            CCS_TRY(step_enum(m, e));
        }
    }
    return CCS_OK;
}

/* Rows of any length find the machine parked. */
static inline ccs_err_t park(exi_writer_t *m, exi_encoder_t *e, ccs_err_t (*step)(exi_encoder_t *))
{
    e->m = *m;
    CCS_TRY(step(e));
    *m = e->m;
    return CCS_OK;
}

static inline ccs_err_t step(exi_writer_t *m, exi_encoder_t *e)
{
    size_t offset = m->row->offset;
    switch (m->row->kind) {
    case ROW_PHYSICAL:
        CCS_TRY(write_physical(m, e));
        offset += offsetof(exi_physical_t, value);
        break;
    case ROW_PHYSICAL_OPTIONAL:
        CCS_TRY(write_physical_optional(m, e));
        offset += offsetof(exi_physical_optional_t, value);
        break;
    case ROW_RATIONAL:
        write_exponent(m, e);
        offset += offsetof(exi_rational_t, value);
        break;
    case ROW_INT16:
        break;
    case ROW_N8:
        return step_n8(m, e);
    case ROW_ENUM:
        return step_enum(m, e);
    case ROW_N16:
        return step_n16(m, e);
    case ROW_INT32:
    case ROW_INT64:
    case ROW_UINT16:
    case ROW_UINT32:
    case ROW_UINT64:
        return step_integer(m, e);
    case ROW_OCTETS:
        return park(m, e, exi_write_octets);
    case ROW_STRING:
        return park(m, e, exi_write_string);
    case ROW_INTEGER:
        return park(m, e, exi_write_big);
    case ROW_ABSTRACT:
    case ROW_NEVER:
        return CCS_ERR_UNSUPPORTED;
    case ROW_LITERAL:
        return step_literal(m, e, m->row->m);
    case ROW_TYPE:
        return step_type(m, e);
    case ROW_LIST_FIRST:
    case ROW_LAZY_FIRST:
        return park(m, e, exi_write_list);
    case ROW_ZEROS:
        return step_literal(m, e, 0);
    case ROW_END:
        return step_end(m, e);
    default:
        return step_state(m, e);
    }
    return write_int16(m, e, get_int16(m->object + offset));
}

ccs_err_t exi_write_rows(exi_encoder_t *e)
{
    exi_writer_t m = e->m;
    ccs_err_t err = CCS_OK;
    while (err == CCS_OK && m.row != NULL) {
        err = step_chain(&m, e);
        if (err == CCS_OK) {
            err = step(&m, e);
        }
    }
    e->m = m;
    return err;
}
