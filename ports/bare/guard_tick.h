/* The guard in the timer interrupt: every BOARD_TICK_MS it takes the latest want, looks at the hardware, decides and drives.
 *
 * The program never waits for it and never masks it for longer than a read of the clock. Two latest-value mailboxes are all that
 * they share. One per program: an interrupt has no context.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_BARE_GUARD_TICK_H
#define CCS_BARE_GUARD_TICK_H

#include "ccs/guard.h"
#include "ccs/hal.h"

/* From now on. CONFIG: the guard refuses its configuration. hal's context must live as long as the program; it is touched in the
 * interrupt only. */
CCS_MUST_USE ccs_err_t guard_tick_start(const ccs_guard_config_t *config, const ccs_hal_t *hal);

void guard_tick_want(const ccs_want_t *want);

/* The latest report; true: one that was not taken before. */
bool guard_tick_report(ccs_report_t *report);

#endif
