/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include <stdlib.h>
#include <string.h>

struct stream_segment {
    stream_segment_t *next;
    uint32_t sequence;
    int64_t utc_us;
    uint64_t number;
    size_t length;
    uint8_t octets[];
};

/* How far a lies after b; sequence numbers wrap. */
static int32_t after(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

/* Gives what is new of a segment that begins at or before the octet that is due. */
static void give(stream_t *stream, uint32_t sequence, stream_piece_t piece, stream_sink_t sink)
{
    const uint32_t old = stream->next - sequence;
    if (old >= piece.octets.length) {
        stream->repeated += piece.octets.length > 0;
        return;
    }
    piece.octets = (ccs_view_t){piece.octets.at + old, piece.octets.length - old};
    stream->next += (uint32_t)piece.octets.length;
    sink.piece(sink.ctx, &piece);
}

static stream_segment_t *take_first(stream_t *stream)
{
    stream_segment_t *const first = stream->early;
    stream->early = first->next;
    stream->early_count--;
    return first;
}

/* Gives the first waiting segment, with the hole before it, if there is one. */
static void give_first(stream_t *stream, stream_sink_t sink)
{
    stream_segment_t *const first = take_first(stream);
    stream_piece_t piece = {.utc_us = first->utc_us, .number = first->number, .octets = {first->octets, first->length}};
    if (after(first->sequence, stream->next) > 0) {
        piece.missing = first->sequence - stream->next;
        stream->next = first->sequence;
    }
    give(stream, first->sequence, piece, sink);
    free(first);
}

static void give_ready(stream_t *stream, stream_sink_t sink)
{
    while (stream->early && after(stream->early->sequence, stream->next) <= 0) {
        give_first(stream, sink);
    }
}

static void keep(stream_t *stream, const packet_t *packet)
{
    stream_segment_t *const segment = malloc(sizeof *segment + packet->payload.length);
    if (!segment) {
        return; /* becomes a hole that is told */
    }
    segment->sequence = packet->sequence;
    segment->utc_us = packet->utc_us;
    segment->number = packet->number;
    segment->length = packet->payload.length;
    memcpy(segment->octets, packet->payload.at, packet->payload.length);
    stream_segment_t **place = &stream->early;
    while (*place && after((*place)->sequence, packet->sequence) <= 0) {
        place = &(*place)->next;
    }
    segment->next = *place;
    *place = segment;
    stream->early_count++;
}

void stream_segment(stream_t *stream, const packet_t *packet, stream_sink_t sink)
{
    if (packet->flags & PACKET_SYN) {
        stream_end(stream, sink);
        stream->started = true;
        stream->next = packet->sequence + 1;
        return;
    }
    if (packet->payload.length == 0) {
        return;
    }
    if (!stream->started) { /* the capture began in the middle of the connection */
        stream->started = true;
        stream->next = packet->sequence;
    }
    if (after(packet->sequence, stream->next) > 0) {
        keep(stream, packet);
        if (stream->early_count > STREAM_EARLY_MAX) {
            give_first(stream, sink);
        }
    } else {
        const stream_piece_t piece = {.utc_us = packet->utc_us, .number = packet->number, .octets = packet->payload};
        give(stream, packet->sequence, piece, sink);
    }
    give_ready(stream, sink);
}

void stream_acknowledged(stream_t *stream, uint32_t acknowledge, stream_sink_t sink)
{
    while (stream->early && after(acknowledge, stream->early->sequence) > 0) {
        give_first(stream, sink);
    }
    give_ready(stream, sink);
}

void stream_end(stream_t *stream, stream_sink_t sink)
{
    while (stream->early) {
        give_first(stream, sink);
    }
}
