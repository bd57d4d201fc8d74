/* Frames out, and the trace.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "base/trace.h"
#include "slac/evse_private.h"

#include <string.h>

bool evse_room(const slac_evse_t *evse)
{
    return evse->out->count < SLAC_FRAMES_BY_TIME;
}

enum { MAC_TEXT = 18 };

static void write_mac(const uint8_t mac[6], char text[MAC_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 6; i++) {
        text[3 * i] = digits[mac[i] >> 4];
        text[3 * i + 1] = digits[mac[i] & 15];
        text[3 * i + 2] = i < 5 ? ':' : '\0';
    }
}

void evse_trace(slac_evse_t *evse, ccs_level_t level, const char *event, const uint8_t mac[6])
{
    if (!trace_wanted(evse->trace)) {
        return;
    }
    ccs_trace_record_t record = {.now_ms = evse->now_ms, .level = level, .room = "slac", .event = event};
    record.field[record.fields++] = (ccs_trace_field_t){.name = "state", .text = slac_evse_state_name(evse->state)};
    char text[MAC_TEXT];
    if (mac) {
        write_mac(mac, text);
        record.field[record.fields++] = (ccs_trace_field_t){.name = "mac", .text = text};
    }
    trace_emit(evse->trace, &record);
}

/* Keys do not go into any recording. */
static void mask_key(uint16_t type, uint8_t *octets, size_t length)
{
    const size_t at = type == MME_CM_SET_KEY_REQ ? 41 : type == MME_CM_SLAC_MATCH_CNF ? 93 : 0;
    if (at > 0 && length >= at + CCS_NMK_SIZE) {
        memset(octets + at, 0, CCS_NMK_SIZE);
    }
}

void evse_trace_frame(slac_evse_t *evse, uint16_t type, ccs_view_t frame, uint8_t direction)
{
    uint8_t octets[SLAC_FRAME_SIZE];
    if (!trace_wanted(evse->trace)) {
        return;
    }
    const char *const name = mme_type_name(type);
    const size_t length = frame.length < sizeof octets ? frame.length : sizeof octets;
    memcpy(octets, frame.at, length);
    mask_key(type, octets, length);
    const ccs_trace_record_t record = {.now_ms = evse->now_ms,
                                       .level = CCS_LEVEL_DEBUG,
                                       .room = "slac",
                                       .event = name ? name : "MME",
                                       .bytes = {octets, length},
                                       .direction = direction};
    trace_emit(evse->trace, &record);
}

void evse_send(slac_evse_t *evse, const mme_t *mme)
{
    CCS_ASSERT(evse->out->count < SLAC_FRAMES_MAX);
    slac_out_frame_t *const frame = &evse->out->frame[evse->out->count];
    size_t length = 0;
    const ccs_err_t err = mme_encode(mme, frame->octets, sizeof frame->octets, &length);
    CCS_ASSERT(err == CCS_OK);
    frame->length = (uint16_t)length;
    evse->out->count++;
    evse_trace_frame(evse, mme->type, (ccs_view_t){frame->octets, length}, 's');
}
