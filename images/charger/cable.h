/* The charging cable to a simulated car in another process: the frames of ports/linux/cable.h on the board's Ethernet, beside the
 * power line. For the bench alone: a real plug has a pilot wire.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_IMAGES_CABLE_H
#define CCS_IMAGES_CABLE_H

#include "ccs/power.h"
#include "ccs/view.h"

enum { CABLE_SAY_MS = 100, CABLE_SILENT_MS = 1500, CABLE_FRAME_SIZE = 60 };

typedef struct cable {
    uint8_t mac[6]; /* ours */
    int64_t say_ms, silent_ms;
    uint8_t shown;
    ccs_pilot_state_t car; /* UNKNOWN: no car, or it does not tell */
    uint8_t pulls;         /* so often it went away */
} cable_t;

void cable_init(cable_t *cable, const uint8_t mac[6]);

/* true: the frame was the cable's. */
bool cable_take(cable_t *cable, ccs_view_t frame, int64_t now_ms);

/* What the charger shows. Returns the length of a frame that is due; 0: none. */
size_t cable_say(cable_t *cable, ccs_pilot_drive_t pilot, int64_t now_ms, uint8_t frame[CABLE_FRAME_SIZE]);

#endif
