/* SPDX-License-Identifier: Apache-2.0 */
#include "images/charger/hardware.h"

#include "ports/bare/board.h"

enum { REPLUG_MS = 500 }; /* a person is not faster, even if a process that ends and the next one are */

static void follow_connector(hardware_t *hardware, uint8_t car, int64_t now_ms)
{
    const uint8_t pulls = atomic_load(&hardware->pulls);
    if (pulls != hardware->pulls_done) {
        hardware->pulls_done = pulls;
        hardware->replug_ms = now_ms + REPLUG_MS;
        sim_plant_unplug(&hardware->plant);
    }
    if (car != CCS_PILOT_UNKNOWN && !hardware->plant.plugged && now_ms >= hardware->replug_ms) {
        sim_plant_plug(&hardware->plant);
    }
}

static void sample(void *ctx, int64_t now_ms, ccs_sample_t *out)
{
    static const int32_t high_mV[] = {[CCS_PILOT_B] = 9000, [CCS_PILOT_C] = 6000, [CCS_PILOT_D] = 3000};
    hardware_t *hardware = ctx;
    const uint8_t car = atomic_load(&hardware->car);
    follow_connector(hardware, car, now_ms);
    hardware->plant_hal.sample(hardware->plant_hal.ctx, now_ms, out);
    if (car != CCS_PILOT_UNKNOWN && hardware->plant.plugged && out->pilot_high_mV.value > 0) {
        out->pilot_high_mV.value = high_mV[car];
    }
}

static void apply(void *ctx, int64_t now_ms, const ccs_drive_t *drive)
{
    hardware_t *hardware = ctx;
    atomic_store(&hardware->shown, (uint8_t)drive->pilot);
    hardware->plant_hal.apply(hardware->plant_hal.ctx, now_ms, drive);
}

/* The car's battery and contactors are in another process: the plant's own follow what the charger does. */
void hardware_init(hardware_t *hardware, ccs_hal_t *hal)
{
    sim_plant_config_t config;
    sim_plant_defaults(&config);
    config.foreign = true;
    sim_plant_init(&hardware->plant, &config, board_now_ms());
    hardware->plant_hal = sim_plant_hal(&hardware->plant);
    atomic_init(&hardware->car, CCS_PILOT_UNKNOWN);
    atomic_init(&hardware->pulls, 0);
    atomic_init(&hardware->shown, CCS_PILOT_STEADY);
    *hal = (ccs_hal_t){.ctx = hardware, .sample = sample, .apply = apply};
}
