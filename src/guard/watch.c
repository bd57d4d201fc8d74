/* Every cause, asked once per turn.
 * SPDX-License-Identifier: Apache-2.0 */
#include "guard/state.h"

static bool is_energised(ccs_phase_t phase)
{
    return phase == CCS_PHASE_TEST || phase == CCS_PHASE_PRECHARGE || phase == CCS_PHASE_LIVE || phase == CCS_PHASE_RAMP;
}

static uint32_t bit_if(bool fact, guard_cause_t cause)
{
    return fact ? (uint32_t)1 << cause : 0;
}

static const struct {
    uint32_t alarm;
    guard_cause_t cause;
} of_alarm[] = {
    {CCS_ALARM_EMERGENCY_STOP, GUARD_CAUSE_EMERGENCY_STOP},
    {CCS_ALARM_OVER_VOLTAGE, GUARD_CAUSE_OVER_VOLTAGE},
    {CCS_ALARM_OVER_CURRENT, GUARD_CAUSE_OVER_CURRENT},
    {CCS_ALARM_POWER_STAGE, GUARD_CAUSE_SOURCE_FAULT},
    {CCS_ALARM_IMD, GUARD_CAUSE_IMD},
    {CCS_ALARM_TEMPERATURE, GUARD_CAUSE_TEMPERATURE},
    {CCS_ALARM_GRID, GUARD_CAUSE_GRID},
    {CCS_ALARM_WELD, GUARD_CAUSE_WELDED},
};

static uint32_t watch_alarms(const guard_facts_t *facts)
{
    uint32_t causes = 0;
    for (size_t i = 0; i < sizeof(of_alarm) / sizeof(of_alarm[0]); i++) {
        causes |= bit_if((facts->alarms & of_alarm[i].alarm) != 0, of_alarm[i].cause);
    }
    return causes;
}

static uint32_t watch_pilot(const guard_t *guard, const guard_facts_t *facts)
{
    const ccs_pilot_state_t state = guard->pilot.state;
    const bool gone = state == CCS_PILOT_A || state == CCS_PILOT_F || state == CCS_PILOT_UNKNOWN || guard->pilot.pulled;
    /* At the orderly end the car opens S2 while we are still in RAMP. */
    const bool early = guard->phase != CCS_PHASE_RAMP || facts->mA >= guard->config.open_mA_max;
    return bit_if(gone, GUARD_CAUSE_PILOT_GONE) | bit_if(state == CCS_PILOT_B && early, GUARD_CAUSE_PILOT_B) |
           bit_if(state == CCS_PILOT_E, GUARD_CAUSE_PILOT_SHORT) | bit_if(guard->pilot.no_diode, GUARD_CAUSE_PILOT_DIODE);
}

static uint32_t watch_insulation(const guard_t *guard, const guard_facts_t *facts)
{
    const ccs_reading_t *reading = &facts->sample->isolation_ohm;
    const bool supervised = is_energised(guard->phase) && guard->phase != CCS_PHASE_TEST;
    const bool silent = supervised && !guard_is_fresh(reading, facts->now_ms, guard->config.imd_age_ms_max);
    const bool late = guard->phase == CCS_PHASE_TEST && guard->isolation.step != GUARD_TEST_DONE &&
                      facts->now_ms - guard->isolation.begin_ms >= (int64_t)guard->config.isolation_ms_max;
    return bit_if(late, GUARD_CAUSE_TEST_LATE) | bit_if(silent, GUARD_CAUSE_IMD) |
           bit_if(!late && guard->isolation.verdict == CCS_ISOLATION_FAULT, GUARD_CAUSE_ISOLATION);
}

/* A source side that keeps its voltage with the source off and everything open is a weld that its mirror contact does not show. */
static uint32_t watch_discharge(guard_t *guard, const guard_facts_t *facts)
{
    const ccs_guard_config_t *config = &guard->config;
    const bool stands = facts->power_fresh && facts->mV >= config->safe_mV;
    const bool ours = config->topology != CCS_TOPOLOGY_DIRECT && !is_energised(guard->phase) && guard_path_open(guard, facts);
    const bool kept = guard_lasts(&guard->standing_ms, stands && ours, facts->now_ms, config->discharge_ms_max);
    const int64_t waited_ms = facts->now_ms - guard->phase_ms;
    const bool endless = guard->phase == CCS_PHASE_DISCHARGE &&
                         waited_ms >= (int64_t)config->discharge_ms_max + 2 * (int64_t)config->contactor_ms_max;
    const bool still = guard->phase == CCS_PHASE_FAULT && stands;
    /* Before the test voltage: a car that closes its contactors too early. */
    const bool early =
        guard->phase == CCS_PHASE_TEST && guard->isolation.step <= GUARD_TEST_SELF && facts->stand_mV >= config->safe_mV;
    return bit_if(kept, GUARD_CAUSE_NO_DISCHARGE) | bit_if(!kept && (endless || still || early), GUARD_CAUSE_VOLTAGE_STANDS);
}

static uint32_t watch_contactors(const guard_t *guard)
{
    const guard_contactor_t *main = &guard->contactor[0];
    const guard_contactor_t *branch = &guard->contactor[1];
    return bit_if(main->failed || branch->failed, GUARD_CAUSE_CONTACTOR_OPEN) |
           bit_if(main->welded || branch->welded, GUARD_CAUSE_WELDED);
}

static uint32_t watch_source(const guard_t *guard, const guard_facts_t *facts)
{
    const int32_t trip_mV = guard_trip_now_mV(guard, facts);
    const bool over = is_energised(guard->phase) && facts->stand_mV > trip_mV;
    return bit_if(over, GUARD_CAUSE_OVER_VOLTAGE) | bit_if(guard->set.over, GUARD_CAUSE_OVER_CURRENT) |
           bit_if(guard->set.reverse, GUARD_CAUSE_REVERSE) | bit_if(guard->set.silent, GUARD_CAUSE_SOURCE_SILENT);
}

static uint32_t watch_rest(const guard_t *guard, const guard_facts_t *facts)
{
    const ccs_guard_config_t *config = &guard->config;
    const ccs_sample_t *sample = facts->sample;
    const bool hot = (config->lacks & CCS_LACK_TEMPERATURE) == 0 && sample->temperature_dC.at_ms >= 0 &&
                     sample->temperature_dC.value >= config->temperature_dC_max;
    const bool metered = sample->meter.at_ms >= 0 && facts->now_ms - sample->meter.at_ms <= (int64_t)config->meter_age_ms_max;
    const bool lease_dead = facts->now_ms - (int64_t)config->lease_dead_ms >= facts->want.lease_until_ms;
    return bit_if(hot, GUARD_CAUSE_TEMPERATURE) | bit_if(config->meter_required && !metered, GUARD_CAUSE_METER) |
           bit_if(lease_dead, GUARD_CAUSE_LEASE_DEAD) | bit_if(guard->lock.failed, GUARD_CAUSE_LOCK) |
           bit_if(facts->late, GUARD_CAUSE_LATE_TICK) |
           bit_if(!facts->power_fresh || !facts->pilot_fresh || !facts->alarms_fresh, GUARD_CAUSE_BLIND) |
           bit_if(!facts->others_fresh, GUARD_CAUSE_STALE);
}

uint32_t guard_watch(guard_t *guard, const guard_facts_t *facts)
{
    return watch_alarms(facts) | watch_pilot(guard, facts) | watch_insulation(guard, facts) | watch_discharge(guard, facts) |
           watch_contactors(guard) | watch_source(guard, facts) | watch_rest(guard, facts);
}
