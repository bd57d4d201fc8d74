/* The network interface towards the car, and the lock on it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_NETIF_H
#define CCS_LINUX_NETIF_H

#include <stdint.h>

typedef enum netif_result {
    NETIF_OK,
    NETIF_MISSING,    /* no interface of this name */
    NETIF_DOWN,       /* it is there, but down */
    NETIF_NO_ADDRESS, /* up, but without a link-local address in the given time */
    NETIF_TENTATIVE,  /* duplicate address detection did not end in the given time, or failed */
    NETIF_TAKEN       /* another daemon of this kind holds it */
} netif_result_t;

typedef struct netif {
    char name[16];
    unsigned index; /* the scope id of every link-local address here */
    uint8_t address[16];
    uint8_t mac[6];
} netif_t;

/* How the interface stands now. */
netif_result_t netif_look(const char *name, netif_t *netif);

/* Looks the interface up and waits until its link-local address is usable, at most wait_ms. */
netif_result_t netif_open(const char *name, int wait_ms, netif_t *netif);

/* Takes the interface for one daemon of this kind ("ccs-evse"), until the process ends. The lock lives in the network namespace of
 * the interface and dies with its owner. */
netif_result_t netif_lock(const netif_t *netif, const char *kind);

/* One line for people, with the interface's name in it. */
void netif_explain(netif_result_t result, const char *name, char *text, unsigned size);

#endif
