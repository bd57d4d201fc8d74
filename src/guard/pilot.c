/* Control pilot: bands, debounce, the diode, and what the outlet shows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "guard/state.h"

static const struct {
    int32_t mV;
    ccs_pilot_state_t state;
} bands[] = {
    {12000, CCS_PILOT_A}, {9000, CCS_PILOT_B}, {6000, CCS_PILOT_C}, {3000, CCS_PILOT_D}, {0, CCS_PILOT_E}, {-12000, CCS_PILOT_F},
};

static ccs_pilot_state_t state_of(int32_t high_mV, int32_t band_mV)
{
    for (size_t i = 0; i < sizeof(bands) / sizeof(bands[0]); i++) {
        if (guard_within(high_mV, bands[i].mV, band_mV)) {
            return bands[i].state;
        }
    }
    return CCS_PILOT_UNKNOWN;
}

static bool is_ready(ccs_pilot_state_t state)
{
    return state == CCS_PILOT_C || state == CCS_PILOT_D;
}

bool guard_pilot_ready(const guard_t *guard)
{
    return is_ready(guard->pilot.state) && !guard->pilot.pulled;
}

bool guard_pilot_plugged(const guard_t *guard)
{
    return is_ready(guard->pilot.state) || guard->pilot.state == CCS_PILOT_B;
}

/* Leaving C or D counts from the last time either was seen: contacts that bounce between A and E must not restart the clock. */
static bool is_adopted(const guard_t *guard, int64_t now_ms)
{
    const guard_pilot_t *pilot = &guard->pilot;
    if (is_ready(pilot->state) && !is_ready(pilot->raw)) {
        return now_ms - pilot->ready_ms >= (int64_t)guard->config.pilot_lost_ms;
    }
    return now_ms - pilot->raw_since_ms >= (int64_t)guard->config.pilot_debounce_ms;
}

/* No diode in the car: the lower level of the wave is not near -12 V. While no wave runs the last verdict stands, for as long as
 * the car is plugged in; else X1, shown because of it, would take it away. */
static void watch_diode(guard_t *guard, const guard_facts_t *facts)
{
    guard_pilot_t *pilot = &guard->pilot;
    const ccs_reading_t *low = &facts->sample->pilot_low_mV;
    const bool told =
        (guard->config.lacks & CCS_LACK_PILOT_LOW) == 0 && guard_is_fresh(low, facts->now_ms, guard->config.sample_age_ms_max);
    const bool wave = pilot->drive == CCS_PILOT_5_PERCENT && facts->now_ms - pilot->changed_ms > 2 * GUARD_TICK_MS;
    if (!guard_pilot_plugged(guard)) {
        pilot->no_diode = false;
        pilot->diodeless_ms = -1;
    } else if (wave && told) {
        const bool missing = low->value > -12000 + guard->config.pilot_band_mV;
        pilot->no_diode = guard_lasts(&pilot->diodeless_ms, missing, facts->now_ms, guard->config.pilot_lost_ms);
    }
}

/* Proximity, where it is fitted: a plug that leaves its inlet opens PP before it opens the pilot. */
static void watch_proximity(guard_t *guard, const guard_facts_t *facts)
{
    guard_pilot_t *pilot = &guard->pilot;
    const ccs_reading_t *reading = &facts->sample->proximity_ohm;
    const bool open = reading->at_ms > 0 && (int64_t)reading->value > (int64_t)guard->config.proximity_ohm_max;
    pilot->pulled = guard_lasts(&pilot->pulled_ms, open, facts->now_ms, guard->config.pilot_lost_ms);
}

/* Nobody looked: that time does not count as one in which the pilot was away. The lateness itself has its own reaction. */
static void forget_gap(guard_pilot_t *pilot, int64_t gap_ms)
{
    pilot->ready_ms += gap_ms;
    pilot->raw_since_ms += gap_ms;
}

void guard_pilot_measure(guard_t *guard, const guard_facts_t *facts)
{
    guard_pilot_t *pilot = &guard->pilot;
    if (facts->late && facts->gap_ms > 0) {
        forget_gap(pilot, facts->gap_ms);
    }
    const ccs_pilot_state_t raw =
        facts->pilot_fresh ? state_of(facts->sample->pilot_high_mV.value, guard->config.pilot_band_mV) : CCS_PILOT_UNKNOWN;
    if (raw != pilot->raw) {
        pilot->raw = raw;
        pilot->raw_since_ms = facts->now_ms;
    }
    if (is_ready(raw)) {
        pilot->ready_ms = facts->now_ms;
    }
    if (raw != pilot->state && is_adopted(guard, facts->now_ms)) {
        pilot->state = raw;
    }
    watch_diode(guard, facts);
    watch_proximity(guard, facts);
}

/* A latched fault: X1 while the session at hand ends in words, F (outlet not available) after it; never 5 %. */
static ccs_pilot_drive_t wanted_drive(const guard_t *guard, ccs_pilot_drive_t want)
{
    if (guard->latched) {
        return want == CCS_PILOT_5_PERCENT ? CCS_PILOT_STEADY : CCS_PILOT_NEGATIVE;
    }
    const guard_cause_t cause = guard->cause != GUARD_CAUSE_NONE ? guard->cause : guard->blocking;
    if (cause != GUARD_CAUSE_NONE && guard_rules[cause].pilot == 'x' && want == CCS_PILOT_5_PERCENT) {
        return CCS_PILOT_STEADY;
    }
    return want;
}

/* F once shown is held: a car must not take it for a glitch. */
void guard_pilot_drive(guard_t *guard, const guard_facts_t *facts)
{
    guard_pilot_t *pilot = &guard->pilot;
    if (pilot->drive == CCS_PILOT_NEGATIVE && facts->now_ms < pilot->hold_until_ms) {
        return;
    }
    const ccs_pilot_drive_t drive = wanted_drive(guard, facts->want.pilot);
    if (drive == pilot->drive) {
        return;
    }
    pilot->drive = drive;
    pilot->changed_ms = facts->now_ms;
    pilot->hold_until_ms = facts->now_ms + (int64_t)guard->config.pilot_hold_ms;
}
