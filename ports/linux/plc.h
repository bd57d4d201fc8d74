/* The power-line side of an interface: HomePlug frames in and out, and who is seen behind which MAC.
 *
 * For a PLC modem that is bridged to a network interface: the kernel has the IPv6, this has the frames of type 0x88E1 (AF_PACKET,
 * bound to the one interface) and a tap that sees Neighbour Discovery and SDP on their way in, with their Ethernet source. Needs
 * CAP_NET_RAW.
 *
 * A tap sees a datagram before the socket that it is for: ask plc_mac_of() when the datagram is read, after plc's turn in the loop.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_PLC_H
#define CCS_LINUX_PLC_H

#include "ports/linux/port.h"

enum { PLC_NEIGHBOURS_MAX = 16 };

typedef struct plc_neighbour {
    bool used;
    uint8_t address[16], mac[6];
} plc_neighbour_t;

typedef struct plc {
    int mme_fd, tap_fd; /* -1: closed */
    port_t *port;       /* gets CCS_ON_MME and CCS_ON_NEIGHBOUR */
    plc_neighbour_t neighbour[PLC_NEIGHBOURS_MAX];
    size_t next; /* to be replaced when all are used */
    uint32_t received, sent, not_sent;
} plc_t;

/* On failure error has one line, and nothing is open. */
port_result_t plc_open(plc_t *plc, const netif_t *netif, port_t *port, char *error, size_t size);
void plc_close(plc_t *plc);

/* A whole frame, as it is; one that cannot leave is counted and dropped. */
void plc_send(plc_t *plc, ccs_view_t frame);

/* The source MAC that an address was last seen with; false: never. */
bool plc_mac_of(const plc_t *plc, const uint8_t address[16], uint8_t mac[6]);

/* An IPv6 frame of another kind of modem, seen on its way in: the same as if the tap had seen it. */
void plc_see(plc_t *plc, ccs_view_t frame);

loop_service_t plc_service(plc_t *plc);

#endif
