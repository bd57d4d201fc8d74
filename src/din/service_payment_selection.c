/* ServicePaymentSelection: exactly the one service, paid outside.
 * SPDX-License-Identifier: Apache-2.0 */
#include "din/din.h"

static bool only_charging(const din_selected_service_list_t *list)
{
    const din_selected_service_node_t *const first = list->selected_service;
    return first && !first->next && first->item.service_id == DIN_CHARGE_SERVICE;
}

static din_response_code_t judge(const din_service_payment_selection_req_t *req)
{
    if (req->selected_payment_option != DIN_PAYMENT_OPTION_EXTERNAL_PAYMENT) {
        return DIN_RESPONSE_CODE_FAILED_PAYMENT_SELECTION_INVALID; /* [V2G-DC-395] */
    }
    if (!only_charging(&req->selected_service_list)) {
        return DIN_RESPONSE_CODE_FAILED_SERVICE_SELECTION_INVALID; /* [V2G-DC-396] [V2G-DC-635] */
    }
    return DIN_RESPONSE_CODE_OK;
}

session_outcome_t din_service_payment_selection_answer(session_t *session, const void *request, void *response)
{
    (void)session;
    din_service_payment_selection_res_t *const res = response;
    res->response_code = judge(request);
    return res->response_code == DIN_RESPONSE_CODE_OK ? SESSION_NEXT : SESSION_FAIL;
}

void din_service_payment_selection_refuse(session_t *session, void *response, session_refusal_t why)
{
    (void)session;
    din_service_payment_selection_res_t *const res = response;
    res->response_code = din_refusal(why);
}
