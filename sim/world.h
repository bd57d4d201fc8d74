/* A small world: plant and guard, stepped together on a virtual clock, with every invariant checked in every step.
 *
 *     sim_world_t world;
 *     sim_world_init(&world, NULL, NULL);
 *     sim_plant_plug(&world.plant);
 *     world.want = ...;
 *     sim_world_run(&world, 1000);
 *     assert(world.violation == NULL);
 *
 * The SECC's and the car's tests set world.want from ccs_outputs_t.want and feed world.report back as CCS_ON_REPORT.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SIM_WORLD_H
#define CCS_SIM_WORLD_H

#include "sim/invariants.h"
#include "sim/plant.h"

enum { SIM_TICK_MS = 10 };

typedef struct sim_world {
    sim_plant_t plant;
    ccs_guard_t guard;
    ccs_guard_config_t guard_config;
    sim_invariants_t invariants;
    int64_t now_ms;
    ccs_want_t want; /* for you to set */
    ccs_sample_t sample;
    ccs_drive_t drive;
    ccs_report_t report;
    const char *violation; /* the first invariant that was broken; NULL: none */
    int64_t violation_ms;
} sim_world_t;

/* NULL: the defaults. Topology and meter of the plant follow the guard's. */
CCS_MUST_USE ccs_err_t sim_world_init(sim_world_t *world, const ccs_guard_config_t *guard, const sim_plant_config_t *plant);

/* One turn of the guard, ms after the last one. */
void sim_world_turn(sim_world_t *world, uint32_t ms);
void sim_world_tick(sim_world_t *world);            /* 10 ms */
void sim_world_run(sim_world_t *world, int64_t ms); /* in ticks of 10 ms */

/* Ticks until the guard has granted phase and it is settled; false: not within ms. */
bool sim_world_until(sim_world_t *world, ccs_phase_t phase, int64_t ms);

/* A want as a well-behaved communication sends it for a car with this battery: 5 %, lock, limits, a lease of 1 s. */
ccs_want_t sim_world_want(const sim_world_t *world, ccs_phase_t phase);

/* Plugs our car in, lets it go to state C, and brings the guard to LIVE in order; false: it did not get there.
 * Renews the lease as it goes. Current stays at target_mA. */
bool sim_world_charge(sim_world_t *world, int32_t target_mA);

#endif
