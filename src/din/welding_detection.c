/* WeldingDetection: the car opens its contactors and looks at the voltage on its side of ours.
 * SPDX-License-Identifier: Apache-2.0 */
#include "din/din.h"

static void fill(const session_t *session, din_welding_detection_res_t *res)
{
    res->dc_evse_status = din_status(session->charge);
    res->evse_present_voltage = din_volts(charge_present_mV(session->charge), UNITS_NEAREST);
}

/* [V2G-DC-556] State B is due; several cars stay in C, so it is demanded only where a site wants that. */
static bool pilot_fits(const session_t *session)
{
    return !session->config->pilot_stop_strict || session->charge->report.pilot == CCS_PILOT_B;
}

session_outcome_t din_welding_detection_answer(session_t *session, const void *request, void *response)
{
    const din_welding_detection_req_t *const req = request;
    din_welding_detection_res_t *const res = response;
    (void)din_car_says(session, CHARGE_CAR_IN_STOP, &req->dc_ev_status);
    charge_weld(session->charge);
    fill(session, res);
    session_note(session, "present_mV", charge_present_mV(session->charge));
    res->response_code = pilot_fits(session) ? DIN_RESPONSE_CODE_OK : DIN_RESPONSE_CODE_FAILED;
    return pilot_fits(session) ? SESSION_NEXT : SESSION_FAIL;
}

void din_welding_detection_refuse(session_t *session, void *response, session_refusal_t why)
{
    din_welding_detection_res_t *const res = response;
    fill(session, res);
    res->response_code = din_refusal(why);
}
