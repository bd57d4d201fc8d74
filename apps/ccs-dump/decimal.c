/* SPDX-License-Identifier: Apache-2.0 */
#include "decimal.h"

#include <stdlib.h>
#include <string.h>

/* Divides by ten in place; returns the remainder. */
static unsigned divide(uint8_t *number, size_t length)
{
    unsigned rest = 0;
    for (size_t i = 0; i < length; i++) {
        const unsigned value = rest << 8 | number[i];
        number[i] = (uint8_t)(value / 10);
        rest = value % 10;
    }
    return rest;
}

static bool is_zero(const uint8_t *number, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (number[i]) {
            return false;
        }
    }
    return true;
}

char *decimal_write(ccs_view_t magnitude, bool negative)
{
    const size_t size = magnitude.length * 3 + 3; /* an octet is at most 2.41 digits; sign, one digit, end */
    char *const text = malloc(size);
    uint8_t *const number = malloc(magnitude.length + 1);
    if (!text || !number) {
        free(text);
        free(number);
        return NULL;
    }
    if (magnitude.length > 0) {
        memcpy(number, magnitude.at, magnitude.length);
    }
    char *at = text + size - 1;
    *at = 0;
    do {
        *--at = (char)('0' + divide(number, magnitude.length));
    } while (!is_zero(number, magnitude.length));
    if (negative) {
        *--at = '-';
    }
    memmove(text, at, strlen(at) + 1);
    free(number);
    return text;
}

/* number = number * 10 + digit; number has room. */
static void append(uint8_t *number, size_t length, unsigned digit)
{
    unsigned carry = digit;
    for (size_t i = length; i-- > 0;) {
        const unsigned value = number[i] * 10u + carry;
        number[i] = (uint8_t)value;
        carry = value >> 8;
    }
}

bool decimal_read(const char *text, uint8_t *out, size_t *length, bool *negative)
{
    *negative = text[0] == '-';
    text += *negative;
    const size_t digits = strlen(text);
    if (digits == 0 || strspn(text, "0123456789") != digits) {
        return false;
    }
    memset(out, 0, digits);
    for (size_t i = 0; i < digits; i++) {
        append(out, digits, (unsigned)(text[i] - '0'));
    }
    size_t zeros = 0;
    while (zeros < digits && out[zeros] == 0) {
        zeros++;
    }
    *length = digits - zeros;
    memmove(out, out + zeros, *length);
    *negative = *negative && *length > 0;
    return true;
}
