/* The tables of rules.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "guard/rules.h"
#include "base/assert.h"
#include "guard/lists.h"

#define FIGURE(field, value, least, most, mark, source) {offsetof(ccs_guard_config_t, field), value, least, most},
const guard_setting_t guard_settings[] = {GUARD_FIGURES(FIGURE)};
const size_t guard_settings_count = sizeof(guard_settings) / sizeof(guard_settings[0]);

#define ISOLATION(year, fault_ohm, fault_ohm_per_V, warning_ohm_per_V, mark, source) \
    [CCS_EDITION_##year] = {fault_ohm, fault_ohm_per_V, warning_ohm_per_V},
const guard_isolation_rule_t guard_isolation_rules[2] = {GUARD_ISOLATION_RULES(ISOLATION)};

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
    if (car_mV_max >= own_mV_max) {
        return own_mV_max;
    }
    int32_t test_mV = car_mV_max > 500000 ? car_mV_max + car_mV_max / 10 : car_mV_max + 50000;
    if (car_mV_max <= 500000 && test_mV > 500000) {
        test_mV = 500000;
    }
    return test_mV < own_mV_max ? test_mV : own_mV_max;
}

#define RULE(cause, why, in_phase, pilot, latch, noticed_by, mark) [GUARD_CAUSE_##cause] = {CCS_WHY_##why, in_phase, pilot, latch},
const guard_rule_t guard_rules[GUARD_CAUSES] = {GUARD_RULES(RULE)};

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

/* Rows: present phase; columns: wanted OFF TEST PRECHARGE LIVE RAMP WELD. = stay, > go, ! refuse, < leave, . ends by itself */
static const char moves[GUARD_PHASES][GUARD_WANTS + 1] = {
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
