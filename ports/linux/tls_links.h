/* TLS on the links of a port: what lies between a socket and the octets that the core sees.
 *
 * The port owns sockets and events and asks here: a link is opened, stepped when its socket moves, read and written in the clear.
 * Handshakes run in a thread of their own (tls_worker.h), one step after another, with a descriptor of their own for the same
 * socket; all else, and every call here, is the port's thread. While the worker has a link it is busy: its socket is not polled,
 * and tls_links_fd() tells when there is news.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_TLS_LINKS_H
#define CCS_LINUX_TLS_LINKS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "ports/linux/tls_worker.h"

enum {
    TLS_LINKS_CACHE = 16,
    TLS_LINKS_ONES = CCS_LINKS + 1 /* one more: ended by the port while the worker is in the middle of it */
};

typedef enum tls_links_end {
    TLS_LINKS_POLITE,  /* says close_notify */
    TLS_LINKS_AT_ONCE, /* what is under way is reset */
    TLS_LINKS_SILENT   /* the connector is out: nothing leaves */
} tls_links_end_t;

typedef struct tls_links_stats {
    uint32_t handshakes; /* that were good */
    uint32_t refused;    /* that failed, whoever's fault it was */
    uint32_t ended;      /* by the port before there was a result */
} tls_links_stats_t;

typedef struct tls_links {
    /* Charger: what the next connection is shown; NULL: no TLS now. Not owned: a link keeps the one that it began with, whoever
     * made it drops it. */
    tls_server_t *server;
    const tls_client_t *client; /* car; NULL: it has no TLS */
    tls_memory_t memory;        /* of a car without a certificate, in this plug-in */
    pki_cache_t cache;
    pki_cache_entry_t entries[TLS_LINKS_CACHE];
    struct tls_links_one {
        tls_task_t task;
        ccs_endpoint_t peer;
        int fd;           /* a duplicate of the port's: it is closed here, when nobody uses it any more */
        atomic_bool dead; /* not an octet any more: the port has ended the link while the worker had it */
        bool used;
    } one[TLS_LINKS_ONES];
    struct tls_links_one *of[CCS_LINKS]; /* NULL: this link has no TLS */
    tls_worker_t worker;                 /* runs from the first handshake on */
    tls_links_stats_t stats;
    int64_t (*utc_s)(void *ctx); /* of a trusted clock; 0: none. NULL: the system's */
    /* After every handshake, good or not. May be NULL. */
    void (*told)(void *ctx, const ccs_endpoint_t *peer, const tls_facts_t *facts);
    void *ctx;
} tls_links_t;

void tls_links_init(tls_links_t *links);

/* After the last link has been ended. Waits for a step that runs. */
void tls_links_close(tls_links_t *links);

/* The handshake of link index over fd begins; fd stays the port's. False: nothing was begun, memory or descriptors are short. */
bool tls_links_accept(tls_links_t *links, size_t index, int fd, const ccs_endpoint_t *peer);
bool tls_links_connect(tls_links_t *links, size_t index, int fd, const ccs_endpoint_t *peer);
bool tls_links_has(const tls_links_t *links, size_t index); /* this link has TLS; false for links == NULL */

/* Goes on: AGAIN while the worker does, and until the socket moves; OK once: the link is usable, and *peer says by whom. */
tls_result_t tls_links_step(tls_links_t *links, size_t index, ccs_peer_t *peer);

/* The worker has it: do not poll its socket, do not step it. */
bool tls_links_busy(tls_links_t *links, size_t index);

/* Readable: there is news of the worker, tls_links_heard() quiets it, and tls_links_done() says whose step brings a result now.
 * -1: it has not begun. */
int tls_links_fd(const tls_links_t *links);
void tls_links_heard(tls_links_t *links);
bool tls_links_done(tls_links_t *links, size_t index);

/* As read(): 0 is the end, < 0 with EAGAIN nothing now, else gone. */
ssize_t tls_links_read(tls_links_t *links, size_t index, uint8_t *to, size_t size);

/* Both views as one record, taken whole; false: the link is lost. */
bool tls_links_send(tls_links_t *links, size_t index, const ccs_view_t *head, const ccs_view_t *body);

/* At any time, in the middle of a handshake as well; index is free again at once. The port closes its socket itself. */
void tls_links_end(tls_links_t *links, size_t index, tls_links_end_t how);

bool tls_links_holds_octets(tls_links_t *links, size_t index);
bool tls_links_wants_room(tls_links_t *links, size_t index);
int64_t tls_links_deadline_ms(tls_links_t *links, size_t index); /* INT64_MAX: none now */

/* The connector is out: the next car is another one. */
void tls_links_unplugged(tls_links_t *links);

#endif
