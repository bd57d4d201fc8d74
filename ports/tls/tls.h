/* TLS of one link, over callbacks: no socket, no clock, no thread, no file.
 *
 * Charger and car, OpenSSL 3 or Mbed TLS 3.6: the same calls. A charger's link reads the ClientHello itself (src/tls), chooses one
 * immutable configuration from it, TLS 1.3 with a required vehicle certificate or TLS 1.2 without, and only then hands the octets
 * to the library, which cannot choose anything else any more. Every chain of a peer is judged by src/pki, whatever the library
 * thinks of it; a link that was not judged good is never open as TLS 1.3, and a car's link never at all.
 *
 *     tls_link_open_server(&link, server, &setup);
 *     for (;;) {
 *         wait until octets came, or room for octets if tls_link_wants_room(&link), or tls_link_deadline_ms(&link);
 *         switch (tls_link_step(&link, now_ms)) {
 *         case TLS_AGAIN:  continue;
 *         case TLS_OK:     tls_link_peer(&link, &peer); ... tls_link_read(), tls_link_write() ...
 *         case TLS_CLOSED:
 *         case TLS_FAILED: log(tls_failure_text(tls_link_facts(&link)->failure)); tls_link_free(&link);
 *         }
 *     }
 *
 * A link belongs to one thread, and may run in another one than its neighbours: a mutual handshake with P-521 is seconds of work
 * on a small target. Its structs are the caller's memory; what the library needs it takes from its own allocator.
 *
 * Switched off for good: session tickets and resumption, renegotiation, compression, 0-RTT, pre-shared keys, key logs. What a
 * backend cannot do is in its `can` bits and in docs/TLS.md.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PORT_TLS_H
#define CCS_PORT_TLS_H

#include "ccs/errors.h"
#include "ccs/event.h"
#include "pki/pki.h"
#include "tls/policy.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    TLS_HANDSHAKE_MS = 15000, /* of the 18 s of communication setup time */
    TLS_HELLO_MS = 4000,      /* ... of which the ClientHello: a car asks SDP 50 times in 12.5 s, and a silent connection that came
                                 before it must be gone by then, and a second one too */
    TLS_HANDSHAKE_OCTETS = 24576, /* that a peer may send before it is known: hello 4 k, chain 3 x 1.6 k, two times as much again */
    TLS_CREDENTIALS_MAX = 6,      /* of a snapshot: old and new chain of both versions, P-521 and Ed448 */
    TLS_ROOTS_MAX = 16,           /* told to a peer */
    TLS_PEER_CHAIN_MAX = 6,       /* certificates looked at; a chain has at most four, and more is refused by src/pki */
    TLS_NAME_SIZE = 72            /* a common name has 64 characters at most */
};

/* ---------------------------------------------------------------- backends */

/* What a stock library can do; what it cannot is left out, and said. */
typedef enum tls_can {
    TLS_CAN_13 = 1 << 0,
    TLS_CAN_STATIC_ECDH = 1 << 1,
    TLS_CAN_X448 = 1 << 2,
    TLS_CAN_ED448 = 1 << 3,
    TLS_CAN_STAPLE = 1 << 4,            /* charger: the OCSP response of its leaf */
    TLS_CAN_STAPLE_CHAIN = 1 << 5,      /* charger: of every certificate */
    TLS_CAN_REQUEST_ROOTS = 1 << 6,     /* charger: its roots in CertificateRequest of TLS 1.3 [V2G20-2401] */
    TLS_CAN_ANSWER_TRUSTED_CA = 1 << 7, /* charger: says that it has used trusted_ca_keys */
    TLS_CAN_TELL_TRUSTED_CA = 1 << 8,   /* car: trusted_ca_keys [V2G2-651] */
    TLS_CAN_TELL_AUTHORITIES = 1 << 9,  /* car: certificate_authorities [V2G20-1006] */
    TLS_CAN_ASK_STATUS = 1 << 10        /* car: status_request */
} tls_can_t;

typedef struct tls_backend tls_backend_t;

const tls_backend_t *tls_openssl(void); /* ports/tls/openssl; where it is built in */
const tls_backend_t *tls_mbedtls(void); /* ports/tls/mbedtls; where it is built in */

const char *tls_backend_name(const tls_backend_t *backend); /* "OpenSSL 3.0.22" */
unsigned tls_backend_can(const tls_backend_t *backend);     /* tls_can_t bits */

/* ---------------------------------------------------------------- keys and certificates */

/* A private key in the backend's own hands. Nothing here gives it out again. */
typedef struct tls_key tls_key_t;

/* A key as DER (PKCS#8, or SEC 1). NULL: none that this backend can use. The octets are not kept: wipe them. */
tls_key_t *tls_key_load(const tls_backend_t *backend, ccs_view_t der);
void tls_key_free(const tls_backend_t *backend, tls_key_t *key);

/* Its public half: 0x04 x y, or 57 octets of Ed448. 0: does not fit into size. */
size_t tls_key_point(const tls_backend_t *backend, const tls_key_t *key, uint8_t *point, size_t size);

/* What one side shows. Octets and key live as long as the snapshot that it is given to. */
typedef struct tls_credential {
    uint8_t version;                 /* 12: ISO 15118-2, 13: ISO 15118-20 */
    ccs_view_t chain[PKI_CHAIN_MAX]; /* DER, leaf first; empty behind the last */
    ccs_view_t ocsp[PKI_CHAIN_MAX];  /* the response on each; empty: none */
    ccs_view_t root;                 /* DER of the root that it stands under, told nobody; empty: not known, chosen last */
    const tls_key_t *key;
    bool as_it_is; /* tests: taken even if no car would take it */
} tls_credential_t;

/* Whom a side believes. Octets live as long as the snapshot. */
typedef struct tls_trust {
    pki_stores_t stores; /* charger: cars are judged by V2G and OEM; car: chargers by V2G; MO anchors no TLS peer */
    const pki_status_t *statuses;
    size_t statuses_count;
    const pki_crl_t *crls; /* of issuers in their chains and in ours: pki_crl_read() */
    size_t crls_count;
    pki_revocation_t revocation;
    bool compat; /* P-256 in TLS 1.3; said in every log line */
} tls_trust_t;

/* ---------------------------------------------------------------- a charger's snapshot */

typedef struct tls_server_config {
    const tls_backend_t *backend;
    tls_site_t site; /* a version without a credential is off, whatever it says */
    tls_trust_t trust;
    const tls_credential_t *credentials; /* copied, but for octets and keys */
    size_t count;
    /* Called once, after tls_server_drop() and when no link stands on the snapshot any more: octets, keys and the struct itself
     * are the owner's again. May be NULL. */
    void (*gone)(void *ctx);
    void *ctx;
} tls_server_config_t;

/* Immutable once it is made: a link keeps the one that it began with, and new credentials are a new snapshot, used by the next
 * connection. */
typedef struct tls_server {
    tls_server_config_t config;
    tls_credential_t credential[TLS_CREDENTIALS_MAX];
    struct tls_engine_config *engine[TLS_CREDENTIALS_MAX];
    tls_root_t root[TLS_CREDENTIALS_MAX];
    uint16_t signature[TLS_CREDENTIALS_MAX]; /* TLS_SIGNATURE_... of each one's key */
    uint32_t links;
    bool dropped;
} tls_server_t;

/* CCS_ERR_CONFIG: *which credential is not one (no key or not its key, not readable, a key that its version or this backend does
 * not have); CCS_ERR_SPACE: too many; CCS_ERR_UNSUPPORTED: the library refuses. Nothing is left behind then. */
CCS_MUST_USE ccs_err_t tls_server_init(tls_server_t *server, const tls_server_config_t *config, size_t *which);
void tls_server_drop(tls_server_t *server);

/* Would a car take this credential today? For warnings; expiry does not keep a charger from showing it. */
pki_verdict_t tls_server_judge(const tls_server_t *server, size_t credential, int64_t utc_s);

/* ---------------------------------------------------------------- a car's settings */

typedef struct tls_client_config {
    const tls_backend_t *backend;
    bool offers_12, offers_13;
    tls_trust_t trust;
    const tls_credential_t *credential; /* the vehicle certificate; NULL: none. Copied, but for octets and key */
    bool tells_roots;                   /* trusted_ca_keys and certificate_authorities, of the roots of its V2G store */
    bool bare_trusted_ca;               /* ... without its length, as one known car does */
    bool asks_status;                   /* status_request */
    bool judges_status;                 /* ... and a charger whose response is not good is refused */
    bool needs_status;                  /* ... and one that shows none as well */
    bool static_ecdh;                   /* offers the suite without forward secrecy, and that alone */
} tls_client_config_t;

typedef struct tls_client {
    tls_client_config_t config;
    tls_credential_t credential;
    struct tls_engine_config *engine;
} tls_client_t;

CCS_MUST_USE ccs_err_t tls_client_init(tls_client_t *client, const tls_client_config_t *config);
void tls_client_free(tls_client_t *client); /* after its last link */

/* ---------------------------------------------------------------- a link */

typedef enum tls_result {
    TLS_OK,
    TLS_AGAIN,  /* nothing to be had now: step again when the wire has moved, or at the deadline */
    TLS_CLOSED, /* the peer has closed in order, or left */
    TLS_FAILED
} tls_result_t;

/* Why a link is not, or no longer, there. */
#define TLS_FAILURES(X)                                                                \
    X(NONE, "no failure")                                                              \
    X(NOT_TLS, "what came first is no ClientHello")                                    \
    X(HELLO_MALFORMED, "ClientHello that contradicts itself")                          \
    X(HELLO_LONG, "ClientHello longer than any known")                                 \
    X(NO_VERSION, "no common TLS version")                                             \
    X(NO_SUITE, "no common cipher suite")                                              \
    X(NO_GROUP, "no common group")                                                     \
    X(NO_SIGNATURE, "no common signature algorithm, or no certificate of ours for it") \
    X(NO_CERTIFICATE, "the car showed no certificate")                                 \
    X(CERTIFICATE, "the peer's certificate was refused")                               \
    X(ALERT, "the peer ended it with an alert")                                        \
    X(PROTOCOL, "the peer broke the protocol")                                         \
    X(DEADLINE, "the handshake took too long")                                         \
    X(BUDGET, "the handshake took too many octets")                                    \
    X(LEFT, "the peer left")                                                           \
    X(LIBRARY, "the library refused: memory, or our own key")

#define TLS_FAILURE_ENUMERATOR(name, text) TLS_FAILURE_##name,
typedef enum tls_failure { TLS_FAILURES(TLS_FAILURE_ENUMERATOR) TLS_FAILURES_COUNT } tls_failure_t;
#undef TLS_FAILURE_ENUMERATOR

const char *tls_failure_name(tls_failure_t failure); /* "NO_CERTIFICATE"; a constant, never NULL */
const char *tls_failure_text(tls_failure_t failure);

/* The octets beneath. Both return how many were taken; 0: none now; < 0: the connection is gone. */
typedef struct tls_wire {
    void *ctx;
    int (*receive)(void *ctx, uint8_t *to, size_t size);
    int (*send)(void *ctx, const uint8_t *from, size_t length);
} tls_wire_t;

typedef struct tls_setup {
    tls_wire_t wire;
    int64_t now_ms;
    int64_t utc_s;              /* of a trusted clock; 0: unknown, and then no certificate is good */
    bool no_certificate_before; /* charger: see tls_memory_t */
    pki_cache_t *cache;         /* verdicts on sub-CAs; the link's thread's own; may be NULL */
    uint32_t handshake_ms;      /* 0: TLS_HANDSHAKE_MS */
    uint32_t handshake_octets;  /* 0: TLS_HANDSHAKE_OCTETS */
} tls_setup_t;

typedef struct tls_facts {
    uint8_t version;    /* 12, 13; 0: not agreed */
    uint16_t suite;     /* as IANA numbers it; 0: not agreed */
    bool authenticated; /* the peer showed a chain, it was judged good, and it has the key */
    bool compat;
    tls_why_t why;            /* charger: of this version */
    size_t credential;        /* charger: which one was shown */
    bool root_named;          /* charger: ... because the car named its root */
    bool trusted_ca_bare;     /* charger: the car's trusted_ca_keys has no length */
    bool resumption_refused;  /* charger: the car wanted a ticket, a pre-shared key or 0-RTT */
    bool stapled;             /* car: an OCSP response came along */
    pki_verdict_t verdict;    /* on the peer's chain; UNJUDGED: it showed none */
    char name[TLS_NAME_SIZE]; /* common name of the peer's leaf; terminated; "": none */
    uint8_t leaf_sha512[64];
    tls_failure_t failure;
    uint8_t alert;             /* ALERT: its number; 0: not told by the library */
    const char *detail;        /* what the library says; a constant, may be NULL */
    int64_t handshake_ms;      /* how long it took */
    uint32_t handshake_octets; /* that the peer sent for it */
} tls_facts_t;

typedef enum tls_link_state {
    TLS_LINK_HELLO,
    TLS_LINK_HANDSHAKE,
    TLS_LINK_OPEN,
    TLS_LINK_CLOSED,
    TLS_LINK_FAILED
} tls_link_state_t;

/* All fields are private but for tests. */
typedef struct tls_link {
    tls_link_state_t state;
    const tls_backend_t *backend;
    const tls_trust_t *trust;
    tls_server_t *server; /* NULL: a car's link */
    const tls_client_t *client;
    struct tls_engine *engine;
    tls_setup_t setup;
    int64_t deadline_ms, hello_by_ms;
    bool wants_room, over_budget;
    bool status_judged;
    uint16_t kept[2]; /* car: octets of the charger's leaf and of its issuer, in hello; 0: none */
    uint32_t octets;  /* received so far */
    tls_facts_t facts;
    size_t hello_length, hello_replayed;
    uint8_t hello[TLS_HELLO_SIZE]; /* what came first, as it came; the library reads it from here */
} tls_link_t;

void tls_link_open_server(tls_link_t *link, tls_server_t *server, const tls_setup_t *setup);
void tls_link_open_client(tls_link_t *link, const tls_client_t *client, const tls_setup_t *setup);

/* Goes on with the handshake, or with what waits to be sent. OK: open. May take as long as the curve arithmetic takes. */
tls_result_t tls_link_step(tls_link_t *link, int64_t now_ms);

/* Octets in the clear, after OK. Read until AGAIN: the library may hold some although the wire is empty. */
tls_result_t tls_link_read(tls_link_t *link, uint8_t *to, size_t size, size_t *length);

/* Taken whole (one record up to 16384 octets): OK, though some of it may still wait for room (step sends it). AGAIN: nothing was
 * taken, as the last one still waits. */
tls_result_t tls_link_write(tls_link_t *link, ccs_view_t octets);

/* Says close_notify, as well as the wire takes it now. The link is CLOSED after that. */
void tls_link_close(tls_link_t *link);

/* Gives everything back; the facts stay. To be called once for each open. */
void tls_link_free(tls_link_t *link);

bool tls_link_holds_octets(const tls_link_t *link);   /* tls_link_read() would bring some without the wire */
bool tls_link_wants_room(const tls_link_t *link);     /* step again when the wire can take octets */
int64_t tls_link_deadline_ms(const tls_link_t *link); /* of hello or handshake; INT64_MAX: none */
const tls_facts_t *tls_link_facts(const tls_link_t *link);

/* The facts for CCS_ON_SECURED. The name lives as long as the link. */
void tls_link_peer(const tls_link_t *link, ccs_peer_t *peer);

/* ---------------------------------------------------------------- from one connection to the next */

/* A car that was asked for a certificate and had none gets TLS 1.2 when it comes again during the same plug-in. */
typedef struct tls_memory {
    uint8_t address[16];
    bool without_certificate;
} tls_memory_t;

bool tls_memory_without_certificate(const tls_memory_t *memory, const uint8_t address[16]);
void tls_memory_note(tls_memory_t *memory, const uint8_t address[16], const tls_facts_t *facts); /* after each failed handshake */
void tls_memory_forget(tls_memory_t *memory);                                                    /* at unplug */

#ifdef __cplusplus
}
#endif
#endif
