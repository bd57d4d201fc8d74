/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/session.h"

#include "base/assert.h"
#include "sim/session_line.h"
#include "sim/session_net.h"

#include <string.h>

enum {
    TICK_MS = SIM_TICK_MS,
    LOST_MS = 1000, /* until the modems notice */
    DEAD_MS = 2000, /* a process that starts again */
    SECC_PORT = 49200,
    UTC_BEGIN_S = 1767225600 /* 2026-01-01 */
};

static const uint8_t secc_address[16] = {0xfe, 0x80, [15] = 0x01};

void sim_session_defaults(sim_session_config_t *config)
{
    memset(config, 0, sizeof *config);
    ccs_secc_defaults(&config->secc);
    ccs_guard_defaults(&config->guard);
    ccs_ev_defaults(&config->ev);
    sim_plant_defaults(&config->plant);
    memcpy(config->secc.address, secc_address, sizeof secc_address);
    config->secc.port = SECC_PORT;
    config->secc.limits = (ccs_limits_t){.mV_max = 1000000, .charge_mA_max = 200000, .power_W_max = 150000};
    config->authorize.verdict = CCS_GRANTED;
    config->matching_ms = 500;
    config->latency_ms = 2;
    config->seed = 1;
    config->attenuation_dB = 15;
    sim_session_fit_battery(config);
}

/* Open circuit falls on a line through the car's voltage at plug-in; full is a little below the car's limit. */
void sim_session_fit_battery(sim_session_config_t *config)
{
    const ccs_ev_config_t *const ev = &config->ev;
    sim_plant_config_t *const plant = &config->plant;
    const int32_t full_mV = ev->mV_max - ev->mV_max / 100;
    const int32_t begin = ev->soc_begin_permille;
    CCS_ASSERT(begin < 1000 && ev->pack_mV < full_mV);
    plant->battery_permille = begin;
    plant->battery_Wh = ev->capacity_Wh;
    plant->battery_full_mV = full_mV;
    plant->battery_empty_mV = full_mV - (int32_t)((int64_t)(full_mV - ev->pack_mV) * 1000 / (1000 - begin));
}

void sim_session_with_slac(sim_session_config_t *config, ccs_sha256_t sha256)
{
    static const uint8_t charger[6] = {0x02, 0, 0, 0, 0, 0x5E}, car[6] = {0x02, 0, 0, 0, 0, 0xCA};
    config->secc.slac.mode = CCS_SLAC_FIELD;
    config->secc.slac.sha256 = sha256;
    memcpy(config->secc.slac.mac, charger, sizeof charger);
    config->ev.slac.mode = CCS_SLAC_FIELD;
    memcpy(config->ev.slac.mac, car, sizeof car);
}

static ccs_event_t event_now(const sim_session_t *session, ccs_event_type_t type)
{
    return (ccs_event_t){.now_ms = session->now_ms, .utc_s = UTC_BEGIN_S + session->now_ms / 1000, .type = type};
}

uint64_t sim_random(sim_session_t *session)
{
    /* xorshift64*: the world needs no secrets */
    session->random ^= session->random >> 12;
    session->random ^= session->random << 25;
    session->random ^= session->random >> 27;
    return session->random * 2685821657736338717u;
}

/* --- guard --------------------------------------------------------------------------------------------------------- */

static void turn_world(sim_session_t *session)
{
    session->world.want = session->secc_out.want;
    if (session->now_ms < session->stalled_ms) {
        return;
    }
    sim_world_turn(&session->world, (uint32_t)(session->now_ms - session->world.now_ms));
}

/* --- charger ------------------------------------------------------------------------------------------------------- */

static void answer_random(sim_session_t *session, size_t which)
{
    uint8_t octets[64];
    const uint32_t id = session->random_job[which].id;
    const size_t wanted = session->random_job[which].length < sizeof octets ? session->random_job[which].length : sizeof octets;
    for (size_t i = 0; i < wanted; i++) {
        octets[i] = (uint8_t)(sim_random(session) >> 56);
    }
    ccs_event_t event = event_now(session, CCS_ON_ANSWER);
    event.answer = (ccs_answer_t){.id = id, .verdict = CCS_GRANTED, .data = {octets, wanted}};
    session->random_job[which].id = 0;
    if (which == SIM_RANDOM_RUN) {
        sim_ev_step(session, &event);
    } else {
        sim_secc_step(session, &event);
    }
}

static void turn_random(sim_session_t *session)
{
    for (size_t which = 0; which < SIM_RANDOM_JOBS; which++) {
        if (session->random_job[which].id != 0) {
            answer_random(session, which);
        }
    }
}

static void take_random(sim_session_t *session, size_t which, const ccs_job_t *job)
{
    session->random_job[which].id = job->id;
    session->random_job[which].length = job->part[0].length;
}

static void take_job(sim_session_t *session, const ccs_job_t *job)
{
    if (job->need == CCS_NEED_RANDOM) {
        take_random(session, SIM_RANDOM_SESSION, job);
    } else if (job->need == CCS_NEED_KEY) {
        take_random(session, SIM_RANDOM_KEY, job);
    } else if (job->need == CCS_NEED_AUTHORIZATION) {
        session->authorization_id = job->id;
        session->authorize_ms = session->now_ms + session->config.authorize.after_ms;
    }
}

static void cancel_job(sim_session_t *session, uint32_t id)
{
    session->authorization_id = session->authorization_id == id ? 0 : session->authorization_id;
    for (size_t which = 0; which < SIM_RANDOM_RUN; which++) {
        session->random_job[which].id = session->random_job[which].id == id ? 0 : session->random_job[which].id;
    }
}

static void turn_authorization(sim_session_t *session)
{
    const bool decides = session->config.authorize.verdict != CCS_NOT_YET;
    if (session->authorization_id == 0 || !decides || session->now_ms < session->authorize_ms) {
        return;
    }
    ccs_event_t event = event_now(session, CCS_ON_ANSWER);
    event.answer = (ccs_answer_t){.id = session->authorization_id, .verdict = session->config.authorize.verdict};
    session->authorization_id = 0;
    sim_secc_step(session, &event);
}

static void perform_secc(sim_session_t *session, const ccs_action_t *action)
{
    switch (action->type) {
    case CCS_JOB:
        take_job(session, &action->job);
        break;
    case CCS_CANCEL:
        cancel_job(session, action->cancel);
        break;
    case CCS_SEND_MME:
        sim_line_send(session, SIM_CHARGER, action->bytes[0]);
        break;
    default:
        sim_net_perform(session, SIM_CHARGER, action);
        break;
    }
}

static void keep_record(sim_session_t *session)
{
    if (session->secc_out.record_ready) {
        session->records++;
        session->record = *ccs_secc_record(&session->secc);
    }
}

/* As the outlet's loop does it: the guard sees the new want before an octet leaves. */
void sim_secc_step(sim_session_t *session, const ccs_event_t *event)
{
    ccs_secc_step(&session->secc, event, &session->secc_out);
    keep_record(session);
    turn_world(session);
    for (size_t i = 0; i < session->secc_out.count; i++) {
        perform_secc(session, &session->secc_out.action[i]);
    }
}

static void tick_secc(sim_session_t *session)
{
    ccs_event_t event = event_now(session, CCS_ON_REPORT);
    event.report = session->world.report;
    sim_secc_step(session, &event);
}

/* --- car ----------------------------------------------------------------------------------------------------------- */

static void pull(sim_session_t *session);

static void perform_ev(sim_session_t *session, const ccs_action_t *action)
{
    switch (action->type) {
    case CCS_JOB:
        take_random(session, SIM_RANDOM_RUN, &action->job);
        break;
    case CCS_SEND_MME:
        sim_line_send(session, SIM_CAR, action->bytes[0]);
        break;
    default:
        sim_net_perform(session, SIM_CAR, action);
        break;
    }
}

void sim_ev_step(sim_session_t *session, const ccs_event_t *event)
{
    if (!session->car) {
        return;
    }
    ccs_ev_step(&session->ev, event, &session->ev_out);
    for (size_t i = 0; i < session->ev_out.count; i++) {
        perform_ev(session, &session->ev_out.action[i]);
    }
    if (session->world.plant.plugged && session->ev_out.want.pilot == CCS_PILOT_A) {
        pull(session);
        return;
    }
    if (session->world.plant.plugged) {
        sim_plant_car_want(&session->world.plant, &session->ev_out.want);
    }
}

static void tick_ev(sim_session_t *session)
{
    ccs_event_t event = event_now(session, CCS_ON_BODY);
    event.body = sim_plant_car_body(&session->world.plant, session->now_ms);
    sim_ev_step(session, &event);
}

/* --- private network ----------------------------------------------------------------------------------------------- */

static void tell_dlink(sim_session_t *session, bool up)
{
    ccs_event_t event = event_now(session, CCS_ON_DLINK);
    event.dlink.up = up;
    session->dlink = up;
    session->matched_ms = -1;
    session->lost_ms = -1;
    if (!up) {
        sim_net_clear(session);
    }
    sim_secc_step(session, &event);
    sim_ev_step(session, &event);
}

static bool is_offered(const sim_session_t *session)
{
    const sim_plant_t *const plant = &session->world.plant;
    return session->world.drive.pilot == CCS_PILOT_5_PERCENT && plant->plugged && !plant->fault[SIM_PILOT_OPEN] &&
           !plant->fault[SIM_PILOT_SHORT];
}

/* The network goes with the plug, and with the 5 % once the session is over; the modems notice a little later. */
static void turn_network(sim_session_t *session)
{
    const bool lost = !session->world.plant.plugged || (!is_offered(session) && !session->stream[SIM_CHARGER].open);
    if (!lost) {
        session->lost_ms = -1;
        return;
    }
    if (session->lost_ms < 0) {
        session->lost_ms = session->now_ms;
    }
    if (session->now_ms - session->lost_ms >= LOST_MS) {
        tell_dlink(session, false);
    }
}

/* Matching needs a plugged car and 5 %. */
static void turn_matching(sim_session_t *session)
{
    if (!is_offered(session)) {
        session->matched_ms = -1;
        return;
    }
    if (session->matched_ms < 0) {
        session->matched_ms = session->now_ms + session->config.matching_ms;
    }
    if (session->now_ms >= session->matched_ms) {
        tell_dlink(session, true);
    }
}

static void turn_dlink(sim_session_t *session)
{
    if (sim_line_is_there(session)) {
        return; /* the modems know */
    }
    if (session->dlink) {
        turn_network(session);
    } else {
        turn_matching(session);
    }
}

/* --- a scenario's hands -------------------------------------------------------------------------------------------- */

ccs_err_t sim_session_init(sim_session_t *session, const sim_session_config_t *config)
{
    memset(session, 0, sizeof *session);
    session->config = *config;
    session->random = config->seed * 0x9E3779B97F4A7C15u + 1;
    session->matched_ms = -1;
    session->lost_ms = -1;
    const ccs_secc_buffers_t buffers = {session->secc_rx,        sizeof session->secc_rx, session->secc_tx,
                                        sizeof session->secc_tx, session->secc_arena,     sizeof session->secc_arena};
    CCS_TRY(sim_world_init(&session->world, &config->guard, &config->plant));
    session->now_ms = session->world.now_ms;
    session->tick_ms = session->now_ms;
    CCS_TRY(ccs_secc_init(&session->secc, &config->secc, &buffers, session->now_ms));
    sim_line_begin(session);
    return CCS_OK;
}

/* Nobody steps the guard: the hardware opens by itself when its drive has run out. */
static void dead(sim_session_t *session)
{
    const ccs_hal_t hal = sim_plant_hal(&session->world.plant);
    for (int64_t ms = 0; ms < DEAD_MS; ms += TICK_MS) {
        session->world.now_ms += TICK_MS;
        hal.sample(hal.ctx, session->world.now_ms, &session->world.sample);
    }
    session->now_ms = session->world.now_ms;
    session->tick_ms = session->now_ms;
}

ccs_err_t sim_session_restart(sim_session_t *session, const ccs_record_t *unfinished)
{
    const ccs_secc_buffers_t buffers = {session->secc_rx,        sizeof session->secc_rx, session->secc_tx,
                                        sizeof session->secc_tx, session->secc_arena,     sizeof session->secc_arena};
    ccs_secc_config_t config = session->config.secc;
    config.unfinished = unfinished;
    sim_net_reset(session);
    dead(session);
    session->authorization_id = 0;
    memset(session->random_job, 0, sizeof session->random_job);
    CCS_TRY(ccs_guard_init(&session->world.guard, &session->config.guard, session->now_ms));
    CCS_TRY(ccs_secc_init(&session->secc, &config, &buffers, session->now_ms));
    memset(&session->secc_out, 0, sizeof session->secc_out);
    sim_line_modem(session, true);
    return CCS_OK;
}

ccs_err_t sim_session_car_again(sim_session_t *session)
{
    const ccs_secc_buffers_t buffers = {session->ev_rx,        sizeof session->ev_rx, session->ev_tx,
                                        sizeof session->ev_tx, session->ev_arena,     sizeof session->ev_arena};
    CCS_TRY(ccs_ev_init(&session->ev, &session->config.ev, &buffers, session->now_ms));
    memset(&session->ev_out, 0, sizeof session->ev_out);
    session->car = true;
    session->random_job[SIM_RANDOM_RUN].id = 0;
    return CCS_OK;
}

ccs_err_t sim_session_plug(sim_session_t *session)
{
    CCS_ASSERT(!session->world.plant.plugged);
    if (session->dlink) {
        tell_dlink(session, false); /* the car before is gone faster than the modems notice */
    }
    CCS_TRY(sim_session_car_again(session));
    sim_line_new_car(session);
    sim_plant_plug(&session->world.plant);
    return CCS_OK;
}

static void pull(sim_session_t *session)
{
    sim_plant_unplug(&session->world.plant);
    sim_line_plugged(session, false);
    sim_net_clear(session);
}

void sim_session_unplug(sim_session_t *session)
{
    if (session->world.plant.plugged) {
        pull(session);
    }
}

void sim_session_stop(sim_session_t *session, ccs_stop_t stop)
{
    ccs_event_t event = event_now(session, CCS_ON_STOP);
    event.stop = stop;
    sim_secc_step(session, &event);
}

void sim_session_car_stop(sim_session_t *session, ccs_stop_t stop)
{
    ccs_event_t event = event_now(session, CCS_ON_STOP);
    event.stop = stop;
    sim_ev_step(session, &event);
}

void sim_session_reset(sim_session_t *session)
{
    const ccs_event_t event = event_now(session, CCS_ON_RESET);
    sim_secc_step(session, &event);
}

void sim_session_limits(sim_session_t *session, const ccs_limits_t *limits)
{
    ccs_event_t event = event_now(session, CCS_ON_LIMITS);
    event.limits = *limits;
    sim_secc_step(session, &event);
}

/* --- time ---------------------------------------------------------------------------------------------------------- */

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_ms(const sim_session_t *session)
{
    int64_t at_ms = sooner(session->tick_ms, sim_net_due_ms(session));
    at_ms = sooner(at_ms, line_deadline_ms(&session->line));
    at_ms = sooner(at_ms, ccs_secc_deadline_ms(&session->secc));
    if (session->car) {
        at_ms = sooner(at_ms, ccs_ev_deadline_ms(&session->ev));
    }
    for (size_t which = 0; which < SIM_RANDOM_JOBS; which++) {
        at_ms = session->random_job[which].id != 0 ? session->now_ms : at_ms;
    }
    if (session->authorization_id != 0 && session->config.authorize.verdict != CCS_NOT_YET) {
        at_ms = sooner(at_ms, session->authorize_ms);
    }
    return at_ms > session->now_ms ? at_ms : session->now_ms;
}

static void turn_deadlines(sim_session_t *session)
{
    const ccs_event_t event = event_now(session, CCS_ON_TIME);
    if (ccs_secc_deadline_ms(&session->secc) <= session->now_ms) {
        sim_secc_step(session, &event);
    }
    if (session->car && ccs_ev_deadline_ms(&session->ev) <= session->now_ms) {
        sim_ev_step(session, &event);
    }
}

static void turn_tick(sim_session_t *session)
{
    if (session->now_ms < session->tick_ms) {
        return;
    }
    session->tick_ms = session->now_ms + TICK_MS;
    turn_world(session);
    tick_secc(session);
    tick_ev(session);
    turn_dlink(session);
}

/* One moment: time jumps to the next thing due, and everything due then happens, in a fixed order. A machine whose deadline stays
 * now is asked again at the same moment, a bounded number of times. */
static void turn(sim_session_t *session, int64_t until_ms)
{
    session->now_ms = sooner(next_ms(session), until_ms);
    turn_tick(session);
    turn_random(session);
    turn_authorization(session);
    line_step(&session->line, session->now_ms);
    sim_net_deliver(session);
    turn_deadlines(session);
}

void sim_session_run(sim_session_t *session, int64_t ms)
{
    (void)sim_session_until(session, NULL, NULL, ms);
}

bool sim_session_until(sim_session_t *session, sim_condition_t condition, const void *context, int64_t ms_max)
{
    enum { TURNS_PER_MS_MAX = 100 };
    const int64_t until_ms = session->now_ms + ms_max;
    int64_t at_ms = session->now_ms;
    int turns = 0;
    while (!condition || !condition(session, context)) {
        if (session->now_ms >= until_ms && next_ms(session) >= until_ms && turns > 0) {
            return false;
        }
        turn(session, until_ms);
        turns = session->now_ms == at_ms ? turns + 1 : 1;
        at_ms = session->now_ms;
        if (session->now_ms >= until_ms && turns > TURNS_PER_MS_MAX) {
            return false;
        }
        CCS_ASSERT(turns <= 2 * TURNS_PER_MS_MAX); /* somebody's deadline never moves */
    }
    return true;
}

/* --- conditions ---------------------------------------------------------------------------------------------------- */

bool sim_car_asks(const sim_session_t *session, const void *request_name)
{
    return session->car && strcmp(ccs_ev_wait_name(&session->ev), request_name) == 0;
}

bool sim_car_done(const sim_session_t *session, const void *unused)
{
    (void)unused;
    return session->car && session->ev_out.done;
}

bool sim_recorded(const sim_session_t *session, const void *count)
{
    return session->records >= *(const uint32_t *)count;
}

bool sim_charging(const sim_session_t *session, const void *unused)
{
    (void)unused;
    return session->world.report.phase == CCS_PHASE_LIVE && session->world.plant.battery_mA > 1000;
}

bool sim_matched(const sim_session_t *session, const void *unused)
{
    (void)unused;
    return sim_line_is_there(session) ? sim_line_carries(session) : session->dlink;
}

bool sim_quiet(const sim_session_t *session, const void *unused)
{
    (void)unused;
    return session->world.report.phase == CCS_PHASE_OFF && session->world.report.settled &&
           strcmp(ccs_secc_wait_name(&session->secc), "idle") == 0;
}
