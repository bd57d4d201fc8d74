/* CableCheck: locked, state C or D, insulation measured at test voltage, output below 60 V again.
 * SPDX-License-Identifier: Apache-2.0 */
#include "din/din.h"

session_outcome_t din_cable_check_answer(session_t *session, const void *request, void *response)
{
    const din_cable_check_req_t *const req = request;
    din_cable_check_res_t *const res = response;
    (void)din_car_says(session, CHARGE_CAR_IN_TEST, &req->dc_ev_status); /* its effect is in the verdict */
    const charge_verdict_t verdict = charge_test(session->charge);
    res->response_code = verdict == CHARGE_REFUSED ? DIN_RESPONSE_CODE_FAILED : DIN_RESPONSE_CODE_OK;
    res->evse_processing = verdict == CHARGE_NOT_YET ? DIN_EVSE_PROCESSING_ONGOING : DIN_EVSE_PROCESSING_FINISHED;
    res->dc_evse_status = din_status(session->charge);
    session_note(session, "ongoing", verdict == CHARGE_NOT_YET);
    if (verdict == CHARGE_REFUSED) {
        return SESSION_FAIL;
    }
    return verdict == CHARGE_GRANTED ? SESSION_NEXT : SESSION_STAY;
}

void din_cable_check_refuse(session_t *session, void *response, session_refusal_t why)
{
    din_cable_check_res_t *const res = response;
    res->dc_evse_status = din_status(session->charge);
    res->evse_processing = DIN_EVSE_PROCESSING_FINISHED;
    res->response_code = din_refusal(why);
}
