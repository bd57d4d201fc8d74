/* SPDX-License-Identifier: Apache-2.0 */
#include "exi/strings.h"

static bool is_of(const exi_string_t *entry, uint8_t name, bool global)
{
    return global || entry->name == name;
}

unsigned exi_strings_width(const exi_strings_t *strings, uint8_t name, bool global)
{
    size_t count = 0;
    for (size_t i = 0; i < strings->count; i++) {
        count += is_of(&strings->at[i], name, global);
    }
    unsigned bits = 0;
    while (bits < 24 && (size_t)1 << bits < count) {
        bits++;
    }
    return bits;
}

bool exi_strings_find(const exi_strings_t *strings, uint8_t name, bool global, uint32_t number, ccs_view_t *text)
{
    for (size_t i = 0; i < strings->count; i++) {
        if (!is_of(&strings->at[i], name, global)) {
            continue;
        }
        if (number == 0) {
            *text = strings->at[i].text;
            return true;
        }
        number--;
    }
    return false;
}

/* Empty strings are never kept. */
ccs_err_t exi_strings_add(exi_strings_t *strings, uint8_t name, ccs_view_t text)
{
    if (text.length == 0) {
        return CCS_OK;
    }
    if (strings->count == strings->size) {
        return CCS_ERR_SPACE;
    }
    strings->at[strings->count] = (exi_string_t){.text = text, .name = name};
    strings->count++;
    return CCS_OK;
}
