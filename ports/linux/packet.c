/* Packet sockets: Ethernet frames of one interface.
 * SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ports/linux/sockets.h"

enum {
    NEXT_HEADER_AT = 14 + 6,
    UDP_PORT_AT = 14 + 40 + 2,
    ICMP_TYPE_AT = 14 + 40,
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
        BPF_STMT(BPF_RET | BPF_K, SOCKET_HEAD_SIZE),
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

int socket_packet(const netif_t *netif, uint16_t ethertype)
{
    return packet_socket(netif, ethertype, false);
}

int socket_packet_head(const netif_t *netif)
{
    return packet_socket(netif, ETH_P_IPV6, true);
}

bool socket_packet_read(int fd, uint8_t *to, size_t size, size_t *length)
{
    struct sockaddr_ll from = {0};
    socklen_t from_size = sizeof from;
    const ssize_t taken = recvfrom(fd, to, size, 0, (struct sockaddr *)&from, &from_size);
    *length = taken > 0 && from.sll_pkttype != PACKET_OUTGOING ? (size_t)taken : 0;
    return taken >= 0;
}
