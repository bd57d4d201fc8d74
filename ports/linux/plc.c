/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/plc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ports/linux/sockets.h"

enum { SOURCE_MAC_AT = 6, TYPE_AT = 12, SOURCE_AT = 14 + 8, READS_MAX = 64 };

port_result_t plc_open(plc_t *plc, const netif_t *netif, port_t *port, char *error, size_t size)
{
    *plc = (plc_t){.mme_fd = -1, .tap_fd = -1, .port = port};
    plc->mme_fd = socket_packet(netif, CCS_MME_ETHERTYPE);
    plc->tap_fd = plc->mme_fd < 0 ? -1 : socket_packet_head(netif);
    if (plc->tap_fd >= 0) {
        return PORT_OK;
    }
    const int why = errno;
    plc_close(plc);
    snprintf(error, size, "packet socket for SLAC on %s: %s%s", netif->name, strerror(why),
             why == EPERM ? " (needs CAP_NET_RAW)" : "");
    return why == EACCES || why == EPERM ? PORT_NO_RIGHT : PORT_FAILED;
}

void plc_close(plc_t *plc)
{
    if (plc->mme_fd >= 0) {
        close(plc->mme_fd);
    }
    if (plc->tap_fd >= 0) {
        close(plc->tap_fd);
    }
    plc->mme_fd = plc->tap_fd = -1;
}

void plc_send(plc_t *plc, ccs_view_t frame)
{
    const bool gone = plc->mme_fd >= 0 && send(plc->mme_fd, frame.at, frame.length, MSG_DONTWAIT) == (ssize_t)frame.length;
    plc->sent += gone;
    plc->not_sent += !gone;
}

/* ---- who is where ---- */

static plc_neighbour_t *neighbour_of(plc_t *plc, const uint8_t address[16])
{
    for (size_t i = 0; i < PLC_NEIGHBOURS_MAX; i++) {
        if (plc->neighbour[i].used && memcmp(plc->neighbour[i].address, address, 16) == 0) {
            return &plc->neighbour[i];
        }
    }
    return NULL;
}

bool plc_mac_of(const plc_t *plc, const uint8_t address[16], uint8_t mac[6])
{
    for (size_t i = 0; i < PLC_NEIGHBOURS_MAX; i++) {
        if (plc->neighbour[i].used && memcmp(plc->neighbour[i].address, address, 16) == 0) {
            memcpy(mac, plc->neighbour[i].mac, 6);
            return true;
        }
    }
    return false;
}

/* New or changed pairs are told. A pair that finds no room in the queue is new again the next time. */
static void seen(plc_t *plc, const uint8_t address[16], const uint8_t mac[6])
{
    ccs_event_t event = {.type = CCS_ON_NEIGHBOUR};
    plc_neighbour_t *known = neighbour_of(plc, address);
    if (known != NULL && memcmp(known->mac, mac, 6) == 0) {
        return;
    }
    memcpy(event.neighbour.address, address, 16);
    memcpy(event.neighbour.mac, mac, 6);
    if (known == NULL) {
        known = &plc->neighbour[plc->next];
        plc->next = (plc->next + 1) % PLC_NEIGHBOURS_MAX;
    }
    known->used = port_post(plc->port, &event);
    memcpy(known->address, address, 16);
    memcpy(known->mac, mac, 6);
}

void plc_see(plc_t *plc, ccs_view_t frame)
{
    static const uint8_t nobody[16] = {0}; /* source of the solicitations of duplicate address detection */
    const uint8_t *const at = frame.at;
    if (frame.length >= SOCKET_HEAD_SIZE && at[TYPE_AT] == 0x86 && at[TYPE_AT + 1] == 0xdd &&
        memcmp(at + SOURCE_AT, nobody, 16) != 0) {
        seen(plc, at + SOURCE_AT, at + SOURCE_MAC_AT);
    }
}

/* ---- as a service of the loop ---- */

static void tap_read(plc_t *plc)
{
    uint8_t head[SOCKET_HEAD_SIZE];
    size_t length;
    for (int reads = 0; reads < READS_MAX && socket_packet_read(plc->tap_fd, head, sizeof head, &length); reads++) {
        plc_see(plc, (ccs_view_t){head, length});
    }
}

static void mme_read(plc_t *plc)
{
    uint8_t frame[CCS_MME_SIZE_MAX];
    size_t length;
    for (int reads = 0; reads < PORT_MMES_MAX && socket_packet_read(plc->mme_fd, frame, sizeof frame, &length); reads++) {
        if (length > 0) {
            plc->received++;
            port_post_mme(plc->port, (ccs_view_t){frame, length});
        }
    }
}

static size_t service_fds(void *ctx, struct pollfd *to, size_t room)
{
    const plc_t *plc = ctx;
    if (plc->tap_fd < 0 || room < 2) {
        return 0;
    }
    to[0] = (struct pollfd){.fd = plc->tap_fd, .events = POLLIN};
    to[1] = (struct pollfd){.fd = plc->mme_fd, .events = POLLIN};
    return 2;
}

static void service_ready(void *ctx, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    plc_t *plc = ctx;
    (void)now_ms;
    if (count == 2 && fds[0].revents != 0) {
        tap_read(plc);
    }
    if (count == 2 && fds[1].revents != 0) {
        mme_read(plc);
    }
}

loop_service_t plc_service(plc_t *plc)
{
    return (loop_service_t){.ctx = plc, .fds = service_fds, .ready = service_ready};
}
