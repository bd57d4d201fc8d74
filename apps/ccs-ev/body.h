/* The car behind the socket: battery, contactors, connector.
 *
 * There is no cable between two processes: the voltage at the inlet is what the charger reports, the current likewise, and 5 %
 * stand on the pilot as long as the connector is in, unless a simulated charger tells otherwise (ports/linux/cable.h).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EV_BODY_H
#define CCS_EV_BODY_H

#include "ports/common/config/car.h"

enum { BODY_CLOSE_MS = 60, BODY_OPEN_MS = 20 };

typedef struct body {
    const car_settings_t *settings;
    ccs_body_t now;
    int64_t charge_mWms; /* mW x ms that do not make a Wh yet */
    int64_t at_ms;       /* of the last turn */
    int64_t moves_ms;    /* a contactor's move ends then; INT64_MAX: none under way */
} body_t;

void body_plug(body_t *body, const car_settings_t *settings, int64_t now_ms);
void body_unplug(body_t *body);
void body_pilot(body_t *body, bool talks); /* 5 % stand on the pilot, or not */

/* Moves on to now: told is what the charger says of its output, want what the car's communication wants. */
void body_turn(body_t *body, const ccs_ev_status_t *told, const ccs_ev_want_t *want, int64_t now_ms);

#endif
