/* A network interface of our own, whose frames this process sends and receives: for a modem that is no interface of the kernel's.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_TAP_H
#define CCS_LINUX_TAP_H

#include <stddef.h>

#include "ports/linux/netif.h"

/* Makes it, with this MAC and MTU, brings it up and waits for its link-local address. Needs CAP_NET_ADMIN. It is gone with the file
 * descriptor, which is returned; -1: errno says why. */
int tap_open(const char *name, const uint8_t mac[6], int mtu, netif_t *netif);

#endif
