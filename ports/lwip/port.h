/* ccs_port_t of a charger on lwIP's raw API: SDP, the TCP listener, up to CCS_LINKS connections, the modem's frames.
 *
 * One task, lwIP's. wait() brings one event at a time, in this order: what was posted (closed links, answers, notices), the latest
 * report, the octets of links, then what the next frame of the modem brings. hooks.receive gives frames one by one, hooks.idle may
 * sleep until the next interrupt.
 *
 * A connection begins with SDP: nobody but the car that the core admits gets a SYN-ACK, nobody at all before that, also without
 * SLAC.
 *
 *     stack_init(&platform);
 *     lwip_port_init(&port, mac, 15118, &hooks);
 *     lwip_port_link(&port, true);      when the private network is up; without SLAC: now
 *     outlet.port = &port.api; for (;;) outlet_turn(&outlet);
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LWIP_PORT_H
#define CCS_LWIP_PORT_H

#include "ccs/port.h"
#include "ports/common/posts/posts.h"
#include "ports/lwip/modem_netif.h"

enum { LWIP_PORT_DRAINS_MAX = 4 };

typedef struct lwip_port_hooks {
    void *ctx;
    bool (*send)(void *ctx, ccs_view_t frame);     /* to the modem; false: no room */
    bool (*receive)(void *ctx, ccs_view_t *frame); /* the modem's next frame, valid until the next call; false: none now */
    int64_t (*deadline_ms)(void *ctx);             /* when receive() must be called although nothing came */
    void (*idle)(void *ctx, int64_t until_ms);     /* sleeps, or returns at once; NULL: never sleeps */
    size_t (*window)(void *ctx, uint8_t link);     /* ccs_secc_window() */
    void (*job)(void *ctx, const ccs_job_t *job);  /* all jobs but RANDOM and KEY, which the port does itself */
    void (*cancel)(void *ctx, uint32_t id);
} lwip_port_hooks_t;

struct tcp_pcb;
struct udp_pcb;
struct lwip_port;

typedef enum lwip_link_state { LWIP_LINK_FREE, LWIP_LINK_ASKED, LWIP_LINK_OPEN } lwip_link_state_t;

typedef struct lwip_link {
    struct lwip_port *port;
    struct tcp_pcb *pcb;
    struct pbuf *waiting; /* received, not given out; the head's first `given` octets are in the event */
    size_t given;
    lwip_link_state_t state;
    bool finished; /* the peer's FIN has come: CLOSED when everything is given out */
} lwip_link_t;

/* A connection that we have closed and that still delivers. */
typedef struct lwip_drain {
    struct tcp_pcb *pcb; /* NULL: free, or it has ended by itself */
    int64_t by_ms;
} lwip_drain_t;

typedef struct lwip_port_stats {
    uint32_t connects_without_link; /* refused: all links in use */
    uint32_t sends_cut;             /* links lost because a message was not taken whole */
    uint32_t datagrams_lost;        /* a second one in one turn, or no memory for ours */
    uint32_t posts_lost;
} lwip_port_stats_t;

typedef struct lwip_port {
    ccs_port_t api; /* hand this to the outlet loop */
    modem_netif_t modem;
    lwip_port_hooks_t hooks;
    struct udp_pcb *sdp;
    struct tcp_pcb *listener;
    uint16_t tcp_port;
    lwip_link_t link[CCS_LINKS];
    lwip_drain_t drain[LWIP_PORT_DRAINS_MAX];
    posts_t posts;
    ccs_view_t management; /* of the frame in hand; length 0: none */
    struct pbuf *datagram; /* waits, or was given out last */
    bool datagram_ready;
    ccs_endpoint_t datagram_from;
    uint8_t datagram_mac[6];
    lwip_port_stats_t stats;
} lwip_port_t;

/* stack_init() comes first. mac: of our host, source of every frame. */
void lwip_port_init(lwip_port_t *port, const uint8_t mac[6], uint16_t tcp_port, const lwip_port_hooks_t *hooks);

/* Ends every connection at once and takes the interface away. */
void lwip_port_close(lwip_port_t *port);

/* The private network is up, or gone. */
void lwip_port_link(lwip_port_t *port, bool up);

/* Queues an event; now_ms and utc_s are filled when it is given out. false: the queue is full. */
bool lwip_port_post(lwip_port_t *port, const ccs_event_t *event);

/* The newest report replaces one that nobody has taken yet. */
void lwip_port_post_report(lwip_port_t *port, const ccs_report_t *report);

void lwip_port_address(const lwip_port_t *port, uint8_t address[16]);

#endif
