/* A firmware that has the plan's eight functions, unchanged, behind the adapter: it charges, and each function that fails stops it.
 *
 * The board is the simulated plant; the eight are written here as a firmware would have them, with float and without context.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ports/common/plan/plan.h"
#include "sim/world.h"
#include <math.h>
#include <string.h>

/* ---- the firmware */

static sim_world_t world; /* its plant is the board; its guard runs over the adapter */
static ccs_drive_t wires; /* what the firmware's outputs are at */
static struct broken {
    bool pilot, dc, targets, main, not_a_number, weld, mute_meter;
} broken;
static unsigned closes; /* how often the main contactor was told to close */

static const ccs_sample_t *look(void)
{
    static ccs_sample_t sample;
    const ccs_hal_t hal = sim_plant_hal(&world.plant);
    hal.sample(hal.ctx, world.now_ms, &sample);
    return &sample;
}

static void wire(void)
{
    const ccs_hal_t hal = sim_plant_hal(&world.plant);
    wires.valid_until_ms = INT64_MAX; /* this board has no watchdog of its own: plan_watch() is its */
    wires.trip_mV = 0;
    hal.apply(hal.ctx, world.now_ms, &wires);
}

bool cp_get_state(evse_state_t *out)
{
    const int32_t mV = look()->pilot_high_mV.value;
    *out = mV > 10500 ? EVSE_STATE_A : mV > 7500 ? EVSE_STATE_B : mV > 4500 ? EVSE_STATE_C : EVSE_STATE_E;
    return !broken.pilot;
}

bool iso_monitor_ok(void)
{
    return look()->isolation_ohm.value >= 100000;
}

bool contactor_precharge(bool on)
{
    wires.precharge_close = on;
    wire();
    return true;
}

bool contactor_main(bool on)
{
    closes += on;
    wires.main_close = on && !broken.main;
    wire();
    return !broken.main || !on;
}

bool measure_dc(float *volts, float *amps)
{
    *volts = broken.not_a_number ? NAN : (float)look()->output_mV.value / 1000.0F;
    *amps = (float)look()->output_mA.value / 1000.0F;
    return !broken.dc;
}

bool set_dc_targets(float v, float i)
{
    if (broken.targets) {
        return false;
    }
    wires.output_mV = (int32_t)lroundf(v * 1000.0F);
    wires.output_mA = (int32_t)lroundf(i * 1000.0F);
    wires.enable = v > 0;
    wires.discharge = !wires.enable; /* this power stage bleeds whenever it is off */
    wire();
    return true;
}

bool weld_detection_ok(void)
{
    return !broken.weld;
}

bool meter_read(float *energy_kwh)
{
    *energy_kwh = (float)look()->meter.energy_Wh / 1000.0F;
    return !broken.mute_meter;
}

static bool cp_out(ccs_pilot_drive_t out)
{
    wires.pilot = out;
    wire();
    return true;
}

static bool iso_start(bool on)
{
    wires.test_isolation = on;
    wire();
    return true;
}

static bool feedback(bool *precharge, bool *main)
{
    *precharge = look()->precharge_closed.value != 0;
    *main = look()->main_closed.value != 0;
    return true;
}

static bool lock_close(bool on)
{
    wires.lock = on;
    wire();
    return true;
}

static bool lock_is_closed(bool *closed)
{
    *closed = look()->locked.value != 0;
    return true;
}

static bool pp(float *ohm)
{
    *ohm = world.plant.plugged ? 1500.0F : INFINITY;
    return true;
}

static bool inputs(uint32_t *bits)
{
    *bits = world.plant.fault[SIM_EMERGENCY_STOP] ? CCS_ALARM_EMERGENCY_STOP : 0;
    return true;
}

static bool temperature(float *celsius)
{
    *celsius = 25.0F;
    return true;
}

/* ---- guard over adapter over board */

static plan_t plan;
static ccs_hal_t hal;

static const plan_functions_t bare = {PLAN_EIGHT, .cp_out = cp_out, .iso_monitor_start = iso_start};
static const plan_functions_t whole = {PLAN_EIGHT,
                                       .cp_out = cp_out,
                                       .iso_monitor_start = iso_start,
                                       .contactor_feedback = feedback,
                                       .lock_close = lock_close,
                                       .lock_is_closed = lock_is_closed,
                                       .pp_get_ohm = pp,
                                       .alarms = inputs,
                                       .temperature = temperature};

static void begin(const plan_functions_t *functions, ccs_topology_t topology)
{
    ccs_guard_config_t config;
    ccs_guard_defaults(&config);
    config.topology = topology;
    memset(&broken, 0, sizeof broken);
    memset(&wires, 0, sizeof wires);
    closes = 0;
    assert_null(plan_init(&plan, functions, &config));
    assert_int_equal(sim_world_init(&world, &config, NULL), CCS_OK);
    hal = plan_hal(&plan);
    sim_plant_plug(&world.plant);
    const ccs_ev_want_t ready = {.pilot = CCS_PILOT_C, .lock = true};
    sim_plant_car_want(&world.plant, &ready);
}

static void tick(void)
{
    world.now_ms += SIM_TICK_MS;
    world.want.lease_until_ms = world.now_ms + 1000;
    hal.sample(hal.ctx, world.now_ms, &world.sample);
    ccs_guard_step(&world.guard, world.now_ms, &world.sample, &world.want, &world.drive, &world.report);
    hal.apply(hal.ctx, world.now_ms, &world.drive);
    (void)plan_watch(&plan, world.now_ms);
}

static void run(int64_t ms)
{
    for (int64_t i = 0; i < ms; i += SIM_TICK_MS) {
        tick();
    }
}

static bool until(ccs_phase_t phase, int64_t ms)
{
    world.want = sim_world_want(&world, phase);
    for (int64_t i = 0; i < ms && !(world.report.phase == phase && world.report.settled); i += SIM_TICK_MS) {
        tick();
    }
    return world.report.phase == phase && world.report.settled;
}

static void charge(const plan_functions_t *functions, ccs_topology_t topology)
{
    begin(functions, topology);
    assert_true(until(CCS_PHASE_TEST, 36000));
    assert_true(until(CCS_PHASE_PRECHARGE, 7000));
    const ccs_ev_want_t closed = {.pilot = CCS_PILOT_C, .lock = true, .close = true};
    sim_plant_car_want(&world.plant, &closed);
    run(100);
    assert_true(until(CCS_PHASE_LIVE, 1500));
    world.want.target_mA = 60000;
    run(3100);
    assert_int_equal(world.plant.battery_mA, 60000);
}

static void expect_stop(ccs_why_t why, int64_t within_ms)
{
    for (int64_t i = 0; i < within_ms && world.report.why != why; i += SIM_TICK_MS) {
        tick();
    }
    assert_string_equal(ccs_why_name(world.report.why), ccs_why_name(why));
    run(4000);
    assert_false(world.plant.main.closed);
    assert_int_equal(world.report.phase, CCS_PHASE_FAULT);
}

/* ---- stories */

static void the_plans_eight_functions_alone_charge_a_car(void **state)
{
    (void)state;
    for (ccs_topology_t topology = CCS_TOPOLOGY_OUTPUT_CONTACTOR; topology <= CCS_TOPOLOGY_DIRECT; topology++) {
        charge(&bare, topology);
        world.want = sim_world_want(&world, CCS_PHASE_OFF);
        run(3000);
        assert_false(world.plant.main.closed);
        assert_false(wires.enable);
    }
}

static void a_board_with_everything_charges_a_car(void **state)
{
    (void)state;
    for (ccs_topology_t topology = CCS_TOPOLOGY_OUTPUT_CONTACTOR; topology <= CCS_TOPOLOGY_DIRECT; topology++) {
        charge(&whole, topology);
        assert_int_equal(world.report.sample.proximity_ohm.value, 1500);
        assert_int_equal(world.report.sample.temperature_dC.value, 250);
        assert_true(world.report.locked);
        assert_true(world.report.sample.meter.energy_Wh >= 1000);
    }
}

static void what_is_not_fitted_is_told_to_the_guard(void **state)
{
    (void)state;
    ccs_guard_config_t config;
    ccs_guard_defaults(&config);
    assert_null(plan_init(&plan, &bare, &config));
    assert_int_equal(config.lacks, CCS_LACK_LOCK | CCS_LACK_FEEDBACK | CCS_LACK_TEMPERATURE | CCS_LACK_PILOT_LOW);
    assert_null(plan_init(&plan, &whole, &config));
    assert_int_equal(config.lacks, CCS_LACK_PILOT_LOW);
}

static void half_a_board_is_refused(void **state)
{
    (void)state;
    ccs_guard_config_t config;
    ccs_guard_defaults(&config);
    plan_functions_t functions = whole;
    functions.lock_is_closed = NOT_FITTED;
    assert_non_null(plan_init(&plan, &functions, &config));
    functions = whole;
    functions.measure_dc = NULL;
    assert_non_null(plan_init(&plan, &functions, &config));
}

static void a_function_that_has_no_answer_makes_its_reading_stale(void **state)
{
    (void)state;
    bool *const flags[] = {&broken.pilot, &broken.dc, &broken.not_a_number};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        charge(&whole, CCS_TOPOLOGY_OUTPUT_CONTACTOR);
        *flags[i] = true;
        expect_stop(CCS_WHY_STALE_SAMPLE, 150);
    }
}

static void targets_that_nobody_takes_are_a_silent_source(void **state)
{
    (void)state;
    charge(&whole, CCS_TOPOLOGY_OUTPUT_CONTACTOR);
    broken.targets = true;
    expect_stop(CCS_WHY_SOURCE_SILENT, 1050);
}

static void bad_insulation_ends_the_cable_check(void **state)
{
    (void)state;
    begin(&whole, CCS_TOPOLOGY_OUTPUT_CONTACTOR);
    world.plant.fault[SIM_ISOLATION_LOW] = true;
    world.want = sim_world_want(&world, CCS_PHASE_TEST);
    expect_stop(CCS_WHY_ISOLATION_FAULT, 10000);
}

static void a_contactor_that_does_not_obey_is_told_again_and_is_a_fault(void **state)
{
    (void)state;
    begin(&whole, CCS_TOPOLOGY_OUTPUT_CONTACTOR);
    broken.main = true;
    world.want = sim_world_want(&world, CCS_PHASE_TEST);
    expect_stop(CCS_WHY_CONTACTOR_OPEN, 1500);
    assert_true(closes > 5);
}

static void the_boards_own_weld_test_latches(void **state)
{
    (void)state;
    charge(&whole, CCS_TOPOLOGY_OUTPUT_CONTACTOR);
    broken.weld = true;
    run(2000);
    assert_int_equal(world.report.phase, CCS_PHASE_LIVE); /* asked only while everything shall be open */
    world.want = sim_world_want(&world, CCS_PHASE_OFF);
    run(3000);
    assert_true(world.report.latched);
    assert_int_equal(world.report.why, CCS_WHY_CONTACTOR_WELDED);
}

static void the_red_button_reaches_the_guard(void **state)
{
    (void)state;
    charge(&whole, CCS_TOPOLOGY_OUTPUT_CONTACTOR);
    world.plant.fault[SIM_EMERGENCY_STOP] = true;
    expect_stop(CCS_WHY_EMERGENCY_STOP, 20);
}

/* The eight know no end of validity: a timer does. */
static void without_a_guard_the_watch_opens_and_switches_off(void **state)
{
    (void)state;
    charge(&whole, CCS_TOPOLOGY_OUTPUT_CONTACTOR);
    const int64_t until_ms = world.drive.valid_until_ms;
    while (!plan_watch(&plan, world.now_ms)) {
        world.now_ms += SIM_TICK_MS;
        assert_true(world.now_ms <= until_ms + SIM_TICK_MS);
    }
    assert_false(wires.main_close || wires.enable);
    assert_int_equal(wires.pilot, CCS_PILOT_STEADY);
    assert_false(plan_watch(&plan, world.now_ms + 10000)); /* once */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plans_eight_functions_alone_charge_a_car),
        cmocka_unit_test(a_board_with_everything_charges_a_car),
        cmocka_unit_test(what_is_not_fitted_is_told_to_the_guard),
        cmocka_unit_test(half_a_board_is_refused),
        cmocka_unit_test(a_function_that_has_no_answer_makes_its_reading_stale),
        cmocka_unit_test(targets_that_nobody_takes_are_a_silent_source),
        cmocka_unit_test(bad_insulation_ends_the_cable_check),
        cmocka_unit_test(a_contactor_that_does_not_obey_is_told_again_and_is_a_fault),
        cmocka_unit_test(the_boards_own_weld_test_latches),
        cmocka_unit_test(the_red_button_reaches_the_guard),
        cmocka_unit_test(without_a_guard_the_watch_opens_and_switches_off),
    };
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
