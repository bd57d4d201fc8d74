/* Frames as a car's own IPv6 stack would send them, drawn octet by octet, and what comes back taken apart.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_LWIP_WIRE_H
#define CCS_TESTS_LWIP_WIRE_H

#include <stdbool.h>

#include "ccs/view.h"

enum {
    WIRE_FRAME_MAX = 1600,
    WIRE_FIN = 1,
    WIRE_SYN = 2,
    WIRE_RST = 4,
    WIRE_PSH = 8,
    WIRE_ACK = 16,
    WIRE_ICMP = 58,
    WIRE_UDP = 17,
    WIRE_TCP = 6,
    WIRE_SOLICITATION = 135,
    WIRE_ADVERTISEMENT = 136
};

typedef struct wire_station {
    uint8_t mac[6], address[16];
} wire_station_t;

typedef struct wire_frame {
    size_t length;
    uint8_t octets[WIRE_FRAME_MAX];
} wire_frame_t;

typedef struct wire_tcp {
    uint16_t source, target;
    uint32_t sequence, acknowledge;
    uint8_t flags;
    uint16_t window, mss; /* mss 0: no option */
    ccs_view_t data;
} wire_tcp_t;

extern const uint8_t wire_all_nodes[16];

wire_station_t wire_station(uint8_t number); /* 02:00:00:00:00:NUMBER and its link-local address, not by EUI-64 */
void wire_solicited_node(const uint8_t address[16], uint8_t group[16]);

/* to: Ethernet destination; for a group address its own. */
wire_frame_t wire_udp(const wire_station_t *from, const wire_station_t *to, uint16_t source, uint16_t target, ccs_view_t data);
wire_frame_t wire_segment(const wire_station_t *from, const wire_station_t *to, const wire_tcp_t *tcp);

/* with_option: its link-layer address goes along. probe: from the unspecified address. */
wire_frame_t wire_solicitation(const wire_station_t *from, const wire_station_t *to, const uint8_t target[16], bool with_option,
                               bool probe);
wire_frame_t wire_advertisement(const wire_station_t *from, const wire_station_t *to, const uint8_t target[16],
                                const uint8_t option[6]);
void wire_seal(wire_frame_t *frame); /* computes the checksum again */

uint8_t wire_protocol(const wire_frame_t *frame); /* next header; 0: not IPv6 */
uint8_t wire_hop_limit(const wire_frame_t *frame);
bool wire_is_icmp(const wire_frame_t *frame, uint8_t type);
bool wire_sealed(const wire_frame_t *frame); /* its checksum holds */
wire_tcp_t wire_read_tcp(const wire_frame_t *frame);

#endif
