/* The loop: one poll(), one event at a time.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/port.h"

#include <string.h>
#include <unistd.h>

#include "base/assert.h"
#include "ports/linux/clock.h"
#include "ports/linux/sockets.h"

enum {
    SOURCE_LINK = 1,
    SOURCE_CONNECTING,
    SOURCE_DRAIN,
    SOURCE_DATAGRAM,
    SOURCE_LISTENER,
    SOURCE_LISTENER_TLS,
    SOURCE_SECURING,
    SOURCE_WORKER
};

bool port_post(port_t *port, const ccs_event_t *event)
{
    return posts_offer(&port->posts, event);
}

void port_post_mme(port_t *port, ccs_view_t frame)
{
    if (port->mmes == PORT_MMES_MAX) {
        port->stats.mmes_dropped++;
        return;
    }
    port_mme_t *mme = &port->mme[(port->mme_first + port->mmes++) % PORT_MMES_MAX];
    mme->length = (uint16_t)(frame.length < sizeof mme->octets ? frame.length : sizeof mme->octets);
    memcpy(mme->octets, frame.at, mme->length);
}

void port_post_report(port_t *port, const ccs_report_t *report)
{
    posts_report(&port->posts, report);
}

static void post_of_link(port_t *port, ccs_event_type_t type, size_t link)
{
    const ccs_event_t event = {.type = type, .link = (uint8_t)link};
    posts_add(&port->posts, &event);
}

static void link_gone(port_t *port, size_t link)
{
    port->link[link] = (port_link_t){.fd = -1};
    post_of_link(port, CCS_ON_CLOSED, link);
}

static void link_lost(port_t *port, size_t link)
{
    tls_links_end(port->tls, link, port->cut ? TLS_LINKS_SILENT : TLS_LINKS_AT_ONCE);
    socket_abort(port->link[link].fd);
    link_gone(port, link);
}

/* The peer's FIN is answered by ours. */
static void link_finished(port_t *port, size_t link)
{
    tls_links_end(port->tls, link, TLS_LINKS_POLITE);
    close(port->link[link].fd);
    link_gone(port, link);
}

/* ---- TLS ---- */

/* One car's failed handshake is nobody else's. Its alert goes out before the socket does. */
static void link_refused(port_t *port, size_t index)
{
    const int fd = port->link[index].fd;
    tls_links_end(port->tls, index, TLS_LINKS_AT_ONCE);
    socket_finish(fd);
    drains_add(&port->drains, fd, clock_now_ms() + PORT_CUT_MS);
    link_gone(port, index);
}

static void link_secure(port_t *port, size_t index)
{
    ccs_event_t event = {.type = CCS_ON_SECURED, .link = (uint8_t)index};
    switch (tls_links_step(port->tls, index, &event.secured)) {
    case TLS_OK:
        port->link[index].state = PORT_LINK_OPEN;
        posts_add(&port->posts, &event);
        return;
    case TLS_AGAIN:
        return;
    default:
        link_refused(port, index);
        return;
    }
}

/* TCP is there: it is usable, or TLS begins. */
static void link_ready(port_t *port, size_t index)
{
    port_link_t *link = &port->link[index];
    if (!link->tls) {
        link->state = PORT_LINK_OPEN;
        post_of_link(port, CCS_ON_SECURED, index);
        return;
    }
    link->state = PORT_LINK_SECURING;
    const bool begun = port->tls->server ? tls_links_accept(port->tls, index, link->fd, &link->peer)
                                         : tls_links_connect(port->tls, index, link->fd, &link->peer);
    if (!begun) {
        link_lost(port, index);
        return;
    }
    link_secure(port, index);
}

/* The worker has news. */
static void links_secure(port_t *port)
{
    tls_links_heard(port->tls);
    for (size_t i = 0; i < CCS_LINKS; i++) {
        if (port->link[i].state == PORT_LINK_SECURING && tls_links_done(port->tls, i)) {
            link_secure(port, i);
        }
    }
}

static short link_events(port_t *port, size_t index)
{
    const bool reads = port->link[index].state == PORT_LINK_SECURING || port->hooks.window(port->hooks.ctx, (uint8_t)index) > 0;
    return (short)((reads ? POLLIN : 0) | (tls_links_wants_room(port->tls, index) ? POLLOUT : 0));
}

/* The library holds octets that the socket does not show any more. */
static bool link_holds(port_t *port, size_t index)
{
    return port->link[index].state == PORT_LINK_OPEN && tls_links_holds_octets(port->tls, index) &&
           port->hooks.window(port->hooks.ctx, (uint8_t)index) > 0;
}

/* ---- what to poll for ---- */

typedef struct poll_list {
    struct pollfd *to;
    size_t room;
} poll_list_t;

static void poll_add(port_t *port, const poll_list_t *list, int fd, short events, uint8_t source, size_t index)
{
    if (fd < 0 || port->slots == list->room || port->slots == PORT_POLL_MAX) {
        return;
    }
    list->to[port->slots] = (struct pollfd){.fd = fd, .events = events};
    port->slot[port->slots++] = (port_slot_t){.source = source, .index = (uint8_t)index};
}

static void poll_add_links(port_t *port, const poll_list_t *list)
{
    for (size_t i = 0; i < CCS_LINKS; i++) {
        const port_link_t *link = &port->link[i];
        if (link->state == PORT_LINK_OPEN) {
            poll_add(port, list, link->fd, link_events(port, i), SOURCE_LINK, i);
        } else if (link->state == PORT_LINK_SECURING && !tls_links_busy(port->tls, i)) {
            poll_add(port, list, link->fd, link_events(port, i), SOURCE_SECURING, i);
        } else if (link->state == PORT_LINK_CONNECTING) {
            poll_add(port, list, link->fd, POLLOUT, SOURCE_CONNECTING, i);
        }
    }
    for (size_t i = 0; i < DRAINS_MAX; i++) {
        poll_add(port, list, port->drains.fd[i], POLLIN, SOURCE_DRAIN, i);
    }
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t own_deadline_ms(port_t *port)
{
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < CCS_LINKS; i++) {
        if (port->link[i].state == PORT_LINK_CONNECTING) {
            first = earlier(first, port->link[i].connect_by_ms);
        }
        if (port->link[i].state == PORT_LINK_SECURING) {
            first = earlier(first, tls_links_deadline_ms(port->tls, i));
        }
        first = link_holds(port, i) ? 0 : first;
    }
    return earlier(first, drains_deadline_ms(&port->drains));
}

/* ---- what needs no event ---- */

static void connect_done(port_t *port, size_t index)
{
    if (!socket_connected(port->link[index].fd)) {
        link_lost(port, index);
        return;
    }
    link_ready(port, index);
}

static void overdue(port_t *port, int64_t now_ms)
{
    for (size_t i = 0; i < CCS_LINKS; i++) {
        if (port->link[i].state == PORT_LINK_CONNECTING && now_ms >= port->link[i].connect_by_ms) {
            link_lost(port, i);
        } else if (port->link[i].state == PORT_LINK_SECURING && now_ms >= tls_links_deadline_ms(port->tls, i)) {
            link_secure(port, i);
        }
    }
    drains_overdue(&port->drains, now_ms);
}

/* ---- as a service of a loop ---- */

static size_t service_fds(void *ctx, struct pollfd *to, size_t room)
{
    port_t *port = ctx;
    const poll_list_t list = {.to = to, .room = room};
    port->slots = 0;
    poll_add_links(port, &list);
    poll_add(port, &list, tls_links_fd(port->tls), POLLIN, SOURCE_WORKER, 0);
    poll_add(port, &list, port->datagram_fd, POLLIN, SOURCE_DATAGRAM, 0);
    poll_add(port, &list, port->listening ? port->listener_fd : -1, POLLIN, SOURCE_LISTENER, 0);
    poll_add(port, &list, port->listening_tls ? port->listener_tls_fd : -1, POLLIN, SOURCE_LISTENER_TLS, 0);
    return port->slots;
}

/* What brings no event of its own. */
static bool serve_quietly(port_t *port, const port_slot_t *slot)
{
    switch (slot->source) {
    case SOURCE_DRAIN:
        drains_read(&port->drains, slot->index);
        return true;
    case SOURCE_CONNECTING:
        connect_done(port, slot->index);
        return true;
    case SOURCE_SECURING:
        link_secure(port, slot->index);
        return true;
    case SOURCE_WORKER:
        links_secure(port);
        return true;
    default:
        return false;
    }
}

static void service_ready(void *ctx, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    port_t *port = ctx;
    for (size_t i = 0; i < count; i++) {
        port_slot_t *slot = &port->slot[i];
        slot->ready = fds[i].revents != 0 || (slot->source == SOURCE_LINK && link_holds(port, slot->index));
        slot->ready = slot->ready && !serve_quietly(port, slot);
    }
    overdue(port, now_ms);
}

static int64_t service_deadline(void *ctx)
{
    port_t *port = ctx;
    return port_waits(port) ? 0 : own_deadline_ms(port);
}

port_service_t port_service(port_t *port)
{
    return (port_service_t){.ctx = port, .fds = service_fds, .ready = service_ready, .deadline_ms = service_deadline};
}

bool port_waits(const port_t *port)
{
    return posts_wait(&port->posts) || port->mmes > 0;
}

/* ---- from a ready source to an event ---- */

static bool take_mme(port_t *port, ccs_event_t *out)
{
    if (port->mmes == 0) {
        return false;
    }
    port->mme_out = port->mme[port->mme_first];
    port->mme_first = (port->mme_first + 1) % PORT_MMES_MAX;
    port->mmes--;
    out->type = CCS_ON_MME;
    out->bytes = (ccs_view_t){.at = port->mme_out.octets, .length = port->mme_out.length};
    return true;
}

static ssize_t link_read(port_t *port, size_t index, size_t window)
{
    const size_t most = window < PORT_READ_SIZE ? window : PORT_READ_SIZE;
    ccs_peer_t nobody;
    if (!tls_links_has(port->tls, index)) {
        return read(port->link[index].fd, port->read, most);
    }
    if (tls_links_wants_room(port->tls, index)) {
        (void)tls_links_step(port->tls, index, &nobody);
    }
    return tls_links_read(port->tls, index, port->read, most);
}

static bool take_bytes(port_t *port, size_t index, ccs_event_t *out)
{
    port_link_t *link = &port->link[index];
    if (link->state != PORT_LINK_OPEN) {
        return false; /* closed by an event of the same round */
    }
    const size_t window = port->hooks.window(port->hooks.ctx, (uint8_t)index);
    uint8_t probe;
    const ssize_t length = window == 0 ? socket_peek(link->fd, &probe) : link_read(port, index, window);
    if ((length < 0 && socket_would_block()) || (window == 0 && length > 0)) {
        return false;
    }
    if (length == 0) {
        link_finished(port, index);
        return posts_take(&port->posts, out);
    }
    if (length < 0) { /* RST, or the network is gone */
        link_lost(port, index);
        return posts_take(&port->posts, out);
    }
    out->type = CCS_ON_BYTES;
    out->link = (uint8_t)index;
    out->bytes = (ccs_view_t){.at = port->read, .length = (size_t)length};
    return true;
}

static bool take_datagram(port_t *port, ccs_event_t *out)
{
    size_t length = 0;
    if (!socket_receive(port->datagram_fd, port->netif.index, port->read, PORT_READ_SIZE, &length, &out->datagram.from,
                        &port->stats.datagrams_elsewhere)) {
        return false;
    }
    if (port->hooks.mac_of != NULL && !port->hooks.mac_of(port->hooks.ctx, out->datagram.from.address, out->datagram.from_mac)) {
        memset(out->datagram.from_mac, 0, sizeof out->datagram.from_mac);
    }
    out->type = CCS_ON_DATAGRAM;
    out->datagram.bytes = (ccs_view_t){.at = port->read, .length = length};
    return true;
}

static bool take_connection(port_t *port, int listener_fd, ccs_event_t *out)
{
    const int fd = socket_accept(listener_fd, &out->connect.from);
    if (fd < 0) {
        return false;
    }
    for (size_t i = 0; i < CCS_LINKS; i++) {
        if (port->link[i].state == PORT_LINK_FREE) {
            out->connect.tls = listener_fd == port->listener_tls_fd;
            port->link[i] = (port_link_t){.fd = fd, .state = PORT_LINK_ASKED, .peer = out->connect.from, .tls = out->connect.tls};
            out->type = CCS_ON_CONNECT;
            out->link = (uint8_t)i;
            return true;
        }
    }
    port->stats.connects_without_link++;
    socket_abort(fd);
    return false;
}

static bool take_ready(port_t *port, ccs_event_t *out)
{
    for (size_t i = 0; i < port->slots; i++) {
        port_slot_t *slot = &port->slot[i];
        if (!slot->ready) {
            continue;
        }
        slot->ready = false;
        if ((slot->source == SOURCE_LINK && take_bytes(port, slot->index, out)) ||
            (slot->source == SOURCE_DATAGRAM && take_datagram(port, out)) ||
            (slot->source == SOURCE_LISTENER && port->listening && take_connection(port, port->listener_fd, out)) ||
            (slot->source == SOURCE_LISTENER_TLS && port->listening_tls && take_connection(port, port->listener_tls_fd, out))) {
            return true;
        }
    }
    return false;
}

bool port_take(port_t *port, ccs_event_t *out)
{
    memset(out, 0, sizeof *out);
    const bool taken =
        posts_take(&port->posts, out) || take_mme(port, out) || posts_take_report(&port->posts, out) || take_ready(port, out);
    out->now_ms = clock_now_ms();
    out->utc_s = clock_utc_s();
    return taken;
}

static void wait_event(void *ctx, int64_t until_ms, ccs_event_t *out)
{
    port_t *port = ctx;
    for (bool polled = false; !port_take(port, out); polled = true) {
        if (polled && clock_now_ms() >= until_ms) { /* the sockets are looked at even when the deadline is now */
            return;                                 /* CCS_ON_TIME is what nothing is */
        }
        loop_turn(&port->loop, until_ms);
    }
}

/* ---- actions ---- */

static void link_close(port_t *port, const ccs_action_t *action)
{
    port_link_t *link = &port->link[action->link];
    const bool refused = link->state != PORT_LINK_OPEN; /* never accepted: the peer shall see a refusal, not a session */
    const int fd = link->fd;
    tls_links_end(port->tls, action->link, port->cut ? TLS_LINKS_SILENT : refused ? TLS_LINKS_AT_ONCE : TLS_LINKS_POLITE);
    *link = (port_link_t){.fd = -1};
    posts_forget_link(&port->posts, action->link);
    if (fd < 0) {
        return;
    }
    if (port->cut) {
        drains_add(&port->drains, fd, clock_now_ms() + PORT_CUT_MS);
        return;
    }
    if (!refused) {
        socket_finish(fd);
        drains_add(&port->drains, fd, action->close_by_ms);
        return;
    }
    socket_abort(fd);
}

static void link_send(port_t *port, const ccs_action_t *action)
{
    const port_link_t *link = &port->link[action->link];
    if (port->cut || link->state != PORT_LINK_OPEN) {
        return; /* a link that is gone has its CLOSED under way */
    }
    const ccs_view_t *const head = &action->bytes[0], *const body = &action->bytes[1];
    const bool sent = tls_links_has(port->tls, action->link) ? tls_links_send(port->tls, action->link, head, body)
                                                             : socket_send(link->fd, head, body);
    if (!sent) {
        port->stats.sends_cut++;
        link_lost(port, action->link);
    }
}

static void link_accept(port_t *port, const ccs_action_t *action)
{
    const port_link_t *link = &port->link[action->link];
    if (link->state != PORT_LINK_ASKED) {
        return;
    }
    if (link->tls && !port->tls->server) { /* its credentials were taken away meanwhile */
        link_lost(port, action->link);
        return;
    }
    link_ready(port, action->link);
}

static void link_connect(port_t *port, const ccs_action_t *action)
{
    port_link_t *link = &port->link[action->link];
    const bool possible = !action->connect.tls || (port->tls && port->tls->client);
    const int fd = possible ? socket_connect(&port->netif, &action->connect.to) : -1;
    if (fd < 0) {
        post_of_link(port, CCS_ON_CLOSED, action->link);
        return;
    }
    *link = (port_link_t){.fd = fd,
                          .state = PORT_LINK_CONNECTING,
                          .connect_by_ms = clock_now_ms() + PORT_CONNECT_MS,
                          .peer = action->connect.to,
                          .tls = action->connect.tls};
}

static bool random_octets(void *ctx, uint8_t *octets, size_t length)
{
    (void)ctx;
    return clock_random(octets, length);
}

static void job_start(port_t *port, const ccs_job_t *job)
{
    if (job->need == CCS_NEED_RANDOM || job->need == CCS_NEED_KEY) {
        posts_random(&port->posts, job, random_octets, NULL);
        return;
    }
    port->hooks.job(port->hooks.ctx, job);
}

static void perform(void *ctx, const ccs_action_t *action)
{
    port_t *port = ctx;
    CCS_ASSERT(action->link < CCS_LINKS);
    switch (action->type) {
    case CCS_SEND_DATAGRAM:
        if (port->cut) {
            return;
        }
        socket_send_datagram(port->datagram_fd, &port->netif, &action->datagram.to, &action->datagram.bytes);
        return;
    case CCS_CONNECT:
        link_connect(port, action);
        return;
    case CCS_ACCEPT:
        link_accept(port, action);
        return;
    case CCS_SEND:
        link_send(port, action);
        return;
    case CCS_CLOSE:
        link_close(port, action);
        return;
    case CCS_JOB:
        job_start(port, &action->job);
        return;
    case CCS_CANCEL:
        port->hooks.cancel(port->hooks.ctx, action->cancel);
        return;
    case CCS_SEND_MME:
        if (port->hooks.send_mme != NULL && !port->cut) {
            port->hooks.send_mme(port->hooks.ctx, action->bytes[0]);
        }
        return;
    }
}

static bool same_admit(const ccs_admit_t *a, const ccs_admit_t *b)
{
    return a->only == b->only && memcmp(a->address, b->address, sizeof a->address) == 0 &&
           memcmp(a->mac, b->mac, sizeof a->mac) == 0;
}

static bool listeners_admit(const port_t *port, const ccs_admit_t *who)
{
    return socket_admit(port->listener_fd, who) && (port->listener_tls_fd < 0 || socket_admit(port->listener_tls_fd, who));
}

static void listener_set(int fd, bool open, bool *listening)
{
    if (fd >= 0 && open != *listening) {
        *listening = open ? socket_listen(fd) : !socket_unlisten(fd);
    }
}

/* A listener without its filter stays closed: nobody is better than anybody. */
static void admit(void *ctx, const ccs_admit_t *who)
{
    port_t *port = ctx;
    if (port->listener_fd < 0 || (port->admit_set && same_admit(who, &port->admit))) {
        return;
    }
    port->admit = *who;
    port->admit_set = listeners_admit(port, who);
    if (!port->admit_set) {
        listener_set(port->listener_fd, false, &port->listening);
        listener_set(port->listener_tls_fd, false, &port->listening_tls);
    }
    socket_pin(&port->netif, &port->pinned, who);
}

static void listen_or_not(void *ctx, bool plain, bool tls)
{
    port_t *port = ctx;
    listener_set(port->listener_fd, plain && port->admit_set, &port->listening);
    listener_set(port->listener_tls_fd, tls && port->admit_set && port->tls->server, &port->listening_tls);
}

/* ---- life ---- */

void port_init(port_t *port, const netif_t *netif, const port_hooks_t *hooks)
{
    memset(port, 0, sizeof *port);
    port->api = (ccs_port_t){.ctx = port, .wait = wait_event, .perform = perform, .admit = admit, .listen = listen_or_not};
    port->netif = *netif;
    port->hooks = *hooks;
    port->datagram_fd = -1;
    port->listener_fd = -1;
    port->listener_tls_fd = -1;
    loop_init(&port->loop);
    const port_service_t own = port_service(port);
    loop_add(&port->loop, &own);
    for (size_t i = 0; i < CCS_LINKS; i++) {
        port->link[i].fd = -1;
    }
    drains_init(&port->drains);
}

port_result_t port_open_charger(port_t *port, uint16_t tcp_port, char *error, size_t size)
{
    const port_result_t result = socket_sdp_server(&port->netif, &port->datagram_fd, error, size);
    if (result != PORT_OK) {
        return result;
    }
    port->tcp_port = tcp_port;
    return socket_listener(&port->netif, &port->tcp_port, &port->listener_fd, error, size);
}

port_result_t port_open_tls(port_t *port, tls_links_t *tls, uint16_t tcp_port_tls, char *error, size_t size)
{
    port->tls = tls;
    port->tcp_port_tls = tcp_port_tls;
    return socket_listener(&port->netif, &port->tcp_port_tls, &port->listener_tls_fd, error, size);
}

void port_use_tls(port_t *port, tls_links_t *tls)
{
    port->tls = tls;
}

port_result_t port_open_car(port_t *port, char *error, size_t size)
{
    return socket_sdp_client(&port->netif, &port->datagram_fd, error, size);
}

void port_add_service(port_t *port, const port_service_t *service)
{
    loop_add(&port->loop, service);
}

size_t port_links_open(const port_t *port)
{
    size_t open = 0;
    for (size_t i = 0; i < CCS_LINKS; i++) {
        open += port->link[i].state != PORT_LINK_FREE;
    }
    return open;
}

size_t port_drains_alive(const port_t *port)
{
    return drains_alive(&port->drains);
}

void port_forget_posts(port_t *port)
{
    posts_forget(&port->posts);
    port->mmes = 0;
}

void port_breathe(port_t *port)
{
    loop_turn(&port->loop, 0);
}

void port_drain_all(port_t *port, int64_t by_ms)
{
    while (port_drains_alive(port) > 0 && clock_now_ms() < by_ms) {
        loop_turn(&port->loop, by_ms);
    }
}

static void close_if_open(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

void port_detach(port_t *port)
{
    for (size_t i = 0; i < CCS_LINKS; i++) {
        if (port->link[i].state != PORT_LINK_FREE) {
            link_lost(port, i);
        }
    }
    close_if_open(&port->datagram_fd);
    close_if_open(&port->listener_fd);
    close_if_open(&port->listener_tls_fd);
    port->admit_set = false;
    port->listening = false;
    port->listening_tls = false;
    port->slots = 0; /* what was ready is gone */
}

void port_close(port_t *port)
{
    for (size_t i = 0; i < CCS_LINKS; i++) {
        tls_links_end(port->tls, i, TLS_LINKS_AT_ONCE);
        socket_abort(port->link[i].fd);
    }
    drains_overdue(&port->drains, INT64_MAX);
    close_if_open(&port->datagram_fd);
    close_if_open(&port->listener_fd);
    close_if_open(&port->listener_tls_fd);
}
