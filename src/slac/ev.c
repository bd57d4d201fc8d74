/* The car's machine.
 * SPDX-License-Identifier: Apache-2.0 */
#include "slac/ev.h"

#include "base/assert.h"

#include <string.h>

static const uint8_t zeros[16] = {0};

const char *slac_ev_state_name(slac_ev_state_t state)
{
    return (unsigned)state < SLAC_EV_STATES ? slac_ev_rules[state].state : "?";
}

static void enter(slac_ev_t *ev, slac_ev_state_t state, int64_t within_ms)
{
    ev->state = state;
    ev->deadline_ms = within_ms == INT64_MAX ? INT64_MAX : ev->now_ms + within_ms;
    if (ev->trace->hook) {
        ccs_trace_record_t record = {
            .now_ms = ev->now_ms, .level = CCS_LEVEL_INFO, .room = "slac_ev", .event = "state", .fields = 1};
        record.field[0] = (ccs_trace_field_t){.name = "state", .text = slac_ev_state_name(state)};
        ev->trace->hook(ev->trace->ctx, &record);
    }
}

/* --- frames out ----------------------------------------------------------------------------------------------------------------
 */

static bool mischief(slac_ev_t *ev, uint16_t type, slac_out_frame_t *frame)
{
    const uint32_t value = ev->config->misbehave_value;
    switch (ev->config->misbehave) {
    case CCS_SLAC_MIS_DROP:
        return ev->frames_sent == value;
    case CCS_SLAC_MIS_WRONG:
        if (!ev->misbehaved && value >> 16 == type && (value & 0xFFFF) < frame->length) {
            ev->misbehaved = true;
            frame->octets[value & 0xFFFF] ^= 0x5A;
        }
        return false;
    case CCS_SLAC_MIS_SHORT_SOUND:
        if (type == MME_CM_MNBC_SOUND_IND) {
            frame->length = 64;
        }
        return false;
    default:
        return false;
    }
}

static void send(slac_ev_t *ev, const mme_t *mme)
{
    CCS_ASSERT(ev->out->count < SLAC_FRAMES_MAX);
    slac_out_frame_t *const frame = &ev->out->frame[ev->out->count];
    size_t length = 0;
    const ccs_err_t err = mme_encode(mme, frame->octets, sizeof frame->octets, &length);
    CCS_ASSERT(err == CCS_OK);
    frame->length = (uint16_t)length;
    ev->frames_sent++;
    if (!mischief(ev, mme->type, frame)) {
        ev->out->count++;
    }
}

static void send_parm(slac_ev_t *ev)
{
    mme_t mme;
    mme_init(&mme, MME_CM_SLAC_PARM_REQ, mme_broadcast, ev->config->mac);
    memcpy(mme.slac_parm_req.run_id, ev->run_id, 8);
    send(ev, &mme);
}

static void send_start(slac_ev_t *ev)
{
    mme_t mme;
    mme_init(&mme, MME_CM_START_ATTEN_CHAR_IND, mme_broadcast, ev->config->mac);
    mme.start_atten_char_ind.num_sounds = SLAC_SOUNDS;
    mme.start_atten_char_ind.timeout_100ms = SLAC_SOUNDS_100MS;
    mme.start_atten_char_ind.resp_type = 1;
    memcpy(mme.start_atten_char_ind.forwarding_sta, ev->config->mac, 6);
    memcpy(mme.start_atten_char_ind.run_id, ev->run_id, 8);
    send(ev, &mme);
}

static void send_sound(slac_ev_t *ev, uint8_t count)
{
    mme_t mme;
    mme_init(&mme, MME_CM_MNBC_SOUND_IND, mme_broadcast, ev->config->mac);
    mme.mnbc_sound_ind.count = count;
    memcpy(mme.mnbc_sound_ind.run_id, ev->run_id, 8);
    memcpy(mme.mnbc_sound_ind.random, ev->random, sizeof mme.mnbc_sound_ind.random);
    send(ev, &mme);
}

static void send_rsp(slac_ev_t *ev, const uint8_t evse[6])
{
    mme_t mme;
    mme_init(&mme, MME_CM_ATTEN_CHAR_RSP, evse, ev->config->mac);
    memcpy(mme.atten_char_rsp.source, ev->config->mac, 6);
    memcpy(mme.atten_char_rsp.run_id, ev->run_id, 8);
    send(ev, &mme);
}

static const uint8_t *chosen(const slac_ev_t *ev)
{
    return ev->candidate[ev->chosen].mac;
}

static void send_validate(slac_ev_t *ev, uint8_t timer_100ms)
{
    mme_t mme;
    mme_init(&mme, MME_CM_VALIDATE_REQ, chosen(ev), ev->config->mac);
    mme.validate_req.timer_100ms = timer_100ms;
    mme.validate_req.result = MME_VALIDATE_READY;
    send(ev, &mme);
}

static void send_match(slac_ev_t *ev)
{
    mme_t mme;
    mme_init(&mme, MME_CM_SLAC_MATCH_REQ, chosen(ev), ev->config->mac);
    mme.slac_match_req.mvf_length = MME_MATCH_REQ_LENGTH;
    memcpy(mme.slac_match_req.pev_mac, ev->config->mac, 6);
    memcpy(mme.slac_match_req.evse_mac, chosen(ev), 6);
    memcpy(mme.slac_match_req.run_id, ev->run_id, 8);
    send(ev, &mme);
}

static void send_key(slac_ev_t *ev)
{
    mme_t mme;
    mme_init(&mme, MME_CM_SET_KEY_REQ, mme_local_modem, ev->config->mac);
    mme.set_key_req.key_type = 1;
    mme.set_key_req.pid = 4;
    memcpy(mme.set_key_req.nid, ev->nid, sizeof ev->nid);
    mme.set_key_req.new_eks = 1;
    memcpy(mme.set_key_req.nmk, ev->nmk, sizeof ev->nmk);
    send(ev, &mme);
}

/* --- attempts ------------------------------------------------------------------------------------------------------------------
 */

static void attempt_begin(slac_ev_t *ev)
{
    ev->stats.attempts++;
    ev->candidates = 0;
    ev->retries = 0;
    enter(ev, SLAC_EV_DRAW, INT64_MAX);
    ev->out->need_random = true;
}

static void attempt_failed(slac_ev_t *ev)
{
    if (ev->now_ms + SLAC_EV_RATE_MS >= ev->give_up_ms) {
        enter(ev, SLAC_EV_FAILED, INT64_MAX);
        return;
    }
    enter(ev, SLAC_EV_AGAIN, SLAC_EV_RATE_MS);
}

static void on_random(slac_ev_t *ev, const uint8_t random[16])
{
    if (ev->state != SLAC_EV_DRAW) {
        return;
    }
    memcpy(ev->random, random, sizeof ev->random);
    const bool fixed = memcmp(ev->config->run_id, zeros, 8) != 0;
    memcpy(ev->run_id, fixed ? ev->config->run_id : random, 8);
    enter(ev, SLAC_EV_PARM, SLAC_MATCH_RESPONSE_MS);
    send_parm(ev);
}

static uint16_t mean_dB(const slac_candidate_t *candidate)
{
    return (uint16_t)(candidate->sum_dB / MME_GROUPS);
}

/* The loudest charger is the one we hang on, if it is loud enough. */
static void choose(slac_ev_t *ev)
{
    bool found = false;
    for (size_t i = 0; i < ev->candidates; i++) {
        const slac_candidate_t *const candidate = &ev->candidate[i];
        if (candidate->heard && (!found || candidate->sum_dB < ev->candidate[ev->chosen].sum_dB)) {
            ev->chosen = (uint8_t)i;
            found = true;
        }
    }
    const uint16_t mean = found ? mean_dB(&ev->candidate[ev->chosen]) : UINT16_MAX;
    const bool doubtful = mean > ev->config->direct_dB;
    if (mean > ev->config->indirect_dB || (doubtful && !ev->config->validate)) {
        attempt_failed(ev);
        return;
    }
    ev->retries = 0;
    if (doubtful) {
        enter(ev, SLAC_EV_VALIDATE, SLAC_MATCH_RESPONSE_MS);
        send_validate(ev, 0);
        return;
    }
    const uint32_t late_ms = ev->config->misbehave == CCS_SLAC_MIS_LATE_MATCH ? ev->config->misbehave_value : 0;
    enter(ev, SLAC_EV_DECIDED, (int64_t)ev->config->match_delay_ms + late_ms);
}

/* --- frames in ------------------------------------------------------------------------------------------------------------------
 */

static slac_candidate_t *candidate_of(slac_ev_t *ev, const uint8_t mac[6])
{
    for (size_t i = 0; i < ev->candidates; i++) {
        if (memcmp(ev->candidate[i].mac, mac, 6) == 0) {
            return &ev->candidate[i];
        }
    }
    return NULL;
}

static bool is_deaf(const slac_ev_t *ev)
{
    const uint32_t attempts = ev->config->misbehave_value;
    return ev->config->misbehave == CCS_SLAC_MIS_NO_CNF && (attempts == 0 || ev->stats.attempts <= attempts);
}

static bool on_parm_cnf(slac_ev_t *ev, const mme_t *mme)
{
    const mme_slac_parm_cnf_t *const cnf = &mme->slac_parm_cnf;
    const bool ours = memcmp(cnf->run_id, ev->run_id, 8) == 0 && memcmp(mme->destination, ev->config->mac, 6) == 0;
    if (ev->state != SLAC_EV_PARM || !ours || is_deaf(ev) || cnf->application != 0 || cnf->security != 0) {
        return false;
    }
    if (!candidate_of(ev, mme->source) && ev->candidates < SLAC_EV_CANDIDATES) {
        slac_candidate_t *const candidate = &ev->candidate[ev->candidates++];
        memset(candidate, 0, sizeof *candidate);
        memcpy(candidate->mac, mme->source, 6);
    }
    return true;
}

static bool all_heard(const slac_ev_t *ev)
{
    for (size_t i = 0; i < ev->candidates; i++) {
        if (!ev->candidate[i].heard) {
            return false;
        }
    }
    return true;
}

/* Each is answered, repeats too: the charger may have missed our answer. */
static bool on_char_ind(slac_ev_t *ev, const mme_t *mme)
{
    const mme_atten_char_ind_t *const ind = &mme->atten_char_ind;
    slac_candidate_t *const candidate = candidate_of(ev, mme->source);
    const bool listens = ev->state == SLAC_EV_SOUND || ev->state == SLAC_EV_RESULTS || ev->state == SLAC_EV_DECIDED;
    if (!listens || !candidate || memcmp(ind->run_id, ev->run_id, 8) != 0 || memcmp(ind->source, ev->config->mac, 6) != 0 ||
        ind->groups != MME_GROUPS || memcmp(mme->destination, ev->config->mac, 6) != 0) {
        return false;
    }
    if (ev->config->misbehave == CCS_SLAC_MIS_NEW_RUN && !ev->misbehaved) {
        ev->misbehaved = true;
        attempt_begin(ev);
        return true;
    }
    if (ev->config->misbehave != CCS_SLAC_MIS_NO_RSP) {
        send_rsp(ev, mme->source);
    }
    if (ev->state == SLAC_EV_DECIDED) {
        return true;
    }
    candidate->heard = true;
    candidate->sum_dB = 0;
    for (size_t i = 0; i < MME_GROUPS; i++) {
        candidate->sum_dB = (uint16_t)(candidate->sum_dB + ind->attenuation_dB[i]);
    }
    if (ev->state == SLAC_EV_RESULTS && all_heard(ev)) {
        choose(ev);
    }
    return true;
}

static bool from_chosen(const slac_ev_t *ev, const mme_t *mme)
{
    return memcmp(mme->source, chosen(ev), 6) == 0 && memcmp(mme->destination, ev->config->mac, 6) == 0;
}

static void toggles_begin(slac_ev_t *ev)
{
    ev->toggles = 0;
    ev->toggle_high = false;
    ev->toggle_ms = ev->now_ms + SLAC_EV_TOGGLE_MS;
    enter(ev, SLAC_EV_TOGGLE, (SLAC_EV_VALIDATE_100MS + 1) * 100 + SLAC_MATCH_RESPONSE_MS);
    send_validate(ev, SLAC_EV_VALIDATE_100MS);
}

static bool on_validate_cnf(slac_ev_t *ev, const mme_t *mme)
{
    const mme_validate_cnf_t *const cnf = &mme->validate_cnf;
    if (!from_chosen(ev, mme) || cnf->signal_type != 0) {
        return false;
    }
    if (ev->state == SLAC_EV_VALIDATE) {
        switch (cnf->result) {
        case MME_VALIDATE_READY:
            toggles_begin(ev);
            return true;
        case MME_VALIDATE_NOT_REQUIRED:
            enter(ev, SLAC_EV_DECIDED, 0);
            return true;
        case MME_VALIDATE_NOT_READY:
            enter(ev, SLAC_EV_VALIDATE, SLAC_EV_MATCH_SESSION_MS);
            return true;
        default:
            attempt_failed(ev);
            return true;
        }
    }
    if (ev->state != SLAC_EV_TOGGLE) {
        return false;
    }
    if (cnf->result == MME_VALIDATE_SUCCESS && cnf->toggles == ev->toggles) {
        enter(ev, SLAC_EV_DECIDED, 0);
    } else {
        attempt_failed(ev);
    }
    return true;
}

/* A neighbour's CM_SLAC_MATCH.CNF once took a car over: RunID, both MACs and the place in the sequence must fit. */
static bool on_match_cnf(slac_ev_t *ev, const mme_t *mme)
{
    const mme_slac_match_cnf_t *const cnf = &mme->slac_match_cnf;
    if (ev->state != SLAC_EV_MATCH || !from_chosen(ev, mme) || memcmp(cnf->run_id, ev->run_id, 8) != 0 ||
        memcmp(cnf->pev_mac, ev->config->mac, 6) != 0 || memcmp(cnf->evse_mac, chosen(ev), 6) != 0) {
        return false;
    }
    ev->stats.matches++;
    memcpy(ev->nid, cnf->nid, sizeof ev->nid);
    memcpy(ev->nmk, cnf->nmk, sizeof ev->nmk);
    ev->retries = 0;
    if (ev->config->misbehave == CCS_SLAC_MIS_NO_KEY) {
        enter(ev, SLAC_EV_JOIN, SLAC_JOIN_MS);
        return true;
    }
    enter(ev, SLAC_EV_KEY, SLAC_KEY_ANSWER_MS);
    send_key(ev);
    return true;
}

/* Who confirms the key is the own modem; nobody else speaks for it. */
static bool on_key_cnf(slac_ev_t *ev, const mme_t *mme)
{
    if (ev->state != SLAC_EV_KEY) {
        return false;
    }
    memcpy(ev->modem, mme->source, sizeof ev->modem);
    ev->poll_ms = ev->now_ms; /* at once: the charger's modem has had this key since before the plug */
    enter(ev, SLAC_EV_JOIN, SLAC_JOIN_MS);
    return true;
}

static bool link_seen(slac_ev_t *ev)
{
    if (ev->state != SLAC_EV_JOIN) {
        return ev->state == SLAC_EV_MATCHED;
    }
    ev->stats.joins++;
    ev->link_misses = 0;
    ev->poll_ms = ev->now_ms + SLAC_LINK_POLL_MS;
    enter(ev, SLAC_EV_MATCHED, INT64_MAX);
    ev->out->dlink = SLAC_DLINK_UP;
    if (ev->config->misbehave == CCS_SLAC_MIS_PARM_LATER && !ev->misbehaved) {
        ev->misbehaved = true;
        send_parm(ev);
    }
    return true;
}

static void link_missed(slac_ev_t *ev)
{
    ev->link_misses++;
    if (ev->state == SLAC_EV_MATCHED && ev->link_misses >= SLAC_LINK_MISSES) {
        ev->out->dlink = SLAC_DLINK_DOWN;
        enter(ev, SLAC_EV_FAILED, INT64_MAX);
    }
}

static bool on_link_status(slac_ev_t *ev, const mme_t *mme)
{
    if (memcmp(mme->source, ev->modem, sizeof ev->modem) != 0) {
        return false;
    }
    if (mme->pl_link_status_cnf.status == 0 && mme->pl_link_status_cnf.link == 1) {
        ev->link_misses = 0;
        return link_seen(ev);
    }
    link_missed(ev);
    return true;
}

/* Of the charger that it has matched. */
static bool on_amplitude_map(slac_ev_t *ev, const mme_t *mme)
{
    const bool joined = ev->state == SLAC_EV_JOIN || ev->state == SLAC_EV_MATCHED;
    if (!joined || !from_chosen(ev, mme) || mme->amp_map_req.carriers == 0) {
        return false;
    }
    mme_t answer;
    mme_init(&answer, MME_CM_AMP_MAP_CNF, mme->source, ev->config->mac);
    answer.version = mme->version;
    send(ev, &answer);
    return true;
}

static bool take(slac_ev_t *ev, const mme_t *mme)
{
    switch (mme->type) {
    case MME_CM_SLAC_PARM_CNF:
        return on_parm_cnf(ev, mme);
    case MME_CM_ATTEN_CHAR_IND:
        return on_char_ind(ev, mme);
    case MME_CM_VALIDATE_CNF:
        return on_validate_cnf(ev, mme);
    case MME_CM_SLAC_MATCH_CNF:
        return on_match_cnf(ev, mme);
    case MME_CM_AMP_MAP_REQ:
        return on_amplitude_map(ev, mme);
    case MME_CM_SET_KEY_CNF:
        return on_key_cnf(ev, mme);
    case MME_VS_PL_LINK_STATUS_CNF:
        return on_link_status(ev, mme);
    default:
        return false; /* profiles and what neighbours say */
    }
}

static void on_frame(slac_ev_t *ev, ccs_view_t frame)
{
    mme_t mme;
    ev->stats.frames++;
    if (mme_decode(frame, &mme) != CCS_OK) {
        ev->stats.malformed++;
        return;
    }
    ev->stats.ignored += take(ev, &mme) ? 0 : 1;
}

/* --- time ------------------------------------------------------------------------------------------------------------------------
 */

static void parm_overdue(slac_ev_t *ev)
{
    if (ev->candidates > 0) {
        ev->sent = 0;
        enter(ev, SLAC_EV_START, SLAC_EV_SEQUENCE_MS);
        return;
    }
    if (ev->retries >= SLAC_MATCH_RETRIES) {
        attempt_failed(ev);
        return;
    }
    ev->retries++;
    enter(ev, SLAC_EV_PARM, SLAC_MATCH_RESPONSE_MS);
    send_parm(ev);
}

static void start_due(slac_ev_t *ev)
{
    send_start(ev);
    ev->sent++;
    if (ev->sent == 1) {
        ev->results_by_ms = ev->now_ms + SLAC_EV_RESULTS_MS;
    }
    const bool done = ev->sent == SLAC_START_ATTEN_INDS;
    ev->sent = done ? 0 : ev->sent;
    enter(ev, done ? SLAC_EV_SOUND : SLAC_EV_START, SLAC_EV_BATCH_MS);
}

static void sound_due(slac_ev_t *ev)
{
    const uint8_t sounds = ev->config->misbehave == CCS_SLAC_MIS_FEW_SOUNDS ? (uint8_t)ev->config->misbehave_value : SLAC_SOUNDS;
    if (ev->sent < sounds) {
        send_sound(ev, (uint8_t)(SLAC_SOUNDS - 1 - ev->sent));
        ev->sent++;
    }
    if (ev->sent < sounds) {
        enter(ev, SLAC_EV_SOUND, SLAC_EV_BATCH_MS);
        return;
    }
    enter(ev, SLAC_EV_RESULTS, ev->results_by_ms - ev->now_ms);
    if (all_heard(ev)) {
        choose(ev);
    }
}

static void again_or_fail(slac_ev_t *ev, int64_t within_ms, void (*again)(slac_ev_t *ev))
{
    if (ev->retries >= SLAC_MATCH_RETRIES) {
        attempt_failed(ev);
        return;
    }
    ev->retries++;
    enter(ev, ev->state, within_ms);
    again(ev);
}

static void validate_again(slac_ev_t *ev)
{
    send_validate(ev, 0);
}

static void overdue(slac_ev_t *ev)
{
    switch (ev->state) {
    case SLAC_EV_PARM:
        parm_overdue(ev);
        return;
    case SLAC_EV_START:
        start_due(ev);
        return;
    case SLAC_EV_SOUND:
        sound_due(ev);
        return;
    case SLAC_EV_RESULTS:
        choose(ev);
        return;
    case SLAC_EV_VALIDATE:
        again_or_fail(ev, SLAC_MATCH_RESPONSE_MS, validate_again);
        return;
    case SLAC_EV_DECIDED:
        ev->retries = 0;
        enter(ev, SLAC_EV_MATCH, SLAC_MATCH_RESPONSE_MS);
        send_match(ev);
        return;
    case SLAC_EV_MATCH:
        again_or_fail(ev, SLAC_MATCH_RESPONSE_MS, send_match);
        return;
    case SLAC_EV_KEY:
        again_or_fail(ev, SLAC_KEY_ANSWER_MS, send_key);
        return;
    case SLAC_EV_AGAIN:
        attempt_begin(ev);
        return;
    case SLAC_EV_TOGGLE:
    case SLAC_EV_JOIN:
        attempt_failed(ev);
        return;
    default:
        ev->deadline_ms = INT64_MAX;
        return;
    }
}

static void toggle_due(slac_ev_t *ev)
{
    if (ev->state != SLAC_EV_TOGGLE || ev->now_ms < ev->toggle_ms || (ev->toggles >= SLAC_EV_TOGGLES && !ev->toggle_high)) {
        return;
    }
    ev->toggle_high = !ev->toggle_high;
    ev->toggles = (uint8_t)(ev->toggles + (ev->toggle_high ? 1 : 0));
    ev->toggle_ms = ev->now_ms + SLAC_EV_TOGGLE_MS;
}

static bool polls(const slac_ev_t *ev)
{
    return ev->state == SLAC_EV_JOIN || ev->state == SLAC_EV_MATCHED;
}

static void poll_due(slac_ev_t *ev)
{
    if (!polls(ev) || ev->now_ms < ev->poll_ms) {
        return;
    }
    mme_t mme;
    mme_init(&mme, MME_VS_PL_LINK_STATUS_REQ, mme_local_modem, ev->config->mac);
    ev->poll_ms = ev->now_ms + (ev->state == SLAC_EV_MATCHED ? SLAC_LINK_POLL_MS : SLAC_JOIN_POLL_MS);
    send(ev, &mme);
}

static void on_order(slac_ev_t *ev, slac_order_t order)
{
    if (order == SLAC_ORDER_WAKE && (ev->state == SLAC_EV_IDLE || ev->state == SLAC_EV_FAILED)) {
        ev->give_up_ms = ev->now_ms + ev->config->repetition_ms;
        attempt_begin(ev);
        return;
    }
    if (order == SLAC_ORDER_TERMINATE && ev->state != SLAC_EV_IDLE) {
        ev->out->dlink = ev->state == SLAC_EV_MATCHED ? SLAC_DLINK_DOWN : ev->out->dlink;
        enter(ev, SLAC_EV_IDLE, INT64_MAX);
    }
}

void slac_ev_init(slac_ev_t *ev, const ccs_slac_ev_config_t *config, const ccs_trace_t *trace, int64_t now_ms)
{
    memset(ev, 0, sizeof *ev);
    ev->config = config;
    ev->trace = trace;
    ev->now_ms = now_ms;
    ev->deadline_ms = INT64_MAX;
}

void slac_ev_step(slac_ev_t *ev, const slac_event_t *event, slac_ev_out_t *out)
{
    ev->out = out;
    ev->now_ms = event->now_ms;
    if (event->type == SLAC_ON_FRAME) {
        on_frame(ev, event->frame);
    } else if (event->type == SLAC_ON_RANDOM) {
        on_random(ev, event->random);
    } else if (event->type == SLAC_ON_ORDER) {
        on_order(ev, event->order);
    } else if (event->type == SLAC_ON_IPV6 && ev->state == SLAC_EV_JOIN) {
        (void)link_seen(ev);
    }
    toggle_due(ev);
    if (ev->now_ms >= ev->deadline_ms) {
        overdue(ev);
    }
    poll_due(ev);
    out->toggle = ev->state == SLAC_EV_TOGGLE && ev->toggle_high;
    ev->out = NULL;
}

int64_t slac_ev_deadline_ms(const slac_ev_t *ev)
{
    int64_t soonest = ev->deadline_ms;
    if (ev->state == SLAC_EV_TOGGLE && (ev->toggles < SLAC_EV_TOGGLES || ev->toggle_high) && ev->toggle_ms < soonest) {
        soonest = ev->toggle_ms;
    }
    if (polls(ev) && ev->poll_ms < soonest) {
        soonest = ev->poll_ms;
    }
    return soonest;
}

const uint8_t *slac_ev_peer(const slac_ev_t *ev)
{
    return chosen(ev);
}
