/* SPDX-License-Identifier: Apache-2.0 */
#include "session/ask.h"

#include "base/assert.h"

#include <string.h>

enum { HELD_TURN_MS = 10 }; /* how often before() is asked again */

static const ask_pair_t *row(const ask_t *ask)
{
    return &ask->protocol->pairs[ask->at];
}

void ask_note_number(ask_note_t *note, const char *name, int64_t number)
{
    if (note->fields < CCS_TRACE_FIELDS) {
        note->field[note->fields++] = (ccs_trace_field_t){.name = name, .number = number};
    }
}

void ask_note_text(ask_note_t *note, const char *name, const char *text)
{
    if (note->fields < CCS_TRACE_FIELDS) {
        note->field[note->fields++] = (ccs_trace_field_t){.name = name, .text = text};
    }
}

uint8_t ask_follow(const ask_protocol_t *protocol, uint8_t at, ask_outcome_t outcome)
{
    for (size_t i = 0; i < protocol->step_count; i++) {
        if (protocol->steps[i].at == at && protocol->steps[i].outcome == outcome) {
            return protocol->steps[i].then;
        }
    }
    return ASK_COUNT;
}

const char *ask_request_name(const ask_t *ask)
{
    return ask->at < ASK_END ? row(ask)->request : "";
}

static void finish(ask_t *ask, ccs_ev_result_t result)
{
    if (ask->state == ASK_OVER) {
        return;
    }
    ask->state = ASK_OVER;
    ask->result = result;
    if (result != CCS_EV_CHARGED) {
        ask->failed_at = ask_request_name(ask);
    }
}

void ask_fail(ask_t *ask, ccs_ev_result_t result)
{
    finish(ask, result);
}

/* Holds the row's request back for its pause and its condition. */
static void hold(ask_t *ask, int64_t now_ms, uint32_t pause_ms)
{
    ask->state = ASK_HELD;
    ask->not_before_ms = now_ms + pause_ms;
    ask->anyway_ms = now_ms + pause_ms + ASK_BEFORE_MS;
}

static void enter(ask_t *ask, uint8_t at, int64_t now_ms)
{
    ask->at = at;
    if (at == ASK_END) {
        finish(ask, CCS_EV_CHARGED);
        return;
    }
    CCS_ASSERT(at < ASK_END && row(ask)->request);
    const uint32_t again_ms = row(ask)->again_ms;
    ask->again_by_ms = again_ms > 0 ? now_ms + again_ms : INT64_MAX;
    hold(ask, now_ms, 0);
}

void ask_begin(ask_t *ask, const ask_protocol_t *protocol, vehicle_t *vehicle, int64_t now_ms)
{
    ask->protocol = protocol;
    ask->vehicle = vehicle;
    ask->state = ASK_HELD;
    ask->result = CCS_EV_RUNNING;
    ask->failed_at = NULL;
    ask->ready_by_ms = INT64_MAX;
    memset(ask->session_id, 0, sizeof ask->session_id);
    ask->session_id_length = vehicle->config->session_id_length;
    CCS_ASSERT(ask->session_id_length <= ASK_SESSION_ID_SIZE);
    enter(ask, protocol->first, now_ms);
}

bool ask_due(const ask_t *ask, int64_t now_ms)
{
    if (ask->state != ASK_HELD || now_ms < ask->not_before_ms) {
        return false;
    }
    const ask_pair_t *const pair = row(ask);
    return !pair->before || pair->before(ask->vehicle) || now_ms >= ask->anyway_ms;
}

ccs_err_t ask_write(ask_t *ask, int64_t now_ms, uint8_t *out, size_t size, size_t *length)
{
    CCS_ASSERT(ask->state == ASK_HELD);
    const ccs_view_t session_id = {ask->session_id, ask->session_id_length};
    ask->note.fields = 0;
    CCS_TRY(ask->protocol->write(row(ask), ask->vehicle, session_id, &ask->note, out, size, length));
    ask->state = ASK_WAITS;
    ask->asked_ms = now_ms;
    ask->requests++;
    return CCS_OK;
}

static uint32_t pause_ms(const ask_t *ask)
{
    const ccs_ev_config_t *const config = ask->vehicle->config;
    switch (row(ask)->pause) {
    case ASK_PAUSE_POLL:
        return config->poll_ms;
    case ASK_PAUSE_LOOP:
        return config->loop_ms;
    case ASK_PAUSE_NONE:
        break;
    }
    return 0;
}

/* The ready timer runs from the answer to SessionSetup to the answer to PowerDelivery(true). */
static void turn_ready_timer(ask_t *ask, int64_t now_ms)
{
    if (ask->at == ASK_SESSION_SETUP && ask->protocol->ready_ms > 0) {
        ask->ready_by_ms = now_ms + ask->protocol->ready_ms;
    }
    if (ask->at == ASK_POWER_ON || ask->at == ASK_SESSION_STOP) {
        ask->ready_by_ms = INT64_MAX;
    }
}

static void move_on(ask_t *ask, int64_t now_ms, ask_outcome_t outcome)
{
    const uint8_t then = ask_follow(ask->protocol, ask->at, outcome);
    CCS_ASSERT(then < ASK_COUNT);
    if (outcome == ASK_AGAIN && then == ask->at) {
        hold(ask, now_ms, pause_ms(ask));
        return;
    }
    if (outcome == ASK_NEXT) {
        turn_ready_timer(ask, now_ms);
    }
    enter(ask, then, now_ms);
}

void ask_skip(ask_t *ask, int64_t now_ms)
{
    move_on(ask, now_ms, ASK_NEXT);
}

void ask_jump(ask_t *ask, uint8_t at, int64_t now_ms)
{
    enter(ask, at, now_ms);
}

/* The charger's id holds from its first answer on ([V2G-DC-391] is the charger's half of this rule). */
static bool session_fits(ask_t *ask, const ask_answer_t *answer)
{
    if (!answer->has_session) {
        return true;
    }
    const ccs_view_t *const id = &answer->session_id;
    if (ask->at != ASK_SESSION_SETUP) {
        return id->length == ask->session_id_length && memcmp(id->at, ask->session_id, id->length) == 0;
    }
    if (id->length == 0 || id->length > ASK_SESSION_ID_SIZE) {
        return false;
    }
    memcpy(ask->session_id, id->at, id->length);
    ask->session_id_length = (uint8_t)id->length;
    return true;
}

static void judge(ask_t *ask, int64_t now_ms, const ask_answer_t *answer)
{
    const ask_pair_t *const pair = row(ask);
    if (answer->which != pair->response_which) {
        finish(ask, CCS_EV_BAD_ANSWER);
        return;
    }
    bool failed = false;
    ask->code = ask->protocol->code(answer->body, &failed);
    ask_note_text(&ask->note, "code", ask->code);
    if (failed) {
        finish(ask, ask->at == ASK_PROTOCOL ? CCS_EV_NO_PROTOCOL : CCS_EV_REFUSED);
        return;
    }
    if (!session_fits(ask, answer)) {
        finish(ask, CCS_EV_BAD_ANSWER);
        return;
    }
    ask_outcome_t outcome = pair->read(ask->vehicle, answer->body, &ask->note);
    if (outcome == ASK_REFUSE) {
        finish(ask, CCS_EV_BAD_ANSWER);
        return;
    }
    if (ask->vehicle->stop != VEHICLE_STOP_NONE && !pair->own_end) {
        outcome = ASK_STOP;
    }
    move_on(ask, now_ms, outcome);
}

const char *ask_read(ask_t *ask, int64_t now_ms, ccs_view_t exi, exi_arena_t *arena)
{
    ask_answer_t answer = {0};
    ask->note.fields = 0;
    if (ask->state != ASK_WAITS) {
        finish(ask, CCS_EV_BAD_ANSWER); /* nobody asked */
        return "?";
    }
    const uint32_t took_ms = (uint32_t)(now_ms - ask->asked_ms);
    ask->answer_ms_max = took_ms > ask->answer_ms_max ? took_ms : ask->answer_ms_max;
    const ccs_err_t err = ask->protocol->read(exi, arena, &answer);
    if (err != CCS_OK) {
        ask_note_text(&ask->note, "error", ccs_err_name(err));
        finish(ask, CCS_EV_BAD_ANSWER);
        return "?";
    }
    const char *const name = answer.which == row(ask)->response_which ? row(ask)->response : "?";
    judge(ask, now_ms, &answer);
    return name;
}

void ask_time(ask_t *ask, int64_t now_ms)
{
    if (ask->state == ASK_OVER) {
        return;
    }
    if (ask->state == ASK_WAITS && now_ms - ask->asked_ms >= (int64_t)row(ask)->answer_ms) {
        finish(ask, CCS_EV_TIMEOUT);
        return;
    }
    if (now_ms >= ask->again_by_ms || now_ms >= ask->ready_by_ms) {
        finish(ask, CCS_EV_ONGOING_TOO_LONG);
    }
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t ask_deadline_ms(const ask_t *ask, int64_t now_ms)
{
    if (ask->state == ASK_OVER) {
        return INT64_MAX;
    }
    const int64_t timers_ms = sooner(ask->again_by_ms, ask->ready_by_ms);
    if (ask->state == ASK_WAITS) {
        return sooner(timers_ms, ask->asked_ms + row(ask)->answer_ms);
    }
    if (now_ms < ask->not_before_ms) {
        return sooner(timers_ms, ask->not_before_ms);
    }
    return sooner(timers_ms, now_ms + HELD_TURN_MS);
}
