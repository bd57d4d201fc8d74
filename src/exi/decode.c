/* The decoder: walks rows and frame together.
 *
 * The machine (place in the frame, row, struct) lives in registers while rows of fixed shape are read; a list, choice or string
 * parks it in the decoder first. Positions are kept at the start of the row that is being read until its step has succeeded, so
 * that a fault points at what is wrong. SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "exi/bits_in.h"
#include "exi/rows.h"
#include "exi/strings.h"
#include "exi/text.h"
#include <string.h>

/* A type that is being read, and where its parent goes on. */
typedef struct frame {
    const exi_row_t *call;   /* the parent's row that led here, for the trail of a fault */
    const exi_row_t *resume; /* the parent's next row; NULL below the root */
    uint8_t *object;         /* the parent's struct */
    uint8_t *node;           /* list item: its node */
    uint32_t item;           /* list: how many items; choice: which alternative */
} frame_t;

typedef struct machine {
    exi_in_t in;
    const exi_row_t *row;
    unsigned bits;   /* of the row; less where an event code of before has chosen it */
    uint8_t *object; /* the slot's struct */
    frame_t *top;
} machine_t;

typedef struct decoder {
    machine_t m;
    const exi_tables_t *tables;
    ccs_view_t frame;
    uint32_t from; /* bit of the frame that m.in.at stands for */
    uint32_t soft;
    exi_arena_t *arena;
    const exi_options_t *options;
    frame_t stack[EXI_DEPTH + 1];
    uint8_t tail[EXI_TAIL];
} decoder_t;

/* ---------------------------------------------------------------- place in the frame */

static uint32_t frame_bits(const decoder_t *d)
{
    return (uint32_t)d->frame.length * 8;
}

/* Puts the reader at a bit of the frame: into the frame itself, or, near its end, into the tail. */
static void seek(decoder_t *d, uint32_t bit)
{
    if (d->frame.length >= EXI_AHEAD && bit <= (d->frame.length - EXI_AHEAD) * 8) {
        d->m.in = (exi_in_t){.at = d->frame.at, .pos = bit, .limit = (uint32_t)(d->frame.length - EXI_AHEAD) * 8};
        d->from = 0;
        return;
    }
    const size_t start = bit / 8;
    const size_t left = d->frame.length - start;
    memset(d->tail, 0, sizeof d->tail);
    memcpy(d->tail, d->frame.at + start, left);
    d->m.in = (exi_in_t){.at = d->tail, .pos = bit % 8, .limit = (uint32_t)left * 8};
    d->from = (uint32_t)start * 8;
}

static uint32_t position(const decoder_t *d, const exi_in_t *in)
{
    return d->from + in->pos;
}

/* The next row starts beyond what the reader may look at. */
static ccs_err_t near_end(decoder_t *d)
{
    const uint32_t bit = position(d, &d->m.in);
    if (bit > frame_bits(d)) {
        return CCS_ERR_TRUNCATED;
    }
    seek(d, bit);
    return CCS_OK;
}

/* ---------------------------------------------------------------- small steps */

static inline void go_to(machine_t *m, const exi_row_t *row)
{
    m->row = row;
    m->bits = row->bits;
}

/* A code above the highest: zero bits that are not zero, or a value outside its range, which is kept and counted. */
static ccs_err_t soft_code(decoder_t *d, uint32_t code, uint32_t highest)
{
    uint32_t field = highest;
    field |= field >> 1;
    field |= field >> 2;
    field |= field >> 4;
    field |= field >> 8;
    if (code > field) {
        return CCS_ERR_EVENT;
    }
    d->soft++;
    return CCS_OK;
}

/* Zero bits and an n-bit field: one comparison sees to both. */
static inline ccs_err_t read_code(machine_t *m, decoder_t *d, unsigned bits, uint32_t highest, uint32_t *code)
{
    *code = exi_in_peek(&m->in, bits);
    if (*code > highest) {
        CCS_TRY(soft_code(d, *code, highest));
    }
    m->in.pos += bits;
    return CCS_OK;
}

static inline ccs_err_t read_zeros(machine_t *m, unsigned bits)
{
    if (exi_in_peek(&m->in, bits) != 0) {
        return CCS_ERR_EVENT;
    }
    m->in.pos += bits;
    return CCS_OK;
}

/* Zero bits, a sign and an unsigned integer of at most three octets. */
static inline ccs_err_t read_int16(machine_t *m, unsigned zeros, int16_t *value)
{
    const uint32_t head = exi_in_peek(&m->in, zeros + 9);
    if (head > 0x1FF) {
        return CCS_ERR_EVENT;
    }
    m->in.pos += zeros + 9;
    uint64_t magnitude = head & 0xFF;
    if (magnitude > 127) {
        const unsigned second = exi_in_octet(&m->in);
        magnitude = (magnitude & 127) | (second & 127) << 7;
        if (second > 127) {
            const unsigned third = exi_in_octet(&m->in);
            magnitude |= (uint64_t)third << 14;
        }
    }
    if (magnitude > INT16_MAX) {
        return CCS_ERR_RANGE;
    }
    *value = (int16_t)(head > 0xFF ? -(int)magnitude - 1 : (int)magnitude);
    return CCS_OK;
}

static inline void put_enum(uint8_t *at, uint32_t code)
{
    const exi_enum_t value = (exi_enum_t)code;
    memcpy(at, &value, sizeof value);
}

static inline void put_int16(uint8_t *at, int16_t value)
{
    memcpy(at, &value, sizeof value);
}

/* ---------------------------------------------------------------- values */

static inline ccs_err_t step_n8(machine_t *m, decoder_t *d)
{
    const exi_row_t *row = m->row;
    uint32_t code;
    CCS_TRY(read_code(m, d, m->bits, row->m, &code));
    m->object[row->offset] = (uint8_t)(code + row->n);
    go_to(m, row + 1);
    return CCS_OK;
}

static inline ccs_err_t step_enum(machine_t *m, decoder_t *d)
{
    const exi_row_t *row = m->row;
    uint32_t code;
    CCS_TRY(read_code(m, d, m->bits, row->m, &code));
    put_enum(m->object + row->offset, code);
    go_to(m, row + 1);
    return CCS_OK;
}

static inline ccs_err_t step_n16(machine_t *m, decoder_t *d)
{
    const exi_row_t *row = m->row;
    uint32_t code;
    CCS_TRY(read_code(m, d, m->bits, row->m, &code));
    put_int16(m->object + row->offset, (int16_t)(code + row->n));
    go_to(m, row + 1);
    return CCS_OK;
}

static inline ccs_err_t step_int16(machine_t *m)
{
    const exi_row_t *row = m->row;
    int16_t value;
    CCS_TRY(read_int16(m, m->bits, &value));
    put_int16(m->object + row->offset, value);
    go_to(m, row + 1);
    return CCS_OK;
}

enum { MULTIPLIER_HIGHEST = 6, MULTIPLIER_LEAST = -3, EE_SE_CH = 3 }; /* the three zero bits between two simple elements */

/* Multiplier, Unit and Value, as they follow each other in every physical value of ISO 15118-2. */
static inline ccs_err_t step_physical(machine_t *m, decoder_t *d)
{
    const exi_row_t *row = m->row;
    uint8_t *at = m->object + row->offset;
    uint32_t code;
    int16_t value;
    CCS_TRY(read_code(m, d, m->bits, MULTIPLIER_HIGHEST, &code));
    at[offsetof(exi_physical_t, multiplier)] = (uint8_t)((int)code + MULTIPLIER_LEAST);
    CCS_TRY(read_code(m, d, EE_SE_CH + 3, row->m, &code));
    put_enum(at + offsetof(exi_physical_t, unit), code);
    CCS_TRY(read_int16(m, EE_SE_CH, &value));
    put_int16(at + offsetof(exi_physical_t, value), value);
    go_to(m, row + 1);
    return CCS_OK;
}

/* The same of DIN 70121: after Multiplier and its EE a code says whether Unit or Value follows. */
static inline ccs_err_t step_physical_optional(machine_t *m, decoder_t *d)
{
    const exi_row_t *row = m->row;
    uint8_t *at = m->object + row->offset;
    unsigned zeros = 1; /* CH of Value */
    uint32_t code;
    int16_t value;
    CCS_TRY(read_code(m, d, m->bits, MULTIPLIER_HIGHEST, &code));
    at[offsetof(exi_physical_optional_t, multiplier)] = (uint8_t)((int)code + MULTIPLIER_LEAST);
    const uint32_t absent = exi_in_peek(&m->in, 3);
    if (absent > 1) {
        return CCS_ERR_EVENT;
    }
    m->in.pos += 3;
    at[offsetof(exi_physical_optional_t, has_unit)] = !absent;
    if (!absent) {
        CCS_TRY(read_code(m, d, 1 + 4, row->m, &code));
        put_enum(at + offsetof(exi_physical_optional_t, unit), code);
        zeros = EE_SE_CH;
    }
    CCS_TRY(read_int16(m, zeros, &value));
    put_int16(at + offsetof(exi_physical_optional_t, value), value);
    go_to(m, row + 1);
    return CCS_OK;
}

/* Exponent and Value of ISO 15118-20. */
static inline ccs_err_t step_rational(machine_t *m)
{
    const exi_row_t *row = m->row;
    uint8_t *at = m->object + row->offset;
    int16_t value;
    const uint32_t code = exi_in_peek(&m->in, m->bits);
    if (code > 0xFF) {
        return CCS_ERR_EVENT;
    }
    m->in.pos += m->bits;
    at[offsetof(exi_rational_t, exponent)] = (uint8_t)(code + 128);
    CCS_TRY(read_int16(m, EE_SE_CH, &value));
    put_int16(at + offsetof(exi_rational_t, value), value);
    go_to(m, row + 1);
    return CCS_OK;
}

static inline bool is_signed(const exi_row_t *row)
{
    return row->kind == ROW_INT32 || row->kind == ROW_INT64;
}

/* Highest magnitude that the C type holds. */
static inline uint64_t type_most(const exi_row_t *row)
{
    switch (row->kind) {
    case ROW_UINT16:
        return UINT16_MAX;
    case ROW_UINT32:
        return UINT32_MAX;
    case ROW_INT32:
        return INT32_MAX;
    case ROW_INT64:
        return INT64_MAX;
    default:
        return UINT64_MAX;
    }
}

static inline void put_integer(uint8_t *at, const exi_row_t *row, uint64_t value)
{
    if (row->kind == ROW_UINT16) {
        const uint16_t narrow = (uint16_t)value;
        memcpy(at, &narrow, sizeof narrow);
    } else if (row->kind == ROW_UINT32 || row->kind == ROW_INT32) {
        const uint32_t narrow = (uint32_t)value;
        memcpy(at, &narrow, sizeof narrow);
    } else {
        memcpy(at, &value, sizeof value);
    }
}

/* Integers of 16 bits without sign, of 32 and 64 bits. One that its schema forbids but its C type holds is kept and counted. */
static inline ccs_err_t step_integer(machine_t *m, decoder_t *d)
{
    const exi_row_t *row = m->row;
    CCS_TRY(read_zeros(m, m->bits));
    const bool negative = is_signed(row) && exi_in_take(&m->in, 1) != 0;
    uint64_t value;
    if (!exi_in_uint(&m->in, &value) || value > type_most(row)) {
        return CCS_ERR_RANGE;
    }
    if (value > d->tables->limits[row->m] || value < row->n) {
        d->soft++;
    }
    put_integer(m->object + row->offset, row, negative ? ~value : value);
    go_to(m, row + 1);
    return CCS_OK;
}

static inline ccs_err_t step_literal(machine_t *m)
{
    if (exi_in_peek(&m->in, m->bits) != m->row->m) {
        return CCS_ERR_EVENT;
    }
    m->in.pos += m->bits;
    go_to(m, m->row + 1);
    return CCS_OK;
}

/* ---------------------------------------------------------------- strings and octets */

/* Room for octets in the arena; the next struct finds itself aligned again. */
static uint8_t *take_octets(exi_arena_t *arena, size_t length)
{
    if (length > arena->size - arena->used) {
        return NULL;
    }
    uint8_t *at = (uint8_t *)arena->at + arena->used;
    const size_t padded = (length + 7) & ~(size_t)7;
    arena->used = padded > arena->size - arena->used ? arena->size : arena->used + padded;
    return at;
}

/* The zero bits before a string or octets; or, for an empty one, the second-level EE that SAX-fed encoders write instead of a
 * value: escape code 1, then 000. The last of these serves as the EE bit of the value. [exi.md b.7] */
static ccs_err_t read_text_head(machine_t *m, bool *empty)
{
    const uint32_t head = exi_in_peek(&m->in, m->bits);
    *empty = false;
    if (head == 0) {
        m->in.pos += m->bits;
        return CCS_OK;
    }
    if (head != 1 || m->bits == 0) {
        return CCS_ERR_EVENT;
    }
    m->in.pos += m->bits;
    *empty = true;
    const uint32_t second = exi_in_take(&m->in, 3);
    m->in.pos--;
    return second == 0 ? CCS_OK : CCS_ERR_UNSUPPORTED;
}

/* `length` octets at the reader as a view: of the frame if they lie on its octets, else of a copy. *any: the OR of them all. */
static ccs_err_t view_octets(decoder_t *d, uint64_t length, ccs_view_t *view, uint8_t *any)
{
    const uint32_t bit = position(d, &d->m.in);
    if (bit > frame_bits(d) || length > (frame_bits(d) - bit) / 8) {
        return CCS_ERR_TRUNCATED;
    }
    const uint8_t *from = d->frame.at + bit / 8;
    uint8_t *to = NULL;
    view->at = from;
    view->length = (size_t)length;
    if (bit % 8 != 0) {
        to = take_octets(d->arena, view->length);
        if (to == NULL) {
            return CCS_ERR_SPACE;
        }
        view->at = to;
    }
    *any = exi_copy_shifted(to, from, bit % 8, view->length);
    seek(d, bit + (uint32_t)view->length * 8);
    return CCS_OK;
}

/* A string with characters above U+007F: UTF-8 in the arena, and then the unused rest of it is given back. */
static ccs_err_t view_wide(decoder_t *d, uint64_t characters, ccs_view_t *view)
{
    exi_arena_t *arena = d->arena;
    uint8_t *to = (uint8_t *)arena->at + arena->used;
    const size_t room = arena->size - arena->used;
    size_t length = 0;
    for (uint64_t i = 0; i < characters; i++) {
        if (d->m.in.pos > d->m.in.limit) {
            CCS_TRY(near_end(d));
        }
        uint64_t character;
        uint8_t utf8[4];
        const bool fits = exi_in_uint(&d->m.in, &character) && character <= 0x10FFFF;
        const size_t octets = fits ? exi_text_put(utf8, (uint32_t)character) : 0;
        if (octets == 0) {
            return CCS_ERR_TEXT;
        }
        if (octets > room - length) {
            return CCS_ERR_SPACE;
        }
        memcpy(to + length, utf8, octets);
        length += octets;
    }
    *view = (ccs_view_t){.at = take_octets(arena, length), .length = length};
    return CCS_OK;
}

static ccs_err_t check_length(decoder_t *d, uint64_t length, const exi_row_t *row)
{
    const exi_span_t *span = &d->tables->spans[row->m];
    if (length > span->most && span->most != EXI_UNBOUNDED) {
        return CCS_ERR_LENGTH;
    }
    if (length < span->least) {
        d->soft++;
    }
    return CCS_OK;
}

static ccs_err_t read_octets(decoder_t *d, const exi_row_t *row, ccs_view_t *view)
{
    uint64_t length;
    uint8_t any;
    if (!exi_in_uint(&d->m.in, &length)) {
        return CCS_ERR_LENGTH;
    }
    CCS_TRY(check_length(d, length, row));
    return view_octets(d, length, view, &any);
}

/* A reference to a string of before, as peers with default options write it: 0, a number in the strings of this name; 1, one in
 * all. */
static ccs_err_t read_reference(decoder_t *d, const exi_row_t *row, bool global, ccs_view_t *view)
{
    const exi_strings_t *strings = d->options->strings;
    if (strings == NULL) {
        return CCS_ERR_UNSUPPORTED;
    }
    const unsigned bits = exi_strings_width(strings, row->n, global);
    const uint32_t number = exi_in_take(&d->m.in, bits);
    return exi_strings_find(strings, row->n, global, number, view) ? CCS_OK : CCS_ERR_RANGE;
}

/* A string: characters + 2, then the characters. */
static ccs_err_t read_string(decoder_t *d, const exi_row_t *row, ccs_view_t *view)
{
    uint64_t length;
    uint8_t any;
    if (!exi_in_uint(&d->m.in, &length)) {
        return CCS_ERR_LENGTH;
    }
    if (length < 2) {
        return read_reference(d, row, length == 1, view);
    }
    length -= 2;
    CCS_TRY(check_length(d, length, row));
    const uint32_t start = position(d, &d->m.in);
    const size_t used = d->arena->used;
    CCS_TRY(view_octets(d, length, view, &any));
    if (any > 127) {
        d->arena->used = used;
        seek(d, start);
        CCS_TRY(view_wide(d, length, view));
    }
    return d->options->strings == NULL ? CCS_OK : exi_strings_add(d->options->strings, row->n, *view);
}

static ccs_err_t step_text(decoder_t *d)
{
    const exi_row_t *row = d->m.row;
    ccs_view_t view = {.at = d->frame.at, .length = 0};
    bool empty;
    CCS_TRY(read_text_head(&d->m, &empty));
    if (empty) {
        CCS_TRY(check_length(d, 0, row));
    } else {
        CCS_TRY(row->kind == ROW_STRING ? read_string(d, row, &view) : read_octets(d, row, &view));
    }
    memcpy(d->m.object + row->offset, &view, sizeof view);
    go_to(&d->m, row + 1);
    return CCS_OK;
}

/* The octet at any bit of the frame that is wholly inside it. */
static unsigned frame_octet(const decoder_t *d, uint32_t bit)
{
    const uint8_t *at = d->frame.at + bit / 8;
    return bit % 8 == 0 ? at[0] : ((unsigned)at[0] << 8 | at[1]) >> (8 - bit % 8) & 0xFF;
}

/* How many groups of 7 bits the integer at bit has; 0: the frame ends before. */
static size_t count_groups(const decoder_t *d, uint32_t bit)
{
    for (size_t groups = 1; bit + 8 <= frame_bits(d); groups++) {
        if (frame_octet(d, bit) < 128) {
            return groups;
        }
        bit += 8;
    }
    return 0;
}

/* Writes the big-endian magnitude of these groups so that it ends at `end`; returns its first octet. */
static uint8_t *put_magnitude(const decoder_t *d, uint32_t bit, size_t groups, uint8_t *end)
{
    uint8_t *at = end;
    uint32_t waiting = 0;
    unsigned count = 0;
    for (size_t i = 0; i < groups; i++) {
        waiting |= (uint32_t)(frame_octet(d, bit + (uint32_t)i * 8) & 127) << count;
        count += 7;
        if (count >= 8) {
            *--at = (uint8_t)waiting;
            waiting >>= 8;
            count -= 8;
        }
    }
    if (count > 0) {
        *--at = (uint8_t)waiting;
    }
    while (at < end && *at == 0) {
        at++;
    }
    return at;
}

/* -(v + 1) of the wire becomes the magnitude of v. There is an octet before `at` for a carry. */
static uint8_t *add_one(uint8_t *at, uint8_t *end)
{
    for (uint8_t *digit = end; digit > at;) {
        digit--;
        (*digit)++;
        if (*digit != 0) {
            return at;
        }
    }
    *--at = 1;
    return at;
}

/* An integer of any size. */
static ccs_err_t step_big(decoder_t *d)
{
    const exi_row_t *row = d->m.row;
    CCS_TRY(read_zeros(&d->m, d->m.bits));
    exi_integer_t value = {.negative = exi_in_take(&d->m.in, 1) != 0};
    const uint32_t bit = position(d, &d->m.in);
    const size_t groups = count_groups(d, bit);
    if (groups == 0) {
        return CCS_ERR_TRUNCATED;
    }
    uint8_t *to = take_octets(d->arena, groups + 1);
    if (to == NULL) {
        return CCS_ERR_SPACE;
    }
    uint8_t *end = to + groups + 1;
    uint8_t *at = put_magnitude(d, bit, groups, end);
    if (value.negative) {
        at = add_one(at, end);
    }
    value.magnitude = (ccs_view_t){.at = at, .length = (size_t)(end - at)};
    memcpy(d->m.object + row->offset, &value, sizeof value);
    seek(d, bit + (uint32_t)groups * 8);
    go_to(&d->m, row + 1);
    return CCS_OK;
}

/* ---------------------------------------------------------------- structure */

static uint8_t *take_struct(decoder_t *d, const exi_slot_t *slot)
{
    exi_arena_t *arena = d->arena;
    const size_t size = (slot->size + 7u) & ~(size_t)7;
    if (size > arena->size - arena->used) {
        return NULL;
    }
    uint8_t *at = (uint8_t *)arena->at + arena->used;
    arena->used += size;
    memset(at, 0, slot->clear);
    return at;
}

/* Begins a type: `resume` is where its parent goes on after it. */
static inline void enter(machine_t *m, decoder_t *d, const exi_slot_t *slot, uint8_t *object, const exi_row_t *resume)
{
    CCS_ASSERT(m->top < d->stack + EXI_DEPTH);
    m->top++;
    m->top->call = m->row;
    m->top->resume = resume;
    m->top->object = m->object;
    m->object = object;
    go_to(m, d->tables->rows + slot->row);
}

static inline ccs_err_t step_type(machine_t *m, decoder_t *d)
{
    const exi_row_t *row = m->row;
    CCS_TRY(read_zeros(m, m->bits));
    enter(m, d, &d->tables->slots[row->m], m->object + row->offset, row + 1);
    return CCS_OK;
}

/* The end of a type. Below the root's end there is no row any more. */
static inline ccs_err_t step_end(machine_t *m)
{
    CCS_TRY(read_zeros(m, m->bits));
    const frame_t *ended = m->top--;
    m->object = ended->object;
    m->row = ended->resume;
    if (m->row != NULL) {
        m->bits = m->row->bits;
    }
    return CCS_OK;
}

static void put_pointer(uint8_t *at, const void *pointer)
{
    memcpy(at, &pointer, sizeof pointer);
}

static bool is_lazy(const exi_row_t *row)
{
    return row->kind == ROW_LAZY_FIRST || row->kind == ROW_LAZY_NEXT;
}

static bool stays_in_frame(const decoder_t *d, const exi_row_t *row)
{
    return is_lazy(row) && !d->options->whole_lists;
}

/* Notes one more item of a lazy list. Where it stays in the frame, each item is checked in the memory that the one before has used.
 */
static void note_item(decoder_t *d, const exi_row_t *row, uint32_t item, const uint8_t *node_before)
{
    exi_list_t list;
    uint8_t *at = d->m.object + row->offset;
    memcpy(&list, at, sizeof list);
    if (item == 1) {
        list.row = (uint16_t)(row + 1 - d->tables->rows);
        list.bit = position(d, &d->m.in);
    }
    if (stays_in_frame(d, row)) {
        list.count = (uint16_t)item;
        d->arena->used = item == 1 ? d->arena->used : (size_t)(node_before - (uint8_t *)d->arena->at);
    }
    memcpy(at, &list, sizeof list);
}

static bool is_first(const exi_row_t *row)
{
    return row->kind == ROW_LIST || row->kind == ROW_LIST_FIRST || row->kind == ROW_LAZY_FIRST || row->kind == ROW_CHOICES;
}

static bool has_room(const decoder_t *d, const exi_row_t *next, uint32_t item)
{
    if (next->kind == ROW_CHOICES_NEXT) {
        return true;
    }
    const uint16_t most = d->tables->spans[next->k].most;
    return most == EXI_UNBOUNDED || item < most;
}

/* The next item of a list; its event code has been read, `content` is what it holds. The stack still has the item that has just
 * ended. At the maximum the grammar goes on behind the list without asking. */
static ccs_err_t begin_item(decoder_t *d, const exi_row_t *row, const exi_slot_t *slot, const exi_slot_t *content)
{
    const exi_row_t *next = is_first(row) ? row + 1 : row;
    uint8_t *before = is_first(row) ? NULL : d->m.top[1].node;
    const uint32_t item = is_first(row) ? 1 : d->m.top[1].item + 1;
    if (is_lazy(row)) {
        note_item(d, row, item, before);
    }
    uint8_t *node = take_struct(d, slot);
    if (node == NULL) {
        return CCS_ERR_SPACE;
    }
    if (!stays_in_frame(d, row)) {
        put_pointer(before == NULL ? d->m.object + row->offset : before, node);
    }
    d->m.row = row;
    enter(&d->m, d, content, node + slot->item, has_room(d, next, item) ? next : next + 1);
    d->m.top->node = node;
    d->m.top->item = item;
    return CCS_OK;
}

static ccs_err_t begin_list(decoder_t *d, const exi_row_t *row)
{
    const exi_slot_t *slot = &d->tables->slots[row->m];
    return begin_item(d, row, slot, slot);
}

/* One alternative of a choice; the union lies behind which. */
static ccs_err_t begin_alternative(decoder_t *d, const exi_row_t *row, unsigned alternative)
{
    const exi_slot_t *slot = &d->tables->slots[row->m + alternative];
    uint8_t *which = d->m.object + row->offset;
    *which = (uint8_t)(alternative + 1);
    memset(which + slot->item, 0, slot->clear);
    d->m.row = row;
    enter(&d->m, d, slot, which + slot->item, row + 1);
    d->m.top->item = alternative + 1;
    return CCS_OK;
}

static ccs_err_t begin_pointer(decoder_t *d, const exi_row_t *row)
{
    const exi_slot_t *slot = &d->tables->slots[row->m];
    uint8_t *object = take_struct(d, slot);
    if (object == NULL) {
        return CCS_ERR_SPACE;
    }
    put_pointer(d->m.object + row->offset, object);
    d->m.row = row;
    enter(&d->m, d, slot, object, row + 1);
    return CCS_OK;
}

/* A list of choices: `which` is the first member of its item. */
static ccs_err_t begin_choices(decoder_t *d, const exi_row_t *row, unsigned alternative)
{
    const exi_slot_t *slot = &d->tables->slots[row->m];
    CCS_TRY(begin_item(d, row, slot, slot + 1 + alternative));
    uint8_t *which = d->m.object;
    *which = (uint8_t)(alternative + 1);
    d->m.object = which + slot[1 + alternative].item;
    return CCS_OK;
}

/* What an event code has chosen: the row, and in a choice the alternative. */
static ccs_err_t take_production(decoder_t *d, const exi_row_t *row, unsigned alternative)
{
    switch (row->kind) {
    case ROW_OPTION:
        d->m.object[row->offset] = 1;
        go_to(&d->m, row + 1);
        return CCS_OK;
    case ROW_POINTER:
        return begin_pointer(d, row);
    case ROW_LIST:
    case ROW_LIST_NEXT:
    case ROW_LAZY_NEXT:
        return begin_list(d, row);
    case ROW_CHOICE:
        return begin_alternative(d, row, alternative);
    case ROW_CHOICES:
    case ROW_CHOICES_NEXT:
        return begin_choices(d, row, alternative);
    case ROW_ANY:
        return CCS_ERR_UNSUPPORTED;
    default: /* a mandatory row: the event code stood for its first k zero bits */
        d->m.row = row;
        d->m.bits = (unsigned)row->bits - row->k;
        return CCS_OK;
    }
}

/* The row that code c of the state at `row` stands for; *code is what is left of it for a choice. */
static const exi_row_t *walk(const exi_row_t *row, unsigned *code)
{
    while (*code > 0 && *code >= exi_row_codes(row)) {
        *code -= exi_row_codes(row);
        row += exi_row_skip(row);
    }
    return row;
}

/* The escape code. All that is taken of what may follow is the end of an element that has attributes and should have octets. */
static ccs_err_t step_escape(decoder_t *d)
{
    unsigned code = d->m.row->n - 1u;
    const exi_row_t *row = walk(d->m.row, &code);
    if (row->kind != ROW_OCTETS || row->bits != row->k || exi_in_peek(&d->m.in, d->m.bits + 3) % 8 != 0) {
        return CCS_ERR_UNSUPPORTED;
    }
    const ccs_view_t empty = {.at = d->frame.at, .length = 0};
    memcpy(d->m.object + row->offset, &empty, sizeof empty);
    d->m.in.pos += d->m.bits + 2; /* the last of 000 serves as the value's EE */
    go_to(&d->m, row + 1);
    return CCS_OK;
}

/* A state: an event code says which of several productions follows. */
static ccs_err_t step_state(decoder_t *d)
{
    unsigned code = exi_in_peek(&d->m.in, d->m.bits);
    if (code >= d->m.row->n) {
        return code == d->m.row->n ? step_escape(d) : CCS_ERR_EVENT;
    }
    const exi_in_t before = d->m.in;
    const exi_row_t *row = walk(d->m.row, &code);
    d->m.in.pos += d->m.bits;
    const ccs_err_t err = take_production(d, row, code);
    if (err != CCS_OK) {
        d->m.in = before;
    }
    return err;
}

/* Mandatory first item of a list. */
static ccs_err_t step_list_first(decoder_t *d)
{
    const exi_row_t *row = d->m.row;
    CCS_TRY(read_zeros(&d->m, d->m.bits));
    return begin_list(d, row);
}

/* ---------------------------------------------------------------- the interpreter */

/* Rows that are few, or lead elsewhere: the machine is parked in the decoder. */
static ccs_err_t step_parked(decoder_t *d)
{
    switch (d->m.row->kind) {
    case ROW_OCTETS:
    case ROW_STRING:
        return step_text(d);
    case ROW_INTEGER:
        return step_big(d);
    case ROW_LITERAL:
        return step_literal(&d->m);
    case ROW_N16:
        return step_n16(&d->m, d);
    case ROW_LIST_FIRST:
    case ROW_LAZY_FIRST:
        return step_list_first(d);
    default:
        return step_state(d);
    }
}

/* The state seen most: an optional field, present. */
static inline bool takes_option(machine_t *m)
{
    if (m->row->kind != ROW_OPTION || exi_in_peek(&m->in, m->bits) != 0) {
        return false;
    }
    m->in.pos += m->bits;
    m->object[m->row->offset] = 1;
    go_to(m, m->row + 1);
    return true;
}

static inline ccs_err_t step(machine_t *m, decoder_t *d)
{
    switch (m->row->kind) {
    case ROW_N8:
        return step_n8(m, d);
    case ROW_ENUM:
        return step_enum(m, d);
    case ROW_PHYSICAL:
        return step_physical(m, d);
    case ROW_PHYSICAL_OPTIONAL:
        return step_physical_optional(m, d);
    case ROW_RATIONAL:
        return step_rational(m);
    case ROW_INT16:
        return step_int16(m);
    case ROW_INT32:
    case ROW_INT64:
    case ROW_UINT16:
    case ROW_UINT32:
    case ROW_UINT64:
        return step_integer(m, d);
    case ROW_TYPE:
        return step_type(m, d);
    case ROW_ZEROS:
        CCS_TRY(read_zeros(m, m->bits));
        go_to(m, m->row + 1);
        return CCS_OK;
    case ROW_END:
        return step_end(m);
    default:
        if (takes_option(m)) {
            return CCS_OK;
        }
        d->m = *m;
        const ccs_err_t err = step_parked(d);
        *m = d->m;
        return err;
    }
}

/* Runs from the parked machine's row to the end of the type it was put on. */
static ccs_err_t run(decoder_t *d)
{
    machine_t m = d->m;
    ccs_err_t err = CCS_OK;
    while (err == CCS_OK && m.row != NULL) {
        if (m.in.pos > m.in.limit) {
            d->m = m;
            err = near_end(d);
            m = d->m;
            continue;
        }
        err = step(&m, d);
    }
    d->m = m;
    return err;
}

/* Puts the machine on a slot's rows at a bit of the frame. */
static void start(decoder_t *d, uint32_t bit, const exi_slot_t *slot, uint8_t *object)
{
    seek(d, bit);
    d->m.top = d->stack;
    d->m.object = object;
    d->m.row = NULL;
    enter(&d->m, d, slot, object, NULL);
}

/* A step that read zeros behind the end has met the end, whatever it says. */
static ccs_err_t true_error(const decoder_t *d, ccs_err_t err)
{
    const uint32_t bit = position(d, &d->m.in) + (d->m.row == NULL ? 0 : d->m.bits);
    return err != CCS_ERR_SPACE && bit > frame_bits(d) ? CCS_ERR_TRUNCATED : err;
}

static void note_fault(const decoder_t *d, ccs_err_t err, exi_fault_t *fault)
{
    fault->err = true_error(d, err);
    const uint32_t at = (uint32_t)position(d, &d->m.in);
    fault->bit = at < frame_bits(d) ? at : (uint32_t)frame_bits(d);
    fault->depth = 0;
    for (const frame_t *frame = d->stack + 2; frame <= d->m.top; frame++) {
        fault->trail[fault->depth].row = (uint16_t)(frame->call - d->tables->rows);
        fault->trail[fault->depth].item = (uint16_t)frame->item;
        fault->depth++;
    }
    if (d->m.row != NULL) {
        fault->trail[fault->depth].row = (uint16_t)(d->m.row - d->tables->rows);
        fault->trail[fault->depth].item = 0;
        fault->depth++;
    }
}

/* ---------------------------------------------------------------- documents, fragments, list items */

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

/* The octet that says EXI version 1 without options, and the code of the root. */
static ccs_err_t read_head(decoder_t *d, const exi_set_t *set, exi_message_t *message)
{
    if (d->frame.length > EXI_FRAME_MAX) {
        return CCS_ERR_SPACE;
    }
    if (d->frame.length < 2) {
        return CCS_ERR_TRUNCATED;
    }
    seek(d, 0);
    if (d->frame.at[0] != 0x80) {
        return CCS_ERR_HEADER;
    }
    d->m.in.pos += 8;
    const unsigned bits = d->options->fragment ? set->fragment_bits : set->root_bits;
    message->root = (uint16_t)(exi_in_peek(&d->m.in, bits) | (d->options->fragment ? EXI_FRAGMENT : 0));
    if (exi_find_root(set, message->root) == NULL) {
        return CCS_ERR_UNSUPPORTED;
    }
    d->m.in.pos += bits;
    return CCS_OK;
}

static ccs_err_t read_root(decoder_t *d, const exi_set_t *set, exi_message_t *message)
{
    CCS_TRY(read_head(d, set, message));
    const exi_slot_t *slot = &d->tables->slots[exi_find_root(set, message->root)->slot];
    message->at = take_struct(d, slot);
    if (message->at == NULL) {
        return CCS_ERR_SPACE;
    }
    start(d, position(d, &d->m.in), slot, message->at);
    CCS_TRY(run(d));
    if (d->options->fragment) {
        if (exi_in_peek(&d->m.in, set->fragment_bits) != set->fragment_end) {
            return CCS_ERR_EVENT;
        }
        d->m.in.pos += set->fragment_bits;
    }
    return position(d, &d->m.in) > frame_bits(d) ? CCS_ERR_TRUNCATED : CCS_OK;
}

static void prepare(decoder_t *d, const exi_set_t *set, ccs_view_t frame, const exi_options_t *options, exi_arena_t *arena)
{
    d->tables = set->tables;
    d->frame = frame;
    d->arena = arena;
    d->options = options;
    d->soft = 0;
    d->from = 0;
    d->m = (machine_t){.top = d->stack};
    const size_t skipped = (size_t)(-(uintptr_t)arena->at & 7); /* a 32-bit compiler may align uint64_t memory to 4 only */
    arena->used = skipped < arena->size ? skipped : arena->size;
}

ccs_err_t exi_decode_with(const exi_set_t *set, ccs_view_t frame, const exi_options_t *options, exi_arena_t *arena,
                          exi_message_t *message)
{
    decoder_t d;
    prepare(&d, set, frame, options, arena);
    if (options->strings != NULL) {
        options->strings->count = 0;
    }
    message->root = 0;
    message->at = NULL;
    message->fault.err = CCS_OK;
    ccs_err_t err = read_root(&d, set, message);
    message->bits = position(&d, &d.m.in);
    message->soft = (uint16_t)(d.soft > UINT16_MAX ? UINT16_MAX : d.soft);
    if (err != CCS_OK) {
        note_fault(&d, err, &message->fault);
        message->fault.root = message->root;
        message->at = NULL;
        err = message->fault.err;
    }
    return err;
}

ccs_err_t exi_decode(const exi_set_t *set, ccs_view_t frame, exi_arena_t *arena, exi_message_t *message)
{
    static const exi_options_t plain = {.fragment = false};
    return exi_decode_with(set, frame, &plain, arena, message);
}

void exi_list_first(exi_cursor_t *cursor, const exi_set_t *set, ccs_view_t frame, const exi_list_t *list)
{
    *cursor =
        (exi_cursor_t){.set = set, .frame = frame, .nodes = list->nodes, .bit = list->bit, .row = list->row, .left = list->count};
}

/* Decodes the item at the cursor and moves the cursor over the event code of the next one. */
static ccs_err_t read_item(exi_cursor_t *cursor, exi_arena_t *scratch, const void **item)
{
    static const exi_options_t plain = {.fragment = false};
    decoder_t d;
    prepare(&d, cursor->set, cursor->frame, &plain, scratch);
    const exi_row_t *row = &d.tables->rows[cursor->row];
    const exi_slot_t *slot = &d.tables->slots[row->m];
    uint8_t *node = take_struct(&d, slot);
    if (node == NULL) {
        return CCS_ERR_SPACE;
    }
    start(&d, cursor->bit, slot, node + slot->item);
    CCS_TRY(run(&d));
    cursor->bit = position(&d, &d.m.in) + row->bits;
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
