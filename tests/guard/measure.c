/* SPDX-License-Identifier: Apache-2.0 */
#include "measure.h"
#include "charge/charge.h"

static void note(int64_t *at, bool fact, int64_t since_ms)
{
    if (fact && *at < 0) {
        *at = since_ms;
    }
}

static const char *code_of(const ccs_report_t *report)
{
    const charge_cause_t *cause = charge_cause_of_guard(report);
    return cause != NULL ? charge_status_name(cause->status) : "-";
}

static void note_all(measured_t *found, const sim_world_t *world, ccs_why_t why, int64_t since_ms)
{
    const ccs_drive_t *drive = &world->drive;
    if (world->report.why == why && found->told < 0) {
        found->told = since_ms;
        found->pilot = drive->pilot;
        found->code = code_of(&world->report);
    }
    note(&found->zero, !drive->enable || drive->output_mA == 0, since_ms);
    note(&found->open, !drive->main_close && !drive->precharge_close, since_ms);
    note(&found->dead, world->plant.source_mV < 60000, since_ms);
}

measured_t measure(sim_world_t *world, ccs_why_t why, int64_t begin_ms, int64_t ms)
{
    measured_t found = {.told = -1, .zero = -1, .open = -1, .dead = -1, .why = why, .code = "-"};
    note_all(&found, world, why, world->now_ms - begin_ms);
    while (world->now_ms - begin_ms < ms) {
        scene_tick(world);
        note_all(&found, world, why, world->now_ms - begin_ms);
    }
    found.phase = world->report.phase;
    found.latched = world->report.latched;
    found.locked = world->drive.lock;
    return found;
}

bool measure_cause(const ccs_guard_config_t *config, guard_cause_t cause, sim_world_t *world, measured_t *measured)
{
    if (!scene_reach(world, config, CCS_PHASE_LIVE)) {
        return false;
    }
    const int64_t begin_ms = world->now_ms;
    if (!scene_spoil(world, cause)) {
        return false;
    }
    *measured = measure(world, guard_rules[cause].why, begin_ms, 16000);
    return true;
}
