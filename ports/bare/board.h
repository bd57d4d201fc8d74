/* What a program without an operating system needs of its board. The two boards here are QEMU's: MPS2 with a Cortex-M3 (AN385) and
 * an LX60 with an Xtensa lx106. A real one fills the same functions.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_BARE_BOARD_H
#define CCS_BARE_BOARD_H

#include <stdbool.h>

#include "ccs/view.h"

enum { BOARD_TICK_MS = 10, BOARD_FRAME_MAX = 1518 };

extern const char board_name[];

/* Ethernet up, everything heard; the clock runs. mac: ours. */
void board_init(const uint8_t mac[6]);

int64_t board_now_ms(void);

/* The raw clock, for measuring short times: it counts down or up, at board_ticks_hz, and wraps at 32 bits. */
uint32_t board_ticks(void);
extern const uint32_t board_ticks_hz;

/* Calls turn() from the timer interrupt every BOARD_TICK_MS, from now on. */
void board_every_tick(void (*turn)(void));

/* Until an interrupt: the tick, or a frame has come. */
void board_sleep(void);

/* The next frame, without FCS, into a buffer of BOARD_FRAME_MAX octets. 0: none. */
size_t board_receive(uint8_t *frame);
void board_send(ccs_view_t frame);

void board_put(char character); /* to the console */

/* Ends the emulation with this exit code. */
void board_exit(int code);

/* Octets of the stack: now, and at most since the start or the last mark; interrupts included. */
size_t board_stack_now(void);
size_t board_stack_used(void);
void board_stack_mark(void);

#endif
