/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/capture/tail.h"

#include "base/bytes.h"

#include <string.h>

enum { LENGTH_AT = 4, STAMP_AT = 12 }; /* in a packet's block */

static uint32_t number_at(const capture_tail_t *tail, size_t at)
{
    bytes_in_t in = bytes_in(tail->octets + at, sizeof(uint32_t));
    return bytes_get_u32le(&in);
}

/* Half at once, so that a flood costs one move in some hundred packets. */
static void make_room(capture_tail_t *tail)
{
    size_t at = 0;
    while (at < sizeof tail->octets / 2) {
        at += number_at(tail, at + LENGTH_AT);
        tail->left_out++;
    }
    tail->left_out_octets += at;
    tail->length -= at;
    memmove(tail->octets, tail->octets + at, tail->length);
}

void tail_put(capture_tail_t *tail, const uint8_t *block, size_t length)
{
    if (tail->length + length > sizeof tail->octets) {
        make_room(tail);
    }
    memcpy(tail->octets + tail->length, block, length);
    tail->length += length;
}

int64_t tail_utc_us(const capture_tail_t *tail)
{
    return (int64_t)((uint64_t)number_at(tail, STAMP_AT) << 32 | number_at(tail, STAMP_AT + 4));
}
