/* The decoder's parts. Private to src/exi.
 *
 *   decode.c        documents, fragments, items of lazy lists; what a fault says
 *   decode_run.c    the interpreter: which row comes next; with the numbers of decode_numbers.h
 *   decode_begin.c  types, lists and choices that begin
 *   decode_text.c   strings, octets, large integers
 *   decode_wide.c   strings that are more than a row of octets
 *
 * While rows of fixed shape are read the machine lives in registers; whatever else needs it finds it parked in the decoder. A step
 * that fails leaves the machine at the start of its row, so that a fault points at what is wrong.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EXI_DECODE_H
#define CCS_EXI_DECODE_H

#include "base/assert.h"
#include "exi/bits_in.h"
#include "exi/rows.h"

/* A type that is being read, and where its parent goes on. */
typedef struct exi_level {
    const exi_row_t *call;   /* the parent's row that led here, for the trail of a fault */
    const exi_row_t *resume; /* the parent's next row; NULL below the root */
    uint8_t *object;         /* the parent's struct */
    uint8_t *node;           /* list item: its node */
    uint32_t item;           /* list: how many items; choice: which alternative */
} exi_level_t;

typedef struct exi_machine {
    uint32_t pos;         /* next bit, counted from the decoder's `at` */
    unsigned bits;        /* of the row; less where an event code of before has chosen it */
    const exi_row_t *row; /* NULL: the root has ended */
    uint8_t *object;      /* the slot's struct */
    exi_word_t window;    /* the bits from pos on, where a step begins */
} exi_machine_t;

typedef struct exi_decoder {
    exi_machine_t m;
    const uint8_t *at; /* the frame, or near its end the tail: its last octets with zeros behind them */
    uint32_t limit;    /* EXI_AHEAD octets are readable from any pos below */
    uint32_t from;     /* bit of the frame that `at` stands for */
    uint32_t soft;
    exi_level_t *top;
    const exi_tables_t *tables;
    exi_arena_t *arena;
    const exi_options_t *options;
    ccs_view_t frame;
    bool tracing; /* the machine is noted in `last` before each load of its window */
    exi_machine_t last;
    exi_level_t *last_top;
    uint32_t last_bit;
    exi_level_t stack[EXI_DEPTH + 1];
    uint8_t tail[EXI_TAIL + EXI_AHEAD];
} exi_decoder_t;

static inline uint32_t exi_frame_bits(const exi_decoder_t *d)
{
    return (uint32_t)d->frame.length * 8;
}

/* The frame's bit of a place. */
static inline uint32_t exi_position(const exi_decoder_t *d, uint32_t pos)
{
    return d->from + pos;
}

inline void exi_go_to(exi_machine_t *m, const exi_row_t *row)
{
    m->row = row;
    m->bits = row->bits;
}

/* Begins a type: `resume` is where its parent goes on after it. */
inline void exi_enter(exi_machine_t *m, exi_decoder_t *d, const exi_slot_t *slot, uint8_t *object, const exi_row_t *resume)
{
    CCS_ASSERT(d->top < d->stack + EXI_DEPTH);
    exi_level_t *const level = ++d->top;
    level->call = m->row;
    level->resume = resume;
    level->object = m->object;
    m->object = object;
    exi_go_to(m, d->tables->rows + slot->row);
}

/* The row that code c of the state at `row` stands for; *code is what is left of it for a choice. */
inline const exi_row_t *exi_walk(const exi_row_t *row, unsigned *code)
{
    while (*code > 0) {
        if (row->kind == ROW_OPTION) { /* the most frequent one */
            *code -= 1;
            row += row->m;
            continue;
        }
        if (*code < exi_row_codes(row)) {
            return row;
        }
        *code -= exi_row_codes(row);
        row += exi_row_skip(row);
    }
    return row;
}

/* Parks the machine at a bit of the frame. */
void exi_seek(exi_decoder_t *d, uint32_t bit);

/* Runs from the parked machine's row to the end of the type it was put on. */
CCS_MUST_USE ccs_err_t exi_run(exi_decoder_t *d);

/* A struct, or octets (not more than a frame holds), of the arena; NULL: full. */
uint8_t *exi_take_struct(exi_decoder_t *d, const exi_slot_t *slot);
uint8_t *exi_take_octets(exi_arena_t *arena, size_t length);

/* Steps of the parked machine. exi_begin(): an event code was read and has chosen the row, and in a choice the alternative.
 * exi_step_escape(): the escape code lies at the machine. */
CCS_MUST_USE ccs_err_t exi_begin(exi_decoder_t *d, const exi_row_t *row, unsigned alternative);
CCS_MUST_USE ccs_err_t exi_step_escape(exi_decoder_t *d);
CCS_MUST_USE ccs_err_t exi_step_octets(exi_decoder_t *d);
CCS_MUST_USE ccs_err_t exi_step_string(exi_decoder_t *d);
CCS_MUST_USE ccs_err_t exi_step_big(exi_decoder_t *d);

/* Parts of exi_step_string(), with the machine behind what was read before. A reference, as peers with default options write it, is
 * a number in the strings of this name, or in all. Wide strings become UTF-8 in the arena. */
CCS_MUST_USE ccs_err_t exi_read_number(exi_decoder_t *d, ccs_err_t too_large, uint32_t *value);
CCS_MUST_USE ccs_err_t exi_read_reference(exi_decoder_t *d, const exi_row_t *row, bool global, ccs_view_t *view);
CCS_MUST_USE ccs_err_t exi_read_wide(exi_decoder_t *d, uint32_t characters, ccs_view_t *view);

#endif
