/* Composition of the car: discovery, link, protocol handshake, session, leaving.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ccs/ev.h"

#include "base/assert.h"
#include "din/ev_din.h"
#include "ev/ev_private.h"

#include <assert.h>
#include <string.h>

static_assert(sizeof(ev_t) <= sizeof(ccs_ev_t), "CCS_EV_WORDS is too small");

enum {
    SETUP_MS = 20000, /* communication setup of the car, plug to SessionSetupRes */
    CLOSE_MS = 2000,  /* our half of the link is gone by then */
    LEAVE_TURN_MS = 10,
    PULLED_MS = 300, /* a link dies sooner than the plug is felt out */
    LINK = 0         /* the car has one link */
};

#define NAME(name, text) #name,
#define TEXT(name, text) text,
static const char *const result_names[] = {CCS_EV_RESULTS(NAME)};
static const char *const result_texts[] = {CCS_EV_RESULTS(TEXT)};

static ev_t *self(ccs_ev_t *ev)
{
    return (ev_t *)(void *)ev->private_words;
}

static const ev_t *self_const(const ccs_ev_t *ev)
{
    return (const ev_t *)(const void *)ev->private_words;
}

ccs_action_t *ev_action(ccs_ev_outputs_t *out, ccs_action_type_t type)
{
    CCS_ASSERT(out->count < CCS_ACTIONS_MAX);
    ccs_action_t *const action = &out->action[out->count++];
    *action = (ccs_action_t){.type = type, .link = LINK};
    return action;
}

void ev_trace(const ev_t *ev, ccs_level_t level, const char *room, const char *event, const ask_note_t *note, ccs_view_t bytes,
              uint8_t direction)
{
    if (!ev->config.trace.hook) {
        return;
    }
    ccs_trace_record_t record = {
        .now_ms = ev->now_ms, .level = level, .room = room, .event = event, .bytes = bytes, .direction = direction};
    if (note) {
        record.fields = note->fields;
        memcpy(record.field, note->field, sizeof record.field);
    }
    ev->config.trace.hook(ev->config.trace.ctx, &record);
}

static void say(const ev_t *ev, ccs_level_t level, const char *event, const char *name, const char *text)
{
    ask_note_t note = {0};
    if (text) {
        ask_note_text(&note, name, text);
    }
    ev_trace(ev, level, "ev", event, &note, (ccs_view_t){0}, 0);
}

static bool slac_fits(const ccs_slac_ev_config_t *slac)
{
    static const uint8_t zero[6] = {0};
    return slac->mode == CCS_SLAC_OFF || (slac->mode <= CCS_SLAC_STRICT && memcmp(slac->mac, zero, sizeof zero) != 0 &&
                                          (slac->mac[0] & 1) == 0 && (unsigned)slac->misbehave < CCS_SLAC_MIS_COUNT);
}

static bool config_fits(const ccs_ev_config_t *config, const ccs_secc_buffers_t *buffers)
{
    const bool memory = buffers->rx && buffers->tx && buffers->arena && buffers->rx_size >= CCS_RX_SIZE_MIN &&
                        buffers->tx_size >= CCS_TX_SIZE_MIN && buffers->arena_size >= CCS_ARENA_SIZE_MIN;
    const bool protocol = config->protocol == CCS_PROTOCOL_NONE || config->protocol == CCS_PROTOCOL_DIN;
    return memory && protocol && config->mV_max > 0 && config->mA_max > 0 && config->evcc_id_length <= sizeof config->evcc_id &&
           config->session_id_length <= ASK_SESSION_ID_SIZE && (unsigned)config->misbehave < CCS_MIS_COUNT &&
           slac_fits(&config->slac);
}

ccs_err_t ccs_ev_init(ccs_ev_t *opaque, const ccs_ev_config_t *config, const ccs_secc_buffers_t *buffers, int64_t now_ms)
{
    ev_t *const ev = self(opaque);
    if (!config_fits(config, buffers)) {
        return CCS_ERR_CONFIG;
    }
    memset(ev, 0, sizeof *ev);
    ev->config = *config;
    ev->buffers = *buffers;
    ev->now_ms = now_ms;
    ev->setup_by_ms = INT64_MAX;
    ev->rest_ms = INT64_MAX;
    ev->status.response = "";
    ev->ask.state = ASK_OVER;
    ev->ask.code = "";
    vehicle_init(&ev->vehicle, &ev->config, now_ms);
    mischief_init(&ev->mischief, &ev->config);
    v2gtp_reader_init(&ev->reader, buffers->rx, buffers->rx_size);
    ev_match_init(ev);
    return CCS_OK;
}

/* --- leaving ------------------------------------------------------------------------------------------------------- */

void ev_close_link(ev_t *ev, ccs_ev_outputs_t *out, bool reset)
{
    if (!ev->link) {
        return;
    }
    ev_action(out, CCS_CLOSE)->close_by_ms = reset ? 0 : ev->now_ms + CLOSE_MS;
    ev->link = false;
    ev->rest_ms = INT64_MAX;
}

/* What the end means in the car's eyes: an end in order has its reason in the vehicle, any other may be of the car's own making. */
static ccs_ev_result_t final_result(const ev_t *ev, ccs_ev_result_t result)
{
    const vehicle_stop_t stop = ev->vehicle.stop;
    if (result == CCS_EV_UNPLUGGED || stop == VEHICLE_STOP_UNPLUGGED) {
        return CCS_EV_UNPLUGGED;
    }
    if (stop == VEHICLE_STOP_FAULT) {
        return CCS_EV_CAR_FAULT;
    }
    if (result != CCS_EV_CHARGED) {
        return ev->mischief.acted ? CCS_EV_CAR_FAULT : result;
    }
    const bool by_charger = stop == VEHICLE_STOP_CHARGER || stop == VEHICLE_STOP_CHARGER_FAULT || stop == VEHICLE_STOP_PILOT;
    const bool spoiled = ev->mischief.acted && (ev->vehicle.error || ev->vehicle.not_ready || ev->vehicle.pilot_forced);
    if (spoiled || (stop == VEHICLE_STOP_NONE && ev->mischief.acted)) {
        return CCS_EV_CAR_FAULT;
    }
    return by_charger ? CCS_EV_STOPPED_BY_CHARGER : CCS_EV_CHARGED;
}

static void leave(ev_t *ev, ccs_ev_outputs_t *out, ccs_ev_result_t result)
{
    if (ev->phase >= EV_LEAVE) {
        return;
    }
    ev->status.result = final_result(ev, result);
    ev->status.failed_at = ev->ask.failed_at;
    if (result != CCS_EV_CHARGED) {
        vehicle_stop(&ev->vehicle, VEHICLE_STOP_CHARGER_SILENT);
    }
    vehicle_leave(&ev->vehicle);
    if (ev_has_slac(ev)) {
        ev_match_leave(ev, out);
    }
    ev_close_link(ev, out, result == CCS_EV_UNPLUGGED);
    ev->phase = EV_LEAVE;
    ev->leave_by_ms = ev->now_ms + (result == CCS_EV_LINK_LOST && ev->vehicle.has_body ? PULLED_MS : 0);
    const bool good = ev->status.result == CCS_EV_CHARGED || ev->status.result == CCS_EV_STOPPED_BY_CHARGER;
    say(ev, good ? CCS_LEVEL_INFO : CCS_LEVEL_WARNING, "leaves", "result", result_texts[ev->status.result]);
}

/* A plug that is pulled takes the link with it, and a network may be quicker to say so than the car's proximity: what ended as a
 * lost link was a pulled plug if that is felt right behind it. */
static void turn_leave(ev_t *ev)
{
    const bool pulled = ev->vehicle.has_body && !ev->vehicle.body.plugged;
    if (pulled && ev->status.result == CCS_EV_LINK_LOST) {
        ev->status.result = CCS_EV_UNPLUGGED;
    }
    if (vehicle_is_open(&ev->vehicle) && (pulled || ev->now_ms >= ev->leave_by_ms)) {
        ev->phase = EV_DONE;
    }
}

/* --- discovery and link -------------------------------------------------------------------------------------------- */

static bool is_plugged(const ev_t *ev)
{
    const ccs_body_t *const body = &ev->vehicle.body;
    return !ev->vehicle.has_body || (body->plugged && body->duty_permille >= 30 && body->duty_permille <= 70);
}

static void turn_plug(ev_t *ev)
{
    if (!ev->dlink || !is_plugged(ev)) {
        return;
    }
    ev->phase = EV_SDP;
    ev->sdp_at_ms = ev->now_ms;
    ev->setup_by_ms = ev->now_ms + SETUP_MS;
}

static void turn_sdp(ev_t *ev, ccs_ev_outputs_t *out)
{
    static const ccs_endpoint_t everybody = {.address = {0xff, 0x02, [15] = 1}, .port = SDP_PORT};
    if (ev->now_ms < ev->sdp_at_ms) {
        return;
    }
    if (ev->sdp_tries >= SDP_TRIES_MAX) { /* [V2G2-161] */
        leave(ev, out, CCS_EV_NO_SDP_ANSWER);
        return;
    }
    sdp_request_write(ev->config.tls, ev->sdp_request);
    ccs_action_t *const action = ev_action(out, CCS_SEND_DATAGRAM);
    action->datagram.to = everybody;
    action->datagram.bytes = (ccs_view_t){ev->sdp_request, sizeof ev->sdp_request};
    ev->sdp_tries++;
    ev->sdp_at_ms = ev->now_ms + SDP_RETRY_MS; /* [V2G2-159] */
    ev_trace(ev, CCS_LEVEL_INFO, "sdp", "SdpReq", NULL, action->datagram.bytes, 's');
}

/* A car that did not ask for TLS cannot go where TLS alone is offered, and goes on asking. */
static void on_datagram(ev_t *ev, const ccs_event_t *event, ccs_ev_outputs_t *out)
{
    if (ev->phase != EV_SDP) {
        return;
    }
    const sdp_offer_t offer = sdp_offer_read(event->datagram.bytes, ev->config.tls);
    if (!offer.usable || (offer.tls && !ev->config.tls)) {
        say(ev, CCS_LEVEL_WARNING, "sdp_answer_useless", "why", sdp_why_text(offer.why));
        return;
    }
    ev_trace(ev, CCS_LEVEL_INFO, "sdp", "SdpRes", NULL, event->datagram.bytes, 'r');
    ccs_action_t *const action = ev_action(out, CCS_CONNECT);
    action->connect.to = offer.endpoint;
    action->connect.tls = offer.tls;
    ev->link = true;
    ev->phase = EV_CONNECT;
}

static void on_secured(ev_t *ev)
{
    if (ev->phase != EV_CONNECT) {
        return;
    }
    v2gtp_reader_restart(&ev->reader);
    ev->phase = EV_TALK;
    ask_begin(&ev->ask, &ev_sap, &ev->vehicle, ev->now_ms);
}

static void on_closed(ev_t *ev, ccs_ev_outputs_t *out)
{
    if (!ev->link) {
        return;
    }
    ev->link = false;
    ask_fail(&ev->ask, CCS_EV_LINK_LOST);
    leave(ev, out, ev->phase == EV_CONNECT ? CCS_EV_NO_CONNECTION : CCS_EV_LINK_LOST);
}

/* --- the session --------------------------------------------------------------------------------------------------- */

static void take_message(ev_t *ev, const v2gtp_message_t *message)
{
    if (message->type != V2GTP_EXI || ev->silent || ev->phase != EV_TALK) {
        say(ev, CCS_LEVEL_DEBUG, "message_ignored", "type", v2gtp_type_name(message->type));
        return;
    }
    exi_arena_t arena = {.at = ev->buffers.arena, .size = ev->buffers.arena_size};
    const char *const room = ev->ask.protocol->room;
    const char *const name = ask_read(&ev->ask, ev->now_ms, message->payload, &arena);
    const bool bad = ev->ask.state == ASK_OVER && ev->ask.result != CCS_EV_CHARGED;
    ev_trace(ev, bad ? CCS_LEVEL_WARNING : CCS_LEVEL_INFO, room, name, &ev->ask.note, message->whole, 'r');
}

static void on_bytes(ev_t *ev, ccs_view_t bytes)
{
    while (bytes.length > 0 && ev->link) {
        const size_t taken = v2gtp_reader_put(&ev->reader, bytes);
        v2gtp_message_t message;
        bytes.at += taken;
        bytes.length -= taken;
        if (!v2gtp_reader_message(&ev->reader, &message)) {
            return;
        }
        take_message(ev, &message);
        v2gtp_reader_next(&ev->reader);
    }
}

/* An engine that is over: the handshake leads into the session, the session into the end. */
static void turn_over(ev_t *ev, ccs_ev_outputs_t *out)
{
    if (ev->ask.state != ASK_OVER) {
        return;
    }
    if (ev->ask.protocol == &ev_sap && ev->ask.result == CCS_EV_CHARGED) {
        ask_begin(&ev->ask, &din_ask, &ev->vehicle, ev->now_ms);
        return;
    }
    leave(ev, out, ev->ask.result);
}

static bool setup_is_over(const ev_t *ev)
{
    return ev->phase == EV_TALK && ev->ask.protocol != &ev_sap && ev->ask.at > ASK_SESSION_SETUP;
}

static void turn_talk(ev_t *ev, ccs_ev_outputs_t *out)
{
    if (!ev->silent) {
        ask_time(&ev->ask, ev->now_ms);
    }
    turn_over(ev, out);
    if (ev->phase != EV_TALK) {
        return;
    }
    if (setup_is_over(ev)) {
        ev->setup_by_ms = INT64_MAX;
    }
    ev_talk(ev, out);
    turn_over(ev, out);
}

/* What ends it in every phase. */
static void turn_ends(ev_t *ev, ccs_ev_outputs_t *out)
{
    if (ev->vehicle.stop == VEHICLE_STOP_UNPLUGGED) {
        ask_fail(&ev->ask, CCS_EV_UNPLUGGED);
        leave(ev, out, CCS_EV_UNPLUGGED);
        return;
    }
    if (ev->phase < EV_TALK && ev->vehicle.stop != VEHICLE_STOP_NONE) {
        leave(ev, out, CCS_EV_CHARGED);
        return;
    }
    if (ev->now_ms >= ev->setup_by_ms && !ev->silent) {
        ask_fail(&ev->ask, CCS_EV_TIMEOUT);
        leave(ev, out, ev->phase == EV_SDP ? CCS_EV_NO_SDP_ANSWER : CCS_EV_TIMEOUT);
    }
}

static void on_dlink(ev_t *ev, bool up, ccs_ev_outputs_t *out)
{
    ev->dlink = up;
    if (!up && ev->phase > EV_PLUG && ev->phase < EV_LEAVE) {
        ask_fail(&ev->ask, CCS_EV_LINK_LOST);
        leave(ev, out, CCS_EV_LINK_LOST);
    }
}

static void turn_match(ev_t *ev, ccs_ev_outputs_t *out)
{
    const bool given_up = ev_match_turn(ev, is_plugged(ev), out);
    if (ev->match.out.dlink != SLAC_DLINK_NONE) {
        on_dlink(ev, ev->match.out.dlink == SLAC_DLINK_UP, out);
    }
    if (given_up) {
        leave(ev, out, CCS_EV_NO_MATCH);
    }
}

static void turn(ev_t *ev, ccs_ev_outputs_t *out)
{
    vehicle_turn(&ev->vehicle, ev->now_ms);
    if (ev_has_slac(ev)) {
        turn_match(ev, out);
    }
    if (ev->phase < EV_LEAVE) {
        turn_ends(ev, out);
    }
    if (ev->phase == EV_PLUG) {
        turn_plug(ev);
    }
    if (ev->phase == EV_SDP) {
        turn_sdp(ev, out);
    }
    if (ev->phase == EV_TALK) {
        turn_talk(ev, out);
    }
    if (ev->phase == EV_LEAVE) {
        turn_leave(ev);
    }
}

static void on_stop(ev_t *ev, ccs_stop_t stop)
{
    vehicle_stop(&ev->vehicle, stop == CCS_STOP_EMERGENCY ? VEHICLE_STOP_FAULT : VEHICLE_STOP_USER);
}

static void on_event(ev_t *ev, const ccs_event_t *event, ccs_ev_outputs_t *out)
{
    switch (event->type) {
    case CCS_ON_BODY:
        vehicle_feel(&ev->vehicle, event->now_ms, &event->body);
        break;
    case CCS_ON_DLINK:
        if (!ev_has_slac(ev)) {
            on_dlink(ev, event->dlink.up, out);
        }
        break;
    case CCS_ON_DATAGRAM:
        on_datagram(ev, event, out);
        break;
    case CCS_ON_SECURED:
        on_secured(ev);
        break;
    case CCS_ON_BYTES:
        on_bytes(ev, event->bytes);
        break;
    case CCS_ON_CLOSED:
        on_closed(ev, out);
        break;
    case CCS_ON_STOP:
        on_stop(ev, event->stop);
        break;
    case CCS_ON_ANSWER:
    case CCS_ON_MME:
    case CCS_ON_NEIGHBOUR:
        if (ev_has_slac(ev)) {
            ev_match_event(ev, event, out);
        }
        break;
    case CCS_ON_TIME:
    case CCS_ON_REPORT:
    case CCS_ON_CONNECT:
    case CCS_ON_LIMITS:
    case CCS_ON_RESET:
    case CCS_ON_MODEM:
        break; /* not a car's */
    }
}

static void fill_status(ev_t *ev)
{
    ccs_ev_status_t *const status = &ev->status;
    status->response = ev->ask.code;
    status->present_mV = ev->vehicle.told.present_mV;
    status->present_mA = ev->vehicle.told.present_mA;
    status->energy_Wh = ev->vehicle.body.energy_Wh - ev->vehicle.energy_begin_Wh;
    status->soc_permille = (int16_t)vehicle_soc_permille(&ev->vehicle);
    status->requests = ev->ask.requests;
    status->answer_ms_max = ev->ask.answer_ms_max;
}

void ccs_ev_step(ccs_ev_t *opaque, const ccs_event_t *event, ccs_ev_outputs_t *out)
{
    ev_t *const ev = self(opaque);
    CCS_ASSERT(event->now_ms >= ev->now_ms);
    out->count = 0;
    ev_match_begin_step(ev);
    ev->now_ms = event->now_ms;
    ev->vehicle.now_ms = event->now_ms;
    on_event(ev, event, out);
    turn(ev, out);
    fill_status(ev);
    vehicle_want(&ev->vehicle, &out->want);
    if (ev->match.out.toggle && out->want.pilot == CCS_PILOT_B) {
        out->want.pilot = CCS_PILOT_C;
    }
    out->want.target_mV = ev->vehicle.asked.mV;
    out->want.target_mA = ev->vehicle.asked.mA;
    out->done = ev->phase == EV_DONE;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t own_deadline_ms(const ev_t *ev)
{
    const int64_t hands_ms = vehicle_deadline_ms(&ev->vehicle);
    switch (ev->phase) {
    case EV_SDP:
        return sooner(sooner(ev->sdp_at_ms, ev->setup_by_ms), hands_ms);
    case EV_CONNECT:
        return sooner(ev->setup_by_ms, hands_ms);
    case EV_TALK:
        return sooner(sooner(ev_talk_deadline_ms(ev), ev->silent ? INT64_MAX : ev->setup_by_ms), hands_ms);
    case EV_LEAVE:
        return sooner(hands_ms, ev->now_ms + LEAVE_TURN_MS);
    case EV_PLUG:
    case EV_DONE:
        break;
    }
    return hands_ms;
}

int64_t ccs_ev_deadline_ms(const ccs_ev_t *opaque)
{
    const ev_t *const ev = self_const(opaque);
    const bool matches = ev_has_slac(ev) && ev->phase < EV_LEAVE;
    const int64_t own_ms = own_deadline_ms(ev);
    return matches ? sooner(own_ms, ev_match_deadline_ms(ev)) : own_ms;
}

size_t ccs_ev_window(const ccs_ev_t *opaque, uint8_t link)
{
    const ev_t *const ev = self_const(opaque);
    return link == LINK && ev->link ? v2gtp_reader_window(&ev->reader) : 0;
}

const ccs_ev_status_t *ccs_ev_status(const ccs_ev_t *opaque)
{
    return &self_const(opaque)->status;
}

const char *ccs_ev_slac_state(const ccs_ev_t *opaque)
{
    const ev_t *const ev = self_const(opaque);
    return ev_has_slac(ev) ? slac_ev_state_name(ev->match.slac.state) : "OFF";
}

const char *ccs_ev_wait_name(const ccs_ev_t *opaque)
{
    static const char *const phases[] = {"plug", "discovery", "connect", "", "leave", "done"};
    const ev_t *const ev = self_const(opaque);
    return ev->phase == EV_TALK ? ask_request_name(&ev->ask) : phases[ev->phase];
}

const char *ccs_ev_result_name(ccs_ev_result_t result)
{
    return (unsigned)result < CCS_EV_RESULTS_COUNT ? result_names[result] : "?";
}

const char *ccs_ev_result_text(ccs_ev_result_t result)
{
    return (unsigned)result < CCS_EV_RESULTS_COUNT ? result_texts[result] : "?";
}
