/* The car at the end of the cable: pilot load, contactors, battery; and a foreign car's hands.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sim/plant_parts.h"

void sim_plant_plug(sim_plant_t *plant)
{
    if (plant->plugged) {
        return;
    }
    plant->plugged = true;
    plant->received_mWh = 0;
    plant->battery_mV_offset = 0;
    plant->foreign_mV = 0;
    plant->foreign_ms = -1;
    plant->car = (ccs_ev_want_t){.pilot = CCS_PILOT_B};
}

/* Pulled, whatever the lock says: a forced pull-out is one of the things that happen. */
void sim_plant_unplug(sim_plant_t *plant)
{
    plant->plugged = false;
    plant->car = (ccs_ev_want_t){.pilot = CCS_PILOT_A};
    plant->battery_mA = 0;
}

void sim_plant_car_want(sim_plant_t *plant, const ccs_ev_want_t *want)
{
    if (plant->plugged && want->pilot == CCS_PILOT_A) {
        sim_plant_unplug(plant);
        return;
    }
    plant->car = *want;
}

/* ---- pilot */

static ccs_pilot_state_t load_of(const sim_plant_t *plant)
{
    if (!plant->plugged || plant->fault[SIM_PILOT_OPEN]) {
        return CCS_PILOT_A;
    }
    const bool ready = plant->car.pilot == CCS_PILOT_C || plant->car.pilot == CCS_PILOT_D;
    return ready ? plant->car.pilot : CCS_PILOT_B;
}

static int32_t level_mV(const sim_plant_t *plant)
{
    switch (load_of(plant)) {
    case CCS_PILOT_B:
        return 9000;
    case CCS_PILOT_C:
        return 6000;
    case CCS_PILOT_D:
        return 3000;
    default:
        return 12000;
    }
}

/* Without a living drive the oscillator rests: X1. */
static ccs_pilot_drive_t shown(const sim_plant_t *plant)
{
    return plant->driven ? plant->drive.pilot : CCS_PILOT_STEADY;
}

int32_t sim_plant_pilot_high_mV(const sim_plant_t *plant)
{
    if (plant->fault[SIM_PILOT_SHORT]) {
        return 0;
    }
    return shown(plant) == CCS_PILOT_NEGATIVE ? -12000 : level_mV(plant);
}

int32_t sim_plant_pilot_low_mV(const sim_plant_t *plant)
{
    if (plant->fault[SIM_PILOT_SHORT]) {
        return 0;
    }
    if (shown(plant) == CCS_PILOT_STEADY) {
        return level_mV(plant);
    }
    return plant->fault[SIM_PILOT_DIODE] ? -level_mV(plant) : -12000;
}

static uint16_t duty_permille(const sim_plant_t *plant)
{
    const bool wire = plant->plugged && !plant->fault[SIM_PILOT_OPEN] && !plant->fault[SIM_PILOT_SHORT];
    if (!wire || shown(plant) == CCS_PILOT_NEGATIVE) {
        return 0;
    }
    return shown(plant) == CCS_PILOT_5_PERCENT ? 50 : 1000;
}

/* ---- battery */

int32_t sim_plant_soc_permille(const sim_plant_t *plant)
{
    return (int32_t)(plant->battery_mWh / plant->config.battery_Wh);
}

int32_t sim_plant_battery_mV(const sim_plant_t *plant)
{
    const sim_plant_config_t *config = &plant->config;
    const int64_t span_mV = config->battery_full_mV - config->battery_empty_mV;
    const int64_t full_mWh = (int64_t)config->battery_Wh * 1000;
    return config->battery_empty_mV + (int32_t)(span_mV * plant->battery_mWh / full_mWh) + plant->battery_mV_offset;
}

ccs_body_t sim_plant_car_body(sim_plant_t *plant, int64_t now_ms)
{
    sim_plant_step(plant, now_ms);
    const int32_t drop_mV = (int32_t)((int64_t)plant->battery_mA * plant->config.battery_mohm / 1000);
    return (ccs_body_t){
        .inlet_mV = plant->plugged ? plant->cable_mV : 0,
        .battery_mV = sim_plant_battery_mV(plant) + drop_mV,
        .battery_mA = plant->battery_mA,
        .soc_permille = sim_plant_soc_permille(plant),
        .energy_Wh = plant->received_mWh / 1000,
        .duty_permille = duty_permille(plant),
        .plugged = plant->plugged,
        .locked = plant->plugged && (plant->locked || plant->car.lock),
        .contactors_closed = plant->car_contactors.closed,
        .error = CCS_EV_NO_ERROR,
    };
}

/* ---- a foreign car's hands */

enum { FOREIGN_OPEN_MS = 100, FOREIGN_OPEN_MA = 1000 };

/* The battery is whatever the car says it is: its voltage is the target it asked for when the contactors close. */
static void foreign_close(sim_plant_t *plant)
{
    plant->battery_mV_offset = 0;
    plant->battery_mV_offset = plant->foreign_mV - sim_plant_battery_mV(plant);
    plant->car.close = true;
}

static bool foreign_is_down(sim_plant_t *plant)
{
    const bool low = plant->battery_mA < FOREIGN_OPEN_MA;
    if (plant->drive.phase != CCS_PHASE_RAMP || !low) {
        plant->foreign_ms = -1;
        return false;
    }
    if (plant->foreign_ms < 0) {
        plant->foreign_ms = plant->now_ms;
    }
    return plant->now_ms - plant->foreign_ms >= FOREIGN_OPEN_MS;
}

void sim_plant_step_foreign(sim_plant_t *plant)
{
    if (!plant->config.foreign || !plant->plugged) {
        return;
    }
    plant->car.pilot = plant->locked ? CCS_PILOT_C : CCS_PILOT_B;
    const ccs_phase_t phase = plant->driven ? plant->drive.phase : CCS_PHASE_OFF;
    if (phase == CCS_PHASE_PRECHARGE && plant->drive.enable) {
        plant->foreign_mV = plant->drive.output_mV;
    }
    if (phase == CCS_PHASE_LIVE && !plant->car.close && plant->foreign_mV > 0) {
        foreign_close(plant);
    }
    const bool alive = phase == CCS_PHASE_LIVE || phase == CCS_PHASE_RAMP;
    if (!alive || foreign_is_down(plant)) {
        plant->car.close = false;
    }
}
