/* The car's half of the charge itself: parameters, cable check, precharge, power, loop, end.
 * SPDX-License-Identifier: Apache-2.0 */
#include "din/ev_private.h"

enum {
    SAFE_mV = 60000,
    PROFILE_TUPLE = 1, /* SAScheduleTupleID of the one schedule that chargers offer in DIN */
    WELDING_MS = 3000  /* the car looks at the voltage behind its open contactors for so long */
};

static void note_present(const vehicle_t *vehicle, ask_note_t *note, bool current)
{
    ask_note_number(note, "present_mV", vehicle->told.present_mV);
    if (current) {
        ask_note_number(note, "present_mA", vehicle->told.present_mA);
    }
}

static void note_target(const vehicle_t *vehicle, ask_note_t *note)
{
    ask_note_number(note, "target_mV", vehicle->asked.mV);
    ask_note_number(note, "target_mA", vehicle->asked.mA);
}

static void note_error(const din_dc_ev_status_t *status, ask_note_t *note)
{
    if (status->ev_error_code != DIN_DC_EV_ERROR_CODE_NO_ERROR) {
        ask_note_number(note, "ev_error", status->ev_error_code);
    }
}

/* --- ChargeParameterDiscovery -------------------------------------------------------------------------------------- */

static void fill_parameters(const vehicle_t *vehicle, din_dc_ev_charge_parameter_t *parameters)
{
    const ccs_ev_config_t *const config = vehicle->config;
    const uint16_t tells = config->tells;
    parameters->dc_ev_status = din_ev_put_status(vehicle);
    parameters->ev_maximum_current_limit = din_ev_put_mA(vehicle, config->mA_max);
    parameters->ev_maximum_voltage_limit = din_ev_put_mV(vehicle, config->mV_max);
    parameters->has_ev_maximum_power_limit = (tells & CCS_EV_TELLS_POWER) && config->W_max > 0;
    parameters->ev_maximum_power_limit = din_ev_put_W(vehicle, config->W_max);
    parameters->has_ev_energy_capacity = tells & CCS_EV_TELLS_CAPACITY;
    parameters->ev_energy_capacity = din_ev_put_Wh(vehicle, config->capacity_Wh);
    parameters->has_ev_energy_request = tells & CCS_EV_TELLS_REQUEST;
    parameters->ev_energy_request = din_ev_put_Wh(vehicle, vehicle_request_Wh(vehicle));
    parameters->has_full_soc = tells & CCS_EV_TELLS_SOC;
    parameters->full_soc = 100;
    parameters->has_bulk_soc = tells & CCS_EV_TELLS_SOC;
    parameters->bulk_soc = (int8_t)(config->soc_bulk_permille / 10);
}

void din_ev_fill_charge_parameters(vehicle_t *vehicle, ask_draft_t *draft)
{
    din_charge_parameter_discovery_req_t *const req = draft->body;
    req->ev_requested_energy_transfer_type =
        vehicle->told.core_only ? DIN_EV_REQUESTED_ENERGY_TRANSFER_DC_CORE : DIN_EV_REQUESTED_ENERGY_TRANSFER_DC_EXTENDED;
    req->ev_charge_parameter.which = DIN_CHARGE_PARAMETER_DISCOVERY_REQ_DC_EV_CHARGE_PARAMETER;
    fill_parameters(vehicle, &req->ev_charge_parameter.dc_ev_charge_parameter);
    ask_note_number(draft->note, "mV_max", vehicle->config->mV_max);
    ask_note_number(draft->note, "mA_max", vehicle->config->mA_max);
    note_error(&req->ev_charge_parameter.dc_ev_charge_parameter.dc_ev_status, draft->note);
}

ask_outcome_t din_ev_read_charge_parameters(vehicle_t *vehicle, const void *body, ask_note_t *note)
{
    const din_charge_parameter_discovery_res_t *const res = body;
    const uint8_t dc = DIN_CHARGE_PARAMETER_DISCOVERY_RES_DC_EVSE_CHARGE_PARAMETER;
    const bool finished = res->evse_processing == DIN_EVSE_PROCESSING_FINISHED;
    ask_note_text(note, "processing", finished ? "Finished" : "Ongoing");
    if (!finished) {
        return ASK_AGAIN; /* its values count when it is finished */
    }
    if (res->evse_charge_parameter.which != dc) {
        return ASK_REFUSE;
    }
    const din_dc_evse_charge_parameter_t *const evse = &res->evse_charge_parameter.dc_evse_charge_parameter;
    vehicle->told.mV_max = din_ev_get_mV(&evse->evse_maximum_voltage_limit);
    vehicle->told.mA_max = din_ev_get_mA(&evse->evse_maximum_current_limit);
    vehicle->told.W_max = evse->has_evse_maximum_power_limit ? din_ev_get_W(&evse->evse_maximum_power_limit) : 0;
    din_ev_get_status(vehicle, &evse->dc_evse_status, note);
    ask_note_number(note, "mV_max", vehicle->told.mV_max);
    ask_note_number(note, "mA_max", vehicle->told.mA_max);
    vehicle_match(vehicle);
    return ASK_NEXT;
}

/* --- CableCheck ---------------------------------------------------------------------------------------------------- */

/* State C stands before the first CableCheckReq. */
bool din_ev_before_cable_check(vehicle_t *vehicle)
{
    vehicle_get_ready(vehicle);
    return true;
}

void din_ev_fill_cable_check(vehicle_t *vehicle, ask_draft_t *draft)
{
    din_cable_check_req_t *const req = draft->body;
    req->dc_ev_status = din_ev_put_status(vehicle);
    note_error(&req->dc_ev_status, draft->note);
}

/* Finished without a good verdict is a fault: the car does not go on over an insulation that nobody measured. */
ask_outcome_t din_ev_read_cable_check(vehicle_t *vehicle, const void *body, ask_note_t *note)
{
    const din_cable_check_res_t *const res = body;
    const bool finished = res->evse_processing == DIN_EVSE_PROCESSING_FINISHED;
    ask_note_text(note, "processing", finished ? "Finished" : "Ongoing");
    din_ev_get_status(vehicle, &res->dc_evse_status, note);
    if (!finished) {
        return ASK_AGAIN;
    }
    const ccs_isolation_t isolation = vehicle->told.isolation;
    if (isolation != CCS_ISOLATION_VALID && isolation != CCS_ISOLATION_WARNING) {
        vehicle_stop(vehicle, VEHICLE_STOP_CHARGER_FAULT);
    }
    return ASK_NEXT;
}

/* --- PreCharge ----------------------------------------------------------------------------------------------------- */

void din_ev_fill_pre_charge(vehicle_t *vehicle, ask_draft_t *draft)
{
    din_pre_charge_req_t *const req = draft->body;
    const vehicle_target_t target = vehicle_precharge(vehicle);
    req->dc_ev_status = din_ev_put_status(vehicle);
    req->ev_target_voltage = din_ev_put_mV(vehicle, target.mV);
    req->ev_target_current = din_ev_put_mA(vehicle, target.mA);
    note_target(vehicle, draft->note);
    note_error(&req->dc_ev_status, draft->note);
}

/* The car goes on asking until its contactors are seen closed. */
ask_outcome_t din_ev_read_pre_charge(vehicle_t *vehicle, const void *body, ask_note_t *note)
{
    const din_pre_charge_res_t *const res = body;
    vehicle->told.present_mV = din_ev_get_mV(&res->evse_present_voltage);
    din_ev_get_status(vehicle, &res->dc_evse_status, note);
    note_present(vehicle, note, false);
    if (vehicle_may_close(vehicle)) {
        vehicle_close(vehicle);
    }
    return vehicle_is_closed(vehicle) ? ASK_NEXT : ASK_AGAIN;
}

/* --- PowerDelivery ------------------------------------------------------------------------------------------------- */

static void fill_power(const vehicle_t *vehicle, ask_draft_t *draft, bool on)
{
    din_power_delivery_req_t *const req = draft->body;
    din_dc_ev_power_delivery_parameter_t *const dc = &req->ev_power_delivery_parameter.dc_ev_power_delivery_parameter;
    req->ready_to_charge_state = on;
    req->ev_power_delivery_parameter.which = DIN_POWER_DELIVERY_REQ_DC_EV_POWER_DELIVERY_PARAMETER;
    dc->dc_ev_status = din_ev_put_status(vehicle);
    dc->has_bulk_charging_complete = vehicle->config->tells & CCS_EV_TELLS_BULK;
    dc->bulk_charging_complete = vehicle_bulk_complete(vehicle);
    dc->charging_complete = vehicle_complete(vehicle);
    ask_note_text(draft->note, "ready_to_charge", on ? "true" : "false");
    note_error(&dc->dc_ev_status, draft->note);
}

static void read_power(vehicle_t *vehicle, const din_power_delivery_res_t *res, ask_note_t *note)
{
    if (res->evse_status.which == DIN_POWER_DELIVERY_RES_DC_EVSE_STATUS) {
        din_ev_get_status(vehicle, &res->evse_status.dc_evse_status, note);
    }
}

/* One entry from now on, in the tuple that the charger offered: as in every recording of a car that sends one. */
static void fill_profile(const vehicle_t *vehicle, ask_draft_t *draft)
{
    const int32_t W = vehicle->config->profile_W;
    din_power_delivery_req_t *const req = draft->body;
    if (W <= 0) {
        return;
    }
    _Static_assert(sizeof(din_profile_entry_node_t) <= sizeof draft->memory, "a draft holds an entry");
    din_profile_entry_node_t *const entry = (din_profile_entry_node_t *)(void *)draft->memory;
    *entry = (din_profile_entry_node_t){.item = {.charging_profile_entry_max_power = (int16_t)(W < INT16_MAX ? W : INT16_MAX)}};
    req->has_charging_profile = true;
    req->charging_profile.sa_schedule_tuple_id = PROFILE_TUPLE;
    req->charging_profile.profile_entry = entry;
    ask_note_number(draft->note, "profile_W", entry->item.charging_profile_entry_max_power);
}

void din_ev_fill_power_on(vehicle_t *vehicle, ask_draft_t *draft)
{
    fill_power(vehicle, draft, true);
    fill_profile(vehicle, draft);
}

ask_outcome_t din_ev_read_power_on(vehicle_t *vehicle, const void *body, ask_note_t *note)
{
    read_power(vehicle, body, note);
    return ASK_NEXT;
}

void din_ev_fill_power_off(vehicle_t *vehicle, ask_draft_t *draft)
{
    fill_power(vehicle, draft, false);
}

/* The charger has ramped down; now the contactors open. After a fault the car does not stay for the weld test. */
ask_outcome_t din_ev_read_power_off(vehicle_t *vehicle, const void *body, ask_note_t *note)
{
    read_power(vehicle, body, note);
    vehicle_open(vehicle);
    return vehicle->config->weld_test && !vehicle_stop_at_once(vehicle) ? ASK_NEXT : ASK_STOP;
}

/* --- CurrentDemand ------------------------------------------------------------------------------------------------- */

static void fill_remaining(const vehicle_t *vehicle, din_current_demand_req_t *req)
{
    const uint16_t tells = vehicle->config->tells;
    req->has_remaining_time_to_full_soc = tells & CCS_EV_TELLS_FULL_TIME;
    req->remaining_time_to_full_soc = din_ev_put_seconds(vehicle, vehicle_seconds_to(vehicle, 1000));
    req->has_remaining_time_to_bulk_soc = tells & CCS_EV_TELLS_BULK_TIME;
    req->remaining_time_to_bulk_soc = din_ev_put_seconds(vehicle, vehicle_seconds_to(vehicle, vehicle->config->soc_bulk_permille));
}

static void fill_limits(const vehicle_t *vehicle, din_current_demand_req_t *req)
{
    const ccs_ev_config_t *const config = vehicle->config;
    const bool limits = config->tells & CCS_EV_TELLS_LIMITS_IN_LOOP;
    req->has_ev_maximum_voltage_limit = limits;
    req->ev_maximum_voltage_limit = din_ev_put_mV(vehicle, config->mV_max);
    req->has_ev_maximum_current_limit = limits;
    req->ev_maximum_current_limit = din_ev_put_mA(vehicle, config->mA_max);
    req->has_ev_maximum_power_limit = limits && (config->tells & CCS_EV_TELLS_POWER) && config->W_max > 0;
    req->ev_maximum_power_limit = din_ev_put_W(vehicle, config->W_max);
}

void din_ev_fill_loop(vehicle_t *vehicle, ask_draft_t *draft)
{
    din_current_demand_req_t *const req = draft->body;
    const vehicle_target_t target = vehicle_demand(vehicle);
    req->dc_ev_status = din_ev_put_status(vehicle);
    req->ev_target_voltage = din_ev_put_mV(vehicle, target.mV);
    req->ev_target_current = din_ev_put_mA(vehicle, target.mA);
    req->has_bulk_charging_complete = vehicle->config->tells & CCS_EV_TELLS_BULK;
    req->bulk_charging_complete = vehicle_bulk_complete(vehicle);
    req->charging_complete = vehicle_complete(vehicle);
    fill_limits(vehicle, req);
    fill_remaining(vehicle, req);
    note_target(vehicle, draft->note);
    ask_note_number(draft->note, "soc_permille", vehicle_soc_permille(vehicle));
    note_error(&req->dc_ev_status, draft->note);
}

ask_outcome_t din_ev_read_loop(vehicle_t *vehicle, const void *body, ask_note_t *note)
{
    const din_current_demand_res_t *const res = body;
    vehicle_told_t *const told = &vehicle->told;
    told->present_mV = din_ev_get_mV(&res->evse_present_voltage);
    told->present_mA = din_ev_get_mA(&res->evse_present_current);
    told->mV_max = res->has_evse_maximum_voltage_limit ? din_ev_get_mV(&res->evse_maximum_voltage_limit) : told->mV_max;
    told->mA_max = res->has_evse_maximum_current_limit ? din_ev_get_mA(&res->evse_maximum_current_limit) : told->mA_max;
    told->W_max = res->has_evse_maximum_power_limit ? din_ev_get_W(&res->evse_maximum_power_limit) : told->W_max;
    din_ev_get_status(vehicle, &res->dc_evse_status, note);
    note_present(vehicle, note, true);
    return vehicle_may_end_loop(vehicle) ? ASK_STOP : ASK_AGAIN;
}

/* --- WeldingDetection, SessionStop --------------------------------------------------------------------------------- */

/* Contactors are open and the pilot is back in B [V2G-DC-556] before the car leaves. */
bool din_ev_before_leaving(vehicle_t *vehicle)
{
    vehicle_open(vehicle);
    return vehicle_is_open(vehicle);
}

void din_ev_fill_welding(vehicle_t *vehicle, ask_draft_t *draft)
{
    din_welding_detection_req_t *const req = draft->body;
    req->dc_ev_status = din_ev_put_status(vehicle);
    note_error(&req->dc_ev_status, draft->note);
}

ask_outcome_t din_ev_read_welding(vehicle_t *vehicle, const void *body, ask_note_t *note)
{
    const din_welding_detection_res_t *const res = body;
    vehicle->told.present_mV = din_ev_get_mV(&res->evse_present_voltage);
    din_ev_get_status(vehicle, &res->dc_evse_status, note);
    note_present(vehicle, note, false);
    const bool over = vehicle->now_ms - vehicle->hands_ms >= WELDING_MS || vehicle_stop_at_once(vehicle);
    return vehicle->told.present_mV < SAFE_mV || over ? ASK_NEXT : ASK_AGAIN;
}

void din_ev_fill_session_stop(vehicle_t *vehicle, ask_draft_t *draft)
{
    (void)vehicle;
    (void)draft;
}

ask_outcome_t din_ev_read_session_stop(vehicle_t *vehicle, const void *body, ask_note_t *note)
{
    (void)vehicle;
    (void)body;
    (void)note;
    return ASK_NEXT;
}
