/* Hexadecimal text as people paste it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DUMP_HEX_H
#define CCS_DUMP_HEX_H

#include "ccs/view.h"

#include <stdbool.h>

/* Digits in pairs; blanks, line ends, commas and colons between pairs, and 0x before one, are passed over. out holds text.length /
 * 2 octets. false: something else stands at *bad (an index into text; text.length: a digit is missing at the end). */
bool hex_read(ccs_view_t text, uint8_t *out, size_t *length, size_t *bad);

/* Pairs of digits and nothing else, as hexBinary; out holds text.length / 2 octets. */
bool hex_pairs(ccs_view_t text, uint8_t *out);

/* Lower case; to holds 2 * octets.length characters and is not terminated. */
void hex_write(ccs_view_t octets, char *to);

#endif
