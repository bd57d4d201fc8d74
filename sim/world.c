/* Plant and guard on a virtual clock.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sim/world.h"
#include <stddef.h>

enum { LEASE_MS = 1000, RENEW_MS = 100 };

ccs_err_t sim_world_init(sim_world_t *world, const ccs_guard_config_t *guard, const sim_plant_config_t *plant)
{
    sim_plant_config_t own;
    *world = (sim_world_t){.violation = NULL};
    if (guard == NULL) {
        ccs_guard_defaults(&world->guard_config);
    } else {
        world->guard_config = *guard;
    }
    if (plant == NULL) {
        sim_plant_defaults(&own);
    } else {
        own = *plant;
    }
    own.topology = world->guard_config.topology;
    own.meter_place = world->guard_config.meter_place;
    sim_plant_init(&world->plant, &own, 0);
    sim_invariants_init(&world->invariants, &world->guard_config, 0);
    return ccs_guard_init(&world->guard, &world->guard_config, 0);
}

void sim_world_turn(sim_world_t *world, uint32_t ms)
{
    const ccs_hal_t hal = sim_plant_hal(&world->plant);
    world->now_ms += (int64_t)ms;
    hal.sample(hal.ctx, world->now_ms, &world->sample);
    ccs_guard_step(&world->guard, world->now_ms, &world->sample, &world->want, &world->drive, &world->report);
    const char *broken = sim_invariants_check(&world->invariants, &world->plant, &world->drive, &world->report, &world->want);
    if (broken != NULL && world->violation == NULL) {
        world->violation = broken;
        world->violation_ms = world->now_ms;
    }
    hal.apply(hal.ctx, world->now_ms, &world->drive);
}

void sim_world_tick(sim_world_t *world)
{
    sim_world_turn(world, SIM_TICK_MS);
}

void sim_world_run(sim_world_t *world, int64_t ms)
{
    for (const int64_t until_ms = world->now_ms + ms; world->now_ms < until_ms;) {
        sim_world_tick(world);
    }
}

static bool has_settled(const sim_world_t *world, ccs_phase_t phase)
{
    return world->report.phase == phase && world->report.settled;
}

bool sim_world_until(sim_world_t *world, ccs_phase_t phase, int64_t ms)
{
    for (const int64_t until_ms = world->now_ms + ms; world->now_ms < until_ms && !has_settled(world, phase);) {
        sim_world_tick(world);
    }
    return has_settled(world, phase);
}

ccs_want_t sim_world_want(const sim_world_t *world, ccs_phase_t phase)
{
    const int32_t battery_mV = sim_plant_battery_mV(&world->plant);
    return (ccs_want_t){
        .lease_until_ms = world->now_ms + LEASE_MS,
        .phase = phase,
        .target_mV = phase == CCS_PHASE_LIVE ? world->plant.config.battery_full_mV + 20000 : battery_mV,
        .target_mA = 0,
        .car_mV_max = world->plant.config.battery_full_mV + 20000,
        .car_mA_max = 400000,
        .offer_mA_max = 500000,
        .offer_W_max = 200000,
        .pilot = CCS_PILOT_5_PERCENT,
        .lock = phase != CCS_PHASE_OFF,
    };
}

static bool follow(sim_world_t *world, ccs_phase_t phase, int32_t target_mA, int64_t ms)
{
    for (const int64_t until_ms = world->now_ms + ms; world->now_ms < until_ms && !has_settled(world, phase);) {
        world->want = sim_world_want(world, phase);
        world->want.target_mA = target_mA;
        sim_world_run(world, RENEW_MS);
    }
    return has_settled(world, phase);
}

bool sim_world_charge(sim_world_t *world, int32_t target_mA)
{
    sim_plant_plug(&world->plant);
    const ccs_ev_want_t ready = {.pilot = CCS_PILOT_C, .lock = true};
    const ccs_ev_want_t closed = {.pilot = CCS_PILOT_C, .lock = true, .close = true};
    sim_plant_car_want(&world->plant, &ready);
    if (!follow(world, CCS_PHASE_TEST, 0, 40000) || !follow(world, CCS_PHASE_PRECHARGE, 0, 7000)) {
        return false;
    }
    sim_plant_car_want(&world->plant, &closed);
    sim_world_run(world, RENEW_MS);
    if (!follow(world, CCS_PHASE_LIVE, 0, 3000)) {
        return false;
    }
    world->want.target_mA = target_mA;
    return true;
}
