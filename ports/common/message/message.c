/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/message/message.h"

#include <string.h>

#include "base/bytes.h"
#include "exi/describe.h"
#include "messages/din.h"
#include "messages/sap.h"
#include "ports/common/log/log.h"

enum { PAYLOAD_EXI = 0x8001, DEPTH = 2 * EXI_DEPTH, TEXT_MAX = 4096 };

/* The containers that are open, outermost first. */
typedef struct tree {
    cJSON *open[DEPTH];
    size_t depth;
} tree_t;

static void tree_add(tree_t *tree, const exi_field_t *field, cJSON *item)
{
    cJSON *parent = tree->open[tree->depth - 1];
    if (cJSON_IsArray(parent)) {
        cJSON_AddItemToArray(parent, item);
    } else {
        cJSON_AddItemToObject(parent, field->name, item);
    }
}

static void tree_open(tree_t *tree, const exi_field_t *field, cJSON *container)
{
    tree_add(tree, field, container);
    if (tree->depth < DEPTH) {
        tree->open[tree->depth] = container;
        tree->depth++;
    }
}

static void begin(void *ctx, const exi_field_t *field)
{
    tree_open(ctx, field, cJSON_CreateObject());
}

static void begin_list(void *ctx, const exi_field_t *field)
{
    tree_open(ctx, field, cJSON_CreateArray());
}

static void end(void *ctx, const exi_field_t *field)
{
    tree_t *tree = ctx;
    (void)field;
    tree->depth--;
}

static cJSON *text_of(ccs_view_t octets)
{
    char text[TEXT_MAX];
    const size_t length = octets.length < sizeof text ? octets.length : sizeof text - 1;
    if (length > 0) {
        memcpy(text, octets.at, length);
    }
    text[length] = '\0';
    return cJSON_CreateString(text);
}

static cJSON *hex_of(ccs_view_t octets)
{
    char text[TEXT_MAX];
    log_hex(octets.at, octets.length, text, sizeof text);
    return cJSON_CreateString(text);
}

static cJSON *base64_of(ccs_view_t octets)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char text[TEXT_MAX];
    size_t length = 0;
    for (size_t i = 0; i < octets.length && length + 4 < sizeof text; i += 3) {
        const size_t left = octets.length - i;
        const uint32_t bits = (uint32_t)octets.at[i] << 16 | (left > 1 ? (uint32_t)octets.at[i + 1] << 8 : 0u) |
                              (left > 2 ? (uint32_t)octets.at[i + 2] : 0u);
        text[length++] = digits[bits >> 18 & 63];
        text[length++] = digits[bits >> 12 & 63];
        text[length++] = left > 1 ? digits[bits >> 6 & 63] : '=';
        text[length++] = left > 2 ? digits[bits & 63] : '=';
    }
    text[length] = '\0';
    return cJSON_CreateString(text);
}

static cJSON *enumerator_of(const exi_field_t *field, const void *at)
{
    const char *name = exi_enumerator(field, at);
    return name != NULL ? cJSON_CreateString(name) : cJSON_CreateNumber((double)exi_number(field, at));
}

static void value(void *ctx, const exi_field_t *field, const void *at)
{
    const exi_integer_t *integer = at;
    cJSON *item = NULL;
    switch ((exi_kind_t)field->kind) {
    case EXI_BOOL:
        item = cJSON_CreateBool(exi_number(field, at) != 0);
        break;
    case EXI_ENUM:
        item = enumerator_of(field, at);
        break;
    case EXI_TEXT:
        item = text_of(exi_octets(at));
        break;
    case EXI_HEX:
        item = hex_of(exi_octets(at));
        break;
    case EXI_BASE64:
        item = base64_of(exi_octets(at));
        break;
    case EXI_INTEGER:
        item = hex_of(integer->magnitude);
        break;
    default:
        item = cJSON_CreateNumber((double)exi_number(field, at));
        break;
    }
    tree_add(ctx, field, item);
}

/* The EXI octets of a V2GTP message; length 0: something else. */
static ccs_view_t payload_of(ccs_view_t octets)
{
    bytes_in_t in = bytes_in(octets.at, octets.length);
    const uint16_t version = bytes_get_u16be(&in);
    const uint16_t type = bytes_get_u16be(&in);
    const uint32_t length = bytes_get_u32be(&in);
    if (in.failed || version != 0x01FE || type != PAYLOAD_EXI || length != in.left) {
        return (ccs_view_t){.at = NULL};
    }
    return (ccs_view_t){.at = in.at, .length = in.left};
}

static cJSON *decode(message_reader_t *reader, const exi_set_t *set, ccs_view_t octets)
{
    exi_arena_t arena = {.at = reader->arena, .size = sizeof reader->arena};
    const exi_options_t options = {.whole_lists = true};
    const exi_visitor_t visitor = {.begin = begin, .end = end, .begin_list = begin_list, .end_list = end, .value = value};
    exi_message_t message;
    if (exi_decode_with(set, octets, &options, &arena, &message) != CCS_OK) {
        return NULL;
    }
    const exi_root_name_t *root = exi_root_find(exi_describe(set), message.root);
    if (root == NULL) {
        return NULL;
    }
    cJSON *json = cJSON_CreateObject();
    tree_t tree = {.open = {cJSON_AddObjectToObject(json, root->name)}, .depth = 1};
    exi_visitor_t with_tree = visitor;
    with_tree.ctx = &tree;
    exi_visit(root->type, message.at, &with_tree);
    return json;
}

/* The protocol offer and DIN share a payload type, and no frame is a message of both: the rest is told by trying. */
cJSON *message_json(void *ctx, const ccs_trace_record_t *record)
{
    const exi_set_t *const sets[] = {&exi_din, &exi_sap};
    const ccs_view_t octets = payload_of(record->bytes);
    const size_t first = strcmp(record->room, "sap") == 0;
    if (octets.length == 0) {
        return NULL;
    }
    cJSON *json = decode(ctx, sets[first], octets);
    return json != NULL || first == 1 ? json : decode(ctx, sets[1], octets);
}
