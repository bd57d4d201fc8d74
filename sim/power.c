/* One millisecond of current and voltage.
 *
 * Charge in a capacitor: mV = mA * ms * 1000 / uF. Through a resistance: mA = mV / ohm.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sim/plant_parts.h"

static int32_t clamp(int64_t value, int32_t low, int32_t high)
{
    return value < low ? low : value > high ? high : (int32_t)value;
}

static bool source_is_on(const sim_plant_t *plant)
{
    const bool alive = !plant->fault[SIM_SOURCE_SILENT] && !plant->fault[SIM_SOURCE_DEAF] && !plant->fault[SIM_SOURCE_ALARM];
    return plant->driven && plant->drive.enable && !plant->tripped && alive;
}

static int32_t set_mV(const sim_plant_t *plant)
{
    const int32_t more_mV = plant->fault[SIM_SOURCE_OVERSHOOTS] ? plant->overshoot_mV : 0;
    return clamp((int64_t)plant->drive.output_mV + more_mV, 0, plant->config.source_mV_max + more_mV);
}

/* The current the source may give in this millisecond: its set point, reached at its own slew; off is at once. */
static int32_t most_mA(const sim_plant_t *plant)
{
    if (plant->fault[SIM_SOURCE_RUNS_AWAY]) {
        return plant->source_mA;
    }
    if (!source_is_on(plant)) {
        return 0;
    }
    const int32_t more_mA = plant->fault[SIM_SOURCE_OVER_CURRENT] ? plant->overshoot_mA : 0;
    const int32_t set_mA = clamp((int64_t)plant->drive.output_mA + more_mA, 0, plant->config.source_mA_max + more_mA);
    return clamp(set_mA, plant->source_mA - plant->config.source_mA_ms, plant->source_mA + plant->config.source_mA_ms);
}

static int32_t charged_mV(int32_t mV, int64_t mA, int32_t uF)
{
    return clamp(mV + mA * 1000 / uF, 0, INT32_MAX);
}

/* Current that lifts a capacitor from here to there within a millisecond. */
static int64_t lifting_mA(int32_t from_mV, int32_t to_mV, int32_t uF)
{
    return ((int64_t)to_mV - from_mV) * uF / 1000;
}

static int32_t decayed_mV(int32_t mV, int32_t ms)
{
    return mV - mV / ms - (mV > 0 ? 1 : 0);
}

/* Active bleeder: time constant 100 ms; what hangs on every output anyway: 2 s. */
static void bleed_source(sim_plant_t *plant)
{
    const bool active = plant->driven && plant->drive.discharge;
    const bool held = source_is_on(plant) && (!active || plant->source_mV <= set_mV(plant));
    if (plant->fault[SIM_NO_DISCHARGE] || held) {
        return;
    }
    plant->source_mV = decayed_mV(plant->source_mV, active ? 100 : 2000);
}

static bool main_is_closed(const sim_plant_t *plant)
{
    return plant->config.topology == CCS_TOPOLOGY_DIRECT || plant->main.closed;
}

static bool battery_is_there(const sim_plant_t *plant)
{
    return plant->plugged && plant->car_contactors.closed;
}

/* Source, cable and battery are one: the battery decides the voltage. */
static void step_charging(sim_plant_t *plant)
{
    const int32_t battery_mV = sim_plant_battery_mV(plant);
    const int64_t free_mA = ((int64_t)set_mV(plant) - battery_mV) * 1000 / plant->config.battery_mohm;
    const int32_t most = most_mA(plant);
    const bool forced = plant->fault[SIM_SOURCE_RUNS_AWAY] || plant->fault[SIM_SOURCE_OVER_CURRENT];
    plant->source_mA = forced ? most : clamp(free_mA, 0, most);
    if (plant->fault[SIM_REVERSE_CURRENT]) {
        plant->source_mA = -plant->reverse_mA;
    }
    plant->battery_mA = plant->source_mA;
    plant->cable_mA = plant->source_mA;
    plant->cable_mV = battery_mV + (int32_t)((int64_t)plant->battery_mA * plant->config.battery_mohm / 1000);
    plant->source_mV = plant->cable_mV;
}

/* Source and cable are one capacitor. */
static void step_joined(sim_plant_t *plant)
{
    const int32_t source_uF = plant->config.source_uF;
    const int32_t cable_uF = plant->plugged ? plant->config.cable_uF : plant->config.cable_uF / 2 + 1;
    const int64_t charge = (int64_t)plant->source_mV * source_uF + (int64_t)plant->cable_mV * cable_uF;
    const int32_t before_mV = plant->cable_mV;
    plant->source_mV = (int32_t)(charge / (source_uF + cable_uF));
    plant->source_mA = clamp(lifting_mA(plant->source_mV, set_mV(plant), source_uF + cable_uF), 0, most_mA(plant));
    plant->source_mV = charged_mV(plant->source_mV, plant->source_mA, source_uF + cable_uF);
    bleed_source(plant);
    plant->cable_mV = plant->source_mV;
    plant->cable_mA = clamp(lifting_mA(before_mV, plant->cable_mV, cable_uF), -plant->source_mA, plant->source_mA);
    plant->battery_mA = 0;
}

static void settle_cable(sim_plant_t *plant)
{
    plant->cable_mV = battery_is_there(plant) ? sim_plant_battery_mV(plant) : decayed_mV(plant->cable_mV, 300);
    plant->battery_mA = 0;
}

static void charge_source(sim_plant_t *plant, int32_t drain_mA)
{
    const int64_t lift_mA = lifting_mA(plant->source_mV, set_mV(plant), plant->config.source_uF) + drain_mA;
    plant->source_mA = clamp(lift_mA, 0, most_mA(plant));
    plant->source_mV = charged_mV(plant->source_mV, (int64_t)plant->source_mA - drain_mA, plant->config.source_uF);
    bleed_source(plant);
}

/* Through the resistor of the branch; never more in a millisecond than what makes both sides equal. */
static void step_branch(sim_plant_t *plant)
{
    settle_cable(plant);
    const int64_t source_uF = plant->config.source_uF;
    const int64_t cable_uF = plant->config.cable_uF;
    const int32_t apart_mV = plant->source_mV - plant->cable_mV;
    int32_t mA = apart_mV / plant->config.branch_ohm;
    if (!battery_is_there(plant)) {
        const int64_t equal_mA = (int64_t)apart_mV * (source_uF * cable_uF / (source_uF + cable_uF)) / 1000;
        mA = mA > 0 ? clamp(equal_mA, 0, mA) : clamp(equal_mA, mA, 0);
        plant->cable_mV = charged_mV(plant->cable_mV, mA, plant->config.cable_uF);
    }
    plant->battery_mA = battery_is_there(plant) ? mA : 0;
    plant->cable_mA = mA;
    charge_source(plant, mA);
}

static void step_apart(sim_plant_t *plant)
{
    settle_cable(plant);
    plant->cable_mA = 0;
    charge_source(plant, 0);
}

static void count_energy(sim_plant_t *plant)
{
    const int64_t before_mWh = plant->battery_mWh;
    const int64_t full_mWh = (int64_t)plant->config.battery_Wh * 1000;
    sim_plant_count(&plant->battery_mWh, &plant->battery_nWs, sim_plant_battery_mV(plant), plant->battery_mA);
    sim_plant_count(&plant->plug_mWh, &plant->plug_nWs, plant->cable_mV, plant->battery_mA);
    plant->received_mWh += plant->battery_mWh - before_mWh;
    plant->battery_mWh = plant->battery_mWh < full_mWh ? plant->battery_mWh : full_mWh;
}

void sim_plant_step_power(sim_plant_t *plant)
{
    if (main_is_closed(plant) && battery_is_there(plant)) {
        step_charging(plant);
    } else if (main_is_closed(plant)) {
        step_joined(plant);
    } else if (plant->branch.closed) {
        step_branch(plant);
    } else {
        step_apart(plant);
    }
    count_energy(plant);
}
