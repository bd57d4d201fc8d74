/* The judgement of chains on the whole development PKI: what must be accepted is, what must be refused is, for its own reason.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

#include "apps/ccs-pki/crl.h"
#include "apps/ccs-pki/ocsp.h"
#include "apps/ccs-pki/tree.h"
#include "ports/openssl/pki_openssl.h"

static tree_t trees[MINT_KINDS];

static int make_trees(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < MINT_KINDS; kind++) {
        if (!tree_make(&trees[kind], (mint_kind_t)kind, TREE_FROM_S, TREE_UNTIL_S)) {
            return -1;
        }
    }
    return 0;
}

static int free_trees(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < MINT_KINDS; kind++) {
        tree_free(&trees[kind]);
    }
    return 0;
}

static void expect_case(const tree_t *tree, const tree_case_t *one)
{
    const pki_verdict_t verdict = case_judge(tree, one, NULL);
    if (verdict.reason != one->reason || verdict.at != one->at) {
        fail_msg("%s, %s: %s at %u instead of %s at %u", tree_folder(tree->mint.kind), one->name, pki_reason_name(verdict.reason),
                 verdict.at, pki_reason_name(one->reason), one->at);
    }
    assert_int_equal((one->flags & CASE_LARGE) != 0, verdict.large);
    assert_int_equal(one->reason == PKI_GOOD, pki_is_good(&verdict));
}

static void every_case_ends_for_its_own_reason(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < MINT_KINDS; kind++) {
        for (size_t i = 0; i < tree_cases_count; i++) {
            if (case_applies(&tree_cases[i], (mint_kind_t)kind)) {
                expect_case(&trees[kind], &tree_cases[i]);
            }
        }
    }
}

/* No reason of a judgement is there that no chain is refused for. */
static void every_reason_has_its_case(void **state)
{
    (void)state;
    for (unsigned reason = PKI_GOOD; reason <= PKI_REVOCATION_STALE; reason++) {
        bool found = false;
        for (size_t i = 0; i < tree_cases_count; i++) {
            found |= tree_cases[i].reason == (pki_reason_t)reason;
        }
        if (!found) {
            fail_msg("%s", pki_reason_name((pki_reason_t)reason));
        }
    }
}

/* ---- what is remembered of sub-CAs */

typedef struct counted {
    pki_crypto_t inner;
    unsigned verified;
} counted_t;

static bool count_verify(void *ctx, const pki_key_t *key, pki_algorithm_t algorithm, ccs_view_t tbs, ccs_view_t signature)
{
    counted_t *const counted = ctx;
    counted->verified++;
    return counted->inner.verify(counted->inner.ctx, key, algorithm, tbs, signature);
}

static bool pass_key(void *ctx, const pki_key_t *key)
{
    counted_t *const counted = ctx;
    return counted->inner.key_fits(counted->inner.ctx, key);
}

static void pass_hash(void *ctx, ccs_view_t octets, uint8_t hash[PKI_SHA256_SIZE])
{
    counted_t *const counted = ctx;
    counted->inner.sha256(counted->inner.ctx, octets, hash);
}

typedef struct scene {
    ccs_view_t chain[3], roots[3];
    pki_stores_t stores;
    pki_request_t request;
    counted_t counted;
    pki_crypto_t crypto;
    pki_cache_entry_t entries[4];
    pki_cache_t cache;
} scene_t;

static ccs_view_t der_of(const char *name)
{
    const minted_t *const one = tree_find(&trees[MINT_P521], name);
    assert_non_null(one);
    return (ccs_view_t){one->der, one->length};
}

/* A vehicle of the P-521 tree at a charger with all three roots; nothing is asked of revocation. */
static void set_scene(scene_t *scene)
{
    *scene = (scene_t){.chain = {der_of("vehicle"), der_of("vehsub2"), der_of("vehsub1")},
                       .roots = {der_of("v2groot"), der_of("oemroot"), der_of("moroot")}};
    for (unsigned i = 0; i < PKI_STORES_COUNT; i++) {
        scene->stores.store[i] = (pki_store_t){&scene->roots[i], 1};
    }
    scene->request =
        (pki_request_t){.role = PKI_VEHICLE, .edition = PKI_ISO20, .chain = scene->chain, .count = 3, .now_s = TREE_NOW_S};
    scene->request.revocation = PKI_REVOCATION_AS_KNOWN;
    scene->counted.inner = pki_openssl();
    scene->crypto = (pki_crypto_t){.ctx = &scene->counted, .verify = count_verify, .key_fits = pass_key, .sha256 = pass_hash};
    pki_cache_init(&scene->cache, scene->entries, 4);
}

static pki_verdict_t judge(scene_t *scene)
{
    scene->counted.verified = 0;
    return pki_judge(&scene->stores, &scene->request, &scene->crypto, &scene->cache);
}

static void sub_cas_are_verified_once(void **state)
{
    (void)state;
    scene_t scene;
    set_scene(&scene);
    pki_verdict_t verdict = judge(&scene);
    assert_true(pki_is_good(&verdict));
    assert_false(verdict.cached);
    assert_int_equal(3, scene.counted.verified);
    assert_int_equal(PKI_STORE_OEM, verdict.store);
    verdict = judge(&scene);
    assert_true(pki_is_good(&verdict));
    assert_true(verdict.cached);
    assert_int_equal(1, scene.counted.verified); /* the leaf, each time */
}

static void dates_of_remembered_sub_cas_are_asked_each_time(void **state)
{
    (void)state;
    scene_t scene;
    set_scene(&scene);
    pki_verdict_t verdict = judge(&scene);
    assert_true(pki_is_good(&verdict));
    assert_int_equal(TREE_UNTIL_S, verdict.until_s);
    scene.request.now_s = TREE_UNTIL_S + 1;
    verdict = judge(&scene);
    assert_int_equal(PKI_EXPIRED, verdict.reason);
    scene.request.now_s = TREE_FROM_S - 1;
    verdict = judge(&scene);
    assert_int_equal(PKI_NOT_YET_VALID, verdict.reason);
    scene.request.now_s = TREE_UNTIL_S; /* the last second counts */
    verdict = judge(&scene);
    assert_true(pki_is_good(&verdict));
}

static void a_root_that_is_gone_takes_its_sub_cas_along(void **state)
{
    (void)state;
    scene_t scene;
    set_scene(&scene);
    assert_int_equal(PKI_GOOD, judge(&scene).reason);
    scene.roots[PKI_STORE_OEM] = der_of("evilroot"); /* of the same name */
    const pki_verdict_t verdict = judge(&scene);
    assert_int_equal(PKI_SIGNATURE, verdict.reason);
}

static void remembering_needs_no_more_than_its_memory(void **state)
{
    (void)state;
    scene_t scene;
    set_scene(&scene);
    pki_cache_init(&scene.cache, scene.entries, 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(PKI_GOOD, judge(&scene).reason);
    }
    pki_cache_init(&scene.cache, scene.entries, 0);
    assert_int_equal(PKI_GOOD, judge(&scene).reason);
}

/* ---- octets that changed on their way */

/* No octet of a certificate may be another one, wherever it stands: one bit in every octet of every certificate of a chain. */
static void no_bit_of_a_chain_may_change(void **state)
{
    (void)state;
    scene_t scene;
    uint8_t copy[2048];
    set_scene(&scene);
    pki_cache_init(&scene.cache, scene.entries, 0);
    for (size_t at = 0; at < 3; at++) {
        const ccs_view_t whole = scene.chain[at];
        scene.chain[at].at = copy;
        for (size_t i = 0; i < whole.length; i++) {
            memcpy(copy, whole.at, whole.length);
            copy[i] ^= (uint8_t)(1u << i % 8);
            const pki_verdict_t verdict = judge(&scene);
            if (pki_is_good(&verdict)) {
                fail_msg("certificate %zu, octet %zu of %zu", at, i, whole.length);
            }
        }
        scene.chain[at] = whole;
    }
}

static void no_octet_of_a_chain_may_be_missing(void **state)
{
    (void)state;
    scene_t scene;
    set_scene(&scene);
    for (size_t at = 0; at < 3; at++) {
        const ccs_view_t whole = scene.chain[at];
        for (size_t length = 0; length < whole.length; length++) {
            scene.chain[at].length = length;
            assert_int_equal(PKI_DER, judge(&scene).reason);
        }
        scene.chain[at] = whole;
    }
}

static pki_certificate_t certificate_of(const tree_t *tree, const char *name)
{
    pki_certificate_t certificate;
    pki_reason_t reason;
    const minted_t *const one = tree_find(tree, name);
    assert_true(pki_read((ccs_view_t){one->der, one->length}, &certificate, &reason));
    return certificate;
}

/* ---- the queue of OpenSSL: what lies there is taken for a fault of the link that is at work */

static void what_does_not_fit_leaves_nothing_in_the_queue(void **state)
{
    static const uint8_t noise[8] = {0x30, 6, 2, 1, 1, 2, 1, 1};
    const pki_crypto_t crypto = pki_openssl();
    const ccs_view_t octets = {noise, sizeof noise};
    pki_key_t key = {.kind = PKI_P256, .point = octets};
    (void)state;
    ERR_clear_error();
    assert_false(crypto.key_fits(crypto.ctx, &key));
    assert_int_equal(ERR_peek_error(), 0);
    assert_false(crypto.verify(crypto.ctx, &key, PKI_ECDSA_SHA256, octets, octets));
    assert_int_equal(ERR_peek_error(), 0);
    key = certificate_of(&trees[MINT_P256], "secc").key;
    assert_false(crypto.verify(crypto.ctx, &key, PKI_ECDSA_SHA256, octets, octets));
    assert_int_equal(ERR_peek_error(), 0);
}

static void what_lay_in_the_queue_stays_there(void **state)
{
    const pki_crypto_t crypto = pki_openssl();
    const pki_key_t key = {.kind = PKI_P256, .point = {(const uint8_t *)"?", 1}};
    (void)state;
    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, 1);
    const unsigned long before = ERR_peek_error();
    assert_false(crypto.key_fits(crypto.ctx, &key));
    assert_int_equal(ERR_peek_error(), before);
    assert_int_equal(ERR_peek_last_error(), before);
    ERR_clear_error();
}

/* ---- OCSP */

/* A response as it is, or cut to a length, or with a bit changed. */
static pki_reason_t read_response(const tree_t *tree, const ocsp_answer_t *answer, ccs_view_t response, int64_t now_s,
                                  pki_status_t *status)
{
    const pki_crypto_t crypto = pki_openssl();
    const bool asked_of_secc = strncmp(answer->name, "secc", 4) == 0;
    const pki_certificate_t issuer = certificate_of(tree, asked_of_secc ? "cposub2" : answer->issuer);
    const pki_certificate_t certificate = certificate_of(tree, asked_of_secc ? "secc" : answer->certificate);
    return pki_ocsp_read(response, &certificate, &issuer, now_s, &crypto, status);
}

static ccs_view_t make_response(const tree_t *tree, const ocsp_answer_t *answer)
{
    uint8_t *der;
    const size_t length = ocsp_make(answer, tree_find(tree, answer->certificate), tree_find(tree, answer->issuer),
                                    tree_find(tree, answer->signer), TREE_NOW_S, &der);
    assert_true(length > 0);
    return (ccs_view_t){der, length};
}

static void responses_are_believed_of_the_issuer_and_its_responder(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < MINT_KINDS; kind++) {
        for (size_t i = 0; i < ocsp_answers_count; i++) {
            const ocsp_answer_t *const answer = &ocsp_answers[i];
            const ccs_view_t response = make_response(&trees[kind], answer);
            pki_status_t status = {0};
            const pki_reason_t reason = read_response(&trees[kind], answer, response, TREE_NOW_S + 60, &status);
            if (reason != answer->reason) {
                fail_msg("%s, %s: %s instead of %s", tree_folder((mint_kind_t)kind), answer->name, pki_reason_name(reason),
                         pki_reason_name(answer->reason));
            }
            assert_int_equal(answer->state == OCSP_REVOKED, status.revoked);
            OPENSSL_free((void *)(uintptr_t)response.at);
        }
    }
}

static void responses_hold_for_their_week(void **state)
{
    enum { WEEK_S = 7 * 86400 };
    (void)state;
    const tree_t *const tree = &trees[MINT_P521];
    const ccs_view_t response = make_response(tree, &ocsp_answers[0]);
    pki_status_t status;
    assert_int_equal(PKI_GOOD, read_response(tree, &ocsp_answers[0], response, TREE_NOW_S + WEEK_S, &status));
    assert_int_equal(TREE_NOW_S + WEEK_S, status.until_s);
    assert_int_equal(PKI_REVOCATION_STALE, read_response(tree, &ocsp_answers[0], response, TREE_NOW_S + WEEK_S + 1, &status));
    assert_int_equal(PKI_REVOCATION_STALE, read_response(tree, &ocsp_answers[0], response, TREE_NOW_S - 1, &status));
    assert_int_equal(PKI_NO_TIME, read_response(tree, &ocsp_answers[0], response, 0, &status));
    OPENSSL_free((void *)(uintptr_t)response.at);
}

static void no_bit_of_what_a_responder_signed_may_change(void **state)
{
    (void)state;
    const tree_t *const tree = &trees[MINT_P256];
    const ccs_view_t response = make_response(tree, &ocsp_answers[0]);
    uint8_t copy[2048] = {0};
    const size_t signed_part = 300; /* behind it come the signature and the signer's certificate, which is not needed */
    for (size_t i = 0; i < signed_part; i++) {
        pki_status_t status;
        memcpy(copy, response.at, response.length);
        copy[i] ^= (uint8_t)(1u << i % 8);
        const pki_reason_t reason = read_response(tree, &ocsp_answers[0], (ccs_view_t){copy, response.length}, TREE_NOW_S, &status);
        if (reason == PKI_GOOD) {
            fail_msg("octet %zu of %zu", i, response.length);
        }
    }
    for (size_t length = 0; length < response.length; length++) {
        pki_status_t status;
        assert_int_equal(PKI_DER, read_response(tree, &ocsp_answers[0], (ccs_view_t){response.at, length}, TREE_NOW_S, &status));
    }
    OPENSSL_free((void *)(uintptr_t)response.at);
}

/* What a responder says ends up in the judgement. */
static void a_revoked_charger_is_refused(void **state)
{
    (void)state;
    const tree_t *const tree = &trees[MINT_P521];
    pki_status_t status;
    const ocsp_answer_t *revoked = ocsp_answers;
    while (revoked->state != OCSP_REVOKED) {
        revoked++;
    }
    const ccs_view_t response = make_response(tree, revoked);
    assert_int_equal(PKI_GOOD, read_response(tree, revoked, response, TREE_NOW_S, &status));
    OPENSSL_free((void *)(uintptr_t)response.at);
    scene_t scene;
    set_scene(&scene);
    scene.chain[0] = der_of("secc");
    scene.chain[1] = der_of("cposub2");
    scene.chain[2] = der_of("cposub1");
    scene.request.role = PKI_SECC;
    assert_int_equal(PKI_GOOD, judge(&scene).reason);
    scene.request.statuses = &status;
    scene.request.statuses_count = 1;
    assert_int_equal(PKI_REVOKED, judge(&scene).reason);
}

static bool hash_nothing_by_sha1(pki_crypto_t *crypto)
{
    crypto->sha1 = NULL;
    return true;
}

/* The CertID of stock tools is made with SHA-1; one of SHA-256 is as good, any other is about nobody. */
static void a_response_names_its_issuer_by_the_hashes_of_name_and_key(void **state)
{
    const tree_t *const tree = &trees[MINT_P256];
    const minted_t *const secc = tree_find(tree, "secc"), *const issuer = tree_find(tree, "cposub2");
    const pki_certificate_t certificate = certificate_of(tree, "secc"), its_issuer = certificate_of(tree, "cposub2");
    const EVP_MD *const hashes[] = {EVP_sha1(), EVP_sha256(), EVP_sha512()};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        for (unsigned without_sha1 = 0; without_sha1 < 2; without_sha1++) {
            pki_crypto_t crypto = pki_openssl();
            const bool known = i == 1 || (i == 0 && !(without_sha1 && hash_nothing_by_sha1(&crypto)));
            OCSP_CERTID *const id = OCSP_cert_to_id(hashes[i], secc->x509, issuer->x509);
            uint8_t *der;
            pki_status_t status;
            const size_t length = ocsp_write(id, OCSP_GOOD, issuer, TREE_NOW_S, &der);
            assert_int_equal(pki_ocsp_read((ccs_view_t){der, length}, &certificate, &its_issuer, TREE_NOW_S, &crypto, &status),
                             known ? PKI_GOOD : PKI_REVOCATION_UNKNOWN);
            OPENSSL_free(der);
            OCSP_CERTID_free(id);
        }
    }
}

/* ---- revocation lists */

static ccs_view_t make_list(const tree_t *tree, const char *name, const crl_spec_t **spec)
{
    uint8_t *der = NULL;
    size_t length = 0;
    for (size_t i = 0; i < crl_specs_count; i++) {
        if (strcmp(crl_specs[i].name, name) == 0) {
            *spec = &crl_specs[i];
            length = crl_make(tree, *spec, TREE_NOW_S, &der);
        }
    }
    assert_true(length > 0);
    return (ccs_view_t){der, length};
}

static pki_reason_t read_list(const tree_t *tree, const crl_spec_t *spec, ccs_view_t list, pki_crl_t *crl)
{
    const pki_crypto_t crypto = pki_openssl();
    const pki_certificate_t issuer = certificate_of(tree, spec->about);
    return pki_crl_read(list, &issuer, &crypto, crl);
}

static void lists_are_believed_of_their_issuer_alone(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < MINT_KINDS; kind++) {
        for (size_t i = 0; i < crl_specs_count; i++) {
            const crl_spec_t *spec = crl_specs;
            pki_crl_t crl;
            const ccs_view_t list = make_list(&trees[kind], crl_specs[i].name, &spec);
            const pki_reason_t reason = read_list(&trees[kind], spec, list, &crl);
            if (reason != spec->reason) {
                fail_msg("%s, %s: %s instead of %s", tree_folder((mint_kind_t)kind), spec->name, pki_reason_name(reason),
                         pki_reason_name(spec->reason));
            }
            OPENSSL_free((void *)(uintptr_t)list.at);
        }
    }
}

static void no_bit_of_a_list_may_change_and_none_be_missing(void **state)
{
    (void)state;
    const tree_t *const tree = &trees[MINT_P256];
    const crl_spec_t *spec = crl_specs;
    const ccs_view_t list = make_list(tree, "vehsub2-revoked", &spec);
    uint8_t copy[1024] = {0};
    pki_crl_t crl;
    assert_true(list.length < sizeof copy);
    memcpy(copy, list.at, list.length);
    for (size_t i = 0; i < list.length; i++) {
        copy[i] ^= (uint8_t)(1u << i % 8);
        assert_int_not_equal(PKI_GOOD, read_list(tree, spec, (ccs_view_t){copy, list.length}, &crl));
        copy[i] = list.at[i];
        assert_int_equal(PKI_DER, read_list(tree, spec, (ccs_view_t){copy, i}, &crl));
    }
    assert_int_equal(PKI_TRAILING, read_list(tree, spec, (ccs_view_t){copy, list.length + 1}, &crl));
    assert_int_equal(PKI_GOOD, read_list(tree, spec, (ccs_view_t){copy, list.length}, &crl));
    OPENSSL_free((void *)(uintptr_t)list.at);
}

typedef struct listed {
    const char *lists[3];
    pki_revocation_t need;
    int64_t later_s;
    pki_reason_t reason;
    uint8_t at;
} listed_t;

static const listed_t listed[] = {
    {{"vehsub2", "vehsub1", "oemroot"}, PKI_REVOCATION_NEEDED, 60, PKI_GOOD, 0},
    {{"vehsub2", "vehsub1", NULL}, PKI_REVOCATION_NEEDED, 60, PKI_REVOCATION_UNKNOWN, 2},
    {{"vehsub2", NULL, NULL}, PKI_REVOCATION_OF_LEAF, 60, PKI_GOOD, 0},
    {{"vehsub1", "oemroot", "cposub2"}, PKI_REVOCATION_OF_LEAF, 60, PKI_REVOCATION_UNKNOWN, 0},
    {{"vehsub2-expired", NULL, NULL}, PKI_REVOCATION_OF_LEAF, 60, PKI_REVOCATION_STALE, 0},
    {{"vehsub2-expired", NULL, NULL}, PKI_REVOCATION_AS_KNOWN, 60, PKI_GOOD, 0},
    {{"vehsub2-expired", "vehsub2", NULL}, PKI_REVOCATION_OF_LEAF, 60, PKI_GOOD, 0},
    {{"vehsub2", NULL, NULL}, PKI_REVOCATION_OF_LEAF, 8 * 86400, PKI_REVOCATION_STALE, 0},
    {{"vehsub2-revoked", NULL, NULL}, PKI_REVOCATION_AS_KNOWN, 60, PKI_REVOKED, 0},
    {{"vehsub2-revoked", "vehsub2", NULL}, PKI_REVOCATION_AS_KNOWN, 60, PKI_REVOKED, 0},
    {{"vehsub2-revoked", NULL, NULL}, PKI_REVOCATION_AS_KNOWN, 400 * INT64_C(86400), PKI_REVOKED, 0}, /* however old */
    {{"vehsub1-revoked", NULL, NULL}, PKI_REVOCATION_AS_KNOWN, 60, PKI_REVOKED, 1},
    {{"oemroot-revoked", NULL, NULL}, PKI_REVOCATION_AS_KNOWN, 60, PKI_REVOKED, 2},
    {{"cposub2-revoked", NULL, NULL}, PKI_REVOCATION_AS_KNOWN, 60, PKI_GOOD, 0}, /* of another issuer */
};

static void the_judgement_obeys_lists(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof listed / sizeof listed[0]; i++) {
        scene_t scene;
        ccs_view_t list[3] = {0};
        pki_crl_t crl[3];
        set_scene(&scene);
        while (scene.request.crls_count < 3 && listed[i].lists[scene.request.crls_count]) {
            const size_t at = scene.request.crls_count++;
            const crl_spec_t *spec = crl_specs;
            list[at] = make_list(&trees[MINT_P521], listed[i].lists[at], &spec);
            assert_int_equal(PKI_GOOD, read_list(&trees[MINT_P521], spec, list[at], &crl[at]));
        }
        scene.request.crls = crl;
        scene.request.revocation = listed[i].need;
        scene.request.now_s = TREE_NOW_S + listed[i].later_s;
        const pki_verdict_t verdict = judge(&scene);
        if (verdict.reason != listed[i].reason || verdict.at != listed[i].at) {
            fail_msg("%s, ...: %s at %u", listed[i].lists[0], pki_reason_name(verdict.reason), verdict.at);
        }
        for (size_t k = 0; k < 3; k++) {
            OPENSSL_free((void *)(uintptr_t)list[k].at);
        }
    }
}

/* ---- settings */

/* Field peers use P-256 in ISO 15118-20; that is visible, and never by itself. */
static void compat_takes_the_curve_of_field_peers(void **state)
{
    (void)state;
    scene_t scene;
    set_scene(&scene);
    static const char *const names[] = {"vehicle", "vehsub2", "vehsub1"};
    for (size_t i = 0; i < 3; i++) {
        const minted_t *const one = tree_find(&trees[MINT_P256], names[i]);
        scene.chain[i] = (ccs_view_t){one->der, one->length};
    }
    const minted_t *const root = tree_find(&trees[MINT_P256], "oemroot");
    scene.roots[PKI_STORE_OEM] = (ccs_view_t){root->der, root->length};
    assert_int_equal(PKI_KEY_NOT_ALLOWED, judge(&scene).reason);
    scene.request.compat = true;
    assert_int_equal(PKI_GOOD, judge(&scene).reason);
}

static void names_are_compared_as_identifiers(void **state)
{
    (void)state;
    scene_t scene;
    set_scene(&scene);
    static const char spelled[] = "wmi-v12345-67890abcdex";
    scene.request.name = (ccs_view_t){(const uint8_t *)spelled, sizeof spelled - 1};
    assert_int_equal(PKI_GOOD, judge(&scene).reason);
    scene.request.name.length--;
    assert_int_equal(PKI_NAME, judge(&scene).reason);
}

static void an_edition_without_the_role_refuses_it(void **state)
{
    (void)state;
    scene_t scene;
    set_scene(&scene);
    scene.request.edition = PKI_ISO2; /* which has no vehicle certificates */
    assert_int_not_equal(PKI_GOOD, judge(&scene).reason);
    scene.request.count = 1;
    assert_int_not_equal(PKI_GOOD, judge(&scene).reason);
}

static void roots_are_looked_at_when_they_are_loaded(void **state)
{
    (void)state;
    assert_int_equal(PKI_GOOD, pki_root_check(der_of("oemroot")));
    assert_int_equal(PKI_GOOD, pki_root_check(der_of("v2groot_eku")));
    assert_int_equal(PKI_NOT_A_CA, pki_root_check(der_of("vehicle")));
    const ccs_view_t whole = der_of("oemroot");
    assert_int_equal(PKI_DER, pki_root_check((ccs_view_t){whole.at, whole.length - 1}));
}

static void responders_are_found(void **state)
{
    (void)state;
    pki_certificate_t certificate;
    pki_reason_t reason;
    assert_true(pki_read(der_of("secc"), &certificate, &reason));
    assert_memory_equal("http://ocsp.example/", certificate.ocsp.at, certificate.ocsp.length);
    assert_int_equal(20, certificate.subject_key_id.length);
    assert_int_equal(20, certificate.authority_key_id.length);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_ends_for_its_own_reason),
        cmocka_unit_test(every_reason_has_its_case),
        cmocka_unit_test(sub_cas_are_verified_once),
        cmocka_unit_test(dates_of_remembered_sub_cas_are_asked_each_time),
        cmocka_unit_test(a_root_that_is_gone_takes_its_sub_cas_along),
        cmocka_unit_test(remembering_needs_no_more_than_its_memory),
        cmocka_unit_test(no_bit_of_a_chain_may_change),
        cmocka_unit_test(no_octet_of_a_chain_may_be_missing),
        cmocka_unit_test(responses_are_believed_of_the_issuer_and_its_responder),
        cmocka_unit_test(responses_hold_for_their_week),
        cmocka_unit_test(no_bit_of_what_a_responder_signed_may_change),
        cmocka_unit_test(a_revoked_charger_is_refused),
        cmocka_unit_test(a_response_names_its_issuer_by_the_hashes_of_name_and_key),
        cmocka_unit_test(lists_are_believed_of_their_issuer_alone),
        cmocka_unit_test(no_bit_of_a_list_may_change_and_none_be_missing),
        cmocka_unit_test(the_judgement_obeys_lists),
        cmocka_unit_test(compat_takes_the_curve_of_field_peers),
        cmocka_unit_test(names_are_compared_as_identifiers),
        cmocka_unit_test(an_edition_without_the_role_refuses_it),
        cmocka_unit_test(roots_are_looked_at_when_they_are_loaded),
        cmocka_unit_test(responders_are_found),
        cmocka_unit_test(what_does_not_fit_leaves_nothing_in_the_queue),
        cmocka_unit_test(what_lay_in_the_queue_stays_there),
    };
    return cmocka_run_group_tests(tests, make_trees, free_trees);
}
