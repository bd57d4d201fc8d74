/* One turn of the guard: facts, timers, causes, phase, commands, report.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "guard/state.h"
#include <string.h>

_Static_assert(sizeof(guard_t) <= sizeof(ccs_guard_t), "CCS_GUARD_WORDS is too small");
_Static_assert(sizeof(ccs_derate_t) * CCS_DERATE_POINTS <= 64, "a short curve");

static guard_t *inside(ccs_guard_t *guard)
{
    return (guard_t *)(void *)guard->private_words;
}

static const ccs_derate_t derate_points[CCS_DERATE_POINTS] = {{700, 1000}, {800, 700}, {900, 300}, {950, 0}};

void ccs_guard_defaults(ccs_guard_config_t *config)
{
    CCS_ASSERT(config != NULL);
    *config = (ccs_guard_config_t){.topology = CCS_TOPOLOGY_OUTPUT_CONTACTOR, .edition = CCS_EDITION_2023};
    for (size_t i = 0; i < guard_settings_count; i++) {
        memcpy((uint8_t *)config + guard_settings[i].offset, &guard_settings[i].value, sizeof(int32_t));
    }
    memcpy(config->derate, derate_points, sizeof(derate_points));
}

static bool figures_are_in_range(const ccs_guard_config_t *config)
{
    for (size_t i = 0; i < guard_settings_count; i++) {
        int32_t value;
        memcpy(&value, (const uint8_t *)config + guard_settings[i].offset, sizeof(value));
        if (value < guard_settings[i].least || value > guard_settings[i].most) {
            return false;
        }
    }
    return true;
}

static bool curve_falls(const ccs_derate_t *point)
{
    for (size_t i = 0; i + 1 < CCS_DERATE_POINTS; i++) {
        const bool repeats = point[i].temperature_dC == point[i + 1].temperature_dC && point[i].permille == point[i + 1].permille;
        if (!repeats && (point[i].temperature_dC >= point[i + 1].temperature_dC || point[i].permille < point[i + 1].permille)) {
            return false;
        }
    }
    return point[0].permille <= 1000;
}

/* Neither a mirror contact nor the discharge of the source side would show it. */
static bool can_see_a_weld(const ccs_guard_config_t *config)
{
    const bool blind = config->meter_place == CCS_METER_AFTER && (config->lacks & CCS_LACK_FEEDBACK) != 0;
    return config->meter_place <= CCS_METER_AFTER && (!blind || config->topology == CCS_TOPOLOGY_DIRECT);
}

ccs_err_t ccs_guard_init(ccs_guard_t *guard, const ccs_guard_config_t *config, int64_t now_ms)
{
    CCS_ASSERT(guard != NULL && config != NULL);
    const bool kinds = config->topology <= CCS_TOPOLOGY_DIRECT && config->edition <= CCS_EDITION_2023 && can_see_a_weld(config);
    if (!kinds || now_ms < 0 || !figures_are_in_range(config) || !curve_falls(config->derate) || config->mV_min > config->mV_max) {
        return CCS_ERR_CONFIG;
    }
    guard_t *own = inside(guard);
    *own = (guard_t){.config = *config, .last_ms = now_ms, .latched = config->latched, .on_ms = -1, .standing_ms = -1};
    own->alive_ms = now_ms; /* who knows what was on before */
    own->contactor[0] = own->contactor[1] = (guard_contactor_t){.command_ms = now_ms, .dropped_ms = -1};
    own->pilot =
        (guard_pilot_t){.raw_since_ms = now_ms, .ready_ms = now_ms, .diodeless_ms = -1, .changed_ms = now_ms, .pulled_ms = -1};
    own->lock = (guard_lock_t){.command_ms = now_ms, .lost_ms = -1};
    own->set = (guard_setpoint_t){.over_ms = -1,
                                  .reverse_ms = -1,
                                  .lacking_ms = -1,
                                  .deaf_ms = -1,
                                  .on_ms = -1,
                                  .bleed_ms = -1,
                                  .matched_ms = -1,
                                  .mA_max_now = config->mA_max};
    guard_phase_start(own, now_ms);
    return CCS_OK;
}

void ccs_guard_service_reset(ccs_guard_t *guard)
{
    CCS_ASSERT(guard != NULL);
    inside(guard)->latched = false;
}

static int32_t commanded_mA(const guard_t *guard, const guard_facts_t *facts)
{
    const bool small = guard->phase == CCS_PHASE_TEST || guard->phase == CCS_PHASE_PRECHARGE ||
                       (guard->phase == CCS_PHASE_LIVE && !guard_path_closed(guard, facts));
    if (!small) {
        return guard->set.mA;
    }
    return guard->phase == CCS_PHASE_TEST || facts->lease ? guard->config.precharge_mA_max : 0;
}

static void fill_drive(guard_t *guard, const guard_facts_t *facts, ccs_drive_t *drive)
{
    const bool enable = guard_source_on(guard, facts);
    guard->on_ms = enable ? facts->now_ms : guard->on_ms;
    const bool joined = facts->closed != 0 || guard->contactor[0].command || guard->contactor[1].command;
    guard->alive_ms = enable || joined ? facts->now_ms : guard->alive_ms;
    const bool tests = guard->phase == CCS_PHASE_TEST || guard->phase == CCS_PHASE_PRECHARGE || guard->phase == CCS_PHASE_LIVE ||
                       guard->phase == CCS_PHASE_RAMP;
    *drive = (ccs_drive_t){
        .valid_until_ms = facts->now_ms + (int64_t)guard->config.drive_valid_ms,
        .phase = guard->phase,
        .output_mV = enable ? guard->set.mV : 0,
        .output_mA = enable ? commanded_mA(guard, facts) : 0,
        .trip_mV = guard_trip_now_mV(guard, facts),
        .pilot = guard->pilot.drive,
        .enable = enable,
        .main_close = guard->contactor[0].command,
        .precharge_close = guard->contactor[1].command,
        .lock = guard->lock.command,
        .discharge = guard_bleeds(guard, facts),
        .test_isolation = tests,
    };
}

static void fill_report(const guard_t *guard, const guard_facts_t *facts, ccs_report_t *report)
{
    *report = (ccs_report_t){
        .sample = *facts->sample,
        .at_ms = facts->now_ms,
        .phase = guard->phase,
        .pilot = guard->pilot.state,
        .isolation = guard->isolation.verdict,
        .why = guard_why(guard, facts),
        .limited = guard->set.limited,
        .settled = guard_settled(guard, facts),
        .locked = facts->locked,
        .derated = guard->set.mA_max_now < guard->config.mA_max,
        .latched = guard->latched,
        .mA_max_now = guard->latched ? 0 : guard->set.mA_max_now,
        .late_ms_max = guard->late_ms_max,
    };
}

static void note_lateness(guard_t *guard, int64_t now_ms)
{
    const int64_t late_ms = now_ms - guard->last_ms - GUARD_TICK_MS;
    if (late_ms > (int64_t)guard->late_ms_max) {
        guard->late_ms_max = late_ms < UINT32_MAX ? (uint32_t)late_ms : UINT32_MAX;
    }
    guard->last_ms = now_ms;
}

void ccs_guard_step(ccs_guard_t *guard, int64_t now_ms, const ccs_sample_t *sample, const ccs_want_t *want, ccs_drive_t *drive,
                    ccs_report_t *report)
{
    CCS_ASSERT(guard != NULL && sample != NULL && want != NULL && drive != NULL && report != NULL);
    guard_t *own = inside(guard);
    guard_facts_t facts;
    guard_read_facts(own, now_ms, sample, want, &facts);
    note_lateness(own, now_ms);
    if (facts.ended) {
        own->alive_ms += facts.gap_ms; /* nothing was bled */
    }
    guard_pilot_measure(own, &facts);
    guard_contactors_watch(own, &facts);
    guard_lock_watch(own, &facts);
    guard_setpoint_watch(own, &facts);
    guard_isolation_step(own, &facts);
    guard_phase_step(own, &facts, guard_watch(own, &facts));
    guard_contactors_drive(own, &facts);
    guard_lock_drive(own, &facts);
    guard_setpoint_step(own, &facts);
    guard_pilot_drive(own, &facts);
    fill_drive(own, &facts, drive);
    fill_report(own, &facts, report);
}
