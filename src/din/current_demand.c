/* CurrentDemand: the loop. Answered at once, with a fresh measurement and our limits as they are now.
 * SPDX-License-Identifier: Apache-2.0 */
#include "din/din.h"

/* The three limits are optional, but some cars follow them only when all are there (secc.md 3 #18, #34). */
static void fill(const session_t *session, din_current_demand_res_t *res)
{
    const charge_t *const charge = session->charge;
    const ccs_limits_t offer = charge_offer(charge);
    const uint8_t limited = charge_limited(charge);
    *res =
        (din_current_demand_res_t){.dc_evse_status = din_status(charge),
                                   .evse_present_voltage = din_volts(charge_present_mV(charge), UNITS_NEAREST),
                                   .evse_present_current = din_amps(charge_present_mA(charge), UNITS_NEAREST),
                                   .evse_current_limit_achieved = (limited & (CCS_LIMITED_CURRENT | CCS_LIMITED_TEMPERATURE)) != 0,
                                   .evse_voltage_limit_achieved = (limited & CCS_LIMITED_VOLTAGE) != 0,
                                   .evse_power_limit_achieved = (limited & CCS_LIMITED_POWER) != 0,
                                   .has_evse_maximum_voltage_limit = true,
                                   .evse_maximum_voltage_limit = din_volts(offer.mV_max, UNITS_DOWN),
                                   .has_evse_maximum_current_limit = true,
                                   .evse_maximum_current_limit = din_amps(offer.charge_mA_max, UNITS_DOWN),
                                   .has_evse_maximum_power_limit = true,
                                   .evse_maximum_power_limit = din_watts(offer.power_W_max, UNITS_DOWN)};
}

static void take_limits(session_t *session, const din_current_demand_req_t *req)
{
    const int32_t mV_max = req->has_ev_maximum_voltage_limit ? din_read_mV(session, &req->ev_maximum_voltage_limit) : 0;
    const int32_t mA_max = req->has_ev_maximum_current_limit ? din_read_mA(session, &req->ev_maximum_current_limit) : 0;
    const int32_t W_max = req->has_ev_maximum_power_limit ? din_read_W(session, &req->ev_maximum_power_limit) : 0;
    charge_car_limits_now(session->charge, mV_max, mA_max, W_max);
}

session_outcome_t din_current_demand_answer(session_t *session, const void *request, void *response)
{
    const din_current_demand_req_t *const req = request;
    din_current_demand_res_t *const res = response;
    (void)din_car_says(session, CHARGE_CAR_IN_LOOP, &req->dc_ev_status); /* its effect is in the want and in the status */
    take_limits(session, req);
    const int32_t target_mA = din_read_mA(session, &req->ev_target_current);
    (void)charge_demand(session->charge, din_read_mV(session, &req->ev_target_voltage), target_mA); /* never refused */
    fill(session, res);
    session_note(session, "target_mA", target_mA);
    session_note(session, "present_mV", charge_present_mV(session->charge));
    session_note(session, "present_mA", charge_present_mA(session->charge));
    return SESSION_NEXT;
}

void din_current_demand_refuse(session_t *session, void *response, session_refusal_t why)
{
    din_current_demand_res_t *const res = response;
    fill(session, res);
    res->response_code = din_refusal(why);
}
