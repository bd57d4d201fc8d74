/* Byte cursors: no access beyond the octets given, failure is final.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.c"
#include "prove.h"

enum { OCTETS_MAX = 1 << 20 };

static bytes_in_t any_in(void)
{
    const size_t size = any_size();
    assume(size <= OCTETS_MAX);
    return (bytes_in_t){.at = any_octets(size), .left = size, .failed = any_bool()};
}

static bytes_out_t any_out(void)
{
    const size_t size = any_size(), written = any_size();
    assume(size <= OCTETS_MAX && written <= OCTETS_MAX);
    return (bytes_out_t){.at = any_octets(size), .left = size, .written = written, .failed = any_bool()};
}

#define PROVE_GET(name, octets)                                                                \
    void harness_##name(void)                                                                  \
    {                                                                                          \
        bytes_in_t in = any_in();                                                              \
        const bytes_in_t before = in;                                                          \
        const uint64_t value = name(&in);                                                      \
        claim(!before.failed || in.failed);                                                    \
        claim(in.failed ? in.left == before.left &&value == 0                                  \
                        : in.left + (octets) == before.left && in.at == before.at + (octets)); \
    }

PROVE_GET(bytes_get_u8, 1)
PROVE_GET(bytes_get_u16be, 2)
PROVE_GET(bytes_get_u32be, 4)
PROVE_GET(bytes_get_u16le, 2)
PROVE_GET(bytes_get_u32le, 4)

void harness_bytes_get(void)
{
    bytes_in_t in = any_in();
    const bytes_in_t before = in;
    const size_t length = any_size();
    assume(length <= OCTETS_MAX);
    bytes_get(&in, any_octets(length), length);
    claim(in.failed || in.left + length == before.left);
}

void harness_bytes_skip(void)
{
    bytes_in_t in = any_in();
    const bytes_in_t before = in;
    const size_t length = any_size();
    bytes_skip(&in, length);
    claim(in.failed || in.left + length == before.left);
    claim(length <= before.left || in.failed);
}

#define PROVE_PUT(name, octets, value)                                                                      \
    void harness_##name(void)                                                                               \
    {                                                                                                       \
        bytes_out_t out = any_out();                                                                        \
        const bytes_out_t before = out;                                                                     \
        name(&out, value);                                                                                  \
        claim(!before.failed || out.failed);                                                                \
        claim(out.failed ? out.written == before.written                                                    \
                         : out.written == before.written + (octets) && out.left + (octets) == before.left); \
    }

PROVE_PUT(bytes_put_u8, 1, any_u8())
PROVE_PUT(bytes_put_u16be, 2, any_u16())
PROVE_PUT(bytes_put_u32be, 4, any_u32())
PROVE_PUT(bytes_put_u16le, 2, any_u16())
PROVE_PUT(bytes_put_u32le, 4, any_u32())

void harness_bytes_put(void)
{
    bytes_out_t out = any_out();
    const bytes_out_t before = out;
    const size_t length = any_size();
    assume(length <= OCTETS_MAX);
    bytes_put(&out, any_octets(length), length);
    claim(out.failed || out.left + length == before.left);
}

void harness_bytes_put_zeros(void)
{
    bytes_out_t out = any_out();
    const bytes_out_t before = out;
    const size_t length = any_size();
    bytes_put_zeros(&out, length);
    claim(out.failed || out.left + length == before.left);
}
