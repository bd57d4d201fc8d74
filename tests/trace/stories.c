/* Charges told from plug to plug, compared line by line with the files of tests/trace/stories, which are meant to be read.
 * CCS_REWRITE_STORIES=1 writes them anew; then read what has changed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "run.h"

static run_t run;
static sim_session_config_t config;

static const run_point_t *const loop = &run_points[RUN_LOOP];

static int set_up(void **state)
{
    (void)state;
    run_defaults(&config);
    run.what = "story";
    return 0;
}

static int64_t told_Wh(void)
{
    return run.session.record.meter_end_Wh - run.session.record.meter_begin_Wh;
}

/* Both sides count the same energy, but for what the battery's inner resistance keeps. */
static void expect_energy(void)
{
    const int64_t car_Wh = ccs_ev_status(&run.session.ev)->energy_Wh;
    assert_in_range(told_Wh(), car_Wh, car_Wh + car_Wh / 15 + 2);
}

static void expect_end(ccs_end_t end, ccs_ev_result_t result)
{
    assert_string_equal(ccs_end_name(run.session.record.end), ccs_end_name(end));
    assert_string_equal(ccs_ev_result_name(run_result(&run)), ccs_ev_result_name(result));
}

/* Into the loop with the current up. */
static void charge(int64_t ms)
{
    config.ev.duration_stop_ms = 0;
    run_start(&run, &config);
    run_to(&run, loop);
    run_ms(&run, ms);
}

static void a_whole_charge(void **state)
{
    (void)state;
    config.ev.duration_stop_ms = 60000;
    run_start(&run, &config);
    run_expect_over(&run, 1);
    run_unplug(&run);
    run_ms(&run, 1000);
    expect_end(CCS_END_COMPLETED, CCS_EV_CHARGED);
    expect_energy();
    assert_true(told_Wh() > 500);
    story_expect(&run.story, "whole_charge");
}

static void a_charge_until_the_battery_is_full(void **state)
{
    (void)state;
    config.ev.duration_stop_ms = 0;
    config.ev.soc_begin_permille = 940;
    config.ev.pack_mV = 400000;
    config.ev.capacity_Wh = 2000;
    sim_session_fit_battery(&config);
    run_start(&run, &config);
    assert_true(run_until(&run, sim_car_done, NULL, 3600000));
    run_expect_over(&run, 1);
    expect_end(CCS_END_COMPLETED, CCS_EV_CHARGED);
    expect_energy();
    assert_int_equal(ccs_ev_status(&run.session.ev)->soc_permille, 1000);
    story_expect(&run.story, "full_battery");
}

static void a_second_charge_after_the_plug_was_pulled(void **state)
{
    (void)state;
    run_start(&run, &config);
    run_expect_over(&run, 1);
    const ccs_record_t first = run.session.record;
    run_unplug(&run);
    run_ms(&run, 2000);
    run_plug(&run);
    run_expect_over(&run, 2);
    expect_end(CCS_END_COMPLETED, CCS_EV_CHARGED);
    expect_energy();
    assert_int_equal(run.session.record.number, first.number + 1);
    assert_memory_not_equal(run.session.record.session_id, first.session_id, sizeof first.session_id);
    story_expect(&run.story, "second_charge");
}

static void a_person_stops_at_the_charger(void **state)
{
    (void)state;
    charge(3000);
    run_say(&run, "a person presses stop at the charger");
    sim_session_stop(&run.session, CCS_STOP_USER);
    run_expect_over(&run, 1);
    expect_end(CCS_END_STOPPED_USER, CCS_EV_STOPPED_BY_CHARGER);
    expect_energy();
    story_expect(&run.story, "stop_at_charger");
}

static void the_driver_stops_in_the_car(void **state)
{
    (void)state;
    charge(3000);
    run_say(&run, "the driver presses stop in the car");
    sim_session_car_stop(&run.session, CCS_STOP_USER);
    run_expect_over(&run, 1);
    expect_end(CCS_END_COMPLETED, CCS_EV_CHARGED);
    story_expect(&run.story, "stop_in_car");
}

static bool no_current(const sim_session_t *session, const void *unused)
{
    (void)unused;
    return session->world.plant.battery_mA < 5000 && !session->world.plant.main.closed;
}

static void an_emergency_stop_under_current(void **state)
{
    (void)state;
    charge(5000);
    run_say(&run, "somebody presses the red button");
    run.session.world.plant.fault[SIM_EMERGENCY_STOP] = true;
    assert_true(run_until(&run, no_current, NULL, 1000)); /* < 5 A and open within 1 s */
    run_expect_over(&run, 1);
    assert_int_equal(run.session.record.end, CCS_END_EMERGENCY);
    story_expect(&run.story, "emergency");
}

static void the_plug_is_pulled_under_current(void **state)
{
    (void)state;
    charge(5000);
    run_unplug(&run);
    assert_true(run_until(&run, no_current, NULL, 1000));
    run_expect_over(&run, 1);
    expect_end(CCS_END_UNPLUGGED, CCS_EV_UNPLUGGED);
    run_expect_next_charge(&run);
    story_expect(&run.story, "unplug");
}

static void the_insulation_fails_under_current(void **state)
{
    (void)state;
    charge(5000);
    run_say(&run, "the insulation drops to 20 kOhm");
    run.session.world.plant.isolation_low_ohm = 20000;
    run.session.world.plant.fault[SIM_ISOLATION_LOW] = true;
    run_expect_over(&run, 1);
    assert_int_equal(run.session.record.end, CCS_END_ISOLATION);
    story_expect(&run.story, "isolation_fault");
}

static int32_t battery_mA(void)
{
    return run.session.world.plant.battery_mA;
}

static bool below_50_A(const sim_session_t *session, const void *unused)
{
    (void)unused;
    return session->world.plant.battery_mA <= 50000;
}

static void a_limit_of_the_site_is_followed_down_and_up_again(void **state)
{
    (void)state;
    charge(15000);
    assert_in_range(battery_mA(), 170000, 200000);
    run_say(&run, "the site allows 50 A only");
    sim_session_limits(
        &run.session,
        &(ccs_limits_t){.mV_max = 1000000, .charge_mA_max = 50000, .power_W_max = 150000, .reason = "load management"});
    assert_true(run_until(&run, below_50_A, NULL, 2000)); /* 100 A/s and more */
    run_ms(&run, 2000);
    assert_in_range(battery_mA(), 48000, 50000);
    run_say(&run, "the site allows 120 A again");
    sim_session_limits(&run.session, &(ccs_limits_t){.mV_max = 1000000, .charge_mA_max = 120000, .power_W_max = 150000});
    run_ms(&run, 8000);
    assert_in_range(battery_mA(), 118000, 120000);
    sim_session_car_stop(&run.session, CCS_STOP_USER);
    run_expect_over(&run, 1);
    expect_end(CCS_END_COMPLETED, CCS_EV_CHARGED);
    story_expect(&run.story, "site_limit");
}

static void a_card_comes_after_3_seconds(void **state)
{
    (void)state;
    config.authorize.after_ms = 3000;
    run_start(&run, &config);
    run_expect_over(&run, 1);
    expect_end(CCS_END_COMPLETED, CCS_EV_CHARGED);
    story_expect(&run.story, "authorization_asked");
}

static void no_card_comes(void **state)
{
    (void)state;
    config.authorize.verdict = CCS_NOT_YET;
    run_start(&run, &config);
    run_expect_over(&run, 1);
    assert_int_equal(run.session.record.end, CCS_END_AUTHORIZATION_LATE);
    assert_in_range(run.session.record.end_ms - run.session.record.begin_ms, 54000, 60000);
    story_expect(&run.story, "authorization_late");
}

static void the_card_is_denied(void **state)
{
    (void)state;
    config.authorize = (sim_authorize_t){.verdict = CCS_DENIED, .after_ms = 1000};
    run_start(&run, &config);
    run_expect_over(&run, 1);
    assert_int_equal(run.session.record.end, CCS_END_NOT_AUTHORIZED);
    story_expect(&run.story, "authorization_denied");
}

static void the_car_reports_an_error_under_current(void **state)
{
    (void)state;
    config.ev.misbehave = CCS_MIS_ERROR_CODE;
    config.ev.misbehave_at = "CurrentDemandReq";
    config.ev.misbehave_count = 60;
    charge(0);
    run_expect_over(&run, 1);
    assert_int_equal(run.session.record.end, CCS_END_CAR_ERROR);
    assert_int_equal(run.session.record.car_error, CCS_EV_RESS_MALFUNCTION);
    story_expect(&run.story, "car_error");
}

static void our_contactor_welds(void **state)
{
    (void)state;
    charge(3000);
    run_say(&run, "the output contactor welds");
    run.session.world.plant.fault[SIM_MAIN_WELDED] = true;
    sim_session_car_stop(&run.session, CCS_STOP_USER);
    assert_true(run_until(&run, sim_car_done, NULL, 30000));
    run_ms(&run, 10000);
    assert_true(run.session.world.report.latched);
    assert_int_equal(run.session.world.report.why, CCS_WHY_CONTACTOR_WELDED);
    assert_int_equal(run.session.records, 1);
    story_expect(&run.story, "contactor_welded");
}

/* With the target of most cars, their limit: a source that gives nothing is then far below its set voltage. */
static void the_power_stage_falls_silent(void **state)
{
    (void)state;
    config.ev.mV_target = config.ev.mV_max;
    charge(5000);
    run_say(&run, "the power stage falls silent");
    run.session.world.plant.fault[SIM_SOURCE_SILENT] = true;
    run_expect_over(&run, 1);
    assert_int_equal(run.session.record.end, CCS_END_CHARGER_ERROR);
    story_expect(&run.story, "source_silent");
}

static void a_missing_meter_refuses_or_flags_by_setting(void **state)
{
    (void)state;
    for (int required = 0; required < 2; required++) {
        run_defaults(&config);
        config.secc.meter_required = required == 1;
        run_begin(&run, &config);
        run.session.world.plant.fault[SIM_METER_SILENT] = true;
        run_ms(&run, 1000);
        run_plug(&run);
        run_expect_over(&run, 1);
        assert_int_equal(run.session.record.end, required ? CCS_END_NO_METER : CCS_END_COMPLETED);
        assert_int_equal(run.session.record.meter_begin_Wh, -1);
    }
}

static void a_car_that_says_nothing_has_18_s(void **state)
{
    (void)state;
    config.ev.misbehave = CCS_MIS_SILENT;
    config.ev.misbehave_at = "supportedAppProtocolReq";
    run_start(&run, &config);
    const uint32_t one = 1;
    assert_true(run_until(&run, sim_recorded, &one, 30000));
    assert_int_equal(run.session.record.end, CCS_END_SETUP_TIMEOUT);
    run_expect_over(&run, 1);
    story_expect(&run.story, "setup_timeout");
}

static void a_car_that_falls_silent_has_60_s(void **state)
{
    (void)state;
    config.ev.misbehave = CCS_MIS_SILENT;
    config.ev.misbehave_at = "ServicePaymentSelectionReq";
    run_start(&run, &config);
    run_expect_over(&run, 1);
    assert_int_equal(run.session.record.end, CCS_END_SEQUENCE_TIMEOUT);
    assert_in_range(run.session.record.end_ms - run.session.record.begin_ms, 60000, 60100);
    story_expect(&run.story, "sequence_timeout");
}

static bool idle_but_closed(const sim_session_t *session, const void *unused)
{
    (void)unused;
    return session->world.plant.battery_mA < 1000 && session->world.plant.main.closed && session->world.plant.car_contactors.closed;
}

/* Longer than the lease of 1 s: no current, everything stays closed, the late request resumes by ramp. */
static void a_late_demand_pauses_the_current_and_resumes(void **state)
{
    (void)state;
    config.ev.misbehave = CCS_MIS_LATE;
    config.ev.misbehave_at = "CurrentDemandReq";
    config.ev.misbehave_count = 100;
    config.ev.misbehave_ms = 5000;
    charge(4000);
    assert_true(run_until(&run, idle_but_closed, NULL, 6000));
    assert_true(run_until(&run, sim_charging, NULL, 8000));
    run_ms(&run, 3000);
    sim_session_car_stop(&run.session, CCS_STOP_USER);
    run_expect_over(&run, 1);
    expect_end(CCS_END_COMPLETED, CCS_EV_CHARGED);
    story_expect(&run.story, "late_demand");
}

static void every_car_of_the_road_charges(void **state)
{
    (void)state;
    const char *name;
    for (size_t i = 0; (name = ccs_ev_preset_name(i)) != NULL; i++) {
        run_defaults(&config);
        run.what = name;
        assert_int_equal(ccs_ev_preset(&config.ev, name), CCS_OK);
        config.ev.duration_stop_ms = 30000;
        config.jitter_ms = 5;
        sim_session_fit_battery(&config);
        run_start(&run, &config);
        run_expect_over(&run, 1);
        expect_end(CCS_END_COMPLETED, CCS_EV_CHARGED);
        expect_energy();
        assert_true(told_Wh() > 10);
        run_expect_next_charge(&run);
    }
}

static void a_car_with_many_habits(void **state)
{
    (void)state;
    assert_int_equal(ccs_ev_preset(&config.ev, "model-y"), CCS_OK);
    sim_session_fit_battery(&config);
    run_start(&run, &config);
    run_expect_over(&run, 1);
    expect_end(CCS_END_COMPLETED, CCS_EV_CHARGED);
    story_expect(&run.story, "model_y");
}

/* Seres, as recorded: a profile of 4140 W, and then 250 A. Another car, no profile; and one above what we offer is only noted. */
static void a_car_sends_a_charging_profile(void **state)
{
    (void)state;
    assert_int_equal(ccs_ev_preset(&config.ev, "seres"), CCS_OK);
    assert_int_equal(config.ev.profile_W, 4140);
    sim_session_fit_battery(&config);
    for (int turn = 0; turn < 3; turn++) {
        static const int32_t profiles_W[] = {4140, 0, INT16_MAX};
        config.ev.profile_W = profiles_W[turn];
        config.secc.limits.power_W_max = 20000;
        run_start(&run, &config);
        run_expect_over(&run, 1);
        expect_end(CCS_END_COMPLETED, CCS_EV_CHARGED);
        assert_int_equal(strstr(story_text(&run.story), "profile_W=") != NULL, profiles_W[turn] != 0);
    }
}

static void a_slow_network_in_small_segments(void **state)
{
    (void)state;
    config.latency_ms = 40;
    config.jitter_ms = 40;
    config.segment = 7;
    run_start(&run, &config);
    run_expect_over(&run, 1);
    expect_end(CCS_END_COMPLETED, CCS_EV_CHARGED);
}

/* The same settings tell the same story: a recorded session is a test. */
static void the_same_world_tells_the_same_story(void **state)
{
    (void)state;
    static char first[STORY_SIZE];
    config.jitter_ms = 20;
    config.seed = 4711;
    run_start(&run, &config);
    run_expect_over(&run, 1);
    strcpy(first, story_text(&run.story));
    run_start(&run, &config);
    run_expect_over(&run, 1);
    assert_string_equal(first, story_text(&run.story));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_whole_charge, set_up),
        cmocka_unit_test_setup(a_charge_until_the_battery_is_full, set_up),
        cmocka_unit_test_setup(a_second_charge_after_the_plug_was_pulled, set_up),
        cmocka_unit_test_setup(a_person_stops_at_the_charger, set_up),
        cmocka_unit_test_setup(the_driver_stops_in_the_car, set_up),
        cmocka_unit_test_setup(an_emergency_stop_under_current, set_up),
        cmocka_unit_test_setup(the_plug_is_pulled_under_current, set_up),
        cmocka_unit_test_setup(the_insulation_fails_under_current, set_up),
        cmocka_unit_test_setup(a_limit_of_the_site_is_followed_down_and_up_again, set_up),
        cmocka_unit_test_setup(a_card_comes_after_3_seconds, set_up),
        cmocka_unit_test_setup(no_card_comes, set_up),
        cmocka_unit_test_setup(the_card_is_denied, set_up),
        cmocka_unit_test_setup(the_car_reports_an_error_under_current, set_up),
        cmocka_unit_test_setup(our_contactor_welds, set_up),
        cmocka_unit_test_setup(the_power_stage_falls_silent, set_up),
        cmocka_unit_test_setup(a_missing_meter_refuses_or_flags_by_setting, set_up),
        cmocka_unit_test_setup(a_car_that_says_nothing_has_18_s, set_up),
        cmocka_unit_test_setup(a_car_that_falls_silent_has_60_s, set_up),
        cmocka_unit_test_setup(a_late_demand_pauses_the_current_and_resumes, set_up),
        cmocka_unit_test_setup(every_car_of_the_road_charges, set_up),
        cmocka_unit_test_setup(a_car_with_many_habits, set_up),
        cmocka_unit_test_setup(a_car_sends_a_charging_profile, set_up),
        cmocka_unit_test_setup(a_slow_network_in_small_segments, set_up),
        cmocka_unit_test_setup(the_same_world_tells_the_same_story, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
