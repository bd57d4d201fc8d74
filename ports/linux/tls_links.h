/* TLS on the links of a port: what lies between a socket and the octets that the core sees.
 *
 * The port owns sockets and events and asks here: a link is opened, stepped when its socket moves, read and written in the clear.
 * All in the port's own thread: with P-521 a handshake of this machine's class takes some 10 ms.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_TLS_LINKS_H
#define CCS_LINUX_TLS_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "ports/tls/tls.h"

enum { TLS_LINKS_CACHE = 16 };

typedef struct tls_links {
    /* Charger: what the next connection is shown; NULL: no TLS now. Not owned: a link keeps the one that it began with, whoever
     * made it drops it. */
    tls_server_t *server;
    const tls_client_t *client; /* car; NULL: it has no TLS */
    tls_memory_t memory;        /* of a car without a certificate, in this plug-in */
    pki_cache_t cache;
    pki_cache_entry_t entries[TLS_LINKS_CACHE];
    struct tls_links_one {
        tls_link_t link;
        ccs_endpoint_t peer;
        int fd;
        bool used;
    } one[CCS_LINKS];
    int64_t (*utc_s)(void *ctx); /* of a trusted clock; 0: none. NULL: the system's */
    /* After every handshake, good or not. May be NULL. */
    void (*told)(void *ctx, const ccs_endpoint_t *peer, const tls_facts_t *facts);
    void *ctx;
} tls_links_t;

void tls_links_init(tls_links_t *links);

/* The handshake of link index over fd begins. */
void tls_links_accept(tls_links_t *links, size_t index, int fd, const ccs_endpoint_t *peer);
void tls_links_connect(tls_links_t *links, size_t index, int fd, const ccs_endpoint_t *peer);
bool tls_links_has(const tls_links_t *links, size_t index); /* this link has TLS; false for links == NULL */

/* Goes on; OK once: the link is usable, and *peer says by whom. */
tls_result_t tls_links_step(tls_links_t *links, size_t index, ccs_peer_t *peer);

/* As read(): 0 is the end, < 0 with EAGAIN nothing now, else gone. */
ssize_t tls_links_read(tls_links_t *links, size_t index, uint8_t *to, size_t size);

/* Both views as one record, taken whole; false: the link is lost. */
bool tls_links_send(tls_links_t *links, size_t index, const ccs_view_t *head, const ccs_view_t *body);

/* polite: says close_notify first. The socket stays the port's. */
void tls_links_end(tls_links_t *links, size_t index, bool polite);

bool tls_links_holds_octets(const tls_links_t *links, size_t index);
bool tls_links_wants_room(const tls_links_t *links, size_t index);
int64_t tls_links_deadline_ms(const tls_links_t *links, size_t index);

/* The connector is out: the next car is another one. */
void tls_links_unplugged(tls_links_t *links);

#endif
