/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/sink.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int file_open(const char *path)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
}

bool sink_open(sink_t *sink, const char *path)
{
    *sink = (sink_t){.fd = file_open(path)};
    snprintf(sink->path, sizeof sink->path, "%s", path);
    return sink->fd >= 0;
}

void sink_bound(sink_t *sink, uint64_t octets_max, unsigned older)
{
    struct stat facts;
    if (fstat(sink->fd, &facts) == 0 && S_ISREG(facts.st_mode)) {
        sink->octets = (uint64_t)facts.st_size;
        sink->octets_max = octets_max;
        sink->older = older;
    }
}

static void older_name(const sink_t *sink, unsigned number, char *name, size_t size)
{
    snprintf(name, size, number == 0 ? "%s" : "%s.%u", sink->path, number);
}

static bool make_way(const sink_t *sink)
{
    char from[SINK_PATH_SIZE + 16], to[SINK_PATH_SIZE + 16];
    for (unsigned number = sink->older; number > 0; number--) {
        older_name(sink, number - 1, from, sizeof from);
        older_name(sink, number, to, sizeof to);
        if (rename(from, to) != 0 && number == 1) {
            return false;
        }
    }
    return sink->older > 0;
}

static void begin_anew(sink_t *sink)
{
    const int fd = make_way(sink) ? file_open(sink->path) : -1;
    if (fd >= 0) {
        close(sink->fd);
        sink->fd = fd;
    } else {
        (void)!ftruncate(sink->fd, 0);
    }
    sink->octets = 0;
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
    if (sink->octets_max > 0 && sink->octets + length > sink->octets_max) {
        begin_anew(sink);
    }
    const ssize_t written = write(sink->fd, line, length);
    sink->octets += written > 0 ? (size_t)written : 0;
}
