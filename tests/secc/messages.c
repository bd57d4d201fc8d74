/* What a car says: one plausible, schema-valid request of each kind.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/secc/world.h"

static const uint8_t octets[] = {0x02, 0x00, 0x00, 0x00, 0x00, 0x01};
static const ccs_view_t mac = {octets, sizeof octets};
static const ccs_view_t name = {(const uint8_t *)"id1", 3};
static din_selected_service_node_t charging = {.item = {.service_id = 1}};
static din_root_certificate_id_node_t root = {.item = {(const uint8_t *)"root", 4}};

static din_physical_value_t number(din_unit_symbol_t unit, int16_t value)
{
    return (din_physical_value_t){.has_unit = true, .unit = unit, .value = value};
}

static const din_dc_ev_status_t ready = {.ev_ready = true, .ev_ress_soc = 42};

static void fill_power(din_body_t *body)
{
    body->power_delivery_req.ready_to_charge_state = false;
    body->power_delivery_req.ev_power_delivery_parameter.which = DIN_POWER_DELIVERY_REQ_DC_EV_POWER_DELIVERY_PARAMETER;
    body->power_delivery_req.ev_power_delivery_parameter.dc_ev_power_delivery_parameter.dc_ev_status = ready;
}

static void fill_parameters(din_body_t *body)
{
    body->charge_parameter_discovery_req.ev_requested_energy_transfer_type = DIN_EV_REQUESTED_ENERGY_TRANSFER_DC_EXTENDED;
    body->charge_parameter_discovery_req.ev_charge_parameter.which = DIN_CHARGE_PARAMETER_DISCOVERY_REQ_DC_EV_CHARGE_PARAMETER;
    body->charge_parameter_discovery_req.ev_charge_parameter.dc_ev_charge_parameter =
        (din_dc_ev_charge_parameter_t){.dc_ev_status = ready,
                                       .ev_maximum_current_limit = number(DIN_UNIT_SYMBOL_A, 150),
                                       .ev_maximum_voltage_limit = number(DIN_UNIT_SYMBOL_V, 450)};
}

static void fill_unused(din_body_t *body)
{
    switch (body->which) {
    case DIN_BODY_SERVICE_DETAIL_REQ:
        body->service_detail_req.service_id = 1;
        break;
    case DIN_BODY_PAYMENT_DETAILS_REQ:
        body->payment_details_req.contract_id = name;
        body->payment_details_req.contract_signature_cert_chain.certificate = mac;
        break;
    case DIN_BODY_METERING_RECEIPT_REQ:
        body->metering_receipt_req.session_id = mac;
        body->metering_receipt_req.meter_info.meter_id = name;
        break;
    case DIN_BODY_CERTIFICATE_UPDATE_REQ:
        body->certificate_update_req.contract_signature_cert_chain.certificate = mac;
        body->certificate_update_req.contract_id = name;
        body->certificate_update_req.list_of_root_certificate_ids.root_certificate_id = &root;
        body->certificate_update_req.dh_params = mac;
        break;
    case DIN_BODY_CERTIFICATE_INSTALLATION_REQ:
        body->certificate_installation_req.oem_provisioning_cert = mac;
        body->certificate_installation_req.list_of_root_certificate_ids.root_certificate_id = &root;
        body->certificate_installation_req.dh_params = mac;
        break;
    default:
        break;
    }
}

din_v2g_message_t world_message(uint8_t which)
{
    din_v2g_message_t message = {.body = {.which = which}};
    din_body_t *const body = &message.body;
    switch (which) {
    case DIN_BODY_SESSION_SETUP_REQ:
        body->session_setup_req.evcc_id = mac;
        break;
    case DIN_BODY_SERVICE_PAYMENT_SELECTION_REQ:
        body->service_payment_selection_req.selected_payment_option = DIN_PAYMENT_OPTION_EXTERNAL_PAYMENT;
        body->service_payment_selection_req.selected_service_list.selected_service = &charging;
        break;
    case DIN_BODY_CHARGE_PARAMETER_DISCOVERY_REQ:
        fill_parameters(body);
        break;
    case DIN_BODY_CABLE_CHECK_REQ:
        body->cable_check_req.dc_ev_status = ready;
        break;
    case DIN_BODY_PRE_CHARGE_REQ:
        body->pre_charge_req = (din_pre_charge_req_t){ready, number(DIN_UNIT_SYMBOL_V, 380), number(DIN_UNIT_SYMBOL_A, 1)};
        break;
    case DIN_BODY_POWER_DELIVERY_REQ:
        fill_power(body);
        break;
    case DIN_BODY_CURRENT_DEMAND_REQ:
        body->current_demand_req = (din_current_demand_req_t){.dc_ev_status = ready,
                                                              .ev_target_current = number(DIN_UNIT_SYMBOL_A, 100),
                                                              .ev_target_voltage = number(DIN_UNIT_SYMBOL_V, 400)};
        break;
    case DIN_BODY_WELDING_DETECTION_REQ:
        body->welding_detection_req.dc_ev_status = ready;
        break;
    default:
        fill_unused(body);
        break;
    }
    return message;
}

din_dc_ev_status_t *world_ev_status(din_v2g_message_t *message)
{
    din_body_t *const body = &message->body;
    switch (body->which) {
    case DIN_BODY_CHARGE_PARAMETER_DISCOVERY_REQ:
        return &body->charge_parameter_discovery_req.ev_charge_parameter.dc_ev_charge_parameter.dc_ev_status;
    case DIN_BODY_CABLE_CHECK_REQ:
        return &body->cable_check_req.dc_ev_status;
    case DIN_BODY_PRE_CHARGE_REQ:
        return &body->pre_charge_req.dc_ev_status;
    case DIN_BODY_POWER_DELIVERY_REQ:
        return &body->power_delivery_req.ev_power_delivery_parameter.dc_ev_power_delivery_parameter.dc_ev_status;
    case DIN_BODY_CURRENT_DEMAND_REQ:
        return &body->current_demand_req.dc_ev_status;
    case DIN_BODY_WELDING_DETECTION_REQ:
        return &body->welding_detection_req.dc_ev_status;
    default:
        return NULL;
    }
}
