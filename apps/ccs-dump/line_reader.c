/* SPDX-License-Identifier: Apache-2.0 */
#include "line_reader.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

line_reader_t line_reader(int fd)
{
    return (line_reader_t){.fd = fd};
}

static char *line_end(const line_reader_t *reader)
{
    return reader->begin == reader->end ? NULL : memchr(reader->buffer + reader->begin, '\n', reader->end - reader->begin);
}

/* Moves what is unread to the front and makes sure that there is room behind it. */
static bool make_room(line_reader_t *reader)
{
    if (reader->begin > 0) {
        reader->end -= reader->begin;
        memmove(reader->buffer, reader->buffer + reader->begin, reader->end);
        reader->begin = 0;
    }
    if (reader->end < reader->size) {
        return true;
    }
    const size_t size = reader->size ? reader->size * 2 : 65536;
    char *const grown = realloc(reader->buffer, size);
    if (!grown) {
        return false;
    }
    reader->buffer = grown;
    reader->size = size;
    return true;
}

static void fill(line_reader_t *reader)
{
    if (!make_room(reader)) {
        reader->failed = true;
        return;
    }
    const ssize_t got = read(reader->fd, reader->buffer + reader->end, reader->size - reader->end);
    if (got > 0) {
        reader->end += (size_t)got;
    } else if (got == 0) {
        reader->at_end = true;
    } else if (errno != EINTR) {
        reader->failed = true;
    }
}

bool line_next(line_reader_t *reader, ccs_view_t *line)
{
    char *end = line_end(reader);
    while (!end && !reader->at_end && !reader->failed) {
        fill(reader);
        end = line_end(reader);
    }
    if (reader->failed || (!end && reader->begin == reader->end)) {
        return false;
    }
    const size_t length = end ? (size_t)(end - (reader->buffer + reader->begin)) : reader->end - reader->begin;
    *line = (ccs_view_t){(const uint8_t *)reader->buffer + reader->begin, length};
    reader->begin += length + (end ? 1 : 0);
    return true;
}

bool line_must_wait(const line_reader_t *reader)
{
    if (line_end(reader) || reader->at_end || reader->failed) {
        return false;
    }
    struct pollfd input = {.fd = reader->fd, .events = POLLIN};
    return poll(&input, 1, 0) == 0;
}

void line_reader_free(line_reader_t *reader)
{
    free(reader->buffer);
    reader->buffer = NULL;
}
