/* Everything as it is now, for the connections to come.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/store/private.h"

#include <string.h>

static bool has_ended(const chain_t *chain, store_time_t time)
{
    const int64_t now_s = time.trusted_s > time.newest_s ? time.trusted_s : time.newest_s;
    for (size_t i = 0; i < chain->count; i++) {
        pki_certificate_t certificate;
        pki_reason_t reason;
        if (pki_read(chain->certificate[i], &certificate, &reason) && certificate.until_s < now_s) {
            return true;
        }
    }
    return false;
}

static ccs_err_t add_responses(const store_t *store, store_credential_t *credential, arena_t *arena)
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
    if (chain.count == 0 || is_known(snapshot, chain.certificate[0]) || (age == STORE_OLD && has_ended(&chain, time))) {
        return CCS_OK;
    }
    store_credential_t *const to = &snapshot->credential[snapshot->count];
    *to = (store_credential_t){.slot = slot, .age = age, .version = store_slots[slot].version, .count = chain.count};
    memcpy(to->chain, chain.certificate, chain.count * sizeof chain.certificate[0]);
    to->root = root_of(&snapshot->crypto->pki, &snapshot->stores.store[PKI_STORE_V2G], to->chain[to->count - 1]);
    CCS_TRY(add_responses(store, to, arena));
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
