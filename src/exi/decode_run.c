/* The interpreter of the decoder: reads rows of fixed shape and finds the next row. SPDX-License-Identifier: Apache-2.0 */
#include "exi/decode_numbers.h"
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

/* One row that is no link of a chain. *here: the row that follows is in the window as well.
 * NOLINTNEXTLINE(readability-function-size): a case for each kind of row */
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
