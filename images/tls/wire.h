/* One TCP connection at a time on lwIP's raw API, as the octets beneath a TLS link. While one stands, others are reset at once:
 * they cost neither memory nor a TLS octet. SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_IMAGES_TLS_WIRE_H
#define CCS_IMAGES_TLS_WIRE_H

#include "ports/tls/tls.h"

struct tcp_pcb;
struct pbuf;

typedef struct wire {
    struct tcp_pcb *pcb;
    struct pbuf *waiting; /* received, not read yet */
    bool open;            /* somebody has connected and was not hung up yet */
    bool finished;        /* the peer sends no more */
    uint32_t refused;     /* connections while one stood */
} wire_t;

/* False: lwIP has no memory for a listener. */
bool wire_listen(wire_t *wire, uint16_t port);

tls_wire_t wire_of_link(wire_t *wire);

/* What was sent is still delivered. */
void wire_hang_up(wire_t *wire);

#endif
