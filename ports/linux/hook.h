/* A program of the operator's that fetches what the charger cannot: `PROGRAM ocsp` with an OCSP request at its standard input; the
 * response comes from its standard output, and it ends with 0.
 *
 * One at a time, never waited for: others queue. One that takes too long, or writes more than any response has, is killed. Its
 * environment tells CCS_OCSP_URI and CCS_CERTIFICATE; it gets no descriptor of ours.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_HOOK_H
#define CCS_LINUX_HOOK_H

#include "ports/common/store/upkeep.h"
#include "ports/linux/loop.h"

#include <sys/types.h>

enum { HOOK_PATH_SIZE = 256, HOOK_URI_SIZE = 256, HOOK_JOBS = UPKEEP_ITEMS, HOOK_MS = 60000, HOOK_RESPONSE_MAX = STORE_RECORD_MAX };

typedef struct hook_job {
    uint32_t id;
    size_t length;
    uint8_t request[UPKEEP_REQUEST_MAX];
    char uri[HOOK_URI_SIZE], name[UPKEEP_NAME_SIZE];
} hook_job_t;

typedef struct hook {
    char path[HOOK_PATH_SIZE];
    hook_job_t job[HOOK_JOBS]; /* the first one is being worked at, if pid is not 0 */
    size_t jobs;
    pid_t pid;
    int in, out; /* pipes; -1: none */
    size_t sent;
    uint8_t response[HOOK_RESPONSE_MAX + 1];
    size_t length;
    bool killed;
    int64_t until_ms, look_ms, now_ms;
    void *ctx;
    /* length 0: it failed. */
    void (*done)(void *ctx, uint32_t id, ccs_view_t response, int64_t now_ms);
} hook_t;

void hook_init(hook_t *hook, const char *path, void (*done)(void *ctx, uint32_t id, ccs_view_t response, int64_t now_ms),
               void *ctx);

/* Copied. False: too many wait. */
bool hook_ask(hook_t *hook, const upkeep_job_t *job);
void hook_forget(hook_t *hook, uint32_t id); /* of those that wait; not the one that runs */
void hook_close(hook_t *hook);               /* what runs is killed */
loop_service_t hook_service(hook_t *hook);

#endif
