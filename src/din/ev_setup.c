/* The car's half of what comes before any voltage: session, services, authorization.
 * SPDX-License-Identifier: Apache-2.0 */
#include "din/ev_private.h"

void din_ev_fill_session_setup(vehicle_t *vehicle, ask_draft_t *draft)
{
    din_session_setup_req_t *const req = draft->body;
    req->evcc_id = (ccs_view_t){vehicle->config->evcc_id, vehicle->config->evcc_id_length};
}

ask_outcome_t din_ev_read_session_setup(vehicle_t *vehicle, const void *body, ask_note_t *note)
{
    const din_session_setup_res_t *const res = body;
    (void)vehicle;
    ask_note_number(note, "evse_id_octets", (int64_t)res->evse_id.length);
    return ASK_NEXT;
}

/* [V2G-DC-628], [V2G-DC-629]: scope and category are left out. */
void din_ev_fill_service_discovery(vehicle_t *vehicle, ask_draft_t *draft)
{
    (void)vehicle;
    (void)draft;
}

static bool offers_external_payment(const din_payment_options_t *options)
{
    for (const din_payment_option_node_t *node = options->payment_option; node; node = node->next) {
        if (node->item == DIN_PAYMENT_OPTION_EXTERNAL_PAYMENT) {
            return true;
        }
    }
    return false;
}

/* DC over the combo connector; DC_core alone where the charger offers nothing better. */
static bool offers_dc(din_evse_supported_energy_transfer_t type)
{
    return type >= DIN_EVSE_SUPPORTED_ENERGY_TRANSFER_DC_CORE && type != DIN_EVSE_SUPPORTED_ENERGY_TRANSFER_DC_DUAL;
}

ask_outcome_t din_ev_read_service_discovery(vehicle_t *vehicle, const void *body, ask_note_t *note)
{
    const din_service_discovery_res_t *const res = body;
    (void)note;
    if (!offers_external_payment(&res->payment_options) || !offers_dc(res->charge_service.energy_transfer_type)) {
        return ASK_REFUSE;
    }
    vehicle->told.service_id = res->charge_service.service_tag.service_id;
    vehicle->told.core_only = res->charge_service.energy_transfer_type == DIN_EVSE_SUPPORTED_ENERGY_TRANSFER_DC_CORE;
    return ASK_NEXT;
}

/* Exactly one service: the charge service [V2G-DC-635]. */
void din_ev_fill_service_selection(vehicle_t *vehicle, ask_draft_t *draft)
{
    din_service_payment_selection_req_t *const req = draft->body;
    din_selected_service_node_t *const node = (din_selected_service_node_t *)(void *)draft->memory;
    node->item.service_id = vehicle->told.service_id;
    req->selected_payment_option = DIN_PAYMENT_OPTION_EXTERNAL_PAYMENT;
    req->selected_service_list.selected_service = node;
}

ask_outcome_t din_ev_read_service_selection(vehicle_t *vehicle, const void *body, ask_note_t *note)
{
    (void)vehicle;
    (void)body;
    (void)note;
    return ASK_NEXT;
}

void din_ev_fill_authorization(vehicle_t *vehicle, ask_draft_t *draft)
{
    (void)vehicle;
    (void)draft;
}

ask_outcome_t din_ev_read_authorization(vehicle_t *vehicle, const void *body, ask_note_t *note)
{
    const din_contract_authentication_res_t *const res = body;
    const bool finished = res->evse_processing == DIN_EVSE_PROCESSING_FINISHED;
    (void)vehicle;
    ask_note_text(note, "processing", finished ? "Finished" : "Ongoing");
    return finished ? ASK_NEXT : ASK_AGAIN;
}
