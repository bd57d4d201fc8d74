/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/capture/capture.h"

#include "ports/common/capture/frame.h"
#include "ports/common/capture/pcapng.h"
#include "ports/common/capture/tail.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { INTERFACE_NETWORK = 0, INTERFACE_NOTES = 1, US = 0, PEER = 1 };

static bool write_file(void *ctx, const void *octets, size_t length)
{
    return fwrite(octets, 1, length, ctx) == length;
}

static void write_block(capture_t *capture, const uint8_t *block, size_t length)
{
    if (!capture->failed && (length == 0 || !capture->sink.write(capture->sink.ctx, block, length))) {
        capture->failed = true;
    }
    capture->octets += length;
}

/* A line of the capture about itself, over every limit. */
static void write_own_note(capture_t *capture, int64_t utc_us, const char *text)
{
    uint8_t frame[FRAME_MAX], block[PCAPNG_BLOCK_MAX];
    const size_t size = frame_note(frame, CAPTURE_NOTE_ETHERTYPE, (ccs_view_t){(const uint8_t *)text, strlen(text)});
    write_block(capture, block,
                pcapng_packet(block, sizeof block, INTERFACE_NOTES, utc_us, (ccs_view_t){frame, size}, text, CAPTURE_COMMENT_MAX));
}

/* Notes are few and tell most: an eighth of the file is theirs alone. */
static bool has_room(const capture_t *capture, uint32_t interface_id, size_t length)
{
    const uint64_t of_notes = interface_id == INTERFACE_NOTES ? 0 : capture->octets_max / 8;
    return capture->octets_max == 0 || capture->octets + length + of_notes <= capture->octets_max;
}

static void say_cut(capture_t *capture, int64_t utc_us)
{
    char text[200];
    (void)snprintf(text, sizeof text,
                   "capture: its limit of %" PRIu64
                   " octets is met: from here on notes, and the last packets at the end of the file",
                   capture->octets_max);
    write_own_note(capture, utc_us, text);
    capture->cut = true;
}

static void write_packet(capture_t *capture, uint32_t interface_id, int64_t utc_us, ccs_view_t frame, const char *comment)
{
    uint8_t block[PCAPNG_BLOCK_MAX];
    const size_t length = pcapng_packet(block, sizeof block, interface_id, utc_us, frame, comment, CAPTURE_COMMENT_MAX);
    if (has_room(capture, interface_id, length)) {
        write_block(capture, block, length);
        capture->packets += !capture->failed;
        return;
    }
    if (!capture->cut) {
        say_cut(capture, utc_us);
    }
    tail_put(&capture->tail, block, length);
}

static void write_tail(capture_t *capture)
{
    char text[200];
    if (capture->tail.length == 0) {
        return;
    }
    (void)snprintf(text, sizeof text, "capture: %" PRIu32 " packets, %" PRIu64 " octets, are left out before what follows",
                   capture->tail.left_out, capture->tail.left_out_octets);
    write_own_note(capture, tail_utc_us(&capture->tail), text);
    write_block(capture, capture->tail.octets, capture->tail.length);
    capture->tail.length = 0;
}

ccs_err_t capture_open_sink(capture_t *capture, capture_sink_t sink, const char *application)
{
    uint8_t block[PCAPNG_BLOCK_MAX];
    memset(capture, 0, sizeof *capture);
    capture->sink = sink;
    write_block(capture, block, pcapng_section(block, sizeof block, application));
    write_block(capture, block, pcapng_interface(block, sizeof block, "v2g", "frames drawn around datagrams and streams"));
    write_block(capture, block, pcapng_interface(block, sizeof block, "notes", "text: pilot, guard, session"));
    return capture->failed ? CCS_ERR_IO : CCS_OK;
}

ccs_err_t capture_open(capture_t *capture, const char *path, const char *application)
{
    FILE *const file = fopen(path, "wb");
    if (!file) {
        memset(capture, 0, sizeof *capture);
        capture->failed = true;
        return CCS_ERR_IO;
    }
    setvbuf(file, NULL, _IONBF, 0); /* one block is one write */
    const ccs_err_t err = capture_open_sink(capture, (capture_sink_t){file, write_file}, application);
    capture->file = file;
    if (err != CCS_OK) {
        capture_close(capture);
    }
    return err;
}

void capture_limit(capture_t *capture, uint64_t octets_max)
{
    capture->octets_max = octets_max;
}

void capture_close(capture_t *capture)
{
    write_tail(capture);
    if (capture->file) {
        (void)fclose(capture->file); /* unbuffered: nothing is left to be written */
    }
    capture->file = NULL;
    capture->failed = true;
}

void capture_datagram(capture_t *capture, int64_t utc_us, const ccs_endpoint_t *from, const ccs_endpoint_t *to, ccs_view_t octets,
                      const char *comment)
{
    uint8_t frame[FRAME_MAX];
    if (octets.length > FRAME_PAYLOAD_MAX) {
        octets.length = FRAME_PAYLOAD_MAX; /* SDP is 28 octets; whatever else came is shown by its beginning */
    }
    const size_t length = frame_udp(frame, from, to, octets);
    write_packet(capture, INTERFACE_NETWORK, utc_us, (ccs_view_t){frame, length}, comment);
}

/* One segment from one side to the other; SYN and FIN count as an octet. */
static void segment(capture_t *capture, int64_t utc_us, uint8_t link, int from, uint8_t flags, ccs_view_t octets,
                    const char *comment)
{
    uint8_t frame[FRAME_MAX];
    capture_side_t *const sender = &capture->link[link].side[from];
    const capture_side_t *const receiver = &capture->link[link].side[1 - from];
    const uint32_t acknowledge = flags & FRAME_ACK ? receiver->sequence : 0;
    const size_t length = frame_tcp(frame, &sender->endpoint, &receiver->endpoint, sender->sequence, acknowledge, flags, octets);
    sender->sequence += (uint32_t)octets.length + ((flags & (FRAME_SYN | FRAME_FIN)) != 0);
    write_packet(capture, INTERFACE_NETWORK, utc_us, (ccs_view_t){frame, length}, comment);
}

void capture_connect(capture_t *capture, int64_t utc_us, uint8_t link, const ccs_endpoint_t *us, const ccs_endpoint_t *peer,
                     bool we_connect, const char *comment)
{
    const ccs_view_t none = {NULL, 0};
    if (link >= CCS_LINKS) {
        capture->strays++;
        return;
    }
    capture->link[link].open = true;
    capture->link[link].side[US] = (capture_side_t){.endpoint = *us, .sequence = 1000};
    capture->link[link].side[PEER] = (capture_side_t){.endpoint = *peer, .sequence = 2000};
    const int client = we_connect ? US : PEER;
    segment(capture, utc_us, link, client, FRAME_SYN, none, comment);
    segment(capture, utc_us, link, 1 - client, FRAME_SYN | FRAME_ACK, none, NULL);
    segment(capture, utc_us, link, client, FRAME_ACK, none, NULL);
}

static bool is_open(capture_t *capture, uint8_t link)
{
    if (link < CCS_LINKS && capture->link[link].open) {
        return true;
    }
    capture->strays++;
    return false;
}

void capture_stream(capture_t *capture, int64_t utc_us, uint8_t link, char direction, ccs_view_t octets, const char *comment)
{
    if (!is_open(capture, link)) {
        return;
    }
    const int from = direction == 's' ? US : PEER;
    while (octets.length > 0) {
        const bool last = octets.length <= FRAME_PAYLOAD_MAX;
        const size_t piece = last ? octets.length : FRAME_PAYLOAD_MAX;
        const uint8_t flags = last ? FRAME_ACK | FRAME_PSH : FRAME_ACK;
        segment(capture, utc_us, link, from, flags, (ccs_view_t){octets.at, piece}, comment);
        octets = (ccs_view_t){octets.at + piece, octets.length - piece};
        comment = NULL;
    }
}

void capture_disconnect(capture_t *capture, int64_t utc_us, uint8_t link, char direction, const char *comment)
{
    const ccs_view_t none = {NULL, 0};
    if (!is_open(capture, link)) {
        return;
    }
    const int from = direction == 's' ? US : PEER;
    segment(capture, utc_us, link, from, FRAME_FIN | FRAME_ACK, none, comment);
    segment(capture, utc_us, link, 1 - from, FRAME_FIN | FRAME_ACK, none, NULL);
    segment(capture, utc_us, link, from, FRAME_ACK, none, NULL);
    capture->link[link].open = false;
}

void capture_frame(capture_t *capture, int64_t utc_us, ccs_view_t frame)
{
    frame.length = frame.length < CAPTURE_FRAME_MAX ? frame.length : CAPTURE_FRAME_MAX;
    write_packet(capture, INTERFACE_NETWORK, utc_us, frame, NULL);
}

void capture_note(capture_t *capture, int64_t utc_us, const char *text)
{
    uint8_t frame[FRAME_MAX];
    const size_t whole = strlen(text);
    const size_t length = whole < CAPTURE_NOTE_MAX ? whole : CAPTURE_NOTE_MAX;
    const size_t size = frame_note(frame, CAPTURE_NOTE_ETHERTYPE, (ccs_view_t){(const uint8_t *)text, length});
    write_packet(capture, INTERFACE_NOTES, utc_us, (ccs_view_t){frame, size}, text);
}

bool capture_failed(const capture_t *capture)
{
    return capture->failed;
}

uint32_t capture_packets(const capture_t *capture)
{
    return capture->packets;
}

bool capture_is_cut(const capture_t *capture)
{
    return capture->cut;
}

uint32_t capture_left_out(const capture_t *capture)
{
    return capture->tail.left_out;
}
