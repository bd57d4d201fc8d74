/* The store: what it takes, what it refuses, and what a power cut leaves.
 * SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static uint8_t memory[65536];

static int reset(void **state)
{
    (void)state;
    world_reset();
    return 0;
}

static size_t snapshot_take(store_snapshot_t *snapshot)
{
    assert_int_equal(store_snapshot_take(&world.store, world_time(), snapshot, memory, sizeof memory), CCS_OK);
    return snapshot->count;
}

/* ---- provisioning */

static void root_key_chain_make_a_credential_of_each_slot(void **state)
{
    (void)state;
    static const mint_kind_t kinds[STORE_SLOTS_COUNT] = {MINT_P256, MINT_P521, MINT_ED448};
    store_snapshot_t snapshot;
    const unsigned slots = world.has_ed448 ? STORE_SLOTS_COUNT : STORE_ISO20_ED448;
    for (unsigned slot = 0; slot < slots; slot++) {
        world_provision((store_slot_t)slot, kinds[slot]);
    }
    assert_int_equal(snapshot_take(&snapshot), slots);
    for (size_t i = 0; i < snapshot.count; i++) {
        const store_credential_t *const own = &snapshot.credential[i];
        const minted_t *const root = tree_find(&world.tree[kinds[i]], "v2groot");
        assert_int_equal(own->slot, i);
        assert_int_equal(own->count, 3);
        assert_int_equal(own->version, i == STORE_ISO2 ? 12 : 13);
        assert_non_null(own->key);
        assert_int_equal(own->root.length, root->length);
        assert_memory_equal(own->root.at, root->der, root->length);
    }
    assert_int_equal(snapshot.stores.store[PKI_STORE_V2G].count, slots);
    store_snapshot_free(&snapshot);
}

static void the_key_in_a_snapshot_is_that_of_its_leaf(void **state)
{
    (void)state;
    store_snapshot_t snapshot;
    world_provision(STORE_ISO2, MINT_P256);
    assert_int_equal(snapshot_take(&snapshot), 1);
    const octets_t octets = world_key(MINT_P256, "secc");
    store_key_t *const key = world.crypto.key_read(world.crypto.ctx, view(&octets), NULL);
    assert_true(world_same_key(snapshot.credential[0].key, key));
    world.crypto.key_free(world.crypto.ctx, key);
    store_snapshot_free(&snapshot);
}

static void a_root_that_follows_its_chain_is_not_kept_with_it(void **state)
{
    (void)state;
    const octets_t with_root = world_chain(MINT_P256, "secc cposub2 cposub1 v2groot"),
                   without = world_chain(MINT_P256, "secc cposub2 cposub1");
    world_provision(STORE_ISO2, MINT_P256);
    assert_fault(store_set_chain(&world.store, STORE_ISO2, view(&with_root), world_time()), NONE);
    assert_int_equal(memory_find(&world.memory, "iso2.now")->length, without.length);
    assert_null(memory_find(&world.memory, "iso2.old"));
}

/* A record whose key is not the one of its name: somebody has mixed up files. */
static void a_chain_whose_key_is_another_is_not_shown(void **state)
{
    (void)state;
    store_snapshot_t snapshot;
    world_provision(STORE_ISO2, MINT_P256);
    const octets_t other = world_key(MINT_P256, "contract");
    for (size_t i = 0; i < world.memory.count; i++) {
        memory_record_t *const record = &world.memory.record[i];
        if (strncmp(record->name, "key.", 4) == 0) {
            memcpy(record->octets, other.at, other.length);
            record->length = other.length;
        }
    }
    assert_int_equal(snapshot_take(&snapshot), 0);
    assert_int_equal(snapshot.lost, 1);
    store_snapshot_free(&snapshot);
}

/* ---- refusals change nothing */

static void a_chain_without_its_key_is_refused(void **state)
{
    (void)state;
    const octets_t root = world_chain(MINT_P256, "v2groot"), chain = world_chain(MINT_P256, "secc cposub2 cposub1");
    const octets_t other = world_key(MINT_P256, "contract");
    assert_fault(store_set_roots(&world.store, PKI_STORE_V2G, view(&root)), NONE);
    assert_fault(store_set_chain(&world.store, STORE_ISO2, view(&chain), world_time()), NO_KEY);
    assert_fault(store_set_key(&world.store, STORE_ISO2, view(&other), NULL), NONE);
    assert_fault(store_set_chain(&world.store, STORE_ISO2, view(&chain), world_time()), NO_KEY);
    assert_null(memory_find(&world.memory, "iso2.now"));
}

static void a_chain_is_judged_before_it_replaces_the_old_one(void **state)
{
    (void)state;
    static const struct {
        const char *chain;
        pki_reason_t reason;
    } bad[] = {
        {"secc cposub1", PKI_ISSUER_MISSING},
        {"secc cposub1 cposub2", PKI_ORDER},
        {"secc", PKI_ROOT_UNKNOWN},
    };
    world_provision(STORE_ISO2, MINT_P256);
    const memory_record_t before = *memory_find(&world.memory, "iso2.now");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const octets_t chain = world_chain(MINT_P256, bad[i].chain);
        const store_answer_t answer = store_set_chain(&world.store, STORE_ISO2, view(&chain), world_time());
        assert_fault(answer, CERTIFICATE);
        if (strcmp(pki_reason_name(answer.reason), pki_reason_name(bad[i].reason)) != 0) {
            fail_msg("%s: %s", bad[i].chain, pki_reason_name(answer.reason));
        }
        assert_memory_equal(memory_find(&world.memory, "iso2.now"), &before, sizeof before);
    }
}

/* Every chain that src/pki refuses a charger for is refused here, for the same reason, whatever key we have. */
static void the_whole_bad_set_of_a_charger_is_refused(void **state)
{
    (void)state;
    unsigned tried = 0;
    world_provision(STORE_ISO2, MINT_P256);
    for (size_t i = 0; i < tree_cases_count; i++) {
        const tree_case_t *const one = &tree_cases[i];
        const unsigned beyond = CASE_REVOKED | CASE_REVOKED_SUB | CASE_NO_STATUS | CASE_STALE | CASE_OTHER_STATUS | CASE_NO_TIME |
                                CASE_NAME | CASE_OTHER_KEY;
        const minted_t *found[CASE_CERTIFICATES_MAX];
        if (one->role != PKI_SECC || one->reason == PKI_GOOD || (one->flags & beyond) != 0 || one->roots[PKI_STORE_V2G] ||
            !case_applies(one, MINT_P256) || case_certificates(&world.tree[MINT_P256], one->chain, found) == 0) {
            continue;
        }
        uint8_t *der = NULL;
        const int length = i2d_PrivateKey(found[0]->key, &der);
        (void)store_set_key(&world.store, STORE_ISO2, (ccs_view_t){der, (size_t)length}, NULL);
        OPENSSL_free(der);
        const octets_t chain = world_chain(MINT_P256, one->chain);
        const store_answer_t answer = store_set_chain(&world.store, STORE_ISO2, view(&chain), world_time());
        if (answer.fault == STORE_NONE) {
            fail_msg("%s was taken", one->name);
        }
        tried++;
    }
    assert_true(tried >= 20);
    store_snapshot_t snapshot;
    assert_int_equal(snapshot_take(&snapshot), 1);
    store_snapshot_free(&snapshot);
}

static void keys_of_another_curve_are_refused(void **state)
{
    (void)state;
    const octets_t p521 = world_key(MINT_P521, "secc"), p256 = world_key(MINT_P256, "secc"), ed448 = world_key(MINT_ED448, "secc");
    assert_fault(store_set_key(&world.store, STORE_ISO2, view(&p521), NULL), KEY_KIND);
    assert_fault(store_set_key(&world.store, STORE_ISO20, view(&p256), NULL), KEY_KIND);
    if (!world.has_ed448) {
        assert_fault(store_set_key(&world.store, STORE_ISO20_ED448, view(&ed448), NULL), NOT_A_KEY);
        assert_int_equal(world.memory.count, 0);
        return;
    }
    assert_fault(store_set_key(&world.store, STORE_ISO20, view(&ed448), NULL), KEY_KIND);
    assert_fault(store_set_key(&world.store, STORE_ISO20_ED448, view(&ed448), NULL), NONE);
    assert_int_equal(world.memory.count, 2); /* the key, and that it waits */
}

/* Ed448 is good in ISO 15118-20, and still not what the slot of P-521 is for. */
static void a_chain_goes_into_its_own_slot(void **state)
{
    (void)state;
    const octets_t chain = world_chain(MINT_ED448, "secc cposub2 cposub1");
    if (!world.has_ed448) {
        skip();
    }
    world_provision(STORE_ISO20_ED448, MINT_ED448);
    assert_fault(store_set_chain(&world.store, STORE_ISO20, view(&chain), world_time()), KEY_KIND);
    assert_null(memory_find(&world.memory, "iso20.now"));
}

static void what_is_no_key_is_refused(void **state)
{
    (void)state;
    octets_t key = world_key(MINT_P256, "secc");
    for (size_t cut = 0; cut < key.length; cut++) {
        assert_fault(store_set_key(&world.store, STORE_ISO2, (ccs_view_t){key.at, cut}, NULL), NOT_A_KEY);
    }
    key.at[key.length++] = 0;
    assert_fault(store_set_key(&world.store, STORE_ISO2, view(&key), NULL), NOT_A_KEY);
    assert_int_equal(world.memory.count, 0);
}

static void with_compat_a_key_of_the_field_is_taken_for_iso20(void **state)
{
    (void)state;
    world.store.config.compat = true;
    world_provision(STORE_ISO20, MINT_P256);
}

static void a_root_must_be_a_root_and_all_come_or_none(void **state)
{
    (void)state;
    const octets_t both = world_chain(MINT_P256, "v2groot secc");
    const store_answer_t answer = store_set_roots(&world.store, PKI_STORE_V2G, view(&both));
    assert_fault(answer, CERTIFICATE);
    assert_int_equal(answer.at, 1);
    assert_int_equal(world.memory.count, 0);
    assert_fault(store_set_roots(&world.store, PKI_STORE_V2G, (ccs_view_t){both.at, 3}), CERTIFICATE);
    assert_fault(store_set_roots(&world.store, PKI_STORE_V2G, (ccs_view_t){both.at, 0}), CERTIFICATE);
}

static void stores_of_roots_are_never_merged(void **state)
{
    (void)state;
    const octets_t root = world_chain(MINT_P256, "v2groot"), key = world_key(MINT_P256, "secc");
    const octets_t chain = world_chain(MINT_P256, "secc cposub2 cposub1");
    assert_fault(store_set_roots(&world.store, PKI_STORE_MO, view(&root)), NONE);
    assert_fault(store_set_roots(&world.store, PKI_STORE_OEM, view(&root)), NONE);
    assert_fault(store_set_key(&world.store, STORE_ISO2, view(&key), NULL), NONE);
    const store_answer_t answer = store_set_chain(&world.store, STORE_ISO2, view(&chain), world_time());
    assert_fault(answer, CERTIFICATE);
    assert_int_equal(answer.reason, PKI_ROOT_UNKNOWN);
}

static void a_root_goes_by_its_hash(void **state)
{
    (void)state;
    const octets_t root = world_chain(MINT_P256, "v2groot");
    uint8_t hash[PKI_SHA256_SIZE], found[STORE_RECORD_MAX];
    size_t at = 0, length = 0;
    assert_fault(store_set_roots(&world.store, PKI_STORE_V2G, view(&root)), NONE);
    assert_fault(store_set_roots(&world.store, PKI_STORE_V2G, view(&root)), NONE); /* once more: the same */
    assert_true(store_root(&world.store, PKI_STORE_V2G, &at, found, sizeof found, &length));
    assert_int_equal(length, root.length);
    assert_false(store_root(&world.store, PKI_STORE_V2G, &at, found, sizeof found, &length));
    world.crypto.pki.sha256(NULL, view(&root), hash);
    hash[31] ^= 1;
    assert_fault(store_drop_root(&world.store, PKI_STORE_V2G, hash), NOTHING);
    hash[31] ^= 1;
    assert_fault(store_drop_root(&world.store, PKI_STORE_V2G, hash), NONE);
    assert_fault(store_drop_root(&world.store, PKI_STORE_V2G, hash), NOTHING);
}

/* ---- time */

static void without_trusted_time_dates_are_judged_by_the_newest_time_on_record(void **state)
{
    (void)state;
    const octets_t root = world_chain(MINT_P256, "v2groot"), key = world_key(MINT_P256, "secc");
    const octets_t chain = world_chain(MINT_P256, "secc cposub2 cposub1");
    const store_time_t unknown = {0}, late = {.newest_s = TREE_UNTIL_S + 86400};
    assert_fault(store_set_roots(&world.store, PKI_STORE_V2G, view(&root)), NONE);
    assert_fault(store_set_key(&world.store, STORE_ISO2, view(&key), NULL), NONE);
    const store_answer_t answer = store_set_chain(&world.store, STORE_ISO2, view(&chain), late);
    assert_fault(answer, CERTIFICATE);
    assert_int_equal(answer.reason, PKI_EXPIRED);
    assert_fault(store_set_chain(&world.store, STORE_ISO2, view(&chain), unknown), NONE);
}

static void with_trusted_time_an_expired_chain_is_refused(void **state)
{
    (void)state;
    const octets_t root = world_chain(MINT_P256, "v2groot"), key = world_key(MINT_P256, "secc");
    const octets_t chain = world_chain(MINT_P256, "secc cposub2 cposub1");
    const store_time_t early = {.trusted_s = TREE_FROM_S - 86400}, late = {.trusted_s = TREE_UNTIL_S + 86400};
    assert_fault(store_set_roots(&world.store, PKI_STORE_V2G, view(&root)), NONE);
    assert_fault(store_set_key(&world.store, STORE_ISO2, view(&key), NULL), NONE);
    assert_int_equal(store_set_chain(&world.store, STORE_ISO2, view(&chain), early).reason, PKI_NOT_YET_VALID);
    assert_int_equal(store_set_chain(&world.store, STORE_ISO2, view(&chain), late).reason, PKI_EXPIRED);
}

/* ---- renewal */

/* A CA in one call: a leaf like the SECC's, for the key of a request. */
static octets_t sign_request(ccs_view_t request)
{
    static const mint_spec_t spec = {.name = "renewed",
                                     .issuer = "cposub2",
                                     .subject = "/DC=CPO/C=DE/O=ccs2-dc/CN=SECC renewed",
                                     .extensions =
                                         "basicConstraints=critical,CA:false|keyUsage=critical,digitalSignature,keyAgreement"};
    octets_t out = {.length = 0};
    minted_t made = {0};
    const unsigned char *at = request.at;
    X509_REQ *const read = d2i_X509_REQ(NULL, &at, (long)request.length);
    assert_non_null(read);
    assert_int_equal(X509_REQ_verify(read, X509_REQ_get0_pubkey(read)), 1);
    EVP_PKEY *const key = X509_REQ_get_pubkey(read);
    tree_t *const tree = &world.tree[MINT_P256];
    assert_true(mint_make(&tree->mint, &spec, tree_find(tree, "cposub2"), key, &made));
    const octets_t above = world_chain(MINT_P256, "cposub2 cposub1");
    memcpy(out.at, made.der, made.length);
    memcpy(out.at + made.length, above.at, above.length);
    out.length = made.length + above.length;
    mint_free(&made);
    EVP_PKEY_free(key);
    X509_REQ_free(read);
    return out;
}

static octets_t renew(void)
{
    uint8_t request[1024];
    size_t length = 0;
    assert_fault(store_request(&world.store, STORE_ISO2, NULL, request, sizeof request, &length), NONE);
    return sign_request((ccs_view_t){request, length});
}

static void a_renewal_keeps_old_and_new_side_by_side(void **state)
{
    (void)state;
    store_snapshot_t before, after;
    world_provision(STORE_ISO2, MINT_P256);
    assert_int_equal(snapshot_take(&before), 1);
    const octets_t renewed = renew();
    const uint32_t changes = world.store.changes;
    assert_fault(store_set_chain(&world.store, STORE_ISO2, view(&renewed), world_time()), NONE);
    assert_true(world.store.changes != changes);

    static uint8_t more[65536];
    assert_int_equal(store_snapshot_take(&world.store, world_time(), &after, more, sizeof more), CCS_OK);
    assert_int_equal(after.count, 2);
    assert_int_equal(after.credential[0].age, STORE_NOW);
    assert_int_equal(after.credential[1].age, STORE_OLD);
    assert_int_equal(after.credential[1].chain[0].length, before.credential[0].chain[0].length);
    assert_memory_equal(after.credential[1].chain[0].at, before.credential[0].chain[0].at, before.credential[0].chain[0].length);
    assert_true(world_same_key(after.credential[1].key, before.credential[0].key));
    assert_false(world_same_key(after.credential[0].key, before.credential[0].key));
    store_snapshot_free(&before);
    store_snapshot_free(&after);
    assert_fault(store_drop_old(&world.store, STORE_ISO2), NONE);
    assert_fault(store_drop_old(&world.store, STORE_ISO2), NOTHING);
    assert_int_equal(memory_count(&world.memory, "key."), 1);
}

static void the_old_chain_ends_with_its_time(void **state)
{
    (void)state;
    store_snapshot_t snapshot;
    world_provision(STORE_ISO2, MINT_P256);
    const octets_t renewed = renew();
    assert_fault(store_set_chain(&world.store, STORE_ISO2, view(&renewed), world_time()), NONE);
    const store_time_t late = {.trusted_s = TREE_UNTIL_S + 86400, .newest_s = TREE_UNTIL_S + 86400};
    assert_int_equal(store_snapshot_take(&world.store, late, &snapshot, memory, sizeof memory), CCS_OK);
    assert_int_equal(snapshot.count, 1);
    assert_int_equal(snapshot.credential[0].age, STORE_NOW); /* shown even so: cars say better than silence what is wrong */
    store_snapshot_free(&snapshot);
}

static void a_request_repeated_is_for_the_same_key(void **state)
{
    (void)state;
    uint8_t one[1024], two[1024], hash[2][PKI_SHA256_SIZE];
    size_t length = 0;
    assert_fault(store_request(&world.store, STORE_ISO20, "DE*CCS*1", one, sizeof one, &length), NONE);
    assert_fault(store_key_print(&world.store, STORE_ISO20, true, hash[0]), NONE);
    assert_fault(store_request(&world.store, STORE_ISO20, "DE*CCS*1", two, sizeof two, &length), NONE);
    assert_fault(store_key_print(&world.store, STORE_ISO20, true, hash[1]), NONE);
    assert_memory_equal(hash[0], hash[1], PKI_SHA256_SIZE);
    assert_int_equal(memory_count(&world.memory, "key."), 1);
    assert_fault(store_request(&world.store, STORE_ISO2, NULL, one, sizeof one, &length), REQUEST); /* whose subject? */
}

static void a_key_that_waits_gives_way_to_the_next_one(void **state)
{
    (void)state;
    world_provision(STORE_ISO2, MINT_P256);
    assert_int_equal(memory_count(&world.memory, "key."), 1);
    for (unsigned i = 0; i < 3; i++) {
        assert_fault(store_new_key(&world.store, STORE_ISO2), NONE);
        assert_int_equal(memory_count(&world.memory, "key."), 2);
    }
}

/* ---- no way out */

static void no_look_shows_a_private_key(void **state)
{
    (void)state;
    static uint8_t seen[65536];
    store_snapshot_t snapshot;
    size_t length = 0;
    const octets_t key = world_key(MINT_P256, "secc");
    uint8_t hash[PKI_SHA256_SIZE], secret[32];
    BIGNUM *number = NULL;
    world_provision(STORE_ISO2, MINT_P256);
    assert_int_equal(EVP_PKEY_get_bn_param(tree_find(&world.tree[MINT_P256], "secc")->key, "priv", &number), 1);
    assert_int_equal(BN_bn2binpad(number, secret, sizeof secret), sizeof secret);
    BN_free(number);
    assert_non_null(memmem(key.at, key.length, secret, sizeof secret)); /* what is looked for is to be found, where it is */

    memset(memory, 0, sizeof memory);
    assert_int_equal(snapshot_take(&snapshot), 1);
    assert_null(memmem(memory, sizeof memory, secret, sizeof secret));
    store_snapshot_free(&snapshot);
    assert_fault(store_chain(&world.store, STORE_ISO2, STORE_NOW, seen, sizeof seen, &length), NONE);
    assert_null(memmem(seen, length, secret, sizeof secret));
    assert_fault(store_request(&world.store, STORE_ISO2, NULL, seen, sizeof seen, &length), NONE);
    assert_null(memmem(seen, length, secret, sizeof secret));
    assert_fault(store_key_print(&world.store, STORE_ISO2, false, hash), NONE);
    assert_null(memmem(world.scratch, sizeof world.scratch, secret, sizeof secret));
}

/* ---- OCSP */

static octets_t response(const char *name, int64_t from_s)
{
    octets_t out = {.length = 0};
    tree_t *const tree = &world.tree[MINT_P256];
    for (size_t i = 0; i < ocsp_answers_count; i++) {
        const ocsp_answer_t *const one = &ocsp_answers[i];
        if (strcmp(one->name, name) == 0) {
            uint8_t *der = NULL;
            out.length = ocsp_make(one, tree_find(tree, one->certificate), tree_find(tree, one->issuer),
                                   tree_find(tree, one->signer), from_s, &der);
            assert_true(out.length > 0);
            memcpy(out.at, der, out.length);
            OPENSSL_free(der);
        }
    }
    assert_true(out.length > 0);
    return out;
}

static void a_response_is_kept_for_each_certificate(void **state)
{
    (void)state;
    static const char *const names[] = {"secc", "cposub2", "cposub1"};
    store_snapshot_t snapshot;
    world_provision(STORE_ISO2, MINT_P256);
    for (size_t i = 0; i < 3; i++) {
        const octets_t one = response(names[i], TREE_NOW_S - 3600);
        pki_status_t status;
        assert_fault(store_set_ocsp(&world.store, view(&one), world_time(), &status), NONE);
        assert_false(status.revoked);
    }
    assert_int_equal(snapshot_take(&snapshot), 1);
    for (size_t i = 0; i < 3; i++) {
        const octets_t one = response(names[i], TREE_NOW_S - 3600);
        assert_int_equal(snapshot.credential[0].ocsp[i].length > 0, 1);
        assert_in_range(snapshot.credential[0].ocsp[i].length, one.length - 8, one.length + 8);
    }
    store_snapshot_free(&snapshot);
}

static void a_response_that_is_out_of_date_is_not_shown(void **state)
{
    (void)state;
    store_snapshot_t snapshot;
    world_provision(STORE_ISO2, MINT_P256);
    const octets_t one = response("secc", TREE_NOW_S);
    assert_fault(store_set_ocsp(&world.store, view(&one), world_time(), NULL), NONE);
    assert_int_equal(snapshot_take(&snapshot), 1);
    assert_int_equal(snapshot.until_s, TREE_NOW_S + 7 * 86400);
    assert_true(snapshot.credential[0].ocsp[0].length > 0);
    store_snapshot_free(&snapshot);
    const int64_t late_s = TREE_NOW_S + 7 * 86400 + 1;
    const store_time_t late = {.trusted_s = late_s, .newest_s = late_s}, unknown = {.newest_s = late_s};
    assert_int_equal(store_snapshot_take(&world.store, late, &snapshot, memory, sizeof memory), CCS_OK);
    assert_int_equal(snapshot.credential[0].ocsp[0].length, 0);
    assert_true(snapshot.until_s == INT64_MAX);
    store_snapshot_free(&snapshot);
    assert_int_equal(store_snapshot_take(&world.store, unknown, &snapshot, memory, sizeof memory), CCS_OK);
    assert_true(snapshot.credential[0].ocsp[0].length > 0);
    store_snapshot_free(&snapshot);
}

static void responses_that_are_not_to_be_believed_are_not_kept(void **state)
{
    (void)state;
    static const char *const names[] = {"secc-by-secc",    "secc-unknown",    "secc-expired",
                                        "secc-of-another", "secc-by-another", "vehicle"};
    world_provision(STORE_ISO2, MINT_P256);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const octets_t one = response(names[i], TREE_NOW_S - 3600);
        assert_true(store_set_ocsp(&world.store, view(&one), world_time(), NULL).fault != STORE_NONE);
    }
    const octets_t good = response("secc", TREE_NOW_S - 3600);
    const store_time_t unknown = {.newest_s = TREE_NOW_S};
    assert_fault(store_set_ocsp(&world.store, view(&good), unknown, NULL), CERTIFICATE);
    assert_int_equal(memory_count(&world.memory, "ocsp."), 0);
}

static void responses_go_with_their_certificates(void **state)
{
    (void)state;
    world_provision(STORE_ISO2, MINT_P256);
    const octets_t one = response("secc", TREE_NOW_S - 3600);
    assert_fault(store_set_ocsp(&world.store, view(&one), world_time(), NULL), NONE);
    const octets_t renewed = renew();
    assert_fault(store_set_chain(&world.store, STORE_ISO2, view(&renewed), world_time()), NONE);
    assert_int_equal(memory_count(&world.memory, "ocsp."), 1); /* the old chain is still shown */
    assert_fault(store_drop_old(&world.store, STORE_ISO2), NONE);
    assert_int_equal(memory_count(&world.memory, "ocsp."), 0);
}

/* ---- power cuts */

/* Before each change of a renewal the power goes. After the restart there is a whole credential, the old or the new. */
static void a_power_cut_at_any_moment_leaves_the_old_or_the_new(void **state)
{
    (void)state;
    bool done = false;
    for (size_t power = 0; !done; power++) {
        world_reset();
        world_provision(STORE_ISO2, MINT_P256);
        const octets_t first = world_chain(MINT_P256, "secc cposub2 cposub1");
        const octets_t renewed = renew();
        world.memory.power = power;
        done = store_set_chain(&world.store, STORE_ISO2, view(&renewed), world_time()).fault == STORE_NONE;
        world_reopen();

        store_snapshot_t snapshot;
        const size_t count = snapshot_take(&snapshot);
        const memory_record_t *const now = memory_find(&world.memory, "iso2.now");
        const bool old = now->length == first.length && memcmp(now->octets, first.at, first.length) == 0;
        const bool new = now->length == renewed.length &&memcmp(now->octets, renewed.at, renewed.length) == 0;
        assert_true(old || new);
        assert_true(!done || new);
        assert_int_equal(snapshot.lost, 0);
        assert_int_equal(count, old ? 1 : 2);
        store_snapshot_free(&snapshot);
        assert_fault(store_set_chain(&world.store, STORE_ISO2, view(&renewed), world_time()), NONE); /* tried again */
        assert_true(power < 32);
    }
}

static void a_power_cut_while_a_key_is_set_leaves_no_waste(void **state)
{
    (void)state;
    bool done = false;
    for (size_t power = 0; !done; power++) {
        world_reset();
        world_provision(STORE_ISO2, MINT_P256);
        world.memory.power = power;
        done = store_new_key(&world.store, STORE_ISO2).fault == STORE_NONE;
        world_reopen();
        assert_int_equal(memory_count(&world.memory, "key."), 1 + memory_count(&world.memory, "iso2.next"));
        store_snapshot_t snapshot;
        assert_int_equal(snapshot_take(&snapshot), 1);
        store_snapshot_free(&snapshot);
        assert_true(power < 32);
    }
}

static void too_little_memory_for_a_snapshot_is_said(void **state)
{
    (void)state;
    store_snapshot_t snapshot;
    world_provision(STORE_ISO2, MINT_P256);
    assert_int_equal(snapshot_take(&snapshot), 1);
    const size_t needed = snapshot.octets;
    store_snapshot_free(&snapshot);
    for (size_t size = 0; size < needed; size += 97) {
        assert_int_equal(store_snapshot_take(&world.store, world_time(), &snapshot, memory, size), CCS_ERR_SPACE);
    }
    assert_int_equal(store_snapshot_take(&world.store, world_time(), &snapshot, memory, needed), CCS_OK);
    store_snapshot_free(&snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(root_key_chain_make_a_credential_of_each_slot, reset),
        cmocka_unit_test_setup(the_key_in_a_snapshot_is_that_of_its_leaf, reset),
        cmocka_unit_test_setup(a_root_that_follows_its_chain_is_not_kept_with_it, reset),
        cmocka_unit_test_setup(a_chain_whose_key_is_another_is_not_shown, reset),
        cmocka_unit_test_setup(a_chain_without_its_key_is_refused, reset),
        cmocka_unit_test_setup(a_chain_is_judged_before_it_replaces_the_old_one, reset),
        cmocka_unit_test_setup(the_whole_bad_set_of_a_charger_is_refused, reset),
        cmocka_unit_test_setup(keys_of_another_curve_are_refused, reset),
        cmocka_unit_test_setup(a_chain_goes_into_its_own_slot, reset),
        cmocka_unit_test_setup(what_is_no_key_is_refused, reset),
        cmocka_unit_test_setup(with_compat_a_key_of_the_field_is_taken_for_iso20, reset),
        cmocka_unit_test_setup(a_root_must_be_a_root_and_all_come_or_none, reset),
        cmocka_unit_test_setup(stores_of_roots_are_never_merged, reset),
        cmocka_unit_test_setup(a_root_goes_by_its_hash, reset),
        cmocka_unit_test_setup(without_trusted_time_dates_are_judged_by_the_newest_time_on_record, reset),
        cmocka_unit_test_setup(with_trusted_time_an_expired_chain_is_refused, reset),
        cmocka_unit_test_setup(a_renewal_keeps_old_and_new_side_by_side, reset),
        cmocka_unit_test_setup(the_old_chain_ends_with_its_time, reset),
        cmocka_unit_test_setup(a_request_repeated_is_for_the_same_key, reset),
        cmocka_unit_test_setup(a_key_that_waits_gives_way_to_the_next_one, reset),
        cmocka_unit_test_setup(no_look_shows_a_private_key, reset),
        cmocka_unit_test_setup(a_response_is_kept_for_each_certificate, reset),
        cmocka_unit_test_setup(a_response_that_is_out_of_date_is_not_shown, reset),
        cmocka_unit_test_setup(responses_that_are_not_to_be_believed_are_not_kept, reset),
        cmocka_unit_test_setup(responses_go_with_their_certificates, reset),
        cmocka_unit_test_setup(a_power_cut_at_any_moment_leaves_the_old_or_the_new, reset),
        cmocka_unit_test_setup(a_power_cut_while_a_key_is_set_leaves_no_waste, reset),
        cmocka_unit_test_setup(too_little_memory_for_a_snapshot_is_said, reset),
    };
    return cmocka_run_group_tests(tests, world_make, world_free);
}
