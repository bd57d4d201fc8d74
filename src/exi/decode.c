/* Documents, fragments and the items of lazy lists; what a fault says. The parts of the decoder are told in decode.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "exi/decode.h"
#include <string.h>

extern inline unsigned exi_row_codes(const exi_row_t *row);
extern inline unsigned exi_row_skip(const exi_row_t *row);
extern inline void exi_go_to(exi_machine_t *m, const exi_row_t *row);
extern inline void exi_enter(exi_machine_t *m, exi_decoder_t *d, const exi_slot_t *slot, uint8_t *object, const exi_row_t *resume);
extern inline const exi_row_t *exi_walk(const exi_row_t *row, unsigned *code);

static const exi_options_t PLAIN = {.fragment = false};

const exi_root_t *exi_find_root(const exi_set_t *set, uint16_t root)
{
    const bool fragment = (root & EXI_FRAGMENT) != 0;
    const exi_root_t *at = fragment ? set->fragments : set->roots;
    const exi_root_t *end = at + (fragment ? set->fragments_count : set->roots_count);
    for (; at < end; at++) {
        if (at->code == (root & ~EXI_FRAGMENT)) {
            return at;
        }
    }
    return NULL;
}

static void prepare(exi_decoder_t *d, const exi_set_t *set, ccs_view_t frame, const exi_options_t *options, exi_arena_t *arena)
{
    d->tables = set->tables;
    d->frame = frame;
    d->arena = arena;
    d->options = options;
    d->soft = 0;
    d->from = 0;
    d->tracing = false;
    d->top = d->stack;
    d->m.row = NULL;
    d->m.pos = 0;
    const size_t skipped = (size_t)(-(uintptr_t)arena->at & 7); /* a 32-bit compiler may align uint64_t memory to 4 only */
    arena->used = skipped < arena->size ? skipped : arena->size;
}

/* ---------------------------------------------------------------- documents and fragments */

/* The octet that says EXI version 1 without options, and the code of the root. */
static ccs_err_t read_head(exi_decoder_t *d, const exi_set_t *set, exi_message_t *message, const exi_slot_t **slot)
{
    const bool fragment = d->options->fragment;
    const unsigned bits = fragment ? set->fragment_bits : set->root_bits;
    if (d->frame.length > EXI_FRAME_MAX) {
        return CCS_ERR_SPACE;
    }
    if (8 + bits > exi_frame_bits(d)) {
        return CCS_ERR_TRUNCATED;
    }
    if (d->frame.at[0] != 0x80) {
        return CCS_ERR_HEADER;
    }
    exi_seek(d, 8);
    message->root = (uint16_t)(exi_peek(d->at, d->m.pos, bits) | (fragment ? EXI_FRAGMENT : 0));
    const exi_root_t *root = exi_find_root(set, message->root);
    if (root == NULL) {
        return CCS_ERR_UNSUPPORTED;
    }
    d->m.pos += bits;
    *slot = &d->tables->slots[root->slot];
    return CCS_OK;
}

static ccs_err_t read_fragment_end(exi_decoder_t *d, const exi_set_t *set)
{
    if (exi_position(d, d->m.pos) + set->fragment_bits > exi_frame_bits(d)) {
        return CCS_ERR_TRUNCATED;
    }
    if (exi_peek(d->at, d->m.pos, set->fragment_bits) != set->fragment_end) {
        return CCS_ERR_EVENT;
    }
    d->m.pos += set->fragment_bits;
    return CCS_OK;
}

static ccs_err_t read_root(exi_decoder_t *d, const exi_set_t *set, exi_message_t *message)
{
    const exi_slot_t *slot;
    CCS_TRY(read_head(d, set, message, &slot));
    message->at = exi_take_struct(d, slot);
    if (message->at == NULL) {
        return CCS_ERR_SPACE;
    }
    exi_enter(&d->m, d, slot, message->at, NULL);
    CCS_TRY(exi_run(d));
    if (d->options->fragment) {
        CCS_TRY(read_fragment_end(d, set));
    }
    return exi_position(d, d->m.pos) > exi_frame_bits(d) ? CCS_ERR_TRUNCATED : CCS_OK;
}

/* ---------------------------------------------------------------- faults */

/* A step that read zeros behind the end has met the end, whatever it says. */
static bool met_the_end(const exi_decoder_t *d, ccs_err_t err)
{
    const uint32_t bit = exi_position(d, d->m.pos) + (d->m.row == NULL ? 0 : d->m.bits);
    return err == CCS_ERR_TRUNCATED || (err != CCS_ERR_SPACE && bit > exi_frame_bits(d));
}

/* Moves the machine over a row that ends where its bits end; false: it leads elsewhere. */
static bool pass_row(exi_machine_t *m, const uint8_t *at)
{
    unsigned code = exi_peek(at, m->pos, m->bits);
    const exi_row_t *row = m->row;
    if (exi_row_is_state(row)) {
        row = code < row->n ? exi_walk(row, &code) : row;
        if (exi_row_is_state(row) && row->kind != ROW_OPTION) {
            return false;
        }
        m->pos += m->bits;
        exi_go_to(m, row->kind == ROW_OPTION ? row + 1 : row);
        m->bits -= row->kind == ROW_OPTION ? 0 : row->k;
        return true;
    }
    m->pos += m->bits;
    exi_go_to(m, row + 1);
    return exi_row_is_chained(row);
}

/* Of the rows that were read from one window, the one that the end of the frame cuts. */
static void find_cut_row(exi_decoder_t *d)
{
    exi_machine_t next = d->m;
    while (next.row != NULL && exi_position(d, next.pos) + next.bits <= exi_frame_bits(d)) {
        d->m = next;
        if (!pass_row(&next, d->at)) {
            return;
        }
    }
    d->m = next;
}

/* Rows are read ahead, so that the end of the frame is seen when it has passed: the frame is read once more, with the place of each
 * row noted, until the row that the end cuts. */
static void trace_end(exi_decoder_t *d, const exi_set_t *set, exi_message_t *message)
{
    prepare(d, set, d->frame, d->options, d->arena);
    if (d->options->strings != NULL) {
        d->options->strings->count = 0;
    }
    d->tracing = true;
    d->last = d->m;
    d->last_top = d->top;
    (void)read_root(d, set, message);
    d->m = d->last;
    d->top = d->last_top;
    if (d->m.row != NULL) {
        exi_seek(d, d->last_bit); /* a string may have moved the place since */
        find_cut_row(d);
    }
}

static void note_step(exi_fault_t *fault, const exi_decoder_t *d, const exi_row_t *row, uint32_t item)
{
    fault->trail[fault->depth].row = (uint16_t)(row - d->tables->rows);
    fault->trail[fault->depth].item = (uint16_t)item;
    fault->depth++;
}

static void note_trail(const exi_decoder_t *d, exi_fault_t *fault)
{
    fault->depth = 0;
    for (const exi_level_t *level = d->stack + 2; level <= d->top; level++) {
        note_step(fault, d, level->call, level->item);
    }
    if (d->m.row != NULL) {
        note_step(fault, d, d->m.row, 0);
    }
}

static ccs_err_t note_fault(exi_decoder_t *d, const exi_set_t *set, ccs_err_t err, exi_message_t *message)
{
    exi_fault_t *fault = &message->fault;
    fault->err = err;
    fault->bit = exi_position(d, d->m.pos);
    if (met_the_end(d, err)) {
        fault->err = CCS_ERR_TRUNCATED;
        fault->bit = exi_frame_bits(d);
        trace_end(d, set, message);
    }
    fault->root = message->root;
    note_trail(d, fault);
    message->at = NULL;
    return fault->err;
}

ccs_err_t exi_decode_with(const exi_set_t *set, ccs_view_t frame, const exi_options_t *options, exi_arena_t *arena,
                          exi_message_t *message)
{
    exi_decoder_t d;
    prepare(&d, set, frame, options, arena);
    if (options->strings != NULL) {
        options->strings->count = 0;
    }
    message->root = 0;
    message->at = NULL;
    message->fault.err = CCS_OK;
    const ccs_err_t err = read_root(&d, set, message);
    message->bits = exi_position(&d, d.m.pos);
    message->soft = (uint16_t)(d.soft > UINT16_MAX ? UINT16_MAX : d.soft);
    return err == CCS_OK ? CCS_OK : note_fault(&d, set, err, message);
}

ccs_err_t exi_decode(const exi_set_t *set, ccs_view_t frame, exi_arena_t *arena, exi_message_t *message)
{
    return exi_decode_with(set, frame, &PLAIN, arena, message);
}

/* ---------------------------------------------------------------- lists, item by item */

void exi_list_first(exi_cursor_t *cursor, const exi_set_t *set, ccs_view_t frame, const exi_list_t *list)
{
    *cursor =
        (exi_cursor_t){.set = set, .frame = frame, .nodes = list->nodes, .bit = list->bit, .row = list->row, .left = list->count};
}

/* Decodes the item at the cursor and moves the cursor over the event code of the next one. */
static ccs_err_t read_item(exi_cursor_t *cursor, exi_arena_t *scratch, const void **item)
{
    exi_decoder_t d;
    prepare(&d, cursor->set, cursor->frame, &PLAIN, scratch);
    const exi_row_t *row = &d.tables->rows[cursor->row];
    const exi_slot_t *slot = &d.tables->slots[row->m];
    uint8_t *node = exi_take_struct(&d, slot);
    if (node == NULL) {
        return CCS_ERR_SPACE;
    }
    exi_seek(&d, cursor->bit);
    exi_enter(&d.m, &d, slot, node + slot->item, NULL);
    CCS_TRY(exi_run(&d));
    cursor->bit = exi_position(&d, d.m.pos) + row->bits;
    cursor->left--;
    *item = node + slot->item;
    return CCS_OK;
}

ccs_err_t exi_list_next(exi_cursor_t *cursor, exi_arena_t *scratch, const void **item)
{
    *item = NULL;
    if (cursor->left > 0) {
        return read_item(cursor, scratch, item);
    }
    if (cursor->nodes != NULL) {
        const exi_slot_t *slot = &cursor->set->tables->slots[cursor->set->tables->rows[cursor->row].m];
        *item = (const uint8_t *)cursor->nodes + slot->item;
        cursor->nodes = cursor->nodes->next;
    }
    return CCS_OK;
}

const char *exi_set_name(const exi_set_t *set)
{
    return set->name;
}
