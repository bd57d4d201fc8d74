/* docs/STATES.md is made from the tables and is what they say. CCS_WRITE=1 writes it anew; what changed is read in the commit.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/secc/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "din/din.h"

static const char path[] = CCS_SOURCE_DIR "/docs/STATES.md";

/* --- sessions --------------------------------------------------------------------------------------------------------------------
 */

static const char *request_name(const session_protocol_t *protocol, uint8_t request)
{
    return request == SESSION_ANY_REQUEST ? "any" : session_pair(protocol, request)->request_name;
}

static void put_steps(FILE *out, const session_protocol_t *protocol)
{
    (void)fprintf(out, "| waits in | gets | outcome | then waits in |\n|---|---|---|---|\n");
    for (size_t i = 0; i < protocol->steps_count; i++) {
        const session_step_t *const step = &protocol->steps[i];
        (void)fprintf(out, "| %s | %s | %s | %s |\n", session_wait_name(step->wait), request_name(protocol, step->gets),
                      session_outcome_name(step->outcome), session_wait_name(step->then));
    }
}

static void put_pairs(FILE *out, const session_protocol_t *protocol)
{
    (void)fprintf(out, "| request | response | answered within |\n|---|---|---|\n");
    for (size_t i = 0; i < protocol->pairs_count; i++) {
        const session_pair_t *const pair = &protocol->pairs[i];
        if (pair->answer) {
            (void)fprintf(out, "| %s | %s | %u ms |\n", pair->request_name, pair->response_name, (unsigned)pair->answer_by_ms);
        } else {
            (void)fprintf(out, "| %s | %s | at once: FAILED_SequenceError in every wait |\n", pair->request_name,
                          pair->response_name);
        }
    }
}

static bool wait_has_rows(const session_protocol_t *protocol, session_wait_t wait)
{
    for (size_t i = 0; i < protocol->steps_count; i++) {
        if (protocol->steps[i].wait == wait) {
            return true;
        }
    }
    return false;
}

static void put_allowed(FILE *out, const session_protocol_t *protocol)
{
    (void)fprintf(out, "| waits in | allowed |\n|---|---|\n");
    for (session_wait_t wait = 0; wait < SESSION_WAITS_COUNT; wait++) {
        if (!wait_has_rows(protocol, wait)) {
            continue;
        }
        (void)fprintf(out, "| %s |", session_wait_name(wait));
        for (size_t i = 0; i < protocol->pairs_count; i++) {
            if (protocol->pairs[i].answer && session_allowed(protocol, wait, protocol->pairs[i].request)) {
                (void)fprintf(out, " %s", protocol->pairs[i].request_name);
            }
        }
        (void)fprintf(out, " |\n");
    }
}

/* --- charge
 * ----------------------------------------------------------------------------------------------------------------------- */

static void put_car_errors(FILE *out)
{
    (void)fprintf(out, "| the car says |");
    for (charge_car_phase_t phase = 0; phase < CHARGE_CAR_PHASES; phase++) {
        (void)fprintf(out, " %s |", charge_car_phase_name(phase));
    }
    (void)fprintf(out, "\n|---|---|---|---|---|---|---|\n");
    for (unsigned error = 0; error < CHARGE_CAR_ROWS; error++) {
        (void)fprintf(out, "| %s |", charge_car_row(error)->name);
        for (charge_car_phase_t phase = 0; phase < CHARGE_CAR_PHASES; phase++) {
            (void)fprintf(out, " %s |", charge_car_effect_name(charge_car_row(error)->effect[phase]));
        }
        (void)fprintf(out, "\n");
    }
}

static void put_cause(FILE *out, const char *what, const charge_cause_t *cause)
{
    static const char *const reactions[] = {"ramp, contactors stay", "ramp, open", "open at once"};
    static const char *const talks[] = {"none", "2 s", "`fault_ms`", "`stop_ms`"};
    (void)fprintf(out, "| %s | %s | %s | %s | %s |\n", what, charge_status_name(cause->status), reactions[cause->reaction],
                  talks[cause->talk], ccs_end_name(cause->end));
}

static void put_causes(FILE *out)
{
    static const char *const stops[] = {"stop by a person or a backend", "stop of the service", "emergency stop by command"};
    (void)fprintf(out, "| why | the car is told | power | time for the car | record |\n|---|---|---|---|---|\n");
    for (int why = 0; why < CCS_WHYS_COUNT; why++) {
        const ccs_report_t report = {.phase = CCS_PHASE_RAMP, .why = (ccs_why_t)why, .pilot = CCS_PILOT_C};
        if (charge_cause_of_guard(&report)) {
            put_cause(out, ccs_why_text((ccs_why_t)why), charge_cause_of_guard(&report));
        }
    }
    const ccs_report_t opened = {.phase = CCS_PHASE_RAMP, .why = CCS_WHY_PILOT_LOST, .pilot = CCS_PILOT_B};
    put_cause(out, "state B under power", charge_cause_of_guard(&opened));
    put_cause(out, "connector pulled (state A)", charge_cause_of_pilot(CCS_PILOT_A));
    put_cause(out, "pilot shorted (state E, F)", charge_cause_of_pilot(CCS_PILOT_E));
    put_cause(out, "error of the car that stops (table above)", charge_cause_of_car());
    for (int stop = CCS_STOP_USER; stop <= CCS_STOP_EMERGENCY; stop++) {
        put_cause(out, stops[stop], charge_cause_of_stop((ccs_stop_t)stop));
    }
}

static void put_after(FILE *out)
{
    static const char *const pilots[] = {"X1 (+12 V)", "5 %", "F (-12 V)"};
    static const char *const next[] = {"offers itself", "rests", "blocked"};
    (void)fprintf(out,
                  "| end | failure | pilot | at the last try | held | further tries | then |\n|---|---|---|---|---|---|---|\n");
    for (int end = CCS_END_COMPLETED; end < CCS_ENDS_COUNT; end++) {
        const charge_after_t *const row = charge_after((ccs_end_t)end);
        char tries[8] = "always";
        if (row->tries != CHARGE_ALWAYS) {
            (void)snprintf(tries, sizeof tries, "%u", (unsigned)row->tries);
        }
        (void)fprintf(out, "| %s: %s | %s | %s | %s | %u ms | %s | %s |\n", ccs_end_name(row->end), ccs_end_text(row->end),
                      row->failure ? "yes" : "no", pilots[row->pilot], row->tries && row->failure ? pilots[row->last] : "-",
                      (unsigned)row->hold_ms, tries, next[row->next]);
    }
}

static void put_document(FILE *out)
{
    (void)fprintf(
        out,
        "# States of a session and of a charge\n\n"
        "Made by `tests/secc/test_states.c` from the tables of the product; a test compares. Do not edit: change a table and run\n"
        "`CCS_WRITE=1 build/release/bin/test_secc_states`.\n\n"
        "## DIN SPEC 70121\n\n"
        "What each wait allows; everything else is answered with its own response type and FAILED_SequenceError, then the\n"
        "connection ends. A wrong session id comes first: FAILED_UnknownSession.\n\n");
    put_allowed(out, &din_protocol);
    (void)fprintf(out, "\nWhat follows an answer:\n\n");
    put_steps(out, &din_protocol);
    (void)fprintf(out, "\nPairs. An answer that waits (LATER) is given when its time is over at the latest:\n\n");
    put_pairs(out, &din_protocol);
    (void)fprintf(out, "\n## Errors of the car\n\n"
                       "- *goes on*: answered OK, written down\n"
                       "- *holds*: answered OK, no energy for as long as the car says so\n"
                       "- *stops*: answered OK, ramp to 0 A, the charger says Shutdown; the car ends in order or is ended\n"
                       "- *fails*: answered FAILED (PowerDelivery: FAILED_PowerDeliveryNotApplied), the session ends\n\n");
    put_car_errors(out);
    (void)fprintf(
        out, "\n## Why the charger ends a charge\n\n"
             "The next answer tells it, with StopCharging; if the car has not ended in order within its time, the "
             "connection is closed.\n"
             "Before the car's contactors are closed (CableCheck, PreCharge, PowerDelivery on) the answer is FAILED; one that\n"
             "only ramps is told with OK, but PowerDelivery(Start) is not granted then.\n\n");
    put_causes(out);
    (void)fprintf(
        out,
        "\n## What follows a session\n\n"
        "One record per link that became usable, also if no session came of it. Then the pilot shows what stands here for so "
        "long,\n"
        "and the outlet offers itself again; after so many failures in a row it waits until the plug is pulled or somebody resets\n"
        "it (`CCS_ON_RESET`). Where further tries are 0 it waits at once. With SLAC the network is left within a second, and a "
        "failure\n"
        "shows X1 for 3 s and then E/F for the time that stands here, so that every car forgets its match.\n\n"
        "- *offers itself*: 5 %%, and with SLAC a new match with a new key\n"
        "- *rests*: the same; with SLAC X1, until the car toggles its pilot (B-C-B), is unplugged, or somebody resets it\n"
        "- *blocked*: only a reset frees it, a pulled plug does not: an emergency until a person has looked, a stopped service "
        "until\n"
        "  it is started again\n\n");
    put_after(out);
}

static void states_document_is_what_the_tables_say(void **state)
{
    (void)state;
    char *made = NULL;
    size_t length = 0;
    FILE *const out = open_memstream(&made, &length);
    assert_non_null(out);
    put_document(out);
    (void)fclose(out);
    if (getenv("CCS_WRITE")) {
        FILE *const file = fopen(path, "w");
        assert_non_null(file);
        (void)fwrite(made, 1, length, file);
        (void)fclose(file);
    }
    static char kept[65536];
    FILE *const file = fopen(path, "r");
    assert_non_null(file);
    kept[fread(kept, 1, sizeof kept - 1, file)] = 0;
    (void)fclose(file);
    assert_string_equal(kept, made);
    free(made);
}

/* --- the tables as data
 * ------------------------------------------------------------------------------------------------------------- */

/* No two rows of a wait say different things about the same request and outcome. */
static void no_step_is_told_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < din_protocol.steps_count; i++) {
        for (size_t j = i + 1; j < din_protocol.steps_count; j++) {
            const session_step_t *const a = &din_protocol.steps[i];
            const session_step_t *const b = &din_protocol.steps[j];
            assert_false(a->wait == b->wait && a->gets == b->gets && a->outcome == b->outcome);
        }
    }
}

/* From the first wait each wait of the table can be reached, and from each the end. */
static void every_wait_is_on_a_way_to_the_end(void **state)
{
    (void)state;
    uint32_t reached = 1u << din_protocol.first;
    uint32_t ends = 1u << SESSION_WAIT_OVER;
    for (size_t round = 0; round < din_protocol.steps_count; round++) {
        for (size_t i = 0; i < din_protocol.steps_count; i++) {
            const session_step_t *const step = &din_protocol.steps[i];
            if (step->wait == SESSION_WAIT_ANY) {
                continue;
            }
            reached |= (reached >> step->wait & 1u) << step->then;
            ends |= (ends >> step->then & 1u) << step->wait;
        }
    }
    for (session_wait_t wait = 0; wait < SESSION_WAITS_COUNT; wait++) {
        if (wait_has_rows(&din_protocol, wait)) {
            assert_true(reached >> wait & 1u);
            assert_true(ends >> wait & 1u);
        }
    }
}

/* Far before the car's own timeouts: 2 s, and 0.25 s in the loop. */
static void every_answer_is_due_before_the_cars_timeout(void **state)
{
    (void)state;
    for (size_t i = 0; i < din_protocol.pairs_count; i++) {
        const session_pair_t *const pair = &din_protocol.pairs[i];
        assert_true(pair->answer_by_ms <= (pair->request == DIN_BODY_CURRENT_DEMAND_REQ ? 200 : 1500));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_document_is_what_the_tables_say),
        cmocka_unit_test(no_step_is_told_twice),
        cmocka_unit_test(every_wait_is_on_a_way_to_the_end),
        cmocka_unit_test(every_answer_is_due_before_the_cars_timeout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
