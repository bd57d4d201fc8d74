/* SPDX-License-Identifier: Apache-2.0 */
#include "exi/text.h"
#include <string.h>

static const int32_t LEAST[4] = {0, 0x80, 0x800,
                                 0x10000}; /* of a code point in so many further octets: longer forms are not UTF-8 */

static const uint8_t FIRST[4] = {0, 0xC0, 0xE0, 0xF0};

static bool is_scalar(int32_t character)
{
    return character <= 0x10FFFF && (character < 0xD800 || character > 0xDFFF);
}

/* Octets that follow a first octet; negative: it is none. */
static int further_octets(uint8_t first)
{
    if (first < 0x80) {
        return 0;
    }
    if (first < 0xC0 || first > 0xF7) {
        return -1;
    }
    return first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
}

int32_t exi_text_next(ccs_view_t text, size_t *i)
{
    const uint8_t first = text.at[(*i)++];
    const int further = further_octets(first);
    if (further < 0 || (size_t)further > text.length - *i) {
        return -1;
    }
    int32_t character = further == 0 ? first : first & (0x3F >> further);
    for (int k = 0; k < further; k++) {
        const uint8_t octet = text.at[(*i)++];
        if ((octet & 0xC0) != 0x80) {
            return -1;
        }
        character = character << 6 | (octet & 0x3F);
    }
    return character >= LEAST[further] && is_scalar(character) ? character : -1;
}

size_t exi_text_put(uint8_t at[4], uint32_t character)
{
    if (character > 0x10FFFF || !is_scalar((int32_t)character)) {
        return 0;
    }
    if (character < 0x80) {
        at[0] = (uint8_t)character;
        return 1;
    }
    const size_t further = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    for (size_t k = further; k > 0; k--) {
        at[k] = (uint8_t)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    at[0] = (uint8_t)(FIRST[further] | character);
    return further + 1;
}

/* XML 1.0, production Char. */
static bool is_xml(int32_t character)
{
    return character >= 0x20 ? character != 0xFFFE && character != 0xFFFF : character == 9 || character == 10 || character == 13;
}

/* The high bit of an octet stands where it lies outside 0x20 .. 0x7F. (A borrow spoils only the octet beside such a one.) */
static uint64_t mark_odd(uint64_t word)
{
    return word | (word - 0x2020202020202020u);
}

/* In the machine's own order: each octet is asked the same. */
static uint64_t load_any(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* Letters, digits and the like alone: they are octets on the wire. */
static bool is_plain(ccs_view_t text)
{
    uint64_t marks = 0;
    if (text.length < 8) {
        uint64_t word = 0x2020202020202020u;
        for (size_t i = 0; i < text.length; i++) {
            word = word << 8 | text.at[i];
        }
        marks = mark_odd(word);
    } else {
        const size_t last = text.length - 8;
        for (size_t i = 0; i < last; i += 8) {
            marks |= mark_odd(load_any(text.at + i));
        }
        marks |= mark_odd(load_any(text.at + last));
    }
    return (marks & 0x8080808080808080u) == 0;
}

int64_t exi_text_count(ccs_view_t text)
{
    if (is_plain(text)) {
        return (int64_t)text.length;
    }
    int64_t count = 0;
    for (size_t i = 0; i < text.length; count++) {
        const int32_t character = exi_text_next(text, &i);
        if (character < 0 || !is_xml(character)) {
            return -1;
        }
    }
    return count;
}
