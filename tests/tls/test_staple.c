/* A car looks at what a charger staples: each response of the development PKI, in TLS 1.2 and 1.3, and none at all.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <openssl/crypto.h>

#include "apps/ccs-pki/ocsp.h"
#include "world.h"

enum { DAY_S = 86400 };

static uint8_t *response;
static size_t response_length;

static void staple_free(void)
{
    OPENSSL_free(response);
    response = NULL;
    response_length = 0;
}

/* A row of the PKI's answers as a response of yesterday; an expired one is of last year. */
static void staple_make(const ocsp_answer_t *row, mint_kind_t kind)
{
    tree_t *const tree = &world.tree[kind];
    staple_free();
    response_length = ocsp_make(row, tree_find(tree, row->certificate), tree_find(tree, row->issuer), tree_find(tree, row->signer),
                                TREE_NOW_S - DAY_S, &response);
    assert_true(response_length > 0);
}

typedef enum wish { OFF, WANT, REQUIRE } wish_t;

static bool can_staple(const tls_backend_t *backend)
{
    return (tls_backend_can(backend) & TLS_CAN_STAPLE) != 0;
}

static void meet(mint_kind_t kind, wish_t wish)
{
    world_reset();
    tls_server_config_t server = world_charger(tls_openssl(), kind);
    world.credential[0].ocsp[0] = (ccs_view_t){response, response_length};
    tls_client_config_t client = world_car(tls_openssl(), kind);
    client.asks_status = client.judges_status = wish != OFF;
    client.needs_status = wish == REQUIRE;
    world_open(&server, &client);
}

static void expect_as_judged(const ocsp_answer_t *row, mint_kind_t kind, wish_t wish)
{
    const pki_reason_t reason = row->state == OCSP_REVOKED ? PKI_REVOKED : row->reason;
    staple_make(row, kind);
    meet(kind, wish);
    if (reason == PKI_GOOD) {
        world_expect_open(kind == MINT_P256 ? 12 : 13);
        assert_true(tls_link_facts(&world.car.link)->stapled);
        return;
    }
    world_expect_refused(&world.car, row->name, reason, 0);
    assert_int_equal(world.charger.result, TLS_FAILED); /* and it is told: bad_certificate_status_response */
    assert_int_equal(tls_link_facts(&world.charger.link)->alert, 113);
}

static void a_charger_is_what_its_response_says_it_is(void **state)
{
    (void)state;
    size_t seen = 0, refused = 0;
    for (size_t i = 0; i < ocsp_answers_count; i++) {
        const ocsp_answer_t *const row = &ocsp_answers[i];
        for (unsigned kind = 0; kind < MINT_KINDS && strncmp(row->name, "secc", 4) == 0; kind++) {
            expect_as_judged(row, (mint_kind_t)kind, WANT);
            expect_as_judged(row, (mint_kind_t)kind, REQUIRE);
            seen++;
            refused += row->state != OCSP_GOOD || row->reason != PKI_GOOD;
        }
    }
    assert_true(refused >= 6 * MINT_KINDS && seen > refused);
}

static void a_response_on_a_sub_ca_is_none_on_the_leaf(void **state)
{
    (void)state;
    const ocsp_answer_t other = {"cposub2", "cposub2", "cposub1", "cposub1", OCSP_GOOD, false, PKI_REVOCATION_UNKNOWN};
    expect_as_judged(&other, MINT_P256, WANT);
    expect_as_judged(&other, MINT_P521, WANT);
}

static void without_a_response_the_wish_decides(void **state)
{
    (void)state;
    staple_free();
    for (unsigned kind = 0; kind < MINT_KINDS; kind++) {
        meet((mint_kind_t)kind, OFF);
        world_expect_open(kind == MINT_P256 ? 12 : 13);
        meet((mint_kind_t)kind, WANT);
        world_expect_open(kind == MINT_P256 ? 12 : 13);
        meet((mint_kind_t)kind, REQUIRE);
        world_expect_refused(&world.car, "no response", PKI_REVOCATION_UNKNOWN, 0);
    }
}

static void what_is_no_response_is_refused(void **state)
{
    (void)state;
    response = OPENSSL_zalloc(40);
    response_length = 40;
    meet(MINT_P256, WANT);
    assert_int_equal(world.car.result, TLS_FAILED);
    assert_int_equal(tls_link_facts(&world.car.link)->failure, TLS_FAILURE_CERTIFICATE);
    meet(MINT_P256, OFF); /* nobody has asked: nobody looks */
    world_expect_open(12);
}

static void every_cut_of_a_good_response_is_refused(void **state)
{
    (void)state;
    staple_make(&ocsp_answers[0], MINT_P256);
    const size_t whole = response_length;
    for (response_length = 1; response_length < whole; response_length += 41) {
        meet(MINT_P256, WANT);
        assert_int_equal(world.car.result, TLS_FAILED);
    }
    response_length = whole;
    meet(MINT_P256, WANT);
    world_expect_open(12);
}

static void a_library_that_reads_none_cannot_need_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < world.backends; i++) {
        world_reset();
        tls_client_config_t client = world_car(world.backend[i], MINT_P256);
        client.needs_status = client.judges_status = true;
        const bool can = (tls_backend_can(world.backend[i]) & TLS_CAN_ASK_STATUS) != 0;
        assert_int_equal(tls_client_init(&world.client, &client), can ? CCS_OK : CCS_ERR_UNSUPPORTED);
    }
}

static int end(void **state)
{
    (void)state;
    staple_free();
    world_reset();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_charger_is_what_its_response_says_it_is, end),
        cmocka_unit_test_teardown(a_response_on_a_sub_ca_is_none_on_the_leaf, end),
        cmocka_unit_test_teardown(without_a_response_the_wish_decides, end),
        cmocka_unit_test_teardown(what_is_no_response_is_refused, end),
        cmocka_unit_test_teardown(every_cut_of_a_good_response_is_refused, end),
        cmocka_unit_test_teardown(a_library_that_reads_none_cannot_need_one, end),
    };
    return can_staple(tls_openssl()) ? cmocka_run_group_tests(tests, world_make, world_free) : 1;
}
