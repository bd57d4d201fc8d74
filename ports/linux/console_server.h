/* The serial console at a Unix stream socket, for one user at a time, as a UART has one: whoever comes second is told so.
 *
 * The socket is its owner's alone (0600). A user who does not read is dropped, who says nothing for a while is as well.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_CONSOLE_SERVER_H
#define CCS_LINUX_CONSOLE_SERVER_H

#include "ports/common/console/console.h"
#include "ports/linux/loop.h"

enum { CONSOLE_OUT_SIZE = 65536, CONSOLE_IDLE_MS = 600000 };

typedef struct console_server {
    int fd;     /* -1: not open */
    int client; /* -1: nobody */
    char path[108];
    console_t *console;
    char out[CONSOLE_OUT_SIZE];
    size_t out_length;
    bool overrun; /* the user does not read */
    int64_t heard_ms;
} console_server_t;

/* A stale socket file of a dead process is replaced. console: its print and ctx are set here. false: errno says why. */
bool console_server_open(console_server_t *server, const char *path, console_t *console, const console_config_t *config);
void console_server_close(console_server_t *server);
loop_service_t console_server_service(console_server_t *server);

#endif
