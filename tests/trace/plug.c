/* Stories that begin at the plug: pilot, match, network, charge, and what follows, with a modem at each end of the cable.
 * SPDX-License-Identifier: Apache-2.0 */
#include "run.h"
#include "slac/timing.h"
#include "test.h"

#include <openssl/sha.h>

static run_t run;

static void sha256(const uint8_t *octets, size_t length, uint8_t digest[32])
{
    (void)SHA256(octets, length, digest);
}

static void defaults(sim_session_config_t *config)
{
    run = (run_t){0};
    run_defaults(config);
    run.story.tells_pilot = true;
    sim_session_with_slac(config, sha256);
}

static ccs_slac_status_t slac(void)
{
    return ccs_secc_slac(&run.session.secc);
}

static ccs_pilot_drive_t pilot(void)
{
    return run.session.world.drive.pilot;
}

static bool shows(const sim_session_t *session, const void *drive)
{
    return session->world.drive.pilot == *(const ccs_pilot_drive_t *)drive;
}

/* Until the pilot is driven so; fails after ms_max. Returns when that was. */
static int64_t until_pilot(ccs_pilot_drive_t drive, int64_t ms_max)
{
    if (!run_until(&run, shows, &drive, ms_max)) {
        fail_msg("%s: the pilot is still %d after %lld ms, SLAC %s, charger %s", run.what, pilot(), (long long)ms_max, slac().state,
                 ccs_secc_wait_name(&run.session.secc));
    }
    return run.session.now_ms;
}

static bool matched_again(const sim_session_t *session, const void *links)
{
    return ccs_secc_slac_stats(&session->secc)->links > *(const uint32_t *)links;
}

static void begin(void)
{
    sim_session_config_t config;
    defaults(&config);
    run_start(&run, &config);
}

/* A car that never has enough, under current. */
static void begin_live(void)
{
    sim_session_config_t config;
    defaults(&config);
    config.ev.duration_stop_ms = 0;
    run_start(&run, &config);
    run_to(&run, &run_points[RUN_LOOP]);
}

static void expect_charged(unsigned session)
{
    run_expect_over(&run, session);
    assert_int_equal(run_result(&run), CCS_EV_CHARGED);
}

/* A charge is over, the plug still in. */
static void begin_rested(void)
{
    begin();
    expect_charged(1);
    run_ms(&run, 10000);
    assert_string_equal(ccs_secc_wait_name(&run.session.secc), "resting");
}

/* --- stories ----------------------------------------------------------------------------------------------------------------- */

static void a_charge_from_the_plug(void **state)
{
    (void)state;
    sim_session_config_t config;
    defaults(&config);
    run_start(&run, &config);
    expect_charged(1);
    assert_int_equal(run.session.record.end, CCS_END_COMPLETED);
    assert_memory_equal(run.session.record.car_mac, config.ev.slac.mac, 6);
    run_say(&run, "an hour later the driver comes");
    run_ms(&run, 3600000);
    assert_int_equal(pilot(), CCS_PILOT_STEADY);
    run_unplug(&run);
    run_ms(&run, 1000);
    story_expect(&run.story, "from_the_plug");
}

/* Every strange car and every end of a charge, now with a match before it. */
static void the_next_car_charges_after_a_plug_pulled_under_current(void **state)
{
    (void)state;
    begin_live();
    run_unplug(&run);
    run_expect_over(&run, 1);
    assert_int_equal(run.session.record.end, CCS_END_UNPLUGGED);
    run_expect_next_charge(&run);
}

static void each_match_has_a_key_of_its_own(void **state)
{
    (void)state;
    enum { MATCHES = 5 };
    static uint8_t keys[MATCHES][CCS_NMK_SIZE];
    begin();
    for (uint32_t i = 0; i < MATCHES; i++) {
        if (!run_until(&run, sim_matched, NULL, 10000)) {
            fail_msg("no match %u", i);
        }
        memcpy(keys[i], run.session.line.node[0].nmk, CCS_NMK_SIZE);
        run_unplug(&run);
        run_ms(&run, SLAC_LEAVE_MS);
        for (uint32_t k = 0; k <= i; k++) {
            assert_memory_not_equal(keys[k], run.session.line.node[0].nmk, CCS_NMK_SIZE); /* left within a second */
        }
        run_plug(&run);
    }
}

/* D-LINK_ERROR: X1 for 3 s, E/F for at least 4 s, then 5 % and a new match. */
static void a_link_lost_under_current_ends_dead_and_is_matched_anew(void **state)
{
    (void)state;
    begin_live();
    run_ms(&run, 1000);
    run_say(&run, "the modems do not hear each other any more");
    line_attenuate(&run.session.line, 0, 1, LINE_DEAF_dB);
    run_expect_over(&run, 1);
    assert_int_equal(run.session.record.end, CCS_END_CAR_ERROR); /* the car was quicker: it has opened S2 */
    const int64_t negative_ms = until_pilot(CCS_PILOT_NEGATIVE, 10000);
    line_attenuate(&run.session.line, 0, 1, run.session.config.attenuation_dB);
    assert_int_equal(sim_session_car_again(&run.session), CCS_OK);
    const int64_t lit_ms = until_pilot(CCS_PILOT_5_PERCENT, 10000);
    assert_in_range(lit_ms - negative_ms, SLAC_STEP_EF_MS, 8000);
    run_say(&run, "the car begins anew");
    run_to(&run, &run_points[RUN_LOOP]);
    sim_session_car_stop(&run.session, CCS_STOP_USER);
    run_expect_over(&run, 2);
    story_expect(&run.story, "link_lost");
}

/* The car takes the key and never joins: TT_match_join, X1, E/F, C_sequ_retry; then the plug must be pulled. */
static void a_car_that_never_joins_is_given_up_after_three_tries(void **state)
{
    (void)state;
    sim_session_config_t config;
    defaults(&config);
    config.ev.slac.misbehave = CCS_SLAC_MIS_NO_KEY;
    run_start(&run, &config);
    run_ms(&run, 120000);
    assert_int_equal(ccs_secc_slac_stats(&run.session.secc)->join_timeouts, 3);
    assert_int_equal(pilot(), CCS_PILOT_STEADY);
    assert_string_equal(ccs_secc_wait_name(&run.session.secc), "resting");
    assert_int_equal(run.session.records, 0);
    assert_int_equal(run_result(&run), CCS_EV_NO_MATCH);
    run.session.config.ev.slac.misbehave = CCS_SLAC_MIS_NONE;
    run_expect_next_charge(&run);
}

static void a_car_without_a_modem_sees_e_f_twice_then_x1(void **state)
{
    (void)state;
    sim_session_config_t config;
    defaults(&config);
    config.ev.slac.mode = CCS_SLAC_OFF; /* and no network is given either */
    run_start(&run, &config);
    for (int tries = 0; tries <= SLAC_SEQUENCE_RETRIES; tries++) {
        const int64_t lit_ms = until_pilot(CCS_PILOT_5_PERCENT, 2000);
        const int64_t negative_ms = until_pilot(CCS_PILOT_NEGATIVE, 60000);
        assert_in_range(negative_ms - lit_ms, SLAC_EVSE_INIT_MS - 100, SLAC_EVSE_INIT_MS + 100);
        const int64_t over_ms = until_pilot(CCS_PILOT_STEADY, 10000);
        assert_in_range(over_ms - negative_ms, SLAC_STEP_EF_MS, 8000);
    }
    run_ms(&run, 600000);
    assert_int_equal(pilot(), CCS_PILOT_STEADY);
}

/* The car toggles B-C-B: it is served again with a new key, without a hand at the charger. */
static void a_toggle_of_the_car_wakes_an_outlet_that_rests(void **state)
{
    (void)state;
    begin_rested();
    run.session.car = false; /* no communication at work: a hand on S2 */
    sim_plant_car_want(&run.session.world.plant, &(ccs_ev_want_t){.pilot = CCS_PILOT_C});
    run_ms(&run, 250);
    sim_plant_car_want(&run.session.world.plant, &(ccs_ev_want_t){.pilot = CCS_PILOT_B});
    assert_int_equal(pilot(), CCS_PILOT_STEADY);
    assert_int_equal(sim_session_car_again(&run.session), CCS_OK);
    expect_charged(2);
}

static void a_reset_wakes_an_outlet_that_rests(void **state)
{
    (void)state;
    begin_rested();
    assert_int_equal(sim_session_car_again(&run.session), CCS_OK);
    sim_session_reset(&run.session);
    expect_charged(2);
}

/* A card after the 55 s: the port resets the outlet, and the car that stayed plugged charges after a new match. */
static void a_card_that_comes_late_leads_to_a_fresh_start_with_the_plug_left_in(void **state)
{
    (void)state;
    sim_session_config_t config;
    defaults(&config);
    config.authorize.verdict = CCS_NOT_YET;
    run_start(&run, &config);
    run_expect_over(&run, 1);
    assert_int_equal(run.session.record.end, CCS_END_AUTHORIZATION_LATE);
    run_ms(&run, 60000);
    assert_string_equal(ccs_secc_wait_name(&run.session.secc), "blocked");
    assert_int_equal(sim_session_car_again(&run.session), CCS_OK);
    const uint32_t links = ccs_secc_slac_stats(&run.session.secc)->links;
    run.session.config.authorize.verdict = CCS_GRANTED;
    sim_session_reset(&run.session);
    assert_true(run_until(&run, matched_again, &links, 20000));
    expect_charged(2);
}

static void an_emergency_waits_for_a_person_whatever_is_plugged(void **state)
{
    (void)state;
    begin_live();
    sim_session_stop(&run.session, CCS_STOP_EMERGENCY);
    run_expect_over(&run, 1);
    run_unplug(&run);
    run_ms(&run, 5000);
    run_plug(&run);
    run_ms(&run, 120000);
    assert_int_equal(pilot(), CCS_PILOT_STEADY);
    assert_int_equal(run.session.records, 1);
    sim_session_reset(&run.session);
    run.session.config.ev.duration_stop_ms = 1000;
    run_expect_next_charge(&run);
}

/* A long way, a lossy line: frames are repeated, the charge comes about all the same. */
static void a_lossy_line_still_leads_to_a_charge(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        sim_session_config_t config;
        defaults(&config);
        config.seed = seed;
        config.loss_permille = 50;
        run_start(&run, &config);
        expect_charged(1);
    }
}

/* --- the charger's process dies ---------------------------------------------------------------------------------------------- */

static void die_and_start_again(void)
{
    const ccs_record_t kept = *ccs_secc_record(&run.session.secc);
    const bool running = kept.number > run.session.records;
    run_say(&run, "the charger's process is killed and starts again");
    assert_int_equal(sim_session_restart(&run.session, running ? &kept : NULL), CCS_OK);
}

static void expect_restart(const run_point_t *point)
{
    const uint32_t records = run.session.records;
    const ccs_record_t kept = *ccs_secc_record(&run.session.secc);
    const bool running = kept.number > records;
    uint8_t key[CCS_NMK_SIZE];
    memcpy(key, run.session.line.node[0].nmk, sizeof key);
    die_and_start_again();
    const int64_t negative_ms = until_pilot(CCS_PILOT_NEGATIVE, 20000);
    assert_true(run.session.world.report.settled); /* dead before anything is shown */
    assert_false(run.session.world.plant.main.closed);
    assert_int_equal(run.session.records, records + running);
    if (running) {
        assert_int_equal(run.session.record.end, CCS_END_INTERRUPTED);
        assert_int_equal(run.session.record.meter_end_Wh, kept.meter_end_Wh);
        assert_memory_equal(run.session.record.session_id, kept.session_id, 8);
    }
    assert_true(run_until(&run, sim_car_done, NULL, 70000));
    assert_int_equal(sim_session_car_again(&run.session), CCS_OK);
    const int64_t over_ms = until_pilot(CCS_PILOT_5_PERCENT, 20000);
    assert_true(over_ms - negative_ms >= SLAC_STEP_EF_MS);
    run.session.config.ev.duration_stop_ms = 500;
    run_expect_over(&run, records + running + 1);
    if (run_result(&run) != CCS_EV_CHARGED) {
        fail_msg("%s: %s", point->name, ccs_ev_result_name(run_result(&run)));
    }
    assert_memory_not_equal(key, run.session.line.node[0].nmk, sizeof key);
}

/* Boot finds B, C or D: it closes nothing, waits until the cable is dead, shows F for 4 s, matches with a new key. */
static void a_restart_in_each_phase_of_a_charge(void **state)
{
    (void)state;
    for (size_t i = 0; i < RUN_POINTS; i++) {
        sim_session_config_t config;
        defaults(&config);
        config.ev.duration_stop_ms = 1500;
        run.what = run_points[i].name;
        run_start(&run, &config);
        run.what = run_points[i].name;
        run_to(&run, &run_points[i]);
        expect_restart(&run_points[i]);
    }
}

static void a_restart_under_current_as_a_story(void **state)
{
    (void)state;
    begin();
    run_to(&run, &run_points[RUN_LOOP]);
    run_ms(&run, 500);
    expect_restart(&run_points[RUN_LOOP]);
    story_expect(&run.story, "restart");
}

/* In the middle of a match there is no session to record, but the car must forget the old key as well. */
static void a_restart_in_the_middle_of_a_match(void **state)
{
    static const int64_t moments_ms[] = {100, 400, 700, 1000, 1100, 1300};
    (void)state;
    for (size_t i = 0; i < sizeof moments_ms / sizeof *moments_ms; i++) {
        begin();
        run_ms(&run, moments_ms[i]);
        run.what = slac().state;
        die_and_start_again();
        until_pilot(CCS_PILOT_NEGATIVE, 5000);
        until_pilot(CCS_PILOT_5_PERCENT, 10000);
        if (run.session.ev_out.done) { /* it had been further than the charger: its link is lost */
            assert_int_equal(sim_session_car_again(&run.session), CCS_OK);
        }
        expect_charged(1);
    }
}

static void a_restart_with_nobody_plugged_serves_the_next_car_at_once(void **state)
{
    (void)state;
    sim_session_config_t config;
    defaults(&config);
    run_begin(&run, &config);
    run_ms(&run, 1000);
    die_and_start_again();
    run_ms(&run, 1000);
    run_plug(&run);
    until_pilot(CCS_PILOT_5_PERCENT, 200);
    run_expect_over(&run, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_charge_from_the_plug),
        cmocka_unit_test(the_next_car_charges_after_a_plug_pulled_under_current),
        cmocka_unit_test(each_match_has_a_key_of_its_own),
        cmocka_unit_test(a_link_lost_under_current_ends_dead_and_is_matched_anew),
        cmocka_unit_test(a_car_that_never_joins_is_given_up_after_three_tries),
        cmocka_unit_test(a_car_without_a_modem_sees_e_f_twice_then_x1),
        cmocka_unit_test(a_toggle_of_the_car_wakes_an_outlet_that_rests),
        cmocka_unit_test(a_reset_wakes_an_outlet_that_rests),
        cmocka_unit_test(a_card_that_comes_late_leads_to_a_fresh_start_with_the_plug_left_in),
        cmocka_unit_test(an_emergency_waits_for_a_person_whatever_is_plugged),
        cmocka_unit_test(a_lossy_line_still_leads_to_a_charge),
        cmocka_unit_test(a_restart_in_each_phase_of_a_charge),
        cmocka_unit_test(a_restart_under_current_as_a_story),
        cmocka_unit_test(a_restart_in_the_middle_of_a_match),
        cmocka_unit_test(a_restart_with_nobody_plugged_serves_the_next_car_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
