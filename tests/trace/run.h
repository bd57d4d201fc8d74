/* One simulated charge after the other at one charger, with what must hold after each: the record written exactly once, the car's
 * contactors open, the guard safe, no invariant broken in any step, and a charger that takes the next car.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_TRACE_RUN_H
#define CCS_TESTS_TRACE_RUN_H

#include "story.h"

typedef struct run {
    sim_session_t session;
    story_t story;
    const char *what; /* named when something does not hold */
} run_t;

/* The moments of a charge: which request is out, and which phase the guard grants. */
typedef struct run_point {
    const char *name;
    const char *request;
    bool after_loop; /* PowerDeliveryReq stands twice */
} run_point_t;
extern const run_point_t run_points[];
enum { RUN_POINTS = 12, RUN_LOOP = 8 };

/* A charge that ends by itself after 2 s in the loop. */
void run_defaults(sim_session_config_t *config);

/* A charger that has just been switched on, nobody there. */
void run_begin(run_t *run, const sim_session_config_t *config);

/* Charger up for a second, then the car of the configuration is plugged in. Story from there on. */
void run_start(run_t *run, const sim_session_config_t *config);
void run_plug(run_t *run);
void run_unplug(run_t *run);
void run_ms(run_t *run, int64_t ms);
void run_say(run_t *run, const char *text);

bool run_until(run_t *run, sim_condition_t condition, const void *context, int64_t ms_max);
void run_to(run_t *run, const run_point_t *point); /* fails the test if the car never gets there */

/* The car is done, or gone: wait until the charger has written its record (exactly so many in all) and is safe. */
void run_expect_over(run_t *run, uint32_t records);

/* What must hold at any time. */
void run_expect_sound(const run_t *run);

/* Pulls the plug and charges an ordinary car to its end. */
void run_expect_next_charge(run_t *run);

ccs_ev_result_t run_result(const run_t *run);

#endif
