/* The interpreter of the encoder: writes rows of fixed shape and finds the next row. SPDX-License-Identifier: Apache-2.0 */
#include "exi/encode_numbers.h"

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
