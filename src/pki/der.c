/* DER, strictly. SPDX-License-Identifier: Apache-2.0 */
#include "pki/der.h"

#include <string.h>

static const ccs_view_t nothing = {NULL, 0};

static ccs_view_t fail(der_t *der, der_fault_t fault)
{
    if (der->fault == DER_FINE) {
        der->fault = fault;
    }
    der->left = 0;
    return nothing;
}

der_t der_in(ccs_view_t octets)
{
    return (der_t){.at = octets.at, .left = octets.length};
}

uint8_t der_peek(const der_t *der)
{
    return der->fault == DER_FINE && der->left > 0 ? der->at[0] : DER_NO_TAG;
}

/* Octets of tag and length of the next element, and the length of its value; 0: broken. */
static size_t read_head(const der_t *der, size_t *length)
{
    if (der->fault != DER_FINE || der->left < 2 || der->at[0] == 0 || (der->at[0] & 0x1F) == 0x1F) {
        return 0; /* tags above 30 do not occur in certificates */
    }
    const uint8_t first = der->at[1];
    if (first < 0x80) {
        *length = first;
        return 2;
    }
    const size_t octets = first & 0x7F;
    if (octets < 1 || octets > 2 || der->left < 2 + octets) {
        return 0; /* indefinite, or longer than DER_LENGTH_MAX */
    }
    *length = octets == 1 ? der->at[2] : (size_t)der->at[2] << 8 | der->at[3];
    const bool shortest = octets == 1 ? *length >= 0x80 : *length >= 0x100;
    return shortest ? 2 + octets : 0;
}

ccs_view_t der_take(der_t *der, uint8_t tag, ccs_view_t *whole)
{
    size_t length = 0;
    const size_t head = read_head(der, &length);
    if (whole) {
        *whole = nothing;
    }
    if (head == 0 || der->at[0] != tag || der->left - head < length) {
        return fail(der, DER_BROKEN);
    }
    if (whole) {
        *whole = (ccs_view_t){der->at, head + length};
    }
    const ccs_view_t value = {der->at + head, length};
    der->at += head + length;
    der->left -= head + length;
    return value;
}

ccs_view_t der_take_any(der_t *der)
{
    ccs_view_t whole;
    der_take(der, der_peek(der), &whole);
    return whole;
}

der_t der_enter(der_t *der, uint8_t tag)
{
    der_t inner = der_in(der_take(der, tag, NULL));
    inner.fault = der->fault;
    return inner;
}

void der_end(der_t *der)
{
    if (der->left > 0) {
        fail(der, DER_TRAILING);
    }
}

void der_leave(der_t *outer, const der_t *inner)
{
    der_t copy = *inner;
    der_end(&copy);
    if (copy.fault != DER_FINE) {
        fail(outer, copy.fault);
    }
}

bool der_equal(ccs_view_t a, ccs_view_t b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

/* ---- types */

bool der_boolean(der_t *der)
{
    const ccs_view_t value = der_take(der, DER_BOOLEAN, NULL);
    if (value.length != 1 || (value.at[0] != 0x00 && value.at[0] != 0xFF)) {
        fail(der, DER_BROKEN);
        return false;
    }
    return value.at[0] == 0xFF;
}

ccs_view_t der_integer(der_t *der)
{
    const ccs_view_t value = der_take(der, DER_INTEGER, NULL);
    if (value.length < 1) {
        return fail(der, DER_BROKEN);
    }
    const bool padded =
        value.length > 1 && ((value.at[0] == 0x00 && value.at[1] < 0x80) || (value.at[0] == 0xFF && value.at[1] >= 0x80));
    return padded ? fail(der, DER_BROKEN) : value;
}

ccs_view_t der_magnitude(ccs_view_t integer)
{
    const bool has_sign = integer.length > 1 && integer.at[0] == 0;
    return has_sign ? (ccs_view_t){integer.at + 1, integer.length - 1} : integer;
}

ccs_view_t der_oid(der_t *der)
{
    const ccs_view_t value = der_take(der, DER_OID, NULL);
    bool begins = true; /* a number of it */
    for (size_t i = 0; i < value.length; i++) {
        if (begins && value.at[i] == 0x80) {
            return fail(der, DER_BROKEN);
        }
        begins = value.at[i] < 0x80;
    }
    return value.length > 0 && begins ? value : fail(der, DER_BROKEN);
}

ccs_view_t der_bits(der_t *der, unsigned *unused_bits)
{
    const ccs_view_t value = der_take(der, DER_BIT_STRING, NULL);
    *unused_bits = 0;
    if (value.length < 1 || value.at[0] > 7 || (value.length == 1 && value.at[0] != 0)) {
        return fail(der, DER_BROKEN);
    }
    const unsigned unused = value.at[0];
    if ((value.at[value.length - 1] & ((1u << unused) - 1u)) != 0 && value.length > 1) {
        return fail(der, DER_BROKEN);
    }
    *unused_bits = unused;
    return (ccs_view_t){value.at + 1, value.length - 1};
}

uint16_t der_names(der_t *der)
{
    unsigned unused;
    const ccs_view_t bits = der_bits(der, &unused);
    if (bits.length == 0) {
        return 0;
    }
    const bool trimmed = bits.at[bits.length - 1] >> unused & 1;
    if (bits.length > 2 || !trimmed) {
        fail(der, DER_BROKEN);
        return 0;
    }
    uint16_t names = 0;
    for (unsigned name = 0; name < bits.length * 8; name++) {
        const unsigned bit = (unsigned)bits.at[name / 8] >> (7 - name % 8) & 1u;
        names = (uint16_t)(names | bit << name);
    }
    return names;
}

/* ---- time */

/* Two digits; above 99: none. */
static unsigned two_digits(const uint8_t *at)
{
    const unsigned tens = at[0] - (unsigned)'0', ones = at[1] - (unsigned)'0';
    return tens < 10 && ones < 10 ? tens * 10 + ones : 100;
}

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_of_month(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year) ? 1u : 0u);
}

/* Days from 1970-01-01, of the Gregorian calendar; year 0 .. 9999. */
static int64_t days_since_1970(unsigned year, unsigned month, unsigned day)
{
    const int64_t before = (int64_t)year - 1;
    int64_t days = before * 365 + before / 4 - before / 100 + before / 400 - 719162;
    for (unsigned one = 1; one < month; one++) {
        days += days_of_month(year, one);
    }
    return days + day - 1;
}

int64_t der_time(der_t *der)
{
    const bool is_long = der_peek(der) == DER_GENERALIZED_TIME;
    const ccs_view_t text = der_take(der, is_long ? DER_GENERALIZED_TIME : DER_UTC_TIME, NULL);
    if (der->fault != DER_FINE) {
        return 0;
    }
    if (text.length != (is_long ? 15u : 13u) || text.at[text.length - 1] != 'Z') {
        fail(der, DER_TIME);
        return 0;
    }
    const uint8_t *const at = text.at + (is_long ? 2 : 0);
    const unsigned short_year = two_digits(at), month = two_digits(at + 2), day = two_digits(at + 4);
    const unsigned hour = two_digits(at + 6), minute = two_digits(at + 8), second = two_digits(at + 10);
    const unsigned century = is_long ? two_digits(text.at) : short_year < 50 ? 20 : 19; /* RFC 5280 4.1.2.5.1 */
    const unsigned year = century * 100 + short_year;
    const bool valid = century < 100 && short_year < 100 && year > 0 && month >= 1 && month <= 12 && day >= 1 && hour < 24 &&
                       minute < 60 && second < 60;
    if (!valid || day > days_of_month(year, month)) {
        fail(der, DER_TIME);
        return 0;
    }
    return ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
}
