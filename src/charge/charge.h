/* Charging rules, once for all protocols, in words of no protocol.
 *
 * A protocol's handler turns a request into one call of this room and the verdict into its own codes: nothing here knows a
 * ResponseCode. The room holds what the charger knows of one charge: stage, limits, the car's figures, the guard's latest report,
 * why the charge must end. From these it derives, whole and at every step, the want for the guard.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_CHARGE_CHARGE_H
#define CCS_CHARGE_CHARGE_H

#include "ccs/ev.h"
#include "ccs/secc.h"

/* NOT_YET: ask again, on the next report or request. */
typedef enum charge_verdict { CHARGE_REFUSED, CHARGE_GRANTED, CHARGE_NOT_YET } charge_verdict_t;

/* How far a charge has come. */
typedef enum charge_stage {
    CHARGE_IDLE,      /* no session */
    CHARGE_SETUP,     /* talking, no power */
    CHARGE_TEST,      /* cable check */
    CHARGE_PRECHARGE, /* output follows the car's target */
    CHARGE_STARTING,  /* contactors are closing */
    CHARGE_LOOP,      /* energy flows */
    CHARGE_STOPPING,  /* current on its way to 0 A */
    CHARGE_STOPPED,   /* open */
    CHARGE_WELD,      /* the car tests its contactors */
    CHARGE_STAGES
} charge_stage_t;

/* What the charger tells of itself. */
typedef enum charge_status {
    CHARGE_STATUS_NOT_READY,
    CHARGE_STATUS_READY,
    CHARGE_STATUS_SHUTDOWN,
    CHARGE_STATUS_UTILITY, /* mains lost */
    CHARGE_STATUS_TESTING, /* insulation is being measured */
    CHARGE_STATUS_EMERGENCY,
    CHARGE_STATUS_MALFUNCTION,
    CHARGE_STATUSES
} charge_status_t;

/* What the charger wishes the car to do. DIN and ISO 15118-2 know the first four, -20 all. */
typedef enum charge_notice {
    CHARGE_NOTICE_NONE,
    CHARGE_NOTICE_STOP,
    CHARGE_NOTICE_SCHEDULE, /* negotiate the schedule again */
    CHARGE_NOTICE_PAUSE,
    CHARGE_NOTICE_SERVICE,
    CHARGE_NOTICE_METERING,
    CHARGE_NOTICES
} charge_notice_t;

/* How the power goes away. */
typedef enum charge_reaction {
    CHARGE_RAMP,   /* current ramps to 0 A, contactors stay until the car has stopped or its time is over */
    CHARGE_OFF,    /* off and open by normal ramp */
    CHARGE_AT_ONCE /* off and open, even under current */
} charge_reaction_t;

/* How long the car may take to end in order before we end it ourselves. */
typedef enum charge_talk {
    CHARGE_TALK_NONE,  /* the cable is out */
    CHARGE_TALK_SHORT, /* CHARGE_SHORT_MS: enough for one more answer, so that link and all are gone within 5 s */
    CHARGE_TALK_FAULT, /* config fault_ms */
    CHARGE_TALK_STOP   /* config stop_ms */
} charge_talk_t;

enum { CHARGE_SHORT_MS = 2000 };

/* One reason to end a charge and everything that follows from it; rows of the tables in cause.c. */
typedef struct charge_cause {
    const char *name;
    ccs_end_t end;
    charge_status_t status;
    charge_notice_t notice;
    charge_reaction_t reaction;
    charge_talk_t talk;
    bool idle; /* ends a session even while nothing is energised: it would not be granted anything */
} charge_cause_t;

/* Of a guard that stops by itself (RAMP, DISCHARGE, FAULT) or holds back (OFF, WELD) for this why. NULL: no reason to end: it is on
 * its way, or something is still missing. A guard that stands in FAULT has one in any case. */
const charge_cause_t *charge_cause_of_guard(const ccs_report_t *report);
/* Of a guard that is asked for TEST, for so long, and does not leave OFF: the fault of ours that holds it back. NULL: none, or one
 * that may pass still. */
const charge_cause_t *charge_cause_of_block(const ccs_report_t *report, int64_t asked_ms);
const charge_cause_t *charge_cause_of_stop(ccs_stop_t stop);
const charge_cause_t *charge_cause_of_meter(void);                    /* silent, and the site asks for one */
const charge_cause_t *charge_cause_of_car(void);                      /* the car reported an error */
const charge_cause_t *charge_cause_of_pilot(ccs_pilot_state_t pilot); /* A, E, F; NULL: a car is there */

/* What an error of the car does in a stage; rows of the table in car.c. */
typedef enum charge_car_effect {
    CHARGE_CAR_GOES_ON, /* answered OK, written down */
    CHARGE_CAR_HOLDS,   /* answered OK, no energy for as long as the car says so */
    CHARGE_CAR_STOPS,   /* answered OK, ramp to 0 A, the charger says Shutdown, the car ends in order or is ended */
    CHARGE_CAR_FAILS    /* answered FAILED, session ends */
} charge_car_effect_t;

/* Columns of that table. */
typedef enum charge_car_phase {
    CHARGE_CAR_IN_SETUP,
    CHARGE_CAR_IN_TEST,
    CHARGE_CAR_IN_PRECHARGE,
    CHARGE_CAR_IN_START,
    CHARGE_CAR_IN_LOOP,
    CHARGE_CAR_IN_STOP, /* PowerDelivery(Stop) and later: always OK, whatever the car reports */
    CHARGE_CAR_PHASES
} charge_car_phase_t;

enum { CHARGE_CAR_NOT_READY = CCS_EV_NO_DATA + 1, CHARGE_CAR_ROWS };

typedef struct charge_car_row {
    const char *name;
    charge_car_effect_t effect[CHARGE_CAR_PHASES];
} charge_car_row_t;

/* error: ccs_ev_error_t, or CHARGE_CAR_NOT_READY. Never NULL below CHARGE_CAR_ROWS. */
const charge_car_row_t *charge_car_row(unsigned error);
const char *charge_car_effect_name(charge_car_effect_t effect);
const char *charge_car_phase_name(charge_car_phase_t phase);

/* After the hold. */
typedef enum charge_next {
    CHARGE_NEXT_OFFERS, /* 5 % again while there are tries left; then a pulled plug or CCS_ON_RESET */
    CHARGE_NEXT_RESTS,  /* the same; with SLAC X1, until the car toggles B-C-B, the plug is pulled, or CCS_ON_RESET */
    CHARGE_NEXT_BLOCKS  /* a person frees it by CCS_ON_RESET; a pulled plug does not */
} charge_next_t;

/* What follows a session, by its end; rows of the table in after.c. The pilot stays so for hold_ms, then the outlet offers itself
 * again; after `tries` failures in a row it waits for the plug to be pulled, or for CCS_ON_RESET. */
typedef struct charge_after {
    ccs_end_t end;
    bool failure;            /* counts as one; anything else sets the count back */
    ccs_pilot_drive_t pilot; /* while held */
    ccs_pilot_drive_t last;  /* ... and at the last try: E/F wakes cars that X1 does not */
    uint32_t hold_ms;
    uint8_t tries; /* 0: none, wait at once; CHARGE_ALWAYS: no limit */
    charge_next_t next;
} charge_after_t;

enum { CHARGE_ALWAYS = 255 };
const charge_after_t *charge_after(ccs_end_t end);

/* What the car has told. */
typedef struct charge_car {
    int32_t mV_max, mA_max, W_max;             /* of ChargeParameterDiscovery; W_max 0: not told */
    int32_t mV_max_now, mA_max_now, W_max_now; /* lowered in the loop; never above the ones before */
    int32_t target_mV, target_mA;
    int16_t soc_permille; /* -1: not told */
    uint8_t error;        /* last, ccs_ev_error_t or CHARGE_CAR_NOT_READY */
    bool hold;            /* the last error allows no energy */
} charge_car_t;

typedef struct charge {
    const ccs_secc_config_t *config;
    ccs_secc_stats_t *stats;
    int64_t now_ms, utc_s;
    charge_stage_t stage;
    bool lock;                   /* from the cable check until open and below 60 V */
    bool was_live;               /* energy may flow, or has until just now */
    const charge_cause_t *cause; /* why it must end; NULL: no reason. The first stays, but for one that is more urgent */
    charge_car_t car;
    int64_t stage_ms;  /* since */
    int64_t end_by_ms; /* with a cause: by then we end the session ourselves */
    int64_t lease_until_ms;
    ccs_report_t report; /* latest; at_ms < 0: none yet */
    ccs_limits_t limits; /* of the site, live */
    ccs_record_t record;
} charge_t;

/* --- life ------------------------------------------------------------------------------------------------------------------ */
void charge_init(charge_t *charge, const ccs_secc_config_t *config, ccs_secc_stats_t *stats);
void charge_at(charge_t *charge, int64_t now_ms, int64_t utc_s); /* once per step, first */
void charge_report(charge_t *charge, const ccs_report_t *report);
void charge_limits(charge_t *charge, const ccs_limits_t *limits);
void charge_begin(charge_t *charge);              /* a link has become usable: a record begins */
void charge_end(charge_t *charge, ccs_end_t end); /* why the session ends; the first reason stays. No power from here on */
bool charge_settled(const charge_t *charge);      /* after the end: open, below 60 V, by a report made since */
void charge_finish(charge_t *charge);             /* completes the record; IDLE again */
bool charge_is_open(const charge_t *charge);      /* contactors open, both sides below 60 V */
void charge_resume(charge_t *charge, const ccs_record_t *unfinished); /* of the last life: completed, end INTERRUPTED */
void charge_call_end(charge_t *charge, const charge_cause_t *cause);

/* --- rules; each answers one request -------------------------------------------------------------------------------------- */
charge_car_effect_t charge_car_says(charge_t *charge, charge_car_phase_t phase, bool ready, uint8_t error, int32_t soc_percent);
bool charge_car_limits(charge_t *charge, int32_t mV_max, int32_t mA_max, int32_t W_max);     /* false: cannot be used */
void charge_car_limits_now(charge_t *charge, int32_t mV_max, int32_t mA_max, int32_t W_max); /* <= 0: not told */
charge_verdict_t charge_test(charge_t *charge);
charge_verdict_t charge_precharge(charge_t *charge, int32_t target_mV);
charge_verdict_t charge_start(charge_t *charge);
charge_verdict_t charge_demand(charge_t *charge, int32_t target_mV, int32_t target_mA);
charge_verdict_t charge_stop(charge_t *charge); /* never REFUSED */
void charge_weld(charge_t *charge);

/* --- what to tell ----------------------------------------------------------------------------------------------------------- */
charge_status_t charge_status(const charge_t *charge);
charge_notice_t charge_notice(const charge_t *charge);
ccs_isolation_t charge_isolation(const charge_t *charge); /* of this session */
int32_t charge_present_mV(const charge_t *charge);
int32_t charge_present_mA(const charge_t *charge);
bool charge_meter_answers(const charge_t *charge);
bool charge_measured(const charge_t *charge);      /* the two above are fresh enough to be told */
ccs_limits_t charge_offer(const charge_t *charge); /* the least of hardware, site and derating: what may be announced */
uint8_t charge_limited(const charge_t *charge);    /* ccs_limited_t bits: which of our limits the demand has reached */

/* --- what to ask for -------------------------------------------------------------------------------------------------------- */
ccs_want_t charge_want(const charge_t *charge, ccs_pilot_drive_t pilot);
int64_t charge_deadline_ms(const charge_t *charge); /* the rules want to be asked then at the latest */

const char *charge_stage_name(charge_stage_t stage);
const char *charge_status_name(charge_status_t status);
const char *charge_notice_name(charge_notice_t notice);

#endif
