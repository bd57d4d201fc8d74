/* PreCharge: the output follows the target of each request. EVTargetCurrent is not used: several cars send 0 A here.
 * SPDX-License-Identifier: Apache-2.0 */
#include "din/din.h"

static void fill(const session_t *session, din_pre_charge_res_t *res)
{
    res->dc_evse_status = din_status(session->charge);
    res->evse_present_voltage = din_volts(charge_present_mV(session->charge), UNITS_NEAREST);
}

session_outcome_t din_pre_charge_answer(session_t *session, const void *request, void *response)
{
    const din_pre_charge_req_t *const req = request;
    din_pre_charge_res_t *const res = response;
    const charge_car_effect_t effect = din_car_says(session, CHARGE_CAR_IN_PRECHARGE, &req->dc_ev_status);
    const int32_t target_mV = din_read_mV(session, &req->ev_target_voltage);
    const bool fails = effect == CHARGE_CAR_FAILS || charge_precharge(session->charge, target_mV) == CHARGE_REFUSED;
    if (effect == CHARGE_CAR_FAILS) {
        charge_end(session->charge, CCS_END_CAR_ERROR);
    }
    fill(session, res);
    res->response_code = fails ? DIN_RESPONSE_CODE_FAILED : DIN_RESPONSE_CODE_OK;
    session_note(session, "target_mV", target_mV);
    session_note(session, "present_mV", charge_present_mV(session->charge));
    return fails ? SESSION_FAIL : SESSION_NEXT;
}

void din_pre_charge_refuse(session_t *session, void *response, session_refusal_t why)
{
    din_pre_charge_res_t *const res = response;
    fill(session, res);
    res->response_code = din_refusal(why);
}
