/* Types, lists and choices that begin: where their struct lies, and where their parent goes on.
 * SPDX-License-Identifier: Apache-2.0 */
#include "exi/encode.h"

/* The node that a list row writes, NULL: none. */
static const uint8_t *next_node(const exi_encoder_t *e, const exi_row_t *row)
{
    return exi_get_pointer(exi_row_is_next(row) ? e->top[1].node : e->m.object + row->offset);
}

static bool is_present(const exi_encoder_t *e, const exi_row_t *row)
{
    switch (row->kind) {
    case ROW_OPTION:
    case ROW_CHOICE:
        return e->m.object[row->offset] != 0;
    case ROW_POINTER:
        return exi_get_pointer(e->m.object + row->offset) != NULL;
    case ROW_LIST:
    case ROW_LIST_NEXT:
    case ROW_LAZY_NEXT:
    case ROW_CHOICES:
    case ROW_CHOICES_NEXT:
        return next_node(e, row) != NULL;
    default:
        return row->kind != ROW_ANY;
    }
}

static bool has_room(const exi_encoder_t *e, const exi_row_t *next, uint32_t item)
{
    if (next->kind == ROW_CHOICES_NEXT) {
        return true;
    }
    const uint16_t most = e->tables->spans[next->k].most;
    return most == EXI_UNBOUNDED || item < most;
}

/* Begins the node of a list, whose event code has been written. object is NULL, or the place in the node of what it holds. */
static ccs_err_t begin_item(exi_encoder_t *e, const exi_row_t *row, const exi_slot_t *slot, const exi_slot_t *content,
                            const uint8_t *object)
{
    const bool further = exi_row_is_next(row);
    const exi_row_t *next = further ? row : row + 1;
    const uint8_t *node = next_node(e, row);
    const uint32_t item = further ? e->top[1].item + 1 : 1;
    const bool room = has_room(e, next, item);
    if (!room && exi_get_pointer(node) != NULL) {
        return CCS_ERR_LENGTH;
    }
    e->m.row = row;
    exi_descend(&e->m, e, content, object == NULL ? node + slot->item : object, room ? next : next + 1);
    e->top->node = node;
    e->top->item = item;
    return CCS_OK;
}

static ccs_err_t begin_list(exi_encoder_t *e, const exi_row_t *row)
{
    const exi_slot_t *slot = &e->tables->slots[row->m];
    return begin_item(e, row, slot, slot, NULL);
}

static ccs_err_t begin_choices(exi_encoder_t *e, const exi_row_t *row, unsigned alternative)
{
    const exi_slot_t *slot = &e->tables->slots[row->m];
    const exi_slot_t *content = slot + 1 + alternative;
    const uint8_t *which = next_node(e, row) + slot->item;
    return begin_item(e, row, slot, content, which + content->item);
}

static ccs_err_t begin_alternative(exi_encoder_t *e, const exi_row_t *row, unsigned alternative)
{
    const exi_slot_t *slot = &e->tables->slots[row->m + alternative];
    e->m.row = row;
    exi_descend(&e->m, e, slot, e->m.object + row->offset + slot->item, row + 1);
    e->top->item = alternative + 1;
    return CCS_OK;
}

/* Goes on with the production that was found present; its event code has been written. */
static ccs_err_t begin_production(exi_encoder_t *e, const exi_row_t *row, unsigned alternative)
{
    switch (row->kind) {
    case ROW_OPTION:
        exi_write_next(&e->m, row + 1);
        return CCS_OK;
    case ROW_POINTER:
        e->m.row = row;
        exi_descend(&e->m, e, &e->tables->slots[row->m], exi_get_pointer(e->m.object + row->offset), row + 1);
        return CCS_OK;
    case ROW_LIST:
    case ROW_LIST_NEXT:
    case ROW_LAZY_NEXT:
        return begin_list(e, row);
    case ROW_CHOICE:
        return begin_alternative(e, row, alternative);
    case ROW_CHOICES:
    case ROW_CHOICES_NEXT:
        return begin_choices(e, row, alternative);
    default: /* a mandatory row: the event code stands for its first k zero bits */
        e->m.row = row;
        e->m.bits = (unsigned)row->bits - row->k;
        return CCS_OK;
    }
}

/* Which alternative of a choice is set, counted from 0; more than there are if none or a wrong one. */
static unsigned alternative_of(const exi_encoder_t *e, const exi_row_t *row)
{
    if (row->kind == ROW_CHOICE) {
        return e->m.object[row->offset] - 1u;
    }
    if (row->kind == ROW_CHOICES || row->kind == ROW_CHOICES_NEXT) {
        return next_node(e, row)[e->tables->slots[row->m].item] - 1u;
    }
    return 0;
}

ccs_err_t exi_write_state(exi_encoder_t *e, const exi_row_t *row, unsigned code)
{
    const unsigned productions = e->m.row->n;
    while (code < productions && !is_present(e, row)) {
        code += exi_row_codes(row);
        row += exi_row_skip(row);
    }
    if (code >= productions) {
        return CCS_ERR_MISSING;
    }
    const unsigned alternative = alternative_of(e, row);
    if (alternative >= exi_row_codes(row)) {
        return CCS_ERR_RANGE;
    }
    exi_out_put(&e->m.out, &e->sink, code + alternative, e->m.bits);
    return begin_production(e, row, alternative);
}

/* Mandatory first item of a list. */
ccs_err_t exi_write_list(exi_encoder_t *e)
{
    const exi_row_t *row = e->m.row;
    if (next_node(e, row) == NULL) {
        exi_list_t list = {.count = 0};
        if (row->kind == ROW_LAZY_FIRST) {
            memcpy(&list, e->m.object + row->offset, sizeof list);
        }
        return list.count > 0 ? CCS_ERR_UNSUPPORTED : CCS_ERR_MISSING;
    }
    exi_out_put(&e->m.out, &e->sink, 0, e->m.bits);
    return begin_list(e, row);
}
