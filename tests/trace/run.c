/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include "test.h"

#include <stdio.h>

enum { CHARGE_MS_MAX = 120000, OVER_MS_MAX = 90000 };

const run_point_t run_points[RUN_POINTS] = {
    {"session setup", "SessionSetupReq", false},
    {"service discovery", "ServiceDiscoveryReq", false},
    {"service selection", "ServicePaymentSelectionReq", false},
    {"authorization", "ContractAuthenticationReq", false},
    {"parameters", "ChargeParameterDiscoveryReq", false},
    {"cable check", "CableCheckReq", false},
    {"precharge", "PreChargeReq", false},
    {"power on", "PowerDeliveryReq", false},
    {"loop", "CurrentDemandReq", false},
    {"power off", "PowerDeliveryReq", true},
    {"weld test", "WeldingDetectionReq", false},
    {"session stop", "SessionStopReq", false},
};

void run_defaults(sim_session_config_t *config)
{
    sim_session_defaults(config);
    config->ev.duration_stop_ms = 2000;
}

void run_expect_sound(const run_t *run)
{
    const sim_world_t *const world = &run->session.world;
    if (world->violation) {
        fail_msg("%s: invariant %s broken at %lld ms", run->what, world->violation, (long long)world->violation_ms);
    }
}

typedef struct watched {
    run_t *run;
    sim_condition_t condition;
    const void *context;
} watched_t;

static bool watch(const sim_session_t *session, const void *context)
{
    const watched_t *const watched = context;
    story_watch(&watched->run->story, session);
    return session->world.violation || (watched->condition && watched->condition(session, watched->context));
}

bool run_until(run_t *run, sim_condition_t condition, const void *context, int64_t ms_max)
{
    const watched_t watched = {run, condition, context};
    const bool met = sim_session_until(&run->session, watch, &watched, ms_max);
    run_expect_sound(run);
    return met;
}

void run_ms(run_t *run, int64_t ms)
{
    (void)run_until(run, NULL, NULL, ms);
}

void run_say(run_t *run, const char *text)
{
    story_say(&run->story, &run->session, text);
}

void run_plug(run_t *run)
{
    run_say(run, "a car is plugged in");
    assert_int_equal(sim_session_plug(&run->session), CCS_OK);
}

void run_unplug(run_t *run)
{
    if (run->session.world.plant.plugged) {
        run_say(run, "the plug is pulled");
        sim_session_unplug(&run->session);
    }
}

void run_begin(run_t *run, const sim_session_config_t *config)
{
    sim_session_config_t own = *config;
    story_init(&run->story);
    own.ev.trace = run->story.car;
    own.secc.trace = run->story.charger;
    run->what = run->what ? run->what : "";
    assert_int_equal(sim_session_init(&run->session, &own), CCS_OK);
    run->story.begin_ms = run->session.now_ms;
}

void run_start(run_t *run, const sim_session_config_t *config)
{
    run_begin(run, config);
    sim_session_run(&run->session, 1000);
    run->story.begin_ms = run->session.now_ms;
    run_plug(run);
}

static bool at_point(const sim_session_t *session, const void *context)
{
    const run_point_t *const point = context;
    const bool looped = session->ev_out.want.target_mA == 0 && session->world.report.phase >= CCS_PHASE_LIVE;
    return sim_car_asks(session, point->request) && (!point->after_loop || looped);
}

void run_to(run_t *run, const run_point_t *point)
{
    static const run_point_t loop = {"loop", "CurrentDemandReq", false};
    if (point->after_loop) {
        run_to(run, &loop);
    }
    if (!run_until(run, at_point, point, CHARGE_MS_MAX)) {
        fail_msg("%s: the car never comes to %s", run->what, point->name);
    }
}

static bool over(const sim_session_t *session, const void *records)
{
    const bool car_gone = !session->world.plant.plugged || session->ev_out.done;
    return car_gone && sim_recorded(session, records) && session->world.report.settled;
}

void run_expect_over(run_t *run, uint32_t records)
{
    if (!run_until(run, over, &records, OVER_MS_MAX)) {
        fail_msg("%s: not over after %d s: car %s, %u of %u records, charger %s, guard %s", run->what, OVER_MS_MAX / 1000,
                 ccs_ev_wait_name(&run->session.ev), run->session.records, records, ccs_secc_wait_name(&run->session.secc),
                 ccs_phase_name(run->session.world.report.phase));
    }
    run_ms(run, 1000);
    const sim_plant_t *const plant = &run->session.world.plant;
    if (run->session.records != records || plant->main.closed || plant->car_contactors.closed) {
        fail_msg("%s: %u records (expected %u), main %d, car %d", run->what, run->session.records, records, plant->main.closed,
                 plant->car_contactors.closed);
    }
}

void run_expect_next_charge(run_t *run)
{
    const uint32_t records = run->session.records;
    run_unplug(run);
    run_ms(run, 3000);
    run->session.config.ev.misbehave = CCS_MIS_NONE;
    run->session.config.ev.duration_stop_ms = 1000;
    run->session.config.authorize = (sim_authorize_t){.verdict = CCS_GRANTED};
    run_plug(run);
    run_expect_over(run, records + 1);
    if (run_result(run) != CCS_EV_CHARGED || run->session.record.end != CCS_END_COMPLETED) {
        fail_msg("%s: the next charge does not work: %s at %s, %s", run->what, ccs_ev_result_name(run_result(run)),
                 ccs_ev_status(&run->session.ev)->failed_at, ccs_end_name(run->session.record.end));
    }
}

ccs_ev_result_t run_result(const run_t *run)
{
    return ccs_ev_status(&run->session.ev)->result;
}
