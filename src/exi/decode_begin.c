/* Types, lists and choices that begin: which struct they fill, and where their parent goes on.
 * SPDX-License-Identifier: Apache-2.0 */
#include "exi/decode.h"
#include <string.h>

uint8_t *exi_take_struct(exi_decoder_t *d, const exi_slot_t *slot)
{
    exi_arena_t *arena = d->arena;
    const size_t size = (slot->size + 7u) & ~(size_t)7;
    if (size > arena->size - arena->used) {
        return NULL;
    }
    uint8_t *at = (uint8_t *)arena->at + arena->used;
    arena->used += size;
    memset(at, 0, slot->size);
    return at;
}

static void put_pointer(uint8_t *at, const void *pointer)
{
    memcpy(at, &pointer, sizeof pointer);
}

static bool is_lazy(const exi_row_t *row)
{
    return row->kind == ROW_LAZY_FIRST || row->kind == ROW_LAZY_NEXT;
}

/* Notes one more item of a lazy list. Where it stays in the frame, each item is checked in the memory that the one before has used.
 */
static void note_item(exi_decoder_t *d, const exi_row_t *row, uint32_t item, const uint8_t *node_before)
{
    exi_list_t list;
    uint8_t *at = d->m.object + row->offset;
    memcpy(&list, at, sizeof list);
    if (item == 1) {
        list.row = (uint16_t)(row + 1 - d->tables->rows);
        list.bit = exi_position(d, d->m.pos);
    }
    if (!d->options->whole_lists) {
        list.count = (uint16_t)item;
        d->arena->used = item == 1 ? d->arena->used : (size_t)(node_before - (uint8_t *)d->arena->at);
    }
    memcpy(at, &list, sizeof list);
}

static bool has_room(const exi_decoder_t *d, const exi_row_t *next, uint32_t item)
{
    if (next->kind == ROW_CHOICES_NEXT) {
        return true;
    }
    const uint16_t most = d->tables->spans[next->k].most;
    return most == EXI_UNBOUNDED || item < most;
}

/* The next item of a list; its event code has been read, `content` is what it holds. The stack still has the item that has just
 * ended. At the maximum the grammar goes on behind the list without asking. */
static ccs_err_t begin_item(exi_decoder_t *d, const exi_row_t *row, const exi_slot_t *slot, const exi_slot_t *content)
{
    const bool further = exi_row_is_next(row);
    const exi_row_t *next = further ? row : row + 1;
    uint8_t *before = further ? d->top[1].node : NULL;
    const uint32_t item = further ? d->top[1].item + 1 : 1;
    const bool lazy = is_lazy(row);
    if (lazy) {
        note_item(d, row, item, before);
    }
    uint8_t *node = exi_take_struct(d, slot);
    if (node == NULL) {
        return CCS_ERR_SPACE;
    }
    if (!lazy || d->options->whole_lists) {
        put_pointer(further ? before : d->m.object + row->offset, node);
    }
    d->m.row = row;
    exi_enter(&d->m, d, content, node + slot->item, has_room(d, next, item) ? next : next + 1);
    d->top->node = node;
    d->top->item = item;
    return CCS_OK;
}

/* A list of choices: `which` is the first member of its item. */
static ccs_err_t begin_choices(exi_decoder_t *d, const exi_row_t *row, unsigned alternative)
{
    const exi_slot_t *slot = &d->tables->slots[row->m];
    CCS_TRY(begin_item(d, row, slot, slot + 1 + alternative));
    uint8_t *which = d->m.object;
    *which = (uint8_t)(alternative + 1);
    d->m.object = which + slot[1 + alternative].item;
    return CCS_OK;
}

/* One alternative of a choice; the union lies behind which. */
static ccs_err_t begin_alternative(exi_decoder_t *d, const exi_row_t *row, unsigned alternative)
{
    const exi_slot_t *slot = &d->tables->slots[row->m + alternative];
    uint8_t *which = d->m.object + row->offset;
    *which = (uint8_t)(alternative + 1);
    memset(which + slot->item, 0, slot->size);
    d->m.row = row;
    exi_enter(&d->m, d, slot, which + slot->item, row + 1);
    d->top->item = alternative + 1;
    return CCS_OK;
}

static ccs_err_t begin_pointer(exi_decoder_t *d, const exi_row_t *row)
{
    const exi_slot_t *slot = &d->tables->slots[row->m];
    uint8_t *object = exi_take_struct(d, slot);
    if (object == NULL) {
        return CCS_ERR_SPACE;
    }
    put_pointer(d->m.object + row->offset, object);
    d->m.row = row;
    exi_enter(&d->m, d, slot, object, row + 1);
    return CCS_OK;
}

ccs_err_t exi_begin(exi_decoder_t *d, const exi_row_t *row, unsigned alternative)
{
    switch (row->kind) {
    case ROW_POINTER:
        return begin_pointer(d, row);
    case ROW_CHOICE:
        return begin_alternative(d, row, alternative);
    case ROW_CHOICES:
    case ROW_CHOICES_NEXT:
        return begin_choices(d, row, alternative);
    case ROW_ANY:
        return CCS_ERR_UNSUPPORTED;
    default:
        return begin_item(d, row, &d->tables->slots[row->m], &d->tables->slots[row->m]);
    }
}

/* All that is taken of what may follow an escape is the end of an element that has attributes and should have octets. */
ccs_err_t exi_step_escape(exi_decoder_t *d)
{
    exi_machine_t *m = &d->m;
    unsigned code = m->row->n - 1u;
    const exi_row_t *row = exi_walk(m->row, &code);
    if (row->kind != ROW_OCTETS || row->bits != row->k || exi_peek(d->at, m->pos, m->bits + 3) % 8 != 0) {
        return CCS_ERR_UNSUPPORTED;
    }
    const ccs_view_t empty = {.at = d->frame.at, .length = 0};
    memcpy(m->object + row->offset, &empty, sizeof empty);
    m->pos += m->bits + 2; /* the last of 000 serves as the value's EE */
    exi_go_to(m, row + 1);
    return CCS_OK;
}
