/* The car's two tables, and its messages between struct and octets.
 *
 * Timers of the EVCC: a message 2 s, CurrentDemand 0.25 s; ContractAuthentication and ChargeParameterDiscovery may say Ongoing for
 * 60 s, CableCheck for 40 s, PreCharge for 7 s; ready to charge within 150 s.
 * SPDX-License-Identifier: Apache-2.0 */
#include "din/din.h"
#include "din/ev_private.h"
#include "exi/exi.h"

#include <string.h>

enum { MESSAGE_MS = 2000, DEMAND_MS = 250, ONGOING_MS = 60000, CABLE_CHECK_MS = 40000, PRE_CHARGE_MS = 7000, READY_MS = 150000 };

#define PAIR(REQ, RES, function)                                                                       \
    .request_which = DIN_BODY_##REQ, .response_which = DIN_BODY_##RES, .fill = din_ev_fill_##function, \
    .read = din_ev_read_##function

/* clang-format off */
static const ask_pair_t pairs[ASK_COUNT] = {
    [ASK_SESSION_SETUP] = {.request = "SessionSetupReq", .response = "SessionSetupRes",
        PAIR(SESSION_SETUP_REQ, SESSION_SETUP_RES, session_setup), .answer_ms = MESSAGE_MS},
    [ASK_SERVICE_DISCOVERY] = {.request = "ServiceDiscoveryReq", .response = "ServiceDiscoveryRes",
        PAIR(SERVICE_DISCOVERY_REQ, SERVICE_DISCOVERY_RES, service_discovery), .answer_ms = MESSAGE_MS},
    [ASK_SERVICE_SELECTION] = {.request = "ServicePaymentSelectionReq", .response = "ServicePaymentSelectionRes",
        PAIR(SERVICE_PAYMENT_SELECTION_REQ, SERVICE_PAYMENT_SELECTION_RES, service_selection), .answer_ms = MESSAGE_MS},
    [ASK_AUTHORIZATION] = {.request = "ContractAuthenticationReq", .response = "ContractAuthenticationRes",
        PAIR(CONTRACT_AUTHENTICATION_REQ, CONTRACT_AUTHENTICATION_RES, authorization), .answer_ms = MESSAGE_MS,
        .again_ms = ONGOING_MS, .pause = ASK_PAUSE_POLL},
    [ASK_CHARGE_PARAMETERS] = {.request = "ChargeParameterDiscoveryReq", .response = "ChargeParameterDiscoveryRes",
        PAIR(CHARGE_PARAMETER_DISCOVERY_REQ, CHARGE_PARAMETER_DISCOVERY_RES, charge_parameters), .answer_ms = MESSAGE_MS,
        .again_ms = ONGOING_MS, .pause = ASK_PAUSE_POLL},
    [ASK_CABLE_CHECK] = {.request = "CableCheckReq", .response = "CableCheckRes",
        PAIR(CABLE_CHECK_REQ, CABLE_CHECK_RES, cable_check), .before = din_ev_before_cable_check, .answer_ms = MESSAGE_MS,
        .again_ms = CABLE_CHECK_MS, .pause = ASK_PAUSE_POLL},
    [ASK_PRE_CHARGE] = {.request = "PreChargeReq", .response = "PreChargeRes",
        PAIR(PRE_CHARGE_REQ, PRE_CHARGE_RES, pre_charge), .answer_ms = MESSAGE_MS, .again_ms = PRE_CHARGE_MS,
        .pause = ASK_PAUSE_POLL},
    [ASK_POWER_ON] = {.request = "PowerDeliveryReq", .response = "PowerDeliveryRes",
        PAIR(POWER_DELIVERY_REQ, POWER_DELIVERY_RES, power_on), .answer_ms = MESSAGE_MS},
    [ASK_LOOP] = {.request = "CurrentDemandReq", .response = "CurrentDemandRes",
        PAIR(CURRENT_DEMAND_REQ, CURRENT_DEMAND_RES, loop), .answer_ms = DEMAND_MS, .pause = ASK_PAUSE_LOOP, .own_end = true},
    [ASK_POWER_OFF] = {.request = "PowerDeliveryReq", .response = "PowerDeliveryRes",
        PAIR(POWER_DELIVERY_REQ, POWER_DELIVERY_RES, power_off), .answer_ms = MESSAGE_MS, .own_end = true},
    [ASK_WELDING] = {.request = "WeldingDetectionReq", .response = "WeldingDetectionRes",
        PAIR(WELDING_DETECTION_REQ, WELDING_DETECTION_RES, welding), .before = din_ev_before_leaving, .answer_ms = MESSAGE_MS,
        .pause = ASK_PAUSE_POLL, .own_end = true},
    [ASK_SESSION_STOP] = {.request = "SessionStopReq", .response = "SessionStopRes",
        PAIR(SESSION_STOP_REQ, SESSION_STOP_RES, session_stop), .before = din_ev_before_leaving, .answer_ms = MESSAGE_MS,
        .own_end = true},
};

static const ask_step_t steps[] = {
    /* asked                 outcome    then ask */
    {ASK_SESSION_SETUP,     ASK_NEXT,  ASK_SERVICE_DISCOVERY},
    {ASK_SESSION_SETUP,     ASK_STOP,  ASK_SESSION_STOP},
    {ASK_SERVICE_DISCOVERY, ASK_NEXT,  ASK_SERVICE_SELECTION},
    {ASK_SERVICE_DISCOVERY, ASK_STOP,  ASK_SESSION_STOP},
    {ASK_SERVICE_SELECTION, ASK_NEXT,  ASK_AUTHORIZATION},
    {ASK_SERVICE_SELECTION, ASK_STOP,  ASK_SESSION_STOP},
    {ASK_AUTHORIZATION,     ASK_AGAIN, ASK_AUTHORIZATION},
    {ASK_AUTHORIZATION,     ASK_NEXT,  ASK_CHARGE_PARAMETERS},
    {ASK_AUTHORIZATION,     ASK_STOP,  ASK_SESSION_STOP},
    {ASK_CHARGE_PARAMETERS, ASK_AGAIN, ASK_CHARGE_PARAMETERS},
    {ASK_CHARGE_PARAMETERS, ASK_NEXT,  ASK_CABLE_CHECK},
    {ASK_CHARGE_PARAMETERS, ASK_STOP,  ASK_SESSION_STOP},
    {ASK_CABLE_CHECK,       ASK_AGAIN, ASK_CABLE_CHECK},
    {ASK_CABLE_CHECK,       ASK_NEXT,  ASK_PRE_CHARGE},
    {ASK_CABLE_CHECK,       ASK_STOP,  ASK_SESSION_STOP},
    {ASK_PRE_CHARGE,        ASK_AGAIN, ASK_PRE_CHARGE},
    {ASK_PRE_CHARGE,        ASK_NEXT,  ASK_POWER_ON},
    {ASK_PRE_CHARGE,        ASK_STOP,  ASK_POWER_OFF},
    {ASK_POWER_ON,          ASK_NEXT,  ASK_LOOP},
    {ASK_POWER_ON,          ASK_STOP,  ASK_LOOP}, /* one CurrentDemandReq of 0 A: nothing else is allowed here */
    {ASK_LOOP,              ASK_AGAIN, ASK_LOOP},
    {ASK_LOOP,              ASK_NEXT,  ASK_POWER_OFF},
    {ASK_LOOP,              ASK_STOP,  ASK_POWER_OFF},
    {ASK_POWER_OFF,         ASK_NEXT,  ASK_WELDING},
    {ASK_POWER_OFF,         ASK_STOP,  ASK_SESSION_STOP},
    {ASK_WELDING,           ASK_AGAIN, ASK_WELDING},
    {ASK_WELDING,           ASK_NEXT,  ASK_SESSION_STOP},
    {ASK_SESSION_STOP,      ASK_NEXT,  ASK_END},
};
/* clang-format on */

static ccs_err_t write_request(const ask_pair_t *pair, vehicle_t *vehicle, ccs_view_t session_id, ask_note_t *note, uint8_t *out,
                               size_t size, size_t *length)
{
    din_v2g_message_t message;
    memset(&message, 0, sizeof message);
    message.header.session_id = session_id;
    message.body.which = (uint8_t)pair->request_which;
    ask_draft_t draft = {.body = &message.body.session_setup_req, .note = note};
    pair->fill(vehicle, &draft);
    return exi_encode(&exi_din, DIN_V2G_MESSAGE, &message, out, size, length, NULL);
}

static ccs_err_t read_response(ccs_view_t exi, exi_arena_t *arena, ask_answer_t *answer)
{
    exi_message_t decoded;
    CCS_TRY(exi_decode(&exi_din, exi, arena, &decoded));
    if (decoded.root != DIN_V2G_MESSAGE) {
        return CCS_ERR_UNKNOWN;
    }
    const din_v2g_message_t *const message = decoded.at;
    *answer = (ask_answer_t){.which = message->body.which,
                             .body = &message->body.session_setup_res,
                             .has_session = true,
                             .session_id = message->header.session_id};
    return CCS_OK;
}

/* Every response of a pair begins with its ResponseCode. An unknown code is no OK. */
static const char *response_code(const void *body, bool *failed)
{
    const din_response_code_t code = *(const din_response_code_t *)body;
    *failed = (unsigned)code >= DIN_RESPONSE_CODE_FAILED;
    return din_response_code_name(code);
}

const ask_protocol_t din_ask = {
    .room = "din",
    .pairs = pairs,
    .steps = steps,
    .step_count = sizeof steps / sizeof steps[0],
    .first = ASK_SESSION_SETUP,
    .ready_ms = READY_MS,
    .write = write_request,
    .read = read_response,
    .code = response_code,
};
