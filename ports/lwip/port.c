/* The loop of a small target: see port.h. Links are in links.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/lwip/port.h"

#include <lwip/udp.h>
#include <string.h>

#include "base/assert.h"
#include "ports/lwip/links.h"
#include "ports/lwip/stack.h"

enum { SDP_PORT = 15118 };

static int64_t now_ms(void)
{
    return stack_platform()->now_ms(stack_platform()->ctx);
}

/* ---- posts ---- */

bool lwip_port_post(lwip_port_t *port, const ccs_event_t *event)
{
    const bool taken = posts_offer(&port->posts, event);
    port->stats.posts_lost += !taken;
    return taken;
}

void lwip_port_post_report(lwip_port_t *port, const ccs_report_t *report)
{
    posts_report(&port->posts, report);
}

/* ---- what a frame brings ---- */

static void on_management(void *ctx, ccs_view_t frame)
{
    lwip_port_t *port = ctx;
    port->management = frame;
}

static void on_neighbour(void *ctx, const uint8_t mac[6], const uint8_t address[16])
{
    ccs_event_t event = {.type = CCS_ON_NEIGHBOUR};
    memcpy(event.neighbour.mac, mac, sizeof event.neighbour.mac);
    memcpy(event.neighbour.address, address, sizeof event.neighbour.address);
    (void)lwip_port_post(ctx, &event);
}

static void on_datagram(void *ctx, struct udp_pcb *pcb, struct pbuf *packet, const ip_addr_t *from, u16_t from_port)
{
    lwip_port_t *port = ctx;
    (void)pcb;
    if (port->datagram_ready) {
        port->stats.datagrams_lost++;
        pbuf_free(packet);
        return;
    }
    port->datagram = packet;
    port->datagram_ready = true;
    memcpy(port->datagram_from.address, ip_2_ip6(from)->addr, sizeof port->datagram_from.address);
    port->datagram_from.port = from_port;
    memcpy(port->datagram_mac, port->modem.source, sizeof port->datagram_mac);
}

static bool take_management(lwip_port_t *port, ccs_event_t *out)
{
    if (port->management.length == 0) {
        return false;
    }
    out->type = CCS_ON_MME;
    out->bytes = port->management;
    port->management.length = 0;
    return true;
}

/* A frame lies whole in one buffer, so a datagram does. */
static bool take_datagram(lwip_port_t *port, ccs_event_t *out)
{
    if (!port->datagram_ready) {
        return false;
    }
    port->datagram_ready = false;
    out->type = CCS_ON_DATAGRAM;
    out->datagram.from = port->datagram_from;
    memcpy(out->datagram.from_mac, port->datagram_mac, sizeof out->datagram.from_mac);
    out->datagram.bytes = (ccs_view_t){.at = port->datagram->payload, .length = port->datagram->len};
    return true;
}

/* Views of the event before are over. */
static void forget_given(lwip_port_t *port)
{
    if (port->datagram != NULL && !port->datagram_ready) {
        pbuf_free(port->datagram);
        port->datagram = NULL;
    }
    links_taken(port);
}

/* ---- waiting ---- */

static bool take(lwip_port_t *port, ccs_event_t *out)
{
    return posts_take(&port->posts, out) || posts_take_report(&port->posts, out) || links_take(port, out) ||
           take_management(port, out) || take_datagram(port, out);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* One frame at a time: what it brings is given out before the next one is looked at. true: there was one. */
static bool turn(lwip_port_t *port)
{
    ccs_view_t frame;
    stack_turn();
    links_overdue(port, now_ms());
    if (!port->hooks.receive(port->hooks.ctx, &frame)) {
        return false;
    }
    modem_netif_input(&port->modem, frame);
    return true;
}

static void idle(lwip_port_t *port, int64_t until_ms)
{
    if (port->hooks.idle == NULL) {
        return;
    }
    const int64_t modem_ms = port->hooks.deadline_ms(port->hooks.ctx);
    port->hooks.idle(port->hooks.ctx, earlier(earlier(until_ms, modem_ms), earlier(stack_deadline_ms(), links_deadline_ms(port))));
}

static void wait_event(void *ctx, int64_t until_ms, ccs_event_t *out)
{
    lwip_port_t *port = ctx;
    memset(out, 0, sizeof *out);
    forget_given(port);
    for (bool rest = false; !take(port, out);) {
        if (rest && now_ms() >= until_ms) {
            out->type = CCS_ON_TIME;
            break;
        }
        if (rest) {
            idle(port, until_ms);
        }
        rest = !turn(port); /* frames are looked at even when the deadline is now */
    }
    const stack_platform_t *platform = stack_platform();
    out->now_ms = now_ms();
    out->utc_s = platform->utc_s == NULL ? 0 : platform->utc_s(platform->ctx);
}

/* ---- actions ---- */

static void send_datagram(lwip_port_t *port, const ccs_action_t *action)
{
    ip_addr_t to;
    const ccs_view_t *bytes = &action->datagram.bytes;
    struct pbuf *packet = pbuf_alloc(PBUF_TRANSPORT, (u16_t)bytes->length, PBUF_RAM);
    memset(&to, 0, sizeof to);
    memcpy(ip_2_ip6(&to)->addr, action->datagram.to.address, 16);
    ip6_addr_assign_zone(ip_2_ip6(&to), IP6_UNKNOWN, &port->modem.netif);
    if (packet == NULL) {
        port->stats.datagrams_lost++;
        return;
    }
    (void)pbuf_take(packet, bytes->at, (u16_t)bytes->length);
    if (udp_sendto_if(port->sdp, packet, &to, action->datagram.to.port, &port->modem.netif) != ERR_OK) {
        port->stats.datagrams_lost++;
    }
    pbuf_free(packet);
}

static void job_start(lwip_port_t *port, const ccs_job_t *job)
{
    const stack_platform_t *platform = stack_platform();
    if (job->need != CCS_NEED_RANDOM && job->need != CCS_NEED_KEY) {
        port->hooks.job(port->hooks.ctx, job);
        return;
    }
    posts_random(&port->posts, job, platform->random, platform->ctx);
}

static void perform(void *ctx, const ccs_action_t *action)
{
    lwip_port_t *port = ctx;
    CCS_ASSERT(action->link < CCS_LINKS);
    switch (action->type) {
    case CCS_SEND_MME:
        if (!port->hooks.send(port->hooks.ctx, action->bytes[0])) {
            port->modem.stats.modem_full++;
        }
        return;
    case CCS_SEND_DATAGRAM:
        send_datagram(port, action);
        return;
    case CCS_CONNECT: /* a charger never does */
        return;
    case CCS_ACCEPT:
        links_accept(port, action->link);
        return;
    case CCS_SEND:
        links_send(port, action);
        return;
    case CCS_CLOSE:
        links_close(port, action);
        return;
    case CCS_JOB:
        job_start(port, &action->job);
        return;
    case CCS_CANCEL:
        port->hooks.cancel(port->hooks.ctx, action->cancel);
        return;
    }
}

static void admit(void *ctx, const ccs_admit_t *who)
{
    lwip_port_t *port = ctx;
    modem_netif_admit(&port->modem, who);
}

static void listen_or_not(void *ctx, bool plain, bool tls)
{
    (void)tls; /* its listener has its place here; this release offers plain TCP only */
    links_listen(ctx, plain);
}

/* ---- life ---- */

/* lwIP takes ff02::1 on every interface as RFC 4291 2.8 demands: there is nothing to join, and nothing to report (RFC 2710 5). */
static void open_sdp(lwip_port_t *port)
{
    port->sdp = udp_new_ip_type(IPADDR_TYPE_V6);
    CCS_ASSERT(port->sdp != NULL);
    const err_t bound = udp_bind(port->sdp, IP6_ADDR_ANY, SDP_PORT);
    CCS_ASSERT(bound == ERR_OK);
    udp_bind_netif(port->sdp, &port->modem.netif);
    udp_recv(port->sdp, on_datagram, port);
}

static bool send_frame(void *ctx, ccs_view_t frame)
{
    const lwip_port_t *port = ctx;
    return port->hooks.send(port->hooks.ctx, frame);
}

void lwip_port_init(lwip_port_t *port, const uint8_t mac[6], uint16_t tcp_port, const lwip_port_hooks_t *hooks)
{
    memset(port, 0, sizeof *port);
    const modem_netif_hooks_t modem = {.ctx = port, .send = send_frame, .management = on_management, .neighbour = on_neighbour};
    port->hooks = *hooks;
    port->tcp_port = tcp_port;
    port->api = (ccs_port_t){.ctx = port, .wait = wait_event, .perform = perform, .admit = admit, .listen = listen_or_not};
    modem_netif_add(&port->modem, mac, &modem);
    modem_netif_close_tcp(&port->modem);
    links_init(port);
    open_sdp(port);
}

void lwip_port_close(lwip_port_t *port)
{
    forget_given(port);
    if (port->datagram != NULL) {
        pbuf_free(port->datagram);
        port->datagram = NULL;
    }
    links_end(port);
    udp_remove(port->sdp);
    netif_remove(&port->modem.netif);
}

void lwip_port_link(lwip_port_t *port, bool up)
{
    modem_netif_link(&port->modem, up);
}

void lwip_port_address(const lwip_port_t *port, uint8_t address[16])
{
    modem_netif_address(&port->modem, address);
}
