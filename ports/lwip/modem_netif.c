/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/lwip/modem_netif.h"

#include <lwip/ethip6.h>
#include <lwip/mld6.h>
#include <lwip/nd6.h>
#include <lwip/pbuf.h>
#include <netif/ethernet.h>
#include <string.h>

#include "base/assert.h"
#include "ports/lwip/neighbour.h"

enum {
    ETHERNET = 14,
    IPV6 = 40,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_HOMEPLUG = 0x88e1,
    HOP_BY_HOP = 0,
    TCP = 6,
    TCP_HEADER = 20,
    TCP_FLAGS = 13,
    TCP_SYN_FLAG = 2,
    UDP = 17,
    ICMPV6 = 58,
    SDP_PORT = 15118
};

static const uint8_t multicast_ipv6[2] = {0x33, 0x33};

/* ---- to the modem ---- */

/* A short frame is padded in a buffer of ours: behind a pbuf's payload lies somebody else's memory. */
static err_t link_output(struct netif *netif, struct pbuf *packet)
{
    modem_netif_t *modem = netif->state;
    size_t length = packet->tot_len;
    if (length > sizeof modem->frame) {
        return ERR_BUF;
    }
    pbuf_copy_partial(packet, modem->frame, packet->tot_len, 0);
    if (length < MODEM_NETIF_FRAME_MIN) {
        memset(modem->frame + length, 0, MODEM_NETIF_FRAME_MIN - length);
        length = MODEM_NETIF_FRAME_MIN;
    }
    if (!modem->hooks.send(modem->hooks.ctx, (ccs_view_t){.at = modem->frame, .length = length})) {
        modem->stats.modem_full++;
        return ERR_MEM;
    }
    modem->stats.sent++;
    return ERR_OK;
}

/* ---- from the modem ---- */

void modem_netif_address(const modem_netif_t *modem, uint8_t address[16])
{
    memcpy(address, netif_ip6_addr(&modem->netif, 0)->addr, 16);
}

static bool is_ours(const modem_netif_t *modem, const uint8_t address[16])
{
    uint8_t own[16];
    modem_netif_address(modem, own);
    return memcmp(own, address, sizeof own) == 0;
}

/* Whether lwIP will answer this solicitation for our address; read from its nd6.c, and proven in the tests. */
static bool lwip_answers(const modem_netif_t *modem, const neighbour_message_t *message)
{
    return ip6_addr_isvalid(netif_ip6_addr_state(&modem->netif, 0)) && (message->probe || message->option != NULL);
}

static void send(modem_netif_t *modem, const uint8_t *octets, size_t length)
{
    if (!modem->hooks.send(modem->hooks.ctx, (ccs_view_t){.at = octets, .length = length})) {
        modem->stats.modem_full++;
        return;
    }
    modem->stats.sent++;
}

static void answer(modem_netif_t *modem, const neighbour_message_t *message)
{
    uint8_t frame[NEIGHBOUR_ADVERTISEMENT_SIZE];
    neighbour_advertise(frame, message, modem->netif.hwaddr);
    modem->stats.advertised++;
    send(modem, frame, sizeof frame);
}

static void tell_neighbour(modem_netif_t *modem, const uint8_t mac[6], const uint8_t address[16])
{
    if (memcmp(modem->told.mac, mac, 6) == 0 && memcmp(modem->told.address, address, 16) == 0) {
        return;
    }
    memcpy(modem->told.mac, mac, sizeof modem->told.mac);
    memcpy(modem->told.address, address, sizeof modem->told.address);
    modem->hooks.neighbour(modem->hooks.ctx, mac, address);
}

static bool is_any(const uint8_t mac[6])
{
    static const uint8_t any[6];
    return memcmp(mac, any, sizeof any) == 0;
}

static bool is_admitted_station(const modem_netif_t *modem, const uint8_t mac[6])
{
    return is_any(modem->admit.mac) || memcmp(modem->admit.mac, mac, 6) == 0;
}

/* Whoever says that an address is its own while it is ours, or the admitted car's, or in the name of another station. */
static bool is_spoofed(const modem_netif_t *modem, const neighbour_message_t *message)
{
    const uint8_t *address = message->type == NEIGHBOUR_ADVERTISEMENT ? message->target : message->source;
    if (message->option != NULL && memcmp(message->option, message->station, 6) != 0) {
        return true;
    }
    if (is_ours(modem, address)) {
        return true;
    }
    return modem->admit.only && memcmp(address, modem->admit.address, 16) == 0 && !is_admitted_station(modem, message->station);
}

/* true: lwIP shall see it. */
static bool take_neighbour(modem_netif_t *modem, ccs_view_t frame, const neighbour_message_t *message)
{
    if (message->malformed || !neighbour_checksum_holds(frame)) {
        modem->stats.malformed++;
        return false;
    }
    if (is_spoofed(modem, message)) {
        modem->stats.spoofed++;
        return false;
    }
    if (!message->probe) {
        tell_neighbour(modem, message->station, message->type == NEIGHBOUR_ADVERTISEMENT ? message->target : message->source);
    }
    const bool admitted = !modem->admit.only || is_admitted_station(modem, message->station);
    if (admitted && message->type == NEIGHBOUR_SOLICITATION && is_ours(modem, message->target) && !lwip_answers(modem, message)) {
        answer(modem, message);
        return false;
    }
    return true;
}

static bool is_sdp(ccs_view_t frame)
{
    const uint8_t *udp = frame.at + ETHERNET + IPV6;
    return frame.length >= ETHERNET + IPV6 + 8 && frame.at[ETHERNET + 6] == UDP && (udp[2] << 8 | udp[3]) == SDP_PORT;
}

/* Discovery and SDP; the core or lwIP's neighbour cache bounds what they cost. */
static bool takes_no_connection(ccs_view_t frame)
{
    const uint8_t next = frame.at[ETHERNET + 6];
    const bool report = next == HOP_BY_HOP && frame.length > ETHERNET + IPV6 && frame.at[ETHERNET + IPV6] == ICMPV6;
    return next == ICMPV6 || next == UDP || report;
}

/* What is no plain segment of a connection that stands counts as the begin of one. */
static bool begins_connection(ccs_view_t frame)
{
    const bool plain = frame.at[ETHERNET + 6] == TCP && frame.length >= ETHERNET + IPV6 + TCP_HEADER;
    return !plain || (frame.at[ETHERNET + IPV6 + TCP_FLAGS] & TCP_SYN_FLAG) != 0;
}

static bool is_of(const ccs_admit_t *car, ccs_view_t frame)
{
    return car->only && memcmp(car->address, frame.at + ETHERNET + 8, 16) == 0 &&
           (is_any(car->mac) || memcmp(car->mac, frame.at + 6, 6) == 0);
}

/* While one car is admitted, others may ask by SDP: the SECC knows whom it answers. Everything else of them could only fill lwIP's
 * memory: neighbours, connections, fragments. The car's own TCP must come from its address as well. While nobody is admitted the
 * last car may still end what it began. */
static bool may_enter(const modem_netif_t *modem, ccs_view_t frame)
{
    if (modem->admit.only && !is_admitted_station(modem, frame.at + 6)) {
        return is_sdp(frame);
    }
    if (takes_no_connection(frame) || (!modem->admit.only && !modem->tcp_by_admission)) {
        return true;
    }
    return is_of(&modem->car, frame) && (modem->admit.only || !begins_connection(frame));
}

static void give_lwip(modem_netif_t *modem, ccs_view_t frame)
{
    struct pbuf *packet = pbuf_alloc(PBUF_RAW, (u16_t)frame.length, PBUF_RAM);
    if (packet == NULL) {
        modem->stats.no_memory++;
        return;
    }
    (void)pbuf_take(packet, frame.at, (u16_t)frame.length);
    memcpy(modem->source, frame.at + 6, sizeof modem->source);
    if (modem->netif.input(packet, &modem->netif) != ERR_OK) {
        pbuf_free(packet);
    }
}

static void input_ipv6(modem_netif_t *modem, ccs_view_t frame)
{
    const neighbour_message_t message = neighbour_read(frame);
    if (message.type != NEIGHBOUR_NONE && !take_neighbour(modem, frame, &message)) {
        return;
    }
    if (is_sdp(frame)) {
        tell_neighbour(modem, frame.at + 6, frame.at + ETHERNET + 8);
    }
    if (!may_enter(modem, frame)) {
        modem->stats.refused++;
        return;
    }
    give_lwip(modem, frame);
}

/* A modem of ours may hand back what we sent, or hear what is for others. */
static bool is_for_us(const modem_netif_t *modem, ccs_view_t frame)
{
    const uint8_t *own = modem->netif.hwaddr;
    return memcmp(frame.at + 6, own, 6) != 0 && (memcmp(frame.at, own, 6) == 0 || memcmp(frame.at, multicast_ipv6, 2) == 0);
}

void modem_netif_input(modem_netif_t *modem, ccs_view_t frame)
{
    modem->stats.received++;
    if (frame.length < ETHERNET || frame.length > MODEM_NETIF_FRAME_MAX || (frame.at[6] & 1) != 0) {
        modem->stats.malformed++;
        return;
    }
    const unsigned ethertype = (unsigned)frame.at[12] << 8 | frame.at[13];
    if (ethertype == ETHERTYPE_HOMEPLUG) {
        modem->hooks.management(modem->hooks.ctx, frame);
        return;
    }
    if (ethertype != ETHERTYPE_IPV6 || !is_for_us(modem, frame)) {
        modem->stats.elsewhere++;
        return;
    }
    if (frame.length < ETHERNET + IPV6) {
        modem->stats.malformed++;
        return;
    }
    input_ipv6(modem, frame);
}

/* ---- life ---- */

static err_t init(struct netif *netif)
{
    netif->name[0] = 'p';
    netif->name[1] = 'l';
    netif->mtu = MODEM_NETIF_MTU;
    netif->hwaddr_len = 6;
    netif->flags = NETIF_FLAG_ETHERNET | NETIF_FLAG_ETHARP | NETIF_FLAG_MLD6;
    netif->linkoutput = link_output;
    netif->output_ip6 = ethip6_output;
    return ERR_OK;
}

void modem_netif_add(modem_netif_t *modem, const uint8_t mac[6], const modem_netif_hooks_t *hooks)
{
    memset(modem, 0, sizeof *modem);
    modem->hooks = *hooks;
    memcpy(modem->netif.hwaddr, mac, 6);
    struct netif *added = netif_add_noaddr(&modem->netif, modem, init, ethernet_input);
    CCS_ASSERT(added != NULL);
    netif_create_ip6_linklocal_address(&modem->netif, 1);
    netif_set_default(&modem->netif);
    netif_set_up(&modem->netif);
}

static void probe(modem_netif_t *modem)
{
    uint8_t frame[NEIGHBOUR_PROBE_SIZE], address[16];
    modem_netif_address(modem, address);
    neighbour_probe(frame, address, modem->netif.hwaddr);
    send(modem, frame, sizeof frame);
}

void modem_netif_link(modem_netif_t *modem, bool up)
{
    nd6_cleanup_netif(&modem->netif);
    memset(&modem->told, 0, sizeof modem->told);
    if (!up) {
        netif_set_link_down(&modem->netif);
        netif_ip6_addr_set_state(&modem->netif, 0, IP6_ADDR_TENTATIVE);
        return;
    }
    netif_set_link_up(&modem->netif);
    probe(modem);
    netif_ip6_addr_set_state(&modem->netif, 0, IP6_ADDR_PREFERRED);
}

void modem_netif_admit(modem_netif_t *modem, const ccs_admit_t *admit)
{
    modem->admit = *admit;
    if (admit->only) {
        modem->car = *admit;
    }
}

void modem_netif_close_tcp(modem_netif_t *modem)
{
    modem->tcp_by_admission = true;
}
