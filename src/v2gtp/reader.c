/* The stream reader: see the resync rule in v2gtp.h.
 *
 * Invariant between calls: skip > 0 means have == 0; have <= want <= size; have == want only while a message waits.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "v2gtp/v2gtp.h"

#include <string.h>

typedef enum judgement { JUDGED_GOOD, JUDGED_TOO_LONG, JUDGED_UNKNOWN_TYPE, JUDGED_OTHER_VERSION, JUDGED_HOPELESS } judgement_t;

void v2gtp_reader_init(v2gtp_reader_t *reader, uint8_t *buffer, size_t size)
{
    CCS_ASSERT(buffer && size > V2GTP_HEADER_SIZE);
    *reader = (v2gtp_reader_t){.buffer = buffer, .size = size, .want = V2GTP_HEADER_SIZE};
}

void v2gtp_reader_restart(v2gtp_reader_t *reader)
{
    reader->have = 0;
    reader->want = V2GTP_HEADER_SIZE;
    reader->skip = 0;
    reader->hunting = false;
}

size_t v2gtp_reader_window(const v2gtp_reader_t *reader)
{
    return reader->skip ? reader->skip : reader->want - reader->have;
}

static bool version_half_right(const v2gtp_header_t *header)
{
    return header->version == V2GTP_VERSION || header->inverse == V2GTP_INVERSE || (header->version ^ header->inverse) == 0xFF;
}

static judgement_t judge(const v2gtp_header_t *header, size_t payload_max)
{
    const bool version_right = header->version == V2GTP_VERSION && header->inverse == V2GTP_INVERSE;
    const bool known = v2gtp_type_streams(header->type);
    if (header->length == 0 || header->length > V2GTP_LENGTH_PLAUSIBLE) {
        return JUDGED_HOPELESS;
    }
    if (!version_right) {
        return known && version_half_right(header) ? JUDGED_OTHER_VERSION : JUDGED_HOPELESS;
    }
    if (!known) {
        return JUDGED_UNKNOWN_TYPE;
    }
    return header->length > payload_max ? JUDGED_TOO_LONG : JUDGED_GOOD;
}

/* Drops the first octet of the header and everything up to the next place where a header could begin. */
static void hunt(v2gtp_reader_t *reader)
{
    size_t from = 1;
    while (from < reader->have &&
           (reader->buffer[from] != V2GTP_VERSION || (from + 1 < reader->have && reader->buffer[from + 1] != V2GTP_INVERSE))) {
        from++;
    }
    reader->have -= from;
    memmove(reader->buffer, reader->buffer + from, reader->have);
    reader->hunting = true;
}

static void skip(v2gtp_reader_t *reader, uint32_t length)
{
    reader->have = 0;
    reader->skip = length;
}

static void header_complete(v2gtp_reader_t *reader)
{
    const v2gtp_header_t header = v2gtp_header_read(reader->buffer);
    const judgement_t judged = judge(&header, reader->size - V2GTP_HEADER_SIZE);
    if (judged == JUDGED_GOOD || judged == JUDGED_TOO_LONG) {
        reader->hunting = false;
    }
    if (reader->hunting) {
        hunt(reader);
        return;
    }
    switch (judged) {
    case JUDGED_GOOD:
        reader->want = V2GTP_HEADER_SIZE + header.length;
        return;
    case JUDGED_TOO_LONG:
        reader->stats.too_long++;
        skip(reader, header.length);
        return;
    case JUDGED_UNKNOWN_TYPE:
        reader->stats.unknown_type++;
        skip(reader, header.length);
        return;
    case JUDGED_OTHER_VERSION:
        reader->stats.malformed++;
        skip(reader, header.length);
        return;
    case JUDGED_HOPELESS:
        reader->stats.malformed++;
        hunt(reader);
        return;
    }
}

static bool waits(const v2gtp_reader_t *reader)
{
    return reader->want > V2GTP_HEADER_SIZE && reader->have == reader->want;
}

/* Takes at most the window: no boundary lies inside. */
static void put_piece(v2gtp_reader_t *reader, const uint8_t *at, size_t length)
{
    if (reader->skip) {
        reader->skip -= (uint32_t)length;
        return;
    }
    memcpy(reader->buffer + reader->have, at, length);
    reader->have += length;
    if (reader->have < reader->want) {
        return;
    }
    if (reader->want == V2GTP_HEADER_SIZE) {
        header_complete(reader);
        return;
    }
    reader->stats.messages++;
}

size_t v2gtp_reader_put(v2gtp_reader_t *reader, ccs_view_t bytes)
{
    size_t taken = 0;
    while (taken < bytes.length && !waits(reader)) {
        const size_t left = bytes.length - taken;
        const size_t window = v2gtp_reader_window(reader);
        const size_t piece = left < window ? left : window;
        CCS_ASSERT(piece > 0);
        put_piece(reader, bytes.at + taken, piece);
        taken += piece;
    }
    return taken;
}

bool v2gtp_reader_message(const v2gtp_reader_t *reader, v2gtp_message_t *message)
{
    if (!waits(reader)) {
        return false;
    }
    message->type = v2gtp_header_read(reader->buffer).type;
    message->whole = (ccs_view_t){reader->buffer, reader->have};
    message->payload = (ccs_view_t){reader->buffer + V2GTP_HEADER_SIZE, reader->have - V2GTP_HEADER_SIZE};
    return true;
}

void v2gtp_reader_next(v2gtp_reader_t *reader)
{
    if (waits(reader)) {
        reader->have = 0;
        reader->want = V2GTP_HEADER_SIZE;
    }
}

const v2gtp_stats_t *v2gtp_reader_stats(const v2gtp_reader_t *reader)
{
    return &reader->stats;
}
