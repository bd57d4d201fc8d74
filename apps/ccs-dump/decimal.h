/* Integers of any size between octets and digits.
 *
 * Decimal digits cost their square in time: beyond DECIMAL_OCTETS_MAX, more than any certificate's serial number has, digits are
 * hexadecimal with 0x in front.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DUMP_DECIMAL_H
#define CCS_DUMP_DECIMAL_H

#include "ccs/view.h"

#include <stdbool.h>

enum { DECIMAL_OCTETS_MAX = 1024, DECIMAL_DIGITS_MAX = 2467 }; /* as many as such a number has */

/* Digits of a big-endian number, terminated; to be freed. NULL: out of memory. */
char *decimal_write(ccs_view_t magnitude, bool negative);

/* "-12" or "0xAB" to magnitude (big-endian, without leading zeros) and sign. out holds as many octets as text has characters.
 * false: not one, or with more than DECIMAL_DIGITS_MAX decimal digits. */
bool decimal_read(ccs_view_t text, uint8_t *out, size_t *length, bool *negative);

/* A JSON number that is a whole one, as a sign and digits: "1.50e2" is "150". 0: it has a fraction, or too many digits. */
size_t decimal_whole(ccs_view_t number, char digits[DECIMAL_DIGITS_MAX + 1]);

#endif
