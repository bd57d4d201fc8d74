/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <openssl/sha.h>

const uint8_t evse_mac[6] = {0x02, 0, 0, 0, 0, 0x5E};
const uint8_t modem_mac[6] = {0x00, 0xB0, 0x52, 0, 0, 0x77};
const uint8_t car_mac[6] = {0x02, 0, 0, 0, 0, 0x0E};
const uint8_t run_id[8] = {1, 2, 3, 4, 5, 6, 7, 8};

void sha256(const uint8_t *at, size_t length, uint8_t digest[32])
{
    (void)SHA256(at, length, digest);
}

/* The modem sets what it is given and says 1. */
static void modem_takes_key(world_t *w, const mme_t *request)
{
    memcpy(w->key, request->set_key_req.nmk, 16);
    w->keys++;
    mme_t answer;
    uint8_t frame[60];
    size_t length = 0;
    mme_init(&answer, MME_CM_SET_KEY_CNF, evse_mac, modem_mac);
    answer.set_key_cnf.result = 1;
    assert_int_equal(mme_encode(&answer, frame, sizeof frame, &length), CCS_OK);
    step(w, (slac_event_t){.type = SLAC_ON_FRAME, .frame = {frame, length}});
}

void step(world_t *w, slac_event_t event)
{
    event.now_ms = w->now_ms;
    w->out = (slac_evse_out_t){.count = 0};
    slac_evse_step(&w->evse, &event, &w->out);
    const slac_evse_out_t out = w->out;
    w->ups += out.dlink == SLAC_DLINK_UP;
    w->downs += out.dlink == SLAC_DLINK_DOWN;
    for (size_t i = 0; i < out.count; i++) {
        mme_t mme;
        assert_int_equal(mme_decode((ccs_view_t){out.frame[i].octets, out.frame[i].length}, &mme), CCS_OK);
        if (mme.type == MME_CM_SET_KEY_REQ) {
            if (!w->modem_silent) {
                modem_takes_key(w, &mme);
            }
            continue;
        }
        w->sent++;
        memcpy(w->last_octets, out.frame[i].octets, out.frame[i].length);
        assert_int_equal(mme_decode((ccs_view_t){w->last_octets, out.frame[i].length}, &w->last), CCS_OK);
    }
    if (out.need_random) {
        slac_event_t random = {.type = SLAC_ON_RANDOM};
        memset(random.random, ++w->random, sizeof random.random);
        step(w, random);
    }
}

/* Time passes: the machine is called at each of its deadlines. */
void advance(world_t *w, int64_t ms)
{
    const int64_t until = w->now_ms + ms;
    w->sent = 0;
    for (;;) {
        const int64_t deadline = slac_evse_deadline_ms(&w->evse);
        if (deadline > until) {
            break;
        }
        w->now_ms = deadline > w->now_ms ? deadline : w->now_ms;
        step(w, (slac_event_t){.type = SLAC_ON_TIME});
    }
    w->now_ms = until;
}

void pilot(world_t *w, ccs_pilot_state_t state)
{
    step(w, (slac_event_t){.type = SLAC_ON_PILOT, .pilot = state});
}

void feed(world_t *w, const mme_t *mme)
{
    uint8_t frame[MME_SIZE_MAX];
    size_t length = 0;
    assert_int_equal(mme_encode(mme, frame, sizeof frame, &length), CCS_OK);
    w->sent = 0;
    step(w, (slac_event_t){.type = SLAC_ON_FRAME, .frame = {frame, length}});
}

/* A charger whose modem has just been found. */
void begin(world_t *w, ccs_slac_mode_t mode)
{
    w->config.mode = mode;
    slac_evse_init(&w->evse, &w->config, &w->trace, w->now_ms);
    step(w, (slac_event_t){.type = SLAC_ON_MODEM, .up = true});
}

int world_make(void **state)
{
    world_t *const w = calloc(1, sizeof *w);
    assert_non_null(w);
    *w = (world_t){.now_ms = 1000, .config = {.sha256 = sha256, .init_ms = SLAC_EVSE_INIT_MS, .tries = SLAC_SEQUENCE_RETRIES}};
    memcpy(w->config.mac, evse_mac, 6);
    begin(w, CCS_SLAC_STRICT);
    *state = w;
    return 0;
}

int world_free(void **state)
{
    free(*state);
    return 0;
}

/* As if the test began anew. */
void again(world_t *w, ccs_slac_mode_t mode)
{
    const ccs_slac_config_t config = w->config;
    *w = (world_t){.now_ms = 1000, .config = config};
    begin(w, mode);
}

/* --- the car's frames ----------------------------------------------------------------------------------------------------------
 */

mme_t parm_req(void)
{
    mme_t mme;
    mme_init(&mme, MME_CM_SLAC_PARM_REQ, mme_broadcast, car_mac);
    memcpy(mme.slac_parm_req.run_id, run_id, 8);
    return mme;
}

mme_t start_ind(void)
{
    mme_t mme;
    mme_init(&mme, MME_CM_START_ATTEN_CHAR_IND, mme_broadcast, car_mac);
    mme.start_atten_char_ind.num_sounds = SLAC_SOUNDS;
    mme.start_atten_char_ind.timeout_100ms = SLAC_SOUNDS_100MS;
    mme.start_atten_char_ind.resp_type = 1;
    memcpy(mme.start_atten_char_ind.forwarding_sta, car_mac, 6);
    memcpy(mme.start_atten_char_ind.run_id, run_id, 8);
    return mme;
}

mme_t sound_ind(void)
{
    mme_t mme;
    mme_init(&mme, MME_CM_MNBC_SOUND_IND, mme_broadcast, car_mac);
    mme.mnbc_sound_ind.count = SLAC_SOUNDS - 1;
    memcpy(mme.mnbc_sound_ind.run_id, run_id, 8);
    return mme;
}

mme_t profile_ind(uint8_t dB)
{
    mme_t mme;
    mme_init(&mme, MME_CM_ATTEN_PROFILE_IND, mme_broadcast, modem_mac);
    memcpy(mme.atten_profile_ind.pev_mac, car_mac, 6);
    mme.atten_profile_ind.groups = MME_GROUPS;
    memset(mme.atten_profile_ind.attenuation_dB, dB, MME_GROUPS);
    return mme;
}

mme_t char_rsp(void)
{
    mme_t mme;
    mme_init(&mme, MME_CM_ATTEN_CHAR_RSP, evse_mac, car_mac);
    memcpy(mme.atten_char_rsp.source, car_mac, 6);
    memcpy(mme.atten_char_rsp.run_id, run_id, 8);
    return mme;
}

mme_t match_req(void)
{
    mme_t mme;
    mme_init(&mme, MME_CM_SLAC_MATCH_REQ, evse_mac, car_mac);
    mme.slac_match_req.mvf_length = MME_MATCH_REQ_LENGTH;
    memcpy(mme.slac_match_req.pev_mac, car_mac, 6);
    memcpy(mme.slac_match_req.evse_mac, evse_mac, 6);
    memcpy(mme.slac_match_req.run_id, run_id, 8);
    return mme;
}

mme_t link_status(uint8_t link)
{
    mme_t mme;
    mme_init(&mme, MME_VS_PL_LINK_STATUS_CNF, evse_mac, modem_mac);
    mme.pl_link_status_cnf.link = link;
    return mme;
}

void feed_now(world_t *w, mme_t mme)
{
    feed(w, &mme);
}

void until_sounding(world_t *w)
{
    pilot(w, CCS_PILOT_B);
    feed_now(w, parm_req());
    feed_now(w, start_ind());
    feed_now(w, sound_ind());
}

void until_result(world_t *w)
{
    until_sounding(w);
    for (uint8_t i = 0; i < SLAC_SOUNDS; i++) {
        advance(w, 20);
        feed_now(w, profile_ind((uint8_t)(10 + i % 2)));
    }
}

void until_joining(world_t *w)
{
    until_result(w);
    feed_now(w, char_rsp());
    feed_now(w, match_req());
}

void until_matched(world_t *w)
{
    until_joining(w);
    feed_now(w, link_status(1));
    advance(w, SLAC_LINK_READY_MS);
    assert_int_equal(w->evse.state, SLAC_EVSE_MATCHED);
}

/* --- validation ------------------------------------------------------------------------------------------------------------------
 */

mme_t validate_req(uint8_t timer_100ms)
{
    mme_t mme;
    mme_init(&mme, MME_CM_VALIDATE_REQ, evse_mac, car_mac);
    mme.validate_req.timer_100ms = timer_100ms;
    mme.validate_req.result = MME_VALIDATE_READY;
    return mme;
}

void until_waiting(world_t *w)
{
    until_result(w);
    feed_now(w, char_rsp());
}

void until_validating(world_t *w)
{
    w->config.validation = CCS_SLAC_VALIDATION_READY;
    until_waiting(w);
    feed_now(w, validate_req(0));
    assert_int_equal(w->last.validate_cnf.result, MME_VALIDATE_READY);
}

void expect_sent(const world_t *w, uint16_t type)
{
    assert_int_equal(w->sent, 1);
    assert_int_equal(w->last.type, type);
}
