/* What becomes of an interface while it is used: down, gone, another address, back again.
 *
 * The kernel tells changes over netlink; each is a reason to look at the interface afresh, and so is a look every two seconds, for
 * what was lost on the way. Told is only what differs from the last time.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_NETWATCH_H
#define CCS_LINUX_NETWATCH_H

#include <stdbool.h>

#include "ports/linux/loop.h"
#include "ports/linux/netif.h"

enum { NETWATCH_LOOK_MS = 2000 };

typedef struct netwatch {
    int fd; /* -1: no netlink; then by looking alone */
    bool address_needed;
    netif_result_t result;
    netif_t netif; /* as last seen usable */
    int64_t look_at_ms;
    void (*changed)(void *ctx, netif_result_t result, const netif_t *netif); /* netif: of the last time that it was usable */
    void *ctx;
} netwatch_t;

/* Begins with an interface that is usable. address_needed false: its link-local address is of no interest. */
void netwatch_open(netwatch_t *watch, const netif_t *netif, bool address_needed,
                   void (*changed)(void *ctx, netif_result_t result, const netif_t *netif), void *ctx);
void netwatch_close(netwatch_t *watch);

loop_service_t netwatch_service(netwatch_t *watch);

#endif
