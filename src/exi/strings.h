/* The string table of a peer that writes references to earlier strings. Private to src/exi; never used for encoding.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EXI_STRINGS_H
#define CCS_EXI_STRINGS_H

#include "exi/exi.h"

/* Bits of a reference: of the strings of this name, or of all. */
unsigned exi_strings_width(const exi_strings_t *strings, uint8_t name, bool global);
bool exi_strings_find(const exi_strings_t *strings, uint8_t name, bool global, uint32_t number, ccs_view_t *text);
ccs_err_t exi_strings_add(exi_strings_t *strings, uint8_t name, ccs_view_t text);

#endif
