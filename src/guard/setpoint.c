/* The set point: the least of all limits, reached by ramps; the output voltage, which follows the pack; whether the source follows
 * it. SPDX-License-Identifier: Apache-2.0 */
#include "guard/state.h"

/* Linear between the points of the curve, full below the first, the last one's share above it. */
static int32_t derated(const ccs_guard_config_t *config, int32_t temperature_dC)
{
    const ccs_derate_t *point = config->derate;
    if (temperature_dC < point[0].temperature_dC) {
        return config->mA_max;
    }
    size_t i = 0;
    while (i + 1 < CCS_DERATE_POINTS && temperature_dC >= point[i + 1].temperature_dC) {
        i++;
    }
    uint32_t permille = point[i].permille;
    if (i + 1 < CCS_DERATE_POINTS) {
        const uint32_t along = (uint32_t)(temperature_dC - point[i].temperature_dC);
        const uint32_t width = (uint32_t)(point[i + 1].temperature_dC - point[i].temperature_dC);
        permille -= (permille - point[i + 1].permille) * along / width;
    }
    return (int32_t)((uint32_t)config->mA_max * permille / 1000); /* 3 000 A times 1000 fits */
}

static void read_limits(guard_t *guard, const guard_facts_t *facts)
{
    const ccs_reading_t *temperature = &facts->sample->temperature_dC;
    const bool told = (guard->config.lacks & CCS_LACK_TEMPERATURE) == 0 && temperature->at_ms >= 0;
    guard->set.mA_max_now = told ? derated(&guard->config, temperature->value) : guard->config.mA_max;
}

/* No reading, however mad, makes a set voltage. */
static int32_t pack_mV(int32_t mV)
{
    const int32_t most_mV = 2000000;
    return mV < 0 ? 0 : guard_least(mV, most_mV);
}

/* In 32 bits, each of them fits: W_max is at most 4 MW, mV at most what a pack is taken for. */
static int32_t power_limit_mA(int32_t W_max, int32_t mV)
{
    if (mV <= 0) {
        return INT32_MAX;
    }
    const uint32_t by_mV = (uint32_t)pack_mV(mV), mW = (uint32_t)W_max * 1000;
    const uint32_t A = mW / by_mV, rest_mA = mW % by_mV * 1000 / by_mV;
    return A < INT32_MAX / 1000 ? (int32_t)(A * 1000 + rest_mA) : INT32_MAX;
}

/* The current that LIVE is on its way to, and which of our limits holds it there. */
static int32_t goal_mA(guard_t *guard, const guard_facts_t *facts)
{
    const ccs_want_t *want = &facts->want;
    const ccs_guard_config_t *config = &guard->config;
    if (!facts->lease || !facts->limits) {
        return 0;
    }
    const int32_t asked_mA = guard_least(want->target_mA, want->car_mA_max);
    const int32_t site_mA = guard_least(want->offer_mA_max, config->mA_max);
    const int32_t power_mA = power_limit_mA(guard_least(want->offer_W_max, config->W_max), facts->mV);
    const int32_t warm_mA = guard->set.mA_max_now;
    guard->set.limited |= (uint8_t)((asked_mA > site_mA ? CCS_LIMITED_CURRENT : 0) | (asked_mA > power_mA ? CCS_LIMITED_POWER : 0) |
                                    (asked_mA >= warm_mA && warm_mA < config->mA_max ? CCS_LIMITED_TEMPERATURE : 0));
    return guard_least(guard_least(asked_mA, site_mA), guard_least(power_mA, warm_mA));
}

static int32_t toward(int32_t from, int32_t to, int32_t up_mA_s, int32_t down_mA_s, int32_t dt_ms)
{
    const int32_t step = (to > from ? up_mA_s : down_mA_s) * dt_ms / 1000; /* 10 kA/s in 100 ms at most */
    if (to > from) {
        return to - from > step ? from + step : to;
    }
    return from - to > step ? from - step : to;
}

/* The car's target of each request counts, never above what the car or we can stand. Most cars send their limit in the loop. */
static int32_t target_mV(guard_t *guard, const guard_facts_t *facts)
{
    const ccs_want_t *want = &facts->want;
    guard->set.limited |= want->target_mV > guard->config.mV_max ? CCS_LIMITED_VOLTAGE : 0;
    return guard_least(want->target_mV, guard_least(want->car_mV_max, guard->config.mV_max));
}

/* How fast the pack is taken to move: 20 A more each second through 0.5 Ohm are 10 V/s; a single wrong reading moves little. */
enum { PACK_MOVES_mV_S = 50000 };

/* What the pack holds, as far as it can be told. With current it is what is measured. Without, a voltage at the set voltage may be
 * the source's own (the car has opened): the pack is not taken to rise. One that stands above the set voltage is not the source's:
 * then as far as current would flow again. */
static int32_t seen_pack_mV(const guard_t *guard, const guard_facts_t *facts)
{
    const guard_setpoint_t *set = &guard->set;
    const ccs_guard_config_t *config = &guard->config;
    const int32_t mV = pack_mV(facts->mV);
    const bool flows = facts->mA >= config->unlock_mA_max && facts->mA >= set->mA / 2;
    if (flows || mV < set->pack_mV) {
        return mV;
    }
    const bool held = mV > set->mV + config->source_mV_off;
    const int32_t most_mV = mV - config->headroom_mV + 2 * config->source_mV_off;
    return held && most_mV > set->pack_mV ? most_mV : set->pack_mV;
}

/* The output follows the pack [power.md: the 20 V rule]: if the car opens under current, the voltage runs up to the set voltage and
 * no further. */
static int32_t followed_mV(guard_t *guard, const guard_facts_t *facts)
{
    guard_setpoint_t *set = &guard->set;
    if (facts->power_fresh) {
        set->pack_mV = toward(set->pack_mV, seen_pack_mV(guard, facts), PACK_MOVES_mV_S, PACK_MOVES_mV_S, facts->dt_ms);
    }
    return set->pack_mV + guard->config.headroom_mV;
}

/* More stands there than the set voltage, and nothing flows: a limit on voltage has fallen below the pack. */
static bool is_below_the_pack(const guard_t *guard, const guard_facts_t *facts)
{
    const ccs_guard_config_t *config = &guard->config;
    return facts->power_fresh && facts->mV > guard->set.mV + config->source_mV_off && facts->mA < config->unlock_mA_max;
}

static void step_live(guard_t *guard, const guard_facts_t *facts)
{
    guard_setpoint_t *set = &guard->set;
    const ccs_guard_config_t *config = &guard->config;
    const bool closed = guard_path_closed(guard, facts);
    const int32_t most_mV = target_mV(guard, facts);
    /* Until the main contactor has followed, what it closes onto must not move away: the precharge voltage stays. */
    set->mV = guard_least(most_mV, closed ? followed_mV(guard, facts) : set->mV);
    /* A contactor that drops takes the current with it, and so does a voltage that cannot drive one; it comes back by ramp. */
    const bool drives = closed && !is_below_the_pack(guard, facts);
    set->mA = drives ? toward(set->mA, goal_mA(guard, facts), config->ramp_up_mA_s, config->ramp_down_mA_s, facts->dt_ms) : 0;
}

static void step_ramp(guard_t *guard, const guard_facts_t *facts)
{
    const ccs_guard_config_t *config = &guard->config;
    const int32_t down_mA_s = guard->stop == GUARD_ERROR ? config->ramp_emergency_mA_s : config->ramp_down_mA_s;
    /* At the orderly end the car may open S2 a little early: no current is commanded outside C and D. */
    const bool at_once = guard->stop == GUARD_EMERGENCY || !guard_pilot_ready(guard);
    guard->set.mA = at_once ? 0 : toward(guard->set.mA, 0, 0, down_mA_s, facts->dt_ms);
    if (facts->want.car_mV_max > 0) { /* the car may open any moment now */
        guard->set.mV = guard_least(guard->set.mV, facts->want.car_mV_max);
    }
}

/* TEST and PRECHARGE: a fixed small current. A car that fell silent in PRECHARGE gets none. Once LIVE is asked for, the target is
 * the loop's, often the car's limit: what the main contactor closes onto stays as it is, and only falls if a limit does. */
static void step_small(guard_t *guard, const guard_facts_t *facts)
{
    guard_setpoint_t *set = &guard->set;
    const bool kept = facts->want.phase == CCS_PHASE_LIVE && set->mV > 0;
    const int32_t precharge_mV = kept ? guard_least(set->mV, target_mV(guard, facts)) : target_mV(guard, facts);
    set->mV = guard->phase == CCS_PHASE_TEST ? guard_test_mV(facts->want.car_mV_max, guard->config.mV_max) : precharge_mV;
    set->mA = 0;
}

void guard_setpoint_step(guard_t *guard, const guard_facts_t *facts)
{
    guard_setpoint_t *set = &guard->set;
    set->limited = 0;
    read_limits(guard, facts);
    if (guard->phase != CCS_PHASE_LIVE || !guard_path_closed(guard, facts)) {
        set->pack_mV = pack_mV(facts->mV);
    }
    switch (guard->phase) {
    case CCS_PHASE_TEST:
    case CCS_PHASE_PRECHARGE:
        step_small(guard, facts);
        break;
    case CCS_PHASE_LIVE:
        step_live(guard, facts);
        break;
    case CCS_PHASE_RAMP:
        step_ramp(guard, facts);
        break;
    default:
        set->mV = 0;
        set->mA = 0;
        break;
    }
    /* The source may lag behind a falling set point: the ceiling falls at half the ramp. */
    const int32_t least_mA = set->mA > guard->config.precharge_mA_max ? set->mA : guard->config.precharge_mA_max;
    const int32_t fallen_mA = toward(set->ceiling_mA, least_mA, 0, guard->config.ramp_down_mA_s / 2, facts->dt_ms);
    set->ceiling_mA = set->ceiling_mA > least_mA ? fallen_mA : least_mA;
}

bool guard_source_on(const guard_t *guard, const guard_facts_t *facts)
{
    switch (guard->phase) {
    case CCS_PHASE_TEST:
        return guard->isolation.step == GUARD_TEST_RAISE || guard->isolation.step == GUARD_TEST_MEASURE;
    case CCS_PHASE_PRECHARGE:
        return guard_path_closed(guard, facts);
    case CCS_PHASE_LIVE:
        return true;
    case CCS_PHASE_RAMP:
        return guard->stop != GUARD_EMERGENCY && guard->set.mA > 0;
    default:
        return false;
    }
}

int32_t guard_trip_now_mV(const guard_t *guard, const guard_facts_t *facts)
{
    const int32_t own_mV = guard->config.mV_max;
    const int32_t car_mV = facts->want.car_mV_max > 0 ? facts->want.car_mV_max : own_mV;
    const int32_t test_mV = guard->phase == CCS_PHASE_TEST ? guard_test_mV(facts->want.car_mV_max, own_mV) : 0;
    const int32_t least_mV = guard_least(car_mV, own_mV);
    return guard_trip_mV(test_mV > least_mV ? test_mV : least_mV);
}

/* LIVE: far below the set voltage and not even near the set current; or a little below it and no current at all. A pack at its
 * target takes little, and two voltmeters differ: that is no fault. */
static bool is_lacking_current(const guard_t *guard, const guard_facts_t *facts)
{
    const guard_setpoint_t *set = &guard->set;
    const ccs_guard_config_t *config = &guard->config;
    const bool far = facts->mV < set->mV - config->close_mV_max;
    const bool apart = facts->mV < set->mV - config->source_mV_off;
    const bool asked = set->mA >= config->open_mA_max;
    return asked && ((far && facts->mA < set->mA / 10) || (apart && facts->mA < config->unlock_mA_max));
}

/* Too little although it could. In TEST nothing but the cable's own capacity may take current: there the voltage alone counts. In
 * RAMP less is what is asked for. */
static bool is_lacking(const guard_t *guard, const guard_facts_t *facts)
{
    const ccs_guard_config_t *config = &guard->config;
    const bool below = facts->mV < guard->set.mV - config->close_mV_max;
    if (!facts->power_fresh || !guard_source_on(guard, facts)) {
        return false;
    }
    switch (guard->phase) {
    case CCS_PHASE_TEST:
        return below;
    case CCS_PHASE_PRECHARGE:
        return below && facts->lease && facts->mA < config->precharge_mA_max / 2;
    case CCS_PHASE_LIVE:
        return is_lacking_current(guard, facts);
    default:
        return false;
    }
}

/* The power stage's own answer, on boards that have one: too old, or "off" although it shall be on. It has its time from the moment
 * it was switched on: some sleep until then. */
static bool is_unanswered(guard_t *guard, const guard_facts_t *facts)
{
    guard_setpoint_t *set = &guard->set;
    const ccs_guard_config_t *config = &guard->config;
    const ccs_reading_t *answer = &facts->sample->source_on;
    const bool on = answer->at_ms > 0 && guard_source_on(guard, facts);
    const bool due = guard_lasts(&set->on_ms, on, facts->now_ms, config->source_age_ms_max);
    const bool refuses = on && answer->value == 0;
    const bool deaf = guard_lasts(&set->deaf_ms, refuses, facts->now_ms, config->source_follow_ms_max);
    return deaf || (due && !guard_is_fresh(answer, facts->now_ms, config->source_age_ms_max));
}

enum { MATCH_MS = 500 };

static bool is_at_target(const guard_t *guard, const guard_facts_t *facts)
{
    return guard->phase == CCS_PHASE_PRECHARGE && facts->power_fresh && facts->mV >= guard->config.safe_mV &&
           guard_within(facts->mV, guard->set.mV, guard->config.close_mV_max) &&
           guard_within(facts->mA, 0, guard->config.unlock_mA_max); /* through a resistor, current is a difference of voltage */
}

void guard_setpoint_watch(guard_t *guard, const guard_facts_t *facts)
{
    guard_setpoint_t *set = &guard->set;
    const ccs_guard_config_t *config = &guard->config;
    const bool over = facts->power_fresh && facts->mA > set->ceiling_mA + config->over_mA;
    const bool back = facts->power_fresh && facts->mA < -config->reverse_mA_max;
    const bool lacks = guard_lasts(&set->lacking_ms, is_lacking(guard, facts), facts->now_ms, config->source_follow_ms_max);
    set->over = guard_lasts(&set->over_ms, over, facts->now_ms, config->over_current_ms);
    set->reverse = guard_lasts(&set->reverse_ms, back, facts->now_ms, config->over_current_ms);
    set->silent = is_unanswered(guard, facts) || lacks;
    set->matched = guard_lasts(&set->matched_ms, is_at_target(guard, facts), facts->now_ms, MATCH_MS);
}

static bool wants_bleeding(const guard_t *guard, const guard_facts_t *facts)
{
    switch (guard->phase) {
    case CCS_PHASE_LIVE:
    case CCS_PHASE_RAMP:
        return false;
    case CCS_PHASE_PRECHARGE: /* a target that falls (BMW i3: the first is wrong) */
        return facts->mV > guard->set.mV + guard->config.close_mV_max;
    case CCS_PHASE_DISCHARGE:
    case CCS_PHASE_WELD:
        return true;
    default:
        return !guard_source_on(guard, facts) && (!facts->power_fresh || facts->unseen || facts->mV > guard->config.close_mV_max);
    }
}

/* The bleeder is not made to empty a battery that hangs on it: it rests after a while. Without a car none does; and once everything
 * has opened it begins anew. */
bool guard_bleeds(guard_t *guard, const guard_facts_t *facts)
{
    const bool wanted = wants_bleeding(guard, facts);
    const bool open = guard_path_open(guard, facts);
    const bool goes_on = wanted && open == guard->set.bleeds_open;
    const bool tired = guard_lasts(&guard->set.bleed_ms, goes_on, facts->now_ms, 3 * guard->config.discharge_ms_max);
    guard->set.bleeds_open = open;
    return wanted && (!tired || !guard_pilot_plugged(guard));
}
