/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/outlet/recorder.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MESSAGE_MAX = 8192, MME_TYPE_AT = 15, NMK_SIZE = 16 };

static void file_name(recorder_t *recorder)
{
    char when[32];
    const time_t now = (time_t)(recorder->utc_us() / 1000000);
    struct tm parts;
    gmtime_r(&now, &parts);
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &parts);
    if (recorder->single) {
        snprintf(recorder->file, sizeof recorder->file, "%s", recorder->path);
        return;
    }
    snprintf(recorder->file, sizeof recorder->file, "%.280s/%.60s-%s-%u.pcapng", recorder->path, recorder->name, when,
             recorder->files + 1);
}

/* ---- what came before the file ---- */

static void backlog_add(recorder_t *recorder, bool note, ccs_view_t octets)
{
    if (recorder->backlog_count == RECORDER_BACKLOG) {
        recorder->backlog_first = (recorder->backlog_first + 1) % RECORDER_BACKLOG;
        recorder->backlog_count--;
    }
    recorder_entry_t *entry = &recorder->backlog[(recorder->backlog_first + recorder->backlog_count++) % RECORDER_BACKLOG];
    const size_t most = sizeof entry->octets - 1; /* a note ends with a zero */
    const size_t length = octets.length < most ? octets.length : most;
    entry->utc_us = recorder->utc_us();
    entry->note = note;
    entry->length = (uint16_t)length;
    memcpy(entry->octets, octets.at, length);
    entry->octets[length] = 0;
}

static void backlog_write(recorder_t *recorder)
{
    for (; recorder->backlog_count > 0; recorder->backlog_count--) {
        const recorder_entry_t *entry = &recorder->backlog[recorder->backlog_first];
        recorder->backlog_first = (recorder->backlog_first + 1) % RECORDER_BACKLOG;
        if (entry->note) {
            capture_note(&recorder->capture, entry->utc_us, (const char *)entry->octets);
        } else {
            capture_frame(&recorder->capture, entry->utc_us, (ccs_view_t){entry->octets, entry->length});
        }
    }
}

/* Where a frame holds the network membership key; 0: nowhere. */
static size_t key_at(ccs_view_t frame)
{
    static const struct {
        uint16_t type;
        uint8_t at;
    } rows[] = {{0x6008, 41}, {0x600D, 41}, {0x607D, 93}}; /* CM_SET_KEY.REQ, CM_GET_KEY.CNF, CM_SLAC_MATCH.CNF */
    const unsigned type = frame.length > MME_TYPE_AT + 1 ? (unsigned)(frame.at[MME_TYPE_AT] | frame.at[MME_TYPE_AT + 1] << 8) : 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].type == type && frame.length >= (size_t)rows[i].at + NMK_SIZE) {
            return rows[i].at;
        }
    }
    return 0;
}

static void mme(recorder_t *recorder, ccs_view_t frame)
{
    uint8_t octets[CAPTURE_FRAME_MAX];
    const size_t key = key_at(frame);
    const size_t length = frame.length < sizeof octets ? frame.length : sizeof octets;
    memcpy(octets, frame.at, length);
    if (key > 0) {
        memset(octets + key, 0, NMK_SIZE);
    }
    if (recorder->open) {
        capture_frame(&recorder->capture, recorder->utc_us(), (ccs_view_t){octets, length});
    } else if (recorder->path[0] != '\0') {
        backlog_add(recorder, false, (ccs_view_t){octets, length});
    }
}

/* ---- the file ---- */

/* The capture to write into; NULL: none is asked for, or it cannot be opened. */
static capture_t *capture_of(recorder_t *recorder)
{
    if (recorder->open) {
        return &recorder->capture;
    }
    if (recorder->path[0] == '\0' || recorder->broken) {
        return NULL;
    }
    file_name(recorder);
    if (capture_open(&recorder->capture, recorder->file, recorder->application) != CCS_OK) {
        recorder->broken = true;
        return NULL;
    }
    capture_limit(&recorder->capture, recorder->octets_max > 0 ? recorder->octets_max - CAPTURE_OVER_MAX : 0);
    recorder->open = true;
    recorder->files++;
    if (recorder->opened != NULL) {
        recorder->opened(recorder->opened_ctx, recorder->file);
    }
    backlog_write(recorder);
    return &recorder->capture;
}

static bool links_open(const recorder_t *recorder)
{
    for (size_t i = 0; i < CCS_LINKS; i++) {
        if (recorder->link[i].open) {
            return true;
        }
    }
    return false;
}

static void close_if_over(recorder_t *recorder)
{
    if (recorder->over && !links_open(recorder) && !recorder->single) {
        recorder_close(recorder);
    }
}

bool recorder_open(recorder_t *recorder)
{
    return capture_of(recorder) != NULL;
}

static void link_opens(recorder_t *recorder, uint8_t link, const ccs_endpoint_t *peer, bool we_connect)
{
    capture_t *capture = capture_of(recorder);
    recorder->link[link].open = true;
    recorder->link[link].peer = *peer;
    if (capture != NULL) {
        capture_connect(capture, recorder->utc_us(), link, &recorder->us, peer, we_connect, NULL);
    }
}

static void link_ends(recorder_t *recorder, uint8_t link, char direction)
{
    if (recorder->link[link].open && recorder->open) {
        capture_disconnect(&recorder->capture, recorder->utc_us(), link, direction, NULL);
    }
    recorder->link[link].open = false;
    close_if_over(recorder);
}

void recorder_event(recorder_t *recorder, const ccs_event_t *event)
{
    capture_t *capture;
    switch (event->type) {
    case CCS_ON_DATAGRAM:
        capture = capture_of(recorder);
        if (capture != NULL) {
            capture_datagram(capture, recorder->utc_us(), &event->datagram.from, &recorder->us_datagram, event->datagram.bytes,
                             NULL);
        }
        return;
    case CCS_ON_MME:
        mme(recorder, event->bytes);
        return;
    case CCS_ON_CONNECT:
        link_opens(recorder, event->link, &event->connect.from, false);
        return;
    case CCS_ON_BYTES:
        if (recorder->open) {
            capture_stream(&recorder->capture, recorder->utc_us(), event->link, 'r', event->bytes, NULL);
        }
        return;
    case CCS_ON_CLOSED:
        link_ends(recorder, event->link, 'r');
        return;
    default:
        return;
    }
}

/* Header and payload are one write, so they are one packet. */
static void send_one(recorder_t *recorder, const ccs_action_t *action)
{
    uint8_t message[MESSAGE_MAX];
    const ccs_view_t *part = action->bytes;
    if (part[0].length + part[1].length > sizeof message) {
        capture_stream(&recorder->capture, recorder->utc_us(), action->link, 's', part[0], NULL);
        capture_stream(&recorder->capture, recorder->utc_us(), action->link, 's', part[1], NULL);
        return;
    }
    size_t length = 0;
    for (size_t i = 0; i < 2; i++) {
        if (part[i].length > 0) {
            memcpy(message + length, part[i].at, part[i].length);
            length += part[i].length;
        }
    }
    const ccs_view_t whole = {.at = message, .length = length};
    capture_stream(&recorder->capture, recorder->utc_us(), action->link, 's', whole, NULL);
}

void recorder_action(recorder_t *recorder, const ccs_action_t *action)
{
    capture_t *capture;
    switch (action->type) {
    case CCS_SEND_DATAGRAM:
        capture = capture_of(recorder);
        if (capture != NULL) {
            capture_datagram(capture, recorder->utc_us(), &recorder->us_datagram, &action->datagram.to, action->datagram.bytes,
                             NULL);
        }
        return;
    case CCS_SEND_MME:
        mme(recorder, action->bytes[0]);
        return;
    case CCS_CONNECT:
        link_opens(recorder, action->link, &action->connect.to, true);
        return;
    case CCS_SEND:
        if (recorder->open) {
            send_one(recorder, action);
        }
        return;
    case CCS_CLOSE:
        link_ends(recorder, action->link, 's');
        return;
    default:
        return;
    }
}

void recorder_note(recorder_t *recorder, const char *text)
{
    if (recorder->open) {
        capture_note(&recorder->capture, recorder->utc_us(), text);
    } else if (recorder->path[0] != '\0') {
        backlog_add(recorder, true, (ccs_view_t){(const uint8_t *)text, strlen(text)});
    }
}

void recorder_end(recorder_t *recorder)
{
    recorder->broken = false;
    recorder->over = recorder->open;
    close_if_over(recorder);
}

void recorder_close(recorder_t *recorder)
{
    if (recorder->open) {
        capture_close(&recorder->capture);
        recorder->open = false;
    }
    recorder->over = false;
}
