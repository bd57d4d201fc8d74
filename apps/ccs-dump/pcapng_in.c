/* SPDX-License-Identifier: Apache-2.0 */
#include "pcapng_in.h"

#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>

#define SECTION 0x0A0D0D0Au
#define ORDER   0x1A2B3C4Du

enum { INTERFACE = 1, SIMPLE = 3, ENHANCED = 6, HEAD = 8, TAIL = 4, BLOCK_MAX = 1 << 24 };
enum { LINK_RAW = 101, OPTION_RESOLUTION = 9, OPTION_OFFSET = 14, MICROSECONDS = 1000000 };

typedef struct block {
    uint32_t type;
    const uint8_t *at; /* behind type and length */
    size_t length;     /* without the length at its end */
} block_t;

pcapng_in_t pcapng_in(FILE *file)
{
    return (pcapng_in_t){.file = file};
}

void pcapng_in_free(pcapng_in_t *in)
{
    free(in->block);
    in->block = NULL;
}

static uint32_t u32(const pcapng_in_t *in, const uint8_t *at)
{
    const uint32_t little = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    const uint32_t big = at[3] | (uint32_t)at[2] << 8 | (uint32_t)at[1] << 16 | (uint32_t)at[0] << 24;
    return in->swapped ? big : little;
}

static uint16_t u16(const pcapng_in_t *in, const uint8_t *at)
{
    return (uint16_t)(in->swapped ? at[0] << 8 | at[1] : at[1] << 8 | at[0]);
}

static bool make_room(pcapng_in_t *in, size_t length)
{
    if (length > in->size) {
        uint8_t *const grown = realloc(in->block, length);
        if (!grown) {
            return false;
        }
        in->block = grown;
        in->size = length;
    }
    return true;
}

/* A section says its byte order in what follows its length. */
static bool read_order(pcapng_in_t *in, uint8_t order[4])
{
    if (fread(order, 1, 4, in->file) != 4) {
        return false;
    }
    in->interfaces = 0;
    in->swapped = false;
    in->swapped = u32(in, order) != ORDER;
    return u32(in, order) == ORDER;
}

static pcapng_got_t read_block(pcapng_in_t *in, block_t *out)
{
    uint8_t head[HEAD], order[4];
    const size_t got = fread(head, 1, sizeof head, in->file);
    if (got != sizeof head) {
        return got == 0 && feof(in->file) ? PCAPNG_END : PCAPNG_DAMAGED;
    }
    out->type = u32(in, head);
    const bool section = out->type == SECTION;
    const size_t have = section ? sizeof order : 0;
    if (section && !read_order(in, order)) {
        return PCAPNG_DAMAGED;
    }
    const size_t length = u32(in, head + 4);
    if (length < HEAD + TAIL + have || length > BLOCK_MAX || length % 4 != 0 || !make_room(in, length)) {
        return PCAPNG_DAMAGED;
    }
    if (section) {
        memcpy(in->block, order, sizeof order);
    }
    const size_t rest = length - HEAD - have;
    if (fread(in->block + have, 1, rest, in->file) != rest) {
        return PCAPNG_DAMAGED;
    }
    out->at = in->block;
    out->length = length - HEAD - TAIL;
    return PCAPNG_FRAME;
}

/* 6: microseconds; the highest bit: a power of two instead of ten. 0: finer than we can count. */
static uint64_t ticks_of(uint8_t resolution)
{
    const unsigned power = resolution & 0x7F;
    uint64_t ticks = 1;
    for (unsigned i = 0; i < power; i++) {
        ticks *= resolution & 0x80 ? 2 : 10;
        if (ticks > UINT64_C(1000000000000)) {
            return 0;
        }
    }
    return ticks;
}

static bool take_interface(pcapng_in_t *in, const block_t *block)
{
    if (block->length < 8 || in->interfaces == PCAPNG_INTERFACES_MAX) {
        return false;
    }
    const int link = u16(in, block->at);
    uint64_t ticks = MICROSECONDS;
    int64_t offset_s = 0;
    for (size_t i = 8; i + 4 <= block->length;) {
        const uint16_t code = u16(in, block->at + i), length = u16(in, block->at + i + 2);
        const uint8_t *const value = block->at + i + 4;
        if (code == 0 || length > block->length - i - 4) {
            break;
        }
        if (code == OPTION_RESOLUTION && length == 1) {
            ticks = ticks_of(value[0]);
        } else if (code == OPTION_OFFSET && length == 8) {
            offset_s = (int32_t)u32(in, in->swapped ? value + 4 : value); /* 68 years are enough */
        }
        i += 4 + (size_t)((length + 3) & ~3);
    }
    in->interface[in->interfaces].link_type = link == LINK_RAW ? DLT_RAW : link;
    in->interface[in->interfaces].ticks = ticks;
    in->interface[in->interfaces].offset_s = offset_s;
    in->interfaces++;
    return ticks > 0;
}

static bool take_enhanced(const pcapng_in_t *in, const block_t *block, pcapng_frame_t *out)
{
    enum { FRAME_AT = 20 };
    const uint32_t number = block->length < FRAME_AT ? PCAPNG_INTERFACES_MAX : u32(in, block->at);
    if (number >= in->interfaces) {
        return false;
    }
    const uint64_t stamp = (uint64_t)u32(in, block->at + 4) << 32 | u32(in, block->at + 8);
    const uint64_t ticks = in->interface[number].ticks;
    const size_t length = u32(in, block->at + 12);
    out->link_type = in->interface[number].link_type;
    out->utc_us = (int64_t)(stamp / ticks % UINT32_MAX * MICROSECONDS + stamp % ticks * MICROSECONDS / ticks) +
                  in->interface[number].offset_s * MICROSECONDS;
    out->whole = u32(in, block->at + 16);
    out->frame = (ccs_view_t){block->at + FRAME_AT, length};
    return length <= block->length - FRAME_AT;
}

/* Of the first interface; it has no time. */
static bool take_simple(const pcapng_in_t *in, const block_t *block, pcapng_frame_t *out)
{
    if (block->length < 4 || in->interfaces == 0) {
        return false;
    }
    *out = (pcapng_frame_t){.link_type = in->interface[0].link_type, .whole = u32(in, block->at)};
    const size_t room = block->length - 4;
    out->frame = (ccs_view_t){block->at + 4, out->whole < room ? out->whole : room};
    return true;
}

pcapng_got_t pcapng_in_next(pcapng_in_t *in, pcapng_frame_t *out)
{
    for (;;) {
        block_t block;
        const pcapng_got_t got = read_block(in, &block);
        if (got != PCAPNG_FRAME) {
            return got;
        }
        if (block.type == ENHANCED) {
            return take_enhanced(in, &block, out) ? PCAPNG_FRAME : PCAPNG_DAMAGED;
        }
        if (block.type == SIMPLE) {
            return take_simple(in, &block, out) ? PCAPNG_FRAME : PCAPNG_DAMAGED;
        }
        if (block.type == INTERFACE && !take_interface(in, &block)) {
            return PCAPNG_DAMAGED;
        }
    }
}
