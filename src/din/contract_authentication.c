/* ContractAuthentication: may this car charge? Asked of the port; the car polls until there is a verdict.
 * SPDX-License-Identifier: Apache-2.0 */
#include "din/din.h"

static session_outcome_t refused(session_t *session, din_contract_authentication_res_t *res, ccs_end_t end)
{
    charge_end(session->charge, end);
    res->response_code = DIN_RESPONSE_CODE_FAILED;
    res->evse_processing = DIN_EVSE_PROCESSING_FINISHED;
    return SESSION_FAIL;
}

static session_outcome_t undecided(session_t *session, din_contract_authentication_res_t *res, const session_job_t *job)
{
    const uint32_t hold_ms = session->config->verdict_ms;
    if (session_ongoing_ms(session) >= session->config->authorization_ms) {
        jobs_forget(session->jobs, CCS_NEED_AUTHORIZATION);
        return refused(session, res, CCS_END_AUTHORIZATION_LATE);
    }
    /* A port that decides at once saves the car a round; one that said NOT_YET has to be waited for in any case. */
    if (!job->answered && session_waited_ms(session) < hold_ms && !session_last_call(session)) {
        return session_later(session, session->parked_ms + hold_ms);
    }
    session_note(session, "ongoing", 1);
    res->evse_processing = DIN_EVSE_PROCESSING_ONGOING;
    return SESSION_STAY;
}

/* The signature and the challenge of a contract mean nothing here: payment is external. */
session_outcome_t din_contract_authentication_answer(session_t *session, const void *request, void *response)
{
    (void)request;
    din_contract_authentication_res_t *const res = response;
    const ccs_record_t *const record = &session->charge->record;
    const int64_t by_ms = session->now_ms - session_ongoing_ms(session) + session->config->authorization_ms;
    jobs_ask(session->jobs, CCS_NEED_AUTHORIZATION, (ccs_view_t){record->evcc_id, record->evcc_id_length}, by_ms);
    const session_job_t *const job = jobs_get(session->jobs, CCS_NEED_AUTHORIZATION);
    res->response_code = DIN_RESPONSE_CODE_OK;
    res->evse_processing = DIN_EVSE_PROCESSING_FINISHED;
    if (!job->answered || job->verdict == CCS_NOT_YET) {
        return undecided(session, res, job);
    }
    return job->verdict == CCS_GRANTED ? SESSION_NEXT : refused(session, res, CCS_END_NOT_AUTHORIZED);
}

void din_contract_authentication_refuse(session_t *session, void *response, session_refusal_t why)
{
    (void)session;
    din_contract_authentication_res_t *const res = response;
    res->evse_processing = DIN_EVSE_PROCESSING_FINISHED;
    res->response_code = din_refusal(why);
}
