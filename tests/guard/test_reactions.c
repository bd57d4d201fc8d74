/* What happens when something breaks, and how fast: each on the virtual clock, with every invariant checked in every step.
 *
 *     test_guard_reactions --print > docs/SAFETY.md
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hazards.h"
#include "measure.h"
#include "safety_doc.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ccs_guard_config_t defaults(void)
{
    ccs_guard_config_t config;
    ccs_guard_defaults(&config);
    return config;
}

static void live(sim_world_t *world, const ccs_guard_config_t *config)
{
    if (!scene_reach(world, config, CCS_PHASE_LIVE)) {
        fail_msg("no way to LIVE: %s why %s", ccs_phase_name(world->report.phase), ccs_why_name(world->report.why));
    }
}

static void lawful(const sim_world_t *world)
{
    if (world->violation != NULL) {
        fail_msg("%s at %lld ms", world->violation, (long long)world->violation_ms);
    }
}

static void car_shows(sim_world_t *world, ccs_pilot_state_t pilot, bool close)
{
    const ccs_ev_want_t want = {.pilot = pilot, .close = close, .lock = true};
    sim_plant_car_want(&world->plant, &want);
}

/* ---- every cause while charging with 100 A */

static void every_cause_while_charging_meets_its_deadline(void **state)
{
    (void)state;
    ccs_guard_config_t config = defaults();
    config.meter_required = true;
    unsigned shown = 0;
    for (guard_cause_t cause = 0; cause < GUARD_CAUSES; cause++) {
        sim_world_t world;
        measured_t found;
        if (!measure_cause(&config, cause, &world, &found)) {
            continue;
        }
        const guard_class_t class = guard_reaction(cause, CCS_PHASE_LIVE);
        const int64_t notice_ms = scene_notice_ms(&config, cause, CCS_PHASE_LIVE) + (cause == GUARD_CAUSE_LATE_TICK ? 150 : 0);
        const int64_t zero_ms = notice_ms + (class == GUARD_EMERGENCY ? 0 : class == GUARD_ERROR ? 520 : 1020);
        const bool fast = found.told >= 0 && found.told <= notice_ms && found.zero >= 0 && found.zero <= zero_ms &&
                          found.open >= 0 && found.open <= zero_ms + (int64_t)config.emergency_open_ms + 2 * SIM_TICK_MS;
        if (!fast || found.phase != CCS_PHASE_FAULT || found.dead < 0) {
            fail_msg("cause %d %s: told %lld zero %lld open %lld dead %lld in %s", (int)cause, ccs_why_name(found.why),
                     (long long)found.told, (long long)found.zero, (long long)found.open, (long long)found.dead,
                     ccs_phase_name(found.phase));
        }
        lawful(&world);
        shown++;
    }
    assert_true(shown >= 19);
}

/* Goal of the rules: in software within 100 ms. */
static void emergency_input_is_off_and_open_within_100_ms(void **state)
{
    (void)state;
    sim_world_t world;
    measured_t found;
    const ccs_guard_config_t config = defaults();
    assert_true(measure_cause(&config, GUARD_CAUSE_EMERGENCY_STOP, &world, &found));
    assert_true(found.zero <= 20 && found.open <= 100);
    assert_string_equal(found.code, "emergency");
    lawful(&world);
}

/* CP-PE short or PE lost in the loop: emergency, whatever the wire still says (FreeV2G #290: PLC couples, charging went on). */
static void a_lost_pilot_is_0_A_within_100_ms(void **state)
{
    (void)state;
    const guard_cause_t causes[] = {GUARD_CAUSE_PILOT_GONE, GUARD_CAUSE_PILOT_B, GUARD_CAUSE_PILOT_SHORT};
    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
        sim_world_t world;
        measured_t found;
        const ccs_guard_config_t config = defaults();
        assert_true(measure_cause(&config, causes[i], &world, &found));
        assert_in_range(found.zero, 1, 100);
        lawful(&world);
    }
}

/* ---- one by one */

static void unplugged_under_load_the_plug_is_dead(void **state)
{
    (void)state;
    sim_world_t world;
    const ccs_guard_config_t config = defaults();
    live(&world, &config);
    const int64_t begin_ms = world.now_ms;
    sim_plant_unplug(&world.plant);
    const measured_t found = measure(&world, CCS_WHY_PILOT_LOST, begin_ms, 1000);
    assert_true(found.zero <= 100);
    assert_true(world.plant.cable_mV < 60000);
    lawful(&world);
}

static void hardware_trip_acts_by_itself_on_the_limit_it_was_handed(void **state)
{
    (void)state;
    sim_world_t world;
    const ccs_guard_config_t config = defaults();
    live(&world, &config);
    assert_int_equal(world.drive.trip_mV, 550000); /* car 420 V, own 1000 V */
    world.plant.fault[SIM_SOURCE_OVERSHOOTS] = true;
    car_shows(&world, CCS_PILOT_C, false); /* load dump: the pack no longer holds the voltage */
    const measured_t found = measure(&world, CCS_WHY_OVER_VOLTAGE, world.now_ms, 2000);
    assert_int_equal(found.phase, CCS_PHASE_FAULT);
    assert_true(found.told >= 0 && found.told <= 100);
    lawful(&world);
}

static void without_the_hardware_trip_software_sees_it_in_the_next_turn(void **state)
{
    (void)state;
    sim_world_t world;
    const ccs_guard_config_t config = defaults();
    live(&world, &config);
    world.plant.fault[SIM_TRIP_DEAD] = true;
    world.plant.fault[SIM_SOURCE_OVERSHOOTS] = true;
    car_shows(&world, CCS_PILOT_C, false);
    while (world.plant.source_mV <= 550000) {
        scene_tick(&world);
    }
    const measured_t found = measure(&world, CCS_WHY_OVER_VOLTAGE, world.now_ms, 1000);
    assert_in_range(found.zero, 0, 20);
    lawful(&world);
}

static void a_weld_of_ours_is_latched_until_service(void **state)
{
    (void)state;
    sim_world_t world;
    const ccs_guard_config_t config = defaults();
    live(&world, &config);
    world.plant.fault[SIM_MAIN_WELDED] = true;
    world.want.phase = CCS_PHASE_OFF;
    const measured_t found = measure(&world, CCS_WHY_CONTACTOR_WELDED, world.now_ms, 4000);
    assert_true(found.latched && found.locked);
    assert_true(found.told > 0 && found.told <= 1020 + 200 + 30); /* 100 A at 100 A/s, then 200 ms */
    world.want.lock = false;
    scene_run(&world, 2000);
    assert_true(world.drive.lock);
    assert_int_equal(world.drive.pilot, CCS_PILOT_STEADY); /* the session at hand may still end in words */
    world.want.pilot = CCS_PILOT_STEADY;
    scene_run(&world, 100);
    assert_int_equal(world.drive.pilot, CCS_PILOT_NEGATIVE); /* and then: not available */

    car_shows(&world, CCS_PILOT_B, false);
    world.plant.fault[SIM_MAIN_WELDED] = false;
    scene_run(&world, 5000);
    assert_int_equal(world.report.phase, CCS_PHASE_FAULT);
    ccs_guard_service_reset(&world.guard);
    scene_run(&world, 5000);
    assert_int_equal(world.report.phase, CCS_PHASE_OFF);
    assert_false(world.drive.lock);
    lawful(&world);
}

static void a_weld_that_its_mirror_contact_hides_shows_at_the_discharge(void **state)
{
    (void)state;
    sim_world_t world;
    const ccs_guard_config_t config = defaults();
    live(&world, &config);
    world.plant.fault[SIM_MAIN_WELDED] = true;
    world.want.phase = CCS_PHASE_OFF;
    while (world.drive.main_close) {
        scene_tick(&world);
    }
    world.plant.fault[SIM_FEEDBACK_LIES_OPEN] = true;
    const measured_t found = measure(&world, CCS_WHY_DISCHARGE_FAILED, world.now_ms, 4000);
    assert_true(found.latched);
    assert_in_range(found.told, 1000, 1100);
    lawful(&world);
}

static void a_latch_survives_the_restart(void **state)
{
    (void)state;
    sim_world_t world;
    ccs_guard_config_t config = defaults();
    config.latched = true;
    assert_int_equal(sim_world_init(&world, &config, NULL), CCS_OK);
    assert_false(sim_world_charge(&world, 100000));
    assert_true(world.report.latched);
    assert_int_equal(world.report.phase, CCS_PHASE_FAULT);
    assert_int_equal(world.report.mA_max_now, 0);
    lawful(&world);
}

/* Its capacitors, its own slow contactor: no weld of ours, no latch, but no way to energise and no way to pull the plug. */
static void voltage_on_the_car_side_alone_is_the_cars(void **state)
{
    (void)state;
    sim_world_t world;
    const ccs_guard_config_t config = defaults();
    live(&world, &config);
    world.plant.fault[SIM_CAR_WELDED] = true;
    world.want = sim_world_want(&world, CCS_PHASE_OFF);
    scene_run(&world, 5000);
    assert_int_equal(world.report.phase, CCS_PHASE_OFF);
    assert_int_equal(world.report.why, CCS_WHY_VOLTAGE_PRESENT);
    assert_false(world.report.latched);
    assert_false(world.report.settled);
    assert_true(world.drive.lock);
    world.want = sim_world_want(&world, CCS_PHASE_TEST);
    scene_run(&world, 3000);
    assert_int_equal(world.report.phase, CCS_PHASE_OFF);
    world.plant.fault[SIM_CAR_WELDED] = false;
    car_shows(&world, CCS_PILOT_B, false);
    world.want = sim_world_want(&world, CCS_PHASE_OFF);
    scene_run(&world, 2000);
    assert_false(world.drive.lock);
    lawful(&world);
}

static void restart_with_a_car_plugged_in_closes_nothing_and_keeps_the_lock(void **state)
{
    (void)state;
    sim_world_t world;
    const ccs_guard_config_t config = defaults();
    live(&world, &config);
    sim_world_run(&world, 0);
    assert_int_equal(ccs_guard_init(&world.guard, &config, world.now_ms), CCS_OK); /* the controller was reset under 100 A */
    sim_invariants_init(&world.invariants, &config, world.now_ms);
    world.want = (ccs_want_t){.phase = CCS_PHASE_OFF};
    const measured_t found = measure(&world, CCS_WHY_VOLTAGE_PRESENT, world.now_ms, 1000);
    assert_in_range(found.open, 0, SIM_TICK_MS);
    assert_true(found.locked);
    assert_int_equal(found.phase, CCS_PHASE_OFF);
    world.want = sim_world_want(&world, CCS_PHASE_LIVE);
    scene_run(&world, 2000);
    assert_int_equal(world.report.phase, CCS_PHASE_OFF);
    assert_false(world.drive.enable || world.drive.main_close);
    lawful(&world);
}

static void a_jammed_lock_grants_nothing(void **state)
{
    (void)state;
    sim_world_t world;
    const ccs_guard_config_t config = defaults();
    assert_int_equal(sim_world_init(&world, &config, NULL), CCS_OK);
    world.plant.fault[SIM_LOCK_JAMMED] = true;
    sim_plant_plug(&world.plant);
    car_shows(&world, CCS_PILOT_C, false);
    world.want = sim_world_want(&world, CCS_PHASE_TEST);
    scene_run(&world, 100);
    const measured_t found = measure(&world, CCS_WHY_LOCK_FAILED, world.now_ms, 8000);
    assert_in_range(found.told, 2800, 3100);
    assert_int_equal(found.phase, CCS_PHASE_OFF);
    world.want = sim_world_want(&world, CCS_PHASE_OFF);
    scene_run(&world, 500);
    assert_int_equal(world.report.why, CCS_WHY_NONE);
    lawful(&world);
}

static void a_lock_that_does_not_open_is_told(void **state)
{
    (void)state;
    sim_world_t world;
    const ccs_guard_config_t config = defaults();
    live(&world, &config);
    world.plant.fault[SIM_LOCK_JAMMED] = true;
    car_shows(&world, CCS_PILOT_C, false);
    world.want = sim_world_want(&world, CCS_PHASE_OFF);
    scene_run(&world, 6000);
    assert_int_equal(world.report.why, CCS_WHY_LOCK_FAILED);
    assert_int_equal(world.report.phase, CCS_PHASE_OFF);
    lawful(&world);
}

/* Nobody may be left with a car that cannot leave; but only once it is safe. */
static void without_mains_the_lock_opens_where_the_site_wants_it(void **state)
{
    (void)state;
    for (int let_go = 0; let_go <= 1; let_go++) {
        sim_world_t world;
        ccs_guard_config_t config = defaults();
        config.unlock_on_grid_loss = let_go;
        live(&world, &config);
        world.plant.fault[SIM_GRID_LOST] = true;
        scene_run(&world, 2000);
        assert_int_equal(world.report.why, CCS_WHY_GRID_LOST);
        assert_true(world.drive.lock); /* the car's own voltage still stands there */
        car_shows(&world, CCS_PILOT_B, false);
        scene_run(&world, 3000);
        assert_int_equal(world.drive.lock, !let_go);
        lawful(&world);
    }
}

/* A silent car: 0 A by ramp, contactors and session stay; a late request resumes by ramp. */
static void an_ended_lease_is_0_A_and_a_late_request_resumes(void **state)
{
    (void)state;
    sim_world_t world;
    const ccs_guard_config_t config = defaults();
    live(&world, &config);
    world.want.lease_until_ms = world.now_ms;
    sim_world_run(&world, 1100);
    assert_int_equal(world.drive.output_mA, 0);
    assert_true(world.drive.main_close);
    assert_int_equal(world.report.phase, CCS_PHASE_LIVE);
    assert_int_equal(world.report.why, CCS_WHY_LEASE_ENDED);
    scene_run(&world, 1000);
    assert_in_range(world.drive.output_mA, 19000, 21000);
    assert_int_equal(world.report.why, CCS_WHY_NONE);
    lawful(&world);
}

static void a_missing_meter_refuses_where_the_site_asks_for_one(void **state)
{
    (void)state;
    for (int required = 0; required <= 1; required++) {
        sim_world_t world;
        ccs_guard_config_t config = defaults();
        config.meter_required = required;
        assert_int_equal(sim_world_init(&world, &config, NULL), CCS_OK);
        world.plant.fault[SIM_METER_SILENT] = true;
        assert_int_equal(sim_world_charge(&world, 100000), !required);
        assert_int_equal(world.report.why == CCS_WHY_METER_SILENT, required);
        lawful(&world);
    }
}

static void warmth_derates_by_the_curve_and_tells_so(void **state)
{
    (void)state;
    sim_world_t world;
    const ccs_guard_config_t config = defaults();
    live(&world, &config);
    world.plant.temperature_dC = 900; /* 30 % of 500 A */
    scene_run(&world, 1000);
    assert_int_equal(world.report.mA_max_now, 150000);
    assert_int_equal(world.report.limited & CCS_LIMITED_TEMPERATURE, 0); /* 100 A are below it */
    world.plant.temperature_dC = 925;                                    /* 15 % */
    scene_run(&world, 1000);
    assert_int_equal(world.report.mA_max_now, 75000);
    assert_int_equal(world.drive.output_mA, 75000);
    assert_true((world.report.limited & CCS_LIMITED_TEMPERATURE) != 0);
    assert_int_equal(world.report.phase, CCS_PHASE_LIVE);
    world.plant.temperature_dC = 1000; /* hard limit */
    scene_run(&world, 1000);
    assert_int_equal(world.report.phase, CCS_PHASE_FAULT);
    assert_int_equal(world.report.why, CCS_WHY_TEMPERATURE);
    lawful(&world);
}

/* "A limit below the present current ramps and never trips"; the set point moves in the very next turn. */
static void a_falling_limit_is_followed_at_once_by_ramp(void **state)
{
    (void)state;
    sim_world_t world;
    const ccs_guard_config_t config = defaults();
    live(&world, &config);
    world.want.offer_mA_max = 30000;
    scene_tick(&world);
    assert_int_equal(world.drive.output_mA, 99000);
    scene_run(&world, 800);
    assert_int_equal(world.drive.output_mA, 30000);
    assert_true((world.report.limited & CCS_LIMITED_CURRENT) != 0);
    world.want.offer_mA_max = 500000;
    world.want.offer_W_max = 5000;
    scene_run(&world, 1000);
    assert_in_range(world.drive.output_mA, 13000, 14500); /* 5 kW at some 360 V */
    assert_true((world.report.limited & CCS_LIMITED_POWER) != 0);
    assert_int_equal(world.report.phase, CCS_PHASE_LIVE);
    lawful(&world);
}

static void strange_limits_of_a_car_stop_no_charge(void **state)
{
    (void)state;
    sim_world_t world;
    const ccs_guard_config_t config = defaults();
    live(&world, &config);
    const int32_t strange[] = {0, -1, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
        const ccs_want_t before = world.want;
        world.want.car_mA_max = strange[i];
        world.want.target_mV = strange[i];
        scene_run(&world, 500);
        assert_int_equal(world.report.phase, CCS_PHASE_LIVE);
        world.want = before;
        scene_run(&world, 500);
    }
    lawful(&world);
}

/* EVerest #2498: single low readings while the current rises. */
static void one_low_insulation_reading_ends_no_charge(void **state)
{
    (void)state;
    sim_world_t world;
    const ccs_guard_config_t config = defaults();
    live(&world, &config);
    world.plant.fault[SIM_ISOLATION_LOW] = true;
    scene_run(&world, 150);
    world.plant.fault[SIM_ISOLATION_LOW] = false;
    scene_run(&world, 3000);
    assert_int_equal(world.report.phase, CCS_PHASE_LIVE);
    lawful(&world);
}

static void a_cable_check_with_a_slow_monitor_ends_before_the_car_gives_up(void **state)
{
    (void)state;
    sim_plant_config_t plant;
    sim_plant_defaults(&plant);
    plant.imd_self_test_ms = 30000;
    sim_world_t world;
    assert_int_equal(sim_world_init(&world, NULL, &plant), CCS_OK);
    sim_plant_plug(&world.plant);
    car_shows(&world, CCS_PILOT_C, false);
    world.want = sim_world_want(&world, CCS_PHASE_TEST);
    const int64_t begin_ms = world.now_ms;
    while (world.now_ms - begin_ms < 35000 && !(world.report.phase == CCS_PHASE_TEST && world.report.settled)) {
        scene_tick(&world);
    }
    assert_true(world.report.settled);
    assert_int_equal(world.report.isolation, CCS_ISOLATION_VALID);
    lawful(&world);
}

static void at_once_opens_under_current_within_100_ms(void **state)
{
    (void)state;
    sim_world_t world;
    const ccs_guard_config_t config = defaults();
    live(&world, &config);
    world.want.phase = CCS_PHASE_OFF;
    world.want.at_once = true;
    const measured_t found = measure(&world, CCS_WHY_STARTING, world.now_ms, 3000);
    assert_in_range(found.zero, 1, 20);
    assert_in_range(found.open, 1, 100);
    assert_int_equal(found.phase, CCS_PHASE_OFF); /* what was asked for is no fault */
    lawful(&world);
}

/* A source that does not stop: opened all the same. */
static void a_source_that_runs_away_is_cut_off(void **state)
{
    (void)state;
    sim_world_t world;
    const ccs_guard_config_t config = defaults();
    live(&world, &config);
    world.plant.fault[SIM_SOURCE_RUNS_AWAY] = true;
    world.want.phase = CCS_PHASE_OFF;
    const measured_t found = measure(&world, CCS_WHY_OVER_CURRENT, world.now_ms, 10000);
    assert_in_range(found.told, 1, 400);
    assert_in_range(found.open, 1, 460);
    lawful(&world);
}

/* The setting for lateness may be longer than a drive is good for: once that has ended, the hardware has opened by itself, and the
 * contactor must not close again onto whatever stands there now. */
static void a_turn_after_the_end_of_the_drive_goes_on_with_nothing(void **state)
{
    (void)state;
    ccs_guard_config_t config = defaults();
    config.tick_late_ms_max = 500;
    config.drive_valid_ms = 100;
    sim_world_t world;
    live(&world, &config);
    sim_world_turn(&world, 130);
    assert_int_equal(world.report.why, CCS_WHY_LATE_TICK);
    assert_false(world.drive.enable || world.drive.main_close);
    scene_run(&world, 2000);
    assert_int_equal(world.report.phase, CCS_PHASE_FAULT);
    lawful(&world);
}

static void without_a_guard_the_hardware_opens_by_itself(void **state)
{
    (void)state;
    sim_world_t world;
    const ccs_guard_config_t config = defaults();
    live(&world, &config);
    sim_plant_step(&world.plant, world.now_ms + 230); /* nobody calls any more */
    assert_false(world.plant.main.closed);
    assert_int_equal(world.plant.source_mA, 0);
}

static bool stands_in(const char *path, const char *text)
{
    FILE *file = fopen(path, "r");
    char line[512];
    bool found = false;
    while (file != NULL && !found && fgets(line, sizeof(line), file) != NULL) {
        found = strncmp(line, text, strlen(text)) == 0;
    }
    if (file != NULL) {
        fclose(file);
    }
    return found;
}

static void every_test_that_the_document_names_exists(void **state)
{
    (void)state;
    for (size_t i = 0; i < hazards_count; i++) {
        assert_non_null(hazards[i].test[0]);
        for (size_t k = 0; k < HAZARD_TESTS && hazards[i].test[k] != NULL; k++) {
            const char *const name = strchr(hazards[i].test[k], ':') + 1;
            char path[512], text[256];
            snprintf(path, sizeof(path), CCS_SOURCE_DIR "/tests/%.*s", (int)(name - 1 - hazards[i].test[k]), hazards[i].test[k]);
            snprintf(text, sizeof(text), "static void %s(void **state)", name);
            if (!stands_in(path, text)) {
                fail_msg("%s: no test %s in %s", hazards[i].what, name, path);
            }
        }
    }
}

static void the_document_is_what_the_tables_and_the_clock_say(void **state)
{
    (void)state;
    char *text = safety_doc();
    FILE *file = fopen(CCS_SOURCE_DIR "/docs/SAFETY.md", "r");
    if (file == NULL) {
        fail_msg("docs/SAFETY.md is missing: test_guard_reactions --print > docs/SAFETY.md");
    }
    char *committed = calloc(1, strlen(text) + 2);
    const size_t length = fread(committed, 1, strlen(text) + 1, file);
    fclose(file);
    if (length != strlen(text) || memcmp(text, committed, length) != 0) {
        fail_msg("docs/SAFETY.md differs: test_guard_reactions --print > docs/SAFETY.md");
    }
    free(committed);
    free(text);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--print") == 0) {
        char *text = safety_doc();
        fputs(text, stdout);
        free(text);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cause_while_charging_meets_its_deadline),
        cmocka_unit_test(emergency_input_is_off_and_open_within_100_ms),
        cmocka_unit_test(a_lost_pilot_is_0_A_within_100_ms),
        cmocka_unit_test(unplugged_under_load_the_plug_is_dead),
        cmocka_unit_test(hardware_trip_acts_by_itself_on_the_limit_it_was_handed),
        cmocka_unit_test(without_the_hardware_trip_software_sees_it_in_the_next_turn),
        cmocka_unit_test(a_weld_of_ours_is_latched_until_service),
        cmocka_unit_test(a_weld_that_its_mirror_contact_hides_shows_at_the_discharge),
        cmocka_unit_test(a_latch_survives_the_restart),
        cmocka_unit_test(voltage_on_the_car_side_alone_is_the_cars),
        cmocka_unit_test(restart_with_a_car_plugged_in_closes_nothing_and_keeps_the_lock),
        cmocka_unit_test(a_jammed_lock_grants_nothing),
        cmocka_unit_test(a_lock_that_does_not_open_is_told),
        cmocka_unit_test(without_mains_the_lock_opens_where_the_site_wants_it),
        cmocka_unit_test(an_ended_lease_is_0_A_and_a_late_request_resumes),
        cmocka_unit_test(a_missing_meter_refuses_where_the_site_asks_for_one),
        cmocka_unit_test(warmth_derates_by_the_curve_and_tells_so),
        cmocka_unit_test(a_falling_limit_is_followed_at_once_by_ramp),
        cmocka_unit_test(strange_limits_of_a_car_stop_no_charge),
        cmocka_unit_test(one_low_insulation_reading_ends_no_charge),
        cmocka_unit_test(a_cable_check_with_a_slow_monitor_ends_before_the_car_gives_up),
        cmocka_unit_test(at_once_opens_under_current_within_100_ms),
        cmocka_unit_test(a_source_that_runs_away_is_cut_off),
        cmocka_unit_test(a_turn_after_the_end_of_the_drive_goes_on_with_nothing),
        cmocka_unit_test(without_a_guard_the_hardware_opens_by_itself),
        cmocka_unit_test(every_test_that_the_document_names_exists),
        cmocka_unit_test(the_document_is_what_the_tables_and_the_clock_say),
    };
    return cmocka_run_group_tests_name("guard_reactions", tests, NULL, NULL);
}
