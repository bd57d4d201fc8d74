/* The vocabulary between communication, guard and hardware: data only.
 *
 * Three whole images pass between the three, never edges or calls:
 *   sample  hardware -> guard      what is measured, each reading with its age
 *   want    SECC     -> guard      what the communication asks for
 *   drive   guard    -> hardware   what the hardware shall do, and until when
 *   report  guard    -> SECC       the sample, what was granted, and why not more
 * The communication can ask; only the guard grants.
 *
 * Units: mV, mA (signed: > 0 into the car, < 0 to the grid), W, Wh, ms of a monotonic clock, tenths of a degree Celsius.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_POWER_H
#define CCS_POWER_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A value and when it was measured. at_ms < 0: never measured. Age is now - at_ms. Booleans are 0 or 1. */
typedef struct ccs_reading {
    int64_t at_ms;
    int32_t value;
} ccs_reading_t;

/* The energy register of the meter, in Wh since the meter was made. at_ms < 0: no meter, or no answer yet. */
typedef struct ccs_meter {
    int64_t at_ms;
    int64_t energy_Wh;
} ccs_meter_t;

/* Inputs that a board decides by itself; each is a bit of ccs_sample_t.alarms. */
typedef enum ccs_alarm {
    CCS_ALARM_EMERGENCY_STOP = 1 << 0, /* the red button, a door contact, an external interlock */
    CCS_ALARM_OVER_VOLTAGE = 1 << 1,   /* the hardware trip (IEC 61851-23: 9 ms) has opened */
    CCS_ALARM_OVER_CURRENT = 1 << 2,
    CCS_ALARM_POWER_STAGE = 1 << 3, /* the rectifier reports a fault or is silent */
    CCS_ALARM_IMD = 1 << 4,         /* the insulation monitor itself is faulty or its self-test failed */
    CCS_ALARM_TEMPERATURE = 1 << 5, /* a hard temperature limit of the board */
    CCS_ALARM_GRID = 1 << 6,        /* mains lost; energy comes from what is stored */
    CCS_ALARM_WELD = 1 << 7         /* the board's own weld test: a contactor is closed that shall be open */
} ccs_alarm_t;

enum { CCS_NOT_FITTED = -1 }; /* at_ms of a reading that the board does not have */

/* Everything measured on the charger. Fill what the board has; a reading that it lacks stays at_ms = CCS_NOT_FITTED. Of the last
 * two a zeroed reading (at_ms = 0) is not fitted either. */
typedef struct ccs_sample {
    ccs_reading_t pilot_high_mV;    /* control pilot, upper level of the wave, at the outlet side of the 1 kOhm */
    ccs_reading_t pilot_low_mV;     /* lower level; -12 V while the car's diode is there */
    ccs_reading_t output_mV;        /* source side of the output contactor; with CCS_METER_AFTER (guard.h) its car side */
    ccs_reading_t car_mV;           /* car side of the output contactor; not fitted where the board measures one side only */
    ccs_reading_t output_mA;        /* > 0 into the car; below 0 the car feeds us, which a charge-only product takes for a fault */
    ccs_reading_t isolation_ohm;    /* lower of the two poles to PE; INT32_MAX means "more than can be measured" */
    ccs_reading_t main_closed;      /* mirror contact of the output contactor */
    ccs_reading_t precharge_closed; /* mirror contact of the precharge branch, where there is one */
    ccs_reading_t locked;           /* connector lock feedback */
    ccs_reading_t temperature_dC;   /* hottest of connector and cable */
    ccs_reading_t alarms;           /* ccs_alarm_t bits */
    ccs_meter_t meter;
    ccs_reading_t source_on;     /* the power stage's own answer: 1, it delivers; at_ms, when it last answered (fieldbus) */
    ccs_reading_t proximity_ohm; /* PP to PE where the plug is; INT32_MAX: open */
} ccs_sample_t;

/* The guard's own phases. It knows no V2G state. */
typedef enum ccs_phase {
    CCS_PHASE_OFF,       /* source off, contactors open, nothing asked */
    CCS_PHASE_TEST,      /* cable check: test voltage, insulation measured, no current */
    CCS_PHASE_PRECHARGE, /* output follows the car's target, <= 2 A, so that the car can close its contactors */
    CCS_PHASE_LIVE,      /* energy flows within all limits while the lease lives */
    CCS_PHASE_RAMP,      /* current on its way to 0 A, contactors still closed */
    CCS_PHASE_DISCHARGE, /* open commanded, output on its way below 60 V */
    CCS_PHASE_WELD,      /* the car tests its contactors; we measure and keep open */
    CCS_PHASE_FAULT      /* a fault stands; only a safe state is driven */
} ccs_phase_t;

/* Control pilot as the outlet sees it, IEC 61851-1. */
typedef enum ccs_pilot_state {
    CCS_PILOT_UNKNOWN,
    CCS_PILOT_A, /* +12 V: no car */
    CCS_PILOT_B, /*  +9 V: car, not ready */
    CCS_PILOT_C, /*  +6 V: car ready */
    CCS_PILOT_D, /*  +3 V: car ready, ventilation */
    CCS_PILOT_E, /*   0 V: short or no power */
    CCS_PILOT_F  /* -12 V: outlet not available */
} ccs_pilot_state_t;

/* What the outlet shows on the control pilot. */
typedef enum ccs_pilot_drive {
    CCS_PILOT_STEADY,    /* X1: +12 V, oscillator off */
    CCS_PILOT_5_PERCENT, /* X2: 1 kHz, 5 %: talk to me over the wire */
    CCS_PILOT_NEGATIVE   /* F: -12 V, outlet not available */
} ccs_pilot_drive_t;

typedef enum ccs_isolation {
    CCS_ISOLATION_INVALID, /* not measured in this session */
    CCS_ISOLATION_VALID,
    CCS_ISOLATION_WARNING, /* only with the 2014 limits */
    CCS_ISOLATION_FAULT
} ccs_isolation_t;

/* What the communication asks for: whole at every step. The guard takes the least of this, its own limits and what is safe.
 * Order: OFF, TEST (until settled), PRECHARGE (until settled), LIVE, RAMP, WELD if the car tests its contactors, OFF. OFF from
 * anywhere. A want for TEST, PRECHARGE or LIVE without the 5 % pilot and the lock is read as OFF; nonsense never energises.
 * After a fault the guard waits in FAULT until OFF was asked for and the cause is gone. */
typedef struct ccs_want {
    int64_t lease_until_ms; /* current is allowed until then; renewed only by the car's own accepted requests */
    ccs_phase_t phase;      /* OFF, TEST, PRECHARGE, LIVE, RAMP or WELD */
    int32_t target_mV;      /* TEST: unused (the rule sets it); PRECHARGE, LIVE: the car's latest target */
    int32_t target_mA;      /* LIVE only */
    int32_t car_mV_max;     /* the car's own limits; 0: not known, and then nothing above 60 V is granted */
    int32_t car_mA_max;
    int32_t offer_mA_max; /* site and session limit on the current; 0 is 0 A */
    int32_t offer_W_max;
    ccs_pilot_drive_t pilot;
    bool lock;    /* hold the connector */
    bool at_once; /* with phase OFF: emergency ramp, open even under current */
} ccs_want_t;

/* Why less than the wanted phase is granted. CCS_WHY_NONE: nothing stands in the way. A list, so that names cannot drift. */
#define CCS_WHYS(X)                                                            \
    X(NONE, "nothing stands in the way")                                       \
    X(STARTING, "on its way there")                                            \
    X(EMERGENCY_STOP, "emergency input")                                       \
    X(PILOT_LOST, "control pilot not in state C or D")                         \
    X(PILOT_FAULT, "control pilot shorted, or no diode seen")                  \
    X(OVER_VOLTAGE, "output above the limit, or the hardware trip has opened") \
    X(OVER_CURRENT, "current above the limit")                                 \
    X(ISOLATION_FAULT, "insulation below the limit")                           \
    X(ISOLATION_UNKNOWN, "insulation not judged in this session")              \
    X(IMD_FAULT, "insulation monitor failed its self-test or is silent")       \
    X(STALE_SAMPLE, "a measurement is missing or too old")                     \
    X(SOURCE_SILENT, "power stage does not follow or does not answer")         \
    X(SOURCE_FAULT, "power stage reports a fault")                             \
    X(CONTACTOR_OPEN, "contactor did not close")                               \
    X(CONTACTOR_WELDED, "contactor still closed after open; latched")          \
    X(DISCHARGE_FAILED, "source side does not discharge; latched")             \
    X(LOCK_FAILED, "connector lock jammed or lost")                            \
    X(TEMPERATURE, "temperature limit")                                        \
    X(LATE_TICK, "guard was called too late")                                  \
    X(LEASE_ENDED, "no accepted request within the lease")                     \
    X(VOLTAGE_PRESENT, "more than 60 V stand where none may")                  \
    X(VOLTAGE_MISMATCH, "closing voltage more than 20 V apart")                \
    X(LIMIT_UNKNOWN, "the car's limits are not known")                         \
    X(GRID_LOST, "mains lost")                                                 \
    X(METER_SILENT, "no meter answers, and the site asks for one")

#define CCS_WHY_ENUMERATOR(name, text) CCS_WHY_##name,
typedef enum ccs_why { CCS_WHYS(CCS_WHY_ENUMERATOR) CCS_WHYS_COUNT } ccs_why_t;
#undef CCS_WHY_ENUMERATOR

/* Which limit holds the set point down right now; bits of ccs_report_t.limited. */
typedef enum ccs_limited {
    CCS_LIMITED_VOLTAGE = 1 << 0,
    CCS_LIMITED_CURRENT = 1 << 1,
    CCS_LIMITED_POWER = 1 << 2,
    CCS_LIMITED_TEMPERATURE = 1 << 3
} ccs_limited_t;

/* What the guard found and granted: whole at every step. */
typedef struct ccs_report {
    ccs_sample_t sample;
    int64_t at_ms;           /* when this report was made */
    ccs_phase_t phase;       /* granted, not wanted */
    ccs_pilot_state_t pilot; /* debounced */
    ccs_isolation_t isolation;
    ccs_why_t why;
    uint8_t limited; /* ccs_limited_t bits */
    bool settled;    /* the granted phase has reached its goal: TEST judged good and < 60 V, PRECHARGE within 20 V
                        of the latest target, LIVE contactors closed, RAMP below 1 A, WELD open and source side
                        < 60 V, OFF and FAULT open and < 60 V on both sides, DISCHARGE never */
    bool locked;
    bool derated;         /* mA_max_now is below what the hardware can, for its temperature */
    bool latched;         /* needs a service reset: no grant, no 5 %, until then */
    int32_t mA_max_now;   /* the present limit after derating; what may be announced to the car */
    uint32_t late_ms_max; /* worst lateness of a tick since start */
} ccs_report_t;

/* What the hardware shall do. At valid_until_ms it opens and switches off by itself, without being called. */
typedef struct ccs_drive {
    int64_t valid_until_ms;
    ccs_phase_t phase; /* for a lamp, a fieldbus or a view; a board decides nothing by it */
    int32_t output_mV; /* set point of the source; with enable */
    int32_t output_mA;
    int32_t trip_mV; /* over-voltage trip to arm in hardware */
    ccs_pilot_drive_t pilot;
    bool enable; /* source on */
    bool main_close, precharge_close;
    bool lock;
    bool discharge;      /* bleed the source side */
    bool test_isolation; /* insulation monitor measures (and tests itself first) */
} ccs_drive_t;

const char *ccs_phase_name(ccs_phase_t phase);             /* "PRECHARGE"; never NULL */
const char *ccs_pilot_state_name(ccs_pilot_state_t state); /* "C" */
const char *ccs_why_name(ccs_why_t why);                   /* "PILOT_LOST" */
const char *ccs_why_text(ccs_why_t why);                   /* one line for people */
const char *ccs_isolation_name(ccs_isolation_t isolation);

#ifdef __cplusplus
}
#endif
#endif
