/* Strings: UTF-8 in structs, code points on the wire. Private to src/exi.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EXI_TEXT_H
#define CCS_EXI_TEXT_H

#include "ccs/view.h"
#include <stdbool.h>
#include <stdint.h>

/* The code point at text[*i], moves *i behind it. Negative: not UTF-8. */
int32_t exi_text_next(ccs_view_t text, size_t *i);

/* Writes the UTF-8 of a code point and returns its octets (1 .. 4); 0: no such character. */
size_t exi_text_put(uint8_t at[4], uint32_t character);

/* Characters of a string; negative: not UTF-8, or a character that XML 1.0 does not have (NUL, control characters, U+FFFE ..). */
int64_t exi_text_count(ccs_view_t text);

#endif
