/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/tls_links.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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
    return atomic_load(&one->dead) ? -1 : wire_result(recv(one->fd, to, size, 0));
}

static int wire_send(void *ctx, const uint8_t *from, size_t length)
{
    const struct tls_links_one *const one = ctx;
    return atomic_load(&one->dead) ? -1 : wire_result(send(one->fd, from, length, MSG_NOSIGNAL));
}

/* ---- the worker's and the port's */

static tls_task_state_t state_of(tls_links_t *links, const struct tls_links_one *one)
{
    return links->worker.runs ? tls_worker_state(&links->worker, &one->task) : TLS_TASK_IDLE;
}

static bool is_ours(tls_links_t *links, const struct tls_links_one *one)
{
    const tls_task_state_t state = state_of(links, one);
    return state == TLS_TASK_IDLE || state == TLS_TASK_DONE;
}

static void give_back(struct tls_links_one *one)
{
    tls_link_free(&one->task.link);
    close(one->fd);
    one->used = false;
}

static bool is_of_a_link(const tls_links_t *links, const struct tls_links_one *one)
{
    for (size_t i = 0; i < CCS_LINKS; i++) {
        if (links->of[i] == one) {
            return true;
        }
    }
    return false;
}

/* What was ended while the worker had it, and has come back. */
static void reap(tls_links_t *links)
{
    for (size_t i = 0; i < TLS_LINKS_ONES; i++) {
        struct tls_links_one *const one = &links->one[i];
        if (one->used && !is_of_a_link(links, one) && is_ours(links, one)) {
            give_back(one);
        }
    }
}

void tls_links_close(tls_links_t *links)
{
    tls_worker_stop(&links->worker);
    reap(links);
}

int tls_links_fd(const tls_links_t *links)
{
    return links && links->worker.runs ? links->worker.done_fd : -1;
}

void tls_links_heard(tls_links_t *links)
{
    tls_worker_heard(&links->worker);
    reap(links);
}

bool tls_links_busy(tls_links_t *links, size_t index)
{
    return tls_links_has(links, index) && state_of(links, links->of[index]) != TLS_TASK_IDLE;
}

bool tls_links_done(tls_links_t *links, size_t index)
{
    return tls_links_has(links, index) && state_of(links, links->of[index]) == TLS_TASK_DONE;
}

/* ---- a link's life */

static struct tls_links_one *one_free(tls_links_t *links)
{
    reap(links);
    for (size_t i = 0; i < TLS_LINKS_ONES; i++) {
        if (!links->one[i].used) {
            return &links->one[i];
        }
    }
    CCS_ASSERT(false); /* the worker has one at a time */
    return NULL;
}

/* NULL: it cannot be begun. */
static struct tls_links_one *begin(tls_links_t *links, size_t index, int fd, const ccs_endpoint_t *peer, tls_setup_t *setup)
{
    CCS_ASSERT(index < CCS_LINKS && !links->of[index]);
    const int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0 || (!links->worker.runs && !tls_worker_start(&links->worker))) {
        close(own);
        return NULL;
    }
    struct tls_links_one *const one = one_free(links);
    *one = (struct tls_links_one){.used = true, .fd = own, .peer = *peer};
    links->of[index] = one;
    *setup = (tls_setup_t){.wire = {.ctx = one, .receive = wire_receive, .send = wire_send},
                           .now_ms = clock_now_ms(),
                           .utc_s = links->utc_s ? links->utc_s(links->ctx) : clock_utc_s(),
                           .cache = &links->cache};
    return one;
}

bool tls_links_accept(tls_links_t *links, size_t index, int fd, const ccs_endpoint_t *peer)
{
    tls_setup_t setup;
    struct tls_links_one *const one = begin(links, index, fd, peer, &setup);
    if (one) {
        setup.no_certificate_before = tls_memory_without_certificate(&links->memory, peer->address);
        tls_link_open_server(&one->task.link, links->server, &setup);
    }
    return one != NULL;
}

bool tls_links_connect(tls_links_t *links, size_t index, int fd, const ccs_endpoint_t *peer)
{
    tls_setup_t setup;
    struct tls_links_one *const one = begin(links, index, fd, peer, &setup);
    if (one) {
        tls_link_open_client(&one->task.link, links->client, &setup);
    }
    return one != NULL;
}

bool tls_links_has(const tls_links_t *links, size_t index)
{
    return links && links->of[index];
}

/* ---- the handshake */

static void tell(tls_links_t *links, const struct tls_links_one *one)
{
    tls_facts_t facts = *tls_link_facts(&one->task.link);
    facts.handshake_ms = clock_now_ms() - one->task.link.setup.now_ms; /* with the step that has just ended */
    const bool good = facts.failure == TLS_FAILURE_NONE;
    links->stats.handshakes += good;
    links->stats.refused += !good;
    tls_memory_note(&links->memory, one->peer.address, &facts);
    if (links->told) {
        links->told(links->ctx, &one->peer, &facts);
    }
}

static tls_result_t came_to(tls_links_t *links, struct tls_links_one *one, tls_result_t result, ccs_peer_t *peer)
{
    if (result != TLS_AGAIN) {
        tell(links, one);
    }
    if (result == TLS_OK) {
        tls_link_peer(&one->task.link, peer);
    }
    return result;
}

static bool in_handshake(const tls_link_t *link)
{
    return link->state <= TLS_LINK_HANDSHAKE;
}

tls_result_t tls_links_step(tls_links_t *links, size_t index, ccs_peer_t *peer)
{
    struct tls_links_one *const one = links->of[index];
    tls_link_t *const link = &one->task.link;
    switch (state_of(links, one)) {
    case TLS_TASK_WAITING:
    case TLS_TASK_RUNNING:
        return TLS_AGAIN;
    case TLS_TASK_DONE:
        one->task.state = TLS_TASK_IDLE;
        return came_to(links, one, one->task.result, peer);
    default:
        break;
    }
    const int64_t now_ms = clock_now_ms();
    if (!in_handshake(link)) {
        return tls_link_step(link, now_ms);
    }
    if (now_ms >= tls_link_deadline_ms(link)) { /* nothing to compute */
        return came_to(links, one, tls_link_step(link, now_ms), peer);
    }
    tls_worker_put(&links->worker, &one->task);
    return TLS_AGAIN;
}

/* What the worker has runs on to its next word to the socket, which is deaf and dumb from now on. */
static void abandon(struct tls_links_one *one, tls_links_end_t how)
{
    const struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    atomic_store(&one->dead, true);
    if (how != TLS_LINKS_SILENT) {
        (void)connect(one->fd, &nobody, sizeof nobody); /* RST now: the last close comes when the worker is through */
    }
}

void tls_links_end(tls_links_t *links, size_t index, tls_links_end_t how)
{
    if (!tls_links_has(links, index)) {
        return;
    }
    struct tls_links_one *const one = links->of[index];
    links->of[index] = NULL;
    tls_worker_withdraw(&links->worker, &one->task);
    if (!is_ours(links, one)) {
        links->stats.ended++;
        abandon(one, how);
        return;
    }
    links->stats.ended += in_handshake(&one->task.link);
    if (how == TLS_LINKS_POLITE) {
        tls_link_close(&one->task.link);
    }
    give_back(one);
}

/* ---- octets in the clear */

ssize_t tls_links_read(tls_links_t *links, size_t index, uint8_t *to, size_t size)
{
    size_t length;
    switch (tls_link_read(&links->of[index]->task.link, to, size, &length)) {
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
    tls_link_t *const link = &links->of[index]->task.link;
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

/* ---- what to wait for */

bool tls_links_holds_octets(tls_links_t *links, size_t index)
{
    return tls_links_has(links, index) && !tls_links_busy(links, index) && tls_link_holds_octets(&links->of[index]->task.link);
}

bool tls_links_wants_room(tls_links_t *links, size_t index)
{
    return tls_links_has(links, index) && !tls_links_busy(links, index) && tls_link_wants_room(&links->of[index]->task.link);
}

int64_t tls_links_deadline_ms(tls_links_t *links, size_t index)
{
    const bool ours = tls_links_has(links, index) && !tls_links_busy(links, index);
    return ours ? tls_link_deadline_ms(&links->of[index]->task.link) : INT64_MAX;
}

void tls_links_unplugged(tls_links_t *links)
{
    tls_memory_forget(&links->memory);
}
