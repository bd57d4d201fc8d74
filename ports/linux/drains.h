/* Connections that are over for us: the last octets and our FIN go out, what still comes is read and dropped, until the peer's FIN
 * or a deadline. Closed at once they would answer what is under way with RST, and the peer would lose our last message.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_DRAINS_H
#define CCS_LINUX_DRAINS_H

#include <stddef.h>
#include <stdint.h>

enum { DRAINS_MAX = 8 };

typedef struct drains {
    int fd[DRAINS_MAX]; /* -1: free; others are to be polled for input */
    int64_t by_ms[DRAINS_MAX];
} drains_t;

void drains_init(drains_t *drains);

/* Owns fd from here on. With no place left the connection is aborted: so many at once are nobody's car. */
void drains_add(drains_t *drains, int fd, int64_t by_ms);

/* The one at index has input. */
void drains_read(drains_t *drains, size_t index);

/* The first deadline; INT64_MAX: none. */
int64_t drains_deadline_ms(const drains_t *drains);

/* Aborts those whose time is over; with INT64_MAX all of them. */
void drains_overdue(drains_t *drains, int64_t now_ms);

size_t drains_alive(const drains_t *drains);

#endif
