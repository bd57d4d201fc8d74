/* The misbehaviours of a scenario: when they are due, and what they do to a frame or its timing.
 *
 * The protocol's own code never knows: the composition (src/ev) shows each request here before it leaves and does what the verdict
 * says.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_VEHICLE_MISCHIEF_H
#define CCS_VEHICLE_MISCHIEF_H

#include "vehicle/vehicle.h"

/* The verdict on one request. All false: it leaves as it is. */
typedef struct mischief_verdict {
    ccs_misbehave_t kind; /* acts on this request; NONE: nothing */
    bool first;           /* the moment it becomes due: say so in the trace */
} mischief_verdict_t;

typedef struct mischief {
    const ccs_ev_config_t *config; /* as long as the instance */
    uint32_t seen;                 /* requests of the name so far */
    bool acted;
} mischief_t;

void mischief_init(mischief_t *mischief, const ccs_ev_config_t *config);

/* The request with this name is about to be written; asked once for each. */
mischief_verdict_t mischief_judge(mischief_t *mischief, const char *request);

/* misbehave_ms and misbehave_value, or what stands for 0. */
uint32_t mischief_ms(const mischief_t *mischief);
uint32_t mischief_value(const mischief_t *mischief);

/* Flips the bit asked for in a V2GTP message: counted from behind the EXI header and the session id, wrapping at the end. */
void mischief_flip(const mischief_t *mischief, uint8_t *message, size_t length);

/* Those that act on the car and not on a frame. */
void mischief_on_car(const mischief_t *mischief, vehicle_t *vehicle);

#endif
