/* What the files of this room share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_STORE_PRIVATE_H
#define CCS_STORE_PRIVATE_H

#include "ports/common/store/store.h"

enum { KEY_RECORD_MAX = 1024 };

/* Memory that is handed out from its begin, and never given back. */
typedef struct arena {
    uint8_t *at;
    size_t left;
} arena_t;

typedef struct names {
    char name[STORE_NAMES_MAX][STORE_NAME_SIZE];
    size_t count;
    bool more; /* there are records beyond */
} names_t;

typedef struct chain {
    ccs_view_t certificate[PKI_CHAIN_MAX];
    size_t count;
} chain_t;

typedef struct slot_row {
    const char *name, *prefix;
    uint8_t version;
    pki_edition_t edition;
    pki_key_kind_t kind;
} slot_row_t;

extern const slot_row_t store_slots[STORE_SLOTS_COUNT];

/* "iso2" + ".now" */
void name_join(char name[STORE_NAME_SIZE], const char *prefix, const char *suffix);
/* "key." and the begin of a hash. */
void name_hash(char name[STORE_NAME_SIZE], const char *prefix, const uint8_t sha256[PKI_SHA256_SIZE]);
void name_chain(char name[STORE_NAME_SIZE], store_slot_t slot, store_age_t age);
bool name_begins(const char *name, const char *prefix);

ccs_err_t medium_fetch(const store_medium_t *medium, const char *name, arena_t *arena, ccs_view_t *record);
ccs_err_t medium_names(const store_medium_t *medium, names_t *names);

/* Certificates that lie one behind the other. PKI_GOOD, or why it is none. */
pki_reason_t chain_split(ccs_view_t octets, ccs_view_t *certificate, size_t room, size_t *count);

/* The chain of a slot; count 0: there is none. */
ccs_err_t chain_fetch(const store_t *store, store_slot_t slot, store_age_t age, arena_t *arena, chain_t *chain);

/* The roots of one store. */
ccs_err_t roots_fetch(const store_t *store, pki_store_kind_t kind, arena_t *arena, ccs_view_t root[STORE_ROOTS_MAX], size_t *count);

void key_hash(const store_t *store, ccs_view_t point, uint8_t sha256[PKI_SHA256_SIZE]);

/* The private key of a certificate; NULL: it is not here. */
store_key_t *key_of(const store_t *store, ccs_view_t certificate);

/* The key in a record; NULL: none, or not readable. */
store_key_t *key_read(const store_t *store, const char *name);

/* The root that has signed a certificate, as several may have the same name; empty: none. */
ccs_view_t root_of(const pki_crypto_t *crypto, const pki_store_t *roots, ccs_view_t last);

bool view_equal(ccs_view_t a, ccs_view_t b);

#endif
