/* SPDX-License-Identifier: Apache-2.0 */
#include "images/tls/library.h"

#include <mbedtls/entropy.h>
#include <mbedtls/memory_buffer_alloc.h>
#include <mbedtls/x509_crt.h>

enum { ARENA_SIZE = 64 * 1024 }; /* more than is ever used: the figures tell what is needed */

static uint64_t arena[ARENA_SIZE / sizeof(uint64_t)];
static bool (*board_random)(uint8_t *octets, size_t length);

int mbedtls_hardware_poll(void *ctx, unsigned char *octets, size_t size, size_t *length);

/* The library's own generator is seeded, and seeded again, from here. */
int mbedtls_hardware_poll(void *ctx, unsigned char *octets, size_t size, size_t *length)
{
    (void)ctx;
    *length = size;
    return board_random(octets, size) ? 0 : MBEDTLS_ERR_ENTROPY_SOURCE_FAILED;
}

typedef int (*verified_t)(void *ctx, mbedtls_x509_crt *certificate, int depth, uint32_t *flags);

int __wrap_mbedtls_x509_crt_verify_restartable(mbedtls_x509_crt *chain, mbedtls_x509_crt *roots, mbedtls_x509_crl *revoked,
                                               const mbedtls_x509_crt_profile *profile, const char *name, uint32_t *flags,
                                               verified_t verified, void *ctx, mbedtls_x509_crt_restart_ctx *restart);

/* Instead of the library's own (ld --wrap): its opinion on a chain gives way to the verdict of src/pki in any case, and would cost
 * two more verifications with P-521, 158 million instructions. Who asks for no verdict gets a refusal. */
int __wrap_mbedtls_x509_crt_verify_restartable(mbedtls_x509_crt *chain, mbedtls_x509_crt *roots, mbedtls_x509_crl *revoked,
                                               const mbedtls_x509_crt_profile *profile, const char *name, uint32_t *flags,
                                               verified_t verified, void *ctx, mbedtls_x509_crt_restart_ctx *restart)
{
    (void)roots, (void)revoked, (void)profile, (void)name, (void)restart;
    *flags = MBEDTLS_X509_BADCERT_OTHER;
    if (verified == NULL || verified(ctx, chain, 0, flags) != 0) {
        *flags |= MBEDTLS_X509_BADCERT_OTHER;
    }
    return *flags == 0 ? 0 : MBEDTLS_ERR_X509_CERT_VERIFY_FAILED;
}

void library_init(bool (*random)(uint8_t *octets, size_t length))
{
    board_random = random;
    mbedtls_memory_buffer_alloc_init((unsigned char *)arena, sizeof arena);
}

size_t library_arena_now(void)
{
    size_t octets, blocks;
    mbedtls_memory_buffer_alloc_cur_get(&octets, &blocks);
    return octets;
}

size_t library_arena_most(void)
{
    size_t octets, blocks;
    mbedtls_memory_buffer_alloc_max_get(&octets, &blocks);
    return octets;
}

void library_arena_mark(void)
{
    mbedtls_memory_buffer_alloc_max_reset();
}
