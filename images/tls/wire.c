/* SPDX-License-Identifier: Apache-2.0 */
#include "images/tls/wire.h"

#include <lwip/pbuf.h>
#include <lwip/tcp.h>

/* ---- lwIP calls */

static err_t on_receive(void *ctx, struct tcp_pcb *pcb, struct pbuf *packet, err_t err)
{
    wire_t *const wire = ctx;
    (void)pcb, (void)err;
    if (packet == NULL) {
        wire->finished = true;
    } else if (wire->waiting == NULL) {
        wire->waiting = packet;
    } else {
        pbuf_cat(wire->waiting, packet);
    }
    return ERR_OK;
}

static void on_error(void *ctx, err_t err)
{
    wire_t *const wire = ctx;
    (void)err;
    wire->pcb = NULL; /* lwIP has freed it */
    wire->finished = true;
}

static err_t on_accept(void *ctx, struct tcp_pcb *pcb, err_t err)
{
    wire_t *const wire = ctx;
    if (err != ERR_OK || pcb == NULL) {
        return ERR_VAL;
    }
    if (wire->open) {
        wire->refused++;
        tcp_abort(pcb);
        return ERR_ABRT;
    }
    wire->pcb = pcb;
    wire->open = true;
    wire->finished = false;
    tcp_arg(pcb, wire);
    tcp_recv(pcb, on_receive);
    tcp_err(pcb, on_error);
    tcp_nagle_disable(pcb);
    tcp_setprio(pcb, TCP_PRIO_MAX); /* a flood takes nothing from it */
    return ERR_OK;
}

/* ---- the link calls */

static int receive(void *ctx, uint8_t *to, size_t size)
{
    wire_t *const wire = ctx;
    if (wire->waiting == NULL) {
        return wire->finished ? -1 : 0;
    }
    const u16_t most = size < UINT16_MAX ? (u16_t)size : UINT16_MAX;
    const u16_t length = pbuf_copy_partial(wire->waiting, to, most, 0);
    wire->waiting = pbuf_free_header(wire->waiting, length);
    if (wire->pcb != NULL) {
        tcp_recved(wire->pcb, length);
    }
    return (int)length;
}

static int send(void *ctx, const uint8_t *from, size_t length)
{
    wire_t *const wire = ctx;
    if (wire->pcb == NULL) {
        return -1;
    }
    const u16_t room = tcp_sndbuf(wire->pcb);
    const u16_t taken = length < room ? (u16_t)length : room;
    if (taken == 0 || tcp_write(wire->pcb, from, taken, TCP_WRITE_FLAG_COPY) != ERR_OK) {
        return 0;
    }
    (void)tcp_output(wire->pcb); /* what cannot leave now is sent by lwIP's timer */
    return (int)taken;
}

tls_wire_t wire_of_link(wire_t *wire)
{
    return (tls_wire_t){.ctx = wire, .receive = receive, .send = send};
}

/* ---- life */

bool wire_listen(wire_t *wire, uint16_t port)
{
    struct tcp_pcb *const pcb = tcp_new();
    *wire = (wire_t){0};
    if (pcb == NULL || tcp_bind(pcb, IP6_ADDR_ANY, port) != ERR_OK) {
        return false;
    }
    struct tcp_pcb *const listener = tcp_listen(pcb);
    if (listener == NULL) {
        return false;
    }
    tcp_arg(listener, wire);
    tcp_accept(listener, on_accept);
    return true;
}

void wire_hang_up(wire_t *wire)
{
    struct tcp_pcb *const pcb = wire->pcb;
    if (wire->waiting != NULL) {
        pbuf_free(wire->waiting);
        wire->waiting = NULL;
    }
    wire->pcb = NULL;
    wire->open = false;
    if (pcb == NULL) {
        return;
    }
    tcp_arg(pcb, NULL);
    tcp_recv(pcb, NULL);
    tcp_err(pcb, NULL);
    if (tcp_close(pcb) != ERR_OK) {
        tcp_abort(pcb);
    }
}
