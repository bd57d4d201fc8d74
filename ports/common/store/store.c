/* Setting and looking.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/store/private.h"

#include "base/assert.h"

#include <stdio.h>
#include <string.h>

#define STORE_FAULT_NAME(name, text) #name,
#define STORE_FAULT_TEXT(name, text) text,
static const char *const fault_names[] = {STORE_FAULTS(STORE_FAULT_NAME)};
static const char *const fault_texts[] = {STORE_FAULTS(STORE_FAULT_TEXT)};

const char *store_fault_name(store_fault_t fault)
{
    return (unsigned)fault < STORE_FAULTS_COUNT ? fault_names[fault] : "UNKNOWN";
}

const char *store_fault_text(store_fault_t fault)
{
    return (unsigned)fault < STORE_FAULTS_COUNT ? fault_texts[fault] : "unknown";
}

void store_answer_text(store_answer_t answer, char *text, size_t size)
{
    if (answer.fault == STORE_CERTIFICATE) {
        (void)snprintf(text, size, "%s: %s (%s); certificate %u", store_fault_text(answer.fault), pki_reason_text(answer.reason),
                       pki_reason_name(answer.reason), answer.at);
        return;
    }
    (void)snprintf(text, size, "%s", store_fault_text(answer.fault));
}

static store_answer_t fault(store_fault_t what)
{
    return (store_answer_t){.fault = what};
}

static store_answer_t refused(pki_reason_t reason, size_t at)
{
    return (store_answer_t){.fault = STORE_CERTIFICATE, .reason = reason, .at = (uint8_t)at};
}

static store_answer_t of_medium(ccs_err_t err)
{
    return fault(err == CCS_OK ? STORE_NONE : err == CCS_ERR_SPACE ? STORE_FULL : STORE_MEDIUM);
}

static arena_t scratch(const store_t *store)
{
    return (arena_t){store->config.scratch, STORE_SCRATCH_SIZE};
}

static ccs_err_t put(const store_t *store, const char *name, ccs_view_t record)
{
    const store_medium_t *const medium = store->config.medium;
    return medium->set(medium->ctx, name, record);
}

static ccs_err_t erase(const store_t *store, const char *name)
{
    const store_medium_t *const medium = store->config.medium;
    return medium->erase(medium->ctx, name);
}

/* ---- what belongs to nothing */

typedef struct wanted {
    char name[STORE_SLOTS_COUNT * (2 * (1 + STORE_CHAIN_MAX) + 1)][STORE_NAME_SIZE];
    size_t count;
} wanted_t;

static char *want(wanted_t *wanted)
{
    CCS_ASSERT(wanted->count < sizeof wanted->name / sizeof wanted->name[0]);
    return wanted->name[wanted->count++];
}

static void want_chain(const store_t *store, const chain_t *chain, wanted_t *wanted)
{
    for (size_t i = 0; i < chain->count; i++) {
        pki_certificate_t read;
        pki_reason_t reason;
        uint8_t hash[PKI_SHA256_SIZE];
        if (i == 0 && pki_read(chain->certificate[i], &read, &reason)) {
            key_hash(store, read.key.point, hash);
            name_hash(want(wanted), "key.", hash);
        }
        key_hash(store, chain->certificate[i], hash);
        name_hash(want(wanted), "ocsp.", hash);
    }
}

/* The name of the record of the key that waits. MISSING: none does. */
static ccs_err_t next_name(const store_t *store, store_slot_t slot, char name[STORE_NAME_SIZE])
{
    const store_medium_t *const medium = store->config.medium;
    char record[STORE_NAME_SIZE];
    size_t length = 0;
    name_join(record, store_slots[slot].prefix, ".next");
    CCS_TRY(medium->get(medium->ctx, record, (uint8_t *)name, STORE_NAME_SIZE - 1, &length));
    name[length] = '\0';
    return name_begins(name, "key.") ? CCS_OK : CCS_ERR_MISSING;
}

static ccs_err_t want_slot(const store_t *store, store_slot_t slot, wanted_t *wanted)
{
    for (unsigned age = STORE_NOW; age <= STORE_OLD; age++) {
        arena_t arena = scratch(store);
        chain_t chain;
        CCS_TRY(chain_fetch(store, slot, (store_age_t)age, &arena, &chain));
        want_chain(store, &chain, wanted);
    }
    char name[STORE_NAME_SIZE];
    const ccs_err_t err = next_name(store, slot, name);
    if (err == CCS_OK) {
        name_join(want(wanted), name, "");
    }
    return err == CCS_ERR_MISSING ? CCS_OK : err;
}

static bool is_wanted(const wanted_t *wanted, const char *name)
{
    for (size_t i = 0; i < wanted->count; i++) {
        if (strcmp(wanted->name[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Keys without a chain that do not wait for one, responses on certificates that are gone. Nothing goes while anything cannot be
 * read. */
static ccs_err_t clear_away(const store_t *store)
{
    wanted_t wanted = {.count = 0};
    names_t names;
    for (unsigned slot = 0; slot < STORE_SLOTS_COUNT; slot++) {
        CCS_TRY(want_slot(store, (store_slot_t)slot, &wanted));
    }
    CCS_TRY(medium_names(store->config.medium, &names));
    for (size_t i = 0; i < names.count; i++) {
        const bool ours = name_begins(names.name[i], "key.") || name_begins(names.name[i], "ocsp.");
        if (ours && !is_wanted(&wanted, names.name[i])) {
            CCS_TRY(erase(store, names.name[i]));
        }
    }
    return CCS_OK;
}

ccs_err_t store_open(store_t *store, const store_config_t *config)
{
    *store = (store_t){.config = *config};
    return clear_away(store);
}

/* ---- keys */

static bool kind_fits(const store_t *store, store_slot_t slot, pki_key_kind_t kind)
{
    return kind == store_slots[slot].kind || (store->config.compat && slot == STORE_ISO20 && kind == PKI_P256);
}

/* The key first, then the word that it waits: an unnamed key of a power cut is cleared away. */
static store_answer_t keep_key(store_t *store, store_slot_t slot, const store_key_t *key)
{
    const store_crypto_t *const crypto = store->config.crypto;
    uint8_t point[STORE_POINT_MAX], hash[PKI_SHA256_SIZE], record[KEY_RECORD_MAX];
    char name[STORE_NAME_SIZE], next[STORE_NAME_SIZE];
    size_t length = 0;
    if (!kind_fits(store, slot, crypto->key_public(crypto->ctx, key, point, &length))) {
        return fault(STORE_KEY_KIND);
    }
    key_hash(store, (ccs_view_t){point, length}, hash);
    name_hash(name, "key.", hash);
    length = crypto->key_keep(crypto->ctx, key, record, sizeof record);
    if (length == 0) {
        return fault(STORE_NOT_A_KEY);
    }
    ccs_err_t err = put(store, name, (ccs_view_t){record, length});
    store_wipe(record, sizeof record);
    if (err == CCS_OK) {
        name_join(next, store_slots[slot].prefix, ".next");
        err = put(store, next, (ccs_view_t){(const uint8_t *)name, strlen(name)});
    }
    return of_medium(err == CCS_OK ? clear_away(store) : err);
}

static store_answer_t take_key(store_t *store, store_slot_t slot, store_key_t *key)
{
    const store_crypto_t *const crypto = store->config.crypto;
    if (!key) {
        return fault(STORE_NOT_A_KEY);
    }
    const store_answer_t answer = keep_key(store, slot, key);
    crypto->key_free(crypto->ctx, key);
    return answer;
}

store_answer_t store_set_key(store_t *store, store_slot_t slot, ccs_view_t key, const char *password)
{
    const store_crypto_t *const crypto = store->config.crypto;
    return take_key(store, slot, crypto->key_read(crypto->ctx, key, password));
}

store_answer_t store_new_key(store_t *store, store_slot_t slot)
{
    const store_crypto_t *const crypto = store->config.crypto;
    return take_key(store, slot, crypto->key_new(crypto->ctx, store_slots[slot].kind));
}

/* The key that waits; NULL: none, or not readable. */
static store_key_t *next_key(const store_t *store, store_slot_t slot)
{
    char name[STORE_NAME_SIZE];
    return next_name(store, slot, name) == CCS_OK ? key_read(store, name) : NULL;
}

static store_answer_t request_of(const store_t *store, store_slot_t slot, const store_key_t *key, const char *name, uint8_t *to,
                                 size_t size, size_t *length)
{
    const store_crypto_t *const crypto = store->config.crypto;
    arena_t arena = scratch(store);
    chain_t chain;
    if (chain_fetch(store, slot, STORE_NOW, &arena, &chain) != CCS_OK) {
        return fault(STORE_MEDIUM);
    }
    const bool named = name && name[0] != '\0';
    if (!named && chain.count == 0) {
        return fault(STORE_REQUEST);
    }
    const ccs_view_t like = named ? (ccs_view_t){NULL, 0} : chain.certificate[0];
    *length = crypto->request(crypto->ctx, key, like, name, to, size);
    return fault(*length > 0 ? STORE_NONE : STORE_REQUEST);
}

store_answer_t store_request(store_t *store, store_slot_t slot, const char *name, uint8_t *to, size_t size, size_t *length)
{
    const store_crypto_t *const crypto = store->config.crypto;
    store_key_t *key = next_key(store, slot);
    if (!key) {
        const store_answer_t made = store_new_key(store, slot);
        if (made.fault != STORE_NONE) {
            return made;
        }
        key = next_key(store, slot);
    }
    if (!key) {
        return fault(STORE_MEDIUM);
    }
    const store_answer_t answer = request_of(store, slot, key, name, to, size, length);
    crypto->key_free(crypto->ctx, key);
    return answer;
}

/* ---- chains */

/* Where no time is trusted: as late as is known, and at least when the last certificate began. */
static int64_t time_of(store_time_t time, const chain_t *chain)
{
    int64_t latest_s = time.newest_s;
    for (size_t i = 0; i < chain->count && time.trusted_s == 0; i++) {
        pki_certificate_t certificate;
        pki_reason_t reason;
        if (pki_read(chain->certificate[i], &certificate, &reason) && certificate.from_s > latest_s) {
            latest_s = certificate.from_s;
        }
    }
    return time.trusted_s ? time.trusted_s : latest_s;
}

static bool issues_itself(ccs_view_t der)
{
    pki_certificate_t certificate;
    pki_reason_t reason;
    return pki_read(der, &certificate, &reason) && pki_name_equal(certificate.issuer, certificate.subject);
}

static store_answer_t judge(const store_t *store, store_slot_t slot, const chain_t *chain, store_time_t time, arena_t *arena)
{
    ccs_view_t roots[STORE_ROOTS_MAX];
    pki_stores_t stores = {0};
    const ccs_err_t err = roots_fetch(store, PKI_STORE_V2G, arena, roots, &stores.store[PKI_STORE_V2G].count);
    if (err != CCS_OK) {
        return of_medium(err);
    }
    stores.store[PKI_STORE_V2G].roots = roots;
    const size_t sent = chain->count - (chain->count > 1 && issues_itself(chain->certificate[chain->count - 1]));
    const pki_request_t request = {
        .role = sent == 1 ? PKI_SECC_PRIVATE : PKI_SECC, /* [V2G2-872] directly below a private root */
        .edition = store_slots[slot].edition,
        .chain = chain->certificate,
        .count = chain->count,
        .now_s = time_of(time, chain),
        .revocation = PKI_REVOCATION_AS_KNOWN,
        .compat = store->config.compat,
    };
    const pki_verdict_t verdict = pki_judge(&stores, &request, &store->config.crypto->pki, NULL);
    return pki_is_good(&verdict) ? fault(STORE_NONE) : refused(verdict.reason, verdict.at);
}

/* Old before new: a power cut between leaves the chain in force twice, which harms nothing. */
static ccs_err_t replace(store_t *store, store_slot_t slot, ccs_view_t record, arena_t arena)
{
    char now[STORE_NAME_SIZE], old[STORE_NAME_SIZE];
    ccs_view_t before = {NULL, 0};
    name_chain(now, slot, STORE_NOW);
    name_chain(old, slot, STORE_OLD);
    const ccs_err_t err = medium_fetch(store->config.medium, now, &arena, &before);
    if (err != CCS_OK && err != CCS_ERR_MISSING) {
        return err;
    }
    if (view_equal(before, record)) {
        return CCS_OK;
    }
    if (before.length > 0) {
        CCS_TRY(put(store, old, before));
    }
    return put(store, now, record);
}

/* A key that waited for this chain waits no more. */
static ccs_err_t end_waiting(const store_t *store, store_slot_t slot, ccs_view_t point)
{
    char waits[STORE_NAME_SIZE], name[STORE_NAME_SIZE], record[STORE_NAME_SIZE];
    uint8_t hash[PKI_SHA256_SIZE];
    key_hash(store, point, hash);
    name_hash(name, "key.", hash);
    const ccs_err_t err = next_name(store, slot, waits);
    if (err != CCS_OK || strcmp(waits, name) != 0) {
        return err == CCS_ERR_MISSING ? CCS_OK : err;
    }
    name_join(record, store_slots[slot].prefix, ".next");
    return erase(store, record);
}

static ccs_err_t bring_into_force(store_t *store, store_slot_t slot, const chain_t *chain, ccs_view_t point, arena_t arena)
{
    const size_t sent = chain->count - (chain->count > 1 && issues_itself(chain->certificate[chain->count - 1]));
    const ccs_view_t last = chain->certificate[sent - 1];
    const ccs_view_t record = {chain->certificate[0].at, (size_t)(last.at + last.length - chain->certificate[0].at)};
    CCS_TRY(replace(store, slot, record, arena));
    store->changes++;
    CCS_TRY(end_waiting(store, slot, point));
    return clear_away(store);
}

store_answer_t store_set_chain(store_t *store, store_slot_t slot, ccs_view_t octets, store_time_t time)
{
    const store_crypto_t *const crypto = store->config.crypto;
    arena_t arena = scratch(store);
    chain_t chain;
    pki_certificate_t leaf;
    if (octets.length > STORE_RECORD_MAX) {
        return fault(STORE_TOO_LONG);
    }
    pki_reason_t reason = chain_split(octets, chain.certificate, PKI_CHAIN_MAX, &chain.count);
    if (reason != PKI_GOOD || !pki_read(chain.certificate[0], &leaf, &reason)) {
        return refused(reason, 0);
    }
    if (!kind_fits(store, slot, leaf.key.kind)) {
        return fault(STORE_KEY_KIND);
    }
    store_key_t *const key = key_of(store, chain.certificate[0]);
    if (!key) {
        return fault(STORE_NO_KEY);
    }
    crypto->key_free(crypto->ctx, key);
    const store_answer_t answer = judge(store, slot, &chain, time, &arena);
    return answer.fault == STORE_NONE ? of_medium(bring_into_force(store, slot, &chain, leaf.key.point, arena)) : answer;
}

store_answer_t store_drop_old(store_t *store, store_slot_t slot)
{
    char name[STORE_NAME_SIZE];
    arena_t arena = scratch(store);
    ccs_view_t record;
    name_chain(name, slot, STORE_OLD);
    if (medium_fetch(store->config.medium, name, &arena, &record) == CCS_ERR_MISSING) {
        return fault(STORE_NOTHING);
    }
    ccs_err_t err = erase(store, name);
    store->changes++;
    if (err == CCS_OK) {
        err = clear_away(store);
    }
    return of_medium(err);
}

/* ---- roots */

static store_answer_t check_roots(const ccs_view_t *root, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const pki_reason_t reason = pki_root_check(root[i]);
        if (reason != PKI_GOOD) {
            return refused(reason, i);
        }
    }
    return fault(STORE_NONE);
}

/* Is there room for so many that are not there yet? */
static ccs_err_t count_roots(const store_t *store, pki_store_kind_t kind, const ccs_view_t *root, size_t count)
{
    arena_t arena = scratch(store);
    ccs_view_t there[STORE_ROOTS_MAX];
    size_t known = 0;
    CCS_TRY(roots_fetch(store, kind, &arena, there, &known));
    size_t together = known + count;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < known; k++) {
            together -= view_equal(root[i], there[k]);
        }
    }
    return together <= STORE_ROOTS_MAX ? CCS_OK : CCS_ERR_SPACE;
}

store_answer_t store_set_roots(store_t *store, pki_store_kind_t kind, ccs_view_t octets)
{
    ccs_view_t root[STORE_ROOTS_MAX];
    size_t count;
    char prefix[STORE_NAME_SIZE], name[STORE_NAME_SIZE];
    uint8_t hash[PKI_SHA256_SIZE];
    const pki_reason_t reason = chain_split(octets, root, STORE_ROOTS_MAX, &count);
    if (reason != PKI_GOOD) {
        return refused(reason, count);
    }
    const store_answer_t answer = check_roots(root, count);
    if (answer.fault != STORE_NONE) {
        return answer;
    }
    ccs_err_t err = count_roots(store, kind, root, count);
    name_join(prefix, store_kind_name(kind), ".");
    for (size_t i = 0; i < count && err == CCS_OK; i++) {
        key_hash(store, root[i], hash);
        name_hash(name, prefix, hash);
        err = put(store, name, root[i]);
        store->changes++;
    }
    return of_medium(err);
}

store_answer_t store_drop_root(store_t *store, pki_store_kind_t kind, const uint8_t sha256[PKI_SHA256_SIZE])
{
    char prefix[STORE_NAME_SIZE], name[STORE_NAME_SIZE];
    arena_t arena = scratch(store);
    ccs_view_t record;
    uint8_t hash[PKI_SHA256_SIZE];
    name_join(prefix, store_kind_name(kind), ".");
    name_hash(name, prefix, sha256);
    if (medium_fetch(store->config.medium, name, &arena, &record) != CCS_OK) {
        return fault(STORE_NOTHING);
    }
    key_hash(store, record, hash);
    if (memcmp(hash, sha256, sizeof hash) != 0) {
        return fault(STORE_NOTHING);
    }
    store->changes++;
    return of_medium(erase(store, name));
}

/* ---- OCSP */

static pki_reason_t read_response(const store_t *store, ccs_view_t response, ccs_view_t certificate, ccs_view_t issuer,
                                  int64_t now_s, pki_status_t *status)
{
    pki_certificate_t subject, signer;
    pki_reason_t reason;
    if (!pki_read(certificate, &subject, &reason) || !pki_read(issuer, &signer, &reason)) {
        return reason;
    }
    return pki_ocsp_read(response, &subject, &signer, now_s, &store->config.crypto->pki, status);
}

/* Keeps the response if it is about a certificate of this chain. NOT_OURS: about none of them. */
static store_answer_t offer(store_t *store, const chain_t *chain, ccs_view_t root, ccs_view_t response, int64_t now_s,
                            pki_status_t *status)
{
    store_answer_t answer = fault(STORE_NOT_OURS);
    for (size_t i = 0; i < chain->count; i++) {
        const ccs_view_t issuer = i + 1 < chain->count ? chain->certificate[i + 1] : root;
        const pki_reason_t reason = read_response(store, response, chain->certificate[i], issuer, now_s, status);
        if (reason == PKI_GOOD) {
            char name[STORE_NAME_SIZE];
            name_hash(name, "ocsp.", status->sha256);
            store->changes++;
            return of_medium(put(store, name, response));
        }
        if (reason != PKI_REVOCATION_UNKNOWN) {
            answer = refused(reason, i);
        }
    }
    return answer;
}

static store_answer_t offer_slot(store_t *store, store_slot_t slot, store_age_t age, ccs_view_t response, int64_t now_s,
                                 pki_status_t *status)
{
    arena_t arena = scratch(store);
    ccs_view_t roots[STORE_ROOTS_MAX];
    pki_store_t anchors = {.roots = roots};
    chain_t chain;
    ccs_err_t err = roots_fetch(store, PKI_STORE_V2G, &arena, roots, &anchors.count);
    if (err == CCS_OK) {
        err = chain_fetch(store, slot, age, &arena, &chain);
    }
    if (err != CCS_OK) {
        return of_medium(err);
    }
    if (chain.count == 0) {
        return fault(STORE_NOT_OURS);
    }
    const ccs_view_t root = root_of(&store->config.crypto->pki, &anchors, chain.certificate[chain.count - 1]);
    return offer(store, &chain, root, response, now_s, status);
}

store_answer_t store_set_ocsp(store_t *store, ccs_view_t response, store_time_t time, pki_status_t *status)
{
    pki_status_t unused;
    store_answer_t answer = fault(STORE_NOT_OURS);
    if (response.length > STORE_RECORD_MAX) {
        return fault(STORE_TOO_LONG);
    }
    for (unsigned i = 0; i < 2 * STORE_SLOTS_COUNT && answer.fault != STORE_NONE; i++) {
        const store_age_t age = i % 2 == 0 ? STORE_NOW : STORE_OLD;
        const store_answer_t said =
            offer_slot(store, (store_slot_t)(i / 2), age, response, time.trusted_s, status ? status : &unused);
        answer = said.fault == STORE_NOT_OURS ? answer : said;
    }
    return answer;
}

/* ---- looking */

store_answer_t store_chain(const store_t *store, store_slot_t slot, store_age_t age, uint8_t *to, size_t size, size_t *length)
{
    const store_medium_t *const medium = store->config.medium;
    char name[STORE_NAME_SIZE];
    name_chain(name, slot, age);
    const ccs_err_t err = medium->get(medium->ctx, name, to, size, length);
    return err == CCS_ERR_MISSING ? fault(STORE_NO_CERTIFICATE) : of_medium(err);
}

static store_answer_t print_of(const store_t *store, const store_key_t *key, uint8_t sha256[PKI_SHA256_SIZE])
{
    const store_crypto_t *const crypto = store->config.crypto;
    uint8_t point[STORE_POINT_MAX];
    size_t length = 0;
    if (crypto->key_public(crypto->ctx, key, point, &length) == PKI_KEY_OTHER) {
        return fault(STORE_NOT_A_KEY);
    }
    key_hash(store, (ccs_view_t){point, length}, sha256);
    return fault(STORE_NONE);
}

store_answer_t store_key_print(const store_t *store, store_slot_t slot, bool waits, uint8_t sha256[PKI_SHA256_SIZE])
{
    const store_crypto_t *const crypto = store->config.crypto;
    arena_t arena = scratch(store);
    chain_t chain;
    if (!waits && chain_fetch(store, slot, STORE_NOW, &arena, &chain) != CCS_OK) {
        return fault(STORE_MEDIUM);
    }
    store_key_t *const key = waits ? next_key(store, slot) : chain.count > 0 ? key_of(store, chain.certificate[0]) : NULL;
    if (!key) {
        return fault(STORE_NOTHING);
    }
    const store_answer_t answer = print_of(store, key, sha256);
    crypto->key_free(crypto->ctx, key);
    return answer;
}

bool store_root(const store_t *store, pki_store_kind_t kind, size_t *at, uint8_t *to, size_t size, size_t *length)
{
    arena_t arena = scratch(store);
    ccs_view_t root[STORE_ROOTS_MAX];
    size_t count = 0;
    if (roots_fetch(store, kind, &arena, root, &count) != CCS_OK || *at >= count || root[*at].length > size) {
        return false;
    }
    memcpy(to, root[*at].at, root[*at].length);
    *length = root[*at].length;
    (*at)++;
    return true;
}
