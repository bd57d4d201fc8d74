/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/cable.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ports/linux/clock.h"
#include "ports/linux/sockets.h"

enum { MARK_SIZE = 8, VERSION_AT = 8, END_AT = 9, STATE_AT = 10, SIZE = 11, VERSION = 1, READS_MAX = 32 };
static const uint8_t mark[MARK_SIZE] = {'C', 'C', 'S', 'C', 'A', 'B', 'L', 'E'};

bool cable_open(cable_t *cable, const netif_t *netif, cable_end_t end, bool raw,
                void (*changed)(void *ctx, bool there, uint8_t state), void *ctx)
{
    char why[120];
    *cable = (cable_t){.fd = -1, .raw = raw, .netif = *netif, .end = end, .state = CCS_PILOT_A, .changed = changed, .ctx = ctx};
    if (raw) {
        cable->fd = socket_packet(netif, CABLE_ETHERTYPE);
        return cable->fd >= 0;
    }
    if (socket_group(netif, CABLE_PORT, &cable->fd, why, sizeof why) == PORT_OK) {
        return true;
    }
    cable_close(cable);
    return false;
}

void cable_close(cable_t *cable)
{
    if (cable->fd >= 0) {
        close(cable->fd);
    }
    cable->fd = -1;
}

enum { HEAD_SIZE = 14, FRAME_SIZE = 60 };

static void frame_send(const cable_t *cable, const uint8_t told[SIZE])
{
    uint8_t frame[FRAME_SIZE] = {0};
    memset(frame, 0xff, 6);
    memcpy(frame + 6, cable->netif.mac, 6);
    frame[12] = CABLE_ETHERTYPE >> 8;
    frame[13] = CABLE_ETHERTYPE & 0xff;
    memcpy(frame + HEAD_SIZE, told, SIZE);
    (void)!send(cable->fd, frame, sizeof frame, MSG_DONTWAIT);
}

static void say(cable_t *cable, int64_t now_ms)
{
    static const ccs_endpoint_t everybody = {.address = {0xff, 0x02, [15] = 1}, .port = CABLE_PORT};
    uint8_t datagram[SIZE];
    memcpy(datagram, mark, MARK_SIZE);
    datagram[VERSION_AT] = VERSION;
    datagram[END_AT] = (uint8_t)cable->end;
    datagram[STATE_AT] = cable->state;
    const ccs_view_t bytes = {datagram, sizeof datagram};
    if (cable->raw) {
        frame_send(cable, datagram);
    } else {
        socket_send_datagram(cable->fd, &cable->netif, &everybody, &bytes);
    }
    cable->say_at_ms = now_ms + CABLE_SAY_MS;
    if (cable->repeats > 0) {
        cable->repeats--;
        cable->shows = cable->repeats > 0;
    }
}

void cable_show(cable_t *cable, uint8_t state)
{
    if (cable->fd < 0 || (cable->shows && cable->state == state)) {
        return;
    }
    if (cable->end == CABLE_CAR && cable->state == CCS_PILOT_A) { /* just plugged in: the charger has to notice first */
        cable->told = false;
        cable->settle_ms = clock_now_ms() + CABLE_SETTLE_MS;
    }
    cable->shows = true;
    cable->state = state;
    cable->say_at_ms = 0;
    cable->repeats = cable->end == CABLE_CAR && state == CCS_PILOT_A ? CABLE_REPEATS : -1;
}

static void hear(cable_t *cable, uint8_t state, int64_t now_ms)
{
    if (!cable->heard) {
        cable->settle_ms = now_ms + (cable->end == CABLE_CAR ? CABLE_SETTLE_MS : 0);
    }
    cable->heard = true;
    cable->heard_state = state;
    cable->silent_at_ms = now_ms + CABLE_SILENT_MS;
}

/* 5 % is always news; anything else from a charger that has just appeared may be its view of an empty socket. */
static void tell(cable_t *cable, int64_t now_ms)
{
    const bool settled = now_ms >= cable->settle_ms || (cable->end == CABLE_CAR && cable->heard_state == CCS_PILOT_5_PERCENT);
    if (!cable->heard || !settled || (cable->told && cable->told_state == cable->heard_state)) {
        return;
    }
    cable->told = true;
    cable->told_state = cable->heard_state;
    cable->changed(cable->ctx, true, cable->told_state);
}

/* What was told, if it was told by the other end; false: nothing waits. */
static bool told_read(cable_t *cable, uint8_t told[SIZE], bool *good)
{
    uint8_t octets[FRAME_SIZE + 1];
    size_t length = 0;
    ccs_endpoint_t from;
    const size_t head = cable->raw ? HEAD_SIZE : 0;
    if (!(cable->raw ? socket_packet_read(cable->fd, octets, sizeof octets, &length)
                     : socket_receive(cable->fd, cable->netif.index, octets, sizeof octets, &length, &from, &cable->elsewhere))) {
        return false;
    }
    *good = length >= head + SIZE && (cable->raw || length == SIZE) && memcmp(octets + head, mark, MARK_SIZE) == 0;
    memcpy(told, octets + head, SIZE);
    return true;
}

static void hear_all(cable_t *cable, int64_t now_ms)
{
    uint8_t told[SIZE];
    bool good;
    for (int reads = 0; reads < READS_MAX && told_read(cable, told, &good); reads++) {
        if (good && told[VERSION_AT] == VERSION && told[END_AT] == (cable->end == CABLE_CAR ? CABLE_CHARGER : CABLE_CAR)) {
            hear(cable, told[STATE_AT], now_ms);
        }
    }
}

static size_t service_fds(void *ctx, struct pollfd *to, size_t room)
{
    const cable_t *cable = ctx;
    if (cable->fd < 0 || room == 0) {
        return 0;
    }
    to[0] = (struct pollfd){.fd = cable->fd, .events = POLLIN};
    return 1;
}

static void service_ready(void *ctx, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    cable_t *cable = ctx;
    if (cable->fd < 0) {
        return;
    }
    if (count > 0 && (fds[0].revents & POLLIN) != 0) {
        hear_all(cable, now_ms);
    }
    tell(cable, now_ms);
    if (cable->heard && now_ms >= cable->silent_at_ms) {
        cable->heard = cable->told = false;
        cable->changed(cable->ctx, false, 0);
    }
    if (cable->shows && now_ms >= cable->say_at_ms) {
        say(cable, now_ms);
    }
}

static int64_t service_deadline(void *ctx)
{
    const cable_t *cable = ctx;
    int64_t first = INT64_MAX;
    if (cable->fd < 0) {
        return first;
    }
    if (cable->heard) {
        first = cable->told ? cable->silent_at_ms : cable->settle_ms;
    }
    return cable->shows && cable->say_at_ms < first ? cable->say_at_ms : first;
}

port_service_t cable_service(cable_t *cable)
{
    return (port_service_t){.ctx = cable, .fds = service_fds, .ready = service_ready, .deadline_ms = service_deadline};
}
