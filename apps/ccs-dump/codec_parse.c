/* A message from JSON: what codec_print() prints, nothing that the schema does not know.
 * SPDX-License-Identifier: Apache-2.0 */
#include "codec.h"
#include "codec_arena.h"
#include "decimal.h"

#include <stdarg.h>
#include <string.h>

#define EXACT_MAX 9007199254740992.0 /* 2^53 */

enum { NESTED_MAX = 40 };

typedef struct parser {
    exi_arena_t *arena;
    codec_fault_t *fault;
    size_t path_length;
    int depth;
} parser_t;

static bool parse_struct(parser_t *parser, const exi_type_t *type, void *object, const cJSON *json);

/* A field of the type itself, not one of a choice. */
static const exi_field_t *field_of(const exi_type_t *type, const char *name)
{
    const exi_field_t *choice;
    const exi_field_t *const field = exi_field_named(type, name, &choice);
    return choice ? NULL : field;
}

static bool refuse(parser_t *parser, ccs_err_t err, const char *format, ...) __attribute__((format(printf, 3, 4)));
static bool refuse(parser_t *parser, ccs_err_t err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    parser->fault->err = err;
    (void)vsnprintf(parser->fault->what, sizeof parser->fault->what, format, arguments);
    va_end(arguments);
    return false;
}

static bool out_of_memory(parser_t *parser)
{
    return refuse(parser, CCS_ERR_SPACE, "%s", ccs_err_text(CCS_ERR_SPACE));
}

/* The path stays as it is after a fault: leave() is only called where all went well. */
static size_t enter(parser_t *parser, const char *name)
{
    const size_t before = parser->path_length;
    char *const path = parser->fault->path;
    const int put = snprintf(path + before, CODEC_PATH_MAX - before, "%s%s", before ? "/" : "", name);
    const size_t length = before + (size_t)(put > 0 ? put : 0);
    parser->path_length = length < CODEC_PATH_MAX ? length : CODEC_PATH_MAX - 1;
    return before;
}

static void leave(parser_t *parser, size_t before)
{
    parser->path_length = before;
    parser->fault->path[before] = 0;
}

/* ---- values */

static bool parse_bool(parser_t *parser, const exi_field_t *field, void *at, const cJSON *json)
{
    if (!cJSON_IsBool(json)) {
        return refuse(parser, CCS_ERR_RANGE, "is not true or false");
    }
    return exi_put_number(field, at, false, cJSON_IsTrue(json) ? 1 : 0) || refuse(parser, CCS_ERR_RANGE, "is no boolean");
}

/* A number that is a whole number and exact. */
static bool whole(const cJSON *json, bool *negative, uint64_t *magnitude)
{
    const double value = json->valuedouble;
    if (!cJSON_IsNumber(json) || !(value >= -EXACT_MAX && value <= EXACT_MAX) || value != (double)(int64_t)value) {
        return false;
    }
    *negative = value < 0;
    *magnitude = (uint64_t)(value < 0 ? -(int64_t)value : (int64_t)value);
    return true;
}

/* Digits of a JSON string into the arena, or a JSON number. */
static bool parse_integer(parser_t *parser, const cJSON *json, exi_integer_t *out)
{
    uint64_t magnitude;
    uint8_t *octets;
    if (cJSON_IsString(json)) {
        octets = exi_arena_take(parser->arena, strlen(json->valuestring) + 1);
        if (!octets) {
            return out_of_memory(parser);
        }
        out->magnitude.at = octets;
        return decimal_read(json->valuestring, octets, &out->magnitude.length, &out->negative) ||
               refuse(parser, CCS_ERR_RANGE, "is not a whole number");
    }
    if (!whole(json, &out->negative, &magnitude)) {
        return refuse(parser, CCS_ERR_RANGE, "is not a whole number of at most 53 bits; larger ones go as strings");
    }
    octets = exi_arena_take(parser->arena, sizeof magnitude);
    if (!octets) {
        return out_of_memory(parser);
    }
    out->magnitude = (ccs_view_t){octets, 0};
    for (int shift = 56; shift >= 0; shift -= 8) {
        const uint8_t octet = (uint8_t)(magnitude >> shift);
        if (octet || out->magnitude.length) {
            octets[out->magnitude.length++] = octet;
        }
    }
    return true;
}

static bool parse_number(parser_t *parser, const exi_field_t *field, void *at, const cJSON *json)
{
    exi_integer_t integer;
    uint64_t magnitude = 0;
    if (!parse_integer(parser, json, &integer)) {
        return false;
    }
    for (size_t i = 0; integer.magnitude.length <= 8 && i < integer.magnitude.length; i++) {
        magnitude = magnitude << 8 | integer.magnitude.at[i];
    }
    return (integer.magnitude.length <= 8 && exi_put_number(field, at, integer.negative, magnitude)) ||
           refuse(parser, CCS_ERR_RANGE, "%s", ccs_err_text(CCS_ERR_RANGE));
}

static bool parse_enum(parser_t *parser, const exi_field_t *field, void *at, const cJSON *json)
{
    if (!cJSON_IsString(json)) {
        return parse_number(parser, field, at, json); /* as decode shows a value outside the schema */
    }
    for (uint64_t i = 0; i <= field->high; i++) {
        if (strcmp(field->enumerators[i], json->valuestring) == 0) {
            return exi_put_number(field, at, false, i);
        }
    }
    return refuse(parser, CCS_ERR_UNKNOWN, "has no value \"%.60s\"", json->valuestring);
}

static bool parse_text(parser_t *parser, void *at, const cJSON *json)
{
    if (!cJSON_IsString(json)) {
        return refuse(parser, CCS_ERR_TEXT, "is not a string");
    }
    exi_put_octets(at, (ccs_view_t){(const uint8_t *)json->valuestring, strlen(json->valuestring)});
    return true;
}

static int hex_digit(char letter)
{
    static const char digits[] = "0123456789ABCDEF0123456789abcdef";
    const char *const found = letter ? strchr(digits, letter) : NULL;
    return found ? (int)(found - digits) & 15 : -1;
}

/* Returns the octets, or SIZE_MAX where the text is not hexadecimal. */
static size_t hex_octets(const char *text, uint8_t *out)
{
    size_t length = 0;
    for (; text[0]; text += 2) {
        const int high = hex_digit(text[0]), low = hex_digit(text[1]);
        if (high < 0 || low < 0) {
            return SIZE_MAX;
        }
        out[length++] = (uint8_t)(high << 4 | low);
    }
    return length;
}

static int base64_digit(char letter)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *const found = letter ? strchr(digits, letter) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* Groups of four, = only at the end. */
static size_t base64_octets(const char *text, uint8_t *out)
{
    size_t length = 0;
    while (text[0]) {
        uint32_t bits = 0;
        size_t letters = 0;
        while (letters < 4 && base64_digit(text[letters]) >= 0) {
            bits = bits << 6 | (uint32_t)base64_digit(text[letters]);
            letters++;
        }
        const size_t pads = strspn(text + letters, "=");
        const bool last = letters < 4;
        if (letters < 2 || (last && (letters + pads != 4 || text[4] != 0))) {
            return SIZE_MAX;
        }
        bits <<= 6 * (4 - letters);
        for (size_t i = 0; i + 1 < letters; i++) {
            out[length++] = (uint8_t)(bits >> (16 - 8 * i));
        }
        text += 4;
    }
    return length;
}

static bool parse_octets(parser_t *parser, const exi_field_t *field, void *at, const cJSON *json)
{
    const bool hex = field->kind == EXI_HEX;
    const char *const form = hex ? "hexadecimal" : "base64";
    if (!cJSON_IsString(json)) {
        return refuse(parser, CCS_ERR_TEXT, "is not a string of %s", form);
    }
    uint8_t *const octets = exi_arena_take(parser->arena, strlen(json->valuestring) + 1);
    if (!octets) {
        return out_of_memory(parser);
    }
    const size_t length = hex ? hex_octets(json->valuestring, octets) : base64_octets(json->valuestring, octets);
    if (length == SIZE_MAX) {
        return refuse(parser, CCS_ERR_TEXT, "is not %s", form);
    }
    exi_put_octets(at, (ccs_view_t){octets, length});
    return true;
}

static bool parse_value(parser_t *parser, const exi_field_t *field, void *at, const cJSON *json)
{
    if (!at) {
        return out_of_memory(parser);
    }
    switch ((exi_kind_t)field->kind) {
    case EXI_BOOL:
        return parse_bool(parser, field, at, json);
    case EXI_INTEGER:
        return parse_integer(parser, json, at);
    case EXI_ENUM:
        return parse_enum(parser, field, at, json);
    case EXI_TEXT:
        return parse_text(parser, at, json);
    case EXI_HEX:
    case EXI_BASE64:
        return parse_octets(parser, field, at, json);
    case EXI_STRUCT:
        return parse_struct(parser, field->type, at, json);
    case EXI_CHOICE:
    case EXI_NEVER:
        return refuse(parser, CCS_ERR_UNSUPPORTED, "nobody may send this");
    default:
        return parse_number(parser, field, at, json);
    }
}

/* ---- members */

static bool is_list(const exi_field_t *field)
{
    return field->occurs == EXI_LIST || field->occurs == EXI_LIST_SOME;
}

/* A place for the next value of this name: a field of its own, or an alternative of a choice. NULL: the fault is told. */
static void *place(parser_t *parser, const exi_field_t *field, const exi_field_t *choice, void *object)
{
    const void *at;
    if (!choice) {
        return exi_put(field, object, parser->arena);
    }
    if (!is_list(choice)) {
        const void *const now = exi_value(choice, object);
        if (now && exi_chosen(choice, now, &at)) {
            (void)refuse(parser, CCS_ERR_EVENT, "stands beside another of the same choice");
            return NULL;
        }
    }
    void *const value = exi_put(choice, object, parser->arena);
    return value ? exi_choose(choice, value, field) : NULL;
}

static bool parse_one(parser_t *parser, const exi_field_t *field, const exi_field_t *choice, void *object, const cJSON *json)
{
    parser->fault->err = CCS_OK;
    void *const at = place(parser, field, choice, object);
    if (!at && parser->fault->err != CCS_OK) {
        return false;
    }
    return parse_value(parser, field, at, json);
}

static bool parse_items(parser_t *parser, const exi_field_t *field, const exi_field_t *choice, void *object, const cJSON *json)
{
    unsigned number = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, json)
    {
        char index[16];
        const size_t before = parser->path_length;
        (void)snprintf(index, sizeof index, "[%u]", ++number);
        const int put = snprintf(parser->fault->path + before, CODEC_PATH_MAX - before, "%s", index);
        parser->path_length = before + (size_t)put < CODEC_PATH_MAX ? before + (size_t)put : CODEC_PATH_MAX - 1;
        if (!parse_one(parser, field, choice, object, item)) {
            return false;
        }
        leave(parser, before);
    }
    return true;
}

static bool parse_member(parser_t *parser, const exi_type_t *type, void *object, const cJSON *json)
{
    const exi_field_t *choice = NULL;
    const exi_field_t *const field = exi_field_named(type, json->string, &choice);
    const size_t before = enter(parser, json->string);
    if (!field) {
        return refuse(parser, CCS_ERR_UNKNOWN, "is not a name that the schema has here");
    }
    const bool repeats = is_list(choice ? choice : field);
    if (cJSON_IsArray(json) && !repeats) {
        return refuse(parser, CCS_ERR_LENGTH, "may not repeat");
    }
    if (!(repeats && cJSON_IsArray(json) ? parse_items : parse_one)(parser, field, choice, object, json)) {
        return false;
    }
    leave(parser, before);
    return true;
}

/* "*": [{"X509SKI": ...}, {"X509Certificate": ...}, ...] */
static bool parse_mixed(parser_t *parser, const exi_type_t *type, void *object, const cJSON *json)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, json)
    {
        if (!cJSON_IsObject(item) || cJSON_GetArraySize(item) != 1) {
            return refuse(parser, CCS_ERR_UNKNOWN, "items of \"*\" are objects with one member");
        }
        if (!parse_member(parser, type, object, item->child)) {
            return false;
        }
    }
    return true;
}

static bool is_given_twice(const cJSON *json, const cJSON *member)
{
    return cJSON_GetObjectItemCaseSensitive(json, member->string) != member;
}

static bool is_given(const cJSON *json, const char *name)
{
    return cJSON_IsObject(json) ? cJSON_GetObjectItemCaseSensitive(json, name) != NULL : strcmp(name, "#") == 0;
}

/* exi_encode() cannot see that a mandatory number is missing: zero is a number. */
static bool all_there(parser_t *parser, const exi_type_t *type, const cJSON *json)
{
    for (size_t i = 0; i < type->count; i++) {
        const exi_field_t *const field = &type->fields[i];
        const bool given = is_given(json, field->name);
        const bool mandatory = field->kind != EXI_CHOICE && field->occurs == EXI_ONE;
        const bool wanted = field->along ? is_given(json, field->along) : mandatory;
        if (wanted && !given) {
            (void)enter(parser, field->name);
            return refuse(parser, CCS_ERR_MISSING, "%s", ccs_err_text(CCS_ERR_MISSING));
        }
        if (field->along && given && !wanted) {
            (void)enter(parser, field->name);
            return refuse(parser, CCS_ERR_EVENT, "stands only with %s", field->along);
        }
    }
    return true;
}

static bool parse_members(parser_t *parser, const exi_type_t *type, void *object, const cJSON *json)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, json)
    {
        if (is_given_twice(json, member)) {
            (void)enter(parser, member->string);
            return refuse(parser, CCS_ERR_LENGTH, "is there twice");
        }
        const bool mixed = strcmp(member->string, "*") == 0;
        if (!(mixed ? parse_mixed : parse_member)(parser, type, object, member)) {
            return false;
        }
    }
    return true;
}

/* An object; or, for an element that is text with attributes, the text alone. */
static bool parse_struct(parser_t *parser, const exi_type_t *type, void *object, const cJSON *json)
{
    const exi_field_t *const text = field_of(type, "#");
    if (++parser->depth > NESTED_MAX) {
        return refuse(parser, CCS_ERR_UNSUPPORTED, "is nested too deep");
    }
    if (!cJSON_IsObject(json)) {
        if (!text) {
            return refuse(parser, CCS_ERR_EVENT, "is not an object");
        }
        if (!parse_value(parser, text, exi_put(text, object, parser->arena), json)) {
            return false;
        }
    } else if (!parse_members(parser, type, object, json)) {
        return false;
    }
    parser->depth--;
    return all_there(parser, type, json);
}

static bool parse_root(parser_t *parser, const cJSON *json, codec_message_t *out)
{
    const exi_type_t *const type = out->root->type;
    void *const object = exi_arena_take(parser->arena, type->size ? type->size : 1);
    (void)enter(parser, out->root->name);
    if (!object) {
        return out_of_memory(parser);
    }
    out->message = object;
    return parse_struct(parser, type, object, json);
}

bool codec_parse(codec_set_t set, bool fragment, const cJSON *json, codec_message_t *out, codec_fault_t *fault)
{
    *fault = (codec_fault_t){0};
    parser_t parser = {.arena = codec_arena(), .fault = fault};
    if (!cJSON_IsObject(json) || cJSON_GetArraySize(json) != 1) {
        return refuse(&parser, CCS_ERR_UNKNOWN, "a message is an object with one member, its name");
    }
    *out = (codec_message_t){.set = set, .fragment = fragment};
    out->root = exi_root_named(exi_describe(codec_set_exi(set)), fragment, json->child->string);
    if (!out->root) {
        return refuse(&parser, CCS_ERR_UNKNOWN, "set %s has no %s \"%.60s\"", codec_set_name(set),
                      fragment ? "fragment" : "message", json->child->string);
    }
    return parse_root(&parser, json->child, out);
}
