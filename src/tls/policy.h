/* One immutable policy for a link, chosen from what the car offers and what the site allows.
 *
 * ISO 15118-2 is TLS 1.2 with a server certificate; ISO 15118-20 is TLS 1.3 and the car shows a vehicle certificate, always
 * ([V2G20-1264], [V2G20-2400]; on 1.2 never [V2G20-2356]). Never "whatever the library upgrades to".
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TLS_POLICY_H
#define CCS_TLS_POLICY_H

#include "tls/hello.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tls_site {
    bool allows_12;   /* ISO 15118-2 is served and there are credentials for it */
    bool allows_13;   /* ISO 15118-20 likewise */
    bool static_ecdh; /* conformance mode: the suite without forward secrecy as well */
    bool compat;      /* P-256 in TLS 1.3, and 1.3 for whoever offers it: for field peers; said in every log line */
} tls_site_t;

#define TLS_WHYS(X)                                                                       \
    X(ONLY_12, "the car offers TLS 1.2")                                                  \
    X(ONLY_13, "the car offers TLS 1.3")                                                  \
    X(MARKS_OF_20, "the car offers both and shows the marks of ISO 15118-20: 1.3")        \
    X(NO_MARKS_OF_20, "the car offers both without the marks of ISO 15118-20: 1.2")       \
    X(COMPAT, "the car offers both, compat profile: 1.3")                                 \
    X(NO_CERTIFICATE_BEFORE, "the car had no certificate in a 1.3 handshake before: 1.2") \
    X(SITE, "the car offers both, only one of them is served here")                       \
    X(NO_VERSION, "no common TLS version")                                                \
    X(NO_SUITE, "no common cipher suite")                                                 \
    X(NO_GROUP, "no common group")                                                        \
    X(NO_SIGNATURE, "no common signature algorithm")

#define TLS_WHY_ENUMERATOR(name, text) TLS_WHY_##name,
typedef enum tls_why { TLS_WHYS(TLS_WHY_ENUMERATOR) TLS_WHYS_COUNT } tls_why_t;
#undef TLS_WHY_ENUMERATOR

const char *tls_why_text(tls_why_t why); /* a constant, never NULL */

enum { TLS_ALERT_HANDSHAKE_FAILURE = 40, TLS_ALERT_DECODE_ERROR = 50, TLS_ALERT_PROTOCOL_VERSION = 70, TLS_ALERT_SIZE = 7 };

typedef struct tls_policy {
    uint8_t version; /* 12, 13, or 0: refuse with this alert */
    uint8_t alert;
    bool client_certificate; /* always with 13, never with 12 */
    uint16_t suites, groups, signatures;
    tls_why_t why;
} tls_policy_t;

/* no_certificate_before: a 1.3 handshake of the same car in the same plug-in ended because it had no certificate. */
tls_policy_t tls_choose(const tls_site_t *site, const tls_hello_t *hello, bool no_certificate_before);

/* A fatal alert as one record, for a link that no library will see. */
void tls_alert_write(uint8_t alert, uint8_t out[TLS_ALERT_SIZE]);

#ifdef __cplusplus
}
#endif
#endif
