/* SupportedAppProtocol between octets and the choice.
 * SPDX-License-Identifier: Apache-2.0 */
#include "messages/sap.h"

#include "secc/sap.h"

ccs_err_t sap_read(ccs_view_t exi, void *memory, size_t size, sap_offer_t *offers, size_t *count)
{
    exi_arena_t arena = {.at = memory, .size = size};
    exi_message_t message;
    CCS_TRY(exi_decode(&exi_sap, exi, &arena, &message));
    if (message.root != SAP_SUPPORTED_APP_PROTOCOL_REQ) {
        return CCS_ERR_UNKNOWN;
    }
    const sap_supported_app_protocol_req_t *const req = message.at;
    *count = 0;
    for (const sap_app_protocol_node_t *node = req->app_protocol; node && *count < SAP_OFFERS_MAX; node = node->next) {
        offers[(*count)++] = (sap_offer_t){.name = node->item.protocol_namespace,
                                           .major = node->item.version_number_major,
                                           .minor = node->item.version_number_minor,
                                           .schema_id = node->item.schema_id,
                                           .priority = node->item.priority};
    }
    return CCS_OK;
}

static sap_response_code_t code_of(const sap_choice_t *choice)
{
    if (choice->protocol == CCS_PROTOCOL_NONE) {
        return SAP_RESPONSE_CODE_FAILED_NO_NEGOTIATION;
    }
    return choice->minor_deviation ? SAP_RESPONSE_CODE_OK_SUCCESSFUL_NEGOTIATION_WITH_MINOR_DEVIATION
                                   : SAP_RESPONSE_CODE_OK_SUCCESSFUL_NEGOTIATION;
}

ccs_err_t sap_write(const sap_choice_t *choice, uint8_t *exi, size_t size, size_t *length)
{
    const sap_supported_app_protocol_res_t res = {
        .response_code = code_of(choice), .has_schema_id = choice->protocol != CCS_PROTOCOL_NONE, .schema_id = choice->schema_id};
    return exi_encode(&exi_sap, SAP_SUPPORTED_APP_PROTOCOL_RES, &res, exi, size, length, NULL);
}

const char *sap_code_name(const sap_choice_t *choice)
{
    static const char *const names[] = {"OK_SuccessfulNegotiation", "OK_SuccessfulNegotiationWithMinorDeviation",
                                        "Failed_NoNegotiation"};
    return names[code_of(choice)];
}
