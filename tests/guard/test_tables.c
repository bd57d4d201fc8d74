/* Every phase against every want, and every phase against every cause: generated, not written.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"
#include <stdio.h>
#include <string.h>

enum { WANTS = 10, SETTLE_MS = 4500 };

/* Where a want that stands for some seconds leads. Rows: from; columns: wanted OFF TEST PRECHARGE LIVE RAMP DISCHARGE WELD FAULT
 * 8 9. The car keeps its contactors closed once they are: after LIVE its own voltage stands on the car side, and no TEST begins. */
static const char *const ends[GUARD_PHASES] = {
    [CCS_PHASE_OFF] = "OTOOOOWOOO",       /* no PRECHARGE and no LIVE without TEST */
    [CCS_PHASE_TEST] = "OTPTOOWOOO",      /* no LIVE without PRECHARGE */
    [CCS_PHASE_PRECHARGE] = "OTPLROWOOO", /* TEST: stops, and begins anew */
    [CCS_PHASE_LIVE] = "OOOLROWOOO",      [CCS_PHASE_RAMP] = "OOOLROWOOO",  [CCS_PHASE_DISCHARGE] = "OOOOOOWOOO",
    [CCS_PHASE_WELD] = "OOOOOOWOOO",      [CCS_PHASE_FAULT] = "OFFFFOFOOO", /* nothing before OFF was asked for; nonsense is OFF */
};
static const char letters[] = "OTPLRDWF";

static const char *topology_name(ccs_topology_t topology)
{
    static const char *const names[] = {"output contactor", "precharge branch", "direct"};
    return names[topology];
}

static ccs_guard_config_t config_of(ccs_topology_t topology)
{
    ccs_guard_config_t config;
    ccs_guard_defaults(&config);
    config.topology = topology;
    return config;
}

static void reach(sim_world_t *world, const ccs_guard_config_t *config, ccs_phase_t phase)
{
    if (!scene_reach(world, config, phase)) {
        fail_msg("%s: no way to %s, but %s why %s", topology_name(config->topology), ccs_phase_name(phase),
                 ccs_phase_name(world->report.phase), ccs_why_name(world->report.why));
    }
}

static void check_invariants(const sim_world_t *world, const char *what)
{
    if (world->violation != NULL) {
        fail_msg("%s: %s at %lld ms", what, world->violation, (long long)world->violation_ms);
    }
}

/* Without a contactor of ours the car's own voltage stands on the source side: neither OFF nor the end of FAULT while it does. */
static char expected_end(const ccs_guard_config_t *config, ccs_phase_t from, unsigned want)
{
    const char end = ends[from][want];
    const bool tied = config->topology == CCS_TOPOLOGY_DIRECT && from >= CCS_PHASE_LIVE;
    return tied && end == 'O' ? 'F' : end;
}

static void try_want(const ccs_guard_config_t *config, ccs_phase_t from, unsigned want)
{
    sim_world_t world;
    reach(&world, config, from);
    world.want.phase = (ccs_phase_t)want;
    world.want.target_mV = want == CCS_PHASE_PRECHARGE ? sim_plant_battery_mV(&world.plant) : world.want.target_mV;
    scene_run(&world, SETTLE_MS);
    char what[96];
    snprintf(what, sizeof(what), "%s, from %s, want %u", topology_name(config->topology), ccs_phase_name(from), want);
    check_invariants(&world, what);
    if (letters[world.report.phase] != expected_end(config, from, want)) {
        fail_msg("%s: expected %c, got %s why %s", what, expected_end(config, from, want), ccs_phase_name(world.report.phase),
                 ccs_why_name(world.report.why));
    }
}

static void every_want_in_every_phase_leads_where_the_table_says(void **state)
{
    (void)state;
    unsigned tried = 0;
    for (unsigned wiring = 0; wiring < 6; wiring++) {
        const ccs_topology_t topology = (ccs_topology_t)(wiring % 3);
        ccs_guard_config_t config = config_of(topology);
        config.meter_place = (ccs_meter_place_t)(wiring / 3);
        for (ccs_phase_t from = CCS_PHASE_OFF; from <= CCS_PHASE_FAULT; from++) {
            const bool quick = topology == CCS_TOPOLOGY_DIRECT && (from == CCS_PHASE_DISCHARGE || from == CCS_PHASE_WELD);
            for (unsigned want = 0; want < WANTS && !quick; want++, tried++) {
                try_want(&config, from, want);
            }
        }
    }
    printf("%u combinations of wiring, phase and want\n", tried);
}

/* ---- causes */

static void expect_nothing(sim_world_t *world, const char *what, guard_cause_t cause, ccs_phase_t phase)
{
    const int64_t ms = phase == CCS_PHASE_DISCHARGE ? 50 : 300;
    scene_run(world, ms);
    const bool same = world->report.phase == phase || (phase == CCS_PHASE_DISCHARGE && world->report.phase == CCS_PHASE_OFF);
    if (!same || (world->report.why == guard_rules[cause].why && phase == CCS_PHASE_LIVE)) {
        fail_msg("%s: expected nothing, got %s why %s", what, ccs_phase_name(world->report.phase), ccs_why_name(world->report.why));
    }
}

static void expect_block(sim_world_t *world, const char *what, guard_cause_t cause, int64_t notice_ms)
{
    const ccs_phase_t phase = world->report.phase;
    scene_run(world, notice_ms + SIM_TICK_MS);
    const bool told = phase == CCS_PHASE_FAULT || world->report.why == guard_rules[cause].why;
    world->want.phase = phase == CCS_PHASE_FAULT ? CCS_PHASE_OFF : CCS_PHASE_TEST;
    scene_run(world, 1000);
    if (!told || world->report.phase != phase) {
        fail_msg("%s: expected to stay, got %s why %s", what, ccs_phase_name(world->report.phase), ccs_why_name(world->report.why));
    }
}

static bool is_off_and_open(const sim_world_t *world)
{
    return !world->drive.enable && !world->drive.main_close && !world->drive.precharge_close;
}

static void expect_stop(sim_world_t *world, const char *what, guard_cause_t cause, int64_t by_ms)
{
    const int64_t begin_ms = world->now_ms;
    while (world->now_ms - begin_ms < by_ms && !(is_off_and_open(world) && world->report.why == guard_rules[cause].why)) {
        scene_tick(world);
    }
    const bool open = is_off_and_open(world);
    const ccs_why_t why = world->report.why;
    scene_run(world, 2000);
    if (!open || why != guard_rules[cause].why || world->report.phase != CCS_PHASE_FAULT) {
        fail_msg("%s: expected off and open within %lld ms and FAULT, got %s why %s, open %d", what, (long long)by_ms,
                 ccs_phase_name(world->report.phase), ccs_why_name(why), open);
    }
    if (world->report.latched != guard_rules[cause].latch) {
        fail_msg("%s: latched %d, why %s", what, world->report.latched, ccs_why_name(world->report.why));
    }
}

static bool try_cause(const ccs_guard_config_t *config, ccs_phase_t phase, guard_cause_t cause)
{
    sim_world_t world;
    char what[96];
    reach(&world, config, phase);
    snprintf(what, sizeof(what), "%s, meter %d: %s in %s", topology_name(config->topology), (int)config->meter_place,
             ccs_why_name(guard_rules[cause].why), ccs_phase_name(phase));
    if (!scene_spoil(&world, cause)) {
        return false;
    }
    const guard_class_t class = guard_reaction(cause, phase);
    const int64_t notice_ms = scene_notice_ms(config, cause, phase);
    if (class == GUARD_NOTHING) {
        expect_nothing(&world, what, cause, phase);
    } else if (class == GUARD_BLOCK) {
        expect_block(&world, what, cause, notice_ms);
    } else {
        expect_stop(&world, what, cause, notice_ms + scene_open_ms(config, class));
    }
    check_invariants(&world, what);
    return true;
}

/* Without a contactor of ours none can fail, and the car's own voltage stands from LIVE on: neither DISCHARGE nor WELD comes to an
 * end. With the meter after the contactors nobody sees that the source side keeps its voltage. */
static bool can_be(const ccs_guard_config_t *config, ccs_phase_t phase, guard_cause_t cause)
{
    const bool contactor = cause == GUARD_CAUSE_WELDED || cause == GUARD_CAUSE_CONTACTOR_OPEN || cause == GUARD_CAUSE_NO_DISCHARGE;
    if (config->topology == CCS_TOPOLOGY_DIRECT) {
        return !contactor && phase < CCS_PHASE_DISCHARGE;
    }
    return cause != GUARD_CAUSE_NO_DISCHARGE || config->meter_place == CCS_METER_BEFORE;
}

static void every_cause_in_every_phase_has_the_reaction_of_its_row(void **state)
{
    (void)state;
    unsigned tried[GUARD_CAUSES] = {0}, all = 0;
    for (unsigned wiring = 0; wiring < 6; wiring++) {
        ccs_guard_config_t config = config_of((ccs_topology_t)(wiring % 3));
        config.meter_place = (ccs_meter_place_t)(wiring / 3);
        config.meter_required = true;
        for (unsigned i = 0; i < GUARD_PHASES * GUARD_CAUSES; i++) {
            const ccs_phase_t phase = (ccs_phase_t)(i / GUARD_CAUSES);
            const guard_cause_t cause = (guard_cause_t)(i % GUARD_CAUSES);
            const unsigned shown = can_be(&config, phase, cause) && try_cause(&config, phase, cause);
            tried[cause] += shown;
            all += shown;
        }
    }
    for (guard_cause_t cause = 0; cause < GUARD_CAUSES; cause++) {
        assert_true(tried[cause] > 0 || cause == GUARD_CAUSE_VOLTAGE_STANDS); /* that one: test_reactions.c */
    }
    printf("%u combinations of wiring, phase and cause\n", all);
}

/* ---- the tables as data */

static void every_row_has_a_letter_for_every_phase(void **state)
{
    (void)state;
    for (guard_cause_t cause = 0; cause < GUARD_CAUSES; cause++) {
        assert_int_equal(strlen(guard_rules[cause].in_phase), GUARD_PHASES);
        assert_int_equal(strspn(guard_rules[cause].in_phase, "-bsrE"), GUARD_PHASES);
        assert_true(guard_rules[cause].why > CCS_WHY_STARTING);
    }
}

static void nothing_may_be_closed_where_no_voltage_may_be(void **state)
{
    (void)state;
    for (ccs_topology_t topology = CCS_TOPOLOGY_OUTPUT_CONTACTOR; topology <= CCS_TOPOLOGY_DIRECT; topology++) {
        assert_int_equal(guard_may_close(topology, CCS_PHASE_OFF), 0);
        assert_int_equal(guard_may_close(topology, CCS_PHASE_DISCHARGE), 0);
        assert_int_equal(guard_may_close(topology, CCS_PHASE_WELD), 0);
        assert_int_equal(guard_may_close(topology, CCS_PHASE_FAULT), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_a_letter_for_every_phase),
        cmocka_unit_test(nothing_may_be_closed_where_no_voltage_may_be),
        cmocka_unit_test(every_want_in_every_phase_leads_where_the_table_says),
        cmocka_unit_test(every_cause_in_every_phase_has_the_reaction_of_its_row),
    };
    return cmocka_run_group_tests_name("guard_tables", tests, NULL, NULL);
}
