/* The image's SHA-1 against OpenSSL's. SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <mbedtls/sha1.h>
#include <openssl/evp.h>
#include <string.h>

enum { BLOCK = 64, HASH = 20, LONGEST = 300 };

static void put_u32(uint8_t *to, uint32_t word)
{
    for (unsigned i = 0; i < 4; i++) {
        to[i] = (uint8_t)(word >> (24 - 8 * i));
    }
}

/* FIPS 180-4 5.1.1: around the block, what the library does. */
static void sha1(const uint8_t *octets, size_t length, uint8_t hash[HASH])
{
    static const uint32_t start[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    uint8_t padded[LONGEST + 2 * BLOCK] = {0};
    mbedtls_sha1_context ctx;
    const size_t size = (length + 9 + BLOCK - 1) / BLOCK * BLOCK;
    memcpy(padded, octets, length);
    padded[length] = 0x80;
    put_u32(padded + size - 4, (uint32_t)(8 * length));
    memcpy(ctx.MBEDTLS_PRIVATE(state), start, sizeof start);
    for (size_t at = 0; at < size; at += BLOCK) {
        assert_int_equal(mbedtls_internal_sha1_process(&ctx, padded + at), 0);
    }
    for (unsigned i = 0; i < 5; i++) {
        put_u32(hash + (size_t)4 * i, ctx.MBEDTLS_PRIVATE(state)[i]);
    }
}

static void every_length_gives_the_hash_that_openssl_gives(void **state)
{
    uint8_t octets[LONGEST], ours[HASH], theirs[HASH];
    (void)state;
    for (size_t length = 0; length < LONGEST; length++) {
        octets[length] = (uint8_t)(length * 37 + 11);
        sha1(octets, length, ours);
        assert_int_equal(EVP_Q_digest(NULL, "SHA1", NULL, octets, length, theirs, NULL), 1);
        assert_memory_equal(ours, theirs, HASH);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_length_gives_the_hash_that_openssl_gives)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
