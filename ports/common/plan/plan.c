/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/plan/plan.h"

enum { MILLI = 1000, ISO_TEST_MS = 5000, WELD_TEST_MS = 500 };

static const ccs_reading_t not_fitted = {.at_ms = CCS_NOT_FITTED};

/* ---- float and integer */

/* To the nearest; false: not a number, or outside all reason. */
static bool to_milli(float value, int32_t *milli)
{
    const float most = 2000000.0F; /* 2 MV, 2 MA, 2 MOhm */
    if (!(value >= -most && value <= most)) {
        return false;
    }
    const double scaled = (double)value * (double)MILLI;
    *milli = (int32_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    return true;
}

static float from_milli(int32_t milli)
{
    return (float)milli / (float)MILLI;
}

static void take(ccs_reading_t *reading, bool answered, int64_t now_ms, int32_t value)
{
    if (answered) {
        *reading = (ccs_reading_t){.at_ms = now_ms, .value = value};
    }
}

/* ---- sample */

static const struct {
    evse_state_t state;
    int32_t high_mV;
} levels[] = {{EVSE_STATE_A, 12000}, {EVSE_STATE_B, 9000}, {EVSE_STATE_C, 6000},
              {EVSE_STATE_D, 3000},  {EVSE_STATE_E, 0},    {EVSE_STATE_F, -12000}};

static void read_pilot(plan_t *plan, int64_t now_ms)
{
    evse_state_t state = EVSE_STATE_A;
    const bool answered = plan->board.cp_get_state(&state);
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        take(&plan->sample.pilot_high_mV, answered && state == levels[i].state, now_ms, levels[i].high_mV);
    }
}

static void read_dc(plan_t *plan, int64_t now_ms)
{
    float volts = 0, amps = 0;
    int32_t mV = 0, mA = 0;
    const bool answered = plan->board.measure_dc(&volts, &amps) && to_milli(volts, &mV) && to_milli(amps, &mA);
    take(&plan->sample.output_mV, answered, now_ms, mV);
    take(&plan->sample.output_mA, answered, now_ms, mA);
}

/* The plan's monitor knows good and bad only. Idle, and while it tests itself, it has not measured. */
static void read_insulation(plan_t *plan, int64_t now_ms)
{
    const bool due = plan->iso_since_ms >= 0 && now_ms - plan->iso_since_ms >= (int64_t)plan->iso_test_ms;
    take(&plan->sample.isolation_ohm, due, now_ms, due && plan->board.iso_monitor_ok() ? INT32_MAX : 0);
}

static void read_contactors(plan_t *plan, int64_t now_ms)
{
    bool main = false, precharge = false;
    const bool answered = plan->board.contactor_feedback && plan->board.contactor_feedback(&precharge, &main);
    take(&plan->sample.main_closed, answered, now_ms, main);
    take(&plan->sample.precharge_closed, answered && plan->branch, now_ms, precharge);
}

static void read_plug(plan_t *plan, int64_t now_ms)
{
    bool closed = false;
    float ohm = 0;
    int32_t milli_ohm = 0;
    const bool locked = plan->board.lock_is_closed && plan->board.lock_is_closed(&closed);
    const bool told = plan->board.pp_get_ohm && plan->board.pp_get_ohm(&ohm);
    take(&plan->sample.locked, locked, now_ms, closed);
    take(&plan->sample.proximity_ohm, told, now_ms, to_milli(ohm, &milli_ohm) ? milli_ohm / MILLI : INT32_MAX);
}

static void read_alarms(plan_t *plan, int64_t now_ms)
{
    uint32_t bits = 0;
    const bool answered = !plan->board.alarms || plan->board.alarms(&bits);
    const bool due = plan->open_since_ms >= 0 && now_ms - plan->open_since_ms >= (int64_t)plan->weld_test_ms;
    if (due && !plan->board.weld_detection_ok()) {
        bits |= CCS_ALARM_WELD;
    }
    take(&plan->sample.alarms, answered, now_ms, (int32_t)bits);
}

static void read_rest(plan_t *plan, int64_t now_ms)
{
    float celsius = 0, kWh = 0;
    int32_t milli = 0;
    const bool warm = plan->board.temperature && plan->board.temperature(&celsius) && to_milli(celsius, &milli);
    take(&plan->sample.temperature_dC, warm, now_ms, milli / 100);
    if (plan->board.meter_read(&kWh) && kWh >= 0 && kWh < 1e9F) {
        plan->sample.meter = (ccs_meter_t){.at_ms = now_ms, .energy_Wh = (int64_t)((double)kWh * (double)MILLI + 0.5)};
    }
}

static void sample(void *ctx, int64_t now_ms, ccs_sample_t *out)
{
    plan_t *plan = ctx;
    read_pilot(plan, now_ms);
    read_dc(plan, now_ms);
    read_insulation(plan, now_ms);
    read_contactors(plan, now_ms);
    read_plug(plan, now_ms);
    read_alarms(plan, now_ms);
    read_rest(plan, now_ms);
    *out = plan->sample;
}

/* ---- drive */

/* Tells a change, and again at every turn until it is obeyed. Not fitted: nobody to tell. */
static void tell(bool (*function)(bool on), bool *obeyed, bool on, bool first)
{
    if (function && (first || *obeyed != on) && function(on)) {
        *obeyed = on;
    }
}

/* Every turn: what answers is the power stage itself. */
static void drive_source(plan_t *plan, const ccs_drive_t *drive, int64_t now_ms, bool first)
{
    const int32_t mV = drive->enable ? drive->output_mV : 0;
    const int32_t mA = drive->enable ? drive->output_mA : 0;
    const bool answered = plan->board.set_dc_targets(from_milli(mV), from_milli(mA));
    tell(plan->board.source_enable, &plan->enable, drive->enable, first);
    const bool obeyed = !plan->board.source_enable || plan->enable == drive->enable;
    take(&plan->sample.source_on, answered, now_ms, drive->enable && obeyed);
}

static void drive_plug(plan_t *plan, const ccs_drive_t *drive, bool first)
{
    tell(plan->board.lock_close, &plan->lock, drive->lock, first);
    if (plan->board.cp_out && (first || plan->pilot != drive->pilot) && plan->board.cp_out(drive->pilot)) {
        plan->pilot = drive->pilot;
    }
    if (plan->board.arm_trip && (first || plan->trip_mV != drive->trip_mV) && plan->board.arm_trip(from_milli(drive->trip_mV))) {
        plan->trip_mV = drive->trip_mV;
    }
}

static int64_t since(int64_t since_ms, bool fact, int64_t now_ms)
{
    return !fact ? -1 : since_ms < 0 ? now_ms : since_ms;
}

static void obey(plan_t *plan, const ccs_drive_t *drive, int64_t now_ms)
{
    const bool first = !plan->told;
    plan->told = true;
    plan->drive = *drive;
    drive_source(plan, drive, now_ms, first);
    tell(plan->board.contactor_main, &plan->main, drive->main_close, first);
    tell(plan->board.contactor_precharge, &plan->precharge, drive->precharge_close, first);
    tell(plan->board.discharge, &plan->bleeds, drive->discharge, first);
    tell(plan->board.iso_monitor_start, &plan->measures, drive->test_isolation, first);
    drive_plug(plan, drive, first);
    plan->iso_since_ms = since(plan->iso_since_ms, drive->test_isolation, now_ms);
    plan->open_since_ms = since(plan->open_since_ms, !drive->main_close && !drive->precharge_close, now_ms);
}

static void apply(void *ctx, int64_t now_ms, const ccs_drive_t *drive)
{
    obey(ctx, drive, now_ms);
}

bool plan_watch(plan_t *plan, int64_t now_ms)
{
    const bool live = plan->drive.enable || plan->drive.main_close || plan->drive.precharge_close;
    if (!live || now_ms < plan->drive.valid_until_ms) {
        return false;
    }
    ccs_drive_t safe = plan->drive;
    safe.enable = safe.main_close = safe.precharge_close = safe.test_isolation = false;
    safe.discharge = true;
    safe.pilot = CCS_PILOT_STEADY;
    obey(plan, &safe, now_ms);
    return true;
}

/* ---- beginning */

static bool has_the_eight(const plan_functions_t *board)
{
    return board->cp_get_state && board->iso_monitor_ok && board->contactor_precharge && board->contactor_main &&
           board->measure_dc && board->set_dc_targets && board->weld_detection_ok && board->meter_read;
}

static uint8_t lacks(const plan_functions_t *board)
{
    return (uint8_t)(CCS_LACK_PILOT_LOW | (board->lock_close ? 0 : CCS_LACK_LOCK) |
                     (board->contactor_feedback ? 0 : CCS_LACK_FEEDBACK) | (board->temperature ? 0 : CCS_LACK_TEMPERATURE));
}

const char *plan_init(plan_t *plan, const plan_functions_t *functions, ccs_guard_config_t *config)
{
    if (!has_the_eight(functions)) {
        return "one of the plan's eight functions is missing";
    }
    if ((functions->lock_close == NULL) != (functions->lock_is_closed == NULL)) {
        return "a lock needs lock_close and lock_is_closed";
    }
    *plan = (plan_t){.board = *functions, .iso_test_ms = ISO_TEST_MS, .weld_test_ms = WELD_TEST_MS};
    plan->iso_since_ms = plan->open_since_ms = -1;
    plan->branch = config->topology == CCS_TOPOLOGY_PRECHARGE_BRANCH;
    ccs_sample_t *const unknown = &plan->sample;
    unknown->pilot_high_mV = unknown->pilot_low_mV = unknown->output_mV = unknown->car_mV = unknown->output_mA = not_fitted;
    unknown->isolation_ohm = unknown->main_closed = unknown->precharge_closed = unknown->locked = not_fitted;
    unknown->temperature_dC = unknown->alarms = unknown->source_on = unknown->proximity_ohm = not_fitted;
    unknown->meter.at_ms = CCS_NOT_FITTED;
    config->lacks = lacks(functions);
    return NULL;
}

ccs_hal_t plan_hal(plan_t *plan)
{
    return (ccs_hal_t){.ctx = plan, .sample = sample, .apply = apply};
}
