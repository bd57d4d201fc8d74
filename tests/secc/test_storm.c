/* Anything in any order: random events, requests, octets, reports and silences from fixed seeds. Whatever comes, no energy without
 * a session, one record per link, answers only on an open link, deadlines that move on. SPDX-License-Identifier: Apache-2.0 */
#include "tests/secc/world.h"

#include <stdio.h>
#include <string.h>

#include "din/din.h"

typedef struct dice {
    uint64_t state;
} dice_t;

static uint32_t roll(dice_t *dice, uint32_t sides)
{
    dice->state = dice->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(dice->state >> 33) % sides;
}

static void expect_invariants(world_t *w, unsigned links)
{
    const ccs_want_t *const want = &w->out.want;
    const ccs_secc_stats_t *const stats = world_stats(w);
    if (!w->link_open) {
        assert_true(want->phase == CCS_PHASE_OFF);
        assert_false(want->target_mA > 0);
    }
    assert_true(w->records <= links && w->records + 1 >= links); /* one per link, the last one may still run */
    assert_true(want->target_mV <= w->config.limits.mV_max && want->target_mA <= w->config.limits.charge_mA_max);
    assert_true(want->lease_until_ms <= w->now_ms + w->config.lease_ms);
    assert_int_equal(w->records, stats->sessions);
}

static void random_octets(world_t *w, dice_t *dice)
{
    uint8_t octets[64];
    const size_t length = 1 + roll(dice, sizeof octets - 1);
    for (size_t i = 0; i < length; i++) {
        octets[i] = (uint8_t)roll(dice, 256);
    }
    if (roll(dice, 2)) {
        world_exi(w, octets, length);
    } else {
        world_bytes(w, WORLD_LINK, octets, length);
    }
}

static void random_status(din_v2g_message_t *message, dice_t *dice)
{
    din_dc_ev_status_t *const status = world_ev_status(message);
    if (status && roll(dice, 20) == 0) {
        status->ev_ready = roll(dice, 2);
        status->ev_error_code = (din_dc_ev_error_code_t)roll(dice, DIN_DC_EV_ERROR_CODE_NO_DATA + 1);
    }
}

/* Mostly what fits the wait, so that sessions get far; else anything. */
static uint8_t pick_request(const world_t *w, dice_t *dice)
{
    const char *const wait = ccs_secc_wait_name(&w->secc);
    const session_step_t *fitting[16];
    uint32_t count = 0;
    for (size_t i = 0; i < din_protocol.steps_count && count < 16; i++) {
        const session_step_t *const step = &din_protocol.steps[i];
        const bool leaves = step->gets == DIN_BODY_SESSION_STOP_REQ && step->wait != SESSION_WAIT_POWER_OFF;
        if (step->gets != SESSION_ANY_REQUEST && !leaves && strcmp(session_wait_name(step->wait), wait) == 0) {
            fitting[count++] = step;
        }
    }
    if (count == 0 || roll(dice, 60) == 0) {
        return din_protocol.pairs[roll(dice, (uint32_t)din_protocol.pairs_count)].request;
    }
    return fitting[roll(dice, count)]->gets;
}

static void random_request(world_t *w, dice_t *dice)
{
    din_v2g_message_t message = world_message(pick_request(w, dice));
    if (message.body.which == DIN_BODY_POWER_DELIVERY_REQ) {
        message.body.power_delivery_req.ready_to_charge_state = roll(dice, 3) != 0;
    }
    if (message.body.which == DIN_BODY_CURRENT_DEMAND_REQ) {
        message.body.current_demand_req.ev_target_current.value = (int16_t)roll(dice, 65536);
        message.body.current_demand_req.ev_target_voltage.multiplier = (int8_t)((int)roll(dice, 7) - 3);
    }
    random_status(&message, dice);
    const uint8_t kept = w->id[3];
    if (roll(dice, 100) == 0) {
        w->id[3] ^= 0x10;
    }
    if (roll(dice, 4)) {
        world_request(w, &message);
    } else {
        world_send(w, &message);
    }
    if (strcmp("ServiceDiscovery", ccs_secc_wait_name(&w->secc)) != 0) {
        w->id[3] = kept;
    }
}

static void random_outside(world_t *w, dice_t *dice)
{
    ccs_event_t event = {.type = (ccs_event_type_t)roll(dice, CCS_ON_RESET + 1)};
    switch (event.type) {
    case CCS_ON_REPORT:
        world_report(w);
        return;
    case CCS_ON_DLINK:
        event.dlink.up = roll(dice, 8) != 0;
        break;
    case CCS_ON_CONNECT:
    case CCS_ON_SECURED:
    case CCS_ON_BYTES:
        if (!w->link_open) {
            return; /* the second car comes while the first is here */
        }
        event.link = 2;
        event.connect.from = world_stranger;
        if (event.type == CCS_ON_BYTES) {
            event.bytes = (ccs_view_t){(const uint8_t *)"abc", 3};
        }
        break;
    case CCS_ON_CLOSED:
        event.link = roll(dice, 10) ? 3 : WORLD_LINK;
        if (event.link == WORLD_LINK) {
            w->link_open = false;
        }
        break;
    case CCS_ON_ANSWER:
        event.answer = (ccs_answer_t){.id = roll(dice, 50), .verdict = (ccs_verdict_t)roll(dice, 6)};
        break;
    case CCS_ON_LIMITS:
        event.limits = (ccs_limits_t){.mV_max = (int32_t)roll(dice, 1000000),
                                      .charge_mA_max = (int32_t)roll(dice, 200000),
                                      .power_W_max = (int32_t)roll(dice, 100000)};
        break;
    case CCS_ON_STOP:
        event.stop = (ccs_stop_t)(roll(dice, 20) ? CCS_STOP_USER : roll(dice, 3));
        break;
    case CCS_ON_DATAGRAM:
        event.datagram.from = world_stranger;
        event.datagram.bytes = (ccs_view_t){(const uint8_t *)"xyz", roll(dice, 4)};
        break;
    default:
        break;
    }
    world_event(w, &event);
}

static void random_guard(world_t *w, dice_t *dice)
{
    static const ccs_pilot_state_t pilots[] = {CCS_PILOT_B, CCS_PILOT_C, CCS_PILOT_C, CCS_PILOT_C, CCS_PILOT_A, CCS_PILOT_E};
    w->pilot = pilots[roll(dice, 20) ? 1 + roll(dice, 3) : roll(dice, 6)];
    w->fault = roll(dice, 30) ? CCS_WHY_NONE : (ccs_why_t)roll(dice, CCS_WHYS_COUNT);
    w->test_ms = roll(dice, 20) ? 50 : 60000;
    w->contactor_ms = roll(dice, 20) ? 50 : 60000;
    w->stale = roll(dice, 40) == 0;
    w->authorization = roll(dice, 20) ? CCS_GRANTED : (int)roll(dice, 7) - 1;
    world_report(w);
}

static unsigned try_connect(world_t *w)
{
    w->jobs = 0;
    if (w->link_open || !world_sdp(w, &world_car, false) || !world_connect(w, WORLD_LINK, &world_car, false)) {
        return 0;
    }
    world_sap(w);
    w->id_length = 0;
    return 1;
}

static void storm(world_t *w, uint64_t seed, unsigned steps, uint64_t *waits)
{
    dice_t dice = {seed};
    unsigned links = 0;
    world_init(w);
    w->config.trace = (ccs_trace_t){0};
    world_start(w);
    random_guard(w, &dice);
    for (unsigned i = 0; i < steps; i++) {
        switch (roll(&dice, 150)) {
        case 0:
            random_outside(w, &dice);
            break;
        case 1:
            random_guard(w, &dice);
            break;
        case 2:
            world_pass(w, roll(&dice, 30) ? roll(&dice, 300) : roll(&dice, 70000));
            break;
        case 3:
            if (w->link_open && roll(&dice, 6) == 0) {
                random_octets(w, &dice);
            }
            break;
        default:
            if (w->link_open) {
                random_request(w, &dice);
            } else {
                links += try_connect(w);
            }
            world_pass(w, 20);
            break;
        }
        if (!w->link_open && roll(&dice, 10) == 0) {
            world_pass(w, 6000);
            ccs_event_t reset = {.type = CCS_ON_RESET};
            world_event(w, &reset);
            world_replug(w);
        }
        for (session_wait_t wait = 0; wait < SESSION_WAITS_COUNT; wait++) {
            *waits |= strcmp(session_wait_name(wait), ccs_secc_wait_name(&w->secc)) == 0 ? 1ull << wait : 0;
        }
        expect_invariants(w, links);
    }
}

static void nothing_breaks_it(void **state)
{
    world_t *const w = *state;
    uint64_t waits = 0;
    for (uint64_t seed = 1; seed <= 1500; seed++) {
        storm(w, seed * 7919, 400, &waits);
    }
    for (size_t i = 0; i < din_protocol.steps_count; i++) { /* the storm has been everywhere */
        const session_wait_t wait = din_protocol.steps[i].wait;
        assert_true(wait == SESSION_WAIT_ANY || (waits >> wait & 1));
    }
}

/* A car that asks as fast as it can is answered each time, in the same step. */
static void thousands_of_requests_a_second(void **state)
{
    world_t *const w = *state;
    w->config.trace = (ccs_trace_t){0};
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    const unsigned before = w->answers;
    for (int i = 0; i < 10000; i++) {
        din_v2g_message_t demand = world_message(DIN_BODY_CURRENT_DEMAND_REQ);
        world_send(w, &demand);
        if (i % 50 == 49) {
            world_pass(w, 10);
        }
    }
    assert_int_equal(before + 10000, w->answers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(nothing_breaks_it),
        world_test(thousands_of_requests_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
