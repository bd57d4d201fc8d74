/* The encoder's parts, the counterparts of the decoder's. Private to src/exi.
 *
 *   encode.c        documents and fragments; what a fault says
 *   encode_run.c    the interpreter: which row comes next; with the numbers of encode_numbers.h
 *   encode_begin.c  types, lists and choices that begin
 *   encode_text.c   strings, octets, large integers
 *
 * What the schema forbids is refused. As in the decoder, the machine lives in registers and is parked for whatever else needs it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EXI_ENCODE_H
#define CCS_EXI_ENCODE_H

#include "base/assert.h"
#include "exi/bits_out.h"
#include "exi/rows.h"
#include <string.h>

/* A type that is being written, and where its parent goes on. */
typedef struct exi_written {
    const exi_row_t *call;
    const exi_row_t *resume; /* NULL below the root */
    const uint8_t *object;   /* the parent's struct */
    const uint8_t *node;     /* list item: its node */
    uint32_t item;           /* list: how many items; choice: which alternative */
} exi_written_t;

typedef struct exi_writer {
    exi_out_t out;
    const exi_row_t *row;  /* NULL: the root has ended */
    unsigned bits;         /* of the row; less where an event code of before has chosen it */
    const uint8_t *object; /* the slot's struct */
} exi_writer_t;

typedef struct exi_encoder {
    exi_writer_t m;
    exi_sink_t sink;
    exi_written_t *top;
    const exi_tables_t *tables;
    exi_written_t stack[EXI_DEPTH + 1];
} exi_encoder_t;

inline void exi_write_next(exi_writer_t *m, const exi_row_t *row)
{
    m->row = row;
    m->bits = row->bits;
}

/* Begins a type: `resume` is where its parent goes on after it. */
inline void exi_descend(exi_writer_t *m, exi_encoder_t *e, const exi_slot_t *slot, const uint8_t *object, const exi_row_t *resume)
{
    CCS_ASSERT(e->top < e->stack + EXI_DEPTH);
    exi_written_t *const stage = ++e->top;
    stage->call = m->row;
    stage->resume = resume;
    stage->object = m->object;
    m->object = object;
    exi_write_next(m, e->tables->rows + slot->row);
}

static inline const uint8_t *exi_get_pointer(const uint8_t *at)
{
    const uint8_t *pointer;
    memcpy(&pointer, at, sizeof pointer);
    return pointer;
}

/* Runs from the parked machine's row to the end of the type it was put on. */
CCS_MUST_USE ccs_err_t exi_write_rows(exi_encoder_t *e);

/* Steps of the parked machine. exi_write_state(): the machine is at a state; `code` productions of it are absent, and `row` is the
 * next one. */
CCS_MUST_USE ccs_err_t exi_write_state(exi_encoder_t *e, const exi_row_t *row, unsigned code);
CCS_MUST_USE ccs_err_t exi_write_list(exi_encoder_t *e);
CCS_MUST_USE ccs_err_t exi_write_octets(exi_encoder_t *e);
CCS_MUST_USE ccs_err_t exi_write_string(exi_encoder_t *e);
CCS_MUST_USE ccs_err_t exi_write_big(exi_encoder_t *e);

#endif
