/* What Mbed TLS has instead of an operating system: one static arena and the board's randomness.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_IMAGES_TLS_LIBRARY_H
#define CCS_IMAGES_TLS_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Once, before anything else of ports/tls. random: a board's generator. */
void library_init(bool (*random)(uint8_t *octets, size_t length));

size_t library_arena_now(void);  /* octets in use, the arena's own headers left out */
size_t library_arena_most(void); /* ... at most, since the last mark */
void library_arena_mark(void);

#endif
