/* Blocks of a pcapng file, each built in the caller's buffer. Little-endian, microseconds.
 * Source: the pcapng draft of the IETF opsawg group (draft-ietf-opsawg-pcapng).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PORTS_COMMON_CAPTURE_PCAPNG_H
#define CCS_PORTS_COMMON_CAPTURE_PCAPNG_H

#include "ccs/view.h"

enum { PCAPNG_LINK_ETHERNET = 1, PCAPNG_BLOCK_MAX = 2400 };

/* Each returns the block's length; 0: it does not fit. text may be NULL: no such option. */
size_t pcapng_section(uint8_t *out, size_t size, const char *application);
size_t pcapng_interface(uint8_t *out, size_t size, const char *name, const char *description);
size_t pcapng_packet(uint8_t *out, size_t size, uint32_t interface_id, int64_t utc_us, ccs_view_t frame, const char *comment,
                     size_t comment_max);

#endif
