/* The one IP stack of a small target: what lwIP asks of the platform.
 *
 * lwIP keeps its state in variables of its own, so there is one stack per program, and this room has the two variables that belong
 * to it. Everything is called from one task (NO_SYS).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LWIP_STACK_H
#define CCS_LWIP_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct stack_platform {
    void *ctx;
    int64_t (*now_ms)(void *ctx);                              /* monotonic */
    int64_t (*utc_s)(void *ctx);                               /* 0: unknown; NULL: always unknown */
    bool (*random)(void *ctx, uint8_t *octets, size_t length); /* a CSPRNG; false: none to be had */
} stack_platform_t;

/* Starts lwIP; once, before anything else of this room. The platform lives as long as the program. */
void stack_init(const stack_platform_t *platform);

/* Does what lwIP's timers have due. */
void stack_turn(void);

/* When stack_turn() is due, of the same clock. */
int64_t stack_deadline_ms(void);

const stack_platform_t *stack_platform(void);

#endif
