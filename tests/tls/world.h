/* A charger and a car over memory pipes: any backend against any other, with the development PKI of ccs-pki.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_TLS_WORLD_H
#define CCS_TESTS_TLS_WORLD_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "apps/ccs-pki/tree.h"
#include "ports/tls/tls.h"

enum { PIPE_SIZE = 1 << 16, BACKENDS_MAX = 2, CREDENTIALS = 8 };

/* One direction of a wire. */
typedef struct pipe {
    uint8_t octets[PIPE_SIZE];
    size_t first, last;
    size_t moved; /* octets that went in or out so far */
    size_t piece; /* what one receive brings at most; 0: all */
    size_t room;  /* what can wait at most; 0: PIPE_SIZE */
    bool cut;     /* gone, in both directions */
    bool kept;    /* what was taken stays in octets, from 0 on */
} pipe_t;

typedef struct end {
    tls_link_t link;
    pipe_t *in, *out;
    tls_result_t result;
} end_t;

typedef struct world {
    tree_t tree[MINT_KINDS];
    ccs_view_t roots[MINT_KINDS][PKI_STORES_COUNT][CASE_CERTIFICATES_MAX];
    const tls_backend_t *backend[BACKENDS_MAX];
    size_t backends;
    pipe_t up, down; /* car to charger, charger to car */
    end_t car, charger;
    int64_t now_ms;
    tls_server_t server;
    tls_client_t client;
    tls_credential_t credential[CREDENTIALS];
    tls_key_t *key[CREDENTIALS];
    const tls_backend_t *key_backend[CREDENTIALS];
    size_t credentials;
    uint8_t ocsp[32]; /* stands for a response: the car does not read it */
} world_t;

extern world_t world;

/* Group set-up and tear-down: the trees, the backends that are built in. */
int world_make(void **state);
int world_free(void **state);

/* The last kind that a backend has TLS for: P-256 where it has no 1.3 (Mbed TLS 2.28). Trees of P-521 come behind P-256's. */
mint_kind_t world_last_kind(const tls_backend_t *backend);

/* Before each handshake: empty pipes, no snapshot; what the last one left is given back. */
void world_reset(void);

/* Roots of a kind of key as a case of the tree has them; NULL: the usual ones. */
pki_stores_t world_stores(mint_kind_t kind, const tree_case_t *one);

/* A credential of names ("secc cposub2 cposub1"), with the key of the first; root: a name or NULL. It lives until world_reset(). */
tls_credential_t *world_credential(const tls_backend_t *backend, mint_kind_t kind, uint8_t version, const char *names,
                                   const char *root);

/* Both start; octets go to and fro until both are open, or one has failed and the other has heard of it. */
void world_open(const tls_server_config_t *server, const tls_client_config_t *client);
void world_open_setup(const tls_server_config_t *server, const tls_client_config_t *client, const tls_setup_t *setup);
void world_talk(void);

/* A handshake that is expected to end open at both ends, and a message each way through it. */
void world_expect_open(uint8_t version);
void world_expect_failure(tls_failure_t charger, const char *story);

/* The usual charger and the usual car of a kind: P-256 is TLS 1.2, the others TLS 1.3 with a vehicle certificate. */
tls_server_config_t world_charger(const tls_backend_t *backend, mint_kind_t kind);
tls_client_config_t world_car(const tls_backend_t *backend, mint_kind_t kind);

/* An end has refused the other one's chain, for this reason, and named which certificate. */
void world_expect_refused(const end_t *who, const char *story, pki_reason_t reason, uint8_t at);

/* Puts another chain into the charger's Certificate message of TLS 1.2 while it waits in the pipe. False: none is there. */
bool world_swap_chain(pipe_t *pipe, const ccs_view_t *chain, size_t count);

/* A wire of its own for a test that writes the octets itself. */
tls_wire_t world_wire(end_t *end);
void pipe_put(pipe_t *pipe, const void *octets, size_t length);
size_t pipe_waiting(const pipe_t *pipe);
void pipe_keep(pipe_t *pipe); /* for looking at afterwards */

#endif
