/* The judgement of a chain: cheap questions first, signatures last.
 *
 * What a peer sends is read, put below a root of a store that its role allows, compared with the profile and the clock, and only
 * then are signatures verified, from the root down, so that no octet of a peer is trusted before its issuer is. What is stored of
 * revocations is asked once the root is found: a list is known by its issuer's key. SPDX-License-Identifier: Apache-2.0 */
#include "pki/algorithm.h"
#include "pki/cache.h"
#include "pki/der.h"
#include "pki/profile.h"

#include <string.h>

typedef struct judge {
    const pki_stores_t *stores;
    const pki_request_t *request;
    const pki_crypto_t *crypto;
    profile_t profile;
    pki_cache_t *cache;
    pki_certificate_t chain[PKI_CHAIN_MAX + 1]; /* leaf first; behind the last one of the peer: our root */
    size_t count;                               /* without the root */
    pki_verdict_t verdict;
} judge_t;

/* Notes the first thing that is wrong. False: something is. */
static bool holds(judge_t *judge, pki_reason_t reason, size_t at)
{
    if (reason == PKI_GOOD) {
        return true;
    }
    judge->verdict.reason = reason;
    judge->verdict.at = (uint8_t)at;
    return false;
}

/* ---- reading */

static bool store_allowed(const judge_t *judge, unsigned store)
{
    return judge->profile.stores >> store & 1u;
}

/* Is it one of our roots, octet by octet? Peers may send it as well. */
static bool is_root_of_ours(const judge_t *judge, ccs_view_t der)
{
    for (unsigned kind = 0; kind < PKI_STORES_COUNT; kind++) {
        const pki_store_t *const store = &judge->stores->store[kind];
        for (size_t i = 0; i < store->count && store_allowed(judge, kind); i++) {
            if (der_equal(store->roots[i], der)) {
                return true;
            }
        }
    }
    return false;
}

static bool read_chain(judge_t *judge)
{
    const pki_request_t *const request = judge->request;
    size_t count = request->count;
    if (count == 0) {
        return holds(judge, PKI_EMPTY, 0);
    }
    if (count > 1 && is_root_of_ours(judge, request->chain[count - 1])) {
        count--;
    }
    if (count > judge->profile.role->subs_max + 1u || count > PKI_CHAIN_MAX) {
        return holds(judge, PKI_TOO_LONG, judge->profile.role->subs_max + 1u);
    }
    for (size_t i = 0; i < count; i++) {
        pki_reason_t reason;
        if (!pki_read(request->chain[i], &judge->chain[i], &reason)) {
            return holds(judge, reason, i);
        }
    }
    judge->count = count;
    return true;
}

/* ---- order */

static bool issued(const pki_certificate_t *issuer, const pki_certificate_t *certificate)
{
    return pki_name_equal(issuer->subject, certificate->issuer);
}

static bool in_order(judge_t *judge)
{
    for (size_t i = 0; i + 1 < judge->count; i++) {
        bool elsewhere = false;
        for (size_t other = 0; other < judge->count; other++) {
            elsewhere |= other != i && issued(&judge->chain[other], &judge->chain[i]);
        }
        if (!issued(&judge->chain[i + 1], &judge->chain[i])) {
            return holds(judge, elsewhere ? PKI_ORDER : PKI_ISSUER_MISSING, i);
        }
    }
    return true;
}

/* ---- root */

static bool verified(const judge_t *judge, const pki_certificate_t *issuer, const pki_certificate_t *certificate)
{
    return judge->crypto->verify(judge->crypto->ctx, &issuer->key, certificate->algorithm, certificate->tbs,
                                 certificate->signature);
}

/* The signature of certificate number `at` by the one behind it. Those of sub-CAs are remembered. */
static bool signed_by_next(judge_t *judge, size_t at)
{
    const pki_certificate_t *const certificate = &judge->chain[at], *const issuer = &judge->chain[at + 1];
    uint8_t hashes[2][PKI_SHA256_SIZE];
    if (!algorithm_fits(issuer->key.kind, certificate->algorithm)) {
        return false;
    }
    if (at == 0 || !judge->cache) {
        judge->verdict.cached = judge->verdict.cached && at == 0;
        return verified(judge, issuer, certificate);
    }
    judge->crypto->sha256(judge->crypto->ctx, certificate->whole, hashes[0]);
    judge->crypto->sha256(judge->crypto->ctx, issuer->whole, hashes[1]);
    if (cache_knows(judge->cache, hashes[0], hashes[1])) {
        return true;
    }
    judge->verdict.cached = false;
    if (!verified(judge, issuer, certificate)) {
        return false;
    }
    cache_add(judge->cache, hashes[0], hashes[1]);
    return true;
}

/* Reads root number i of a store if it may have issued the last certificate. */
static bool take_root(judge_t *judge, unsigned kind, size_t i)
{
    pki_reason_t reason;
    pki_certificate_t *const root = &judge->chain[judge->count];
    return pki_read(judge->stores->store[kind].roots[i], root, &reason) && issued(root, &judge->chain[judge->count - 1]);
}

/* Several roots of one name (a renewed key): the one whose key has signed. at_all: is there one of this name? */
static bool find_root(judge_t *judge, unsigned kind, bool *at_all)
{
    const size_t last = judge->count - 1;
    for (size_t i = 0; i < judge->stores->store[kind].count && i <= UINT16_MAX; i++) {
        if (!take_root(judge, kind, i)) {
            continue;
        }
        *at_all = true;
        if (signed_by_next(judge, last)) {
            judge->verdict.store = (pki_store_kind_t)kind;
            judge->verdict.root = (uint16_t)i;
            return true;
        }
    }
    return false;
}

/* A root of this name in a store that the role does not allow. */
static bool known_elsewhere(judge_t *judge)
{
    for (unsigned kind = 0; kind < PKI_STORES_COUNT; kind++) {
        for (size_t i = 0; i < judge->stores->store[kind].count; i++) {
            if (!store_allowed(judge, kind) && take_root(judge, kind, i)) {
                return true;
            }
        }
    }
    return false;
}

/* Is there a root of the right name? Asked before anything is verified. */
static bool root_is_named(judge_t *judge)
{
    const size_t last = judge->count - 1;
    for (unsigned kind = 0; kind < PKI_STORES_COUNT; kind++) {
        for (size_t i = 0; i < judge->stores->store[kind].count && store_allowed(judge, kind); i++) {
            if (take_root(judge, kind, i)) {
                return true;
            }
        }
    }
    if (pki_name_equal(judge->chain[last].issuer, judge->chain[last].subject)) {
        return holds(judge, PKI_SELF_SIGNED, last);
    }
    return holds(judge, known_elsewhere(judge) ? PKI_ROOT_OF_ANOTHER_STORE : PKI_ROOT_UNKNOWN, last);
}

static pki_reason_t judge_root(const judge_t *judge, const pki_certificate_t *root)
{
    const pki_reason_t reason = profile_root(root, (unsigned)judge->count - 1);
    if (reason != PKI_GOOD) {
        return reason;
    }
    return profile_takes_key(&judge->profile, judge->request, root->key.kind) ? PKI_GOOD : PKI_KEY_NOT_ALLOWED;
}

/* ---- profile and dates */

static bool profile_fits(judge_t *judge)
{
    if (!holds(judge, profile_leaf(&judge->profile, judge->request, &judge->chain[0]), 0)) {
        return false;
    }
    for (size_t i = 1; i < judge->count; i++) {
        if (!holds(judge, profile_sub(&judge->profile, judge->request, &judge->chain[i], (unsigned)i - 1), i)) {
            return false;
        }
    }
    return true;
}

static pki_reason_t judge_dates(const judge_t *judge, const pki_certificate_t *certificate)
{
    const int64_t now_s = judge->request->now_s;
    if (now_s <= 0) {
        return PKI_NO_TIME;
    }
    return now_s < certificate->from_s ? PKI_NOT_YET_VALID : now_s > certificate->until_s ? PKI_EXPIRED : PKI_GOOD;
}

static void note_end(judge_t *judge, int64_t until_s)
{
    if (until_s < judge->verdict.until_s) {
        judge->verdict.until_s = until_s;
    }
}

static bool dates_fit(judge_t *judge, size_t from, size_t until)
{
    for (size_t i = from; i < until; i++) {
        if (!holds(judge, judge_dates(judge, &judge->chain[i]), i)) {
            return false;
        }
        note_end(judge, judge->chain[i].until_s);
    }
    return true;
}

static void note_size(judge_t *judge)
{
    for (size_t i = 0; i < judge->count; i++) {
        judge->verdict.large |= judge->chain[i].whole.length > judge->profile.edition->size_max;
    }
}

/* ---- revocation */

/* What is known of one certificate: revoked counts, whoever says so and however long ago; else the answer in date that ends last.
 */
typedef struct known {
    bool revoked, at_all, in_date;
    int64_t until_s; /* of the latest in date */
} known_t;

static void note_answer(known_t *known, int64_t now_s, int64_t from_s, int64_t until_s)
{
    const bool in_date = now_s >= from_s && now_s <= until_s;
    known->at_all = true;
    known->until_s = in_date && (!known->in_date || until_s > known->until_s) ? until_s : known->until_s;
    known->in_date = known->in_date || in_date;
}

static void ask_statuses(const judge_t *judge, const pki_certificate_t *certificate, known_t *known)
{
    const pki_request_t *const request = judge->request;
    uint8_t hash[PKI_SHA256_SIZE];
    if (request->statuses_count > 0) {
        judge->crypto->sha256(judge->crypto->ctx, certificate->whole, hash);
    }
    for (size_t i = 0; i < request->statuses_count; i++) {
        const pki_status_t *const status = &request->statuses[i];
        if (memcmp(status->sha256, hash, sizeof hash) == 0) {
            known->revoked = known->revoked || status->revoked;
            note_answer(known, request->now_s, status->from_s, status->until_s);
        }
    }
}

static void ask_lists(const judge_t *judge, const pki_certificate_t *certificate, const pki_certificate_t *issuer, known_t *known)
{
    const pki_request_t *const request = judge->request;
    for (size_t i = 0; i < request->crls_count; i++) {
        const pki_crl_t *const crl = &request->crls[i];
        if (der_equal(crl->issuer_key, issuer->key_info)) {
            known->revoked = known->revoked || pki_crl_names(crl, certificate);
            note_answer(known, request->now_s, crl->from_s, crl->until_s);
        }
    }
}

static pki_reason_t judge_revocation(judge_t *judge, size_t at, bool needed)
{
    known_t known = {0};
    ask_statuses(judge, &judge->chain[at], &known);
    ask_lists(judge, &judge->chain[at], &judge->chain[at + 1], &known);
    if (known.revoked) {
        return PKI_REVOKED;
    }
    if (!needed) {
        return PKI_GOOD;
    }
    if (known.in_date) {
        note_end(judge, known.until_s);
    }
    return known.in_date ? PKI_GOOD : known.at_all ? PKI_REVOCATION_STALE : PKI_REVOCATION_UNKNOWN;
}

/* With the root behind the chain: a list is its issuer's. */
static bool not_revoked(judge_t *judge)
{
    for (size_t i = 0; i < judge->count; i++) {
        const pki_revocation_t need = judge->request->revocation;
        const bool needed = need == PKI_REVOCATION_NEEDED || (need == PKI_REVOCATION_OF_LEAF && i == 0);
        if (!holds(judge, judge_revocation(judge, i, needed), i)) {
            return false;
        }
    }
    return true;
}

/* ---- signatures */

static bool keys_fit(judge_t *judge)
{
    for (size_t i = 0; i < judge->count; i++) {
        const bool fits = judge->crypto->key_fits(judge->crypto->ctx, &judge->chain[i].key);
        if (!holds(judge, fits ? PKI_GOOD : PKI_KEY_INVALID, i)) {
            return false;
        }
    }
    return true;
}

/* Below the root of the last certificate, which stays behind the chain. */
static bool anchored(judge_t *judge)
{
    bool at_all = false;
    for (unsigned kind = 0; kind < PKI_STORES_COUNT; kind++) {
        if (store_allowed(judge, kind) && find_root(judge, kind, &at_all)) {
            return holds(judge, judge_root(judge, &judge->chain[judge->count]), judge->count) &&
                   dates_fit(judge, judge->count, judge->count + 1);
        }
    }
    return holds(judge, at_all ? PKI_SIGNATURE : PKI_ROOT_UNKNOWN, judge->count - 1);
}

static bool signatures_fit(judge_t *judge)
{
    for (size_t i = judge->count - 1; i-- > 0;) {
        if (!holds(judge, signed_by_next(judge, i) ? PKI_GOOD : PKI_SIGNATURE, i)) {
            return false;
        }
    }
    return true;
}

pki_verdict_t pki_judge(const pki_stores_t *stores, const pki_request_t *request, const pki_crypto_t *crypto, pki_cache_t *cache)
{
    judge_t judge = {.stores = stores, .request = request, .crypto = crypto, .cache = cache};
    judge.profile = profile_of(request->role, request->edition);
    judge.verdict = (pki_verdict_t){.until_s = INT64_MAX, .cached = true};
    const bool good = read_chain(&judge) && in_order(&judge) && root_is_named(&judge) && profile_fits(&judge) &&
                      dates_fit(&judge, 0, judge.count) && keys_fit(&judge) && anchored(&judge) && not_revoked(&judge) &&
                      signatures_fit(&judge);
    if (!good) {
        return (pki_verdict_t){.reason = judge.verdict.reason, .at = judge.verdict.at};
    }
    note_size(&judge);
    judge.verdict.reason = PKI_GOOD;
    return judge.verdict;
}

pki_reason_t pki_root_check(ccs_view_t der)
{
    pki_certificate_t root;
    pki_reason_t reason;
    if (!pki_read(der, &root, &reason)) {
        return reason;
    }
    return profile_root(&root, 0);
}
