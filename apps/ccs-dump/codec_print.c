/* A message as JSON or as text: a walk along the schema's names.
 * SPDX-License-Identifier: Apache-2.0 */
#include "codec.h"
#include "decimal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void print_struct(const exi_type_t *type, const void *object, json_out_t *json);

/* A field of the type itself, not one of a choice. */
static const exi_field_t *field_of(const exi_type_t *type, const char *name)
{
    const exi_field_t *choice;
    const exi_field_t *const field = exi_field_named(type, name, &choice);
    return choice ? NULL : field;
}

/* Of any size: what is longer than any serial number is hexadecimal, and so a string. */
static void print_integer(const exi_integer_t *integer, json_out_t *json)
{
    char *const text = decimal_write(integer->magnitude, integer->negative);
    (text && integer->magnitude.length <= DECIMAL_OCTETS_MAX ? json_digits : json_string)(json, text ? text : "out of memory");
    free(text);
}

static void print_number(const exi_field_t *field, const void *at, json_out_t *json)
{
    const int64_t number = exi_number(field, at);
    if (exi_is_signed(field)) {
        json_int(json, number);
    } else {
        json_unsigned(json, (uint64_t)number);
    }
}

/* A value outside the schema that was taken is shown as its number. */
static void print_enumerator(const exi_field_t *field, const void *at, json_out_t *json)
{
    const char *const name = exi_enumerator(field, at);
    if (name) {
        json_string(json, name);
    } else {
        json_int(json, exi_number(field, at));
    }
}

static void print_value(const exi_field_t *field, const void *at, json_out_t *json)
{
    switch ((exi_kind_t)field->kind) {
    case EXI_BOOL:
        json_bool(json, exi_number(field, at) != 0);
        break;
    case EXI_INTEGER:
        print_integer(at, json);
        break;
    case EXI_ENUM:
        print_enumerator(field, at, json);
        break;
    case EXI_TEXT:
        json_text(json, exi_octets(at));
        break;
    case EXI_HEX:
        json_hex(json, exi_octets(at));
        break;
    case EXI_BASE64:
        json_base64(json, exi_octets(at));
        break;
    case EXI_STRUCT:
        print_struct(field->type, at, json);
        break;
    default:
        print_number(field, at, json);
        break;
    }
}

static void print_list(const exi_field_t *field, const exi_node_t *node, json_out_t *json)
{
    if (!node) {
        return;
    }
    json_key(json, field->name);
    json_open(json, '[');
    for (; node; node = node->next) {
        print_value(field, exi_node_value(field, node), json);
    }
    json_close(json, ']');
}

/* ---- lists of choices: items are grouped by name, {"KeyName": ["a", "b"], "X509Data": [..]}, which keeps their order as long as
 * equal names are neighbours. Where they are not, the list is an array of objects with one member each, under the name "*". */

static const char *chosen_name(const exi_field_t *choice, const exi_node_t *node, const exi_field_t **alternative, const void **at)
{
    *alternative = exi_chosen(choice, exi_node_value(choice, node), at);
    return *alternative ? (*alternative)->name : "";
}

static bool name_comes_again(const exi_field_t *choice, const exi_node_t *node)
{
    const exi_field_t *alternative;
    const void *at;
    const char *const name = chosen_name(choice, node, &alternative, &at);
    bool left = false;
    for (node = node->next; node; node = node->next) {
        const bool same = strcmp(chosen_name(choice, node, &alternative, &at), name) == 0;
        if (same && left) {
            return true;
        }
        left = left || !same;
    }
    return false;
}

static bool groups_keep_order(const exi_field_t *choice, const exi_node_t *node)
{
    while (node && !name_comes_again(choice, node)) {
        node = node->next;
    }
    return node == NULL;
}

static void print_groups(const exi_field_t *choice, const exi_node_t *node, json_out_t *json)
{
    const exi_field_t *alternative;
    const void *at;
    const char *open = NULL;
    for (; node; node = node->next) {
        const char *const name = chosen_name(choice, node, &alternative, &at);
        if (!open || strcmp(open, name) != 0) {
            if (open) {
                json_close(json, ']');
            }
            json_key(json, name);
            json_open(json, '[');
            open = name;
        }
        print_value(alternative, at, json);
    }
    if (open) {
        json_close(json, ']');
    }
}

static void print_mixed(const exi_field_t *choice, const exi_node_t *node, json_out_t *json)
{
    json_key(json, "*");
    json_open(json, '[');
    for (; node; node = node->next) {
        const exi_field_t *alternative;
        const void *at;
        json_open(json, '{');
        json_key(json, chosen_name(choice, node, &alternative, &at));
        print_value(alternative, at, json);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void print_choice(const exi_field_t *field, const void *object, json_out_t *json)
{
    if (field->occurs == EXI_LIST || field->occurs == EXI_LIST_SOME) {
        const exi_node_t *const first = exi_nodes(field, object);
        if (groups_keep_order(field, first)) {
            print_groups(field, first, json);
        } else {
            print_mixed(field, first, json);
        }
        return;
    }
    const void *at;
    const void *const value = exi_value(field, object);
    const exi_field_t *const alternative = value ? exi_chosen(field, value, &at) : NULL;
    if (alternative) {
        json_key(json, alternative->name);
        print_value(alternative, at, json);
    }
}

/* ---- */

/* NULL: absent. */
static const void *value_of(const exi_type_t *type, const exi_field_t *field, const void *object)
{
    const bool left_out = field->along && !exi_value(field_of(type, field->along), object);
    return left_out ? NULL : exi_value(field, object);
}

static void print_fields(const exi_type_t *type, const void *object, json_out_t *json)
{
    for (size_t i = 0; i < type->count; i++) {
        const exi_field_t *const field = &type->fields[i];
        if (field->kind == EXI_CHOICE) {
            print_choice(field, object, json);
        } else if (field->occurs == EXI_LIST || field->occurs == EXI_LIST_SOME) {
            print_list(field, exi_nodes(field, object), json);
        } else if (value_of(type, field, object)) {
            json_key(json, field->name);
            print_value(field, exi_value(field, object), json);
        }
    }
}

/* The text of an element whose attributes are all absent; NULL: it has some, or is no such element. */
static const exi_field_t *bare_text(const exi_type_t *type, const void *object)
{
    const exi_field_t *text = NULL;
    for (size_t i = 0; i < type->count; i++) {
        const exi_field_t *const field = &type->fields[i];
        if (strcmp(field->name, "#") == 0) {
            text = field;
        } else if (field->name[0] != '@' || exi_value(field, object)) {
            return NULL;
        }
    }
    return text;
}

static int64_t number_of(const exi_type_t *type, const void *object, const char *name)
{
    const exi_field_t *const field = field_of(type, name);
    return exi_number(field, exi_value(field, object));
}

/* value * 10^exponent without floating point; exponents beyond a few digits stay as they are. */
static void put_scaled(char *out, size_t size, int64_t value, int64_t exponent, const char *unit)
{
    static const int64_t powers[] = {1, 10, 100, 1000};
    const char *const gap = unit[0] ? " " : "";
    if (exponent >= 0 && exponent <= 3) {
        (void)snprintf(out, size, "%" PRId64 "%s%s", value * powers[exponent], gap, unit);
        return;
    }
    const int64_t digits = -exponent;
    if (digits < 1 || digits > 3) {
        (void)snprintf(out, size, "%" PRId64 "e%" PRId64 "%s%s", value, exponent, gap, unit);
        return;
    }
    const int64_t divisor = powers[digits], magnitude = value < 0 ? -value : value;
    (void)snprintf(out, size, "%s%" PRId64 ".%0*" PRId64 "%s%s", value < 0 ? "-" : "", magnitude / divisor, (int)digits,
                   magnitude % divisor, gap, unit);
}

/* "402.5 V" of Multiplier, Unit, Value, or "402.5" of Exponent, Value. */
static bool print_physical(const exi_type_t *type, const void *object, json_out_t *json)
{
    const exi_field_t *const multiplier = field_of(type, "Multiplier");
    const exi_field_t *const unit = field_of(type, "Unit");
    const bool physical = multiplier && unit && type->count == 3;
    const bool rational = type->count == 2 && field_of(type, "Exponent") && field_of(type, "Value");
    char text[64];
    if (!physical && !rational) {
        return false;
    }
    const void *const at = physical ? exi_value(unit, object) : NULL;
    const char *const name = at ? exi_enumerator(unit, at) : "";
    put_scaled(text, sizeof text, number_of(type, object, "Value"), number_of(type, object, physical ? "Multiplier" : "Exponent"),
               name ? name : "?");
    json_string(json, text);
    return true;
}

static void print_struct(const exi_type_t *type, const void *object, json_out_t *json)
{
    const exi_field_t *const text = bare_text(type, object);
    if (text) {
        print_value(text, exi_value(text, object), json);
        return;
    }
    if (json->style == JSON_PLAIN && print_physical(type, object, json)) {
        return;
    }
    json_open(json, '{');
    print_fields(type, object, json);
    json_close(json, '}');
}

void codec_print(const codec_message_t *message, json_out_t *json)
{
    json_open(json, '{');
    json_key(json, message->root->name);
    print_struct(message->root->type, message->message, json);
    json_close(json, '}');
}

void codec_print_plain(const codec_message_t *message, json_out_t *json)
{
    if (bare_text(message->root->type, message->message)) {
        json_key(json, message->root->name);
        print_struct(message->root->type, message->message, json);
        return;
    }
    print_fields(message->root->type, message->message, json);
}
