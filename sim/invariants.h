/* The safety invariants, of commands and of energy, checked in every simulated step of every test.
 *
 * They are written from the rules (docs/SAFETY.md), not from the guard's code: they look at what the plant truly does.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SIM_INVARIANTS_H
#define CCS_SIM_INVARIANTS_H

#include "sim/plant.h"
#include <stddef.h>

/* What the rules need of the past. */
typedef struct sim_invariants {
    ccs_guard_config_t config;
    bool begun;
    int64_t last_ms;
    ccs_drive_t drive; /* of the step before */
    ccs_phase_t phase;
    int64_t pilot_ms;   /* the true pilot was C or D then */
    int64_t unready_ms; /* it was neither then */
    int64_t wire_ms;    /* ... or B */
    int64_t button_ms;  /* no emergency input, no trip then */
    int64_t locked_ms;
    int64_t source_on_ms; /* the source was last commanded on then */
    int64_t path_ms;      /* a contactor was last commanded closed then */
    int64_t plugged_ms;
    int64_t dry_ms;     /* F was last not shown then */
    int64_t hidden_ms;  /* the source side last kept a voltage that no meter sees */
    bool judged;        /* a good verdict of this session was seen */
    int32_t pack_mV;    /* what the battery holds at the plug; before LIVE, what stands there */
    int32_t closing_mV; /* set voltage onto which the main contactor closes, until that is seen */
    int32_t car_mV_max; /* as wanted in the step before */
    int32_t source_mV;  /* what truly stood on the source side */
    int32_t lawful_mA;  /* what the limits allow; falls by ramp */
} sim_invariants_t;

void sim_invariants_init(sim_invariants_t *state, const ccs_guard_config_t *config, int64_t now_ms);

/* Call after each step of the guard, before its drive is applied. NULL: all hold; else the name of the first that does not. */
const char *sim_invariants_check(sim_invariants_t *state, const sim_plant_t *plant, const ccs_drive_t *drive,
                                 const ccs_report_t *report, const ccs_want_t *want);

/* Their names and texts, for docs/SAFETY.md. */
size_t sim_invariants_count(void);
const char *sim_invariant_name(size_t index);
const char *sim_invariant_text(size_t index);

#endif
