/* The newest blocks of a capture, in memory.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PORTS_COMMON_CAPTURE_TAIL_H
#define CCS_PORTS_COMMON_CAPTURE_TAIL_H

#include "ports/common/capture/capture.h"

/* Keeps a packet's block, at most PCAPNG_BLOCK_MAX octets; the oldest ones make room and are counted. */
void tail_put(capture_tail_t *tail, const uint8_t *block, size_t length);

/* When the oldest packet was; the tail is not empty. */
int64_t tail_utc_us(const capture_tail_t *tail);

#endif
