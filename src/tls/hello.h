/* What a car offers in its ClientHello, read before any TLS library sees it.
 *
 * A TLS library that may upgrade by itself decides who is asked for a certificate: cars without one got ISO 15118-20 that way.
 * Here the first message of a link is read by us, one immutable policy is chosen from it (policy.h), and the same octets then go
 * to the library. Nothing here keeps state: octets in, facts out, call again with more.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TLS_HELLO_H
#define CCS_TLS_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ccs/errors.h"
#include "ccs/view.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Room for a whole ClientHello. The largest seen from a car: 1.1 kB; a post-quantum key share of a stock library adds 1.2 kB. */
enum { TLS_HELLO_SIZE = 4096 };

/* What this charger knows, as bits; what it does not know (GREASE included) leaves no bit. */
enum {
    TLS_SUITE_ECDHE_ECDSA_AES128_CBC_SHA256 = 1 << 0, /* 1.2, ISO 15118-2 */
    TLS_SUITE_ECDH_ECDSA_AES128_CBC_SHA256 = 1 << 1,  /* 1.2, ISO 15118-2, without forward secrecy */
    TLS_SUITE_AES256_GCM_SHA384 = 1 << 2,             /* 1.3, ISO 15118-20 */
    TLS_SUITE_CHACHA20_POLY1305_SHA256 = 1 << 3,      /* 1.3, ISO 15118-20 */
    TLS_SUITE_AES128_GCM_SHA256 = 1 << 4,             /* 1.3, not of ISO 15118-20 */
    TLS_SUITES_12 = TLS_SUITE_ECDHE_ECDSA_AES128_CBC_SHA256 | TLS_SUITE_ECDH_ECDSA_AES128_CBC_SHA256,
    TLS_SUITES_13 = TLS_SUITE_AES256_GCM_SHA384 | TLS_SUITE_CHACHA20_POLY1305_SHA256
};
enum { TLS_GROUP_P256 = 1 << 0, TLS_GROUP_P521 = 1 << 1, TLS_GROUP_X448 = 1 << 2, TLS_GROUPS_20 = TLS_GROUP_P521 | TLS_GROUP_X448 };
enum {
    TLS_SIGNATURE_P256_SHA256 = 1 << 0,
    TLS_SIGNATURE_P521_SHA512 = 1 << 1,
    TLS_SIGNATURE_ED448 = 1 << 2,
    TLS_SIGNATURES_20 = TLS_SIGNATURE_P521_SHA512 | TLS_SIGNATURE_ED448
};

typedef struct tls_hello {
    bool offers_12, offers_13;
    uint16_t suites, groups, key_shares, signatures; /* of the bits above */
    bool has_groups, has_signatures;                 /* the extension was there at all */
    bool status_request, status_request_v2;          /* wants OCSP responses, [V2G2-871], [V2G20-2372] */
    bool ticket, psk, early_data;                    /* resumption and 0-RTT: never taken, kept for the log */
    bool has_trusted_ca;                             /* trusted_ca_keys [V2G2-651] */
    bool trusted_ca_bare;                            /* ... without its length: one known car; taken as it is */
    bool has_authorities;                            /* certificate_authorities [V2G20-1006] */
    ccs_view_t trusted_ca;                           /* list of TrustedAuthority; walk with tls_trusted_ca_next() */
    ccs_view_t authorities;                          /* list of DistinguishedName; walk with tls_authority_next() */
    ccs_view_t server_name;                          /* host_name, or empty */
    size_t length;                                   /* octets of the records that held it: what the library must be given first */
} tls_hello_t;

/* Reads the ClientHello at the start of a stream. stream: everything received so far, from the first octet on. scratch: the message
 * is put together there from its records (RFC 8446 5.1 lets it be cut anywhere); the views of *out point into it.
 *
 * CCS_ERR_TRUNCATED    not all of it is here: call again with more
 * CCS_ERR_SPACE        longer than scratch: refuse the link
 * CCS_ERR_HEADER       not TLS, or not a ClientHello
 * CCS_ERR_LENGTH       a length inside contradicts another, or an extension stands twice
 * CCS_ERR_MISSING      no cipher suite, or no null compression */
CCS_MUST_USE ccs_err_t tls_hello_read(ccs_view_t stream, uint8_t *scratch, size_t scratch_size, tls_hello_t *out);

/* The same in place, without a second buffer: once the message is whole it stands in one record, whatever records it came in, and
 * what is behind it moves up. *length: octets at stream, then as now; size: what fits there, and of which the message may take all,
 * at least 9. The views of *out point into stream. What is not whole yet is left as it is. */
CCS_MUST_USE ccs_err_t tls_hello_take(uint8_t *stream, size_t *length, size_t size, tls_hello_t *out);

/* One root that a TLS 1.2 car trusts. */
typedef enum tls_trusted_ca_kind { TLS_CA_PRE_AGREED, TLS_CA_KEY_SHA1, TLS_CA_NAME, TLS_CA_CERTIFICATE_SHA1 } tls_trusted_ca_kind_t;
typedef struct tls_trusted_ca {
    tls_trusted_ca_kind_t kind;
    ccs_view_t value; /* 20 octets of SHA-1, or a distinguished name (DER) */
} tls_trusted_ca_t;

/* Takes the next entry off the front of *list; false: no more, or the rest cannot be read (a car's broken list never ends a
 * handshake). */
bool tls_trusted_ca_next(ccs_view_t *list, tls_trusted_ca_t *out);
bool tls_authority_next(ccs_view_t *list, ccs_view_t *name);

/* A root of ours, in the forms in which a car may name it. */
typedef struct tls_root {
    ccs_view_t name; /* its subject, DER */
    uint8_t certificate_sha1[20], key_sha1[20];
} tls_root_t;

/* Does the car name this root? By trusted_ca_keys, or by certificate_authorities. */
bool tls_hello_trusts(const tls_hello_t *hello, const tls_root_t *root);

#ifdef __cplusplus
}
#endif
#endif
