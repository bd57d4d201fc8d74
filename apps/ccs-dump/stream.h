/* One direction of a TCP connection put back in order: segments may come late, twice, overlapping or never.
 *
 * Octets come out once and in order. Segments that came too early wait; a hole that the receiver has acknowledged was lost by the
 * capture, not by the network, and is stepped over and told.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DUMP_STREAM_H
#define CCS_DUMP_STREAM_H

#include "packet.h"

typedef struct stream_segment stream_segment_t;

typedef struct stream_piece {
    uint32_t missing; /* octets before this piece that the capture does not have */
    int64_t utc_us;   /* of the packet that carried it */
    uint64_t number;
    ccs_view_t octets;
} stream_piece_t;

typedef struct stream_sink {
    void *ctx;
    void (*piece)(void *ctx, const stream_piece_t *piece);
} stream_sink_t;

/* All fields are private. Zeroed, it is a stream of which nothing was seen. */
typedef struct stream {
    bool started;
    uint32_t next;           /* sequence number of the next octet that is due */
    stream_segment_t *early; /* in order of their sequence */
    size_t early_count;
    uint32_t repeated; /* segments that brought nothing new */
} stream_t;

enum { STREAM_EARLY_MAX = 256 }; /* a sender has no more in flight: beyond this the hole will not be filled */

/* A segment of this direction. */
void stream_segment(stream_t *stream, const packet_t *packet, stream_sink_t sink);

/* The receiver has everything before acknowledge. */
void stream_acknowledged(stream_t *stream, uint32_t acknowledge, stream_sink_t sink);

/* No more segments will come: gives what waits, and frees it. */
void stream_end(stream_t *stream, stream_sink_t sink);

#endif
