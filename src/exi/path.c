/* Where a fault lies, in the schema's names: the trail of rows that the interpreter leaves, followed through the slots.
 * SPDX-License-Identifier: Apache-2.0 */
#include "exi/describe.h"
#include "exi/rows.h"
#include <string.h>

typedef struct path {
    char *at;
    size_t size, length;
} path_t;

static void add(path_t *path, const char *text, size_t length)
{
    for (size_t i = 0; i < length && path->length + 1 < path->size; i++) {
        path->at[path->length++] = text[i];
    }
    if (path->size > 0) {
        path->at[path->length] = '\0';
    }
}

static void add_step(path_t *path, const char *name, size_t length)
{
    if (length > 0 && path->length > 0) {
        add(path, "/", 1);
    }
    add(path, name, length);
}

static void add_number(path_t *path, uint32_t number)
{
    char digits[12];
    size_t i = sizeof digits;
    for (digits[--i] = ']'; number > 0 && i > 1; number /= 10) {
        digits[--i] = (char)('0' + number % 10);
    }
    digits[--i] = '[';
    add(path, digits + i, sizeof digits - i);
}

/* A name is "A/B", or "A/B*X|Y" at a choice: then alternative, counted from 1, is added (0: not known). */
static void add_name(path_t *path, const char *name, uint32_t alternative)
{
    const char *star = strchr(name, '*');
    size_t before = star == NULL ? strlen(name) : (size_t)(star - name);
    before -= before > 0 && name[before - 1] == '/';
    add_step(path, name, before);
    for (const char *one = star == NULL ? NULL : star + 1; one != NULL && alternative > 0; alternative--) {
        const char *bar = strchr(one, '|');
        if (alternative == 1) {
            add_step(path, one, bar == NULL ? strlen(one) : (size_t)(bar - one));
        }
        one = bar == NULL ? NULL : bar + 1;
    }
}

/* Which alternative of a list of choices holds the row below; 0: not known. */
static uint32_t guess_alternative(const exi_tables_t *tables, const exi_row_t *row, uint32_t below)
{
    for (uint32_t i = 1; i <= row->k; i++) {
        const uint32_t first = tables->slots[row->m + i].row;
        uint32_t last = first;
        while (tables->rows[last].kind != ROW_END && tables->rows[last].kind != ROW_NEVER) {
            last++;
        }
        if (below >= first && below <= last) {
            return i;
        }
    }
    return 0;
}

static bool is_item(const exi_row_t *row)
{
    return row->kind == ROW_LIST_FIRST || row->kind == ROW_LAZY_FIRST || (row->kind >= ROW_LIST && row->kind <= ROW_LAZY_NEXT);
}

/* Adds one step of the trail and returns the slot of the next one. */
static uint32_t follow(const exi_description_t *description, const exi_fault_t *fault, unsigned depth, uint32_t slot, path_t *path)
{
    const exi_tables_t *tables = description->set->tables;
    const uint32_t number = fault->trail[depth].row;
    const exi_row_t *row = &tables->rows[number];
    const char *name = description->row_names[description->slot_names[slot] + number - tables->slots[slot].row];
    const bool last = depth + 1u == fault->depth;
    uint32_t item = last ? 0 : fault->trail[depth].item;
    if (row->kind == ROW_CHOICES || row->kind == ROW_CHOICES_NEXT) {
        item = last ? 0 : guess_alternative(tables, row, fault->trail[depth + 1].row);
        add_name(path, name, item);
        return row->m + item;
    }
    add_name(path, name, item);
    if (row->kind == ROW_CHOICE) {
        return item > 0 ? row->m + item - 1 : slot;
    }
    if (is_item(row) && item > 0) {
        add_number(path, item);
    }
    return row->m;
}

void exi_fault_path(const exi_description_t *description, const exi_fault_t *fault, char *path, size_t size)
{
    path_t out = {.at = path, .size = size};
    add(&out, "", 0);
    const exi_root_name_t *root = exi_root_find(description, fault->root);
    const exi_root_t *found = exi_find_root(description->set, fault->root);
    if (root == NULL || found == NULL || fault->depth == 0) {
        return;
    }
    add_step(&out, root->name, strlen(root->name));
    uint32_t slot = found->slot;
    for (unsigned depth = 0; depth < fault->depth; depth++) {
        slot = follow(description, fault, depth, slot, &out);
    }
}
