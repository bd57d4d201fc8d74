/* The Power HAL: two functions between the guard and a board.
 *
 * sample()  fills what is measured now. It must not wait for a bus: a value that is on its way keeps its old time, so that its
 *           age tells.
 * apply()   does what the drive says, now, and arms the end of validity: at drive->valid_until_ms the board opens its contactors
 *           and switches its source off by itself, even if nobody ever calls again (a hardware timer, or the DC module's own
 *           watchdog).
 *
 * Pilot, proximity, contactors and their feedback, meters, insulation monitor, lock, source and discharge are fields of the two
 * images (power.h). A firmware that has the plan's eight functions instead keeps them: ports/common/plan/plan.h makes a ccs_hal_t
 * of them.
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

/* A HAL in a file of its own, for a charger under Linux: `ccs-evse --hal ./board.so` loads it and calls the function named
 * CCS_HAL_OPEN. It fills *plugin and returns NULL, or returns one line that says why there is no board (it must live on).
 * options: the setting hal_options, "" if there is none. The file is never unloaded. examples/hal_example.c is a whole one.
 *
 *     const char *ccs_hal_open(const char *options, ccs_hal_plugin_t *plugin); */
enum { CCS_HAL_ABI = 2 }; /* of ccs_hal_plugin_t and everything it reaches; a plugin made for another one is refused */

typedef struct ccs_hal_plugin {
    uint32_t abi;     /* CCS_HAL_ABI, as the plugin was compiled with */
    const char *name; /* for logs and records; lives for ever */
    ccs_hal_t hal;
    void (*close)(void *ctx); /* the daemon ends, after the last apply(); may be NULL */
} ccs_hal_plugin_t;

typedef const char *(*ccs_hal_open_t)(const char *options, ccs_hal_plugin_t *plugin);
#define CCS_HAL_OPEN "ccs_hal_open"

#ifdef __cplusplus
}
#endif
#endif
