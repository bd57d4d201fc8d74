/* Reactions, measured on the virtual clock.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_GUARD_MEASURE_H
#define CCS_TESTS_GUARD_MEASURE_H

#include "scene.h"

/* Milliseconds from the moment it happened; -1: not within the time. */
typedef struct measured {
    int64_t told; /* report.why */
    int64_t zero; /* the source is off, or told 0 A */
    int64_t open; /* open commanded on every pole */
    int64_t dead; /* source side truly below 60 V */
    ccs_why_t why;
    const char *code; /* what the charge tells the car: charge_status_name() */
    ccs_pilot_drive_t pilot;
    ccs_phase_t phase; /* in the end */
    bool latched, locked;
} measured_t;

/* Runs for so long and notes when what happened. begin_ms: when it happened. */
measured_t measure(sim_world_t *world, ccs_why_t why, int64_t begin_ms, int64_t ms);

/* LIVE with 100 A, then the cause, as bad as it can be: right after a turn of the guard. false: not to be shown in LIVE. */
bool measure_cause(const ccs_guard_config_t *config, guard_cause_t cause, sim_world_t *world, measured_t *measured);

#endif
