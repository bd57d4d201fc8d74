/* The guard's figures and formulas, and what it refuses to start with.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"
#include <string.h>

static ccs_guard_config_t defaults(void)
{
    ccs_guard_config_t config;
    ccs_guard_defaults(&config);
    return config;
}

static ccs_err_t init(const ccs_guard_config_t *config)
{
    ccs_guard_t guard;
    return ccs_guard_init(&guard, config, 0);
}

/* CC.4.1.2 [P] */
static void cable_check_voltage_follows_the_cars_maximum(void **state)
{
    (void)state;
    const int32_t rows[][3] = {
        /* car, own, test */
        {300000, 1000000, 350000},  {420000, 1000000, 470000}, {450000, 1000000, 500000},
        {500000, 1000000, 500000},  {500001, 1000000, 550001}, {750000, 1000000, 825000},
        {950000, 1000000, 1000000}, {400000, 420000, 420000},  {INT32_MAX, 1000000, 1000000},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(guard_test_mV(rows[i][0], rows[i][1]), rows[i][2]);
    }
}

/* 6.3.1.106.2 [P] */
static void over_voltage_trip_is_the_tables(void **state)
{
    (void)state;
    const int32_t rows[][2] = {{0, 550000},      {500000, 550000},  {500001, 825000},   {750000, 825000},
                               {850000, 935000}, {850001, 1100000}, {1000000, 1100000}, {INT32_MAX, 1100000}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(guard_trip_mV(rows[i][0]), rows[i][1]);
    }
}

/* The test voltage of a 750 V car is 825 V: the trip of its class would act on the test itself. */
static void the_trip_stands_above_the_test_voltage(void **state)
{
    (void)state;
    sim_plant_config_t plant;
    sim_plant_defaults(&plant);
    plant.battery_full_mV = 730000; /* the car's maximum is 20 V more */
    plant.battery_empty_mV = 600000;
    sim_world_t world;
    assert_int_equal(sim_world_init(&world, NULL, &plant), CCS_OK);
    assert_true(sim_world_charge(&world, 50000));
    assert_int_equal(world.drive.trip_mV, 825000);
    assert_null(world.violation);
}

static void defaults_start_and_every_figure_outside_its_range_does_not(void **state)
{
    (void)state;
    ccs_guard_config_t config = defaults();
    assert_int_equal(init(&config), CCS_OK);
    for (size_t i = 0; i < guard_settings_count; i++) {
        const int32_t wrong[] = {guard_settings[i].least - 1, guard_settings[i].most + 1};
        for (size_t side = 0; side < 2; side++) {
            config = defaults();
            memcpy((uint8_t *)&config + guard_settings[i].offset, &wrong[side], sizeof(int32_t));
            assert_int_equal(init(&config), CCS_ERR_CONFIG);
        }
        assert_in_range(guard_settings[i].value, guard_settings[i].least, guard_settings[i].most);
        assert_non_null(strchr("PRMO", guard_setting_sources[i].mark));
    }
}

static void a_derating_curve_must_fall(void **state)
{
    (void)state;
    ccs_guard_config_t config = defaults();
    config.derate[1].temperature_dC = config.derate[0].temperature_dC;
    assert_int_equal(init(&config), CCS_ERR_CONFIG);
    config = defaults();
    config.derate[2].permille = 900;
    assert_int_equal(init(&config), CCS_ERR_CONFIG);
    config = defaults();
    config.derate[3] = config.derate[2]; /* an unused point repeats the last */
    assert_int_equal(init(&config), CCS_OK);
    config.topology = (ccs_topology_t)7;
    assert_int_equal(init(&config), CCS_ERR_CONFIG);
}

static ccs_isolation_t judged(ccs_edition_t edition, int32_t ohm)
{
    ccs_guard_config_t config = defaults();
    config.edition = edition;
    sim_world_t world;
    assert_true(scene_reach(&world, &config, CCS_PHASE_TEST));
    world.plant.isolation_ohm = ohm;
    for (int i = 0; i < 1000 && world.report.isolation == CCS_ISOLATION_INVALID; i++) {
        scene_tick(&world);
    }
    assert_null(world.violation);
    return world.report.isolation;
}

/* 2014: 100 and 500 Ohm/V of our own 1000 V [M]; 2023: 100 kOhm and no warning [P]. */
static void insulation_is_judged_by_the_edition_in_force(void **state)
{
    (void)state;
    assert_int_equal(judged(CCS_EDITION_2014, 99999), CCS_ISOLATION_FAULT);
    assert_int_equal(judged(CCS_EDITION_2014, 100000), CCS_ISOLATION_WARNING);
    assert_int_equal(judged(CCS_EDITION_2014, 499999), CCS_ISOLATION_WARNING);
    assert_int_equal(judged(CCS_EDITION_2014, 500000), CCS_ISOLATION_VALID);
    assert_int_equal(judged(CCS_EDITION_2023, 99999), CCS_ISOLATION_FAULT);
    assert_int_equal(judged(CCS_EDITION_2023, 100000), CCS_ISOLATION_VALID);
}

/* The verdict is taken at the test voltage that the rule sets, and the output is dead before TEST has settled. */
static void the_verdict_is_taken_at_the_test_voltage(void **state)
{
    (void)state;
    sim_world_t world;
    assert_true(scene_reach(&world, NULL, CCS_PHASE_TEST));
    int32_t seen_mV = 0;
    while (world.report.isolation == CCS_ISOLATION_INVALID && world.now_ms < 20000) {
        seen_mV = world.plant.cable_mV;
        scene_tick(&world);
    }
    assert_in_range(seen_mV, 450000, 470000);
    assert_true(sim_world_until(&world, CCS_PHASE_TEST, 1000));
    assert_true(world.plant.cable_mV < 60000);
}

/* The self-test is ours, every session: a reading from before, and the verdict of the session before, are worth nothing. */
static void the_monitor_tests_itself_in_every_session(void **state)
{
    (void)state;
    sim_world_t world;
    assert_true(scene_reach(&world, NULL, CCS_PHASE_PRECHARGE));
    for (int session = 0; session < 3; session++) {
        const ccs_ev_want_t out = {.pilot = CCS_PILOT_B};
        const ccs_ev_want_t ready = {.pilot = CCS_PILOT_C, .lock = true};
        sim_plant_car_want(&world.plant, &out);
        world.want = sim_world_want(&world, CCS_PHASE_OFF);
        scene_run(&world, 3000);
        assert_false(world.drive.test_isolation); /* at rest */
        assert_int_equal(world.report.isolation, CCS_ISOLATION_INVALID);
        sim_plant_car_want(&world.plant, &ready);
        world.plant.fault[SIM_IMD_SELF_TEST] = session == 1;
        world.want = sim_world_want(&world, CCS_PHASE_TEST);
        scene_run(&world, 1500);
        assert_int_equal(world.report.phase, CCS_PHASE_TEST);
        assert_false(world.drive.enable); /* no test voltage before the monitor has tested itself */
        scene_run(&world, 2500);
        assert_int_equal(world.report.phase == CCS_PHASE_TEST && world.report.settled, session != 1);
        if (session == 1) {
            assert_int_equal(world.report.why, CCS_WHY_IMD_FAULT);
            scene_run(&world, 2000);
        }
    }
    assert_null(world.violation);
}

/* Whatever a car sends as EVTargetCurrent in PreCharge, and whichever voltage comes first. */
static void precharge_follows_each_target_with_2_A_at_most(void **state)
{
    (void)state;
    sim_world_t world;
    assert_true(scene_reach(&world, NULL, CCS_PHASE_PRECHARGE));
    const int32_t targets_mV[] = {200000, 358000, 410000, 300000, 358000};
    for (size_t i = 0; i < sizeof(targets_mV) / sizeof(targets_mV[0]); i++) {
        world.want.target_mV = targets_mV[i];
        world.want.target_mA = 100000;
        scene_tick(&world);
        assert_int_equal(world.drive.output_mV, targets_mV[i]);
        assert_true(world.drive.output_mA <= 2000);
        assert_false(world.report.settled);
        scene_run(&world, 1500);
        assert_true(world.report.settled);
        assert_in_range(world.plant.cable_mV, targets_mV[i] - 20000, targets_mV[i] + 20000);
    }
    assert_null(world.violation);
}

static void live_waits_for_20_V(void **state)
{
    (void)state;
    ccs_guard_config_t config = defaults();
    config.topology = CCS_TOPOLOGY_PRECHARGE_BRANCH;
    sim_world_t world;
    assert_true(scene_reach(&world, &config, CCS_PHASE_PRECHARGE));
    world.plant.source_mV = 260000; /* it will be some 320 V in the next turn: 38 V below target and car side */
    const ccs_ev_want_t closed = {.pilot = CCS_PILOT_C, .lock = true, .close = true};
    sim_plant_car_want(&world.plant, &closed);
    world.plant.car_contactors.closed = true;
    world.want = sim_world_want(&world, CCS_PHASE_LIVE);
    world.want.target_mV = 358000;
    sim_world_tick(&world);
    assert_int_equal(world.report.phase, CCS_PHASE_PRECHARGE);
    assert_int_equal(world.report.why, CCS_WHY_VOLTAGE_MISMATCH);
    assert_false(world.drive.main_close);
    world.want.target_mV = 420000; /* the loop's first request comes early */
    while (!world.plant.main.closed && world.now_ms < 20000) {
        assert_true(!world.drive.main_close || world.plant.source_mV < world.plant.cable_mV + 20000);
        scene_tick(&world);
    }
    scene_run(&world, 500);
    assert_int_equal(world.report.phase, CCS_PHASE_LIVE);
    assert_true(world.report.settled);
    assert_false(world.drive.precharge_close); /* opened once the main contactor has followed */
    assert_null(world.violation);
}

/* [V2G2-847]: B to C/D within 250 ms; back too [V2G2-848]. */
static void the_pilot_is_seen_within_250_ms(void **state)
{
    (void)state;
    sim_world_t world;
    assert_int_equal(sim_world_init(&world, NULL, NULL), CCS_OK);
    sim_plant_plug(&world.plant);
    scene_run(&world, 250);
    assert_int_equal(world.report.pilot, CCS_PILOT_B);
    const ccs_pilot_state_t states[] = {CCS_PILOT_C, CCS_PILOT_D, CCS_PILOT_B};
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        const ccs_ev_want_t want = {.pilot = states[i]};
        sim_plant_car_want(&world.plant, &want);
        scene_run(&world, 100);
        assert_int_equal(world.report.pilot, states[i]);
    }
}

/* The seed pulsed F for 180 ms: never shorter than 4 s. */
static void a_short_want_of_F_is_shown_for_4_s(void **state)
{
    (void)state;
    sim_world_t world;
    assert_int_equal(sim_world_init(&world, NULL, NULL), CCS_OK);
    sim_plant_plug(&world.plant);
    world.want = sim_world_want(&world, CCS_PHASE_OFF);
    world.want.pilot = CCS_PILOT_NEGATIVE;
    scene_run(&world, 180);
    world.want.pilot = CCS_PILOT_5_PERCENT;
    scene_run(&world, 3800);
    assert_int_equal(world.drive.pilot, CCS_PILOT_NEGATIVE);
    scene_run(&world, 40);
    assert_int_equal(world.drive.pilot, CCS_PILOT_5_PERCENT);
    assert_null(world.violation);
}

static void a_want_for_voltage_without_5_percent_or_lock_is_off(void **state)
{
    (void)state;
    for (int missing = 0; missing < 2; missing++) {
        sim_world_t world;
        assert_true(scene_reach(&world, NULL, CCS_PHASE_LIVE));
        world.want.lock = missing != 0;
        world.want.pilot = missing == 0 ? CCS_PILOT_5_PERCENT : CCS_PILOT_STEADY;
        scene_run(&world, 3000);
        assert_int_equal(world.report.phase, CCS_PHASE_OFF);
        assert_null(world.violation);
    }
}

static void an_unknown_limit_of_the_car_grants_no_voltage(void **state)
{
    (void)state;
    sim_world_t world;
    assert_true(scene_reach(&world, NULL, CCS_PHASE_OFF));
    world.want = sim_world_want(&world, CCS_PHASE_TEST);
    world.want.car_mV_max = 0;
    scene_run(&world, 2000);
    assert_int_equal(world.report.phase, CCS_PHASE_OFF);
    assert_int_equal(world.report.why, CCS_WHY_LIMIT_UNKNOWN);
}

static void boards_that_lack_something_charge_all_the_same(void **state)
{
    (void)state;
    const uint8_t lacks[] = {CCS_LACK_LOCK, CCS_LACK_FEEDBACK, CCS_LACK_TEMPERATURE, CCS_LACK_PILOT_LOW, CCS_LACK_ALARMS, 0x1f};
    for (size_t i = 0; i < sizeof(lacks); i++) {
        for (ccs_topology_t topology = CCS_TOPOLOGY_OUTPUT_CONTACTOR; topology <= CCS_TOPOLOGY_DIRECT; topology++) {
            ccs_guard_config_t config = defaults();
            config.lacks = lacks[i];
            config.topology = topology;
            sim_world_t world;
            assert_true(scene_reach(&world, &config, CCS_PHASE_LIVE));
            assert_int_equal(world.plant.cable_mA, 100000);
            assert_null(world.violation);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cable_check_voltage_follows_the_cars_maximum),
        cmocka_unit_test(over_voltage_trip_is_the_tables),
        cmocka_unit_test(the_trip_stands_above_the_test_voltage),
        cmocka_unit_test(defaults_start_and_every_figure_outside_its_range_does_not),
        cmocka_unit_test(a_derating_curve_must_fall),
        cmocka_unit_test(insulation_is_judged_by_the_edition_in_force),
        cmocka_unit_test(the_verdict_is_taken_at_the_test_voltage),
        cmocka_unit_test(the_monitor_tests_itself_in_every_session),
        cmocka_unit_test(precharge_follows_each_target_with_2_A_at_most),
        cmocka_unit_test(live_waits_for_20_V),
        cmocka_unit_test(the_pilot_is_seen_within_250_ms),
        cmocka_unit_test(a_short_want_of_F_is_shown_for_4_s),
        cmocka_unit_test(a_want_for_voltage_without_5_percent_or_lock_is_off),
        cmocka_unit_test(an_unknown_limit_of_the_car_grants_no_voltage),
        cmocka_unit_test(boards_that_lack_something_charge_all_the_same),
    };
    return cmocka_run_group_tests_name("guard_rules", tests, NULL, NULL);
}
