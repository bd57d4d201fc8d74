/* Whatever the communication asks, whatever breaks and whenever: no invariant breaks.
 *
 *     test_guard_property [SECONDS [SEED]]
 *
 * Two worlds: the plant with random wants, faults, plugging and late ticks; and a guard alone that is fed nonsense readings.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/world.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct random {
    uint64_t word;
} random_t;

static uint64_t next(random_t *random)
{
    random->word ^= random->word >> 12;
    random->word ^= random->word << 25;
    random->word ^= random->word >> 27;
    return random->word * UINT64_C(2685821657736338717);
}

static uint32_t below(random_t *random, uint32_t bound)
{
    return (uint32_t)((next(random) >> 33) % bound);
}

static bool one_in(random_t *random, uint32_t chance)
{
    return below(random, chance) == 0;
}

static int32_t some_mV(random_t *random)
{
    static const int32_t values[] = {0,      -1,     59999,  60000,  200000,  350000,    358000,
                                     400000, 420000, 500000, 850000, 1200000, INT32_MAX, INT32_MIN};
    return one_in(random, 3) ? (int32_t)below(random, 1100000) : values[below(random, sizeof(values) / sizeof(values[0]))];
}

static int32_t some_mA(random_t *random)
{
    static const int32_t values[] = {0, -1, 1, 1000, 5000, 16000, 100000, 400000, 600000, INT32_MAX, INT32_MIN};
    return one_in(random, 3) ? (int32_t)below(random, 600000) : values[below(random, sizeof(values) / sizeof(values[0]))];
}

/* ---- the plant */

typedef struct counts {
    uint64_t steps;
    uint64_t in_phase[CCS_PHASE_FAULT + 1];
    uint64_t energy, latched;
} counts_t;

static int32_t between(random_t *random, int32_t least, int32_t most)
{
    return least + (int32_t)below(random, (uint32_t)(most - least + 1));
}

/* Other settings, such that the goals of 100 ms can be met. */
static void some_settings(random_t *random, ccs_guard_config_t *config)
{
    config->pilot_lost_ms = (uint32_t)between(random, 0, 80);
    config->pilot_debounce_ms = (uint32_t)between(random, 0, 100);
    config->sample_age_ms_max = (uint32_t)between(random, 50, 250);
    config->tick_late_ms_max = (uint32_t)between(random, 20, 200);
    config->drive_valid_ms = (uint32_t)between(random, 50, 400);
    config->emergency_open_ms = (uint32_t)between(random, 0, 60);
    config->error_open_ms = (uint32_t)between(random, 100, 5000);
    config->stop_open_ms = (uint32_t)between(random, 100, 10000);
    config->contactor_ms_max = (uint32_t)between(random, 120, 600);
    config->discharge_ms_max = (uint32_t)between(random, 700, 3000);
    config->source_age_ms_max = (uint32_t)between(random, 100, 3000);
    config->source_follow_ms_max = (uint32_t)between(random, 1500, 6000); /* 1.5 mF to 1 kV with 2 A take 0.75 s */
    config->ramp_up_mA_s = between(random, 5000, 200000);
    config->headroom_mV = between(random, 25000, 120000);
    config->over_current_ms = (uint32_t)between(random, 20, 500);
    config->lease_dead_ms = (uint32_t)between(random, 1000, 10000);
    config->close_mV_max = between(random, 16000, 20000); /* the cable leaks through the resistor */
    config->isolation_settle_ms = (uint32_t)between(random, 0, 1000);
}

static ccs_guard_config_t some_config(random_t *random)
{
    ccs_guard_config_t config;
    ccs_guard_defaults(&config);
    config.topology = (ccs_topology_t)below(random, 3);
    config.edition = (ccs_edition_t)below(random, 2);
    config.meter_required = one_in(random, 2);
    config.latched = one_in(random, 20);
    config.meter_place = (ccs_meter_place_t)below(random, 2);
    const bool seen = config.meter_place == CCS_METER_BEFORE || config.topology == CCS_TOPOLOGY_DIRECT;
    config.lacks = one_in(random, 4) && seen ? CCS_LACK_FEEDBACK : 0;
    config.unlock_on_grid_loss = one_in(random, 2);
    config.isolation_ms_max = 8000;
    if (one_in(random, 2)) {
        some_settings(random, &config);
    }
    return config;
}

/* Another board, another car: fast and slow contactors, large and small capacitors, 200 V to 900 V. */
static void some_hardware(random_t *random, sim_plant_config_t *plant)
{
    plant->close_ms = (uint32_t)between(random, 5, 80);
    plant->open_ms = (uint32_t)between(random, 3, 30);
    plant->source_uF = between(random, 100, 1500);
    plant->cable_uF = between(random, 5, 30);
    plant->source_mA_ms = between(random, 200, 10000);
    plant->branch_ohm = between(random, 20, 150);
    plant->lock_ms = (uint32_t)between(random, 50, 2000);
    plant->imd_period_ms = (uint32_t)between(random, 20, 1000);
    plant->imd_self_test_ms = (uint32_t)between(random, 50, 2000);
    plant->battery_mohm = between(random, 20, 500);
    plant->battery_empty_mV = between(random, 180000, 800000);
    plant->battery_full_mV = plant->battery_empty_mV + between(random, 10000, 100000);
    plant->battery_permille = between(random, 10, 990);
    plant->car_close_ms = (uint32_t)between(random, 5, 200);
    plant->car_open_ms = (uint32_t)between(random, 3, 40);
}

static bool begin_world(sim_world_t *world, random_t *random)
{
    const ccs_guard_config_t config = some_config(random);
    sim_plant_config_t plant;
    sim_plant_defaults(&plant);
    plant.car_side_voltmeter = !one_in(random, 4);
    plant.imd_self_test_ms = 200;
    plant.battery_Wh = 600;
    plant.foreign = one_in(random, 8);
    if (!one_in(random, 3)) {
        some_hardware(random, &plant);
    }
    if (sim_world_init(world, &config, &plant) != CCS_OK) {
        return false;
    }
    world->plant.proximity_ohm = one_in(random, 4) ? 1500 : 0;
    return true;
}

static void some_want(sim_world_t *world, random_t *random)
{
    ccs_want_t *want = &world->want;
    if (!one_in(random, 5)) {
        const ccs_phase_t phase = (ccs_phase_t)below(random, CCS_PHASE_FAULT + 2);
        *want = sim_world_want(world, phase);
        want->target_mA = some_mA(random);
        return;
    }
    want->target_mV = one_in(random, 2) ? some_mV(random) : want->target_mV;
    want->car_mV_max = one_in(random, 2) ? some_mV(random) : want->car_mV_max;
    want->car_mA_max = one_in(random, 4) ? some_mA(random) : want->car_mA_max;
    want->offer_mA_max = one_in(random, 4) ? some_mA(random) : want->offer_mA_max;
    want->offer_W_max = one_in(random, 4) ? some_mA(random) : want->offer_W_max;
    want->pilot = one_in(random, 4) ? (ccs_pilot_drive_t)below(random, 4) : want->pilot;
    want->lock = one_in(random, 4) ? !want->lock : want->lock;
    want->at_once = one_in(random, 4);
    want->lease_until_ms = one_in(random, 4) ? (int64_t)next(random) : world->now_ms + (int64_t)below(random, 2000);
}

static void some_hands(sim_world_t *world, random_t *random)
{
    const bool live =
        world->report.phase == CCS_PHASE_LIVE || (world->report.phase == CCS_PHASE_PRECHARGE && world->report.settled);
    const ccs_ev_want_t want = {
        .pilot = one_in(random, 12)   ? CCS_PILOT_B
                 : one_in(random, 40) ? CCS_PILOT_A
                                      : CCS_PILOT_C,
        .close = one_in(random, 20) ? one_in(random, 2) : live,
        .lock = true,
    };
    sim_plant_car_want(&world->plant, &want);
}

static void some_fault(sim_world_t *world, random_t *random)
{
    if (one_in(random, 2)) {
        memset(world->plant.fault, 0, sizeof(world->plant.fault));
        ccs_guard_service_reset(&world->guard);
        world->plant.temperature_dC = (int32_t)below(random, 1100);
        return;
    }
    world->plant.reverse_mA = (int32_t)below(random, 100000);
    world->plant.fault[below(random, SIM_FAULTS_COUNT)] = true;
}

/* In order, so that random life reaches LIVE as well. */
static void orderly_want(sim_world_t *world, random_t *random)
{
    static const ccs_phase_t order[] = {
        [CCS_PHASE_OFF] = CCS_PHASE_TEST,  [CCS_PHASE_TEST] = CCS_PHASE_PRECHARGE, [CCS_PHASE_PRECHARGE] = CCS_PHASE_LIVE,
        [CCS_PHASE_LIVE] = CCS_PHASE_LIVE, [CCS_PHASE_RAMP] = CCS_PHASE_OFF,       [CCS_PHASE_DISCHARGE] = CCS_PHASE_OFF,
        [CCS_PHASE_WELD] = CCS_PHASE_OFF,  [CCS_PHASE_FAULT] = CCS_PHASE_OFF,
    };
    const bool ready = world->report.settled || world->report.phase >= CCS_PHASE_RAMP;
    const int32_t target_mA = one_in(random, 50) ? some_mA(random) : world->want.target_mA;
    world->want = sim_world_want(world, ready ? order[world->report.phase] : world->want.phase);
    world->want.target_mA = target_mA;
}

static void some_life(sim_world_t *world, random_t *random, bool orderly)
{
    if (orderly) {
        orderly_want(world, random);
    } else if (one_in(random, 40)) {
        some_want(world, random);
    }
    if (one_in(random, 20)) {
        some_hands(world, random);
    }
    if (one_in(random, orderly ? 1500 : 300)) {
        some_fault(world, random);
    }
    if (one_in(random, 60)) {
        sim_plant_plug(&world->plant);
    }
    if (one_in(random, 2000)) {
        sim_plant_unplug(&world->plant);
    }
}

static void count(counts_t *counts, const sim_world_t *world)
{
    counts->steps++;
    counts->in_phase[world->report.phase]++;
    counts->energy += world->drive.output_mA > 2000;
    counts->latched += world->report.latched;
}

/* Everything needed to understand what broke; the same seed shows it again. */
static void fail_world(const sim_world_t *world, uint64_t seed, uint32_t step)
{
    const sim_plant_t *plant = &world->plant;
    char faults[512] = "";
    for (int i = 0; i < SIM_FAULTS_COUNT; i++) {
        const size_t length = strlen(faults);
        if (plant->fault[i]) {
            snprintf(faults + length, sizeof(faults) - length, " %s", sim_fault_name((sim_fault_t)i));
        }
    }
    fail_msg("seed %" PRIu64
             " step %u at %lld ms: %s; %s why %s topology %d meter %d voltmeter %d lacks %d; source %d mV, cable %d mV %d mA, "
             "drive %d V %d mA main %d lock %d pilot %d; car %s close %d closed %d;%s",
             seed, step, (long long)world->violation_ms, world->violation, ccs_phase_name(world->report.phase),
             ccs_why_name(world->report.why), (int)plant->config.topology, (int)plant->config.meter_place,
             plant->config.car_side_voltmeter, world->guard_config.lacks, plant->source_mV, plant->cable_mV, plant->cable_mA,
             world->drive.output_mV / 1000, world->drive.output_mA, world->drive.main_close, world->drive.lock,
             (int)world->drive.pilot, ccs_pilot_state_name(plant->car.pilot), plant->car.close, plant->car_contactors.closed,
             faults);
}

/* Whatever has happened: once nothing is broken any more, service has been there, the car has gone back to B and OFF is asked for,
 * the guard rests, the connector is free, and the next car charges. */
static void expect_rest_and_another_charge(sim_world_t *world, uint64_t seed)
{
    const ccs_ev_want_t out = {.pilot = CCS_PILOT_B};
    memset(world->plant.fault, 0, sizeof(world->plant.fault));
    world->plant.temperature_dC = 250;
    sim_plant_plug(&world->plant);
    sim_plant_car_want(&world->plant, &out);
    world->want = sim_world_want(world, CCS_PHASE_OFF);
    sim_world_run(world, 15000); /* what stood is gone: a latch that is reset before would latch again */
    ccs_guard_service_reset(&world->guard);
    sim_world_run(world, 15000);
    const ccs_report_t rest = world->report;
    const bool free = !world->plant.locked || world->plant.config.foreign; /* whose pilot follows the lock */
    sim_plant_unplug(&world->plant);
    sim_world_run(world, 1000);
    if (rest.phase != CCS_PHASE_OFF || !rest.settled || !free) {
        fail_msg("seed %" PRIu64 ": does not come to rest: %s why %s, settled %d, locked %d", seed, ccs_phase_name(rest.phase),
                 ccs_why_name(rest.why), rest.settled, !free);
    }
    if (!world->plant.config.foreign && world->plant.battery_mWh < (int64_t)world->plant.config.battery_Wh * 1000 &&
        !sim_world_charge(world, 10000)) {
        fail_msg("seed %" PRIu64 ": the next charge does not begin: %s why %s", seed, ccs_phase_name(world->report.phase),
                 ccs_why_name(world->report.why));
    }
}

static void live_in_the_plant(uint64_t seed, uint32_t steps, counts_t *counts)
{
    random_t random = {seed * 2 + 1};
    sim_world_t world;
    next(&random);
    if (!begin_world(&world, &random)) {
        fail_msg("seed %" PRIu64 ": no world", seed);
    }
    for (uint32_t i = 0; i < steps; i++) {
        const bool orderly = i / 3000 % 2 == 0;
        some_life(&world, &random, orderly);
        sim_world_turn(&world, one_in(&random, 3000) ? below(&random, 400) : one_in(&random, 8) ? below(&random, 12) : SIM_TICK_MS);
        count(counts, &world);
        if (world.violation != NULL) {
            fail_world(&world, seed, i);
        }
    }
    expect_rest_and_another_charge(&world, seed);
    if (world.violation != NULL) {
        fail_world(&world, seed, steps);
    }
}

/* ---- the guard alone */

static void some_reading(random_t *random, ccs_reading_t *reading, int64_t now_ms, int32_t likely, uint32_t calm)
{
    reading->value = one_in(random, 3) ? likely : reading->value;
    reading->at_ms = one_in(random, 20) ? reading->at_ms : now_ms;
    if (one_in(random, calm)) {
        reading->value = one_in(random, 2) ? some_mV(random) : (int32_t)next(random);
    }
    if (one_in(random, 4 * calm)) {
        reading->at_ms = (int64_t)next(random);
    }
}

static void some_sample(random_t *random, ccs_sample_t *sample, const ccs_drive_t *drive, int64_t now_ms, uint32_t calm)
{
    const bool joined = drive->main_close || drive->precharge_close;
    const int32_t mV = drive->enable ? drive->output_mV : 0;
    some_reading(random, &sample->pilot_high_mV, now_ms, 6000, calm);
    some_reading(random, &sample->pilot_low_mV, now_ms, drive->pilot == CCS_PILOT_STEADY ? 6000 : -12000, calm);
    some_reading(random, &sample->output_mV, now_ms, mV, calm);
    some_reading(random, &sample->car_mV, now_ms, joined ? mV : 0, calm);
    some_reading(random, &sample->output_mA, now_ms, drive->phase == CCS_PHASE_LIVE ? drive->output_mA : 0, calm);
    some_reading(random, &sample->isolation_ohm, now_ms, 1000000, calm);
    some_reading(random, &sample->main_closed, now_ms, drive->main_close, calm);
    some_reading(random, &sample->precharge_closed, now_ms, drive->precharge_close, calm);
    some_reading(random, &sample->locked, now_ms, drive->lock, calm);
    some_reading(random, &sample->temperature_dC, now_ms, 300, calm);
    some_reading(random, &sample->alarms, now_ms, 0, calm);
    sample->meter = (ccs_meter_t){now_ms, (int64_t)next(random)};
}

static void check_alone(const ccs_drive_t *drive, const ccs_report_t *report, int64_t now_ms, uint64_t seed)
{
    const bool voltage = report->phase == CCS_PHASE_TEST || report->phase == CCS_PHASE_PRECHARGE ||
                         report->phase == CCS_PHASE_LIVE || report->phase == CCS_PHASE_RAMP;
    const bool closed = drive->main_close || drive->precharge_close;
    const bool fine = (voltage || (!drive->enable && !closed)) &&
                      (drive->enable || (drive->output_mV == 0 && drive->output_mA == 0)) && drive->output_mA >= 0 &&
                      drive->output_mV >= 0 && drive->output_mA <= 500000 && drive->output_mV <= 1000000 &&
                      drive->valid_until_ms > now_ms && drive->valid_until_ms <= now_ms + 400 && report->why < CCS_WHYS_COUNT &&
                      report->phase <= CCS_PHASE_FAULT && drive->pilot <= CCS_PILOT_NEGATIVE &&
                      (!report->latched || drive->pilot != CCS_PILOT_5_PERCENT);
    if (!fine) {
        fail_msg("seed %" PRIu64 " at %lld ms: a drive or report that makes no sense in %s", seed, (long long)now_ms,
                 ccs_phase_name(report->phase));
    }
}

static void live_alone(uint64_t seed, uint32_t steps, counts_t *counts)
{
    random_t random = {seed * 2 + 1};
    sim_world_t world;
    next(&random);
    if (!begin_world(&world, &random)) {
        fail_msg("seed %" PRIu64 ": no world", seed);
    }
    ccs_sample_t sample = {0};
    int64_t now_ms = 0;
    for (uint32_t i = 0; i < steps; i++) {
        now_ms += one_in(&random, 2000) ? (int64_t)below(&random, 1000) : 10;
        some_sample(&random, &sample, &world.drive, now_ms, i / 1000 % 4 == 3 ? 30 : 30000);
        world.now_ms = now_ms;
        if (i / 1000 % 2 == 0) {
            orderly_want(&world, &random);
        } else {
            some_want(&world, &random);
        }
        ccs_guard_step(&world.guard, now_ms, &sample, &world.want, &world.drive, &world.report);
        if (one_in(&random, 3000)) {
            ccs_guard_service_reset(&world.guard);
        }
        count(counts, &world);
        check_alone(&world.drive, &world.report, now_ms, seed);
    }
}

/* ---- within a budget of time */

typedef void (*life_t)(uint64_t seed, uint32_t steps, counts_t *counts);

static struct {
    unsigned seconds;
    uint64_t seed;
} given = {4, 1};

static void live_many(life_t life, const char *name)
{
    counts_t counts = {0};
    const time_t until = time(NULL) + (time_t)given.seconds;
    uint64_t seed = given.seed;
    do {
        life(seed++, 20000, &counts);
    } while (time(NULL) < until);
    printf("%s: %" PRIu64 " lives, %" PRIu64 " steps, with current %" PRIu64 ", latched %" PRIu64 ";", name, seed - given.seed,
           counts.steps, counts.energy, counts.latched);
    for (unsigned phase = 0; phase <= CCS_PHASE_FAULT; phase++) {
        printf(" %s %" PRIu64, ccs_phase_name((ccs_phase_t)phase), counts.in_phase[phase]);
        assert_true(counts.in_phase[phase] > 0); /* a property test that reaches nothing proves nothing */
    }
    printf("\n");
    assert_true(counts.energy > counts.steps / 1000);
}

static void random_life_in_the_plant_breaks_no_invariant(void **state)
{
    (void)state;
    live_many(live_in_the_plant, "plant");
}

static void nonsense_readings_and_wants_never_grant_nonsense(void **state)
{
    (void)state;
    live_many(live_alone, "alone");
}

int main(int argc, char **argv)
{
    given.seconds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : given.seconds;
    given.seed = argc > 2 ? strtoull(argv[2], NULL, 10) : given.seed;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_life_in_the_plant_breaks_no_invariant),
        cmocka_unit_test(nonsense_readings_and_wants_never_grant_nonsense),
    };
    return cmocka_run_group_tests_name("guard_property", tests, NULL, NULL);
}
