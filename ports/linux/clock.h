/* Time and chance on Linux.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_CLOCK_H
#define CCS_LINUX_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t clock_now_ms(void); /* CLOCK_MONOTONIC */
int64_t clock_utc_s(void);  /* 0: the wall clock was never set (a date before 2020) */
int64_t clock_utc_us(void); /* for captures and logs; never 0 */

/* Fills from the kernel's CSPRNG; false: it has none, and nothing may be made up instead. */
bool clock_random(void *to, size_t length);

#endif
