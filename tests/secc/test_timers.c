/* Every timer, on the virtual clock.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/secc/world.h"

/* --- communication setup: 18 s
 * ---------------------------------------------------------------------------------------------------- */

static void v2g2_714_sdp_is_silent_and_tcp_closed_after_setup_time(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_pass(w, 17990);
    assert_true(w->out.listen);
    assert_true(world_sdp(w, &world_car, false));
    world_pass(w, 10);
    assert_false(w->out.listen);
    assert_false(world_sdp(w, &world_car, false));
    assert_int_equal(1, world_stats(w)->sdp_late);
    assert_false(world_connect(w, 2, &world_car, false)); /* #27 */
    assert_int_equal(1, w->refusals);
    assert_int_equal(0, w->records); /* nobody came: nothing to record */
}

static void v2g2_716_open_tcp_is_closed_after_setup_time(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_link_up(w);
    world_pass(w, 17990);
    assert_true(w->link_open);
    world_expect_end(w, CCS_END_SETUP_TIMEOUT, 10);
    assert_int_equal(w->closed_ms, w->close_by_ms);
}

static void setup_time_ends_with_session_setup(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_SERVICE_DISCOVERY);
    world_pass(w, 30000);
    assert_true(w->link_open);
    world_say(w, DIN_BODY_SERVICE_DISCOVERY_REQ);
    world_expect(w, DIN_BODY_SERVICE_DISCOVERY_RES, DIN_RESPONSE_CODE_OK);
}

static void setup_time_does_not_run_without_a_car(void **state)
{
    world_t *const w = *state;
    w->pilot = CCS_PILOT_A;
    world_start(w);
    world_pass(w, 100000);
    assert_false(w->out.listen);
    w->pilot = CCS_PILOT_B;
    world_pass(w, 17000);
    assert_true(w->out.listen);
    assert_true(world_sdp(w, &world_car, false));
    world_pass(w, 2000);
    assert_false(w->out.listen);
}

static void new_match_starts_setup_time_anew(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_pass(w, 17000);
    world_replug(w);
    world_pass(w, 17000);
    assert_true(world_sdp(w, &world_car, false));
}

/* --- sequence: 60 s --------------------------------------------------------------------------------------------------------------
 */

static void v2g2_443_silent_car_is_left_after_60_s_in_every_wait(void **state)
{
    world_t *const w = *state;
    for (session_wait_t wait = SESSION_WAIT_SERVICE_DISCOVERY; wait < SESSION_WAIT_OVER; wait++) {
        if (wait == SESSION_WAIT_SERVICE_DETAIL || wait == SESSION_WAIT_SERVICE_SELECTION || wait == SESSION_WAIT_PAYMENT_DETAILS ||
            wait == SESSION_WAIT_SCHEDULE || wait == SESSION_WAIT_RECEIPT) {
            continue; /* waits of other protocols */
        }
        world_init(w);
        world_start(w);
        world_go(w, wait);
        const unsigned answers = w->answers;
        const int64_t last_ms = w->answered_ms;
        world_pass(w, last_ms + 59990 - w->now_ms);
        assert_true(w->link_open);
        world_expect_end(w, CCS_END_SEQUENCE_TIMEOUT, 10);
        assert_int_equal(last_ms + 60000, w->closed_ms);
        assert_int_equal(answers, w->answers); /* without a response */
    }
}

static void silent_loop_loses_its_lease_long_before(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    world_pass(w, 1500);
    assert_true(w->out.want.lease_until_ms < w->now_ms);
    assert_int_equal(CCS_PHASE_LIVE, w->out.want.phase); /* contactors and session stay */
    world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);           /* a late request resumes */
    world_expect(w, DIN_BODY_CURRENT_DEMAND_RES, DIN_RESPONSE_CODE_OK);
    assert_true(w->out.want.lease_until_ms > w->now_ms);
}

/* --- authorization: 55 s of Ongoing
 * ----------------------------------------------------------------------------------------------- */

static din_evse_processing_t poll_authorization(world_t *w)
{
    world_say(w, DIN_BODY_CONTRACT_AUTHENTICATION_REQ);
    return w->res->body.contract_authentication_res.evse_processing;
}

static void undecided_is_ongoing_and_held_for_a_moment(void **state)
{
    world_t *const w = *state;
    w->authorization = -1;
    world_start(w);
    world_go(w, SESSION_WAIT_AUTHORIZATION);
    const int64_t asked_ms = w->now_ms;
    assert_int_equal(DIN_EVSE_PROCESSING_ONGOING, poll_authorization(w));
    assert_int_equal(asked_ms + 250, w->answered_ms);
    world_authorize(w, CCS_NOT_YET);
    assert_int_equal(DIN_EVSE_PROCESSING_ONGOING, poll_authorization(w)); /* "not yet" keeps the job open */
    assert_int_equal(w->now_ms, w->answered_ms);
    world_authorize(w, CCS_GRANTED);
    assert_int_equal(DIN_EVSE_PROCESSING_FINISHED, poll_authorization(w));
    world_expect(w, DIN_BODY_CONTRACT_AUTHENTICATION_RES, DIN_RESPONSE_CODE_OK);
}

static void verdict_that_comes_while_the_car_waits_is_told_at_once(void **state)
{
    world_t *const w = *state;
    w->authorization = -1;
    world_start(w);
    world_go(w, SESSION_WAIT_AUTHORIZATION);
    din_v2g_message_t ask = world_message(DIN_BODY_CONTRACT_AUTHENTICATION_REQ);
    world_send(w, &ask);
    assert_null(w->res);
    world_pass(w, 100);
    world_authorize(w, CCS_GRANTED);
    world_expect(w, DIN_BODY_CONTRACT_AUTHENTICATION_RES, DIN_RESPONSE_CODE_OK);
    assert_int_equal(w->now_ms, w->answered_ms);
}

static void nobody_authorizes_within_55_s(void **state)
{
    world_t *const w = *state;
    w->authorization = -1;
    world_start(w);
    world_go(w, SESSION_WAIT_AUTHORIZATION);
    const int64_t first_ms = w->now_ms;
    while (poll_authorization(w) == DIN_EVSE_PROCESSING_ONGOING) {
        assert_true(w->now_ms - first_ms < 56000);
        world_pass(w, 500);
    }
    assert_true(w->now_ms - first_ms >= 55000);
    world_expect(w, DIN_BODY_CONTRACT_AUTHENTICATION_RES, DIN_RESPONSE_CODE_FAILED);
    assert_int_equal(1, w->cancels);
    world_expect_end(w, CCS_END_AUTHORIZATION_LATE, 5000);
    world_authorize(w, CCS_GRANTED); /* its job is dead */
    assert_int_equal(1, world_stats(w)->answers_dead);
}

static void late_card_starts_afresh(void **state)
{
    world_t *const w = *state;
    w->authorization = -1;
    world_start(w);
    world_go(w, SESSION_WAIT_AUTHORIZATION);
    while (poll_authorization(w) == DIN_EVSE_PROCESSING_ONGOING) {
        world_pass(w, 500);
    }
    world_expect_end(w, CCS_END_AUTHORIZATION_LATE, 5000);
    world_pass(w, 10000);
    assert_string_equal("blocked", ccs_secc_wait_name(&w->secc));
    ccs_event_t reset = {.type = CCS_ON_RESET}; /* the card */
    world_event(w, &reset);
    w->authorization = CCS_GRANTED;
    w->records = 0;
    world_go(w, SESSION_WAIT_CHARGE_PARAMETERS);
}

/* --- cable check: 38 s; pilot: 1.5 s ---------------------------------------------------------------------------------------------
 */

static void cable_check_that_takes_too_long_fails_before_the_car_gives_up(void **state)
{
    world_t *const w = *state;
    w->test_ms = INT64_MAX / 2;
    w->pilot = CCS_PILOT_C;
    world_start(w);
    world_go(w, SESSION_WAIT_CABLE_CHECK);
    const int64_t first_ms = w->now_ms;
    do {
        world_say(w, DIN_BODY_CABLE_CHECK_REQ);
        if (w->res->body.cable_check_res.evse_processing == DIN_EVSE_PROCESSING_ONGOING) {
            assert_int_equal(DIN_DC_EVSE_STATUS_CODE_EVSE_ISOLATION_MONITORING_ACTIVE, world_status(w)->evse_status_code);
            world_pass(w, 200);
        }
    } while (w->res->body.cable_check_res.evse_processing == DIN_EVSE_PROCESSING_ONGOING);
    assert_in_range(w->now_ms - first_ms, 38000, 38300);
    world_expect(w, DIN_BODY_CABLE_CHECK_RES, DIN_RESPONSE_CODE_FAILED);
    assert_int_equal(DIN_DC_EVSE_STATUS_CODE_EVSE_MALFUNCTION, world_status(w)->evse_status_code);
    world_expect_end(w, CCS_END_POWER_TIMEOUT, 5000);
}

static void v2g_dc_547_state_c_may_be_late_by_1500_ms(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_CABLE_CHECK); /* still in state B */
    world_say(w, DIN_BODY_CABLE_CHECK_REQ);
    world_expect(w, DIN_BODY_CABLE_CHECK_RES, DIN_RESPONSE_CODE_OK);
    world_pass(w, 1490);
    world_say(w, DIN_BODY_CABLE_CHECK_REQ);
    world_expect(w, DIN_BODY_CABLE_CHECK_RES, DIN_RESPONSE_CODE_OK);
    world_pass(w, 10);
    world_say(w, DIN_BODY_CABLE_CHECK_REQ);
    world_expect(w, DIN_BODY_CABLE_CHECK_RES, DIN_RESPONSE_CODE_FAILED);
    world_expect_end(w, CCS_END_BAD_REQUEST, 5000);
}

/* --- contactors: 1.5 s -----------------------------------------------------------------------------------------------------------
 */

static void v2g_dc_401_contactor_that_does_not_close_within_1500_ms(void **state)
{
    world_t *const w = *state;
    w->contactor_ms = INT64_MAX / 2;
    world_start(w);
    world_go(w, SESSION_WAIT_POWER_ON);
    din_v2g_message_t start = world_message(DIN_BODY_POWER_DELIVERY_REQ);
    start.body.power_delivery_req.ready_to_charge_state = true;
    const int64_t asked_ms = w->now_ms;
    world_request(w, &start);
    world_expect(w, DIN_BODY_POWER_DELIVERY_RES, DIN_RESPONSE_CODE_FAILED_POWER_DELIVERY_NOT_APPLIED);
    assert_int_equal(asked_ms + 1500, w->answered_ms);
    assert_int_equal(CCS_PHASE_OFF, w->out.want.phase);
    world_expect_end(w, CCS_END_POWER_TIMEOUT, 5000);
}

static void power_delivery_waits_for_the_contactor(void **state)
{
    world_t *const w = *state;
    w->contactor_ms = 1000;
    world_start(w);
    world_go(w, SESSION_WAIT_POWER_ON);
    din_v2g_message_t start = world_message(DIN_BODY_POWER_DELIVERY_REQ);
    start.body.power_delivery_req.ready_to_charge_state = true;
    const int64_t asked_ms = w->now_ms;
    world_request(w, &start);
    world_expect(w, DIN_BODY_POWER_DELIVERY_RES, DIN_RESPONSE_CODE_OK);
    assert_in_range(w->answered_ms - asked_ms, 1000, 1030);
}

static void stop_is_answered_when_the_current_is_gone(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    din_v2g_message_t stop = world_message(DIN_BODY_POWER_DELIVERY_REQ);
    world_send(w, &stop);
    assert_null(w->res);
    assert_int_equal(CCS_PHASE_RAMP, w->out.want.phase);
    world_pass(w, 150);
    world_expect(w, DIN_BODY_POWER_DELIVERY_RES, DIN_RESPONSE_CODE_OK);
    assert_int_equal(CCS_PHASE_OFF, w->out.want.phase);
}

static void stop_is_answered_in_time_even_if_the_guard_is_silent(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    w->silent = true;
    const int64_t asked_ms = w->now_ms;
    world_say(w, DIN_BODY_POWER_DELIVERY_REQ);
    world_expect(w, DIN_BODY_POWER_DELIVERY_RES, DIN_RESPONSE_CODE_OK);
    assert_int_equal(asked_ms + 1500, w->answered_ms);
}

/* --- session id: the random job
 * ---------------------------------------------------------------------------------------------------- */

static void session_setup_waits_for_its_random_octets(void **state)
{
    world_t *const w = *state;
    w->random_held = true;
    world_start(w);
    world_link_up(w);
    din_v2g_message_t setup = world_message(DIN_BODY_SESSION_SETUP_REQ);
    world_send(w, &setup);
    assert_null(w->res);
    world_pass(w, 700);
    const uint8_t octets[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    ccs_event_t answer = {.type = CCS_ON_ANSWER, .answer = {.id = w->job[0].id, .verdict = CCS_GRANTED, .data = {octets, 8}}};
    world_event(w, &answer);
    world_expect(w, DIN_BODY_SESSION_SETUP_RES, DIN_RESPONSE_CODE_OK_NEW_SESSION_ESTABLISHED);
    assert_memory_equal(octets, w->res->header.session_id.at, 8);
}

static void no_random_octets_no_session(void **state)
{
    world_t *const w = *state;
    w->random_held = true;
    world_start(w);
    world_link_up(w);
    const int64_t asked_ms = w->now_ms;
    world_say(w, DIN_BODY_SESSION_SETUP_REQ);
    world_expect(w, DIN_BODY_SESSION_SETUP_RES, DIN_RESPONSE_CODE_FAILED);
    assert_int_equal(asked_ms + 1500, w->answered_ms);
    world_expect_end(w, CCS_END_CHARGER_ERROR, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(v2g2_714_sdp_is_silent_and_tcp_closed_after_setup_time),
        world_test(v2g2_716_open_tcp_is_closed_after_setup_time),
        world_test(setup_time_ends_with_session_setup),
        world_test(setup_time_does_not_run_without_a_car),
        world_test(new_match_starts_setup_time_anew),
        world_test(v2g2_443_silent_car_is_left_after_60_s_in_every_wait),
        world_test(silent_loop_loses_its_lease_long_before),
        world_test(undecided_is_ongoing_and_held_for_a_moment),
        world_test(verdict_that_comes_while_the_car_waits_is_told_at_once),
        world_test(nobody_authorizes_within_55_s),
        world_test(late_card_starts_afresh),
        world_test(cable_check_that_takes_too_long_fails_before_the_car_gives_up),
        world_test(v2g_dc_547_state_c_may_be_late_by_1500_ms),
        world_test(v2g_dc_401_contactor_that_does_not_close_within_1500_ms),
        world_test(power_delivery_waits_for_the_contactor),
        world_test(stop_is_answered_when_the_current_is_gone),
        world_test(stop_is_answered_in_time_even_if_the_guard_is_silent),
        world_test(session_setup_waits_for_its_random_octets),
        world_test(no_random_octets_no_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
