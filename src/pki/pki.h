/* Who may talk to this charger: our own judgement of certificate chains, whatever the TLS library said.
 *
 * Four TLS libraries give five different answers to the same bad chains (a vehicle certificate of the wrong role, three sub-CAs, a
 * P-256 sub-CA below a P-521 root). So every chain is judged here, by the profile of ISO 15118-2 and -20 as tables (profile.c):
 * strict DER, version, serial, dates, sizes, keys and curves, signature algorithms, basic constraints and path length, key usage,
 * extended key usage of the leaf, domain component, order, root of the right store, signatures, revocation.
 *
 *     const pki_request_t request = {.role = PKI_VEHICLE, .edition = PKI_ISO20, .chain = chain, .count = 3, .now_s = utc_s};
 *     const pki_verdict_t verdict = pki_judge(&stores, &request, &crypto, &cache);
 *     if (!pki_is_good(&verdict)) { log("%s at %u", pki_reason_text(verdict.reason), verdict.at); }
 *
 * Nothing is allocated, copied or kept; less than 2 kB of stack on 32 bits, cryptography apart. Re-entrant over an immutable
 * snapshot of the stores: several threads may judge at once, each with a cache of its own. Cryptography is the caller's
 * (pki_crypto_t): pure functions of their input. A verdict that is all zero says that nothing was judged, and is not good.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PKI_PKI_H
#define CCS_PKI_PKI_H

#include "ccs/errors.h"
#include "ccs/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What was found. Every refusal has a reason of its own, so that a log names it and a test can ask for it. */
#define PKI_REASONS(X)                                                                       \
    X(UNJUDGED, "nothing was judged")                                                        \
    X(GOOD, "good")                                                                          \
    X(DER, "not strict DER, or not a certificate")                                           \
    X(TRAILING, "octets behind the end of the certificate or of one of its parts")           \
    X(VERSION, "not an X.509 certificate of version 3")                                      \
    X(SERIAL, "serial number is zero, negative or longer than 20 octets")                    \
    X(ALGORITHMS_DIFFER, "signature algorithms inside and outside of what is signed differ") \
    X(DATES, "a date that is none, or an end before the begin")                              \
    X(EXTENSION_TWICE, "the same extension twice")                                           \
    X(EXTENSIONS_MANY, "more extensions than any profile has")                               \
    X(EXTENSION_CRITICAL, "a critical extension that is not known here")                     \
    X(SIZE, "larger than the protocol can carry")                                            \
    X(KEY_TYPE, "public key is none of P-256, P-521, Ed448")                                 \
    X(KEY_FORMAT, "public key is not an uncompressed point, or not of its curve's length")   \
    X(KEY_INVALID, "public key is not on its curve")                                         \
    X(KEY_NOT_ALLOWED, "curve that this protocol does not take")                             \
    X(SIGNATURE_ALGORITHM, "signature algorithm that this protocol does not take")           \
    X(CONSTRAINTS_MISSING, "a CA without basic constraints")                                 \
    X(CONSTRAINTS_NOT_CRITICAL, "basic constraints are not critical")                        \
    X(NOT_A_CA, "issued by a certificate that is no CA")                                     \
    X(LEAF_IS_CA, "the leaf is a CA")                                                        \
    X(PATH_LENGTH_MISSING, "a sub-CA without a path length")                                 \
    X(PATH_LENGTH, "more CAs below than the path length allows")                             \
    X(USAGE_MISSING, "no key usage")                                                         \
    X(USAGE_NOT_CRITICAL, "key usage is not critical")                                       \
    X(USAGE, "key usage of another role")                                                    \
    X(PURPOSE_MISSING, "no extended key usage where the role demands one")                   \
    X(PURPOSE, "extended key usage of another role")                                         \
    X(DOMAIN, "domain component of another role, or none")                                   \
    X(SUBJECT, "subject lacks what the role needs, or has what it may not have")             \
    X(NAME, "common name is not the one that was announced")                                 \
    X(OWN_KEY, "not the certificate of our key")                                             \
    X(EMPTY, "no certificate")                                                               \
    X(TOO_LONG, "more sub-CAs than the role may have")                                       \
    X(ORDER, "certificates are not in order, leaf first")                                    \
    X(ISSUER_MISSING, "a certificate between two others is missing")                         \
    X(SELF_SIGNED, "signed by itself, and not one of our roots")                             \
    X(ROOT_UNKNOWN, "no root of ours has issued it")                                         \
    X(ROOT_OF_ANOTHER_STORE, "issued by a root that is not for this role")                   \
    X(SIGNATURE, "signature is wrong")                                                       \
    X(NO_TIME, "no trusted time to judge dates by")                                          \
    X(NOT_YET_VALID, "not valid yet")                                                        \
    X(EXPIRED, "expired")                                                                    \
    X(REVOKED, "revoked")                                                                    \
    X(REVOCATION_UNKNOWN, "nothing is known of its revocation")                              \
    X(REVOCATION_STALE, "what is known of its revocation is out of date, or not valid yet")  \
    X(OCSP_REFUSED, "the OCSP responder gave no answer")                                     \
    X(OCSP_SIGNER, "OCSP response is not signed by the issuer or by a responder of its own") \
    X(CRL_SIGNER, "revocation list is not of this issuer, or not signed by it")

#define PKI_REASON_ENUMERATOR(name, text) PKI_##name,
typedef enum pki_reason { PKI_REASONS(PKI_REASON_ENUMERATOR) PKI_REASONS_COUNT } pki_reason_t;
#undef PKI_REASON_ENUMERATOR

const char *pki_reason_name(pki_reason_t reason); /* "KEY_NOT_ALLOWED": a constant, never NULL */
const char *pki_reason_text(pki_reason_t reason); /* one line for people */

enum {
    PKI_CHAIN_MAX = 4, /* leaf, two sub-CAs, and the root where a peer sends it as well */
    PKI_EXTENSIONS_MAX = 24,
    PKI_NAME_PARTS_MAX = 16,
    PKI_SHA1_SIZE = 20,
    PKI_SHA256_SIZE = 32
};

/* ---------------------------------------------------------------- one certificate */

/* Kinds of key, and of what they sign; bits. */
typedef enum pki_key_kind { PKI_KEY_OTHER = 0, PKI_P256 = 1 << 0, PKI_P521 = 1 << 1, PKI_ED448 = 1 << 2 } pki_key_kind_t;
typedef enum pki_algorithm {
    PKI_ALGORITHM_OTHER = 0,
    PKI_ECDSA_SHA256 = 1 << 0,
    PKI_ECDSA_SHA512 = 1 << 1,
    PKI_PURE_ED448 = 1 << 2
} pki_algorithm_t;

/* Key usage, as X.509 numbers its bits. */
typedef enum pki_usage {
    PKI_DIGITAL_SIGNATURE = 1 << 0,
    PKI_NON_REPUDIATION = 1 << 1,
    PKI_KEY_ENCIPHERMENT = 1 << 2,
    PKI_KEY_AGREEMENT = 1 << 4,
    PKI_CERT_SIGN = 1 << 5,
    PKI_CRL_SIGN = 1 << 6
} pki_usage_t;

typedef enum pki_purpose {
    PKI_SERVER_AUTH = 1 << 0,
    PKI_CLIENT_AUTH = 1 << 1,
    PKI_OCSP_SIGNING = 1 << 2,
    PKI_ANY_PURPOSE = 1 << 3,
    PKI_OTHER_PURPOSE = 1 << 4
} pki_purpose_t;

/* A public key: kind and the octets of the point (0x04 x y, or 57 octets of Ed448). */
typedef struct pki_key {
    pki_key_kind_t kind;
    ccs_view_t point;
} pki_key_t;

/* Views into the octets that were read; they live as long as these. */
typedef struct pki_certificate {
    ccs_view_t whole;            /* the certificate */
    ccs_view_t tbs;              /* what is signed, with tag and length */
    ccs_view_t serial;           /* magnitude, big-endian */
    ccs_view_t issuer, subject;  /* the content of a Name: see pki_name_find() */
    ccs_view_t key_info;         /* SubjectPublicKeyInfo with tag and length */
    ccs_view_t signature;        /* ECDSA: DER of r and s; Ed448: 114 octets */
    ccs_view_t subject_key_id;   /* empty: none */
    ccs_view_t authority_key_id; /* empty: none */
    ccs_view_t ocsp;             /* URI of its OCSP responder; empty: none */
    pki_key_t key;
    pki_algorithm_t algorithm; /* of its signature */
    int64_t from_s, until_s;   /* UTC, both included */
    uint16_t usage;            /* pki_usage_t bits */
    int16_t path_length;       /* -1: none */
    uint8_t purposes;          /* pki_purpose_t bits */
    bool has_constraints, constraints_critical, is_ca;
    bool has_usage, usage_critical;
    bool has_purposes;
    bool critical_unknown; /* a critical extension that is not known here */
} pki_certificate_t;

/* Reads one certificate, strictly. What it says is not judged. False: reason says why, the certificate is not to be used. */
CCS_MUST_USE bool pki_read(ccs_view_t der, pki_certificate_t *certificate, pki_reason_t *reason);

typedef enum pki_attribute {
    PKI_COMMON_NAME = 1 << 0,
    PKI_ORGANIZATION = 1 << 1,
    PKI_COUNTRY = 1 << 2,
    PKI_DOMAIN_COMPONENT = 1 << 3,
    PKI_OTHER_ATTRIBUTE = 1 << 4
} pki_attribute_t;

/* How often a name has an attribute, in any order and place; value (may be NULL) is the first one's text. */
unsigned pki_name_find(ccs_view_t name, pki_attribute_t attribute, ccs_view_t *value);

/* Which attributes a name has; bits. */
unsigned pki_name_attributes(ccs_view_t name);

/* A Name with tag and length, of the content that pki_read() gives. */
ccs_view_t pki_name_whole(ccs_view_t name);

/* Do two names have the same attributes with the same values? Their order and the type of string may differ, as they do between
 * tools in the field; whether the issuer really signed is told by the signature. */
bool pki_name_equal(ccs_view_t a, ccs_view_t b);

/* ---------------------------------------------------------------- roots */

/* Three stores that are never merged: what anchors a contract must not anchor a TLS peer. */
typedef enum pki_store_kind { PKI_STORE_V2G, PKI_STORE_OEM, PKI_STORE_MO, PKI_STORES_COUNT } pki_store_kind_t;

typedef struct pki_store {
    const ccs_view_t *roots; /* DER, one certificate each */
    size_t count;
} pki_store_t;

typedef struct pki_stores {
    pki_store_t store[PKI_STORES_COUNT];
} pki_stores_t;

/* May this certificate be a root of a store? Ask when one is loaded: a root that is not fit never anchors anything. Lenient in what
 * roots in the field have (extended key usage, constraints that are not critical), strict in DER and in being a CA. */
pki_reason_t pki_root_check(ccs_view_t der);

/* ---------------------------------------------------------------- judging a chain */

/* What the leaf shall be. */
typedef enum pki_role {
    PKI_SECC,             /* a charger as TLS server */
    PKI_SECC_PRIVATE,     /* ... in a private environment: issued by its root, without sub-CA */
    PKI_VEHICLE,          /* ISO 15118-20: a car as TLS client */
    PKI_OEM_PROVISIONING, /* a car asks for a contract certificate */
    PKI_CONTRACT,
    PKI_CPS, /* certificate provisioning service */
    PKI_ROLES_COUNT
} pki_role_t;

typedef enum pki_edition { PKI_ISO2, PKI_ISO20, PKI_EDITIONS_COUNT } pki_edition_t;

const char *pki_role_name(pki_role_t role);          /* "vehicle" */
const char *pki_edition_name(pki_edition_t edition); /* "ISO 15118-20" */

/* A stored answer on one certificate, of OCSP or a CRL; whoever stores it has verified its signer. */
typedef struct pki_status {
    uint8_t sha256[PKI_SHA256_SIZE]; /* of the whole certificate that it is about */
    bool revoked;
    int64_t from_s, until_s; /* thisUpdate, nextUpdate */
} pki_status_t;

/* A revocation list whose signature was verified: views into its octets, and into those of the issuer's certificate. */
typedef struct pki_crl {
    ccs_view_t issuer_key;   /* SubjectPublicKeyInfo of who signed it: it speaks for the certificates below this key */
    ccs_view_t entries;      /* the revoked ones */
    int64_t from_s, until_s; /* thisUpdate, nextUpdate; asked each time that it is used */
} pki_crl_t;

/* What is needed of revocation. A certificate that is known to be revoked is refused by each of them, however old the answer. */
typedef enum pki_revocation {
    PKI_REVOCATION_NEEDED, /* leaf and sub-CAs: an answer in date that says good */
    PKI_REVOCATION_OF_LEAF,
    PKI_REVOCATION_AS_KNOWN /* what is stored counts, nothing need be */
} pki_revocation_t;

/* Pure functions of the port. verify: true only if the signature over tbs is this key's. key_fits: the point is on its curve. */
typedef struct pki_crypto {
    void *ctx;
    bool (*verify)(void *ctx, const pki_key_t *key, pki_algorithm_t algorithm, ccs_view_t tbs, ccs_view_t signature);
    bool (*key_fits)(void *ctx, const pki_key_t *key);
    void (*sha256)(void *ctx, ccs_view_t octets, uint8_t hash[PKI_SHA256_SIZE]);
    /* OCSP names issuers by it, and nothing is signed by it. NULL: responses that do so are about nobody. */
    void (*sha1)(void *ctx, ccs_view_t octets, uint8_t hash[PKI_SHA1_SIZE]);
} pki_crypto_t;

typedef struct pki_request {
    pki_role_t role;
    pki_edition_t edition;
    const ccs_view_t *chain; /* leaf first; DER. The root may follow if it is one of ours */
    size_t count;
    int64_t now_s;                /* UTC of a trusted clock; 0: there is none, and then nothing is good */
    const pki_status_t *statuses; /* what is known of revocation, in any order */
    size_t statuses_count;
    const pki_crl_t *crls; /* one of its issuer says of a certificate what a status does */
    size_t crls_count;
    pki_revocation_t revocation;
    ccs_view_t name;    /* not empty: what the common name of the leaf must be; case and '-' do not count (eMAID, EVCCID) */
    ccs_view_t own_key; /* not empty: the point of our own private key, which the leaf must have */
    bool compat;        /* field peers: P-256 with SHA-256 in ISO 15118-20 as well, any subject of a vehicle */
} pki_request_t;

typedef struct pki_verdict {
    pki_reason_t reason;
    uint8_t at;             /* which certificate: 0 the leaf; count of the chain: the root */
    bool large;             /* good, but a certificate is above the size that every car of ISO 15118-2 takes */
    bool cached;            /* every sub-CA's signature was known from before */
    pki_store_kind_t store; /* the root's, if good */
    uint16_t root;          /* its number in its store */
    int64_t until_s;        /* if good: the earliest end of all that it stands on, roots and stored answers included */
} pki_verdict_t;

/* Signatures of sub-CAs that were verified before: an entry is the pair of hashes of a whole CA certificate and of its whole
 * issuer. Nothing else is remembered: dates, roots, profile and revocation are judged each time. Memory is the caller's. */
typedef struct pki_cache_entry {
    uint8_t certificate[PKI_SHA256_SIZE], issuer[PKI_SHA256_SIZE];
    bool used;
} pki_cache_entry_t;

typedef struct pki_cache {
    pki_cache_entry_t *entries;
    uint16_t count, next; /* the next one to be overwritten */
} pki_cache_t;

void pki_cache_init(pki_cache_t *cache, pki_cache_entry_t *entries, uint16_t count);

/* Judges a chain. Cheap questions come first, signatures last, so that nonsense costs no curve arithmetic. cache may be NULL. */
CCS_MUST_USE pki_verdict_t pki_judge(const pki_stores_t *stores, const pki_request_t *request, const pki_crypto_t *crypto,
                                     pki_cache_t *cache);

/* Reads an OCSP response on a certificate: who signed it, whom it is about (serial number, and the hashes of its issuer's name and
 * key), until when it holds. GOOD: status is filled, and may
 * say revoked; store it. Any other reason: the response is not to be believed, and status is not touched. The issuer must have been
 * judged before. Its own key may have signed, or a responder that it has issued for this (RFC 6960 4.2.2.2). An answer that names
 * no end is refused: it would hold for ever. */
CCS_MUST_USE pki_reason_t pki_ocsp_read(ccs_view_t response, const pki_certificate_t *certificate, const pki_certificate_t *issuer,
                                        int64_t now_s, const pki_crypto_t *crypto, pki_status_t *status);

/* Reads the revocation list of an issuer, which must have been judged before: whole, signed by its own key, which may sign lists,
 * and with an end. GOOD: crl is filled; it lives as long as both inputs. A list with a critical extension (of part of the
 * certificates, of several issuers, of changes alone) would not say what it seems to, and is refused. At most 64 kB. */
CCS_MUST_USE pki_reason_t pki_crl_read(ccs_view_t der, const pki_certificate_t *issuer, const pki_crypto_t *crypto, pki_crl_t *crl);

/* Does the list name this certificate of its issuer? */
bool pki_crl_names(const pki_crl_t *crl, const pki_certificate_t *certificate);

static inline bool pki_is_good(const pki_verdict_t *verdict)
{
    return verdict->reason == PKI_GOOD;
}

#ifdef __cplusplus
}
#endif
#endif
