/* Distinguished names: what they hold, and whether two are the same.
 * SPDX-License-Identifier: Apache-2.0 */
#include "pki/name.h"
#include "pki/der.h"
#include "pki/oid.h"

typedef struct part {
    ccs_view_t oid, text;
    unsigned attribute; /* pki_attribute_t */
} part_t;

typedef struct parts {
    part_t part[PKI_NAME_PARTS_MAX];
    size_t count;
    bool whole;
} parts_t;

static void read_part(parts_t *parts, der_t *set)
{
    der_t pair = der_enter(set, DER_SEQUENCE);
    const ccs_view_t oid = der_oid(&pair);
    const uint8_t tag = der_peek(&pair);
    const ccs_view_t text = der_take(&pair, tag, NULL);
    der_leave(set, &pair);
    if (parts->count == PKI_NAME_PARTS_MAX) {
        set->fault = DER_BROKEN;
        return;
    }
    const bool readable = tag == DER_UTF8_STRING || tag == DER_PRINTABLE_STRING || tag == DER_IA5_STRING;
    const unsigned known = readable ? oid_value(oid_attributes, oid) : 0;
    parts->part[parts->count++] = (part_t){oid, text, known ? known : PKI_OTHER_ATTRIBUTE};
}

/* Name ::= SEQUENCE OF SET OF SEQUENCE { type, value } */
static void read_parts(ccs_view_t name, parts_t *parts)
{
    der_t der = der_in(name);
    parts->count = 0;
    while (der_peek(&der) != DER_NO_TAG) {
        der_t set = der_enter(&der, DER_SET);
        do {
            read_part(parts, &set);
        } while (der_peek(&set) != DER_NO_TAG);
        der_leave(&der, &set);
    }
    parts->whole = der.fault == DER_FINE;
    if (!parts->whole) {
        parts->count = 0;
    }
}

bool pki_name_is_whole(ccs_view_t name)
{
    parts_t parts;
    read_parts(name, &parts);
    return parts.whole;
}

unsigned pki_name_attributes(ccs_view_t name)
{
    parts_t parts;
    unsigned found = 0;
    read_parts(name, &parts);
    for (size_t i = 0; i < parts.count; i++) {
        found |= parts.part[i].attribute;
    }
    return found;
}

unsigned pki_name_find(ccs_view_t name, pki_attribute_t attribute, ccs_view_t *value)
{
    parts_t parts;
    unsigned count = 0;
    read_parts(name, &parts);
    for (size_t i = 0; i < parts.count; i++) {
        if (parts.part[i].attribute == (unsigned)attribute && count++ == 0 && value) {
            *value = parts.part[i].text;
        }
    }
    return count;
}

/* How often a name has this very part. */
static unsigned times(const parts_t *parts, const part_t *part)
{
    unsigned count = 0;
    for (size_t i = 0; i < parts->count; i++) {
        count += der_equal(parts->part[i].oid, part->oid) && der_equal(parts->part[i].text, part->text);
    }
    return count;
}

bool pki_name_equal(ccs_view_t a, ccs_view_t b)
{
    parts_t one, other;
    read_parts(a, &one);
    read_parts(b, &other);
    bool equal = one.whole && other.whole && one.count == other.count && one.count > 0;
    for (size_t i = 0; equal && i < one.count; i++) {
        equal = times(&one, &one.part[i]) == times(&other, &one.part[i]);
    }
    return equal;
}

/* ---- identifiers */

/* The next character that counts, in lower case; 0: the end. */
static uint8_t next_of(ccs_view_t *text)
{
    while (text->length > 0) {
        const uint8_t octet = text->at[0];
        *text = (ccs_view_t){text->at + 1, text->length - 1};
        if (octet != '-') {
            return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet - 'A' + 'a') : octet;
        }
    }
    return 0;
}

bool pki_id_equal(ccs_view_t a, ccs_view_t b)
{
    uint8_t of_a, of_b;
    do {
        of_a = next_of(&a);
        of_b = next_of(&b);
    } while (of_a == of_b && of_a != 0);
    return of_a == of_b && a.length == 0 && b.length == 0;
}

ccs_view_t pki_name_whole(ccs_view_t name)
{
    const size_t header = name.length < 128 ? 2 : name.length < 256 ? 3 : 4;
    return (ccs_view_t){name.at - header, name.length + header};
}
