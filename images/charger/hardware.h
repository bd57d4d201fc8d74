/* The power side behind the guard: the simulated plant, and the car at the other end of the cable.
 *
 * The plant lives in the timer interrupt; what crosses to the program are single octets.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_IMAGES_HARDWARE_H
#define CCS_IMAGES_HARDWARE_H

#include <stdatomic.h>

#include "ccs/hal.h"
#include "sim/plant.h"

typedef struct hardware {
    sim_plant_t plant;
    ccs_hal_t plant_hal;
    _Atomic uint8_t car;   /* ccs_pilot_state_t that the car tells; UNKNOWN: unplugged */
    _Atomic uint8_t pulls; /* so often the connector was pulled */
    _Atomic uint8_t shown; /* ccs_pilot_drive_t */
    uint8_t pulls_done;
    int64_t replug_ms; /* not before */
} hardware_t;

void hardware_init(hardware_t *hardware, ccs_hal_t *hal);

#endif
