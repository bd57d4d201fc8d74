/* The guard's rules as data: every figure with its source and how sure we are of it, every cause with its reaction in every phase.
 *
 * Both stand in lists.h; docs/SAFETY.md is printed from these tables. Marks: P read in a public peer that cites the clause, R seen
 * on real cars or chargers, M from the memory of practitioners (verify before a claim of conformance), O our own choice.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_GUARD_RULES_H
#define CCS_GUARD_RULES_H

#include "ccs/guard.h"
#include <stddef.h>

enum { GUARD_PHASES = CCS_PHASE_FAULT + 1, GUARD_WANTS = 6, GUARD_TICK_MS = 10 };

/* ---- figures */

typedef struct guard_setting {
    uint16_t offset; /* in ccs_guard_config_t; every setting of this table is 32 bits wide */
    int32_t value, least, most;
} guard_setting_t;

/* For people, row by row beside each table (sources.c). A charger does not link it. */
typedef struct guard_source {
    const char *name;
    char mark;
    const char *source; /* of a rule: what it is noticed by */
} guard_source_t;

extern const guard_setting_t guard_settings[];
extern const size_t guard_settings_count;
extern const guard_source_t guard_setting_sources[]; /* by name of the setting */

typedef struct guard_isolation_rule {
    int32_t fault_ohm;         /* 0: by the setting isolation_fault_ohm */
    int32_t fault_ohm_per_V;   /* of our own maximum voltage */
    int32_t warning_ohm_per_V; /* 0: no such level */
} guard_isolation_rule_t;

extern const guard_isolation_rule_t guard_isolation_rules[2]; /* by ccs_edition_t */
extern const guard_source_t guard_isolation_sources[2];

/* Over-voltage trip by the least of the car's and our own maximum. */
typedef struct guard_trip_rule {
    int32_t up_to_mV, trip_mV;
} guard_trip_rule_t;

enum { GUARD_TRIPS = 4 };
extern const guard_trip_rule_t guard_trip_rules[GUARD_TRIPS];

int32_t guard_trip_mV(int32_t least_mV);
int32_t guard_test_mV(int32_t car_mV_max, int32_t own_mV_max);

/* ---- reactions */

/* Strongest last. BLOCK grants no more than there is, and keeps FAULT standing. */
typedef enum guard_class { GUARD_NOTHING, GUARD_BLOCK, GUARD_STOP, GUARD_ERROR, GUARD_EMERGENCY, GUARD_CLASSES } guard_class_t;

/* What the guard notices. Several causes may share one why. */
typedef enum guard_cause {
    GUARD_CAUSE_EMERGENCY_STOP,
    GUARD_CAUSE_PILOT_GONE,
    GUARD_CAUSE_PILOT_B,
    GUARD_CAUSE_PILOT_SHORT,
    GUARD_CAUSE_PILOT_DIODE,
    GUARD_CAUSE_OVER_VOLTAGE,
    GUARD_CAUSE_OVER_CURRENT,
    GUARD_CAUSE_REVERSE,
    GUARD_CAUSE_ISOLATION,
    GUARD_CAUSE_IMD,
    GUARD_CAUSE_TEST_LATE,
    GUARD_CAUSE_BLIND,
    GUARD_CAUSE_STALE,
    GUARD_CAUSE_SOURCE_SILENT,
    GUARD_CAUSE_SOURCE_FAULT,
    GUARD_CAUSE_CONTACTOR_OPEN,
    GUARD_CAUSE_WELDED,
    GUARD_CAUSE_NO_DISCHARGE,
    GUARD_CAUSE_VOLTAGE_STANDS,
    GUARD_CAUSE_LOCK,
    GUARD_CAUSE_TEMPERATURE,
    GUARD_CAUSE_LATE_TICK,
    GUARD_CAUSE_LEASE_DEAD,
    GUARD_CAUSE_GRID,
    GUARD_CAUSE_METER,
    GUARD_CAUSES,
    GUARD_CAUSE_NONE = GUARD_CAUSES
} guard_cause_t;

typedef struct guard_rule {
    ccs_why_t why;                   /* what the communication is told, and maps to the code the car sees */
    char in_phase[GUARD_PHASES + 1]; /* one letter per phase: - nothing, b block, s stop, r error ramp, E emergency */
    char pilot;                      /* w as wanted, x X1 */
    bool latch;                      /* stands until a service reset */
} guard_rule_t;

extern const guard_rule_t guard_rules[GUARD_CAUSES];
extern const guard_source_t guard_rule_sources[GUARD_CAUSES];

guard_class_t guard_reaction(guard_cause_t cause, ccs_phase_t phase);
const char *guard_class_name(guard_class_t class);

/* ---- phases */

/* What a want may do in a phase. */
typedef enum guard_move {
    GUARD_STAY,
    GUARD_GO,     /* into the wanted phase, once all its needs hold */
    GUARD_REFUSE, /* nothing, with the need that is missing as why */
    GUARD_LEAVE,  /* normal stop, then from OFF */
    GUARD_AUTO    /* the phase ends by itself */
} guard_move_t;

guard_move_t guard_move(ccs_phase_t phase, ccs_phase_t want);

/* What must hold to enter a phase; in the order in which they are told. */
typedef enum guard_need {
    GUARD_NEED_PILOT = 1 << 0,  /* state C or D */
    GUARD_NEED_LIMITS = 1 << 1, /* the car's maximum voltage and current are known */
    GUARD_NEED_LOCK = 1 << 2,
    GUARD_NEED_OPEN = 1 << 3,      /* contactors open, < 60 V on both sides; on the way from OFF only */
    GUARD_NEED_ISOLATION = 1 << 4, /* judged good in this session */
    GUARD_NEED_SETTLED = 1 << 5,   /* the present phase has reached its goal */
    GUARD_NEED_LEASE = 1 << 6,
    GUARD_NEED_MATCH = 1 << 7 /* voltage stands, within 20 V of the car's latest target or of the measured car side */
} guard_need_t;

uint8_t guard_needs(ccs_phase_t from, ccs_phase_t to);

/* Which contactors may be closed in which phase. */
enum { GUARD_MAIN = 1, GUARD_BRANCH = 2 };
uint8_t guard_may_close(ccs_topology_t topology, ccs_phase_t phase);

#endif
