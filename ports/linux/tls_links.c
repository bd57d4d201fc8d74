/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/tls_links.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/assert.h"
#include "ports/linux/clock.h"

enum { MESSAGE_MAX = 16384 }; /* one record */

void tls_links_init(tls_links_t *links)
{
    memset(links, 0, sizeof *links);
    pki_cache_init(&links->cache, links->entries, TLS_LINKS_CACHE);
}

/* ---- the socket beneath */

static int wire_result(ssize_t length)
{
    if (length > 0) {
        return (int)length;
    }
    return length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) ? 0 : -1;
}

static int wire_receive(void *ctx, uint8_t *to, size_t size)
{
    const struct tls_links_one *const one = ctx;
    return wire_result(recv(one->fd, to, size, 0));
}

static int wire_send(void *ctx, const uint8_t *from, size_t length)
{
    const struct tls_links_one *const one = ctx;
    return wire_result(send(one->fd, from, length, MSG_NOSIGNAL));
}

/* ---- a link's life */

static tls_setup_t begin(tls_links_t *links, size_t index, int fd, const ccs_endpoint_t *peer)
{
    struct tls_links_one *const one = &links->one[index];
    CCS_ASSERT(index < CCS_LINKS && !one->used);
    one->used = true;
    one->fd = fd;
    one->peer = *peer;
    return (tls_setup_t){.wire = {.ctx = one, .receive = wire_receive, .send = wire_send},
                         .now_ms = clock_now_ms(),
                         .utc_s = links->utc_s ? links->utc_s(links->ctx) : clock_utc_s(),
                         .cache = &links->cache};
}

void tls_links_accept(tls_links_t *links, size_t index, int fd, const ccs_endpoint_t *peer)
{
    tls_setup_t setup = begin(links, index, fd, peer);
    setup.no_certificate_before = tls_memory_without_certificate(&links->memory, peer->address);
    tls_link_open_server(&links->one[index].link, links->server, &setup);
}

void tls_links_connect(tls_links_t *links, size_t index, int fd, const ccs_endpoint_t *peer)
{
    const tls_setup_t setup = begin(links, index, fd, peer);
    tls_link_open_client(&links->one[index].link, links->client, &setup);
}

bool tls_links_has(const tls_links_t *links, size_t index)
{
    return links && links->one[index].used;
}

static void tell(tls_links_t *links, size_t index)
{
    struct tls_links_one *const one = &links->one[index];
    const tls_facts_t *const facts = tls_link_facts(&one->link);
    tls_memory_note(&links->memory, one->peer.address, facts);
    if (links->told) {
        links->told(links->ctx, &one->peer, facts);
    }
}

tls_result_t tls_links_step(tls_links_t *links, size_t index, ccs_peer_t *peer)
{
    tls_link_t *const link = &links->one[index].link;
    const bool before = link->state <= TLS_LINK_HANDSHAKE;
    const tls_result_t result = tls_link_step(link, clock_now_ms());
    if (before && result != TLS_AGAIN) {
        tell(links, index);
    }
    if (result == TLS_OK) {
        tls_link_peer(link, peer);
    }
    return result;
}

ssize_t tls_links_read(tls_links_t *links, size_t index, uint8_t *to, size_t size)
{
    size_t length;
    switch (tls_link_read(&links->one[index].link, to, size, &length)) {
    case TLS_OK:
        return (ssize_t)length;
    case TLS_AGAIN:
        errno = EAGAIN;
        return -1;
    case TLS_CLOSED:
        return 0;
    default:
        errno = ECONNRESET;
        return -1;
    }
}

bool tls_links_send(tls_links_t *links, size_t index, const ccs_view_t *head, const ccs_view_t *body)
{
    uint8_t message[MESSAGE_MAX];
    tls_link_t *const link = &links->one[index].link;
    const size_t length = head->length + body->length;
    if (body->length == 0) {
        return tls_link_write(link, *head) == TLS_OK;
    }
    if (length > sizeof message) {
        return false;
    }
    memcpy(message, head->at, head->length);
    memcpy(message + head->length, body->at, body->length);
    return tls_link_write(link, (ccs_view_t){message, length}) == TLS_OK;
}

void tls_links_end(tls_links_t *links, size_t index, bool polite)
{
    if (!tls_links_has(links, index)) {
        return;
    }
    struct tls_links_one *const one = &links->one[index];
    if (polite) {
        tls_link_close(&one->link);
    }
    tls_link_free(&one->link);
    one->used = false;
}

bool tls_links_holds_octets(const tls_links_t *links, size_t index)
{
    return tls_links_has(links, index) && tls_link_holds_octets(&links->one[index].link);
}

bool tls_links_wants_room(const tls_links_t *links, size_t index)
{
    return tls_links_has(links, index) && tls_link_wants_room(&links->one[index].link);
}

int64_t tls_links_deadline_ms(const tls_links_t *links, size_t index)
{
    return tls_links_has(links, index) ? tls_link_deadline_ms(&links->one[index].link) : INT64_MAX;
}

void tls_links_unplugged(tls_links_t *links)
{
    tls_memory_forget(&links->memory);
}
