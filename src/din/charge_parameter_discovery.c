/* ChargeParameterDiscovery: limits of both sides.
 * SPDX-License-Identifier: Apache-2.0 */
#include "din/din.h"

enum { DAY_S = 86400 }; /* a schedule covers at least a day */

static bool fill_schedule(session_t *session, din_charge_parameter_discovery_res_t *res, int32_t W_max)
{
    din_sa_schedule_tuple_node_t *const tuple = session_memory(session, sizeof *tuple);
    din_p_max_schedule_entry_node_t *const entry = session_memory(session, sizeof *entry);
    if (!tuple || !entry) {
        return false;
    }
    entry->item.time_interval.which = DIN_P_MAX_SCHEDULE_ENTRY_RELATIVE_TIME_INTERVAL;
    entry->item.time_interval.relative_time_interval = (din_relative_time_interval_t){.has_duration = true, .duration = DAY_S};
    entry->item.p_max = (int16_t)(W_max < INT16_MAX ? W_max : INT16_MAX); /* an int16 of W: 32767 W means "no less" */
    tuple->item.sa_schedule_tuple_id = DIN_TUPLE;
    tuple->item.p_max_schedule.p_max_schedule_id = DIN_TUPLE;
    tuple->item.p_max_schedule.p_max_schedule_entry = entry;
    res->sa_schedules.which = DIN_CHARGE_PARAMETER_DISCOVERY_RES_SA_SCHEDULE_LIST;
    res->sa_schedules.sa_schedule_list.sa_schedule_tuple = tuple;
    return true;
}

static void fill_limits(const session_t *session, din_dc_evse_charge_parameter_t *out, const ccs_limits_t *offer)
{
    const ccs_secc_config_t *const config = session->config;
    *out = (din_dc_evse_charge_parameter_t){.dc_evse_status = din_status(session->charge),
                                            .evse_maximum_current_limit = din_amps(offer->charge_mA_max, UNITS_DOWN),
                                            .has_evse_maximum_power_limit = true,
                                            .evse_maximum_power_limit = din_watts(offer->power_W_max, UNITS_DOWN),
                                            .evse_maximum_voltage_limit = din_volts(offer->mV_max, UNITS_DOWN),
                                            .evse_minimum_current_limit = din_amps(config->mA_min, UNITS_DOWN),
                                            .evse_minimum_voltage_limit = din_volts(config->mV_min, UNITS_DOWN),
                                            .evse_peak_current_ripple = din_amps(config->mA_ripple, UNITS_NEAREST)};
}

static bool fill(session_t *session, din_charge_parameter_discovery_res_t *res)
{
    const ccs_limits_t offer = charge_offer(session->charge);
    res->evse_processing = DIN_EVSE_PROCESSING_FINISHED;
    res->evse_charge_parameter.which = DIN_CHARGE_PARAMETER_DISCOVERY_RES_DC_EVSE_CHARGE_PARAMETER;
    fill_limits(session, &res->evse_charge_parameter.dc_evse_charge_parameter, &offer);
    return fill_schedule(session, res, offer.power_W_max);
}

static bool take_limits(session_t *session, const din_dc_ev_charge_parameter_t *ev)
{
    const int32_t W_max = ev->has_ev_maximum_power_limit ? din_read_W(session, &ev->ev_maximum_power_limit) : 0;
    return charge_car_limits(session->charge, din_read_mV(session, &ev->ev_maximum_voltage_limit),
                             din_read_mA(session, &ev->ev_maximum_current_limit), W_max);
}

static din_response_code_t judge(session_t *session, const din_charge_parameter_discovery_req_t *req)
{
    if (req->ev_requested_energy_transfer_type != DIN_EV_REQUESTED_ENERGY_TRANSFER_DC_EXTENDED) {
        return DIN_RESPONSE_CODE_FAILED_WRONG_ENERGY_TRANSFER_TYPE; /* [V2G-DC-397] */
    }
    if (req->ev_charge_parameter.which != DIN_CHARGE_PARAMETER_DISCOVERY_REQ_DC_EV_CHARGE_PARAMETER) {
        return DIN_RESPONSE_CODE_FAILED_WRONG_CHARGE_PARAMETER; /* [V2G-DC-398] */
    }
    const din_dc_ev_charge_parameter_t *const ev = &req->ev_charge_parameter.dc_ev_charge_parameter;
    (void)din_car_says(session, CHARGE_CAR_IN_SETUP, &ev->dc_ev_status); /* nothing is energised yet: never a failure */
    return take_limits(session, ev) ? DIN_RESPONSE_CODE_OK : DIN_RESPONSE_CODE_FAILED_WRONG_CHARGE_PARAMETER; /* [V2G-DC-398] */
}

session_outcome_t din_charge_parameter_discovery_answer(session_t *session, const void *request, void *response)
{
    din_charge_parameter_discovery_res_t *const res = response;
    res->response_code = judge(session, request);
    session_note(session, "ev_mV_max", session->charge->car.mV_max);
    session_note(session, "ev_mA_max", session->charge->car.mA_max);
    const bool filled = fill(session, res);
    return filled && res->response_code == DIN_RESPONSE_CODE_OK ? SESSION_NEXT : SESSION_FAIL;
}

void din_charge_parameter_discovery_refuse(session_t *session, void *response, session_refusal_t why)
{
    din_charge_parameter_discovery_res_t *const res = response;
    (void)fill(session, res);
    res->response_code = din_refusal(why);
}
