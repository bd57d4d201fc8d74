/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/capture/pcapng.h"

#include "base/bytes.h"

#include <string.h>

enum {
    BLOCK_SECTION = 0x0A0D0D0A,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 6,
    BYTE_ORDER_MAGIC = 0x1A2B3C4D,
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    OPTION_IF_NAME = 2,
    OPTION_IF_DESCRIPTION = 3,
    OPTION_SECTION_APPLICATION = 4,
    SNAP_LENGTH = 65535
};

static size_t padding(size_t length)
{
    return (4 - length % 4) % 4;
}

/* Cuts a text to max octets, never inside a UTF-8 character. */
static size_t cut(const char *text, size_t max)
{
    size_t length = strlen(text);
    if (length <= max) {
        return length;
    }
    length = max;
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80) {
        length--;
    }
    return length;
}

static void put_option(bytes_out_t *out, uint16_t code, const char *text, size_t max)
{
    if (!text) {
        return;
    }
    const size_t length = cut(text, max);
    bytes_put_u16le(out, code);
    bytes_put_u16le(out, (uint16_t)length);
    bytes_put(out, text, length);
    bytes_put_zeros(out, padding(length));
}

static bytes_out_t begin(uint8_t *at, size_t size, uint32_t type)
{
    bytes_out_t out = bytes_out(at, size);
    bytes_put_u32le(&out, type);
    bytes_put_u32le(&out, 0); /* total length: finish() knows */
    return out;
}

static size_t finish(bytes_out_t *out, uint8_t *at)
{
    bytes_put_u32le(out, OPTION_END);
    const size_t total = out->written + 4;
    bytes_put_u32le(out, (uint32_t)total);
    if (out->failed) {
        return 0;
    }
    bytes_out_t length = bytes_out(at + 4, 4);
    bytes_put_u32le(&length, (uint32_t)total);
    return total;
}

size_t pcapng_section(uint8_t *at, size_t size, const char *application)
{
    bytes_out_t out = begin(at, size, BLOCK_SECTION);
    bytes_put_u32le(&out, BYTE_ORDER_MAGIC);
    bytes_put_u16le(&out, 1); /* version 1.0 */
    bytes_put_u16le(&out, 0);
    bytes_put_u32le(&out, UINT32_MAX); /* section length: not known */
    bytes_put_u32le(&out, UINT32_MAX);
    put_option(&out, OPTION_SECTION_APPLICATION, application, 200);
    return finish(&out, at);
}

size_t pcapng_interface(uint8_t *at, size_t size, const char *name, const char *description)
{
    bytes_out_t out = begin(at, size, BLOCK_INTERFACE);
    bytes_put_u16le(&out, PCAPNG_LINK_ETHERNET);
    bytes_put_u16le(&out, 0);
    bytes_put_u32le(&out, SNAP_LENGTH);
    put_option(&out, OPTION_IF_NAME, name, 100);
    put_option(&out, OPTION_IF_DESCRIPTION, description, 200);
    return finish(&out, at);
}

size_t pcapng_packet(uint8_t *at, size_t size, uint32_t interface_id, int64_t utc_us, ccs_view_t frame, const char *comment,
                     size_t comment_max)
{
    const uint64_t stamp = (uint64_t)utc_us;
    bytes_out_t out = begin(at, size, BLOCK_PACKET);
    bytes_put_u32le(&out, interface_id);
    bytes_put_u32le(&out, (uint32_t)(stamp >> 32));
    bytes_put_u32le(&out, (uint32_t)stamp);
    bytes_put_u32le(&out, (uint32_t)frame.length);
    bytes_put_u32le(&out, (uint32_t)frame.length);
    bytes_put(&out, frame.at, frame.length);
    bytes_put_zeros(&out, padding(frame.length));
    put_option(&out, OPTION_COMMENT, comment, comment_max);
    return finish(&out, at);
}
