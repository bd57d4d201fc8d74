/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <string.h>

bytes_in_t bytes_in(const void *from, size_t length)
{
    return (bytes_in_t){.at = from, .left = length};
}

static const uint8_t *take(bytes_in_t *in, size_t length)
{
    if (in->failed || length > in->left) {
        in->failed = true;
        return NULL;
    }
    const uint8_t *const at = in->at;
    in->at += length;
    in->left -= length;
    return at;
}

uint8_t bytes_get_u8(bytes_in_t *in)
{
    const uint8_t *const at = take(in, 1);
    return at ? at[0] : 0;
}

uint16_t bytes_get_u16be(bytes_in_t *in)
{
    const uint8_t *const at = take(in, 2);
    return at ? (uint16_t)(at[0] << 8 | at[1]) : 0;
}

uint32_t bytes_get_u32be(bytes_in_t *in)
{
    const uint8_t *const at = take(in, 4);
    return at ? (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3] : 0;
}

uint16_t bytes_get_u16le(bytes_in_t *in)
{
    const uint8_t *const at = take(in, 2);
    return at ? (uint16_t)(at[1] << 8 | at[0]) : 0;
}

uint32_t bytes_get_u32le(bytes_in_t *in)
{
    const uint8_t *const at = take(in, 4);
    return at ? (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0] : 0;
}

void bytes_get(bytes_in_t *in, void *to, size_t length)
{
    const uint8_t *const at = take(in, length);
    if (length == 0) {
        return;
    }
    if (at) {
        memcpy(to, at, length);
    } else {
        memset(to, 0, length);
    }
}

void bytes_skip(bytes_in_t *in, size_t length)
{
    (void)take(in, length);
}

bool bytes_are_text(const void *octets, size_t length, const char *text)
{
    return length == strlen(text) && memcmp(octets, text, length) == 0;
}

bytes_out_t bytes_out(void *to, size_t size)
{
    return (bytes_out_t){.at = to, .left = size};
}

static uint8_t *room(bytes_out_t *out, size_t length)
{
    if (out->failed || length > out->left) {
        out->failed = true;
        return NULL;
    }
    uint8_t *const at = out->at;
    out->at += length;
    out->left -= length;
    out->written += length;
    return at;
}

void bytes_put_u8(bytes_out_t *out, uint8_t value)
{
    bytes_put(out, &value, 1);
}

void bytes_put_u16be(bytes_out_t *out, uint16_t value)
{
    const uint8_t octets[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    bytes_put(out, octets, sizeof octets);
}

void bytes_put_u32be(bytes_out_t *out, uint32_t value)
{
    const uint8_t octets[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    bytes_put(out, octets, sizeof octets);
}

void bytes_put_u16le(bytes_out_t *out, uint16_t value)
{
    const uint8_t octets[2] = {(uint8_t)value, (uint8_t)(value >> 8)};
    bytes_put(out, octets, sizeof octets);
}

void bytes_put_u32le(bytes_out_t *out, uint32_t value)
{
    const uint8_t octets[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
    bytes_put(out, octets, sizeof octets);
}

void bytes_put(bytes_out_t *out, const void *from, size_t length)
{
    uint8_t *const at = room(out, length);
    if (at && length) {
        memcpy(at, from, length);
    }
}

void bytes_put_zeros(bytes_out_t *out, size_t length)
{
    uint8_t *const at = room(out, length);
    if (at && length) {
        memset(at, 0, length);
    }
}
