/* SECC discovery: which TCP port, with TLS or without.
 *
 * One request datagram, one answer with one endpoint. Pure functions: octets and settings in, verdict out; sockets, the 18 s
 * communication setup timer and the join of ff02::1 are the caller's. The answer goes unicast to where the request came from.
 *
 * Seen in the field: a car whose TLS request stays unanswered repeats it 50 times (12 s) before it tries plain (Audi Q4) or never
 * charges (Tesla, Kia EV3); a car that asks for TLS and is told "none" goes on in plain TCP (Tesla Model X). So a request is
 * always answered when there is any endpoint the car could use, and the car decides. Security in the answer is what the port does,
 * and may differ from the request.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SDP_SDP_H
#define CCS_SDP_SDP_H

#include "ccs/secc.h" /* ccs_tls_policy_t, ccs_endpoint_t */

#ifdef __cplusplus
extern "C" {
#endif

enum {
    SDP_PORT = 15118, /* UDP */
    SDP_TLS = 0x00,
    SDP_PLAIN = 0x10,
    SDP_TCP = 0x00,
    SDP_REQUEST_SIZE = 10, /* V2GTP header included */
    SDP_RESPONSE_SIZE = 28,
    SDP_TRIES_MAX = 50, /* requests of a car [V2G2-161] */
    SDP_RETRY_MS = 250  /* from one to the next [V2G2-159] */
};

/* Why a datagram was answered as it was, or was not. Up to SDP_MALFORMED_LAST the datagram itself was bad. */
#define SDP_WHYS(X)                                                 \
    X(HEADER, "not a V2GTP message, or not one whole message")      \
    X(TYPE, "V2GTP payload type is not the one expected")           \
    X(LENGTH, "payload has not the length of an SDP message")       \
    X(TRANSPORT, "transport protocol other than TCP")               \
    X(SECURITY, "reserved security value")                          \
    X(NO_ENDPOINT, "no endpoint that policy and protocols allow")   \
    X(AS_ASKED, "answered as asked")                                \
    X(TLS_NOT_HERE, "TLS was asked for, only plain TCP is offered") \
    X(TLS_ONLY, "plain TCP was asked for, only TLS is offered")     \
    X(ADDRESS, "address of the answer is not link-local")           \
    X(PORT_ZERO, "port of the answer is 0")

#define SDP_WHY_ENUMERATOR(name, text) SDP_##name,
typedef enum sdp_why { SDP_WHYS(SDP_WHY_ENUMERATOR) SDP_WHYS_COUNT } sdp_why_t;
#undef SDP_WHY_ENUMERATOR
enum { SDP_MALFORMED_LAST = SDP_SECURITY };

const char *sdp_why_name(sdp_why_t why); /* "TLS_NOT_HERE": a constant, never NULL */
const char *sdp_why_text(sdp_why_t why);

/* What the site offers. */
typedef struct sdp_site {
    ccs_tls_policy_t tls;
    uint16_t port, port_tls; /* 0: that listener does not exist */
    bool plain_useless;      /* every protocol here needs TLS (ISO 15118-20 alone): plain is never offered */
} sdp_site_t;

typedef struct sdp_verdict {
    bool answer; /* false: silence */
    bool tls;
    uint16_t port;
    sdp_why_t why;
} sdp_verdict_t;

/* The security matrix. security: SDP_TLS or SDP_PLAIN. */
sdp_verdict_t sdp_decide(const sdp_site_t *site, uint8_t security);

/* Judges a datagram that came to port 15118. Malformed or reserved [TC_SECC_CMN_VTB_V2GTPSDP_002 .. _005]: silence. */
sdp_verdict_t sdp_serve(const sdp_site_t *site, ccs_view_t datagram);

void sdp_request_write(bool tls, uint8_t out[SDP_REQUEST_SIZE]);
void sdp_response_write(const uint8_t address[16], uint16_t port, bool tls, uint8_t out[SDP_RESPONSE_SIZE]);

/* Reads a request or a response without judging it: for tools that show traffic. */
typedef struct sdp_message {
    bool response;
    uint8_t security, transport;
    ccs_endpoint_t endpoint; /* of a response */
} sdp_message_t;
CCS_MUST_USE ccs_err_t sdp_message_read(ccs_view_t datagram, sdp_message_t *out);

/* What a car makes of a datagram while it waits for an answer. */
typedef struct sdp_offer {
    bool usable;
    bool tls; /* may differ from what was asked: the car decides whether it goes there */
    ccs_endpoint_t endpoint;
    sdp_why_t why; /* AS_ASKED, TLS_NOT_HERE, TLS_ONLY, or what is wrong */
} sdp_offer_t;

/* asked_tls: what the request said. Unusable offers are ignored and counted; the car goes on asking. */
sdp_offer_t sdp_offer_read(ccs_view_t datagram, bool asked_tls);

bool sdp_is_link_local(const uint8_t address[16]); /* fe80::/10 */

#ifdef __cplusplus
}
#endif
#endif
