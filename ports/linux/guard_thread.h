/* The guard in a thread of its own: every 10 ms by an absolute timer, and at once when the want changes.
 *
 * Want and report cross in latest-value mailboxes: neither thread ever waits for the other. A communication that hangs or dies
 * stops renewing the lease, and the guard ends the charge by itself.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_GUARD_THREAD_H
#define CCS_LINUX_GUARD_THREAD_H

#include <pthread.h>
#include <stdatomic.h>

#include "ccs/guard.h"
#include "ccs/hal.h"
#include "ports/common/mailbox/mailbox.h"
#include "ports/linux/port.h"

enum { GUARD_THREAD_TICK_MS = 10, GUARD_THREAD_PRIORITY = 50 };

/* One turn of the guard, whole: what it says and what it drives. */
typedef struct guard_image {
    ccs_report_t report;
    ccs_drive_t drive;
} guard_image_t;

typedef struct guard_thread {
    ccs_guard_t guard;
    ccs_hal_t hal;
    CCS_MAILBOX(ccs_want_t) want;
    CCS_MAILBOX(guard_image_t) image;
    ccs_want_t last_want; /* of the communication thread */
    int tick_fd, want_fd, report_fd;
    atomic_bool stop, service_reset;
    bool running, real_time, locked_memory;
    pthread_t thread;
    void (*taken)(void *ctx, const guard_image_t *image); /* communication thread, for each report */
    void *taken_ctx;
    port_t *port;
} guard_thread_t;

/* Starts the thread. Reports go to the port as CCS_ON_REPORT and to taken(). CONFIG: the guard refuses its configuration. IO: the
 * system refused. real_time and locked_memory tell afterwards whether the thread has a deadline's priority and its pages. */
CCS_MUST_USE ccs_err_t guard_thread_start(guard_thread_t *thread, const ccs_guard_config_t *config, const ccs_hal_t *hal,
                                          port_t *port);

/* The newest want. Never waits. */
void guard_thread_want(guard_thread_t *thread, const ccs_want_t *want);

void guard_thread_service_reset(guard_thread_t *thread);

/* Ends the thread; its last act is a drive that opens everything and keeps the lock. */
void guard_thread_stop(guard_thread_t *thread);

port_service_t guard_thread_service(guard_thread_t *thread);

#endif
