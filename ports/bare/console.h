/* A few words on the board's console; no formatted output, no heap.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_BARE_CONSOLE_H
#define CCS_BARE_CONSOLE_H

#include <stddef.h>
#include <stdint.h>

void console_text(const char *text);
void console_number(int64_t number);
void console_hex(const uint8_t *octets, size_t length);

/* " name number" */
void console_field(const char *name, int64_t number);

#endif
