/* The connector lock: held while anything may be alive, let go only below 60 V and 1 A.
 * SPDX-License-Identifier: Apache-2.0 */
#include "guard/state.h"

enum { LOST_MS = 30 }; /* a feedback switch may bounce for so long */

/* A board that does not measure the car side takes the car's word that in A and B its contactors are open. */
static bool is_car_side_dead(const guard_t *guard, const guard_facts_t *facts)
{
    const bool told = guard->pilot.state == CCS_PILOT_A || guard->pilot.state == CCS_PILOT_B;
    return facts->car_known || (told && guard_cable_rested(guard, facts));
}

static bool may_let_go(const guard_t *guard, const guard_facts_t *facts)
{
    const bool idle = guard->phase == CCS_PHASE_OFF || guard->phase == CCS_PHASE_FAULT;
    const bool dead = facts->dead && guard_within(facts->mA, 0, guard->config.unlock_mA_max - 1);
    return idle && dead && !guard->latched && guard_path_open(guard, facts) && is_car_side_dead(guard, facts);
}

void guard_lock_watch(guard_t *guard, const guard_facts_t *facts)
{
    guard_lock_t *lock = &guard->lock;
    const bool due = facts->now_ms - lock->command_ms >= (int64_t)guard->config.lock_ms_max;
    const bool lost = guard_lasts(&lock->lost_ms, lock->command && lock->was_locked && !facts->locked, facts->now_ms, LOST_MS);
    lock->was_locked = facts->locked || (lock->was_locked && lock->command);
    lock->failed = lock->command && !facts->locked && (lock->was_locked ? lost : due);
    lock->stuck = !lock->command && facts->locked && due && (guard->config.lacks & CCS_LACK_LOCK) == 0;
}

static bool is_let_go_without_mains(const guard_t *guard, const guard_facts_t *facts)
{
    return guard->config.unlock_on_grid_loss && (facts->alarms & CCS_ALARM_GRID) != 0 && may_let_go(guard, facts);
}

/* Locks only a connector that is plugged in. After a restart with a car plugged in, what is locked stays so until it is safe. */
void guard_lock_drive(guard_t *guard, const guard_facts_t *facts)
{
    guard_lock_t *lock = &guard->lock;
    const bool held = lock->command || facts->locked;
    const bool asked = facts->want.lock && (held || guard_pilot_plugged(guard)) && !is_let_go_without_mains(guard, facts);
    const bool command = asked || (held && !may_let_go(guard, facts));
    if (command != lock->command) {
        lock->command = command;
        lock->command_ms = facts->now_ms;
    }
}
