/* What the guard does, as people read it: lines of the log at each change and now and then in a charge, notes in the capture.
 * SPDX-License-Identifier: Apache-2.0 */
#include "charger.h"

enum { FIRST_SAMPLES_MS = 1000, PROGRESS_MS = 10000 };

/* ---- what is new ---- */

static bool report_differs(const ccs_report_t *a, const ccs_report_t *b)
{
    return a->phase != b->phase || a->pilot != b->pilot || a->why != b->why || a->isolation != b->isolation ||
           a->latched != b->latched;
}

static bool switches_differ(const guard_image_t *image, const plug_t *plug)
{
    const ccs_sample_t *a = &image->report.sample, *b = &plug->report.sample;
    return image->drive.pilot != plug->drive.pilot || a->main_closed.value != b->main_closed.value ||
           a->precharge_closed.value != b->precharge_closed.value || a->locked.value != b->locked.value;
}

witness_t witness_see(const plug_t *plug, const guard_image_t *image)
{
    if (!plug->has_report || report_differs(&image->report, &plug->report)) {
        return WITNESS_STATE;
    }
    return switches_differ(image, plug) ? WITNESS_SWITCHED : WITNESS_NOTHING;
}

/* ---- notes of the capture ---- */

static const char *switch_name(const ccs_reading_t *reading, const char *on, const char *off)
{
    return reading->at_ms < 0 ? "-" : reading->value != 0 ? on : off;
}

const char *plug_pilot_drive(const plug_t *plug)
{
    static const char *const names[] = {
        [CCS_PILOT_STEADY] = "steady", [CCS_PILOT_5_PERCENT] = "5%", [CCS_PILOT_NEGATIVE] = "negative"};
    return names[plug->drive.pilot];
}

/* Pilot and power, on the clock of the messages. */
static void note_power(plug_t *plug)
{
    char note[220];
    const ccs_report_t *report = &plug->report;
    const ccs_sample_t *sample = &report->sample;
    snprintf(note, sizeof note, "cp=%s duty=%s phase=%s main=%s precharge=%s lock=%s mV=%d mA=%d isolation=%s why=%s",
             ccs_pilot_state_name(report->pilot), plug_pilot_drive(plug), ccs_phase_name(report->phase),
             switch_name(&sample->main_closed, "closed", "open"), switch_name(&sample->precharge_closed, "closed", "open"),
             switch_name(&sample->locked, "locked", "free"), sample->output_mV.value, sample->output_mA.value,
             ccs_isolation_name(report->isolation), ccs_why_name(report->why));
    recorder_note(&plug->recorder, note);
    plug->noted_ms = report->at_ms;
    plug->noted_mV = sample->output_mV.value;
    plug->noted_mA = sample->output_mA.value;
}

static int32_t apart(int32_t a, int32_t b)
{
    return a > b ? a - b : b - a;
}

/* Voltage and current move all the time: noted are steps that matter, and one a second while anything is live. */
static void note_follow(plug_t *plug, bool changed)
{
    enum { STEP_MS = 100, STEP_MV = 5000, STEP_MA = 2000, QUIET_MS = 1000 };
    const ccs_report_t *report = &plug->report;
    const int64_t age_ms = report->at_ms - plug->noted_ms;
    const bool moved = apart(report->sample.output_mV.value, plug->noted_mV) > STEP_MV ||
                       apart(report->sample.output_mA.value, plug->noted_mA) > STEP_MA;
    const bool live = report->phase != CCS_PHASE_OFF && report->phase != CCS_PHASE_FAULT;
    if (changed || (moved && age_ms >= STEP_MS) || (live && age_ms >= QUIET_MS)) {
        note_power(plug);
    }
}

/* ---- lines of the log ---- */

/* A want for power before the pilot is there is a wait, not a fault: cars take their time from B to C. */
static bool is_calm(const ccs_report_t *report)
{
    return report->why <= CCS_WHY_STARTING ||
           (report->why == CCS_WHY_PILOT_LOST && report->phase == CCS_PHASE_OFF && report->pilot == CCS_PILOT_B);
}

static void tell_state(plug_t *plug, ccs_level_t level)
{
    const ccs_report_t *report = &plug->report;
    const ccs_trace_record_t record = {
        .now_ms = report->at_ms,
        .level = level,
        .room = "guard",
        .event = "state",
        .fields = 6,
        .field =
            {
                {.name = "phase", .text = ccs_phase_name(report->phase)},
                {.name = "pilot", .text = ccs_pilot_state_name(report->pilot)},
                {.name = "isolation", .text = ccs_isolation_name(report->isolation)},
                {.name = "why", .text = ccs_why_name(report->why)},
                {.name = "output_mV", .number = report->sample.output_mV.value},
                {.name = "output_mA", .number = report->sample.output_mA.value},
            },
    };
    plug_trace(plug, &record);
}

/* A board's first measurements take a moment; the guard grants nothing before, and it is worth a warning only if they do not come.
 */
static bool awaits_first_samples(const plug_t *plug)
{
    const ccs_report_t *report = &plug->report;
    return report->why == CCS_WHY_STALE_SAMPLE && report->phase == CCS_PHASE_OFF && report->pilot == CCS_PILOT_UNKNOWN &&
           report->at_ms < plug->begun_ms + FIRST_SAMPLES_MS;
}

static void state_changed(plug_t *plug)
{
    plug->blind_untold = awaits_first_samples(plug);
    tell_state(plug, plug->blind_untold || is_calm(&plug->report) ? CCS_LEVEL_INFO : CCS_LEVEL_WARNING);
    control_server_nudge(&plug->charger->control);
}

static void blind_follow(plug_t *plug)
{
    if (plug->blind_untold && !awaits_first_samples(plug)) {
        plug->blind_untold = false;
        tell_state(plug, CCS_LEVEL_WARNING);
    }
}

/* A charge is hours of the same: a line now and then shows that it runs. */
static void progress_follow(plug_t *plug)
{
    const ccs_report_t *report = &plug->report;
    const ccs_record_t *record = ccs_secc_record(&plug->loop.secc);
    if (report->phase != CCS_PHASE_LIVE) {
        plug->progress_ms = report->at_ms;
        return;
    }
    if (report->at_ms < plug->progress_ms + PROGRESS_MS) {
        return;
    }
    const ccs_trace_record_t line = {
        .now_ms = report->at_ms,
        .level = CCS_LEVEL_INFO,
        .room = "evse",
        .event = "charging",
        .fields = 4,
        .field = {{.name = "output_mV", .number = report->sample.output_mV.value},
                  {.name = "output_mA", .number = report->sample.output_mA.value},
                  {.name = "energy_Wh", .number = record->meter_end_Wh - record->meter_begin_Wh},
                  {.name = "soc_permille", .number = record->soc_end_permille}},
    };
    plug->progress_ms = report->at_ms;
    plug_trace(plug, &line);
}

void witness_tell(plug_t *plug, witness_t seen)
{
    if (plug->begun_ms == 0) {
        plug->begun_ms = plug->report.at_ms;
    }
    if (seen == WITNESS_STATE) {
        state_changed(plug);
    } else {
        blind_follow(plug);
    }
    note_follow(plug, seen != WITNESS_NOTHING);
    progress_follow(plug);
}
