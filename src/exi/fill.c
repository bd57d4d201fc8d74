/* Messages made up at random, within the schema: for tests and for measuring.
 * SPDX-License-Identifier: Apache-2.0 */
#include "exi/describe.h"
#include <string.h>

enum { ANY = 65535, ITEMS_OF_ANY = 100, LENGTH_OF_ANY = 300 };

/* xorshift64* */
static uint64_t random_u64(exi_fill_t *fill)
{
    fill->random ^= fill->random >> 12;
    fill->random ^= fill->random << 25;
    fill->random ^= fill->random >> 27;
    return fill->random * 0x2545F4914F6CDD1Du;
}

static uint64_t random_below(exi_fill_t *fill, uint64_t bound)
{
    return bound == 0 ? random_u64(fill) : random_u64(fill) % bound;
}

/* How many of low .. high; `usual` is the longest where the caller sets no other. */
static size_t random_count(exi_fill_t *fill, uint64_t low, uint64_t high, uint64_t usual, uint64_t of_any)
{
    const uint64_t top = high == ANY ? of_any : high;
    if (usual == ANY) {
        return (size_t)(top > low ? top : low);
    }
    const uint64_t most = low > usual ? low : (usual < top ? usual : top);
    return (size_t)(low + random_below(fill, most - low + 1));
}

/* Ends of the range and small numbers more often than by chance. */
static bool fill_number(exi_fill_t *fill, const exi_field_t *field, void *at)
{
    const uint64_t span = field->high - (uint64_t)field->low;
    uint64_t step = random_below(fill, span + 1);
    switch (random_below(fill, 8)) {
    case 0:
        step = 0;
        break;
    case 1:
        step = span;
        break;
    case 2:
        step = (field->low < 0 ? (uint64_t) - (field->low + 1) : 0) + random_below(fill, 200);
        step = step > span ? span : step;
        break;
    default:
        break;
    }
    const uint64_t value = (uint64_t)field->low + step;
    const bool negative = field->low < 0 && value > INT64_MAX;
    return exi_put_number(field, at, negative, negative ? 0 - value : value);
}

static bool fill_octets(exi_fill_t *fill, const exi_field_t *field, void *at)
{
    const size_t length = random_count(fill, (uint64_t)field->low, field->high, fill->length, LENGTH_OF_ANY);
    uint8_t *octets = exi_arena_take(fill->arena, length);
    if (octets == NULL) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        octets[i] = (uint8_t)(random_u64(fill) >> 56);
    }
    exi_put_octets(at, (ccs_view_t){octets, length});
    return true;
}

/* Mostly letters; one string of eight has characters of two, three and four octets. */
static bool fill_text(exi_fill_t *fill, const exi_field_t *field, void *at)
{
    static const char wide[4][5] = {"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x9A\x97", "z"};
    const size_t characters = random_count(fill, (uint64_t)field->low, field->high, fill->length, LENGTH_OF_ANY);
    const bool plain = random_below(fill, 8) != 0;
    uint8_t *text = exi_arena_take(fill->arena, plain ? characters : 4 * characters);
    if (text == NULL) {
        return false;
    }
    size_t length = 0;
    for (size_t i = 0; i < characters; i++) {
        const char *one = wide[random_below(fill, 4)];
        const size_t octets = plain ? 1 : strlen(one);
        const uint8_t letter = (uint8_t)(' ' + random_below(fill, '~' - ' ' + 1));
        memcpy(text + length, plain ? (const void *)&letter : one, octets);
        length += octets;
    }
    exi_put_octets(at, (ccs_view_t){text, length});
    return true;
}

static bool fill_integer(exi_fill_t *fill, void *at)
{
    const size_t length = (size_t)random_below(fill, 21);
    uint8_t *octets = exi_arena_take(fill->arena, length);
    if (octets == NULL) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        octets[i] = (uint8_t)(random_below(fill, 255) + (i == 0));
    }
    const exi_integer_t value = {.magnitude = {octets, length}, .negative = length > 0 && random_below(fill, 2) != 0};
    memcpy(at, &value, sizeof value);
    return true;
}

static bool fill_type(exi_fill_t *fill, const exi_type_t *type, void *object);

static const exi_field_t *random_alternative(exi_fill_t *fill, const exi_field_t *choice)
{
    const exi_field_t *alternative;
    do {
        alternative = &choice->alternatives[random_below(fill, choice->count)];
    } while (alternative->kind == EXI_NEVER || alternative->abstract);
    return alternative;
}

static bool fill_value(exi_fill_t *fill, const exi_field_t *field, void *at)
{
    switch (field->kind) {
    case EXI_STRUCT:
        return fill_type(fill, field->type, at);
    case EXI_TEXT:
        return fill_text(fill, field, at);
    case EXI_HEX:
    case EXI_BASE64:
        return fill_octets(fill, field, at);
    case EXI_INTEGER:
        return fill_integer(fill, at);
    case EXI_CHOICE: {
        const exi_field_t *alternative = random_alternative(fill, field);
        return fill_value(fill, alternative, exi_choose(field, at, alternative));
    }
    default:
        return fill_number(fill, field, at);
    }
}

static bool has_field(const exi_type_t *type, const char *name, const void *object)
{
    const exi_field_t *choice;
    const exi_field_t *field = exi_field_named(type, name, &choice);
    return field != NULL && exi_value(field, object) != NULL;
}

/* Is an optional field to be there? "along" rules are obeyed here, "otherwise" rules by the field that is named. */
static bool is_wanted(exi_fill_t *fill, const exi_type_t *type, const exi_field_t *field, const void *object)
{
    if (field->along != NULL) {
        return has_field(type, field->along, object);
    }
    bool must = fill->everything;
    for (size_t i = 0; i < type->count; i++) {
        const exi_field_t *other = &type->fields[i];
        must |= other->otherwise != NULL && strcmp(other->otherwise, field->name) == 0 && exi_value(other, object) == NULL;
    }
    return must || random_below(fill, 2) != 0;
}

static size_t items_of(exi_fill_t *fill, const exi_field_t *field)
{
    const bool some = field->occurs == EXI_LIST_SOME || fill->everything;
    return random_count(fill, some, field->most, fill->items, ITEMS_OF_ANY);
}

static bool fill_field(exi_fill_t *fill, const exi_type_t *type, const exi_field_t *field, void *object)
{
    size_t count = 1;
    if (field->occurs == EXI_LIST || field->occurs == EXI_LIST_SOME) {
        count = items_of(fill, field);
    } else if (field->occurs != EXI_ONE || field->along != NULL) {
        count = is_wanted(fill, type, field, object);
    }
    bool fits = true;
    for (size_t i = 0; fits && i < count; i++) {
        void *at = exi_put(field, object, fill->arena);
        fits = at != NULL && fill_value(fill, field, at);
    }
    return fits;
}

static bool fill_type(exi_fill_t *fill, const exi_type_t *type, void *object)
{
    bool fits = true;
    for (size_t i = 0; fits && i < type->count; i++) {
        fits = fill_field(fill, type, &type->fields[i], object);
    }
    return fits;
}

void *exi_fill(exi_fill_t *fill, const exi_type_t *type)
{
    fill->arena->used = 0;
    void *object = exi_arena_take(fill->arena, type->size);
    return object != NULL && fill_type(fill, type, object) ? object : NULL;
}
