/* SPDX-License-Identifier: Apache-2.0 */
#include "images/tls/library.h"

#include <mbedtls/entropy.h>
#include <mbedtls/memory_buffer_alloc.h>

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
