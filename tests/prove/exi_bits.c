/* The EXI bit cursor: reading stays within EXI_AHEAD octets of a row's start, writing within the buffer.
 * SPDX-License-Identifier: Apache-2.0 */
#include "exi/bits.c"
#include "exi/text.c"
#include "prove.h"

enum { BITS_MAX = 1 << 20, OCTETS_MAX = 40 };

/* A reader at the start of a row. */
static exi_in_t any_in(void)
{
    exi_in_t in;
    in.pos = any_u32();
    in.limit = any_u32();
    assume(in.limit <= BITS_MAX && in.pos <= in.limit);
    in.at = any_octets((in.limit >> 3) + EXI_AHEAD);
    return in;
}

void harness_exi_in_take(void)
{
    exi_in_t in = any_in();
    const uint32_t before = in.pos;
    const unsigned bits = any_u8();
    assume(bits <= 25);
    const uint32_t value = exi_in_take(&in, bits);
    claim(in.pos == before + bits);
    claim(value < (uint32_t)1 << bits);
}

/* The longest row: 25 zero bits, then an integer. */
void harness_exi_in_uint(void)
{
    exi_in_t in = any_in();
    uint64_t value;
    (void)exi_in_take(&in, 25);
    const uint32_t before = in.pos;
    const bool fits = exi_in_uint(&in, &value);
    claim(in.pos >= before + 8);
    claim(in.pos <= before + 88);
    claim(!fits || in.pos <= before + 80);
}

void harness_exi_copy_shifted(void)
{
    const size_t length = any_size();
    const unsigned shift = any_u8();
    assume(length <= OCTETS_MAX && shift <= 7);
    const uint8_t *const from = any_octets(length + (shift > 0));
    uint8_t *const to = any_octets(length);
    (void)exi_copy_shifted(to, from, shift, length);
}

static exi_out_t any_out(size_t *size)
{
    exi_out_t out;
    *size = any_size();
    const size_t written = any_size();
    assume(*size <= BITS_MAX && written <= *size);
    uint8_t *const buffer = any_octets(*size);
    out.at = buffer + written;
    out.end = buffer + *size;
    out.bits = any_u64();
    out.count = any_u8();
    out.full = any_bool();
    assume(out.count < 32);
    return out;
}

void harness_exi_out_put(void)
{
    size_t size;
    exi_out_t out = any_out(&size);
    const unsigned count = any_u8();
    const uint32_t value = any_u32();
    assume(count <= 32 && (count == 32 || value < (uint32_t)1 << count));
    exi_out_put(&out, value, count);
    claim(out.count < 32);
    claim(out.at <= out.end);
}

void harness_exi_out_uint(void)
{
    size_t size;
    exi_out_t out = any_out(&size);
    exi_out_uint(&out, any_u64());
    claim(out.count < 32);
    claim(out.at <= out.end);
}

void harness_exi_out_octets(void)
{
    size_t size;
    exi_out_t out = any_out(&size);
    const size_t length = any_size();
    assume(length <= 10 && size <= OCTETS_MAX);
    exi_out_octets(&out, any_octets_of(OCTETS_MAX, length), length);
    claim(out.count < 32);
    claim(out.at <= out.end);
}

void harness_exi_out_finish(void)
{
    size_t size;
    exi_out_t out = any_out(&size);
    exi_out_finish(&out);
    claim(out.at <= out.end);
    claim(out.full || out.count == 0);
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
