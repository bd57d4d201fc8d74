/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/console_server.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { PIECE = 1024 };

static void drop(console_server_t *server)
{
    if (server->client >= 0) {
        close(server->client);
        console_leave(server->console);
    }
    server->client = -1;
    store_wipe(server->out, server->out_length);
    server->out_length = 0;
    server->overrun = false;
}

static void print(void *ctx, const char *text, size_t length)
{
    console_server_t *const server = ctx;
    if (length > CONSOLE_OUT_SIZE - server->out_length) {
        server->overrun = true;
        return;
    }
    memcpy(server->out + server->out_length, text, length);
    server->out_length += length;
}

static void flush(console_server_t *server)
{
    while (server->client >= 0 && server->out_length > 0) {
        const ssize_t sent = send(server->client, server->out, server->out_length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (sent <= 0) {
            drop(server);
            return;
        }
        server->out_length -= (size_t)sent;
        memmove(server->out, server->out + sent, server->out_length);
    }
}

static void hear(console_server_t *server, int64_t now_ms)
{
    uint8_t piece[PIECE];
    const ssize_t length = recv(server->client, piece, sizeof piece, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (length <= 0) {
        drop(server);
        return;
    }
    server->heard_ms = now_ms;
    console_feed(server->console, piece, (size_t)length, now_ms);
    store_wipe(piece, sizeof piece);
    flush(server);
    if (server->overrun) {
        drop(server);
    }
}

static void take_user(console_server_t *server, int64_t now_ms)
{
    static const char busy[] = "ERROR the console is in use\r\n";
    const int fd = accept4(server->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        return;
    }
    if (server->client >= 0) {
        (void)!send(fd, busy, sizeof busy - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        close(fd);
        return;
    }
    server->client = fd;
    server->heard_ms = now_ms;
}

/* ---- as a service of the loop */

static size_t service_fds(void *ctx, struct pollfd *to, size_t room)
{
    const console_server_t *const server = ctx;
    size_t count = 0;
    if (room > count && server->fd >= 0) {
        to[count++] = (struct pollfd){.fd = server->fd, .events = POLLIN};
    }
    if (room > count && server->client >= 0) {
        const bool reads = server->out_length < CONSOLE_OUT_SIZE / 2; /* an answer fits into the other half */
        to[count++] =
            (struct pollfd){.fd = server->client, .events = (short)((reads ? POLLIN : 0) | (server->out_length > 0 ? POLLOUT : 0))};
    }
    return count;
}

static void service_ready(void *ctx, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    console_server_t *const server = ctx;
    for (size_t i = 0; i < count; i++) {
        const bool is_client = fds[i].fd == server->client && server->client >= 0;
        if (is_client && (fds[i].revents & POLLOUT) != 0) {
            flush(server);
        }
        if (is_client && server->client >= 0 && (fds[i].revents & POLLIN) != 0) {
            hear(server, now_ms);
        } else if (is_client && server->client >= 0 && (fds[i].revents & (POLLHUP | POLLERR)) != 0) {
            drop(server);
        }
    }
    if (server->client >= 0 && now_ms - server->heard_ms > CONSOLE_IDLE_MS) {
        drop(server);
    }
    if (count > 0 && fds[0].fd == server->fd && (fds[0].revents & POLLIN) != 0) {
        take_user(server, now_ms);
    }
}

static int64_t service_deadline(void *ctx)
{
    const console_server_t *const server = ctx;
    return server->client >= 0 ? server->heard_ms + CONSOLE_IDLE_MS + 1 : INT64_MAX;
}

loop_service_t console_server_service(console_server_t *server)
{
    return (loop_service_t){.ctx = server, .fds = service_fds, .ready = service_ready, .deadline_ms = service_deadline};
}

/* ---- life */

/* A socket file whose owner is dead refuses connections; it may go. */
static void remove_if_dead(const struct sockaddr_un *name)
{
    struct stat facts;
    if (lstat(name->sun_path, &facts) != 0 || !S_ISSOCK(facts.st_mode)) {
        return;
    }
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)name, sizeof *name) != 0 && errno == ECONNREFUSED) {
        (void)unlink(name->sun_path);
    }
    if (fd >= 0) {
        close(fd);
    }
}

static int listen_at(const struct sockaddr_un *name)
{
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const mode_t mask = umask(0177);
    const bool open = fd >= 0 && bind(fd, (const struct sockaddr *)name, sizeof *name) == 0 && listen(fd, 2) == 0;
    const int why = errno;
    umask(mask);
    if (!open && fd >= 0) {
        close(fd);
    }
    errno = why;
    return open ? fd : -1;
}

bool console_server_open(console_server_t *server, const char *path, console_t *console, const console_config_t *config)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    console_config_t own = *config;
    memset(server, 0, sizeof *server);
    server->fd = server->client = -1;
    if (strlen(path) >= sizeof name.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(name.sun_path, path, strlen(path));
    remove_if_dead(&name);
    server->fd = listen_at(&name);
    if (server->fd < 0) {
        return false;
    }
    memcpy(server->path, name.sun_path, sizeof server->path);
    own.ctx = server;
    own.print = print;
    server->console = console;
    console_init(console, &own);
    return true;
}

void console_server_close(console_server_t *server)
{
    if (server->fd < 0) {
        return;
    }
    flush(server);
    drop(server);
    close(server->fd);
    (void)unlink(server->path);
    server->fd = -1;
}
