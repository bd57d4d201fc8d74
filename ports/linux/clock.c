/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/clock.h"

#include <sys/random.h>
#include <time.h>

static const int64_t utc_s_plausible = 1577836800; /* 2020-01-01: before that the clock was not set */

static struct timespec clock_read(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now;
}

int64_t clock_now_ms(void)
{
    const struct timespec now = clock_read(CLOCK_MONOTONIC);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_utc_s(void)
{
    const struct timespec now = clock_read(CLOCK_REALTIME);
    return now.tv_sec < utc_s_plausible ? 0 : (int64_t)now.tv_sec;
}

int64_t clock_utc_us(void)
{
    const struct timespec now = clock_read(CLOCK_REALTIME);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

bool clock_random(void *to, size_t length)
{
    return length <= 256 && getrandom(to, length, 0) == (ssize_t)length;
}
