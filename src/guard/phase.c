/* The guard's phases: faults first, then the want, then what ends by itself.
 * SPDX-License-Identifier: Apache-2.0 */
#include "guard/state.h"

static void enter(guard_t *guard, ccs_phase_t phase, int64_t now_ms)
{
    if (guard->phase == phase) {
        return;
    }
    guard->phase = phase;
    guard->phase_ms = now_ms;
    guard->was_live = guard->was_live || phase == CCS_PHASE_LIVE;
    if (phase == CCS_PHASE_TEST) {
        guard_isolation_begin(guard, now_ms);
    }
}

void guard_phase_start(guard_t *guard, int64_t now_ms)
{
    guard->cause = guard->latched ? GUARD_CAUSE_WELDED : GUARD_CAUSE_NONE;
    guard->blocking = GUARD_CAUSE_NONE;
    guard->phase = guard->latched ? CCS_PHASE_FAULT : CCS_PHASE_OFF;
    guard->phase_ms = now_ms;
    guard_isolation_begin(guard, now_ms);
}

/* A verdict is of use for one session: until the connector is let go, the car is gone, or energy has flown. */
static void forget_session(guard_t *guard, int64_t now_ms)
{
    guard_isolation_begin(guard, now_ms);
    guard->was_live = false;
}

static void enter_off(guard_t *guard, int64_t now_ms)
{
    if (guard->was_live || guard->cause != GUARD_CAUSE_NONE) {
        forget_session(guard, now_ms);
    }
    guard->cause = GUARD_CAUSE_NONE;
    enter(guard, CCS_PHASE_OFF, now_ms);
}

/* The first cause stays; a latched one replaces it. */
static void remember(guard_t *guard, guard_cause_t cause)
{
    if (cause == GUARD_CAUSE_NONE) {
        return;
    }
    if (guard->cause == GUARD_CAUSE_NONE || (guard_rules[cause].latch && !guard->latched)) {
        guard->cause = cause;
    }
    guard->latched = guard->latched || guard_rules[cause].latch;
}

/* Begins to stop, or stops faster than until now. */
static void stop(guard_t *guard, int64_t now_ms, guard_class_t class, guard_cause_t cause)
{
    remember(guard, cause);
    switch (guard->phase) {
    case CCS_PHASE_TEST:
    case CCS_PHASE_PRECHARGE:
    case CCS_PHASE_LIVE:
        enter(guard, CCS_PHASE_RAMP, now_ms);
        guard->stop = class;
        guard->stop_ms = now_ms;
        guard->held = false;
        return;
    case CCS_PHASE_RAMP:
        guard->held = false;
        if (class > guard->stop) {
            guard->stop = class;
            guard->stop_ms = now_ms;
        }
        return;
    case CCS_PHASE_OFF:
    case CCS_PHASE_WELD:
        enter(guard, CCS_PHASE_DISCHARGE, now_ms);
        return;
    default:
        return; /* DISCHARGE and FAULT: open already */
    }
}

/* ---- from what holds to what is done */

typedef struct verdict {
    guard_class_t class;
    guard_cause_t cause;
} verdict_t;

/* The strongest reaction of all causes that hold; of equals the first in the table. */
static verdict_t strongest(ccs_phase_t phase, uint32_t causes)
{
    verdict_t found = {GUARD_NOTHING, GUARD_CAUSE_NONE};
    for (unsigned i = 0; i < GUARD_CAUSES; i++) {
        const guard_class_t class = (causes >> i & 1) != 0 ? guard_reaction((guard_cause_t)i, phase) : GUARD_NOTHING;
        if (class > found.class) {
            found = (verdict_t){class, (guard_cause_t)i};
        }
    }
    return found;
}

static bool is_within_match(const guard_t *guard, const guard_facts_t *facts)
{
    const int32_t most_mV = guard->config.close_mV_max;
    const bool to_car = facts->car_known && guard_within(facts->mV, facts->car_mV, most_mV);
    if (guard_sees_one_side(guard, facts)) {
        return guard->set.matched; /* the other side has had its time to reach the target */
    }
    /* The set point is the target of the last PreCharge; with LIVE the loop's may come, often the car's limit. */
    const bool to_target =
        guard_within(facts->mV, facts->want.target_mV, most_mV) || guard_within(facts->mV, guard->set.mV, most_mV);
    return facts->mV >= guard->config.safe_mV && (to_car || to_target);
}

static bool is_open_and_dead(const guard_t *guard, const guard_facts_t *facts)
{
    return guard_path_open(guard, facts) && guard_cable_rested(guard, facts) && facts->dead;
}

/* The first need that is missing, as the reason that is told. */
static ccs_why_t missing(const guard_t *guard, const guard_facts_t *facts, uint8_t needs)
{
    const struct {
        guard_need_t need;
        bool met;
        ccs_why_t why;
    } rows[] = {
        {GUARD_NEED_PILOT, guard_pilot_ready(guard), CCS_WHY_PILOT_LOST},
        {GUARD_NEED_LIMITS, facts->limits, CCS_WHY_LIMIT_UNKNOWN},
        {GUARD_NEED_LOCK, facts->locked, CCS_WHY_STARTING},
        {GUARD_NEED_OPEN, is_open_and_dead(guard, facts), CCS_WHY_VOLTAGE_PRESENT},
        {GUARD_NEED_SETTLED, guard_settled(guard, facts), CCS_WHY_STARTING},
        {GUARD_NEED_ISOLATION, guard_isolation_good(guard), CCS_WHY_ISOLATION_UNKNOWN},
        {GUARD_NEED_LEASE, facts->lease, CCS_WHY_LEASE_ENDED},
        {GUARD_NEED_MATCH, is_within_match(guard, facts), CCS_WHY_VOLTAGE_MISMATCH},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((needs & rows[i].need) != 0 && !rows[i].met) {
            return rows[i].why;
        }
    }
    return CCS_WHY_NONE;
}

static void go(guard_t *guard, const guard_facts_t *facts)
{
    const ccs_phase_t to = facts->want.phase;
    const bool whole = guard->phase != CCS_PHASE_RAMP || guard->held; /* what is being stopped does not come back */
    guard->refused = whole ? missing(guard, facts, guard_needs(guard->phase, to)) : CCS_WHY_VOLTAGE_MISMATCH;
    if (guard->refused != CCS_WHY_NONE || guard->blocking != GUARD_CAUSE_NONE) {
        return;
    }
    if (to == CCS_PHASE_RAMP) {
        guard->stop = GUARD_STOP;
        guard->stop_ms = facts->now_ms;
        guard->held = true;
    }
    enter(guard, to, facts->now_ms);
}

static void refuse(guard_t *guard, const guard_facts_t *facts)
{
    guard->refused = missing(guard, facts, guard_needs(guard->phase, facts->want.phase));
    if (guard->refused == CCS_WHY_NONE) {
        guard->refused = CCS_WHY_VOLTAGE_MISMATCH; /* LIVE needs a PRECHARGE */
    }
}

static void follow(guard_t *guard, const guard_facts_t *facts)
{
    const guard_class_t class = facts->want.phase == CCS_PHASE_OFF && facts->want.at_once ? GUARD_EMERGENCY : GUARD_STOP;
    switch (guard_move(guard->phase, facts->want.phase)) {
    case GUARD_GO:
        go(guard, facts);
        break;
    case GUARD_REFUSE:
        refuse(guard, facts);
        break;
    case GUARD_LEAVE:
        stop(guard, facts->now_ms, class, GUARD_CAUSE_NONE);
        break;
    default:
        break;
    }
}

/* ---- what ends by itself */

static uint32_t open_within_ms(const guard_t *guard)
{
    switch (guard->stop) {
    case GUARD_EMERGENCY:
        return guard->config.emergency_open_ms;
    case GUARD_ERROR:
        return guard->config.error_open_ms;
    default:
        return guard->config.stop_open_ms;
    }
}

/* Opens below 5 A. A ramp that does not get there in its time becomes an emergency; that opens under whatever flows. */
static void step_ramp(guard_t *guard, const guard_facts_t *facts)
{
    if (guard->held) {
        return;
    }
    const bool down = guard->stop == GUARD_EMERGENCY || guard->set.mA < guard->config.open_mA_max;
    const bool told = facts->power_fresh && facts->sample->output_mA.at_ms >= guard->stop_ms; /* measured since the stop began */
    if (down && told && guard_within(facts->mA, 0, guard->config.open_mA_max - 1)) {
        enter(guard, CCS_PHASE_DISCHARGE, facts->now_ms);
        return;
    }
    if (facts->now_ms - guard->stop_ms < (int64_t)open_within_ms(guard)) {
        return;
    }
    if (guard->stop == GUARD_EMERGENCY) {
        enter(guard, CCS_PHASE_DISCHARGE, facts->now_ms);
        return;
    }
    guard->stop = GUARD_EMERGENCY;
    guard->stop_ms = facts->now_ms;
}

/* On the way out of DISCHARGE. The car may test its contactors as soon as ours are open. */
static void step_discharge(guard_t *guard, const guard_facts_t *facts)
{
    const bool open = guard_path_open(guard, facts);
    const bool done = open && facts->source_dead;
    if (guard->cause != GUARD_CAUSE_NONE) {
        const int64_t most_ms = (int64_t)guard->config.discharge_ms_max + 2 * (int64_t)guard->config.contactor_ms_max;
        if (done || guard->latched || facts->now_ms - guard->phase_ms >= most_ms) {
            enter(guard, CCS_PHASE_FAULT, facts->now_ms);
        }
        return;
    }
    if (facts->want.phase == CCS_PHASE_WELD && open) {
        enter(guard, CCS_PHASE_WELD, facts->now_ms);
    } else if (done) {
        enter_off(guard, facts->now_ms);
    }
}

/* FAULT stands until the cause is gone, the communication has asked for OFF, and a latch was taken away by service. */
static void step_fault(guard_t *guard, const guard_facts_t *facts)
{
    const bool shown = facts->now_ms - guard->phase_ms >= (int64_t)guard->config.fault_hold_ms;
    const bool safe = guard_path_open(guard, facts) && facts->source_dead;
    if (shown && safe && !guard->latched && guard->blocking == GUARD_CAUSE_NONE && facts->want.phase == CCS_PHASE_OFF) {
        enter_off(guard, facts->now_ms);
    }
}

static void step_phase(guard_t *guard, const guard_facts_t *facts)
{
    if (guard->phase == CCS_PHASE_RAMP) {
        step_ramp(guard, facts);
    }
    if (guard->phase == CCS_PHASE_DISCHARGE) {
        step_discharge(guard, facts);
    }
    if (guard->phase == CCS_PHASE_FAULT) {
        step_fault(guard, facts);
    }
    if (guard->phase == CCS_PHASE_OFF && (!facts->want.lock || !guard_pilot_plugged(guard))) {
        forget_session(guard, facts->now_ms);
    }
}

void guard_phase_step(guard_t *guard, const guard_facts_t *facts, uint32_t causes)
{
    const verdict_t verdict = strongest(guard->phase, causes);
    guard->refused = CCS_WHY_NONE;
    guard->blocking = verdict.class == GUARD_BLOCK ? verdict.cause : GUARD_CAUSE_NONE;
    if (verdict.class >= GUARD_STOP) {
        stop(guard, facts->now_ms, verdict.class, verdict.cause);
    } else if (guard->cause == GUARD_CAUSE_NONE) {
        follow(guard, facts);
    }
    step_phase(guard, facts);
}

/* ---- what is told */

static bool precharge_reached(const guard_t *guard, const guard_facts_t *facts)
{
    const int32_t mV = facts->car_known ? facts->car_mV : facts->mV;
    return guard_path_closed(guard, facts) && guard_within(mV, facts->want.target_mV, guard->config.close_mV_max);
}

bool guard_settled(const guard_t *guard, const guard_facts_t *facts)
{
    if (!facts->power_fresh) {
        return false;
    }
    switch (guard->phase) {
    case CCS_PHASE_TEST:
        return guard->isolation.step == GUARD_TEST_DONE && guard_isolation_good(guard) && facts->dead;
    case CCS_PHASE_PRECHARGE:
        return precharge_reached(guard, facts);
    case CCS_PHASE_LIVE:
        return guard_path_closed(guard, facts);
    case CCS_PHASE_RAMP:
        return guard_within(facts->mA, 0, guard->config.unlock_mA_max - 1);
    case CCS_PHASE_WELD:
        return guard_path_open(guard, facts) && facts->source_dead;
    case CCS_PHASE_DISCHARGE:
        return false;
    default:
        return guard_path_open(guard, facts) && facts->dead;
    }
}

static ccs_why_t why_not_more(const guard_t *guard, const guard_facts_t *facts)
{
    if (guard->phase == CCS_PHASE_OFF && facts->power_fresh && facts->stand_mV >= guard->config.safe_mV) {
        return CCS_WHY_VOLTAGE_PRESENT;
    }
    if (guard->phase == CCS_PHASE_LIVE && !facts->lease) {
        return CCS_WHY_LEASE_ENDED;
    }
    if (guard->phase == CCS_PHASE_LIVE && !facts->limits) {
        return CCS_WHY_LIMIT_UNKNOWN;
    }
    return guard->phase == facts->want.phase && guard_settled(guard, facts) ? CCS_WHY_NONE : CCS_WHY_STARTING;
}

ccs_why_t guard_why(const guard_t *guard, const guard_facts_t *facts)
{
    const guard_cause_t cause = guard->cause != GUARD_CAUSE_NONE ? guard->cause : guard->blocking;
    if (cause != GUARD_CAUSE_NONE) {
        return guard_rules[cause].why;
    }
    if (guard->refused != CCS_WHY_NONE) {
        return guard->refused;
    }
    return guard->lock.stuck ? CCS_WHY_LOCK_FAILED : why_not_more(guard, facts);
}
