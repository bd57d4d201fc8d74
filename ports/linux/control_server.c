/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/control_server.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void client_drop(control_client_t *client)
{
    close(client->fd);
    memset(client, 0, sizeof *client);
    client->fd = -1;
}

static bool client_put(control_client_t *client, const char *text)
{
    const size_t length = strlen(text);
    if (length > CONTROL_OUT_SIZE - client->out_length) {
        return false;
    }
    memcpy(client->out + client->out_length, text, length);
    client->out_length += length;
    return true;
}

static bool client_line_waits(const control_client_t *client)
{
    return memchr(client->in, '\n', client->in_length) != NULL;
}

/* What was asked before the end of input is still answered. */
static void client_flush(control_client_t *client)
{
    while (client->out_length > 0) {
        const ssize_t sent = send(client->fd, client->out, client->out_length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
            return;
        }
        if (sent <= 0) {
            client_drop(client);
            return;
        }
        client->out_length -= (size_t)sent;
        memmove(client->out, client->out + sent, client->out_length);
    }
    if (client->ended && client->watch.ms == 0 && !client_line_waits(client)) {
        client_drop(client);
    }
}

static void client_line(control_server_t *server, control_client_t *client, char *line)
{
    const control_watch_t before = client->watch;
    server->lines++;
    char *answer = control_run(&server->table, line, &client->watch);
    if (answer == NULL || !client_put(client, answer)) {
        client_drop(client); /* lines and answers must not get out of step */
    }
    cJSON_free(answer);
    if (client->fd >= 0 && (client->watch.ms != before.ms || client->watch.outlet != before.outlet)) {
        client->watch_at_ms = server->now_ms + client->watch.ms;
    }
}

/* An answer is never longer than this; with less room the client's next command waits. */
static bool client_has_room(const control_client_t *client)
{
    return CONTROL_OUT_SIZE - client->out_length >= CONTROL_OUT_SIZE / 2;
}

/* Runs the lines that are complete, as long as there is room for answers. */
static void client_lines(control_server_t *server, control_client_t *client)
{
    char *end;
    while (client->fd >= 0 && client_has_room(client) && (end = memchr(client->in, '\n', client->in_length)) != NULL) {
        const size_t length = (size_t)(end - client->in) + 1;
        char line[CONTROL_LINE_SIZE];
        memcpy(line, client->in, length);
        line[length - 1] = '\0';
        client->in_length -= length;
        memmove(client->in, end + 1, client->in_length);
        if (client->skip) {
            client->skip = false;
            continue;
        }
        client_line(server, client, line);
    }
}

/* Answers that have left make room for lines that waited: no event would tell of them again. */
static void client_answer(control_server_t *server, control_client_t *client)
{
    do {
        client_lines(server, client);
        if (client->fd >= 0) {
            client_flush(client);
        }
    } while (client->fd >= 0 && client_has_room(client) && client_line_waits(client));
}

static void line_too_long(control_client_t *client)
{
    client->in_length = 0;
    if (!client->skip) {
        client->skip = true;
        (void)client_put(client, "{\"error\":\"line too long\"}\n");
    }
}

static void client_read(control_server_t *server, control_client_t *client)
{
    const ssize_t length = recv(client->fd, client->in + client->in_length, CONTROL_LINE_SIZE - client->in_length, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        return;
    }
    if (length < 0) {
        client_drop(client);
        return;
    }
    client->ended = length == 0;
    client->in_length += (size_t)length;
    client_answer(server, client);
    if (client->fd >= 0 && client->in_length == CONTROL_LINE_SIZE && !client_line_waits(client)) {
        line_too_long(client);
        client_flush(client);
    }
}

static void client_watch(control_server_t *server, control_client_t *client)
{
    if (client->fd < 0 || client->watch.ms == 0 || server->now_ms < client->watch_at_ms) {
        return;
    }
    client->watch_at_ms = server->now_ms + client->watch.ms;
    char *line = control_watched(&server->table, client->watch);
    if (line == NULL || !client_put(client, line)) {
        server->watch_dropped++;
    }
    cJSON_free(line);
    client_flush(client);
}

static void client_accept(control_server_t *server)
{
    const int fd = accept4(server->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        return;
    }
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        if (server->client[i].fd < 0) {
            server->client[i].fd = fd;
            return;
        }
    }
    static const char full[] = "{\"error\":\"too many control connections\"}\n";
    server->refused++;
    (void)!send(fd, full, sizeof full - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    close(fd);
}

/* ---- as a service of the loop ---- */

static short client_events(const control_client_t *client)
{
    const bool reads = !client->ended && client_has_room(client) && client->in_length < CONTROL_LINE_SIZE;
    return (short)((reads ? POLLIN : 0) | (client->out_length > 0 ? POLLOUT : 0));
}

static size_t service_fds(void *ctx, struct pollfd *to, size_t room)
{
    const control_server_t *server = ctx;
    size_t count = 0;
    if (room > 0 && server->fd >= 0) {
        to[count++] = (struct pollfd){.fd = server->fd, .events = POLLIN};
    }
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX && count < room; i++) {
        if (server->client[i].fd >= 0) {
            to[count++] = (struct pollfd){.fd = server->client[i].fd, .events = client_events(&server->client[i])};
        }
    }
    return count;
}

static control_client_t *client_of(control_server_t *server, int fd)
{
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        if (server->client[i].fd == fd) {
            return &server->client[i];
        }
    }
    return NULL;
}

static void client_ready(control_server_t *server, control_client_t *client, short revents)
{
    if ((revents & POLLOUT) != 0) {
        client_flush(client);
        if (client->fd >= 0) {
            client_answer(server, client); /* those that waited for room */
        }
    }
    if (client->fd >= 0 && (revents & POLLIN) != 0 && client->in_length < CONTROL_LINE_SIZE) {
        client_read(server, client);
    } else if (client->fd >= 0 && (revents & (POLLHUP | POLLERR)) != 0) {
        client_drop(client);
    }
}

static void service_ready(void *ctx, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    control_server_t *server = ctx;
    server->now_ms = now_ms;
    for (size_t i = 0; i < count; i++) {
        control_client_t *client = fds[i].revents == 0 ? NULL : client_of(server, fds[i].fd);
        if (client != NULL) {
            client_ready(server, client, fds[i].revents);
        }
    }
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        client_watch(server, &server->client[i]);
    }
    if (count > 0 && fds[0].fd == server->fd && (fds[0].revents & POLLIN) != 0) {
        client_accept(server);
    }
}

static int64_t service_deadline(void *ctx)
{
    const control_server_t *server = ctx;
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        const control_client_t *client = &server->client[i];
        if (client->fd >= 0 && client->watch.ms > 0 && client->watch_at_ms < first) {
            first = client->watch_at_ms;
        }
    }
    return first;
}

port_service_t control_server_service(control_server_t *server)
{
    return (port_service_t){.ctx = server, .fds = service_fds, .ready = service_ready, .deadline_ms = service_deadline};
}

void control_server_nudge(control_server_t *server)
{
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        server->client[i].watch_at_ms = 0;
    }
}

/* ---- life ---- */

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

bool control_server_open(control_server_t *server, const char *path, const control_table_t *table)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    memset(server, 0, sizeof *server);
    server->fd = -1;
    server->table = *table;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        server->client[i].fd = -1;
    }
    if (strlen(path) >= sizeof name.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(name.sun_path, path, strlen(path));
    remove_if_dead(&name);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const mode_t mask = umask(0117);
    const bool open = fd >= 0 && bind(fd, (const struct sockaddr *)&name, sizeof name) == 0 && listen(fd, 4) == 0;
    const int why = errno;
    umask(mask);
    if (!open) {
        if (fd >= 0) {
            close(fd);
        }
        errno = why;
        return false;
    }
    server->fd = fd;
    memcpy(server->path, name.sun_path, sizeof server->path);
    return true;
}

void control_server_close(control_server_t *server)
{
    if (server->fd < 0) {
        return;
    }
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        if (server->client[i].fd >= 0) {
            client_flush(&server->client[i]);
        }
        if (server->client[i].fd >= 0) {
            client_drop(&server->client[i]);
        }
    }
    close(server->fd);
    (void)unlink(server->path);
    server->fd = -1;
}
