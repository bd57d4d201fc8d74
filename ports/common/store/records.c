/* Names of records, and what lies in them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "pki/der.h"
#include "ports/common/store/private.h"

#include <string.h>

enum { NAME_HASH_OCTETS = 5 };

const slot_row_t store_slots[STORE_SLOTS_COUNT] = {
    [STORE_ISO2] = {"iso2", "iso2", 12, PKI_ISO2, PKI_P256},
    [STORE_ISO20] = {"iso20", "iso20", 13, PKI_ISO20, PKI_P521},
    [STORE_ISO20_ED448] = {"iso20-ed448", "iso20e", 13, PKI_ISO20, PKI_ED448},
};

static const char *const kind_names[PKI_STORES_COUNT] = {"v2g", "oem", "mo"};

const char *store_slot_name(store_slot_t slot)
{
    return store_slots[slot].name;
}

pki_key_kind_t store_slot_kind(store_slot_t slot)
{
    return store_slots[slot].kind;
}

bool store_slot_find(const char *name, store_slot_t *slot)
{
    for (unsigned i = 0; i < STORE_SLOTS_COUNT; i++) {
        if (strcmp(store_slots[i].name, name) == 0) {
            *slot = (store_slot_t)i;
            return true;
        }
    }
    return false;
}

const char *store_kind_name(pki_store_kind_t kind)
{
    return kind_names[kind];
}

bool store_kind_find(const char *name, pki_store_kind_t *kind)
{
    for (unsigned i = 0; i < PKI_STORES_COUNT; i++) {
        if (strcmp(kind_names[i], name) == 0) {
            *kind = (pki_store_kind_t)i;
            return true;
        }
    }
    return false;
}

/* ---- names */

void name_join(char name[STORE_NAME_SIZE], const char *prefix, const char *suffix)
{
    const size_t before = strlen(prefix), behind = strlen(suffix);
    CCS_ASSERT(before + behind < STORE_NAME_SIZE);
    memcpy(name, prefix, before);
    memcpy(name + before, suffix, behind + 1);
}

void name_hash(char name[STORE_NAME_SIZE], const char *prefix, const uint8_t sha256[PKI_SHA256_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char hex[2 * NAME_HASH_OCTETS + 1];
    for (size_t i = 0; i < NAME_HASH_OCTETS; i++) {
        hex[2 * i] = digits[sha256[i] >> 4];
        hex[2 * i + 1] = digits[sha256[i] & 15];
    }
    hex[2 * NAME_HASH_OCTETS] = '\0';
    name_join(name, prefix, hex);
}

void name_chain(char name[STORE_NAME_SIZE], store_slot_t slot, store_age_t age)
{
    name_join(name, store_slots[slot].prefix, age == STORE_NOW ? ".now" : ".old");
}

bool name_begins(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* ---- the medium */

ccs_err_t medium_fetch(const store_medium_t *medium, const char *name, arena_t *arena, ccs_view_t *record)
{
    size_t length = 0;
    CCS_TRY(medium->get(medium->ctx, name, arena->at, arena->left, &length));
    *record = (ccs_view_t){arena->at, length};
    arena->at += length;
    arena->left -= length;
    return CCS_OK;
}

static void note_name(void *to, const char *name)
{
    names_t *const names = to;
    if (strlen(name) >= STORE_NAME_SIZE) {
        return; /* none of ours */
    }
    if (names->count == STORE_NAMES_MAX) {
        names->more = true;
        return;
    }
    memcpy(names->name[names->count++], name, strlen(name) + 1);
}

ccs_err_t medium_names(const store_medium_t *medium, names_t *names)
{
    names->count = 0;
    names->more = false;
    return medium->list(medium->ctx, note_name, names);
}

/* ---- chains and roots */

pki_reason_t chain_split(ccs_view_t octets, ccs_view_t *certificate, size_t room, size_t *count)
{
    der_t der = der_in(octets);
    *count = 0;
    while (der_peek(&der) != DER_NO_TAG) {
        if (*count == room) {
            return PKI_TOO_LONG;
        }
        (void)der_take(&der, DER_SEQUENCE, &certificate[*count]);
        (*count)++;
    }
    der_end(&der);
    if (der.fault != DER_FINE) {
        return PKI_DER;
    }
    return *count == 0 ? PKI_EMPTY : PKI_GOOD;
}

ccs_err_t chain_fetch(const store_t *store, store_slot_t slot, store_age_t age, arena_t *arena, chain_t *chain)
{
    char name[STORE_NAME_SIZE];
    ccs_view_t record;
    chain->count = 0;
    name_chain(name, slot, age);
    const ccs_err_t err = medium_fetch(store->config.medium, name, arena, &record);
    if (err != CCS_OK) {
        return err == CCS_ERR_MISSING ? CCS_OK : err;
    }
    if (chain_split(record, chain->certificate, STORE_CHAIN_MAX, &chain->count) != PKI_GOOD) {
        chain->count = 0; /* not what was written here */
    }
    return CCS_OK;
}

/* The names of a store's roots in their order, so that numbers stay what they are. */
static void sort(names_t *names)
{
    for (size_t i = 1; i < names->count; i++) {
        for (size_t k = i; k > 0 && strcmp(names->name[k - 1], names->name[k]) > 0; k--) {
            char swapped[STORE_NAME_SIZE];
            memcpy(swapped, names->name[k], sizeof swapped);
            memcpy(names->name[k], names->name[k - 1], sizeof swapped);
            memcpy(names->name[k - 1], swapped, sizeof swapped);
        }
    }
}

ccs_err_t roots_fetch(const store_t *store, pki_store_kind_t kind, arena_t *arena, ccs_view_t root[STORE_ROOTS_MAX], size_t *count)
{
    names_t names;
    char prefix[STORE_NAME_SIZE];
    *count = 0;
    name_join(prefix, kind_names[kind], ".");
    CCS_TRY(medium_names(store->config.medium, &names));
    sort(&names);
    for (size_t i = 0; i < names.count && *count < STORE_ROOTS_MAX; i++) {
        if (name_begins(names.name[i], prefix)) {
            CCS_TRY(medium_fetch(store->config.medium, names.name[i], arena, &root[*count]));
            *count += pki_root_check(root[*count]) == PKI_GOOD;
        }
    }
    return CCS_OK;
}

ccs_view_t root_of(const pki_crypto_t *crypto, const pki_store_t *roots, ccs_view_t last)
{
    pki_certificate_t certificate, root;
    pki_reason_t reason;
    if (!pki_read(last, &certificate, &reason)) {
        return (ccs_view_t){NULL, 0};
    }
    for (size_t i = 0; i < roots->count; i++) {
        if (pki_read(roots->roots[i], &root, &reason) && pki_name_equal(certificate.issuer, root.subject) &&
            crypto->verify(crypto->ctx, &root.key, certificate.algorithm, certificate.tbs, certificate.signature)) {
            return roots->roots[i];
        }
    }
    return (ccs_view_t){NULL, 0};
}

/* ---- keys */

bool view_equal(ccs_view_t a, ccs_view_t b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

void key_hash(const store_t *store, ccs_view_t point, uint8_t sha256[PKI_SHA256_SIZE])
{
    const pki_crypto_t *const pki = &store->config.crypto->pki;
    pki->sha256(pki->ctx, point, sha256);
}

store_key_t *key_read(const store_t *store, const char *name)
{
    const store_crypto_t *const crypto = store->config.crypto;
    uint8_t record[KEY_RECORD_MAX];
    arena_t arena = {record, sizeof record};
    ccs_view_t found;
    if (medium_fetch(store->config.medium, name, &arena, &found) != CCS_OK) {
        return NULL;
    }
    store_key_t *const key = crypto->key_read(crypto->ctx, found, NULL);
    store_wipe(record, sizeof record);
    return key;
}

store_key_t *key_of(const store_t *store, ccs_view_t certificate)
{
    const store_crypto_t *const crypto = store->config.crypto;
    pki_certificate_t leaf;
    pki_reason_t reason;
    uint8_t hash[PKI_SHA256_SIZE], point[STORE_POINT_MAX];
    char name[STORE_NAME_SIZE];
    size_t length = 0;
    if (!pki_read(certificate, &leaf, &reason)) {
        return NULL;
    }
    key_hash(store, leaf.key.point, hash);
    name_hash(name, "key.", hash);
    store_key_t *const key = key_read(store, name);
    if (key && crypto->key_public(crypto->ctx, key, point, &length) == leaf.key.kind &&
        view_equal(leaf.key.point, (ccs_view_t){point, length})) {
        return key;
    }
    if (key) {
        crypto->key_free(crypto->ctx, key);
    }
    return NULL;
}

void store_wipe(void *octets, size_t length)
{
    volatile uint8_t *at = octets;
    while (length-- > 0) {
        *at++ = 0;
    }
}
