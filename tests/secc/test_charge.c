/* A whole charge, read as a story, and what it asks of the guard on the way.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/secc/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the story -----------------------------------------------------------------------------------------------------------------
 */

static char *read_all(const char *path)
{
    static char text[WORLD_TRACE];
    FILE *const file = fopen(path, "r");
    if (!file) {
        return NULL;
    }
    const size_t length = fread(text, 1, sizeof text - 1, file);
    text[length] = 0;
    (void)fclose(file);
    return text;
}

/* CCS_WRITE=1 writes the golden file anew; what changed is then read in the commit. */
static void expect_golden(const char *path, const char *text)
{
    if (getenv("CCS_WRITE")) {
        FILE *const file = fopen(path, "w");
        assert_non_null(file);
        (void)fputs(text, file);
        (void)fclose(file);
    }
    const char *const golden = read_all(path);
    assert_non_null(golden);
    assert_string_equal(golden, text);
}

static void whole_charge_reads_like_a_story(void **state)
{
    world_t *const w = *state;
    w->test_ms = 300;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    for (int i = 0; i < 3; i++) {
        world_pass(w, 100);
        w->energy_Wh += 7;
        world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
    }
    world_say(w, DIN_BODY_POWER_DELIVERY_REQ);
    w->pilot = CCS_PILOT_B;
    world_pass(w, 50);
    world_say(w, DIN_BODY_WELDING_DETECTION_REQ);
    world_say(w, DIN_BODY_WELDING_DETECTION_REQ);
    world_say(w, DIN_BODY_SESSION_STOP_REQ);
    world_expect(w, DIN_BODY_SESSION_STOP_RES, DIN_RESPONSE_CODE_OK);
    world_expect_end(w, CCS_END_COMPLETED, 5000);
    expect_golden(CCS_SOURCE_DIR "/tests/secc/charge.golden", w->trace);
}

static void record_is_whole(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    w->energy_Wh = 1234;
    world_pass(w, 100);
    world_say(w, DIN_BODY_POWER_DELIVERY_REQ);
    world_say(w, DIN_BODY_SESSION_STOP_REQ);
    world_expect_end(w, CCS_END_COMPLETED, 5000);
    assert_int_equal(1, w->record.number);
    assert_int_equal(CCS_PROTOCOL_DIN, w->record.protocol);
    assert_int_equal(8, w->record.session_id_length);
    assert_int_equal(6, w->record.evcc_id_length);
    assert_int_equal(1000, w->record.meter_begin_Wh);
    assert_int_equal(1234, w->record.meter_end_Wh);
    assert_int_equal(400000, w->record.mV_max);
    assert_int_equal(100000, w->record.mA_max);
    assert_int_equal(420, w->record.soc_begin_permille);
    assert_int_equal(1700000000, w->record.begin_utc_s);
    assert_string_equal("SessionStopReq", w->record.last_request);
    assert_int_equal(0, memcmp(&w->record, ccs_secc_record(&w->secc), sizeof w->record));
}

/* --- the want ------------------------------------------------------------------------------------------------------------------
 */

static void phase_wanted_in_each_wait(void **state)
{
    static const struct {
        session_wait_t wait;
        ccs_phase_t phase;
        bool lock;
    } rows[] = {
        {SESSION_WAIT_SESSION_SETUP, CCS_PHASE_OFF, false}, {SESSION_WAIT_CHARGE_PARAMETERS, CCS_PHASE_OFF, false},
        {SESSION_WAIT_CABLE_CHECK, CCS_PHASE_OFF, false},   {SESSION_WAIT_PRECHARGE, CCS_PHASE_TEST, true},
        {SESSION_WAIT_POWER_ON, CCS_PHASE_PRECHARGE, true}, {SESSION_WAIT_FIRST_DEMAND, CCS_PHASE_LIVE, true},
        {SESSION_WAIT_LOOP, CCS_PHASE_LIVE, true},          {SESSION_WAIT_POWER_OFF, CCS_PHASE_OFF, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_t *const w = *state;
        world_init(w);
        world_start(w);
        world_go(w, rows[i].wait);
        assert_int_equal(rows[i].phase, w->out.want.phase);
        assert_int_equal(rows[i].lock, w->out.want.lock);
        assert_int_equal(CCS_PILOT_5_PERCENT, w->out.want.pilot);
    }
}

static void no_current_is_asked_for_before_the_first_demand(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_FIRST_DEMAND);
    assert_int_equal(0, w->out.want.target_mA);
    assert_int_equal(380000, w->out.want.target_mV);
}

static void only_accepted_requests_renew_the_lease(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
    const int64_t lease_ms = w->out.want.lease_until_ms;
    assert_int_equal(w->now_ms + 1000, lease_ms);
    world_pass(w, 500);                                                                          /* reports and time do not */
    world_bytes(w, WORLD_LINK, (const uint8_t *)"\x01\xFE\x80\x01\x00\x00\x00\x02\x80\xFF", 10); /* nor does an undecodable frame */
    assert_int_equal(lease_ms, w->out.want.lease_until_ms);
    world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
    assert_int_equal(w->now_ms + 1000, w->out.want.lease_until_ms);
}

static void target_is_held_below_every_limit(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    din_v2g_message_t demand = world_message(DIN_BODY_CURRENT_DEMAND_REQ);
    demand.body.current_demand_req.ev_target_voltage.value = 900; /* the car said 450 V at most */
    demand.body.current_demand_req.ev_target_current.value = 400; /* ... and 150 A */
    world_request(w, &demand);
    assert_int_equal(450000, w->out.want.target_mV);
    assert_int_equal(150000, w->out.want.target_mA);
    ccs_event_t event = {.type = CCS_ON_LIMITS, .limits = {.mV_max = 420000, .charge_mA_max = 50000, .power_W_max = 20000}};
    world_event(w, &event); /* the site lowers its limits: at once, without a request */
    assert_int_equal(420000, w->out.want.target_mV);
    assert_int_equal(50000, w->out.want.target_mA);
    assert_int_equal(50000, w->out.want.offer_mA_max);
    assert_int_equal(20000, w->out.want.offer_W_max);
}

static void live_limits_show_in_the_next_answer(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    ccs_event_t event = {.type = CCS_ON_LIMITS, .limits = {.mV_max = 500900, .charge_mA_max = 60900, .power_W_max = 25000}};
    world_event(w, &event);
    world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
    const din_current_demand_res_t *const res = &w->res->body.current_demand_res;
    assert_true(res->has_evse_maximum_voltage_limit && res->has_evse_maximum_current_limit &&
                res->has_evse_maximum_power_limit);               /* #18 #34 */
    assert_int_equal(500, res->evse_maximum_voltage_limit.value); /* own limits never round up */
    assert_int_equal(60, res->evse_maximum_current_limit.value);
    assert_int_equal(25000, res->evse_maximum_power_limit.value);
    assert_true(res->evse_current_limit_achieved); /* 100 A asked, 60 A there */
    assert_false(res->evse_voltage_limit_achieved);
    assert_true(res->evse_power_limit_achieved); /* 100 A at 400 V are more than 25 kW */
}

static void limits_say_why_in_trace_and_status(void **state)
{
    world_t *const w = *state;
    world_start(w);
    assert_string_equal("", ccs_secc_limits(&w->secc)->reason);
    ccs_event_t event = {.type = CCS_ON_LIMITS,
                         .limits = {.mV_max = 500000, .charge_mA_max = 60000, .power_W_max = 25000, .reason = "load management"}};
    world_event(w, &event);
    assert_non_null(strstr(w->trace, "load management"));
    assert_string_equal("load management", ccs_secc_limits(&w->secc)->reason);
    assert_int_equal(60000, ccs_secc_limits(&w->secc)->charge_mA_max);
    memset(event.limits.reason, 'x', sizeof event.limits.reason); /* not terminated: a fault of the port, cut */
    world_event(w, &event);
    assert_int_equal(CCS_REASON_SIZE - 1, strlen(ccs_secc_limits(&w->secc)->reason));
}

/* --- the meter ---------------------------------------------------------------------------------------------------------------
 */

static void silence(world_t *w)
{
    w->meter_silent_ms = w->now_ms;
}

static void meter_that_falls_silent_flags_the_record(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    const int64_t last_Wh = w->energy_Wh;
    silence(w);
    for (int i = 0; i < 60; i++) {
        world_pass(w, 100);
        world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
    }
    assert_true(ccs_secc_record(&w->secc)->meter_lost);
    world_unplug(w);
    world_expect_end(w, CCS_END_UNPLUGGED, 5000);
    assert_true(w->record.meter_lost);
    assert_int_equal(last_Wh, w->record.meter_end_Wh);
}

static void meter_that_comes_back_makes_the_record_whole(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    silence(w);
    for (int i = 0; i < 80; i++) {
        if (i == 60) {
            w->meter_silent_ms = 0;
            w->energy_Wh += 500; /* what it has counted meanwhile */
        }
        world_pass(w, 100);
        world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
    }
    assert_false(ccs_secc_record(&w->secc)->meter_lost);
    assert_int_equal(w->energy_Wh, ccs_secc_record(&w->secc)->meter_end_Wh);
}

static void meter_that_falls_silent_ends_the_charge_where_the_site_asks_for_one(void **state)
{
    world_t *const w = *state;
    w->config.meter_required = true;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    silence(w);
    for (int i = 0; i < 60 && world_status(w)->evse_notification == DIN_EVSE_NOTIFICATION_NONE; i++) {
        world_pass(w, 100);
        world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
    }
    assert_int_equal(DIN_EVSE_NOTIFICATION_STOP_CHARGING, world_status(w)->evse_notification);
    assert_int_equal(CCS_PHASE_OFF, w->out.want.phase);
    world_expect_end(w, CCS_END_NO_METER, 20000);
    assert_true(w->record.meter_lost);
}

/* Long silent before the car comes: it counts as none. */
static void meter_that_fell_silent_before_is_missing(void **state)
{
    world_t *const w = *state;
    for (int required = 0; required < 2; required++) {
        world_init(w);
        w->config.meter_required = required;
        w->meter_silent_ms = 500;
        w->now_ms = 10000;
        world_start(w);
        world_go(w, SESSION_WAIT_CABLE_CHECK);
        w->pilot = CCS_PILOT_C;
        world_report(w);
        world_say(w, DIN_BODY_CABLE_CHECK_REQ);
        assert_int_equal(required ? DIN_RESPONSE_CODE_FAILED : DIN_RESPONSE_CODE_OK, world_code(w));
        assert_int_equal(-1, ccs_secc_record(&w->secc)->meter_begin_Wh);
    }
}

static void derating_of_the_guard_shows_as_a_limit(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    w->mA_max_now = 80000;
    w->limited = CCS_LIMITED_TEMPERATURE;
    world_pass(w, 20);
    world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
    assert_int_equal(80, w->res->body.current_demand_res.evse_maximum_current_limit.value);
    assert_true(w->res->body.current_demand_res.evse_current_limit_achieved);
    assert_int_equal(80000, w->out.want.target_mA);
}

static void flags_are_honest_when_nothing_limits(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
    const din_current_demand_res_t *const res = &w->res->body.current_demand_res;
    assert_false(res->evse_current_limit_achieved || res->evse_voltage_limit_achieved || res->evse_power_limit_achieved);
}

static void loop_is_answered_in_the_same_step(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    for (int i = 0; i < 50; i++) {
        din_v2g_message_t demand = world_message(DIN_BODY_CURRENT_DEMAND_REQ);
        const int64_t asked_ms = w->now_ms;
        world_send(w, &demand);
        world_expect(w, DIN_BODY_CURRENT_DEMAND_RES, DIN_RESPONSE_CODE_OK);
        assert_int_equal(asked_ms, w->answered_ms);
        world_pass(w, 30);
    }
}

static void stale_measurement_is_told_as_malfunction(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    w->stale = true;
    world_pass(w, 20);
    world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
    assert_int_equal(DIN_DC_EVSE_STATUS_CODE_EVSE_MALFUNCTION, world_status(w)->evse_status_code);
}

static void haste_is_paced_where_a_site_wants_it(void **state)
{
    world_t *const w = *state;
    w->config.pace[0] = (ccs_pace_t){"CurrentDemandReq", 80};
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
    const int64_t first_ms = w->answered_ms;
    world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
    assert_int_equal(first_ms + 80, w->answered_ms);
    assert_int_equal(w->answered_ms + 1000, w->out.want.lease_until_ms);
}

static void second_charge_follows_when_the_car_is_plugged_in_again(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    world_say(w, DIN_BODY_POWER_DELIVERY_REQ);
    world_say(w, DIN_BODY_SESSION_STOP_REQ);
    world_expect_end(w, CCS_END_COMPLETED, 5000);
    world_unplug(w);
    world_replug(w);
    world_go(w, SESSION_WAIT_LOOP);
    world_say(w, DIN_BODY_POWER_DELIVERY_REQ);
    world_say(w, DIN_BODY_SESSION_STOP_REQ);
    world_pass(w, 5000);
    assert_int_equal(2, w->records);
    assert_int_equal(2, w->record.number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(whole_charge_reads_like_a_story),
        world_test(record_is_whole),
        world_test(phase_wanted_in_each_wait),
        world_test(no_current_is_asked_for_before_the_first_demand),
        world_test(only_accepted_requests_renew_the_lease),
        world_test(target_is_held_below_every_limit),
        world_test(live_limits_show_in_the_next_answer),
        world_test(limits_say_why_in_trace_and_status),
        world_test(meter_that_falls_silent_flags_the_record),
        world_test(meter_that_comes_back_makes_the_record_whole),
        world_test(meter_that_falls_silent_ends_the_charge_where_the_site_asks_for_one),
        world_test(meter_that_fell_silent_before_is_missing),
        world_test(derating_of_the_guard_shows_as_a_limit),
        world_test(flags_are_honest_when_nothing_limits),
        world_test(loop_is_answered_in_the_same_step),
        world_test(stale_measurement_is_told_as_malfunction),
        world_test(haste_is_paced_where_a_site_wants_it),
        world_test(second_charge_follows_when_the_car_is_plugged_in_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
