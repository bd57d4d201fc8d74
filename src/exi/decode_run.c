/* The interpreter of the decoder: reads rows of fixed shape and finds the next row. SPDX-License-Identifier: Apache-2.0 */
#include "exi/decode.h"
#include <string.h>

/* ---------------------------------------------------------------- place in the frame */

/* The frame itself, or, near its end, the tail. While a fault is traced the limit is reached at once. */
void exi_seek(exi_decoder_t *d, uint32_t bit)
{
    const size_t start = bit / 8;
    const size_t left = d->frame.length - start;
    if (left > EXI_TAIL) {
        d->at = d->frame.at;
        d->from = 0;
        d->m.pos = bit;
        d->limit = (uint32_t)(d->frame.length - EXI_AHEAD) * 8 + 1;
    } else {
        memcpy(d->tail, d->frame.at + start, left);
        memset(d->tail + left, 0, EXI_AHEAD);
        d->at = d->tail;
        d->from = (uint32_t)start * 8;
        d->m.pos = bit % 8;
        d->limit = (uint32_t)left * 8 + 1;
    }
    d->limit = d->tracing ? 0 : d->limit;
}

/* The next row starts beyond what may be looked at. */
static ccs_err_t near_end(exi_decoder_t *d)
{
    const uint32_t bit = exi_position(d, d->m.pos);
    if (bit > exi_frame_bits(d)) {
        return CCS_ERR_TRUNCATED;
    }
    exi_seek(d, bit);
    d->last = d->m;
    d->last_top = d->top;
    d->last_bit = bit;
    return CCS_OK;
}

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

/* ---------------------------------------------------------------- structure */

static inline ccs_err_t step_zeros(exi_machine_t *m, const exi_decoder_t *d)
{
    if (!exi_are_zero(m->window, m->bits)) {
        return CCS_ERR_EVENT;
    }
    next_row(m, d);
    return CCS_OK;
}

static inline ccs_err_t step_literal(exi_machine_t *m, const exi_decoder_t *d)
{
    if (exi_first(m->window, m->bits) != m->row->m) {
        return CCS_ERR_EVENT;
    }
    next_row(m, d);
    return CCS_OK;
}

static inline ccs_err_t step_type(exi_machine_t *m, exi_decoder_t *d)
{
    const exi_row_t *row = m->row;
    if (!exi_are_zero(m->window, m->bits)) {
        return CCS_ERR_EVENT;
    }
    m->pos += m->bits;
    exi_enter(m, d, &d->tables->slots[row->m], m->object + row->offset, row + 1);
    return CCS_OK;
}

/* The end of a type. Below the root's end there is no row any more. */
static inline ccs_err_t step_end(exi_machine_t *m, exi_decoder_t *d)
{
    if (!exi_are_zero(m->window, m->bits)) {
        return CCS_ERR_EVENT;
    }
    m->pos += m->bits;
    const exi_level_t *ended = d->top--;
    m->object = ended->object;
    m->row = ended->resume;
    if (m->row != NULL) {
        m->bits = m->row->bits;
    }
    return CCS_OK;
}

/* An optional field that is there. */
static inline bool takes_option(exi_machine_t *m, const exi_decoder_t *d)
{
    if (exi_first(m->window, m->bits) != 0) {
        return false;
    }
    m->object[m->row->offset] = 1;
    next_row(m, d);
    return true;
}

/* Goes on in what an event code has chosen, `bits` before. */
static inline ccs_err_t begin(exi_machine_t *m, exi_decoder_t *d, const exi_row_t *row, unsigned alternative)
{
    d->m = *m;
    d->m.pos += m->bits;
    CCS_TRY(exi_begin(d, row, alternative));
    *m = d->m;
    return CCS_OK;
}

/* An event code that the state does not have. */
static ccs_err_t step_escape(exi_machine_t *m, exi_decoder_t *d)
{
    d->m = *m;
    CCS_TRY(exi_first(m->window, m->bits) == m->row->n ? exi_step_escape(d) : CCS_ERR_EVENT);
    *m = d->m;
    return CCS_OK;
}

/* A state: an event code says which of several productions follows. *here: that is a row whose bits the window still holds. */
static inline ccs_err_t step_state(exi_machine_t *m, exi_decoder_t *d, bool *here)
{
    unsigned code = exi_first(m->window, m->bits);
    if (code >= m->row->n) {
        return step_escape(m, d);
    }
    const exi_row_t *row = exi_walk(m->row, &code);
    if (exi_row_is_state(row) && row->kind != ROW_OPTION) {
        return begin(m, d, row, code);
    }
    slide(m, d, m->bits);
    *here = true;
    if (row->kind == ROW_OPTION) {
        m->object[row->offset] = 1;
        exi_go_to(m, row + 1);
        return CCS_OK;
    }
    m->row = row; /* a mandatory row: the event code stood for its first k zero bits */
    m->bits = (unsigned)row->bits - row->k;
    return CCS_OK;
}

/* ---------------------------------------------------------------- the interpreter */

/* Rows whose window holds the row below as well: numbers of n bits, and optional fields that are there. */
static inline ccs_err_t step_chain(exi_machine_t *m, exi_decoder_t *d)
{
    while (exi_row_is_chained(m->row)) {
        if (m->row->kind == ROW_OPTION) {
            if (!takes_option(m, d)) {
                return CCS_OK;
            }
        } else if (m->row->kind == ROW_N8_MORE) {
            CCS_TRY(step_n8(m, d));
        } else {
            CCS_TRY(step_enum(m, d));
        }
    }
    return CCS_OK;
}

/* Rows of any length find the machine parked. */
static inline ccs_err_t park(exi_machine_t *m, exi_decoder_t *d, ccs_err_t (*step)(exi_decoder_t *))
{
    d->m = *m;
    CCS_TRY(step(d));
    *m = d->m;
    return CCS_OK;
}

/* One row that is no link of a chain. *here: the row that follows is in the window as well. */
static inline ccs_err_t step(exi_machine_t *m, exi_decoder_t *d, bool *here)
{
    size_t offset = m->row->offset;
    *here = false;
    switch (m->row->kind) {
    case ROW_PHYSICAL:
        CCS_TRY(read_physical(m, d));
        offset += offsetof(exi_physical_t, value);
        break;
    case ROW_PHYSICAL_OPTIONAL:
        CCS_TRY(read_physical_optional(m, d));
        offset += offsetof(exi_physical_optional_t, value);
        break;
    case ROW_RATIONAL:
        CCS_TRY(read_exponent(m, d));
        offset += offsetof(exi_rational_t, value);
        break;
    case ROW_INT16:
        break;
    case ROW_N8:
        return step_n8(m, d);
    case ROW_ENUM:
        return step_enum(m, d);
    case ROW_N16:
        return step_n16(m, d);
    case ROW_UINT16:
    case ROW_UINT32:
    case ROW_UINT64:
        if (takes_short_integer(m, d)) {
            return CCS_OK;
        }
        /* fall through */
    case ROW_INT32:
    case ROW_INT64:
        return step_integer(m, d);
    case ROW_OCTETS:
        return park(m, d, exi_step_octets);
    case ROW_STRING:
        return park(m, d, exi_step_string);
    case ROW_INTEGER:
        return park(m, d, exi_step_big);
    case ROW_NEVER:
        return CCS_ERR_UNSUPPORTED;
    case ROW_LITERAL:
        return step_literal(m, d);
    case ROW_TYPE:
        return step_type(m, d);
    case ROW_LIST_FIRST:
    case ROW_LAZY_FIRST:
        return exi_are_zero(m->window, m->bits) ? begin(m, d, m->row, 0) : CCS_ERR_EVENT;
    case ROW_ZEROS:
        return step_zeros(m, d);
    case ROW_ABSTRACT:
        d->soft++;
        exi_go_to(m, m->row + 1);
        return CCS_OK;
    case ROW_END:
        return step_end(m, d);
    default:
        return step_state(m, d, here);
    }
    return read_int16(m, d, m->object + offset);
}

/* Rows of one window. */
static inline ccs_err_t step_window(exi_machine_t *m, exi_decoder_t *d)
{
    bool here;
    m->window = exi_window(d->at, m->pos);
    do {
        CCS_TRY(step_chain(m, d));
        CCS_TRY(step(m, d, &here));
    } while (here);
    return CCS_OK;
}

ccs_err_t exi_run(exi_decoder_t *d)
{
    exi_machine_t m = d->m;
    ccs_err_t err = CCS_OK;
    while (err == CCS_OK && m.row != NULL) {
        if (m.pos >= d->limit) {
            d->m = m;
            CCS_TRY(near_end(d));
            m = d->m;
        }
        err = step_window(&m, d);
    }
    d->m = m;
    return err;
}
