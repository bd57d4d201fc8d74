/* The rules that answer a request: may the charge take the next step now?
 * SPDX-License-Identifier: Apache-2.0 */
#include "charge/rules.h"

#include "base/assert.h"

#include <string.h>

enum {
    MEASUREMENT_AGE_MS = 120, /* what an answer tells is not older [power.md: lease in the loop] */
    W_SANE = 1000000          /* a car that tells more than 1 MW means something else (20 GW has been seen) */
};

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* Figures of ChargeParameterDiscovery. Without a voltage limit there is no safe test voltage; a current limit of 0 is taken for
 * "not told", and then each CurrentDemandReq says what the car takes. */
bool charge_car_limits(charge_t *charge, int32_t mV_max, int32_t mA_max, int32_t W_max)
{
    if (mV_max <= 0 || mA_max < 0) {
        return false;
    }
    const int32_t current = mA_max ? mA_max : charge->config->limits.charge_mA_max;
    charge->car.mV_max = charge->car.mV_max_now = mV_max;
    charge->car.mA_max = charge->car.mA_max_now = current;
    charge->car.W_max = charge->car.W_max_now = W_max > 0 && W_max <= W_SANE ? W_max : 0;
    if (charge->car.W_max != W_max || mA_max == 0) {
        charge->stats->values_odd++;
    }
    return true;
}

/* In the loop a car may lower its limits and take that back, but never go above what the cable was tested for. */
void charge_car_limits_now(charge_t *charge, int32_t mV_max, int32_t mA_max, int32_t W_max)
{
    if (mV_max > 0) {
        charge->car.mV_max_now = least(mV_max, charge->car.mV_max);
    }
    if (mA_max > 0) {
        charge->car.mA_max_now = least(mA_max, charge->car.mA_max);
    }
    if (W_max > 0 && W_max <= W_SANE) { /* a car may tell one here that told none before */
        charge->car.W_max_now = charge->car.W_max > 0 ? least(W_max, charge->car.W_max) : W_max;
    }
}

static void renew_lease(charge_t *charge)
{
    charge->lease_until_ms = charge->now_ms + charge->config->lease_ms;
}

static bool pilot_ready(const charge_t *charge)
{
    return charge->report.pilot == CCS_PILOT_C || charge->report.pilot == CCS_PILOT_D;
}

static charge_verdict_t refuse(charge_t *charge, ccs_end_t end)
{
    charge_end(charge, end);
    return CHARGE_REFUSED;
}

static bool meter_missing(const charge_t *charge)
{
    return charge->config->meter_required && !charge_meter_answers(charge);
}

/* The guard has judged in this stage. A report from before the stage says nothing about it. */
static bool judged(const charge_t *charge)
{
    return charge->report.phase == CCS_PHASE_TEST && charge->report.settled && charge->report.at_ms >= charge->stage_ms;
}

charge_verdict_t charge_test(charge_t *charge)
{
    charge_enter(charge, CHARGE_TEST);
    charge->lock = true;
    const int64_t since_ms = charge->now_ms - charge->stage_ms;
    if (charge->cause) {
        return charge->cause->reaction == CHARGE_RAMP ? CHARGE_NOT_YET : refuse(charge, charge->cause->end);
    }
    if (meter_missing(charge)) {
        return refuse(charge, CCS_END_NO_METER);
    }
    /* State C or D is due, but it is measured: late by up to 1.5 s is in order [V2G-DC-547]. */
    if (charge->config->pilot_gating && !pilot_ready(charge) && since_ms >= charge->config->pilot_ms) {
        return refuse(charge, CCS_END_BAD_REQUEST);
    }
    if (charge->report.isolation == CCS_ISOLATION_FAULT && judged(charge)) {
        return refuse(charge, CCS_END_ISOLATION);
    }
    if (judged(charge) && charge->report.isolation != CCS_ISOLATION_INVALID) {
        return CHARGE_GRANTED;
    }
    const charge_cause_t *const block = charge_cause_of_block(&charge->report, since_ms);
    if (block && charge->report.at_ms > charge->stage_ms) { /* a jammed lock: waiting longer mends nothing */
        charge_call_end(charge, block);
        return refuse(charge, block->end);
    }
    return since_ms < charge->config->cable_check_ms ? CHARGE_NOT_YET : refuse(charge, CCS_END_POWER_TIMEOUT);
}

/* A cause that only ramps (a stop by the user, an error of the car) is told in an answer that is OK; a fault of ours before the car
 * has closed its contactors is a failure. */
static bool broken(const charge_t *charge)
{
    return charge->cause && charge->cause->reaction != CHARGE_RAMP;
}

charge_verdict_t charge_precharge(charge_t *charge, int32_t target_mV)
{
    if (broken(charge)) {
        return refuse(charge, charge->cause->end);
    }
    charge_enter(charge, CHARGE_PRECHARGE);
    charge->car.target_mV = target_mV; /* of each request: the first one of some cars is wrong (BMW i3, VW) */
    charge->car.target_mA = 0;
    renew_lease(charge);
    return CHARGE_GRANTED;
}

charge_verdict_t charge_start(charge_t *charge)
{
    if (charge->cause) {
        return refuse(charge, charge->cause->end);
    }
    if (meter_missing(charge)) {
        return refuse(charge, CCS_END_NO_METER);
    }
    charge_enter(charge, CHARGE_STARTING);
    renew_lease(charge);
    const ccs_report_t *const report = &charge->report;
    if (report->phase == CCS_PHASE_LIVE && report->settled && report->at_ms >= charge->stage_ms) {
        return CHARGE_GRANTED;
    }
    const bool late = charge->now_ms - charge->stage_ms >= charge->config->contactor_ms;
    return late ? refuse(charge, CCS_END_POWER_TIMEOUT) : CHARGE_NOT_YET;
}

charge_verdict_t charge_demand(charge_t *charge, int32_t target_mV, int32_t target_mA)
{
    charge_enter(charge, CHARGE_LOOP);
    charge->car.target_mV = target_mV;
    charge->car.target_mA = target_mA;
    renew_lease(charge);
    return CHARGE_GRANTED;
}

/* The car opens its contactors when this is answered: wait for the current to be gone, but not past its patience. */
charge_verdict_t charge_stop(charge_t *charge)
{
    if (charge->stage == CHARGE_STARTING || charge->stage == CHARGE_LOOP) {
        charge_enter(charge, CHARGE_STOPPING);
    }
    if (charge->stage != CHARGE_STOPPING) {
        charge_enter(charge, CHARGE_STOPPED);
        return CHARGE_GRANTED;
    }
    const ccs_report_t *const report = &charge->report;
    const bool gone = report->phase != CCS_PHASE_LIVE && (report->settled || report->phase != CCS_PHASE_RAMP);
    const bool late = charge->now_ms - charge->stage_ms >= charge->config->contactor_ms;
    if (late || (gone && report->at_ms >= charge->stage_ms)) {
        charge_enter(charge, CHARGE_STOPPED);
        return CHARGE_GRANTED;
    }
    return CHARGE_NOT_YET;
}

void charge_weld(charge_t *charge)
{
    charge_enter(charge, CHARGE_WELD);
}

static const charge_status_t stage_status[CHARGE_STAGES] = {
    [CHARGE_IDLE] = CHARGE_STATUS_NOT_READY, [CHARGE_SETUP] = CHARGE_STATUS_READY, /* as every charger in the recordings that real
                                                                                      cars charged at */
    [CHARGE_TEST] = CHARGE_STATUS_TESTING,   [CHARGE_PRECHARGE] = CHARGE_STATUS_READY,   [CHARGE_STARTING] = CHARGE_STATUS_READY,
    [CHARGE_LOOP] = CHARGE_STATUS_READY,     [CHARGE_STOPPING] = CHARGE_STATUS_SHUTDOWN, [CHARGE_STOPPED] = CHARGE_STATUS_SHUTDOWN,
    [CHARGE_WELD] = CHARGE_STATUS_SHUTDOWN,
};

/* In the answer that ends a session without a cause of ours. */
static charge_status_t ended_status(ccs_end_t end)
{
    switch (end) {
    case CCS_END_ISOLATION:
    case CCS_END_POWER_TIMEOUT:
    case CCS_END_NO_METER:
    case CCS_END_CHARGER_ERROR:
        return CHARGE_STATUS_MALFUNCTION;
    case CCS_END_COMPLETED:
        return CHARGE_STATUS_SHUTDOWN;
    default:
        return CHARGE_STATUS_NOT_READY;
    }
}

charge_status_t charge_status(const charge_t *charge)
{
    if (charge->cause) {
        return charge->cause->status;
    }
    if (charge->record.end != CCS_END_NONE) {
        return ended_status(charge->record.end);
    }
    const bool tested = charge->stage == CHARGE_TEST && judged(charge) && charge->report.isolation != CCS_ISOLATION_INVALID;
    if (tested && charge->report.isolation != CCS_ISOLATION_FAULT) {
        return CHARGE_STATUS_READY;
    }
    if (charge->stage >= CHARGE_PRECHARGE && charge->stage <= CHARGE_LOOP && !charge_measured(charge)) {
        return CHARGE_STATUS_MALFUNCTION;
    }
    return stage_status[charge->stage];
}

charge_notice_t charge_notice(const charge_t *charge)
{
    return charge->cause ? charge->cause->notice : CHARGE_NOTICE_NONE;
}

/* What an earlier session has found does not count: only what the guard says since it tests for this one. */
ccs_isolation_t charge_isolation(const charge_t *charge)
{
    const ccs_phase_t phase = charge->report.phase;
    const bool waits = charge->stage == CHARGE_TEST && phase != CCS_PHASE_TEST && phase != CCS_PHASE_FAULT;
    return charge->stage <= CHARGE_SETUP || waits ? CCS_ISOLATION_INVALID : charge->report.isolation;
}

/* While the car tests its contactors it looks at its own side of ours. */
static const ccs_reading_t *voltage(const charge_t *charge)
{
    const ccs_sample_t *const sample = &charge->report.sample;
    const bool ours = charge->stage < CHARGE_STOPPED || sample->car_mV.at_ms < 0;
    return ours ? &sample->output_mV : &sample->car_mV;
}

static int32_t told(const ccs_reading_t *reading)
{
    return reading->at_ms < 0 ? 0 : reading->value;
}

int32_t charge_present_mV(const charge_t *charge)
{
    return told(voltage(charge));
}

int32_t charge_present_mA(const charge_t *charge)
{
    return told(&charge->report.sample.output_mA);
}

static bool fresh(const charge_t *charge, const ccs_reading_t *reading)
{
    return reading->at_ms >= 0 && charge->now_ms - reading->at_ms <= MEASUREMENT_AGE_MS;
}

bool charge_measured(const charge_t *charge)
{
    return fresh(charge, voltage(charge)) && fresh(charge, &charge->report.sample.output_mA);
}

ccs_limits_t charge_offer(const charge_t *charge)
{
    static const char temperature[] = "temperature";
    ccs_limits_t offer = charge->limits;
    const ccs_report_t *const report = &charge->report;
    if (report->at_ms >= 0 && report->mA_max_now < offer.charge_mA_max) {
        offer.charge_mA_max = report->mA_max_now;
        memcpy(offer.reason, temperature, report->derated ? sizeof temperature : 0);
    }
    return offer;
}

uint8_t charge_limited(const charge_t *charge)
{
    const ccs_limits_t offer = charge_offer(charge);
    const charge_car_t *const car = &charge->car;
    uint8_t limited = charge->report.phase == CCS_PHASE_LIVE ? charge->report.limited : 0;
    if (car->target_mA > 0 && car->target_mA >= offer.charge_mA_max) {
        limited |= CCS_LIMITED_CURRENT;
    }
    if (car->target_mV >= offer.mV_max) {
        limited |= CCS_LIMITED_VOLTAGE;
    }
    const int64_t demanded_uW = (int64_t)charge_present_mV(charge) * car->target_mA;
    if (car->target_mA > 0 && demanded_uW >= (int64_t)offer.power_W_max * 1000000) {
        limited |= CCS_LIMITED_POWER;
    }
    return limited;
}
