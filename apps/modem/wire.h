/* A power line between processes: what a modelled modem puts on the line travels as broadcast frames of a network interface.
 *
 * Each process models its own modem whole (sim/chip on a node of sim/line). The others on the wire are nodes of its line as well,
 * known by their beacons: host, modem, and a digest of their key, by which both sides know who shares a network; the key itself
 * never travels. A frame for a node goes out in an envelope and comes in at the other end as if that node had sent it there.
 *
 * Envelope: Ethernet type CABLE_ETHERTYPE, "CCSLINE1", kind, attenuation to the sender in dB, sender's host MAC and modem MAC,
 * receiver's host MAC (zero: everybody), digest of the sender's key (16 octets), then for a frame its octets.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_APPS_MODEM_WIRE_H
#define CCS_APPS_MODEM_WIRE_H

#include "ports/linux/netif.h"
#include "sim/line/line.h"

enum { WIRE_BEACON_MS = 100, WIRE_SILENT_MS = 1000, WIRE_DIGEST_SIZE = 16, WIRE_FRAME_MAX = 1414 };

typedef struct wire_peer {
    bool known;
    int64_t silent_ms;
    uint8_t digest[WIRE_DIGEST_SIZE];
} wire_peer_t;

typedef struct wire {
    int fd; /* -1: closed */
    netif_t netif;
    line_t *line; /* node 0 is ours */
    wire_peer_t peer[LINE_NODES];
    uint8_t attenuation_dB; /* from us to whoever hears us */
    int64_t beacon_ms, now_ms;
    uint32_t strangers; /* no more nodes for them */
} wire_t;

/* false: errno says why. */
bool wire_open(wire_t *wire, const netif_t *netif, line_t *line, uint8_t attenuation_dB);
void wire_close(wire_t *wire);

/* Node 0's frame for another node: line_t.deliver of that node. */
void wire_deliver(wire_t *wire, unsigned node, ccs_view_t frame);

/* Beacons, what came in, who fell silent. */
void wire_step(wire_t *wire, int64_t now_ms);
int64_t wire_deadline_ms(const wire_t *wire);

#endif
