/* Frames out, and the trace.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "slac/evse_private.h"

bool evse_room(const slac_evse_t *evse)
{
    return evse->out->count < SLAC_FRAMES_MAX;
}

void evse_trace(slac_evse_t *evse, ccs_level_t level, const char *event, const uint8_t mac[6])
{
    if (!evse->config.trace.hook) {
        return;
    }
    ccs_trace_record_t record = {.now_ms = evse->now_ms, .level = level, .room = "slac", .event = event};
    record.field[record.fields++] = (ccs_trace_field_t){.name = "state", .text = slac_evse_state_name(evse->state)};
    if (mac) {
        int64_t number = 0;
        for (int i = 0; i < 6; i++) {
            number = number << 8 | mac[i];
        }
        record.field[record.fields++] = (ccs_trace_field_t){.name = "mac", .number = number};
    }
    evse->config.trace.hook(evse->config.trace.ctx, &record);
}

static void trace_frame(slac_evse_t *evse, const mme_t *mme, const slac_out_frame_t *frame)
{
    if (!evse->config.trace.hook) {
        return;
    }
    const char *const name = mme_type_name(mme->type);
    const ccs_trace_record_t record = {.now_ms = evse->now_ms,
                                       .level = CCS_LEVEL_DEBUG,
                                       .room = "slac",
                                       .event = name ? name : "MME",
                                       .bytes = {frame->octets, frame->length},
                                       .direction = 's'};
    evse->config.trace.hook(evse->config.trace.ctx, &record);
}

void evse_send(slac_evse_t *evse, const mme_t *mme)
{
    CCS_ASSERT(evse_room(evse));
    slac_out_frame_t *const frame = &evse->out->frame[evse->out->count];
    size_t length = 0;
    const ccs_err_t err = mme_encode(mme, frame->octets, sizeof frame->octets, &length);
    CCS_ASSERT(err == CCS_OK);
    frame->length = (uint16_t)length;
    evse->out->count++;
    trace_frame(evse, mme, frame);
}
