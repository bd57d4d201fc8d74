/* SHA-1's block for Mbed TLS (MBEDTLS_SHA1_PROCESS_ALT) in a tenth of the library's code: here it only names roots, and is never in
 * a signature. A target whose chip has SHA-1 (ESP32-S3) takes that. SPDX-License-Identifier: Apache-2.0 */
#include <mbedtls/sha1.h>

#include "base/bytes.h"

enum { ROUNDS = 80, WORDS = 16, STATE = 5 };

static uint32_t turn(uint32_t word, unsigned bits)
{
    return word << bits | word >> (32 - bits);
}

/* What FIPS 180-4 calls f and K, each for twenty rounds. */
static uint32_t mix(unsigned round, const uint32_t state[STATE])
{
    const uint32_t b = state[1], c = state[2], d = state[3];
    switch (round / 20) {
    case 0:
        return ((b & c) | (~b & d)) + 0x5a827999u;
    case 1:
        return (b ^ c ^ d) + 0x6ed9eba1u;
    case 2:
        return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdcu;
    default:
        return (b ^ c ^ d) + 0xca62c1d6u;
    }
}

int mbedtls_internal_sha1_process(mbedtls_sha1_context *ctx, const unsigned char data[64])
{
    uint32_t word[WORDS] = {0}, state[STATE];
    bytes_in_t in = bytes_in(data, 64);
    for (unsigned i = 0; i < STATE; i++) {
        state[i] = ctx->MBEDTLS_PRIVATE(state)[i];
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint32_t *const now = &word[i % WORDS];
        *now = i < WORDS ? bytes_get_u32be(&in)
                         : turn(word[(i + 13) % WORDS] ^ word[(i + 8) % WORDS] ^ word[(i + 2) % WORDS] ^ *now, 1);
        const uint32_t first = turn(state[0], 5) + mix(i, state) + state[4] + *now;
        state[4] = state[3];
        state[3] = state[2];
        state[2] = turn(state[1], 30);
        state[1] = state[0];
        state[0] = first;
    }
    for (unsigned i = 0; i < STATE; i++) {
        ctx->MBEDTLS_PRIVATE(state)[i] += state[i];
    }
    return 0;
}
