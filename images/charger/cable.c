/* SPDX-License-Identifier: Apache-2.0 */
#include "images/charger/cable.h"

#include <string.h>

#include "base/bytes.h"

enum { HEAD = 14, ETHERTYPE = 0x88B6, MARK_SIZE = 9, END_AT = 9, STATE_AT = 10, SIZE = 11, CAR = 'C', CHARGER = 'S' };

static const uint8_t mark[MARK_SIZE] = {'C', 'C', 'S', 'C', 'A', 'B', 'L', 'E', 1};

void cable_init(cable_t *cable, const uint8_t mac[6])
{
    *cable = (cable_t){.shown = UINT8_MAX};
    memcpy(cable->mac, mac, sizeof cable->mac);
}

static void see(cable_t *cable, ccs_pilot_state_t car)
{
    cable->pulls = (uint8_t)(cable->pulls + (cable->car != CCS_PILOT_UNKNOWN && car == CCS_PILOT_UNKNOWN));
    cable->car = car;
}

bool cable_take(cable_t *cable, ccs_view_t frame, int64_t now_ms)
{
    if (frame.length < HEAD + SIZE || (frame.at[12] << 8 | frame.at[13]) != ETHERTYPE) {
        return false;
    }
    const uint8_t *told = frame.at + HEAD;
    if (memcmp(told, mark, sizeof mark) == 0 && told[END_AT] == CAR) {
        const bool plugged = told[STATE_AT] >= CCS_PILOT_B && told[STATE_AT] <= CCS_PILOT_D;
        see(cable, plugged ? (ccs_pilot_state_t)told[STATE_AT] : CCS_PILOT_UNKNOWN);
        cable->silent_ms = now_ms + CABLE_SILENT_MS;
    }
    return true;
}

size_t cable_say(cable_t *cable, ccs_pilot_drive_t pilot, int64_t now_ms, uint8_t frame[CABLE_FRAME_SIZE])
{
    static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    bytes_out_t out = bytes_out(frame, CABLE_FRAME_SIZE);
    if (now_ms >= cable->silent_ms) {
        see(cable, CCS_PILOT_UNKNOWN);
    }
    if (cable->shown == (uint8_t)pilot && now_ms < cable->say_ms) {
        return 0;
    }
    cable->shown = (uint8_t)pilot;
    cable->say_ms = now_ms + CABLE_SAY_MS;
    bytes_put(&out, everybody, sizeof everybody);
    bytes_put(&out, cable->mac, sizeof cable->mac);
    bytes_put_u16be(&out, ETHERTYPE);
    bytes_put(&out, mark, sizeof mark);
    bytes_put_u8(&out, CHARGER);
    bytes_put_u8(&out, cable->shown);
    bytes_put_zeros(&out, out.left);
    return CABLE_FRAME_SIZE;
}
