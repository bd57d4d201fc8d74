/* SessionStop: in order, early or late.
 * SPDX-License-Identifier: Apache-2.0 */
#include "din/din.h"

/* After power was on the car shows state B first; demanded only where a site wants that. */
static bool pilot_fits(const session_t *session)
{
    const bool asked = session->config->pilot_stop_strict && session->wait == SESSION_WAIT_POWER_OFF;
    return !asked || session->charge->report.pilot == CCS_PILOT_B;
}

session_outcome_t din_session_stop_answer(session_t *session, const void *request, void *response)
{
    (void)request;
    din_session_stop_res_t *const res = response;
    res->response_code = pilot_fits(session) ? DIN_RESPONSE_CODE_OK : DIN_RESPONSE_CODE_FAILED;
    return pilot_fits(session) ? SESSION_END : SESSION_FAIL;
}

void din_session_stop_refuse(session_t *session, void *response, session_refusal_t why)
{
    (void)session;
    din_session_stop_res_t *const res = response;
    res->response_code = din_refusal(why);
}
