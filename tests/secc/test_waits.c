/* Every wait against every request of the schema, generated from the tables of the protocol; the expectation comes from a second,
 * independent list: what DIN allows next.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/secc/world.h"

#include <stdio.h>
#include <string.h>

#include "din/din.h"

#define BIT(name) (1ull << DIN_BODY_##name##_REQ)

/* Allowed next requests, as chargers in the field have them. */
static const struct {
    session_wait_t wait;
    uint64_t allowed;
} next[] = {
    {SESSION_WAIT_SESSION_SETUP, BIT(SESSION_SETUP)},
    {SESSION_WAIT_SERVICE_DISCOVERY, BIT(SERVICE_DISCOVERY) | BIT(SESSION_STOP)},
    {SESSION_WAIT_PAYMENT, BIT(SERVICE_PAYMENT_SELECTION) | BIT(SESSION_STOP)},
    {SESSION_WAIT_AUTHORIZATION, BIT(CONTRACT_AUTHENTICATION) | BIT(SESSION_STOP)},
    {SESSION_WAIT_CHARGE_PARAMETERS, BIT(CHARGE_PARAMETER_DISCOVERY) | BIT(SESSION_STOP)},
    {SESSION_WAIT_CABLE_CHECK, BIT(CABLE_CHECK) | BIT(SESSION_STOP)},
    {SESSION_WAIT_PRECHARGE, BIT(PRE_CHARGE) | BIT(SESSION_STOP)},
    {SESSION_WAIT_POWER_ON, BIT(PRE_CHARGE) | BIT(POWER_DELIVERY) | BIT(SESSION_STOP)},
    {SESSION_WAIT_FIRST_DEMAND, BIT(CURRENT_DEMAND)},
    {SESSION_WAIT_LOOP, BIT(CURRENT_DEMAND) | BIT(POWER_DELIVERY)},
    {SESSION_WAIT_POWER_OFF, BIT(WELDING_DETECTION) | BIT(SESSION_STOP)},
};

static void expect_own_type_and_code(const world_t *w, const session_pair_t *pair, din_response_code_t code)
{
    if (!w->res || w->res->body.which != pair->response || world_code(w) != code) {
        fail_msg("%s: not answered with its own type and code %d", pair->request_name, (int)code);
    }
    assert_int_equal(8, w->res->header.session_id.length);
}

static void expect_refused(world_t *w, const session_pair_t *pair)
{
    expect_own_type_and_code(w, pair, DIN_RESPONSE_CODE_FAILED_SEQUENCE_ERROR);
    assert_true(w->link_open); /* the answer goes out first */
    world_pass(w, 1990);
    assert_true(w->link_open); /* #7 not at once */
    world_expect_end(w, CCS_END_SEQUENCE_ERROR, 5000 - 1990);
    assert_int_equal(1, world_stats(w)->sequence_errors);
}

/* [V2G-DC-390] */
static void v2g_dc_390_every_wait_against_every_request(void **state)
{
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof next / sizeof *next; i++) {
        for (size_t j = 0; j < din_protocol.pairs_count; j++) {
            const session_pair_t *const pair = &din_protocol.pairs[j];
            const bool allowed = (next[i].allowed & (1ull << pair->request)) != 0;
            world_init(w);
            world_start(w);
            world_go(w, next[i].wait);
            world_say(w, pair->request);
            if (!allowed) {
                expect_refused(w, pair);
            } else {
                assert_non_null(w->res);
                assert_int_equal(pair->response, w->res->body.which);
                assert_true(world_code(w) <= DIN_RESPONSE_CODE_OK_CERTIFICATE_EXPIRES_SOON);
            }
        }
    }
}

/* The table of the product and the list above say the same. */
static void table_allows_what_the_list_allows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof next / sizeof *next; i++) {
        for (size_t j = 0; j < din_protocol.pairs_count; j++) {
            const session_pair_t *const pair = &din_protocol.pairs[j];
            const bool allowed = (next[i].allowed & (1ull << pair->request)) != 0;
            assert_int_equal(allowed, pair->answer && session_allowed(&din_protocol, next[i].wait, pair->request));
        }
    }
}

/* Every request of the schema has a pair, each with its own response. */
static void every_request_of_the_schema_has_its_pair(void **state)
{
    (void)state;
    for (uint8_t which = DIN_BODY_CABLE_CHECK_REQ; which <= DIN_BODY_WELDING_DETECTION_REQ; which = (uint8_t)(which + 2)) {
        const session_pair_t *const pair = session_pair(&din_protocol, which);
        assert_non_null(pair);
        assert_int_equal(which + 1, pair->response);
        assert_non_null(pair->refuse);
    }
    assert_int_equal(17, din_protocol.pairs_count);
}

/* [V2G-DC-391] and DIN's precedence: a wrong id wins over a wrong request. */
static void v2g_dc_391_every_wait_with_a_wrong_session_id(void **state)
{
    world_t *const w = *state;
    for (size_t i = 1; i < sizeof next / sizeof *next; i++) {
        for (size_t j = 0; j < din_protocol.pairs_count; j++) {
            const session_pair_t *const pair = &din_protocol.pairs[j];
            world_init(w);
            world_start(w);
            world_go(w, next[i].wait);
            uint8_t valid[8];
            memcpy(valid, w->id, sizeof valid);
            w->id[7] ^= 1;
            world_say(w, pair->request);
            expect_own_type_and_code(w, pair, DIN_RESPONSE_CODE_FAILED_UNKNOWN_SESSION);
            assert_int_equal(0, memcmp(valid, w->res->header.session_id.at, sizeof valid)); /* the answer carries the valid one */
            world_expect_end(w, CCS_END_UNKNOWN_SESSION, 5000);
        }
    }
}

/* #21 #54: an id of another length, or all zero, is another id. */
static void session_id_is_compared_by_length_and_octets(void **state)
{
    static const struct {
        size_t length;
        uint8_t fill;
    } rows[] = {{0, 0}, {1, 0}, {4, 0xA1}, {6, 0}, {8, 0}};
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_init(w);
        world_start(w);
        world_go(w, SESSION_WAIT_SERVICE_DISCOVERY);
        memset(w->id, rows[i].fill, sizeof w->id);
        w->id_length = rows[i].length;
        world_say(w, DIN_BODY_SERVICE_DISCOVERY_REQ);
        world_expect(w, DIN_BODY_SERVICE_DISCOVERY_RES, DIN_RESPONSE_CODE_FAILED_UNKNOWN_SESSION);
    }
}

/* Whatever stands in the header of SessionSetupReq, the car gets a new session. */
static void session_setup_takes_any_id(void **state)
{
    static const size_t lengths[] = {0, 1, 4, 6, 8};
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        for (int fill = 0; fill < 2; fill++) {
            world_init(w);
            world_start(w);
            world_link_up(w);
            memset(w->id, fill ? 0x77 : 0, sizeof w->id);
            w->id_length = lengths[i];
            world_say(w, DIN_BODY_SESSION_SETUP_REQ);
            world_expect(w, DIN_BODY_SESSION_SETUP_RES, DIN_RESPONSE_CODE_OK_NEW_SESSION_ESTABLISHED);
            assert_int_equal(8, w->res->header.session_id.length);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(v2g_dc_390_every_wait_against_every_request), world_test(table_allows_what_the_list_allows),
        world_test(every_request_of_the_schema_has_its_pair),    world_test(v2g_dc_391_every_wait_with_a_wrong_session_id),
        world_test(session_id_is_compared_by_length_and_octets), world_test(session_setup_takes_any_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
