/* SLAC in the outlet: the matching machine fed with what concerns it, opened and closed by the outlet's own states, and the map
 * from the matched car's MAC to its IPv6 address.
 *
 * The outlet (life.c) is the one authority over a session and what follows it; the machine shows X1 and E/F by itself only where no
 * session was: nobody asked, no link within TT_match_join, the link lost before SDP.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "secc/private.h"

#include <string.h>

enum { KEY_AGAIN_MS = 1000 };

bool secc_has_slac(const secc_t *secc)
{
    return secc->config.slac.mode != CCS_SLAC_OFF;
}

static slac_evse_t *machine(secc_t *secc)
{
    return &secc->match.evse;
}

static bool is_zero(const uint8_t mac[6])
{
    static const uint8_t zero[6] = {0};
    return memcmp(mac, zero, sizeof zero) == 0;
}

void secc_match_init(secc_t *secc)
{
    secc->match.key_ms = INT64_MAX;
    secc->match.service = SECC_SERVICE_OPEN;
    if (secc_has_slac(secc)) {
        slac_evse_init(machine(secc), &secc->config.slac, &secc->config.trace, secc->now_ms);
    }
}

void secc_match_begin_step(secc_t *secc)
{
    secc->match.out.count = 0;
    secc->match.out.dlink = SLAC_DLINK_NONE;
    secc->match.out.need_random = false;
}

/* --- steps of the machine ---------------------------------------------------------------------------------------------------- */

static void ask_key(secc_t *secc)
{
    secc->match.key_ms = INT64_MAX;
    jobs_ask(&secc->jobs, CCS_NEED_KEY, (ccs_view_t){NULL, CCS_NMK_SIZE}, INT64_MAX);
}

static void step(secc_t *secc, slac_event_t event)
{
    secc_match_t *const match = &secc->match;
    event.now_ms = secc->now_ms;
    match->out.dlink = SLAC_DLINK_NONE;
    slac_evse_step(&match->evse, &event, &match->out);
    if (match->out.need_random) {
        match->out.need_random = false;
        ask_key(secc);
    }
    if (match->out.dlink != SLAC_DLINK_NONE) {
        secc_link(secc, match->out.dlink == SLAC_DLINK_UP);
    }
}

/* Who has no random octets asks again: no car is served with a key that is not secret. */
static void take_key(secc_t *secc)
{
    const session_job_t *const job = jobs_get(&secc->jobs, CCS_NEED_KEY);
    slac_event_t event = {.type = SLAC_ON_RANDOM};
    if (!job->answered || job->open) {
        return;
    }
    const bool good = job->verdict == CCS_GRANTED && job->length == CCS_NMK_SIZE;
    memcpy(event.random, job->data, sizeof event.random);
    jobs_forget(&secc->jobs, CCS_NEED_KEY);
    if (good) {
        step(secc, event);
    } else {
        secc->match.key_ms = secc->now_ms + KEY_AGAIN_MS;
    }
}

static void on_pilot(secc_t *secc, ccs_pilot_state_t pilot)
{
    if (pilot != machine(secc)->pilot) {
        step(secc, (slac_event_t){.type = SLAC_ON_PILOT, .pilot = pilot});
    }
}

static void on_ip_from(secc_t *secc, const uint8_t mac[6])
{
    slac_event_t event = {.type = SLAC_ON_IPV6};
    memcpy(event.mac, mac, sizeof event.mac);
    step(secc, event);
}

/* --- whose address is it ----------------------------------------------------------------------------------------------------- */

static bool is_seen(const secc_t *secc, const uint8_t address[16])
{
    return secc->match.has_seen && memcmp(secc->match.seen, address, 16) == 0;
}

/* The MAC that sent the datagram is the proof; a MAC is never read out of an address (EUI-64), for not every car makes its address
 * so. A port that cannot tell the MAC may have told the neighbour. */
bool secc_match_is_car(secc_t *secc, const ccs_endpoint_t *from, const uint8_t mac[6])
{
    const slac_evse_t *const evse = machine(secc);
    bool ours;
    if (slac_evse_is_matched(evse, mac)) {
        ours = true;
    } else if (is_zero(mac)) {
        ours = secc->match.has_seen ? is_seen(secc, from->address) : true;
    } else {
        ours = secc->config.slac.any_ip_mac && (!secc->has_asker || memcmp(mac, secc->asker_mac, 6) == 0);
    }
    machine(secc)->stats.strangers += ours ? 0 : 1;
    return ours;
}

/* Of the matched car: its address, and a sign of the link. Anybody else changes nothing, whatever address it claims. */
static void on_neighbour(secc_t *secc, const ccs_event_t *event)
{
    if (!slac_evse_is_matched(machine(secc), event->neighbour.mac)) {
        machine(secc)->stats.strangers++;
        return;
    }
    memcpy(secc->match.seen, event->neighbour.address, sizeof secc->match.seen);
    secc->match.has_seen = true;
    on_ip_from(secc, event->neighbour.mac);
}

/* --- events ------------------------------------------------------------------------------------------------------------------ */

void secc_match_event(secc_t *secc, const ccs_event_t *event)
{
    switch (event->type) {
    case CCS_ON_MME:
        step(secc, (slac_event_t){.type = SLAC_ON_FRAME, .frame = event->bytes});
        break;
    case CCS_ON_MODEM:
        step(secc, (slac_event_t){.type = SLAC_ON_MODEM, .up = event->modem.up});
        break;
    case CCS_ON_NEIGHBOUR:
        on_neighbour(secc, event);
        break;
    case CCS_ON_DATAGRAM:
        on_ip_from(secc, event->datagram.from_mac);
        break;
    case CCS_ON_REPORT:
        on_pilot(secc, event->report.pilot);
        break;
    case CCS_ON_ANSWER:
        take_key(secc);
        break;
    default:
        break;
    }
    if (secc->now_ms >= slac_evse_deadline_ms(machine(secc))) {
        step(secc, (slac_event_t){.type = SLAC_ON_TIME});
    }
    if (secc->now_ms >= secc->match.key_ms) {
        ask_key(secc);
    }
}

/* --- open, at rest, closed --------------------------------------------------------------------------------------------------- */

static secc_service_t service(const secc_t *secc)
{
    const bool over = secc->state == SECC_SETTLE || secc->state == SECC_HOLD || secc->state == SECC_BLOCKED;
    if (secc->halted || secc->charge.report.latched || secc->state == SECC_BOOT || (over && secc->now_ms >= secc->fin_ms)) {
        return SECC_SERVICE_CLOSED;
    }
    if (over) {
        return secc->match.service; /* our FIN is still on its way */
    }
    return secc->rests ? SECC_SERVICE_REST : SECC_SERVICE_OPEN;
}

void secc_match_serve(secc_t *secc)
{
    static const slac_order_t orders[] = {
        [SECC_SERVICE_OPEN] = SLAC_ORDER_OPEN, [SECC_SERVICE_REST] = SLAC_ORDER_REST, [SECC_SERVICE_CLOSED] = SLAC_ORDER_CLOSE};
    const secc_service_t now = service(secc);
    if (now != secc->match.service) {
        secc->match.service = now;
        step(secc, (slac_event_t){.type = SLAC_ON_ORDER, .order = orders[now]});
    }
}

void secc_match_wake(secc_t *secc)
{
    if (secc_has_slac(secc)) {
        step(secc, (slac_event_t){.type = SLAC_ON_ORDER, .order = SLAC_ORDER_WAKE});
    }
}

void secc_match_end_step(secc_t *secc)
{
    secc_match_t *const match = &secc->match;
    for (size_t i = 0; i < match->out.count; i++) {
        const slac_out_frame_t *const frame = &match->out.frame[i];
        secc_action(secc, CCS_SEND_MME, 0)->bytes[0] = (ccs_view_t){frame->octets, frame->length};
    }
}

int64_t secc_match_deadline_ms(const secc_t *secc)
{
    const int64_t deadline_ms = slac_evse_deadline_ms(&secc->match.evse);
    return deadline_ms < secc->match.key_ms ? deadline_ms : secc->match.key_ms;
}

/* --- for people -------------------------------------------------------------------------------------------------------------- */

const char *secc_match_wait_name(const secc_t *secc)
{
    static const char *const names[SLAC_EVSE_STATES] = {
        [SLAC_EVSE_KEYING] = "keying",     [SLAC_EVSE_IDLE] = "idle",          [SLAC_EVSE_MATCHING] = "matching",
        [SLAC_EVSE_JOINING] = "joining",   [SLAC_EVSE_MATCHED] = "idle",       [SLAC_EVSE_PAUSED] = "paused",
        [SLAC_EVSE_RESUMING] = "resuming", [SLAC_EVSE_X1] = "resetting",       [SLAC_EVSE_EF] = "resetting",
        [SLAC_EVSE_ENDED] = "resting",     [SLAC_EVSE_BROKEN] = "modem broken"};
    return names[secc->match.evse.state];
}

ccs_slac_status_t secc_match_status(const secc_t *secc)
{
    const slac_evse_t *const evse = &secc->match.evse;
    ccs_slac_status_t status = {.state = "OFF"};
    if (!secc_has_slac(secc)) {
        return status;
    }
    status.state = slac_evse_state_name(evse->state);
    status.modem = evse->modem_up && evse->key_set;
    status.matched = evse->matched.state != SLAC_SESSION_FREE;
    status.link = slac_evse_linked(evse);
    memcpy(status.mac, evse->matched.mac, sizeof status.mac);
    memcpy(status.run_id, evse->matched.run_id, sizeof status.run_id);
    status.has_address = secc->has_asker;
    memcpy(status.address, secc->asker, sizeof status.address);
    status.attenuation_dB = slac_evse_attenuation_dB(evse);
    return status;
}
