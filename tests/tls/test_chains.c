/* The whole development PKI through whole handshakes: what must be refused is, for its own reason, on every backend; what must be
 * accepted is. SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "ports/openssl/pki_openssl.h"
#include "ports/tls/backend.h"

#include <stdio.h>
#include <string.h>

typedef struct tally {
    unsigned good, bad, skipped;
} tally_t;

/* What stands in no chain on a wire: our own key, a name announced by the caller, an empty chain, stored answers of today. */
static bool is_of_a_wire(const tree_case_t *one, mint_kind_t kind)
{
    const unsigned not_here = CASE_NAME | CASE_OTHER_KEY | CASE_REVOKED | CASE_REVOKED_SUB | CASE_NO_STATUS | CASE_STALE |
                              CASE_OTHER_STATUS | CASE_NO_TIME;
    return case_applies(one, kind) && (one->flags & not_here) == 0 && one->chain[0] != '\0';
}

static size_t views_of(mint_kind_t kind, const char *names, ccs_view_t *views)
{
    const minted_t *found[CASE_CERTIFICATES_MAX];
    const size_t count = case_certificates(&world.tree[kind], names, found);
    for (size_t i = 0; i < count; i++) {
        views[i] = (ccs_view_t){found[i]->der, found[i]->length};
    }
    return count;
}

/* ---- a car judges a charger, TLS 1.2 */

static bool is_of_a_charger(const tree_case_t *one)
{
    return one->role == PKI_SECC && strcmp(one->name, "no-roots") != 0; /* a car without roots: see below */
}

static void expect_car_refuses(const tls_backend_t *car, const tree_case_t *one)
{
    ccs_view_t chain[CASE_CERTIFICATES_MAX];
    const tls_server_config_t server = world_charger(world.backend[0], MINT_P256);
    tls_client_config_t client = world_car(car, MINT_P256);
    client.trust.stores = world_stores(MINT_P256, one);
    world_open_setup(&server, &client, NULL);
    (void)tls_link_step(&world.car.link, world.now_ms);     /* ClientHello */
    (void)tls_link_step(&world.charger.link, world.now_ms); /* ServerHello, Certificate, ... */
    assert_true(world_swap_chain(&world.down, chain, views_of(MINT_P256, one->chain, chain)));
    world_talk();
    world_expect_refused(&world.car, one->name, one->reason, one->at);
    assert_int_equal(tls_link_facts(&world.charger.link)->failure, TLS_FAILURE_ALERT);
    assert_int_not_equal(tls_link_facts(&world.charger.link)->alert, 0);
}

static void expect_car_accepts(const tls_backend_t *charger, const tls_backend_t *car, mint_kind_t kind, const tree_case_t *one)
{
    tls_server_config_t server = world_charger(charger, kind);
    tls_client_config_t client = world_car(car, kind);
    server.credentials = world_credential(charger, kind, kind == MINT_P256 ? 12 : 13, one->chain, NULL);
    client.trust.stores = world_stores(kind, one);
    world_open(&server, &client);
    world_expect_open(kind == MINT_P256 ? 12 : 13);
}

static void a_car_refuses_each_bad_chain_of_a_charger(void **state)
{
    (void)state;
    for (size_t j = 0; j < world.backends; j++) {
        tally_t tally = {0};
        for (size_t i = 0; i < tree_cases_count; i++) {
            const tree_case_t *const one = &tree_cases[i];
            if (is_of_a_wire(one, MINT_P256) && is_of_a_charger(one) && one->reason != PKI_GOOD) {
                world_reset();
                expect_car_refuses(world.backend[j], one);
                tally.bad++;
            }
        }
        print_message("%s: %u chains refused\n", tls_backend_name(world.backend[j]), tally.bad);
        assert_true(tally.bad >= 40);
    }
    world_reset();
}

static bool can(const tls_backend_t *charger, const tls_backend_t *car, mint_kind_t kind)
{
    const bool both_13 = (tls_backend_can(charger) & tls_backend_can(car) & TLS_CAN_13) != 0;
    return kind == MINT_P256 || (kind == MINT_P521 && both_13) ||
           (tls_backend_can(charger) & tls_backend_can(car) & TLS_CAN_ED448) != 0;
}

static void a_car_accepts_each_good_chain_of_a_charger(void **state)
{
    (void)state;
    unsigned good = 0;
    for (unsigned kind = 0; kind < MINT_KINDS; kind++) {
        for (size_t i = 0; i < tree_cases_count; i++) {
            const tree_case_t *const one = &tree_cases[i];
            const bool of_charger = one->role == PKI_SECC || one->role == PKI_SECC_PRIVATE;
            if (!is_of_a_wire(one, (mint_kind_t)kind) || !of_charger || one->reason != PKI_GOOD) {
                continue;
            }
            for (size_t j = 0; j < world.backends; j++) {
                const tls_backend_t *const car = world.backend[j], *const charger = world.backend[world.backends - 1 - j];
                world_reset();
                if (can(charger, car, (mint_kind_t)kind)) {
                    expect_car_accepts(charger, car, (mint_kind_t)kind, one);
                    good++;
                }
            }
        }
    }
    print_message("%u handshakes with chains that must be accepted\n", good);
    assert_true(good >= 20);
    world_reset();
}

/* ---- a charger judges a car, TLS 1.3 */

static void meet(const tls_backend_t *charger, const tls_backend_t *car, mint_kind_t kind, const tree_case_t *one)
{
    tls_server_config_t server = world_charger(charger, kind);
    tls_client_config_t client = world_car(car, kind);
    tls_credential_t *const shown = world_credential(car, kind, 13, one->chain, NULL);
    shown->as_it_is = one->reason != PKI_GOOD;
    client.credential = shown;
    server.trust.stores = world_stores(kind, one);
    world_open(&server, &client);
}

static void every_vehicle(void (*expect)(const tree_case_t *one), bool good, unsigned at_least)
{
    unsigned met = 0;
    for (unsigned kind = MINT_P521; kind < MINT_KINDS; kind++) {
        for (size_t i = 0; i < tree_cases_count; i++) {
            const tree_case_t *const one = &tree_cases[i];
            if (!is_of_a_wire(one, (mint_kind_t)kind) || one->role != PKI_VEHICLE || (one->reason == PKI_GOOD) != good) {
                continue;
            }
            for (size_t j = 0; j < world.backends; j++) {
                /* the car is always OpenSSL's: it shows what it is given */
                if (can(world.backend[j], world.backend[0], (mint_kind_t)kind)) {
                    world_reset();
                    meet(world.backend[j], world.backend[0], (mint_kind_t)kind, one);
                    expect(one);
                    met++;
                }
            }
        }
    }
    print_message("%u handshakes\n", met);
    assert_true(met >= at_least);
    world_reset();
}

static void expect_vehicle_refused(const tree_case_t *one)
{
    world_expect_refused(&world.charger, one->name, one->reason, one->at);
    assert_int_not_equal(world.car.result, TLS_OK);
}

static void expect_vehicle_accepted(const tree_case_t *one)
{
    (void)one;
    world_expect_open(13);
    assert_true(tls_link_facts(&world.charger.link)->authenticated);
}

static void a_charger_refuses_each_bad_chain_of_a_car(void **state)
{
    (void)state;
    every_vehicle(expect_vehicle_refused, false, 13);
}

static void a_charger_accepts_each_good_chain_of_a_car(void **state)
{
    (void)state;
    every_vehicle(expect_vehicle_accepted, true, 3);
}

/* ---- what no table of chains has */

static tree_case_t vehicle(const char *chain, pki_reason_t reason, uint8_t at)
{
    return (tree_case_t){.name = chain, .role = PKI_VEHICLE, .chain = chain, .reason = reason, .at = at};
}

/* Before anybody is authenticated a certificate is only octets of a stranger. */
static void a_malformed_certificate_before_authentication_ends_the_link_alone(void **state)
{
    const tree_case_t cases[] = {
        vehicle("vehicle s_point vehsub1", PKI_ISSUER_MISSING, 0), vehicle("vehicle s_twice vehsub1", PKI_EXTENSION_TWICE, 1),
        vehicle("vehicle s_negative vehsub1", PKI_SERIAL, 1),      vehicle("vehicle s_version vehsub1", PKI_VERSION, 1),
        vehicle("vehicle s_algorithms", PKI_ALGORITHMS_DIFFER, 1),
    };
    (void)state;
    for (size_t j = 0; j < world.backends && can(world.backend[j], world.backend[0], MINT_P521); j++) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            world_reset();
            meet(world.backend[j], world.backend[0], MINT_P521, &cases[i]);
            world_expect_refused(&world.charger, cases[i].name, cases[i].reason, cases[i].at);
        }
    }
    world_reset();
}

static void without_a_trusted_time_nobody_is_authenticated(void **state)
{
    const tls_setup_t no_time = {.utc_s = 0};
    (void)state;
    for (size_t j = 0; j < world.backends && can(world.backend[j], world.backend[0], MINT_P521); j++) {
        world_reset();
        const tls_server_config_t server = world_charger(world.backend[j], MINT_P521);
        const tls_client_config_t client = world_car(world.backend[0], MINT_P521);
        world_open_setup(&server, &client, &no_time);
        world.car.link.setup.utc_s = TREE_NOW_S;
        world_talk();
        world_expect_refused(&world.charger, "no time", PKI_NO_TIME, 0);
    }
    world_reset();
}

static void a_vehicle_that_is_known_to_be_revoked_is_refused(void **state)
{
    pki_status_t revoked = {.revoked = true, .from_s = TREE_NOW_S - 60, .until_s = TREE_NOW_S + 60};
    const minted_t *const leaf = tree_find(&world.tree[MINT_P521], "vehicle");
    const pki_crypto_t crypto = pki_openssl();
    (void)state;
    crypto.sha256(crypto.ctx, (ccs_view_t){leaf->der, leaf->length}, revoked.sha256);
    for (size_t j = 0; j < world.backends && can(world.backend[j], world.backend[0], MINT_P521); j++) {
        world_reset();
        tls_server_config_t server = world_charger(world.backend[j], MINT_P521);
        const tls_client_config_t client = world_car(world.backend[0], MINT_P521);
        server.trust.statuses = &revoked;
        server.trust.statuses_count = 1;
        world_open(&server, &client);
        world_expect_refused(&world.charger, "revoked", PKI_REVOKED, 0);
    }
    world_reset();
}

/* A root of the mobility operator anchors contracts, and no TLS peer. */
static void roots_of_another_store_anchor_nobody(void **state)
{
    const tree_case_t one = {.name = "oem root in the mo store",
                             .role = PKI_VEHICLE,
                             .chain = "vehicle vehsub2 vehsub1",
                             .roots = {"v2groot", "", "oemroot moroot"},
                             .reason = PKI_ROOT_OF_ANOTHER_STORE,
                             .at = 2};
    (void)state;
    for (size_t j = 0; j < world.backends && can(world.backend[j], world.backend[0], MINT_P521); j++) {
        world_reset();
        meet(world.backend[j], world.backend[0], MINT_P521, &one);
        world_expect_refused(&world.charger, one.name, one.reason, one.at);
    }
    world_reset();
}

static void verdicts_on_sub_cas_are_remembered_if_wanted(void **state)
{
    pki_cache_entry_t entries[8];
    pki_cache_t cache;
    (void)state;
    for (size_t j = 0; j < world.backends && can(world.backend[j], world.backend[0], MINT_P521); j++) {
        pki_cache_init(&cache, entries, 8);
        for (int times = 0; times < 2; times++) {
            world_reset();
            const tls_server_config_t server = world_charger(world.backend[j], MINT_P521);
            const tls_client_config_t client = world_car(world.backend[0], MINT_P521);
            const tls_setup_t setup = {.utc_s = TREE_NOW_S};
            world_open_setup(&server, &client, &setup);
            world.charger.link.setup.cache = &cache;
            world_talk();
            world_expect_open(13);
            assert_int_equal(tls_link_facts(&world.charger.link)->verdict.cached, times == 1);
        }
    }
    world_reset();
}

/* ---- who has a chain, and not its key: the library's part of the judgement */

/* Mbed TLS shows what it is given; OpenSSL takes no key that is not the leaf's. */
static const tls_backend_t *thief(void)
{
    return world.backends > 1 ? world.backend[1] : NULL;
}

static tls_credential_t *stolen(mint_kind_t kind, const char *chain, const char *key_of)
{
    const uint8_t version = kind == MINT_P256 ? 12 : 13;
    const tls_credential_t *const other = world_credential(thief(), kind, version, key_of, NULL);
    tls_credential_t *const credential = world_credential(thief(), kind, version, chain, NULL);
    credential->key = other->key;
    credential->as_it_is = true;
    return credential;
}

static void a_car_with_the_chain_of_another_one_is_refused(void **state)
{
    (void)state;
    for (size_t j = 0; thief() && j < world.backends && can(world.backend[j], thief(), MINT_P521); j++) {
        world_reset();
        const tls_server_config_t server = world_charger(world.backend[j], MINT_P521);
        tls_client_config_t client = world_car(thief(), MINT_P521);
        client.credential = stolen(MINT_P521, "vehicle vehsub2 vehsub1", "secc");
        world_open(&server, &client);
        world_expect_failure(TLS_FAILURE_PROTOCOL, "a stolen chain");
        assert_string_equal(pki_reason_name(tls_link_facts(&world.charger.link)->verdict.reason), "GOOD");
    }
    world_reset();
}

static void a_charger_with_the_chain_of_another_one_is_refused(void **state)
{
    (void)state;
    for (unsigned kind = MINT_P256; thief() && kind <= (unsigned)world_last_kind(thief()); kind++) {
        for (size_t j = 0; j < world.backends; j++) {
            world_reset();
            tls_server_config_t server = world_charger(thief(), (mint_kind_t)kind);
            const tls_client_config_t client = world_car(world.backend[j], (mint_kind_t)kind);
            server.credentials = stolen((mint_kind_t)kind, "secc cposub2 cposub1", "cps");
            world_open(&server, &client);
            assert_int_equal(world.car.result, TLS_FAILED);
            assert_string_equal(tls_failure_name(tls_link_facts(&world.car.link)->failure), "PROTOCOL");
            assert_int_not_equal(world.charger.result, TLS_OK);
        }
    }
    world_reset();
}

/* ---- a library that finds all well, and has asked for no verdict */

static tls_result_t find_all_well(tls_engine_t *engine)
{
    (void)engine;
    return TLS_OK;
}

static void tell_13(const tls_engine_t *engine, tls_facts_t *facts)
{
    (void)engine;
    facts->version = 13;
}

static void without_a_verdict_no_link_is_open(void **state)
{
    (void)state;
    for (size_t j = 0; j < world.backends && can(world.backend[j], world.backend[0], MINT_P521); j++) {
        tls_backend_t careless = *world.backend[j];
        careless.handshake = find_all_well;
        careless.facts = tell_13;
        for (unsigned car_too = 0; car_too < 2; car_too++) {
            world_reset();
            tls_server_config_t server = world_charger(world.backend[j], MINT_P521);
            tls_client_config_t client = world_car(world.backend[j], MINT_P521);
            server.backend = car_too ? server.backend : &careless;
            client.backend = car_too ? &careless : client.backend;
            world_open(&server, &client);
            const end_t *const who = car_too ? &world.car : &world.charger;
            assert_int_equal(who->result, TLS_FAILED);
            assert_string_equal(tls_failure_name(tls_link_facts(&who->link)->failure), "NO_CERTIFICATE");
            assert_false(tls_link_facts(&who->link)->authenticated);
        }
        world_reset(); /* before the careless one is gone */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_car_refuses_each_bad_chain_of_a_charger),
        cmocka_unit_test(a_car_accepts_each_good_chain_of_a_charger),
        cmocka_unit_test(a_charger_refuses_each_bad_chain_of_a_car),
        cmocka_unit_test(a_charger_accepts_each_good_chain_of_a_car),
        cmocka_unit_test(a_malformed_certificate_before_authentication_ends_the_link_alone),
        cmocka_unit_test(without_a_trusted_time_nobody_is_authenticated),
        cmocka_unit_test(a_vehicle_that_is_known_to_be_revoked_is_refused),
        cmocka_unit_test(roots_of_another_store_anchor_nobody),
        cmocka_unit_test(verdicts_on_sub_cas_are_remembered_if_wanted),
        cmocka_unit_test(a_car_with_the_chain_of_another_one_is_refused),
        cmocka_unit_test(a_charger_with_the_chain_of_another_one_is_refused),
        cmocka_unit_test(without_a_verdict_no_link_is_open),
    };
    return cmocka_run_group_tests(tests, world_make, world_free);
}
