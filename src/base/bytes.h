/* Byte cursors: bounds-checked big- and little-endian reading and writing. Nothing else touches wire bytes.
 *
 * Both cursors remember failure: after the first read or write beyond the end every later one does nothing (reads give 0), so
 * that a header is read straight down and checked once.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_BASE_BYTES_H
#define CCS_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bytes_in {
    const uint8_t *at;
    size_t left;
    bool failed;
} bytes_in_t;

typedef struct bytes_out {
    uint8_t *at;
    size_t left;
    size_t written;
    bool failed;
} bytes_out_t;

bytes_in_t bytes_in(const void *from, size_t length);
uint8_t bytes_get_u8(bytes_in_t *in);
uint16_t bytes_get_u16be(bytes_in_t *in);
uint32_t bytes_get_u32be(bytes_in_t *in);
uint16_t bytes_get_u16le(bytes_in_t *in);
uint32_t bytes_get_u32le(bytes_in_t *in);
void bytes_get(bytes_in_t *in, void *to, size_t length); /* to is zeroed on failure */
void bytes_skip(bytes_in_t *in, size_t length);
bool bytes_are_text(const void *octets, size_t length, const char *text); /* the same, letter for letter */

bytes_out_t bytes_out(void *to, size_t size);
void bytes_put_u8(bytes_out_t *out, uint8_t value);
void bytes_put_u16be(bytes_out_t *out, uint16_t value);
void bytes_put_u32be(bytes_out_t *out, uint32_t value);
void bytes_put_u16le(bytes_out_t *out, uint16_t value);
void bytes_put_u32le(bytes_out_t *out, uint32_t value);
void bytes_put(bytes_out_t *out, const void *from, size_t length);
void bytes_put_zeros(bytes_out_t *out, size_t length);

#endif
