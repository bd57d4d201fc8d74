/* Requests on their way out: V2GTP header, the car's habits, and the scenario's misbehaviour, which acts here and nowhere else.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ev/ev_private.h"

#include "base/assert.h"

#include <string.h>

enum { SURPLUS_MAX = 16, ROWS_PER_STEP = 4 };

/* A whole V2GTP message that no charger knows, behind ours in the same segment. */
static const uint8_t foreign[] = {0x01, 0xFE, 0x70, 0x01, 0x00, 0x00, 0x00, 0x02, 0xAA, 0x55};

static ccs_view_t tx(const ev_t *ev, size_t from, size_t to)
{
    return (ccs_view_t){ev->buffers.tx + from, to - from};
}

static void send_two(ccs_ev_outputs_t *out, ccs_view_t first, ccs_view_t second)
{
    ccs_action_t *const action = ev_action(out, CCS_SEND);
    action->bytes[0] = first;
    action->bytes[1] = second;
}

/* Octets that the length covers and the message does not need: EXI readers ignore them. */
static size_t surplus_octets(const ev_t *ev, ccs_misbehave_t kind)
{
    const bool habit = (ev->config.habits & CCS_EV_TRAILING_ZERO) && ev->ask.at == ASK_AUTHORIZATION;
    const size_t wanted = kind == CCS_MIS_JOIN ? mischief_value(&ev->mischief) : 0;
    const size_t bounded = wanted < SURPLUS_MAX ? wanted : SURPLUS_MAX;
    return bounded + (habit ? 1 : 0);
}

/* One request into the tx buffer, header included; returns its length. The session id is wrong for this one if asked for. */
static size_t write_frame(ev_t *ev, ccs_misbehave_t kind)
{
    uint8_t *const exi = ev->buffers.tx + V2GTP_HEADER_SIZE;
    const size_t size = ev->buffers.tx_size - V2GTP_HEADER_SIZE - SURPLUS_MAX - 1;
    size_t length = 0;
    const uint8_t wrong = kind == CCS_MIS_WRONG_SESSION ? 0xA5 : 0;
    ev->ask.session_id[0] ^= wrong;
    const ccs_err_t err = ask_write(&ev->ask, ev->now_ms, exi, size, &length);
    ev->ask.session_id[0] ^= wrong;
    CCS_ASSERT(err == CCS_OK);
    const size_t surplus = surplus_octets(ev, kind);
    memset(exi + length, 0, surplus);
    v2gtp_header_write(V2GTP_EXI, (uint32_t)(length + surplus), ev->buffers.tx);
    return V2GTP_HEADER_SIZE + length + surplus;
}

static void send_split(ev_t *ev, ccs_ev_outputs_t *out, size_t length)
{
    const size_t half = length / 2;
    send_two(out, tx(ev, 0, half), (ccs_view_t){0});
    ev->rest_at = half;
    ev->rest_to = length;
    ev->rest_ms = ev->now_ms + mischief_ms(&ev->mischief);
}

static void send_frame(ev_t *ev, ccs_ev_outputs_t *out, size_t length, ccs_misbehave_t kind)
{
    const ccs_view_t frame = tx(ev, 0, length);
    const bool joined = kind == CCS_MIS_JOIN && mischief_value(&ev->mischief) == 0;
    if (kind == CCS_MIS_SPLIT) {
        send_split(ev, out, length);
        return;
    }
    send_two(out, frame, joined ? (ccs_view_t){foreign, sizeof foreign} : (ccs_view_t){0});
    if (kind == CCS_MIS_REPEAT) {
        send_two(out, frame, (ccs_view_t){0});
    }
}

static void ask_now(ev_t *ev, ccs_ev_outputs_t *out, ccs_misbehave_t kind)
{
    const char *const name = ask_request_name(&ev->ask);
    const size_t length = write_frame(ev, kind);
    if (kind == CCS_MIS_BAD_EXI) {
        mischief_flip(&ev->mischief, ev->buffers.tx, length);
    }
    ev_trace(ev, CCS_LEVEL_INFO, ev->ask.protocol->room, name, &ev->ask.note, tx(ev, 0, length), 's');
    send_frame(ev, out, length, kind);
}

/* Misbehaviours in place of the request. True: nothing leaves now. */
static bool instead(ev_t *ev, ccs_ev_outputs_t *out, ccs_misbehave_t kind)
{
    switch (kind) {
    case CCS_MIS_SILENT:
        ev->silent = true;
        return true;
    case CCS_MIS_CLOSE:
    case CCS_MIS_RESET:
        ev_close_link(ev, out, kind == CCS_MIS_RESET);
        ask_fail(&ev->ask, CCS_EV_CAR_FAULT);
        return true;
    case CCS_MIS_UNPLUG:
        mischief_on_car(&ev->mischief, &ev->vehicle);
        vehicle_turn(&ev->vehicle, ev->now_ms);
        ask_fail(&ev->ask, CCS_EV_UNPLUGGED);
        return true;
    case CCS_MIS_SKIP:
        ask_skip(&ev->ask, ev->now_ms);
        return true;
    case CCS_MIS_LATE:
        ev->late_ms = ev->now_ms + mischief_ms(&ev->mischief);
        ev->judged = true;
        return true;
    case CCS_MIS_EARLY_STOP:
        if (ev->ask.at != ASK_PROTOCOL) {
            ask_jump(&ev->ask, ASK_SESSION_STOP, ev->now_ms);
        }
        return false;
    default:
        mischief_on_car(&ev->mischief, &ev->vehicle);
        return false;
    }
}

static void note_mischief(const ev_t *ev, ccs_misbehave_t kind)
{
    ask_note_t note = {0};
    ask_note_text(&note, "kind", ccs_misbehave_name(kind));
    ask_note_text(&note, "at", ask_request_name(&ev->ask));
    ev_trace(ev, CCS_LEVEL_WARNING, "ev", "misbehaves", &note, (ccs_view_t){0}, 0);
}

/* True: look again, another request may be due at once. */
static bool try_request(ev_t *ev, ccs_ev_outputs_t *out)
{
    if (ev->silent || ev->now_ms < ev->late_ms || !ask_due(&ev->ask, ev->now_ms)) {
        return false;
    }
    if (ev->judged) {
        ev->judged = false;
        ask_now(ev, out, CCS_MIS_NONE);
        return false;
    }
    const mischief_verdict_t verdict = mischief_judge(&ev->mischief, ask_request_name(&ev->ask));
    if (verdict.first) {
        note_mischief(ev, verdict.kind);
    }
    if (verdict.kind != CCS_MIS_NONE && instead(ev, out, verdict.kind)) {
        return verdict.kind == CCS_MIS_SKIP && ev->ask.state != ASK_OVER;
    }
    ask_now(ev, out, verdict.kind);
    return false;
}

static void send_rest(ev_t *ev, ccs_ev_outputs_t *out)
{
    if (ev->now_ms < ev->rest_ms) {
        return;
    }
    send_two(out, tx(ev, ev->rest_at, ev->rest_to), (ccs_view_t){0});
    ev->rest_ms = INT64_MAX;
}

void ev_talk(ev_t *ev, ccs_ev_outputs_t *out)
{
    send_rest(ev, out);
    for (int i = 0; i < ROWS_PER_STEP && try_request(ev, out); i++) {
    }
}

int64_t ev_talk_deadline_ms(const ev_t *ev)
{
    const int64_t rest_ms = ev->rest_ms;
    if (ev->silent) {
        return rest_ms;
    }
    int64_t ask_ms = ask_deadline_ms(&ev->ask, ev->now_ms);
    if (ev->ask.state == ASK_HELD && ev->now_ms < ev->late_ms && ask_ms < ev->late_ms) {
        ask_ms = ev->late_ms;
    }
    return ask_ms < rest_ms ? ask_ms : rest_ms;
}
