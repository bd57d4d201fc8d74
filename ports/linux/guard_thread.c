/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/guard_thread.h"

#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "ports/linux/clock.h"

static void event_raise(int fd)
{
    const uint64_t one = 1;
    (void)!write(fd, &one, sizeof one);
}

static void event_clear(int fd)
{
    uint64_t count;
    (void)!read(fd, &count, sizeof count);
}

/* ---- the guard's side ---- */

static void turn(guard_thread_t *thread)
{
    ccs_sample_t sample;
    ccs_want_t want;
    guard_image_t image;
    const int64_t now_ms = clock_now_ms();
    if (atomic_exchange(&thread->service_reset, false)) {
        ccs_guard_service_reset(&thread->guard);
    }
    (void)mailbox_get(&thread->want.box, &want);
    thread->hal.sample(thread->hal.ctx, now_ms, &sample);
    ccs_guard_step(&thread->guard, now_ms, &sample, &want, &image.drive, &image.report);
    thread->hal.apply(thread->hal.ctx, now_ms, &image.drive);
    mailbox_put(&thread->image.box, &image);
    event_raise(thread->report_fd);
}

/* Whatever was driven before: off, open. The lock stays as it is safest: closed. */
static void drive_safe(guard_thread_t *thread)
{
    const int64_t now_ms = clock_now_ms();
    const ccs_drive_t safe = {.valid_until_ms = now_ms, .phase = CCS_PHASE_OFF, .pilot = CCS_PILOT_NEGATIVE, .lock = true};
    thread->hal.apply(thread->hal.ctx, now_ms, &safe);
}

static void *run(void *ctx)
{
    guard_thread_t *thread = ctx;
    struct pollfd fds[] = {{.fd = thread->tick_fd, .events = POLLIN}, {.fd = thread->want_fd, .events = POLLIN}};
    while (!atomic_load(&thread->stop)) {
        (void)poll(fds, 2, GUARD_THREAD_TICK_MS);
        event_clear(thread->tick_fd);
        event_clear(thread->want_fd);
        turn(thread);
    }
    drive_safe(thread);
    return NULL;
}

/* ---- the communication's side ---- */

/* The lease alone does not hurry: the next tick brings it early enough. */
static bool want_same(const ccs_want_t *a, const ccs_want_t *b)
{
    return a->phase == b->phase && a->target_mV == b->target_mV && a->target_mA == b->target_mA && a->car_mV_max == b->car_mV_max &&
           a->car_mA_max == b->car_mA_max && a->offer_mA_max == b->offer_mA_max && a->offer_W_max == b->offer_W_max &&
           a->pilot == b->pilot && a->lock == b->lock && a->at_once == b->at_once;
}

void guard_thread_want(guard_thread_t *thread, const ccs_want_t *want)
{
    const bool hurry = !want_same(want, &thread->last_want);
    thread->last_want = *want;
    mailbox_put(&thread->want.box, want);
    if (hurry) {
        event_raise(thread->want_fd);
    }
}

void guard_thread_service_reset(guard_thread_t *thread)
{
    atomic_store(&thread->service_reset, true);
    event_raise(thread->want_fd);
}

static size_t service_fds(void *ctx, struct pollfd *to, size_t room)
{
    const guard_thread_t *thread = ctx;
    if (room == 0) {
        return 0;
    }
    to[0] = (struct pollfd){.fd = thread->report_fd, .events = POLLIN};
    return 1;
}

static void service_ready(void *ctx, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    guard_thread_t *thread = ctx;
    guard_image_t image;
    (void)now_ms;
    if (count == 0 || (fds[0].revents & POLLIN) == 0) {
        return;
    }
    event_clear(thread->report_fd);
    (void)mailbox_get(&thread->image.box, &image);
    port_post_report(thread->port, &image.report);
    if (thread->taken != NULL) {
        thread->taken(thread->taken_ctx, &image);
    }
}

port_service_t guard_thread_service(guard_thread_t *thread)
{
    return (port_service_t){.ctx = thread, .fds = service_fds, .ready = service_ready};
}

/* ---- life ---- */

static bool timers_open(guard_thread_t *thread)
{
    struct itimerspec tick = {.it_interval = {.tv_nsec = GUARD_THREAD_TICK_MS * 1000000L}};
    thread->tick_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    thread->want_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    thread->report_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    clock_gettime(CLOCK_MONOTONIC, &tick.it_value);
    return thread->tick_fd >= 0 && thread->want_fd >= 0 && thread->report_fd >= 0 &&
           timerfd_settime(thread->tick_fd, TFD_TIMER_ABSTIME, &tick, NULL) == 0;
}

/* Both are wishes: without the right to them the guard still measures its own lateness and ends a charge by it. */
static void priority_ask(guard_thread_t *thread)
{
    const struct sched_param priority = {.sched_priority = GUARD_THREAD_PRIORITY};
    thread->real_time = pthread_setschedparam(thread->thread, SCHED_FIFO, &priority) == 0;
    thread->locked_memory = mlockall(MCL_CURRENT | MCL_FUTURE) == 0;
}

ccs_err_t guard_thread_start(guard_thread_t *thread, const ccs_guard_config_t *config, const ccs_hal_t *hal, port_t *port)
{
    static const guard_image_t nothing = {.report = {.at_ms = -1}};
    memset(thread, 0, sizeof *thread);
    thread->hal = *hal;
    thread->port = port;
    mailbox_init(&thread->want.box, thread->want.slot, sizeof thread->last_want, &thread->last_want); /* all zero: OFF */
    mailbox_init(&thread->image.box, thread->image.slot, sizeof nothing, &nothing);
    CCS_TRY(ccs_guard_init(&thread->guard, config, clock_now_ms()));
    if (!timers_open(thread) || pthread_create(&thread->thread, NULL, run, thread) != 0) {
        return CCS_ERR_IO;
    }
    thread->running = true;
    priority_ask(thread);
    return CCS_OK;
}

void guard_thread_stop(guard_thread_t *thread)
{
    if (!thread->running) {
        return;
    }
    atomic_store(&thread->stop, true);
    event_raise(thread->want_fd);
    pthread_join(thread->thread, NULL);
    thread->running = false;
    close(thread->tick_fd);
    close(thread->want_fd);
    close(thread->report_fd);
}
