/* SLAC in the car: 5 % on the pilot begins a match, its loss ends it; the link that comes of it is the car's private network.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ev/ev_private.h"

#include <string.h>

enum {
    ROUNDS_MAX = 3,       /* C_conn_max_match: the charger may show 5 % anew so often */
    AGAIN_MS_MAX = 60000, /* it has so long for each: TT_EVSE_SLAC_init and E/F together take less */
    RANDOM_AGAIN_MS = 1000,
    RANDOM_SIZE = 16
};

bool ev_has_slac(const ev_t *ev)
{
    return ev->config.slac.mode != CCS_SLAC_OFF;
}

void ev_match_init(ev_t *ev)
{
    ev->match.random_ms = INT64_MAX;
    ev->match.give_up_ms = INT64_MAX;
    slac_ev_init(&ev->match.slac, &ev->config.slac, &ev->config.trace, ev->now_ms);
}

static void ask_random(ev_t *ev, ccs_ev_outputs_t *out)
{
    ev->match.random_ms = INT64_MAX;
    ccs_action_t *const action = ev_action(out, CCS_JOB);
    action->job = (ccs_job_t){
        .id = ++ev->match.job, .need = CCS_NEED_RANDOM, .by_ms = INT64_MAX, .part = {{.at = NULL, .length = RANDOM_SIZE}}};
}

/* Frames leave at once: they live in ev->match.out until the next step. */
static void step(ev_t *ev, slac_event_t event, ccs_ev_outputs_t *out)
{
    ev_match_t *const match = &ev->match;
    event.now_ms = ev->now_ms;
    const size_t first = match->out.count;
    slac_ev_step(&match->slac, &event, &match->out);
    for (size_t i = first; i < match->out.count; i++) {
        ev_action(out, CCS_SEND_MME)->bytes[0] = (ccs_view_t){match->out.frame[i].octets, match->out.frame[i].length};
    }
    if (match->out.need_random) {
        match->out.need_random = false;
        ask_random(ev, out);
    }
}

void ev_match_begin_step(ev_t *ev)
{
    ev->match.out.count = 0;
    ev->match.out.dlink = SLAC_DLINK_NONE;
}

static void take_random(ev_t *ev, const ccs_answer_t *answer, ccs_ev_outputs_t *out)
{
    slac_event_t event = {.type = SLAC_ON_RANDOM};
    if (answer->id != ev->match.job) {
        return;
    }
    if (answer->verdict != CCS_GRANTED || answer->data.length != RANDOM_SIZE) {
        ev->match.random_ms = ev->now_ms + RANDOM_AGAIN_MS;
        return;
    }
    memcpy(event.random, answer->data.at, RANDOM_SIZE);
    step(ev, event, out);
}

void ev_match_event(ev_t *ev, const ccs_event_t *event, ccs_ev_outputs_t *out)
{
    slac_event_t seen = {.type = SLAC_ON_IPV6};
    switch (event->type) {
    case CCS_ON_MME:
        step(ev, (slac_event_t){.type = SLAC_ON_FRAME, .frame = event->bytes}, out);
        break;
    case CCS_ON_NEIGHBOUR:
        memcpy(seen.mac, event->neighbour.mac, sizeof seen.mac);
        step(ev, seen, out);
        break;
    case CCS_ON_ANSWER:
        take_random(ev, &event->answer, out);
        break;
    default:
        break;
    }
}

/* 5 % begins, anything else ends. A car that has left begins nothing. */
static void follow_pilot(ev_t *ev, bool lit, ccs_ev_outputs_t *out)
{
    ev_match_t *const match = &ev->match;
    if (lit == match->lit) {
        return;
    }
    match->lit = lit;
    match->give_up_ms = INT64_MAX;
    if (!lit || ev->phase == EV_PLUG) {
        step(ev, (slac_event_t){.type = SLAC_ON_ORDER, .order = lit ? SLAC_ORDER_WAKE : SLAC_ORDER_TERMINATE}, out);
    }
    if (!lit && ev->phase == EV_PLUG && match->rounds > 0) {
        match->give_up_ms = ev->now_ms + AGAIN_MS_MAX;
    }
}

static void count_rounds(ev_t *ev)
{
    ev_match_t *const match = &ev->match;
    const bool failed = match->slac.state == SLAC_EV_FAILED;
    if (failed && !match->failed) {
        match->rounds++;
        match->give_up_ms = match->rounds < ROUNDS_MAX ? ev->now_ms + AGAIN_MS_MAX : ev->now_ms;
    }
    match->failed = failed;
}

bool ev_match_turn(ev_t *ev, bool lit, ccs_ev_outputs_t *out)
{
    follow_pilot(ev, lit, out);
    if (ev->now_ms >= slac_ev_deadline_ms(&ev->match.slac)) {
        step(ev, (slac_event_t){.type = SLAC_ON_TIME}, out);
    }
    if (ev->now_ms >= ev->match.random_ms) {
        ask_random(ev, out);
    }
    count_rounds(ev);
    return ev->phase == EV_PLUG && ev->now_ms >= ev->match.give_up_ms;
}

void ev_match_leave(ev_t *ev, ccs_ev_outputs_t *out)
{
    step(ev, (slac_event_t){.type = SLAC_ON_ORDER, .order = SLAC_ORDER_TERMINATE}, out);
}

int64_t ev_match_deadline_ms(const ev_t *ev)
{
    const int64_t slac_ms = slac_ev_deadline_ms(&ev->match.slac);
    const int64_t own_ms = ev->match.random_ms < ev->match.give_up_ms ? ev->match.random_ms : ev->match.give_up_ms;
    return slac_ms < own_ms ? slac_ms : own_ms;
}
