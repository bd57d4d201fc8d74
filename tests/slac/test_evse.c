/* The charger's matching machine: stories on a virtual clock.
 * SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

/* --- stories
 * ---------------------------------------------------------------------------------------------------------------------- */

static void a_car_is_matched_and_gets_a_fresh_key(void **state)
{
    world_t *const w = *state;
    assert_int_equal(w->out.pilot, CCS_PILOT_STEADY);
    assert_int_equal(w->keys, 1); /* provisioned before any car is there */
    until_result(w);
    assert_int_equal(w->out.pilot, CCS_PILOT_5_PERCENT);
    assert_int_equal(w->last.type, MME_CM_ATTEN_CHAR_IND);
    assert_int_equal(w->last.atten_char_ind.num_sounds, 10);
    assert_int_equal(w->last.atten_char_ind.attenuation_dB[0], 10); /* 10.5, rounded down */
    feed_now(w, char_rsp());
    feed_now(w, match_req());
    assert_int_equal(w->last.type, MME_CM_SLAC_MATCH_CNF);
    assert_int_equal(w->last.slac_match_cnf.mvf_length, 0x56);
    assert_memory_equal(w->last.slac_match_cnf.nmk, w->key, 16);
    assert_int_equal(w->ups, 0);
    feed_now(w, link_status(1));
    advance(w, SLAC_LINK_READY_MS);
    assert_int_equal(w->ups, 1);
    assert_true(slac_evse_is_matched(&w->evse, car_mac));
}

static void nid_belongs_to_the_nmk(void **state)
{
    (void)state;
    static const struct {
        uint8_t nmk[16], nid[7];
    } known[] = {
        {{0xa3, 0x9d, 0x25, 0x5b, 0x57, 0x70, 0xc4, 0x2f, 0x38, 0x37, 0x47, 0x1f, 0x5b, 0x39, 0x82, 0x3a},
         {0x4e, 0xe9, 0x19, 0x4d, 0x58, 0x17, 0x02}}, /* alpitronic HYC150, from a capture */
        {{0x3b, 0x1f, 0xe4, 0xcc, 0x1b, 0xb8, 0xf8, 0xb8, 0x48, 0x40, 0x96, 0xdc, 0x2e, 0xb5, 0x9e, 0x8b},
         {0xbc, 0x90, 0x75, 0x1a, 0x5e, 0x39, 0x0e}},
        {{0x34, 0x52, 0x23, 0x54, 0x45, 0xae, 0xf2, 0xd4, 0x55, 0xfe, 0xff, 0x31, 0xa3, 0xb3, 0x03, 0xad},
         {0xb1, 0xc9, 0x13, 0xb5, 0xaa, 0x07, 0x02}},
        {{0x50, 0xd3, 0xe4, 0x93, 0x3f, 0x85, 0x5b, 0x70, 0x40, 0x78, 0x4d, 0xf8, 0x15, 0xaa, 0x8d, 0xb7},
         {0xb0, 0xf2, 0xe6, 0x95, 0x66, 0x6b, 0x03}}, /* the key of the password "HomePlugAV" */
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint8_t nid[7];
        slac_nid(sha256, known[i].nmk, nid);
        assert_memory_equal(nid, known[i].nid, 7);
    }
}

/* TC_SECC_CMN_VTB_CmSlacParm_004: after TT_EVSE_SLAC_init a request is not answered. */
static void no_request_within_slac_init_ends_in_ef_and_another_try(void **state)
{
    world_t *const w = *state;
    pilot(w, CCS_PILOT_B);
    advance(w, SLAC_EVSE_INIT_MS);
    assert_int_equal(w->out.pilot, CCS_PILOT_NEGATIVE);
    feed_now(w, parm_req());
    assert_int_equal(w->sent, 0);
    advance(w, SLAC_STEP_EF_MS - 1);
    assert_int_equal(w->out.pilot, CCS_PILOT_NEGATIVE);
    advance(w, 1);
    assert_int_equal(w->out.pilot, CCS_PILOT_5_PERCENT);
    for (int retry = 0; retry < SLAC_SEQUENCE_RETRIES; retry++) {
        advance(w, SLAC_EVSE_INIT_MS + SLAC_STEP_EF_MS);
    }
    assert_int_equal(w->evse.state, SLAC_EVSE_ENDED);
    assert_int_equal(w->out.pilot, CCS_PILOT_STEADY);
}

/* A car that began, failed and gave up sees E/F like one that never began; so does ours while a neighbour's is heard. */
static void a_car_that_gave_up_sees_e_f_and_5_percent_again(void **state)
{
    world_t *const w = *state;
    until_result(w);
    advance(w, SLAC_MATCH_RESPONSE_MS * (SLAC_MATCH_RETRIES + 1)); /* no response: the session is over */
    assert_int_equal(w->evse.stats.failed, 1);
    advance(w, SLAC_EVSE_INIT_MS - 1);
    assert_int_equal(w->out.pilot, CCS_PILOT_5_PERCENT);
    advance(w, 1);
    assert_int_equal(w->out.pilot, CCS_PILOT_NEGATIVE);
    advance(w, SLAC_STEP_EF_MS);
    assert_int_equal(w->out.pilot, CCS_PILOT_5_PERCENT);
    feed_now(w, parm_req());
    assert_int_equal(w->last.type, MME_CM_SLAC_PARM_CNF);
}

/* A request in state A is ignored; in B, C and D it is answered. */
static void requests_are_answered_only_while_plugged(void **state)
{
    world_t *const w = *state;
    static const ccs_pilot_state_t states[] = {CCS_PILOT_A, CCS_PILOT_B, CCS_PILOT_C, CCS_PILOT_D};
    for (size_t i = 0; i < 4; i++) {
        again(w, CCS_SLAC_STRICT);
        pilot(w, states[i]);
        feed_now(w, parm_req());
        assert_int_equal(w->sent, i > 0);
    }
}

static void a_late_start_is_ignored(void **state)
{
    world_t *const w = *state;
    pilot(w, CCS_PILOT_B);
    feed_now(w, parm_req());
    advance(w, SLAC_MATCH_SEQUENCE_MS);
    feed_now(w, start_ind());
    feed_now(w, profile_ind(10));
    advance(w, 700);
    assert_int_equal(w->sent, 0);
}

static void nine_of_ten_sounds_still_give_a_result_and_none_gives_none(void **state)
{
    world_t *const w = *state;
    for (int sounds = 0; sounds <= 9; sounds += 9) {
        again(w, CCS_SLAC_STRICT);
        until_sounding(w);
        for (int i = 0; i < sounds; i++) {
            feed_now(w, profile_ind(12));
        }
        advance(w, SLAC_SOUNDS_100MS * 100 + SLAC_PROFILE_GRACE_MS);
        assert_int_equal(w->sent, sounds > 0);
        if (sounds) {
            assert_int_equal(w->last.atten_char_ind.num_sounds, 9);
        }
    }
}

/* AttenuationCharacterization_004: three times in all, then a late answer and a match request change nothing. */
static void the_result_is_sent_three_times_then_the_session_is_over(void **state)
{
    world_t *const w = *state;
    until_result(w);
    for (int again = 0; again < SLAC_MATCH_RETRIES; again++) {
        advance(w, SLAC_MATCH_RESPONSE_MS);
        assert_int_equal(w->sent, 1);
        assert_int_equal(w->last.type, MME_CM_ATTEN_CHAR_IND);
    }
    advance(w, SLAC_MATCH_RESPONSE_MS);
    assert_int_equal(w->sent, 0);
    feed_now(w, char_rsp());
    feed_now(w, match_req());
    assert_int_equal(w->sent, 0);
}

static void match_request_10_s_late_is_not_answered(void **state)
{
    world_t *const w = *state;
    until_result(w);
    feed_now(w, char_rsp());
    advance(w, SLAC_EVSE_MATCH_SESSION_MS);
    feed_now(w, match_req());
    assert_int_equal(w->sent, 0);
}

/* One wrong field each: ignored, and the right frame afterwards is taken as if nothing had been. */
static void wrong_fields_are_ignored_and_end_nothing(void **state)
{
    world_t *const w = *state;
    for (int wrong = 0; wrong < 16; wrong++) {
        again(w, CCS_SLAC_STRICT);
        until_result(w);
        mme_t rsp = char_rsp();
        mme_t req = match_req();
        uint8_t *const spots[] = {
            &rsp.atten_char_rsp.application,
            &rsp.atten_char_rsp.security,
            &rsp.atten_char_rsp.source[5],
            &rsp.atten_char_rsp.run_id[0],
            &rsp.atten_char_rsp.source_id[3],
            &rsp.atten_char_rsp.resp_id[16],
            &rsp.atten_char_rsp.result,
            &rsp.source[5],
            &req.slac_match_req.application,
            &req.slac_match_req.security,
            (uint8_t *)&req.slac_match_req.mvf_length,
            &req.slac_match_req.pev_id[0],
            &req.slac_match_req.pev_mac[0],
            &req.slac_match_req.evse_id[1],
            &req.slac_match_req.evse_mac[2],
            &req.slac_match_req.run_id[7],
        };
        if (wrong >= 8) {
            feed_now(w, char_rsp());
        }
        *spots[wrong] ^= 0x5A;
        feed_now(w, wrong < 8 ? rsp : req);
        assert_int_equal(w->sent, 0);
        assert_true(w->evse.stats.invalid > 0);
        feed_now(w, char_rsp());
        feed_now(w, match_req());
        assert_int_equal(w->last.type, MME_CM_SLAC_MATCH_CNF);
    }
}

static void field_mode_takes_a_car_with_a_strange_pev_id(void **state)
{
    world_t *const w = *state;
    begin(w, CCS_SLAC_FIELD);
    until_result(w);
    feed_now(w, char_rsp());
    mme_t req = match_req();
    memset(req.slac_match_req.pev_id, 0xAA, sizeof req.slac_match_req.pev_id);
    feed_now(w, req);
    assert_int_equal(w->last.type, MME_CM_SLAC_MATCH_CNF);
}

static void a_repeated_match_request_gets_the_same_answer(void **state)
{
    world_t *const w = *state;
    until_joining(w);
    uint8_t first[SLAC_FRAME_SIZE];
    memcpy(first, w->last_octets, sizeof first);
    feed_now(w, match_req());
    assert_int_equal(w->sent, 1);
    assert_memory_equal(first, w->last_octets, 109);
}

/* PLCLinkStatus_003: matched is matched. */
static void a_repeated_match_request_with_a_wrong_field_is_not_told_the_key(void **state)
{
    world_t *const w = *state;
    until_joining(w);
    for (int wrong = 0; wrong < 7; wrong++) {
        mme_t mme = match_req();
        mme_slac_match_req_t *const req = &mme.slac_match_req;
        uint8_t *const spots[] = {&req->application, &req->security,    (uint8_t *)&req->mvf_length,
                                  &req->pev_mac[0],  &req->evse_mac[0], &req->pev_id[3],
                                  &mme.source[5]};
        *spots[wrong] ^= 0x10;
        feed_now(w, mme);
        assert_int_equal(w->sent, 0);
    }
    feed_now(w, match_req());
    assert_int_equal(w->sent, 1);
}

/* A car answers every charger that it hears, each with the same RunID. */
static void what_a_car_says_to_another_charger_is_not_for_us(void **state)
{
    world_t *const w = *state;
    until_result(w);
    mme_t rsp = char_rsp();
    rsp.destination[5] ^= 0x01;
    feed_now(w, rsp);
    assert_int_equal(w->evse.session[0].state, SLAC_SESSION_CHAR);
    feed_now(w, char_rsp());
    assert_int_equal(w->evse.session[0].state, SLAC_SESSION_WAIT);
    mme_t validate;
    mme_init(&validate, MME_CM_VALIDATE_REQ, rsp.destination, car_mac);
    validate.validate_req.result = MME_VALIDATE_READY;
    feed_now(w, validate);
    assert_int_equal(w->sent, 0);
}

/* A group, nobody, ourselves: whoever that is, it is no car. */
static void a_request_from_no_station_is_not_answered(void **state)
{
    static const uint8_t nobody[3][6] = {{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, {0}, {0x33, 0x33, 0, 0, 0, 1}};
    world_t *const w = *state;
    pilot(w, CCS_PILOT_B);
    for (size_t i = 0; i < 4; i++) {
        mme_t req = parm_req();
        memcpy(req.source, i < 3 ? nobody[i] : evse_mac, 6);
        feed_now(w, req);
        assert_int_equal(w->sent, 0);
    }
    assert_int_equal(w->evse.stats.foreign, 4);
}

/* The plug is pulled and put in again while the modem still takes the next key: 5 % waits for it, and one key is under way, not
 * two. */
static void a_pilot_that_flaps_does_not_race_the_key(void **state)
{
    world_t *const w = *state;
    until_matched(w);
    w->modem_silent = true;
    for (int i = 0; i < 20; i++) {
        pilot(w, CCS_PILOT_A);
        advance(w, 7);
        pilot(w, CCS_PILOT_B);
        advance(w, 7);
        assert_int_equal(w->out.pilot, CCS_PILOT_STEADY);
        feed_now(w, parm_req());
        assert_int_equal(w->sent, 0);
    }
    w->modem_silent = false;
    advance(w, SLAC_KEY_ANSWER_MS); /* asked again, and answered */
    assert_int_equal(w->out.pilot, CCS_PILOT_5_PERCENT);
    assert_int_equal(w->keys, 2);
}

static void once_matched_nobody_changes_anything(void **state)
{
    world_t *const w = *state;
    begin(w, CCS_SLAC_FIELD);
    until_matched(w);
    mme_t foreign = parm_req();
    foreign.source[0] = 0x06;
    feed_now(w, foreign);
    feed_now(w, parm_req());
    feed_now(w, match_req());
    assert_int_equal(w->sent, 0);
    assert_int_equal(w->evse.state, SLAC_EVSE_MATCHED);
}

/* Seen with Stellantis and Tesla cars: they begin again without a change of the pilot. */
static void a_car_that_begins_again_before_the_link_is_up_gets_a_new_key_in_field_mode(void **state)
{
    world_t *const w = *state;
    begin(w, CCS_SLAC_FIELD);
    until_joining(w);
    uint8_t old[16];
    memcpy(old, w->last.slac_match_cnf.nmk, 16);
    feed_now(w, parm_req());
    assert_int_equal(w->evse.state, SLAC_EVSE_MATCHING);
    assert_memory_not_equal(old, w->key, 16);
    feed_now(w, parm_req());
    assert_int_equal(w->last.type, MME_CM_SLAC_PARM_CNF);
}

static void strict_mode_ignores_a_car_that_begins_again(void **state)
{
    world_t *const w = *state;
    until_joining(w);
    feed_now(w, parm_req());
    assert_int_equal(w->sent, 0);
    assert_int_equal(w->evse.state, SLAC_EVSE_JOINING);
}

static void no_link_within_12_s_leaves_and_shows_x1_then_f(void **state)
{
    world_t *const w = *state;
    until_joining(w);
    const unsigned keys = w->keys;
    advance(w, SLAC_JOIN_MS);
    assert_int_equal(w->keys, keys + 1);
    assert_int_equal(w->out.pilot, CCS_PILOT_STEADY);
    advance(w, SLAC_STEP_X1_MS);
    assert_int_equal(w->out.pilot, CCS_PILOT_NEGATIVE);
    advance(w, SLAC_STEP_EF_MS);
    assert_int_equal(w->evse.state, SLAC_EVSE_MATCHING);
}

static void unplugging_ends_everything_at_once_with_a_new_key(void **state)
{
    world_t *const w = *state;
    until_matched(w);
    const unsigned keys = w->keys;
    pilot(w, CCS_PILOT_A);
    assert_int_equal(w->downs, 1);
    assert_int_equal(w->keys, keys + 1);
    assert_int_equal(w->evse.state, SLAC_EVSE_IDLE);
    feed_now(w, match_req());
    assert_int_equal(w->sent, 0);
}

static void a_recorded_match_replayed_does_nothing(void **state)
{
    world_t *const w = *state;
    begin(w, CCS_SLAC_FIELD);
    until_matched(w);
    pilot(w, CCS_PILOT_A);
    pilot(w, CCS_PILOT_B);
    feed_now(w, char_rsp());
    feed_now(w, match_req());
    assert_int_equal(w->sent, 0);
    assert_int_equal(w->evse.state, SLAC_EVSE_MATCHING);
}

static void a_lost_link_is_noticed_after_three_polls(void **state)
{
    world_t *const w = *state;
    until_matched(w);
    for (int i = 0; i < SLAC_LINK_MISSES; i++) {
        advance(w, SLAC_LINK_POLL_MS);
        assert_int_equal(w->last.type, MME_VS_PL_LINK_STATUS_REQ);
        feed_now(w, link_status(0));
    }
    assert_int_equal(w->downs, 1);
    assert_int_equal(w->evse.state, SLAC_EVSE_X1);
}

static void a_modem_that_falls_silent_is_a_lost_link_but_one_that_never_answered_is_not(void **state)
{
    world_t *const w = *state;
    until_matched(w); /* by an answer of the modem */
    advance(w, (SLAC_LINK_MISSES + 1) * SLAC_LINK_POLL_MS);
    assert_int_equal(w->downs, 1);

    again(w, CCS_SLAC_STRICT);
    until_joining(w);
    slac_event_t seen = {.type = SLAC_ON_IPV6};
    memcpy(seen.mac, car_mac, 6);
    step(w, seen);
    advance(w, 60000);
    assert_int_equal(w->evse.state, SLAC_EVSE_MATCHED);
}

static void pause_keeps_the_key_and_a_toggle_wakes(void **state)
{
    world_t *const w = *state;
    until_matched(w);
    const unsigned keys = w->keys;
    step(w, (slac_event_t){.type = SLAC_ON_ORDER, .order = SLAC_ORDER_PAUSE});
    assert_int_equal(w->out.pilot, CCS_PILOT_STEADY);
    pilot(w, CCS_PILOT_C);
    advance(w, 250);
    pilot(w, CCS_PILOT_B);
    assert_int_equal(w->evse.state, SLAC_EVSE_RESUMING);
    assert_int_equal(w->out.pilot, CCS_PILOT_5_PERCENT);
    feed_now(w, link_status(1));
    advance(w, SLAC_LINK_READY_MS);
    assert_int_equal(w->ups, 2);
    assert_int_equal(w->keys, keys);
}

static void the_old_link_must_come_back_within_8_s(void **state)
{
    world_t *const w = *state;
    until_matched(w);
    step(w, (slac_event_t){.type = SLAC_ON_ORDER, .order = SLAC_ORDER_PAUSE});
    step(w, (slac_event_t){.type = SLAC_ON_ORDER, .order = SLAC_ORDER_WAKE});
    advance(w, SLAC_RESUME_MS);
    assert_int_equal(w->evse.state, SLAC_EVSE_X1);
}

static void five_cars_match_side_by_side_and_the_sixth_takes_the_oldest_place(void **state)
{
    world_t *const w = *state;
    pilot(w, CCS_PILOT_B);
    for (uint8_t i = 0; i < 6; i++) {
        mme_t req = parm_req();
        req.source[4] = i;
        feed_now(w, req);
        assert_int_equal(w->sent, 1);
        advance(w, 10);
    }
    assert_int_equal(w->evse.stats.evicted, 1);
}

/* Five cars of the neighbourhood have their results and match elsewhere: ours does not wait ten seconds for a place. */
static void results_that_nobody_comes_back_for_do_not_keep_our_car_out(void **state)
{
    world_t *const w = *state;
    pilot(w, CCS_PILOT_B);
    for (uint8_t i = 0; i < SLAC_PARALLEL; i++) {
        mme_t frames[] = {parm_req(), start_ind(), sound_ind(), profile_ind(20), char_rsp()};
        mme_t *const start = &frames[1];
        for (size_t f = 0; f < 5; f++) {
            frames[f].source[4] = (uint8_t)(frames[f].source[4] + (f == 3 ? 0 : i + 1));
        }
        start->start_atten_char_ind.num_sounds = 1;
        start->start_atten_char_ind.forwarding_sta[4] = frames[3].atten_profile_ind.pev_mac[4] = (uint8_t)(i + 1);
        frames[4].atten_char_rsp.source[4] = (uint8_t)(i + 1);
        for (size_t f = 0; f < 5; f++) {
            feed_now(w, frames[f]);
        }
        assert_int_equal(w->evse.session[i].state, SLAC_SESSION_WAIT);
    }
    feed_now(w, parm_req());
    assert_int_equal(w->sent, 0); /* any of them may still be ours */
    advance(w, SLAC_WAIT_STALE_MS);
    feed_now(w, parm_req());
    assert_int_equal(w->sent, 1);
    assert_int_equal(w->evse.stats.evicted, 1);
}

/* The modem of a QCA7420 cannot measure: refused, but for a bench. */
static void a_profile_without_groups_is_refused(void **state)
{
    world_t *const w = *state;
    until_sounding(w);
    mme_t profile = profile_ind(10);
    profile.atten_profile_ind.groups = 0;
    feed_now(w, profile);
    advance(w, 700);
    assert_int_equal(w->sent, 0);
    assert_int_equal(w->evse.stats.failed, 1);
}

static void a_profile_that_is_not_from_the_own_modem_is_ignored(void **state)
{
    world_t *const w = *state;
    until_sounding(w);
    mme_t profile = profile_ind(0);
    memcpy(profile.source, car_mac, 6);
    feed_now(w, profile);
    assert_int_equal(w->evse.stats.foreign, 1);
    advance(w, 700);
    assert_int_equal(w->sent, 0);
}

static void a_silent_modem_is_asked_three_times_and_never_shows_5_percent(void **state)
{
    world_t *const w = *state;
    w->modem_silent = true;
    begin(w, CCS_SLAC_STRICT);
    pilot(w, CCS_PILOT_B);
    advance(w, SLAC_KEY_RETRIES * SLAC_KEY_ANSWER_MS);
    assert_int_equal(w->evse.state, SLAC_EVSE_BROKEN);
    assert_int_equal(w->out.pilot, CCS_PILOT_STEADY);
    assert_int_equal(w->evse.stats.key_failures, SLAC_KEY_RETRIES);
}

static void a_broken_modem_is_tried_again_and_serves_when_it_is_back(void **state)
{
    world_t *const w = *state;
    w->modem_silent = true;
    begin(w, CCS_SLAC_STRICT);
    pilot(w, CCS_PILOT_B);
    advance(w, SLAC_KEY_RETRIES * SLAC_KEY_ANSWER_MS);
    w->modem_silent = false;
    advance(w, SLAC_BROKEN_MS);
    assert_int_equal(w->evse.state, SLAC_EVSE_MATCHING);
    assert_int_equal(w->out.pilot, CCS_PILOT_5_PERCENT);
}

static void without_a_modem_no_key_is_sent_and_no_5_percent_shown(void **state)
{
    world_t *const w = *state;
    const unsigned keys = w->keys;
    step(w, (slac_event_t){.type = SLAC_ON_MODEM, .up = false});
    pilot(w, CCS_PILOT_B);
    advance(w, 60000);
    assert_int_equal(w->keys, keys);
    assert_int_equal(w->out.pilot, CCS_PILOT_STEADY);
    step(w, (slac_event_t){.type = SLAC_ON_MODEM, .up = true});
    assert_int_equal(w->keys, keys + 1);
    assert_int_equal(w->out.pilot, CCS_PILOT_5_PERCENT);
}

static void a_modem_that_resets_in_a_session_is_a_lost_link(void **state)
{
    world_t *const w = *state;
    until_matched(w);
    step(w, (slac_event_t){.type = SLAC_ON_MODEM, .up = true});
    assert_int_equal(w->downs, 1);
    assert_int_equal(w->evse.state, SLAC_EVSE_X1);
    advance(w, SLAC_STEP_X1_MS);
    assert_int_equal(w->out.pilot, CCS_PILOT_NEGATIVE);
    advance(w, SLAC_STEP_EF_MS);
    assert_int_equal(w->evse.state, SLAC_EVSE_MATCHING);
}

/* --- open and closed
 * -------------------------------------------------------------------------------------------------------------- */

static void order(world_t *w, slac_order_t order)
{
    step(w, (slac_event_t){.type = SLAC_ON_ORDER, .order = order});
}

static void a_closed_outlet_answers_nobody_whatever_is_plugged(void **state)
{
    world_t *const w = *state;
    order(w, SLAC_ORDER_CLOSE);
    for (int plugs = 0; plugs < 2; plugs++) {
        pilot(w, CCS_PILOT_B);
        feed_now(w, parm_req());
        assert_int_equal(w->sent, 0);
        assert_int_equal(w->out.pilot, CCS_PILOT_STEADY);
        pilot(w, CCS_PILOT_A);
    }
    pilot(w, CCS_PILOT_B);
    order(w, SLAC_ORDER_OPEN);
    assert_int_equal(w->out.pilot, CCS_PILOT_5_PERCENT);
}

static void closing_ends_a_match_in_each_state_with_a_new_key(void **state)
{
    static void (*const ways[])(world_t *) = {until_sounding, until_result, until_joining, until_matched};
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        again(w, CCS_SLAC_STRICT);
        ways[i](w);
        const unsigned keys = w->keys;
        order(w, SLAC_ORDER_CLOSE);
        assert_int_equal(w->keys, keys + (i >= 2)); /* a key that nobody was given stays */
        assert_int_equal(w->evse.state, SLAC_EVSE_ENDED);
        feed_now(w, match_req());
        assert_int_equal(w->sent, 0);
    }
}

static void toggle(world_t *w)
{
    pilot(w, CCS_PILOT_C);
    advance(w, 250);
    pilot(w, CCS_PILOT_B);
}

static void at_rest_the_car_wakes_the_outlet_by_a_toggle_also_one_made_while_it_was_closed(void **state)
{
    world_t *const w = *state;
    for (int early = 0; early < 2; early++) {
        again(w, CCS_SLAC_STRICT);
        until_matched(w);
        order(w, SLAC_ORDER_CLOSE);
        if (early) {
            toggle(w);
        }
        assert_int_equal(w->out.pilot, CCS_PILOT_STEADY);
        order(w, SLAC_ORDER_REST);
        assert_int_equal(w->evse.state, early ? SLAC_EVSE_MATCHING : SLAC_EVSE_ENDED);
        toggle(w);
        assert_int_equal(w->evse.state, SLAC_EVSE_MATCHING);
    }
}

static void short_sounds_count_in_field_mode_only(void **state)
{
    world_t *const w = *state;
    for (int strict = 0; strict < 2; strict++) {
        again(w, strict ? CCS_SLAC_STRICT : CCS_SLAC_FIELD);
        pilot(w, CCS_PILOT_B);
        feed_now(w, parm_req());
        feed_now(w, start_ind());
        for (uint8_t i = 0; i < SLAC_SOUNDS; i++) {
            feed_now(w, profile_ind(10)); /* the modem measured it; the sound itself was too short to be one */
        }
        assert_int_equal(w->sent, !strict); /* the result */
        assert_int_equal(w->evse.stats.failed, strict);
    }
}

static void session_end_leaves_at_once_and_waits_for_the_plug(void **state)
{
    world_t *const w = *state;
    until_matched(w);
    const unsigned keys = w->keys;
    step(w, (slac_event_t){.type = SLAC_ON_ORDER, .order = SLAC_ORDER_TERMINATE});
    assert_int_equal(w->keys, keys + 1);
    assert_int_equal(w->out.pilot, CCS_PILOT_STEADY);
    feed_now(w, parm_req());
    assert_int_equal(w->sent, 0);
    pilot(w, CCS_PILOT_A);
    pilot(w, CCS_PILOT_B);
    feed_now(w, parm_req());
    assert_int_equal(w->sent, 1);
}

static void calibration_is_subtracted_and_never_below_zero(void **state)
{
    world_t *const w = *state;
    memset(w->config.offset_dB, 4, MME_GROUPS);
    w->config.offset_dB[1] = 100;
    until_result(w);
    assert_int_equal(w->last.atten_char_ind.attenuation_dB[0], 6);
    assert_int_equal(w->last.atten_char_ind.attenuation_dB[1], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(a_car_is_matched_and_gets_a_fresh_key),
        story(nid_belongs_to_the_nmk),
        story(no_request_within_slac_init_ends_in_ef_and_another_try),
        story(a_car_that_gave_up_sees_e_f_and_5_percent_again),
        story(requests_are_answered_only_while_plugged),
        story(a_late_start_is_ignored),
        story(nine_of_ten_sounds_still_give_a_result_and_none_gives_none),
        story(the_result_is_sent_three_times_then_the_session_is_over),
        story(match_request_10_s_late_is_not_answered),
        story(wrong_fields_are_ignored_and_end_nothing),
        story(field_mode_takes_a_car_with_a_strange_pev_id),
        story(a_repeated_match_request_gets_the_same_answer),
        story(a_repeated_match_request_with_a_wrong_field_is_not_told_the_key),
        story(what_a_car_says_to_another_charger_is_not_for_us),
        story(a_request_from_no_station_is_not_answered),
        story(a_pilot_that_flaps_does_not_race_the_key),
        story(once_matched_nobody_changes_anything),
        story(a_car_that_begins_again_before_the_link_is_up_gets_a_new_key_in_field_mode),
        story(strict_mode_ignores_a_car_that_begins_again),
        story(no_link_within_12_s_leaves_and_shows_x1_then_f),
        story(unplugging_ends_everything_at_once_with_a_new_key),
        story(a_recorded_match_replayed_does_nothing),
        story(a_lost_link_is_noticed_after_three_polls),
        story(a_modem_that_falls_silent_is_a_lost_link_but_one_that_never_answered_is_not),
        story(pause_keeps_the_key_and_a_toggle_wakes),
        story(the_old_link_must_come_back_within_8_s),
        story(five_cars_match_side_by_side_and_the_sixth_takes_the_oldest_place),
        story(results_that_nobody_comes_back_for_do_not_keep_our_car_out),
        story(a_profile_without_groups_is_refused),
        story(a_profile_that_is_not_from_the_own_modem_is_ignored),
        story(a_silent_modem_is_asked_three_times_and_never_shows_5_percent),
        story(a_broken_modem_is_tried_again_and_serves_when_it_is_back),
        story(without_a_modem_no_key_is_sent_and_no_5_percent_shown),
        story(a_modem_that_resets_in_a_session_is_a_lost_link),
        story(a_closed_outlet_answers_nobody_whatever_is_plugged),
        story(closing_ends_a_match_in_each_state_with_a_new_key),
        story(at_rest_the_car_wakes_the_outlet_by_a_toggle_also_one_made_while_it_was_closed),
        story(short_sounds_count_in_field_mode_only),
        story(session_end_leaves_at_once_and_waits_for_the_plug),
        story(calibration_is_subtracted_and_never_below_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
