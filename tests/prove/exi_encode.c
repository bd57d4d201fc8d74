/* Every step of the EXI encoder: it reads nothing beyond the struct and what that points to, writes nothing beyond the buffer, and
 * leaves the stack as it must be. Rows are any that sound.h calls sound.
 * SPDX-License-Identifier: Apache-2.0 */
#include "exi/encode_begin.c"
#include "exi/encode_run.c"
#include "exi/encode_text.c"
#include "exi/text.c"
#include "prove.h"
#include "sound.h"

enum { ROWS = 4, SLOTS = 4, OBJECT_MAX = 64, BUFFER_MAX = 48, VIEW_MAX = 6 };

static bool out_holds(const exi_out_t *out, const exi_sink_t *sink)
{
    return out->count < 32 && out->at <= sink->end;
}

/* Proved in exi_bits.c; here it only has to be called rightly. */
void exi_out_octets(exi_out_t *out, exi_sink_t *sink, const uint8_t *from, size_t length)
{
    claim(out_holds(out, sink));
    claim(length == 0 || __CPROVER_r_ok(from, length));
}

typedef struct world {
    exi_encoder_t e;
    exi_tables_t tables;
    exi_row_t rows[ROWS];
    exi_slot_t slots[SLOTS];
    exi_span_t spans[1];
    uint64_t limits[1];
    uint8_t *object;
    size_t object_size;
} world_t;

static const sound_counts_t counts = {ROWS, SLOTS, 1, 1};

static void any_tables(world_t *w)
{
    w->tables = (exi_tables_t){w->rows, w->slots, w->spans, w->limits};
    w->spans[0] = (exi_span_t){any_u16(), any_u16()};
    w->limits[0] = any_u64();
    for (int i = 0; i < ROWS; i++) {
        w->rows[i] =
            (exi_row_t){.kind = any_u8(), .k = any_u8(), .bits = any_u8(), .n = any_u8(), .m = any_u16(), .offset = any_u16()};
    }
    for (int i = 0; i < SLOTS; i++) {
        w->slots[i] = (exi_slot_t){.row = any_u16(), .item = any_u8() & 15, .size = any_u16() & 4095};
        assume(w->slots[i].row < ROWS && w->slots[i].item <= w->slots[i].size);
    }
    w->e.tables = &w->tables;
}

static void any_out(exi_encoder_t *e)
{
    const size_t left = any_size();
    assume(left <= BUFFER_MAX);
    e->sink.begin = any_octets_of(BUFFER_MAX, left);
    e->sink.end = e->sink.begin + left;
    e->sink.full = any_bool();
    e->m.out.at = e->sink.begin;
    e->m.out.bits = any_u64();
    e->m.out.count = any_u8();
    assume(e->m.out.count < 32);
}

/* An encoder in front of row 0, with bits of it left to write. */
static void any_world(world_t *w)
{
    any_tables(w);
    any_out(&w->e);
    w->object_size = any_size();
    assume(w->object_size <= OBJECT_MAX && sound_row(&w->rows[0], w->object_size, &counts));
    w->object = any_octets_of(OBJECT_MAX, w->object_size);
    w->e.m.object = w->object;
    w->e.m.row = w->rows;
    w->e.m.bits = any_u8();
    assume(w->e.m.bits <= w->rows[0].bits);
    const size_t depth = any_size();
    assume(depth >= 1 && depth < EXI_DEPTH);
    w->e.top = w->e.stack + depth;
}

#define PROVE_STEP(name, kinds, call)                    \
    void harness_encode_##name(void)                     \
    {                                                    \
        world_t w;                                       \
        any_world(&w);                                   \
        const uint8_t kind = w.rows[0].kind;             \
        assume(kinds);                                   \
        const ccs_err_t err = (call);                    \
        claim(out_holds(&w.e.m.out, &w.e.sink));         \
        claim(err != CCS_OK || w.e.m.row == w.rows + 1); \
    }

PROVE_STEP(n8, kind == ROW_N8, step_n8(&w.e.m, &w.e))
PROVE_STEP(enum, kind == ROW_ENUM, step_enum(&w.e.m, &w.e))
PROVE_STEP(n16, kind == ROW_N16, step_n16(&w.e.m, &w.e))
PROVE_STEP(integer, kind >= ROW_INT32 && kind <= ROW_UINT64, step_integer(&w.e.m, &w.e))
PROVE_STEP(literal, kind == ROW_LITERAL, step_literal(&w.e.m, &w.e, 0))

/* Values that step() writes in two parts: what stands before the integer, and the integer. */
PROVE_STEP(int16, kind == ROW_INT16, write_int16(&w.e.m, &w.e, get_int16(w.e.m.object + w.rows[0].offset)))
PROVE_STEP(physical, kind == ROW_PHYSICAL,
           write_physical(&w.e.m, &w.e) == CCS_OK ? write_int16(&w.e.m, &w.e, (int16_t)any_u16()) : CCS_ERR_RANGE)
PROVE_STEP(physical_optional, kind == ROW_PHYSICAL_OPTIONAL,
           write_physical_optional(&w.e.m, &w.e) == CCS_OK ? write_int16(&w.e.m, &w.e, (int16_t)any_u16()) : CCS_ERR_RANGE)

void harness_encode_rational(void)
{
    world_t w;
    any_world(&w);
    assume(w.rows[0].kind == ROW_RATIONAL);
    write_exponent(&w.e.m, &w.e);
    const ccs_err_t err = write_int16(&w.e.m, &w.e, (int16_t)any_u16());
    claim(err == CCS_OK && out_holds(&w.e.m.out, &w.e.sink));
}

/* Strings and octets of up to VIEW_MAX octets, of any content, also no UTF-8. */
static ccs_view_t any_view(void)
{
    const size_t length = any_size();
    assume(length <= VIEW_MAX);
    return (ccs_view_t){any_octets_of(VIEW_MAX, length), length};
}

static void any_value(world_t *w, ccs_view_t view)
{
    memcpy(w->object + w->rows[0].offset, &view, sizeof view);
}

void harness_encode_octets(void)
{
    world_t w;
    any_world(&w);
    assume(w.rows[0].kind == ROW_OCTETS);
    any_value(&w, any_view());
    (void)exi_write_octets(&w.e);
    claim(out_holds(&w.e.m.out, &w.e.sink));
}

void harness_encode_string(void)
{
    world_t w;
    any_world(&w);
    assume(w.rows[0].kind == ROW_STRING);
    const ccs_view_t view = any_view();
    assume(view.length <= 2); /* characters of one and two octets, and broken ones */
    any_value(&w, view);
    (void)exi_write_string(&w.e);
    claim(out_holds(&w.e.m.out, &w.e.sink));
}

void harness_encode_magnitude(void)
{
    exi_encoder_t e;
    any_out(&e);
    const ccs_view_t magnitude = any_view();
    const unsigned borrow = any_u8();
    assume(borrow <= 1 && (magnitude.length == 0 ? borrow == 0 : magnitude.at[0] != 0));
    write_magnitude(&e, magnitude, borrow);
    claim(out_holds(&e.m.out, &e.sink));
}

void harness_encode_type(void)
{
    world_t w;
    any_world(&w);
    assume(w.rows[0].kind == ROW_TYPE);
    const exi_written_t *const top = w.e.top;
    const ccs_err_t err = step_type(&w.e.m, &w.e);
    claim(err == CCS_OK && w.e.top == top + 1 && w.e.top->resume == w.rows + 1);
    claim(out_holds(&w.e.m.out, &w.e.sink));
}

void harness_encode_end(void)
{
    world_t w;
    any_world(&w);
    assume(w.rows[0].kind == ROW_END);
    const exi_written_t *const top = w.e.top;
    w.e.top->resume = any_bool() ? w.rows + 1 : NULL;
    const ccs_err_t err = step_end(&w.e.m, &w.e);
    claim(err == CCS_OK && w.e.top == top - 1 && w.e.m.row == top->resume);
    claim(out_holds(&w.e.m.out, &w.e.sink));
}

/* A list in the struct, or a further item: a node that holds its item, with or without one behind it. */
static void any_node(world_t *w, const exi_row_t *row)
{
    enum { NODE_MAX = 64 };
    const size_t size = w->slots[row->m].size;
    assume(size >= sizeof(exi_node_t) && size <= NODE_MAX);
    uint8_t *const node = any_octets_of(NODE_MAX, size);
    const void *const behind = any_bool() ? node : NULL;
    memcpy(node, &behind, sizeof behind);
    const bool further = exi_row_is_next(row);
    if (further) {
        exi_node_t *const before = (exi_node_t *)any_octets(sizeof(exi_node_t));
        before->next = (exi_node_t *)(void *)node;
        w->e.top[1].node = (const uint8_t *)before;
        w->e.top[1].item = any_u32();
        assume(w->e.top[1].item < UINT32_MAX);
    } else {
        memcpy(w->object + row->offset, &node, sizeof node);
    }
    for (int i = 0; i <= 1; i++) {
        assume(w->rows[i].kind != ROW_LIST_NEXT && w->rows[i].kind != ROW_LAZY_NEXT ? true : w->rows[i].k == 0);
    }
}

void harness_encode_list_item(void)
{
    world_t w;
    any_world(&w);
    const exi_row_t *const row = w.rows;
    assume(row->kind == ROW_LIST || row->kind == ROW_LIST_FIRST || row->kind == ROW_LIST_NEXT || row->kind == ROW_LAZY_FIRST ||
           row->kind == ROW_LAZY_NEXT);
    const bool lazy = row->kind == ROW_LAZY_FIRST || row->kind == ROW_LAZY_NEXT;
    assume(row->kind == ROW_LIST_NEXT || row->kind == ROW_LAZY_NEXT || w.rows[1].kind == (lazy ? ROW_LAZY_NEXT : ROW_LIST_NEXT));
    any_node(&w, row);
    const exi_written_t *const top = w.e.top;
    const ccs_err_t err = begin_list(&w.e, row);
    claim(err == CCS_OK || err == CCS_ERR_LENGTH);
    claim(err != CCS_OK || (w.e.top == top + 1 && w.e.top->resume >= row && w.e.top->resume <= row + 2));
}

void harness_encode_choices(void)
{
    world_t w;
    any_world(&w);
    const exi_row_t *const row = w.rows;
    const unsigned alternative = any_u8();
    assume((row->kind == ROW_CHOICES || row->kind == ROW_CHOICES_NEXT) && alternative < row->k);
    assume(row->kind == ROW_CHOICES_NEXT || w.rows[1].kind == ROW_CHOICES_NEXT);
    const exi_slot_t *const node = &w.slots[row->m];
    assume((size_t)node->item + node[1 + alternative].item <= node->size);
    any_node(&w, row);
    const ccs_err_t err = begin_choices(&w.e, row, alternative);
    claim(err == CCS_OK || err == CCS_ERR_LENGTH);
}

void harness_encode_alternative(void)
{
    world_t w;
    any_world(&w);
    const exi_row_t *const row = w.rows;
    const unsigned alternative = any_u8();
    assume(row->kind == ROW_CHOICE && alternative < row->k);
    assume((size_t)row->offset + w.slots[row->m + alternative].item <= w.object_size);
    const ccs_err_t err = begin_alternative(&w.e, row, alternative);
    claim(err == CCS_OK);
}

/* A state of options and a mandatory row: the code that is written is one that the state has. */
void harness_encode_state(void)
{
    world_t w;
    any_world(&w);
    exi_row_t *const row = w.rows;
    for (int i = 0; i < 2; i++) {
        assume(row[i].kind == ROW_OPTION && row[i].m == 1 && row[i].offset < w.object_size);
    }
    assume(row[2].kind == ROW_N8 && row[2].k <= row[2].bits);
    assume(row[0].n == 3);
    const ccs_err_t err = step_state(&w.e.m, &w.e);
    claim(err == CCS_OK);
    claim(w.e.m.row >= row + 1 && w.e.m.row <= row + 2);
    claim(out_holds(&w.e.m.out, &w.e.sink));
}
