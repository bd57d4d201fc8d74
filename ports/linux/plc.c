/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/plc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SOURCE_MAC_AT = 6,
    TYPE_AT = 12,
    NEXT_HEADER_AT = 14 + 6,
    SOURCE_AT = 14 + 8,
    UDP_PORT_AT = 14 + 40 + 2,
    ICMP_TYPE_AT = 14 + 40,
    TAP_SIZE = 14 + 40 + 8,
    READS_MAX = 64,
    ICMPV6 = 58,
    UDP = 17,
    SDP_PORT = 15118,
    SOLICITATION = 135,
    ADVERTISEMENT = 136
};

/* The kernel hands over the heads of Neighbour Solicitations and Advertisements and of SDP requests, and nothing else. */
static bool tap_filter(int fd)
{
    struct sock_filter step[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, NEXT_HEADER_AT),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMPV6, 0, 3),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ICMP_TYPE_AT),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOLICITATION, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ADVERTISEMENT, 3, 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, UDP, 0, 3),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, UDP_PORT_AT),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SDP_PORT, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, TAP_SIZE),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    const struct sock_fprog program = {.len = sizeof step / sizeof step[0], .filter = step};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

/* Without a protocol a packet socket hears nothing: first the filter, then bind() says what and where. */
static int packet_socket(const netif_t *netif, uint16_t type, bool tap)
{
    const struct sockaddr_ll own = {.sll_family = AF_PACKET, .sll_protocol = htons(type), .sll_ifindex = (int)netif->index};
    const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    if ((tap && !tap_filter(fd)) || bind(fd, (const struct sockaddr *)&own, sizeof own) != 0) {
        const int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

port_result_t plc_open(plc_t *plc, const netif_t *netif, port_t *port, char *error, size_t size)
{
    *plc = (plc_t){.mme_fd = -1, .tap_fd = -1, .port = port};
    plc->mme_fd = packet_socket(netif, CCS_MME_ETHERTYPE, false);
    plc->tap_fd = plc->mme_fd < 0 ? -1 : packet_socket(netif, ETH_P_IPV6, true);
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
    if (frame.length >= TAP_SIZE && at[TYPE_AT] == 0x86 && at[TYPE_AT + 1] == 0xdd && memcmp(at + SOURCE_AT, nobody, 16) != 0) {
        seen(plc, at + SOURCE_AT, at + SOURCE_MAC_AT);
    }
}

/* ---- as a service of the loop ---- */

/* false: nothing waits. What we sent ourselves comes back to a packet socket, too, and has length 0 here. */
static bool frame_read(int fd, uint8_t *to, size_t size, size_t *length)
{
    struct sockaddr_ll from = {0};
    socklen_t from_size = sizeof from;
    const ssize_t taken = recvfrom(fd, to, size, 0, (struct sockaddr *)&from, &from_size);
    *length = taken > 0 && from.sll_pkttype != PACKET_OUTGOING ? (size_t)taken : 0;
    return taken >= 0;
}

static void tap_read(plc_t *plc)
{
    uint8_t head[TAP_SIZE];
    size_t length;
    for (int reads = 0; reads < READS_MAX && frame_read(plc->tap_fd, head, sizeof head, &length); reads++) {
        plc_see(plc, (ccs_view_t){head, length});
    }
}

static void mme_read(plc_t *plc)
{
    uint8_t frame[CCS_MME_SIZE_MAX];
    size_t length;
    for (int reads = 0; reads < PORT_MMES_MAX && frame_read(plc->mme_fd, frame, sizeof frame, &length); reads++) {
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
