/* A message from JSON: what codec_print() prints, nothing that the schema does not know.
 * SPDX-License-Identifier: Apache-2.0 */
#include "codec.h"
#include "codec_arena.h"
#include "decimal.h"
#include "hex.h"

#include <stdarg.h>
#include <string.h>

enum { NESTED_MAX = 40 };

typedef struct parser {
    exi_arena_t *arena;
    codec_fault_t *fault;
    size_t path_length;
    int depth;
} parser_t;

static bool parse_struct(parser_t *parser, const exi_type_t *type, void *object, const json_value_t *json);

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

static bool parse_bool(parser_t *parser, const exi_field_t *field, void *at, const json_value_t *json)
{
    if (json->kind != JSON_BOOL) {
        return refuse(parser, CCS_ERR_RANGE, "is not true or false");
    }
    return exi_put_number(field, at, false, json->is_true) || refuse(parser, CCS_ERR_RANGE, "is no boolean");
}

/* A JSON number that is whole, or a JSON string of digits, into the arena. */
static bool parse_integer(parser_t *parser, const json_value_t *json, exi_integer_t *out)
{
    char whole[DECIMAL_DIGITS_MAX + 1];
    ccs_view_t digits = json->text;
    if (json->kind != JSON_NUMBER && json->kind != JSON_STRING) {
        return refuse(parser, CCS_ERR_RANGE, "is not a number");
    }
    if (json->kind == JSON_NUMBER) {
        digits = (ccs_view_t){(const uint8_t *)whole, decimal_whole(json->text, whole)};
    }
    uint8_t *const octets = exi_arena_take(parser->arena, digits.length + 1);
    if (!octets) {
        return out_of_memory(parser);
    }
    out->magnitude.at = octets;
    return decimal_read(digits, octets, &out->magnitude.length, &out->negative) ||
           refuse(parser, CCS_ERR_RANGE, "is not a whole number");
}

/* Many writers of JSON have 53 bits for a number: what needs more may be a string of digits. */
static bool is_wide(const exi_field_t *field)
{
    return field->kind == EXI_INT64 || field->kind == EXI_UINT64;
}

static bool parse_number(parser_t *parser, const exi_field_t *field, void *at, const json_value_t *json)
{
    exi_integer_t integer;
    uint64_t magnitude = 0;
    if (json->kind == JSON_STRING && !is_wide(field)) {
        return refuse(parser, CCS_ERR_RANGE, "is not a number");
    }
    if (!parse_integer(parser, json, &integer)) {
        return false;
    }
    for (size_t i = 0; integer.magnitude.length <= 8 && i < integer.magnitude.length; i++) {
        magnitude = magnitude << 8 | integer.magnitude.at[i];
    }
    return (integer.magnitude.length <= 8 && exi_put_number(field, at, integer.negative, magnitude)) ||
           refuse(parser, CCS_ERR_RANGE, "%s", ccs_err_text(CCS_ERR_RANGE));
}

static bool parse_enum(parser_t *parser, const exi_field_t *field, void *at, const json_value_t *json)
{
    if (json->kind != JSON_STRING) {
        return parse_number(parser, field, at, json); /* as decode shows a value outside the schema */
    }
    for (uint64_t i = 0; i <= field->high; i++) {
        if (json_in_is(json->text, field->enumerators[i])) {
            return exi_put_number(field, at, false, i);
        }
    }
    return refuse(parser, CCS_ERR_UNKNOWN, "has no value \"%.*s\"", (int)(json->text.length < 60 ? json->text.length : 60),
                  (const char *)json->text.at);
}

static bool parse_text(parser_t *parser, void *at, const json_value_t *json)
{
    if (json->kind != JSON_STRING) {
        return refuse(parser, CCS_ERR_TEXT, "is not a string");
    }
    if (json->text.length > 0 && memchr(json->text.at, 0, json->text.length)) {
        return refuse(parser, CCS_ERR_TEXT, "has a zero character, which XML does not know");
    }
    exi_put_octets(at, json->text);
    return true;
}

/* Digits from i on that make a group of at most four; their bits. */
static size_t base64_group(ccs_view_t text, size_t i, uint32_t *bits)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t letters = 0;
    *bits = 0;
    while (letters < 4) {
        const char *const found = text.at[i + letters] ? strchr(digits, text.at[i + letters]) : NULL;
        if (!found) {
            break;
        }
        *bits = *bits << 6 | (uint32_t)(found - digits);
        letters++;
    }
    *bits <<= 6 * (4 - letters);
    return letters;
}

/* Groups of four, = only at the end. */
static bool base64_octets(ccs_view_t text, uint8_t *out, size_t *length)
{
    *length = 0;
    if (text.length % 4 != 0) {
        return false;
    }
    for (size_t i = 0; i < text.length; i += 4) {
        uint32_t bits;
        const size_t letters = base64_group(text, i, &bits);
        const bool last = i + 4 == text.length;
        if (letters < 2 || (letters < 4 && !(last && memcmp(text.at + i + letters, "==", 4 - letters) == 0))) {
            return false;
        }
        for (size_t k = 0; k + 1 < letters; k++, bits <<= 8) {
            out[(*length)++] = (uint8_t)(bits >> 16);
        }
    }
    return true;
}

static bool hex_octets(ccs_view_t text, uint8_t *out, size_t *length)
{
    *length = text.length / 2;
    return hex_pairs(text, out);
}

static bool parse_octets(parser_t *parser, const exi_field_t *field, void *at, const json_value_t *json)
{
    const bool hex = field->kind == EXI_HEX;
    const char *const form = hex ? "hexadecimal" : "base64";
    if (json->kind != JSON_STRING) {
        return refuse(parser, CCS_ERR_TEXT, "is not a string of %s", form);
    }
    size_t length = 0;
    uint8_t *const octets = exi_arena_take(parser->arena, json->text.length + 1);
    if (!octets) {
        return out_of_memory(parser);
    }
    if (!(hex ? hex_octets : base64_octets)(json->text, octets, &length)) {
        return refuse(parser, CCS_ERR_TEXT, "is not %s", form);
    }
    exi_put_octets(at, (ccs_view_t){octets, length});
    return true;
}

static bool parse_value(parser_t *parser, const exi_field_t *field, void *at, const json_value_t *json)
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

/* "": none that the schema could have, for it holds a zero character. */
static const char *name_of(const json_value_t *member)
{
    const char *const name = (const char *)member->name.at;
    return strlen(name) == member->name.length ? name : "";
}

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

static bool parse_one(parser_t *parser, const exi_field_t *field, const exi_field_t *choice, void *object, const json_value_t *json)
{
    parser->fault->err = CCS_OK;
    void *const at = place(parser, field, choice, object);
    if (!at && parser->fault->err != CCS_OK) {
        return false;
    }
    return parse_value(parser, field, at, json);
}

static bool parse_items(parser_t *parser, const exi_field_t *field, const exi_field_t *choice, void *object,
                        const json_value_t *json)
{
    unsigned number = 0;
    for (const json_value_t *item = json->first; item; item = item->next) {
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

static bool parse_member(parser_t *parser, const exi_type_t *type, void *object, const json_value_t *json)
{
    const exi_field_t *choice = NULL;
    const exi_field_t *const field = exi_field_named(type, name_of(json), &choice);
    const size_t before = enter(parser, name_of(json));
    if (!field) {
        return refuse(parser, CCS_ERR_UNKNOWN, "is not a name that the schema has here");
    }
    const bool repeats = is_list(choice ? choice : field);
    if (json->kind == JSON_ARRAY && !repeats) {
        return refuse(parser, CCS_ERR_LENGTH, "may not repeat");
    }
    if (!(repeats && json->kind == JSON_ARRAY ? parse_items : parse_one)(parser, field, choice, object, json)) {
        return false;
    }
    leave(parser, before);
    return true;
}

/* "*": [{"X509SKI": ...}, {"X509Certificate": ...}, ...] */
static bool parse_mixed(parser_t *parser, const exi_type_t *type, void *object, const json_value_t *json)
{
    if (json->kind != JSON_ARRAY) {
        return refuse(parser, CCS_ERR_UNKNOWN, "\"*\" is not an array");
    }
    for (const json_value_t *item = json->first; item; item = item->next) {
        if (item->kind != JSON_OBJECT || item->count != 1) {
            return refuse(parser, CCS_ERR_UNKNOWN, "items of \"*\" are objects with one member");
        }
        if (!parse_member(parser, type, object, item->first)) {
            return false;
        }
    }
    return true;
}

static bool is_given(const json_value_t *json, const char *name)
{
    return json->kind == JSON_OBJECT ? json_in_member(json, name) != NULL : strcmp(name, "#") == 0;
}

/* exi_encode() cannot see that a mandatory number is missing: zero is a number. */
static bool all_there(parser_t *parser, const exi_type_t *type, const json_value_t *json)
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

static bool parse_members(parser_t *parser, const exi_type_t *type, void *object, const json_value_t *json)
{
    for (const json_value_t *member = json->first; member; member = member->next) {
        if (json_in_twice(json, member)) {
            (void)enter(parser, name_of(member));
            return refuse(parser, CCS_ERR_LENGTH, "is there twice");
        }
        const bool mixed = json_in_is(member->name, "*");
        if (!(mixed ? parse_mixed : parse_member)(parser, type, object, member)) {
            return false;
        }
    }
    return true;
}

/* An object; or, for an element that is text with attributes, the text alone. */
static bool parse_struct(parser_t *parser, const exi_type_t *type, void *object, const json_value_t *json)
{
    const exi_field_t *const text = field_of(type, "#");
    if (++parser->depth > NESTED_MAX) {
        return refuse(parser, CCS_ERR_UNSUPPORTED, "is nested too deep");
    }
    if (json->kind != JSON_OBJECT) {
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

static bool parse_root(parser_t *parser, const json_value_t *json, codec_message_t *out)
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

bool codec_parse(codec_set_t set, bool fragment, const json_value_t *json, codec_message_t *out, codec_fault_t *fault)
{
    *fault = (codec_fault_t){0};
    parser_t parser = {.arena = codec_arena(), .fault = fault};
    if (json->kind != JSON_OBJECT || json->count != 1) {
        return refuse(&parser, CCS_ERR_UNKNOWN, "a message is an object with one member, its name");
    }
    *out = (codec_message_t){.set = set, .fragment = fragment};
    out->root = exi_root_named(exi_describe(codec_set_exi(set)), fragment, name_of(json->first));
    if (!out->root) {
        return refuse(&parser, CCS_ERR_UNKNOWN, "set %s has no %s \"%.60s\"", codec_set_name(set),
                      fragment ? "fragment" : "message", name_of(json->first));
    }
    return parse_root(&parser, json->first, out);
}
