/* Strings that are more than a row of octets: characters above U+007F, and references to strings of before.
 * SPDX-License-Identifier: Apache-2.0 */
#include "exi/decode.h"
#include "exi/strings.h"
#include "exi/text.h"
#include <string.h>

static bool is_beyond(const exi_decoder_t *d)
{
    return exi_position(d, d->m.pos) > exi_frame_bits(d);
}

ccs_err_t exi_read_reference(exi_decoder_t *d, const exi_row_t *row, bool global, ccs_view_t *view)
{
    const exi_strings_t *strings = d->options->strings;
    if (is_beyond(d)) {
        return CCS_ERR_TRUNCATED;
    }
    if (strings == NULL) {
        return CCS_ERR_UNSUPPORTED;
    }
    const unsigned bits = exi_strings_width(strings, row->n, global);
    const uint32_t number = exi_peek(d->at, d->m.pos, bits);
    d->m.pos += bits;
    if (is_beyond(d)) {
        return CCS_ERR_TRUNCATED;
    }
    return exi_strings_find(strings, row->n, global, number, view) ? CCS_OK : CCS_ERR_RANGE;
}

/* The next character of a string, wherever it lies. */
static ccs_err_t read_character(exi_decoder_t *d, uint8_t utf8[4], size_t *octets)
{
    uint32_t character;
    if (d->m.pos >= d->limit) {
        exi_seek(d, exi_position(d, d->m.pos));
    }
    CCS_TRY(exi_read_number(d, CCS_ERR_TEXT, &character));
    if (is_beyond(d)) {
        return CCS_ERR_TRUNCATED;
    }
    *octets = character > 0x10FFFF ? 0 : exi_text_put(utf8, character);
    return *octets == 0 ? CCS_ERR_TEXT : CCS_OK;
}

/* UTF-8 in the arena, and then the unused rest of it is given back. */
static ccs_err_t read_utf8(exi_decoder_t *d, uint32_t characters, ccs_view_t *view)
{
    exi_arena_t *arena = d->arena;
    uint8_t *to = (uint8_t *)arena->at + arena->used;
    const size_t room = arena->size - arena->used;
    size_t length = 0;
    for (uint32_t i = 0; i < characters; i++) {
        uint8_t utf8[4];
        size_t octets;
        CCS_TRY(read_character(d, utf8, &octets));
        if (octets > room - length) {
            return CCS_ERR_SPACE;
        }
        memcpy(to + length, utf8, octets);
        length += octets;
    }
    *view = (ccs_view_t){.at = exi_take_octets(arena, length), .length = length};
    return view->at == NULL ? CCS_ERR_SPACE : CCS_OK;
}

/* A string with characters above U+007F. A fault stands at the start of its row, whose place counts from where the row was read. */
ccs_err_t exi_read_wide(exi_decoder_t *d, uint32_t characters, ccs_view_t *view)
{
    const uint32_t from = d->from;
    const ccs_err_t err = read_utf8(d, characters, view);
    d->from = err == CCS_OK ? d->from : from;
    return err;
}
