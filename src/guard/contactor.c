/* Contactors: what is commanded, and whether they obey.
 * SPDX-License-Identifier: Apache-2.0 */
#include "guard/state.h"

enum { CONTACTORS = 2, DROP_MS = 20 }; /* a mirror contact may bounce for so long */

/* A latch is never taken from a reading that has stopped: that is a fault of its own, and stands until it is fresh again. */
static void watch_one(const guard_t *guard, guard_contactor_t *contactor, bool closed, bool fresh, int64_t now_ms)
{
    const bool due = now_ms - contactor->command_ms >= (int64_t)guard->config.contactor_ms_max;
    const bool dropped =
        guard_lasts(&contactor->dropped_ms, contactor->command && contactor->was_closed && !closed, now_ms, DROP_MS);
    contactor->was_closed = closed || (contactor->was_closed && (contactor->command || !due));
    contactor->failed = contactor->command && !closed && (contactor->was_closed ? dropped : due);
    contactor->welded = !contactor->command && closed && due && fresh;
}

static void command(guard_contactor_t *contactor, bool close, int64_t now_ms)
{
    if (contactor->command != close) {
        contactor->command = close;
        contactor->command_ms = now_ms;
    }
}

/* After the end of a drive the hardware has opened by itself: what was commanded before is no command any more. */
void guard_contactors_watch(guard_t *guard, const guard_facts_t *facts)
{
    for (size_t i = 0; i < CONTACTORS; i++) {
        if (facts->ended) {
            command(&guard->contactor[i], false, facts->now_ms);
        }
        watch_one(guard, &guard->contactor[i], (facts->closed & (1u << i)) != 0, facts->others_fresh, facts->now_ms);
    }
}

bool guard_path_closed(const guard_t *guard, const guard_facts_t *facts)
{
    if (guard->config.topology == CCS_TOPOLOGY_DIRECT) {
        return true;
    }
    const bool branch = guard->config.topology == CCS_TOPOLOGY_PRECHARGE_BRANCH && guard->phase != CCS_PHASE_LIVE;
    return (facts->closed & (branch ? GUARD_MAIN | GUARD_BRANCH : GUARD_MAIN)) != 0;
}

bool guard_path_open(const guard_t *guard, const guard_facts_t *facts)
{
    const bool told = facts->others_fresh || guard->config.topology == CCS_TOPOLOGY_DIRECT;
    return told && facts->closed == 0 && !guard->contactor[0].command && !guard->contactor[1].command;
}

bool guard_cable_rested(const guard_t *guard, const guard_facts_t *facts)
{
    const int64_t main_ms = guard->contactor[0].command_ms;
    const int64_t branch_ms = guard->contactor[1].command_ms;
    const int64_t opened_ms = main_ms > branch_ms ? main_ms : branch_ms;
    const int64_t least_ms = (int64_t)guard->config.contactor_ms_max + (int64_t)guard->config.discharge_ms_max;
    return facts->car_known || facts->now_ms - opened_ms >= least_ms;
}

bool guard_sees_one_side(const guard_t *guard, const guard_facts_t *facts)
{
    const bool both = guard->config.meter_place == CCS_METER_BEFORE && facts->car_known;
    return guard->config.topology == CCS_TOPOLOGY_PRECHARGE_BRANCH && (facts->closed & GUARD_MAIN) == 0 && !both;
}

/* The 20 V rule: against the measured car side; where the board does not measure it, against the target of its last PreCharge, or
 * against 0 V as long as nothing was energised. */
bool guard_closes_softly(const guard_t *guard, const guard_facts_t *facts)
{
    if (!facts->power_fresh) {
        return false;
    }
    const int32_t other_mV = facts->car_known ? facts->car_mV : guard->phase == CCS_PHASE_LIVE ? guard->set.mV : 0;
    return guard_within(facts->mV, other_mV, guard->config.close_mV_max);
}

/* Bits that this phase wants closed. RAMP keeps what is closed. In LIVE the
 * branch stays until the main contactor has followed. */
static uint8_t wanted_closed(const guard_t *guard, const guard_facts_t *facts)
{
    const uint8_t now =
        (uint8_t)((guard->contactor[0].command ? GUARD_MAIN : 0) | (guard->contactor[1].command ? GUARD_BRANCH : 0));
    const uint8_t may = guard_may_close(guard->config.topology, guard->phase);
    if (guard->phase == CCS_PHASE_RAMP) {
        return now & may;
    }
    if (guard->phase != CCS_PHASE_LIVE) {
        return may;
    }
    return may & (uint8_t)(GUARD_MAIN | ((facts->closed & GUARD_MAIN) == 0 ? now : 0));
}

void guard_contactors_drive(guard_t *guard, const guard_facts_t *facts)
{
    const uint8_t wanted = wanted_closed(guard, facts);
    for (size_t i = 0; i < CONTACTORS; i++) {
        guard_contactor_t *contactor = &guard->contactor[i];
        const bool close = (wanted & (1u << i)) != 0 && (contactor->command || guard_closes_softly(guard, facts));
        command(contactor, close, facts->now_ms);
    }
}
