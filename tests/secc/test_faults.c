/* What the charger itself brings to an end: faults of the guard, the pilot, stops. The car sees the right code, and it ends within
 * its time whatever the car does.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/secc/world.h"

#include <stdio.h>

#define SHUTDOWN    DIN_DC_EVSE_STATUS_CODE_EVSE_SHUTDOWN
#define UTILITY     DIN_DC_EVSE_STATUS_CODE_EVSE_UTILITY_INTERRUPT_EVENT
#define EMERGENCY   DIN_DC_EVSE_STATUS_CODE_EVSE_EMERGENCY_SHUTDOWN
#define MALFUNCTION DIN_DC_EVSE_STATUS_CODE_EVSE_MALFUNCTION

static const struct {
    ccs_why_t why;
    din_dc_evse_status_code_t status;
    ccs_end_t end;
    bool at_once;
} faults[] = {
    {CCS_WHY_EMERGENCY_STOP, EMERGENCY, CCS_END_EMERGENCY, true},
    {CCS_WHY_PILOT_LOST, EMERGENCY, CCS_END_UNPLUGGED, true},
    {CCS_WHY_PILOT_FAULT, EMERGENCY, CCS_END_UNPLUGGED, true},
    {CCS_WHY_OVER_VOLTAGE, EMERGENCY, CCS_END_CHARGER_ERROR, true},
    {CCS_WHY_OVER_CURRENT, EMERGENCY, CCS_END_CHARGER_ERROR, true},
    {CCS_WHY_ISOLATION_FAULT, MALFUNCTION, CCS_END_ISOLATION, false},
    {CCS_WHY_ISOLATION_UNKNOWN, MALFUNCTION, CCS_END_ISOLATION, false},
    {CCS_WHY_IMD_FAULT, MALFUNCTION, CCS_END_ISOLATION, false},
    {CCS_WHY_STALE_SAMPLE, MALFUNCTION, CCS_END_CHARGER_ERROR, false},
    {CCS_WHY_SOURCE_SILENT, MALFUNCTION, CCS_END_CHARGER_ERROR, false},
    {CCS_WHY_SOURCE_FAULT, MALFUNCTION, CCS_END_CHARGER_ERROR, false},
    {CCS_WHY_CONTACTOR_OPEN, MALFUNCTION, CCS_END_CHARGER_ERROR, false},
    {CCS_WHY_CONTACTOR_WELDED, MALFUNCTION, CCS_END_CHARGER_ERROR, false},
    {CCS_WHY_DISCHARGE_FAILED, MALFUNCTION, CCS_END_CHARGER_ERROR, false},
    {CCS_WHY_LOCK_FAILED, MALFUNCTION, CCS_END_CHARGER_ERROR, false},
    {CCS_WHY_TEMPERATURE, SHUTDOWN, CCS_END_CHARGER_ERROR, false},
    {CCS_WHY_LATE_TICK, MALFUNCTION, CCS_END_CHARGER_ERROR, false},
    {CCS_WHY_VOLTAGE_PRESENT, MALFUNCTION, CCS_END_CHARGER_ERROR, false},
    {CCS_WHY_VOLTAGE_MISMATCH, MALFUNCTION, CCS_END_CHARGER_ERROR, false},
    {CCS_WHY_LIMIT_UNKNOWN, MALFUNCTION, CCS_END_CHARGER_ERROR, false},
    {CCS_WHY_LEASE_ENDED, SHUTDOWN, CCS_END_SEQUENCE_TIMEOUT, false},
    {CCS_WHY_METER_SILENT, MALFUNCTION, CCS_END_NO_METER, false},
    {CCS_WHY_GRID_LOST, UTILITY, CCS_END_CHARGER_ERROR, false},
};

static void expect_told(world_t *w, size_t i)
{
    world_expect(w, DIN_BODY_CURRENT_DEMAND_RES, DIN_RESPONSE_CODE_OK);
    assert_int_equal(faults[i].status, world_status(w)->evse_status_code);
    assert_int_equal(DIN_EVSE_NOTIFICATION_STOP_CHARGING, world_status(w)->evse_notification);
    assert_int_equal(CCS_PHASE_OFF, w->out.want.phase);
    assert_int_equal(faults[i].at_once, w->out.want.at_once);
}

static void each_fault_in_the_loop_shows_its_code_and_the_car_ends_in_order(void **state)
{
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        world_init(w);
        world_start(w);
        world_go(w, SESSION_WAIT_LOOP);
        w->fault = faults[i].why;
        w->verdict = faults[i].why == CCS_WHY_ISOLATION_FAULT ? CCS_ISOLATION_FAULT : CCS_ISOLATION_VALID;
        world_report(w);
        world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
        expect_told(w, i);
        const bool isolation = faults[i].why == CCS_WHY_ISOLATION_FAULT;
        assert_int_equal(isolation ? DIN_ISOLATION_LEVEL_FAULT : DIN_ISOLATION_LEVEL_VALID, world_status(w)->evse_isolation_status);
        world_say(w, DIN_BODY_POWER_DELIVERY_REQ);
        world_expect(w, DIN_BODY_POWER_DELIVERY_RES, DIN_RESPONSE_CODE_OK);
        world_say(w, DIN_BODY_WELDING_DETECTION_REQ);
        world_expect(w, DIN_BODY_WELDING_DETECTION_RES, DIN_RESPONSE_CODE_OK);
        world_say(w, DIN_BODY_SESSION_STOP_REQ);
        world_expect(w, DIN_BODY_SESSION_STOP_RES, DIN_RESPONSE_CODE_OK);
        world_expect_end(w, faults[i].end, 5000);
        assert_int_equal(faults[i].why, w->record.why);
    }
}

static void each_fault_ends_in_time_whatever_the_car_does(void **state)
{
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        world_init(w);
        world_start(w);
        world_go(w, SESSION_WAIT_LOOP);
        w->fault = faults[i].why;
        world_report(w);
        const int64_t from_ms = w->now_ms;
        while (w->link_open) { /* the car goes on as if nothing had happened */
            din_v2g_message_t demand = world_message(DIN_BODY_CURRENT_DEMAND_REQ);
            world_send(w, &demand);
            assert_int_equal(CCS_PHASE_OFF, w->out.want.phase);
            world_pass(w, 100);
            assert_true(w->now_ms - from_ms < 9000);
        }
        assert_true(w->close_by_ms - from_ms <= (faults[i].end == CCS_END_UNPLUGGED ? 5000 : 8000 + 3000));
        world_expect_end(w, faults[i].end, 0);
    }
}

static void every_why_of_a_guard_that_stops_is_known(void **state)
{
    (void)state;
    for (int why = 0; why < CCS_WHYS_COUNT; why++) {
        ccs_report_t report = {.phase = CCS_PHASE_FAULT, .why = (ccs_why_t)why, .pilot = CCS_PILOT_C};
        assert_non_null(charge_cause_of_guard(&report));
        assert_int_equal(CHARGE_NOTICE_STOP, charge_cause_of_guard(&report)->notice);
        report.phase = CCS_PHASE_RAMP;
        const bool passes = why == CCS_WHY_NONE || why == CCS_WHY_STARTING;
        assert_int_equal(passes, charge_cause_of_guard(&report) == NULL); /* a ramp of our own is no fault */
    }
    const ccs_report_t precharge = {.phase = CCS_PHASE_PRECHARGE, .why = CCS_WHY_VOLTAGE_MISMATCH, .pilot = CCS_PILOT_C};
    assert_null(charge_cause_of_guard(&precharge)); /* something is still missing: no fault */
}

/* S2 opens under current: the car's own emergency stop. It is still there, and may end in order. */
static void state_b_under_current_is_the_cars_doing(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    w->pilot = CCS_PILOT_B;
    w->fault = CCS_WHY_PILOT_LOST;
    world_report(w);
    assert_true(w->out.want.at_once);
    world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
    assert_int_equal(EMERGENCY, world_status(w)->evse_status_code);
    world_say(w, DIN_BODY_POWER_DELIVERY_REQ);
    world_say(w, DIN_BODY_SESSION_STOP_REQ);
    world_expect(w, DIN_BODY_SESSION_STOP_RES, DIN_RESPONSE_CODE_OK);
    world_expect_end(w, CCS_END_CAR_ERROR, 5000);
}

/* Power is off, the car's contactor is slow: its voltage is no fault of ours. */
static void voltage_of_the_car_after_power_off_does_not_end_a_session(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_POWER_OFF);
    w->fault = CCS_WHY_VOLTAGE_PRESENT;
    world_pass(w, 300);
    world_say(w, DIN_BODY_WELDING_DETECTION_REQ);
    world_expect(w, DIN_BODY_WELDING_DETECTION_RES, DIN_RESPONSE_CODE_OK);
    world_say(w, DIN_BODY_SESSION_STOP_REQ);
    world_expect_end(w, CCS_END_COMPLETED, 5000);
    assert_int_equal(CCS_WHY_VOLTAGE_PRESENT, w->record.why);
}

static void fault_in_every_wait_ends_in_time(void **state)
{
    world_t *const w = *state;
    static const session_wait_t waits[] = {SESSION_WAIT_SESSION_SETUP, SESSION_WAIT_SERVICE_DISCOVERY, SESSION_WAIT_PAYMENT,
                                           SESSION_WAIT_AUTHORIZATION, SESSION_WAIT_CHARGE_PARAMETERS, SESSION_WAIT_CABLE_CHECK,
                                           SESSION_WAIT_PRECHARGE,     SESSION_WAIT_POWER_ON,          SESSION_WAIT_FIRST_DEMAND,
                                           SESSION_WAIT_LOOP,          SESSION_WAIT_POWER_OFF};
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        world_init(w);
        world_start(w);
        world_go(w, waits[i]);
        w->fault = CCS_WHY_EMERGENCY_STOP;
        world_report(w);
        assert_int_equal(CCS_PHASE_OFF, w->out.want.phase);
        assert_true(w->out.want.at_once);
        world_expect_end(w, CCS_END_EMERGENCY, 8000);
    }
}

/* A contactor request that waits is answered at once when a fault comes. */
static void fault_answers_a_parked_request(void **state)
{
    world_t *const w = *state;
    w->contactor_ms = 1000;
    world_start(w);
    world_go(w, SESSION_WAIT_POWER_ON);
    din_v2g_message_t start = world_message(DIN_BODY_POWER_DELIVERY_REQ);
    start.body.power_delivery_req.ready_to_charge_state = true;
    world_send(w, &start);
    assert_null(w->res);
    w->fault = CCS_WHY_CONTACTOR_OPEN;
    world_report(w);
    world_expect(w, DIN_BODY_POWER_DELIVERY_RES, DIN_RESPONSE_CODE_FAILED_POWER_DELIVERY_NOT_APPLIED);
    assert_int_equal(MALFUNCTION, world_status(w)->evse_status_code);
    world_expect_end(w, CCS_END_CHARGER_ERROR, 5000);
}

/* --- the plug --------------------------------------------------------------------------------------------------------------------
 */

/* #42 the session does not go on over the air. */
static void pulled_plug_ends_everything_at_once_in_every_wait(void **state)
{
    world_t *const w = *state;
    for (session_wait_t wait = SESSION_WAIT_SESSION_SETUP; wait < SESSION_WAIT_OVER; wait++) {
        const bool other = wait == SESSION_WAIT_AUTHORIZATION_SETUP || wait == SESSION_WAIT_SERVICE_DETAIL ||
                           wait == SESSION_WAIT_SERVICE_SELECTION || wait == SESSION_WAIT_PAYMENT_DETAILS ||
                           wait == SESSION_WAIT_SCHEDULE || wait == SESSION_WAIT_RECEIPT;
        if (other) {
            continue;
        }
        world_init(w);
        world_start(w);
        world_go(w, wait);
        world_unplug(w);
        assert_false(w->link_open);
        assert_int_equal(w->now_ms, w->close_by_ms);
        assert_int_equal(CCS_PHASE_OFF, w->out.want.phase);
        assert_true(w->out.want.phase == CCS_PHASE_OFF);
        world_expect_end(w, CCS_END_UNPLUGGED, 0);
        assert_false(w->out.want.lock);
    }
}

static void pulled_plug_cancels_what_was_asked(void **state)
{
    world_t *const w = *state;
    w->authorization = -1;
    world_start(w);
    world_go(w, SESSION_WAIT_AUTHORIZATION);
    world_say(w, DIN_BODY_CONTRACT_AUTHENTICATION_REQ);
    world_unplug(w);
    assert_int_equal(1, w->cancels);
    world_authorize(w, CCS_GRANTED);
    assert_int_equal(1, world_stats(w)->answers_dead);
}

static void pulled_plug_while_an_answer_waits(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    din_v2g_message_t stop = world_message(DIN_BODY_POWER_DELIVERY_REQ);
    world_send(w, &stop);
    world_unplug(w);
    world_expect_end(w, CCS_END_UNPLUGGED, 0);
}

static void shorted_pilot_closes_tcp_within_5_s(void **state)
{
    static const ccs_pilot_state_t pilots[] = {CCS_PILOT_E, CCS_PILOT_F};
    world_t *const w = *state;
    for (size_t i = 0; i < 2; i++) {
        world_init(w);
        world_start(w);
        world_go(w, SESSION_WAIT_LOOP);
        w->pilot = pilots[i];
        world_report(w);
        const int64_t from_ms = w->now_ms;
        assert_true(w->out.want.at_once);
        world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
        assert_int_equal(EMERGENCY, world_status(w)->evse_status_code);
        world_expect_end(w, CCS_END_UNPLUGGED, 5000);
        assert_true(w->close_by_ms <= from_ms + 5000);
    }
}

/* --- stops
 * ------------------------------------------------------------------------------------------------------------------------- */

static const struct {
    ccs_stop_t stop;
    din_dc_evse_status_code_t status;
    ccs_end_t end;
    ccs_phase_t phase;
    int64_t within_ms;
} stops[] = {
    {CCS_STOP_USER, SHUTDOWN, CCS_END_STOPPED_USER, CCS_PHASE_RAMP, 20000},
    {CCS_STOP_SERVICE, SHUTDOWN, CCS_END_STOPPED_SERVICE, CCS_PHASE_RAMP, 20000},
    {CCS_STOP_EMERGENCY, EMERGENCY, CCS_END_EMERGENCY, CCS_PHASE_OFF, 8000},
};

static void stop_is_told_in_the_next_answer_and_ramps_at_once(void **state)
{
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        world_init(w);
        world_start(w);
        world_go(w, SESSION_WAIT_LOOP);
        world_stop(w, stops[i].stop);
        assert_int_equal(stops[i].phase, w->out.want.phase);
        assert_int_equal(stops[i].stop == CCS_STOP_EMERGENCY, w->out.want.at_once);
        world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
        assert_int_equal(stops[i].status, world_status(w)->evse_status_code);
        assert_int_equal(DIN_EVSE_NOTIFICATION_STOP_CHARGING, world_status(w)->evse_notification);
        assert_int_equal(0, world_status(w)->notification_max_delay);
        world_say(w, DIN_BODY_POWER_DELIVERY_REQ);
        world_say(w, DIN_BODY_SESSION_STOP_REQ);
        world_expect(w, DIN_BODY_SESSION_STOP_RES, DIN_RESPONSE_CODE_OK);
        world_expect_end(w, stops[i].end, 5000);
    }
}

static void car_that_ignores_a_stop_is_ended(void **state)
{
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        world_init(w);
        world_start(w);
        world_go(w, SESSION_WAIT_LOOP);
        world_stop(w, stops[i].stop);
        const int64_t from_ms = w->now_ms;
        while (w->link_open && w->now_ms < from_ms + 30000) {
            din_v2g_message_t demand = world_message(DIN_BODY_CURRENT_DEMAND_REQ);
            world_send(w, &demand);
            assert_int_equal(stops[i].phase, w->out.want.phase);
            assert_int_equal(0, w->out.want.target_mA);
            world_pass(w, 200);
        }
        assert_int_equal(from_ms + stops[i].within_ms, w->closed_ms);
        world_expect_end(w, stops[i].end, 0);
    }
}

static void stop_before_power_ends_too(void **state)
{
    static const session_wait_t waits[] = {SESSION_WAIT_SERVICE_DISCOVERY, SESSION_WAIT_AUTHORIZATION, SESSION_WAIT_CABLE_CHECK,
                                           SESSION_WAIT_PRECHARGE, SESSION_WAIT_POWER_ON};
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        world_init(w);
        world_start(w);
        world_go(w, waits[i]);
        world_stop(w, CCS_STOP_USER);
        assert_int_equal(CCS_PHASE_OFF, w->out.want.phase);
        world_expect_end(w, CCS_END_STOPPED_USER, 20000);
    }
}

/* The answers before power: OK, with what the car shall do; but power is not granted any more. docs/STATES.md says so. */
static void stop_before_power_is_told_with_ok_but_power_is_not_granted(void **state)
{
    static const struct {
        session_wait_t wait;
        uint8_t request;
        din_response_code_t code;
    } rows[] = {
        {SESSION_WAIT_CABLE_CHECK, DIN_BODY_CABLE_CHECK_REQ, DIN_RESPONSE_CODE_OK},
        {SESSION_WAIT_PRECHARGE, DIN_BODY_PRE_CHARGE_REQ, DIN_RESPONSE_CODE_OK},
        {SESSION_WAIT_POWER_ON, DIN_BODY_PRE_CHARGE_REQ, DIN_RESPONSE_CODE_OK},
        {SESSION_WAIT_POWER_ON, DIN_BODY_POWER_DELIVERY_REQ, DIN_RESPONSE_CODE_FAILED_POWER_DELIVERY_NOT_APPLIED},
    };
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_init(w);
        world_start(w);
        world_go(w, rows[i].wait);
        world_stop(w, CCS_STOP_USER);
        din_v2g_message_t message = world_message(rows[i].request);
        if (rows[i].request == DIN_BODY_POWER_DELIVERY_REQ) {
            message.body.power_delivery_req.ready_to_charge_state = true;
        }
        world_request(w, &message);
        world_expect(w, (uint8_t)(rows[i].request + 1), rows[i].code);
        assert_int_equal(SHUTDOWN, world_status(w)->evse_status_code);
        assert_int_equal(DIN_EVSE_NOTIFICATION_STOP_CHARGING, world_status(w)->evse_notification);
        world_expect_end(w, CCS_END_STOPPED_USER, 20000);
    }
}

static void emergency_after_a_user_stop_is_more_urgent(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    world_stop(w, CCS_STOP_USER);
    world_pass(w, 100);
    world_stop(w, CCS_STOP_EMERGENCY);
    assert_true(w->out.want.at_once);
    world_stop(w, CCS_STOP_USER); /* and stays so */
    assert_true(w->out.want.at_once);
    world_expect_end(w, CCS_END_EMERGENCY, 8000);
}

static void silent_guard_does_not_hold_up_the_record(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    w->silent = true;
    world_say(w, DIN_BODY_POWER_DELIVERY_REQ);
    world_say(w, DIN_BODY_SESSION_STOP_REQ);
    world_expect_end(w, CCS_END_COMPLETED, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(each_fault_in_the_loop_shows_its_code_and_the_car_ends_in_order),
        world_test(each_fault_ends_in_time_whatever_the_car_does),
        world_test(every_why_of_a_guard_that_stops_is_known),
        world_test(state_b_under_current_is_the_cars_doing),
        world_test(voltage_of_the_car_after_power_off_does_not_end_a_session),
        world_test(fault_in_every_wait_ends_in_time),
        world_test(fault_answers_a_parked_request),
        world_test(pulled_plug_ends_everything_at_once_in_every_wait),
        world_test(pulled_plug_cancels_what_was_asked),
        world_test(pulled_plug_while_an_answer_waits),
        world_test(shorted_pilot_closes_tcp_within_5_s),
        world_test(stop_is_told_in_the_next_answer_and_ramps_at_once),
        world_test(car_that_ignores_a_stop_is_ended),
        world_test(stop_before_power_ends_too),
        world_test(stop_before_power_is_told_with_ok_but_power_is_not_granted),
        world_test(emergency_after_a_user_stop_is_more_urgent),
        world_test(silent_guard_does_not_hold_up_the_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
