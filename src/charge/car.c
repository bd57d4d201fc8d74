/* What EVReady = false and each DC_EVErrorCode do in each phase. PowerDelivery(Stop) and what follows is OK with any error.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "base/trace.h"
#include "charge/charge.h"

/* Short names for the columns. */
#define on    CHARGE_CAR_GOES_ON
#define holds CHARGE_CAR_HOLDS
#define stops CHARGE_CAR_STOPS
#define fails CHARGE_CAR_FAILS

/* Before the cable check an error is the car's own affair: nothing is energised, and it may pass. A code that nobody has defined is
 * still an error: no energy with it. EVReady = false is normal up to the cable check (2 of 828 CableCheckReq of real cars). */
static const charge_car_row_t rows[CHARGE_CAR_ROWS] = {
    /*                                                                      setup test   prech. start  loop   stop */
    [CCS_EV_NO_ERROR] = {CCS_TEXT("NO_ERROR"), {on, on, on, on, on, on}},
    [CCS_EV_RESS_TEMPERATURE_INHIBIT] = {CCS_TEXT("RESSTemperatureInhibit"), {on, on, holds, fails, holds, on}},
    [CCS_EV_SHIFT_POSITION] = {CCS_TEXT("EVShiftPosition"), {on, holds, holds, fails, stops, on}},
    [CCS_EV_CONNECTOR_LOCK_FAULT] = {CCS_TEXT("ChargerConnectorLockFault"), {on, holds, fails, fails, stops, on}},
    [CCS_EV_RESS_MALFUNCTION] = {CCS_TEXT("EVRESSMalfunction"), {on, stops, fails, fails, stops, on}},
    [CCS_EV_CURRENT_DIFFERENTIAL] = {CCS_TEXT("ChargingCurrentdifferential"), {on, stops, fails, fails, stops, on}},
    [CCS_EV_VOLTAGE_OUT_OF_RANGE] = {CCS_TEXT("ChargingVoltageOutOfRange"), {on, stops, fails, fails, stops, on}},
    [CCS_EV_RESERVED_A] = {CCS_TEXT("Reserved_A"), {on, on, holds, fails, stops, on}},
    [CCS_EV_RESERVED_B] = {CCS_TEXT("Reserved_B"), {on, on, holds, fails, stops, on}},
    [CCS_EV_RESERVED_C] = {CCS_TEXT("Reserved_C"), {on, on, holds, fails, stops, on}},
    [CCS_EV_SYSTEM_INCOMPATIBILITY] = {CCS_TEXT("ChargingSystemIncompatibility"), {on, stops, fails, fails, stops, on}},
    [CCS_EV_NO_DATA] = {CCS_TEXT("NoData"), {on, on, on, on, on, on}},
    [CHARGE_CAR_NOT_READY] = {CCS_TEXT("EVReady=false"), {on, on, holds, holds, holds, on}},
};

const charge_car_row_t *charge_car_row(unsigned error)
{
    CCS_ASSERT(error < CHARGE_CAR_ROWS);
    return &rows[error];
}

const char *charge_car_effect_name(charge_car_effect_t effect)
{
    static const char *const names[] = {"goes on", "holds", "stops", "fails"};
    return effect < sizeof names / sizeof *names ? names[effect] : "?";
}

const char *charge_car_phase_name(charge_car_phase_t phase)
{
    static const char *const names[CHARGE_CAR_PHASES] = {"setup", "test", "precharge", "start", "loop", "stop"};
    return phase < CHARGE_CAR_PHASES ? names[phase] : "?";
}

/* The error counts before readiness: it says more. */
static unsigned row_of(bool ready, uint8_t error)
{
    if (error != CCS_EV_NO_ERROR && error <= CCS_EV_NO_DATA) {
        return error;
    }
    return ready ? (unsigned)CCS_EV_NO_ERROR : (unsigned)CHARGE_CAR_NOT_READY;
}

/* More than 100 % is no state of charge. */
static void keep_soc(charge_t *charge, int32_t soc_percent)
{
    if (soc_percent < 0 || soc_percent > 100) {
        return;
    }
    charge->car.soc_permille = (int16_t)(soc_percent * 10);
    if (charge->record.soc_begin_permille < 0) {
        charge->record.soc_begin_permille = charge->car.soc_permille;
    }
    charge->record.soc_end_permille = charge->car.soc_permille;
}

/* The last one stays, also when the car takes it back; but nothing that follows hides the one that ends the charge. */
static void keep_error(charge_t *charge, unsigned row)
{
    const bool ends = charge->cause == charge_cause_of_car();
    if (row <= CCS_EV_NO_DATA && row != CCS_EV_NO_ERROR && !ends) {
        charge->record.car_error = (uint8_t)row;
    }
}

charge_car_effect_t charge_car_says(charge_t *charge, charge_car_phase_t phase, bool ready, uint8_t error, int32_t soc_percent)
{
    const unsigned row = row_of(ready, error);
    const charge_car_effect_t effect = charge_car_row(row)->effect[phase];
    charge->car.error = (uint8_t)row;
    charge->car.hold = effect != CHARGE_CAR_GOES_ON;
    keep_soc(charge, soc_percent);
    keep_error(charge, row);
    if (effect != CHARGE_CAR_GOES_ON) {
        charge->stats->car_errors++;
    }
    if (effect == CHARGE_CAR_STOPS) {
        charge_call_end(charge, charge_cause_of_car());
    }
    return effect;
}
