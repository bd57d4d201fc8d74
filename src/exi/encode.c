/* The encoder: walks rows and structs together. The counterpart of decode.c, row by row; what the schema forbids is refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "exi/bits_out.h"
#include "exi/rows.h"
#include "exi/text.h"
#include <string.h>

/* A type that is being written, and where its parent goes on. */
typedef struct frame {
    const exi_row_t *call;
    const exi_row_t *resume; /* NULL below the root */
    const uint8_t *object;   /* the parent's struct */
    const uint8_t *node;     /* list item: its node */
    uint32_t item;           /* list: how many items; choice: which alternative */
} frame_t;

typedef struct machine {
    exi_out_t out;
    const exi_row_t *row;
    unsigned bits; /* of the row; less where an event code of before has chosen it */
    const uint8_t *object;
    frame_t *top;
} machine_t;

typedef struct encoder {
    machine_t m;
    const exi_tables_t *tables;
    const uint8_t *buffer;
    frame_t stack[EXI_DEPTH + 1];
} encoder_t;

static inline void go_to(machine_t *m, const exi_row_t *row)
{
    m->row = row;
    m->bits = row->bits;
}

/* ---------------------------------------------------------------- values */

static inline uint32_t get_enum(const uint8_t *at)
{
    exi_enum_t value;
    memcpy(&value, at, sizeof value);
    return (uint32_t)value;
}

static inline int16_t get_int16(const uint8_t *at)
{
    int16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline ccs_err_t write_code(machine_t *m, unsigned bits, uint32_t highest, uint32_t code)
{
    if (code > highest) {
        return CCS_ERR_RANGE;
    }
    exi_out_put(&m->out, code, bits);
    return CCS_OK;
}

/* Zero bits, a sign and the magnitude of a 16-bit integer, in one go where it is short. */
static inline void write_int16(machine_t *m, unsigned zeros, int16_t value)
{
    const uint32_t sign = value < 0;
    const uint32_t magnitude = (uint32_t)(value < 0 ? -(value + 1) : value);
    if (magnitude < 0x80) {
        exi_out_put(&m->out, sign << 8 | magnitude, zeros + 9);
        return;
    }
    exi_out_put(&m->out, sign << 8 | (magnitude & 127) | 128, zeros + 9);
    if (magnitude < 0x4000) {
        exi_out_put(&m->out, magnitude >> 7, 8);
        return;
    }
    exi_out_put(&m->out, (magnitude >> 7 & 127) << 8 | 128 << 8 | magnitude >> 14, 16);
}

static inline ccs_err_t step_n8(machine_t *m)
{
    const exi_row_t *row = m->row;
    CCS_TRY(write_code(m, m->bits, row->m, (uint8_t)(m->object[row->offset] - row->n)));
    go_to(m, row + 1);
    return CCS_OK;
}

static inline ccs_err_t step_enum(machine_t *m)
{
    const exi_row_t *row = m->row;
    CCS_TRY(write_code(m, m->bits, row->m, get_enum(m->object + row->offset)));
    go_to(m, row + 1);
    return CCS_OK;
}

static inline ccs_err_t step_n16(machine_t *m)
{
    const exi_row_t *row = m->row;
    CCS_TRY(write_code(m, m->bits, row->m, (uint16_t)(get_int16(m->object + row->offset) - row->n)));
    go_to(m, row + 1);
    return CCS_OK;
}

static inline ccs_err_t step_int16(machine_t *m)
{
    write_int16(m, m->bits, get_int16(m->object + m->row->offset));
    go_to(m, m->row + 1);
    return CCS_OK;
}

enum { MULTIPLIER_HIGHEST = 6, MULTIPLIER_LEAST = -3, EE_SE_CH = 3 }; /* the three zero bits between two simple elements */

static inline ccs_err_t write_multiplier(machine_t *m, const uint8_t *at)
{
    return write_code(m, m->bits, MULTIPLIER_HIGHEST, (uint8_t)(*at - MULTIPLIER_LEAST));
}

static inline ccs_err_t step_physical(machine_t *m)
{
    const exi_row_t *row = m->row;
    const uint8_t *at = m->object + row->offset;
    CCS_TRY(write_multiplier(m, at + offsetof(exi_physical_t, multiplier)));
    CCS_TRY(write_code(m, EE_SE_CH + 3, row->m, get_enum(at + offsetof(exi_physical_t, unit))));
    write_int16(m, EE_SE_CH, get_int16(at + offsetof(exi_physical_t, value)));
    go_to(m, row + 1);
    return CCS_OK;
}

/* After Multiplier and its EE a code says whether Unit (0) or Value (1) follows. */
static inline ccs_err_t step_physical_optional(machine_t *m)
{
    const exi_row_t *row = m->row;
    const uint8_t *at = m->object + row->offset;
    const int16_t value = get_int16(at + offsetof(exi_physical_optional_t, value));
    CCS_TRY(write_multiplier(m, at + offsetof(exi_physical_optional_t, multiplier)));
    if (at[offsetof(exi_physical_optional_t, has_unit)] == 0) {
        exi_out_put(&m->out, 1, 3);
        write_int16(m, 1, value);
    } else {
        CCS_TRY(write_code(m, 3 + 1 + 4, row->m, get_enum(at + offsetof(exi_physical_optional_t, unit))));
        write_int16(m, EE_SE_CH, value);
    }
    go_to(m, row + 1);
    return CCS_OK;
}

static inline ccs_err_t step_rational(machine_t *m)
{
    const exi_row_t *row = m->row;
    const uint8_t *at = m->object + row->offset;
    exi_out_put(&m->out, (uint8_t)(at[offsetof(exi_rational_t, exponent)] + 128), m->bits);
    write_int16(m, EE_SE_CH, get_int16(at + offsetof(exi_rational_t, value)));
    go_to(m, row + 1);
    return CCS_OK;
}

/* The value of an integer row, sign-extended. */
static inline uint64_t get_integer(const exi_row_t *row, const uint8_t *at)
{
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    switch (row->kind) {
    case ROW_UINT16:
        memcpy(&u16, at, sizeof u16);
        return u16;
    case ROW_UINT32:
        memcpy(&u32, at, sizeof u32);
        return u32;
    case ROW_INT32:
        memcpy(&u32, at, sizeof u32);
        return u32 > INT32_MAX ? u32 | UINT64_MAX << 32 : u32;
    default:
        memcpy(&u64, at, sizeof u64);
        return u64;
    }
}

static inline ccs_err_t step_integer(machine_t *m, const encoder_t *e)
{
    const exi_row_t *row = m->row;
    uint64_t value = get_integer(row, m->object + row->offset);
    unsigned bits = m->bits;
    uint32_t negative = 0;
    if (row->kind == ROW_INT32 || row->kind == ROW_INT64) {
        negative = value > INT64_MAX;
        value = negative ? ~value : value;
        bits++;
    }
    if (value > e->tables->limits[row->m] || value < row->n) {
        return CCS_ERR_RANGE;
    }
    exi_out_put(&m->out, negative, bits);
    exi_out_uint(&m->out, value);
    go_to(m, row + 1);
    return CCS_OK;
}

/* ---------------------------------------------------------------- strings and octets */

static bool fits(const encoder_t *e, const exi_row_t *row, uint64_t length)
{
    const exi_span_t *span = &e->tables->spans[row->m];
    return length >= span->least && (length <= span->most || span->most == EXI_UNBOUNDED);
}

static ccs_err_t write_octets(encoder_t *e, const exi_row_t *row, ccs_view_t view)
{
    if (!fits(e, row, view.length)) {
        return CCS_ERR_LENGTH;
    }
    exi_out_put(&e->m.out, 0, e->m.bits);
    exi_out_uint(&e->m.out, view.length);
    exi_out_octets(&e->m.out, view.at, view.length);
    return CCS_OK;
}

static ccs_err_t write_string(encoder_t *e, const exi_row_t *row, ccs_view_t view)
{
    const int64_t characters = exi_text_count(view);
    if (characters < 0) {
        return CCS_ERR_TEXT;
    }
    if (!fits(e, row, (uint64_t)characters)) {
        return CCS_ERR_LENGTH;
    }
    exi_out_put(&e->m.out, 0, e->m.bits);
    exi_out_uint(&e->m.out, (uint64_t)characters + 2);
    if ((size_t)characters == view.length) { /* all below U+0080: octets as they are */
        exi_out_octets(&e->m.out, view.at, view.length);
        return CCS_OK;
    }
    for (size_t i = 0; i < view.length;) {
        exi_out_uint(&e->m.out, (uint64_t)exi_text_next(view, &i));
    }
    return CCS_OK;
}

static ccs_err_t step_text(encoder_t *e)
{
    const exi_row_t *row = e->m.row;
    ccs_view_t view;
    memcpy(&view, e->m.object + row->offset, sizeof view);
    if (view.length > EXI_FRAME_MAX || (view.at == NULL && view.length > 0)) {
        return CCS_ERR_LENGTH;
    }
    CCS_TRY(row->kind == ROW_STRING ? write_string(e, row, view) : write_octets(e, row, view));
    go_to(&e->m, row + 1);
    return CCS_OK;
}

/* Groups of 7 bits that a magnitude without leading zero octets takes. */
static size_t count_groups(ccs_view_t magnitude)
{
    size_t bits = magnitude.length * 8;
    for (unsigned mask = 128; bits > 0 && (magnitude.at[0] & mask) == 0; mask >>= 1) {
        bits--;
    }
    return bits == 0 ? 1 : (bits + 6) / 7;
}

/* The i-th group, counted from the least significant. */
static unsigned group_at(ccs_view_t magnitude, size_t i)
{
    const size_t octet = i * 7 / 8;
    const size_t left = magnitude.length > octet ? magnitude.length - octet : 0;
    const unsigned low = left > 0 ? magnitude.at[left - 1] : 0;
    const unsigned high = left > 1 ? magnitude.at[left - 2] : 0;
    return (high << 8 | low) >> (i * 7 % 8) & 127;
}

/* Writes a magnitude, least significant group first; `borrow` (0 or 1) is taken off it. */
static void write_magnitude(exi_out_t *out, ccs_view_t magnitude, unsigned borrow)
{
    const size_t groups = count_groups(magnitude);
    bool more = true;
    for (size_t i = 0; more; i++) {
        const unsigned group = group_at(magnitude, i);
        const unsigned digit = (group - borrow) & 127;
        borrow = group < borrow;
        const bool next_is_zero = i + 2 == groups && group_at(magnitude, i + 1) == borrow;
        more = i + 1 < groups && !next_is_zero;
        exi_out_put(out, digit | (more ? 128u : 0u), 8);
    }
}

static ccs_err_t step_big(encoder_t *e)
{
    const exi_row_t *row = e->m.row;
    exi_integer_t value;
    memcpy(&value, e->m.object + row->offset, sizeof value);
    ccs_view_t magnitude = value.magnitude;
    if (magnitude.length > EXI_FRAME_MAX || (magnitude.at == NULL && magnitude.length > 0)) {
        return CCS_ERR_LENGTH;
    }
    while (magnitude.length > 0 && magnitude.at[0] == 0) {
        magnitude.at++;
        magnitude.length--;
    }
    if (value.negative && magnitude.length == 0) {
        return CCS_ERR_RANGE; /* there is no -0 */
    }
    exi_out_put(&e->m.out, value.negative, e->m.bits + 1);
    write_magnitude(&e->m.out, magnitude, value.negative);
    go_to(&e->m, row + 1);
    return CCS_OK;
}

/* ---------------------------------------------------------------- structure */

/* Begins a type: `resume` is where its parent goes on after it. */
static inline void enter(machine_t *m, encoder_t *e, const exi_slot_t *slot, const uint8_t *object, const exi_row_t *resume)
{
    CCS_ASSERT(m->top < e->stack + EXI_DEPTH);
    m->top++;
    m->top->call = m->row;
    m->top->resume = resume;
    m->top->object = m->object;
    m->object = object;
    go_to(m, e->tables->rows + slot->row);
}

static inline ccs_err_t step_type(machine_t *m, encoder_t *e)
{
    const exi_row_t *row = m->row;
    exi_out_put(&m->out, 0, m->bits);
    enter(m, e, &e->tables->slots[row->m], m->object + row->offset, row + 1);
    return CCS_OK;
}

static inline ccs_err_t step_end(machine_t *m)
{
    exi_out_put(&m->out, 0, m->bits);
    const frame_t *ended = m->top--;
    m->object = ended->object;
    m->row = ended->resume;
    if (m->row != NULL) {
        m->bits = m->row->bits;
    }
    return CCS_OK;
}

static const uint8_t *get_pointer(const uint8_t *at)
{
    const uint8_t *pointer;
    memcpy(&pointer, at, sizeof pointer);
    return pointer;
}

/* The node that a list row writes, NULL: none. */
static const uint8_t *next_node(const encoder_t *e, const exi_row_t *row)
{
    const bool further = row->kind == ROW_LIST_NEXT || row->kind == ROW_LAZY_NEXT || row->kind == ROW_CHOICES_NEXT;
    return get_pointer(further ? e->m.top[1].node : e->m.object + row->offset);
}

static bool is_present(const encoder_t *e, const exi_row_t *row)
{
    switch (row->kind) {
    case ROW_OPTION:
    case ROW_CHOICE:
        return e->m.object[row->offset] != 0;
    case ROW_POINTER:
        return get_pointer(e->m.object + row->offset) != NULL;
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

/* Begins the node of a list, whose event code has been written. */
static ccs_err_t begin_item(encoder_t *e, const exi_row_t *row, const exi_slot_t *slot, const exi_slot_t *content,
                            const uint8_t *object)
{
    const bool further = row->kind == ROW_LIST_NEXT || row->kind == ROW_LAZY_NEXT || row->kind == ROW_CHOICES_NEXT;
    const exi_row_t *next = further ? row : row + 1;
    const uint8_t *node = next_node(e, row);
    const uint32_t item = further ? e->m.top[1].item + 1 : 1;
    const uint16_t most = next->kind == ROW_CHOICES_NEXT ? EXI_UNBOUNDED : e->tables->spans[next->k].most;
    const bool room = most == EXI_UNBOUNDED || item < most;
    if (!room && get_pointer(node) != NULL) {
        return CCS_ERR_LENGTH;
    }
    e->m.row = row;
    enter(&e->m, e, content, object == NULL ? node + slot->item : object, room ? next : next + 1);
    e->m.top->node = node;
    e->m.top->item = item;
    return CCS_OK;
}

static ccs_err_t begin_list(encoder_t *e, const exi_row_t *row)
{
    const exi_slot_t *slot = &e->tables->slots[row->m];
    return begin_item(e, row, slot, slot, NULL);
}

static bool is_abstract(const encoder_t *e, const exi_slot_t *slot)
{
    return e->tables->rows[slot->row].kind == ROW_ANY;
}

static ccs_err_t begin_choices(encoder_t *e, const exi_row_t *row, unsigned alternative)
{
    const exi_slot_t *slot = &e->tables->slots[row->m];
    const exi_slot_t *content = slot + 1 + alternative;
    const uint8_t *which = next_node(e, row) + slot->item;
    return is_abstract(e, content) ? CCS_ERR_UNSUPPORTED : begin_item(e, row, slot, content, which + content->item);
}

static ccs_err_t begin_alternative(encoder_t *e, const exi_row_t *row, unsigned alternative)
{
    const exi_slot_t *slot = &e->tables->slots[row->m + alternative];
    if (is_abstract(e, slot)) {
        return CCS_ERR_UNSUPPORTED;
    }
    e->m.row = row;
    enter(&e->m, e, slot, e->m.object + row->offset + slot->item, row + 1);
    e->m.top->item = alternative + 1;
    return CCS_OK;
}

/* Goes on with the production that was found present; its event code has been written. */
static ccs_err_t begin_production(encoder_t *e, const exi_row_t *row, unsigned alternative)
{
    switch (row->kind) {
    case ROW_OPTION:
        go_to(&e->m, row + 1);
        return CCS_OK;
    case ROW_POINTER:
        e->m.row = row;
        enter(&e->m, e, &e->tables->slots[row->m], get_pointer(e->m.object + row->offset), row + 1);
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
static unsigned alternative_of(const encoder_t *e, const exi_row_t *row)
{
    if (row->kind == ROW_CHOICE) {
        return e->m.object[row->offset] - 1u;
    }
    if (row->kind == ROW_CHOICES || row->kind == ROW_CHOICES_NEXT) {
        return next_node(e, row)[e->tables->slots[row->m].item] - 1u;
    }
    return 0;
}

/* A state: finds the first production that is present and writes its event code. */
static ccs_err_t step_state(encoder_t *e)
{
    const exi_row_t *row = e->m.row;
    const unsigned productions = row->n;
    const unsigned bits = e->m.bits;
    unsigned code = 0;
    while (!is_present(e, row)) {
        code += exi_row_codes(row);
        if (code >= productions) {
            return CCS_ERR_MISSING;
        }
        row += exi_row_skip(row);
    }
    const unsigned alternative = alternative_of(e, row);
    if (alternative >= exi_row_codes(row)) {
        return CCS_ERR_RANGE;
    }
    if (code + alternative >= productions) {
        return CCS_ERR_MISSING;
    }
    exi_out_put(&e->m.out, code + alternative, bits);
    return begin_production(e, row, alternative);
}

/* Mandatory first item of a list. */
static ccs_err_t step_list_first(encoder_t *e)
{
    const exi_row_t *row = e->m.row;
    if (next_node(e, row) == NULL) {
        exi_list_t list = {.count = 0};
        if (row->kind == ROW_LAZY_FIRST) {
            memcpy(&list, e->m.object + row->offset, sizeof list);
        }
        return list.count > 0 ? CCS_ERR_UNSUPPORTED : CCS_ERR_MISSING;
    }
    exi_out_put(&e->m.out, 0, e->m.bits);
    return begin_list(e, row);
}

/* ---------------------------------------------------------------- the interpreter */

/* Rows that are few, or lead elsewhere: the machine is parked in the encoder. */
static ccs_err_t step_parked(encoder_t *e)
{
    switch (e->m.row->kind) {
    case ROW_OCTETS:
    case ROW_STRING:
        return step_text(e);
    case ROW_INTEGER:
        return step_big(e);
    case ROW_N16:
        return step_n16(&e->m);
    case ROW_LITERAL:
        exi_out_put(&e->m.out, e->m.row->m, e->m.bits);
        go_to(&e->m, e->m.row + 1);
        return CCS_OK;
    case ROW_LIST_FIRST:
    case ROW_LAZY_FIRST:
        return step_list_first(e);
    default:
        return step_state(e);
    }
}

/* The state seen most: an optional field, present. */
static inline bool takes_option(machine_t *m)
{
    if (m->row->kind != ROW_OPTION || m->object[m->row->offset] == 0) {
        return false;
    }
    exi_out_put(&m->out, 0, m->bits);
    go_to(m, m->row + 1);
    return true;
}

static inline ccs_err_t step(machine_t *m, encoder_t *e)
{
    switch (m->row->kind) {
    case ROW_N8:
        return step_n8(m);
    case ROW_ENUM:
        return step_enum(m);
    case ROW_PHYSICAL:
        return step_physical(m);
    case ROW_PHYSICAL_OPTIONAL:
        return step_physical_optional(m);
    case ROW_RATIONAL:
        return step_rational(m);
    case ROW_INT16:
        return step_int16(m);
    case ROW_INT32:
    case ROW_INT64:
    case ROW_UINT16:
    case ROW_UINT32:
    case ROW_UINT64:
        return step_integer(m, e);
    case ROW_TYPE:
        return step_type(m, e);
    case ROW_ZEROS:
        exi_out_put(&m->out, 0, m->bits);
        go_to(m, m->row + 1);
        return CCS_OK;
    case ROW_END:
        return step_end(m);
    default:
        if (takes_option(m)) {
            return CCS_OK;
        }
        e->m = *m;
        const ccs_err_t err = step_parked(e);
        *m = e->m;
        return err;
    }
}

static ccs_err_t run(encoder_t *e)
{
    machine_t m = e->m;
    ccs_err_t err = CCS_OK;
    while (err == CCS_OK && m.row != NULL) {
        err = step(&m, e);
    }
    e->m = m;
    return err;
}

static void note_fault(const encoder_t *e, ccs_err_t err, uint16_t root, exi_fault_t *fault)
{
    fault->err = err;
    fault->root = root;
    fault->bit = (uint32_t)(e->m.out.at - e->buffer) * 8 + e->m.out.count;
    fault->depth = 0;
    for (const frame_t *frame = e->stack + 2; frame <= e->m.top; frame++) {
        fault->trail[fault->depth].row = (uint16_t)(frame->call - e->tables->rows);
        fault->trail[fault->depth].item = (uint16_t)frame->item;
        fault->depth++;
    }
    if (e->m.row != NULL) {
        fault->trail[fault->depth].row = (uint16_t)(e->m.row - e->tables->rows);
        fault->trail[fault->depth].item = 0;
        fault->depth++;
    }
}

static ccs_err_t write_root(encoder_t *e, const exi_set_t *set, uint16_t root, const void *message)
{
    const exi_root_t *found = exi_find_root(set, root);
    if (found == NULL) {
        return CCS_ERR_UNSUPPORTED;
    }
    const bool fragment = (root & EXI_FRAGMENT) != 0;
    exi_out_put(&e->m.out, 0x80, 8);
    exi_out_put(&e->m.out, found->code, fragment ? set->fragment_bits : set->root_bits);
    e->m.top->item = 0;
    enter(&e->m, e, &set->tables->slots[found->slot], message, NULL);
    CCS_TRY(run(e));
    if (fragment) {
        exi_out_put(&e->m.out, set->fragment_end, set->fragment_bits);
    }
    exi_out_finish(&e->m.out);
    return e->m.out.full ? CCS_ERR_SPACE : CCS_OK;
}

ccs_err_t exi_encode(const exi_set_t *set, uint16_t root, const void *message, uint8_t *buffer, size_t size, size_t *length,
                     exi_fault_t *fault)
{
    encoder_t e;
    e.m = (machine_t){.out = {.at = buffer, .end = buffer + size}, .top = e.stack};
    e.tables = set->tables;
    e.buffer = buffer;
    const ccs_err_t err = write_root(&e, set, root, message);
    *length = err == CCS_OK ? (size_t)(e.m.out.at - buffer) : 0;
    if (fault != NULL) {
        fault->err = CCS_OK;
        if (err != CCS_OK) {
            note_fault(&e, err, root, fault);
        }
    }
    return err;
}
