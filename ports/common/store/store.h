/* The store of who we are and whom we believe: certificate chains with their keys, roots, OCSP responses.
 *
 * What it stands on is a medium of named records: files under Linux (ports/linux/file_store.h), NVS on the ESP32-S3. Everything
 * that is set is judged by src/pki first; what is refused changes nothing. Each change is one record, so that a power cut at any
 * moment leaves the old or the new:
 *
 *     iso2.now  iso2.old  iso2.next     the chain in force, the one before it, and which key waits for its certificate
 *     key.0a1b2c3d4e                    a private key, named by the hash of its public half: a chain finds its key by its leaf
 *     v2g.0a1b2c3d4e  oem...  mo...     roots, in three stores that are never merged
 *     ocsp.0a1b2c3d4e                   the response on the certificate with this hash
 *     time  token  gate                 utc.h, gate.h
 *
 * In order: the root, then the key (set, or made here and never seen outside: CSR out), then the chain. At a renewal the old chain
 * stays beside the new one until it ends or is dropped, so that a car that knows only its root is served as well.
 *
 * No call gives a private key out again. To use one, take a snapshot: the key in it is a handle of the cryptography's own.
 *
 *     store_snapshot_t snapshot;
 *     if (store_snapshot_take(&store, &snapshot, memory, sizeof memory) == CCS_OK) { ... the next connections ... }
 *
 * One thread at a time; a snapshot that was taken is immutable and anybody's.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_STORE_STORE_H
#define CCS_STORE_STORE_H

#include "pki/pki.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    STORE_NAME_SIZE = 16,       /* with its end: what NVS has */
    STORE_NAMES_MAX = 96,       /* records */
    STORE_RECORD_MAX = 6144,    /* octets of one; a chain of three with 1600 octets each fits */
    STORE_CHAIN_MAX = 3,        /* leaf and two sub-CAs [V2G2-656]; the root is not sent */
    STORE_ROOTS_MAX = 10,       /* of each store [V2G2-878] */
    STORE_SCRATCH_SIZE = 24576, /* memory for one call */
    STORE_POINT_MAX = 133       /* of P-521 */
};

/* ---------------------------------------------------------------- the medium */

/* Records by name. set: when it returns OK the record is as good as power can make it, and at any moment before that a reader finds
 * the old one whole. Errors: MISSING no such record; SPACE it does not fit into size, or no room; IO the medium failed. */
typedef struct store_medium {
    void *ctx;
    ccs_err_t (*get)(void *ctx, const char *name, uint8_t *to, size_t size, size_t *length);
    ccs_err_t (*set)(void *ctx, const char *name, ccs_view_t record);
    ccs_err_t (*erase)(void *ctx, const char *name); /* OK also where there was none */
    ccs_err_t (*list)(void *ctx, void (*each)(void *to, const char *name), void *to);
} store_medium_t;

/* ---------------------------------------------------------------- cryptography */

/* A private key in the library's own hands. */
typedef struct store_key store_key_t;

/* ports/openssl/keys_openssl.h; by Mbed TLS on the target. */
typedef struct store_crypto {
    void *ctx;
    pki_crypto_t pki;
    /* A key in any form that people have (PEM, also encrypted, DER), in the form of key_keep(), or a name of a key in a token
     * ("pkcs11:..."). password may be NULL. NULL: none that can be used. */
    store_key_t *(*key_read)(void *ctx, ccs_view_t given, const char *password);
    store_key_t *(*key_new)(void *ctx, pki_key_kind_t kind);
    void (*key_free)(void *ctx, store_key_t *key);
    size_t (*key_keep)(void *ctx, const store_key_t *key, uint8_t *to, size_t size); /* for the medium alone; 0: does not fit */
    pki_key_kind_t (*key_public)(void *ctx, const store_key_t *key, uint8_t point[STORE_POINT_MAX], size_t *length);
    /* A request (PKCS#10, DER) with the subject of a certificate, or where there is none DC=CPO and this common name. 0: refused.
     */
    size_t (*request)(void *ctx, const store_key_t *key, ccs_view_t like, const char *name, uint8_t *to, size_t size);
} store_crypto_t;

/* ---------------------------------------------------------------- answers */

#define STORE_FAULTS(X)                                                               \
    X(NONE, "done")                                                                   \
    X(NOT_A_KEY, "no private key that can be read")                                   \
    X(KEY_KIND, "key of another kind than this slot has")                             \
    X(NO_KEY, "no private key for this certificate: set the key, or make one, first") \
    X(CERTIFICATE, "certificate is refused")                                          \
    X(NO_CERTIFICATE, "no certificate here")                                          \
    X(NOT_OURS, "about none of our certificates")                                     \
    X(FULL, "no room for more")                                                       \
    X(TOO_LONG, "more octets than it may have")                                       \
    X(NOTHING, "nothing here")                                                        \
    X(REQUEST, "a certificate request cannot be made: no name for it")                \
    X(MEDIUM, "the storage failed; what was there before still is")

#define STORE_FAULT_ENUMERATOR(name, text) STORE_##name,
typedef enum store_fault { STORE_FAULTS(STORE_FAULT_ENUMERATOR) STORE_FAULTS_COUNT } store_fault_t;
#undef STORE_FAULT_ENUMERATOR

typedef struct store_answer {
    store_fault_t fault;
    pki_reason_t reason; /* CERTIFICATE: of src/pki */
    uint8_t at;          /* ... and of which certificate */
} store_answer_t;

const char *store_fault_name(store_fault_t fault);
const char *store_fault_text(store_fault_t fault);

/* One line for people: "certificate is refused: expired; certificate 1 of the chain". */
void store_answer_text(store_answer_t answer, char *text, size_t size);

/* ---------------------------------------------------------------- slots */

typedef enum store_slot { STORE_ISO2, STORE_ISO20, STORE_ISO20_ED448, STORE_SLOTS_COUNT } store_slot_t;

const char *store_slot_name(store_slot_t slot); /* "iso2", "iso20", "iso20-ed448" */
bool store_slot_find(const char *name, store_slot_t *slot);
pki_key_kind_t store_slot_kind(store_slot_t slot);
const char *store_kind_name(pki_store_kind_t kind); /* "v2g", "oem", "mo" */
bool store_kind_find(const char *name, pki_store_kind_t *kind);

typedef enum store_age { STORE_NOW, STORE_OLD } store_age_t;

/* ---------------------------------------------------------------- the store */

typedef struct store_config {
    const store_medium_t *medium; /* lives as long as the store, as crypto does */
    const store_crypto_t *crypto;
    bool compat;      /* field peers: P-256 in ISO 15118-20 as well */
    uint8_t *scratch; /* STORE_SCRATCH_SIZE octets of the caller's */
} store_config_t;

typedef struct store {
    store_config_t config;
    uint32_t changes; /* rises with each change of what a snapshot holds: take a new one */
} store_t;

/* By what time dates are judged. */
typedef struct store_time {
    int64_t trusted_s; /* UTC; 0: there is no trusted time, and dates are judged by newest_s alone */
    int64_t newest_s;  /* it is at least this late; never before trusted_s */
} store_time_t;

/* Also clears away keys and responses that belong to nothing, as a power cut may leave them. IO: the medium cannot be read. */
CCS_MUST_USE ccs_err_t store_open(store_t *store, const store_config_t *config);

/* The key of the next chain of a slot; the chain in force keeps its own. An earlier one that still waits is replaced. */
store_answer_t store_set_key(store_t *store, store_slot_t slot, ccs_view_t key, const char *password);
store_answer_t store_new_key(store_t *store, store_slot_t slot);

/* A certificate request for the key that waits; where none waits a new one is made. name: of the charger; NULL or "": the subject
 * of the chain in force. */
store_answer_t store_request(store_t *store, store_slot_t slot, const char *name, uint8_t *to, size_t size, size_t *length);

/* A chain, leaf first, each certificate in DER behind the other; its root may follow. It comes into force if it is good for this
 * role, its root is one of ours, and we have its key. The one before becomes the old one. */
store_answer_t store_set_chain(store_t *store, store_slot_t slot, ccs_view_t chain, store_time_t time);
store_answer_t store_drop_old(store_t *store, store_slot_t slot);

/* Some roots, in DER one behind the other; all of them, or none. */
store_answer_t store_set_roots(store_t *store, pki_store_kind_t kind, ccs_view_t roots);
store_answer_t store_drop_root(store_t *store, pki_store_kind_t kind, const uint8_t sha256[PKI_SHA256_SIZE]);

/* An OCSP response on one of our certificates; needs a trusted time. status (may be NULL) is what it says. */
store_answer_t store_set_ocsp(store_t *store, ccs_view_t response, store_time_t time, pki_status_t *status);

/* ---------------------------------------------------------------- looking */

/* A chain, as it is kept: certificates in DER, leaf first. */
store_answer_t store_chain(const store_t *store, store_slot_t slot, store_age_t age, uint8_t *to, size_t size, size_t *length);

/* The SHA-256 of a public key's point. waits: of the key that waits for its certificate, else of the one in force. */
store_answer_t store_key_print(const store_t *store, store_slot_t slot, bool waits, uint8_t sha256[PKI_SHA256_SIZE]);

/* The next root of a store behind *at (0 to begin with). False: no more. */
bool store_root(const store_t *store, pki_store_kind_t kind, size_t *at, uint8_t *to, size_t size, size_t *length);

/* ---------------------------------------------------------------- snapshots */

typedef struct store_credential {
    store_slot_t slot;
    store_age_t age;
    uint8_t version; /* 12: TLS 1.2 and ISO 15118-2; 13: TLS 1.3 and ISO 15118-20 */
    size_t count;
    ccs_view_t chain[STORE_CHAIN_MAX];
    ccs_view_t ocsp[STORE_CHAIN_MAX]; /* on each; empty: none */
    ccs_view_t root;                  /* which has issued its last certificate; empty: it is not there any more */
    store_key_t *key;
} store_credential_t;

typedef struct store_snapshot {
    const store_crypto_t *crypto;
    store_credential_t credential[STORE_SLOTS_COUNT * 2]; /* of each slot the one in force first */
    size_t count;
    ccs_view_t root[PKI_STORES_COUNT][STORE_ROOTS_MAX];
    pki_stores_t stores; /* the same, for src/pki */
    size_t octets;       /* of memory that are in use */
    int64_t until_s;     /* then a response or an old chain in it ends: take a new one; INT64_MAX: none does */
    size_t lost;         /* chains whose key is not there or cannot be read */
} store_snapshot_t;

/* Everything as it is now. The struct points into itself: it is not to be copied. Octets lie in memory, which lives as long as the
 * snapshot. What has ended is left out: an old chain, and a response if the time is trusted. SPACE: memory is too small; IO: the
 * medium. */
CCS_MUST_USE ccs_err_t store_snapshot_take(const store_t *store, store_time_t time, store_snapshot_t *snapshot, uint8_t *memory,
                                           size_t size);
void store_snapshot_free(store_snapshot_t *snapshot); /* after the last user: keys go */

/* Overwrites secrets; the compiler does not leave it out. */
void store_wipe(void *octets, size_t length);

#ifdef __cplusplus
}
#endif
#endif
