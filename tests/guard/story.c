/* Written by the world, read by people.
 * SPDX-License-Identifier: Apache-2.0 */
#include "story.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const story_t *story, const char *why)
{
    fprintf(stderr, "%s\nstory fails at %lld ms: %s\n", story->text, (long long)story->world.now_ms, why);
    abort();
}

__attribute__((format(printf, 2, 3))) static void write_line(story_t *story, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    const size_t left = sizeof(story->text) - story->length;
    const int wrote = vsnprintf(story->text + story->length, left, format, values);
    va_end(values);
    if (wrote < 0 || (size_t)wrote + 1 >= left) {
        fail(story, "the story is too long");
    }
    story->length += (size_t)wrote;
    story->text[story->length++] = '\n';
    story->text[story->length] = 0;
}

void story_begin(story_t *story, const ccs_guard_config_t *guard, const sim_plant_config_t *plant)
{
    memset(story, 0, sizeof(*story));
    if (sim_world_init(&story->world, guard, plant) != CCS_OK) {
        fail(story, "the guard refuses its configuration");
    }
}

void story_says(story_t *story, const char *text)
{
    write_line(story, "[%6lld] * %s", (long long)story->world.now_ms, text);
}

static const char *pilot_text(ccs_pilot_drive_t drive)
{
    static const char *const names[] = {"X1", "5 %", "F"};
    return names[drive];
}

static void write_report(story_t *story, const ccs_report_t *now, const ccs_report_t *past)
{
    const bool same = now->phase == past->phase && now->why == past->why && now->settled == past->settled &&
                      now->pilot == past->pilot && now->isolation == past->isolation && now->locked == past->locked &&
                      now->latched == past->latched;
    if (same && story->begun) {
        return;
    }
    write_line(story, "[%6lld] guard %-9s %-8s pilot %s, %s, isolation %s, %lld V %lld A%s%s%s", (long long)now->at_ms,
               ccs_phase_name(now->phase), now->settled ? "settled" : "", ccs_pilot_state_name(now->pilot),
               now->locked ? "locked" : "unlocked", ccs_isolation_name(now->isolation),
               (long long)now->sample.output_mV.value / 1000, (long long)now->sample.output_mA.value / 1000,
               now->why == CCS_WHY_NONE ? "" : "; why ", now->why == CCS_WHY_NONE ? "" : ccs_why_name(now->why),
               now->latched ? "; latched" : "");
}

static void write_drive(story_t *story, const ccs_drive_t *now, const ccs_drive_t *past)
{
    const bool same = now->enable == past->enable && now->main_close == past->main_close && now->lock == past->lock &&
                      now->precharge_close == past->precharge_close && now->pilot == past->pilot &&
                      now->discharge == past->discharge;
    if (same && story->begun) {
        return;
    }
    char source[48] = "source off";
    if (now->enable) {
        snprintf(source, sizeof(source), "source %d V %d A", now->output_mV / 1000, now->output_mA / 1000);
    }
    write_line(story, "[%6lld]   drive %s, main %s%s, %s, pilot %s%s", (long long)story->world.now_ms, source,
               now->main_close ? "closed" : "open", now->precharge_close ? ", branch closed" : "", now->lock ? "lock" : "unlock",
               pilot_text(now->pilot), now->discharge ? ", discharge" : "");
}

static void tick(story_t *story)
{
    sim_world_tick(&story->world);
    write_report(story, &story->world.report, &story->told);
    write_drive(story, &story->world.drive, &story->driven);
    story->told = story->world.report;
    story->driven = story->world.drive;
    story->begun = true;
    if (story->world.violation != NULL) {
        fail(story, story->world.violation);
    }
}

void story_run(story_t *story, int64_t ms)
{
    for (int64_t i = 0; i < ms; i += SIM_TICK_MS) {
        tick(story);
    }
}

void story_hold(story_t *story, int64_t ms)
{
    for (int64_t i = 0; i < ms; i += SIM_TICK_MS) {
        if (i % 100 == 0) {
            story->world.want.lease_until_ms = story->world.now_ms + 1000;
        }
        tick(story);
    }
}

bool story_until(story_t *story, ccs_phase_t phase, int32_t target_mA, int64_t ms)
{
    story->world.want = sim_world_want(&story->world, phase);
    story->world.want.target_mA = target_mA;
    for (int64_t i = 0; i < ms; i += SIM_TICK_MS) {
        story_hold(story, SIM_TICK_MS);
        if (story->world.report.phase == phase && story->world.report.settled) {
            return true;
        }
    }
    return false;
}

static void hands(story_t *story, bool close)
{
    const ccs_ev_want_t want = {.pilot = CCS_PILOT_C, .lock = true, .close = close};
    sim_plant_car_want(&story->world.plant, &want);
}

void story_charge(story_t *story, int32_t target_mA)
{
    sim_plant_plug(&story->world.plant);
    hands(story, false);
    story_run(story, 100);
    if (!story_until(story, CCS_PHASE_TEST, 0, 36000) || !story_until(story, CCS_PHASE_PRECHARGE, 0, 7000)) {
        fail(story, "no PRECHARGE");
    }
    hands(story, true);
    story_hold(story, 100);
    if (!story_until(story, CCS_PHASE_LIVE, target_mA, 1500)) {
        fail(story, "no LIVE");
    }
    story_hold(story, (int64_t)target_mA / 20 + 100);
}
