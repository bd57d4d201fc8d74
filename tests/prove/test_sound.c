/* The generated tables are as the proofs assume: every row that can be reached from a message or a fragment of any set is sound.
 * SPDX-License-Identifier: Apache-2.0 */
#include "messages/rows.c"
#include "sound.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = sizeof rows / sizeof rows[0], SLOTS = sizeof slots / sizeof slots[0], TYPES_DEEP = EXI_DEPTH };

static const sound_counts_t counts = {ROWS, SLOTS, sizeof spans / sizeof spans[0], sizeof limits / sizeof limits[0]};

/* What each row was walked with, so that a run is walked again only in a smaller struct or deeper. */
typedef struct walked {
    bool yes;
    size_t size;
    unsigned depth;
} walked_t;

static walked_t walked[ROWS];

static void walk_run(size_t first, size_t size, unsigned depth);

#define must(fact, row)                                            \
    do {                                                           \
        if (!(fact)) {                                             \
            fail_msg("row %zu: not " #fact, (size_t)((row)-rows)); \
        }                                                          \
    } while (0)

/* At its maximum a list goes on below the row of further items; so that row stands below the first one. */
static void check_list(const exi_row_t *row, size_t size)
{
    const exi_slot_t *const node = &slots[row->m];
    const exi_row_t *const next = exi_row_is_next(row) ? row : row + 1;
    must(node->size >= sizeof(exi_node_t), row);
    must(node->item >= sizeof(exi_node_t) && node->item <= node->size, row);
    must(exi_row_is_next(next), row);
    must(next->kind == ROW_CHOICES_NEXT || next->k < counts.spans, row);
    must(!(row->kind == ROW_LAZY_FIRST || row->kind == ROW_LAZY_NEXT) || row->offset + sizeof(exi_list_t) <= size, row);
}

static void walk_choice(const exi_row_t *row, size_t size, unsigned depth)
{
    for (unsigned i = 0; i < row->k; i++) {
        const exi_slot_t *const slot = &slots[row->m + i];
        must((size_t)row->offset + slot->item + slot->size <= size, row);
        walk_run(slot->row, slot->size, depth + 1);
    }
}

static void walk_choices(const exi_row_t *row, unsigned depth)
{
    const exi_slot_t *const node = &slots[row->m];
    for (unsigned i = 0; i < row->k; i++) {
        const exi_slot_t *const slot = node + 1 + i;
        must((size_t)node->item + slot->item + slot->size <= node->size, row);
        walk_run(slot->row, slot->size, depth + 1);
    }
}

/* The productions of a state: its rows' codes, and one for the row that ends it. */
static void check_state(const exi_row_t *row)
{
    const exi_row_t *at = row;
    unsigned codes = 0;
    while (exi_row_is_state(at)) {
        codes += exi_row_codes(at);
        at += exi_row_skip(at);
        must(at < rows + ROWS, row);
        if (codes >= row->n) {
            break;
        }
    }
    must(codes == row->n || codes + 1 == row->n, row);
    must(codes == row->n || at->k + sound_bits_least(at) <= at->bits, row);
    must(row->bits > 0 && (row->bits >= 25 || row->n < 1u << row->bits), row);
}

/* A type of which nothing is taken. */
static bool is_refused(const exi_row_t *row)
{
    return row->kind == ROW_NEVER;
}

/* Rows that are read from one window find enough bits in it: `used` are taken before the row at hand. */
static void check_window(const exi_row_t *row, unsigned used)
{
    must(used + sound_window(row) <= 57, row);
    if (row->kind == ROW_N8_MORE || row->kind == ROW_ENUM_MORE) {
        check_window(row + 1, used + row->bits);
        return;
    }
    if (!exi_row_is_state(row)) {
        return;
    }
    used += row->bits;
    const exi_row_t *at = row;
    for (unsigned codes = 0; codes < row->n; at += exi_row_skip(at)) {
        if (!exi_row_is_state(at)) {
            check_window(at, used);
            return;
        }
        if (at->kind == ROW_OPTION) {
            check_window(at + 1, used);
        }
        codes += exi_row_codes(at);
    }
}

static void walk_row(const exi_row_t *row, size_t size, unsigned depth)
{
    must(sound_row(row, size, &counts), row);
    check_window(row, 0);
    if (exi_row_is_state(row)) {
        check_state(row);
    }
    switch ((exi_row_kind_t)row->kind) {
    case ROW_TYPE:
        must((size_t)row->offset + slots[row->m].size <= size, row);
        walk_run(slots[row->m].row, slots[row->m].size, depth + 1);
        break;
    case ROW_POINTER:
        walk_run(slots[row->m].row, slots[row->m].size, depth + 1);
        break;
    case ROW_LIST:
    case ROW_LIST_FIRST:
    case ROW_LIST_NEXT:
    case ROW_LAZY_FIRST:
    case ROW_LAZY_NEXT:
        check_list(row, size);
        walk_run(slots[row->m].row, (size_t)slots[row->m].size - slots[row->m].item, depth + 1);
        break;
    case ROW_CHOICE:
        walk_choice(row, size, depth);
        break;
    case ROW_CHOICES:
    case ROW_CHOICES_NEXT:
        check_list(row, size);
        walk_choices(row, depth);
        break;
    default:
        break;
    }
}

static void walk_run(size_t first, size_t size, unsigned depth)
{
    assert_true(first < ROWS);
    assert_true(depth <= TYPES_DEEP);
    if (walked[first].yes && walked[first].size <= size && walked[first].depth >= depth) {
        return;
    }
    walked[first] = (walked_t){true, size, depth};
    for (size_t i = first;; i++) {
        assert_true(i < ROWS);
        walk_row(&rows[i], size, depth);
        if (rows[i].kind == ROW_END || is_refused(&rows[i])) {
            return;
        }
    }
}

static void walk_set(const exi_set_t *set)
{
    for (unsigned i = 0; i < set->roots_count; i++) {
        walk_run(slots[set->roots[i].slot].row, slots[set->roots[i].slot].size, 1);
    }
    for (unsigned i = 0; i < set->fragments_count; i++) {
        walk_run(slots[set->fragments[i].slot].row, slots[set->fragments[i].slot].size, 1);
    }
}

static void every_row_that_can_be_reached_is_sound(void **state)
{
    (void)state;
    walk_set(&exi_sap);
    walk_set(&exi_din);
    walk_set(&exi_iso2);
    walk_set(&exi_iso20);
    walk_set(&exi_iso20_dc);
    walk_set(&exi_xmldsig);
}

static void every_slot_is_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLOTS; i++) {
        assert_true(slots[i].row < ROWS);
    }
}

/* The check can fail: rows that are not sound are seen. */
static void unsound_rows_are_seen(void **state)
{
    (void)state;
    assert_true(sound_row(&(exi_row_t){.kind = ROW_N8, .bits = 4, .m = 3, .offset = 7}, 8, &counts));
    assert_false(sound_row(&(exi_row_t){.kind = ROW_N8, .bits = 4, .m = 3, .offset = 8}, 8, &counts));
    assert_false(sound_row(&(exi_row_t){.kind = ROW_N8, .bits = 26, .m = 3, .offset = 7}, 8, &counts));
    assert_false(sound_row(&(exi_row_t){.kind = ROW_N8, .offset = 7}, 8, &counts));
    assert_false(sound_row(&(exi_row_t){.kind = ROW_INT16, .bits = 17}, 8, &counts));
    assert_false(sound_row(&(exi_row_t){.kind = ROW_TYPE, .bits = 1, .m = SLOTS}, 8, &counts));
    assert_false(sound_row(&(exi_row_t){.kind = ROW_CHOICE, .k = 2, .bits = 1, .n = 2, .m = SLOTS - 1}, 8, &counts));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_that_can_be_reached_is_sound),
        cmocka_unit_test(every_slot_is_sound),
        cmocka_unit_test(unsound_rows_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
