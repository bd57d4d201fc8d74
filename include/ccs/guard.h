/* The guard: the only room that grants energy.
 *
 * One instance per outlet. It owns contactors, set point, pilot and lock, and knows no V2G state. Call ccs_guard_step() every
 * 10 ms and whenever a sample or a want changed, from its own thread, task or timer interrupt; it never waits, allocates or
 * fails. It measures its own lateness: a tick later than the setting ends a charge.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_GUARD_H
#define CCS_GUARD_H

#include "ccs/errors.h"
#include "ccs/power.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What may be closed in which phase depends on how the outlet is wired. */
typedef enum ccs_topology {
    CCS_TOPOLOGY_OUTPUT_CONTACTOR, /* source - main contactor - car; precharge by the source itself */
    CCS_TOPOLOGY_PRECHARGE_BRANCH, /* main contactor with a resistor branch beside it */
    CCS_TOPOLOGY_DIRECT            /* no contactor of ours: the source is the only switch */
} ccs_topology_t;

/* Where the board's one voltmeter, ammeter and energy meter sit. With CCS_METER_BEFORE a second voltmeter may watch the car side
 * (car_mV). With CCS_METER_AFTER nothing is seen of the source side while the contactors are open: it counts as dead once it was
 * off for discharge_ms_max, and a weld shows by its mirror contact alone, which such a board must have. */
typedef enum ccs_meter_place { CCS_METER_BEFORE, CCS_METER_AFTER } ccs_meter_place_t;

typedef enum ccs_edition { CCS_EDITION_2014, CCS_EDITION_2023 } ccs_edition_t; /* of IEC 61851-23 */

/* One point of the derating curve: at temperature_dC and above at most permille of the current. */
typedef struct ccs_derate {
    int32_t temperature_dC;
    uint16_t permille;
} ccs_derate_t;

enum { CCS_DERATE_POINTS = 4 };

/* What a board does not have; bits of ccs_guard_config_t.lacks. All else must answer: silence is a fault. */
typedef enum ccs_lack {
    CCS_LACK_LOCK = 1 << 0,        /* no lock of ours (captive in the car's inlet): taken as locked */
    CCS_LACK_FEEDBACK = 1 << 1,    /* no mirror contacts: done after contactor_ms_max; a weld shows by the discharge alone */
    CCS_LACK_TEMPERATURE = 1 << 2, /* no derating */
    CCS_LACK_PILOT_LOW = 1 << 3,   /* no diode check */
    CCS_LACK_ALARMS = 1 << 4
} ccs_lack_t;

/* Every figure is a setting with its source beside it in src/guard/rules.c; ccs_guard_defaults() fills them all. */
typedef struct ccs_guard_config {
    ccs_topology_t topology;
    ccs_edition_t edition;
    ccs_meter_place_t meter_place;
    int32_t mV_max, mV_min, mA_max, W_max; /* what the hardware can */
    int32_t precharge_mA_max;              /* 2 A */
    int32_t close_mV_max;                  /* 20 V: largest difference at which a contactor closes */
    int32_t safe_mV;                       /* 60 V */
    int32_t open_mA_max;                   /* 5 A: below this a contactor opens without harm */
    int32_t isolation_fault_ohm;           /* 2023: fixed; 2014: per volt, computed */
    int32_t ramp_up_mA_s, ramp_down_mA_s, ramp_emergency_mA_s;
    uint32_t sample_age_ms_max;    /* older than that is stale: 120 */
    uint32_t tick_late_ms_max;     /* a tick later than that is a fault: 100 */
    uint32_t pilot_lost_ms;        /* state A, E, F for so long is lost: 50 */
    uint32_t contactor_ms_max;     /* feedback within so long after a command: 200 */
    uint32_t discharge_ms_max;     /* below 60 V within so long after off: 1000 (source side) */
    uint32_t isolation_ms_max;     /* self-test, verdict and < 60 V within so long: 35000 */
    uint32_t source_follow_ms_max; /* the source reaches its set point within so long */
    uint32_t lock_ms_max;
    uint8_t lacks;                          /* ccs_lack_t bits */
    int32_t unlock_mA_max;                  /* 1 A: the connector is let go below this and safe_mV; RAMP is settled */
    uint32_t drive_valid_ms;                /* a drive is good for so long: 200 */
    int32_t pilot_band_mV;                  /* half width of the bands around 12, 9, 6, 3, 0, -12 V: 1 V */
    uint32_t pilot_debounce_ms;             /* a new state counts after so long: 30 (B to C within 250) */
    uint32_t pilot_hold_ms;                 /* F once shown is held so long: 4000 */
    uint32_t emergency_open_ms;             /* source off, then open below open_mA_max or after so long: 50 */
    uint32_t error_open_ms;                 /* the same after an error ramp: 3000 */
    uint32_t stop_open_ms;                  /* the same after a normal ramp: 8000 */
    uint32_t lease_dead_ms;                 /* contactors open so long after the lease ended: 65000 */
    uint32_t fault_hold_ms;                 /* FAULT is shown at least so long: 500 */
    uint32_t imd_age_ms_max;                /* insulation readings may be so old: 5000 */
    uint32_t isolation_settle_ms;           /* verdict so long after the test voltage stands: 500 */
    uint32_t isolation_confirm_ms;          /* a bad reading while charging must last so long: 500 */
    int32_t over_mA;                        /* measured above set point by more than this ... */
    uint32_t over_current_ms;               /* ... for so long is over-current: 100 */
    uint32_t source_age_ms_max;             /* a power stage that answers is silent when its answer is older: 1000 */
    int32_t source_mV_off;                  /* a source this close to its set voltage has reached it: 5 V */
    int32_t headroom_mV;                    /* in LIVE the set voltage is at most so far above the pack: 30 V */
    int32_t reverse_mA_max;                 /* current out of the car above this, for over_current_ms, is a fault: 5 A */
    uint32_t proximity_ohm_max;             /* PP, where it is fitted, above this is an open plug: 4700 */
    int32_t temperature_dC_max;             /* hard limit */
    uint32_t meter_age_ms_max;              /* a meter that answered so long ago is silent: 5000 */
    ccs_derate_t derate[CCS_DERATE_POINTS]; /* ascending; unused points repeat the last */
    bool meter_required;                    /* no energy without a meter that answers */
    bool unlock_on_grid_loss;               /* mains lost: let the connector go once it is dead, whatever is wanted */
    bool latched;                           /* as kept in non-volatile storage from the last run */
} ccs_guard_config_t;

#define CCS_GUARD_WORDS 128u
typedef struct ccs_guard {
    uint64_t private_words[CCS_GUARD_WORDS]; /* asserted in guard.c */
} ccs_guard_t;

void ccs_guard_defaults(ccs_guard_config_t *config);

/* Starts in OFF, everything open. CCS_ERR_CONFIG: a limit is missing or outside its range. The config is copied. */
CCS_MUST_USE ccs_err_t ccs_guard_init(ccs_guard_t *guard, const ccs_guard_config_t *config, int64_t now_ms);

/* One turn. drive and report are whole images; all pointers are used only during the call. */
void ccs_guard_step(ccs_guard_t *guard, int64_t now_ms, const ccs_sample_t *sample, const ccs_want_t *want, ccs_drive_t *drive,
                    ccs_report_t *report);

/* Clears a latched fault: an act of service on the spot, never reachable from a car or a network. */
void ccs_guard_service_reset(ccs_guard_t *guard);

#ifdef __cplusplus
}
#endif
#endif
