/* One charge: its life, what the guard reports, what is asked of the guard.
 * SPDX-License-Identifier: Apache-2.0 */
#include "charge/charge.h"

#include "base/assert.h"
#include "base/trace.h"
#include "charge/rules.h"

#include <string.h>

void charge_init(charge_t *charge, const ccs_secc_config_t *config, ccs_secc_stats_t *stats)
{
    *charge = (charge_t){.config = config, .stats = stats, .limits = config->limits};
    charge->report.at_ms = -1;
    charge->report.sample.output_mV.at_ms = -1;
    charge->report.sample.car_mV.at_ms = -1;
    charge->report.sample.output_mA.at_ms = -1;
    charge->report.sample.meter.at_ms = -1;
    charge->record.meter_begin_Wh = -1;
    charge->record.meter_end_Wh = -1;
}

void charge_at(charge_t *charge, int64_t now_ms, int64_t utc_s)
{
    charge->now_ms = now_ms;
    charge->utc_s = utc_s;
}

static void note(const charge_t *charge, ccs_level_t level, const char *event, const char *name, const char *text, int64_t number)
{
    trace_emit(&charge->config->trace, &(ccs_trace_record_t){.now_ms = charge->now_ms,
                                                             .level = level,
                                                             .room = "charge",
                                                             .event = event,
                                                             .fields = 1,
                                                             .field = {{.name = name, .text = text, .number = number}}});
}

void charge_enter(charge_t *charge, charge_stage_t stage)
{
    if (charge->stage == stage) {
        return;
    }
    charge->stage = stage;
    charge->stage_ms = charge->now_ms;
    charge->was_live = charge->was_live || stage == CHARGE_STARTING || stage == CHARGE_LOOP;
    note(charge, CCS_LEVEL_DEBUG, "stage", "now", charge_stage_name(stage), 0);
}

bool charge_meter_answers(const charge_t *charge)
{
    const ccs_meter_t *const meter = &charge->report.sample.meter;
    return meter->at_ms >= 0 && charge->now_ms - meter->at_ms <= (int64_t)charge->config->meter_age_ms;
}

/* A reading of a meter that has fallen silent is not one of now; its register goes on counting, so that one that comes back makes
 * the record whole again. */
static void read_meter(charge_t *charge)
{
    const ccs_meter_t *const meter = &charge->report.sample.meter;
    const bool answers = charge_meter_answers(charge);
    const bool lost = !answers && charge->record.meter_begin_Wh >= 0;
    if (lost && !charge->record.meter_lost) {
        note(charge, CCS_LEVEL_WARNING, "meter_silent", "last_Wh", NULL, charge->record.meter_end_Wh);
    }
    charge->record.meter_lost = lost;
    if (!answers) {
        return;
    }
    if (charge->record.meter_begin_Wh < 0) {
        charge->record.meter_begin_Wh = meter->energy_Wh;
    }
    charge->record.meter_end_Wh = meter->energy_Wh;
}

static void read_peaks(charge_t *charge)
{
    const ccs_sample_t *const sample = &charge->report.sample;
    if (charge->report.phase != CCS_PHASE_LIVE) {
        return;
    }
    if (sample->output_mV.at_ms >= 0 && sample->output_mV.value > charge->record.mV_max) {
        charge->record.mV_max = sample->output_mV.value;
    }
    if (sample->output_mA.at_ms >= 0 && sample->output_mA.value > charge->record.mA_max) {
        charge->record.mA_max = sample->output_mA.value;
    }
}

/* After the power is off, voltage that stands on the cable is the car's (a slow contactor): the session goes on to its end, the
 * record tells. */
static bool is_voltage_of_the_car(charge_t *charge)
{
    if (charge->stage < CHARGE_STOPPING || charge->report.why != CCS_WHY_VOLTAGE_PRESENT) {
        return false;
    }
    charge->record.why = CCS_WHY_VOLTAGE_PRESENT;
    return true;
}

/* The temperature takes from what is offered, or has given it back: told once each. */
static void note_derating(const charge_t *charge, const ccs_report_t *report)
{
    if (report->derated != charge->report.derated) {
        note(charge, CCS_LEVEL_INFO, report->derated ? "derated" : "derated_no_more", "charge_mA_max", NULL, report->mA_max_now);
    }
}

void charge_report(charge_t *charge, const ccs_report_t *report)
{
    note_derating(charge, report);
    charge->report = *report;
    if (charge->stage == CHARGE_IDLE) {
        return;
    }
    read_meter(charge);
    read_peaks(charge);
    if (charge->record.end == CCS_END_NONE) { /* an image kept now tells how far it came */
        charge->record.end_ms = charge->now_ms;
        charge->record.end_utc_s = charge->utc_s;
    }
    const charge_cause_t *const pilot = charge_cause_of_pilot(report->pilot);
    if (pilot) {
        charge_call_end(charge, pilot);
    }
    if (charge->config->meter_required && charge->stage > CHARGE_TEST && charge->stage <= CHARGE_LOOP &&
        !charge_meter_answers(charge)) {
        charge_call_end(charge, charge_cause_of_meter());
    }
    const charge_cause_t *const guard = charge_cause_of_guard(report);
    if (guard && !is_voltage_of_the_car(charge)) {
        charge_call_end(charge, guard);
        charge->record.why = charge->cause == guard ? report->why : charge->record.why;
    }
}

static int32_t at_least_0(int32_t value)
{
    return value > 0 ? value : 0;
}

void charge_limits(charge_t *charge, const ccs_limits_t *limits)
{
    charge->limits = *limits;
    charge->limits.mV_max =
        at_least_0(limits->mV_max); /* what a backend calls a limit is told to the car: never less than nothing */
    charge->limits.charge_mA_max = at_least_0(limits->charge_mA_max);
    charge->limits.discharge_mA_max = at_least_0(limits->discharge_mA_max);
    charge->limits.power_W_max = at_least_0(limits->power_W_max);
    charge->limits.reason[sizeof limits->reason - 1] = '\0';
    trace_emit(&charge->config->trace, &(ccs_trace_record_t){.now_ms = charge->now_ms,
                                                             .level = CCS_LEVEL_INFO,
                                                             .room = "charge",
                                                             .event = "limits",
                                                             .fields = 4,
                                                             .field = {{.name = "mV_max", .number = limits->mV_max},
                                                                       {.name = "charge_mA_max", .number = limits->charge_mA_max},
                                                                       {.name = "power_W_max", .number = limits->power_W_max},
                                                                       {.name = "reason", .text = charge->limits.reason}}});
}

void charge_begin(charge_t *charge)
{
    const uint32_t number = charge->record.number;
    charge->record = (ccs_record_t){.number = number + 1,
                                    .begin_ms = charge->now_ms,
                                    .begin_utc_s = charge->utc_s,
                                    .meter_begin_Wh = -1,
                                    .meter_end_Wh = -1,
                                    .soc_begin_permille = -1,
                                    .soc_end_permille = -1};
    charge->car = (charge_car_t){.soc_permille = -1};
    charge->cause = NULL;
    charge->end_by_ms = INT64_MAX;
    charge->lease_until_ms = 0;
    charge->lock = false;
    charge->was_live = false;
    charge_enter(charge, CHARGE_SETUP);
    read_meter(charge);
}

static uint32_t talk_ms(const charge_t *charge, charge_talk_t talk)
{
    switch (talk) {
    case CHARGE_TALK_NONE:
        return 0;
    case CHARGE_TALK_SHORT:
        return CHARGE_SHORT_MS;
    case CHARGE_TALK_FAULT:
        return charge->config->fault_ms;
    default:
        return charge->config->stop_ms;
    }
}

/* The first cause stays, unless the new one takes the power away faster or leaves less to say. */
static bool more_urgent(const charge_cause_t *cause, const charge_cause_t *than)
{
    return !than || cause->reaction > than->reaction || cause->talk < than->talk;
}

static bool why_tells(ccs_why_t why)
{
    return why != CCS_WHY_NONE && why != CCS_WHY_STARTING && why != CCS_WHY_LEASE_ENDED;
}

/* Times of a monotonic clock that has died with the last life mean nothing any more; the calendar's and the meter's do. */
void charge_resume(charge_t *charge, const ccs_record_t *unfinished)
{
    ccs_record_t *const record = &charge->record;
    *record = *unfinished;
    record->number = 1;
    record->begin_ms = record->end_ms = 0;
    record->end = CCS_END_INTERRUPTED;
    record->last_request = unfinished->last_request ? unfinished->last_request : "";
}

void charge_call_end(charge_t *charge, const charge_cause_t *cause)
{
    if (charge->stage == CHARGE_IDLE || charge->record.end != CCS_END_NONE || !more_urgent(cause, charge->cause)) {
        return;
    }
    const int64_t by_ms = charge->now_ms + talk_ms(charge, cause->talk);
    if (charge->cause && charge->cause->end == CCS_END_EMERGENCY) {
        charge->end_by_ms = by_ms < charge->end_by_ms ? by_ms : charge->end_by_ms;
        return; /* a plug pulled in an emergency is one all the same */
    }
    charge->cause = cause;
    charge->end_by_ms = by_ms < charge->end_by_ms ? by_ms : charge->end_by_ms;
    if (why_tells(charge->report.why)) {
        charge->record.why = charge->report.why;
    }
    note(charge, CCS_LEVEL_WARNING, cause->name, "end_within_ms", NULL, charge->end_by_ms - charge->now_ms);
}

void charge_end(charge_t *charge, ccs_end_t end)
{
    if (charge->stage == CHARGE_IDLE || charge->record.end != CCS_END_NONE) {
        return;
    }
    /* A car that ends in order because we asked for it has not completed its charge. */
    charge->record.end = charge->cause ? charge->cause->end : end;
    charge->record.end_ms = charge->now_ms;
    charge->record.end_utc_s = charge->utc_s;
    if (charge->record.end != CCS_END_COMPLETED && charge->record.why == CCS_WHY_NONE && why_tells(charge->report.why)) {
        charge->record.why = charge->report.why;
    }
    charge_enter(charge, CHARGE_STOPPED);
    note(charge, CCS_LEVEL_INFO, "end", "reason", ccs_end_name(charge->record.end), 0);
}

bool charge_is_open(const charge_t *charge)
{
    const ccs_report_t *const report = &charge->report;
    return (report->phase == CCS_PHASE_OFF || report->phase == CCS_PHASE_FAULT) && report->settled;
}

bool charge_settled(const charge_t *charge)
{
    return charge_is_open(charge) && charge->report.at_ms > charge->record.end_ms;
}

void charge_finish(charge_t *charge)
{
    CCS_ASSERT(charge->record.end != CCS_END_NONE);
    charge->lock = false;
    charge->cause = NULL;
    charge->end_by_ms = INT64_MAX;
    charge_enter(charge, CHARGE_IDLE);
}

int64_t charge_deadline_ms(const charge_t *charge)
{
    return charge->cause ? charge->end_by_ms : INT64_MAX;
}

/* What the stage wants of the guard when nothing speaks against it. */
static const ccs_phase_t stage_phase[CHARGE_STAGES] = {
    [CHARGE_IDLE] = CCS_PHASE_OFF,      [CHARGE_SETUP] = CCS_PHASE_OFF,
    [CHARGE_TEST] = CCS_PHASE_TEST,     [CHARGE_PRECHARGE] = CCS_PHASE_PRECHARGE,
    [CHARGE_STARTING] = CCS_PHASE_LIVE, [CHARGE_LOOP] = CCS_PHASE_LIVE,
    [CHARGE_STOPPING] = CCS_PHASE_RAMP, [CHARGE_STOPPED] = CCS_PHASE_OFF,
    [CHARGE_WELD] = CCS_PHASE_WELD,
};

static ccs_phase_t wanted_phase(const charge_t *charge)
{
    const ccs_phase_t phase = stage_phase[charge->stage];
    if (charge->cause) {
        const bool ramps = charge->cause->reaction == CHARGE_RAMP && (phase == CCS_PHASE_LIVE || phase == CCS_PHASE_RAMP);
        if (phase == CCS_PHASE_WELD && charge->cause->reaction == CHARGE_RAMP) {
            return phase;
        }
        return ramps ? CCS_PHASE_RAMP : CCS_PHASE_OFF;
    }
    /* No test voltage and no precharge while the car says that it must not be; in the loop 0 A is enough. */
    if (charge->car.hold && (phase == CCS_PHASE_TEST || phase == CCS_PHASE_PRECHARGE)) {
        return CCS_PHASE_OFF;
    }
    return phase;
}

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t within(int32_t value, int32_t most)
{
    return value < 0 ? 0 : least(value, most < 0 ? 0 : most);
}

ccs_want_t charge_want(const charge_t *charge, ccs_pilot_drive_t pilot)
{
    const ccs_limits_t offer = charge_offer(charge);
    ccs_want_t want = {.phase = wanted_phase(charge),
                       .lease_until_ms = charge->lease_until_ms,
                       .car_mV_max = charge->car.mV_max,
                       .car_mA_max = charge->car.mA_max_now,
                       .offer_mA_max = offer.charge_mA_max,
                       .offer_W_max =
                           charge->car.W_max_now > 0 ? least(offer.power_W_max, charge->car.W_max_now) : offer.power_W_max,
                       .pilot = pilot,
                       .lock = charge->lock};
    want.at_once = want.phase == CCS_PHASE_OFF && charge->cause && charge->cause->reaction == CHARGE_AT_ONCE;
    if (want.phase == CCS_PHASE_PRECHARGE || want.phase == CCS_PHASE_LIVE || want.phase == CCS_PHASE_RAMP) {
        want.target_mV = within(charge->car.target_mV, least(charge->car.mV_max_now, offer.mV_max));
    }
    if (want.phase == CCS_PHASE_LIVE && charge->stage == CHARGE_LOOP && !charge->car.hold) {
        want.target_mA = within(charge->car.target_mA, least(charge->car.mA_max_now, offer.charge_mA_max));
    }
    return want;
}

const char *charge_stage_name(charge_stage_t stage)
{
    static const char *const names[CHARGE_STAGES] = {"idle", "setup",    "test",    "precharge", "starting",
                                                     "loop", "stopping", "stopped", "weld"};
    return stage < CHARGE_STAGES ? names[stage] : "?";
}

const char *charge_status_name(charge_status_t status)
{
    static const char *const names[CHARGE_STATUSES] = {"not ready", "ready",     "shutdown",   "utility interrupt",
                                                       "testing",   "emergency", "malfunction"};
    return status < CHARGE_STATUSES ? names[status] : "?";
}

const char *charge_notice_name(charge_notice_t notice)
{
    static const char *const names[CHARGE_NOTICES] = {"none", "stop", "schedule", "pause", "service", "metering"};
    return notice < CHARGE_NOTICES ? names[notice] : "?";
}
