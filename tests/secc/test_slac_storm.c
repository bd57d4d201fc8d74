/* Anything in any order on the power line: frames of several cars, whole, bent or made of noise, a modem that comes and goes,
 * pilots, neighbours, datagrams, connections. Whatever comes: each key is given to one car at most and is the one in the modem, 5 %
 * stands only with a key, and nobody gets in but the matched car from the address it asked from.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/secc/cars.h"
#include "tests/secc/world.h"

#include "sdp/sdp.h"
#include "slac/timing.h"

#include <string.h>

enum { CARS = 4, KEYS_MAX = 4096 };

typedef struct storm {
    world_t *w;
    uint64_t dice;
    unsigned given[KEYS_MAX]; /* car + 1 that a key was given to, by its number; 0: nobody */
    unsigned mmes, accepts;
    unsigned matches, sessions; /* how far it came */
    bool modem;
    uint8_t run[CARS]; /* RunID of each car */
} storm_t;

static uint32_t roll(storm_t *s, uint32_t sides)
{
    s->dice = s->dice * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(s->dice >> 33) % sides;
}

static void car_mac(unsigned car, uint8_t mac[6])
{
    const uint8_t made[6] = {0x02, 0, 0, 0, 0xCA, (uint8_t)car};
    memcpy(mac, made, 6);
}

static ccs_endpoint_t car_address(unsigned car)
{
    ccs_endpoint_t from = {.address = {0xfe, 0x80, [15] = (uint8_t)(0x40 + car)}, .port = 50000};
    return from;
}

/* --- frames ------------------------------------------------------------------------------------------------------------------ */

static void say(storm_t *s, unsigned car, uint16_t type)
{
    uint8_t octets[MME_SIZE_MAX], mac[6];
    size_t length = 0;
    mme_t mme;
    const uint8_t run_id[8] = {s->run[car], 1, 2, 3, 4, 5, 6, 7};
    car_mac(car, mac);
    mme_init(&mme, type, cars_charger, mac);
    cars_fill(&mme, mac, run_id, 0);
    assert_int_equal(CCS_OK, mme_encode(&mme, octets, sizeof octets, &length));
    if (roll(s, 12) == 0) {
        octets[roll(s, (uint32_t)length)] ^= (uint8_t)(1u << roll(s, 8)); /* bent */
    }
    if (roll(s, 40) == 0) {
        length = 1 + roll(s, (uint32_t)length); /* cut */
    }
    ccs_event_t event = {.type = CCS_ON_MME, .bytes = {octets, length}};
    world_event(s->w, &event);
}

/* A whole match, now and then with something left out. */
static void say_all(storm_t *s, unsigned car)
{
    for (size_t i = 0; i < CARS_MATCH; i++) {
        if (roll(s, 30)) {
            say(s, car, cars_match[i]);
        }
    }
}

static void say_any(storm_t *s)
{
    static const uint16_t types[] = {MME_CM_SLAC_PARM_REQ,     MME_CM_START_ATTEN_CHAR_IND, MME_CM_MNBC_SOUND_IND,
                                     MME_CM_ATTEN_PROFILE_IND, MME_CM_ATTEN_CHAR_RSP,       MME_CM_SLAC_MATCH_REQ,
                                     MME_CM_VALIDATE_REQ,      MME_VS_PL_LINK_STATUS_CNF,   MME_CM_SET_KEY_CNF,
                                     MME_CM_AMP_MAP_REQ};
    say(s, roll(s, CARS), types[roll(s, sizeof types / sizeof *types)]);
}

static void noise(storm_t *s)
{
    uint8_t octets[200];
    const size_t length = roll(s, sizeof octets);
    for (size_t i = 0; i < sizeof octets; i++) {
        octets[i] = (uint8_t)roll(s, 256);
    }
    octets[12] = 0x88;
    octets[13] = 0xE1;
    ccs_event_t event = {.type = CCS_ON_MME, .bytes = {octets, length}};
    world_event(s->w, &event);
}

/* --- the rest of the world --------------------------------------------------------------------------------------------------- */

static void modem(storm_t *s, bool up)
{
    ccs_event_t event = {.type = CCS_ON_MODEM, .modem = {.up = up}};
    s->modem = up;
    s->w->sets_key = false;
    world_event(s->w, &event);
}

static void neighbour(storm_t *s)
{
    ccs_event_t event = {.type = CCS_ON_NEIGHBOUR};
    const ccs_endpoint_t address = car_address(roll(s, CARS));
    memcpy(event.neighbour.address, address.address, 16);
    car_mac(roll(s, CARS), event.neighbour.mac);
    world_event(s->w, &event);
}

static void sdp(storm_t *s, unsigned car, unsigned address_of)
{
    uint8_t request[SDP_REQUEST_SIZE];
    sdp_request_write(false, request);
    ccs_event_t event = {.type = CCS_ON_DATAGRAM,
                         .datagram = {.from = car_address(address_of), .bytes = {request, sizeof request}}};
    car_mac(car, event.datagram.from_mac);
    world_event(s->w, &event);
}

/* Only the matched car, from the address it asked from. */
static void knock(storm_t *s, unsigned address_of)
{
    world_t *const w = s->w;
    const ccs_endpoint_t from = car_address(address_of);
    const ccs_admit_t admit = w->out.admit;
    const bool open = w->out.listen;
    const unsigned before = w->accepts;
    if (w->link_open) {
        assert_false(world_connect(w, 2, &from, false));
        return;
    }
    ccs_event_t event = {.type = CCS_ON_CONNECT, .link = WORLD_LINK, .connect = {.from = from}};
    const bool let_in = open && admit.only && memcmp(admit.address, from.address, 16) == 0;
    if (!let_in) {
        event.link = 2; /* so that the refusal is not of a link of ours */
    }
    world_event(w, &event);
    assert_int_equal(let_in, w->accepts > before);
    if (let_in) {
        ccs_event_t secured = {.type = CCS_ON_SECURED, .link = WORLD_LINK};
        world_event(w, &secured);
        s->sessions++;
    }
}

static void pilot(storm_t *s)
{
    static const ccs_pilot_state_t pilots[] = {CCS_PILOT_A, CCS_PILOT_B, CCS_PILOT_B, CCS_PILOT_B,
                                               CCS_PILOT_C, CCS_PILOT_E, CCS_PILOT_F};
    s->w->pilot = pilots[roll(s, sizeof pilots / sizeof *pilots)];
    world_report(s->w);
}

static void hand(storm_t *s)
{
    ccs_event_t event = {.type = CCS_ON_RESET};
    if (roll(s, 3) == 0) {
        event.type = CCS_ON_STOP;
        event.stop = (ccs_stop_t)roll(s, 3);
    } else if (roll(s, 3) == 0 && s->w->link_open) {
        event.type = CCS_ON_CLOSED;
        event.link = WORLD_LINK;
        s->w->link_open = false;
    }
    world_event(s->w, &event);
}

static void served_car(storm_t *s)
{
    const unsigned car = roll(s, CARS);
    if (s->w->pilot == CCS_PILOT_A) {
        s->w->pilot = CCS_PILOT_B;
        world_report(s->w);
    }
    s->run[car]++;
    say_all(s, car);
    say(s, car, MME_VS_PL_LINK_STATUS_CNF);
    world_pass(s->w, SLAC_LINK_READY_MS);
    sdp(s, car, car);
    knock(s, car);
}

/* --- what must hold ---------------------------------------------------------------------------------------------------------- */

static void key_is_given_once(storm_t *s)
{
    mme_t cnf;
    const world_t *const w = s->w;
    if (w->mmes == s->mmes) {
        return;
    }
    s->mmes = w->mmes;
    assert_int_equal(CCS_OK, mme_decode((ccs_view_t){w->mme, w->mme_length}, &cnf));
    if (cnf.type != MME_CM_SLAC_MATCH_CNF) {
        return;
    }
    assert_memory_equal(w->key, cnf.slac_match_cnf.nmk, 16); /* what the modem holds */
    const unsigned key = (unsigned)cnf.slac_match_cnf.nmk[2] << 8 | cnf.slac_match_cnf.nmk[3];
    const unsigned to = cnf.destination[5] + 1u;
    assert_true(key < KEYS_MAX && (s->given[key] == 0 || s->given[key] == to));
    s->matches += s->given[key] == 0;
    s->given[key] = to;
}

static void expect_sound(storm_t *s)
{
    const world_t *const w = s->w;
    const ccs_slac_status_t slac = ccs_secc_slac(&w->secc);
    key_is_given_once(s);
    if (w->out.want.pilot == CCS_PILOT_5_PERCENT) {
        assert_true(slac.modem || w->link_open || slac.matched);
        assert_true(s->modem);
    }
    assert_true(w->out.want.pilot != CCS_PILOT_5_PERCENT || w->pilot != CCS_PILOT_A);
    assert_true(!w->out.listen || (slac.link && w->out.admit.only));
    assert_true(w->out.want.phase == CCS_PHASE_OFF); /* nobody got as far as energy */
}

static void storm(world_t *w, storm_t *s, uint64_t seed, unsigned steps)
{
    *s = (storm_t){.w = w, .dice = seed};
    world_init(w);
    w->config.trace = (ccs_trace_t){0};
    w->config.slac.mode = seed % 2 ? CCS_SLAC_FIELD : CCS_SLAC_STRICT;
    w->config.slac.validation = (ccs_slac_validation_t)(seed % 3);
    w->config.slac.sha256 = cars_sum;
    memcpy(w->config.slac.mac, cars_charger, 6);
    w->pilot = roll(s, 2) ? CCS_PILOT_A : CCS_PILOT_C;
    world_boot(w);
    modem(s, true);
    for (unsigned i = 0; i < steps; i++) {
        const uint32_t what = roll(s, 100);
        w->jobs = 0;
        w->modem_silent = roll(s, 50) == 0;
        w->key_refused = roll(s, 50) == 0;
        if (what < 25) {
            say_any(s);
        } else if (what < 30) {
            noise(s);
        } else if (what < 45) {
            served_car(s);
        } else if (what < 55) {
            say_all(s, roll(s, CARS));
        } else if (what < 60) {
            neighbour(s);
        } else if (what < 65) {
            sdp(s, roll(s, CARS), roll(s, CARS));
        } else if (what < 70) {
            knock(s, roll(s, CARS));
        } else if (what < 78) {
            pilot(s);
        } else if (what < 82) {
            hand(s);
        } else if (what < 84) {
            modem(s, roll(s, 4) != 0);
        } else {
            world_pass(w, roll(s, 10) ? roll(s, 600) : roll(s, 30000));
        }
        expect_sound(s);
    }
    w->modem_silent = false;
    w->key_refused = false;
}

/* After any storm: the plug is pulled, somebody resets the outlet, the next car is served. */
static void expect_service(world_t *w, storm_t *s)
{
    ccs_event_t reset = {.type = CCS_ON_RESET};
    w->pilot = CCS_PILOT_A;
    modem(s, true);
    world_report(w);
    world_pass(w, 12000);
    world_event(w, &reset);
    world_pass(w, 100);
    w->pilot = CCS_PILOT_B;
    world_report(w);
    world_pass(w, 100);
    assert_int_equal(CCS_PILOT_5_PERCENT, w->out.want.pilot);
    for (int tries = 0; tries < 20 && !w->link_open; tries++) { /* its frames may be bent as well */
        served_car(s);
        world_pass(w, 11000);
    }
    assert_true(s->sessions > 0);
}

static void no_key_goes_astray_and_nobody_else_gets_in(void **state)
{
    world_t *const w = *state;
    static storm_t s;
    unsigned matches = 0, sessions = 0;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        storm(w, &s, seed * 104729, 300);
        expect_service(w, &s);
        matches += s.matches;
        sessions += s.sessions;
    }
    print_message("%u keys given, %u let in\n", matches, sessions);
    assert_true(matches > 1000 && sessions > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(no_key_goes_astray_and_nobody_else_gets_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
