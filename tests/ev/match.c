/* The car's SLAC composed: 5 % begins, its loss ends, and what follows when no match comes of it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "ccs/ev.h"
#include "mme/mme.h"
#include "slac/timing.h"

static const uint8_t car_mac[6] = {0x02, 0, 0, 0, 0, 0xCA};
static const uint8_t charger_mac[6] = {0x02, 0, 0, 0, 0, 0x5E};

typedef struct car {
    ccs_ev_config_t config;
    ccs_ev_t ev;
    ccs_ev_outputs_t out;
    ccs_body_t body;
    int64_t now_ms;
    uint8_t rx[512], tx[512];
    uint64_t arena[128];
    bool no_random;           /* the port has no random octets */
    uint32_t draws, requests; /* answered; CM_SLAC_PARM.REQ seen */
    uint8_t run_id[8];
    bool toggled; /* the pilot went to C */
} car_t;

static void step(car_t *car, ccs_event_t event);

static void answer_job(car_t *car, const ccs_job_t *job)
{
    uint8_t octets[16];
    memset(octets, (int)++car->draws, sizeof octets);
    ccs_event_t event = {.type = CCS_ON_ANSWER, .answer = {.id = job->id, .verdict = CCS_UNAVAILABLE}};
    if (!car->no_random) {
        event.answer.verdict = CCS_GRANTED;
        event.answer.data = (ccs_view_t){octets, sizeof octets};
    }
    step(car, event);
}

static void step(car_t *car, ccs_event_t event)
{
    event.now_ms = car->now_ms;
    ccs_ev_step(&car->ev, &event, &car->out);
    const ccs_ev_outputs_t out = car->out;
    for (size_t i = 0; i < out.count; i++) {
        mme_t mme;
        if (out.action[i].type == CCS_SEND_MME && mme_decode(out.action[i].bytes[0], &mme) == CCS_OK &&
            mme.type == MME_CM_SLAC_PARM_REQ) {
            car->requests++;
            memcpy(car->run_id, mme.slac_parm_req.run_id, 8);
        }
    }
    car->toggled = car->toggled || out.want.pilot == CCS_PILOT_C;
    for (size_t i = 0; i < out.count; i++) {
        if (out.action[i].type == CCS_JOB) {
            answer_job(car, &out.action[i].job);
        }
    }
}

static void wait(car_t *car, int64_t ms)
{
    for (const int64_t until_ms = car->now_ms + ms; car->now_ms < until_ms;) {
        car->now_ms += 10;
        step(car, (ccs_event_t){.type = CCS_ON_BODY, .body = car->body});
        if (ccs_ev_deadline_ms(&car->ev) <= car->now_ms) {
            step(car, (ccs_event_t){.type = CCS_ON_TIME});
        }
    }
}

/* Plugged, +12 V on the pilot. */
static void begin(car_t *car)
{
    const ccs_secc_buffers_t buffers = {car->rx, sizeof car->rx, car->tx, sizeof car->tx, car->arena, sizeof car->arena};
    *car = (car_t){.now_ms = 1000, .body = {.plugged = true, .locked = true, .battery_mV = 350000, .duty_permille = 1000}};
    ccs_ev_defaults(&car->config);
    car->config.slac.mode = CCS_SLAC_FIELD;
    memcpy(car->config.slac.mac, car_mac, 6);
    assert_int_equal(ccs_ev_init(&car->ev, &car->config, &buffers, car->now_ms), CCS_OK);
}

static car_t car;

static const ccs_ev_status_t *status(void)
{
    return ccs_ev_status(&car.ev);
}

static void only_5_percent_begins_a_match(void **state)
{
    (void)state;
    static const uint16_t duties[] = {1000, 0, 100, 300, 900};
    begin(&car);
    for (size_t i = 0; i < sizeof duties / sizeof *duties; i++) {
        car.body.duty_permille = duties[i];
        wait(&car, 2000);
        assert_int_equal(car.requests, 0);
    }
    car.body.duty_permille = 50;
    wait(&car, 100);
    assert_int_equal(car.requests, 1);
    assert_string_equal(ccs_ev_slac_state(&car.ev), "PARM");
}

static void five_percent_lost_ends_the_attempt(void **state)
{
    (void)state;
    begin(&car);
    car.body.duty_permille = 50;
    wait(&car, 100);
    car.body.duty_permille = 1000;
    wait(&car, 50);
    assert_string_equal(ccs_ev_slac_state(&car.ev), "IDLE");
}

/* TT_matching_repetition: attempts for 10 s, each with a RunID of its own; 5 % anew begins anew, three times in all. */
static void without_an_answer_it_tries_again_and_gives_up_in_the_end(void **state)
{
    (void)state;
    begin(&car);
    for (int rounds = 1; rounds <= 3; rounds++) {
        uint8_t before[8];
        car.body.duty_permille = 50;
        wait(&car, 1500);
        memcpy(before, car.run_id, sizeof before);
        wait(&car, 10000);
        assert_memory_not_equal(before, car.run_id, sizeof before);
        if (rounds < 3) {
            assert_string_equal(ccs_ev_slac_state(&car.ev), "FAILED");
            assert_int_equal(status()->result, CCS_EV_RUNNING);
            car.body.duty_permille = 0; /* E/F */
            wait(&car, 4000);
        }
    }
    assert_true(car.out.done);
    assert_int_equal(status()->result, CCS_EV_NO_MATCH);
}

static void a_charger_that_never_shows_5_percent_again_is_left_after_a_minute(void **state)
{
    (void)state;
    begin(&car);
    car.body.duty_permille = 50;
    wait(&car, 12000);
    car.body.duty_permille = 1000;
    wait(&car, 59000);
    assert_false(car.out.done);
    wait(&car, 2000);
    assert_int_equal(status()->result, CCS_EV_NO_MATCH);
}

static void without_random_octets_it_asks_again(void **state)
{
    (void)state;
    begin(&car);
    car.no_random = true;
    car.body.duty_permille = 50;
    wait(&car, 3500);
    assert_int_equal(car.requests, 0);
    car.no_random = false;
    wait(&car, 1000);
    assert_true(car.requests >= 1);
}

static void hear(const mme_t *mme)
{
    uint8_t octets[MME_SIZE_MAX];
    size_t length = 0;
    assert_int_equal(mme_encode(mme, octets, sizeof octets, &length), CCS_OK);
    step(&car, (ccs_event_t){.type = CCS_ON_MME, .bytes = {octets, length}});
}

static void hear_parm_cnf(void)
{
    mme_t mme;
    mme_init(&mme, MME_CM_SLAC_PARM_CNF, car_mac, charger_mac);
    mme.slac_parm_cnf.num_sounds = SLAC_SOUNDS;
    mme.slac_parm_cnf.timeout_100ms = SLAC_SOUNDS_100MS;
    mme.slac_parm_cnf.resp_type = 1;
    memcpy(mme.slac_parm_cnf.forwarding_sta, car_mac, 6);
    memcpy(mme.slac_parm_cnf.run_id, car.run_id, 8);
    hear(&mme);
}

static void hear_attenuation(uint8_t dB)
{
    mme_t mme;
    mme_init(&mme, MME_CM_ATTEN_CHAR_IND, car_mac, charger_mac);
    memcpy(mme.atten_char_ind.source, car_mac, 6);
    memcpy(mme.atten_char_ind.run_id, car.run_id, 8);
    mme.atten_char_ind.num_sounds = SLAC_SOUNDS;
    mme.atten_char_ind.groups = MME_GROUPS;
    memset(mme.atten_char_ind.attenuation_dB, dB, MME_GROUPS);
    hear(&mme);
}

/* Between "found" and "not ours" the pilot decides: B-C-B, as often as told. */
static void a_doubtful_charger_is_asked_by_toggles_on_the_pilot(void **state)
{
    (void)state;
    begin(&car);
    car.config.slac.validate = true;
    const ccs_secc_buffers_t buffers = {car.rx, sizeof car.rx, car.tx, sizeof car.tx, car.arena, sizeof car.arena};
    assert_int_equal(ccs_ev_init(&car.ev, &car.config, &buffers, car.now_ms), CCS_OK);
    car.body.duty_permille = 50;
    wait(&car, 50);
    hear_parm_cnf();
    wait(&car, 700);
    hear_attenuation(35);
    wait(&car, 50);
    assert_string_equal(ccs_ev_slac_state(&car.ev), "VALIDATE");
    assert_false(car.toggled);
    mme_t ready;
    mme_init(&ready, MME_CM_VALIDATE_CNF, car_mac, charger_mac);
    ready.validate_cnf.result = MME_VALIDATE_READY;
    hear(&ready);
    wait(&car, 1500);
    assert_true(car.toggled);
    assert_int_equal(car.out.want.pilot, CCS_PILOT_B); /* and back */
}

static void a_charger_too_far_away_is_not_matched(void **state)
{
    (void)state;
    begin(&car);
    car.body.duty_permille = 50;
    wait(&car, 50);
    hear_parm_cnf();
    wait(&car, 700);
    hear_attenuation(60);
    wait(&car, 50);
    assert_string_equal(ccs_ev_slac_state(&car.ev), "AGAIN");
}

static void settings_that_cannot_work_are_refused(void **state)
{
    (void)state;
    const ccs_secc_buffers_t buffers = {car.rx, sizeof car.rx, car.tx, sizeof car.tx, car.arena, sizeof car.arena};
    begin(&car);
    memset(car.config.slac.mac, 0, 6);
    assert_int_equal(ccs_ev_init(&car.ev, &car.config, &buffers, 0), CCS_ERR_CONFIG);
    memset(car.config.slac.mac, 0xFF, 6);
    assert_int_equal(ccs_ev_init(&car.ev, &car.config, &buffers, 0), CCS_ERR_CONFIG);
    memcpy(car.config.slac.mac, car_mac, 6);
    car.config.slac.misbehave = CCS_SLAC_MIS_COUNT;
    assert_int_equal(ccs_ev_init(&car.ev, &car.config, &buffers, 0), CCS_ERR_CONFIG);
    assert_string_equal(ccs_slac_misbehave_name(CCS_SLAC_MIS_NO_KEY), "NO_KEY");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_5_percent_begins_a_match),
        cmocka_unit_test(five_percent_lost_ends_the_attempt),
        cmocka_unit_test(without_an_answer_it_tries_again_and_gives_up_in_the_end),
        cmocka_unit_test(a_charger_that_never_shows_5_percent_again_is_left_after_a_minute),
        cmocka_unit_test(without_random_octets_it_asks_again),
        cmocka_unit_test(a_doubtful_charger_is_asked_by_toggles_on_the_pilot),
        cmocka_unit_test(a_charger_too_far_away_is_not_matched),
        cmocka_unit_test(settings_that_cannot_work_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
