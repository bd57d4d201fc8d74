/* ServiceDiscovery: one service, charging; one payment, external.
 * SPDX-License-Identifier: Apache-2.0 */
#include "din/din.h"

/* [V2G-DC-628] [V2G-DC-629] name and scope stay away. false: no memory for the list. */
static bool fill(session_t *session, din_service_discovery_res_t *res)
{
    din_payment_option_node_t *const payment = session_memory(session, sizeof *payment);
    if (!payment) {
        return false;
    }
    payment->item = DIN_PAYMENT_OPTION_EXTERNAL_PAYMENT;
    res->payment_options.payment_option = payment;
    res->charge_service = (din_service_charge_t){
        .service_tag = {.service_id = DIN_CHARGE_SERVICE, .service_category = DIN_SERVICE_CATEGORY_EV_CHARGING},
        .free_service = false,
        .energy_transfer_type = DIN_EVSE_SUPPORTED_ENERGY_TRANSFER_DC_EXTENDED};
    return true;
}

session_outcome_t din_service_discovery_answer(session_t *session, const void *request, void *response)
{
    (void)request; /* scope and category are wishes; there is one service */
    din_service_discovery_res_t *const res = response;
    res->response_code = DIN_RESPONSE_CODE_OK;
    return fill(session, res) ? SESSION_NEXT : SESSION_FAIL;
}

void din_service_discovery_refuse(session_t *session, void *response, session_refusal_t why)
{
    din_service_discovery_res_t *const res = response;
    (void)fill(session, res);
    res->response_code = din_refusal(why);
}
