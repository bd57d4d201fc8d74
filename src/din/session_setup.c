/* SessionSetup: the session gets its id.
 * SPDX-License-Identifier: Apache-2.0 */
#include "din/din.h"

#include <string.h>

static void fill(const session_t *session, din_session_setup_res_t *res)
{
    res->evse_id = (ccs_view_t){session->config->evse_id_din, session->config->evse_id_din_length};
    res->has_date_time_now = session->utc_s != 0;
    res->date_time_now = session->utc_s;
}

/* Some cars leave it out or send another length (secc.md 3 #23): it is for the record only. */
static void keep_evcc_id(session_t *session, ccs_view_t evcc_id)
{
    ccs_record_t *const record = &session->charge->record;
    const size_t length = evcc_id.length < sizeof record->evcc_id ? evcc_id.length : sizeof record->evcc_id;
    if (length > 0) {
        memcpy(record->evcc_id, evcc_id.at, length);
    }
    record->evcc_id_length = (uint8_t)length;
}

/* All zero means "no session": as unlikely as it is forbidden. */
static bool usable(const session_job_t *random)
{
    static const uint8_t zeros[SESSION_ID_SIZE] = {0};
    return random->answered && random->verdict == CCS_GRANTED && random->length >= SESSION_ID_SIZE &&
           memcmp(random->data, zeros, SESSION_ID_SIZE) != 0;
}

/* Whatever id the car brings: DIN knows no session to join, so it gets a new one. */
session_outcome_t din_session_setup_answer(session_t *session, const void *request, void *response)
{
    const din_session_setup_req_t *const req = request;
    din_session_setup_res_t *const res = response;
    const session_job_t *const random = jobs_get(session->jobs, CCS_NEED_RANDOM);
    fill(session, res);
    keep_evcc_id(session, req->evcc_id);
    if (usable(random)) {
        session_open(session, random->data);
        res->response_code = DIN_RESPONSE_CODE_OK_NEW_SESSION_ESTABLISHED;
        return SESSION_NEXT;
    }
    if (random->answered || session_last_call(session)) {
        res->response_code = DIN_RESPONSE_CODE_FAILED;
        charge_end(session->charge, CCS_END_CHARGER_ERROR);
        return SESSION_FAIL;
    }
    return session_later(session, INT64_MAX);
}

void din_session_setup_refuse(session_t *session, void *response, session_refusal_t why)
{
    din_session_setup_res_t *const res = response;
    fill(session, res);
    res->response_code = din_refusal(why);
}
