/* The EXI bit cursor: reading stays within EXI_AHEAD octets of a row's start, writing within the buffer.
 * SPDX-License-Identifier: Apache-2.0 */
#include "exi/bits.c"
#include "exi/text.c"
#include "prove.h"

enum { BITS_MAX = 1 << 20, OCTETS_MAX = 40 };

/* A place from which EXI_AHEAD octets are readable. */
static const uint8_t *any_place(uint32_t *pos)
{
    *pos = any_u32();
    assume(*pos <= BITS_MAX);
    return any_octets((*pos >> 3) + EXI_AHEAD);
}

void harness_exi_peek(void)
{
    uint32_t pos;
    const uint8_t *const at = any_place(&pos);
    const unsigned bits = any_u8();
    assume(bits <= 25);
    const uint32_t value = exi_peek(at, pos, bits);
    claim(value < (uint32_t)1 << bits);
    claim(exi_are_zero(exi_window(at, pos), bits) == (value == 0));
    claim(bits == 0 || exi_first(exi_window(at, pos), bits) == value);
}

/* The longest row: 25 bits, a sign, then an integer. */
void harness_exi_read_uint(void)
{
    uint32_t pos;
    const uint8_t *const at = any_place(&pos);
    pos += 25 + 1;
    const exi_uint_t number = exi_read_uint(at, pos);
    claim(number.end == 0 || (number.end >= pos + 8 && number.end <= pos + 80));
    claim((exi_octet(at, pos) < 128) == (number.end == pos + 8));
}

void harness_exi_copy_octets(void)
{
    enum { SHORT_MAX = 18 };
    const size_t length = any_size();
    const unsigned shift = any_u8();
    assume(length <= SHORT_MAX && shift >= 1 && shift <= 7);
    const uint8_t *const from = any_octets_of(SHORT_MAX + 1, length + 1);
    exi_copy_octets(any_octets_of(SHORT_MAX, length), from, shift, length);
}

/* The loop of eight steps, once and left. What is copied is right, at any place. */
void harness_exi_copy_long(void)
{
    enum { LENGTH = 66 };
    const unsigned shift = any_u8();
    assume(shift >= 1 && shift <= 7);
    const uint8_t *const from = any_octets(LENGTH + 1);
    uint8_t *const to = any_octets(LENGTH);
    exi_copy_octets(to, from, shift, LENGTH);
    const size_t i = any_size();
    assume(i < LENGTH);
    claim(to[i] == (uint8_t)(from[i] << shift | from[i + 1] >> (8 - shift)));
}

void harness_exi_copy_ascii(void)
{
    const size_t length = any_size();
    const unsigned shift = any_u8();
    assume(length <= 12 && shift >= 1 && shift <= 7);
    const uint8_t *const from = any_octets_of(OCTETS_MAX + 1, length + 1);
    uint8_t *const to = any_octets_of(OCTETS_MAX, length);
    const bool ascii = exi_copy_ascii(to, from, shift, length);
    claim(length == 0 || ascii == exi_is_ascii(to, length));
    const size_t i = any_size();
    assume(i < length);
    claim(!ascii || to[i] < 128);
}

enum { BUFFER_MAX = 48 };

/* A writer with some room left. */
static exi_out_t any_out(exi_sink_t *sink)
{
    const size_t left = any_size();
    assume(left <= BUFFER_MAX);
    sink->begin = any_octets_of(BUFFER_MAX, left);
    sink->end = sink->begin + left;
    sink->full = any_bool();
    const exi_out_t out = {.at = sink->begin, .bits = any_u64(), .count = any_u8()};
    assume(out.count < 32);
    return out;
}

static bool out_holds(const exi_out_t *out, const exi_sink_t *sink)
{
    return out->count < 32 && out->at <= sink->end;
}

void harness_exi_out_put(void)
{
    exi_sink_t sink;
    exi_out_t out = any_out(&sink);
    const unsigned count = any_u8();
    const uint32_t value = any_u32();
    assume(count <= 32 && (count == 32 || value < (uint32_t)1 << count));
    exi_out_put(&out, &sink, value, count);
    claim(out_holds(&out, &sink));
}

void harness_exi_out_uint(void)
{
    exi_sink_t sink;
    exi_out_t out = any_out(&sink);
    exi_out_uint(&out, &sink, any_u64());
    claim(out_holds(&out, &sink));
}

void harness_exi_out_octets(void)
{
    exi_sink_t sink;
    exi_out_t out = any_out(&sink);
    const size_t length = any_size();
    assume(length <= 10);
    exi_out_octets(&out, &sink, any_octets_of(10, length), length);
    claim(out_holds(&out, &sink));
}

/* The loop of eight steps, once and left, in a buffer that is just large enough. */
void harness_exi_out_long(void)
{
    enum { LENGTH = 66, ROOM = LENGTH + 4 + EXI_WORD_OCTETS + 1 };
    uint8_t *const buffer = any_octets(ROOM);
    exi_sink_t sink = {.begin = buffer, .end = buffer + ROOM, .full = false};
    exi_out_t out = {.at = buffer, .bits = any_u64(), .count = any_u8()};
    assume(out.count < 32);
    exi_out_octets(&out, &sink, any_octets(LENGTH), LENGTH);
    claim(out_holds(&out, &sink));
}

void harness_exi_out_finish(void)
{
    exi_sink_t sink;
    exi_out_t out = any_out(&sink);
    exi_out_finish(&out, &sink);
    claim(out.at <= sink.end);
    claim(sink.full || out.count == 0);
}

void harness_exi_text_next(void)
{
    const size_t length = any_size();
    assume(length >= 1 && length <= BITS_MAX);
    const ccs_view_t text = {any_octets(length), length};
    size_t i = any_size();
    assume(i < length);
    const size_t before = i;
    const int32_t character = exi_text_next(text, &i);
    claim(character < 0 || (i > before && i <= length && i <= before + 4));
    claim(character <= 0x10FFFF);
}

void harness_exi_text_put(void)
{
    const uint32_t character = any_u32();
    uint8_t *const at = any_octets(4);
    const size_t length = exi_text_put(at, character);
    claim(length <= 4);
    claim(character <= 0x10FFFF || length == 0);
}

/* What is written is read again. */
void harness_exi_text_round_trip(void)
{
    const uint32_t character = any_u32();
    uint8_t at[4];
    size_t i = 0;
    const size_t length = exi_text_put(at, character);
    if (length > 0) {
        claim(exi_text_next((ccs_view_t){at, length}, &i) == (int32_t)character);
        claim(i == length);
    }
}

void harness_exi_text_count(void)
{
    const size_t length = any_size();
    assume(length <= OCTETS_MAX / 8);
    const int64_t count = exi_text_count((ccs_view_t){any_octets_of(OCTETS_MAX, length), length});
    claim(count <= (int64_t)length);
}
