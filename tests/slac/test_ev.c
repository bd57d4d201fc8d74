/* The car's matching machine by itself: stories on a virtual clock, with chargers that are made of frames.
 * SPDX-License-Identifier: Apache-2.0 */
#include "slac/ev.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CHARGERS = 3, SENT_MAX = 64 };

static const uint8_t car_mac[6] = {0x02, 0, 0, 0, 0, 0xCA};
static const uint8_t modem_mac[6] = {0x00, 0xB0, 0x52, 0, 0, 0x77};

typedef struct car {
    slac_ev_t ev;
    slac_ev_out_t out;
    ccs_slac_ev_config_t config;
    ccs_trace_t trace;
    int64_t now_ms;
    uint8_t draws;
    bool made;
    mme_t sent[SENT_MAX];
    int64_t sent_ms[SENT_MAX];
    size_t count;
    unsigned ups, downs, keys;
} car_t;

static void charger_mac(size_t number, uint8_t mac[6])
{
    const uint8_t made[6] = {0x02, 0, 0, 0, 0x5E, (uint8_t)number};
    memcpy(mac, made, 6);
}

static void step(car_t *car, slac_event_t event);

static void hear(car_t *car, const mme_t *mme)
{
    uint8_t octets[MME_SIZE_MAX];
    size_t length = 0;
    assert_int_equal(CCS_OK, mme_encode(mme, octets, sizeof octets, &length));
    step(car, (slac_event_t){.type = SLAC_ON_FRAME, .frame = {octets, length}});
}

static void keep(car_t *car, const slac_out_frame_t *frame)
{
    mme_t mme;
    assert_int_equal(CCS_OK, mme_decode((ccs_view_t){frame->octets, frame->length}, &mme));
    mme.rest = (ccs_view_t){0};
    if (mme.type == MME_CM_SET_KEY_REQ) {
        car->keys++;
    }
    assert_true(car->count < SENT_MAX);
    car->sent_ms[car->count] = car->now_ms;
    car->sent[car->count++] = mme;
}

static void step(car_t *car, slac_event_t event)
{
    event.now_ms = car->now_ms;
    car->out = (slac_ev_out_t){.count = 0};
    slac_ev_step(&car->ev, &event, &car->out);
    const slac_ev_out_t out = car->out;
    car->ups += out.dlink == SLAC_DLINK_UP;
    car->downs += out.dlink == SLAC_DLINK_DOWN;
    for (size_t i = 0; i < out.count; i++) {
        keep(car, &out.frame[i]);
    }
    if (out.need_random) {
        slac_event_t random = {.type = SLAC_ON_RANDOM};
        memset(random.random, ++car->draws, sizeof random.random);
        step(car, random);
    }
}

static void advance(car_t *car, int64_t ms)
{
    const int64_t until = car->now_ms + ms;
    while (slac_ev_deadline_ms(&car->ev) <= until) {
        const int64_t next = slac_ev_deadline_ms(&car->ev);
        car->now_ms = next > car->now_ms ? next : car->now_ms;
        step(car, (slac_event_t){.type = SLAC_ON_TIME});
    }
    car->now_ms = until;
}

static unsigned sent(const car_t *car, uint16_t type)
{
    unsigned count = 0;
    for (size_t i = 0; i < car->count; i++) {
        count += car->sent[i].type == type;
    }
    return count;
}

static const mme_t *last(const car_t *car, uint16_t type)
{
    for (size_t i = car->count; i-- > 0;) {
        if (car->sent[i].type == type) {
            return &car->sent[i];
        }
    }
    fail_msg("%04X was not sent", type);
    return NULL;
}

/* --- what chargers say ------------------------------------------------------------------------------------------------------- */

static mme_t parm_cnf(const car_t *car, size_t charger)
{
    mme_t mme;
    uint8_t mac[6];
    charger_mac(charger, mac);
    mme_init(&mme, MME_CM_SLAC_PARM_CNF, car_mac, mac);
    memcpy(mme.slac_parm_cnf.sound_target, mme_broadcast, 6);
    mme.slac_parm_cnf.num_sounds = SLAC_SOUNDS;
    mme.slac_parm_cnf.timeout_100ms = SLAC_SOUNDS_100MS;
    mme.slac_parm_cnf.resp_type = 1;
    memcpy(mme.slac_parm_cnf.forwarding_sta, car_mac, 6);
    memcpy(mme.slac_parm_cnf.run_id, car->ev.run_id, 8);
    return mme;
}

static mme_t char_ind(const car_t *car, size_t charger, uint8_t dB)
{
    mme_t mme;
    uint8_t mac[6];
    charger_mac(charger, mac);
    mme_init(&mme, MME_CM_ATTEN_CHAR_IND, car_mac, mac);
    memcpy(mme.atten_char_ind.source, car_mac, 6);
    memcpy(mme.atten_char_ind.run_id, car->ev.run_id, 8);
    mme.atten_char_ind.num_sounds = SLAC_SOUNDS;
    mme.atten_char_ind.groups = MME_GROUPS;
    memset(mme.atten_char_ind.attenuation_dB, dB, MME_GROUPS);
    return mme;
}

static mme_t match_cnf(const car_t *car, size_t charger)
{
    mme_t mme;
    uint8_t mac[6];
    charger_mac(charger, mac);
    mme_init(&mme, MME_CM_SLAC_MATCH_CNF, car_mac, mac);
    mme.slac_match_cnf.mvf_length = MME_MATCH_CNF_LENGTH;
    memcpy(mme.slac_match_cnf.pev_mac, car_mac, 6);
    memcpy(mme.slac_match_cnf.evse_mac, mac, 6);
    memcpy(mme.slac_match_cnf.run_id, car->ev.run_id, 8);
    memset(mme.slac_match_cnf.nmk, 0x4E + (int)charger, 16);
    return mme;
}

static mme_t of_modem(uint16_t type)
{
    mme_t mme;
    mme_init(&mme, (mme_type_t)type, car_mac, modem_mac);
    if (type == MME_CM_SET_KEY_CNF) {
        mme.set_key_cnf.result = 1;
    } else {
        mme.pl_link_status_cnf.link = 1;
    }
    return mme;
}

static void hear_now(car_t *car, mme_t mme)
{
    hear(car, &mme);
}

/* --- how far it has come ----------------------------------------------------------------------------------------------------- */

static void begin(car_t *car)
{
    if (!car->made) {
        slac_ev_init(&car->ev, &car->config, &car->trace, car->now_ms);
        car->made = true;
    }
    step(car, (slac_event_t){.type = SLAC_ON_ORDER, .order = SLAC_ORDER_WAKE});
}

static void until_results(car_t *car, size_t chargers)
{
    begin(car);
    for (size_t i = 0; i < chargers; i++) {
        hear_now(car, parm_cnf(car, i));
    }
    advance(car, SLAC_MATCH_RESPONSE_MS + SLAC_EV_SEQUENCE_MS + (SLAC_START_ATTEN_INDS + SLAC_SOUNDS - 1) * SLAC_EV_BATCH_MS);
    assert_int_equal(car->ev.state, SLAC_EV_RESULTS);
}

static void until_match(car_t *car)
{
    until_results(car, 1);
    hear_now(car, char_ind(car, 0, 12));
    advance(car, SLAC_EV_MATCH_SESSION_MS);
    assert_int_equal(car->ev.state, SLAC_EV_MATCH);
}

static void until_matched(car_t *car)
{
    until_match(car);
    hear_now(car, match_cnf(car, 0));
    hear_now(car, of_modem(MME_CM_SET_KEY_CNF));
    hear_now(car, of_modem(MME_VS_PL_LINK_STATUS_CNF));
    assert_int_equal(car->ev.state, SLAC_EV_MATCHED);
    assert_int_equal(car->ups, 1);
}

static int car_make(void **state)
{
    car_t *const car = calloc(1, sizeof *car);
    assert_non_null(car);
    car->now_ms = 1000;
    car->config = (ccs_slac_ev_config_t){
        .direct_dB = 30, .indirect_dB = 45, .match_delay_ms = SLAC_EV_MATCH_SESSION_MS, .repetition_ms = SLAC_EV_REPETITION_MS};
    memcpy(car->config.mac, car_mac, 6);
    *state = car;
    return 0;
}

static int car_free(void **state)
{
    free(*state);
    return 0;
}

static void anew(car_t *car)
{
    const ccs_slac_ev_config_t config = car->config;
    *car = (car_t){.now_ms = 1000, .config = config};
}

/* --- stories ----------------------------------------------------------------------------------------------------------------- */

static void what_a_car_sends_in_a_match_and_when(void **state)
{
    car_t *const car = *state;
    until_match(car);
    static const uint16_t types[] = {MME_CM_SLAC_PARM_REQ, MME_CM_START_ATTEN_CHAR_IND, MME_CM_START_ATTEN_CHAR_IND,
                                     MME_CM_START_ATTEN_CHAR_IND};
    static const int64_t after_ms[] = {0, 300, 320, 340};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(car->sent[i].type, types[i]);
        assert_int_equal(car->sent_ms[i], 1000 + after_ms[i]);
        assert_memory_equal(car->sent[i].destination, mme_broadcast, 6);
    }
    for (size_t i = 0; i < SLAC_SOUNDS; i++) {
        const mme_t *const sound = &car->sent[4 + i];
        assert_int_equal(sound->type, MME_CM_MNBC_SOUND_IND);
        assert_int_equal(sound->mnbc_sound_ind.count, SLAC_SOUNDS - 1 - i); /* 9 .. 0 */
        assert_int_equal(car->sent_ms[4 + i], 1360 + 20 * (int64_t)i);
    }
    const mme_t *const match = last(car, MME_CM_SLAC_MATCH_REQ);
    uint8_t mac[6];
    charger_mac(0, mac);
    assert_int_equal(match->slac_match_req.mvf_length, 0x3E);
    assert_memory_equal(match->destination, mac, 6);
    assert_memory_equal(match->slac_match_req.evse_mac, mac, 6);
    assert_memory_equal(match->slac_match_req.pev_mac, car_mac, 6);
}

/* 1 + 2 transmissions 200 ms apart, 400 ms of rest, another RunID; for 10 s. */
static void without_an_answer_it_asks_three_times_and_begins_again_with_another_run_id(void **state)
{
    car_t *const car = *state;
    begin(car);
    advance(car, 999);
    assert_int_equal(sent(car, MME_CM_SLAC_PARM_REQ), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(car->sent_ms[i], 1000 + 200 * (int64_t)i);
        assert_memory_equal(car->sent[i].slac_parm_req.run_id, car->sent[0].slac_parm_req.run_id, 8);
    }
    advance(car, 1);
    assert_int_equal(sent(car, MME_CM_SLAC_PARM_REQ), 4);
    assert_memory_not_equal(car->sent[3].slac_parm_req.run_id, car->sent[0].slac_parm_req.run_id, 8);
    advance(car, 20000);
    assert_int_equal(car->ev.state, SLAC_EV_FAILED);
    assert_true(car->sent_ms[car->count - 1] <= 1000 + SLAC_EV_REPETITION_MS);
}

static void the_match_request_is_sent_three_times(void **state)
{
    car_t *const car = *state;
    until_match(car);
    advance(car, SLAC_MATCH_RESPONSE_MS * 3 - 1);
    assert_int_equal(sent(car, MME_CM_SLAC_MATCH_REQ), 3);
    advance(car, 1);
    assert_int_equal(car->ev.state, SLAC_EV_AGAIN);
}

static void every_result_is_answered_repeats_too(void **state)
{
    car_t *const car = *state;
    until_results(car, 2);
    hear_now(car, char_ind(car, 0, 20));
    hear_now(car, char_ind(car, 0, 20));
    assert_int_equal(sent(car, MME_CM_ATTEN_CHAR_RSP), 2);
    hear_now(car, char_ind(car, 1, 25));
    assert_int_equal(car->ev.state, SLAC_EV_DECIDED);
    hear_now(car, char_ind(car, 1, 25));
    assert_int_equal(sent(car, MME_CM_ATTEN_CHAR_RSP), 4);
}

/* Of those that answered, the one with the least mean; who is silent is waited for until 1.2 s behind the first start. */
static void the_nearest_charger_is_chosen(void **state)
{
    static const struct {
        uint8_t dB[CHARGERS]; /* 0: silent */
        size_t chosen;
    } rows[] = {{{20, 9, 28}, 1}, {{8, 9, 28}, 0}, {{0, 29, 12}, 2}};
    car_t *const car = *state;
    for (size_t row = 0; row < 3; row++) {
        anew(car);
        until_results(car, CHARGERS);
        for (size_t i = 0; i < CHARGERS; i++) {
            if (rows[row].dB[i]) {
                hear_now(car, char_ind(car, i, rows[row].dB[i]));
            }
        }
        advance(car, SLAC_EV_RESULTS_MS + SLAC_EV_MATCH_SESSION_MS);
        uint8_t mac[6];
        charger_mac(rows[row].chosen, mac);
        assert_memory_equal(last(car, MME_CM_SLAC_MATCH_REQ)->destination, mac, 6);
    }
}

/* A neighbour's answer once took a car over: RunID, both MACs, the sender and the place in the sequence must fit. */
static void an_answer_that_is_not_the_chosen_chargers_sets_no_key(void **state)
{
    car_t *const car = *state;
    for (int wrong = 0; wrong < 6; wrong++) {
        anew(car);
        until_match(car);
        mme_t cnf = match_cnf(car, 0);
        uint8_t *const spots[] = {&cnf.slac_match_cnf.run_id[7],
                                  &cnf.slac_match_cnf.pev_mac[5],
                                  &cnf.slac_match_cnf.evse_mac[5],
                                  &cnf.source[5],
                                  &cnf.destination[5],
                                  NULL};
        if (spots[wrong]) {
            *spots[wrong] ^= 0x01;
        } else {
            cnf = match_cnf(car, 1);
        }
        hear_now(car, cnf);
        assert_int_equal(car->keys, 0);
        hear_now(car, match_cnf(car, 0));
        assert_int_equal(car->keys, 1);
    }
    anew(car);
    until_results(car, 1);
    hear_now(car, match_cnf(car, 0)); /* nobody asked */
    assert_int_equal(car->keys, 0);
}

/* Frames of modems and of other cars' matches, all through its own: it takes no notice. */
static void what_is_not_for_it_changes_nothing(void **state)
{
    static const uint16_t types[] = {MME_CM_ATTEN_PROFILE_IND, MME_VS_ATTEN_IND,      MME_CM_SLAC_PARM_REQ,
                                     MME_CM_MNBC_SOUND_IND,    MME_CM_ATTEN_CHAR_IND, MME_CM_VALIDATE_REQ,
                                     MME_CM_SLAC_MATCH_REQ,    MME_CM_SLAC_PARM_CNF,  MME_CM_VALIDATE_CNF};
    static void (*const ways[])(car_t *) = {begin, until_match, until_matched};
    car_t *const car = *state;
    for (size_t way = 0; way < 3; way++) {
        for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
            anew(car);
            ways[way](car);
            const size_t before = car->count;
            const slac_ev_state_t was = car->ev.state;
            mme_t mme;
            mme_init(&mme, (mme_type_t)types[i], mme_broadcast, modem_mac);
            hear(car, &mme);
            assert_int_equal(car->count, before);
            assert_int_equal(car->ev.state, was);
            assert_int_equal(car->ev.candidates, way > 0);
        }
    }
}

static void the_amplitude_map_of_the_own_charger_is_confirmed(void **state)
{
    car_t *const car = *state;
    until_matched(car);
    mme_t req;
    uint8_t mac[6];
    charger_mac(0, mac);
    mme_init(&req, MME_CM_AMP_MAP_REQ, car_mac, mac);
    req.version = 2;
    hear(car, &req); /* without carriers */
    assert_int_equal(sent(car, MME_CM_AMP_MAP_CNF), 0);
    req.amp_map_req.carriers = 917;
    hear(car, &req);
    assert_int_equal(last(car, MME_CM_AMP_MAP_CNF)->version, 2);
    assert_int_equal(last(car, MME_CM_AMP_MAP_CNF)->amp_map_cnf.result, 0);
    charger_mac(1, req.source);
    hear(car, &req);
    assert_int_equal(sent(car, MME_CM_AMP_MAP_CNF), 1);
}

/* Three times "no link", by somebody else: the own modem alone knows. */
static void a_stranger_cannot_tell_it_that_its_link_is_gone(void **state)
{
    car_t *const car = *state;
    until_matched(car);
    mme_t gone = of_modem(MME_VS_PL_LINK_STATUS_CNF);
    gone.pl_link_status_cnf.link = 0;
    gone.source[5] ^= 0x01;
    for (int i = 0; i < 10; i++) {
        hear_now(car, gone);
    }
    assert_int_equal(car->downs, 0);
    assert_int_equal(car->ev.state, SLAC_EV_MATCHED);
}

/* Seen at chargers: the own MAC as FORWARDING_STA, CM_VALIDATE.REQ to the car, a wrong RunID, a result to everybody. */
static void a_charger_that_errs_is_taken_or_passed_over(void **state)
{
    car_t *const car = *state;
    begin(car);
    mme_t cnf = parm_cnf(car, 0);
    memcpy(cnf.slac_parm_cnf.forwarding_sta, cnf.source, 6);
    hear_now(car, cnf);
    assert_int_equal(car->ev.candidates, 1); /* its MAC says who it is */
    cnf = parm_cnf(car, 1);
    cnf.slac_parm_cnf.run_id[0] ^= 1;
    hear_now(car, cnf);
    assert_int_equal(car->ev.candidates, 1);
    anew(car);
    until_results(car, 1);
    mme_t ind = char_ind(car, 0, 12);
    memcpy(ind.destination, mme_broadcast, 6);
    hear_now(car, ind);
    assert_int_equal(sent(car, MME_CM_ATTEN_CHAR_RSP), 0);
    ind = char_ind(car, 0, 12);
    ind.atten_char_ind.groups = 40;
    hear_now(car, ind);
    assert_int_equal(sent(car, MME_CM_ATTEN_CHAR_RSP), 0);
    hear_now(car, char_ind(car, 0, 12));
    assert_int_equal(sent(car, MME_CM_ATTEN_CHAR_RSP), 1);
}

static void no_link_within_12_s_is_another_attempt_and_a_lost_one_is_told(void **state)
{
    car_t *const car = *state;
    car->config.repetition_ms = 60000;
    until_match(car);
    hear_now(car, match_cnf(car, 0));
    hear_now(car, of_modem(MME_CM_SET_KEY_CNF));
    for (int i = 0; i < 11; i++) {
        car->count = 0;
        advance(car, 1000);
    }
    assert_int_equal(car->ev.state, SLAC_EV_JOIN);
    car->count = 0;
    advance(car, 1000);
    assert_int_equal(car->ev.state, SLAC_EV_AGAIN);
    anew(car);
    until_matched(car);
    mme_t gone = of_modem(MME_VS_PL_LINK_STATUS_CNF);
    gone.pl_link_status_cnf.link = 0;
    for (int i = 0; i < SLAC_LINK_MISSES; i++) {
        assert_int_equal(car->downs, 0);
        hear_now(car, gone);
    }
    assert_int_equal(car->downs, 1);
    assert_int_equal(car->ev.state, SLAC_EV_FAILED);
}

/* 600 .. 3500 ms are named, one to three times C for 200 .. 400 ms, and the charger must have counted as many. */
static void toggles_are_as_the_norm_has_them_and_must_be_counted_right(void **state)
{
    car_t *const car = *state;
    for (uint8_t counted = 1; counted <= 2; counted++) {
        anew(car);
        car->config.validate = true;
        until_results(car, 1);
        hear_now(car, char_ind(car, 0, 40)); /* perhaps */
        assert_int_equal(car->ev.state, SLAC_EV_VALIDATE);
        mme_t cnf;
        uint8_t mac[6];
        charger_mac(0, mac);
        mme_init(&cnf, MME_CM_VALIDATE_CNF, car_mac, mac);
        cnf.validate_cnf.result = MME_VALIDATE_READY;
        hear_now(car, cnf);
        const int64_t named_ms = (last(car, MME_CM_VALIDATE_REQ)->validate_req.timer_100ms + 1) * 100;
        assert_in_range(named_ms, 600, 3500);
        const int64_t by_ms = car->now_ms + named_ms;
        unsigned toggles = 0;
        int64_t since_ms = 0;
        for (bool high = false; car->now_ms < by_ms; advance(car, 1)) {
            if (high != car->out.toggle) {
                assert_true(!high || (car->now_ms - since_ms >= 200 && car->now_ms - since_ms <= 400));
                high = car->out.toggle;
                since_ms = car->now_ms;
                toggles += high;
            }
        }
        assert_int_equal(toggles, SLAC_EV_TOGGLES);
        cnf.validate_cnf.result = MME_VALIDATE_SUCCESS;
        cnf.validate_cnf.toggles = counted;
        hear_now(car, cnf);
        advance(car, 0);
        assert_int_equal(car->ev.state, counted == SLAC_EV_TOGGLES ? SLAC_EV_MATCH : SLAC_EV_AGAIN);
    }
}

static uint32_t roll(uint64_t *dice, uint32_t sides)
{
    *dice = *dice * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*dice >> 33) % sides;
}

static void hear_something(car_t *car, uint64_t *dice)
{
    uint8_t octets[MME_SIZE_MAX];
    size_t length = 0;
    mme_t validate;
    uint8_t mac[6];
    const size_t charger = roll(dice, CHARGERS);
    charger_mac(charger, mac);
    mme_init(&validate, MME_CM_VALIDATE_CNF, car_mac, mac);
    validate.validate_cnf.result = (uint8_t)roll(dice, 6);
    validate.validate_cnf.toggles = (uint8_t)roll(dice, 4);
    const mme_t said[] = {parm_cnf(car, charger),
                          char_ind(car, charger, (uint8_t)roll(dice, 60)),
                          match_cnf(car, charger),
                          of_modem(MME_CM_SET_KEY_CNF),
                          of_modem(MME_VS_PL_LINK_STATUS_CNF),
                          validate};
    const mme_t *const mme = &said[roll(dice, 6)];
    assert_int_equal(CCS_OK, mme_encode(mme, octets, sizeof octets, &length));
    if (roll(dice, 8) == 0) {
        octets[roll(dice, (uint32_t)length)] ^= (uint8_t)(1u << roll(dice, 8)); /* bent */
    }
    if (roll(dice, 20) == 0) {
        length = roll(dice, (uint32_t)length); /* cut */
    }
    step(car, (slac_event_t){.type = SLAC_ON_FRAME, .frame = {octets, length}});
}

/* Chargers, modem and neighbours say anything in any order, bent and cut; then 5 % comes anew, and the car matches. */
static void after_any_storm_of_frames_it_matches(void **state)
{
    car_t *const car = *state;
    unsigned links = 0;
    for (uint64_t seed = 1; seed <= 500; seed++) {
        uint64_t dice = seed * 104729;
        anew(car);
        car->config.validate = seed % 2;
        begin(car);
        for (int i = 0; i < 200; i++) {
            car->count = 0;
            if (roll(&dice, 4)) {
                hear_something(car, &dice);
            } else {
                advance(car, roll(&dice, 300));
            }
            if (roll(&dice, 60) == 0) {
                step(car, (slac_event_t){.type = SLAC_ON_ORDER, .order = roll(&dice, 2) ? SLAC_ORDER_WAKE : SLAC_ORDER_TERMINATE});
            }
            assert_true(car->ev.candidates <= SLAC_EV_CANDIDATES && car->downs <= car->ups);
        }
        links += car->ups;
        car->count = 0;
        car->ups = car->downs = 0;
        step(car, (slac_event_t){.type = SLAC_ON_ORDER, .order = SLAC_ORDER_TERMINATE});
        until_matched(car);
    }
    print_message("%u links in the storms\n", links);
    assert_true(links > 50);
}

#define story(name) cmocka_unit_test_setup_teardown(name, car_make, car_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(what_a_car_sends_in_a_match_and_when),
        story(without_an_answer_it_asks_three_times_and_begins_again_with_another_run_id),
        story(the_match_request_is_sent_three_times),
        story(every_result_is_answered_repeats_too),
        story(the_nearest_charger_is_chosen),
        story(an_answer_that_is_not_the_chosen_chargers_sets_no_key),
        story(what_is_not_for_it_changes_nothing),
        story(the_amplitude_map_of_the_own_charger_is_confirmed),
        story(a_stranger_cannot_tell_it_that_its_link_is_gone),
        story(a_charger_that_errs_is_taken_or_passed_over),
        story(no_link_within_12_s_is_another_attempt_and_a_lost_one_is_told),
        story(toggles_are_as_the_norm_has_them_and_must_be_counted_right),
        story(after_any_storm_of_frames_it_matches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
