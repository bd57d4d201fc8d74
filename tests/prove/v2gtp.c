/* The V2GTP stream reader: its invariant holds after any piece of any octets, and it never leaves its buffer.
 * v2gtp_reader_put() is a loop around put_piece(), which is proved; fuzz/ runs the loop.
 * SPDX-License-Identifier: Apache-2.0 */
#include "prove.h"
#include "v2gtp/reader.c"

enum { SIZE_MAX_PROVED = 1 << 17 };

static bool holds(const v2gtp_reader_t *reader)
{
    return reader->size > V2GTP_HEADER_SIZE && reader->want >= V2GTP_HEADER_SIZE && reader->want <= reader->size &&
           reader->have <= reader->want && (reader->skip == 0 || reader->have == 0) &&
           (reader->want > V2GTP_HEADER_SIZE || reader->have < V2GTP_HEADER_SIZE) &&
           (reader->skip == 0 || reader->want == V2GTP_HEADER_SIZE) && reader->skip <= V2GTP_LENGTH_PLAUSIBLE;
}

static v2gtp_reader_t any_reader(void)
{
    v2gtp_reader_t reader;
    reader.size = any_size();
    reader.have = any_size();
    reader.want = any_size();
    reader.skip = any_u32();
    reader.hunting = any_bool();
    reader.stats = (v2gtp_stats_t){any_u32(), any_u32(), any_u32(), any_u32()};
    assume(reader.size <= SIZE_MAX_PROVED);
    reader.buffer = any_octets(reader.size);
    assume(holds(&reader));
    return reader;
}

/* A piece of any size up to the window; put() makes no other. */
void harness_v2gtp_put_piece(void)
{
    v2gtp_reader_t reader = any_reader();
    const size_t length = any_size();
    assume(length >= 1 && length <= v2gtp_reader_window(&reader));
    put_piece(&reader, any_octets(length), length);
    claim(holds(&reader));
}

/* Out of step it moves: eight octets in, fewer than eight left, so that a window is never 0 without a message. */
void harness_v2gtp_header_complete(void)
{
    v2gtp_reader_t reader = any_reader();
    assume(reader.want == V2GTP_HEADER_SIZE && reader.skip == 0);
    reader.have = V2GTP_HEADER_SIZE;
    header_complete(&reader);
    claim(holds(&reader));
    claim(v2gtp_reader_window(&reader) > 0);
}

void harness_v2gtp_message_next(void)
{
    v2gtp_reader_t reader = any_reader();
    v2gtp_message_t message;
    const bool there = v2gtp_reader_message(&reader, &message);
    claim(there == (v2gtp_reader_window(&reader) == 0));
    claim(!there || message.whole.length == message.payload.length + V2GTP_HEADER_SIZE);
    v2gtp_reader_next(&reader);
    claim(holds(&reader));
    claim(v2gtp_reader_window(&reader) > 0);
}
