/* SPDX-License-Identifier: Apache-2.0 */
#include "recording.h"

#include <stdio.h>
#include <string.h>

#include "ccs/version.h"

enum { SDP_PORT = 15118, LINK = 0, OCTETS_MAX = 65536000 /* as ccs-evse has it; some hours of simulated charge */ };

static int64_t utc_us(const recording_t *recording, int64_t now_ms)
{
    return recording->utc_us_at_zero + now_ms * 1000;
}

bool recording_init(recording_t *recording, const char *directory, int64_t utc_us_at_zero)
{
    *recording = (recording_t){.utc_us_at_zero = utc_us_at_zero,
                               .charger = {.address = {0xfe, 0x80, [15] = 1}, .port = 61341},
                               .car = {.address = {0xfe, 0x80, [15] = 2}, .port = 50001}};
    return snprintf(recording->directory, sizeof recording->directory, "%s", directory) < (int)sizeof recording->directory;
}

static bool opened(recording_t *recording)
{
    if (recording->open || recording->directory[0] == '\0') {
        return recording->open;
    }
    recording->files++;
    (void)snprintf(recording->file, sizeof recording->file, "%s/ccs-demo-%u.pcapng", recording->directory, recording->files);
    recording->connected = false;
    recording->open = capture_open(&recording->capture, recording->file, "ccs-demo " CCS_VERSION) == CCS_OK;
    capture_limit(&recording->capture, OCTETS_MAX);
    return recording->open;
}

static void keep_datagram(recording_t *recording, const ccs_trace_record_t *record)
{
    ccs_endpoint_t charger = recording->charger;
    charger.port = SDP_PORT;
    const bool sent = record->direction == 's';
    capture_datagram(&recording->capture, utc_us(recording, record->now_ms), sent ? &charger : &recording->car,
                     sent ? &recording->car : &charger, record->bytes, NULL);
}

static void keep_message(recording_t *recording, const ccs_trace_record_t *record)
{
    const int64_t at_us = utc_us(recording, record->now_ms);
    if (!recording->connected) {
        capture_connect(&recording->capture, at_us, LINK, &recording->charger, &recording->car, false, "simulated link");
        recording->connected = true;
    }
    capture_stream(&recording->capture, at_us, LINK, (char)record->direction, record->bytes, NULL);
}

static void keep(void *ctx, const ccs_trace_record_t *record)
{
    recording_t *const recording = ctx;
    if (record->bytes.length == 0 || record->direction == 0 || !opened(recording)) {
        return;
    }
    if (strcmp(record->room, "sdp") == 0) {
        keep_datagram(recording, record);
    } else {
        keep_message(recording, record);
    }
}

ccs_trace_t recording_trace(recording_t *recording)
{
    return (ccs_trace_t){.ctx = recording, .hook = keep};
}

void recording_end(recording_t *recording, int64_t now_ms, const char *why)
{
    if (!recording->open) {
        return;
    }
    if (recording->connected) {
        capture_disconnect(&recording->capture, utc_us(recording, now_ms), LINK, 's', NULL);
    }
    capture_note(&recording->capture, utc_us(recording, now_ms), why);
    capture_close(&recording->capture);
    recording->open = false;
}
