/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

enum { CURRENT_MA = 100000, RAMP_UP_MS = 5200 };

void scene_tick(sim_world_t *world)
{
    if (world->want.lease_until_ms > world->now_ms - 10000) { /* a dead lease stays dead */
        world->want.lease_until_ms = world->now_ms + 1000;
    }
    sim_world_tick(world);
}

void scene_run(sim_world_t *world, int64_t ms)
{
    for (int64_t i = 0; i < ms; i += SIM_TICK_MS) {
        scene_tick(world);
    }
}

static bool run_until(sim_world_t *world, ccs_phase_t phase, int64_t ms)
{
    for (int64_t i = 0; i < ms && world->report.phase != phase; i += SIM_TICK_MS) {
        scene_tick(world);
    }
    return world->report.phase == phase;
}

static bool reach_test(sim_world_t *world)
{
    const ccs_ev_want_t ready = {.pilot = CCS_PILOT_C, .lock = true};
    sim_plant_plug(&world->plant);
    sim_plant_car_want(&world->plant, &ready);
    world->want = sim_world_want(world, CCS_PHASE_TEST);
    return run_until(world, CCS_PHASE_TEST, 2000);
}

static bool reach_off(sim_world_t *world)
{
    const ccs_ev_want_t ready = {.pilot = CCS_PILOT_C, .lock = true};
    sim_plant_plug(&world->plant);
    sim_plant_car_want(&world->plant, &ready);
    world->want = sim_world_want(world, CCS_PHASE_OFF);
    world->want.lock = true;
    scene_run(world, 1500);
    return world->report.phase == CCS_PHASE_OFF;
}

static bool reach_precharge(sim_world_t *world)
{
    if (!reach_test(world) || !sim_world_until(world, CCS_PHASE_TEST, 10000)) {
        return false;
    }
    world->want = sim_world_want(world, CCS_PHASE_PRECHARGE);
    return sim_world_until(world, CCS_PHASE_PRECHARGE, 900);
}

static bool reach_live(sim_world_t *world)
{
    const bool live = sim_world_charge(world, CURRENT_MA);
    scene_run(world, RAMP_UP_MS);
    return live && world->report.phase == CCS_PHASE_LIVE;
}

static bool reach_from_live(sim_world_t *world, ccs_phase_t want, ccs_phase_t phase)
{
    if (!reach_live(world)) {
        return false;
    }
    world->want.phase = want;
    return run_until(world, phase, 3000);
}

static bool reach_fault(sim_world_t *world)
{
    if (!reach_live(world)) {
        return false;
    }
    world->plant.fault[SIM_EMERGENCY_STOP] = true;
    const bool fault = run_until(world, CCS_PHASE_FAULT, 3000);
    world->plant.fault[SIM_EMERGENCY_STOP] = false;
    scene_run(world, 1000);
    return fault;
}

bool scene_reach(sim_world_t *world, const ccs_guard_config_t *config, ccs_phase_t phase)
{
    if (sim_world_init(world, config, NULL) != CCS_OK) {
        return false;
    }
    switch (phase) {
    case CCS_PHASE_OFF:
        return reach_off(world);
    case CCS_PHASE_TEST:
        return reach_test(world);
    case CCS_PHASE_PRECHARGE:
        return reach_precharge(world);
    case CCS_PHASE_LIVE:
        return reach_live(world);
    case CCS_PHASE_RAMP:
        return reach_from_live(world, CCS_PHASE_RAMP, CCS_PHASE_RAMP);
    case CCS_PHASE_DISCHARGE:
        return reach_from_live(world, CCS_PHASE_OFF, CCS_PHASE_DISCHARGE);
    case CCS_PHASE_WELD:
        return reach_from_live(world, CCS_PHASE_WELD, CCS_PHASE_WELD);
    default:
        return reach_fault(world);
    }
}

/* ---- spoiling */

static const struct {
    guard_cause_t cause;
    sim_fault_t fault;
} switches[] = {
    {GUARD_CAUSE_EMERGENCY_STOP, SIM_EMERGENCY_STOP},
    {GUARD_CAUSE_PILOT_GONE, SIM_PILOT_OPEN},
    {GUARD_CAUSE_PILOT_SHORT, SIM_PILOT_SHORT},
    {GUARD_CAUSE_PILOT_DIODE, SIM_PILOT_DIODE},
    {GUARD_CAUSE_OVER_CURRENT, SIM_SOURCE_OVER_CURRENT},
    {GUARD_CAUSE_REVERSE, SIM_REVERSE_CURRENT},
    {GUARD_CAUSE_ISOLATION, SIM_ISOLATION_LOW},
    {GUARD_CAUSE_IMD, SIM_IMD_SELF_TEST},
    {GUARD_CAUSE_TEST_LATE, SIM_IMD_SILENT},
    {GUARD_CAUSE_BLIND, SIM_VOLTMETER_STALE},
    {GUARD_CAUSE_STALE, SIM_FEEDBACK_STALE},
    {GUARD_CAUSE_SOURCE_SILENT, SIM_SOURCE_SILENT},
    {GUARD_CAUSE_SOURCE_FAULT, SIM_SOURCE_ALARM},
    {GUARD_CAUSE_CONTACTOR_OPEN, SIM_MAIN_STUCK_OPEN},
    {GUARD_CAUSE_CONTACTOR_OPEN, SIM_BRANCH_STUCK_OPEN},
    {GUARD_CAUSE_WELDED, SIM_MAIN_WELDED},
    {GUARD_CAUSE_NO_DISCHARGE, SIM_NO_DISCHARGE},
    {GUARD_CAUSE_LOCK, SIM_LOCK_LOST},
    {GUARD_CAUSE_TEMPERATURE, SIM_HOT},
    {GUARD_CAUSE_GRID, SIM_GRID_LOST},
    {GUARD_CAUSE_METER, SIM_METER_SILENT},
    {GUARD_CAUSE_OVER_VOLTAGE, SIM_TRIPPED},
};

static bool is_between(ccs_phase_t phase, ccs_phase_t first, ccs_phase_t last)
{
    return phase >= first && phase <= last;
}

/* What the plant can show only in some phases. */
static bool can_show(const sim_world_t *world, guard_cause_t cause)
{
    const ccs_phase_t phase = world->report.phase;
    switch (cause) {
    case GUARD_CAUSE_OVER_CURRENT:
    case GUARD_CAUSE_REVERSE:
        return phase == CCS_PHASE_LIVE;
    case GUARD_CAUSE_IMD:
        return is_between(phase, CCS_PHASE_TEST, CCS_PHASE_RAMP);
    case GUARD_CAUSE_TEST_LATE:
        return phase == CCS_PHASE_TEST;
    case GUARD_CAUSE_CONTACTOR_OPEN:
        return is_between(phase, CCS_PHASE_TEST, CCS_PHASE_RAMP);
    case GUARD_CAUSE_NO_DISCHARGE:
        return phase == CCS_PHASE_DISCHARGE;
    case GUARD_CAUSE_WELDED: /* with energy on it, it shows when it shall open */
        return !is_between(phase, CCS_PHASE_TEST, CCS_PHASE_RAMP);
    case GUARD_CAUSE_VOLTAGE_STANDS:
        return false;
    case GUARD_CAUSE_SOURCE_SILENT:
        return is_between(phase, CCS_PHASE_TEST, CCS_PHASE_LIVE);
    default:
        return true;
    }
}

static void pull_down_to_B(sim_world_t *world)
{
    ccs_ev_want_t car = world->plant.car;
    car.pilot = CCS_PILOT_B;
    sim_plant_car_want(&world->plant, &car);
}

bool scene_spoil(sim_world_t *world, guard_cause_t cause)
{
    if (!can_show(world, cause)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
        if (switches[i].cause == cause) {
            world->plant.fault[switches[i].fault] = true;
        }
    }
    switch (cause) {
    case GUARD_CAUSE_PILOT_B:
        pull_down_to_B(world);
        break;
    case GUARD_CAUSE_WELDED:
        world->plant.main.closed = true;
        break;
    case GUARD_CAUSE_LATE_TICK:
        sim_world_turn(world, 150);
        break;
    case GUARD_CAUSE_LEASE_DEAD:
        world->want.lease_until_ms = world->now_ms - 65000;
        break;
    default:
        break;
    }
    return true;
}

int64_t scene_notice_ms(const ccs_guard_config_t *config, guard_cause_t cause, ccs_phase_t phase)
{
    const int64_t tick_ms = SIM_TICK_MS;
    switch (cause) {
    case GUARD_CAUSE_PILOT_GONE:
    case GUARD_CAUSE_PILOT_B:
    case GUARD_CAUSE_PILOT_SHORT:
        return tick_ms + (int64_t)config->pilot_lost_ms;
    case GUARD_CAUSE_PILOT_DIODE:
        return 2 * tick_ms + (int64_t)config->pilot_lost_ms;
    case GUARD_CAUSE_OVER_CURRENT:
    case GUARD_CAUSE_REVERSE:
        return 2 * tick_ms + (int64_t)config->over_current_ms;
    case GUARD_CAUSE_ISOLATION: /* in TEST: after self-test, rise and settling */
        return phase == CCS_PHASE_TEST ? 4000 : 100 + tick_ms + (int64_t)config->isolation_confirm_ms;
    case GUARD_CAUSE_IMD:
        return phase == CCS_PHASE_TEST ? 2100 : 100 + tick_ms;
    case GUARD_CAUSE_TEST_LATE:
        return tick_ms + (int64_t)config->isolation_ms_max;
    case GUARD_CAUSE_BLIND:
    case GUARD_CAUSE_STALE:
        return tick_ms + (int64_t)config->sample_age_ms_max;
    case GUARD_CAUSE_SOURCE_SILENT: /* TEST: once voltage is asked for, after the self-test */
        return (phase == CCS_PHASE_TEST ? 2500 : 0) + tick_ms + (int64_t)config->source_age_ms_max;
    case GUARD_CAUSE_CONTACTOR_OPEN:
        return 50 + tick_ms + (int64_t)config->contactor_ms_max;
    case GUARD_CAUSE_WELDED:
        return 2 * tick_ms + (int64_t)config->contactor_ms_max;
    case GUARD_CAUSE_NO_DISCHARGE:
        return 50 + tick_ms + (int64_t)config->discharge_ms_max;
    case GUARD_CAUSE_LOCK:
        return 40 + tick_ms;
    case GUARD_CAUSE_METER:
        return tick_ms + (int64_t)config->meter_age_ms_max;
    default:
        return tick_ms;
    }
}

int64_t scene_open_ms(const ccs_guard_config_t *config, guard_class_t class)
{
    const int64_t emergency_ms = SIM_TICK_MS + (int64_t)config->emergency_open_ms;
    switch (class) {
    case GUARD_EMERGENCY:
        return emergency_ms;
    case GUARD_ERROR:
        return emergency_ms + (int64_t)config->error_open_ms;
    default:
        return emergency_ms + (int64_t)config->stop_open_ms;
    }
}
