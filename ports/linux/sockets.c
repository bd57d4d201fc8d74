/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ports/linux/clock.h"

enum {
    SDP_PORT = 15118,
    DYNAMIC_FIRST = 49152, /* [V2G2-155] the port is one of the dynamic range */
    DYNAMIC_COUNT = 65536 - DYNAMIC_FIRST,
    DYNAMIC_TRIES = 64,
    BACKLOG = 4,
    HOPS = 255
};

bool socket_would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static port_result_t failed(char *error, size_t size, const char *what)
{
    const int why = errno;
    snprintf(error, size, "%s: %s", what, strerror(why));
    return why == EACCES || why == EPERM ? PORT_NO_RIGHT : why == EADDRINUSE ? PORT_BUSY : PORT_FAILED;
}

static bool option(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

static struct sockaddr_in6 address_of(const netif_t *netif, const uint8_t address[16], uint16_t port)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_scope_id = netif->index};
    memcpy(&to.sin6_addr, address, 16);
    return to;
}

static void endpoint_from(const struct sockaddr_in6 *address, ccs_endpoint_t *endpoint)
{
    memcpy(endpoint->address, &address->sin6_addr, 16);
    endpoint->port = ntohs(address->sin6_port);
}

/* ---- datagrams ---- */

static int udp_socket(const netif_t *netif)
{
    const int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    /* Kernels before 5.7 keep this for root; the interface of each datagram is looked at as well. */
    (void)setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, netif->name, (socklen_t)strlen(netif->name) + 1);
    const bool set = option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) && option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) &&
                     option(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, (int)netif->index) &&
                     option(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, HOPS) && option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, HOPS);
    if (!set) {
        close(fd);
        return -1;
    }
    return fd;
}

port_result_t socket_group(const netif_t *netif, uint16_t port, int *fd, char *error, size_t size)
{
    char what[48];
    const struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    struct ipv6_mreq group = {.ipv6mr_interface = netif->index};
    group.ipv6mr_multiaddr = (struct in6_addr){{{0xff, 0x02, [15] = 0x01}}};
    snprintf(what, sizeof what, "UDP port %u", port);
    *fd = udp_socket(netif);
    /* Outlets on other interfaces of this machine share the port; one interface has one daemon (netif_lock). */
    if (*fd < 0 || !option(*fd, SOL_SOCKET, SO_REUSEADDR, 1) || bind(*fd, (const struct sockaddr *)&any, sizeof any) != 0) {
        return failed(error, size, what);
    }
    if (setsockopt(*fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group, sizeof group) != 0) {
        return failed(error, size, "joining ff02::1");
    }
    return PORT_OK;
}

port_result_t socket_sdp_server(const netif_t *netif, int *fd, char *error, size_t size)
{
    return socket_group(netif, SDP_PORT, fd, error, size);
}

port_result_t socket_sdp_client(const netif_t *netif, int *fd, char *error, size_t size)
{
    const struct sockaddr_in6 own = address_of(netif, netif->address, 0);
    *fd = udp_socket(netif);
    if (*fd < 0 || bind(*fd, (const struct sockaddr *)&own, sizeof own) != 0) {
        return failed(error, size, "UDP socket for SDP");
    }
    return PORT_OK;
}

/* The interface that a datagram came over; 0: not told. */
static unsigned datagram_interface(struct msghdr *message)
{
    for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at != NULL; at = CMSG_NXTHDR(message, at)) {
        if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(at), sizeof info);
            return (unsigned)info.ipi6_ifindex;
        }
    }
    return 0;
}

bool socket_receive(int fd, unsigned interface_index, uint8_t *to, size_t size, size_t *length, ccs_endpoint_t *from,
                    uint32_t *elsewhere)
{
    struct sockaddr_in6 peer = {0};
    struct iovec part = {.iov_base = to, .iov_len = size};
    union {
        struct cmsghdr align;
        char room[128];
    } control;
    struct msghdr message = {.msg_name = &peer, .msg_namelen = sizeof peer, .msg_iov = &part, .msg_iovlen = 1};
    message.msg_control = control.room;
    message.msg_controllen = sizeof control.room;
    const ssize_t taken = recvmsg(fd, &message, 0);
    if (taken < 0) {
        return false;
    }
    if (datagram_interface(&message) != interface_index) {
        (*elsewhere)++;
        return false;
    }
    *length = (size_t)taken;
    endpoint_from(&peer, from);
    return true;
}

/* From our own link-local address over our own interface, whatever the routing table thinks. */
void socket_send_datagram(int fd, const netif_t *netif, const ccs_endpoint_t *to, const ccs_view_t *bytes)
{
    struct sockaddr_in6 peer = address_of(netif, to->address, to->port);
    struct in6_pktinfo info = {.ipi6_ifindex = netif->index};
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes->at, .iov_len = bytes->length};
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof info)];
    } control;
    struct msghdr message = {.msg_name = &peer, .msg_namelen = sizeof peer, .msg_iov = &part, .msg_iovlen = 1};
    memset(&control, 0, sizeof control);
    message.msg_control = control.room;
    message.msg_controllen = sizeof control.room;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = IPPROTO_IPV6;
    header->cmsg_type = IPV6_PKTINFO;
    header->cmsg_len = CMSG_LEN(sizeof info);
    memcpy(&info.ipi6_addr, netif->address, 16);
    memcpy(CMSG_DATA(header), &info, sizeof info);
    (void)!sendmsg(fd, &message, MSG_NOSIGNAL); /* a lost datagram is asked for again by the car */
}

/* ---- streams ---- */

static bool listener_bind(int fd, const netif_t *netif, uint16_t port)
{
    const struct sockaddr_in6 own = address_of(netif, netif->address, port);
    return bind(fd, (const struct sockaddr *)&own, sizeof own) == 0;
}

static bool listener_bind_dynamic(int fd, const netif_t *netif, uint16_t *port)
{
    for (int tries = 0; tries < DYNAMIC_TRIES; tries++) {
        uint16_t chance;
        if (!clock_random(&chance, sizeof chance)) {
            return false;
        }
        *port = (uint16_t)(DYNAMIC_FIRST + chance % DYNAMIC_COUNT);
        if (listener_bind(fd, netif, *port)) {
            return true;
        }
    }
    return false;
}

port_result_t socket_listener(const netif_t *netif, uint16_t *tcp_port, int *fd, char *error, size_t size)
{
    char what[48];
    *fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*fd < 0) {
        return failed(error, size, "TCP socket");
    }
    if (*tcp_port == 0) {
        const bool alone = listener_bind_dynamic(*fd, netif, tcp_port);
        /* Only now: chosen alone, but opened again while an old connection of this port is still in FIN_WAIT or TIME_WAIT.
         * Without it the next car's connect is refused after its SDP answer, for up to a minute. */
        return alone && option(*fd, SOL_SOCKET, SO_REUSEADDR, 1) ? PORT_OK : failed(error, size, "TCP port of 49152 .. 65535");
    }
    snprintf(what, sizeof what, "TCP port %u", *tcp_port);
    const bool bound = option(*fd, SOL_SOCKET, SO_REUSEADDR, 1) && listener_bind(*fd, netif, *tcp_port);
    return bound ? PORT_OK : failed(error, size, what);
}

bool socket_listen(int fd)
{
    return listen(fd, BACKLOG) == 0;
}

bool socket_unlisten(int fd)
{
    return shutdown(fd, SHUT_RD) == 0;
}

int socket_accept(int listener_fd, ccs_endpoint_t *from)
{
    struct sockaddr_in6 peer = {0};
    socklen_t length = sizeof peer;
    const int fd = accept4(listener_fd, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    (void)option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    endpoint_from(&peer, from);
    return fd;
}

int socket_connect(const netif_t *netif, const ccs_endpoint_t *to)
{
    const struct sockaddr_in6 peer = address_of(netif, to->address, to->port);
    const int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    (void)option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    if (connect(fd, (const struct sockaddr *)&peer, sizeof peer) != 0 && errno != EINPROGRESS) {
        close(fd);
        return -1;
    }
    return fd;
}

bool socket_connected(int fd)
{
    int error = 0;
    socklen_t length = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
}

bool socket_send(int fd, const ccs_view_t *head, const ccs_view_t *body)
{
    struct iovec part[2] = {
        {.iov_base = (void *)(uintptr_t)head->at, .iov_len = head->length},
        {.iov_base = (void *)(uintptr_t)body->at, .iov_len = body->length},
    };
    const struct msghdr message = {.msg_iov = part, .msg_iovlen = 2};
    const ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    return sent >= 0 && (size_t)sent == head->length + body->length;
}

ssize_t socket_peek(int fd, uint8_t *octet)
{
    return recv(fd, octet, 1, MSG_PEEK);
}

void socket_finish(int fd)
{
    (void)shutdown(fd, SHUT_WR);
}

void socket_abort(int fd)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};
    if (fd >= 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close(fd);
    }
}
