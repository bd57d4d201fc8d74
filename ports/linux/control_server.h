/* The control socket: a Unix stream socket, a few clients, never blocking.
 *
 * A client that does not read is not waited for: its answers queue up to CONTROL_OUT_SIZE, then its watch lines are dropped (the
 * next one says all) and its commands stay unread; nothing of it costs the charger anything.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_CONTROL_SERVER_H
#define CCS_LINUX_CONTROL_SERVER_H

#include "ports/common/control/control.h"
#include "ports/linux/port.h"

enum { CONTROL_CLIENTS_MAX = 8, CONTROL_OUT_SIZE = 32768, CONTROL_WATCH_MS_MIN = 20 };

typedef struct control_client {
    int fd;     /* -1: free */
    bool skip;  /* inside a line that was too long: skip to its end */
    bool ended; /* no more input; goes when its answers are out */
    char in[CONTROL_LINE_SIZE];
    size_t in_length;
    char out[CONTROL_OUT_SIZE];
    size_t out_length;
    control_watch_t watch;
    int64_t watch_at_ms;
} control_client_t;

typedef struct control_server {
    int fd;
    char path[108];
    control_table_t table;
    control_client_t client[CONTROL_CLIENTS_MAX];
    uint32_t lines, watch_dropped, refused;
    int64_t now_ms;
} control_server_t;

/* Makes the socket, readable and writable by owner and group. A stale socket file of a dead process is replaced; a living one is
 * left alone. false: errno says why. */
bool control_server_open(control_server_t *server, const char *path, const control_table_t *table);
void control_server_close(control_server_t *server);

/* Gives every watcher a status line now, because something changed that a person wants to see at once. */
void control_server_nudge(control_server_t *server);

port_service_t control_server_service(control_server_t *server);

#endif
