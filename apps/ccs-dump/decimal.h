/* Integers of any size between octets and decimal digits.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DUMP_DECIMAL_H
#define CCS_DUMP_DECIMAL_H

#include "ccs/view.h"

#include <stdbool.h>

/* Digits of a big-endian number, terminated; to be freed. NULL: out of memory. */
char *decimal_write(ccs_view_t magnitude, bool negative);

/* "-12" to magnitude (big-endian, without leading zeros) and sign. out holds as many octets as text has characters. false: not one.
 */
bool decimal_read(const char *text, uint8_t *out, size_t *length, bool *negative);

#endif
