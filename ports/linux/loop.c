/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/loop.h"

#include "base/assert.h"
#include "ports/linux/clock.h"

enum { POLL_MS_MAX = 60000 };

void loop_init(loop_t *loop)
{
    loop->services = 0;
}

void loop_add(loop_t *loop, const loop_service_t *service)
{
    CCS_ASSERT(loop->services < LOOP_SERVICES_MAX);
    loop->service[loop->services++] = *service;
}

static void gather(loop_t *loop)
{
    size_t count = 0;
    for (size_t i = 0; i < loop->services; i++) {
        const loop_service_t *service = &loop->service[i];
        loop->first[i] = count;
        if (service->fds != NULL) {
            count += service->fds(service->ctx, loop->fds + count, LOOP_FDS_MAX - count);
        }
    }
    loop->first[loop->services] = count;
}

static int64_t deadline(const loop_t *loop, int64_t until_ms)
{
    int64_t first = until_ms;
    for (size_t i = 0; i < loop->services; i++) {
        const loop_service_t *service = &loop->service[i];
        const int64_t own_ms = service->deadline_ms == NULL ? INT64_MAX : service->deadline_ms(service->ctx);
        first = own_ms < first ? own_ms : first;
    }
    return first;
}

static int timeout(int64_t until_ms)
{
    const int64_t left_ms = until_ms - clock_now_ms();
    return left_ms <= 0 ? 0 : left_ms > POLL_MS_MAX ? POLL_MS_MAX : (int)left_ms;
}

void loop_turn(loop_t *loop, int64_t until_ms)
{
    gather(loop);
    const size_t count = loop->first[loop->services];
    if (poll(loop->fds, (nfds_t)count, timeout(deadline(loop, until_ms))) < 0) {
        for (size_t i = 0; i < count; i++) {
            loop->fds[i].revents = 0; /* EINTR */
        }
    }
    for (size_t i = 0; i < loop->services; i++) {
        const loop_service_t *service = &loop->service[i];
        service->ready(service->ctx, loop->fds + loop->first[i], loop->first[i + 1] - loop->first[i], clock_now_ms());
    }
}
