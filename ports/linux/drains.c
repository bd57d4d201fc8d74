/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/drains.h"

#include <unistd.h>

#include "ports/linux/sockets.h"

void drains_init(drains_t *drains)
{
    for (size_t i = 0; i < DRAINS_MAX; i++) {
        drains->fd[i] = -1;
    }
}

void drains_add(drains_t *drains, int fd, int64_t by_ms)
{
    for (size_t i = 0; i < DRAINS_MAX; i++) {
        if (drains->fd[i] < 0) {
            drains->fd[i] = fd;
            drains->by_ms[i] = by_ms;
            return;
        }
    }
    socket_abort(fd);
}

void drains_read(drains_t *drains, size_t index)
{
    uint8_t nowhere[512];
    for (int reads = 0; reads < 8; reads++) { /* bounded: a peer that keeps sending must not hold the loop */
        const ssize_t length = read(drains->fd[index], nowhere, sizeof nowhere);
        if (length < 0 && socket_would_block()) {
            return;
        }
        if (length <= 0) {
            close(drains->fd[index]);
            drains->fd[index] = -1;
            return;
        }
    }
}

int64_t drains_deadline_ms(const drains_t *drains)
{
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < DRAINS_MAX; i++) {
        if (drains->fd[i] >= 0 && drains->by_ms[i] < first) {
            first = drains->by_ms[i];
        }
    }
    return first;
}

void drains_overdue(drains_t *drains, int64_t now_ms)
{
    for (size_t i = 0; i < DRAINS_MAX; i++) {
        if (drains->fd[i] >= 0 && now_ms >= drains->by_ms[i]) {
            socket_abort(drains->fd[i]);
            drains->fd[i] = -1;
        }
    }
}

size_t drains_alive(const drains_t *drains)
{
    size_t alive = 0;
    for (size_t i = 0; i < DRAINS_MAX; i++) {
        alive += drains->fd[i] >= 0;
    }
    return alive;
}
