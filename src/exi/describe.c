/* Messages by name: reading, writing and walking structs along the generated descriptions.
 * SPDX-License-Identifier: Apache-2.0 */
#include "exi/describe.h"
#include "base/assert.h"
#include <string.h>

/* ---------------------------------------------------------------- finding */

const exi_root_name_t *exi_root_find(const exi_description_t *description, uint16_t root)
{
    for (size_t i = 0; i < description->count; i++) {
        if (description->roots[i].root == root) {
            return &description->roots[i];
        }
    }
    return NULL;
}

const exi_root_name_t *exi_root_named(const exi_description_t *description, bool fragment, const char *name)
{
    for (size_t i = 0; i < description->count; i++) {
        const exi_root_name_t *root = &description->roots[i];
        if (((root->root & EXI_FRAGMENT) != 0) == fragment && strcmp(root->name, name) == 0) {
            return root;
        }
    }
    return NULL;
}

static const exi_field_t *named(const exi_field_t *fields, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (fields[i].kind != EXI_CHOICE && strcmp(fields[i].name, name) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

const exi_field_t *exi_field_named(const exi_type_t *type, const char *name, const exi_field_t **choice)
{
    *choice = NULL;
    const exi_field_t *found = named(type->fields, type->count, name);
    for (size_t i = 0; found == NULL && i < type->count; i++) {
        const exi_field_t *field = &type->fields[i];
        if (field->kind == EXI_CHOICE) {
            found = named(field->alternatives, field->count, name);
            *choice = found == NULL ? NULL : field;
        }
    }
    return found;
}

/* ---------------------------------------------------------------- reading */

static const void *pointer_at(const uint8_t *at)
{
    const void *pointer;
    memcpy(&pointer, at, sizeof pointer);
    return pointer;
}

const void *exi_value(const exi_field_t *field, const void *object)
{
    const uint8_t *base = object;
    if (base == NULL) {
        return NULL;
    }
    if (field->occurs == EXI_POINTER) {
        return pointer_at(base + field->offset);
    }
    if (field->occurs == EXI_OPTIONAL && base[field->has] == 0) {
        return NULL;
    }
    return base + field->offset;
}

static bool is_list(const exi_field_t *field)
{
    return field->occurs == EXI_LIST || field->occurs == EXI_LIST_SOME;
}

const exi_node_t *exi_nodes(const exi_field_t *field, const void *object)
{
    return is_list(field) ? pointer_at((const uint8_t *)object + field->offset) : NULL;
}

const void *exi_node_value(const exi_field_t *field, const exi_node_t *node)
{
    return (const uint8_t *)node + field->item;
}

const exi_field_t *exi_chosen(const exi_field_t *choice, const void *value, const void **at)
{
    const uint8_t *which = value;
    if (*which == 0 || *which > choice->count) {
        return NULL;
    }
    const exi_field_t *alternative = &choice->alternatives[*which - 1];
    *at = which + alternative->offset;
    return alternative;
}

bool exi_is_signed(const exi_field_t *field)
{
    return field->kind >= EXI_INT8 && field->kind <= EXI_INT64;
}

/* Octets of a number in memory. */
static size_t width_of(const exi_field_t *field)
{
    static const uint8_t widths[] = {
        [EXI_BOOL] = sizeof(bool), [EXI_INT8] = 1,   [EXI_INT16] = 2,  [EXI_INT32] = 4,  [EXI_INT64] = 8,
        [EXI_UINT8] = 1,           [EXI_UINT16] = 2, [EXI_UINT32] = 4, [EXI_UINT64] = 8, [EXI_ENUM] = 4};
    CCS_ASSERT(field->kind <= EXI_ENUM && widths[field->kind] > 0);
    return widths[field->kind];
}

int64_t exi_number(const exi_field_t *field, const void *at)
{
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    const bool negative = exi_is_signed(field);
    switch (width_of(field)) {
    case 1:
        memcpy(&u8, at, sizeof u8);
        return negative ? (int8_t)u8 : (int64_t)u8;
    case 2:
        memcpy(&u16, at, sizeof u16);
        return negative ? (int16_t)u16 : (int64_t)u16;
    case 4:
        memcpy(&u32, at, sizeof u32);
        return negative ? (int32_t)u32 : (int64_t)u32;
    default:
        memcpy(&u64, at, sizeof u64);
        return (int64_t)u64;
    }
}

ccs_view_t exi_octets(const void *at)
{
    ccs_view_t view;
    memcpy(&view, at, sizeof view);
    return view;
}

const char *exi_enumerator(const exi_field_t *field, const void *at)
{
    const int64_t number = exi_number(field, at);
    return number >= 0 && (uint64_t)number <= field->high ? field->enumerators[number] : NULL;
}

/* ---------------------------------------------------------------- writing */

void *exi_arena_take(exi_arena_t *arena, size_t size)
{
    const size_t padded = (size + 7) & ~(size_t)7;
    if (padded > arena->size - arena->used) {
        return NULL;
    }
    uint8_t *at = (uint8_t *)arena->at + arena->used;
    arena->used += padded;
    memset(at, 0, padded);
    return at;
}

static void set_pointer(uint8_t *at, const void *pointer)
{
    memcpy(at, &pointer, sizeof pointer);
}

/* One more node at the end of a chain. */
static void *append(const exi_field_t *field, uint8_t *head, exi_arena_t *arena)
{
    uint8_t *node = exi_arena_take(arena, field->node);
    if (node == NULL) {
        return NULL;
    }
    void *first;
    memcpy(&first, head, sizeof first);
    exi_node_t *last = first;
    while (last != NULL && last->next != NULL) {
        last = last->next;
    }
    set_pointer(last == NULL ? head : (uint8_t *)last, node);
    return node + field->item;
}

void *exi_put(const exi_field_t *field, void *object, exi_arena_t *arena)
{
    uint8_t *base = object;
    if (is_list(field)) {
        return append(field, base + field->offset, arena);
    }
    if (field->occurs == EXI_POINTER) {
        void *at = exi_arena_take(arena, field->size);
        set_pointer(base + field->offset, at);
        return at;
    }
    if (field->occurs == EXI_OPTIONAL && field->kind != EXI_CHOICE) {
        base[field->has] = 1;
    }
    return base + field->offset;
}

void *exi_choose(const exi_field_t *choice, void *value, const exi_field_t *alternative)
{
    uint8_t *which = value;
    *which = (uint8_t)(alternative - choice->alternatives + 1);
    memset(which + alternative->offset, 0, alternative->size); /* no content: offset and size are 0 */
    return which + alternative->offset;
}

/* The largest magnitude of the C type. */
static uint64_t most_of(const exi_field_t *field, bool negative)
{
    if (field->kind == EXI_BOOL) {
        return 1;
    }
    const unsigned bits = 8 * (unsigned)width_of(field);
    const uint64_t all = UINT64_MAX >> (64 - bits);
    if (!exi_is_signed(field)) {
        return negative ? 0 : all;
    }
    return negative ? all / 2 + 1 : all / 2;
}

bool exi_put_number(const exi_field_t *field, void *at, bool negative, uint64_t magnitude)
{
    if (magnitude > most_of(field, negative)) {
        return false;
    }
    const uint64_t u64 = negative ? 0 - magnitude : magnitude;
    const uint8_t u8 = (uint8_t)u64;
    const uint16_t u16 = (uint16_t)u64;
    const uint32_t u32 = (uint32_t)u64;
    switch (width_of(field)) {
    case 1:
        memcpy(at, &u8, sizeof u8);
        return true;
    case 2:
        memcpy(at, &u16, sizeof u16);
        return true;
    case 4:
        memcpy(at, &u32, sizeof u32);
        return true;
    default:
        memcpy(at, &u64, sizeof u64);
        return true;
    }
}

void exi_put_octets(void *at, ccs_view_t octets)
{
    memcpy(at, &octets, sizeof octets);
}

/* ---------------------------------------------------------------- walking */

/* One value: a struct is walked, a choice passed over. Types do not contain themselves, so the calls end at EXI_DEPTH. */
static void visit_value(const exi_field_t *field, const void *at, const exi_visitor_t *visitor)
{
    if (field->kind == EXI_STRUCT) {
        visitor->begin(visitor->ctx, field);
        exi_visit(field->type, at, visitor);
        visitor->end(visitor->ctx, field);
        return;
    }
    if (field->kind != EXI_CHOICE) {
        visitor->value(visitor->ctx, field, at);
        return;
    }
    const void *inside;
    const exi_field_t *alternative = exi_chosen(field, at, &inside);
    if (alternative != NULL && alternative->kind != EXI_NEVER) {
        visit_value(alternative, inside, visitor);
    }
}

static void visit_list(const exi_field_t *field, const exi_node_t *node, const exi_visitor_t *visitor)
{
    const bool tells = node != NULL && field->kind != EXI_CHOICE;
    if (tells) {
        visitor->begin_list(visitor->ctx, field);
    }
    for (; node != NULL; node = node->next) {
        visit_value(field, exi_node_value(field, node), visitor);
    }
    if (tells) {
        visitor->end_list(visitor->ctx, field);
    }
}

void exi_visit(const exi_type_t *type, const void *object, const exi_visitor_t *visitor)
{
    for (size_t i = 0; i < type->count; i++) {
        const exi_field_t *field = &type->fields[i];
        if (is_list(field)) {
            visit_list(field, exi_nodes(field, object), visitor);
            continue;
        }
        const void *at = exi_value(field, object);
        if (at != NULL) {
            visit_value(field, at, visitor);
        }
    }
}

/* ---------------------------------------------------------------- comparing */

static bool equal_views(ccs_view_t a, ccs_view_t b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

static bool equal_integers(const void *a, const void *b)
{
    exi_integer_t one, other;
    memcpy(&one, a, sizeof one);
    memcpy(&other, b, sizeof other);
    return one.negative == other.negative && equal_views(one.magnitude, other.magnitude);
}

static bool equal_values(const exi_field_t *field, const void *a, const void *b)
{
    const void *in_a = NULL;
    const void *in_b = NULL;
    switch (field->kind) {
    case EXI_STRUCT:
        return exi_equal(field->type, a, b);
    case EXI_TEXT:
    case EXI_HEX:
    case EXI_BASE64:
        return equal_views(exi_octets(a), exi_octets(b));
    case EXI_INTEGER:
        return equal_integers(a, b);
    case EXI_NEVER:
        return true;
    case EXI_CHOICE: {
        const exi_field_t *one = exi_chosen(field, a, &in_a);
        const exi_field_t *other = exi_chosen(field, b, &in_b);
        return one == other && (one == NULL || equal_values(one, in_a, in_b));
    }
    default:
        return exi_number(field, a) == exi_number(field, b);
    }
}

static bool equal_lists(const exi_field_t *field, const exi_node_t *a, const exi_node_t *b)
{
    while (a != NULL && b != NULL && equal_values(field, exi_node_value(field, a), exi_node_value(field, b))) {
        a = a->next;
        b = b->next;
    }
    return a == NULL && b == NULL;
}

bool exi_equal(const exi_type_t *type, const void *a, const void *b)
{
    bool equal = true;
    for (size_t i = 0; equal && i < type->count; i++) {
        const exi_field_t *field = &type->fields[i];
        if (is_list(field)) {
            equal = equal_lists(field, exi_nodes(field, a), exi_nodes(field, b));
            continue;
        }
        const void *one = exi_value(field, a);
        const void *other = exi_value(field, b);
        equal = (one == NULL) == (other == NULL) && (one == NULL || equal_values(field, one, other));
    }
    return equal;
}
