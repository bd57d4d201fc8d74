/* What the record says is what went through the plug: within 1 % (and the meter's own step of 1 Wh at either end), whatever ended
 * the charge, over every topology and meter place.
 * SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "run.h"

#include <stdio.h>
#include <stdlib.h>

static run_t run;
static char what[128];

static void drive_on(void)
{
}

static void stop_at_charger(void)
{
    sim_session_stop(&run.session, CCS_STOP_USER);
}

static void press_button(void)
{
    run.session.world.plant.fault[SIM_EMERGENCY_STOP] = true;
}

static void pull_plug(void)
{
    sim_session_unplug(&run.session);
}

static void cut_network(void)
{
    run.session.cut = true;
}

static void silence_source(void)
{
    run.session.world.plant.fault[SIM_SOURCE_SILENT] = true;
}

static const struct ending {
    const char *name;
    void (*act)(void);
    ccs_end_t end;
} endings[] = {
    {"the car ends it", drive_on, CCS_END_COMPLETED},
    {"stop at the charger", stop_at_charger, CCS_END_STOPPED_USER},
    {"emergency under current", press_button, CCS_END_EMERGENCY},
    {"pulled under current", pull_plug, CCS_END_UNPLUGGED},
    {"network lost under current: the car goes to B", cut_network, CCS_END_CAR_ERROR},
    {"silent source", silence_source, CCS_END_CHARGER_ERROR},
};
enum { ENDINGS = sizeof endings / sizeof endings[0], WIRINGS = 6 };

static void charge(const struct ending *ending, int wiring)
{
    sim_session_config_t config;
    run_defaults(&config);
    config.ev.duration_stop_ms = ending->act == drive_on ? 60000 : 0;
    config.guard.topology = (ccs_topology_t)(wiring % 3);
    config.guard.meter_place = (ccs_meter_place_t)(wiring / 3);
    (void)snprintf(what, sizeof what, "%s, wiring %d", ending->name, wiring);
    run.what = what;
    run_start(&run, &config);
    run_to(&run, &run_points[RUN_LOOP]);
    run_ms(&run, 50000);
    ending->act();
    const uint32_t one = 1;
    assert_true(run_until(&run, sim_recorded, &one, 120000));
}

static void expect_energy(const struct ending *ending)
{
    const ccs_record_t *const record = &run.session.record;
    const int64_t plug_mWh = run.session.world.plant.plug_mWh;
    const int64_t told_mWh = (record->meter_end_Wh - record->meter_begin_Wh) * 1000;
    if (record->end != ending->end || plug_mWh < 500000 || llabs(told_mWh - plug_mWh) > plug_mWh / 100 + 2000) {
        fail_msg("%s: ended %s; record %lld mWh, plug %lld mWh", run.what, ccs_end_name(record->end), (long long)told_mWh,
                 (long long)plug_mWh);
    }
}

static void the_record_tells_the_energy_through_the_plug(void **state)
{
    (void)state;
    for (int wiring = 0; wiring < WIRINGS; wiring++) {
        for (size_t i = 0; i < ENDINGS; i++) {
            charge(&endings[i], wiring);
            expect_energy(&endings[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_record_tells_the_energy_through_the_plug)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
