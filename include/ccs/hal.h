/* The Power HAL: two functions between the guard and a board.
 *
 * sample()  fills what is measured now. It must not wait for a bus: a value that is on its way keeps its old time, so that its
 *           age tells.
 * apply()   does what the drive says, now, and arms the end of validity: at drive->valid_until_ms the board opens its contactors
 *           and switches its source off by itself, even if nobody ever calls again (a hardware timer, or the DC module's own
 *           watchdog).
 *
 * Both are called from the guard's thread, task or timer interrupt, every 10 ms, and must return within 1 ms.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_HAL_H
#define CCS_HAL_H

#include "ccs/power.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ccs_hal {
    void *ctx;
    void (*sample)(void *ctx, int64_t now_ms, ccs_sample_t *out);
    void (*apply)(void *ctx, int64_t now_ms, const ccs_drive_t *drive);
} ccs_hal_t;

#ifdef __cplusplus
}
#endif
#endif
