/* Everything as it is now, for the connections to come.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/store/private.h"

#include <string.h>

static void ends_at(store_snapshot_t *snapshot, int64_t until_s)
{
    snapshot->until_s = until_s < snapshot->until_s ? until_s : snapshot->until_s;
}

/* The end of the first certificate of a chain that ends. */
static int64_t end_of(const chain_t *chain)
{
    int64_t until_s = INT64_MAX;
    for (size_t i = 0; i < chain->count; i++) {
        pki_certificate_t certificate;
        pki_reason_t reason;
        if (pki_read(chain->certificate[i], &certificate, &reason) && certificate.until_s < until_s) {
            until_s = certificate.until_s;
        }
    }
    return until_s;
}

/* Without a trusted time nothing is said of it; a car judges it as well. */
static bool is_stale(store_snapshot_t *snapshot, const store_credential_t *credential, size_t at, int64_t now_s)
{
    const ccs_view_t issuer_der = at + 1 < credential->count ? credential->chain[at + 1] : credential->root;
    pki_certificate_t certificate, issuer;
    pki_reason_t reason;
    pki_status_t status = {0};
    if (now_s == 0 || !pki_read(credential->chain[at], &certificate, &reason) || !pki_read(issuer_der, &issuer, &reason)) {
        return false;
    }
    reason = pki_ocsp_read(credential->ocsp[at], &certificate, &issuer, now_s, &snapshot->crypto->pki, &status);
    if (reason == PKI_GOOD) {
        ends_at(snapshot, status.until_s);
    }
    return reason == PKI_REVOCATION_STALE;
}

static ccs_err_t add_responses(const store_t *store, store_snapshot_t *snapshot, store_credential_t *credential, int64_t now_s,
                               arena_t *arena)
{
    for (size_t i = 0; i < credential->count; i++) {
        uint8_t hash[PKI_SHA256_SIZE];
        char name[STORE_NAME_SIZE];
        key_hash(store, credential->chain[i], hash);
        name_hash(name, "ocsp.", hash);
        const ccs_err_t err = medium_fetch(store->config.medium, name, arena, &credential->ocsp[i]);
        if (err != CCS_OK && err != CCS_ERR_MISSING) {
            return err;
        }
        if (err == CCS_OK && is_stale(snapshot, credential, i, now_s)) {
            credential->ocsp[i] = (ccs_view_t){NULL, 0};
        }
    }
    return CCS_OK;
}

/* The same chain may lie there twice after a power cut. */
static bool is_known(const store_snapshot_t *snapshot, ccs_view_t leaf)
{
    for (size_t i = 0; i < snapshot->count; i++) {
        if (view_equal(snapshot->credential[i].chain[0], leaf)) {
            return true;
        }
    }
    return false;
}

static ccs_err_t add_chain(const store_t *store, store_slot_t slot, store_age_t age, store_time_t time, store_snapshot_t *snapshot,
                           arena_t *arena)
{
    chain_t chain;
    CCS_TRY(chain_fetch(store, slot, age, arena, &chain));
    if (chain.count == 0 || is_known(snapshot, chain.certificate[0])) {
        return CCS_OK;
    }
    if (age == STORE_OLD && end_of(&chain) < time.newest_s) {
        return CCS_OK;
    }
    if (age == STORE_OLD) {
        ends_at(snapshot, end_of(&chain));
    }
    store_credential_t *const to = &snapshot->credential[snapshot->count];
    *to = (store_credential_t){.slot = slot, .age = age, .version = store_slots[slot].version, .count = chain.count};
    memcpy(to->chain, chain.certificate, chain.count * sizeof chain.certificate[0]);
    to->root = root_of(&snapshot->crypto->pki, &snapshot->stores.store[PKI_STORE_V2G], to->chain[to->count - 1]);
    CCS_TRY(add_responses(store, snapshot, to, time.trusted_s, arena));
    to->key = key_of(store, to->chain[0]);
    if (!to->key) {
        snapshot->lost++;
        return CCS_OK;
    }
    snapshot->count++;
    return CCS_OK;
}

static ccs_err_t fill(const store_t *store, store_time_t time, store_snapshot_t *snapshot, arena_t *arena)
{
    for (unsigned kind = 0; kind < PKI_STORES_COUNT; kind++) {
        pki_store_t *const to = &snapshot->stores.store[kind];
        to->roots = snapshot->root[kind];
        CCS_TRY(roots_fetch(store, (pki_store_kind_t)kind, arena, snapshot->root[kind], &to->count));
    }
    for (unsigned slot = 0; slot < STORE_SLOTS_COUNT; slot++) {
        CCS_TRY(add_chain(store, (store_slot_t)slot, STORE_NOW, time, snapshot, arena));
        CCS_TRY(add_chain(store, (store_slot_t)slot, STORE_OLD, time, snapshot, arena));
    }
    return CCS_OK;
}

ccs_err_t store_snapshot_take(const store_t *store, store_time_t time, store_snapshot_t *snapshot, uint8_t *memory, size_t size)
{
    arena_t arena = {memory, size};
    memset(snapshot, 0, sizeof *snapshot);
    snapshot->crypto = store->config.crypto;
    snapshot->until_s = INT64_MAX;
    const ccs_err_t err = fill(store, time, snapshot, &arena);
    snapshot->octets = size - arena.left;
    if (err != CCS_OK) {
        store_snapshot_free(snapshot);
    }
    return err;
}

void store_snapshot_free(store_snapshot_t *snapshot)
{
    for (size_t i = 0; i < snapshot->count; i++) {
        snapshot->crypto->key_free(snapshot->crypto->ctx, snapshot->credential[i].key);
    }
    snapshot->count = 0;
}
