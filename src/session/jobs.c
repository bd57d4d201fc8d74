/* SPDX-License-Identifier: Apache-2.0 */
#include "session/jobs.h"

#include "base/assert.h"

#include <string.h>

void jobs_at(session_jobs_t *jobs, ccs_outputs_t *out)
{
    jobs->out = out;
}

static ccs_action_t *new_action(session_jobs_t *jobs)
{
    CCS_ASSERT(jobs->out->count < CCS_ACTIONS_MAX);
    ccs_action_t *const action = &jobs->out->action[jobs->out->count++];
    *action = (ccs_action_t){0};
    return action;
}

void jobs_ask(session_jobs_t *jobs, ccs_need_t need, ccs_view_t part, int64_t by_ms)
{
    session_job_t *const job = &jobs->job[need];
    if (job->id != 0) {
        return;
    }
    *job = (session_job_t){.id = ++jobs->last_id, .open = true};
    ccs_action_t *const action = new_action(jobs);
    action->type = CCS_JOB;
    action->job = (ccs_job_t){.id = job->id, .need = need, .by_ms = by_ms, .part = {part}};
}

const session_job_t *jobs_get(const session_jobs_t *jobs, ccs_need_t need)
{
    return &jobs->job[need];
}

static session_job_t *find_open(session_jobs_t *jobs, uint32_t id)
{
    for (size_t i = 0; i < JOBS_NEEDS; i++) {
        if (jobs->job[i].open && jobs->job[i].id == id) {
            return &jobs->job[i];
        }
    }
    return NULL;
}

void jobs_answer(session_jobs_t *jobs, const ccs_answer_t *answer)
{
    session_job_t *const job = find_open(jobs, answer->id);
    if (!job) {
        jobs->dead++;
        return;
    }
    job->answered = true;
    job->verdict = answer->verdict;
    job->open = answer->verdict == CCS_NOT_YET;
    job->length = 0;
    if (answer->data.length > 0 && answer->data.length <= JOBS_DATA_SIZE) {
        memcpy(job->data, answer->data.at, answer->data.length);
        job->length = (uint8_t)answer->data.length;
    }
}

void jobs_forget(session_jobs_t *jobs, ccs_need_t need)
{
    session_job_t *const job = &jobs->job[need];
    if (job->open) {
        ccs_action_t *const action = new_action(jobs);
        action->type = CCS_CANCEL;
        action->cancel = job->id;
    }
    *job = (session_job_t){0};
}

void jobs_forget_session(session_jobs_t *jobs)
{
    for (size_t need = 0; need < JOBS_NEEDS; need++) {
        if (need != CCS_NEED_KEY) {
            jobs_forget(jobs, (ccs_need_t)need);
        }
    }
}
