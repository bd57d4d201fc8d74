/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/session_net.h"

#include "base/assert.h"
#include "sim/session_line.h"

#include <string.h>

enum { SECC_LINK = 0, EV_LINK = 0, EV_PORT = 50000, SDP_PORT = 15118 };

static const ccs_endpoint_t car_endpoint = {.address = {0xfe, 0x80, [15] = 0x02}, .port = EV_PORT};

static sim_side_t other(sim_side_t side)
{
    return side == SIM_CHARGER ? SIM_CAR : SIM_CHARGER;
}

static void step(sim_session_t *session, sim_side_t side, const ccs_event_t *event)
{
    if (side == SIM_CHARGER) {
        sim_secc_step(session, event);
    } else {
        sim_ev_step(session, event);
    }
}

static ccs_event_t event_now(const sim_session_t *session, ccs_event_type_t type)
{
    return (ccs_event_t){.now_ms = session->now_ms, .utc_s = 1767225600 + session->now_ms / 1000, .type = type};
}

/* --- on the way ---------------------------------------------------------------------------------------------------- */

static sim_packet_t *free_packet(sim_session_t *session)
{
    for (size_t i = 0; i < SIM_PACKETS; i++) {
        if (!session->packet[i].used) {
            return &session->packet[i];
        }
    }
    return NULL;
}

/* Later packets of a stream never overtake earlier ones. */
static int64_t arrival_ms(sim_session_t *session, sim_side_t to)
{
    sim_stream_t *const stream = &session->stream[to];
    const uint32_t jitter_ms = session->config.jitter_ms;
    const int64_t extra_ms = jitter_ms > 0 ? (int64_t)(sim_random(session) % (jitter_ms + 1)) : 0;
    const int64_t due_ms = session->now_ms + session->config.latency_ms + extra_ms;
    stream->last_due_ms = due_ms > stream->last_due_ms ? due_ms : stream->last_due_ms;
    return stream->last_due_ms;
}

static void post(sim_session_t *session, sim_side_t to, sim_packet_kind_t kind, const uint8_t *octets, size_t length)
{
    if (session->cut || !sim_matched(session, NULL) || !session->world.plant.plugged) {
        return;
    }
    sim_packet_t *const packet = free_packet(session);
    CCS_ASSERT(packet && length <= SIM_PACKET_SIZE);
    packet->used = true;
    packet->due_ms = arrival_ms(session, to);
    packet->order = session->order++;
    packet->to = to;
    packet->kind = kind;
    packet->length = length;
    if (length > 0) {
        memcpy(packet->octets, octets, length);
    }
}

/* A write, both views as one, in segments. */
static void post_write(sim_session_t *session, sim_side_t to, const ccs_view_t bytes[2])
{
    uint8_t whole[SIM_FRAME_SIZE];
    size_t length = 0;
    for (size_t i = 0; i < 2; i++) {
        CCS_ASSERT(length + bytes[i].length <= sizeof whole);
        if (bytes[i].length > 0) {
            memcpy(whole + length, bytes[i].at, bytes[i].length);
        }
        length += bytes[i].length;
    }
    const size_t least =
        (length + SIM_PACKETS / 4 - 1) / (SIM_PACKETS / 4); /* one write never takes more than a quarter of the way */
    const size_t wanted = session->config.segment > 0 ? session->config.segment : SIM_PACKET_SIZE;
    const size_t limit = wanted > least ? wanted : least;
    for (size_t at = 0; at < length;) {
        const size_t part = length - at < limit ? length - at : limit;
        post(session, to, SIM_DATA, whole + at, part);
        at += part;
    }
}

static void shut(sim_session_t *session, sim_side_t side)
{
    sim_stream_t *const stream = &session->stream[side];
    stream->open = false;
    stream->fin = false;
    stream->length = 0;
}

void sim_net_perform(sim_session_t *session, sim_side_t from, const ccs_action_t *action)
{
    sim_stream_t *const stream = &session->stream[from];
    switch (action->type) {
    case CCS_SEND_DATAGRAM:
        post(session, other(from), SIM_DATAGRAM, action->datagram.bytes.at, action->datagram.bytes.length);
        break;
    case CCS_CONNECT:
        post(session, SIM_CHARGER, SIM_SYN, NULL, 0);
        break;
    case CCS_ACCEPT:
        stream->open = true;
        post(session, SIM_CHARGER, SIM_SECURED, NULL, 0);
        post(session, SIM_CAR, SIM_ACCEPTED, NULL, 0);
        break;
    case CCS_SEND:
        if (stream->open) {
            post_write(session, other(from), action->bytes);
        }
        break;
    case CCS_CLOSE:
        post(session, other(from), stream->open && action->close_by_ms > 0 ? SIM_FIN : SIM_RESET, NULL, 0);
        shut(session, from);
        break;
    case CCS_JOB:
    case CCS_CANCEL:
    case CCS_SEND_MME:
        break;
    }
}

/* --- arrived ------------------------------------------------------------------------------------------------------- */

static void on_datagram(sim_session_t *session, const sim_packet_t *packet)
{
    ccs_event_t event = event_now(session, CCS_ON_DATAGRAM);
    event.datagram.from = car_endpoint;
    if (packet->to == SIM_CAR) {
        memcpy(event.datagram.from.address, session->config.secc.address, sizeof event.datagram.from.address);
        event.datagram.from.port = SDP_PORT;
    }
    if (packet->to == SIM_CHARGER && sim_line_is_there(session)) {
        sim_line_tell_neighbour(session, car_endpoint.address);
        memcpy(event.datagram.from_mac, session->config.ev.slac.mac, sizeof event.datagram.from_mac);
    }
    event.datagram.bytes = (ccs_view_t){packet->octets, packet->length};
    step(session, packet->to, &event);
}

static void on_syn(sim_session_t *session)
{
    if (!session->secc_out.listen || session->stream[SIM_CHARGER].open) {
        post(session, SIM_CAR, SIM_REFUSED, NULL, 0);
        return;
    }
    ccs_event_t event = event_now(session, CCS_ON_CONNECT);
    event.link = SECC_LINK;
    event.connect.from = car_endpoint;
    step(session, SIM_CHARGER, &event);
}

static void on_secured(sim_session_t *session, sim_side_t side)
{
    session->stream[SIM_CAR].open = session->stream[SIM_CAR].open || side == SIM_CAR;
    ccs_event_t event = event_now(session, CCS_ON_SECURED);
    event.link = side == SIM_CHARGER ? SECC_LINK : EV_LINK;
    step(session, side, &event);
}

static void tell_closed(sim_session_t *session, sim_side_t side)
{
    shut(session, side);
    ccs_event_t event = event_now(session, CCS_ON_CLOSED);
    event.link = side == SIM_CHARGER ? SECC_LINK : EV_LINK;
    step(session, side, &event);
}

static void on_data(sim_session_t *session, const sim_packet_t *packet)
{
    sim_stream_t *const stream = &session->stream[packet->to];
    if (!stream->open) {
        return;
    }
    CCS_ASSERT(stream->length + packet->length <= sizeof stream->octets);
    memcpy(stream->octets + stream->length, packet->octets, packet->length);
    stream->length += packet->length;
}

static void on_packet(sim_session_t *session, const sim_packet_t *packet)
{
    sim_stream_t *const stream = &session->stream[packet->to];
    switch (packet->kind) {
    case SIM_DATAGRAM:
        on_datagram(session, packet);
        break;
    case SIM_SYN:
        on_syn(session);
        break;
    case SIM_SECURED:
    case SIM_ACCEPTED:
        on_secured(session, packet->to);
        break;
    case SIM_DATA:
        on_data(session, packet);
        break;
    case SIM_FIN:
        stream->fin = stream->open;
        break;
    case SIM_REFUSED:
    case SIM_RESET:
        if (stream->open || packet->to == SIM_CAR) {
            tell_closed(session, packet->to);
        }
        break;
    }
}

static size_t window(const sim_session_t *session, sim_side_t side)
{
    return side == SIM_CHARGER ? ccs_secc_window(&session->secc, SECC_LINK) : ccs_ev_window(&session->ev, EV_LINK);
}

/* Hands over as much as the end takes now. */
static void feed(sim_session_t *session, sim_side_t side)
{
    sim_stream_t *const stream = &session->stream[side];
    while (stream->open && stream->length > 0) {
        const size_t takes = window(session, side);
        const size_t part = takes < stream->length ? takes : stream->length;
        if (part == 0) {
            return;
        }
        uint8_t octets[SIM_STREAM_SIZE];
        memcpy(octets, stream->octets, part);
        memmove(stream->octets, stream->octets + part, stream->length - part);
        stream->length -= part;
        ccs_event_t event = event_now(session, CCS_ON_BYTES);
        event.link = side == SIM_CHARGER ? SECC_LINK : EV_LINK;
        event.bytes = (ccs_view_t){octets, part};
        step(session, side, &event);
    }
    if (stream->open && stream->fin && stream->length == 0) {
        tell_closed(session, side);
    }
}

static sim_packet_t *first_packet(sim_session_t *session)
{
    sim_packet_t *first = NULL;
    for (size_t i = 0; i < SIM_PACKETS; i++) {
        sim_packet_t *const packet = &session->packet[i];
        const bool due = packet->used && packet->due_ms <= session->now_ms;
        if (due && (!first || packet->order < first->order)) {
            first = packet;
        }
    }
    return first;
}

void sim_net_deliver(sim_session_t *session)
{
    for (sim_packet_t *packet; (packet = first_packet(session)) != NULL;) {
        const sim_packet_t copy = *packet;
        packet->used = false;
        on_packet(session, &copy);
        feed(session, copy.to);
    }
    feed(session, SIM_CHARGER);
    feed(session, SIM_CAR);
}

int64_t sim_net_due_ms(const sim_session_t *session)
{
    int64_t due_ms = INT64_MAX;
    for (size_t i = 0; i < SIM_PACKETS; i++) {
        const sim_packet_t *const packet = &session->packet[i];
        due_ms = packet->used && packet->due_ms < due_ms ? packet->due_ms : due_ms;
    }
    return due_ms;
}

void sim_net_clear(sim_session_t *session)
{
    for (size_t i = 0; i < SIM_PACKETS; i++) {
        session->packet[i].used = false;
    }
    shut(session, SIM_CHARGER);
    shut(session, SIM_CAR);
}

/* The charger's end is gone without a word: its system resets what its process had open. */
void sim_net_reset(sim_session_t *session)
{
    if (session->stream[SIM_CHARGER].open) {
        post(session, SIM_CAR, SIM_RESET, NULL, 0);
    }
    shut(session, SIM_CHARGER);
}
