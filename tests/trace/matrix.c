/* Generated, not written: every misbehaviour of a car at every request of a charge, and every way to end a charge from outside at
 * every moment of it. After each: one record, a safe guard, contactors open, every invariant in every step, the next car charges.
 * SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "run.h"

#include <stdio.h>

static run_t run;
static char what[128];

static void name_case(const char *first, const char *second)
{
    (void)snprintf(what, sizeof what, "%s at %s", first, second);
    run.what = what;
}

/* --- misbehaviours ------------------------------------------------------------------------------------------------- */

/* Those a charge survives: they are odd, not wrong. */
static bool survives(ccs_misbehave_t misbehave)
{
    return misbehave == CCS_MIS_SPLIT || misbehave == CCS_MIS_JOIN;
}

static void expect_outcome(ccs_misbehave_t misbehave)
{
    const bool charged = run_result(&run) == CCS_EV_CHARGED;
    if (survives(misbehave) && (!charged || run.session.record.end != CCS_END_COMPLETED)) {
        fail_msg("%s: ended %s, %s", run.what, ccs_ev_result_name(run_result(&run)), ccs_end_name(run.session.record.end));
    }
    if (run.session.record.end == CCS_END_NONE) {
        fail_msg("%s: a record without a reason", run.what);
    }
}

static void misbehave_at(ccs_misbehave_t misbehave, const char *request, uint32_t count)
{
    sim_session_config_t config;
    run_defaults(&config);
    config.ev.misbehave = misbehave;
    config.ev.misbehave_at = request;
    config.ev.misbehave_count = count;
    name_case(ccs_misbehave_name(misbehave), request);
    run_start(&run, &config);
    run_expect_over(&run, 1);
    expect_outcome(misbehave);
    run_expect_next_charge(&run);
}

static void every_misbehaviour_at_every_request(void **state)
{
    (void)state;
    for (ccs_misbehave_t misbehave = CCS_MIS_SILENT; misbehave < CCS_MIS_COUNT; misbehave++) {
        misbehave_at(misbehave, "supportedAppProtocolReq", 1);
        for (size_t i = 0; i < RUN_POINTS; i++) {
            misbehave_at(misbehave, run_points[i].request, run_points[i].after_loop ? 2 : 1);
        }
        misbehave_at(misbehave, "CurrentDemandReq", 20); /* under current */
    }
}

static void every_error_code_in_every_phase(void **state)
{
    (void)state;
    for (uint32_t code = CCS_EV_RESS_TEMPERATURE_INHIBIT; code <= CCS_EV_NO_DATA; code++) {
        for (size_t i = 4; i < RUN_POINTS; i++) {
            sim_session_config_t config;
            char name[32];
            run_defaults(&config);
            config.ev.misbehave = CCS_MIS_ERROR_CODE;
            config.ev.misbehave_at = run_points[i].request;
            config.ev.misbehave_count = run_points[i].after_loop ? 2 : 1;
            config.ev.misbehave_value = code;
            (void)snprintf(name, sizeof name, "error %u", code);
            name_case(name, run_points[i].name);
            run_start(&run, &config);
            run_expect_over(&run, 1);
            run_expect_next_charge(&run);
        }
    }
}

static void every_bit_of_a_request_flipped(void **state)
{
    (void)state;
    for (size_t i = 0; i < RUN_POINTS; i++) {
        for (uint32_t bit = 0; bit < 40; bit += 3) {
            sim_session_config_t config;
            char name[32];
            run_defaults(&config);
            config.ev.misbehave = CCS_MIS_BAD_EXI;
            config.ev.misbehave_at = run_points[i].request;
            config.ev.misbehave_count = run_points[i].after_loop ? 2 : 1;
            config.ev.misbehave_value = bit;
            (void)snprintf(name, sizeof name, "bit %u", bit);
            name_case(name, run_points[i].name);
            run_start(&run, &config);
            run_expect_over(&run, 1);
            run_expect_next_charge(&run);
        }
    }
}

/* --- from outside -------------------------------------------------------------------------------------------------- */

static void stop_user(void)
{
    sim_session_stop(&run.session, CCS_STOP_USER);
}

static void stop_service(void)
{
    sim_session_stop(&run.session, CCS_STOP_SERVICE);
}

static void stop_emergency(void)
{
    sim_session_stop(&run.session, CCS_STOP_EMERGENCY);
}

static void stop_driver(void)
{
    sim_session_car_stop(&run.session, CCS_STOP_USER);
}

static void stop_driver_at_once(void)
{
    sim_session_car_stop(&run.session, CCS_STOP_EMERGENCY);
}

static void pull_plug(void)
{
    sim_session_unplug(&run.session);
}

static void cut_network(void)
{
    run.session.cut = true;
}

static const struct cause {
    const char *name;
    void (*act)(void);
    ccs_end_t end[2]; /* in the loop one of these; NONE: not asked */
} causes[] = {
    {"stop by user", stop_user, {CCS_END_STOPPED_USER, CCS_END_STOPPED_USER}},
    {"stop by service", stop_service, {CCS_END_STOPPED_SERVICE, CCS_END_STOPPED_SERVICE}},
    {"emergency", stop_emergency, {CCS_END_EMERGENCY, CCS_END_EMERGENCY}},
    {"stop by driver", stop_driver, {CCS_END_COMPLETED, CCS_END_COMPLETED}},
    {"fault of the car", stop_driver_at_once, {CCS_END_CAR_ERROR, CCS_END_UNPLUGGED}}, /* its pilot is faster than its words */
    {"plug pulled", pull_plug, {CCS_END_UNPLUGGED, CCS_END_UNPLUGGED}},
    {"network cut", cut_network, {CCS_END_NONE, CCS_END_NONE}},
};

static void expect_cause(const struct cause *cause, size_t point)
{
    const ccs_end_t end = run.session.record.end;
    const bool asked = point == RUN_LOOP && cause->end[0] != CCS_END_NONE;
    if (asked && end != cause->end[0] && end != cause->end[1]) {
        fail_msg("%s: recorded as %s", run.what, ccs_end_name(end));
    }
}

static void every_end_from_outside_at_every_moment(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof causes / sizeof causes[0]; k++) {
        for (size_t i = 0; i < RUN_POINTS; i++) {
            sim_session_config_t config;
            run_defaults(&config);
            name_case(causes[k].name, run_points[i].name);
            run_start(&run, &config);
            run_to(&run, &run_points[i]);
            run_ms(&run, i == RUN_LOOP ? 1000 : 1);
            causes[k].act();
            run_expect_over(&run, 1);
            expect_cause(&causes[k], i);
            run.session.cut = false;
            sim_session_reset(&run.session); /* an emergency and a stopped service want it */
            run_expect_next_charge(&run);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_misbehaviour_at_every_request),
        cmocka_unit_test(every_error_code_in_every_phase),
        cmocka_unit_test(every_bit_of_a_request_flipped),
        cmocka_unit_test(every_end_from_outside_at_every_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
