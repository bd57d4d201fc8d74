/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/tls_worker.h"

#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/assert.h"
#include "ports/linux/clock.h"

enum {
    STACK_SIZE = 512 * 1024, /* the guard locks memory, this thread's stack with it: eight megabytes would be a waste */
    NICE = 5                 /* behind the loop, and far behind the guard */
};

static void run_step(tls_worker_t *worker)
{
    tls_task_t *const task = worker->queue[0];
    worker->count--;
    for (size_t i = 0; i < worker->count; i++) {
        worker->queue[i] = worker->queue[i + 1];
    }
    task->state = TLS_TASK_RUNNING;
    pthread_mutex_unlock(&worker->mutex);
    const tls_result_t result = tls_link_step(&task->link, clock_now_ms());
    pthread_mutex_lock(&worker->mutex);
    task->result = result;
    task->state = TLS_TASK_DONE;
    (void)!eventfd_write(worker->done_fd, 1);
}

static void *run(void *ctx)
{
    tls_worker_t *const worker = ctx;
    (void)setpriority(PRIO_PROCESS, 0, NICE); /* of this thread; a wish */
    pthread_mutex_lock(&worker->mutex);
    while (!worker->stop) {
        if (worker->count > 0) {
            run_step(worker);
        } else {
            pthread_cond_wait(&worker->wake, &worker->mutex);
        }
    }
    pthread_mutex_unlock(&worker->mutex);
    return NULL;
}

/* Signals are for the thread of the loop. */
static bool thread_create(tls_worker_t *worker)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    sigfillset(&all);
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const bool created = pthread_create(&worker->thread, &attributes, run, worker) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
    return created;
}

bool tls_worker_start(tls_worker_t *worker)
{
    memset(worker, 0, sizeof *worker);
    worker->done_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (worker->done_fd < 0) {
        return false;
    }
    pthread_mutex_init(&worker->mutex, NULL);
    pthread_cond_init(&worker->wake, NULL);
    worker->runs = thread_create(worker);
    if (!worker->runs) {
        close(worker->done_fd);
    }
    return worker->runs;
}

void tls_worker_stop(tls_worker_t *worker)
{
    if (!worker->runs) {
        return;
    }
    pthread_mutex_lock(&worker->mutex);
    worker->stop = true;
    pthread_cond_signal(&worker->wake);
    pthread_mutex_unlock(&worker->mutex);
    pthread_join(worker->thread, NULL);
    while (worker->count > 0) {
        worker->queue[--worker->count]->state = TLS_TASK_IDLE;
    }
    pthread_mutex_destroy(&worker->mutex);
    pthread_cond_destroy(&worker->wake);
    close(worker->done_fd);
    worker->runs = false;
}

void tls_worker_put(tls_worker_t *worker, tls_task_t *task)
{
    pthread_mutex_lock(&worker->mutex);
    CCS_ASSERT(task->state == TLS_TASK_IDLE && worker->count < TLS_WORKER_QUEUE);
    task->state = TLS_TASK_WAITING;
    worker->queue[worker->count++] = task;
    pthread_cond_signal(&worker->wake);
    pthread_mutex_unlock(&worker->mutex);
}

static void take_out(tls_worker_t *worker, const tls_task_t *task)
{
    size_t kept = 0;
    for (size_t i = 0; i < worker->count; i++) {
        if (worker->queue[i] != task) {
            worker->queue[kept++] = worker->queue[i];
        }
    }
    worker->count = kept;
}

void tls_worker_withdraw(tls_worker_t *worker, tls_task_t *task)
{
    pthread_mutex_lock(&worker->mutex);
    if (task->state == TLS_TASK_WAITING) {
        take_out(worker, task);
        task->state = TLS_TASK_IDLE;
    }
    pthread_mutex_unlock(&worker->mutex);
}

tls_task_state_t tls_worker_state(tls_worker_t *worker, const tls_task_t *task)
{
    pthread_mutex_lock(&worker->mutex);
    const tls_task_state_t state = task->state;
    pthread_mutex_unlock(&worker->mutex);
    return state;
}

void tls_worker_heard(tls_worker_t *worker)
{
    eventfd_t count;
    (void)!eventfd_read(worker->done_fd, &count);
}
