/* Scenes that several tests begin with, and ways to spoil them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_GUARD_SCENE_H
#define CCS_TESTS_GUARD_SCENE_H

#include "guard/rules.h"
#include "sim/world.h"

/* A plugged car that is ready, and the guard in this phase: TEST before its verdict, PRECHARGE settled, LIVE and RAMP with 100 A,
 * DISCHARGE just begun, WELD open, FAULT with its cause gone but OFF not yet asked for. false: it did not get there. */
bool scene_reach(sim_world_t *world, const ccs_guard_config_t *config, ccs_phase_t phase);

/* A renewed lease and one tick. */
void scene_tick(sim_world_t *world);
void scene_run(sim_world_t *world, int64_t ms);

/* Brings a cause about. false: not by this world in this phase. */
bool scene_spoil(sim_world_t *world, guard_cause_t cause);

/* How long until the guard must have noticed, by the settings. */
int64_t scene_notice_ms(const ccs_guard_config_t *config, guard_cause_t cause, ccs_phase_t phase);

/* How long a reaction may take until open is commanded, by the settings. */
int64_t scene_open_ms(const ccs_guard_config_t *config, guard_class_t class);

#endif
