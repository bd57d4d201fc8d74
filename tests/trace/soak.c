/* Soak: charges of random cars with random misbehaviours, faults and hands on the charger, one after the other at one charger, on
 * the virtual clock. Every step checks every invariant; after every charge the record is there once, the outlet is safe, and
 * whatever is not latched takes the next car.
 *
 *     soak [--seed N] [--sessions N] [--seconds N]
 *
 * Ends with 0, or with the seed, what was done, and the story of the session that broke something.
 * SPDX-License-Identifier: Apache-2.0 */
#include "story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SESSION_MS_MAX = 200000, SAFE_MS_MAX = 60000 };

typedef struct soak {
    uint64_t seed, random;
    uint32_t sessions, done, charged;
    double seconds;
    bool clean; /* an ordinary car, and nobody interferes: it must charge */
    sim_session_t session;
    story_t story;
    char plan[256];
} soak_t;

static uint32_t pick(soak_t *soak, uint32_t below)
{
    soak->random = soak->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(soak->random >> 33) % below;
}

static bool chance(soak_t *soak, uint32_t percent)
{
    return pick(soak, 100) < percent;
}

/* --- what is going to happen --------------------------------------------------------------------------------------- */

static const char *const requests[] = {"supportedAppProtocolReq",
                                       "SessionSetupReq",
                                       "ServiceDiscoveryReq",
                                       "ServicePaymentSelectionReq",
                                       "CableCheckReq",
                                       "ContractAuthenticationReq",
                                       "ChargeParameterDiscoveryReq",
                                       "PreChargeReq",
                                       "PowerDeliveryReq",
                                       "CurrentDemandReq",
                                       "CurrentDemandReq",
                                       "CurrentDemandReq",
                                       "WeldingDetectionReq",
                                       "SessionStopReq"};

static void plan_misbehaviour(soak_t *soak, ccs_ev_config_t *ev)
{
    ev->misbehave = (ccs_misbehave_t)(1 + pick(soak, CCS_MIS_COUNT - 1));
    ev->misbehave_at = requests[pick(soak, sizeof requests / sizeof requests[0])];
    ev->misbehave_count = 1 + (chance(soak, 50) ? pick(soak, 60) : 0);
    ev->misbehave_value = ev->misbehave == CCS_MIS_ERROR_CODE ? pick(soak, CCS_EV_NO_DATA + 1) : pick(soak, 200);
    ev->misbehave_ms = pick(soak, 4000);
}

static void plan_car(soak_t *soak, sim_session_config_t *config)
{
    ccs_ev_config_t *const ev = &config->ev;
    size_t presets = 0;
    while (ccs_ev_preset_name(presets)) {
        presets++;
    }
    ccs_ev_defaults(ev);
    const uint32_t car = pick(soak, (uint32_t)presets + 1);
    if (car < presets && ccs_ev_preset(ev, ccs_ev_preset_name(car)) != CCS_OK) {
        abort();
    }
    ev->duration_stop_ms = 500 + pick(soak, 20000);
    ev->loop_ms = pick(soak, 150);
    ev->poll_ms = 20 + pick(soak, 300);
    ev->weld_test = chance(soak, 70);
    ev->trace = soak->story.car;
    soak->clean = chance(soak, 50);
    if (!soak->clean) {
        plan_misbehaviour(soak, ev);
    }
    config->authorize.after_ms = chance(soak, 20) ? pick(soak, 10000) : 0;
    config->authorize.verdict = chance(soak, 95) ? CCS_GRANTED : CCS_DENIED;
    soak->clean = soak->clean && config->authorize.verdict == CCS_GRANTED;
    (void)snprintf(soak->plan, sizeof soak->plan, "car %s, %s at %s #%u, value %u, %u ms",
                   car < presets ? ccs_ev_preset_name(car) : "default", ccs_misbehave_name(ev->misbehave),
                   ev->misbehave_at ? ev->misbehave_at : "-", ev->misbehave_count, ev->misbehave_value, ev->misbehave_ms);
}

static void note_plan(soak_t *soak, const char *act, const char *name)
{
    const size_t length = strlen(soak->plan);
    (void)snprintf(soak->plan + length, sizeof soak->plan - length, "; %s %s", act, name);
    story_say(&soak->story, &soak->session, name);
}

static void throw_fault(soak_t *soak)
{
    sim_plant_t *const plant = &soak->session.world.plant;
    const sim_fault_t fault = (sim_fault_t)pick(soak, SIM_FAULTS_COUNT);
    plant->overshoot_mV = (int32_t)pick(soak, 200000);
    plant->overshoot_mA = (int32_t)pick(soak, 100000);
    plant->reverse_mA = (int32_t)pick(soak, 100000);
    plant->isolation_low_ohm = (int32_t)pick(soak, 100000);
    plant->fault[fault] = true;
    note_plan(soak, "fault", sim_fault_name(fault));
}

static void change_limits(soak_t *soak)
{
    const bool tiny = chance(soak, 30);
    const ccs_limits_t limits = {.mV_max = tiny ? 0 : 300000 + (int32_t)pick(soak, 700000),
                                 .charge_mA_max = (int32_t)pick(soak, tiny ? 5 : 250000) - 1,
                                 .power_W_max = (int32_t)pick(soak, tiny ? 5 : 200000) - 1};
    sim_session_limits(&soak->session, &limits);
    note_plan(soak, "limits", "changed");
}

/* One hand from outside, at a random moment of the charge. */
static void interfere(soak_t *soak)
{
    sim_session_t *const session = &soak->session;
    switch (pick(soak, 9)) {
    case 8:
        note_plan(soak, "guard", "held up");
        session->stalled_ms = session->now_ms + pick(soak, 400);
        break;
    case 0:
        note_plan(soak, "stop", "by user");
        sim_session_stop(session, CCS_STOP_USER);
        break;
    case 1:
        note_plan(soak, "stop", "emergency");
        sim_session_stop(session, CCS_STOP_EMERGENCY);
        break;
    case 2:
        note_plan(soak, "plug", "pulled");
        sim_session_unplug(session);
        break;
    case 3:
        note_plan(soak, "network", "cut");
        session->cut = true;
        break;
    case 4:
        note_plan(soak, "stop", "by driver");
        sim_session_car_stop(session, chance(soak, 50) ? CCS_STOP_USER : CCS_STOP_EMERGENCY);
        break;
    case 5:
        change_limits(soak);
        break;
    default:
        throw_fault(soak);
        break;
    }
}

/* --- running ------------------------------------------------------------------------------------------------------- */

static bool watch(const sim_session_t *session, const void *context)
{
    story_t *const story = (story_t *)(uintptr_t)context;
    story_watch(story, session);
    return session->world.violation != NULL;
}

/* The car has left, or was pulled, and the charger has no session any more. (A car that was never offered 5 % waits at "plug".) */
static bool watch_over(const sim_session_t *session, const void *context)
{
    const bool gone = !session->world.plant.plugged || session->ev_out.done;
    return watch(session, context) || (gone && !session->stream[SIM_CHARGER].open);
}

static bool watch_safe(const sim_session_t *session, const void *context)
{
    const bool safe = !session->world.plant.main.closed && !sim_plant_energised(&session->world.plant);
    return watch(session, context) || (safe && session->world.report.settled);
}

static const char *run_session(soak_t *soak)
{
    sim_session_t *const session = &soak->session;
    const uint32_t records = session->records;
    if (sim_session_plug(session) != CCS_OK) {
        return "the car's configuration is refused";
    }
    if (chance(soak, 40)) {
        soak->clean = false;
        (void)sim_session_until(session, watch, &soak->story, pick(soak, 12000));
        interfere(soak);
    }
    const bool ended = sim_session_until(session, watch_over, &soak->story, SESSION_MS_MAX) || sim_car_asks(session, "plug");
    if (session->world.violation) {
        return session->world.violation;
    }
    sim_session_unplug(session);
    (void)sim_session_until(session, watch, &soak->story, 4000);
    memset(session->world.plant.fault, 0, sizeof session->world.plant.fault);
    session->cut = false;
    if (!ended || !sim_session_until(session, watch_safe, &soak->story, SAFE_MS_MAX)) {
        return session->world.violation ? session->world.violation : "does not come to an end";
    }
    (void)sim_session_until(session, watch, &soak->story, 8000);
    if (session->world.violation) {
        return session->world.violation;
    }
    if (soak->clean && ccs_ev_status(&session->ev)->result != CCS_EV_CHARGED) {
        return "an ordinary charge does not work";
    }
    return session->records > records + 1 ? "more than one record" : NULL;
}

/* Another board: slow and fast contactors, sources, monitors and locks, within what the settings allow. */
static void plan_hardware(soak_t *soak, sim_session_config_t *config)
{
    sim_plant_config_t *const plant = &config->plant;
    plant->close_ms = 5 + pick(soak, 90);
    plant->open_ms = 3 + pick(soak, 30);
    plant->source_uF = 100 + (int32_t)pick(soak, 1000);
    plant->cable_uF = 5 + (int32_t)pick(soak, 25);
    plant->source_mA_ms = 300 + (int32_t)pick(soak, 5000);
    plant->branch_ohm = 20 + (int32_t)pick(soak, 100);
    plant->lock_ms = 50 + pick(soak, 2000);
    plant->imd_self_test_ms = 50 + pick(soak, 5000);
    plant->imd_period_ms = 20 + pick(soak, 1000);
    plant->meter_period_ms = 100 + pick(soak, 1900);
    plant->car_close_ms = 5 + pick(soak, 150);
    plant->car_open_ms = 3 + pick(soak, 40);
    plant->battery_mohm = 20 + (int32_t)pick(soak, 200);
}

static const char *start_charger(soak_t *soak)
{
    sim_session_config_t config;
    sim_session_defaults(&config);
    config.seed = pick(soak, UINT32_MAX);
    config.latency_ms = pick(soak, 30);
    config.jitter_ms = pick(soak, 20);
    config.segment = chance(soak, 30) ? 1 + pick(soak, 60) : 0;
    plan_hardware(soak, &config);
    config.guard.topology = (ccs_topology_t)pick(soak, 3);
    config.guard.meter_place = (ccs_meter_place_t)pick(soak, 2);
    config.guard.edition = (ccs_edition_t)pick(soak, 2);
    config.guard.meter_required = config.secc.meter_required = chance(soak, 30);
    config.plant.car_side_voltmeter = chance(soak, 70);
    story_init(&soak->story);
    config.secc.trace = soak->story.charger;
    plan_car(soak, &config);
    sim_session_fit_battery(&config);
    return sim_session_init(&soak->session, &config) == CCS_OK ? NULL : "the charger's configuration is refused";
}

/* The next car brings its own battery. */
static void swap_battery(sim_session_t *session)
{
    sim_plant_t *const plant = &session->world.plant;
    sim_session_fit_battery(&session->config);
    const sim_plant_config_t *const car = &session->config.plant;
    plant->config.battery_empty_mV = car->battery_empty_mV;
    plant->config.battery_full_mV = car->battery_full_mV;
    plant->config.battery_Wh = car->battery_Wh;
    plant->battery_mWh = (int64_t)car->battery_Wh * car->battery_permille;
}

/* Some charges at one charger, each with another car; the charger is new then, or when somebody would have to come with a tool. */
static const char *run_charger(soak_t *soak)
{
    const char *broken = start_charger(soak);
    for (int i = 0; i < 5 && !broken && !soak->session.world.report.latched; i++) {
        if (i > 0) {
            story_init(&soak->story);
            plan_car(soak, &soak->session.config);
            swap_battery(&soak->session);
            sim_session_limits(&soak->session, &soak->session.config.secc.limits);
            sim_session_reset(&soak->session);
        }
        broken = run_session(soak);
        soak->done++;
        soak->charged += ccs_ev_status(&soak->session.ev)->result == CCS_EV_CHARGED;
    }
    return broken;
}

static int complain(const soak_t *soak, uint64_t seed, const char *broken)
{
    static story_t told;
    told = soak->story;
    (void)printf("%s\nsoak: %s\n  %s\n  again: soak --seed %llu --sessions 1\n", story_text(&told), broken, soak->plan,
                 (unsigned long long)seed);
    return 1;
}

static bool read_arguments(soak_t *soak, int count, char **words)
{
    for (int i = 1; i + 1 < count; i += 2) {
        if (strcmp(words[i], "--seed") == 0) {
            soak->seed = strtoull(words[i + 1], NULL, 10);
        } else if (strcmp(words[i], "--sessions") == 0) {
            soak->sessions = (uint32_t)strtoul(words[i + 1], NULL, 10);
        } else if (strcmp(words[i], "--seconds") == 0) {
            soak->seconds = strtod(words[i + 1], NULL);
        } else {
            return false;
        }
    }
    return count % 2 == 1;
}

static double used_s(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

int main(int count, char **words)
{
    static soak_t soak;
    soak.seed = 1;
    soak.sessions = 1000;
    soak.seconds = 3600;
    if (!read_arguments(&soak, count, words)) {
        (void)fputs("usage: soak [--seed N] [--sessions N] [--seconds N]\n", stderr);
        return 2;
    }
    for (uint64_t seed = soak.seed; soak.done < soak.sessions && used_s() < soak.seconds; seed++) {
        soak.random = seed * 0x9E3779B97F4A7C15u;
        const char *const broken = run_charger(&soak);
        if (broken) {
            return complain(&soak, seed, broken);
        }
    }
    (void)printf("soak: %u sessions, %u of them charged to the car's wish, %.1f s\n", soak.done, soak.charged, used_s());
    return 0;
}
