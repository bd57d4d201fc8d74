/* The guard's own state, and its parts: each looks at the facts of this turn and keeps its own timers.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_GUARD_STATE_H
#define CCS_GUARD_STATE_H

#include "guard/rules.h"

/* Since when something holds; -1: it does not. */
typedef int64_t guard_since_t;

/* One turn's inputs, judged once. A value that is not fresh is 0 and its flag is false. */
typedef struct guard_facts {
    int64_t now_ms;
    int32_t dt_ms; /* since the last turn, 0 .. 100 */
    bool power_fresh, pilot_fresh, alarms_fresh, others_fresh;
    bool late;
    bool ended; /* the last drive had ended before this turn */
    bool car_known;
    bool unseen;      /* the source side is not measured, and had no time to discharge */
    bool source_dead; /* measured < 60 V on the source side, after the source was last on */
    bool dead;        /* the same on both sides */
    uint8_t closed;   /* GUARD_MAIN, GUARD_BRANCH: contactors as their feedback tells */
    bool locked;
    bool lease;
    bool limits;      /* the car's limits are known */
    int32_t mV, mA;   /* source side, output current. With the meter after open contactors nothing is seen of it: 0 */
    int32_t car_mV;   /* car side: measured, else the source side where the main contactor joins them, else 0 */
    int32_t stand_mV; /* the greater of both: what stands anywhere */
    uint32_t alarms;
    const ccs_sample_t *sample;
    ccs_want_t want; /* nonsense removed */
    int64_t gap_ms;  /* since the last turn */
} guard_facts_t;

typedef struct guard_pilot {
    ccs_pilot_state_t state, raw;
    guard_since_t raw_since_ms;
    int64_t ready_ms; /* C or D last seen */
    guard_since_t diodeless_ms;
    ccs_pilot_drive_t drive;
    int64_t hold_until_ms; /* of F */
    int64_t changed_ms;    /* drive changed then */
    bool no_diode;
    guard_since_t pulled_ms;
    bool pulled; /* by PP, where it is fitted */
} guard_pilot_t;

typedef struct guard_contactor {
    bool command, was_closed;
    int64_t command_ms;
    guard_since_t dropped_ms;
    bool welded, failed;
} guard_contactor_t;

typedef enum guard_test {
    GUARD_TEST_CLOSE,
    GUARD_TEST_SELF,
    GUARD_TEST_RAISE,
    GUARD_TEST_MEASURE,
    GUARD_TEST_BLEED,
    GUARD_TEST_DONE
} guard_test_t;

typedef struct guard_isolation {
    ccs_isolation_t verdict;
    guard_test_t step;
    int64_t begin_ms, reached_ms;
    guard_since_t low_ms;
} guard_isolation_t;

typedef struct guard_lock {
    bool command, was_locked;
    int64_t command_ms;
    guard_since_t lost_ms;
    bool failed, stuck;
} guard_lock_t;

typedef struct guard_setpoint {
    int32_t mV, mA;     /* present set point, LIVE and RAMP: after the ramp */
    int32_t ceiling_mA; /* what may still be measured: follows a falling set point slowly */
    uint8_t limited;
    int32_t mA_max_now;
    int32_t pack_mV; /* LIVE: what the pack holds; the set voltage stays headroom_mV above it */
    guard_since_t over_ms, reverse_ms, lacking_ms, deaf_ms, on_ms, bleed_ms, matched_ms;
    bool over, reverse, silent, matched, bleeds_open;
} guard_setpoint_t;

typedef struct guard {
    ccs_phase_t phase;
    guard_class_t stop;     /* in RAMP: how */
    bool held;              /* in RAMP: asked for, contactors stay, and LIVE may follow */
    guard_cause_t cause;    /* of the fault that is being dealt with or stands */
    guard_cause_t blocking; /* of this turn */
    ccs_why_t refused;      /* of this turn: the need that is missing */
    bool was_live;
    bool latched;
    bool undischarged;
    ccs_guard_config_t config;
    guard_setpoint_t set;
    guard_contactor_t contactor[2]; /* main, branch */
    guard_pilot_t pilot;
    guard_isolation_t isolation;
    guard_lock_t lock;
    uint32_t late_ms_max;
    int64_t last_ms;
    int64_t phase_ms; /* entered then */
    int64_t stop_ms;
    int64_t on_ms;             /* the source was last on then */
    int64_t alive_ms;          /* the source side last had the source, the cable or the car on it */
    guard_since_t standing_ms; /* voltage stands on our side although the source is off and all is open */
} guard_t;

/* True once fact has held for ms; keeps since. */
bool guard_lasts(guard_since_t *since_ms, bool fact, int64_t now_ms, uint32_t ms);
bool guard_is_fresh(const ccs_reading_t *reading, int64_t now_ms, uint32_t age_ms_max);
int32_t guard_least(int32_t a, int32_t b);
bool guard_within(int32_t a, int32_t b, int32_t most);

/* facts.c: what this turn's sample and want say. */
void guard_read_facts(guard_t *guard, int64_t now_ms, const ccs_sample_t *sample, const ccs_want_t *want, guard_facts_t *facts);

/* pilot.c */
void guard_pilot_measure(guard_t *guard, const guard_facts_t *facts);
bool guard_pilot_ready(const guard_t *guard);   /* C or D */
bool guard_pilot_plugged(const guard_t *guard); /* B, C or D */
void guard_pilot_drive(guard_t *guard, const guard_facts_t *facts);

/* contactor.c */
void guard_contactors_watch(guard_t *guard, const guard_facts_t *facts);
void guard_contactors_drive(guard_t *guard, const guard_facts_t *facts);
bool guard_path_closed(const guard_t *guard, const guard_facts_t *facts);
bool guard_path_open(const guard_t *guard, const guard_facts_t *facts);
bool guard_cable_rested(const guard_t *guard, const guard_facts_t *facts);  /* measured, or open long enough to be dead */
bool guard_sees_one_side(const guard_t *guard, const guard_facts_t *facts); /* of the resistor between source and car */
bool guard_closes_softly(const guard_t *guard, const guard_facts_t *facts); /* within 20 V */

/* isolation.c */
void guard_isolation_begin(guard_t *guard, int64_t now_ms);
void guard_isolation_step(guard_t *guard, const guard_facts_t *facts);
bool guard_isolation_good(const guard_t *guard);

/* lock.c */
void guard_lock_watch(guard_t *guard, const guard_facts_t *facts);
void guard_lock_drive(guard_t *guard, const guard_facts_t *facts);

/* setpoint.c */
void guard_setpoint_watch(guard_t *guard, const guard_facts_t *facts);
void guard_setpoint_step(guard_t *guard, const guard_facts_t *facts);
int32_t guard_trip_now_mV(const guard_t *guard, const guard_facts_t *facts);
bool guard_source_on(const guard_t *guard, const guard_facts_t *facts);
bool guard_bleeds(guard_t *guard, const guard_facts_t *facts);

/* watch.c: the causes that hold now, one bit each. */
uint32_t guard_watch(guard_t *guard, const guard_facts_t *facts);

/* phase.c */
void guard_phase_start(guard_t *guard, int64_t now_ms);
void guard_phase_step(guard_t *guard, const guard_facts_t *facts, uint32_t causes);
bool guard_settled(const guard_t *guard, const guard_facts_t *facts);
ccs_why_t guard_why(const guard_t *guard, const guard_facts_t *facts);

#endif
