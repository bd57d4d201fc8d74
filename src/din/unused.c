/* Pairs of the schema that DIN 70121 does not use for DC. They are decoded, and refused in every wait with a response of their own
 * type that satisfies the schema; every octet string that is mandatory is there and empty.
 * SPDX-License-Identifier: Apache-2.0 */
#include "din/din.h"

static const uint8_t nothing[1] = {0};
#define EMPTY ((ccs_view_t){nothing, 0})
#define NAME  ((ccs_view_t){(const uint8_t *)"id1", 3})

void din_service_detail_refuse(session_t *session, void *response, session_refusal_t why)
{
    (void)session;
    *(din_service_detail_res_t *)response =
        (din_service_detail_res_t){.response_code = din_refusal(why), .service_id = DIN_CHARGE_SERVICE};
}

void din_payment_details_refuse(session_t *session, void *response, session_refusal_t why)
{
    *(din_payment_details_res_t *)response =
        (din_payment_details_res_t){.response_code = din_refusal(why), .gen_challenge = EMPTY, .date_time_now = session->utc_s};
}

void din_charging_status_refuse(session_t *session, void *response, session_refusal_t why)
{
    const ccs_secc_config_t *const config = session->config;
    *(din_charging_status_res_t *)response =
        (din_charging_status_res_t){.response_code = din_refusal(why),
                                    .evse_id = {config->evse_id_din, config->evse_id_din_length},
                                    .sa_schedule_tuple_id = DIN_TUPLE};
}

void din_metering_receipt_refuse(session_t *session, void *response, session_refusal_t why)
{
    (void)session;
    *(din_metering_receipt_res_t *)response = (din_metering_receipt_res_t){.response_code = din_refusal(why)};
}

void din_certificate_update_refuse(session_t *session, void *response, session_refusal_t why)
{
    (void)session;
    *(din_certificate_update_res_t *)response =
        (din_certificate_update_res_t){.id = NAME,
                                       .response_code = din_refusal(why),
                                       .contract_signature_cert_chain = {.certificate = EMPTY},
                                       .contract_signature_encrypted_private_key = EMPTY,
                                       .dh_params = EMPTY,
                                       .contract_id = EMPTY};
}

void din_certificate_installation_refuse(session_t *session, void *response, session_refusal_t why)
{
    (void)session;
    *(din_certificate_installation_res_t *)response =
        (din_certificate_installation_res_t){.id = NAME,
                                             .response_code = din_refusal(why),
                                             .contract_signature_cert_chain = {.certificate = EMPTY},
                                             .contract_signature_encrypted_private_key = EMPTY,
                                             .dh_params = EMPTY,
                                             .contract_id = EMPTY};
}
