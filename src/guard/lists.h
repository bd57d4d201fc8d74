/* The guard's figures and rules, each with its source: a list, from which rules.c takes what the guard works with and sources.c
 * what docs/SAFETY.md prints.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_GUARD_LISTS_H
#define CCS_GUARD_LISTS_H

/* Setting of ccs_guard_config_t, default, least, most, mark, source. */
#define GUARD_FIGURES(FIGURE)                                                                                                   \
    FIGURE(mV_max, 1000000, 60000, 1500000, 'O', "what the hardware can")                                                       \
    FIGURE(mV_min, 150000, 0, 1000000, 'O', "what the hardware can; offered minimum <= 200 V, some cars refuse higher")         \
    FIGURE(mA_max, 500000, 1000, 3000000, 'O', "what the hardware can")                                                         \
    FIGURE(W_max, 200000, 1000, 4000000, 'O', "what the hardware can")                                                          \
    FIGURE(precharge_mA_max, 2000, 100, 5000, 'P', "precharge <= 2 A; never EVTargetCurrent (Tesla and VW send 0 A there)")     \
    FIGURE(close_mV_max, 20000, 1000, 20000, 'P', "a contactor closes within +-20 V")                                           \
    FIGURE(safe_mV, 60000, 10000, 60000, 'P', "< 60 V before CableCheck ends, before PreCharge, before unlock")                 \
    FIGURE(open_mA_max, 5000, 100, 20000, 'P', "< 5 A before a contactor opens, emergencies apart")                             \
    FIGURE(unlock_mA_max, 1000, 50, 5000, 'P', "< 1 A before unlock")                                                           \
    FIGURE(isolation_fault_ohm, 100000, 10000, 1000000, 'P', "IEC 61851-23:2023: fault < 100 kOhm")                             \
    FIGURE(ramp_up_mA_s, 20000, 1000, 1000000, 'M', "IEC 61851-23: up >= 20 A/s")                                               \
    FIGURE(ramp_down_mA_s, 100000, 100000, 10000000, 'M', "IEC 61851-23: down >= 100 A/s")                                      \
    FIGURE(ramp_emergency_mA_s, 200000, 200000, 10000000, 'M', "IEC 61851-23: emergency down >= 200 A/s; ours for error stops") \
    FIGURE(sample_age_ms_max, 120, 20, 500, 'R', "current-demand sample of at most 120 ms in the field's own controllers")      \
    FIGURE(tick_late_ms_max, 100, 10, 500, 'O', "goal of 100 ms for what software must do")                                     \
    FIGURE(pilot_lost_ms, 50, 0, 500, 'M', "lost pilot seen within 100 ms as a goal")                                           \
    FIGURE(pilot_debounce_ms, 30, 0, 200, 'P', "B to C/D seen within 250 ms [V2G2-847], back too [V2G2-848]")                   \
    FIGURE(pilot_hold_ms, 4000, 4000, 8000, 'M', "E/F is held 4 .. 8 s")                                                        \
    FIGURE(pilot_band_mV, 1000, 500, 1500, 'M', "IEC 61851-1: +-1 V around 12, 9, 6, 3, 0, -12 V")                              \
    FIGURE(contactor_ms_max, 200, 20, 1000, 'M', "mirror contact within 200 ms after the command")                              \
    FIGURE(discharge_ms_max, 1000, 100, 10000, 'M', "source side below 60 V within 1 s after off")                              \
    FIGURE(isolation_ms_max, 35000, 2000, 38000, 'P', "the car leaves CableCheck after 40 s; self-test alone may take 30 s")    \
    FIGURE(isolation_settle_ms, 500, 0, 10000, 'O', "the verdict is taken so long after the test voltage stands")               \
    FIGURE(isolation_confirm_ms, 500, 0, 10000, 'R', "single low readings while the current rises must not end a charge")       \
    FIGURE(imd_age_ms_max, 5000, 100, 10000, 'M', "insulation monitors answer within 10 s")                                     \
    FIGURE(source_follow_ms_max, 3000, 100, 7000, 'O', "the car leaves PreCharge after 7 s")                                    \
    FIGURE(source_age_ms_max, 1000, 50, 5000, 'O', "modules on CAN answer some times a second")                                 \
    FIGURE(source_mV_off, 5000, 1000, 20000, 'O', "voltmeters of module and charger differ: 0.5 % of 1000 V")                   \
    FIGURE(headroom_mV, 30000, 25000, 200000, 'R', "the output follows the pack: most cars send their limit as target")         \
    FIGURE(reverse_mA_max, 5000, 500, 100000, 'M', "IEC 61851-23: no reverse current from the car into a charger")              \
    FIGURE(proximity_ohm_max, 4700, 100, 1000000, 'O', "PP: resistors of plugs are 100 Ohm to 1.5 kOhm")                        \
    FIGURE(lock_ms_max, 3000, 100, 10000, 'O', "lock motor")                                                                    \
    FIGURE(drive_valid_ms, 200, 20, 1000, 'O', "without a new drive the hardware opens by itself")                              \
    FIGURE(emergency_open_ms, 50, 0, 200, 'O', "emergency: source off at once, open at the latest so long after")               \
    FIGURE(error_open_ms, 3000, 100, 5000, 'O', "error: 500 A at 200 A/s, then open whatever is measured")                      \
    FIGURE(stop_open_ms, 8000, 100, 20000, 'O', "normal stop: 500 A at 100 A/s, then open whatever is measured")                \
    FIGURE(lease_dead_ms, 65000, 1000, 600000, 'O', "the SECC's own sequence timeout of 60 s comes first [V2G2-443]")           \
    FIGURE(fault_hold_ms, 500, 10, 10000, 'O', "so that a latest-value reader cannot miss a fault")                             \
    FIGURE(over_mA, 10000, 1000, 50000, 'O', "tolerance above the set point")                                                   \
    FIGURE(over_current_ms, 100, 10, 1000, 'O', "inrush of the car's contactors is shorter")                                    \
    FIGURE(temperature_dC_max, 1000, 500, 1500, 'O', "hard limit of connector and cable: 100 degrees")                          \
    FIGURE(meter_age_ms_max, 5000, 200, 60000, 'O', "meters answer once a second")

/* Cause, why, reaction by phase (OFF TEST PRECHARGE LIVE RAMP DISCHARGE WELD FAULT), pilot, latch, noticed by, mark. */
#define GUARD_RULES(RULE)                                                                                                         \
    RULE(EMERGENCY_STOP, EMERGENCY_STOP, "bEEEEEEb", 'x', false, "alarm bit", 'P')                                                \
    RULE(PILOT_GONE, PILOT_LOST, "-EEEE---", 'x', false, "state A, F or none for pilot_lost_ms, or PP open", 'P')                 \
    RULE(PILOT_B, PILOT_LOST, "-EEEE---", 'x', false, "state B for pilot_lost_ms; in RAMP only above open_mA_max", 'P')           \
    RULE(PILOT_SHORT, PILOT_FAULT, "bEEEE---", 'x', false, "state E for pilot_lost_ms", 'P')                                      \
    RULE(PILOT_DIODE, PILOT_FAULT, "bEEEE---", 'x', false, "lower level above -11 V while the wave runs", 'P')                    \
    RULE(OVER_VOLTAGE, OVER_VOLTAGE, "bEEEEEEb", 'x', false, "hardware trip, or output above the trip limit", 'P')                \
    RULE(OVER_CURRENT, OVER_CURRENT, "bEEEE--b", 'x', false, "alarm bit, or above set point + over_mA for over_current_ms", 'O')  \
    RULE(REVERSE, OVER_CURRENT, "-EEEE---", 'x', false, "reverse_mA_max out of the car for over_current_ms", 'M')                 \
    RULE(ISOLATION, ISOLATION_FAULT, "-Errr---", 'w', false, "verdict, or below the limit for isolation_confirm_ms", 'P')         \
    RULE(IMD, IMD_FAULT, "bErrr--b", 'w', false, "alarm bit, or no reading for imd_age_ms_max", 'P')                              \
    RULE(TEST_LATE, IMD_FAULT, "-E------", 'w', false, "no verdict and < 60 V within isolation_ms_max", 'P')                      \
    RULE(BLIND, STALE_SAMPLE, "bEEEE--b", 'w', false, "V, A, pilot or alarms older than sample_age_ms_max", 'R')                  \
    RULE(STALE, STALE_SAMPLE, "bErrr--b", 'w', false, "lock, feedback, temperature older than sample_age_ms_max", 'O')            \
    RULE(SOURCE_SILENT, SOURCE_SILENT, "-EErr---", 'w', false,                                                                    \
         "no answer for source_age_ms_max, or set point not followed for source_follow_ms_max", 'O')                              \
    RULE(SOURCE_FAULT, SOURCE_FAULT, "bErrr--b", 'w', false, "alarm bit", 'O')                                                    \
    RULE(CONTACTOR_OPEN, CONTACTOR_OPEN, "-EEEE---", 'x', false, "not closed contactor_ms_max after the command", 'O')            \
    RULE(WELDED, CONTACTOR_WELDED, "EEEEEEEE", 'x', true, "closed contactor_ms_max after open was commanded, or alarm bit", 'M')  \
    RULE(NO_DISCHARGE, DISCHARGE_FAILED, "EEEEEEEE", 'x', true, "source side >= 60 V discharge_ms_max after open and off", 'M')   \
    RULE(VOLTAGE_STANDS, VOLTAGE_PRESENT, "-E---E-b", 'w', false, "not ours: before the test voltage, or DISCHARGE does not end", \
         'P')                                                                                                                     \
    RULE(LOCK, LOCK_FAILED, "bErrr---", 'w', false, "not locked lock_ms_max after the command, or lost", 'O')                     \
    RULE(TEMPERATURE, TEMPERATURE, "bErrr--b", 'w', false, "alarm bit, or temperature_dC_max", 'O')                               \
    RULE(LATE_TICK, LATE_TICK, "-EEEE---", 'w', false,                                                                            \
         "a turn more than tick_late_ms_max late, or after drive_valid_ms, or time went back", 'O')                               \
    RULE(LEASE_DEAD, LEASE_ENDED, "--sss---", 'w', false, "lease ended lease_dead_ms ago", 'O')                                   \
    RULE(GRID, GRID_LOST, "bErrr--b", 'w', false, "alarm bit", 'O')                                                               \
    RULE(METER, METER_SILENT, "bsss----", 'w', false, "required, and no answer for meter_age_ms_max", 'O')

/* Edition, fault_ohm, fault_ohm_per_V, warning_ohm_per_V, mark, source. */
#define GUARD_ISOLATION_RULES(RULE)                                                           \
    RULE(2014, 0, 100, 500, 'M', "IEC 61851-23:2014: fault < 100 Ohm/V, warning < 500 Ohm/V") \
    RULE(2023, 0, 0, 0, 'P', "IEC 61851-23:2023: fault < 100 kOhm (setting isolation_fault_ohm), no warning level")

#endif
