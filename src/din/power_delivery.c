/* PowerDelivery: contactors on, answered when they have closed; off, answered when the current is gone.
 * SPDX-License-Identifier: Apache-2.0 */
#include "din/din.h"

static void fill(const session_t *session, din_power_delivery_res_t *res, din_response_code_t code)
{
    res->response_code = code;
    res->evse_status.which = DIN_POWER_DELIVERY_RES_DC_EVSE_STATUS;
    res->evse_status.dc_evse_status = din_status(session->charge);
}

/* The status is optional here. Without it the car has said nothing new. */
static charge_car_effect_t car_says(session_t *session, charge_car_phase_t phase, const din_power_delivery_req_t *req)
{
    if (req->ev_power_delivery_parameter.which != DIN_POWER_DELIVERY_REQ_DC_EV_POWER_DELIVERY_PARAMETER) {
        return CHARGE_CAR_GOES_ON;
    }
    return din_car_says(session, phase, &req->ev_power_delivery_parameter.dc_ev_power_delivery_parameter.dc_ev_status);
}

/* A profile a little above PMax is common (Taycan: 11 040 W of 11 kW), and the set point obeys our limit in any case: noted, and
 * refused only where a site wants that. */
static bool profile_fits(session_t *session, const din_charging_profile_t *profile)
{
    const int32_t W_max = charge_offer(session->charge).power_W_max;
    for (const din_profile_entry_node_t *entry = profile->profile_entry; entry; entry = entry->next) {
        if (entry->item.charging_profile_entry_max_power > W_max) {
            session->stats->values_odd++;
            return !session->config->profile_strict;
        }
    }
    return true;
}

static din_response_code_t judge(session_t *session, const din_power_delivery_req_t *req)
{
    if (session->wait == SESSION_WAIT_LOOP) {
        return DIN_RESPONSE_CODE_FAILED; /* [V2G2-812] on already */
    }
    if (req->has_charging_profile && req->charging_profile.sa_schedule_tuple_id != DIN_TUPLE) {
        return DIN_RESPONSE_CODE_FAILED_TARIFF_SELECTION_INVALID; /* [V2G-DC-400] */
    }
    if (req->has_charging_profile && !profile_fits(session, &req->charging_profile)) {
        return DIN_RESPONSE_CODE_FAILED_CHARGING_PROFILE_INVALID; /* [V2G-DC-399] */
    }
    if (car_says(session, CHARGE_CAR_IN_START, req) == CHARGE_CAR_FAILS) {
        charge_end(session->charge, CCS_END_CAR_ERROR);
        return DIN_RESPONSE_CODE_FAILED_POWER_DELIVERY_NOT_APPLIED;
    }
    return DIN_RESPONSE_CODE_OK;
}

static session_outcome_t fail(session_t *session, din_power_delivery_res_t *res, din_response_code_t code)
{
    charge_end(session->charge, CCS_END_BAD_REQUEST); /* unless a better reason is known */
    fill(session, res, code);
    return SESSION_FAIL;
}

static session_outcome_t start(session_t *session, const din_power_delivery_req_t *req, din_power_delivery_res_t *res)
{
    const din_response_code_t code = judge(session, req);
    if (code != DIN_RESPONSE_CODE_OK) {
        return fail(session, res, code);
    }
    const charge_verdict_t verdict = charge_start(session->charge);
    if (verdict == CHARGE_NOT_YET && !session_last_call(session)) {
        return session_later(session, session->charge->stage_ms + session->config->contactor_ms);
    }
    if (verdict == CHARGE_GRANTED) {
        fill(session, res, DIN_RESPONSE_CODE_OK);
        return SESSION_NEXT;
    }
    charge_end(session->charge, CCS_END_POWER_TIMEOUT);
    return fail(session, res, DIN_RESPONSE_CODE_FAILED_POWER_DELIVERY_NOT_APPLIED); /* [V2G-DC-401] */
}

/* OK with any error of the car. */
static session_outcome_t stop(session_t *session, const din_power_delivery_req_t *req, din_power_delivery_res_t *res)
{
    (void)car_says(session, CHARGE_CAR_IN_STOP, req);
    if (charge_stop(session->charge) == CHARGE_NOT_YET && !session_last_call(session)) {
        return session_later(session, session->charge->stage_ms + session->config->contactor_ms);
    }
    fill(session, res, DIN_RESPONSE_CODE_OK);
    return SESSION_STOP;
}

session_outcome_t din_power_delivery_answer(session_t *session, const void *request, void *response)
{
    const din_power_delivery_req_t *const req = request;
    const session_outcome_t outcome = req->ready_to_charge_state ? start(session, req, response) : stop(session, req, response);
    session_note(session, "start", req->ready_to_charge_state);
    return outcome;
}

void din_power_delivery_refuse(session_t *session, void *response, session_refusal_t why)
{
    fill(session, response, din_refusal(why));
}
