/* ccs_port_t on Linux: the sockets of one outlet or one car, and the queue of what else it shall hear.
 *
 * One thread. Events come one at a time, in this order: what was posted (answers, stop, limits, closed links), HomePlug frames, the
 * latest report, the octets of links, datagrams, new connections. A flood on one source costs the others nothing: every source is
 * served once per round.
 *
 * A port is a service of a loop. Alone (a car, a single charger) it brings its own: wait() turns it until there is an event, and
 * services of the program (control socket, signals, guard) are added with port_add_service(). Several outlets share a loop of the
 * program: port_service() goes into it, and port_take() brings the events.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_PORT_H
#define CCS_LINUX_PORT_H

#include "ccs/errors.h"
#include "ccs/port.h"
#include "ccs/slac.h"
#include "ports/common/posts/posts.h"
#include "ports/linux/drains.h"
#include "ports/linux/loop.h"
#include "ports/linux/netif.h"
#include "ports/linux/tls_links.h"

enum {
    PORT_POLL_MAX = 16,
    PORT_READ_SIZE = 2048,
    PORT_CONNECT_MS = 3000, /* a charger that does not complete TCP within this is not there */
    PORT_CUT_MS = 1000,
    PORT_MMES_MAX = 32 /* HomePlug frames that wait; a match of five cars at once needs fewer */
};

typedef loop_service_t port_service_t;

/* What the socket side cannot decide. */
typedef struct port_hooks {
    void *ctx;
    size_t (*window)(void *ctx, uint8_t link);    /* ccs_secc_window() or ccs_ev_window() */
    void (*job)(void *ctx, const ccs_job_t *job); /* all jobs but RANDOM, which the port does itself */
    void (*cancel)(void *ctx, uint32_t id);
    void (*send_mme)(void *ctx, ccs_view_t frame);                        /* to the modem; NULL: there is none */
    bool (*mac_of)(void *ctx, const uint8_t address[16], uint8_t mac[6]); /* Ethernet source of an address; NULL: not known */
} port_hooks_t;

typedef enum port_link_state {
    PORT_LINK_FREE,
    PORT_LINK_ASKED,
    PORT_LINK_CONNECTING,
    PORT_LINK_SECURING,
    PORT_LINK_OPEN
} port_link_state_t;

typedef struct port_link {
    int fd;
    port_link_state_t state;
    int64_t connect_by_ms;
    ccs_endpoint_t peer;
    bool tls; /* it is to have TLS */
} port_link_t;

typedef struct port_stats {
    uint32_t connects_without_link; /* closed at once: all links in use */
    uint32_t sends_cut;             /* links lost because a message was not taken whole */
    uint32_t datagrams_elsewhere;   /* came over another interface */
    uint32_t mmes_dropped;          /* the queue was full */
} port_stats_t;

/* Where each pollfd of the present round came from. */
typedef struct port_slot {
    uint8_t source;
    uint8_t index;
    bool ready;
} port_slot_t;

typedef struct port_mme {
    uint16_t length;
    uint8_t octets[CCS_MME_SIZE_MAX];
} port_mme_t;

typedef struct port {
    ccs_port_t api; /* hand this to the outlet loop */
    netif_t netif;
    port_hooks_t hooks;
    int datagram_fd, listener_fd;
    int listener_tls_fd; /* -1: no TLS here */
    bool listening, listening_tls;
    tls_links_t *tls;  /* NULL: no TLS here */
    ccs_admit_t admit; /* in force at the listeners, if admit_set */
    bool admit_set;
    ccs_admit_t pinned; /* the kernel's neighbour entry that nobody can overwrite; only false: none */
    bool cut; /* car: the connector is out. Nothing leaves any more, no FIN either; links end when the other side has noticed by
                 itself */
    uint16_t tcp_port, tcp_port_tls;
    port_link_t link[CCS_LINKS];
    drains_t drains;
    loop_t loop; /* of wait() */
    posts_t posts;
    port_mme_t mme[PORT_MMES_MAX];
    size_t mme_first, mmes;
    port_slot_t slot[PORT_POLL_MAX];
    size_t slots;
    uint8_t read[PORT_READ_SIZE];
    port_mme_t mme_out; /* of the event given out last */
    port_stats_t stats;
} port_t;

typedef enum port_result { PORT_OK, PORT_NO_RIGHT, PORT_BUSY, PORT_FAILED } port_result_t;

void port_init(port_t *port, const netif_t *netif, const port_hooks_t *hooks);

/* Charger: SDP server on UDP 15118 and a TCP listener, bound but closed. tcp_port 0 takes a free one of 49152 .. 65535, kept until
 * the end and told in port->tcp_port. On failure error has one line. */
port_result_t port_open_charger(port_t *port, uint16_t tcp_port, char *error, size_t size);

/* Charger: a second listener, for TLS, bound but closed; its port as above, told in port->tcp_port_tls. Before the first event. */
port_result_t port_open_tls(port_t *port, tls_links_t *tls, uint16_t tcp_port_tls, char *error, size_t size);

/* Car: a UDP socket for SDP requests; links are opened by CCS_CONNECT. */
port_result_t port_open_car(port_t *port, char *error, size_t size);

/* Car: what CCS_CONNECT with TLS uses; NULL: such a link fails. */
void port_use_tls(port_t *port, tls_links_t *tls);

void port_close(port_t *port);

/* The network is gone: every link ends (CCS_ON_CLOSED), datagrams and the listener are closed. port_open_...() again when it is
 * back; a charger keeps its TCP port. */
void port_detach(port_t *port);

/* Into the loop of wait(). */
void port_add_service(port_t *port, const port_service_t *service);

/* For a loop of the program's own. */
port_service_t port_service(port_t *port);
bool port_take(port_t *port, ccs_event_t *out); /* the next event, without waiting; false: none */
bool port_waits(const port_t *port);            /* something can be taken now: the loop must not sleep */

/* Queues an event for wait(); now_ms and utc_s are filled when it is given out. false: the queue is full. */
bool port_post(port_t *port, const ccs_event_t *event);

/* Queues a HomePlug frame (copied, cut to CCS_MME_SIZE_MAX); dropped and counted when the queue is full. */
void port_post_mme(port_t *port, ccs_view_t frame);

/* The newest report replaces one that nobody has taken yet. */
void port_post_report(port_t *port, const ccs_report_t *report);

/* Links that the core has not closed. */
size_t port_links_open(const port_t *port);

/* Drops what was posted and not yet given out; between two lives of a core on the same port. */
void port_forget_posts(port_t *port);

/* One look at everything, without waiting and without events: services get their turn. */
void port_breathe(port_t *port);

/* Closed links whose last octets and FIN are still under way. */
size_t port_drains_alive(const port_t *port);

/* Gives the last octets and FINs until by_ms, without events; for the end of a session. Services go on. */
void port_drain_all(port_t *port, int64_t by_ms);

#endif
