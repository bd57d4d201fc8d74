/* What this turn's sample and want say, judged once.
 * SPDX-License-Identifier: Apache-2.0 */
#include "guard/state.h"

bool guard_lasts(guard_since_t *since_ms, bool fact, int64_t now_ms, uint32_t ms)
{
    if (!fact) {
        *since_ms = -1;
        return false;
    }
    if (*since_ms < 0) {
        *since_ms = now_ms;
    }
    return now_ms - *since_ms >= (int64_t)ms;
}

bool guard_is_fresh(const ccs_reading_t *reading, int64_t now_ms, uint32_t age_ms_max)
{
    return reading->at_ms >= 0 && reading->at_ms <= now_ms && now_ms - reading->at_ms <= (int64_t)age_ms_max;
}

int32_t guard_least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

bool guard_within(int32_t a, int32_t b, int32_t most)
{
    const int64_t apart = (int64_t)a - b;
    return apart <= most && -apart <= most;
}

static int32_t at_least_0(int32_t value)
{
    return value > 0 ? value : 0;
}

static bool asks_voltage(ccs_phase_t phase)
{
    return phase == CCS_PHASE_TEST || phase == CCS_PHASE_PRECHARGE || phase == CCS_PHASE_LIVE;
}

/* Whatever the communication says, what comes out is a want that makes sense. */
static ccs_want_t sane(const ccs_want_t *given, const ccs_guard_config_t *config)
{
    ccs_want_t want = *given;
    if (want.phase > CCS_PHASE_WELD || want.phase == CCS_PHASE_DISCHARGE) {
        want.phase = CCS_PHASE_OFF;
    }
    if (want.pilot > CCS_PILOT_NEGATIVE) {
        want.pilot = CCS_PILOT_STEADY;
    }
    /* A product that only charges: a negative target (bidirectional) is none. The type is signed so that it can hold one. */
    const bool held = want.lock || (config->lacks & CCS_LACK_LOCK) != 0;
    if (asks_voltage(want.phase) && (!held || want.pilot != CCS_PILOT_5_PERCENT)) {
        want.phase = CCS_PHASE_OFF;
    }
    want.target_mV = at_least_0(want.target_mV);
    want.target_mA = at_least_0(want.target_mA);
    want.car_mV_max = at_least_0(want.car_mV_max);
    want.car_mA_max = at_least_0(want.car_mA_max);
    want.offer_mA_max = at_least_0(want.offer_mA_max);
    want.offer_W_max = at_least_0(want.offer_W_max);
    return want;
}

static void read_time(const guard_t *guard, guard_facts_t *facts)
{
    const int64_t since_ms = facts->now_ms - guard->last_ms;
    const int64_t dt_max_ms = 100; /* one ramp step is never longer */
    facts->gap_ms = since_ms;
    facts->dt_ms = (int32_t)(since_ms < 0 ? 0 : since_ms < dt_max_ms ? since_ms : dt_max_ms);
    /* Once the last drive has ended the hardware has opened by itself: to go on as if nothing had been would close onto anything.
     */
    facts->ended = since_ms >= (int64_t)guard->config.drive_valid_ms;
    facts->late = since_ms < 0 || facts->ended || since_ms - GUARD_TICK_MS > (int64_t)guard->config.tick_late_ms_max;
}

static bool others_are_fresh(const ccs_guard_config_t *config, const ccs_sample_t *sample, int64_t now_ms)
{
    const bool lock = (config->lacks & CCS_LACK_LOCK) == 0;
    const bool temperature = (config->lacks & CCS_LACK_TEMPERATURE) == 0;
    const bool main = (config->lacks & CCS_LACK_FEEDBACK) == 0 && config->topology != CCS_TOPOLOGY_DIRECT;
    const bool branch = main && config->topology == CCS_TOPOLOGY_PRECHARGE_BRANCH;
    const uint32_t age_ms_max = config->sample_age_ms_max;
    return (!lock || guard_is_fresh(&sample->locked, now_ms, age_ms_max)) &&
           (!temperature || guard_is_fresh(&sample->temperature_dC, now_ms, age_ms_max)) &&
           (!main || guard_is_fresh(&sample->main_closed, now_ms, age_ms_max)) &&
           (!branch || guard_is_fresh(&sample->precharge_closed, now_ms, age_ms_max));
}

/* A board without mirror contacts: the contactor is taken to have followed after the longest time it may need. */
static bool is_closed(const guard_t *guard, size_t index, const ccs_reading_t *feedback, int64_t now_ms)
{
    const guard_contactor_t *contactor = &guard->contactor[index];
    if ((guard->config.lacks & CCS_LACK_FEEDBACK) == 0) {
        return feedback->at_ms >= 0 && feedback->value != 0;
    }
    const bool moved = now_ms - contactor->command_ms >= (int64_t)guard->config.contactor_ms_max;
    return contactor->command ? moved : contactor->was_closed && !moved;
}

static uint8_t read_closed(const guard_t *guard, const ccs_sample_t *sample, int64_t now_ms)
{
    uint8_t closed = 0;
    if (guard->config.topology != CCS_TOPOLOGY_DIRECT && is_closed(guard, 0, &sample->main_closed, now_ms)) {
        closed |= GUARD_MAIN;
    }
    if (guard->config.topology == CCS_TOPOLOGY_PRECHARGE_BRANCH && is_closed(guard, 1, &sample->precharge_closed, now_ms)) {
        closed |= GUARD_BRANCH;
    }
    return closed;
}

/* Both sides, where the meter sits on the source side. */
static void read_before(const guard_t *guard, guard_facts_t *facts, int32_t mV)
{
    const ccs_sample_t *sample = facts->sample;
    const bool measured = guard_is_fresh(&sample->car_mV, facts->now_ms, guard->config.sample_age_ms_max);
    const bool joined = guard->config.topology == CCS_TOPOLOGY_DIRECT || (facts->closed & GUARD_MAIN) != 0;
    facts->mV = mV;
    facts->car_known = measured || (joined && facts->power_fresh);
    facts->car_mV = measured ? sample->car_mV.value : facts->car_known ? facts->mV : 0;
    /* A side that was measured once and fell silent is not known to be safe. */
    facts->power_fresh = facts->power_fresh && (measured || sample->car_mV.at_ms < 0);
    /* A fresh reading may still be older than the last voltage. */
    const bool since = sample->output_mV.at_ms > guard->on_ms && (!measured || sample->car_mV.at_ms > guard->on_ms);
    facts->source_dead = facts->power_fresh && since && facts->mV < guard->config.safe_mV;
}

/* The meter sits on the car side: the source side is seen through a closed contactor or the precharge resistor only. Apart, it is
 * taken for dead after the time that its discharge may need. */
static void read_after(const guard_t *guard, guard_facts_t *facts, int32_t mV)
{
    const bool joined = guard->config.topology == CCS_TOPOLOGY_DIRECT || facts->closed != 0;
    const bool since = facts->sample->output_mV.at_ms > guard->on_ms;
    const bool rested = facts->now_ms - guard->alive_ms >= (int64_t)guard->config.discharge_ms_max;
    facts->unseen = !joined && !rested;
    facts->mV = joined ? mV : 0;
    facts->car_known = facts->power_fresh;
    facts->car_mV = mV;
    facts->source_dead = facts->power_fresh && since && !facts->unseen && facts->mV < guard->config.safe_mV;
}

static void read_power(const guard_t *guard, guard_facts_t *facts)
{
    const ccs_sample_t *sample = facts->sample;
    const uint32_t age_ms_max = guard->config.sample_age_ms_max;
    facts->power_fresh = guard_is_fresh(&sample->output_mV, facts->now_ms, age_ms_max) &&
                         guard_is_fresh(&sample->output_mA, facts->now_ms, age_ms_max);
    const int32_t mV = facts->power_fresh ? sample->output_mV.value : 0;
    facts->mA = facts->power_fresh ? sample->output_mA.value : 0;
    if (guard->config.meter_place == CCS_METER_AFTER) {
        read_after(guard, facts, mV);
    } else {
        read_before(guard, facts, mV);
    }
    facts->stand_mV = facts->mV > facts->car_mV ? facts->mV : facts->car_mV;
    facts->dead = facts->source_dead && facts->stand_mV < guard->config.safe_mV;
}

void guard_read_facts(guard_t *guard, int64_t now_ms, const ccs_sample_t *sample, const ccs_want_t *want, guard_facts_t *facts)
{
    const ccs_guard_config_t *config = &guard->config;
    *facts = (guard_facts_t){.now_ms = now_ms, .sample = sample, .want = sane(want, config)};
    read_time(guard, facts);
    facts->closed = read_closed(guard, sample, now_ms);
    read_power(guard, facts);
    facts->pilot_fresh = guard_is_fresh(&sample->pilot_high_mV, now_ms, config->sample_age_ms_max);
    facts->alarms_fresh =
        (config->lacks & CCS_LACK_ALARMS) != 0 || guard_is_fresh(&sample->alarms, now_ms, config->sample_age_ms_max);
    facts->others_fresh = others_are_fresh(config, sample, now_ms);
    facts->alarms = sample->alarms.at_ms >= 0 ? (uint32_t)sample->alarms.value : 0;
    facts->locked = (config->lacks & CCS_LACK_LOCK) != 0 || (sample->locked.at_ms >= 0 && sample->locked.value != 0);
    facts->lease = now_ms < facts->want.lease_until_ms;
    facts->limits = facts->want.car_mV_max > 0 && facts->want.car_mA_max > 0;
}
