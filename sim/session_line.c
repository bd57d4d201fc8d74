/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/session_line.h"

#include "sim/session_net.h"

#include <string.h>

enum { CHARGER_NODE, CAR_NODE };

static ccs_event_t event_now(const sim_session_t *session, ccs_event_type_t type)
{
    return (ccs_event_t){.now_ms = session->now_ms, .utc_s = 1767225600 + session->now_ms / 1000, .type = type};
}

bool sim_line_is_there(const sim_session_t *session)
{
    return session->line.nodes > 0;
}

bool sim_line_carries(const sim_session_t *session)
{
    return line_linked(&session->line, CHARGER_NODE, CAR_NODE, session->now_ms);
}

static void deliver(void *ctx, unsigned node, ccs_view_t frame)
{
    sim_session_t *const session = ctx;
    ccs_event_t event = event_now(session, CCS_ON_MME);
    event.bytes = frame;
    if (node == CHARGER_NODE) {
        sim_secc_step(session, &event);
    } else {
        sim_ev_step(session, &event);
    }
}

void sim_line_begin(sim_session_t *session)
{
    static const uint8_t modems[2][6] = {{0x00, 0xB0, 0x52, 0, 0, 0x10}, {0x00, 0xB0, 0x52, 0, 0, 0x20}};
    if (session->config.secc.slac.mode == CCS_SLAC_OFF) {
        return;
    }
    line_init(&session->line, (uint32_t)session->config.seed, deliver, session);
    session->line.loss_permille = session->config.loss_permille;
    (void)line_add(&session->line, session->config.secc.slac.mac, modems[CHARGER_NODE], true);
    (void)line_add(&session->line, session->config.ev.slac.mac, modems[CAR_NODE], false);
    sim_line_modem(session, true);
}

void sim_line_modem(sim_session_t *session, bool up)
{
    ccs_event_t event = event_now(session, CCS_ON_MODEM);
    event.modem.up = up;
    if (sim_line_is_there(session)) {
        sim_secc_step(session, &event);
    }
}

void sim_line_new_car(sim_session_t *session)
{
    line_node_t *const car = &session->line.node[CAR_NODE];
    memcpy(car->host, session->config.ev.slac.mac, sizeof car->host);
    memset(car->nmk, 0xCA, sizeof car->nmk); /* a network of its own */
    session->told_neighbour = false;
    sim_line_plugged(session, true);
}

void sim_line_plugged(sim_session_t *session, bool in)
{
    if (sim_line_is_there(session)) {
        line_attenuate(&session->line, CHARGER_NODE, CAR_NODE, in ? session->config.attenuation_dB : LINE_DEAF_dB);
    }
}

void sim_line_send(sim_session_t *session, sim_side_t from, ccs_view_t frame)
{
    if (sim_line_is_there(session)) {
        line_send(&session->line, from == SIM_CHARGER ? CHARGER_NODE : CAR_NODE, session->now_ms, frame);
    }
}

void sim_line_tell_neighbour(sim_session_t *session, const uint8_t address[16])
{
    ccs_event_t event = event_now(session, CCS_ON_NEIGHBOUR);
    if (!sim_line_is_there(session) || session->told_neighbour) {
        return;
    }
    session->told_neighbour = true;
    memcpy(event.neighbour.address, address, sizeof event.neighbour.address);
    memcpy(event.neighbour.mac, session->config.ev.slac.mac, sizeof event.neighbour.mac);
    sim_secc_step(session, &event);
}
