/* Names of HomePlug management messages.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DUMP_MME_NAMES_H
#define CCS_DUMP_MME_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* "CM_SLAC_PARM.REQ"; "MME 1234.IND" for a type that is not in the list. type as on the wire, mode included. */
void mme_name(uint16_t type, char *out, size_t size);

#endif
