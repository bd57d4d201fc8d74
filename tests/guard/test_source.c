/* The power stage and what is measured of it: silence, deafness, current that flows back, a load dump, and the meter on either side
 * of the contactors; over every topology.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"
#include <stdio.h>

typedef struct wiring {
    ccs_guard_config_t config;
    char name[64];
} wiring_t;

enum { WIRINGS = 6 };

static wiring_t wiring_of(int number)
{
    static const char *const topologies[] = {"output contactor", "precharge branch", "direct"};
    wiring_t wiring;
    ccs_guard_defaults(&wiring.config);
    wiring.config.topology = (ccs_topology_t)(number % 3);
    wiring.config.meter_place = (ccs_meter_place_t)(number / 3);
    snprintf(wiring.name, sizeof(wiring.name), "%s, meter %s", topologies[number % 3], number / 3 == 0 ? "before" : "after");
    return wiring;
}

static void reach(sim_world_t *world, const wiring_t *wiring, ccs_phase_t phase)
{
    if (!scene_reach(world, &wiring->config, phase)) {
        fail_msg("%s: no way to %s: %s why %s", wiring->name, ccs_phase_name(phase), ccs_phase_name(world->report.phase),
                 ccs_why_name(world->report.why));
    }
}

static void lawful(const sim_world_t *world, const wiring_t *wiring)
{
    if (world->violation != NULL) {
        fail_msg("%s: %s at %lld ms", wiring->name, world->violation, (long long)world->violation_ms);
    }
}

static bool is_off_and_open(const sim_world_t *world)
{
    return !world->drive.enable && !world->drive.main_close && !world->drive.precharge_close;
}

/* Off and open within so long, for this reason, and FAULT in the end. */
static void expect_stop(sim_world_t *world, const wiring_t *wiring, ccs_why_t why, int64_t within_ms)
{
    const ccs_phase_t from = world->report.phase;
    const int64_t begin_ms = world->now_ms;
    while (world->now_ms - begin_ms < within_ms && !(is_off_and_open(world) && world->report.why == why)) {
        scene_tick(world);
    }
    if (!is_off_and_open(world) || world->report.why != why) {
        fail_msg("%s: in %s not off and open after %lld ms: %s why %s", wiring->name, ccs_phase_name(from), (long long)within_ms,
                 ccs_phase_name(world->report.phase), ccs_why_name(world->report.why));
    }
    scene_run(world, 3000);
    assert_int_equal(world->report.phase, CCS_PHASE_FAULT);
    lawful(world, wiring);
}

static int64_t stop_ms(const wiring_t *wiring, ccs_phase_t phase, int64_t notice_ms)
{
    return notice_ms + scene_open_ms(&wiring->config, guard_reaction(GUARD_CAUSE_SOURCE_SILENT, phase));
}

/* ---- silence */

/* Every live phase, every wiring, and whatever the target: also where it lies within 20 V of the pack, or is 0 A. */
static void a_source_that_does_not_answer_is_noticed_in_every_live_phase(void **state)
{
    (void)state;
    static const struct {
        ccs_phase_t phase;
        int32_t above_mV, target_mA;
    } scenes[] = {{CCS_PHASE_TEST, 0, 0},        {CCS_PHASE_PRECHARGE, 0, 0},   {CCS_PHASE_LIVE, 60000, 100000},
                  {CCS_PHASE_LIVE, 8000, 90000}, {CCS_PHASE_LIVE, 3000, 10000}, {CCS_PHASE_LIVE, 0, 0}};
    for (int number = 0; number < WIRINGS; number++) {
        const wiring_t wiring = wiring_of(number);
        for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
            sim_world_t world;
            reach(&world, &wiring, scenes[i].phase);
            if (scenes[i].phase == CCS_PHASE_LIVE) {
                world.want.target_mV = sim_plant_battery_mV(&world.plant) + scenes[i].above_mV;
                world.want.target_mA = scenes[i].target_mA;
                scene_run(&world, 2000);
            }
            world.plant.fault[SIM_SOURCE_SILENT] = true;
            const int64_t notice_ms = scene_notice_ms(&wiring.config, GUARD_CAUSE_SOURCE_SILENT, scenes[i].phase);
            expect_stop(&world, &wiring, CCS_WHY_SOURCE_SILENT, stop_ms(&wiring, scenes[i].phase, notice_ms));
        }
    }
}

static void a_source_that_falls_silent_while_it_ramps_down_is_noticed(void **state)
{
    (void)state;
    for (int number = 0; number < WIRINGS; number++) {
        const wiring_t wiring = wiring_of(number);
        sim_world_t world;
        reach(&world, &wiring, CCS_PHASE_LIVE);
        world.want.target_mA = 300000;
        scene_run(&world, 10500);
        world.want.phase = CCS_PHASE_RAMP;
        scene_tick(&world);
        world.plant.fault[SIM_SOURCE_MUTE] = true;
        expect_stop(&world, &wiring, CCS_WHY_SOURCE_SILENT, stop_ms(&wiring, CCS_PHASE_RAMP, 1010));
    }
}

/* It still obeys, but nobody can know that. */
static void a_source_that_delivers_but_does_not_answer_is_silent(void **state)
{
    (void)state;
    const wiring_t wiring = wiring_of(0);
    sim_world_t world;
    reach(&world, &wiring, CCS_PHASE_LIVE);
    world.plant.fault[SIM_SOURCE_MUTE] = true;
    scene_run(&world, 990);
    assert_int_equal(world.report.phase, CCS_PHASE_LIVE);
    expect_stop(&world, &wiring, CCS_WHY_SOURCE_SILENT, stop_ms(&wiring, CCS_PHASE_LIVE, 20));
}

/* A short gap on the fieldbus ends no charge. */
static void a_gap_shorter_than_the_setting_ends_nothing(void **state)
{
    (void)state;
    const wiring_t wiring = wiring_of(0);
    sim_world_t world;
    reach(&world, &wiring, CCS_PHASE_LIVE);
    world.plant.fault[SIM_SOURCE_MUTE] = true;
    scene_run(&world, 900);
    world.plant.fault[SIM_SOURCE_MUTE] = false;
    scene_run(&world, 3000);
    assert_int_equal(world.report.phase, CCS_PHASE_LIVE);
    lawful(&world, &wiring);
}

/* Boards whose power stage has no answer of its own: what is measured tells; source_follow_ms_max. */
static void without_an_answer_the_measured_current_tells(void **state)
{
    (void)state;
    for (int number = 0; number < WIRINGS; number++) {
        const wiring_t wiring = wiring_of(number);
        for (int32_t above_mV = 60000; above_mV >= 8000; above_mV -= 13000) {
            sim_world_t world;
            reach(&world, &wiring, CCS_PHASE_LIVE);
            assert_int_equal(world.report.sample.source_on.value, 1);
            world.want.target_mV = sim_plant_battery_mV(&world.plant) + above_mV;
            world.want.target_mA = 90000;
            scene_run(&world, 2000);
            world.plant.fault[SIM_SOURCE_DEAF] = true; /* it says that it delivers */
            expect_stop(&world, &wiring, CCS_WHY_SOURCE_SILENT, stop_ms(&wiring, CCS_PHASE_LIVE, 3010));
        }
    }
}

/* Constant voltage: the target is reached, the pack takes what it wants. That is no silence. */
static void a_pack_at_its_target_takes_no_current_and_ends_nothing(void **state)
{
    (void)state;
    for (int number = 0; number < WIRINGS; number++) {
        const wiring_t wiring = wiring_of(number);
        sim_world_t world;
        reach(&world, &wiring, CCS_PHASE_LIVE);
        for (int32_t above_mV = 8000; above_mV >= -40000; above_mV -= 1000) {
            world.want.target_mV = sim_plant_battery_mV(&world.plant) + above_mV;
            scene_run(&world, 4000);
            assert_int_equal(world.report.phase, CCS_PHASE_LIVE);
        }
        lawful(&world, &wiring);
    }
}

/* The end of a charge in constant voltage, with a voltmeter that reads 8 V less than the module's own: a little current flows. */
static void a_tail_of_little_current_is_no_silence(void **state)
{
    (void)state;
    const wiring_t wiring = wiring_of(0);
    sim_world_t world;
    reach(&world, &wiring, CCS_PHASE_LIVE);
    const ccs_hal_t hal = sim_plant_hal(&world.plant);
    const int32_t battery_mV = sim_plant_battery_mV(&world.plant);
    for (int turn = 0; turn < 1500; turn++) {
        world.now_ms += SIM_TICK_MS;
        world.want.lease_until_ms = world.now_ms + 1000;
        world.want.target_mV = battery_mV + 300; /* some 4 A into 80 mOhm, of 100 A asked for */
        hal.sample(hal.ctx, world.now_ms, &world.sample);
        world.sample.output_mV.value -= 8000;
        world.sample.car_mV.value -= 8000;
        ccs_guard_step(&world.guard, world.now_ms, &world.sample, &world.want, &world.drive, &world.report);
        hal.apply(hal.ctx, world.now_ms, &world.drive);
    }
    assert_in_range(world.plant.battery_mA, 1000, 5000);
    assert_int_equal(world.report.phase, CCS_PHASE_LIVE);
}

/* ---- stale samples */

static void a_stale_sample_is_noticed_in_every_live_phase(void **state)
{
    (void)state;
    static const struct {
        sim_fault_t fault;
        guard_cause_t cause;
    } rows[] = {{SIM_VOLTMETER_STALE, GUARD_CAUSE_BLIND},
                {SIM_AMMETER_STALE, GUARD_CAUSE_BLIND},
                {SIM_PILOT_STALE, GUARD_CAUSE_BLIND},
                {SIM_FEEDBACK_STALE, GUARD_CAUSE_STALE}};
    for (int number = 0; number < WIRINGS; number++) {
        const wiring_t wiring = wiring_of(number);
        for (ccs_phase_t phase = CCS_PHASE_TEST; phase <= CCS_PHASE_RAMP; phase++) {
            for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                sim_world_t world;
                reach(&world, &wiring, phase);
                world.plant.fault[rows[i].fault] = true;
                const int64_t notice_ms = scene_notice_ms(&wiring.config, rows[i].cause, phase);
                const guard_class_t class = guard_reaction(rows[i].cause, phase);
                expect_stop(&world, &wiring, CCS_WHY_STALE_SAMPLE, notice_ms + scene_open_ms(&wiring.config, class));
            }
        }
    }
}

/* ---- current that flows back */

static void current_out_of_the_car_is_a_fault_above_its_limit(void **state)
{
    (void)state;
    for (int number = 0; number < WIRINGS; number++) {
        const wiring_t wiring = wiring_of(number);
        sim_world_t world;
        reach(&world, &wiring, CCS_PHASE_LIVE);
        world.plant.fault[SIM_REVERSE_CURRENT] = true;
        world.plant.reverse_mA = 4900; /* the limit is 5 A */
        scene_run(&world, 1000);
        assert_int_equal(world.report.phase, CCS_PHASE_LIVE);
        assert_int_equal(world.report.sample.output_mA.value, -4900); /* told as it is */
        world.plant.reverse_mA = 5100;
        expect_stop(&world, &wiring, CCS_WHY_OVER_CURRENT, 110 + 2 * SIM_TICK_MS + scene_open_ms(&wiring.config, GUARD_EMERGENCY));
    }
}

/* A charge-only product: the type can hold a wish to feed the grid, and it grants none. */
static void a_wish_for_current_out_of_the_car_is_0_A(void **state)
{
    (void)state;
    const wiring_t wiring = wiring_of(0);
    sim_world_t world;
    reach(&world, &wiring, CCS_PHASE_LIVE);
    world.want.target_mA = -50000;
    scene_run(&world, 2000);
    assert_int_equal(world.drive.output_mA, 0);
    assert_int_equal(world.report.phase, CCS_PHASE_LIVE);
    lawful(&world, &wiring);
}

/* ---- a load dump */

static int32_t highest_after_dump_mV(sim_world_t *world, int64_t ms)
{
    const ccs_ev_want_t open = {.pilot = CCS_PILOT_C, .lock = true};
    sim_plant_car_want(&world->plant, &open);
    int32_t highest_mV = 0;
    for (int64_t i = 0; i < ms; i += SIM_TICK_MS) {
        scene_tick(world);
        highest_mV = world->plant.source_mV > highest_mV ? world->plant.source_mV : highest_mV;
    }
    return highest_mV;
}

/* Most cars send their limit as target (Ioniq 5: a pack of 652 V, a target of 774 V): the output follows the pack all the same. */
static void a_load_dump_rises_to_pack_plus_headroom_and_no_further(void **state)
{
    (void)state;
    for (int number = 0; number < WIRINGS; number++) {
        const wiring_t wiring = wiring_of(number);
        for (int32_t target_mV = 420000; target_mV >= 365000; target_mV -= 11000) {
            sim_world_t world;
            reach(&world, &wiring, CCS_PHASE_LIVE);
            world.want.target_mV = target_mV;
            scene_run(&world, 2000);
            const int32_t pack_mV = world.plant.cable_mV;
            const int32_t most_mV = pack_mV + wiring.config.headroom_mV < target_mV ? pack_mV + 30000 : target_mV;
            const int32_t highest_mV = highest_after_dump_mV(&world, 5000);
            if (highest_mV > most_mV + 5000) {
                fail_msg("%s: target %d mV, pack %d mV: %d mV", wiring.name, target_mV, pack_mV, highest_mV);
            }
            lawful(&world, &wiring);
        }
    }
}

/* From a low pack up to the car's limit, in CC and CV: the headroom never holds a charge back. */
static void the_headroom_holds_no_charge_back(void **state)
{
    (void)state;
    for (int number = 0; number < WIRINGS; number++) {
        const wiring_t wiring = wiring_of(number);
        sim_plant_config_t plant;
        sim_plant_defaults(&plant);
        plant.battery_mohm = 400; /* cold: 40 V at 100 A */
        plant.battery_permille = 50;
        plant.battery_full_mV = 480000;
        sim_world_t world;
        assert_int_equal(sim_world_init(&world, &wiring.config, &plant), CCS_OK);
        assert_true(sim_world_charge(&world, 200000));
        scene_run(&world, 10500);
        assert_in_range(world.plant.battery_mA, 199000, 200000);
        lawful(&world, &wiring);
    }
}

/* ---- the meter on either side */

/* Cable check and precharge are judged by the voltage at the plug, whichever side is measured. */
static void cable_check_and_precharge_are_right_with_the_meter_on_either_side(void **state)
{
    (void)state;
    for (int number = 0; number < WIRINGS; number++) {
        const wiring_t wiring = wiring_of(number);
        sim_world_t world;
        reach(&world, &wiring, CCS_PHASE_TEST);
        int32_t test_mV = 0;
        while (world.report.isolation == CCS_ISOLATION_INVALID && world.now_ms < 20000) {
            test_mV = world.plant.cable_mV;
            scene_tick(&world);
        }
        assert_in_range(test_mV, 450000, 470000);
        assert_true(sim_world_until(&world, CCS_PHASE_TEST, 2000));
        assert_true(world.plant.cable_mV < 60000 && world.plant.source_mV < 60000);
        const int32_t targets_mV[] = {200000, 358000, 300000, 358000};
        for (size_t i = 0; i < sizeof(targets_mV) / sizeof(targets_mV[0]); i++) {
            world.want = sim_world_want(&world, CCS_PHASE_PRECHARGE);
            world.want.target_mV = targets_mV[i];
            scene_tick(&world);
            assert_true(sim_world_until(&world, CCS_PHASE_PRECHARGE, 900));
            assert_in_range(world.plant.cable_mV, targets_mV[i] - 20000, targets_mV[i] + 20000);
            assert_in_range(world.report.sample.output_mV.value, targets_mV[i] - 20000, targets_mV[i] + 20000);
            scene_run(&world, 500);
        }
        lawful(&world, &wiring);
    }
}

static int64_t plugged_in_Wh(const sim_world_t *world)
{
    return world->plant.plug_mWh / 1000;
}

/* What the record tells is the energy through the plug, within 1 %. */
static void the_meter_counts_what_goes_through_the_plug(void **state)
{
    (void)state;
    for (int number = 0; number < WIRINGS; number++) {
        const wiring_t wiring = wiring_of(number);
        sim_world_t world;
        assert_int_equal(sim_world_init(&world, &wiring.config, NULL), CCS_OK);
        scene_run(&world, 1100);
        const int64_t begin_Wh = world.report.sample.meter.energy_Wh;
        assert_true(sim_world_charge(&world, 150000));
        scene_run(&world, 120000);
        world.want.phase = CCS_PHASE_RAMP;
        scene_run(&world, 3000);
        const int64_t told_Wh = world.report.sample.meter.energy_Wh - begin_Wh;
        assert_true(told_Wh > 1500);
        assert_in_range(told_Wh, plugged_in_Wh(&world) * 99 / 100, plugged_in_Wh(&world) * 101 / 100);
        lawful(&world, &wiring);
    }
}

/* Neither a mirror contact nor the source side would show a weld: such a board is refused. */
static void a_board_that_could_not_see_a_weld_is_refused(void **state)
{
    (void)state;
    for (int number = 0; number < WIRINGS; number++) {
        wiring_t wiring = wiring_of(number);
        ccs_guard_t guard;
        wiring.config.lacks = CCS_LACK_FEEDBACK;
        const bool blind = wiring.config.meter_place == CCS_METER_AFTER && wiring.config.topology != CCS_TOPOLOGY_DIRECT;
        assert_int_equal(ccs_guard_init(&guard, &wiring.config, 0), blind ? CCS_ERR_CONFIG : CCS_OK);
    }
}

/* ---- proximity, the board's own weld test */

/* PP is not fitted on most CCS2 chargers; where it is, a plug that is pulled opens it before the pilot. */
static void an_open_proximity_is_a_pulled_plug(void **state)
{
    (void)state;
    const wiring_t wiring = wiring_of(0);
    sim_world_t world;
    reach(&world, &wiring, CCS_PHASE_LIVE);
    world.plant.proximity_ohm = 1500;
    scene_run(&world, 1000);
    assert_int_equal(world.report.phase, CCS_PHASE_LIVE);
    world.plant.proximity_ohm = INT32_MAX;
    expect_stop(&world, &wiring, CCS_WHY_PILOT_LOST, 60 + scene_open_ms(&wiring.config, GUARD_EMERGENCY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_that_does_not_answer_is_noticed_in_every_live_phase),
        cmocka_unit_test(a_source_that_falls_silent_while_it_ramps_down_is_noticed),
        cmocka_unit_test(a_source_that_delivers_but_does_not_answer_is_silent),
        cmocka_unit_test(a_gap_shorter_than_the_setting_ends_nothing),
        cmocka_unit_test(without_an_answer_the_measured_current_tells),
        cmocka_unit_test(a_pack_at_its_target_takes_no_current_and_ends_nothing),
        cmocka_unit_test(a_tail_of_little_current_is_no_silence),
        cmocka_unit_test(a_stale_sample_is_noticed_in_every_live_phase),
        cmocka_unit_test(current_out_of_the_car_is_a_fault_above_its_limit),
        cmocka_unit_test(a_wish_for_current_out_of_the_car_is_0_A),
        cmocka_unit_test(a_load_dump_rises_to_pack_plus_headroom_and_no_further),
        cmocka_unit_test(the_headroom_holds_no_charge_back),
        cmocka_unit_test(cable_check_and_precharge_are_right_with_the_meter_on_either_side),
        cmocka_unit_test(the_meter_counts_what_goes_through_the_plug),
        cmocka_unit_test(a_board_that_could_not_see_a_weld_is_refused),
        cmocka_unit_test(an_open_proximity_is_a_pulled_plug),
    };
    return cmocka_run_group_tests_name("guard_source", tests, NULL, NULL);
}
