/* The plant: everything outside the two machines, in integers, in steps of 1 ms.
 *
 * Control pilot, cable, contactors, precharge branch, DC source, insulation monitor, lock, meter and temperature on the charger's
 * side; inlet, contactors and battery on the car's. The charger sees it through sim_plant_hal(), the car through
 * sim_plant_car_body() and sim_plant_car_want(): both see one consistent world.
 *
 * Electrically there are two nodes, the source side and the car side of the output contactor, each a capacitor; a closed main
 * contactor makes them one; a closed car contactor ties the car side to the battery (voltage by charge, inner resistance).
 * Every fault is a named switch in plant.fault[], to be thrown at any time.
 *
 * Time: give any monotonic ms; the plant runs up to it. No allocation, no clock, no random number.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SIM_PLANT_H
#define CCS_SIM_PLANT_H

#include "ccs/ev.h"
#include "ccs/guard.h"
#include "ccs/hal.h"

#define SIM_FAULTS(X)                                                           \
    X(MAIN_WELDED, "the output contactor stays closed once it was closed")      \
    X(MAIN_STUCK_OPEN, "the output contactor does not close")                   \
    X(BRANCH_WELDED, "the precharge contactor stays closed once it was closed") \
    X(BRANCH_STUCK_OPEN, "the precharge contactor does not close")              \
    X(FEEDBACK_LIES_OPEN, "mirror contacts say open whatever is")               \
    X(SOURCE_SILENT, "the source delivers nothing and does not answer")         \
    X(SOURCE_DEAF, "the source answers, and delivers nothing")                  \
    X(SOURCE_MUTE, "the source delivers, but does not answer")                  \
    X(SOURCE_ALARM, "the source reports a fault and stops")                     \
    X(SOURCE_RUNS_AWAY, "the source keeps its last current, enabled or not")    \
    X(SOURCE_OVERSHOOTS, "the source gives plant.overshoot_mV too much")        \
    X(SOURCE_OVER_CURRENT, "the source gives plant.overshoot_mA too much")      \
    X(REVERSE_CURRENT, "the battery feeds plant.reverse_mA into the charger")   \
    X(NO_DISCHARGE, "the source side keeps its voltage")                        \
    X(TRIP_DEAD, "the hardware over-voltage trip does not act")                 \
    X(TRIPPED, "the hardware over-voltage trip acts, and stays")                \
    X(IMD_SILENT, "the insulation monitor does not answer")                     \
    X(IMD_SELF_TEST, "the insulation monitor fails its self-test")              \
    X(ISOLATION_LOW, "insulation is plant.isolation_low_ohm")                   \
    X(LOCK_JAMMED, "the lock motor does not move")                              \
    X(LOCK_LOST, "the lock opens by itself")                                    \
    X(METER_SILENT, "the meter does not answer")                                \
    X(EMERGENCY_STOP, "somebody pressed the red button")                        \
    X(GRID_LOST, "mains are lost; energy comes from what is stored")            \
    X(HOT, "a hard temperature limit of the board")                             \
    X(VOLTMETER_STALE, "voltage readings stop")                                 \
    X(AMMETER_STALE, "current readings stop")                                   \
    X(PILOT_STALE, "pilot readings stop")                                       \
    X(FEEDBACK_STALE, "feedback of contactors and lock stops")                  \
    X(PILOT_OPEN, "the pilot wire is cut")                                      \
    X(PILOT_SHORT, "the pilot is shorted to protective earth")                  \
    X(PILOT_DIODE, "the car's diode is missing")                                \
    X(CAR_WELDED, "the car's contactors stay closed once they were closed")     \
    X(CAR_STUCK_OPEN, "the car's contactors do not close")

#define SIM_FAULT_ENUMERATOR(name, text) SIM_##name,
typedef enum sim_fault { SIM_FAULTS(SIM_FAULT_ENUMERATOR) SIM_FAULTS_COUNT } sim_fault_t;
#undef SIM_FAULT_ENUMERATOR

typedef struct sim_plant_config {
    ccs_topology_t topology;
    ccs_meter_place_t meter_place; /* voltmeter, ammeter and energy meter: source side or car side of the contactors */
    bool car_side_voltmeter;       /* a second voltmeter; only with the meter before the contactors */
    bool foreign;                  /* the car is not ours: see sim_plant_foreign() */
    int32_t source_mV_max, source_mA_max;
    int32_t source_uF, cable_uF; /* output capacitor; cable and inlet */
    int32_t source_mA_ms;        /* the source's own slew, mA per ms */
    int32_t branch_ohm;
    uint32_t close_ms, open_ms; /* contactors */
    uint32_t lock_ms;
    uint32_t imd_self_test_ms, imd_period_ms;
    uint32_t meter_period_ms;
    int64_t meter_Wh;                          /* register at start */
    int32_t battery_empty_mV, battery_full_mV; /* open circuit at 0 and 100 %, linear */
    int32_t battery_mohm;
    int32_t battery_Wh;
    int32_t battery_permille; /* state of charge at start */
    uint32_t car_close_ms, car_open_ms;
} sim_plant_config_t;

typedef struct sim_contactor {
    bool closed;
    int64_t moves_ms; /* a change is under way until then; < 0: none */
} sim_contactor_t;

typedef struct sim_plant {
    sim_plant_config_t config;
    int64_t now_ms;
    bool fault[SIM_FAULTS_COUNT];
    int32_t overshoot_mV, overshoot_mA, reverse_mA, isolation_ohm, isolation_low_ohm, temperature_dC; /* for a scenario to set */

    /* charger */
    ccs_drive_t drive;
    int32_t proximity_ohm; /* of the plug, for a scenario to set; 0: no PP */
    bool driven;           /* a drive was given and has not lapsed */
    sim_contactor_t main, branch;
    int32_t source_mV, source_mA; /* source side node; current out of the source */
    int32_t cable_mV, cable_mA;   /* car side node; current through the cable into the car */
    bool tripped;
    int64_t imd_begin_ms, imd_next_ms;
    ccs_reading_t isolation_ohm_read;
    bool imd_failed;
    bool locked;
    int64_t lock_moves_ms;
    int64_t meter_mWh, meter_nWs, meter_next_ms;
    ccs_sample_t sample; /* the last one, so that stale readings keep their time */

    /* car */
    ccs_ev_want_t car;
    bool plugged;
    sim_contactor_t car_contactors;
    int32_t battery_mA;
    int32_t battery_mV_offset;        /* a foreign car's battery: shifted to the target at closing */
    int64_t battery_mWh, battery_nWs; /* content */
    int64_t received_mWh;             /* since plug-in */
    int64_t plug_mWh, plug_nWs;       /* through the plug into the car, ever: what a meter is judged by */
    int64_t foreign_ms;               /* current below 1 A in RAMP since; < 0: not */
    int32_t foreign_mV;               /* last precharge set point */
} sim_plant_t;

/* A 1000 V, 500 A, 200 kW charger and a 400 V car with 60 kWh at 30 %, not plugged in. */
void sim_plant_defaults(sim_plant_config_t *config);
void sim_plant_init(sim_plant_t *plant, const sim_plant_config_t *config, int64_t now_ms);
void sim_plant_step(sim_plant_t *plant, int64_t now_ms);

/* ctx is the plant. sample() steps it. Without a new drive it opens and switches off at valid_until_ms, by itself. */
ccs_hal_t sim_plant_hal(sim_plant_t *plant);

void sim_plant_plug(sim_plant_t *plant);
void sim_plant_unplug(sim_plant_t *plant);

ccs_body_t sim_plant_car_body(sim_plant_t *plant, int64_t now_ms);
void sim_plant_car_want(sim_plant_t *plant, const ccs_ev_want_t *want);

/* A car whose pilot and battery are not in its own hands (Josev): config.foreign. It goes to state C when the lock has closed and
 * back to B when it opened; its battery takes the precharge voltage and its contactors close when the guard goes LIVE; they open
 * in RAMP below 1 A. The current follows what the charger gives. */

/* What is true, for invariants and views. */
bool sim_plant_energised(const sim_plant_t *plant);     /* >= 60 V at the plug, or in the cable */
int32_t sim_plant_battery_mV(const sim_plant_t *plant); /* open circuit */
int32_t sim_plant_soc_permille(const sim_plant_t *plant);
int64_t sim_plant_meter_Wh(const sim_plant_t *plant);

const char *sim_fault_name(sim_fault_t fault); /* "MAIN_WELDED" */
const char *sim_fault_text(sim_fault_t fault);
/* SIM_FAULTS_COUNT: no such fault. */
sim_fault_t sim_fault_find(const char *name);

#endif
