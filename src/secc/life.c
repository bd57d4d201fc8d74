/* From one state of the outlet to the next; what follows a session.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "secc/private.h"

#include <string.h>

const char *secc_state_name(secc_state_t state)
{
    static const char *const names[] = {"starting", "idle", "setup", "talking", "closing", "settling", "holding", "blocked"};
    return state < sizeof names / sizeof *names ? names[state] : "?";
}

static void enter(secc_t *secc, secc_state_t state, int64_t until_ms)
{
    secc->state = state;
    secc->until_ms = until_ms;
    secc_note(secc, CCS_LEVEL_DEBUG, "outlet", "now", secc_state_name(state), 0);
}

static bool no_car(const secc_t *secc)
{
    return secc->charge.report.at_ms >= 0 && secc->charge.report.pilot == CCS_PILOT_A;
}

/* [V2G2-723] The communication setup time runs from a network with a car on it. */
static void start_setup(secc_t *secc)
{
    secc->setup_until_ms = no_car(secc) ? INT64_MAX : secc->now_ms + secc->config.setup_ms;
}

/* A fresh try: SDP is answered if there is a network. */
static void offer(secc_t *secc)
{
    memset(secc->asker, 0, sizeof secc->asker);
    memset(secc->asker_mac, 0, sizeof secc->asker_mac);
    secc->has_asker = false;
    secc->asker_tls = false;
    secc->set_up = false;
    secc->reset_pending = false;
    secc->setup_until_ms = INT64_MAX;
    enter(secc, secc->dlink_up ? SECC_SETUP : SECC_IDLE, INT64_MAX);
    if (secc->dlink_up) {
        start_setup(secc);
    }
}

static void offer_afresh(secc_t *secc)
{
    secc->failures = 0;
    secc->rests = false;
    offer(secc);
}

/* --- the end of a session ---------------------------------------------------------------------------------------------------- */

/* With SLAC a failure is an error of the link: X1, then E or F, so that the car matches again (D-LINK_ERROR). */
static void hold(secc_t *secc, const charge_after_t *after)
{
    const bool two_steps = secc_has_slac(secc) && after->failure && after->pilot == CCS_PILOT_STEADY;
    secc->ef_ms = two_steps ? secc->now_ms + SLAC_STEP_X1_MS : INT64_MAX;
    enter(secc, SECC_HOLD, secc->now_ms + after->hold_ms + (two_steps ? SLAC_STEP_X1_MS : 0));
}

/* The table of charge/after.c: pilot, how long, how often, when to give up. */
static void follow_up(secc_t *secc, ccs_end_t end)
{
    const charge_after_t *const after = charge_after(end);
    secc->last_end = end;
    secc->failures = after->failure ? (uint8_t)(secc->failures + (secc->failures < UINT8_MAX)) : 0;
    secc->stats.sessions_failed += after->failure;
    secc->rests = after->next == CHARGE_NEXT_RESTS;
    secc->halted = !secc->reset_pending && (secc->halted || after->next == CHARGE_NEXT_BLOCKS);
    const bool at_once = secc->reset_pending && !secc_has_slac(secc); /* with SLAC after the hold */
    if (at_once || (no_car(secc) && !secc->halted)) {
        offer_afresh(secc);
    } else if (after->hold_ms == 0 && !secc->halted) {
        offer(secc);
    } else {
        hold(secc, after);
    }
}

static bool may_try_again(const secc_t *secc)
{
    const charge_after_t *const after = charge_after(secc->last_end);
    return !secc->halted && (after->tries == CHARGE_ALWAYS || (after->failure && secc->failures <= after->tries));
}

static void after_hold(secc_t *secc)
{
    if (secc->reset_pending) {
        offer_afresh(secc);
        return;
    }
    if (may_try_again(secc)) {
        offer(secc);
        return;
    }
    enter(secc, SECC_BLOCKED, INT64_MAX);
    secc_note(secc, CCS_LEVEL_WARNING, "given_up", "after", ccs_end_name(secc->last_end), 0);
}

static void finish(secc_t *secc)
{
    charge_finish(&secc->charge);
    secc->out->record_ready = true;
    secc->stats.sessions++;
    follow_up(secc, secc->charge.record.end);
}

static void settle(secc_t *secc)
{
    jobs_forget_session(&secc->jobs);
    enter(secc, SECC_SETTLE, secc->charge.record.end_ms + SECC_SETTLE_MS);
    if (secc->until_ms <= secc->now_ms) {
        secc->until_ms = secc->now_ms;
    }
}

static void close_link(secc_t *secc, int64_t by_ms)
{
    if (secc->link != SECC_NO_LINK) {
        secc_action(secc, CCS_CLOSE, (uint8_t)secc->link)->close_by_ms = by_ms;
        secc->link = SECC_NO_LINK;
        secc->fin_ms = by_ms < secc->now_ms + SECC_FIN_MS ? by_ms : secc->now_ms + SECC_FIN_MS;
    }
}

void secc_give_up(secc_t *secc, ccs_end_t end, uint32_t in_ms)
{
    charge_end(&secc->charge, end); /* the first reason stays */
    secc->session.parked = NULL;
    close_link(secc, secc->now_ms + in_ms);
    settle(secc);
}

/* [V2G2-538] The answer, then the end of the connection within 5 s; not at once, which cars dislike (secc.md 3 #7). */
void secc_linger(secc_t *secc)
{
    const ccs_secc_config_t *const config = &secc->config;
    const uint32_t linger_ms = config->linger_ms < config->close_ms ? config->linger_ms : config->close_ms;
    jobs_forget_session(&secc->jobs);
    secc->close_by_ms = secc->now_ms + config->close_ms;
    enter(secc, SECC_LINGER, secc->now_ms + linger_ms);
}

/* --- events ------------------------------------------------------------------------------------------------------------------ */

void secc_begin(secc_t *secc)
{
    secc->session.protocol = NULL;
    secc->session.parked = NULL;
    secc->session.decode_errors = 0;
    v2gtp_reader_restart(&secc->reader);
    charge_begin(&secc->charge);
    if (secc_has_slac(secc)) {
        memcpy(secc->charge.record.car_mac, secc->match.evse.matched.mac, sizeof secc->charge.record.car_mac);
        memcpy(secc->charge.record.run_id, secc->match.evse.matched.run_id, sizeof secc->charge.record.run_id);
    }
    /* Asked ahead: the car's first answer must not wait for it. */
    jobs_ask(&secc->jobs, CCS_NEED_RANDOM, (ccs_view_t){NULL, SESSION_ID_SIZE}, secc->setup_until_ms);
    enter(secc, SECC_TALK, INT64_MAX);
}

static void dlink_down(secc_t *secc)
{
    secc->dlink_up = false;
    if (secc->state == SECC_TALK) {
        secc_give_up(secc, CCS_END_LINK_LOST, 0);
    } else if (secc->state == SECC_LINGER) {
        secc->until_ms = secc->now_ms;
    } else if (secc->state == SECC_SETUP) {
        close_link(secc, secc->now_ms);
        offer(secc);
    }
}

/* Up again while it is up: a new match, so a new setup time. */
void secc_link(secc_t *secc, bool up)
{
    if (!up) {
        dlink_down(secc);
        return;
    }
    secc->dlink_up = true;
    secc->rests = false;
    if (secc->state == SECC_IDLE || (secc->state == SECC_SETUP && secc->link == SECC_NO_LINK)) {
        offer(secc);
    }
}

void secc_on_dlink(secc_t *secc, const ccs_event_t *event)
{
    if (!secc_has_slac(secc)) {
        secc_link(secc, event->dlink.up);
    }
}

/* A pulled plug forgives everything. */
static void unplugged(secc_t *secc)
{
    secc->was_plugged = false;
    secc->setup_until_ms = secc->state == SECC_SETUP ? INT64_MAX : secc->setup_until_ms;
    secc->failures = 0;
    secc->rests = false;
    if ((secc->state == SECC_HOLD || secc->state == SECC_BLOCKED) && !secc->halted) {
        offer(secc);
    }
}

/* The network was there before the car. */
static void plugged_in(secc_t *secc)
{
    secc->was_plugged = true;
    if (secc->state == SECC_SETUP && secc->setup_until_ms == INT64_MAX) {
        start_setup(secc);
    }
}

/* A car that is plugged in when we start may be in the middle of something: nothing is closed, the cable is waited dead, and the
 * pilot shows it that the old match and session are void. */
static void boot(secc_t *secc, bool car)
{
    const bool unclear = secc->charge.report.pilot == CCS_PILOT_UNKNOWN && secc->now_ms - secc->boot_ms < SECC_BOOT_MS;
    if (unclear || ((car || secc->interrupted) && !charge_is_open(&secc->charge))) {
        return;
    }
    if (secc->interrupted) {
        secc->interrupted = false;
        secc->out->record_ready = true;
        secc->stats.sessions++;
    }
    secc->last_end = CCS_END_INTERRUPTED;
    if (secc->halted) {
        enter(secc, SECC_BLOCKED, INT64_MAX);
    } else if (car) {
        secc_note(secc, CCS_LEVEL_WARNING, "plugged_at_start", "pilot", ccs_pilot_state_name(secc->charge.report.pilot), 0);
        hold(secc, charge_after(CCS_END_INTERRUPTED));
    } else {
        offer(secc);
    }
}

void secc_on_report(secc_t *secc, const ccs_event_t *event)
{
    const bool first = secc->charge.report.at_ms < 0;
    charge_report(&secc->charge, &event->report);
    const bool car = charge_cause_of_pilot(event->report.pilot) == NULL;
    if (no_car(secc) && (secc->was_plugged || first)) {
        unplugged(secc);
    } else if (car && !secc->was_plugged) {
        plugged_in(secc);
    }
    if (secc->state == SECC_BOOT) {
        boot(secc, car && event->report.pilot != CCS_PILOT_UNKNOWN);
    }
}

void secc_on_stop(secc_t *secc, const ccs_event_t *event)
{
    charge_call_end(&secc->charge, charge_cause_of_stop(event->stop));
    secc->reset_pending = false;
    if (event->stop == CCS_STOP_USER) {
        return; /* without a session there is nothing to stop */
    }
    secc->halted = true;
    if (secc->state == SECC_IDLE || secc->state == SECC_SETUP || secc->state == SECC_HOLD) {
        close_link(secc, secc->now_ms);
        secc->last_end = charge_cause_of_stop(event->stop)->end;
        enter(secc, SECC_BLOCKED, INT64_MAX);
    }
}

void secc_on_reset(secc_t *secc, const ccs_event_t *event)
{
    (void)event;
    secc->halted = false;
    if (secc->state == SECC_IDLE) {
        secc->rests = false;
        secc_match_wake(secc);
    }
    /* With SLAC what the pilot shows is what makes the car match anew: it is never cut short. */
    const bool shows = secc->state == SECC_HOLD && secc_has_slac(secc);
    if (shows || secc->state == SECC_LINGER || secc->state == SECC_SETTLE) {
        secc->reset_pending = true; /* the card came while the last session was ending */
    } else if (secc->state == SECC_HOLD || secc->state == SECC_BLOCKED) {
        offer_afresh(secc);
    }
}

/* --- deadlines --------------------------------------------------------------------------------------------------------------- */

static bool setup_runs(const secc_t *secc)
{
    return secc->state == SECC_SETUP || (secc->state == SECC_TALK && !secc->set_up);
}

/* Nobody came, or nobody said SessionSetup in time. */
static void setup_timeout(secc_t *secc)
{
    secc_note(secc, CCS_LEVEL_WARNING, "setup_timeout", "after_ms", NULL, secc->config.setup_ms);
    if (secc->state == SECC_TALK) {
        secc_give_up(secc, CCS_END_SETUP_TIMEOUT, 0);
        return;
    }
    close_link(secc, secc->now_ms);
    follow_up(secc, CCS_END_SETUP_TIMEOUT);
}

static void advance_talk(secc_t *secc)
{
    secc_deliver(secc, session_turn(&secc->session));
    if (secc->state == SECC_TALK && secc->now_ms >= charge_deadline_ms(&secc->charge)) {
        const charge_cause_t *const cause = secc->charge.cause;
        const bool pulled = cause->talk == CHARGE_TALK_NONE || no_car(secc);
        secc_give_up(secc, cause->end, pulled ? 0 : secc->config.close_ms - CHARGE_SHORT_MS);
    }
}

static void advance_linger(secc_t *secc)
{
    const bool pulled = no_car(secc);
    if (secc->now_ms >= secc->until_ms || pulled) {
        close_link(secc, pulled ? secc->now_ms : secc->close_by_ms);
        settle(secc);
    }
}

void secc_advance(secc_t *secc)
{
    if (setup_runs(secc) && secc->now_ms >= secc->setup_until_ms) {
        setup_timeout(secc);
    }
    if (secc->state == SECC_TALK) {
        advance_talk(secc);
    }
    if (secc->state == SECC_LINGER) {
        advance_linger(secc);
    }
    if (secc->state == SECC_SETTLE && (charge_settled(&secc->charge) || secc->now_ms >= secc->until_ms)) {
        finish(secc);
    }
    if (secc->state == SECC_HOLD && secc->now_ms >= secc->until_ms) {
        after_hold(secc);
    }
}

static int64_t sooner(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

int64_t secc_next_ms(const secc_t *secc)
{
    int64_t next_ms = secc->until_ms;
    if (secc_has_slac(secc)) {
        next_ms = sooner(next_ms, secc_match_deadline_ms(secc));
    }
    if (secc->fin_ms > secc->now_ms && (secc->state == SECC_SETTLE || secc->state == SECC_HOLD || secc->state == SECC_BLOCKED)) {
        next_ms = sooner(next_ms, secc->fin_ms);
    }
    if (secc->state == SECC_HOLD && secc->ef_ms > secc->now_ms) {
        next_ms = sooner(next_ms, secc->ef_ms);
    }
    if (setup_runs(secc)) {
        next_ms = sooner(next_ms, secc->setup_until_ms);
    }
    if (secc->state == SECC_TALK) {
        next_ms = sooner(next_ms, sooner(session_deadline_ms(&secc->session), charge_deadline_ms(&secc->charge)));
    }
    return next_ms;
}

static ccs_pilot_drive_t hold_pilot(const secc_t *secc)
{
    const charge_after_t *const after = charge_after(secc->last_end);
    if (secc->ef_ms != INT64_MAX) {
        return secc->now_ms < secc->ef_ms ? CCS_PILOT_STEADY : CCS_PILOT_NEGATIVE;
    }
    return secc->failures >= after->tries && after->failure ? after->last : after->pilot;
}

/* Without a car +12 V; while the outlet is on offer 5 %, which says "talk to me over the wire"; with SLAC once the modem has its
 * key. */
ccs_pilot_drive_t secc_pilot(const secc_t *secc)
{
    switch (secc->state) {
    case SECC_HOLD:
        return hold_pilot(secc);
    case SECC_BOOT:
    case SECC_BLOCKED:
        return CCS_PILOT_STEADY;
    default:
        break;
    }
    if (no_car(secc) || secc->charge.report.latched) {
        return CCS_PILOT_STEADY;
    }
    return secc_has_slac(secc) ? secc->match.out.pilot : CCS_PILOT_5_PERCENT;
}
