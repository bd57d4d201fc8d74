/* SPDX-License-Identifier: Apache-2.0 */
#include "hex.h"

static int digit(uint8_t character)
{
    if (character >= '0' && character <= '9') {
        return character - '0';
    }
    const int letter = character | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

static bool separates(uint8_t character)
{
    return character == ' ' || character == '\t' || character == '\r' || character == '\n' || character == ',' || character == ':';
}

static bool is_prefix(ccs_view_t text, size_t i)
{
    return i + 1 < text.length && text.at[i] == '0' && (text.at[i + 1] | 0x20) == 'x';
}

bool hex_read(ccs_view_t text, uint8_t *out, size_t *length, size_t *bad)
{
    *length = 0;
    for (size_t i = 0; i < text.length;) {
        *bad = i;
        if (separates(text.at[i])) {
            i++;
            continue;
        }
        if (is_prefix(text, i)) {
            i += 2;
            continue;
        }
        const int high = digit(text.at[i]);
        const int low = i + 1 < text.length ? digit(text.at[i + 1]) : -1;
        if (high < 0 || low < 0) {
            *bad = high < 0 ? i : i + 1;
            return false;
        }
        out[(*length)++] = (uint8_t)(high << 4 | low);
        i += 2;
    }
    return true;
}

bool hex_pairs(ccs_view_t text, uint8_t *out)
{
    for (size_t i = 0; i + 1 < text.length; i += 2) {
        const int high = digit(text.at[i]), low = digit(text.at[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i / 2] = (uint8_t)(high << 4 | low);
    }
    return text.length % 2 == 0;
}

void hex_write(ccs_view_t octets, char *to)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < octets.length; i++) {
        to[2 * i] = digits[octets.at[i] >> 4];
        to[2 * i + 1] = digits[octets.at[i] & 15];
    }
}
