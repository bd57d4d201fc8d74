/* Between the plant's two files.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SIM_PLANT_PARTS_H
#define CCS_SIM_PLANT_PARTS_H

#include "sim/plant.h"

/* Adds one millisecond of mV and mA to a register. */
void sim_plant_count(int64_t *mWh, int64_t *nWs, int32_t mV, int32_t mA);

/* One millisecond of current and voltage, and of a foreign car's hands. */
void sim_plant_step_power(sim_plant_t *plant);
void sim_plant_step_foreign(sim_plant_t *plant);

int32_t sim_plant_pilot_high_mV(const sim_plant_t *plant);
int32_t sim_plant_pilot_low_mV(const sim_plant_t *plant);

#endif
