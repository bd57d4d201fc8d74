/* Why a charge ends, and everything that follows: what the car is told, how the power goes, how long there is to talk.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/trace.h"
#include "charge/charge.h"

#include <stddef.h>

/* Short names for the columns. */
#define SHUTDOWN    CHARGE_STATUS_SHUTDOWN
#define UTILITY     CHARGE_STATUS_UTILITY
#define EMERGENCY   CHARGE_STATUS_EMERGENCY
#define MALFUNCTION CHARGE_STATUS_MALFUNCTION
#define STOP        CHARGE_NOTICE_STOP
#define RAMP        CHARGE_RAMP
#define OFF         CHARGE_OFF
#define AT_ONCE     CHARGE_AT_ONCE
#define SHORT       CHARGE_TALK_SHORT
#define FAULT       CHARGE_TALK_FAULT

/* By the guard's why. A row without an end is no reason for one. The guard itself chooses how fast it stops for a fault; AT_ONCE
 * says it once more where nothing may be slower. */
static const charge_cause_t why_causes[CCS_WHYS_COUNT] = {
    [CCS_WHY_EMERGENCY_STOP] = {CCS_TEXT("emergency_input"), CCS_END_EMERGENCY, EMERGENCY, STOP, AT_ONCE, FAULT, true},
    [CCS_WHY_PILOT_LOST] = {CCS_TEXT("pilot_lost"), CCS_END_UNPLUGGED, EMERGENCY, STOP, AT_ONCE, SHORT, false},
    [CCS_WHY_PILOT_FAULT] = {CCS_TEXT("pilot_fault"), CCS_END_UNPLUGGED, EMERGENCY, STOP, AT_ONCE, SHORT, false},
    [CCS_WHY_OVER_VOLTAGE] = {CCS_TEXT("over_voltage"), CCS_END_CHARGER_ERROR, EMERGENCY, STOP, AT_ONCE, FAULT, false},
    [CCS_WHY_OVER_CURRENT] = {CCS_TEXT("over_current"), CCS_END_CHARGER_ERROR, EMERGENCY, STOP, AT_ONCE, FAULT, false},
    [CCS_WHY_ISOLATION_FAULT] = {CCS_TEXT("isolation_fault"), CCS_END_ISOLATION, MALFUNCTION, STOP, OFF, FAULT, false},
    [CCS_WHY_ISOLATION_UNKNOWN] = {CCS_TEXT("isolation_unknown"), CCS_END_ISOLATION, MALFUNCTION, STOP, OFF, FAULT, false},
    [CCS_WHY_IMD_FAULT] = {CCS_TEXT("imd_fault"), CCS_END_ISOLATION, MALFUNCTION, STOP, OFF, FAULT, false},
    [CCS_WHY_STALE_SAMPLE] = {CCS_TEXT("stale_sample"), CCS_END_CHARGER_ERROR, MALFUNCTION, STOP, OFF, FAULT, false},
    [CCS_WHY_SOURCE_SILENT] = {CCS_TEXT("source_silent"), CCS_END_CHARGER_ERROR, MALFUNCTION, STOP, OFF, FAULT, false},
    [CCS_WHY_SOURCE_FAULT] = {CCS_TEXT("source_fault"), CCS_END_CHARGER_ERROR, MALFUNCTION, STOP, OFF, FAULT, true},
    [CCS_WHY_CONTACTOR_OPEN] = {CCS_TEXT("contactor_open"), CCS_END_CHARGER_ERROR, MALFUNCTION, STOP, OFF, FAULT, false},
    [CCS_WHY_CONTACTOR_WELDED] = {CCS_TEXT("contactor_welded"), CCS_END_CHARGER_ERROR, MALFUNCTION, STOP, OFF, FAULT, true},
    [CCS_WHY_DISCHARGE_FAILED] = {CCS_TEXT("discharge_failed"), CCS_END_CHARGER_ERROR, MALFUNCTION, STOP, OFF, FAULT, true},
    [CCS_WHY_LOCK_FAILED] = {CCS_TEXT("lock_failed"), CCS_END_CHARGER_ERROR, MALFUNCTION, STOP, OFF, FAULT, false},
    [CCS_WHY_TEMPERATURE] = {CCS_TEXT("temperature"), CCS_END_CHARGER_ERROR, SHUTDOWN, STOP, OFF, FAULT, true},
    [CCS_WHY_LATE_TICK] = {CCS_TEXT("late_tick"), CCS_END_CHARGER_ERROR, MALFUNCTION, STOP, OFF, FAULT, false},
    [CCS_WHY_VOLTAGE_PRESENT] = {CCS_TEXT("voltage_present"), CCS_END_CHARGER_ERROR, MALFUNCTION, STOP, OFF, FAULT, false},
    [CCS_WHY_VOLTAGE_MISMATCH] = {CCS_TEXT("voltage_mismatch"), CCS_END_CHARGER_ERROR, MALFUNCTION, STOP, OFF, FAULT, false},
    [CCS_WHY_LIMIT_UNKNOWN] = {CCS_TEXT("limit_unknown"), CCS_END_CHARGER_ERROR, MALFUNCTION, STOP, OFF, FAULT, false},
    [CCS_WHY_LEASE_ENDED] = {CCS_TEXT("lease_ended"), CCS_END_SEQUENCE_TIMEOUT, SHUTDOWN, STOP, OFF, FAULT, false},
    [CCS_WHY_METER_SILENT] = {CCS_TEXT("meter_silent"), CCS_END_NO_METER, MALFUNCTION, STOP, OFF, FAULT, false},
    [CCS_WHY_GRID_LOST] = {CCS_TEXT("grid_lost"), CCS_END_CHARGER_ERROR, UTILITY, STOP, OFF, FAULT, true},
};

/* The guard stands in FAULT for a reason that this table does not expect: stop all the same. */
static const charge_cause_t other_fault = {
    CCS_TEXT("guard_fault"), CCS_END_CHARGER_ERROR, MALFUNCTION, STOP, AT_ONCE, FAULT, false};

/* State B under power: the car is there and has opened S2, which is its own emergency stop. */
static const charge_cause_t opened_s2 = {CCS_TEXT("car_left_state_c"), CCS_END_CAR_ERROR, EMERGENCY, STOP, AT_ONCE, FAULT, false};

static const charge_cause_t stop_causes[] = {
    [CCS_STOP_USER] = {CCS_TEXT("stop_user"), CCS_END_STOPPED_USER, SHUTDOWN, STOP, RAMP, CHARGE_TALK_STOP, false},
    [CCS_STOP_SERVICE] = {CCS_TEXT("stop_service"), CCS_END_STOPPED_SERVICE, SHUTDOWN, STOP, RAMP, CHARGE_TALK_STOP, false},
    [CCS_STOP_EMERGENCY] = {CCS_TEXT("stop_emergency"), CCS_END_EMERGENCY, EMERGENCY, STOP, AT_ONCE, FAULT, false},
};

static const charge_cause_t car_cause = {CCS_TEXT("car_error"), CCS_END_CAR_ERROR, SHUTDOWN, STOP, RAMP, FAULT, false};
static const charge_cause_t unplugged = {
    CCS_TEXT("unplugged"), CCS_END_UNPLUGGED, EMERGENCY, STOP, AT_ONCE, CHARGE_TALK_NONE, false};
static const charge_cause_t shorted = {CCS_TEXT("pilot_fault"), CCS_END_UNPLUGGED, EMERGENCY, STOP, AT_ONCE, SHORT, false};

static bool stops_by_itself(ccs_phase_t phase)
{
    return phase == CCS_PHASE_RAMP || phase == CCS_PHASE_DISCHARGE || phase == CCS_PHASE_FAULT;
}

static const charge_cause_t *row_of(const ccs_report_t *report)
{
    if (report->why == CCS_WHY_PILOT_LOST && report->pilot == CCS_PILOT_B) {
        return &opened_s2;
    }
    return report->why < CCS_WHYS_COUNT && why_causes[report->why].end != CCS_END_NONE ? &why_causes[report->why] : NULL;
}

const charge_cause_t *charge_cause_of_guard(const ccs_report_t *report)
{
    const charge_cause_t *const row = row_of(report);
    if (row && (stops_by_itself(report->phase) || row->idle)) {
        return row;
    }
    return report->phase == CCS_PHASE_FAULT ? &other_fault : NULL;
}

enum { BLOCK_MS = 5000 }; /* a module that wakes, a reading that comes late; the car itself gives up CableCheck after 40 s */

/* Faults that only block, by the time after which they end the session: the guard itself has given the lock its time. */
static const struct {
    ccs_why_t why;
    int64_t after_ms;
} blocks[] = {{CCS_WHY_LOCK_FAILED, 0},
              {CCS_WHY_IMD_FAULT, BLOCK_MS},
              {CCS_WHY_STALE_SAMPLE, BLOCK_MS},
              {CCS_WHY_OVER_VOLTAGE, BLOCK_MS},
              {CCS_WHY_OVER_CURRENT, BLOCK_MS}};

const charge_cause_t *charge_cause_of_block(const ccs_report_t *report, int64_t asked_ms)
{
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0] && report->phase == CCS_PHASE_OFF; i++) {
        if (report->why == blocks[i].why && asked_ms >= blocks[i].after_ms) {
            return row_of(report);
        }
    }
    return NULL;
}

const charge_cause_t *charge_cause_of_stop(ccs_stop_t stop)
{
    return stop <= CCS_STOP_EMERGENCY ? &stop_causes[stop] : &stop_causes[CCS_STOP_EMERGENCY];
}

const charge_cause_t *charge_cause_of_car(void)
{
    return &car_cause;
}

const charge_cause_t *charge_cause_of_meter(void)
{
    return &why_causes[CCS_WHY_METER_SILENT];
}

const charge_cause_t *charge_cause_of_pilot(ccs_pilot_state_t pilot)
{
    if (pilot == CCS_PILOT_A) {
        return &unplugged;
    }
    return pilot == CCS_PILOT_E || pilot == CCS_PILOT_F ? &shorted : NULL;
}
