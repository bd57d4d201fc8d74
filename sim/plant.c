/* The plant's clock, contactors, lock, insulation monitor and meter; the view of the charger's hardware.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sim/plant.h"
#include "sim/plant_parts.h"
#include <stddef.h>
#include <string.h>

enum { NWS_PER_MWH_10 = 360000000 }; /* 3.6e9 nWs are one mWh; a tenth, so that it fits an int */

void sim_plant_defaults(sim_plant_config_t *config)
{
    *config = (sim_plant_config_t){
        .topology = CCS_TOPOLOGY_OUTPUT_CONTACTOR,
        .car_side_voltmeter = true,
        .source_mV_max = 1000000,
        .source_mA_max = 500000,
        .source_uF = 500,
        .cable_uF = 20,
        .source_mA_ms = 2000,
        .branch_ohm = 100,
        .close_ms = 30,
        .open_ms = 15,
        .lock_ms = 400,
        .imd_self_test_ms = 2000,
        .imd_period_ms = 100,
        .meter_period_ms = 1000,
        .meter_Wh = 1000,
        .battery_empty_mV = 340000,
        .battery_full_mV = 400000,
        .battery_mohm = 80,
        .battery_Wh = 60000,
        .battery_permille = 300,
        .car_close_ms = 50,
        .car_open_ms = 30,
    };
}

void sim_plant_init(sim_plant_t *plant, const sim_plant_config_t *config, int64_t now_ms)
{
    const ccs_reading_t never = {.at_ms = -1, .value = 0};
    *plant = (sim_plant_t){.config = *config, .now_ms = now_ms, .temperature_dC = 250, .isolation_ohm = 5000000};
    plant->isolation_low_ohm = 20000;
    plant->overshoot_mV = 200000;
    plant->overshoot_mA = 50000;
    plant->reverse_mA = 20000;
    plant->main.moves_ms = plant->branch.moves_ms = plant->car_contactors.moves_ms = -1;
    plant->lock_moves_ms = plant->foreign_ms = plant->imd_begin_ms = -1;
    plant->isolation_ohm_read = never;
    plant->meter_mWh = config->meter_Wh * 1000;
    plant->battery_mWh = (int64_t)config->battery_Wh * config->battery_permille;
    plant->sample =
        (ccs_sample_t){never, never, never, never, never, never, never, never, never, never, never, {-1, 0}, never, never};
}

static void step_contactor(sim_contactor_t *contactor, bool command, uint32_t close_ms, uint32_t open_ms, int64_t now_ms)
{
    if (contactor->closed == command) {
        contactor->moves_ms = -1;
        return;
    }
    if (contactor->moves_ms < 0) {
        contactor->moves_ms = now_ms + (int64_t)(command ? close_ms : open_ms);
    }
    if (now_ms >= contactor->moves_ms) {
        contactor->closed = command;
        contactor->moves_ms = -1;
    }
}

static bool obeyed(const sim_plant_t *plant, const sim_contactor_t *contactor, bool command, sim_fault_t welded, sim_fault_t stuck)
{
    if (contactor->closed && plant->fault[welded]) {
        return true;
    }
    return command && !plant->fault[stuck];
}

static void step_contactors(sim_plant_t *plant)
{
    const sim_plant_config_t *config = &plant->config;
    const bool on = plant->driven && !plant->tripped;
    const bool main = obeyed(plant, &plant->main, on && plant->drive.main_close, SIM_MAIN_WELDED, SIM_MAIN_STUCK_OPEN);
    const bool branch = obeyed(plant, &plant->branch, on && plant->drive.precharge_close, SIM_BRANCH_WELDED, SIM_BRANCH_STUCK_OPEN);
    const bool car = obeyed(plant, &plant->car_contactors, plant->car.close, SIM_CAR_WELDED, SIM_CAR_STUCK_OPEN);
    step_contactor(&plant->main, main, config->close_ms, config->open_ms, plant->now_ms);
    step_contactor(&plant->branch, branch, config->close_ms, config->open_ms, plant->now_ms);
    step_contactor(&plant->car_contactors, car, config->car_close_ms, config->car_open_ms, plant->now_ms);
}

static void step_lock(sim_plant_t *plant)
{
    if (plant->fault[SIM_LOCK_LOST]) {
        plant->locked = false;
        return;
    }
    if (plant->locked == plant->drive.lock || plant->fault[SIM_LOCK_JAMMED]) {
        plant->lock_moves_ms = -1;
        return;
    }
    if (plant->lock_moves_ms < 0) {
        plant->lock_moves_ms = plant->now_ms + (int64_t)plant->config.lock_ms;
    }
    if (plant->now_ms >= plant->lock_moves_ms) {
        plant->locked = plant->drive.lock;
        plant->lock_moves_ms = -1;
    }
}

/* Tests itself first, then measures in its own rhythm. While it tests, its reading keeps its old time. */
static void step_imd(sim_plant_t *plant)
{
    if (!plant->driven || !plant->drive.test_isolation) {
        plant->imd_begin_ms = -1;
        plant->imd_failed = false;
        return;
    }
    if (plant->imd_begin_ms < 0) {
        plant->imd_begin_ms = plant->now_ms;
        plant->imd_next_ms = plant->now_ms + (int64_t)plant->config.imd_self_test_ms;
    }
    if (plant->now_ms < plant->imd_next_ms || plant->fault[SIM_IMD_SILENT]) {
        return;
    }
    plant->imd_next_ms = plant->now_ms + (int64_t)plant->config.imd_period_ms;
    plant->imd_failed = plant->fault[SIM_IMD_SELF_TEST];
    if (!plant->imd_failed) {
        const int32_t ohm = plant->fault[SIM_ISOLATION_LOW] ? plant->isolation_low_ohm : plant->isolation_ohm;
        plant->isolation_ohm_read = (ccs_reading_t){plant->now_ms, ohm};
    }
}

void sim_plant_count(int64_t *mWh, int64_t *nWs, int32_t mV, int32_t mA)
{
    *nWs += (int64_t)mV * mA;
    const int64_t tenths = *nWs / NWS_PER_MWH_10;
    *mWh += tenths / 10;
    *nWs -= tenths / 10 * 10 * NWS_PER_MWH_10;
}

static bool is_metered_before(const sim_plant_t *plant)
{
    return plant->config.meter_place == CCS_METER_BEFORE;
}

/* An import register: what flows back is not taken off. */
static void step_meter(sim_plant_t *plant)
{
    const int32_t mA = is_metered_before(plant) ? plant->source_mA : plant->cable_mA;
    const int32_t mV = is_metered_before(plant) ? plant->source_mV : plant->cable_mV;
    sim_plant_count(&plant->meter_mWh, &plant->meter_nWs, mV, mA > 0 ? mA : 0);
    if (plant->now_ms >= plant->meter_next_ms && !plant->fault[SIM_METER_SILENT]) {
        plant->meter_next_ms = plant->now_ms + (int64_t)plant->config.meter_period_ms;
        plant->sample.meter = (ccs_meter_t){plant->now_ms, plant->meter_mWh / 1000};
    }
}

/* The hardware's own watch: the end of a drive's validity, and the over-voltage trip. */
static void step_hardware(sim_plant_t *plant)
{
    if (plant->driven && plant->now_ms >= plant->drive.valid_until_ms) {
        plant->driven = false;
    }
    const bool over = plant->drive.trip_mV > 0 && plant->source_mV > plant->drive.trip_mV;
    if (over && plant->driven && plant->drive.enable && !plant->fault[SIM_TRIP_DEAD]) {
        plant->tripped = true;
    }
    if (!over && !plant->drive.enable) {
        plant->tripped = false;
    }
    plant->tripped = plant->tripped || plant->fault[SIM_TRIPPED];
}

void sim_plant_step(sim_plant_t *plant, int64_t now_ms)
{
    while (plant->now_ms < now_ms) {
        plant->now_ms++;
        step_hardware(plant);
        sim_plant_step_foreign(plant);
        step_contactors(plant);
        sim_plant_step_power(plant);
        step_lock(plant);
        step_imd(plant);
        step_meter(plant);
    }
}

/* ---- the view of the charger's hardware */

static void read_if(ccs_reading_t *reading, bool stale, int64_t now_ms, int32_t value)
{
    if (!stale) {
        *reading = (ccs_reading_t){now_ms, value};
    }
}

static int32_t alarms_of(const sim_plant_t *plant)
{
    const bool power = plant->fault[SIM_SOURCE_ALARM];
    return (plant->fault[SIM_EMERGENCY_STOP] ? CCS_ALARM_EMERGENCY_STOP : 0) | (plant->tripped ? CCS_ALARM_OVER_VOLTAGE : 0) |
           (power ? CCS_ALARM_POWER_STAGE : 0) | (plant->imd_failed ? CCS_ALARM_IMD : 0) |
           (plant->fault[SIM_HOT] ? CCS_ALARM_TEMPERATURE : 0) | (plant->fault[SIM_GRID_LOST] ? CCS_ALARM_GRID : 0);
}

static void read_feedback(sim_plant_t *plant)
{
    ccs_sample_t *sample = &plant->sample;
    const bool stale = plant->fault[SIM_FEEDBACK_STALE];
    const bool lies = plant->fault[SIM_FEEDBACK_LIES_OPEN];
    read_if(&sample->locked, stale, plant->now_ms, plant->locked);
    if (plant->config.topology == CCS_TOPOLOGY_DIRECT) {
        return;
    }
    read_if(&sample->main_closed, stale, plant->now_ms, plant->main.closed && !lies);
    if (plant->config.topology == CCS_TOPOLOGY_PRECHARGE_BRANCH) {
        read_if(&sample->precharge_closed, stale, plant->now_ms, plant->branch.closed && !lies);
    }
}

static void read_power(sim_plant_t *plant)
{
    ccs_sample_t *sample = &plant->sample;
    const int64_t at_ms = plant->now_ms;
    const bool before = is_metered_before(plant);
    const bool blind = plant->fault[SIM_VOLTMETER_STALE];
    read_if(&sample->output_mV, blind, at_ms, before ? plant->source_mV : plant->cable_mV);
    read_if(&sample->car_mV, blind || !before || !plant->config.car_side_voltmeter, at_ms, plant->cable_mV);
    read_if(&sample->output_mA, plant->fault[SIM_AMMETER_STALE], at_ms, before ? plant->source_mA : plant->cable_mA);
}

/* What the module says of itself. */
static void read_source(sim_plant_t *plant)
{
    const bool mute = plant->fault[SIM_SOURCE_SILENT] || plant->fault[SIM_SOURCE_MUTE];
    const bool on = plant->driven && plant->drive.enable && !plant->tripped && !plant->fault[SIM_SOURCE_ALARM];
    read_if(&plant->sample.source_on, mute, plant->now_ms, on);
}

static void plant_sample(void *ctx, int64_t now_ms, ccs_sample_t *out)
{
    sim_plant_t *plant = ctx;
    sim_plant_step(plant, now_ms);
    ccs_sample_t *sample = &plant->sample;
    const int64_t at_ms = plant->now_ms;
    read_if(&sample->pilot_high_mV, plant->fault[SIM_PILOT_STALE], at_ms, sim_plant_pilot_high_mV(plant));
    read_if(&sample->pilot_low_mV, plant->fault[SIM_PILOT_STALE], at_ms, sim_plant_pilot_low_mV(plant));
    read_if(&sample->temperature_dC, false, at_ms, plant->temperature_dC);
    read_if(&sample->alarms, false, at_ms, alarms_of(plant));
    read_if(&sample->proximity_ohm, plant->proximity_ohm == 0, at_ms, plant->plugged ? plant->proximity_ohm : INT32_MAX);
    sample->isolation_ohm = plant->isolation_ohm_read;
    read_power(plant);
    read_source(plant);
    read_feedback(plant);
    *out = *sample;
}

static void plant_apply(void *ctx, int64_t now_ms, const ccs_drive_t *drive)
{
    sim_plant_t *plant = ctx;
    sim_plant_step(plant, now_ms);
    plant->drive = *drive;
    plant->driven = drive->valid_until_ms > plant->now_ms;
}

ccs_hal_t sim_plant_hal(sim_plant_t *plant)
{
    return (ccs_hal_t){.ctx = plant, .sample = plant_sample, .apply = plant_apply};
}

int64_t sim_plant_meter_Wh(const sim_plant_t *plant)
{
    return plant->meter_mWh / 1000;
}

bool sim_plant_energised(const sim_plant_t *plant)
{
    return plant->cable_mV >= 60000;
}

/* ---- names */

#define NAME(name, text) #name,
#define TEXT(name, text) text,
static const char *const fault_names[] = {SIM_FAULTS(NAME)};
static const char *const fault_texts[] = {SIM_FAULTS(TEXT)};

const char *sim_fault_name(sim_fault_t fault)
{
    return fault < SIM_FAULTS_COUNT ? fault_names[fault] : "?";
}

const char *sim_fault_text(sim_fault_t fault)
{
    return fault < SIM_FAULTS_COUNT ? fault_texts[fault] : "?";
}

sim_fault_t sim_fault_find(const char *name)
{
    int i = 0;
    while (i < SIM_FAULTS_COUNT && strcmp(name, fault_names[i]) != 0) {
        i++;
    }
    return (sim_fault_t)i;
}
