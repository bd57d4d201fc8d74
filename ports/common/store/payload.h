/* Octets that come as lines of text: Base64, or PEM as people paste it.
 *
 * Strict: the alphabet of RFC 4648, whole groups, padding only at the end and with zero bits below it. Several PEM blocks lie one
 * behind the other afterwards; EC PARAMETERS, which `openssl ecparam` puts before a key, are left out, and so are words between
 * blocks.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_STORE_PAYLOAD_H
#define CCS_STORE_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum payload_fault {
    PAYLOAD_FINE,
    PAYLOAD_NOT_BASE64,
    PAYLOAD_CUT,       /* ends inside a group or a block */
    PAYLOAD_LONG,      /* more octets than fit */
    PAYLOAD_ENCRYPTED, /* a key with a password: there is no place for the password here */
    PAYLOAD_EMPTY,
    PAYLOAD_LINE, /* told by whoever cuts lines */
    PAYLOAD_FAULTS
} payload_fault_t;

typedef struct payload {
    uint8_t *to; /* of the caller, for as long as lines come */
    size_t size, length;
    uint32_t bits;
    uint8_t held;    /* characters of the present group */
    uint8_t padding; /* of them, = */
    bool ended;      /* the last group had padding: nothing may follow in this block */
    bool pem, in_block, skips;
    payload_fault_t fault; /* the first one */
} payload_t;

const char *payload_fault_text(payload_fault_t fault);

void payload_begin(payload_t *payload, uint8_t *to, size_t size);
payload_fault_t payload_line(payload_t *payload, const char *line, size_t length); /* without its end */
void payload_spoil(payload_t *payload, payload_fault_t fault);                     /* it will not be whole any more */
payload_fault_t payload_end(payload_t *payload);                                   /* FINE: length octets lie at to */

/* Base64 of octets, terminated. Returns its length; 0: size is less than (length + 2) / 3 * 4 + 1. */
size_t payload_text(const uint8_t *octets, size_t length, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
