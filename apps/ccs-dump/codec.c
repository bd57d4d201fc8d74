/* SPDX-License-Identifier: Apache-2.0 */
#include "codec.h"

#include "codec_arena.h"
#include "messages/din.h"
#include "messages/iso2.h"
#include "messages/iso20.h"
#include "messages/sap.h"
#include "messages/xmldsig.h"

#include <stdlib.h>
#include <string.h>

enum { ARENA_SIZE = 1 << 26, STRINGS_MAX = 4096 };

static const exi_set_t *const sets[CODEC_SETS] = {
    [CODEC_SAP] = &exi_sap,     [CODEC_DIN] = &exi_din,           [CODEC_ISO2] = &exi_iso2,
    [CODEC_ISO20] = &exi_iso20, [CODEC_ISO20_DC] = &exi_iso20_dc, [CODEC_XMLDSIG] = &exi_xmldsig,
};

const exi_set_t *codec_set_exi(codec_set_t set)
{
    return sets[set];
}

const char *codec_set_name(codec_set_t set)
{
    return set < CODEC_SETS ? exi_set_name(sets[set]) : "?";
}

codec_set_t codec_set_find(const char *name, size_t length)
{
    codec_set_t set = 0;
    while (set < CODEC_SETS && !(strlen(exi_set_name(sets[set])) == length && memcmp(exi_set_name(sets[set]), name, length) == 0)) {
        set++;
    }
    return set;
}

/* Large enough for every list filled to its limit; the system gives pages only where they are touched. */
exi_arena_t *codec_arena(void)
{
    static exi_arena_t arena;
    if (!arena.at) {
        arena.at = malloc(ARENA_SIZE);
        arena.size = arena.at ? ARENA_SIZE : 0;
    }
    arena.used = 0;
    return &arena;
}

static void tell(codec_set_t set, const exi_fault_t *exi, codec_fault_t *fault)
{
    *fault = (codec_fault_t){.err = exi->err, .bit = exi->bit};
    exi_fault_path(exi_describe(sets[set]), exi, fault->path, sizeof fault->path);
    (void)snprintf(fault->what, sizeof fault->what, "%s", ccs_err_text(exi->err));
}

bool codec_decode(codec_set_t set, bool fragment, ccs_view_t octets, codec_message_t *out, codec_fault_t *fault)
{
    static exi_string_t strings[STRINGS_MAX];
    exi_strings_t table = {.at = strings, .size = STRINGS_MAX};
    const exi_options_t options = {.fragment = fragment, .whole_lists = true, .strings = &table};
    exi_message_t message;
    if (exi_decode_with(sets[set], octets, &options, codec_arena(), &message) != CCS_OK) {
        tell(set, &message.fault, fault);
        return false;
    }
    *out = (codec_message_t){
        .set = set,
        .fragment = fragment,
        .root = exi_root_find(exi_describe(sets[set]), message.root),
        .message = message.at,
        .surplus = octets.length - (message.bits + 7) / 8,
        .soft = message.soft,
    };
    return true;
}

bool codec_encode(const codec_message_t *message, uint8_t *out, size_t size, size_t *length, codec_fault_t *fault)
{
    exi_fault_t exi;
    if (exi_encode(sets[message->set], message->root->root, message->message, out, size, length, &exi) == CCS_OK) {
        return true;
    }
    tell(message->set, &exi, fault);
    return false;
}

/* A field of the type itself, not one of a choice. */
static const exi_field_t *field_of(const exi_type_t *type, const char *name)
{
    const exi_field_t *choice;
    const exi_field_t *const field = exi_field_named(type, name, &choice);
    return choice ? NULL : field;
}

/* The choice inside the Body of DIN 70121 and ISO 15118-2. */
static const char *body_name(const codec_message_t *message)
{
    const exi_field_t *const body = field_of(message->root->type, "Body");
    const void *const object = exi_value(body, message->message);
    for (size_t i = 0; i < body->type->count; i++) {
        const exi_field_t *const field = &body->type->fields[i];
        const void *const value = field->kind == EXI_CHOICE ? exi_value(field, object) : NULL;
        const void *at;
        const exi_field_t *const chosen = value ? exi_chosen(field, value, &at) : NULL;
        if (chosen) {
            return chosen->name;
        }
    }
    return "empty body";
}

const char *codec_message_name(const codec_message_t *message)
{
    return strcmp(message->root->name, "V2G_Message") == 0 ? body_name(message) : message->root->name;
}
