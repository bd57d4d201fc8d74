/* The modem as lwIP's network interface: Ethernet frames in and out, IPv6 to lwIP, management messages to SLAC.
 *
 *     modem --frame--> modem_netif_input() --0x88E1--> hooks.management
 *                                          --0x86DD--> lwIP
 *     lwIP --> hooks.send --> modem
 *
 * lwIP does neighbour discovery. Where it stays silent although a car may ask (the link has not been told to be up; a solicitation
 * without the source link-layer option, which RFC 4861 4.3 allows when it is unicast), the answer comes from here, never from both.
 *
 * What a private network does not need is refused before lwIP sees it, and counted: claims of our own address (lwIP would give it
 * up, also in the middle of a charge), a link-layer option that names another station than the one that sent the frame, a claim of
 * the admitted car's address by somebody else.
 *
 * One task, the one of lwIP.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LWIP_MODEM_NETIF_H
#define CCS_LWIP_MODEM_NETIF_H

#include <lwip/netif.h>

#include "ccs/event.h"

enum {
    MODEM_NETIF_MTU = 1500, /* at least 1280: RFC 8200 5 */
    MODEM_NETIF_FRAME_MIN = 60,
    MODEM_NETIF_FRAME_MAX = 1514
};

typedef struct modem_netif_hooks {
    void *ctx;
    /* A whole Ethernet frame for the modem, valid during the call. false: it has no room, the frame is lost. */
    bool (*send)(void *ctx, ccs_view_t frame);
    /* A frame of ethertype 0x88E1 has come. */
    void (*management)(void *ctx, ccs_view_t frame);
    /* This station has used this IPv6 address as its own, in neighbour discovery or SDP. Repeats are not told. */
    void (*neighbour)(void *ctx, const uint8_t mac[6], const uint8_t address[16]);
} modem_netif_hooks_t;

typedef struct modem_netif_stats {
    uint32_t received, sent;
    uint32_t malformed;  /* too short, too long, from a group address, options that do not end */
    uint32_t elsewhere;  /* other ethertypes, to other stations, our own frames that came back */
    uint32_t refused;    /* of stations that were not admitted */
    uint32_t spoofed;    /* claims of our address, or of an address for another station */
    uint32_t advertised; /* answers that lwIP would not have given */
    uint32_t no_memory, modem_full;
} modem_netif_stats_t;

typedef struct modem_netif {
    struct netif netif;
    modem_netif_hooks_t hooks;
    modem_netif_stats_t stats;
    ccs_admit_t admit;
    bool tcp_by_admission; /* see modem_netif_close_tcp() */
    ccs_admit_t car;       /* who was admitted last: what it began goes on */
    struct {
        uint8_t mac[6], address[16];
    } told;            /* the neighbour that was told last */
    uint8_t source[6]; /* station whose frame lwIP has in hand; for callbacks of UDP and TCP */
    uint8_t frame[MODEM_NETIF_FRAME_MAX];
} modem_netif_t;

/* Adds the interface, down. Its link-local address is made of mac as RFC 4291 says. stack_init() comes first. */
void modem_netif_add(modem_netif_t *modem, const uint8_t mac[6], const modem_netif_hooks_t *hooks);

/* The private network is there, or gone; what was known of neighbours is forgotten. Up: our address is probed for duplicates and
 * used at once (RFC 4429): a car's first SDP request shall not wait for two seconds. */
void modem_netif_link(modem_netif_t *modem, bool up);

/* Whose frames lwIP gets to see: nobody else is sent as much as a SYN-ACK; of others only SDP goes on. And who alone may speak for
 * that address. */
void modem_netif_admit(modem_netif_t *modem, const ccs_admit_t *admit);

/* From now on nobody begins a connection but the admitted car; before one is admitted, nobody at all. What others send costs no
 * memory, however much it is, and is not answered. */
void modem_netif_close_tcp(modem_netif_t *modem);

/* A frame from the modem, without FCS; copied where it is kept. */
void modem_netif_input(modem_netif_t *modem, ccs_view_t frame);

void modem_netif_address(const modem_netif_t *modem, uint8_t address[16]);

#endif
