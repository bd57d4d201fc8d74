/* SPDX-License-Identifier: Apache-2.0 */
#include "safety_doc.h"
#include "hazards.h"
#include "measure.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char opening[] = "<!-- Printed by `test_guard_reactions --print`; a test compares. Do not edit. -->\n"
                              "# Safety: what the guard grants, refuses and does\n\n"
                              "The guard (`src/guard`, `include/ccs/guard.h`) is the only room that grants energy. Every 10 ms it "
                              "reads a whole sample and a whole\n"
                              "want, and gives a whole drive and a whole report. A drive ends by itself: hardware that is not "
                              "called any more opens and switches off.\n\n"
                              "Marks: **P** read in a public peer that cites the clause, **R** seen on real cars or chargers, "
                              "**M** from the memory of practitioners\n"
                              "(verify before a claim of conformance), **O** our own choice. No text of IEC 61851 was at hand.\n\n";

static const char classes[] =
    "## Classes of reaction\n\n"
    "| class | what happens |\n|---|---|\n"
    "| `E` emergency | source off at once; open below `open_mA_max`, at the latest `emergency_open_ms` later, whatever flows |\n"
    "| `r` error | set point down by `ramp_emergency_mA_s`, then open; after `error_open_ms` it becomes an emergency |\n"
    "| `s` stop | set point down by `ramp_down_mA_s`, then open; after `stop_open_ms` it becomes an emergency |\n"
    "| `b` block | nothing more is granted, FAULT stands |\n"
    "| `-` | nothing |\n\n"
    "After `E`, `r` and `s` the guard goes through RAMP and DISCHARGE to FAULT, and tells why all the time. FAULT ends when the "
    "cause is gone,\n"
    "OFF was asked for, everything is open and the source side is below 60 V. A latched fault needs a service reset and survives a "
    "restart.\n\n";

static void write_settings(FILE *out)
{
    fprintf(out, "## Figures\n\nEach is a setting of `ccs_guard_config_t`; outside its range the guard does not start.\n\n"
                 "| setting | default | least | most | mark | source |\n|---|--:|--:|--:|---|---|\n");
    for (size_t i = 0; i < guard_settings_count; i++) {
        const guard_setting_t *row = &guard_settings[i];
        const guard_source_t *from = &guard_setting_sources[i];
        fprintf(out, "| `%s` | %d | %d | %d | %c | %s |\n", from->name, row->value, row->least, row->most, from->mark,
                from->source);
    }
    fprintf(out, "\nInsulation, by the edition of IEC 61851-23 in force (setting `edition`, default 2023):\n\n"
                 "| edition | rule | mark |\n|---|---|---|\n");
    for (size_t i = 0; i < 2; i++) {
        fprintf(out, "| %s | %s | %c |\n", guard_isolation_sources[i].name, guard_isolation_sources[i].source,
                guard_isolation_sources[i].mark);
    }
    fprintf(out, "\nOver-voltage trip handed to the hardware, by the least of the car's and our own maximum (6.3.1.106.2, P):\n\n"
                 "| up to | trip |\n|--:|--:|\n");
    for (size_t i = 0; i < GUARD_TRIPS; i++) {
        const bool last = i + 1 == GUARD_TRIPS;
        fprintf(out, "| %s%d V | %d V |\n", last ? "above " : "", guard_trip_rules[last ? i - 1 : i].up_to_mV / 1000,
                guard_trip_rules[i].trip_mV / 1000);
    }
    fprintf(out, "\nCable check (CC.4.1.2, P):\n\n| car's maximum | 300 V | 420 V | 460 V | 500 V | 750 V | 900 V | 1000 V |\n"
                 "|---|--:|--:|--:|--:|--:|--:|--:|\n| test voltage, own maximum 1000 V |");
    const int32_t car_V[] = {300, 420, 460, 500, 750, 900, 1000};
    for (size_t i = 0; i < sizeof(car_V) / sizeof(car_V[0]); i++) {
        fprintf(out, " %d V |", guard_test_mV(car_V[i] * 1000, 1000000) / 1000);
    }
    fprintf(out, "\n\n");
}

static void write_phase_head(FILE *out, const char *first)
{
    fprintf(out, "| %s |", first);
    for (ccs_phase_t phase = CCS_PHASE_OFF; phase <= CCS_PHASE_FAULT; phase++) {
        fprintf(out, " %s |", ccs_phase_name(phase));
    }
}

static void write_reactions(FILE *out)
{
    fprintf(out, "## Causes and reactions\n\n");
    write_phase_head(out, "why");
    fprintf(out, " pilot | latched | noticed by | mark |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (guard_cause_t cause = 0; cause < GUARD_CAUSES; cause++) {
        const guard_rule_t *rule = &guard_rules[cause];
        fprintf(out, "| %s |", ccs_why_name(rule->why));
        for (const char *letter = rule->in_phase; *letter != 0; letter++) {
            fprintf(out, " %c |", *letter);
        }
        fprintf(out, " %s | %s | %s | %c |\n", rule->pilot == 'x' ? "X1" : "as wanted", rule->latch ? "yes" : "",
                guard_rule_sources[cause].source, guard_rule_sources[cause].mark);
    }
    fprintf(out, "\nA latched fault shows X1 while the session at hand ends in words, and F after it. F once shown is held for "
                 "`pilot_hold_ms`.\n\n");
}

static void write_ms(FILE *out, int64_t ms)
{
    if (ms < 0) {
        fprintf(out, " - |");
        return;
    }
    fprintf(out, " %lld |", (long long)ms);
}

static void write_measured(FILE *out)
{
    ccs_guard_config_t config;
    ccs_guard_defaults(&config);
    config.meter_required = true;
    fprintf(out, "## Measured\n\nOn the virtual clock, charging with 100 A at 360 V; each happens right after a turn of the guard. "
                 "Milliseconds from the moment it\n"
                 "happens until: the report tells why; the source is off or commanded 0 A; open is commanded; the source side is "
                 "truly below 60 V.\n"
                 "The code is what the charge tells the car in its next answer (`src/charge/cause.c`; each protocol's `status.c` "
                 "spells it).\n\n"
                 "| what | class | told | 0 A | open | < 60 V | code | pilot |\n|---|---|--:|--:|--:|--:|---|---|\n");
    static const char *const pilots[] = {"X1", "5 %", "F"};
    for (guard_cause_t cause = 0; cause < GUARD_CAUSES; cause++) {
        sim_world_t world;
        measured_t found;
        if (!measure_cause(&config, cause, &world, &found)) {
            continue;
        }
        fprintf(out, "| %s: %s | %s |", ccs_why_name(found.why), guard_rule_sources[cause].source,
                guard_class_name(guard_reaction(cause, CCS_PHASE_LIVE)));
        write_ms(out, found.told);
        write_ms(out, found.zero);
        write_ms(out, found.open);
        write_ms(out, found.dead);
        fprintf(out, " %s | %s |\n", found.code, pilots[found.pilot]);
    }
    fprintf(out, "\nLATE_TICK counts from the last turn before the guard was held up for 150 ms. A weld, a source side that keeps "
                 "its voltage, a jammed\n"
                 "lock, an ended lease, derating, a restart and a forced pull-out have tests of their own in "
                 "`tests/guard/test_reactions.c`.\n\n");
}

static void write_moves(FILE *out)
{
    static const ccs_phase_t wants[GUARD_WANTS] = {CCS_PHASE_OFF,  CCS_PHASE_TEST, CCS_PHASE_PRECHARGE,
                                                   CCS_PHASE_LIVE, CCS_PHASE_RAMP, CCS_PHASE_WELD};
    static const char *const texts[] = {
        [GUARD_STAY] = "stays", [GUARD_GO] = "goes", [GUARD_REFUSE] = "refuses", [GUARD_LEAVE] = "stops", [GUARD_AUTO] = "-"};
    fprintf(out, "## Wants\n\nWhat a want does in a phase. `goes` once all needs of that phase hold, else the report tells the one "
                 "that is missing; `stops`: through\n"
                 "RAMP and DISCHARGE to OFF, and on from there; `-`: the phase ends by itself. A want for voltage without 5 %% and "
                 "lock is OFF.\n\n| phase |");
    for (size_t i = 0; i < GUARD_WANTS; i++) {
        fprintf(out, " %s |", ccs_phase_name(wants[i]));
    }
    fprintf(out, "\n|---|---|---|---|---|---|---|\n");
    for (ccs_phase_t phase = CCS_PHASE_OFF; phase <= CCS_PHASE_FAULT; phase++) {
        fprintf(out, "| %s |", ccs_phase_name(phase));
        for (size_t i = 0; i < GUARD_WANTS; i++) {
            fprintf(out, " %s |", texts[guard_move(phase, wants[i])]);
        }
        fprintf(out, "\n");
    }
}

static void write_needs(FILE *out)
{
    static const struct {
        guard_need_t need;
        const char *text;
    } needs[] = {
        {GUARD_NEED_PILOT, "pilot C or D"},
        {GUARD_NEED_LIMITS, "the car's limits known"},
        {GUARD_NEED_LOCK, "locked"},
        {GUARD_NEED_OPEN, "open, < 60 V on both sides"},
        {GUARD_NEED_ISOLATION, "insulation good in this session"},
        {GUARD_NEED_SETTLED, "the phase before has settled"},
        {GUARD_NEED_LEASE, "live lease"},
        {GUARD_NEED_MATCH, "within 20 V of target or car side"},
    };
    static const ccs_phase_t ways[][2] = {{CCS_PHASE_OFF, CCS_PHASE_TEST},
                                          {CCS_PHASE_TEST, CCS_PHASE_PRECHARGE},
                                          {CCS_PHASE_OFF, CCS_PHASE_PRECHARGE},
                                          {CCS_PHASE_PRECHARGE, CCS_PHASE_LIVE},
                                          {CCS_PHASE_RAMP, CCS_PHASE_LIVE}};
    fprintf(out, "\nNeeds, besides fresh measurements and no cause that blocks:\n\n| way | needs |\n|---|---|\n");
    for (size_t way = 0; way < sizeof(ways) / sizeof(ways[0]); way++) {
        fprintf(out, "| %s to %s |", ccs_phase_name(ways[way][0]), ccs_phase_name(ways[way][1]));
        const char *comma = " ";
        for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
            if ((guard_needs(ways[way][0], ways[way][1]) & needs[i].need) != 0) {
                fprintf(out, "%s%s", comma, needs[i].text);
                comma = ", ";
            }
        }
        fprintf(out, " |\n");
    }
}

static void write_topologies(FILE *out)
{
    static const char *const names[] = {"output contactor", "precharge branch", "direct (no contactor of ours)"};
    static const char *const closed[] = {"-", "main", "branch", "main, branch"};
    fprintf(out, "\n## What may be closed\n\n");
    write_phase_head(out, "topology");
    fprintf(out, "\n|---|---|---|---|---|---|---|---|---|\n");
    for (ccs_topology_t topology = CCS_TOPOLOGY_OUTPUT_CONTACTOR; topology <= CCS_TOPOLOGY_DIRECT; topology++) {
        fprintf(out, "| %s |", names[topology]);
        for (ccs_phase_t phase = CCS_PHASE_OFF; phase <= CCS_PHASE_FAULT; phase++) {
            fprintf(out, " %s |", closed[guard_may_close(topology, phase)]);
        }
        fprintf(out, "\n");
    }
    fprintf(out,
            "\nRAMP keeps what is closed and closes nothing. In LIVE the branch opens once the main contactor has followed.\n\n");
}

static void write_invariants(FILE *out)
{
    fprintf(out, "## Invariants\n\nChecked against the plant's truth in every simulated step of every test (`sim/invariants.c`); "
                 "random life in the plant\n"
                 "(`tests/guard/test_property.c`) tries to break them.\n\n| name | what holds |\n|---|---|\n");
    for (size_t i = 0; i < sim_invariants_count(); i++) {
        fprintf(out, "| `%s` | %s |\n", sim_invariant_name(i), sim_invariant_text(i));
    }
}

static void write_hazards(FILE *out)
{
    fprintf(out,
            "## Hazards\n\nEach with the rule against it, the time in which it acts, and the tests that prove it (a test checks "
            "that they exist).\n\n| hazard | rule | within | tests |\n|---|---|---|---|\n");
    for (size_t i = 0; i < hazards_count; i++) {
        fprintf(out, "| %s | %s | %s |", hazards[i].what, hazards[i].rule, hazards[i].within);
        for (size_t k = 0; k < HAZARD_TESTS && hazards[i].test[k] != NULL; k++) {
            fprintf(out, "%s `%s`", k > 0 ? "," : "", strchr(hazards[i].test[k], ':') + 1);
        }
        fprintf(out, " |\n");
    }
    fprintf(out, "\n");
}

char *safety_doc(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        abort();
    }
    fputs(opening, out);
    write_hazards(out);
    fputs(classes, out);
    write_reactions(out);
    write_measured(out);
    write_moves(out);
    write_needs(out);
    write_topologies(out);
    write_settings(out);
    write_invariants(out);
    fclose(out);
    return text;
}
