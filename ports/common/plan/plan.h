/* The plan's Power HAL: its eight functions, with their own prototypes, made into a ccs_hal_t. Its firmware plugs in unchanged.
 *
 *     static plan_t plan;
 *     plan_functions_t functions = {PLAN_EIGHT, .lock_close = my_lock, .lock_is_closed = my_lock_feedback};
 *     ccs_guard_defaults(&config);
 *     const char *problem = plan_init(&plan, &functions, &config);      fits config.lacks to the board
 *     ccs_hal_t hal = plan_hal(&plan);
 *     every 10 ms: hal.sample(), ccs_guard_step(), hal.apply(); and, from a timer of its own: plan_watch()
 *
 * The eight return false when they have no answer now: the reading then keeps its age, the guard calls it stale and stops. What the
 * eight lack is added below them; each may be NOT_FITTED. The adapter turns float volts into integers and back, once, here; what is
 * not a number or outside all reason is no reading. Nothing here waits; a function that does delays the guard, which notices.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PORTS_PLAN_H
#define CCS_PORTS_PLAN_H

#include "ccs/guard.h"
#include "ccs/hal.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* State of the control pilot; its value is its letter. */
typedef enum evse_state {
    EVSE_STATE_A = 'A',
    EVSE_STATE_B = 'B',
    EVSE_STATE_C = 'C',
    EVSE_STATE_D = 'D',
    EVSE_STATE_E = 'E',
    EVSE_STATE_F = 'F'
} evse_state_t;

/* The eight, as the plan declares them. */
bool cp_get_state(evse_state_t *out);
bool iso_monitor_ok(void);                  /* asked while the insulation shall be measured, iso_test_ms after it began */
bool contactor_precharge(bool on);          /* false: not obeyed; asked again at the next turn */
bool contactor_main(bool on);               /* the same */
bool measure_dc(float *volts, float *amps); /* amperes into the car > 0 */
bool set_dc_targets(float v, float i);      /* false: the power stage does not answer */
bool weld_detection_ok(void);               /* asked while everything shall be open, weld_test_ms after it opened */
bool meter_read(float *energy_kwh);         /* a float holds Wh up to 16 777 kWh; beyond, the steps grow */

#define NOT_FITTED NULL

typedef struct plan_functions {
    bool (*cp_get_state)(evse_state_t *out);
    bool (*iso_monitor_ok)(void);
    bool (*contactor_precharge)(bool on);
    bool (*contactor_main)(bool on);
    bool (*measure_dc)(float *volts, float *amps);
    bool (*set_dc_targets)(float v, float i);
    bool (*weld_detection_ok)(void);
    bool (*meter_read)(float *energy_kwh);
    /* What the eight lack. NOT_FITTED: */
    bool (*cp_out)(ccs_pilot_drive_t out); /* the firmware drives the pilot by itself */
    bool (*lock_close)(bool on);           /* no lock of ours: both lock functions, or none */
    bool (*lock_is_closed)(bool *closed);
    bool (*pp_get_ohm)(float *ohm);                          /* no proximity */
    bool (*contactor_feedback)(bool *precharge, bool *main); /* no mirror contacts: a weld shows by the discharge alone */
    bool (*source_enable)(bool on);                          /* targets of 0 V, 0 A are off */
    bool (*discharge)(bool on);                              /* bleeds by itself */
    bool (*iso_monitor_start)(bool on);                      /* runs by itself */
    bool (*arm_trip)(float volts);                           /* over-voltage trip with a limit of its own */
    bool (*alarms)(uint32_t *ccs_alarm_bits);                /* no emergency input at this controller */
    bool (*temperature)(float *celsius);                     /* no derating */
} plan_functions_t;

/* Initializer of the first eight with the functions of these names. */
#define PLAN_EIGHT                                                                                              \
    .cp_get_state = cp_get_state, .iso_monitor_ok = iso_monitor_ok, .contactor_precharge = contactor_precharge, \
    .contactor_main = contactor_main, .measure_dc = measure_dc, .set_dc_targets = set_dc_targets,               \
    .weld_detection_ok = weld_detection_ok, .meter_read = meter_read

typedef struct plan {
    plan_functions_t board;
    uint32_t iso_test_ms;  /* self-test and first measurement of the monitor: 5000 */
    uint32_t weld_test_ms; /* contactors and their feedback have settled: 500 */
    bool branch;           /* there is a precharge branch */
    ccs_sample_t sample;   /* as far as it is known: what has no answer keeps its age */
    ccs_drive_t drive;
    int64_t iso_since_ms, open_since_ms; /* measuring, everything open; -1: not */
    ccs_pilot_drive_t pilot;
    bool main, precharge, lock, enable, bleeds, measures; /* as last obeyed */
    int32_t trip_mV;
    bool told; /* the above were told at all */
} plan_t;

/* Everything is told to be off and open at the first apply(). Sets config->lacks by what is NOT_FITTED. NULL: fine; else one line
 * that says what is missing. */
const char *plan_init(plan_t *plan, const plan_functions_t *functions, ccs_guard_config_t *config);
ccs_hal_t plan_hal(plan_t *plan);

/* The end of a drive's validity, which the eight do not know: call it every 10 ms from a timer that does not depend on the guard's
 * task, never at the same time as apply(). After valid_until_ms it opens and switches off; true: it has just done so. */
bool plan_watch(plan_t *plan, int64_t now_ms);

#ifdef __cplusplus
}
#endif
#endif
