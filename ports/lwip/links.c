/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/lwip/links.h"

#include <lwip/tcp.h>
#include <string.h>

#include "base/assert.h"

static uint8_t number_of(const lwip_link_t *link)
{
    return (uint8_t)(link - link->port->link);
}

static void post(lwip_link_t *link, ccs_event_type_t type)
{
    const ccs_event_t event = {.type = type, .link = number_of(link)};
    posts_add(&link->port->posts, &event);
}

/* Back to FREE, without a word to lwIP. */
static void clear(lwip_link_t *link)
{
    if (link->waiting != NULL) {
        pbuf_free(link->waiting);
    }
    *link = (lwip_link_t){.port = link->port};
}

static void detach(struct tcp_pcb *pcb)
{
    tcp_arg(pcb, NULL);
    tcp_recv(pcb, NULL);
    tcp_err(pcb, NULL);
}

static void lost(lwip_link_t *link)
{
    clear(link);
    post(link, CCS_ON_CLOSED);
}

/* ---- lwIP's callbacks ---- */

/* RST, or lwIP has given up; its pcb is gone. */
static void on_error(void *ctx, err_t error)
{
    lwip_link_t *link = ctx;
    (void)error;
    lost(link);
}

static err_t on_received(void *ctx, struct tcp_pcb *pcb, struct pbuf *packet, err_t error)
{
    lwip_link_t *link = ctx;
    (void)pcb;
    (void)error;
    if (packet == NULL) {
        link->finished = true;
        return ERR_OK;
    }
    if (link->waiting == NULL) {
        link->waiting = packet;
    } else {
        pbuf_cat(link->waiting, packet);
    }
    return ERR_OK;
}

static err_t on_connection(void *ctx, struct tcp_pcb *pcb, err_t error)
{
    lwip_port_t *port = ctx;
    if (error != ERR_OK || pcb == NULL) {
        return ERR_VAL;
    }
    for (size_t i = 0; i < CCS_LINKS; i++) {
        lwip_link_t *link = &port->link[i];
        if (link->state != LWIP_LINK_FREE) {
            continue;
        }
        *link = (lwip_link_t){.port = port, .pcb = pcb, .state = LWIP_LINK_ASKED};
        tcp_arg(pcb, link);
        tcp_recv(pcb, on_received);
        tcp_err(pcb, on_error);
        tcp_nagle_disable(pcb); /* a message is one write; it shall not wait for an acknowledgement */
        ccs_event_t event = {.type = CCS_ON_CONNECT, .link = (uint8_t)i, .connect.from.port = pcb->remote_port};
        memcpy(event.connect.from.address, ip_2_ip6(&pcb->remote_ip)->addr, sizeof event.connect.from.address);
        posts_add(&port->posts, &event);
        return ERR_OK;
    }
    port->stats.connects_without_link++;
    tcp_abort(pcb);
    return ERR_ABRT;
}

/* ---- to the core ---- */

static bool take_one(lwip_link_t *link, ccs_event_t *out)
{
    if (link->state != LWIP_LINK_OPEN) {
        return false;
    }
    out->link = number_of(link);
    if (link->waiting == NULL) {
        if (!link->finished) {
            return false;
        }
        detach(link->pcb);
        if (tcp_close(link->pcb) != ERR_OK) {
            tcp_abort(link->pcb);
        }
        clear(link);
        out->type = CCS_ON_CLOSED;
        return true;
    }
    const size_t window = link->port->hooks.window(link->port->hooks.ctx, out->link);
    link->given = window < link->waiting->len ? window : link->waiting->len;
    if (link->given == 0) {
        return false;
    }
    out->type = CCS_ON_BYTES;
    out->bytes = (ccs_view_t){.at = link->waiting->payload, .length = link->given};
    return true;
}

bool links_take(lwip_port_t *port, ccs_event_t *out)
{
    for (size_t i = 0; i < CCS_LINKS; i++) {
        if (take_one(&port->link[i], out)) {
            return true;
        }
    }
    out->link = 0;
    return false;
}

void links_taken(lwip_port_t *port)
{
    for (size_t i = 0; i < CCS_LINKS; i++) {
        lwip_link_t *link = &port->link[i];
        if (link->given == 0) {
            continue;
        }
        link->waiting = pbuf_free_header(link->waiting, (u16_t)link->given);
        tcp_recved(link->pcb, (u16_t)link->given);
        link->given = 0;
    }
}

/* ---- from the core ---- */

void links_accept(lwip_port_t *port, uint8_t number)
{
    lwip_link_t *link = &port->link[number];
    if (link->state == LWIP_LINK_ASKED) {
        link->state = LWIP_LINK_OPEN;
        post(link, CCS_ON_SECURED);
    }
}

/* Both parts are appended to what is queued before anything leaves, so that they share segments. */
static bool write_whole(struct tcp_pcb *pcb, const ccs_view_t part[2])
{
    if (part[0].length + part[1].length > tcp_sndbuf(pcb)) {
        return false;
    }
    for (size_t i = 0; i < 2; i++) {
        const u8_t flags = (u8_t)(TCP_WRITE_FLAG_COPY | (i == 0 && part[1].length > 0 ? TCP_WRITE_FLAG_MORE : 0));
        if (part[i].length > 0 && tcp_write(pcb, part[i].at, (u16_t)part[i].length, flags) != ERR_OK) {
            return false;
        }
    }
    return tcp_output(pcb) == ERR_OK;
}

static void abandon(lwip_link_t *link)
{
    detach(link->pcb);
    tcp_abort(link->pcb);
}

void links_send(lwip_port_t *port, const ccs_action_t *action)
{
    lwip_link_t *link = &port->link[action->link];
    if (link->state != LWIP_LINK_OPEN || write_whole(link->pcb, action->bytes)) {
        return; /* a link that is gone has its CLOSED under way */
    }
    port->stats.sends_cut++;
    abandon(link);
    lost(link);
}

/* What still comes is taken and thrown away: an RST to it could cost the peer our last message. After the peer's FIN lwIP sees to
 * the rest by itself, and tells nobody when it frees the pcb. */
static err_t on_drained(void *ctx, struct tcp_pcb *pcb, struct pbuf *packet, err_t error)
{
    lwip_drain_t *drain = ctx;
    (void)error;
    if (packet == NULL) {
        detach(pcb);
        drain->pcb = NULL;
        return ERR_OK;
    }
    tcp_recved(pcb, packet->tot_len);
    pbuf_free(packet);
    return ERR_OK;
}

static void on_drain_error(void *ctx, err_t error)
{
    lwip_drain_t *drain = ctx;
    (void)error;
    drain->pcb = NULL;
}

static void drain_add(lwip_port_t *port, struct tcp_pcb *pcb, int64_t by_ms)
{
    for (size_t i = 0; i < LWIP_PORT_DRAINS_MAX; i++) {
        if (port->drain[i].pcb == NULL) {
            port->drain[i] = (lwip_drain_t){.pcb = pcb, .by_ms = by_ms};
            tcp_arg(pcb, &port->drain[i]);
            tcp_recv(pcb, on_drained);
            tcp_err(pcb, on_drain_error);
            return;
        }
    }
    detach(pcb);
    tcp_abort(pcb); /* so many connections at once are nobody's car */
}

void links_close(lwip_port_t *port, const ccs_action_t *action)
{
    lwip_link_t *link = &port->link[action->link];
    struct tcp_pcb *pcb = link->pcb;
    const lwip_link_state_t state = link->state;
    posts_forget_link(&port->posts, action->link);
    if (state == LWIP_LINK_FREE) {
        return;
    }
    if (link->waiting != NULL) {
        tcp_recved(pcb, link->waiting->tot_len); /* the car's last octets and its FIN fit the window again */
    }
    clear(link);
    detach(pcb);
    if (state == LWIP_LINK_ASKED) { /* never accepted: the peer shall see a refusal, not a session */
        tcp_abort(pcb);
        return;
    }
    if (tcp_shutdown(pcb, 0, 1) != ERR_OK) {
        tcp_abort(pcb);
        return;
    }
    drain_add(port, pcb, action->close_by_ms);
}

/* ---- time ---- */

void links_overdue(lwip_port_t *port, int64_t now_ms)
{
    for (size_t i = 0; i < LWIP_PORT_DRAINS_MAX; i++) {
        lwip_drain_t *drain = &port->drain[i];
        if (drain->pcb != NULL && now_ms >= drain->by_ms) {
            struct tcp_pcb *pcb = drain->pcb;
            drain->pcb = NULL;
            detach(pcb);
            tcp_abort(pcb);
        }
    }
}

int64_t links_deadline_ms(const lwip_port_t *port)
{
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < LWIP_PORT_DRAINS_MAX; i++) {
        if (port->drain[i].pcb != NULL && port->drain[i].by_ms < first) {
            first = port->drain[i].by_ms;
        }
    }
    return first;
}

/* ---- life ---- */

void links_init(lwip_port_t *port)
{
    for (size_t i = 0; i < CCS_LINKS; i++) {
        port->link[i].port = port;
    }
}

void links_listen(lwip_port_t *port, bool listen)
{
    if (listen == (port->listener != NULL)) {
        return;
    }
    if (!listen) {
        (void)tcp_close(port->listener);
        port->listener = NULL;
        return;
    }
    struct tcp_pcb *pcb = tcp_new_ip_type(IPADDR_TYPE_V6);
    if (pcb == NULL) {
        return; /* the next turn tries again */
    }
    tcp_bind_netif(pcb, &port->modem.netif);
    if (tcp_bind(pcb, IP6_ADDR_ANY, port->tcp_port) != ERR_OK) {
        tcp_abort(pcb);
        return;
    }
    port->listener = tcp_listen(pcb);
    CCS_ASSERT(port->listener != NULL);
    tcp_arg(port->listener, port);
    tcp_accept(port->listener, on_connection);
}

void links_end(lwip_port_t *port)
{
    links_listen(port, false);
    for (size_t i = 0; i < CCS_LINKS; i++) {
        if (port->link[i].state != LWIP_LINK_FREE) {
            abandon(&port->link[i]);
            clear(&port->link[i]);
        }
    }
    links_overdue(port, INT64_MAX);
}
