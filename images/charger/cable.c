/* SPDX-License-Identifier: Apache-2.0 */
#include "images/charger/cable.h"

#include <string.h>

#include "base/bytes.h"

enum { HEADERS = 14 + 40, UDP = 17, PORT = 15117, MARK_SIZE = 8, END_AT = 9, STATE_AT = 10, SIZE = 11, CAR = 'C', CHARGER = 'S' };

static const uint8_t mark[MARK_SIZE + 1] = {'C', 'C', 'S', 'C', 'A', 'B', 'L', 'E', 1};
static const uint8_t all_nodes[16] = {0xff, 0x02, [15] = 1};

void cable_init(cable_t *cable, const uint8_t mac[6], const uint8_t address[16])
{
    *cable = (cable_t){.shown = UINT8_MAX};
    memcpy(cable->mac, mac, sizeof cable->mac);
    memcpy(cable->address, address, sizeof cable->address);
}

static void see(cable_t *cable, ccs_pilot_state_t car)
{
    cable->pulls = (uint8_t)(cable->pulls + (cable->car != CCS_PILOT_UNKNOWN && car == CCS_PILOT_UNKNOWN));
    cable->car = car;
}

bool cable_take(cable_t *cable, ccs_view_t frame, int64_t now_ms)
{
    const uint8_t *udp = frame.at + HEADERS;
    if (frame.length < HEADERS + 8 + SIZE || frame.at[12] != 0x86 || frame.at[20] != UDP || (udp[2] << 8 | udp[3]) != PORT) {
        return false;
    }
    const uint8_t *told = udp + 8;
    if (memcmp(told, mark, sizeof mark) == 0 && told[END_AT] == CAR) {
        const bool plugged = told[STATE_AT] >= CCS_PILOT_B && told[STATE_AT] <= CCS_PILOT_D;
        see(cable, plugged ? (ccs_pilot_state_t)told[STATE_AT] : CCS_PILOT_UNKNOWN);
        cable->silent_ms = now_ms + CABLE_SILENT_MS;
    }
    return true;
}

static uint16_t checksum(const uint8_t *frame)
{
    uint32_t sum = UDP + 8 + SIZE;
    for (size_t i = 14 + 8; i < CABLE_FRAME_SIZE; i++) { /* both addresses and the datagram, at an even offset */
        sum += i % 2 == 0 ? (uint32_t)frame[i] << 8 : frame[i];
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

static void draw(const cable_t *cable, uint8_t frame[CABLE_FRAME_SIZE])
{
    static const uint8_t everybody[6] = {0x33, 0x33, [5] = 1};
    bytes_out_t out = bytes_out(frame, CABLE_FRAME_SIZE);
    bytes_put(&out, everybody, sizeof everybody);
    bytes_put(&out, cable->mac, sizeof cable->mac);
    bytes_put_u16be(&out, 0x86dd);
    bytes_put_u32be(&out, 0x60000000);
    bytes_put_u16be(&out, 8 + SIZE);
    bytes_put_u8(&out, UDP);
    bytes_put_u8(&out, 255);
    bytes_put(&out, cable->address, sizeof cable->address);
    bytes_put(&out, all_nodes, sizeof all_nodes);
    bytes_put_u16be(&out, PORT);
    bytes_put_u16be(&out, PORT);
    bytes_put_u16be(&out, 8 + SIZE);
    bytes_put_u16be(&out, 0);
    bytes_put(&out, mark, sizeof mark);
    bytes_put_u8(&out, CHARGER);
    bytes_put_u8(&out, cable->shown);
    const uint16_t sum = checksum(frame);
    frame[HEADERS + 6] = (uint8_t)(sum >> 8);
    frame[HEADERS + 7] = (uint8_t)sum;
}

size_t cable_say(cable_t *cable, ccs_pilot_drive_t pilot, int64_t now_ms, uint8_t frame[CABLE_FRAME_SIZE])
{
    if (now_ms >= cable->silent_ms) {
        see(cable, CCS_PILOT_UNKNOWN);
    }
    if (cable->shown == (uint8_t)pilot && now_ms < cable->say_ms) {
        return 0;
    }
    cable->shown = (uint8_t)pilot;
    cable->say_ms = now_ms + CABLE_SAY_MS;
    draw(cable, frame);
    return CABLE_FRAME_SIZE;
}
