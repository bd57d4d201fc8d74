/* The handshake: which protocols this car offers, and which one the charger takes. A protocol of one pair.
 * SPDX-License-Identifier: Apache-2.0 */
#include "messages/sap.h"
#include "ev/ev_private.h"

#include <assert.h>
#include <string.h>

enum { OFFERS_MAX = 2, MESSAGE_MS = 2000 };

static ccs_view_t text(const char *string)
{
    return (ccs_view_t){(const uint8_t *)string, strlen(string)};
}

/* A maker's own protocol stands first where the car has that habit (Tesla); its SchemaID is another one. */
static void fill_offer(vehicle_t *vehicle, ask_draft_t *draft)
{
    static_assert(sizeof(sap_app_protocol_node_t) * OFFERS_MAX <= sizeof draft->memory, "a draft holds every offer");
    sap_supported_app_protocol_req_t *const req = draft->body;
    sap_app_protocol_node_t *const offers = (sap_app_protocol_node_t *)(void *)draft->memory;
    const uint8_t schema_id = vehicle->config->schema_id;
    const bool own = vehicle->config->habits & CCS_EV_OWN_NAMESPACE;
    offers[0].item = (sap_app_protocol_t){text("urn:din:70121:2012:MsgDef"), 2, 0, schema_id, own ? 2 : 1};
    offers[1].item = (sap_app_protocol_t){text("urn:tesla:din:2018:MsgDef"), 0, 7, (uint8_t)(schema_id + 1), 1};
    offers[1].next = &offers[0];
    req->app_protocol = own ? &offers[1] : &offers[0];
    ask_note_text(draft->note, "offers", own ? "own namespace, DIN 70121" : "DIN 70121");
}

/* The charger echoes the SchemaID of what it takes. */
static ask_outcome_t read_choice(vehicle_t *vehicle, const void *body, ask_note_t *note)
{
    const sap_supported_app_protocol_res_t *const res = body;
    ask_note_number(note, "schema_id", res->has_schema_id ? res->schema_id : -1);
    return res->has_schema_id && res->schema_id == vehicle->config->schema_id ? ASK_NEXT : ASK_REFUSE;
}

static const ask_pair_t pairs[ASK_COUNT] = {
    [ASK_PROTOCOL] = {.request = "supportedAppProtocolReq",
                      .response = "supportedAppProtocolRes",
                      .request_which = SAP_SUPPORTED_APP_PROTOCOL_REQ,
                      .response_which = SAP_SUPPORTED_APP_PROTOCOL_RES,
                      .fill = fill_offer,
                      .read = read_choice,
                      .answer_ms = MESSAGE_MS,
                      .own_end = true},
};

static const ask_step_t steps[] = {{ASK_PROTOCOL, ASK_NEXT, ASK_END}};

static ccs_err_t write_request(const ask_pair_t *pair, vehicle_t *vehicle, ccs_view_t session_id, ask_note_t *note, uint8_t *out,
                               size_t size, size_t *length)
{
    sap_supported_app_protocol_req_t req = {0};
    ask_draft_t draft = {.body = &req, .note = note};
    (void)session_id;
    pair->fill(vehicle, &draft);
    return exi_encode(&exi_sap, pair->request_which, &req, out, size, length, NULL);
}

static ccs_err_t read_response(ccs_view_t exi, exi_arena_t *arena, ask_answer_t *answer)
{
    exi_message_t decoded;
    CCS_TRY(exi_decode(&exi_sap, exi, arena, &decoded));
    *answer = (ask_answer_t){.which = decoded.root, .body = decoded.at};
    return CCS_OK;
}

static const char *response_code(const void *body, bool *failed)
{
    static const char *const codes[] = {"OK_SuccessfulNegotiation", "OK_SuccessfulNegotiationWithMinorDeviation",
                                        "Failed_NoNegotiation"};
    const sap_response_code_t code = ((const sap_supported_app_protocol_res_t *)body)->response_code;
    *failed = (unsigned)code >= SAP_RESPONSE_CODE_FAILED_NO_NEGOTIATION;
    return (unsigned)code < sizeof codes / sizeof codes[0] ? codes[code] : "?";
}

const ask_protocol_t ev_sap = {
    .room = "sap",
    .pairs = pairs,
    .steps = steps,
    .step_count = sizeof steps / sizeof steps[0],
    .first = ASK_PROTOCOL,
    .write = write_request,
    .read = read_response,
    .code = response_code,
};
