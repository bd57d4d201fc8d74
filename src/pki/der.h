/* DER (X.690), strictly: a cursor over octets of somebody else that hands out views.
 *
 * No allocation, no recursion, no copy. A cursor remembers its first fault: what is taken after it is empty, so that a structure is
 * read straight down and asked once. Strict means: one-octet tags, definite lengths in their shortest form, integers, booleans, bit
 * strings, object identifiers and times in the one form that DER allows, nothing left behind at the end of a structure.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PKI_DER_H
#define CCS_PKI_DER_H

#include "ccs/view.h"

#include <stdbool.h>

typedef enum der_tag {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_UTF8_STRING = 0x0C,
    DER_PRINTABLE_STRING = 0x13,
    DER_IA5_STRING = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONTEXT = 0x80,             /* [0] IMPLICIT of a primitive type; + n for [n] */
    DER_CONTEXT_CONSTRUCTED = 0xA0, /* [0] EXPLICIT, or IMPLICIT of a constructed type */
    DER_NO_TAG = 0                  /* at the end */
} der_tag_t;

/* TRAILING: a structure was read to its end and octets are left in it. TIME: a time that is no time. */
typedef enum der_fault { DER_FINE, DER_BROKEN, DER_TRAILING, DER_TIME } der_fault_t;

typedef struct der {
    const uint8_t *at;
    size_t left;
    der_fault_t fault;
} der_t;

enum { DER_LENGTH_MAX = 65535 }; /* octets of a value: a certificate of a V2G protocol has at most 1600 */

der_t der_in(ccs_view_t octets);

/* The tag that comes next; DER_NO_TAG at the end and after a fault. */
uint8_t der_peek(const der_t *der);

/* The value of the next element, which must have this tag; whole (may be NULL) is the element with tag and length. */
ccs_view_t der_take(der_t *der, uint8_t tag, ccs_view_t *whole);

/* The next element, whatever it is; its tag, length and value. */
ccs_view_t der_take_any(der_t *der);

/* A cursor inside the next element, which must have this tag. */
der_t der_enter(der_t *der, uint8_t tag);

/* The inner cursor is done: its fault, or octets left in it, is a fault of the outer one. */
void der_leave(der_t *outer, const der_t *inner);

/* Nothing may be left. */
void der_end(der_t *der);

bool der_boolean(der_t *der);
ccs_view_t der_integer(der_t *der);                     /* two's complement, big-endian, at least one octet */
ccs_view_t der_magnitude(ccs_view_t integer);           /* of one that is not negative: without its sign's octet */
ccs_view_t der_oid(der_t *der);                         /* the octets behind tag and length */
ccs_view_t der_bits(der_t *der, unsigned *unused_bits); /* unused bits at the end, 0 .. 7; they are zero */
int64_t der_time(der_t *der);                           /* seconds since 1970, of a UTCTime or GeneralizedTime in Z */

/* A named bit list of at most 16 names: bit n of the result is name n. Trailing zeros are a fault, as DER wants. */
uint16_t der_names(der_t *der);

bool der_equal(ccs_view_t a, ccs_view_t b);

#endif
