/* One captured frame, peeled down to what a charging session is made of.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DUMP_PACKET_H
#define CCS_DUMP_PACKET_H

#include "ccs/event.h"

typedef enum packet_kind {
    PACKET_OTHER,    /* nothing of ours */
    PACKET_CUT,      /* the capture holds less of the frame than its headers say */
    PACKET_FRAGMENT, /* IP fragment: not put together */
    PACKET_MME,      /* HomePlug management message: payload begins at MMV */
    PACKET_NOTE,     /* text of capture_note() */
    PACKET_UDP,
    PACKET_TCP
} packet_kind_t;

enum { PACKET_FIN = 0x01, PACKET_SYN = 0x02, PACKET_RST = 0x04, PACKET_ACK = 0x10 };

typedef struct packet {
    packet_kind_t kind;
    int64_t utc_us;
    uint64_t number; /* in the file, 1 .. */
    uint8_t from_mac[6], to_mac[6];
    ccs_endpoint_t from, to; /* IPv4 as ::ffff:a.b.c.d */
    uint32_t sequence, acknowledge;
    uint8_t flags;
    ccs_view_t payload; /* points into the frame */
} packet_t;

/* Is this link type (DLT_... of libpcap) one that packet_peel() reads? */
bool packet_link_known(int link_type);

/* Fills everything but utc_us and number. whole: the frame's length on the wire. */
void packet_peel(int link_type, ccs_view_t frame, size_t whole, packet_t *out);

#endif
