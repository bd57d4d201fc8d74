/* The conformance purposes of a charger's SLAC, a story each, by their names; and what each state does when nothing comes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "slac/ev.h"
#include "world.h"

#include <stdio.h>

/* --- CmSlacParm ------------------------------------------------------------------------------------------------------------------
 */

static void cm_slac_parm_001_a_request_in_state_b_is_answered(void **state)
{
    world_t *const w = *state;
    pilot(w, CCS_PILOT_B);
    feed_now(w, parm_req());
    expect_sent(w, MME_CM_SLAC_PARM_CNF);
    const mme_slac_parm_cnf_t *const cnf = &w->last.slac_parm_cnf;
    assert_int_equal(cnf->num_sounds, 10);
    assert_int_equal(cnf->timeout_100ms, 6);
    assert_int_equal(cnf->resp_type, 1);
    assert_memory_equal(cnf->sound_target, mme_broadcast, 6);
    assert_memory_equal(cnf->forwarding_sta, car_mac, 6); /* the car's, not ours */
    assert_memory_equal(cnf->run_id, run_id, 8);
    assert_memory_equal(w->last.destination, car_mac, 6);
}

static void cm_slac_parm_002_003_a_request_in_state_c_or_d_is_answered(void **state)
{
    world_t *const w = *state;
    static const ccs_pilot_state_t states[] = {CCS_PILOT_C, CCS_PILOT_D};
    for (size_t i = 0; i < 2; i++) {
        again(w, CCS_SLAC_STRICT);
        pilot(w, states[i]);
        feed_now(w, parm_req());
        expect_sent(w, MME_CM_SLAC_PARM_CNF);
    }
}

static void cm_slac_parm_004_a_request_after_slac_init_is_not_answered(void **state)
{
    world_t *const w = *state;
    pilot(w, CCS_PILOT_B);
    advance(w, SLAC_EVSE_INIT_MS);
    feed_now(w, parm_req());
    assert_int_equal(w->sent, 0);
}

static void cm_slac_parm_state_a_is_silence(void **state)
{
    world_t *const w = *state;
    feed_now(w, parm_req());
    assert_int_equal(w->sent, 0);
    pilot(w, CCS_PILOT_B);
    pilot(w, CCS_PILOT_A);
    feed_now(w, parm_req());
    assert_int_equal(w->sent, 0);
}

/* Application or security type other than 0: ignored, and the right request is answered. */
static void cm_slac_parm_with_a_wrong_type_is_ignored(void **state)
{
    world_t *const w = *state;
    pilot(w, CCS_PILOT_B);
    for (int which = 0; which < 2; which++) {
        mme_t req = parm_req();
        *(which ? &req.slac_parm_req.application : &req.slac_parm_req.security) = 0xFF;
        feed_now(w, req);
        assert_int_equal(w->sent, 0);
    }
    feed_now(w, parm_req());
    expect_sent(w, MME_CM_SLAC_PARM_CNF);
}

/* Every charger in reach answers every car: a flood of requests becomes no flood of answers, and ends with itself. */
static void cm_slac_parm_a_flood_is_answered_ten_times_in_100_ms(void **state)
{
    world_t *const w = *state;
    unsigned answers = 0;
    pilot(w, CCS_PILOT_B);
    for (uint8_t i = 0; i < 200; i++) {
        mme_t req = parm_req();
        req.source[4] = i;
        feed_now(w, req);
        answers += w->sent;
    }
    assert_int_equal(answers, SLAC_ANSWERS_MAX);
    assert_int_equal(w->evse.stats.limited, 200 - SLAC_ANSWERS_MAX);
    advance(w, SLAC_ANSWERS_MS);
    feed_now(w, parm_req());
    expect_sent(w, MME_CM_SLAC_PARM_CNF);
}

/* --- AttenuationCharacterization -------------------------------------------------------------------------------------------------
 */

static void attenuation_characterization_001_the_result_comes_within_100_ms_of_the_last_sound(void **state)
{
    world_t *const w = *state;
    until_result(w); /* in the very step of the tenth profile */
    expect_sent(w, MME_CM_ATTEN_CHAR_IND);
    assert_int_equal(w->last.atten_char_ind.num_sounds, 10);
    assert_int_equal(w->last.atten_char_ind.groups, MME_GROUPS);
    assert_memory_equal(w->last.atten_char_ind.source, car_mac, 6);
    assert_memory_equal(w->last.atten_char_ind.run_id, run_id, 8);
    assert_memory_equal(w->last.destination, car_mac, 6); /* to this car alone, not broadcast */
}

/* A new request instead of the response begins again, with a new RunID and with the same. */
static void attenuation_characterization_002_a_new_request_instead_of_the_response_begins_again(void **state)
{
    world_t *const w = *state;
    for (int same = 0; same < 2; same++) {
        again(w, CCS_SLAC_STRICT);
        until_result(w);
        mme_t req = parm_req();
        req.slac_parm_req.run_id[0] = same ? run_id[0] : 0x77;
        feed_now(w, req);
        expect_sent(w, MME_CM_SLAC_PARM_CNF);
        assert_memory_equal(w->last.slac_parm_cnf.run_id, req.slac_parm_req.run_id, 8);
        advance(w, SLAC_MATCH_RESPONSE_MS);
        assert_int_equal(w->sent, 0); /* the old result is not repeated */
        feed_now(w, char_rsp());      /* nor its response taken */
        feed_now(w, match_req());
        assert_int_equal(w->sent, 0);
    }
}

static void attenuation_characterization_003_nine_of_ten_sounds_give_a_result(void **state)
{
    world_t *const w = *state;
    until_sounding(w);
    for (int i = 0; i < 9; i++) {
        feed_now(w, profile_ind(12));
    }
    advance(w, SLAC_SOUNDS_100MS * 100 + SLAC_PROFILE_GRACE_MS);
    expect_sent(w, MME_CM_ATTEN_CHAR_IND);
    assert_int_equal(w->last.atten_char_ind.num_sounds, 9);
}

/* 004: no response at all; 005 .. 011: one with a wrong field is none. Three results, then it is over. */
static void attenuation_characterization_004_to_011_without_a_right_response_the_result_is_repeated_twice(void **state)
{
    world_t *const w = *state;
    for (int wrong = 0; wrong <= 7; wrong++) {
        again(w, CCS_SLAC_STRICT);
        until_result(w);
        for (int again = 0; again <= SLAC_MATCH_RETRIES; again++) {
            mme_t rsp = char_rsp();
            uint8_t *const spots[] = {
                NULL,
                &rsp.atten_char_rsp.application,
                &rsp.atten_char_rsp.security,
                &rsp.atten_char_rsp.source[0],
                &rsp.atten_char_rsp.run_id[7],
                &rsp.atten_char_rsp.source_id[0],
                &rsp.atten_char_rsp.resp_id[0],
                &rsp.atten_char_rsp.result,
            };
            if (spots[wrong]) {
                *spots[wrong] ^= 0x01;
                feed_now(w, rsp);
                assert_int_equal(w->sent, 0);
            }
            advance(w, SLAC_MATCH_RESPONSE_MS);
            assert_int_equal(w->sent, again < SLAC_MATCH_RETRIES);
        }
        feed_now(w, char_rsp());
        feed_now(w, match_req());
        assert_int_equal(w->sent, 0);
    }
}

static void attenuation_characterization_012_a_start_400_ms_late_is_ignored(void **state)
{
    world_t *const w = *state;
    pilot(w, CCS_PILOT_B);
    feed_now(w, parm_req());
    advance(w, SLAC_MATCH_SEQUENCE_MS);
    feed_now(w, start_ind());
    feed_now(w, sound_ind());
    feed_now(w, profile_ind(10));
    advance(w, 1000);
    assert_int_equal(w->sent, 0);
}

static void attenuation_characterization_013_to_018_a_start_with_a_wrong_field_is_ignored_and_the_right_one_taken(void **state)
{
    world_t *const w = *state;
    for (int wrong = 0; wrong < 7; wrong++) {
        again(w, CCS_SLAC_STRICT);
        pilot(w, CCS_PILOT_B);
        feed_now(w, parm_req());
        mme_t ind = start_ind();
        mme_start_atten_char_ind_t *const start = &ind.start_atten_char_ind;
        uint8_t *const spots[] = {&start->application, &start->security,          &start->num_sounds, &start->timeout_100ms,
                                  &start->resp_type,   &start->forwarding_sta[5], &start->run_id[3]};
        *spots[wrong] = wrong == 2 || wrong == 3 ? 0 : (uint8_t)(*spots[wrong] ^ 0x5A);
        feed_now(w, ind);
        feed_now(w, profile_ind(10));
        assert_true(w->evse.stats.invalid >= 2); /* neither the start nor a profile without one */
        feed_now(w, start_ind());
        feed_now(w, sound_ind());
        for (int i = 0; i < SLAC_SOUNDS; i++) {
            feed_now(w, profile_ind(10));
        }
        expect_sent(w, MME_CM_ATTEN_CHAR_IND);
    }
}

/* Two of the three copies come behind the first sound: the window does not begin anew. */
static void attenuation_characterization_copies_of_the_start_do_not_stretch_the_window(void **state)
{
    world_t *const w = *state;
    until_sounding(w);
    feed_now(w, profile_ind(10));
    advance(w, 500);
    feed_now(w, start_ind());
    feed_now(w, start_ind());
    advance(w, 100 + SLAC_PROFILE_GRACE_MS);
    expect_sent(w, MME_CM_ATTEN_CHAR_IND);
}

/* CM_SLAC_PARM.CNF says 600 ms; what a car makes of it neither stretches nor shortens the window. */
static void attenuation_characterization_the_window_is_600_ms_whatever_the_car_names(void **state)
{
    static const uint8_t named_100ms[] = {1, 6, 255};
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof named_100ms; i++) {
        again(w, CCS_SLAC_STRICT);
        pilot(w, CCS_PILOT_B);
        feed_now(w, parm_req());
        mme_t ind = start_ind();
        ind.start_atten_char_ind.timeout_100ms = named_100ms[i];
        feed_now(w, ind);
        feed_now(w, sound_ind());
        feed_now(w, profile_ind(10));
        advance(w, SLAC_SOUNDS_100MS * 100 + SLAC_PROFILE_GRACE_MS - 1);
        assert_int_equal(w->sent, 0);
        advance(w, 1);
        expect_sent(w, MME_CM_ATTEN_CHAR_IND);
    }
}

static void attenuation_characterization_020_a_weaker_tester_is_told_a_higher_attenuation(void **state)
{
    world_t *const w = *state;
    uint8_t told[2];
    for (int i = 0; i < 2; i++) {
        again(w, CCS_SLAC_STRICT);
        until_sounding(w);
        for (int sound = 0; sound < SLAC_SOUNDS; sound++) {
            feed_now(w, profile_ind(i ? 30 : 12));
        }
        told[i] = w->last.atten_char_ind.attenuation_dB[17];
    }
    assert_int_equal(told[0], 12);
    assert_int_equal(told[1], 30);
}

/* A board whose path amplifies has a negative offset: a far car never wraps round to a near one. */
static void attenuation_characterization_an_offset_never_wraps(void **state)
{
    static const struct {
        uint8_t measured_dB;
        int8_t offset_dB;
        uint8_t told_dB;
    } rows[] = {{10, 4, 6}, {3, 4, 0}, {10, -4, 14}, {250, -20, 255}, {255, -128, 255}, {0, 127, 0}};
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        again(w, CCS_SLAC_STRICT);
        w->config.offset_dB[33] = rows[i].offset_dB;
        until_sounding(w);
        for (int sound = 0; sound < SLAC_SOUNDS; sound++) {
            feed_now(w, profile_ind(rows[i].measured_dB));
        }
        assert_int_equal(w->last.atten_char_ind.attenuation_dB[33], rows[i].told_dB);
        assert_int_equal(w->last.atten_char_ind.attenuation_dB[34], rows[i].measured_dB); /* an offset of each group */
    }
}

/* QCA7420: its profiles have no groups. Refused, but on a bench that asks for it. */
static void attenuation_characterization_a_bench_modem_is_a_setting(void **state)
{
    world_t *const w = *state;
    for (int bench = 0; bench < 2; bench++) {
        w->config.bench_modem = bench;
        again(w, CCS_SLAC_STRICT);
        until_sounding(w);
        mme_t profile = profile_ind(0);
        profile.atten_profile_ind.groups = 0;
        for (int sound = 0; sound < SLAC_SOUNDS; sound++) {
            feed_now(w, profile);
        }
        assert_int_equal(w->sent, bench);
        profile.atten_profile_ind.groups = 40; /* neither nor: never */
        feed_now(w, profile);
        assert_true(w->evse.stats.invalid > 0);
    }
}

static void state_a_in_each_step_of_a_match_is_silence_from_then_on(void **state)
{
    static void (*const steps[])(world_t *) = {until_sounding,   until_result,  until_waiting,
                                               until_validating, until_joining, until_matched};
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        again(w, CCS_SLAC_STRICT);
        steps[i](w);
        pilot(w, CCS_PILOT_A);
        advance(w, 20000); /* no retry, no poll, no timer of the old match */
        assert_int_equal(w->sent, 0);
        feed_now(w, char_rsp());
        feed_now(w, validate_req(0));
        feed_now(w, match_req());
        assert_int_equal(w->sent, 0);
        assert_int_equal(w->evse.state, SLAC_EVSE_IDLE);
    }
}

/* --- CmSlacMatch -----------------------------------------------------------------------------------------------------------------
 */

static void cm_slac_match_003_the_same_request_gets_the_same_answer(void **state)
{
    world_t *const w = *state;
    until_joining(w);
    uint8_t first[SLAC_FRAME_SIZE];
    memcpy(first, w->last_octets, sizeof first);
    for (int again = 0; again < 3; again++) {
        feed_now(w, match_req());
        expect_sent(w, MME_CM_SLAC_MATCH_CNF);
        assert_memory_equal(first, w->last_octets, 109);
    }
}

static void cm_slac_match_005_a_request_after_10_s_is_not_answered(void **state)
{
    world_t *const w = *state;
    until_waiting(w);
    advance(w, SLAC_EVSE_MATCH_SESSION_MS);
    feed_now(w, match_req());
    assert_int_equal(w->sent, 0);
}

static void cm_slac_match_006_a_request_400_ms_after_a_validation_is_not_answered(void **state)
{
    world_t *const w = *state;
    for (int late = 0; late < 2; late++) {
        again(w, CCS_SLAC_STRICT);
        until_validating(w);
        feed_now(w, validate_req(5));
        advance(w, 600);
        expect_sent(w, MME_CM_VALIDATE_CNF);
        assert_int_equal(w->last.validate_cnf.result, MME_VALIDATE_SUCCESS);
        advance(w, SLAC_MATCH_SEQUENCE_MS - (late ? 0 : 1));
        feed_now(w, match_req());
        assert_int_equal(w->sent, !late);
    }
}

static void cm_slac_match_007_to_022_a_request_with_a_wrong_field_is_ignored_and_the_right_one_answered(void **state)
{
    world_t *const w = *state;
    for (int wrong = 0; wrong < 11; wrong++) {
        again(w, CCS_SLAC_STRICT);
        until_waiting(w);
        mme_t mme = match_req();
        mme_slac_match_req_t *const req = &mme.slac_match_req;
        uint8_t *const spots[] = {
            &req->application, &req->security,    (uint8_t *)&req->mvf_length, &req->pev_id[0], &req->pev_id[16], &req->pev_mac[5],
            &req->evse_id[0],  &req->evse_id[16], &req->evse_mac[5],           &req->run_id[0], &mme.source[5]};
        *spots[wrong] ^= 0x80;
        feed_now(w, mme);
        assert_int_equal(w->sent, 0);
        feed_now(w, match_req());
        expect_sent(w, MME_CM_SLAC_MATCH_CNF);
    }
}

static void cm_slac_match_before_the_result_was_acknowledged_is_not_answered(void **state)
{
    world_t *const w = *state;
    until_result(w);
    feed_now(w, match_req());
    assert_int_equal(w->sent, 0);
}

/* --- PLCLinkStatus
 * -----------------------------------------------------------------------------------------------------------------
 */

static void order(world_t *w, slac_order_t order)
{
    step(w, (slac_event_t){.type = SLAC_ON_ORDER, .order = order});
}

static void plc_link_status_003_a_request_of_the_matched_car_is_ignored(void **state)
{
    world_t *const w = *state;
    until_matched(w);
    feed_now(w, parm_req());
    assert_int_equal(w->sent, 0);
    assert_int_equal(w->evse.state, SLAC_EVSE_MATCHED);
}

static void plc_link_status_004_005_after_a_pause_the_old_key_links_again(void **state)
{
    world_t *const w = *state;
    for (int by_car = 0; by_car < 2; by_car++) {
        again(w, CCS_SLAC_STRICT);
        until_matched(w);
        const unsigned keys = w->keys;
        order(w, SLAC_ORDER_PAUSE);
        assert_int_equal(w->out.pilot, CCS_PILOT_STEADY);
        advance(w, 60000);
        if (by_car) {
            pilot(w, CCS_PILOT_C);
            advance(w, 300);
            pilot(w, CCS_PILOT_B);
        } else {
            order(w, SLAC_ORDER_WAKE);
        }
        assert_int_equal(w->out.pilot, CCS_PILOT_5_PERCENT);
        feed_now(w, link_status(1));
        advance(w, SLAC_LINK_READY_MS);
        assert_int_equal(w->evse.state, SLAC_EVSE_MATCHED);
        assert_int_equal(w->keys, keys);
    }
}

static void plc_link_status_006_a_link_that_does_not_come_back_within_8_s_is_matched_anew(void **state)
{
    world_t *const w = *state;
    until_matched(w);
    const unsigned keys = w->keys;
    order(w, SLAC_ORDER_PAUSE);
    order(w, SLAC_ORDER_WAKE);
    advance(w, SLAC_RESUME_MS);
    assert_int_equal(w->keys, keys + 1);
    advance(w, SLAC_STEP_X1_MS);
    assert_int_equal(w->out.pilot, CCS_PILOT_NEGATIVE);
    advance(w, SLAC_STEP_EF_MS);
    assert_int_equal(w->out.pilot, CCS_PILOT_5_PERCENT);
    feed_now(w, parm_req());
    expect_sent(w, MME_CM_SLAC_PARM_CNF);
}

static void plc_link_status_007_011_a_lost_link_shows_x1_then_e_f_then_5_percent(void **state)
{
    world_t *const w = *state;
    until_matched(w);
    for (int i = 0; i < SLAC_LINK_MISSES; i++) {
        advance(w, SLAC_LINK_POLL_MS);
        feed_now(w, link_status(0));
    }
    assert_int_equal(w->downs, 1);
    assert_int_equal(w->out.pilot, CCS_PILOT_STEADY);
    advance(w, SLAC_STEP_X1_MS);
    assert_int_equal(w->out.pilot, CCS_PILOT_NEGATIVE);
    advance(w, SLAC_STEP_EF_MS - 1);
    assert_int_equal(w->out.pilot, CCS_PILOT_NEGATIVE); /* never shortened */
    advance(w, 1);
    assert_int_equal(w->out.pilot, CCS_PILOT_5_PERCENT);
}

/* T_conn_max_comm: 5 % within 8 s of the plug; here at once, the key is there before. */
static void plc_link_status_008_5_percent_comes_with_the_plug(void **state)
{
    world_t *const w = *state;
    for (int cars = 0; cars < 3; cars++) {
        pilot(w, CCS_PILOT_B);
        assert_int_equal(w->out.pilot, CCS_PILOT_5_PERCENT);
        feed_now(w, parm_req());
        pilot(w, CCS_PILOT_A);
    }
}

/* --- CmAmplitudeMap
 * ------------------------------------------------------------------------------------------------------------------
 */

static mme_t amp_map_req(void)
{
    mme_t req;
    mme_init(&req, MME_CM_AMP_MAP_REQ, evse_mac, car_mac);
    req.amp_map_req.carriers = 917;
    return req;
}

static void cm_amp_map_of_the_matched_car_is_confirmed_one_without_carriers_is_not(void **state)
{
    world_t *const w = *state;
    until_matched(w);
    mme_t req = amp_map_req();
    req.amp_map_req.carriers = 0; /* AMLEN 0 */
    feed_now(w, req);
    assert_int_equal(w->sent, 0);
    for (int again = 0; again < 3; again++) { /* its repeats, each */
        feed_now(w, amp_map_req());
        expect_sent(w, MME_CM_AMP_MAP_CNF);
        assert_int_equal(w->last.amp_map_cnf.result, 0);
    }
    req = amp_map_req();
    req.source[0] ^= 0x04; /* of anybody else: not at all */
    feed_now(w, req);
    assert_int_equal(w->sent, 0);
}

/* Seen as version 1 and 2, between match and link too; the result is a setting. */
static void cm_amp_map_is_confirmed_in_its_own_version(void **state)
{
    world_t *const w = *state;
    w->config.amplitude_map = 1;
    again(w, CCS_SLAC_STRICT);
    until_joining(w);
    for (uint8_t version = 1; version <= 2; version++) {
        mme_t req = amp_map_req();
        req.version = version;
        feed_now(w, req);
        expect_sent(w, MME_CM_AMP_MAP_CNF);
        assert_int_equal(w->last.version, version);
        assert_int_equal(w->last.amp_map_cnf.result, 1);
    }
}

/* --- every state ends
 * ---------------------------------------------------------------------------------------------------------------
 */

/* Nothing comes any more, in whatever state: each wait ends as its rule says, and the outlet matches again in the end. */
static void silence_in_each_state_of_a_match_leads_back_to_an_outlet_that_answers(void **state)
{
    static void (*const steps[])(world_t *) = {until_sounding, until_result, until_waiting, until_validating, until_joining};
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        again(w, CCS_SLAC_STRICT);
        steps[i](w);
        advance(w, 25000);
        assert_int_equal(w->evse.state, SLAC_EVSE_MATCHING);
        assert_int_equal(w->out.pilot, CCS_PILOT_5_PERCENT);
        feed_now(w, parm_req());
        expect_sent(w, MME_CM_SLAC_PARM_CNF);
    }
}

static const char *const path = CCS_SOURCE_DIR "/docs/SLAC.md";

static void put_rules(FILE *out, const char *title, const slac_rule_t *rules, const slac_wait_t *waits, size_t count)
{
    (void)fprintf(out, "## %s\n\n| state | waits for | at most | again | then |\n|---|---|---|---|---|\n", title);
    for (size_t i = 0; i < count; i++) {
        const slac_rule_t *const rule = &rules[i];
        char most[16] = "-", again[8] = "-";
        if (strcmp(waits[i].waits_for, "-") == 0) {
            continue;
        }
        if (rule->timeout_ms > 0) {
            (void)snprintf(most, sizeof most, "%u ms", rule->timeout_ms);
        }
        if (rule->retries > 0) {
            (void)snprintf(again, sizeof again, "%u x", rule->retries);
        }
        (void)fprintf(out, "| %s | %s | %s | %s | %s |\n", rule->state, waits[i].waits_for, most, again, waits[i].then);
    }
    (void)fprintf(out, "\n");
}

static void put_document(FILE *out)
{
    (void)fprintf(
        out,
        "# SLAC\n\n"
        "What a port must do, the settings and their defaults stand in `include/ccs/slac.h`. The tables below are made by\n"
        "`tests/slac/test_purposes.c` from those of the machines; a test compares. Do not edit: change a table and run\n"
        "`CCS_WRITE=1 build/release/bin/test_slac_purposes`.\n\n"
        "Key: (MAC of the car, RunID). A frame with a wrong field is ignored and counted, timers run on. Each match has a network\n"
        "membership key (NMK) of its own, drawn and set in the modem before the pilot shows 5 %%; leaving a network is setting "
        "the\n"
        "next one, within 1 s. The matched car's MAC, and nothing else, leads to its IPv6 address, to the answer to its SDP "
        "request\n"
        "and to the one connection that the listener takes. A sixth car takes the place of a result that no car came back for\n"
        "within 2 s (it has matched elsewhere), else of the oldest request; more than ten requests within 100 ms get no "
        "answer.\n\n");
    put_rules(out, "The charger's outlet", slac_evse_rules, slac_evse_waits, SLAC_EVSE_STATES);
    put_rules(out, "A matching session of a car, at most five at once", slac_session_rules, slac_session_waits,
              SLAC_SESSION_STATES);
    put_rules(out, "The car", slac_ev_rules, slac_ev_waits, SLAC_EV_STATES);
    (void)fprintf(
        out,
        "## Strict and field\n\n"
        "| point | strict | field | seen |\n|---|---|---|---|\n"
        "| a matched car begins again before its link is up | ignored | new key, new match | Stellantis, Tesla |\n"
        "| PEV_ID, EVSE_ID in CM_SLAC_MATCH.REQ | must be zero | any | PEV_ID AA.. (open-plc-utils #157) |\n"
        "| sounds shorter than 71 octets | none of them whole: no result | count | - |\n\n"
        "## The pilot\n\n"
        "| situation | pilot |\n|---|---|\n"
        "| nobody plugged, or the modem has no key yet | X1 (+12 V) |\n"
        "| a car, key set | 5 %% |\n"
        "| no CM_SLAC_PARM.REQ within `init_ms` | F for 4 s, 5 %% again, `tries` times; then X1 until the plug is pulled, the car "
        "toggles B-C-B, or a reset |\n"
        "| no link within 12 s of the match, link lost before a session | leave; X1 for 3 s, F for 4 s, 5 %%; as often |\n"
        "| a session that failed (docs/STATES.md says how often) | leave; X1 for 3 s, F for 4 s, 5 %% |\n"
        "| a session that ended in order | leave; X1; B-C-B, the next plug or a reset wakes |\n"
        "| started with a car plugged in (B, C, D) | X1 until the cable is below 60 V, F for 4 s, 5 %% with a new key |\n"
        "| pause (not used by DIN 70121) | X1, the key stays; 5 %% on wake-up, the old link back within 8 s or a new match |\n");
}

static void every_state_has_a_rule_and_the_document_shows_them(void **state)
{
    (void)state;
    char *made = NULL;
    size_t length = 0;
    static char kept[32768];
    FILE *const out = open_memstream(&made, &length);
    put_document(out);
    (void)fclose(out);
    if (getenv("CCS_WRITE")) {
        FILE *const file = fopen(path, "w");
        assert_non_null(file);
        (void)fwrite(made, 1, length, file);
        (void)fclose(file);
    }
    FILE *const file = fopen(path, "r");
    assert_non_null(file);
    kept[fread(kept, 1, sizeof kept - 1, file)] = 0;
    (void)fclose(file);
    assert_string_equal(kept, made);
    free(made);
    for (size_t i = 0; i < SLAC_EVSE_STATES; i++) {
        assert_non_null(slac_evse_rules[i].state);
    }
    for (size_t i = 0; i < SLAC_EV_STATES; i++) {
        assert_non_null(slac_ev_rules[i].state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(cm_slac_parm_001_a_request_in_state_b_is_answered),
        story(cm_slac_parm_002_003_a_request_in_state_c_or_d_is_answered),
        story(cm_slac_parm_004_a_request_after_slac_init_is_not_answered),
        story(cm_slac_parm_state_a_is_silence),
        story(cm_slac_parm_with_a_wrong_type_is_ignored),
        story(cm_slac_parm_a_flood_is_answered_ten_times_in_100_ms),
        story(attenuation_characterization_001_the_result_comes_within_100_ms_of_the_last_sound),
        story(attenuation_characterization_002_a_new_request_instead_of_the_response_begins_again),
        story(attenuation_characterization_003_nine_of_ten_sounds_give_a_result),
        story(attenuation_characterization_004_to_011_without_a_right_response_the_result_is_repeated_twice),
        story(attenuation_characterization_012_a_start_400_ms_late_is_ignored),
        story(attenuation_characterization_013_to_018_a_start_with_a_wrong_field_is_ignored_and_the_right_one_taken),
        story(attenuation_characterization_copies_of_the_start_do_not_stretch_the_window),
        story(attenuation_characterization_the_window_is_600_ms_whatever_the_car_names),
        story(attenuation_characterization_020_a_weaker_tester_is_told_a_higher_attenuation),
        story(attenuation_characterization_an_offset_never_wraps),
        story(attenuation_characterization_a_bench_modem_is_a_setting),
        story(state_a_in_each_step_of_a_match_is_silence_from_then_on),
        story(cm_slac_match_003_the_same_request_gets_the_same_answer),
        story(cm_slac_match_005_a_request_after_10_s_is_not_answered),
        story(cm_slac_match_006_a_request_400_ms_after_a_validation_is_not_answered),
        story(cm_slac_match_007_to_022_a_request_with_a_wrong_field_is_ignored_and_the_right_one_answered),
        story(cm_slac_match_before_the_result_was_acknowledged_is_not_answered),
        story(plc_link_status_003_a_request_of_the_matched_car_is_ignored),
        story(plc_link_status_004_005_after_a_pause_the_old_key_links_again),
        story(plc_link_status_006_a_link_that_does_not_come_back_within_8_s_is_matched_anew),
        story(plc_link_status_007_011_a_lost_link_shows_x1_then_e_f_then_5_percent),
        story(plc_link_status_008_5_percent_comes_with_the_plug),
        story(cm_amp_map_of_the_matched_car_is_confirmed_one_without_carriers_is_not),
        story(cm_amp_map_is_confirmed_in_its_own_version),
        story(silence_in_each_state_of_a_match_leads_back_to_an_outlet_that_answers),
        story(every_state_has_a_rule_and_the_document_shows_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
