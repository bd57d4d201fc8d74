/* Limits of the site that change at any moment of a charge, down to nothing and up again: the next answer shows them, the set point
 * obeys within 100 ms, by ramp, and nothing trips. When they are lifted the charge goes on to its end.
 * SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "run.h"

#include <stdio.h>

static run_t run;
static char what[128];

static const ccs_limits_t wide = {.mV_max = 1000000, .charge_mA_max = 200000, .power_W_max = 150000};

static const struct cut {
    const char *name;
    ccs_limits_t limits;
} cuts[] = {
    {"100 A", {.mV_max = 1000000, .charge_mA_max = 100000, .power_W_max = 150000}},
    {"3 A", {.mV_max = 1000000, .charge_mA_max = 3000, .power_W_max = 150000}},
    {"1 mA", {.mV_max = 1000000, .charge_mA_max = 1, .power_W_max = 150000}},
    {"0 A", {.mV_max = 1000000, .charge_mA_max = 0, .power_W_max = 150000}},
    {"10 kW", {.mV_max = 1000000, .charge_mA_max = 200000, .power_W_max = 10000}},
    {"1 W", {.mV_max = 1000000, .charge_mA_max = 200000, .power_W_max = 1}},
    {"0 W", {.mV_max = 1000000, .charge_mA_max = 200000, .power_W_max = 0}},
    {"nothing", {.mV_max = 1000000, .charge_mA_max = 0, .power_W_max = 0}},
    {"less than nothing", {.mV_max = 1000000, .charge_mA_max = -1, .power_W_max = -1}},
    {"below the pack", {.mV_max = 300000, .charge_mA_max = 200000, .power_W_max = 150000}},
    {"0 V", {.mV_max = 0, .charge_mA_max = 200000, .power_W_max = 150000}},
};
enum { CUTS = sizeof cuts / sizeof cuts[0], BELOW_THE_PACK = 9, WIRINGS = 6, HOLD_MS = 3000 };

static void name_case(const struct cut *cut, const char *where, int wiring)
{
    (void)snprintf(what, sizeof what, "%s at %s, wiring %d", cut->name, where, wiring);
    run.what = what;
}

static void begin(int wiring)
{
    sim_session_config_t config;
    run_defaults(&config);
    config.ev.duration_stop_ms = 0;
    config.guard.topology = (ccs_topology_t)(wiring % 3);
    config.guard.meter_place = (ccs_meter_place_t)(wiring / 3);
    run_start(&run, &config);
}

static int64_t positive(int64_t value)
{
    return value > 0 ? value : 0;
}

/* What the set point may be under these limits. */
static int64_t most_mA(const ccs_limits_t *limits)
{
    const sim_world_t *const world = &run.session.world;
    const int64_t mV = world->report.sample.output_mV.value;
    const int64_t by_power_mA = mV > 0 ? positive(limits->power_W_max) * 1000000 / mV : INT64_MAX;
    const int64_t by_current_mA = positive(limits->charge_mA_max);
    return by_power_mA < by_current_mA ? by_power_mA : by_current_mA;
}

static void expect_no_fault(void)
{
    const ccs_report_t *const report = &run.session.world.report;
    if (report->phase == CCS_PHASE_FAULT || report->latched) {
        fail_msg("%s: guard %s why %s", run.what, ccs_phase_name(report->phase), ccs_why_name(report->why));
    }
}

/* In every step after the first 100 ms: at or below the limit, or on the way there at 100 A/s. */
static void expect_obedience(const ccs_limits_t *limits)
{
    enum { GRACE_MS = 100, DOWN_MA_MS = 100 };
    const sim_world_t *const world = &run.session.world;
    const int64_t begin_ms = run.session.now_ms;
    const int64_t from_mA = world->drive.output_mA;
    for (int64_t ms = 0; ms < HOLD_MS; ms = run.session.now_ms - begin_ms) {
        run_ms(&run, 10);
        expect_no_fault();
        const int64_t by_ramp_mA = from_mA - positive(ms - GRACE_MS) * DOWN_MA_MS;
        const int64_t lawful_mA = by_ramp_mA > most_mA(limits) ? by_ramp_mA : most_mA(limits);
        if (world->report.phase == CCS_PHASE_LIVE && world->report.settled && world->drive.output_mA > lawful_mA + 2) {
            fail_msg("%s: %d mA set after %lld ms, lawful are %lld", run.what, world->drive.output_mA, (long long)ms,
                     (long long)lawful_mA);
        }
        if (world->report.phase == CCS_PHASE_LIVE && limits->mV_max < 1000000 && ms > GRACE_MS) {
            assert_true(world->drive.output_mV <= limits->mV_max);
        }
    }
}

static void expect_full_current_again(void)
{
    sim_session_limits(&run.session, &wide);
    run_ms(&run, 12000);
    if (run.session.world.plant.battery_mA < 150000) {
        fail_msg("%s: only %d mA after the limits were lifted", run.what, run.session.world.plant.battery_mA);
    }
}

/* 20 A more in each second, whatever is asked for. */
static void expect_rise_by_ramp(void)
{
    enum { RISE_MS = 2000, UP_MA_MS = 20, SLACK_MA = 1000 };
    const int64_t begin_ms = run.session.now_ms;
    for (int64_t ms = 0; ms < RISE_MS; ms = run.session.now_ms - begin_ms) {
        run_ms(&run, 10);
        const int32_t mA = run.session.world.plant.battery_mA;
        if (mA > ms * UP_MA_MS + SLACK_MA) {
            fail_msg("%s: %d mA after %lld ms", run.what, mA, (long long)ms);
        }
    }
    assert_true(run.session.world.plant.battery_mA > RISE_MS * UP_MA_MS / 2);
}

static void expect_orderly_end(void)
{
    sim_session_car_stop(&run.session, CCS_STOP_USER);
    run_expect_over(&run, 1);
    if (run_result(&run) != CCS_EV_CHARGED || run.session.record.end != CCS_END_COMPLETED) {
        fail_msg("%s: ended %s, %s", run.what, ccs_ev_result_name(run_result(&run)), ccs_end_name(run.session.record.end));
    }
}

static void a_limit_below_the_present_current_ramps_and_never_trips(void **state)
{
    (void)state;
    for (int wiring = 0; wiring < WIRINGS; wiring++) {
        for (size_t i = 0; i < CUTS; i++) {
            name_case(&cuts[i], "180 A", wiring);
            begin(wiring);
            run_to(&run, &run_points[RUN_LOOP]);
            run_ms(&run, 10000);
            assert_in_range(run.session.world.plant.battery_mA, 170000, 200000);
            sim_session_limits(&run.session, &cuts[i].limits);
            expect_obedience(&cuts[i].limits);
            expect_full_current_again();
            expect_orderly_end();
        }
    }
}

/* A site may take the voltage as well: the current is gone with it, and comes back by the ramp, not in one step. */
static void a_limit_on_voltage_gives_the_current_back_by_ramp(void **state)
{
    (void)state;
    const struct cut *const cut = &cuts[BELOW_THE_PACK];
    for (int wiring = 0; wiring < WIRINGS; wiring++) {
        name_case(cut, "180 A, then lifted", wiring);
        begin(wiring);
        run_to(&run, &run_points[RUN_LOOP]);
        run_ms(&run, 10000);
        sim_session_limits(&run.session, &cut->limits);
        expect_obedience(&cut->limits);
        assert_int_equal(run.session.world.plant.battery_mA, 0);
        sim_session_limits(&run.session, &wide);
        expect_rise_by_ramp();
        expect_orderly_end();
    }
}

/* Limits on voltage are told in ChargeParameterDiscovery, and a car whose battery is above them leaves: not a matter of the guard.
 */
static bool is_about_voltage(const struct cut *cut)
{
    return cut->limits.mV_max < 1000000;
}

static void limits_at_any_moment_of_a_charge(void **state)
{
    (void)state;
    for (size_t point = 0; point < RUN_POINTS; point++) {
        for (size_t i = 0; i < CUTS; i++) {
            if (is_about_voltage(&cuts[i])) {
                continue;
            }
            name_case(&cuts[i], run_points[point].name, 0);
            begin(0);
            if (run_points[point].after_loop || point > RUN_LOOP) {
                run_to(&run, &run_points[RUN_LOOP]);
                run_ms(&run, 1000);
                sim_session_car_stop(&run.session, CCS_STOP_USER);
            }
            run_to(&run, &run_points[point]);
            run_ms(&run, 1);
            sim_session_limits(&run.session, &cuts[i].limits);
            expect_obedience(&cuts[i].limits);
            if (point <= RUN_LOOP) {
                expect_full_current_again();
            }
            expect_orderly_end();
        }
    }
}

/* A storm of limits: every 50 ms others. */
static void limits_that_change_all_the_time_trip_nothing(void **state)
{
    (void)state;
    for (int wiring = 0; wiring < WIRINGS; wiring++) {
        name_case(&cuts[0], "a storm", wiring);
        begin(wiring);
        run_to(&run, &run_points[RUN_LOOP]);
        for (size_t turn = 0; turn < 600; turn++) {
            sim_session_limits(&run.session, turn % 3 == 0 ? &wide : &cuts[turn * 7 % CUTS].limits);
            run_ms(&run, 50);
            expect_no_fault();
        }
        expect_full_current_again();
        expect_orderly_end();
    }
}

/* Connector and cable at 92.5 degrees: 15 % of 500 A. The car is told, follows, and goes on; cool again, so does the current. */
static void warmth_is_a_live_limit_with_its_reason(void **state)
{
    (void)state;
    const sim_world_t *const world = &run.session.world;
    name_case(&cuts[0], "warmth", 0);
    begin(0);
    run_to(&run, &run_points[RUN_LOOP]);
    run_ms(&run, 10000);
    run.session.world.plant.temperature_dC = 925;
    run_ms(&run, 2000);
    assert_int_equal(world->report.phase, CCS_PHASE_LIVE);
    assert_in_range(world->plant.battery_mA, 74000, 75000);
    assert_true(world->report.derated);
    assert_true((world->report.limited & CCS_LIMITED_TEMPERATURE) != 0);
    assert_true(run.session.ev_out.want.target_mA <= 75000); /* the answer has told it */
    assert_non_null(strstr(story_text(&run.story), "derated  charge_mA_max=75000"));
    run.session.world.plant.temperature_dC = 400;
    run_ms(&run, 8000);
    assert_true(world->plant.battery_mA > 150000);
    assert_false(world->report.derated);
    expect_orderly_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limit_below_the_present_current_ramps_and_never_trips),
        cmocka_unit_test(a_limit_on_voltage_gives_the_current_back_by_ramp),
        cmocka_unit_test(limits_at_any_moment_of_a_charge),
        cmocka_unit_test(warmth_is_a_live_limit_with_its_reason),
        cmocka_unit_test(limits_that_change_all_the_time_trip_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
