/* The network side: SDP, who may connect, octets in, answers out.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "base/trace.h"
#include "din/din.h"
#include "sdp/sdp.h"
#include "secc/private.h"
#include "secc/sap.h"

#include <string.h>

static bool plugged(const secc_t *secc)
{
    return charge_cause_of_pilot(secc->charge.report.pilot) == NULL; /* a board without a pilot measurement: UNKNOWN passes */
}

/* [V2G2-714] [V2G2-716] After the communication setup time SDP is silent and TCP closed. Without a car at our own pilot it is a
 * neighbour's traffic that has leaked over (secc.md 3 #43). */
bool secc_open(const secc_t *secc)
{
    return secc->state == SECC_SETUP && secc->link == SECC_NO_LINK && secc->now_ms < secc->setup_until_ms && plugged(secc) &&
           !secc->charge.report.latched;
}

/* --- SDP --------------------------------------------------------------------------------------------------------------------- */

static sdp_site_t site(const secc_t *secc)
{
    const ccs_secc_config_t *const config = &secc->config;
    return (sdp_site_t){.tls = config->tls,
                        .port = config->port,
                        .port_tls = config->port_tls,
                        .plain_useless = !config->protocol[CCS_PROTOCOL_DIN] && !config->protocol[CCS_PROTOCOL_ISO2]};
}

static void count_silence(secc_t *secc, sdp_why_t why)
{
    if (why <= (sdp_why_t)SDP_MALFORMED_LAST) {
        secc->stats.sdp_malformed++;
    } else {
        secc->stats.sdp_refused++;
    }
}

/* The car that may connect. */
static void admit(secc_t *secc, const ccs_endpoint_t *from, const uint8_t mac[6])
{
    memcpy(secc->asker, from->address, sizeof secc->asker);
    memcpy(secc->asker_mac, mac, sizeof secc->asker_mac);
    secc->has_asker = true;
}

static void answer_sdp(secc_t *secc, const ccs_endpoint_t *to, const sdp_verdict_t *verdict)
{
    _Static_assert((int)SECC_SDP_SIZE == (int)SDP_RESPONSE_SIZE, "room for the answer");
    sdp_response_write(secc->config.address, verdict->port, verdict->tls, secc->sdp);
    ccs_action_t *const action = secc_action(secc, CCS_SEND_DATAGRAM, 0);
    action->datagram.to = *to;
    action->datagram.bytes = (ccs_view_t){secc->sdp, sizeof secc->sdp};
    const bool downgrade = verdict->why == SDP_TLS_NOT_HERE;
    secc_note(secc, downgrade ? CCS_LEVEL_WARNING : CCS_LEVEL_INFO, "sdp_answer", "why", sdp_why_name(verdict->why), 0);
}

void secc_on_datagram(secc_t *secc, const ccs_event_t *event)
{
    const sdp_site_t here = site(secc);
    const sdp_verdict_t verdict = sdp_serve(&here, event->datagram.bytes);
    secc->stats.sdp_requests++;
    if (!verdict.answer) {
        count_silence(secc, verdict.why);
        return;
    }
    if (!secc_open(secc)) {
        secc->stats.sdp_late++;
        secc_note(secc, CCS_LEVEL_DEBUG, "sdp_silent", "state", secc_state_name(secc->state), 0);
        return;
    }
    if (secc_has_slac(secc) && !secc_match_is_car(secc, &event->datagram.from, event->datagram.from_mac)) {
        secc->stats.sdp_refused++;
        secc_note(secc, CCS_LEVEL_WARNING, "sdp_stranger", "port", NULL, event->datagram.from.port);
        return;
    }
    admit(secc, &event->datagram.from, event->datagram.from_mac);
    secc->asker_tls = verdict.tls;
    answer_sdp(secc, &event->datagram.from, &verdict);
}

/* --- links ------------------------------------------------------------------------------------------------------------------- */

static bool is_ours(const secc_t *secc, uint8_t link)
{
    return secc->link == (int)link;
}

static void close_now(secc_t *secc, uint8_t link)
{
    secc_action(secc, CCS_CLOSE, link)->close_by_ms = secc->now_ms;
}

/* A second car, a car that comes too late, somebody who did not ask SDP; plain TCP where the site has TLS alone. */
static bool welcome(const secc_t *secc, const ccs_endpoint_t *from, bool tls)
{
    const bool anybody = !secc->has_asker && !secc_has_slac(secc);
    const bool policy = tls ? secc->config.tls != CCS_TLS_OFF : secc->config.tls != CCS_TLS_REQUIRE;
    return policy && secc_open(secc) &&
           (anybody || (secc->has_asker && memcmp(secc->asker, from->address, sizeof secc->asker) == 0));
}

void secc_on_connect(secc_t *secc, const ccs_event_t *event)
{
    secc->stats.connects++;
    if (!welcome(secc, &event->connect.from, event->connect.tls)) {
        secc->stats.connects_refused++;
        secc_note(secc, CCS_LEVEL_WARNING, "connect_refused", "link", NULL, event->link);
        if (!is_ours(secc, event->link)) { /* a port that numbers its links twice must not close the car's */
            close_now(secc, event->link);
        }
        return;
    }
    if (secc->asker_tls && !event->connect.tls) {
        secc_note(secc, CCS_LEVEL_WARNING, "downgrade", "was_offered", "TLS", 0);
    }
    secc->link = event->link;
    secc_action(secc, CCS_ACCEPT, event->link);
}

void secc_on_secured(secc_t *secc, const ccs_event_t *event)
{
    if (!is_ours(secc, event->link) || secc->state != SECC_SETUP) {
        return;
    }
    secc->tls = event->secured.tls;
    secc->authenticated = event->secured.authenticated;
    secc_begin(secc);
}

void secc_on_closed(secc_t *secc, const ccs_event_t *event)
{
    if (!is_ours(secc, event->link)) {
        return;
    }
    secc->link = SECC_NO_LINK;
    if (secc->state == SECC_TALK) {
        secc_give_up(secc, CCS_END_LINK_LOST, 0);
    } else if (secc->state == SECC_LINGER) {
        secc->until_ms = secc->now_ms;
    }
}

/* --- answers ----------------------------------------------------------------------------------------------------------------- */

static void trace_sent(const secc_t *secc, size_t length)
{
    trace_emit(&secc->config.trace, &(ccs_trace_record_t){.now_ms = secc->now_ms,
                                                          .level = CCS_LEVEL_DEBUG,
                                                          .room = "secc",
                                                          .event = "sent",
                                                          .fields = 1,
                                                          .field = {{.name = "octets", .number = (int64_t)length}},
                                                          .bytes = {secc->tx, length},
                                                          .direction = 's'});
}

/* Header and payload lie in one piece and leave in one write: Josev reads a message with one read. */
static void send(secc_t *secc, size_t exi_length)
{
    if (secc->link == SECC_NO_LINK) {
        return;
    }
    v2gtp_header_write(V2GTP_EXI, (uint32_t)exi_length, secc->tx);
    ccs_action_t *const action = secc_action(secc, CCS_SEND, (uint8_t)secc->link);
    action->bytes[0] = (ccs_view_t){secc->tx, V2GTP_HEADER_SIZE + exi_length};
    trace_sent(secc, action->bytes[0].length);
}

void secc_deliver(secc_t *secc, session_did_t did)
{
    switch (did) {
    case SESSION_DID_ANSWER:
        secc->set_up = secc->set_up || secc->session.wait != secc->session.protocol->first;
        send(secc, secc->session.answer_length);
        if (secc->session.wait == SESSION_WAIT_OVER) {
            secc_linger(secc);
        }
        break;
    case SESSION_DID_GIVE_UP:
        secc_give_up(secc, CCS_END_LINK_LOST, secc->config.close_ms); /* the engine has named the reason */
        break;
    default:
        break;
    }
    if (!session_parked(&secc->session)) {
        v2gtp_reader_next(&secc->reader);
    }
}

/* --- octets ------------------------------------------------------------------------------------------------------------------ */

static const session_protocol_t *protocol_of(ccs_protocol_t protocol)
{
    return protocol == CCS_PROTOCOL_DIN ? &din_protocol : NULL;
}

static void trace_sap(const secc_t *secc, const v2gtp_message_t *message, const sap_choice_t *choice)
{
    trace_emit(&secc->config.trace,
               &(ccs_trace_record_t){.now_ms = secc->now_ms,
                                     .level = CCS_LEVEL_INFO,
                                     .room = "sap",
                                     .event = "supportedAppProtocolReq",
                                     .fields = 3,
                                     .field = {{.name = "code", .text = sap_code_name(choice)},
                                               {.name = "protocol", .text = ccs_protocol_name(choice->protocol)},
                                               {.name = "schema_id", .number = choice->schema_id}},
                                     .bytes = message->whole,
                                     .direction = 'r'});
}

/* The first request of a link; once more in its place it is answered once more (secc.md 3 #60). */
static void negotiate(secc_t *secc, const v2gtp_message_t *message, const sap_offer_t *offers, size_t count)
{
    session_t *const session = &secc->session;
    const bool late = session->protocol && session->wait != session->protocol->first;
    const sap_link_t link = {secc->config.protocol, secc->tls, secc->authenticated};
    const sap_choice_t choice = sap_choose(offers, late ? 0 : count, &link);
    trace_sap(secc, message, &choice);
    size_t length = 0;
    if (sap_write(&choice, session->exi, session->exi_size, &length) != CCS_OK) {
        secc_give_up(secc, CCS_END_CHARGER_ERROR, secc->config.close_ms);
        return;
    }
    send(secc, length);
    if (choice.protocol == CCS_PROTOCOL_NONE) {
        secc->stats.sequence_errors += late;
        charge_end(&secc->charge, late ? CCS_END_SEQUENCE_ERROR : CCS_END_NO_PROTOCOL);
        secc_linger(secc);
        return;
    }
    secc->charge.record.protocol = choice.protocol;
    session_begin(session, protocol_of(choice.protocol), secc->now_ms);
}

/* Nothing is agreed yet and this is no SupportedAppProtocolReq: forgiven as often as an undecodable request is. */
static void no_protocol_yet(secc_t *secc)
{
    secc->stats.exi_malformed++;
    secc_note(secc, CCS_LEVEL_WARNING, "undecodable", "before", "SupportedAppProtocolReq", 0);
    if (secc->session.decode_errors++ >= secc->config.decode_errors_max) {
        secc_give_up(secc, CCS_END_DECODE_ERROR, secc->config.close_ms);
    }
}

static void take_message(secc_t *secc, const v2gtp_message_t *message)
{
    session_t *const session = &secc->session;
    sap_offer_t offers[SAP_OFFERS_MAX];
    size_t count = 0;
    if (message->type != V2GTP_EXI) { /* a payload type of ISO 15118-20: not agreed */
        secc->stats.v2gtp_unknown_type++;
        v2gtp_reader_next(&secc->reader);
        return;
    }
    if (sap_read(message->payload, session->arena, session->arena_size, offers, &count) == CCS_OK) {
        negotiate(secc, message, offers, count);
        v2gtp_reader_next(&secc->reader);
    } else if (session->protocol) {
        secc_deliver(secc, session_take(session, message->whole, message->payload));
    } else {
        no_protocol_yet(secc);
        v2gtp_reader_next(&secc->reader);
    }
}

/* Octets beyond the window are the port's fault; what comes after the last answer is nobody's. */
void secc_on_bytes(secc_t *secc, const ccs_event_t *event)
{
    if (!is_ours(secc, event->link) || secc->state != SECC_TALK || session_parked(&secc->session)) {
        return;
    }
    ccs_view_t bytes = event->bytes;
    v2gtp_message_t message;
    while (bytes.length > 0 && !v2gtp_reader_message(&secc->reader, &message)) {
        const size_t taken = v2gtp_reader_put(&secc->reader, bytes);
        bytes = (ccs_view_t){bytes.at + taken, bytes.length - taken};
    }
    if (v2gtp_reader_message(&secc->reader, &message)) {
        take_message(secc, &message);
    }
}
