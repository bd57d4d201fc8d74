/* Every step of the EXI decoder: whatever the frame says, it stays inside frame, struct, arena and stack, and leaves a reader that
 * the next step may use. Rows are any that sound.h calls sound; limits of size are stated at each harness.
 * SPDX-License-Identifier: Apache-2.0 */
#include "exi/decode_begin.c"
#include "exi/decode_run.c"
#include "exi/decode_text.c"
#include "exi/decode_wide.c"
#include "exi/strings.c"
#include "exi/text.c"
#include "prove.h"
#include "sound.h"

#undef CCS_ASSERT

enum { ROWS = 4, SLOTS = 4, OBJECT_MAX = 64, FRAME_OCTETS_MAX = 72, ARENA_MAX = 128, WINDOW = 57 };

/* Proved in exi_bits.c; here they only have to be called rightly. */
void exi_copy_octets(uint8_t *to, const uint8_t *from, unsigned shift, size_t length)
{
    claim(shift >= 1 && shift <= 7);
    claim(length == 0 || (__CPROVER_r_ok(from, length + 1) && __CPROVER_w_ok(to, length)));
}

bool exi_copy_ascii(uint8_t *to, const uint8_t *from, unsigned shift, size_t length)
{
    claim(shift >= 1 && shift <= 7);
    claim(length == 0 || (__CPROVER_r_ok(from, length + 1) && __CPROVER_w_ok(to, length)));
    return any_bool();
}

bool exi_is_ascii(const uint8_t *from, size_t length)
{
    claim(length == 0 || __CPROVER_r_ok(from, length));
    return any_bool();
}

/* Ten octets and the word that begins in the last of them. */
exi_uint_t exi_read_uint(const uint8_t *at, uint32_t pos)
{
    claim(__CPROVER_r_ok(at + (pos >> 3), 10 + EXI_WORD_OCTETS - 1));
    const uint32_t octets = any_u8();
    assume(octets <= 10);
    return (exi_uint_t){any_u64(), octets == 0 ? 0 : pos + 8 * octets};
}

typedef struct world {
    exi_decoder_t d;
    exi_tables_t tables;
    exi_row_t rows[ROWS];
    exi_slot_t slots[SLOTS];
    exi_span_t spans[1];
    uint64_t limits[1];
    exi_arena_t arena;
    exi_options_t options;
    size_t object_size;
} world_t;

static const sound_counts_t counts = {ROWS, SLOTS, 1, 1};

/* The reader stands where a window may be loaded: EXI_AHEAD octets are there. */
static bool place_holds(const exi_decoder_t *d)
{
    return __CPROVER_r_ok(d->at + (d->m.pos >> 3), EXI_AHEAD);
}

/* After a step: not so far that a bit position could not tell. */
static bool place_left(const exi_decoder_t *d)
{
    return d->m.pos <= d->limit + WINDOW + 8 * EXI_AHEAD || exi_position(d, d->m.pos) <= exi_frame_bits(d);
}

static void any_frame(exi_decoder_t *d)
{
    const size_t length = any_size();
    assume(length >= 1 && length <= FRAME_OCTETS_MAX);
    d->frame = (ccs_view_t){any_octets_of(FRAME_OCTETS_MAX, length), length};
    d->tracing = false;
}

static void any_place(exi_decoder_t *d)
{
    const uint32_t bit = any_u32();
    assume(bit <= exi_frame_bits(d));
    exi_seek(d, bit);
    const uint32_t pos = any_u32();
    assume(pos >= d->m.pos && pos < d->limit);
    d->m.pos = pos;
    d->m.window = exi_window(d->at, pos);
}

/* Some bits of the window are taken, as many as the row at hand allows. */
static void any_use(exi_decoder_t *d)
{
    const unsigned used = any_u8();
    assume(used + sound_window(d->m.row) <= WINDOW);
    d->m.pos += used;
    d->m.window <<= used;
}

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
    w->d.tables = &w->tables;
}

static void any_arena(world_t *w)
{
    const size_t size = any_size(), used = any_size();
    assume(size <= ARENA_MAX && used <= size);
    w->arena = (exi_arena_t){.at = any_octets_of(ARENA_MAX, size), .size = size, .used = used};
    w->d.arena = &w->arena;
}

/* A decoder in front of row 0, somewhere between the root and the deepest type but one. */
static void any_world(world_t *w)
{
    any_frame(&w->d);
    any_place(&w->d);
    any_tables(w);
    any_arena(w);
    w->options = (exi_options_t){.fragment = any_bool(), .whole_lists = any_bool(), .strings = NULL};
    w->d.options = &w->options;
    w->object_size = any_size();
    assume(w->object_size <= OBJECT_MAX && sound_row(&w->rows[0], w->object_size, &counts));
    w->d.m.object = any_octets_of(OBJECT_MAX, w->object_size);
    w->d.m.row = w->rows;
    w->d.m.bits = any_u8();
    assume(w->d.m.bits <= w->rows[0].bits && w->d.m.bits >= sound_bits_least(&w->rows[0]));
    any_use(&w->d);
    const size_t depth = any_size();
    assume(depth >= 1 && depth < EXI_DEPTH);
    w->d.top = w->d.stack + depth;
    w->d.soft = 0;
}

#define PROVE_STEP(name, kinds, call)                    \
    void harness_decode_##name(void)                     \
    {                                                    \
        world_t w;                                       \
        any_world(&w);                                   \
        const uint8_t kind = w.rows[0].kind;             \
        assume(kinds);                                   \
        const ccs_err_t err = (call);                    \
        claim(place_left(&w.d));                         \
        claim(err != CCS_OK || w.d.m.row == w.rows + 1); \
    }

PROVE_STEP(n8, kind == ROW_N8, step_n8(&w.d.m, &w.d))
PROVE_STEP(enum, kind == ROW_ENUM, step_enum(&w.d.m, &w.d))
PROVE_STEP(n16, kind == ROW_N16, step_n16(&w.d.m, &w.d))
PROVE_STEP(integer, kind >= ROW_INT32 && kind <= ROW_UINT64, step_integer(&w.d.m, &w.d))
PROVE_STEP(zeros, kind == ROW_ZEROS, step_zeros(&w.d.m, &w.d))
PROVE_STEP(literal, kind == ROW_LITERAL, step_literal(&w.d.m, &w.d))

/* Values that step() reads in two parts: what stands before the integer, and the integer. */
PROVE_STEP(int16, kind == ROW_INT16, read_int16(&w.d.m, &w.d, w.d.m.object + w.rows[0].offset))
PROVE_STEP(physical, kind == ROW_PHYSICAL,
           read_physical(&w.d.m, &w.d) == CCS_OK
               ? read_int16(&w.d.m, &w.d, w.d.m.object + w.rows[0].offset + offsetof(exi_physical_t, value))
               : CCS_ERR_EVENT)
PROVE_STEP(physical_optional, kind == ROW_PHYSICAL_OPTIONAL,
           read_physical_optional(&w.d.m, &w.d) == CCS_OK
               ? read_int16(&w.d.m, &w.d, w.d.m.object + w.rows[0].offset + offsetof(exi_physical_optional_t, value))
               : CCS_ERR_EVENT)
PROVE_STEP(rational, kind == ROW_RATIONAL,
           read_exponent(&w.d.m, &w.d) == CCS_OK
               ? read_int16(&w.d.m, &w.d, w.d.m.object + w.rows[0].offset + offsetof(exi_rational_t, value))
               : CCS_ERR_EVENT)

void harness_decode_short_integer(void)
{
    world_t w;
    any_world(&w);
    assume(w.rows[0].kind >= ROW_UINT16 && w.rows[0].kind <= ROW_UINT64);
    const bool taken = takes_short_integer(&w.d.m, &w.d);
    claim(w.d.m.row == (taken ? w.rows + 1 : w.rows));
    claim(place_left(&w.d));
}

void harness_decode_option(void)
{
    world_t w;
    any_world(&w);
    assume(w.rows[0].kind == ROW_OPTION);
    const bool taken = takes_option(&w.d.m, &w.d);
    claim(w.d.m.row == (taken ? w.rows + 1 : w.rows));
    claim(place_left(&w.d));
}

/* Any bit of the frame and its end: a window may be loaded from there. */
void harness_decode_seek(void)
{
    exi_decoder_t d;
    any_frame(&d);
    d.tracing = any_bool();
    const uint32_t bit = any_u32();
    assume(bit <= exi_frame_bits(&d));
    exi_seek(&d, bit);
    claim(place_holds(&d));
    claim(exi_position(&d, d.m.pos) == bit);
    claim(d.tracing ? d.limit == 0 : d.m.pos < d.limit);
}

/* The same for every place below the limit. */
void harness_decode_limit(void)
{
    exi_decoder_t d;
    any_frame(&d);
    any_place(&d);
    claim(place_holds(&d));
}

/* Beyond the limit: either the frame has ended, or the reader is put where it may be used. */
void harness_decode_near_end(void)
{
    exi_decoder_t d;
    any_frame(&d);
    any_place(&d);
    d.tracing = any_bool();
    const uint32_t step = any_u32();
    assume(step <= 8 * EXI_AHEAD);
    d.m.pos += step;
    const uint32_t bit = exi_position(&d, d.m.pos);
    const ccs_err_t err = near_end(&d);
    claim(err == CCS_OK || bit > exi_frame_bits(&d));
    claim(err != CCS_OK || (place_holds(&d) && exi_position(&d, d.m.pos) == bit));
}

void harness_decode_take_octets(void)
{
    world_t w;
    any_arena(&w);
    const size_t length = any_size();
    assume(length <= EXI_FRAME_MAX + 1); /* no value of a frame is longer */
    const uint8_t *const at = exi_take_octets(&w.arena, length);
    claim(w.arena.used <= w.arena.size);
    claim(at == NULL || length == 0 || __CPROVER_w_ok(at, length));
}

void harness_decode_take_struct(void)
{
    world_t w;
    any_tables(&w);
    any_arena(&w);
    const uint8_t *const at = exi_take_struct(&w.d, w.slots);
    claim(w.arena.used <= w.arena.size);
    claim(at == NULL || w.slots[0].size == 0 || __CPROVER_w_ok(at, w.slots[0].size));
}

/* The length that the frame claims is believed only as far as the frame goes. */
void harness_decode_octets(void)
{
    world_t w;
    any_world(&w);
    assume(w.rows[0].kind == ROW_OCTETS);
    const ccs_err_t err = exi_step_octets(&w.d);
    claim(w.arena.used <= w.arena.size);
    ccs_view_t view;
    memcpy(&view, w.d.m.object + w.rows[0].offset, sizeof view);
    claim(err != CCS_OK || view.length == 0 || __CPROVER_r_ok(view.at, view.length));
    claim(err != CCS_OK || w.d.m.row == w.rows + 1);
    claim(place_left(&w.d));
}

/* A string of one octet a character; others see the harness below. */
void harness_decode_ascii(void)
{
    world_t w;
    any_world(&w);
    const uint32_t characters = any_u32();
    assume(characters <= EXI_FRAME_MAX && exi_position(&w.d, w.d.m.pos) <= exi_frame_bits(&w.d));
    ccs_view_t view;
    const ccs_err_t err = read_ascii(&w.d, characters, &view);
    claim(w.arena.used <= w.arena.size);
    claim(err != CCS_OK || view.at == NULL || view.length == 0 || __CPROVER_r_ok(view.at, view.length));
    claim(place_left(&w.d));
}

void harness_decode_text_head(void)
{
    world_t w;
    any_world(&w);
    assume(w.rows[0].kind == ROW_OCTETS || w.rows[0].kind == ROW_STRING);
    uint32_t number;
    const ccs_err_t err = read_head(&w.d, any_u8(), &number);
    claim(err != CCS_OK || number <= EXI_FRAME_MAX);
    claim(place_left(&w.d));
}

/* A character of any width at any place. */
void harness_decode_character(void)
{
    world_t w;
    any_frame(&w.d);
    any_place(&w.d);
    any_arena(&w);
    uint8_t utf8[4];
    size_t octets;
    w.d.m.pos += any_u8();
    assume(exi_position(&w.d, w.d.m.pos) <= exi_frame_bits(&w.d));
    const ccs_err_t err = read_character(&w.d, utf8, &octets);
    claim(err != CCS_OK || (octets >= 1 && octets <= 4));
    claim(err != CCS_OK || exi_position(&w.d, w.d.m.pos) <= exi_frame_bits(&w.d));
}

/* The loop around it, in a short frame: what it writes fits the arena. */
void harness_decode_wide(void)
{
    world_t w;
    any_frame(&w.d);
    assume(w.d.frame.length <= 4);
    any_place(&w.d);
    any_arena(&w);
    ccs_view_t view;
    const uint32_t characters = any_u8();
    assume(characters <= 2);
    const ccs_err_t err = exi_read_wide(&w.d, characters, &view);
    claim(w.arena.used <= w.arena.size);
    claim(err != CCS_OK || view.length == 0 || __CPROVER_r_ok(view.at, view.length));
}

/* Integers of up to 12 octets of frame. */
void harness_decode_big(void)
{
    world_t w;
    any_world(&w);
    assume(w.rows[0].kind == ROW_INTEGER && w.d.frame.length <= 12);
    const ccs_err_t err = exi_step_big(&w.d);
    claim(w.arena.used <= w.arena.size);
    claim(place_left(&w.d));
    claim(err != CCS_OK || w.d.m.row == w.rows + 1);
}

/* ---- structure */

void harness_decode_type(void)
{
    world_t w;
    any_world(&w);
    assume(w.rows[0].kind == ROW_TYPE);
    const exi_level_t *const top = w.d.top;
    const ccs_err_t err = step_type(&w.d.m, &w.d);
    claim(err != CCS_OK || (w.d.top == top + 1 && w.d.top->resume == w.rows + 1));
    claim(place_left(&w.d));
}

/* The type that ends goes back to its parent, or, at the root, to none. */
void harness_decode_end(void)
{
    world_t w;
    any_world(&w);
    assume(w.rows[0].kind == ROW_END);
    const exi_level_t *const top = w.d.top;
    w.d.top->resume = any_bool() ? w.rows + 1 : NULL;
    const ccs_err_t err = step_end(&w.d.m, &w.d);
    claim(err != CCS_OK || (w.d.top == top - 1 && w.d.m.row == top->resume));
    claim(place_left(&w.d));
}

static void any_item(world_t *w)
{
    exi_level_t *const ended = &w->d.top[1]; /* the item of before, just ended */
    ended->node = any_octets(sizeof(exi_node_t));
    ended->item = any_u32();
    assume(ended->item <= FRAME_OCTETS_MAX);
    for (int i = 1; i <= 2; i++) {
        assume(w->rows[i].k == 0);
    }
}

/* An item of a list that becomes nodes. */
void harness_decode_list_item(void)
{
    world_t w;
    any_world(&w);
    any_item(&w);
    const exi_row_t *const row = w.rows;
    assume(row->kind == ROW_LIST || row->kind == ROW_LIST_FIRST || row->kind == ROW_LIST_NEXT);
    assume(row->kind != ROW_LIST_NEXT || row->k == 0);
    assume(w.slots[row->m].size >= sizeof(exi_node_t));
    const exi_level_t *const top = w.d.top;
    const ccs_err_t err = begin_item(&w.d, row, &w.slots[row->m], &w.slots[row->m]);
    claim(err == CCS_OK || err == CCS_ERR_SPACE);
    claim(err != CCS_OK || (w.d.top == top + 1 && w.d.top->resume >= row && w.d.top->resume <= row + 2));
    claim(w.arena.used <= w.arena.size);
}

/* An item of a list that stays in the frame, or becomes nodes by option. */
void harness_decode_lazy_item(void)
{
    world_t w;
    any_world(&w);
    any_item(&w);
    const exi_row_t *const row = w.rows;
    assume(row->kind == ROW_LAZY_FIRST || row->kind == ROW_LAZY_NEXT);
    assume(row->kind != ROW_LAZY_NEXT || row->k == 0);
    assume(w.slots[row->m].size >= sizeof(exi_node_t));
    const size_t where = any_size();
    assume(where <= w.arena.used && where + sizeof(exi_node_t) <= w.arena.size);
    w.d.top[1].node = (uint8_t *)w.arena.at + where; /* nodes lie in the arena */
    const ccs_err_t err = begin_item(&w.d, row, &w.slots[row->m], &w.slots[row->m]);
    claim(err == CCS_OK || err == CCS_ERR_SPACE);
    claim(w.arena.used <= w.arena.size);
}

void harness_decode_alternative(void)
{
    world_t w;
    any_world(&w);
    const exi_row_t *const row = w.rows;
    const unsigned alternative = any_u8();
    assume(row->kind == ROW_CHOICE && alternative < row->k);
    const exi_slot_t *const slot = &w.slots[row->m + alternative];
    assume((size_t)row->offset + slot->item + slot->size <= w.object_size);
    const ccs_err_t err = begin_alternative(&w.d, row, alternative);
    claim(err == CCS_OK);
    claim(w.d.top->item == alternative + 1);
}

void harness_decode_pointer(void)
{
    world_t w;
    any_world(&w);
    assume(w.rows[0].kind == ROW_POINTER);
    const ccs_err_t err = begin_pointer(&w.d, w.rows);
    claim(err == CCS_OK || err == CCS_ERR_SPACE);
    claim(w.arena.used <= w.arena.size);
}

void harness_decode_choices(void)
{
    world_t w;
    any_world(&w);
    any_item(&w);
    const exi_row_t *const row = w.rows;
    const unsigned alternative = any_u8();
    assume((row->kind == ROW_CHOICES || row->kind == ROW_CHOICES_NEXT) && alternative < row->k);
    assume(row->kind != ROW_CHOICES || w.rows[1].kind == ROW_CHOICES_NEXT);
    const exi_slot_t *const node = &w.slots[row->m], *const content = node + 1 + alternative;
    assume(node->item >= sizeof(exi_node_t) && (size_t)node->item + content->item + content->size <= node->size &&
           node->item < node->size);
    const ccs_err_t err = begin_choices(&w.d, row, alternative);
    claim(err == CCS_OK || err == CCS_ERR_SPACE);
    claim(w.arena.used <= w.arena.size);
}

/* An event code walks to a row of its state: rows of a state follow each other, and their codes add up to n. */
void harness_decode_walk(void)
{
    world_t w;
    any_tables(&w);
    unsigned code = any_u8();
    unsigned codes = 0;
    size_t last = 0;
    for (size_t i = 0; i < ROWS && exi_row_is_state(&w.rows[i]); i += exi_row_skip(&w.rows[i])) {
        assume(exi_row_skip(&w.rows[i]) >= 1 && exi_row_codes(&w.rows[i]) >= 1);
        codes += exi_row_codes(&w.rows[i]);
        last = i;
    }
    assume(exi_row_is_state(&w.rows[0]) && code < codes);
    const exi_row_t *const row = exi_walk(w.rows, &code);
    claim(row >= w.rows && row <= w.rows + last);
    claim(code < exi_row_codes(row));
}

/* A state of options and a mandatory row, all codes of it: the reader goes where the window still holds what is read there. */
void harness_decode_state(void)
{
    world_t w;
    any_world(&w);
    exi_row_t *const row = w.rows;
    for (int i = 0; i < 2; i++) {
        assume(row[i].kind == ROW_OPTION && row[i].m == 1 && sound_row(&row[i], w.object_size, &counts));
    }
    assume(row[2].kind == ROW_N8 && sound_row(&row[2], w.object_size, &counts) && row[2].k < row[2].bits && row[0].n == 3);
    bool here = false;
    const ccs_err_t err = step_state(&w.d.m, &w.d, &here);
    claim(err != CCS_OK || (here && w.d.m.row >= row + 1 && w.d.m.row <= row + 2));
    claim(err != CCS_OK || w.d.m.bits >= 1);
    claim(place_left(&w.d));
}

/* Strings of a peer that refers back: three are kept. */
void harness_decode_reference(void)
{
    world_t w;
    any_world(&w);
    exi_string_t memory[3] = {{{NULL, 0}, any_u8()}, {{NULL, 0}, any_u8()}, {{NULL, 0}, any_u8()}};
    exi_strings_t strings = {.at = memory, .size = 3, .count = any_size()};
    assume(strings.count <= 3 && w.d.m.pos < w.d.limit);
    w.options.strings = any_bool() ? &strings : NULL;
    ccs_view_t view;
    (void)exi_read_reference(&w.d, w.rows, any_bool(), &view);
    claim(place_left(&w.d));
    claim(exi_strings_add(&strings, any_u8(), (ccs_view_t){NULL, any_size()}) != CCS_OK || strings.count <= 3);
}
