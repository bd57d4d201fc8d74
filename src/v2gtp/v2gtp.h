/* V2G transfer protocol: the 8-octet header in front of every message, and a reader that finds messages in a TCP or TLS stream.
 *
 * Header: version 0x01, inverse version 0xFE, payload type (16 bits), payload length (32 bits), big-endian.
 *
 * The reader works inside the caller's buffer, which holds one message, header included. It never holds an octet beyond the
 * message it is reading: v2gtp_reader_window() says how many it takes now, and is 0 while a message waits to be released. What it
 * does not take stays with the sender (TCP's own back-pressure), so a raw frame stays intact for as long as its answer takes.
 *
 *     v2gtp_reader_init(&reader, buffer, sizeof buffer);
 *     taken = v2gtp_reader_put(&reader, bytes);                  any number of octets; takes at most one message
 *     if (v2gtp_reader_message(&reader, &message)) { ...; v2gtp_reader_next(&reader); }
 *
 * Bad headers are ignored and counted; the connection stays and the session's own timer decides
 * [TC_SECC_CMN_VTB_V2GTPSessionSetup_002 .. _005]. What happens to the octets behind a bad header:
 *
 *   1. The header is plausible, so its length is believed and so many octets are skipped; the stream stays in step. Plausible:
 *      length 1 .. V2GTP_LENGTH_PLAUSIBLE, and either version and inverse are right (the type is one that we do not know, or the
 *      message is longer than the buffer), or the type is known and the version octets are only half wrong: one of the two is
 *      right, or they are each other's inverse (another version of the protocol).
 *   2. Anything else (a length of 0 or beyond all reason, octets that are no header at all): the length cannot be believed. The
 *      reader drops octets until eight of them form a good header again: version, inverse, known type, plausible length. 39 bits
 *      of a header are fixed that way, so a payload does not look like one by chance; and a peer that writes one on purpose only
 *      sends itself a message.
 *
 * One fault counts once, however many octets are dropped for it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_V2GTP_V2GTP_H
#define CCS_V2GTP_V2GTP_H

#include "ccs/errors.h"
#include "ccs/view.h"

#include <stdbool.h>

/* Lengths above this are taken for damage. The largest real messages (ISO 15118-20 schedules, certificate installation) stay
 * below 20 kB. */
#define V2GTP_LENGTH_PLAUSIBLE 65536u

enum { V2GTP_HEADER_SIZE = 8, V2GTP_VERSION = 0x01, V2GTP_INVERSE = 0xFE };

typedef enum v2gtp_type {
    V2GTP_EXI = 0x8001, /* SupportedAppProtocol; every message of DIN 70121 and ISO 15118-2 */
    V2GTP_ISO20_MAIN = 0x8002,
    V2GTP_ISO20_AC = 0x8003,
    V2GTP_ISO20_DC = 0x8004,
    V2GTP_ISO20_ACDP = 0x8005,
    V2GTP_ISO20_WPT = 0x8006,
    V2GTP_ISO20_SCHEDULE_RENEGOTIATION = 0x8101,
    V2GTP_ISO20_METERING_CONFIRMATION = 0x8102,
    V2GTP_ISO20_ACDP_STATUS = 0x8103,
    V2GTP_ISO20_PARKING_STATUS = 0x8104,
    V2GTP_SDP_REQUEST = 0x9000,
    V2GTP_SDP_RESPONSE = 0x9001,
    V2GTP_SDP_WIRELESS_REQUEST = 0x9002,
    V2GTP_SDP_WIRELESS_RESPONSE = 0x9003
} v2gtp_type_t;

typedef struct v2gtp_header {
    uint8_t version, inverse;
    uint16_t type;
    uint32_t length; /* of the payload, octets */
} v2gtp_header_t;

/* "SDP request", "EXI": a constant; NULL: not a type of this list (0xA000 .. belongs to manufacturers). */
const char *v2gtp_type_name(uint16_t type);

/* May this type stand in a stream? SDP may not: it lives in datagrams. */
bool v2gtp_type_streams(uint16_t type);

void v2gtp_header_write(uint16_t type, uint32_t length, uint8_t out[V2GTP_HEADER_SIZE]);
v2gtp_header_t v2gtp_header_read(const uint8_t in[V2GTP_HEADER_SIZE]);

/* A datagram is one whole message: header, then exactly as many octets as it says. HEADER: wrong version, inverse or length 0;
 * TRUNCATED, LENGTH: fewer or more octets than announced. The payload points into the datagram. */
CCS_MUST_USE ccs_err_t v2gtp_datagram_read(ccs_view_t datagram, uint16_t *type, ccs_view_t *payload);

/* Never decremented. */
typedef struct v2gtp_stats {
    uint32_t messages;
    uint32_t malformed;    /* version, inverse or length wrong, or no header at all */
    uint32_t too_long;     /* good header, but longer than the buffer */
    uint32_t unknown_type; /* good header, but not for a stream */
} v2gtp_stats_t;

/* All fields are private. */
typedef struct v2gtp_reader {
    uint8_t *buffer;
    size_t size;
    size_t have;   /* octets in the buffer */
    size_t want;   /* octets that complete what is read now: a header, or a message */
    uint32_t skip; /* octets to drop before the next header */
    bool hunting;  /* out of step: drops octets until a good header */
    v2gtp_stats_t stats;
} v2gtp_reader_t;

typedef struct v2gtp_message {
    uint16_t type;
    ccs_view_t payload;
    ccs_view_t whole; /* header and payload, as they came */
} v2gtp_message_t;

/* buffer: at least one header and one octet; the caller's, for the life of the reader. Clears the counters. */
void v2gtp_reader_init(v2gtp_reader_t *reader, uint8_t *buffer, size_t size);

/* A new connection: forgets everything but the counters. */
void v2gtp_reader_restart(v2gtp_reader_t *reader);

/* How many octets it takes now without a message boundary inside; 0: a message waits for v2gtp_reader_next(). */
size_t v2gtp_reader_window(const v2gtp_reader_t *reader);

/* Takes octets until a message is complete or bytes end; returns how many. Fewer than given: a message waits. */
size_t v2gtp_reader_put(v2gtp_reader_t *reader, ccs_view_t bytes);

/* The complete message, if there is one. Its views point into the buffer and live until v2gtp_reader_next() or _restart(). */
bool v2gtp_reader_message(const v2gtp_reader_t *reader, v2gtp_message_t *message);

/* Releases the message. Without one: nothing. */
void v2gtp_reader_next(v2gtp_reader_t *reader);

const v2gtp_stats_t *v2gtp_reader_stats(const v2gtp_reader_t *reader);

#endif
