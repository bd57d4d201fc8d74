/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/sink.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

bool sink_open(sink_t *sink, const char *path)
{
    *sink = (sink_t){.fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640)};
    return sink->fd >= 0;
}

/* A pipe or terminal that reports POLLOUT takes at least a page without waiting (POSIX PIPE_BUF). */
static bool would_wait(int fd)
{
    struct pollfd ask = {.fd = fd, .events = POLLOUT};
    return poll(&ask, 1, 0) != 1 || (ask.revents & POLLOUT) == 0;
}

void sink_write(void *ctx, const char *line, size_t length)
{
    sink_t *sink = ctx;
    char note[64];
    if (would_wait(sink->fd)) {
        sink->dropped++;
        sink->dropped_now++;
        return;
    }
    if (sink->dropped_now > 0) {
        const int size = snprintf(note, sizeof note, "(%u lines lost: the reader was too slow)\n", sink->dropped_now);
        sink->dropped_now = 0;
        (void)!write(sink->fd, note, (size_t)size);
    }
    (void)!write(sink->fd, line, length);
}
