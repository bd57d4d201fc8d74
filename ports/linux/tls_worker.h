/* The thread of one outlet, or one car, that does the curve arithmetic of handshakes: with a key in a slow token, or with P-521 on
 * a small machine, that is seconds, and guard, modem, IP and SECC go on beside it.
 *
 * A step of a link is put in, and comes back with its result. While the worker has it, nobody else touches that link. The queue has
 * room for every link there can be. One thread puts and takes back; the worker is a second one.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_TLS_WORKER_H
#define CCS_LINUX_TLS_WORKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "ports/tls/tls.h"

enum { TLS_WORKER_QUEUE = CCS_LINKS + 1 };

typedef enum tls_task_state {
    TLS_TASK_IDLE,    /* its owner's */
    TLS_TASK_WAITING, /* in the queue */
    TLS_TASK_RUNNING, /* the worker's */
    TLS_TASK_DONE     /* its owner's again, with a result */
} tls_task_state_t;

typedef struct tls_task {
    tls_link_t link;
    tls_task_state_t state; /* under the worker's mutex */
    tls_result_t result;
} tls_task_t;

typedef struct tls_worker {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    tls_task_t *queue[TLS_WORKER_QUEUE];
    size_t count;
    int done_fd; /* readable: something is done */
    bool runs, stop;
} tls_worker_t;

/* False: no thread, or no descriptor, is to be had. */
bool tls_worker_start(tls_worker_t *worker);

/* Waits for the step that runs; what was not begun comes back undone. May be called without a start, and twice. */
void tls_worker_stop(tls_worker_t *worker);

/* One step of an idle task's link, as soon as those before it are through. */
void tls_worker_put(tls_worker_t *worker, tls_task_t *task);

/* Not wanted any more: one that waits is idle at once. */
void tls_worker_withdraw(tls_worker_t *worker, tls_task_t *task);

tls_task_state_t tls_worker_state(tls_worker_t *worker, const tls_task_t *task);

/* What is done is known by the state of each task; this quiets done_fd. */
void tls_worker_heard(tls_worker_t *worker);

#endif
