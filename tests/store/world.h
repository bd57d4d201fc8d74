/* A store in memory, and the development PKI to fill it from.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_STORE_WORLD_H
#define CCS_TESTS_STORE_WORLD_H

#include "apps/ccs-pki/ocsp.h"
#include "apps/ccs-pki/tree.h"
#include "memory.h"
#include "ports/openssl/keys_openssl.h"
#ifdef CCS_STORE_MBEDTLS
#include "ports/tls/mbedtls/keys_mbedtls.h"
#endif

typedef struct octets {
    uint8_t at[STORE_RECORD_MAX];
    size_t length;
} octets_t;

typedef struct world {
    tree_t tree[MINT_KINDS];
    memory_t memory;
    store_medium_t medium;
    store_crypto_t crypto;
    bool has_ed448; /* of this cryptography */
    store_t store;
    uint8_t scratch[STORE_SCRATCH_SIZE];
} world_t;

extern world_t world;

int world_make(void **state); /* trees; once */
int world_free(void **state);
void world_reset(void);  /* an empty medium */
void world_reopen(void); /* a restart: power is back */

store_time_t world_time(void); /* 2030-01-01, trusted */

/* Certificates one behind the other: "secc cposub2 cposub1". */
octets_t world_chain(mint_kind_t kind, const char *names);
octets_t world_key(mint_kind_t kind, const char *name);

bool world_same_key(const store_key_t *a, const store_key_t *b);
ccs_view_t view(const octets_t *octets);

/* Root, key and chain of the SECC, all of which must be taken. */
void world_provision(store_slot_t slot, mint_kind_t kind);

#define assert_fault(answer, what) assert_string_equal(store_fault_name((answer).fault), store_fault_name(STORE_##what))

#endif
