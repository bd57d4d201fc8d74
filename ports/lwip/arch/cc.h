/* What lwIP asks of a compiler. Its asserts are ours: a charger that finds itself wrong must stop.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LWIP_ARCH_CC_H
#define CCS_LWIP_ARCH_CC_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define LWIP_NO_INTTYPES_H 1
#define LWIP_PLATFORM_DIAG(message)
#define LWIP_PLATFORM_ASSERT(message) abort()

/* stack.c */
uint32_t stack_random32(void);
#define LWIP_RAND() stack_random32()

/* A segment for this connection or listener. */
struct tcp_pcb;
int8_t stack_segment(const struct tcp_pcb *pcb);

#endif
