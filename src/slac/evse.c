/* The outlet's own states: key, pilot, link. Matching sessions of cars are in session.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "slac/evse.h"

#include "base/assert.h"
#include "slac/evse_private.h"

#include <string.h>

static bool plugged(const slac_evse_t *evse)
{
    return evse->pilot == CCS_PILOT_B || evse->pilot == CCS_PILOT_C || evse->pilot == CCS_PILOT_D;
}

static void enter(slac_evse_t *evse, slac_evse_state_t state, int64_t deadline_ms)
{
    evse->state = state;
    evse->deadline_ms = deadline_ms;
    evse_trace(evse, CCS_LEVEL_INFO, "state", evse->matched.state == SLAC_SESSION_FREE ? NULL : evse->matched.mac);
}

static void enter_by_rule(slac_evse_t *evse, slac_evse_state_t state)
{
    enter(evse, state, evse->now_ms + slac_evse_rules[state].timeout_ms);
}

/* --- keys -------------------------------------------------------------------------------------------------------------------- */

static void send_key(slac_evse_t *evse)
{
    mme_t mme;
    mme_init(&mme, MME_CM_SET_KEY_REQ, mme_local_modem, evse->config->mac);
    mme.set_key_req.key_type = 1;
    mme.set_key_req.pid = 4;
    memcpy(mme.set_key_req.nid, evse->nid, sizeof evse->nid);
    mme.set_key_req.new_eks = 1;
    memcpy(mme.set_key_req.nmk, evse->nmk, sizeof evse->nmk);
    evse->key_deadline_ms = evse->now_ms + SLAC_KEY_ANSWER_MS;
    evse_send(evse, &mme);
}

/* Leaving a network is setting the next key. What was given to the last car is of no use from here on. */
static void set_next_key(slac_evse_t *evse)
{
    evse->key_set = false;
    evse->key_tries = 0;
    evse->key_deadline_ms = INT64_MAX;
    if (!evse->has_next || !evse->modem_up) {
        return; /* as soon as both are here */
    }
    memcpy(evse->nmk, evse->next_nmk, sizeof evse->nmk);
    evse->has_next = false;
    slac_nid(evse->config->sha256, evse->nmk, evse->nid);
    evse->key_tries = 1;
    send_key(evse);
}

static void leave(slac_evse_t *evse)
{
    if (slac_evse_linked(evse)) {
        evse->out->dlink = SLAC_DLINK_DOWN;
    }
    sessions_clear(evse);
    memset(&evse->matched, 0, sizeof evse->matched);
    set_next_key(evse);
}

static void begin_matching(slac_evse_t *evse)
{
    evse->init_over = false;
    sessions_clear(evse);
    enter(evse, SLAC_EVSE_MATCHING, evse->now_ms + evse->config->init_ms);
}

/* The key is in the modem: 5 % may be shown, if a car is there and the outlet is open. */
static void ready(slac_evse_t *evse)
{
    if (plugged(evse) && !evse->closed) {
        begin_matching(evse);
        return;
    }
    enter(evse, plugged(evse) ? SLAC_EVSE_ENDED : SLAC_EVSE_IDLE, INT64_MAX);
}

static void rekey(slac_evse_t *evse)
{
    enter(evse, SLAC_EVSE_KEYING, INT64_MAX);
    if (evse->key_set) {
        ready(evse);
    }
}

static void key_confirmed(slac_evse_t *evse, const mme_t *mme)
{
    if (evse->key_set || evse->key_tries == 0) {
        return;
    }
    /* Every Qualcomm chip says 1 for success. 0 is success in the HomePlug text and "could not set" in the conformance suite:
     * ask again, and trust the chip only after it said 1 or after the last try. */
    if (mme->set_key_cnf.result != 1 && evse->key_tries < SLAC_KEY_RETRIES) {
        evse->stats.key_failures++;
        evse->key_tries++;
        send_key(evse);
        return;
    }
    evse->key_set = true;
    evse->key_deadline_ms = INT64_MAX;
    if (evse->state == SLAC_EVSE_KEYING || evse->state == SLAC_EVSE_BROKEN) {
        ready(evse);
    }
}

static void key_overdue(slac_evse_t *evse)
{
    evse->stats.key_failures++;
    evse->modem_known = false; /* perhaps it was not the modem that answered first */
    if (evse->key_tries >= SLAC_KEY_RETRIES) {
        evse->key_deadline_ms = INT64_MAX;
        sessions_clear(evse);
        enter_by_rule(evse, SLAC_EVSE_BROKEN);
        return;
    }
    evse->key_tries++;
    send_key(evse);
}

static void key_again(slac_evse_t *evse)
{
    enter(evse, SLAC_EVSE_KEYING, INT64_MAX);
    evse->key_tries = 1;
    send_key(evse);
}

static void on_random(slac_evse_t *evse, const uint8_t random[CCS_NMK_SIZE])
{
    memcpy(evse->next_nmk, random, sizeof evse->next_nmk);
    evse->has_next = true;
    evse->asked_random = false;
    if (!evse->key_set && evse->key_tries == 0) {
        set_next_key(evse);
    }
}

/* --- matched ------------------------------------------------------------------------------------------------------------------ */

void evse_matched_by(slac_evse_t *evse, const slac_session_t *session)
{
    evse->matched = *session;
    evse->stats.matches++;
    sessions_clear(evse);
    session_send_match(evse, &evse->matched);
    evse->poll_ms = evse->now_ms + SLAC_JOIN_POLL_MS;
    evse->link_seen_ms = -1;
    evse->link_misses = 0;
    evse->poll_open = false;
    enter_by_rule(evse, SLAC_EVSE_JOINING);
}

static void link_seen(slac_evse_t *evse)
{
    evse->link_misses = 0;
    if (evse->link_seen_ms >= 0) {
        return;
    }
    evse->link_seen_ms = evse->now_ms;
    if (evse->state == SLAC_EVSE_JOINING || evse->state == SLAC_EVSE_RESUMING) {
        evse->deadline_ms = evse->now_ms + SLAC_LINK_READY_MS;
    }
}

static void error_path(slac_evse_t *evse)
{
    leave(evse);
    enter_by_rule(evse, SLAC_EVSE_X1);
}

static void link_missed(slac_evse_t *evse)
{
    evse->link_misses++;
    if (evse->state == SLAC_EVSE_MATCHED && evse->link_misses >= SLAC_LINK_MISSES) {
        evse->stats.links_lost++;
        error_path(evse);
    }
}

static void poll_link(slac_evse_t *evse)
{
    mme_t mme;
    mme_init(&mme, MME_VS_PL_LINK_STATUS_REQ, mme_local_modem, evse->config->mac);
    evse->poll_ms = evse->now_ms + (evse->state == SLAC_EVSE_MATCHED ? SLAC_LINK_POLL_MS : SLAC_JOIN_POLL_MS);
    evse_send(evse, &mme);
    const bool silent = evse->poll_open && evse->polls_answered;
    evse->poll_open = true;
    if (silent) {
        link_missed(evse);
    }
}

static void on_link_status(slac_evse_t *evse, const mme_t *mme)
{
    evse->polls_answered = true;
    evse->poll_open = false;
    if (mme->pl_link_status_cnf.status == 0 && mme->pl_link_status_cnf.link == 1) {
        link_seen(evse);
        return;
    }
    if (evse->state == SLAC_EVSE_MATCHED) {
        link_missed(evse);
    }
}

static void on_amplitude_map(slac_evse_t *evse, const mme_t *mme)
{
    if (mme->amp_map_req.carriers == 0) {
        evse->stats.invalid++;
        return;
    }
    mme_t answer;
    mme_init(&answer, MME_CM_AMP_MAP_CNF, mme->source, evse->config->mac);
    answer.version = mme->version;
    answer.amp_map_cnf.result = evse->config->amplitude_map;
    evse_send(evse, &answer);
}

static bool is_matched(const slac_evse_t *evse, const mme_t *mme)
{
    return slac_evse_is_matched(evse, mme->source);
}

/* The key is told again only to a request that would have been told it at first. */
static bool repeats_match(const slac_evse_t *evse, const mme_t *mme)
{
    return mme->type == MME_CM_SLAC_MATCH_REQ && memcmp(mme->slac_match_req.run_id, evse->matched.run_id, 8) == 0 &&
           session_match_fields_hold(evse, mme);
}

/* The matched car begins again while its link is not up: Stellantis and Tesla do so without a change of the pilot. It gets a new
 * key: what was sent to it before is void. A conformance tester wants it ignored. */
bool evse_restart(slac_evse_t *evse)
{
    if (evse->config->mode == CCS_SLAC_STRICT) {
        return false;
    }
    evse->stats.restarts++;
    leave(evse);
    rekey(evse);
    return true;
}

static void joining_frame(slac_evse_t *evse, const mme_t *mme)
{
    if (!is_matched(evse, mme)) {
        evse->stats.foreign++;
        return;
    }
    if (repeats_match(evse, mme)) {
        session_send_match(evse, &evse->matched);
        return;
    }
    if (mme->type == MME_CM_SLAC_PARM_REQ && evse_restart(evse)) {
        return;
    }
    evse->stats.invalid++;
}

/* --- frames --------------------------------------------------------------------------------------------------------------------
 */

/* Frames that only the own modem may send. The first that answers CM_SET_KEY is it: a car could send them too. */
static bool from_own_modem(slac_evse_t *evse, const mme_t *mme)
{
    if (!evse->modem_known && mme->type == MME_CM_SET_KEY_CNF && evse->key_tries > 0) {
        memcpy(evse->modem, mme->source, 6);
        evse->modem_known = true;
    }
    return evse->modem_known && memcmp(mme->source, evse->modem, 6) == 0;
}

static void modem_frame(slac_evse_t *evse, const mme_t *mme)
{
    switch (mme->type) {
    case MME_CM_SET_KEY_CNF:
        key_confirmed(evse, mme);
        return;
    case MME_VS_PL_LINK_STATUS_CNF:
        on_link_status(evse, mme);
        return;
    default:
        return;
    }
}

static bool is_modem_talk(uint16_t type)
{
    return type == MME_CM_SET_KEY_CNF || type == MME_VS_PL_LINK_STATUS_CNF || type == MME_CM_ATTEN_PROFILE_IND;
}

/* A frame of ours, sound and from somebody else. */
static void take(slac_evse_t *evse, const mme_t *mme)
{
    if (mme->type == MME_CM_SET_KEY_CNF || mme->type == MME_VS_PL_LINK_STATUS_CNF) {
        modem_frame(evse, mme);
        return;
    }
    if (mme->type == MME_CM_AMP_MAP_REQ && is_matched(evse, mme)) {
        on_amplitude_map(evse, mme);
        return;
    }
    if (evse->state == SLAC_EVSE_MATCHING && (evse->init_over || evse->now_ms < evse->deadline_ms)) {
        sessions_frame(evse, mme);
    } else if (evse->state == SLAC_EVSE_JOINING) {
        joining_frame(evse, mme);
    } else {
        evse->stats.foreign++; /* unplugged, matched, or on its way there: nobody changes anything */
    }
}

/* Not a group, not nobody - a port that cannot tell a MAC says zero -, and not ourselves: then it is a loop. */
static bool from_somebody(const slac_evse_t *evse, const mme_t *mme)
{
    static const uint8_t nobody[6] = {0};
    return (mme->source[0] & 1) == 0 && memcmp(mme->source, nobody, 6) != 0 && memcmp(mme->source, evse->config->mac, 6) != 0;
}

/* A car answers each charger by itself, with the same RunID: what it says to another is not for us. Our modem says what it says. */
static bool for_us(const slac_evse_t *evse, const mme_t *mme)
{
    return is_modem_talk(mme->type) || (mme->destination[0] & 1) != 0 || memcmp(mme->destination, evse->config->mac, 6) == 0;
}

static void on_frame(slac_evse_t *evse, ccs_view_t frame)
{
    mme_t mme;
    evse->stats.frames++;
    if (mme_decode(frame, &mme) != CCS_OK) {
        evse->stats.malformed++;
        return;
    }
    evse_trace_frame(evse, mme.type, frame, 'r');
    if (!from_somebody(evse, &mme) || !for_us(evse, &mme) || (is_modem_talk(mme.type) && !from_own_modem(evse, &mme))) {
        evse->stats.foreign++;
        return;
    }
    take(evse, &mme);
}

/* --- pilot ----------------------------------------------------------------------------------------------------------------------
 */

/* B-C-B, each state 200 .. 400 ms: the car wakes us, or proves that it hangs on this plug. */
static void count_toggle(slac_evse_t *evse, ccs_pilot_state_t pilot)
{
    const int64_t lasted_ms = evse->now_ms - evse->pilot_ms;
    const bool in_time = lasted_ms >= SLAC_BCB_MIN_MS && lasted_ms <= SLAC_BCB_MAX_MS;
    if (evse->pilot == CCS_PILOT_C && pilot == CCS_PILOT_B && in_time) {
        sessions_toggle(evse);
        evse->bcb = 1;
    }
}

static void unplugged(slac_evse_t *evse)
{
    const bool was_used = evse->state != SLAC_EVSE_IDLE && evse->state != SLAC_EVSE_KEYING && evse->state != SLAC_EVSE_BROKEN;
    evse->sequence_retries = 0;
    if (!was_used) {
        return;
    }
    /* A key that was given to nobody stays: the next plug-in is at 5 % at once. */
    const bool key_given = evse->matched.state != SLAC_SESSION_FREE;
    if (key_given) {
        leave(evse);
    }
    sessions_clear(evse);
    rekey(evse);
}

static void resume(slac_evse_t *evse)
{
    evse->link_seen_ms = -1;
    evse->link_misses = 0;
    evse->poll_open = false;
    evse->poll_ms = evse->now_ms;
    enter_by_rule(evse, SLAC_EVSE_RESUMING);
}

static void wake(slac_evse_t *evse)
{
    evse->woken = evse->closed;
    if (evse->state == SLAC_EVSE_PAUSED) {
        resume(evse);
    } else if (evse->state == SLAC_EVSE_ENDED && !evse->closed) {
        evse->sequence_retries = 0;
        rekey(evse);
    }
}

static void on_pilot(slac_evse_t *evse, ccs_pilot_state_t pilot)
{
    if (pilot == evse->pilot) {
        return;
    }
    count_toggle(evse, pilot);
    evse->pilot = pilot;
    evse->pilot_ms = evse->now_ms;
    if (pilot == CCS_PILOT_A) {
        unplugged(evse);
    } else if (evse->state == SLAC_EVSE_IDLE && plugged(evse)) {
        ready(evse);
    } else if (evse->bcb) {
        wake(evse);
    }
    evse->bcb = 0;
}

/* --- orders ---------------------------------------------------------------------------------------------------------------------
 */

static bool in_use(const slac_evse_t *evse)
{
    return evse->state == SLAC_EVSE_JOINING || evse->state == SLAC_EVSE_MATCHED || evse->state == SLAC_EVSE_PAUSED ||
           evse->state == SLAC_EVSE_RESUMING;
}

/* A key that was given away is replaced; one that nobody got stays. */
static void terminate(slac_evse_t *evse)
{
    if (evse->matched.state != SLAC_SESSION_FREE) {
        leave(evse);
    }
    sessions_clear(evse);
    if (in_use(evse) || evse->state == SLAC_EVSE_MATCHING || evse->state == SLAC_EVSE_X1 || evse->state == SLAC_EVSE_EF) {
        enter(evse, SLAC_EVSE_ENDED, INT64_MAX);
    }
}

static void open_again(slac_evse_t *evse, bool begin)
{
    const bool wakes = begin || evse->woken;
    evse->closed = false;
    evse->woken = false;
    if (wakes) {
        wake(evse);
    }
}

static void on_order(slac_evse_t *evse, slac_order_t order)
{
    switch (order) {
    case SLAC_ORDER_TERMINATE:
        terminate(evse);
        return;
    case SLAC_ORDER_ERROR:
        if (in_use(evse)) {
            error_path(evse);
        }
        return;
    case SLAC_ORDER_PAUSE:
        if (evse->state == SLAC_EVSE_MATCHED) {
            enter(evse, SLAC_EVSE_PAUSED, INT64_MAX);
        }
        return;
    case SLAC_ORDER_WAKE:
        wake(evse);
        return;
    case SLAC_ORDER_CLOSE:
        evse->closed = true;
        terminate(evse);
        return;
    case SLAC_ORDER_OPEN:
    case SLAC_ORDER_REST:
        open_again(evse, order == SLAC_ORDER_OPEN);
        return;
    }
}

/* --- time ------------------------------------------------------------------------------------------------------------------------
 */

static void established(slac_evse_t *evse)
{
    evse->stats.links++;
    evse->sequence_retries = 0;
    evse->link_misses = 0;
    evse->poll_open = false;
    evse->poll_ms = evse->now_ms + SLAC_LINK_POLL_MS;
    enter(evse, SLAC_EVSE_MATCHED, INT64_MAX);
    evse->out->dlink = SLAC_DLINK_UP;
}

/* E/F shows the car that it must begin again; after so many times in vain the pilot stays steady until the plug is pulled. */
static void after_ef(slac_evse_t *evse)
{
    if (evse->sequence_retries >= evse->config->tries) {
        evse_trace(evse, CCS_LEVEL_WARNING, "given_up", NULL);
        enter(evse, SLAC_EVSE_ENDED, INT64_MAX);
        return;
    }
    evse->sequence_retries++;
    rekey(evse);
}

static void state_overdue(slac_evse_t *evse)
{
    switch (evse->state) {
    case SLAC_EVSE_MATCHING:
        if (evse->init_over) {
            evse->deadline_ms = INT64_MAX;
            return;
        }
        evse_trace(evse, CCS_LEVEL_WARNING, "no_plc_car", NULL);
        sessions_clear(evse);
        enter_by_rule(evse, SLAC_EVSE_EF);
        return;
    case SLAC_EVSE_JOINING:
    case SLAC_EVSE_RESUMING:
        if (evse->link_seen_ms >= 0) {
            established(evse);
            return;
        }
        evse->stats.join_timeouts++;
        error_path(evse);
        return;
    case SLAC_EVSE_X1:
        enter_by_rule(evse, SLAC_EVSE_EF);
        return;
    case SLAC_EVSE_EF:
        after_ef(evse);
        return;
    case SLAC_EVSE_BROKEN:
        key_again(evse);
        return;
    default:
        evse->deadline_ms = INT64_MAX;
        return;
    }
}

static bool polls(const slac_evse_t *evse)
{
    return evse->state == SLAC_EVSE_JOINING || evse->state == SLAC_EVSE_MATCHED || evse->state == SLAC_EVSE_RESUMING;
}

static void on_time(slac_evse_t *evse)
{
    if (evse_room(evse) && evse->now_ms >= evse->key_deadline_ms) {
        key_overdue(evse);
    }
    if (evse_room(evse) && evse->now_ms >= evse->deadline_ms) {
        state_overdue(evse);
    }
    if (evse_room(evse) && polls(evse) && evse->now_ms >= evse->poll_ms) {
        poll_link(evse);
    }
    if (evse->state == SLAC_EVSE_MATCHING) {
        sessions_time(evse);
    }
}

/* All that began have ended without a match: the wait for a request begins anew, or a car that has given up would never see E/F. */
static void wait_again(slac_evse_t *evse)
{
    if (evse->state == SLAC_EVSE_MATCHING && evse->init_over && sessions_deadline_ms(evse) == INT64_MAX) {
        evse->init_over = false;
        evse->deadline_ms = evse->now_ms + evse->config->init_ms;
    }
}

/* A reset in the middle is a lost link; a modem that has gone as well. */
static void on_modem(slac_evse_t *evse, bool up)
{
    const bool lost = in_use(evse);
    const bool shows = evse->state == SLAC_EVSE_X1 || evse->state == SLAC_EVSE_EF || evse->state == SLAC_EVSE_ENDED;
    evse->modem_up = up;
    evse->modem_known = false;
    leave(evse);
    if (lost) {
        evse->stats.links_lost++;
        enter_by_rule(evse, SLAC_EVSE_X1);
    } else if (!shows) {
        enter(evse, SLAC_EVSE_KEYING, INT64_MAX);
    }
}

/* --- the machine
 * ------------------------------------------------------------------------------------------------------------------ */

static ccs_pilot_drive_t pilot_of(slac_evse_state_t state)
{
    switch (state) {
    case SLAC_EVSE_MATCHING:
    case SLAC_EVSE_JOINING:
    case SLAC_EVSE_MATCHED:
    case SLAC_EVSE_RESUMING:
        return CCS_PILOT_5_PERCENT;
    case SLAC_EVSE_EF:
        return CCS_PILOT_NEGATIVE;
    default:
        return CCS_PILOT_STEADY;
    }
}

static void ask_random(slac_evse_t *evse)
{
    if (!evse->has_next && !evse->asked_random) {
        evse->asked_random = true;
        evse->out->need_random = true;
    }
}

void slac_evse_init(slac_evse_t *evse, const ccs_slac_config_t *config, const ccs_trace_t *trace, int64_t now_ms)
{
    memset(evse, 0, sizeof *evse);
    evse->config = config;
    evse->trace = trace;
    CCS_ASSERT(config->sha256);
    evse->state = SLAC_EVSE_KEYING;
    evse->deadline_ms = INT64_MAX;
    evse->key_deadline_ms = INT64_MAX;
    evse->now_ms = now_ms;
    evse->pilot_ms = now_ms;
    evse->link_seen_ms = -1;
}

static void dispatch(slac_evse_t *evse, const slac_event_t *event)
{
    switch (event->type) {
    case SLAC_ON_TIME:
        return;
    case SLAC_ON_FRAME:
        on_frame(evse, event->frame);
        return;
    case SLAC_ON_PILOT:
        on_pilot(evse, event->pilot);
        return;
    case SLAC_ON_RANDOM:
        on_random(evse, event->random);
        return;
    case SLAC_ON_ORDER:
        on_order(evse, event->order);
        return;
    case SLAC_ON_IPV6:
        if (polls(evse) && slac_evse_is_matched(evse, event->mac)) {
            link_seen(evse);
        }
        return;
    case SLAC_ON_MODEM:
        on_modem(evse, event->up);
        return;
    }
}

void slac_evse_step(slac_evse_t *evse, const slac_event_t *event, slac_evse_out_t *out)
{
    evse->out = out;
    evse->now_ms = event->now_ms;
    dispatch(evse, event);
    on_time(evse);
    wait_again(evse);
    ask_random(evse);
    out->pilot = pilot_of(evse->state);
    evse->out = NULL;
}

bool slac_evse_linked(const slac_evse_t *evse)
{
    return evse->state == SLAC_EVSE_MATCHED || evse->state == SLAC_EVSE_PAUSED || evse->state == SLAC_EVSE_RESUMING;
}

bool slac_evse_is_matched(const slac_evse_t *evse, const uint8_t mac[6])
{
    return evse->matched.state != SLAC_SESSION_FREE && memcmp(evse->matched.mac, mac, 6) == 0;
}

uint8_t slac_evse_attenuation_dB(const slac_evse_t *evse)
{
    return evse->matched.state == SLAC_SESSION_FREE ? 0 : session_mean_dB(evse, &evse->matched);
}

int64_t slac_evse_deadline_ms(const slac_evse_t *evse)
{
    int64_t soonest = evse->deadline_ms < evse->key_deadline_ms ? evse->deadline_ms : evse->key_deadline_ms;
    if (polls(evse) && evse->poll_ms < soonest) {
        soonest = evse->poll_ms;
    }
    const int64_t session = evse->state == SLAC_EVSE_MATCHING ? sessions_deadline_ms(evse) : INT64_MAX;
    return session < soonest ? session : soonest;
}
