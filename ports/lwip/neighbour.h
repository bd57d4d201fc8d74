/* Neighbour discovery (RFC 4861) as far as it is judged and answered in front of lwIP: bytes only.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LWIP_NEIGHBOUR_H
#define CCS_LWIP_NEIGHBOUR_H

#include <stdbool.h>

#include "ccs/view.h"

enum { NEIGHBOUR_ADVERTISEMENT_SIZE = 14 + 40 + 32, NEIGHBOUR_PROBE_SIZE = 14 + 40 + 24 };

typedef enum neighbour_type { NEIGHBOUR_NONE, NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT } neighbour_type_t;

typedef struct neighbour_message {
    neighbour_type_t type;
    bool malformed;         /* options that do not end, or of no length: to be dropped (RFC 4861 7.1) */
    bool probe;             /* its source is the unspecified address: duplicate address detection */
    const uint8_t *station; /* Ethernet source */
    const uint8_t *source;  /* IPv6 source, 16 octets */
    const uint8_t *target;
    const uint8_t *option; /* its link-layer address option's 6 octets; NULL: it has none */
} neighbour_message_t;

/* An Ethernet frame of IPv6. type NONE: something else. Views into the frame. */
neighbour_message_t neighbour_read(ccs_view_t frame);

/* The answer of the station mac to a solicitation for its address; to a probe it goes to all nodes (RFC 4861 7.2.4). */
void neighbour_advertise(uint8_t out[NEIGHBOUR_ADVERTISEMENT_SIZE], const neighbour_message_t *asked, const uint8_t mac[6]);

/* Duplicate address detection (RFC 4862 5.4.2): does anybody else use this address? */
void neighbour_probe(uint8_t out[NEIGHBOUR_PROBE_SIZE], const uint8_t address[16], const uint8_t mac[6]);

/* The ICMPv6 checksum of an IPv6 frame holds. */
bool neighbour_checksum_holds(ccs_view_t frame);

#endif
