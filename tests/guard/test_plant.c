/* The plant is a world one can believe: charge is kept, the hardware protects itself, each fault does what its text says.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"
#include <stdlib.h>
#include <string.h>

static void charging(sim_world_t *world)
{
    assert_true(scene_reach(world, NULL, CCS_PHASE_LIVE));
    assert_int_equal(world->plant.cable_mA, 100000);
}

static void what_the_meter_counts_the_battery_gets(void **state)
{
    (void)state;
    sim_world_t world;
    charging(&world);
    const int64_t meter_Wh = sim_plant_meter_Wh(&world.plant);
    const int64_t battery_Wh = sim_plant_car_body(&world.plant, world.now_ms).energy_Wh;
    scene_run(&world, 360000); /* 6 minutes at 100 A and some 368 V: 3.68 kWh */
    const int64_t told_Wh = sim_plant_meter_Wh(&world.plant) - meter_Wh;
    const int64_t got_Wh = sim_plant_car_body(&world.plant, world.now_ms).energy_Wh - battery_Wh;
    assert_in_range(told_Wh, 3600, 3800);
    assert_in_range(told_Wh - got_Wh, 60, 100); /* 800 W in the battery's 80 mOhm */
    assert_in_range(sim_plant_soc_permille(&world.plant), 350, 370);
    assert_null(world.violation);
}

static void a_full_battery_takes_less_by_itself(void **state)
{
    (void)state;
    sim_plant_config_t config;
    sim_plant_defaults(&config);
    config.battery_permille = 990;
    sim_world_t world;
    assert_int_equal(sim_world_init(&world, NULL, &config), CCS_OK);
    assert_true(sim_world_charge(&world, 400000));
    world.want.target_mV = 402000;
    scene_run(&world, 20000);
    assert_in_range(world.plant.cable_mA, 20000, 40000); /* (402 - 399.5) V / 80 mOhm */
    assert_true(world.plant.cable_mV <= 402000);
    assert_null(world.violation);
}

/* 6.3.1.106.2 [P]: within 9 ms, and without the guard. */
static void the_hardware_trip_acts_within_9_ms(void **state)
{
    (void)state;
    sim_world_t world;
    charging(&world);
    world.plant.fault[SIM_SOURCE_OVERSHOOTS] = true;
    const ccs_ev_want_t open = {.pilot = CCS_PILOT_C, .lock = true};
    sim_plant_car_want(&world.plant, &open);
    int64_t ms = 0;
    while (world.plant.source_mV <= world.drive.trip_mV && ms++ < 1000) {
        world.plant.drive.valid_until_ms = world.plant.now_ms + 100;
        sim_plant_step(&world.plant, world.plant.now_ms + 1);
    }
    sim_plant_step(&world.plant, world.plant.now_ms + 9);
    assert_int_equal(world.plant.source_mA, 0);
    assert_true(world.plant.tripped);
}

static void the_pilot_shows_every_state_to_both_sides(void **state)
{
    (void)state;
    sim_world_t world;
    assert_int_equal(sim_world_init(&world, NULL, NULL), CCS_OK);
    scene_run(&world, 100);
    assert_int_equal(world.report.pilot, CCS_PILOT_A);
    sim_plant_plug(&world.plant);
    world.want = sim_world_want(&world, CCS_PHASE_OFF);
    scene_run(&world, 100);
    assert_int_equal(world.report.pilot, CCS_PILOT_B);
    assert_int_equal(sim_plant_car_body(&world.plant, world.now_ms).duty_permille, 50);
    world.plant.fault[SIM_PILOT_SHORT] = true;
    scene_run(&world, 100);
    assert_int_equal(world.report.pilot, CCS_PILOT_E);
    assert_int_equal(sim_plant_car_body(&world.plant, world.now_ms).duty_permille, 0);
    world.plant.fault[SIM_PILOT_SHORT] = false;
    world.want.pilot = CCS_PILOT_NEGATIVE;
    scene_run(&world, 100);
    assert_int_equal(world.report.pilot, CCS_PILOT_F);
}

/* Josev has no pilot wire and no battery: the plant lends it both. */
static void a_foreign_car_goes_to_C_by_the_lock_and_lends_its_target_to_its_battery(void **state)
{
    (void)state;
    sim_plant_config_t config;
    sim_plant_defaults(&config);
    config.foreign = true;
    sim_world_t world;
    assert_int_equal(sim_world_init(&world, NULL, &config), CCS_OK);
    sim_plant_plug(&world.plant);
    scene_run(&world, 100);
    assert_int_equal(world.report.pilot, CCS_PILOT_B);
    world.want = sim_world_want(&world, CCS_PHASE_TEST);
    world.want.car_mV_max = 900000;
    assert_true(sim_world_until(&world, CCS_PHASE_TEST, 10000));
    world.want.phase = CCS_PHASE_PRECHARGE;
    world.want.target_mV = 650000;
    world.want.lease_until_ms = world.now_ms + 5000;
    assert_true(sim_world_until(&world, CCS_PHASE_PRECHARGE, 3000));
    world.want.phase = CCS_PHASE_LIVE;
    world.want.target_mV = 700000;
    world.want.target_mA = 20000;
    scene_run(&world, 2500);
    assert_int_equal(world.report.phase, CCS_PHASE_LIVE);
    assert_int_equal(world.plant.battery_mA, 20000);
    assert_in_range(world.plant.cable_mV, 648000, 655000);
    world.want.phase = CCS_PHASE_RAMP;
    scene_run(&world, 1000);
    assert_false(world.plant.car_contactors.closed);
    world.want = sim_world_want(&world, CCS_PHASE_OFF);
    scene_run(&world, 3000);
    assert_int_equal(world.report.pilot, CCS_PILOT_B);
    assert_null(world.violation);
}

static void a_second_charge_follows_in_the_same_world(void **state)
{
    (void)state;
    sim_world_t world;
    charging(&world);
    for (int again = 0; again < 3; again++) {
        world.want.phase = CCS_PHASE_RAMP;
        scene_run(&world, 1500);
        const ccs_ev_want_t open = {.pilot = CCS_PILOT_B, .lock = false};
        sim_plant_car_want(&world.plant, &open);
        scene_run(&world, 200);
        world.want = sim_world_want(&world, CCS_PHASE_OFF);
        scene_run(&world, 3000);
        assert_true(world.report.settled);
        assert_false(world.plant.locked);
        sim_plant_unplug(&world.plant);
        scene_run(&world, 500);
        assert_true(sim_world_charge(&world, 50000));
    }
    assert_null(world.violation);
}

static void every_fault_has_a_name_that_finds_it(void **state)
{
    (void)state;
    for (int i = 0; i < SIM_FAULTS_COUNT; i++) {
        assert_int_equal(sim_fault_find(sim_fault_name((sim_fault_t)i)), i);
        assert_true(strlen(sim_fault_text((sim_fault_t)i)) > 10);
    }
    assert_int_equal(sim_fault_find("NO_SUCH_FAULT"), SIM_FAULTS_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_meter_counts_the_battery_gets),
        cmocka_unit_test(a_full_battery_takes_less_by_itself),
        cmocka_unit_test(the_hardware_trip_acts_within_9_ms),
        cmocka_unit_test(the_pilot_shows_every_state_to_both_sides),
        cmocka_unit_test(a_foreign_car_goes_to_C_by_the_lock_and_lends_its_target_to_its_battery),
        cmocka_unit_test(a_second_charge_follows_in_the_same_world),
        cmocka_unit_test(every_fault_has_a_name_that_finds_it),
    };
    return cmocka_run_group_tests_name("plant", tests, NULL, NULL);
}
