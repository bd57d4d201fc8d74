/* What EVReady = false and each DC_EVErrorCode do in each phase: the table of the product against a list of expectations, and every
 * row of it shown by real messages.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/secc/world.h"

#include <stdio.h>
#include <string.h>

/* Where each column of the table is met. */
static const struct {
    charge_car_phase_t phase;
    session_wait_t wait;
    uint8_t request;
    bool start;
} places[] = {
    {CHARGE_CAR_IN_SETUP, SESSION_WAIT_CHARGE_PARAMETERS, DIN_BODY_CHARGE_PARAMETER_DISCOVERY_REQ, false},
    {CHARGE_CAR_IN_TEST, SESSION_WAIT_CABLE_CHECK, DIN_BODY_CABLE_CHECK_REQ, false},
    {CHARGE_CAR_IN_PRECHARGE, SESSION_WAIT_PRECHARGE, DIN_BODY_PRE_CHARGE_REQ, false},
    {CHARGE_CAR_IN_START, SESSION_WAIT_POWER_ON, DIN_BODY_POWER_DELIVERY_REQ, true},
    {CHARGE_CAR_IN_LOOP, SESSION_WAIT_LOOP, DIN_BODY_CURRENT_DEMAND_REQ, false},
    {CHARGE_CAR_IN_STOP, SESSION_WAIT_LOOP, DIN_BODY_POWER_DELIVERY_REQ, false},
    {CHARGE_CAR_IN_STOP, SESSION_WAIT_POWER_OFF, DIN_BODY_WELDING_DETECTION_REQ, false},
};

static din_v2g_message_t message_with(uint8_t request, bool start, unsigned error)
{
    din_v2g_message_t message = world_message(request);
    din_dc_ev_status_t *const status = world_ev_status(&message);
    if (request == DIN_BODY_POWER_DELIVERY_REQ) {
        message.body.power_delivery_req.ready_to_charge_state = start;
    }
    status->ev_ready = error != CHARGE_CAR_NOT_READY;
    status->ev_error_code = error == CHARGE_CAR_NOT_READY ? DIN_DC_EV_ERROR_CODE_NO_ERROR : (din_dc_ev_error_code_t)error;
    return message;
}

static bool energy_wanted(const world_t *w)
{
    const ccs_want_t *const want = &w->out.want;
    return want->phase == CCS_PHASE_TEST || want->phase == CCS_PHASE_PRECHARGE ||
           (want->phase == CCS_PHASE_LIVE && want->target_mA > 0);
}

static bool energy_expected(charge_car_phase_t phase)
{
    return phase == CHARGE_CAR_IN_TEST || phase == CHARGE_CAR_IN_PRECHARGE || phase == CHARGE_CAR_IN_LOOP;
}

static void expect_effect(world_t *w, size_t place, charge_car_effect_t effect)
{
    const bool fails = effect == CHARGE_CAR_FAILS;
    assert_int_equal(places[place].request + 1, w->res->body.which);
    assert_int_equal(!fails, world_code(w) == DIN_RESPONSE_CODE_OK);
    if (effect == CHARGE_CAR_GOES_ON) {
        assert_int_equal(energy_expected(places[place].phase), energy_wanted(w));
        assert_int_equal(0, world_stats(w)->car_errors);
        return;
    }
    assert_false(energy_wanted(w));
    assert_true(world_stats(w)->car_errors > 0);
    if (effect == CHARGE_CAR_STOPS) {
        assert_int_equal(DIN_DC_EVSE_STATUS_CODE_EVSE_SHUTDOWN, world_status(w)->evse_status_code);
        assert_int_equal(DIN_EVSE_NOTIFICATION_STOP_CHARGING, world_status(w)->evse_notification);
    }
}

/* A car whose error stops the charge and that then does nothing about it is ended by us. */
static void expect_end_of(world_t *w, charge_car_effect_t effect, unsigned error)
{
    if (effect == CHARGE_CAR_FAILS || effect == CHARGE_CAR_STOPS) {
        world_expect_end(w, CCS_END_CAR_ERROR, 8000 + 3000);
        assert_int_equal(error <= CCS_EV_NO_DATA ? error : 0, w->record.car_error);
    } else {
        assert_true(w->link_open);
    }
}

static void every_row_in_every_phase(void **state)
{
    world_t *const w = *state;
    for (size_t place = 0; place < sizeof places / sizeof *places; place++) {
        for (unsigned error = 0; error < CHARGE_CAR_ROWS; error++) {
            const charge_car_effect_t effect = charge_car_row(error)->effect[places[place].phase];
            world_init(w);
            world_start(w);
            world_go(w, places[place].wait);
            din_v2g_message_t message = message_with(places[place].request, places[place].start, error);
            world_request(w, &message);
            expect_effect(w, place, effect);
            expect_end_of(w, effect, error);
        }
    }
}

/* The rule in words, against the table: what must never be otherwise. */
static void rules_that_the_table_obeys(void **state)
{
    (void)state;
    for (unsigned error = 0; error < CHARGE_CAR_ROWS; error++) {
        const charge_car_row_t *const row = charge_car_row(error);
        assert_int_equal(CHARGE_CAR_GOES_ON, row->effect[CHARGE_CAR_IN_STOP]);   /* Stop is OK with any error */
        assert_int_equal(CHARGE_CAR_GOES_ON, row->effect[CHARGE_CAR_IN_SETUP]);  /* nothing is energised yet */
        assert_int_not_equal(CHARGE_CAR_FAILS, row->effect[CHARGE_CAR_IN_LOOP]); /* under current: ramp, never an abrupt end */
        const bool fault = error != CCS_EV_NO_ERROR && error != CCS_EV_NO_DATA;
        assert_int_equal(fault, row->effect[CHARGE_CAR_IN_LOOP] != CHARGE_CAR_GOES_ON);
    }
}

static void hold_ends_when_the_car_takes_it_back(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    din_v2g_message_t hot = message_with(DIN_BODY_CURRENT_DEMAND_REQ, false, CCS_EV_RESS_TEMPERATURE_INHIBIT);
    world_request(w, &hot);
    assert_int_equal(0, w->out.want.target_mA);
    assert_int_equal(CCS_PHASE_LIVE, w->out.want.phase);
    world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
    assert_int_equal(100000, w->out.want.target_mA);
}

static void error_under_current_ramps_and_the_car_may_end_in_order(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    din_v2g_message_t broken = message_with(DIN_BODY_CURRENT_DEMAND_REQ, false, CCS_EV_RESS_MALFUNCTION);
    world_request(w, &broken);
    world_expect(w, DIN_BODY_CURRENT_DEMAND_RES, DIN_RESPONSE_CODE_OK);
    assert_int_equal(CCS_PHASE_RAMP, w->out.want.phase);
    din_v2g_message_t stop = message_with(DIN_BODY_POWER_DELIVERY_REQ, false, CCS_EV_RESS_MALFUNCTION);
    world_request(w, &stop);
    world_expect(w, DIN_BODY_POWER_DELIVERY_RES, DIN_RESPONSE_CODE_OK);
    world_say(w, DIN_BODY_WELDING_DETECTION_REQ);
    world_expect(w, DIN_BODY_WELDING_DETECTION_RES, DIN_RESPONSE_CODE_OK);
    world_say(w, DIN_BODY_SESSION_STOP_REQ);
    world_expect(w, DIN_BODY_SESSION_STOP_RES, DIN_RESPONSE_CODE_OK);
    world_expect_end(w, CCS_END_CAR_ERROR, 5000);
    assert_int_equal(CCS_EV_RESS_MALFUNCTION, w->record.car_error);
}

/* What the car reports while it ends in order is not why it ended. */
static void the_error_that_ends_the_charge_is_on_record(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    din_v2g_message_t shifted = message_with(DIN_BODY_CURRENT_DEMAND_REQ, false, CCS_EV_SHIFT_POSITION);
    world_request(w, &shifted);
    din_v2g_message_t stop = message_with(DIN_BODY_POWER_DELIVERY_REQ, false, CCS_EV_RESS_MALFUNCTION);
    world_request(w, &stop);
    world_say(w, DIN_BODY_SESSION_STOP_REQ);
    world_expect_end(w, CCS_END_CAR_ERROR, 5000);
    assert_int_equal(CCS_EV_SHIFT_POSITION, w->record.car_error);
}

/* EVRESSSOC has 7 bits on the wire. */
static void a_state_of_charge_above_100_percent_is_none(void **state)
{
    world_t *const w = *state;
    charge_t charge;
    ccs_secc_stats_t stats = {0};
    charge_init(&charge, &w->config, &stats);
    charge_begin(&charge);
    assert_int_equal(CHARGE_CAR_GOES_ON, charge_car_says(&charge, CHARGE_CAR_IN_SETUP, true, CCS_EV_NO_ERROR, 127));
    assert_int_equal(-1, charge.record.soc_begin_permille);
    (void)charge_car_says(&charge, CHARGE_CAR_IN_LOOP, true, CCS_EV_NO_ERROR, 100);
    (void)charge_car_says(&charge, CHARGE_CAR_IN_LOOP, true, CCS_EV_NO_ERROR, 101);
    assert_int_equal(1000, charge.record.soc_begin_permille);
    assert_int_equal(1000, charge.record.soc_end_permille);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(every_row_in_every_phase),
        world_test(rules_that_the_table_obeys),
        world_test(hold_ends_when_the_car_takes_it_back),
        world_test(error_under_current_ramps_and_the_car_may_end_in_order),
        world_test(the_error_that_ends_the_charge_is_on_record),
        world_test(a_state_of_charge_above_100_percent_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
