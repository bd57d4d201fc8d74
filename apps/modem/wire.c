/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "modem.h"
#include "ports/linux/cable.h"
#include "ports/linux/sockets.h"

enum {
    MARK_AT = 14,
    MARK_SIZE = 8,
    KIND_AT = MARK_AT + MARK_SIZE,
    LOSS_AT = KIND_AT + 1,
    HOST_AT = LOSS_AT + 1,
    MODEM_AT = HOST_AT + 6,
    TO_AT = MODEM_AT + 6,
    DIGEST_AT = TO_AT + 6,
    INNER_AT = DIGEST_AT + WIRE_DIGEST_SIZE,
    ENVELOPE_MAX = INNER_AT + WIRE_FRAME_MAX,
    KIND_BEACON = 'B',
    KIND_FRAME = 'F',
    READS_MAX = 64
};
static const uint8_t mark[MARK_SIZE] = {'C', 'C', 'S', 'L', 'I', 'N', 'E', '1'};
static const uint8_t zero[6] = {0};

bool wire_open(wire_t *wire, const netif_t *netif, line_t *line, uint8_t attenuation_dB)
{
    *wire = (wire_t){.netif = *netif, .line = line, .attenuation_dB = attenuation_dB};
    wire->fd = socket_packet(netif, CABLE_ETHERTYPE);
    return wire->fd >= 0;
}

void wire_close(wire_t *wire)
{
    if (wire->fd >= 0) {
        close(wire->fd);
    }
    wire->fd = -1;
}

/* ---- keys ---- */

static void digest_of(const line_node_t *node, uint8_t digest[WIRE_DIGEST_SIZE])
{
    uint8_t whole[32];
    modem_sha256(node->nmk, sizeof node->nmk, whole);
    memcpy(digest, whole, WIRE_DIGEST_SIZE);
}

/* A peer's node holds our key if its digest is ours, else one that nobody has. */
static void keys_follow(wire_t *wire)
{
    uint8_t own[WIRE_DIGEST_SIZE];
    digest_of(&wire->line->node[0], own);
    for (unsigned i = 1; i < wire->line->nodes; i++) {
        line_node_t *node = &wire->line->node[i];
        const bool same = wire->peer[i].known && memcmp(wire->peer[i].digest, own, sizeof own) == 0;
        memcpy(node->nmk, same ? wire->line->node[0].nmk : node->own_nmk, sizeof node->nmk);
    }
}

/* ---- out ---- */

static void envelope_send(const wire_t *wire, uint8_t kind, const uint8_t to[6], ccs_view_t inner)
{
    uint8_t envelope[ENVELOPE_MAX] = {0};
    const line_node_t *own = &wire->line->node[0];
    if (inner.length > WIRE_FRAME_MAX) {
        return; /* the TAP's MTU does not let it come to this */
    }
    memset(envelope, 0xff, 6);
    memcpy(envelope + 6, wire->netif.mac, 6);
    envelope[12] = CABLE_ETHERTYPE >> 8;
    envelope[13] = CABLE_ETHERTYPE & 0xff;
    memcpy(envelope + MARK_AT, mark, MARK_SIZE);
    envelope[KIND_AT] = kind;
    envelope[LOSS_AT] = wire->attenuation_dB;
    memcpy(envelope + HOST_AT, own->host, 6);
    memcpy(envelope + MODEM_AT, own->modem, 6);
    memcpy(envelope + TO_AT, to, 6);
    digest_of(own, envelope + DIGEST_AT);
    if (inner.length > 0) {
        memcpy(envelope + INNER_AT, inner.at, inner.length);
    }
    (void)!send(wire->fd, envelope, INNER_AT + inner.length, MSG_DONTWAIT);
}

void wire_deliver(wire_t *wire, unsigned node, ccs_view_t frame)
{
    envelope_send(wire, KIND_FRAME, wire->line->node[node].host, frame);
}

/* ---- in ---- */

/* The node of a host; 0: there is no room for it. */
static unsigned node_of(wire_t *wire, const uint8_t *envelope)
{
    line_t *line = wire->line;
    for (unsigned i = 1; i < line->nodes; i++) {
        if (memcmp(line->node[i].host, envelope + HOST_AT, 6) == 0) {
            return i;
        }
    }
    if (line->nodes == LINE_NODES) {
        wire->strangers++;
        return 0;
    }
    return line_add(line, envelope + HOST_AT, envelope + MODEM_AT, false); /* it measures by itself, at its own end */
}

static void take(wire_t *wire, const uint8_t *envelope, size_t length)
{
    const bool whole = length >= INNER_AT && memcmp(envelope + MARK_AT, mark, MARK_SIZE) == 0;
    if (!whole || memcmp(envelope + HOST_AT, wire->line->node[0].host, 6) == 0) {
        return;
    }
    const unsigned node = node_of(wire, envelope);
    if (node == 0) {
        return;
    }
    wire->peer[node].known = true;
    wire->peer[node].silent_ms = wire->now_ms + WIRE_SILENT_MS;
    memcpy(wire->peer[node].digest, envelope + DIGEST_AT, WIRE_DIGEST_SIZE);
    line_attenuate(wire->line, 0, node, envelope[LOSS_AT]);
    keys_follow(wire);
    const bool ours = memcmp(envelope + TO_AT, wire->line->node[0].host, 6) == 0 || memcmp(envelope + TO_AT, zero, 6) == 0;
    if (envelope[KIND_AT] == KIND_FRAME && ours && length >= INNER_AT + 14) {
        line_send(wire->line, node, wire->now_ms, (ccs_view_t){envelope + INNER_AT, length - INNER_AT});
    }
}

static void take_all(wire_t *wire)
{
    uint8_t envelope[ENVELOPE_MAX];
    size_t length;
    for (int reads = 0; reads < READS_MAX && socket_packet_read(wire->fd, envelope, sizeof envelope, &length); reads++) {
        take(wire, envelope, length);
    }
}

static void silence(wire_t *wire)
{
    for (unsigned i = 1; i < wire->line->nodes; i++) {
        if (wire->peer[i].known && wire->now_ms >= wire->peer[i].silent_ms) {
            wire->peer[i].known = false;
            line_attenuate(wire->line, 0, i, LINE_DEAF_dB);
        }
    }
}

void wire_step(wire_t *wire, int64_t now_ms)
{
    wire->now_ms = now_ms;
    take_all(wire);
    silence(wire);
    keys_follow(wire);
    if (now_ms >= wire->beacon_ms) {
        wire->beacon_ms = now_ms + WIRE_BEACON_MS;
        envelope_send(wire, KIND_BEACON, zero, (ccs_view_t){0});
    }
}

int64_t wire_deadline_ms(const wire_t *wire)
{
    return wire->beacon_ms;
}
