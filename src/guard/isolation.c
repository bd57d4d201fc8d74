/* Insulation: the cable check in steps, its verdict, and the watch over it while energy flows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "guard/state.h"

static int32_t per_volt(const guard_t *guard, int32_t ohm_per_V)
{
    const int64_t ohm = (int64_t)ohm_per_V * (guard->config.mV_max / 1000);
    return ohm < INT32_MAX ? (int32_t)ohm : INT32_MAX;
}

static ccs_isolation_t judge(const guard_t *guard, int32_t ohm)
{
    const guard_isolation_rule_t *rule = &guard_isolation_rules[guard->config.edition];
    const int32_t fault_ohm =
        rule->fault_ohm_per_V > 0 ? per_volt(guard, rule->fault_ohm_per_V) : guard->config.isolation_fault_ohm;
    if (ohm < fault_ohm) {
        return CCS_ISOLATION_FAULT;
    }
    return ohm < per_volt(guard, rule->warning_ohm_per_V) ? CCS_ISOLATION_WARNING : CCS_ISOLATION_VALID;
}

bool guard_isolation_good(const guard_t *guard)
{
    return guard->isolation.verdict == CCS_ISOLATION_VALID || guard->isolation.verdict == CCS_ISOLATION_WARNING;
}

void guard_isolation_begin(guard_t *guard, int64_t now_ms)
{
    guard->isolation = (guard_isolation_t){.verdict = CCS_ISOLATION_INVALID, .begin_ms = now_ms, .low_ms = -1};
}

/* A reading that was taken at or after the time given; while the monitor tests itself its reading keeps its old time. */
static bool is_read_since(const guard_facts_t *facts, int64_t since_ms)
{
    const ccs_reading_t *reading = &facts->sample->isolation_ohm;
    return reading->at_ms >= 0 && reading->at_ms >= since_ms && reading->at_ms <= facts->now_ms;
}

static guard_test_t next_step(guard_t *guard, const guard_facts_t *facts)
{
    guard_isolation_t *isolation = &guard->isolation;
    const int32_t test_mV = guard_test_mV(facts->want.car_mV_max, guard->config.mV_max);
    switch (isolation->step) {
    case GUARD_TEST_CLOSE:
        return guard_path_closed(guard, facts) ? GUARD_TEST_SELF : GUARD_TEST_CLOSE;
    case GUARD_TEST_SELF:
        return is_read_since(facts, isolation->begin_ms + 1) && facts->dead ? GUARD_TEST_RAISE : GUARD_TEST_SELF;
    case GUARD_TEST_RAISE:
        isolation->reached_ms = facts->now_ms;
        return facts->mV >= test_mV - guard->config.close_mV_max ? GUARD_TEST_MEASURE : GUARD_TEST_RAISE;
    case GUARD_TEST_MEASURE:
        if (!is_read_since(facts, isolation->reached_ms + (int64_t)guard->config.isolation_settle_ms)) {
            return GUARD_TEST_MEASURE;
        }
        isolation->verdict = judge(guard, facts->sample->isolation_ohm.value);
        return GUARD_TEST_BLEED;
    case GUARD_TEST_BLEED:
        return facts->dead ? GUARD_TEST_DONE : GUARD_TEST_BLEED;
    default:
        return GUARD_TEST_DONE;
    }
}

static void step_test(guard_t *guard, const guard_facts_t *facts)
{
    guard_isolation_t *isolation = &guard->isolation;
    if (facts->power_fresh) {
        isolation->step = next_step(guard, facts);
    }
    if (isolation->step != GUARD_TEST_DONE && facts->now_ms - isolation->begin_ms >= (int64_t)guard->config.isolation_ms_max) {
        isolation->verdict = CCS_ISOLATION_FAULT;
    }
}

/* Single low readings while the current rises are known from the field (EVerest #2498): a fault must last. */
static void supervise(guard_t *guard, const guard_facts_t *facts)
{
    const bool low = is_read_since(facts, facts->now_ms - (int64_t)guard->config.imd_age_ms_max) &&
                     judge(guard, facts->sample->isolation_ohm.value) == CCS_ISOLATION_FAULT;
    if (guard_lasts(&guard->isolation.low_ms, low, facts->now_ms, guard->config.isolation_confirm_ms)) {
        guard->isolation.verdict = CCS_ISOLATION_FAULT;
    }
}

void guard_isolation_step(guard_t *guard, const guard_facts_t *facts)
{
    if (guard->phase == CCS_PHASE_TEST) {
        step_test(guard, facts);
    } else if (guard->phase == CCS_PHASE_PRECHARGE || guard->phase == CCS_PHASE_LIVE || guard->phase == CCS_PHASE_RAMP) {
        supervise(guard, facts);
    }
}
