/* The power line of the charger's harness: four cars, the modem, neighbours. Frames come from a grammar - every message, with the
 * right or a wrong RunID, sender, version, length, and any octet changed - and from the input as it is.
 *
 * Whatever comes: a key is given to one car only and is the one in the modem, 5 % stands only over a modem with a key and a plug
 * that is in, the listener is open for the matched car alone, energy flows over its link alone, and what leaves is whole.
 * SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/secc.h"

#include "base/assert.h"
#include "tests/secc/cars.h"

#include <string.h>

enum { RAW_MAX = 255, LONGER_MAX = 255 };

void fuzz_mac(unsigned car, uint8_t mac[6])
{
    memset(mac, 0, 6);
    if (car < FUZZ_CARS) {
        mac[0] = 0x02;
        mac[4] = 0xCA;
        mac[5] = (uint8_t)car;
    }
}

void line_settings(fuzz_t *f, bool strict, uint8_t how)
{
    ccs_slac_config_t *const slac = &f->config.slac;
    slac->mode = strict ? CCS_SLAC_STRICT : CCS_SLAC_FIELD;
    slac->sha256 = cars_sum;
    memcpy(slac->mac, cars_charger, 6);
    slac->validation = (ccs_slac_validation_t)(how % 3);
    slac->bench_modem = how & 4;
    slac->any_ip_mac = how & 8;
    slac->attenuation_max_dB = how & 16 ? 20 : 0;
    slac->tries = how >> 5;
}

/* ---- modem and keys */

static void modem(fuzz_t *f, bool up)
{
    ccs_event_t event = {.type = CCS_ON_MODEM};
    event.modem.up = up;
    f->modem_up = up;
    f->key_due = false;
    fuzz_step(f, event);
}

void line_heal(fuzz_t *f)
{
    if (f->slac) {
        f->modem_mute = false;
        f->key_refused = false;
        modem(f, true);
    }
}

static bool draw_key(fuzz_t *f, ccs_event_t *event)
{
    static uint8_t key[16];
    if (f->key_job == 0) {
        return false;
    }
    CCS_ASSERT(f->keys < FUZZ_KEYS - 1);
    f->keys += !f->key_refused;
    key[2] = (uint8_t)(f->keys >> 8);
    key[3] = (uint8_t)f->keys;
    *event = (ccs_event_t){.type = CCS_ON_ANSWER};
    event->answer.id = f->key_job;
    event->answer.verdict = f->key_refused ? CCS_UNAVAILABLE : CCS_GRANTED;
    event->answer.data = (ccs_view_t){key, sizeof key};
    f->key_job = 0;
    return true;
}

static bool confirm_key(fuzz_t *f, ccs_event_t *event)
{
    static uint8_t octets[MME_SIZE_MIN];
    size_t length = 0;
    mme_t mme;
    if (!f->key_due || f->modem_mute) {
        return false;
    }
    f->key_due = false;
    mme_init(&mme, MME_CM_SET_KEY_CNF, cars_charger, cars_modem);
    mme.set_key_cnf.result = 1;
    CCS_ASSERT(mme_encode(&mme, octets, sizeof octets, &length) == CCS_OK);
    *event = (ccs_event_t){.type = CCS_ON_MME, .bytes = {octets, length}};
    return true;
}

bool line_answer(fuzz_t *f, ccs_event_t *event)
{
    return draw_key(f, event) || confirm_key(f, event);
}

/* ---- what leaves */

static void expect_given_once(fuzz_t *f, const mme_t *cnf)
{
    const uint8_t *const nmk = cnf->slac_match_cnf.nmk;
    const unsigned number = (unsigned)nmk[2] << 8 | nmk[3];
    CCS_ASSERT(memcmp(f->key, nmk, 16) == 0 && number < FUZZ_KEYS);
    CCS_ASSERT(!f->given[number] || memcmp(f->given_to[number], cnf->destination, 6) == 0);
    f->given[number] = true;
    memcpy(f->given_to[number], cnf->destination, 6);
}

void line_send(fuzz_t *f, ccs_view_t frame)
{
    mme_t mme;
    CCS_ASSERT(f->slac && frame.length >= MME_SIZE_MIN);
    CCS_ASSERT(mme_decode(frame, &mme) == CCS_OK && memcmp(mme.source, cars_charger, 6) == 0);
    CCS_ASSERT(memcmp(mme.destination, cars_charger, 6) != 0);
    if (mme.type == MME_CM_SET_KEY_REQ) {
        CCS_ASSERT(f->modem_up);
        memcpy(f->key, mme.set_key_req.nmk, 16);
        f->key_due = true;
    } else if (mme.type == MME_CM_SLAC_MATCH_CNF) {
        expect_given_once(f, &mme);
    }
}

void line_invariants(const fuzz_t *f)
{
    const ccs_want_t *const want = &f->out.want;
    if (!f->slac) {
        return;
    }
    const ccs_slac_status_t slac = ccs_secc_slac(&f->secc);
    CCS_ASSERT(want->pilot != CCS_PILOT_5_PERCENT || (f->modem_up && f->report.pilot != CCS_PILOT_A));
    CCS_ASSERT(!f->out.listen || (slac.link && f->out.admit.only));
    CCS_ASSERT(!f->out.listen || f->config.slac.any_ip_mac || memcmp(slac.mac, f->out.admit.mac, 6) == 0 ||
               memcmp(f->out.admit.mac, (const uint8_t[6]){0}, 6) == 0);
    CCS_ASSERT(slac.link || want->phase == CCS_PHASE_OFF);
    CCS_ASSERT(!slac.link || slac.matched);
}

/* ---- what cars and modem say */

/* By number, for the input. */
static const uint16_t messages[] = {
    MME_CM_SLAC_PARM_REQ,     MME_CM_START_ATTEN_CHAR_IND, MME_CM_MNBC_SOUND_IND,
    MME_CM_ATTEN_PROFILE_IND, MME_CM_ATTEN_CHAR_RSP,       MME_CM_SLAC_MATCH_REQ,
    MME_CM_VALIDATE_REQ,      MME_CM_AMP_MAP_REQ,          MME_VS_PL_LINK_STATUS_CNF,
    MME_CM_SET_KEY_CNF,       MME_CM_SLAC_PARM_CNF,        MME_CM_ATTEN_CHAR_IND,
    MME_CM_VALIDATE_CNF,      MME_CM_SLAC_MATCH_CNF,       MME_CM_AMP_MAP_CNF,
    MME_CM_NW_INFO_CNF,       MME_CM_GET_KEY_CNF,          MME_VS_SW_VER_CNF,
    MME_VS_RS_DEV_CNF,        MME_VS_RD_MOD_CNF,           MME_VS_HST_ACTION_IND,
    MME_VS_ATTEN_IND,         MME_CM_SET_KEY_REQ,          MME_VS_PL_LINK_STATUS_REQ,
};

static void hear(fuzz_t *f, const uint8_t *octets, size_t length)
{
    fuzz_step(f, (ccs_event_t){.type = CCS_ON_MME, .bytes = {octets, length}});
}

static size_t write_mme(fuzz_t *f, uint16_t type, unsigned car, uint8_t number, uint8_t *octets)
{
    uint8_t mac[6];
    size_t length = 0;
    mme_t mme;
    fuzz_mac(car % FUZZ_CARS, mac);
    const uint8_t run_id[8] = {f->run[car % FUZZ_CARS], 1, 2, 3, 4, 5, 6, 7};
    mme_init(&mme, type, cars_charger, mac);
    cars_fill(&mme, mac, run_id, number);
    CCS_ASSERT(mme_encode(&mme, octets, MME_SIZE_MAX, &length) == CCS_OK);
    return length;
}

static void say(fuzz_t *f, uint16_t type, unsigned car)
{
    uint8_t octets[MME_SIZE_MAX];
    const size_t length = write_mme(f, type, car, 0, octets);
    hear(f, octets, length);
}

/* A sender that it is not of. */
static void change_source(uint8_t *octets, uint8_t how, unsigned car)
{
    uint8_t other[6];
    fuzz_mac((car + 1) % FUZZ_CARS, other);
    const uint8_t *const sources[] = {octets + 6, cars_modem, cars_charger, other};
    memmove(octets + 6, sources[how % 4], 6);
}

/* who: car, which RunID, whose sender; how: what else is wrong with it. */
static void say_any(fuzz_t *f)
{
    uint8_t octets[MME_SIZE_MAX + LONGER_MAX] = {0};
    const uint8_t which = bytes_get_u8(&f->in), who = bytes_get_u8(&f->in), how = bytes_get_u8(&f->in);
    const unsigned car = who % FUZZ_CARS;
    const uint8_t before = f->run[car];
    f->run[car] = (uint8_t)(before + (who >> 2 & 1));
    size_t length =
        write_mme(f, messages[which % (sizeof messages / sizeof messages[0])], car, how & 1 ? bytes_get_u8(&f->in) : 0, octets);
    f->run[car] = who & 8 ? before : f->run[car]; /* the wrong one, this time only */
    change_source(octets, who >> 4, car);
    if (how & 2) {
        octets[bytes_get_u8(&f->in) % length] ^= bytes_get_u8(&f->in);
    }
    if (how & 4) {
        length = 1 + bytes_get_u8(&f->in) % length;
    }
    if (how & 8) {
        length += bytes_get_u8(&f->in);
    }
    if (how & 16) {
        octets[14] = how >> 5; /* version */
    }
    hear(f, octets, length);
}

static void say_raw(fuzz_t *f)
{
    uint8_t octets[RAW_MAX + 1] = {0};
    const size_t said = bytes_get_u8(&f->in);
    const size_t length = said < f->in.left ? said : f->in.left;
    bytes_get(&f->in, octets, length);
    hear(f, octets, length);
}

/* A car that does all as it should. */
static void match(fuzz_t *f, uint8_t car)
{
    f->run[car % FUZZ_CARS]++;
    for (size_t i = 0; i < CARS_MATCH; i++) {
        say(f, cars_match[i], car);
    }
}

static void neighbour(fuzz_t *f, uint8_t who)
{
    const ccs_endpoint_t address = fuzz_car(who);
    ccs_event_t event = {.type = CCS_ON_NEIGHBOUR};
    memcpy(event.neighbour.address, address.address, 16);
    fuzz_mac(who >> 2, event.neighbour.mac);
    fuzz_step(f, event);
}

static void modem_command(fuzz_t *f, uint8_t how)
{
    f->modem_mute = how & 2;
    f->key_refused = how & 4;
    if (how & 8) {
        modem(f, how & 1);
    }
}

bool line_command(fuzz_t *f, uint8_t code)
{
    if (!f->slac) {
        return false;
    }
    switch (code) {
    case 19:
        say_any(f);
        return true;
    case 20:
        say_raw(f);
        return true;
    case 21:
        match(f, bytes_get_u8(&f->in));
        return true;
    case 22:
        neighbour(f, bytes_get_u8(&f->in));
        return true;
    case 23:
        modem_command(f, bytes_get_u8(&f->in));
        return true;
    case 24:
        say(f, MME_VS_PL_LINK_STATUS_CNF, 0);
        return true;
    default:
        return false;
    }
}
