/* The tables of rules.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "guard/rules.h"
#include "base/assert.h"

#define FIGURE(field, value, least, most, mark, source)                               \
    {                                                                                 \
#field, offsetof(ccs_guard_config_t, field), value, least, most, mark, source \
    }

const guard_setting_t guard_settings[] = {
    FIGURE(mV_max, 1000000, 60000, 1500000, 'O', "what the hardware can"),
    FIGURE(mV_min, 150000, 0, 1000000, 'O', "what the hardware can; offered minimum <= 200 V, some cars refuse higher"),
    FIGURE(mA_max, 500000, 1000, 3000000, 'O', "what the hardware can"),
    FIGURE(W_max, 200000, 1000, 4000000, 'O', "what the hardware can"),
    FIGURE(precharge_mA_max, 2000, 100, 5000, 'P', "precharge <= 2 A; never EVTargetCurrent (Tesla and VW send 0 A there)"),
    FIGURE(close_mV_max, 20000, 1000, 20000, 'P', "a contactor closes within +-20 V"),
    FIGURE(safe_mV, 60000, 10000, 60000, 'P', "< 60 V before CableCheck ends, before PreCharge, before unlock"),
    FIGURE(open_mA_max, 5000, 100, 20000, 'P', "< 5 A before a contactor opens, emergencies apart"),
    FIGURE(unlock_mA_max, 1000, 50, 5000, 'P', "< 1 A before unlock"),
    FIGURE(isolation_fault_ohm, 100000, 10000, 1000000, 'P', "IEC 61851-23:2023: fault < 100 kOhm"),
    FIGURE(ramp_up_mA_s, 20000, 1000, 1000000, 'M', "IEC 61851-23: up >= 20 A/s"),
    FIGURE(ramp_down_mA_s, 100000, 100000, 10000000, 'M', "IEC 61851-23: down >= 100 A/s"),
    FIGURE(ramp_emergency_mA_s, 200000, 200000, 10000000, 'M', "IEC 61851-23: emergency down >= 200 A/s; ours for error stops"),
    FIGURE(sample_age_ms_max, 120, 20, 500, 'R', "current-demand sample of at most 120 ms in the field's own controllers"),
    FIGURE(tick_late_ms_max, 100, 10, 500, 'O', "goal of 100 ms for what software must do"),
    FIGURE(pilot_lost_ms, 50, 0, 500, 'M', "lost pilot seen within 100 ms as a goal"),
    FIGURE(pilot_debounce_ms, 30, 0, 200, 'P', "B to C/D seen within 250 ms [V2G2-847], back too [V2G2-848]"),
    FIGURE(pilot_hold_ms, 4000, 4000, 8000, 'M', "E/F is held 4 .. 8 s"),
    FIGURE(pilot_band_mV, 1000, 500, 1500, 'M', "IEC 61851-1: +-1 V around 12, 9, 6, 3, 0, -12 V"),
    FIGURE(contactor_ms_max, 200, 20, 1000, 'M', "mirror contact within 200 ms after the command"),
    FIGURE(discharge_ms_max, 1000, 100, 10000, 'M', "source side below 60 V within 1 s after off"),
    FIGURE(isolation_ms_max, 35000, 2000, 38000, 'P', "the car leaves CableCheck after 40 s; self-test alone may take 30 s"),
    FIGURE(isolation_settle_ms, 500, 0, 10000, 'O', "the verdict is taken so long after the test voltage stands"),
    FIGURE(isolation_confirm_ms, 500, 0, 10000, 'R', "single low readings while the current rises must not end a charge"),
    FIGURE(imd_age_ms_max, 5000, 100, 10000, 'M', "insulation monitors answer within 10 s"),
    FIGURE(source_follow_ms_max, 3000, 100, 7000, 'O', "the car leaves PreCharge after 7 s"),
    FIGURE(source_age_ms_max, 1000, 50, 5000, 'O', "modules on CAN answer some times a second"),
    FIGURE(source_mV_off, 5000, 1000, 20000, 'O', "voltmeters of module and charger differ: 0.5 % of 1000 V"),
    FIGURE(headroom_mV, 30000, 25000, 200000, 'R', "the output follows the pack: most cars send their limit as target"),
    FIGURE(reverse_mA_max, 5000, 500, 100000, 'M', "IEC 61851-23: no reverse current from the car into a charger"),
    FIGURE(proximity_ohm_max, 4700, 100, 1000000, 'O', "PP: resistors of plugs are 100 Ohm to 1.5 kOhm"),
    FIGURE(lock_ms_max, 3000, 100, 10000, 'O', "lock motor"),
    FIGURE(drive_valid_ms, 200, 20, 1000, 'O', "without a new drive the hardware opens by itself"),
    FIGURE(emergency_open_ms, 50, 0, 200, 'O', "emergency: source off at once, open at the latest so long after"),
    FIGURE(error_open_ms, 3000, 100, 5000, 'O', "error: 500 A at 200 A/s, then open whatever is measured"),
    FIGURE(stop_open_ms, 8000, 100, 20000, 'O', "normal stop: 500 A at 100 A/s, then open whatever is measured"),
    FIGURE(lease_dead_ms, 65000, 1000, 600000, 'O', "the SECC's own sequence timeout of 60 s comes first [V2G2-443]"),
    FIGURE(fault_hold_ms, 500, 10, 10000, 'O', "so that a latest-value reader cannot miss a fault"),
    FIGURE(over_mA, 10000, 1000, 50000, 'O', "tolerance above the set point"),
    FIGURE(over_current_ms, 100, 10, 1000, 'O', "inrush of the car's contactors is shorter"),
    FIGURE(temperature_dC_max, 1000, 500, 1500, 'O', "hard limit of connector and cable: 100 degrees"),
    FIGURE(meter_age_ms_max, 5000, 200, 60000, 'O', "meters answer once a second"),
};
const size_t guard_settings_count = sizeof(guard_settings) / sizeof(guard_settings[0]);

const guard_isolation_rule_t guard_isolation_rules[2] = {
    [CCS_EDITION_2014] = {"2014", 0, 100, 500, 'M', "IEC 61851-23:2014: fault < 100 Ohm/V, warning < 500 Ohm/V"},
    [CCS_EDITION_2023] = {"2023", 0, 0, 0, 'P',
                          "IEC 61851-23:2023: fault < 100 kOhm (setting isolation_fault_ohm), no warning level"},
};

/* IEC 61851-23:2023 6.3.1.106.2 [P]: the 9 ms belong to the hardware, which is handed the limit. */
const guard_trip_rule_t guard_trip_rules[GUARD_TRIPS] = {
    {500000, 550000},
    {750000, 825000},
    {850000, 935000},
    {INT32_MAX, 1100000},
};

int32_t guard_trip_mV(int32_t least_mV)
{
    size_t row = 0;
    while (row + 1 < GUARD_TRIPS && least_mV > guard_trip_rules[row].up_to_mV) {
        row++;
    }
    return guard_trip_rules[row].trip_mV;
}

/* CC.4.1.2 [P]: up to 500 V the least of car + 50 V, 500 V and our own; above that 1.1 times the car's, at most our own. */
int32_t guard_test_mV(int32_t car_mV_max, int32_t own_mV_max)
{
    const int64_t car_mV = car_mV_max;
    int64_t test_mV = car_mV > 500000 ? car_mV * 11 / 10 : car_mV + 50000;
    if (car_mV <= 500000 && test_mV > 500000) {
        test_mV = 500000;
    }
    return test_mV < own_mV_max ? (int32_t)test_mV : own_mV_max;
}

/* Columns: OFF TEST PRECHARGE LIVE RAMP DISCHARGE WELD FAULT. */
const guard_rule_t guard_rules[GUARD_CAUSES] = {
    [GUARD_CAUSE_EMERGENCY_STOP] = {CCS_WHY_EMERGENCY_STOP, "bEEEEEEb", 'x', false, "alarm bit", 'P'},
    [GUARD_CAUSE_PILOT_GONE] = {CCS_WHY_PILOT_LOST, "-EEEE---", 'x', false, "state A, F or none for pilot_lost_ms, or PP open",
                                'P'},
    [GUARD_CAUSE_PILOT_B] = {CCS_WHY_PILOT_LOST, "-EEEE---", 'x', false,
                             "state B for pilot_lost_ms; in RAMP only above open_mA_max", 'P'},
    [GUARD_CAUSE_PILOT_SHORT] = {CCS_WHY_PILOT_FAULT, "bEEEE---", 'x', false, "state E for pilot_lost_ms", 'P'},
    [GUARD_CAUSE_PILOT_DIODE] = {CCS_WHY_PILOT_FAULT, "bEEEE---", 'x', false, "lower level above -11 V while the wave runs", 'P'},
    [GUARD_CAUSE_OVER_VOLTAGE] = {CCS_WHY_OVER_VOLTAGE, "bEEEEEEb", 'x', false, "hardware trip, or output above the trip limit",
                                  'P'},
    [GUARD_CAUSE_OVER_CURRENT] = {CCS_WHY_OVER_CURRENT, "bEEEE--b", 'x', false,
                                  "alarm bit, or above set point + over_mA for over_current_ms", 'O'},
    [GUARD_CAUSE_REVERSE] = {CCS_WHY_OVER_CURRENT, "-EEEE---", 'x', false, "reverse_mA_max out of the car for over_current_ms",
                             'M'},
    [GUARD_CAUSE_ISOLATION] = {CCS_WHY_ISOLATION_FAULT, "-Errr---", 'w', false,
                               "verdict, or below the limit for isolation_confirm_ms", 'P'},
    [GUARD_CAUSE_IMD] = {CCS_WHY_IMD_FAULT, "bErrr--b", 'w', false, "alarm bit, or no reading for imd_age_ms_max", 'P'},
    [GUARD_CAUSE_TEST_LATE] = {CCS_WHY_IMD_FAULT, "-E------", 'w', false, "no verdict and < 60 V within isolation_ms_max", 'P'},
    [GUARD_CAUSE_BLIND] = {CCS_WHY_STALE_SAMPLE, "bEEEE--b", 'w', false, "V, A, pilot or alarms older than sample_age_ms_max", 'R'},
    [GUARD_CAUSE_STALE] = {CCS_WHY_STALE_SAMPLE, "bErrr--b", 'w', false, "lock, feedback, temperature older than sample_age_ms_max",
                           'O'},
    [GUARD_CAUSE_SOURCE_SILENT] = {CCS_WHY_SOURCE_SILENT, "-EErr---", 'w', false,
                                   "no answer for source_age_ms_max, or set point not followed for source_follow_ms_max", 'O'},
    [GUARD_CAUSE_SOURCE_FAULT] = {CCS_WHY_SOURCE_FAULT, "bErrr--b", 'w', false, "alarm bit", 'O'},
    [GUARD_CAUSE_CONTACTOR_OPEN] = {CCS_WHY_CONTACTOR_OPEN, "-EEEE---", 'x', false, "not closed contactor_ms_max after the command",
                                    'O'},
    [GUARD_CAUSE_WELDED] = {CCS_WHY_CONTACTOR_WELDED, "EEEEEEEE", 'x', true,
                            "closed contactor_ms_max after open was commanded, or alarm bit", 'M'},
    [GUARD_CAUSE_NO_DISCHARGE] = {CCS_WHY_DISCHARGE_FAILED, "EEEEEEEE", 'x', true,
                                  "source side >= 60 V discharge_ms_max after open and off", 'M'},
    [GUARD_CAUSE_VOLTAGE_STANDS] = {CCS_WHY_VOLTAGE_PRESENT, "-E---E-b", 'w', false,
                                    "not ours: before the test voltage, or DISCHARGE does not end", 'P'},
    [GUARD_CAUSE_LOCK] = {CCS_WHY_LOCK_FAILED, "bErrr---", 'w', false, "not locked lock_ms_max after the command, or lost", 'O'},
    [GUARD_CAUSE_TEMPERATURE] = {CCS_WHY_TEMPERATURE, "bErrr--b", 'w', false, "alarm bit, or temperature_dC_max", 'O'},
    [GUARD_CAUSE_LATE_TICK] = {CCS_WHY_LATE_TICK, "-EEEE---", 'w', false,
                               "a turn more than tick_late_ms_max late, or after drive_valid_ms, or time went back", 'O'},
    [GUARD_CAUSE_LEASE_DEAD] = {CCS_WHY_LEASE_ENDED, "--sss---", 'w', false, "lease ended lease_dead_ms ago", 'O'},
    [GUARD_CAUSE_GRID] = {CCS_WHY_GRID_LOST, "bErrr--b", 'w', false, "alarm bit", 'O'},
    [GUARD_CAUSE_METER] = {CCS_WHY_METER_SILENT, "bsss----", 'w', false, "required, and no answer for meter_age_ms_max", 'O'},
};

guard_class_t guard_reaction(guard_cause_t cause, ccs_phase_t phase)
{
    CCS_ASSERT(cause < GUARD_CAUSES && phase <= CCS_PHASE_FAULT);
    switch (guard_rules[cause].in_phase[phase]) {
    case 'b':
        return GUARD_BLOCK;
    case 's':
        return GUARD_STOP;
    case 'r':
        return GUARD_ERROR;
    case 'E':
        return GUARD_EMERGENCY;
    default:
        return GUARD_NOTHING;
    }
}

static const char *const class_names[GUARD_CLASSES] = {"nothing", "block", "stop", "error", "emergency"};

const char *guard_class_name(guard_class_t class)
{
    return class < GUARD_CLASSES ? class_names[class] : "?";
}

/* Rows: present phase; columns: wanted OFF TEST PRECHARGE LIVE RAMP WELD. = stay, > go, ! refuse, < leave, . ends by itself */
static const char *const moves[GUARD_PHASES] = {
    [CCS_PHASE_OFF] = "=>>!=>",  [CCS_PHASE_TEST] = "<=>!<<",      [CCS_PHASE_PRECHARGE] = "<<=>><", [CCS_PHASE_LIVE] = "<<<=><",
    [CCS_PHASE_RAMP] = "<<<>=<", [CCS_PHASE_DISCHARGE] = "......", [CCS_PHASE_WELD] = "<<<<<=",      [CCS_PHASE_FAULT] = "......",
};

guard_move_t guard_move(ccs_phase_t phase, ccs_phase_t want)
{
    CCS_ASSERT(phase <= CCS_PHASE_FAULT);
    const size_t column = want == CCS_PHASE_WELD ? 5 : want <= CCS_PHASE_RAMP ? (size_t)want : 0;
    switch (moves[phase][column]) {
    case '>':
        return GUARD_GO;
    case '!':
        return GUARD_REFUSE;
    case '<':
        return GUARD_LEAVE;
    case '.':
        return GUARD_AUTO;
    default:
        return GUARD_STAY;
    }
}

enum {
    NEEDS_VOLTAGE = GUARD_NEED_PILOT | GUARD_NEED_LIMITS | GUARD_NEED_LOCK,
    NEEDS_ENERGY = NEEDS_VOLTAGE | GUARD_NEED_ISOLATION | GUARD_NEED_LEASE | GUARD_NEED_MATCH
};

uint8_t guard_needs(ccs_phase_t from, ccs_phase_t to)
{
    switch (to) {
    case CCS_PHASE_TEST:
        return NEEDS_VOLTAGE | GUARD_NEED_OPEN;
    case CCS_PHASE_PRECHARGE:
        return NEEDS_VOLTAGE | GUARD_NEED_ISOLATION | (from == CCS_PHASE_OFF ? GUARD_NEED_OPEN : GUARD_NEED_SETTLED);
    case CCS_PHASE_LIVE:
        return NEEDS_ENERGY;
    default:
        return 0;
    }
}

/* TEST and PRECHARGE of a branch go through the resistor; RAMP keeps what is closed and closes nothing (see guard_contactors). */
static const uint8_t closable[][GUARD_PHASES] = {
    [CCS_TOPOLOGY_OUTPUT_CONTACTOR] = {0, GUARD_MAIN, GUARD_MAIN, GUARD_MAIN, GUARD_MAIN, 0, 0, 0},
    [CCS_TOPOLOGY_PRECHARGE_BRANCH] = {0, GUARD_BRANCH, GUARD_BRANCH, GUARD_MAIN | GUARD_BRANCH, GUARD_MAIN | GUARD_BRANCH, 0, 0,
                                       0},
    [CCS_TOPOLOGY_DIRECT] = {0, 0, 0, 0, 0, 0, 0, 0},
};

uint8_t guard_may_close(ccs_topology_t topology, ccs_phase_t phase)
{
    CCS_ASSERT(topology <= CCS_TOPOLOGY_DIRECT && phase <= CCS_PHASE_FAULT);
    return closable[topology][phase];
}
