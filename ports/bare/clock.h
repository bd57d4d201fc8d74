/* Milliseconds out of a board's raw clock, and how a board keeps its interrupts out meanwhile.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_BARE_CLOCK_H
#define CCS_BARE_CLOCK_H

#include <stdint.h>

/* From now on board_now_ms() counts. It must be asked at least once in a turn of the raw clock; the guard's tick does. */
void clock_start(void);

/* Of the board. They nest: what the first gives is handed to the second. */
uint32_t interrupts_off(void);
void interrupts_restore(uint32_t before);

#endif
