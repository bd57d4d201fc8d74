/* A world that writes down what happens, one line per change: golden traces that read like a story.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_GUARD_STORY_H
#define CCS_TESTS_GUARD_STORY_H

#include "sim/world.h"
#include <stdbool.h>

enum { STORY_SIZE = 16384 };

typedef struct story {
    sim_world_t world;
    ccs_report_t told;
    ccs_drive_t driven;
    bool begun;
    size_t length;
    char text[STORY_SIZE];
} story_t;

/* NULL: defaults. Fails the test if the guard refuses its configuration. */
void story_begin(story_t *story, const ccs_guard_config_t *guard, const sim_plant_config_t *plant);

/* One line of the narrator: "* somebody presses the red button". */
void story_says(story_t *story, const char *text);

/* Ticks, writing every change; fails the test when an invariant breaks. */
void story_run(story_t *story, int64_t ms);

/* The same want, its lease renewed every 100 ms, until the phase has settled; false: not within ms. */
bool story_until(story_t *story, ccs_phase_t phase, int32_t target_mA, int64_t ms);

/* Plug, state C, TEST, PRECHARGE, car closes, LIVE, and up to the current. Fails the test if it does not get there. */
void story_charge(story_t *story, int32_t target_mA);

/* Renews the lease of the present want and runs. */
void story_hold(story_t *story, int64_t ms);

#endif
