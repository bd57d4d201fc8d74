/* One poll() for everything that a program waits for: a list of services, each with its file descriptors and its deadline.
 *
 * One thread. In each turn every service is asked for its descriptors and its deadline, poll() waits, and every service gets its
 * turn once, in the order in which they were added: a flood at one costs the others nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_LOOP_H
#define CCS_LINUX_LOOP_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

enum { LOOP_SERVICES_MAX = 80, LOOP_FDS_MAX = 288 };

/* All calls come from loop_turn(), in its thread. */
typedef struct loop_service {
    void *ctx;
    size_t (*fds)(void *ctx, struct pollfd *to, size_t room);                         /* what to poll for; may be NULL */
    void (*ready)(void *ctx, const struct pollfd *fds, size_t count, int64_t now_ms); /* after every poll, with the same fds */
    int64_t (*deadline_ms)(void *ctx); /* INT64_MAX: none; the past: at once; may be NULL */
} loop_service_t;

typedef struct loop {
    loop_service_t service[LOOP_SERVICES_MAX];
    size_t services;
    struct pollfd fds[LOOP_FDS_MAX];
    size_t first[LOOP_SERVICES_MAX + 1]; /* of each service's descriptors in the present turn */
} loop_t;

void loop_init(loop_t *loop);
void loop_add(loop_t *loop, const loop_service_t *service);

/* Waits until until_ms at the latest, then serves everybody once. */
void loop_turn(loop_t *loop, int64_t until_ms);

#endif
