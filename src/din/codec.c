/* DIN messages between octets and the engine.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/trace.h"
#include "din/din.h"

static ccs_err_t read(ccs_view_t exi, void *memory, size_t size, session_request_t *request, size_t *used, uint32_t *soft)
{
    exi_arena_t arena = {.at = memory, .size = size};
    exi_message_t message;
    CCS_TRY(exi_decode(&exi_din, exi, &arena, &message));
    const din_v2g_message_t *const v2g = message.at;
    *request =
        (session_request_t){.which = v2g->body.which, .body = &v2g->body.cable_check_req, .session_id = v2g->header.session_id};
    *used = arena.used;
    *soft = message.soft;
    return CCS_OK;
}

/* All bodies start at the same place. */
static void *prepare(void *memory, uint8_t which, const uint8_t session_id[SESSION_ID_SIZE])
{
    din_v2g_message_t *const v2g = memory;
    v2g->header.session_id = (ccs_view_t){session_id, SESSION_ID_SIZE};
    v2g->body.which = which;
    return &v2g->body.cable_check_res;
}

static ccs_err_t write(const void *memory, uint8_t *out, size_t size, size_t *length)
{
    return exi_encode(&exi_din, DIN_V2G_MESSAGE, memory, out, size, length, NULL);
}

/* The code is the first element of every response, but for two that begin with an attribute. */
static const char *code_name(const void *memory)
{
    const din_body_t *const body = &((const din_v2g_message_t *)memory)->body;
    switch (body->which) {
    case DIN_BODY_CERTIFICATE_INSTALLATION_RES:
        return din_response_code_name(body->certificate_installation_res.response_code);
    case DIN_BODY_CERTIFICATE_UPDATE_RES:
        return din_response_code_name(body->certificate_update_res.response_code);
    default:
        return din_response_code_name(body->session_stop_res.response_code);
    }
}

const session_codec_t din_codec = {.response_size = sizeof(din_v2g_message_t),
                                   .read = read,
                                   .prepare = prepare,
                                   .write = write,
                                   .code_name = CCS_TRACED(code_name)};
