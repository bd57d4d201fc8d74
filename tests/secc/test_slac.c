/* SLAC composed: from the pilot to the one car that may connect, and everybody who may not.
 * SPDX-License-Identifier: Apache-2.0 */
#include "slac/timing.h"
#include "tests/secc/world.h"

#include "sdp/sdp.h"

#include <string.h>

static const uint8_t our_mac[6] = {0x02, 0, 0, 0, 0, 0x5E};
static const uint8_t modem_mac[6] = {0x00, 0xB0, 0x52, 0, 0, 0x77};
static const uint8_t car_mac[6] = {0x02, 0, 0, 0, 0, 0xCA}; /* world_car's address is not made of it: no car is asked to do so */
static const uint8_t other_mac[6] = {0x02, 0, 0, 0, 0, 0xFE};
static const uint8_t run_id[8] = "TESLA EV";

/* Stands for SHA-256, which the product takes from its port: any pure function does here. */
static void mix(const uint8_t *octets, size_t length, uint8_t digest[32])
{
    memset(digest, 0x5A, 32);
    for (size_t i = 0; i < length; i++) {
        digest[i % 32] = (uint8_t)(digest[i % 32] * 31U + octets[i] + i);
    }
}

static void slac_init(world_t *w, ccs_slac_mode_t mode)
{
    world_init(w);
    w->config.slac.mode = mode;
    w->config.slac.sha256 = mix;
    memcpy(w->config.slac.mac, our_mac, 6);
}

static void modem(world_t *w, bool up)
{
    ccs_event_t event = {.type = CCS_ON_MODEM, .modem = {.up = up}};
    world_event(w, &event);
}

static void plug(world_t *w, ccs_pilot_state_t pilot)
{
    w->pilot = pilot;
    world_report(w);
}

/* Up and running, nobody plugged. */
static void slac_start(world_t *w, ccs_slac_mode_t mode)
{
    slac_init(w, mode);
    w->pilot = CCS_PILOT_A;
    world_boot(w);
    modem(w, true);
}

/* --- the car on the line ----------------------------------------------------------------------------------------------------- */

static void say_parm(world_t *w, const uint8_t mac[6])
{
    mme_t mme;
    mme_init(&mme, MME_CM_SLAC_PARM_REQ, mme_broadcast, mac);
    memcpy(mme.slac_parm_req.run_id, run_id, 8);
    world_mme(w, &mme);
}

static void say_start(world_t *w, const uint8_t mac[6])
{
    mme_t mme;
    mme_init(&mme, MME_CM_START_ATTEN_CHAR_IND, mme_broadcast, mac);
    mme.start_atten_char_ind.num_sounds = SLAC_SOUNDS;
    mme.start_atten_char_ind.timeout_100ms = SLAC_SOUNDS_100MS;
    mme.start_atten_char_ind.resp_type = 1;
    memcpy(mme.start_atten_char_ind.forwarding_sta, mac, 6);
    memcpy(mme.start_atten_char_ind.run_id, run_id, 8);
    world_mme(w, &mme);
}

/* A sound, and what the modem measured of it. */
static void say_sound(world_t *w, const uint8_t mac[6])
{
    mme_t mme;
    mme_init(&mme, MME_CM_MNBC_SOUND_IND, mme_broadcast, mac);
    memcpy(mme.mnbc_sound_ind.run_id, run_id, 8);
    world_mme(w, &mme);
    mme_init(&mme, MME_CM_ATTEN_PROFILE_IND, mme_broadcast, modem_mac);
    memcpy(mme.atten_profile_ind.pev_mac, mac, 6);
    mme.atten_profile_ind.groups = MME_GROUPS;
    memset(mme.atten_profile_ind.attenuation_dB, 12, MME_GROUPS);
    world_mme(w, &mme);
}

static void say_rsp(world_t *w, const uint8_t mac[6])
{
    mme_t mme;
    mme_init(&mme, MME_CM_ATTEN_CHAR_RSP, our_mac, mac);
    memcpy(mme.atten_char_rsp.source, mac, 6);
    memcpy(mme.atten_char_rsp.run_id, run_id, 8);
    world_mme(w, &mme);
}

static void say_match(world_t *w, const uint8_t mac[6])
{
    mme_t mme;
    mme_init(&mme, MME_CM_SLAC_MATCH_REQ, our_mac, mac);
    mme.slac_match_req.mvf_length = MME_MATCH_REQ_LENGTH;
    memcpy(mme.slac_match_req.pev_mac, mac, 6);
    memcpy(mme.slac_match_req.evse_mac, our_mac, 6);
    memcpy(mme.slac_match_req.run_id, run_id, 8);
    world_mme(w, &mme);
}

static void whole_match(world_t *w, const uint8_t mac[6])
{
    say_parm(w, mac);
    say_start(w, mac);
    for (int i = 0; i < SLAC_SOUNDS; i++) {
        say_sound(w, mac);
    }
    say_rsp(w, mac);
    say_match(w, mac);
}

static void neighbour(world_t *w, const uint8_t address[16], const uint8_t mac[6])
{
    ccs_event_t event = {.type = CCS_ON_NEIGHBOUR};
    memcpy(event.neighbour.address, address, 16);
    memcpy(event.neighbour.mac, mac, 6);
    world_event(w, &event);
}

/* Answered? */
static bool sdp_from(world_t *w, const ccs_endpoint_t *from, const uint8_t mac[6])
{
    uint8_t request[SDP_REQUEST_SIZE];
    const unsigned before = w->sdp_answers;
    sdp_request_write(false, request);
    ccs_event_t event = {.type = CCS_ON_DATAGRAM, .datagram = {.from = *from, .bytes = {request, sizeof request}}};
    memcpy(event.datagram.from_mac, mac, 6);
    world_event(w, &event);
    return w->sdp_answers > before;
}

static void until_joining(world_t *w)
{
    plug(w, CCS_PILOT_B);
    assert_int_equal(CCS_PILOT_5_PERCENT, w->out.want.pilot);
    whole_match(w, car_mac);
    assert_string_equal("JOINING", ccs_secc_slac(&w->secc).state);
}

static void until_linked(world_t *w)
{
    until_joining(w);
    neighbour(w, world_car.address, car_mac);
    world_pass(w, SLAC_LINK_READY_MS);
    assert_true(ccs_secc_slac(&w->secc).link);
}

static void until_session(world_t *w)
{
    until_linked(w);
    assert_true(sdp_from(w, &world_car, car_mac));
    assert_true(world_connect(w, WORLD_LINK, &world_car, false));
}

static const uint8_t unknown_mac[6];

/* --- who may -------------------------------------------------------------------------------------------------------------------
 */

static void listener_opens_after_sdp_and_for_one_car_only(void **state)
{
    world_t *const w = *state;
    slac_start(w, CCS_SLAC_FIELD);
    assert_false(w->out.listen);
    until_linked(w);
    assert_false(w->out.listen); /* the network is up, nobody has asked yet */
    assert_false(w->out.admit.only);
    assert_true(sdp_from(w, &world_car, car_mac));
    assert_true(w->out.listen);
    assert_true(w->out.admit.only);
    assert_memory_equal(world_car.address, w->out.admit.address, 16);
    assert_memory_equal(car_mac, w->out.admit.mac, 6);
    assert_true(world_connect(w, WORLD_LINK, &world_car, false));
    assert_false(w->out.listen); /* one connection */
}

static void connect_before_sdp_is_refused(void **state)
{
    world_t *const w = *state;
    slac_start(w, CCS_SLAC_FIELD);
    until_linked(w);
    assert_false(world_connect(w, 2, &world_car, false));
}

static void sdp_of_another_mac_is_not_answered_and_opens_nothing(void **state)
{
    world_t *const w = *state;
    slac_start(w, CCS_SLAC_FIELD);
    until_linked(w);
    assert_false(sdp_from(w, &world_stranger, other_mac));
    assert_false(w->out.listen);
    assert_false(sdp_from(w, &world_car, other_mac)); /* not with the car's address either */
    assert_false(w->out.listen);
    assert_int_equal(2, ccs_secc_slac_stats(&w->secc)->strangers);
    assert_true(sdp_from(w, &world_car, car_mac));
}

/* The address is learned from the MAC that sent it; nothing is computed from the MAC. */
static void address_of_the_car_is_what_its_mac_uses_whatever_it_looks_like(void **state)
{
    static const ccs_endpoint_t odd = {{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4}, 61234};
    world_t *const w = *state;
    slac_start(w, CCS_SLAC_FIELD);
    until_linked(w);
    assert_true(sdp_from(w, &odd, car_mac));
    assert_memory_equal(odd.address, w->out.admit.address, 16);
    assert_false(world_connect(w, 2, &world_car, false));
    assert_true(world_connect(w, WORLD_LINK, &odd, false));
}

/* A port that cannot tell the MAC of a datagram has told the neighbour. */
static void sdp_without_a_mac_is_known_by_the_address_that_the_car_was_seen_with(void **state)
{
    world_t *const w = *state;
    slac_start(w, CCS_SLAC_FIELD);
    until_linked(w);
    assert_false(sdp_from(w, &world_stranger, unknown_mac));
    assert_true(sdp_from(w, &world_car, unknown_mac));
}

static void spoofed_neighbour_advertisement_moves_nothing(void **state)
{
    world_t *const w = *state;
    slac_start(w, CCS_SLAC_FIELD);
    until_session(w);
    neighbour(w, world_car.address, other_mac);      /* "the car's address is mine" */
    neighbour(w, world_stranger.address, other_mac); /* and one more */
    assert_memory_equal(world_car.address, ccs_secc_slac(&w->secc).address, 16);
    assert_true(w->link_open);
    world_sap(w);
    world_say(w, DIN_BODY_SESSION_SETUP_REQ);
    world_expect(w, DIN_BODY_SESSION_SETUP_RES, DIN_RESPONSE_CODE_OK_NEW_SESSION_ESTABLISHED);
    assert_int_equal(2, ccs_secc_slac_stats(&w->secc)->strangers);
}

static void spoofed_neighbour_before_sdp_brings_no_link_and_no_address(void **state)
{
    world_t *const w = *state;
    slac_start(w, CCS_SLAC_FIELD);
    until_joining(w);
    neighbour(w, world_stranger.address, other_mac);
    world_pass(w, 2 * SLAC_LINK_READY_MS);
    assert_false(ccs_secc_slac(&w->secc).link);
    neighbour(w, world_car.address, car_mac);
    world_pass(w, SLAC_LINK_READY_MS);
    assert_false(sdp_from(w, &world_stranger, unknown_mac));
    assert_true(sdp_from(w, &world_car, car_mac));
}

static void second_tcp_client_is_refused_and_the_first_goes_on(void **state)
{
    world_t *const w = *state;
    slac_start(w, CCS_SLAC_FIELD);
    until_session(w);
    assert_false(world_connect(w, 2, &world_car, false));
    assert_false(world_connect(w, 3, &world_stranger, false));
    assert_true(w->link_open);
    world_sap(w);
    world_say(w, DIN_BODY_SESSION_SETUP_REQ);
    world_expect(w, DIN_BODY_SESSION_SETUP_RES, DIN_RESPONSE_CODE_OK_NEW_SESSION_ESTABLISHED);
}

static void sdp_of_anybody_during_a_session_is_silence(void **state)
{
    world_t *const w = *state;
    slac_start(w, CCS_SLAC_FIELD);
    until_session(w);
    assert_false(sdp_from(w, &world_car, car_mac));
    assert_false(sdp_from(w, &world_stranger, other_mac));
    assert_true(w->link_open);
}

/* A neighbour's car matches at its own charger: here it is answered as every car is, and never served. */
static void neighbours_car_that_only_sounds_gets_nothing(void **state)
{
    world_t *const w = *state;
    slac_start(w, CCS_SLAC_FIELD);
    plug(w, CCS_PILOT_B);
    say_parm(w, other_mac);
    say_start(w, other_mac);
    whole_match(w, car_mac);
    assert_true(ccs_secc_slac(&w->secc).matched);
    assert_memory_equal(car_mac, ccs_secc_slac(&w->secc).mac, 6);
    neighbour(w, world_stranger.address, other_mac);
    assert_false(sdp_from(w, &world_stranger, other_mac));
}

static void foreign_slac_after_the_match_changes_nothing(void **state)
{
    world_t *const w = *state;
    slac_start(w, CCS_SLAC_FIELD);
    until_session(w);
    const unsigned mmes = w->mmes, keys = w->keys;
    whole_match(w, other_mac);
    whole_match(w, car_mac); /* a recording of the own car, too */
    assert_int_equal(mmes, w->mmes);
    assert_int_equal(keys, w->keys);
    assert_true(w->link_open);
    assert_true(ccs_secc_slac(&w->secc).link);
}

static void replayed_match_gives_no_key_away_once_the_car_has_gone(void **state)
{
    world_t *const w = *state;
    slac_start(w, CCS_SLAC_FIELD);
    until_linked(w);
    plug(w, CCS_PILOT_A);
    plug(w, CCS_PILOT_B);
    const unsigned mmes = w->mmes;
    say_rsp(w, car_mac);
    say_match(w, car_mac);
    assert_int_equal(mmes, w->mmes);
    assert_false(ccs_secc_slac(&w->secc).matched);
}

static void bridge_in_the_car_is_a_setting(void **state)
{
    world_t *const w = *state;
    slac_start(w, CCS_SLAC_FIELD);
    w->config.slac.any_ip_mac = true;
    w->pilot = CCS_PILOT_A;
    world_boot(w);
    modem(w, true);
    until_linked(w);
    assert_true(sdp_from(w, &world_stranger, other_mac)); /* the first one after the match */
    static const uint8_t third[6] = {0x02, 0, 0, 0, 0, 0x03};
    assert_false(sdp_from(w, &world_car, third));
    assert_true(world_connect(w, WORLD_LINK, &world_stranger, false));
}

/* --- pilot and key -----------------------------------------------------------------------------------------------------------
 */

static void no_5_percent_before_the_modem_has_its_key(void **state)
{
    world_t *const w = *state;
    slac_init(w, CCS_SLAC_FIELD);
    w->pilot = CCS_PILOT_A;
    world_boot(w);
    plug(w, CCS_PILOT_B);
    world_pass(w, 5000);
    assert_int_equal(CCS_PILOT_STEADY, w->out.want.pilot);
    assert_int_equal(0, w->keys);
    modem(w, true);
    assert_int_equal(1, w->keys);
    assert_int_equal(CCS_PILOT_5_PERCENT, w->out.want.pilot);
}

static void without_random_octets_nobody_is_served(void **state)
{
    world_t *const w = *state;
    slac_init(w, CCS_SLAC_FIELD);
    w->key_refused = true;
    w->pilot = CCS_PILOT_A;
    world_boot(w);
    modem(w, true);
    plug(w, CCS_PILOT_B);
    world_pass(w, 10000);
    assert_int_equal(0, w->keys);
    assert_int_equal(CCS_PILOT_STEADY, w->out.want.pilot);
    w->key_refused = false; /* asked again every second */
    world_pass(w, 1000);
    assert_int_equal(CCS_PILOT_5_PERCENT, w->out.want.pilot);
}

static void dlink_of_the_port_is_dropped(void **state)
{
    world_t *const w = *state;
    slac_start(w, CCS_SLAC_FIELD);
    plug(w, CCS_PILOT_B);
    ccs_event_t up = {.type = CCS_ON_DLINK, .dlink = {.up = true}};
    world_event(w, &up);
    assert_false(sdp_from(w, &world_car, car_mac));
    assert_false(w->out.listen);
}

static void unplugging_at_any_time_leaves_with_a_new_key_within_a_second(void **state)
{
    static void (*const ways[])(world_t *) = {until_joining, until_linked, until_session};
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        slac_start(w, CCS_SLAC_FIELD);
        ways[i](w);
        uint8_t key[16];
        memcpy(key, w->key, sizeof key);
        plug(w, CCS_PILOT_A);
        world_pass(w, SLAC_LEAVE_MS);
        assert_memory_not_equal(key, w->key, sizeof key);
        assert_false(ccs_secc_slac(&w->secc).matched);
        assert_int_equal(CCS_PILOT_STEADY, w->out.want.pilot);
        assert_false(sdp_from(w, &world_car, car_mac));
        world_pass(w, 6000);
    }
}

/* No SDP within the setup time after the match: D-LINK_ERROR. */
static void match_without_sdp_ends_in_x1_then_e_f_and_a_new_match(void **state)
{
    world_t *const w = *state;
    slac_start(w, CCS_SLAC_FIELD);
    until_linked(w);
    const unsigned keys = w->keys;
    world_pass(w, 18000);
    assert_int_equal(CCS_PILOT_STEADY, w->out.want.pilot);
    assert_int_equal(keys + 1, w->keys);
    world_pass(w, SLAC_STEP_X1_MS);
    assert_int_equal(CCS_PILOT_NEGATIVE, w->out.want.pilot);
    world_pass(w, 4000);
    assert_int_equal(CCS_PILOT_5_PERCENT, w->out.want.pilot);
    whole_match(w, car_mac);
    assert_string_equal("JOINING", ccs_secc_slac(&w->secc).state);
}

/* A card that comes while X1 or E/F is shown: the car must see all of it, or it believes in its old network. */
static void reset_does_not_cut_short_what_the_pilot_shows(void **state)
{
    world_t *const w = *state;
    for (int64_t when_ms = 0; when_ms < 7000; when_ms += 500) {
        slac_start(w, CCS_SLAC_FIELD);
        until_linked(w);
        world_pass(w, 18000); /* no SDP */
        const int64_t begin_ms = w->now_ms;
        world_pass(w, when_ms);
        ccs_event_t reset = {.type = CCS_ON_RESET};
        world_event(w, &reset);
        while (w->out.want.pilot != CCS_PILOT_5_PERCENT && w->now_ms < begin_ms + 20000) {
            world_pass(w, 10);
        }
        assert_in_range(w->now_ms - begin_ms, SLAC_STEP_X1_MS + 4000, SLAC_STEP_X1_MS + 4050);
        whole_match(w, car_mac);
        assert_true(ccs_secc_slac(&w->secc).matched);
    }
}

static void record_names_the_matched_car(void **state)
{
    world_t *const w = *state;
    slac_start(w, CCS_SLAC_FIELD);
    until_session(w);
    assert_memory_equal(car_mac, ccs_secc_record(&w->secc)->car_mac, 6);
    assert_memory_equal(run_id, ccs_secc_record(&w->secc)->run_id, 8);
}

static void settings_that_cannot_work_are_refused(void **state)
{
    static const uint8_t broadcast[6] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    world_t *const w = *state;
    const ccs_secc_buffers_t buffers = {w->rx, sizeof w->rx, w->tx, sizeof w->tx, w->arena, sizeof w->arena};
    for (int wrong = 0; wrong < 4; wrong++) {
        slac_init(w, CCS_SLAC_STRICT);
        if (wrong == 0) {
            w->config.slac.sha256 = NULL;
        } else if (wrong == 1) {
            memset(w->config.slac.mac, 0, 6);
        } else if (wrong == 2) {
            memcpy(w->config.slac.mac, broadcast, 6);
        } else {
            w->config.slac.init_ms = 60000;
        }
        assert_int_equal(CCS_ERR_CONFIG, ccs_secc_init(&w->secc, &w->config, &buffers, 0));
    }
    assert_string_equal("strict", ccs_slac_mode_name(CCS_SLAC_STRICT));
}

/* --- started with a car plugged in -------------------------------------------------------------------------------------------
 */

static ccs_record_t running_record(void)
{
    return (ccs_record_t){.number = 7,
                          .protocol = CCS_PROTOCOL_DIN,
                          .session_id = {1, 2, 3, 4, 5, 6, 7, 8},
                          .session_id_length = 8,
                          .begin_ms = 123456789,
                          .end_ms = 123466789,
                          .begin_utc_s = 1699990000,
                          .end_utc_s = 1699999999,
                          .meter_begin_Wh = 1000,
                          .meter_end_Wh = 4321};
}

static void start_with_a_car_plugged_in(void **state)
{
    static const ccs_pilot_state_t pilots[] = {CCS_PILOT_B, CCS_PILOT_C, CCS_PILOT_D};
    world_t *const w = *state;
    for (int slac = 0; slac < 2; slac++) {
        for (size_t i = 0; i < 3; i++) {
            slac_init(w, slac ? CCS_SLAC_FIELD : CCS_SLAC_OFF);
            w->pilot = pilots[i];
            world_boot(w);
            modem(w, true);
            const int64_t begin_ms = w->now_ms;
            while (w->out.want.pilot != CCS_PILOT_NEGATIVE && w->now_ms < begin_ms + 1000) {
                world_pass(w, 10);
            }
            const int64_t negative_ms = w->now_ms;
            while (w->out.want.pilot == CCS_PILOT_NEGATIVE) {
                assert_int_equal(CCS_PHASE_OFF, w->out.want.phase); /* closes nothing */
                assert_false(w->out.listen);
                world_pass(w, 10);
            }
            assert_in_range(w->now_ms - negative_ms, 4000, 8000);
            assert_int_equal(0, w->records); /* nothing was running */
            world_pass(w, 10);
            assert_int_equal(CCS_PILOT_5_PERCENT, w->out.want.pilot);
        }
    }
}

static void voltage_on_the_cable_is_waited_for_before_anything_is_shown(void **state)
{
    world_t *const w = *state;
    slac_init(w, CCS_SLAC_FIELD);
    w->pilot = CCS_PILOT_C;
    w->held = true;
    world_boot(w);
    modem(w, true);
    world_pass(w, 30000);
    assert_string_equal("starting", ccs_secc_wait_name(&w->secc));
    assert_int_equal(CCS_PILOT_STEADY, w->out.want.pilot);
    w->held = false;
    world_pass(w, 100);
    assert_int_equal(CCS_PILOT_NEGATIVE, w->out.want.pilot);
}

static void unfinished_session_is_on_record_with_its_last_meter_reading(void **state)
{
    world_t *const w = *state;
    for (int plugged = 0; plugged < 2; plugged++) {
        const ccs_record_t kept = running_record();
        slac_init(w, CCS_SLAC_FIELD);
        w->config.unfinished = &kept;
        w->pilot = plugged ? CCS_PILOT_C : CCS_PILOT_A;
        world_boot(w);
        w->config.unfinished = NULL;
        world_pass(w, 500);
        assert_int_equal(1, w->records);
        assert_int_equal(CCS_END_INTERRUPTED, w->record.end);
        assert_int_equal(4321, w->record.meter_end_Wh);
        assert_int_equal(1699999999, w->record.end_utc_s);
        assert_int_equal(1, w->record.number);
        assert_memory_equal(kept.session_id, w->record.session_id, 8);
        world_pass(w, 10000);
        assert_int_equal(1, w->records);
    }
}

/* What the port keeps while a session runs is whole at any time. */
static void image_of_a_running_session_tells_how_far_it_came(void **state)
{
    world_t *const w = *state;
    slac_start(w, CCS_SLAC_FIELD);
    until_session(w);
    world_pass(w, 1000);
    const ccs_record_t *const image = ccs_secc_record(&w->secc);
    assert_int_equal(CCS_END_NONE, image->end);
    assert_int_equal(w->energy_Wh, image->meter_end_Wh);
    assert_int_equal(w->utc_s, image->end_utc_s);
    assert_true(image->end_ms > image->begin_ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(listener_opens_after_sdp_and_for_one_car_only),
        world_test(connect_before_sdp_is_refused),
        world_test(sdp_of_another_mac_is_not_answered_and_opens_nothing),
        world_test(address_of_the_car_is_what_its_mac_uses_whatever_it_looks_like),
        world_test(sdp_without_a_mac_is_known_by_the_address_that_the_car_was_seen_with),
        world_test(spoofed_neighbour_advertisement_moves_nothing),
        world_test(spoofed_neighbour_before_sdp_brings_no_link_and_no_address),
        world_test(second_tcp_client_is_refused_and_the_first_goes_on),
        world_test(sdp_of_anybody_during_a_session_is_silence),
        world_test(neighbours_car_that_only_sounds_gets_nothing),
        world_test(foreign_slac_after_the_match_changes_nothing),
        world_test(replayed_match_gives_no_key_away_once_the_car_has_gone),
        world_test(bridge_in_the_car_is_a_setting),
        world_test(no_5_percent_before_the_modem_has_its_key),
        world_test(without_random_octets_nobody_is_served),
        world_test(dlink_of_the_port_is_dropped),
        world_test(unplugging_at_any_time_leaves_with_a_new_key_within_a_second),
        world_test(match_without_sdp_ends_in_x1_then_e_f_and_a_new_match),
        world_test(reset_does_not_cut_short_what_the_pilot_shows),
        world_test(record_names_the_matched_car),
        world_test(settings_that_cannot_work_are_refused),
        world_test(start_with_a_car_plugged_in),
        world_test(voltage_on_the_cable_is_waited_for_before_anything_is_shown),
        world_test(unfinished_session_is_on_record_with_its_last_meter_reading),
        world_test(image_of_a_running_session_tells_how_far_it_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
