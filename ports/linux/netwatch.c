/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/netwatch.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int netlink_open(void)
{
    const struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK | RTMGRP_IPV6_IFADDR};
    const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&own, sizeof own) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

void netwatch_open(netwatch_t *watch, const netif_t *netif, bool address_needed,
                   void (*changed)(void *ctx, netif_result_t result, const netif_t *netif), void *ctx)
{
    *watch = (netwatch_t){.fd = netlink_open(),
                          .address_needed = address_needed,
                          .result = NETIF_OK,
                          .netif = *netif,
                          .changed = changed,
                          .ctx = ctx};
}

void netwatch_close(netwatch_t *watch)
{
    if (watch->fd >= 0) {
        close(watch->fd);
    }
    watch->fd = -1;
}

static bool same(const netif_t *a, const netif_t *b)
{
    return a->index == b->index && memcmp(a->address, b->address, sizeof a->address) == 0 &&
           memcmp(a->mac, b->mac, sizeof a->mac) == 0;
}

static void look(netwatch_t *watch)
{
    netif_t now;
    netif_result_t result = netif_look(watch->netif.name, &now);
    if (!watch->address_needed && (result == NETIF_NO_ADDRESS || result == NETIF_TENTATIVE)) {
        result = NETIF_OK;
        memset(now.address, 0, sizeof now.address);
    }
    const bool moved = result == NETIF_OK && !same(&now, &watch->netif);
    if (result == watch->result && !moved) {
        return;
    }
    watch->result = result;
    if (result == NETIF_OK) {
        watch->netif = now;
    }
    watch->changed(watch->ctx, result, &watch->netif);
}

static size_t service_fds(void *ctx, struct pollfd *to, size_t room)
{
    const netwatch_t *watch = ctx;
    if (watch->fd < 0 || room == 0) {
        return 0;
    }
    to[0] = (struct pollfd){.fd = watch->fd, .events = POLLIN};
    return 1;
}

/* What the messages say is not read: the interface itself says it, and also what was lost. */
static void netlink_empty(const netwatch_t *watch)
{
    char nothing[4096];
    for (int reads = 0; reads < 32 && recv(watch->fd, nothing, sizeof nothing, 0) > 0; reads++) {
    }
}

static void service_ready(void *ctx, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    netwatch_t *watch = ctx;
    const bool told = count > 0 && fds[0].revents != 0;
    if (told) {
        netlink_empty(watch);
    }
    if (told || now_ms >= watch->look_at_ms) {
        watch->look_at_ms = now_ms + NETWATCH_LOOK_MS;
        look(watch);
    }
}

static int64_t service_deadline(void *ctx)
{
    const netwatch_t *watch = ctx;
    return watch->look_at_ms;
}

loop_service_t netwatch_service(netwatch_t *watch)
{
    return (loop_service_t){.ctx = watch, .fds = service_fds, .ready = service_ready, .deadline_ms = service_deadline};
}
