/* Matching sessions: one per car that talks to us, at most SLAC_PARALLEL.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "slac/evse_private.h"

#include <string.h>

static const uint8_t zeros[17] = {0};

void sessions_clear(slac_evse_t *evse)
{
    memset(evse->session, 0, sizeof evse->session);
}

static bool same_mac(const uint8_t a[6], const uint8_t b[6])
{
    return memcmp(a, b, 6) == 0;
}

static slac_session_t *by_mac(slac_evse_t *evse, const uint8_t mac[6])
{
    for (size_t i = 0; i < SLAC_PARALLEL; i++) {
        if (evse->session[i].state != SLAC_SESSION_FREE && same_mac(evse->session[i].mac, mac)) {
            return &evse->session[i];
        }
    }
    return NULL;
}

static slac_session_t *by_key(slac_evse_t *evse, const uint8_t mac[6], const uint8_t run_id[8])
{
    slac_session_t *const session = by_mac(evse, mac);
    return session && memcmp(session->run_id, run_id, 8) == 0 ? session : NULL;
}

static void enter(slac_evse_t *evse, slac_session_t *session, slac_session_state_t state, uint32_t within_ms)
{
    session->state = state;
    session->retries = 0;
    session->deadline_ms = evse->now_ms + within_ms;
}

static void enter_by_rule(slac_evse_t *evse, slac_session_t *session, slac_session_state_t state)
{
    enter(evse, session, state, slac_session_rules[state].timeout_ms);
}

static void fail(slac_evse_t *evse, slac_session_t *session, const char *why)
{
    evse->stats.failed++;
    evse_trace(evse, CCS_LEVEL_INFO, why, session->mac);
    session->state = SLAC_SESSION_FREE;
}

/* --- frames out -------------------------------------------------------------------------------------------------------------- */

static void send_parm(slac_evse_t *evse, const slac_session_t *session)
{
    mme_t mme;
    mme_init(&mme, MME_CM_SLAC_PARM_CNF, session->mac, evse->config->mac);
    memcpy(mme.slac_parm_cnf.sound_target, mme_broadcast, 6);
    mme.slac_parm_cnf.num_sounds = SLAC_SOUNDS;
    mme.slac_parm_cnf.timeout_100ms = SLAC_SOUNDS_100MS;
    mme.slac_parm_cnf.resp_type = 1;
    memcpy(mme.slac_parm_cnf.forwarding_sta, session->mac, 6);
    memcpy(mme.slac_parm_cnf.run_id, session->run_id, 8);
    evse_send(evse, &mme);
}

/* Average per group, rounded down, less the receive path of the board; never below 0 or above what an octet tells. */
static uint8_t average(const slac_evse_t *evse, const slac_session_t *session, size_t group)
{
    const int mean = session->sum_dB[group] / (session->profiles ? session->profiles : 1) - evse->config->offset_dB[group];
    return (uint8_t)(mean < 0 ? 0 : mean > UINT8_MAX ? UINT8_MAX : mean);
}

uint8_t session_mean_dB(const slac_evse_t *evse, const slac_session_t *session)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < MME_GROUPS; i++) {
        sum += average(evse, session, i);
    }
    return (uint8_t)(sum / MME_GROUPS);
}

static void send_char(slac_evse_t *evse, const slac_session_t *session)
{
    mme_t mme;
    mme_init(&mme, MME_CM_ATTEN_CHAR_IND, session->mac, evse->config->mac);
    memcpy(mme.atten_char_ind.source, session->mac, 6);
    memcpy(mme.atten_char_ind.run_id, session->run_id, 8);
    mme.atten_char_ind.num_sounds = session->profiles;
    mme.atten_char_ind.groups = MME_GROUPS;
    for (size_t i = 0; i < MME_GROUPS; i++) {
        mme.atten_char_ind.attenuation_dB[i] = average(evse, session, i);
    }
    evse_send(evse, &mme);
}

static void send_validate(slac_evse_t *evse, slac_session_t *session, uint8_t result, uint8_t toggles)
{
    mme_t mme;
    mme_init(&mme, MME_CM_VALIDATE_CNF, session->mac, evse->config->mac);
    mme.validate_cnf.toggles = toggles;
    mme.validate_cnf.result = result;
    session->validated = true;
    session->last_cnf = result;
    evse_send(evse, &mme);
}

void session_send_match(slac_evse_t *evse, const slac_session_t *session)
{
    mme_t mme;
    mme_init(&mme, MME_CM_SLAC_MATCH_CNF, session->mac, evse->config->mac);
    mme.slac_match_cnf.mvf_length = MME_MATCH_CNF_LENGTH;
    memcpy(mme.slac_match_cnf.pev_mac, session->mac, 6);
    memcpy(mme.slac_match_cnf.evse_mac, evse->config->mac, 6);
    memcpy(mme.slac_match_cnf.run_id, session->run_id, 8);
    memcpy(mme.slac_match_cnf.nid, evse->nid, sizeof evse->nid);
    memcpy(mme.slac_match_cnf.nmk, evse->nmk, sizeof evse->nmk);
    evse_send(evse, &mme);
}

/* --- frames in --------------------------------------------------------------------------------------------------------------- */

/* Of two the one whose place a new car gets first: a result that nobody came back for - its car has matched elsewhere -, then a
 * request that nothing followed yet. Who is being measured stays. */
static int64_t rank_of(const slac_evse_t *evse, const slac_session_t *session)
{
    const int64_t waited_ms = evse->now_ms - session->deadline_ms + slac_session_rules[session->state].timeout_ms;
    switch (session->state) {
    case SLAC_SESSION_WAIT:
        return waited_ms >= SLAC_WAIT_STALE_MS ? INT32_MAX + waited_ms : 0;
    case SLAC_SESSION_PARM:
        return waited_ms + 1;
    default:
        return 0;
    }
}

static slac_session_t *free_slot(slac_evse_t *evse)
{
    slac_session_t *least = NULL;
    int64_t most = 0;
    for (size_t i = 0; i < SLAC_PARALLEL; i++) {
        slac_session_t *const session = &evse->session[i];
        if (session->state == SLAC_SESSION_FREE) {
            return session;
        }
        if (rank_of(evse, session) > most) {
            most = rank_of(evse, session);
            least = session;
        }
    }
    evse->stats.evicted += least != NULL;
    return least;
}

/* Every charger in reach answers every car: who floods must not make all of us flood the line. */
static bool answers_too_often(slac_evse_t *evse)
{
    if (evse->now_ms >= evse->answers_from_ms + SLAC_ANSWERS_MS) {
        evse->answers_from_ms = evse->now_ms;
        evse->answers = 0;
    }
    evse->answers++;
    return evse->answers > SLAC_ANSWERS_MAX;
}

/* The same key again: the same answer and a fresh start. A new RunID of the same car replaces its old session. */
static bool on_parm(slac_evse_t *evse, const mme_t *mme)
{
    const mme_slac_parm_req_t *const req = &mme->slac_parm_req;
    if (req->application != 0 || req->security != 0) {
        return false;
    }
    if (answers_too_often(evse)) {
        evse->stats.limited++;
        return true;
    }
    slac_session_t *session = by_mac(evse, mme->source);
    if (!session) {
        session = free_slot(evse);
    }
    if (!session) {
        return false;
    }
    memset(session, 0, sizeof *session);
    memcpy(session->mac, mme->source, 6);
    memcpy(session->run_id, req->run_id, 8);
    evse->stats.sessions++;
    evse->init_over = true; /* TT_EVSE_SLAC_init ends with the first request */
    enter_by_rule(evse, session, SLAC_SESSION_PARM);
    send_parm(evse, session);
    evse_trace(evse, CCS_LEVEL_INFO, "session", session->mac);
    return true;
}

/* Three copies come; the first opens the window, the others change nothing. */
static bool on_start(slac_evse_t *evse, const mme_t *mme)
{
    const mme_start_atten_char_ind_t *const ind = &mme->start_atten_char_ind;
    slac_session_t *const session = by_key(evse, mme->source, ind->run_id);
    if (!session || ind->application != 0 || ind->security != 0 || ind->num_sounds == 0 || ind->timeout_100ms == 0 ||
        ind->resp_type != 1 || !same_mac(ind->forwarding_sta, mme->source)) {
        return false;
    }
    if (session->state == SLAC_SESSION_PARM) {
        session->sounds_wanted = ind->num_sounds;
        enter_by_rule(evse, session, SLAC_SESSION_SOUND); /* as long as CM_SLAC_PARM.CNF said, whatever the car makes of it */
    }
    return true;
}

/* The modem's own measure of one sound. It alone counts: what the car says of its sounds is not measured. */
static bool on_profile(slac_evse_t *evse, const mme_t *mme)
{
    const mme_atten_profile_ind_t *const ind = &mme->atten_profile_ind;
    slac_session_t *const session = by_mac(evse, ind->pev_mac);
    const bool usable = ind->groups == MME_GROUPS || (ind->groups == 0 && evse->config->bench_modem);
    if (!session || session->state != SLAC_SESSION_SOUND || !usable) {
        return false;
    }
    for (size_t i = 0; i < MME_GROUPS; i++) {
        session->sum_dB[i] = (uint16_t)(session->sum_dB[i] + ind->attenuation_dB[i]);
    }
    session->profiles++;
    if (session->profiles >= session->sounds_wanted || session->profiles == UINT8_MAX) {
        session->deadline_ms = evse->now_ms;
    }
    return true;
}

static bool on_sound(slac_evse_t *evse, const mme_t *mme)
{
    slac_session_t *const session = by_key(evse, mme->source, mme->mnbc_sound_ind.run_id);
    if (!session) {
        return false;
    }
    session->sounded = true;
    return true;
}

static bool on_char_rsp(slac_evse_t *evse, const mme_t *mme)
{
    const mme_atten_char_rsp_t *const rsp = &mme->atten_char_rsp;
    slac_session_t *const session = by_key(evse, mme->source, rsp->run_id);
    if (!session || rsp->application != 0 || rsp->security != 0 || !same_mac(rsp->source, session->mac) || rsp->result != 0 ||
        memcmp(rsp->source_id, zeros, 17) != 0 || memcmp(rsp->resp_id, zeros, 17) != 0) {
        return false;
    }
    if (session->state == SLAC_SESSION_CHAR) {
        enter_by_rule(evse, session, SLAC_SESSION_WAIT);
    }
    return true;
}

static bool validation_busy(const slac_evse_t *evse, const slac_session_t *asking)
{
    for (size_t i = 0; i < SLAC_PARALLEL; i++) {
        const slac_session_t *const session = &evse->session[i];
        if (session != asking && (session->state == SLAC_SESSION_VALIDATE || session->state == SLAC_SESSION_TOGGLES)) {
            return true;
        }
    }
    return false;
}

static bool validate_first(slac_evse_t *evse, slac_session_t *session)
{
    switch (evse->config->validation) {
    case CCS_SLAC_VALIDATION_NOT_REQUIRED:
        send_validate(evse, session, MME_VALIDATE_NOT_REQUIRED, 0);
        return true;
    case CCS_SLAC_VALIDATION_FAILURE:
        send_validate(evse, session, MME_VALIDATE_FAILURE, 0);
        return true;
    case CCS_SLAC_VALIDATION_READY:
        break;
    }
    if (validation_busy(evse, session)) {
        send_validate(evse, session, MME_VALIDATE_NOT_READY, 0);
        return true;
    }
    send_validate(evse, session, MME_VALIDATE_READY, 0);
    enter_by_rule(evse, session, SLAC_SESSION_VALIDATE);
    return true;
}

/* A wrong signal type in step 2 brings the answer of step 1 again; a car that is not ready ends the validation, unanswered. */
static bool validate_second(slac_evse_t *evse, slac_session_t *session, const mme_validate_req_t *req)
{
    if (req->signal_type != 0) {
        send_validate(evse, session, session->last_cnf, 0);
        return true;
    }
    if (req->result != MME_VALIDATE_READY) {
        fail(evse, session, "validation_failed");
        return true;
    }
    const uint32_t named_ms = ((uint32_t)req->timer_100ms + 1) * 100;
    const uint32_t most_ms = slac_session_rules[SLAC_SESSION_TOGGLES].timeout_ms; /* others wait for us meanwhile */
    session->toggles = 0;
    enter(evse, session, SLAC_SESSION_TOGGLES, named_ms < most_ms ? named_ms : most_ms);
    return true;
}

/* A car may go on to step 2 although it was told that it need not. */
static bool goes_on(const slac_session_t *session, const mme_validate_req_t *req)
{
    return session->validated && session->last_cnf == MME_VALIDATE_NOT_REQUIRED && req->signal_type == 0 &&
           req->result == MME_VALIDATE_READY;
}

static bool on_validate(slac_evse_t *evse, const mme_t *mme)
{
    const mme_validate_req_t *const req = &mme->validate_req;
    slac_session_t *const session = by_mac(evse, mme->source);
    if (!session) {
        return false;
    }
    const bool first = req->timer_100ms == 0 && req->result == MME_VALIDATE_READY && req->signal_type == 0;
    switch (session->state) {
    case SLAC_SESSION_WAIT:
        if (!first && goes_on(session, req)) {
            return validate_second(evse, session, req);
        }
        return first && validate_first(evse, session);
    case SLAC_SESSION_VALIDATE:
        return first ? validate_first(evse, session) : validate_second(evse, session, req);
    default:
        return false;
    }
}

bool session_match_fields_hold(const slac_evse_t *evse, const mme_t *mme)
{
    const mme_slac_match_req_t *const req = &mme->slac_match_req;
    if (req->application != 0 || req->security != 0 || req->mvf_length != MME_MATCH_REQ_LENGTH) {
        return false;
    }
    if (!same_mac(req->pev_mac, mme->source) || !same_mac(req->evse_mac, evse->config->mac)) {
        return false;
    }
    /* A car with PEV_ID AA.. is on the road: the ids are only judged in conformance mode. */
    return !(evse->config->mode == CCS_SLAC_STRICT) ||
           (memcmp(req->pev_id, zeros, 17) == 0 && memcmp(req->evse_id, zeros, 17) == 0);
}

/* SLAC authenticates nobody; how loud a car is, is all that tells our plug from the neighbour's. */
static bool is_far(const slac_evse_t *evse, const slac_session_t *session)
{
    const uint8_t most_dB = evse->config->attenuation_max_dB;
    return most_dB > 0 && session_mean_dB(evse, session) > most_dB;
}

static bool on_match(slac_evse_t *evse, const mme_t *mme)
{
    slac_session_t *const session = by_key(evse, mme->source, mme->slac_match_req.run_id);
    if (!session || !session_match_fields_hold(evse, mme)) {
        return false;
    }
    if (session->state != SLAC_SESSION_WAIT && session->state != SLAC_SESSION_DECIDED) {
        return false;
    }
    if (is_far(evse, session)) {
        evse->stats.far++;
        evse_trace(evse, CCS_LEVEL_WARNING, "too_far", session->mac);
        return true;
    }
    const slac_session_t winner = *session;
    evse_matched_by(evse, &winner);
    return true;
}

typedef bool (*handler_fn)(slac_evse_t *evse, const mme_t *mme);
static const struct {
    uint16_t type;
    handler_fn handler;
} handlers[] = {
    {MME_CM_SLAC_PARM_REQ, on_parm},        {MME_CM_START_ATTEN_CHAR_IND, on_start}, {MME_CM_MNBC_SOUND_IND, on_sound},
    {MME_CM_ATTEN_PROFILE_IND, on_profile}, {MME_CM_ATTEN_CHAR_RSP, on_char_rsp},    {MME_CM_VALIDATE_REQ, on_validate},
    {MME_CM_SLAC_MATCH_REQ, on_match},
};

void sessions_frame(slac_evse_t *evse, const mme_t *mme)
{
    for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++) {
        if (handlers[i].type == mme->type) {
            evse->stats.invalid += handlers[i].handler(evse, mme) ? 0 : 1;
            return;
        }
    }
    evse->stats.foreign++;
}

/* --- time ----------------------------------------------------------------------------------------------------------------------
 */

static void sounds_over(slac_evse_t *evse, slac_session_t *session)
{
    if (session->profiles == 0) {
        fail(evse, session, "no_profile"); /* never invent an attenuation */
        return;
    }
    if (evse->config->mode == CCS_SLAC_STRICT && !session->sounded) {
        fail(evse, session, "no_whole_sound"); /* the modem measured something that is no sound of the norm */
        return;
    }
    enter_by_rule(evse, session, SLAC_SESSION_CHAR);
    send_char(evse, session);
}

static void again_or_fail(slac_evse_t *evse, slac_session_t *session, const char *why)
{
    const slac_rule_t *const rule = &slac_session_rules[session->state];
    if (session->retries >= rule->retries) {
        fail(evse, session, why);
        return;
    }
    session->retries++;
    session->deadline_ms = evse->now_ms + rule->timeout_ms;
    if (session->state == SLAC_SESSION_CHAR) {
        send_char(evse, session);
    } else {
        send_validate(evse, session, session->last_cnf, 0);
    }
}

static void toggles_over(slac_evse_t *evse, slac_session_t *session)
{
    send_validate(evse, session, MME_VALIDATE_SUCCESS, session->toggles);
    enter_by_rule(evse, session, SLAC_SESSION_DECIDED);
}

static void overdue(slac_evse_t *evse, slac_session_t *session)
{
    switch (session->state) {
    case SLAC_SESSION_SOUND:
        sounds_over(evse, session);
        return;
    case SLAC_SESSION_CHAR:
        again_or_fail(evse, session, "no_atten_char_rsp");
        return;
    case SLAC_SESSION_VALIDATE:
        again_or_fail(evse, session, "no_validate_step_2");
        return;
    case SLAC_SESSION_TOGGLES:
        toggles_over(evse, session);
        return;
    default:
        fail(evse, session, "session_timeout");
        return;
    }
}

void sessions_time(slac_evse_t *evse)
{
    for (size_t i = 0; i < SLAC_PARALLEL && evse_room(evse); i++) {
        slac_session_t *const session = &evse->session[i];
        if (session->state != SLAC_SESSION_FREE && evse->now_ms >= session->deadline_ms) {
            overdue(evse, session);
        }
    }
}

int64_t sessions_deadline_ms(const slac_evse_t *evse)
{
    int64_t soonest = INT64_MAX;
    for (size_t i = 0; i < SLAC_PARALLEL; i++) {
        const slac_session_t *const session = &evse->session[i];
        if (session->state != SLAC_SESSION_FREE && session->deadline_ms < soonest) {
            soonest = session->deadline_ms;
        }
    }
    return soonest;
}

void sessions_toggle(slac_evse_t *evse)
{
    for (size_t i = 0; i < SLAC_PARALLEL; i++) {
        if (evse->session[i].state == SLAC_SESSION_TOGGLES) {
            evse->session[i].toggles++;
        }
    }
}
