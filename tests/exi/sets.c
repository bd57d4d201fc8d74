/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/exi/sets.h"

#include "messages/din.h"
#include "messages/iso2.h"
#include "messages/iso20.h"
#include "messages/sap.h"
#include "messages/xmldsig.h"

#include <string.h>

const exi_set_t *const sets[SETS] = {&exi_sap, &exi_din, &exi_iso2, &exi_iso20, &exi_iso20_dc, &exi_xmldsig};

const exi_set_t *set_named(const char *name, size_t length, bool *fragment)
{
    *fragment = length > 5 && memcmp(name + length - 5, "-frag", 5) == 0;
    length -= *fragment ? 5 : 0;
    for (size_t i = 0; i < SETS; i++) {
        if (strlen(exi_set_name(sets[i])) == length && memcmp(exi_set_name(sets[i]), name, length) == 0) {
            return sets[i];
        }
    }
    return NULL;
}

static exi_arena_t arenas[2];

exi_arena_t *arena_of_now(unsigned number)
{
    return &arenas[number];
}

exi_arena_t *arena_of(unsigned number)
{
    static uint64_t memory[2][MEMORY_MAX / 8];
    arenas[number] = (exi_arena_t){.at = memory[number], .size = sizeof memory[number]};
    return &arenas[number];
}

uint8_t *octets_of(unsigned number)
{
    static uint8_t octets[2][OCTETS_MAX];
    return octets[number];
}

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, c);
    return at == NULL ? -1 : (int)(at - digits);
}

ccs_view_t octets_read(const char *hex, unsigned number)
{
    uint8_t *to = octets_of(number);
    size_t length = 0;
    while (length < OCTETS_MAX && digit(hex[0]) >= 0 && digit(hex[1]) >= 0) {
        to[length++] = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
        hex += 2;
    }
    return (ccs_view_t){to, length};
}

bool can_be_sent(const exi_root_name_t *root)
{
    return root->type->size > 0 && strcmp(root->name, "SignatureProperties") != 0 && strcmp(root->name, "SignatureProperty") != 0;
}

ccs_err_t decode_whole(const exi_set_t *set, bool fragment, ccs_view_t frame, exi_message_t *message)
{
    static exi_string_t memory[4096];
    exi_strings_t strings = {.at = memory, .size = sizeof memory / sizeof memory[0]};
    const exi_options_t options = {.fragment = fragment, .whole_lists = true, .strings = &strings};
    return exi_decode_with(set, frame, &options, arena_of(0), message);
}
