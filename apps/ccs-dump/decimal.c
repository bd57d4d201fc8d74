/* SPDX-License-Identifier: Apache-2.0 */
#include "decimal.h"

#include "hex.h"

#include <stdlib.h>
#include <string.h>

enum { GROUP = 9, EXPONENT_MAX = 100000 }; /* digits at a time; an exponent beyond is as good as this one */

static const uint32_t billion = 1000000000;

/* Divides by 10^9 in place; returns the remainder. */
static uint32_t divide(uint8_t *number, size_t length)
{
    uint64_t rest = 0;
    for (size_t i = 0; i < length; i++) {
        const uint64_t value = rest << 8 | number[i];
        number[i] = (uint8_t)(value / billion);
        rest = value % billion;
    }
    return (uint32_t)rest;
}

/* Of a big-endian number. */
static size_t leading_zeros(const uint8_t *number, size_t length)
{
    size_t zeros = 0;
    while (zeros < length && number[zeros] == 0) {
        zeros++;
    }
    return zeros;
}

/* Groups of nine from the last digit on, into the end of text; number is used up. Returns where the digits begin. */
static char *write_groups(uint8_t *number, size_t length, char *end)
{
    char *at = end;
    *at = 0;
    for (size_t zeros = 0; zeros < length; zeros += leading_zeros(number + zeros, length - zeros)) {
        uint32_t group = divide(number + zeros, length - zeros);
        for (int i = 0; i < GROUP; i++, group /= 10) {
            *--at = (char)('0' + group % 10);
        }
    }
    at += strspn(at, "0");
    if (*at == 0) {
        *--at = '0';
    }
    return at;
}

static char *write_decimal(ccs_view_t magnitude, bool negative)
{
    const size_t size = magnitude.length * 3 + 2 * GROUP; /* an octet is at most 2.41 digits */
    char *const text = malloc(size);
    uint8_t number[DECIMAL_OCTETS_MAX];
    if (!text) {
        return NULL;
    }
    if (magnitude.length > 0) {
        memcpy(number, magnitude.at, magnitude.length);
    }
    char *at = write_groups(number, magnitude.length, text + size - 1);
    if (negative) {
        *--at = '-';
    }
    memmove(text, at, strlen(at) + 1);
    return text;
}

static char *write_hexadecimal(ccs_view_t magnitude, bool negative)
{
    char *const text = malloc(2 * magnitude.length + sizeof "-0x");
    if (text) {
        const size_t head = negative ? 3 : 2;
        memcpy(text, negative ? "-0x" : "0x", head);
        hex_write(magnitude, text + head);
        text[head + 2 * magnitude.length] = 0;
    }
    return text;
}

char *decimal_write(ccs_view_t magnitude, bool negative)
{
    return (magnitude.length > DECIMAL_OCTETS_MAX ? write_hexadecimal : write_decimal)(magnitude, negative);
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

static bool read_digits(ccs_view_t text, uint8_t *out)
{
    memset(out, 0, text.length);
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
        append(out, text.length, (unsigned)(text.at[i] - '0'));
    }
    return text.length > 0 && text.length <= DECIMAL_DIGITS_MAX;
}

bool decimal_read(ccs_view_t text, uint8_t *out, size_t *length, bool *negative)
{
    *negative = text.length > 0 && text.at[0] == '-';
    text = (ccs_view_t){text.at + *negative, text.length - *negative};
    *length = text.length;
    if (text.length > 2 && memcmp(text.at, "0x", 2) == 0) {
        *length = text.length / 2 - 1;
        if (!hex_pairs((ccs_view_t){text.at + 2, text.length - 2}, out)) {
            return false;
        }
    } else if (text.length > DECIMAL_DIGITS_MAX || !read_digits(text, out)) {
        return false;
    }
    const size_t zeros = leading_zeros(out, *length);
    *length -= zeros;
    memmove(out, out + zeros, *length);
    *negative = *negative && *length > 0;
    return true;
}

/* Digits without the point, as many of them as there is room for; *places: how many stood behind it. */
static size_t put_mantissa(ccs_view_t number, size_t *i, char *digits, long *places)
{
    size_t length = 0;
    bool point = false;
    for (; *i < number.length && (number.at[*i] | 0x20) != 'e'; (*i)++) {
        if (number.at[*i] == '.') {
            point = true;
        } else if (length < DECIMAL_DIGITS_MAX) {
            digits[length++] = (char)number.at[*i];
            *places += point;
        } else {
            return 0;
        }
    }
    return length;
}

static long exponent_of(ccs_view_t number, size_t i)
{
    long value = 0;
    const bool negative = i + 1 < number.length && number.at[i + 1] == '-';
    for (; i < number.length; i++) {
        const bool digit = number.at[i] >= '0' && number.at[i] <= '9';
        value = digit && value < EXPONENT_MAX ? value * 10 + (number.at[i] - '0') : value;
    }
    return negative ? -value : value;
}

static bool is_zero(const char *digits, size_t length)
{
    size_t i = 0;
    while (i < length && digits[i] == '0') {
        i++;
    }
    return i == length;
}

size_t decimal_whole(ccs_view_t number, char digits[DECIMAL_DIGITS_MAX + 1])
{
    const size_t sign = number.at[0] == '-';
    size_t i = sign;
    long places = 0;
    digits[0] = '-';
    char *const at = digits + sign;
    size_t length = put_mantissa(number, &i, at, &places);
    if (length == 0) {
        return 0;
    }
    places = is_zero(at, length) ? 0 : places - exponent_of(number, i);
    for (; places > 0 && at[length - 1] == '0'; places--) {
        length--;
    }
    for (; places < 0 && length < DECIMAL_DIGITS_MAX; places++) {
        at[length++] = '0';
    }
    return places == 0 ? sign + length : 0;
}
