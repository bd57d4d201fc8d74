/* What a TLS library is asked for: the line between common code and backends. Not for applications.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PORT_TLS_BACKEND_H
#define CCS_PORT_TLS_BACKEND_H

#include "ports/tls/tls.h"

typedef struct tls_engine_config tls_engine_config_t; /* immutable; each backend has its own */
typedef struct tls_engine tls_engine_t;               /* of one link */

/* What one immutable configuration is made of; needed during config_new() only, but for octets and keys. */
typedef struct tls_engine_spec {
    bool server;
    bool v12, v13; /* a server has exactly one of them */
    uint16_t suites, groups, signatures;
    const tls_credential_t *credential; /* NULL: a car without one */
    const tls_trust_t *trust;
    const tls_client_config_t *client; /* NULL: a server */
} tls_engine_spec_t;

typedef enum tls_hash { TLS_SHA1, TLS_SHA512 } tls_hash_t;

struct tls_backend {
    const char *name;
    unsigned can;
    pki_crypto_t (*crypto)(void);
    bool (*hash)(tls_hash_t hash, ccs_view_t octets, uint8_t *out);
    tls_key_t *(*key_load)(ccs_view_t der);
    size_t (*key_point)(const tls_key_t *key, uint8_t *point, size_t size);
    void (*key_free)(tls_key_t *key);
    tls_engine_config_t *(*config_new)(const tls_engine_spec_t *spec);
    void (*config_free)(tls_engine_config_t *config);
    tls_engine_t *(*engine_new)(const tls_engine_config_t *config, tls_link_t *link);
    void (*engine_free)(tls_engine_t *engine);
    /* Each sets link->wants_room with AGAIN, and calls tls_link_blame() before FAILED. */
    tls_result_t (*handshake)(tls_engine_t *engine);
    tls_result_t (*read)(tls_engine_t *engine, uint8_t *to, size_t size, size_t *length);
    tls_result_t (*write)(tls_engine_t *engine, ccs_view_t octets); /* OK: taken; AGAIN: not taken */
    tls_result_t (*flush)(tls_engine_t *engine);                    /* what was taken and waits for room */
    void (*close_notify)(tls_engine_t *engine);
    bool (*holds_octets)(const tls_engine_t *engine);
    void (*facts)(const tls_engine_t *engine, tls_facts_t *facts); /* version, suite, stapled */
};

/* ---- of the common code, for backends */

/* As tls_wire_t, with the ClientHello first and the budget counted. */
int tls_link_receive(tls_link_t *link, uint8_t *to, size_t size);
int tls_link_send(tls_link_t *link, const uint8_t *from, size_t length);

/* A handshake message of the peer, whole, with type and length. A Certificate is judged, once, as it came; true: good. Anything
 * else is left alone. version: agreed on, 12 or 13. */
bool tls_link_judge(tls_link_t *link, uint8_t version, ccs_view_t message);

/* A car's: the OCSP response that came along with the chain, empty: none; called in any case where it was asked for, before the
 * handshake is over. False: the link must not open. */
bool tls_link_judge_staple(tls_link_t *link, ccs_view_t response);

/* Why it fails. The first word counts; a refused certificate is more than what the library says about it. */
void tls_link_blame(tls_link_t *link, tls_failure_t failure, const char *detail);

/* An alert of the peer: its number, 0 if the library keeps it to itself. */
void tls_link_blame_alert(tls_link_t *link, uint8_t alert, const char *detail);

/* A root in the forms in which it is named. False: not readable. */
bool tls_root_read(const tls_backend_t *backend, ccs_view_t der, tls_root_t *root);

#endif
