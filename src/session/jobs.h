/* Slow work asked of the port: who asked, what came back.
 *
 * One slot per need. An id is used once in the life of an instance; an answer with another id is dead: counted and dropped.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SESSION_JOBS_H
#define CCS_SESSION_JOBS_H

#include "ccs/event.h"
#include "ccs/secc.h"

enum { JOBS_NEEDS = CCS_NEED_KEY + 1, JOBS_DATA_SIZE = 16 };

typedef struct session_job {
    uint32_t id; /* 0: not asked */
    bool open;   /* an answer may still come */
    bool answered;
    ccs_verdict_t verdict;
    uint8_t length;
    uint8_t data[JOBS_DATA_SIZE]; /* a copy: RANDOM */
} session_job_t;

typedef struct session_jobs {
    session_job_t job[JOBS_NEEDS];
    uint32_t last_id;
    uint32_t dead;      /* answers that nobody waits for */
    ccs_outputs_t *out; /* of the running step */
} session_jobs_t;

void jobs_at(session_jobs_t *jobs, ccs_outputs_t *out);

/* Asks, unless it was asked already. part: lives until ANSWER or CANCEL. */
void jobs_ask(session_jobs_t *jobs, ccs_need_t need, ccs_view_t part, int64_t by_ms);

/* What is known now; answered is false until then. */
const session_job_t *jobs_get(const session_jobs_t *jobs, ccs_need_t need);

void jobs_answer(session_jobs_t *jobs, const ccs_answer_t *answer);
void jobs_forget(session_jobs_t *jobs, ccs_need_t need); /* cancels it if it is open */
void jobs_forget_session(session_jobs_t *jobs);          /* all but KEY: that one is of the outlet, for the match to come */

#endif
