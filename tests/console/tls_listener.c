/* A TLS listener that shows what a store holds, for the tests of rotation: what it hears it sends back.
 *
 *     tls_listener STORE CONSOLE      prints its port
 * SPDX-License-Identifier: Apache-2.0 */
#include "apps/credentials/credentials.h"
#include "ports/linux/tls_links.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct listener {
    loop_t loop;
    credentials_t credentials;
    tls_links_t links;
    int fd;
    int client[CCS_LINKS];
    bool open[CCS_LINKS];
} listener_t;

static void changed(void *ctx, tls_server_t *server)
{
    listener_t *const listener = ctx;
    listener->links.server = server;
}

static void say(void *ctx, ccs_level_t level, const char *event, const char *text)
{
    (void)ctx;
    (void)level;
    fprintf(stderr, "%s: %s\n", event, text);
}

static void end(listener_t *listener, size_t index)
{
    tls_links_end(&listener->links, index, TLS_LINKS_POLITE);
    close(listener->client[index]);
    listener->open[index] = false;
}

static void take(listener_t *listener)
{
    const int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    const ccs_endpoint_t peer = {.port = 1};
    for (size_t i = 0; i < CCS_LINKS && fd >= 0 && listener->links.server; i++) {
        if (!tls_links_has(&listener->links, i) && tls_links_accept(&listener->links, i, fd, &peer)) {
            listener->client[i] = fd;
            return;
        }
    }
    close(fd);
}

static void echo(listener_t *listener, size_t index)
{
    uint8_t octets[1024];
    const ssize_t length = tls_links_read(&listener->links, index, octets, sizeof octets);
    const ccs_view_t view = {octets, length > 0 ? (size_t)length : 0}, none = {NULL, 0};
    if (length == 0 || (length > 0 && !tls_links_send(&listener->links, index, &view, &none))) {
        end(listener, index);
    }
}

static void go_on(listener_t *listener, size_t index)
{
    ccs_peer_t peer;
    if (listener->open[index]) {
        echo(listener, index);
        return;
    }
    const tls_result_t result = tls_links_step(&listener->links, index, &peer);
    listener->open[index] = result == TLS_OK;
    if (result == TLS_CLOSED || result == TLS_FAILED) {
        end(listener, index);
    }
}

static size_t fds(void *ctx, struct pollfd *to, size_t room)
{
    listener_t *const listener = ctx;
    size_t count = 0;
    to[count++] = (struct pollfd){.fd = listener->fd, .events = POLLIN};
    to[count++] = (struct pollfd){.fd = tls_links_fd(&listener->links), .events = POLLIN};
    for (size_t i = 0; i < CCS_LINKS && count < room; i++) {
        const bool polled = tls_links_has(&listener->links, i) && !tls_links_busy(&listener->links, i);
        to[count++] = (struct pollfd){.fd = polled ? listener->client[i] : -1, .events = POLLIN};
    }
    return count;
}

static void ready(void *ctx, const struct pollfd *polled, size_t count, int64_t now_ms)
{
    listener_t *const listener = ctx;
    (void)now_ms;
    if (count > 1 && polled[1].revents != 0) {
        tls_links_heard(&listener->links);
    }
    for (size_t i = 0; i + 2 < count; i++) {
        if (tls_links_done(&listener->links, i) || (polled[i + 2].revents != 0 && tls_links_has(&listener->links, i))) {
            go_on(listener, i);
        }
    }
    if (count > 0 && polled[0].revents != 0) {
        take(listener);
    }
}

static bool listen_on(listener_t *listener)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    listener->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener->fd < 0 || bind(listener->fd, (struct sockaddr *)&address, length) != 0 || listen(listener->fd, 8) != 0 ||
        getsockname(listener->fd, (struct sockaddr *)&address, &length) != 0) {
        return false;
    }
    printf("%u\n", ntohs(address.sin_port));
    return fflush(stdout) == 0;
}

int main(int argc, char **argv)
{
    static listener_t listener;
    char why[300];
    loop_service_t services[CREDENTIALS_SERVICES];
    if (argc != 3) {
        return 2;
    }
    loop_init(&listener.loop);
    tls_links_init(&listener.links);
    const credentials_config_t config = {.store = argv[1],
                                         .console = argv[2],
                                         .hook = "",
                                         .site = {.allows_12 = true, .allows_13 = true},
                                         .revocation = PKI_REVOCATION_AS_KNOWN,
                                         .ctx = &listener,
                                         .changed = changed,
                                         .say = say};
    if (!credentials_open(&listener.credentials, &config, why, sizeof why) || !listen_on(&listener)) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    const size_t count = credentials_services(&listener.credentials, services);
    const loop_service_t own = {.ctx = &listener, .fds = fds, .ready = ready};
    for (size_t i = 0; i < count; i++) {
        loop_add(&listener.loop, &services[i]);
    }
    loop_add(&listener.loop, &own);
    for (;;) {
        loop_turn(&listener.loop, INT64_MAX);
    }
}
