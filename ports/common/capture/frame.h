/* Ethernet, IPv6, UDP and TCP drawn around octets of a datagram or a stream.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PORTS_COMMON_CAPTURE_FRAME_H
#define CCS_PORTS_COMMON_CAPTURE_FRAME_H

#include "ccs/event.h"

enum { FRAME_PAYLOAD_MAX = 1440, FRAME_MAX = 14 + 40 + 20 + FRAME_PAYLOAD_MAX };
enum { FRAME_FIN = 0x01, FRAME_SYN = 0x02, FRAME_PSH = 0x08, FRAME_ACK = 0x10 };

/* Each returns the frame's length; the payload is at most FRAME_PAYLOAD_MAX octets. */
size_t frame_udp(uint8_t out[FRAME_MAX], const ccs_endpoint_t *from, const ccs_endpoint_t *to, ccs_view_t payload);
size_t frame_tcp(uint8_t out[FRAME_MAX], const ccs_endpoint_t *from, const ccs_endpoint_t *to, uint32_t sequence,
                 uint32_t acknowledge, uint8_t flags, ccs_view_t payload);
size_t frame_note(uint8_t out[FRAME_MAX], uint16_t ethertype, ccs_view_t text);

#endif
