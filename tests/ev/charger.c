/* SPDX-License-Identifier: Apache-2.0 */
#include "charger.h"

#include "sdp/sdp.h"
#include "v2gtp/v2gtp.h"

static const uint8_t session_id[] = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88};
static const uint8_t evse_id[] = {0x49, 0xA8, 0x07, 0x37, 0xA4, 0x56, 0x78};
static const uint8_t address[16] = {0xfe, 0x80, [15] = 1};

static void hear(void *ctx, const ccs_trace_record_t *record)
{
    charger_t *const charger = ctx;
    if (record->direction == 's' && strcmp(record->room, "sdp") != 0) {
        strncpy(charger->request, record->event, sizeof charger->request - 1);
    }
}

void charger_init(charger_t *charger)
{
    memset(charger, 0, sizeof *charger);
    ccs_ev_defaults(&charger->config);
    charger->config.trace = (ccs_trace_t){charger, hear};
    charger->now_ms = 1000;
    charger->body = (ccs_body_t){.battery_mV = 350000, .soc_permille = 500, .duty_permille = 50, .plugged = true, .locked = true};
}

static void perform(charger_t *charger, const ccs_action_t *action)
{
    switch (action->type) {
    case CCS_SEND_DATAGRAM:
        charger->datagrams++;
        break;
    case CCS_CONNECT:
        charger->connects++;
        break;
    case CCS_SEND:
        assert_true(charger->linked);
        assert_true(action->bytes[0].length <= FRAME_MAX);
        memcpy(charger->sent, action->bytes[0].at, action->bytes[0].length);
        charger->sent_length = action->bytes[0].length;
        charger->requests++;
        break;
    case CCS_CLOSE:
        charger->closes++;
        charger->linked = false;
        charger->reset = action->close_by_ms == 0;
        break;
    default:
        fail_msg("an action that is no car's: %d", action->type);
    }
}

/* The car's own safety, whatever happens: told to open only without current, or after a fault. */
static void watch(charger_t *charger)
{
    const bool closed = charger->out.want.close;
    if (charger->want_was_closed && !closed) {
        charger->opened_at_mA = charger->body.battery_mA;
    }
    charger->want_was_closed = closed;
}

void charger_step(charger_t *charger, const ccs_event_t *event)
{
    ccs_ev_step(&charger->ev, event, &charger->out);
    watch(charger);
    for (size_t i = 0; i < charger->out.count; i++) {
        perform(charger, &charger->out.action[i]);
    }
}

static ccs_event_t event_now(const charger_t *charger, ccs_event_type_t type)
{
    return (ccs_event_t){.now_ms = charger->now_ms, .type = type};
}

/* The body follows: contactors at once, current off once the pilot leaves C (what any charger does). */
static void turn_body(charger_t *charger)
{
    charger->body.contactors_closed = charger->out.want.close;
    if (charger->out.want.pilot != CCS_PILOT_C || !charger->body.contactors_closed) {
        charger->body.battery_mA = 0;
    }
}

void charger_wait(charger_t *charger, int64_t ms)
{
    for (const int64_t until_ms = charger->now_ms + ms; charger->now_ms < until_ms;) {
        charger->now_ms += STEP_MS;
        turn_body(charger);
        ccs_event_t event = event_now(charger, CCS_ON_BODY);
        event.body = charger->body;
        charger_step(charger, &event);
    }
}

void charger_begin(charger_t *charger)
{
    const ccs_secc_buffers_t buffers = {charger->rx,        sizeof charger->rx, charger->tx,
                                        sizeof charger->tx, charger->arena,     sizeof charger->arena};
    assert_int_equal(ccs_ev_init(&charger->ev, &charger->config, &buffers, charger->now_ms), CCS_OK);
    ccs_event_t event = event_now(charger, CCS_ON_BODY);
    event.body = charger->body;
    charger_step(charger, &event);
    assert_int_equal(charger->datagrams, 0);
    event = event_now(charger, CCS_ON_DLINK);
    event.dlink.up = true;
    charger_step(charger, &event);
    assert_int_equal(charger->datagrams, 1);
}

void charger_connect(charger_t *charger)
{
    uint8_t offer[SDP_RESPONSE_SIZE];
    sdp_response_write(address, 49200, false, offer);
    ccs_event_t event = event_now(charger, CCS_ON_DATAGRAM);
    event.datagram.bytes = (ccs_view_t){offer, sizeof offer};
    charger_step(charger, &event);
    assert_int_equal(charger->connects, 1);
    charger->linked = true;
    event = event_now(charger, CCS_ON_SECURED);
    charger_step(charger, &event);
    assert_string_equal(charger->request, "supportedAppProtocolReq");
}

void charger_send_bytes(charger_t *charger, const uint8_t *bytes, size_t length)
{
    for (size_t at = 0; at < length && charger->linked;) {
        const size_t window = ccs_ev_window(&charger->ev, 0);
        assert_true(window > 0);
        const size_t part = length - at < window ? length - at : window;
        ccs_event_t event = event_now(charger, CCS_ON_BYTES);
        event.bytes = (ccs_view_t){bytes + at, part};
        charger_step(charger, &event);
        at += part;
    }
}

static size_t frame(const uint8_t *exi, size_t length, uint8_t *out, size_t size)
{
    assert_true(V2GTP_HEADER_SIZE + length <= size);
    v2gtp_header_write(V2GTP_EXI, (uint32_t)length, out);
    memcpy(out + V2GTP_HEADER_SIZE, exi, length);
    return V2GTP_HEADER_SIZE + length;
}

size_t charger_encode(charger_t *charger, const din_v2g_message_t *message, uint8_t *out, size_t size)
{
    size_t length = 0;
    assert_int_equal(exi_encode(&exi_din, DIN_V2G_MESSAGE, message, charger->exi, sizeof charger->exi, &length, NULL), CCS_OK);
    return frame(charger->exi, length, out, size);
}

void charger_send_din(charger_t *charger, const din_v2g_message_t *message)
{
    uint8_t octets[FRAME_MAX];
    charger_send_bytes(charger, octets, charger_encode(charger, message, octets, sizeof octets));
}

void charger_send_sap(charger_t *charger, sap_response_code_t code, int schema_id)
{
    const sap_supported_app_protocol_res_t res = {code, schema_id >= 0, (uint8_t)(schema_id >= 0 ? schema_id : 0)};
    uint8_t octets[FRAME_MAX];
    size_t length = 0;
    assert_int_equal(exi_encode(&exi_sap, SAP_SUPPORTED_APP_PROTOCOL_RES, &res, charger->exi, sizeof charger->exi, &length, NULL),
                     CCS_OK);
    charger_send_bytes(charger, octets, frame(charger->exi, length, octets, sizeof octets));
}

const din_v2g_message_t *charger_request(charger_t *charger)
{
    exi_arena_t arena = {.at = charger->decoded, .size = sizeof charger->decoded};
    exi_message_t message;
    const ccs_view_t exi = {charger->sent + V2GTP_HEADER_SIZE, charger->sent_length - V2GTP_HEADER_SIZE};
    assert_int_equal(exi_decode(&exi_din, exi, &arena, &message), CCS_OK);
    return message.at;
}

/* --- good answers -------------------------------------------------------------------------------------------------- */

static din_physical_value_t volts(int32_t mV)
{
    return (din_physical_value_t){.multiplier = -1, .has_unit = true, .unit = DIN_UNIT_SYMBOL_V, .value = (int16_t)(mV / 100)};
}

static din_physical_value_t amperes(int32_t mA)
{
    return (din_physical_value_t){.multiplier = -1, .has_unit = true, .unit = DIN_UNIT_SYMBOL_A, .value = (int16_t)(mA / 100)};
}

static const din_dc_evse_status_t ready = {.has_evse_isolation_status = true,
                                           .evse_isolation_status = DIN_ISOLATION_LEVEL_VALID,
                                           .evse_status_code = DIN_DC_EVSE_STATUS_CODE_EVSE_READY};

static void good_discovery(charger_t *charger, din_service_discovery_res_t *res)
{
    charger->nodes.payment = (din_payment_option_node_t){.item = DIN_PAYMENT_OPTION_EXTERNAL_PAYMENT};
    res->payment_options.payment_option = &charger->nodes.payment;
    res->charge_service.service_tag.service_id = 1;
    res->charge_service.energy_transfer_type = DIN_EVSE_SUPPORTED_ENERGY_TRANSFER_DC_EXTENDED;
}

static void good_parameters(charger_t *charger, din_charge_parameter_discovery_res_t *res)
{
    charger->nodes.entry = (din_p_max_schedule_entry_node_t){0};
    charger->nodes.entry.item.time_interval.which = DIN_P_MAX_SCHEDULE_ENTRY_RELATIVE_TIME_INTERVAL;
    charger->nodes.entry.item.p_max = 32767;
    charger->nodes.tuple = (din_sa_schedule_tuple_node_t){0};
    charger->nodes.tuple.item.sa_schedule_tuple_id = 1;
    charger->nodes.tuple.item.p_max_schedule.p_max_schedule_entry = &charger->nodes.entry;
    res->sa_schedules.which = DIN_CHARGE_PARAMETER_DISCOVERY_RES_SA_SCHEDULE_LIST;
    res->sa_schedules.sa_schedule_list.sa_schedule_tuple = &charger->nodes.tuple;
    res->evse_charge_parameter.which = DIN_CHARGE_PARAMETER_DISCOVERY_RES_DC_EVSE_CHARGE_PARAMETER;
    res->evse_charge_parameter.dc_evse_charge_parameter = (din_dc_evse_charge_parameter_t){
        .dc_evse_status = ready,
        .evse_maximum_current_limit = amperes(150000),
        .evse_maximum_voltage_limit = volts(500000),
        .evse_minimum_voltage_limit = volts(150000),
    };
}

/* What the charger measures follows the request: voltage in PreCharge, current in the loop. */
static void good_power(charger_t *charger, const din_body_t *req, din_body_t *res)
{
    if (req->which == DIN_BODY_PRE_CHARGE_REQ) {
        charger->body.inlet_mV = req->pre_charge_req.ev_target_voltage.value * 100;
        res->pre_charge_res =
            (din_pre_charge_res_t){.dc_evse_status = ready, .evse_present_voltage = volts(charger->body.inlet_mV)};
        return;
    }
    charger->body.battery_mA = req->current_demand_req.ev_target_current.value * 100;
    res->current_demand_res = (din_current_demand_res_t){.dc_evse_status = ready,
                                                         .evse_present_voltage = volts(charger->body.inlet_mV),
                                                         .evse_present_current = amperes(charger->body.battery_mA)};
}

din_v2g_message_t charger_good(charger_t *charger)
{
    const din_body_t *const req = &charger_request(charger)->body;
    din_v2g_message_t message;
    memset(&message, 0, sizeof message);
    din_body_t *const res = &message.body;
    message.header.session_id = (ccs_view_t){session_id, sizeof session_id};
    res->which = (uint8_t)(req->which + 1);
    switch (req->which) {
    case DIN_BODY_SESSION_SETUP_REQ:
        res->session_setup_res.response_code = DIN_RESPONSE_CODE_OK_NEW_SESSION_ESTABLISHED;
        res->session_setup_res.evse_id = (ccs_view_t){evse_id, sizeof evse_id};
        break;
    case DIN_BODY_SERVICE_DISCOVERY_REQ:
        good_discovery(charger, &res->service_discovery_res);
        break;
    case DIN_BODY_CHARGE_PARAMETER_DISCOVERY_REQ:
        good_parameters(charger, &res->charge_parameter_discovery_res);
        break;
    case DIN_BODY_CABLE_CHECK_REQ:
        res->cable_check_res.dc_evse_status = ready;
        break;
    case DIN_BODY_PRE_CHARGE_REQ:
    case DIN_BODY_CURRENT_DEMAND_REQ:
        good_power(charger, req, res);
        break;
    case DIN_BODY_POWER_DELIVERY_REQ:
        charger->body.battery_mA = 0;
        res->power_delivery_res.evse_status.which = DIN_POWER_DELIVERY_RES_DC_EVSE_STATUS;
        res->power_delivery_res.evse_status.dc_evse_status = ready;
        break;
    case DIN_BODY_WELDING_DETECTION_REQ:
        charger->body.inlet_mV = 10000;
        res->welding_detection_res = (din_welding_detection_res_t){.dc_evse_status = ready, .evse_present_voltage = volts(10000)};
        break;
    default:
        break;
    }
    return message;
}

static void wait_for_request(charger_t *charger, uint32_t before)
{
    for (int i = 0; i < 500 && charger->requests == before && !charger->out.done; i++) {
        charger_wait(charger, STEP_MS);
    }
}

void charger_answer(charger_t *charger)
{
    const uint32_t before = charger->requests;
    if (strcmp(charger->request, "supportedAppProtocolReq") == 0) {
        charger_send_sap(charger, SAP_RESPONSE_CODE_OK_SUCCESSFUL_NEGOTIATION, charger->config.schema_id);
    } else {
        const din_v2g_message_t message = charger_good(charger);
        charger_send_din(charger, &message);
    }
    wait_for_request(charger, before);
}

void charger_reach(charger_t *charger, const char *request, uint32_t nth)
{
    uint32_t seen = 0;
    for (int i = 0; i < 1000; i++) {
        seen += strcmp(charger->request, request) == 0;
        if (seen == nth) {
            return;
        }
        assert_false(charger->out.done);
        charger_answer(charger);
    }
    fail_msg("the car never asks %s", request);
}
