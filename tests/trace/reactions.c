/* Ten faults, end to end: what the guard does and how fast, what the car is told in its next answer, what the record says. In the
 * loop under current, over every topology and meter; a jammed lock at the cable check, a weld when it shall open.
 *
 *     test_trace_reactions --print     the table, with the times measured
 * SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "run.h"

#include <stdio.h>

static run_t run;
static char what[160];

/* What the car hears: the first answer that differs from a good one. */
static struct heard {
    char status[32], isolation[16];
    bool stop;
    int64_t ms;
} heard;

static ccs_trace_t told_on;

static const char *text_of(const ccs_trace_record_t *record, const char *name)
{
    for (size_t i = 0; i < record->fields; i++) {
        if (strcmp(record->field[i].name, name) == 0 && record->field[i].text) {
            return record->field[i].text;
        }
    }
    return "";
}

static void hear(void *ctx, const ccs_trace_record_t *record)
{
    const char *const code = text_of(record, "code");
    const char *const status = strncmp(code, "FAILED", 6) == 0 ? code : text_of(record, "status");
    told_on.hook(told_on.ctx, record);
    (void)ctx;
    if (!*status || strcmp(status, "Ready") == 0 || strcmp(status, "IsolationMonitoring") == 0 || heard.ms >= 0) {
        return;
    }
    heard.ms = record->now_ms;
    heard.stop = strcmp(text_of(record, "notification"), "StopCharging") == 0;
    (void)snprintf(heard.status, sizeof heard.status, "%s", status);
    (void)snprintf(heard.isolation, sizeof heard.isolation, "%s", text_of(record, "isolation"));
}

/* --- ten faults ---------------------------------------------------------------------------------------------------- */

static void throw_fault(sim_fault_t fault)
{
    run.session.world.plant.overshoot_mA = 80000;
    run.session.world.plant.isolation_low_ohm = 20000;
    run.session.world.plant.fault[fault] = true;
}

static void stall_guard(void)
{
    run.session.stalled_ms = run.session.now_ms + 150;
}

typedef enum when { IN_LOOP, AT_STOP, BEFORE } when_t; /* a weld shows when it shall open, a jammed lock when it shall close */

typedef struct row {
    const char *name;
    sim_fault_t fault; /* SIM_FAULTS_COUNT: the guard is held up for 150 ms */
    ccs_why_t why;
    int64_t off_ms, open_ms; /* source off or at 0 A, all open, at the latest */
    const char *status;      /* DC_EVSEStatusCode in the car's next answer, or its FAILED; "": the car has left before one */
    const char *isolation;   /* EVSEIsolationStatus; "": Valid */
    ccs_end_t end;
    bool silent; /* without StopCharging */
    when_t when;
} row_t;

static const row_t rows[] = {
    {"emergency input", SIM_EMERGENCY_STOP, CCS_WHY_EMERGENCY_STOP, 20, 100, "EmergencyShutdown", "", CCS_END_EMERGENCY,
     .when = IN_LOOP},
    {"control pilot lost", SIM_PILOT_OPEN, CCS_WHY_PILOT_LOST, 100, 150, "", "", CCS_END_UNPLUGGED, .silent = true},
    {"over-voltage trip", SIM_TRIPPED, CCS_WHY_OVER_VOLTAGE, 20, 100, "EmergencyShutdown", "", CCS_END_CHARGER_ERROR,
     .when = IN_LOOP},
    {"over-current", SIM_SOURCE_OVER_CURRENT, CCS_WHY_OVER_CURRENT, 160, 260, "EmergencyShutdown", "", CCS_END_CHARGER_ERROR,
     .when = IN_LOOP},
    {"reverse current", SIM_REVERSE_CURRENT, CCS_WHY_OVER_CURRENT, 130, 200, "EmergencyShutdown", "", CCS_END_CHARGER_ERROR,
     .when = IN_LOOP},
    {"insulation fault", SIM_ISOLATION_LOW, CCS_WHY_ISOLATION_FAULT, 1200, 1300, "Malfunction", "FAULT", CCS_END_ISOLATION,
     .when = IN_LOOP},
    {"insulation monitor faulty", SIM_IMD_SELF_TEST, CCS_WHY_IMD_FAULT, 700, 800, "Malfunction", "", CCS_END_ISOLATION,
     .when = IN_LOOP},
    {"stale voltage", SIM_VOLTMETER_STALE, CCS_WHY_STALE_SAMPLE, 140, 240, "Malfunction", "", CCS_END_CHARGER_ERROR,
     .when = IN_LOOP},
    {"stale current", SIM_AMMETER_STALE, CCS_WHY_STALE_SAMPLE, 140, 240, "Malfunction", "", CCS_END_CHARGER_ERROR, .when = IN_LOOP},
    {"stale pilot", SIM_PILOT_STALE, CCS_WHY_STALE_SAMPLE, 140, 240, "Malfunction", "", CCS_END_CHARGER_ERROR, .when = IN_LOOP},
    {"stale feedback", SIM_FEEDBACK_STALE, CCS_WHY_STALE_SAMPLE, 750, 850, "Malfunction", "", CCS_END_CHARGER_ERROR,
     .when = IN_LOOP},
    {"silent source", SIM_SOURCE_SILENT, CCS_WHY_SOURCE_SILENT, 1600, 1700, "Malfunction", "", CCS_END_CHARGER_ERROR,
     .when = IN_LOOP},
    {"deaf source", SIM_SOURCE_DEAF, CCS_WHY_SOURCE_SILENT, 3600, 3700, "Malfunction", "", CCS_END_CHARGER_ERROR, .when = IN_LOOP},
    {"source reports a fault", SIM_SOURCE_ALARM, CCS_WHY_SOURCE_FAULT, 600, 700, "Malfunction", "", CCS_END_CHARGER_ERROR,
     .when = IN_LOOP},
    {"late guard tick", SIM_FAULTS_COUNT, CCS_WHY_LATE_TICK, 170, 250, "Malfunction", "", CCS_END_CHARGER_ERROR, .silent = true},
    {"lock lost", SIM_LOCK_LOST, CCS_WHY_LOCK_FAILED, 650, 750, "Malfunction", "", CCS_END_CHARGER_ERROR, .when = IN_LOOP},
    {"hard temperature limit", SIM_HOT, CCS_WHY_TEMPERATURE, 600, 700, "Shutdown", "", CCS_END_CHARGER_ERROR, .when = IN_LOOP},
    {"mains lost", SIM_GRID_LOST, CCS_WHY_GRID_LOST, 600, 700, "UtilityInterrupt", "", CCS_END_CHARGER_ERROR, .when = IN_LOOP},
    {"weld", SIM_MAIN_WELDED, CCS_WHY_CONTACTOR_WELDED, 3000, 3000, "Malfunction", "", CCS_END_CHARGER_ERROR, .when = AT_STOP},
    {"jammed lock", SIM_LOCK_JAMMED, CCS_WHY_LOCK_FAILED, 10, 10, "FAILED", "", CCS_END_CHARGER_ERROR, .when = BEFORE,
     .silent = true},
};
enum { ROWS = sizeof rows / sizeof rows[0], WIRINGS = 6 };

/* --- measuring ----------------------------------------------------------------------------------------------------- */

typedef struct measured {
    int64_t told, off, open;
} measured_t;

static void note(int64_t *at, bool fact, int64_t ms)
{
    *at = fact && *at < 0 ? ms : *at;
}

static void look(measured_t *found, const row_t *row, int64_t begin_ms)
{
    const sim_world_t *const world = &run.session.world;
    const ccs_drive_t *const drive = &world->drive;
    const int64_t ms = run.session.now_ms - begin_ms;
    note(&found->told, world->report.why == row->why, ms);
    note(&found->off, !drive->enable || drive->output_mA == 0, ms);
    note(&found->open, !drive->main_close && !drive->precharge_close, ms);
}

static bool is_over(const sim_session_t *session)
{
    return session->ev_out.done && session->records > 0;
}

static measured_t follow(const row_t *row)
{
    measured_t found = {-1, -1, -1};
    const int64_t begin_ms = run.session.now_ms;
    while (run.session.now_ms - begin_ms < 60000 && !(is_over(&run.session) && found.told >= 0)) {
        run_ms(&run, 1);
        look(&found, row, begin_ms);
        if (found.told < 0 && row->when == AT_STOP) { /* until then it is an ordinary end */
            heard.ms = -1;
        }
    }
    run_ms(&run, 4000); /* the record is there, but the last of it */
    return found;
}

static bool fits(const row_t *row, ccs_topology_t topology)
{
    return row->fault != SIM_MAIN_WELDED || topology != CCS_TOPOLOGY_DIRECT;
}

static void begin(const row_t *row, int wiring)
{
    static const char *const topologies[] = {"output contactor", "precharge branch", "direct"};
    sim_session_config_t config;
    run_defaults(&config);
    config.ev.duration_stop_ms = row->when == AT_STOP ? 4000 : 0;
    config.guard.topology = (ccs_topology_t)(wiring % 3);
    config.guard.meter_place = (ccs_meter_place_t)(wiring / 3);
    (void)snprintf(what, sizeof what, "%s, %s, meter %s", row->name, topologies[wiring % 3], wiring < 3 ? "before" : "after");
    run.what = what;
    heard = (struct heard){.ms = -1};
    run_begin(&run, &config);
    told_on = run.story.car;
    run.session.config.ev.trace = (ccs_trace_t){NULL, hear};
    run_ms(&run, 1000);
}

static measured_t throw(const row_t *row, int wiring)
{
    static const run_point_t *const loop = &run_points[RUN_LOOP];
    begin(row, wiring);
    if (row->when == BEFORE) {
        throw_fault(row->fault);
    }
    run_plug(&run);
    if (row->when == BEFORE) {
        return follow(row);
    }
    run_to(&run, loop);
    run_ms(&run, 3000); /* 60 A */
    if (row->when == AT_STOP) {
        throw_fault(row->fault);
        while (run.session.world.report.phase == CCS_PHASE_LIVE) {
            run_ms(&run, 1);
        }
        return follow(row);
    }
    if (row->fault == SIM_FAULTS_COUNT) {
        stall_guard();
    } else {
        throw_fault(row->fault);
    }
    return follow(row);
}

static void expect(const row_t *row, const measured_t *found)
{
    const ccs_record_t *const record = &run.session.record;
    const bool fast =
        found->told >= 0 && found->off >= 0 && found->off <= row->off_ms && found->open >= 0 && found->open <= row->open_ms;
    const bool said =
        strcmp(heard.status, row->status) == 0 && strcmp(heard.isolation, row->isolation) == 0 && (heard.stop || row->silent);
    if (!fast || !said || run.session.records != 1 || record->end != row->end || record->why != row->why) {
        fail_msg("%s: told %lld off %lld open %lld; the car heard '%s' isolation '%s' stop %d; %u records: %s why %s", run.what,
                 (long long)found->told, (long long)found->off, (long long)found->open, heard.status, heard.isolation, heard.stop,
                 run.session.records, ccs_end_name(record->end), ccs_why_name(record->why));
    }
    if (run.session.world.report.latched != (row->fault == SIM_MAIN_WELDED)) {
        fail_msg("%s: latched %d", run.what, run.session.world.report.latched);
    }
}

static void each_fault_has_its_reaction_its_time_and_its_code(void **state)
{
    (void)state;
    for (int wiring = 0; wiring < WIRINGS; wiring++) {
        for (size_t i = 0; i < ROWS; i++) {
            if (fits(&rows[i], (ccs_topology_t)(wiring % 3))) {
                const measured_t found = throw(&rows[i], wiring);
                expect(&rows[i], &found);
            }
        }
    }
}

static int print(void)
{
    for (size_t i = 0; i < ROWS; i++) {
        const measured_t found = throw(&rows[i], 0);
        (void)printf("%-26s told %5lld off %5lld open %5lld ms; %s %s; %s\n", rows[i].name, (long long)found.told,
                     (long long)found.off, (long long)found.open, heard.status, heard.isolation,
                     ccs_end_name(run.session.record.end));
    }
    return 0;
}

int main(int count, char **words)
{
    if (count > 1 && strcmp(words[1], "--print") == 0) {
        return print();
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_fault_has_its_reaction_its_time_and_its_code)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
