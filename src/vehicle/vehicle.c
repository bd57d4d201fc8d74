/* The car's limits, wishes and reasons to stop.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vehicle/vehicle.h"

#include <string.h>

/* Own settings of the simulated car, chosen to be quicker than any timer of a protocol. */
enum {
    PILOT_LOST_MS = 100,        /* duty outside 3 .. 7 % so long: the charger does not talk to us any more (IEC 61851-1) */
    CURRENT_TOLERATED_MS = 500, /* more current than our limit for longer is a fault */
    RAMP_MS_MAX = 3000,         /* an own ramp to 0 A before the end of the loop */
    PRECHARGE_mA_MAX = 2000,    /* DIN 70121: at most 2 A in PreCharge */
    QUIET_mA = 1000,            /* "no current" */
    DAY_S = 86400
};

#define NAME(name, text) #name,
#define TEXT(name, text) text,
static const char *const stop_names[] = {VEHICLE_STOPS(NAME)};
static const char *const stop_texts[] = {VEHICLE_STOPS(TEXT)};

/* The current a lithium battery takes: permille of the car's maximum, from this state of charge on. */
static const struct taper {
    int16_t soc_permille, current_permille;
} tapers[] = {{0, 1000}, {500, 900}, {600, 750}, {700, 600}, {800, 400}, {900, 200}, {950, 100}, {990, 40}};

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t magnitude(int32_t value)
{
    return value < 0 ? -value : value;
}

void vehicle_init(vehicle_t *vehicle, const ccs_ev_config_t *config, int64_t now_ms)
{
    memset(vehicle, 0, sizeof *vehicle);
    vehicle->config = config;
    vehicle->now_ms = now_ms;
    vehicle->hands_ms = now_ms;
    vehicle->loop_ms = -1;
    vehicle->pilot_bad_ms = -1;
    vehicle->current_bad_ms = -1;
    vehicle->opened_ms = -1;
}

void vehicle_trace(const vehicle_t *vehicle, ccs_level_t level, const char *event, const char *text)
{
    const ccs_trace_t *const trace = &vehicle->config->trace;
    if (!trace->hook) {
        return;
    }
    ccs_trace_record_t record = {.now_ms = vehicle->now_ms, .level = level, .room = "car", .event = event};
    if (text) {
        record.field[record.fields++] = (ccs_trace_field_t){.name = "why", .text = text};
    }
    if (vehicle->has_body) {
        record.field[record.fields++] = (ccs_trace_field_t){.name = "inlet_mV", .number = vehicle->body.inlet_mV};
        record.field[record.fields++] = (ccs_trace_field_t){.name = "battery_mA", .number = vehicle->body.battery_mA};
    }
    trace->hook(trace->ctx, &record);
}

void vehicle_stop(vehicle_t *vehicle, vehicle_stop_t stop)
{
    if (stop <= vehicle->stop || (vehicle->done && vehicle_is_open(vehicle))) {
        return; /* a car that has left, contactors open, has nothing left to stop */
    }
    const bool first = vehicle->stop == VEHICLE_STOP_NONE;
    if (!first && stop < VEHICLE_STOP_CHARGER_FAULT) {
        return;
    }
    vehicle->stop = stop;
    if (first) {
        vehicle->stop_ms = vehicle->now_ms;
    }
    const bool fast = vehicle_stop_at_once(vehicle);
    vehicle_trace(vehicle, fast ? CCS_LEVEL_WARNING : CCS_LEVEL_INFO, fast ? "stop_at_once" : "stop", stop_texts[stop]);
    if (fast) {
        vehicle_open(vehicle);
    }
}

bool vehicle_stop_at_once(const vehicle_t *vehicle)
{
    return vehicle->stop >= VEHICLE_STOP_CHARGER_FAULT;
}

/* What the charger's status means for the car. SHUTDOWN and UTILITY are wishes; isolation and the rest are faults. */
static const vehicle_stop_t charger_stops[] = {
    [VEHICLE_CHARGER_NOT_READY] = VEHICLE_STOP_NONE,
    [VEHICLE_CHARGER_READY] = VEHICLE_STOP_NONE,
    [VEHICLE_CHARGER_SHUTDOWN] = VEHICLE_STOP_CHARGER,
    [VEHICLE_CHARGER_UTILITY] = VEHICLE_STOP_CHARGER,
    [VEHICLE_CHARGER_CHECKING] = VEHICLE_STOP_NONE,
    [VEHICLE_CHARGER_EMERGENCY] = VEHICLE_STOP_CHARGER_FAULT,
    [VEHICLE_CHARGER_MALFUNCTION] = VEHICLE_STOP_CHARGER_FAULT,
    [VEHICLE_CHARGER_OTHER] = VEHICLE_STOP_NONE,
};

void vehicle_listen(vehicle_t *vehicle)
{
    const vehicle_told_t *const told = &vehicle->told;
    const vehicle_stop_t stop = charger_stops[told->charger];
    if (stop != VEHICLE_STOP_NONE) {
        vehicle_stop(vehicle, stop);
    }
    if (told->isolation == CCS_ISOLATION_FAULT) {
        vehicle_stop(vehicle, VEHICLE_STOP_CHARGER_FAULT);
    }
    if (told->stop) {
        vehicle_stop(vehicle, VEHICLE_STOP_CHARGER);
    }
    /* NotReady in the loop: the charger has ended it without saying so. */
    if (told->charger == VEHICLE_CHARGER_NOT_READY && vehicle->loop_ms >= 0) {
        vehicle_stop(vehicle, VEHICLE_STOP_CHARGER);
    }
}

static void fail(vehicle_t *vehicle, ccs_ev_error_t error)
{
    if (vehicle->error == CCS_EV_NO_ERROR) {
        vehicle->error = (uint8_t)error;
    }
    vehicle_stop(vehicle, VEHICLE_STOP_FAULT);
}

void vehicle_match(vehicle_t *vehicle)
{
    if (vehicle->told.mV_max < vehicle_battery_mV(vehicle)) {
        fail(vehicle, CCS_EV_SYSTEM_INCOMPATIBILITY);
    }
}

/* True once a condition has stood for so long. */
static bool lasts(int64_t *since_ms, bool stands, int64_t now_ms, int64_t tolerated_ms)
{
    if (!stands) {
        *since_ms = -1;
        return false;
    }
    if (*since_ms < 0) {
        *since_ms = now_ms;
    }
    return now_ms - *since_ms >= tolerated_ms;
}

static void guard_limits(vehicle_t *vehicle)
{
    const ccs_ev_config_t *const config = vehicle->config;
    const ccs_body_t *const body = &vehicle->body;
    const bool closed = vehicle->hands == VEHICLE_HANDS_CLOSED || body->contactors_closed;
    const int32_t mV_tolerated = config->mV_max + config->mV_max / 50 + 5000;
    if (closed && (body->battery_mV > mV_tolerated || body->inlet_mV > mV_tolerated)) {
        fail(vehicle, CCS_EV_VOLTAGE_OUT_OF_RANGE);
    }
    const bool too_much = body->battery_mA > config->mA_max + config->mA_max / 10 + 2000;
    if (lasts(&vehicle->current_bad_ms, too_much, vehicle->now_ms, CURRENT_TOLERATED_MS)) {
        fail(vehicle, CCS_EV_CURRENT_DIFFERENTIAL);
    }
    if (body->error != CCS_EV_NO_ERROR) {
        fail(vehicle, (ccs_ev_error_t)body->error);
    }
}

static void guard_plug(vehicle_t *vehicle)
{
    const ccs_body_t *const body = &vehicle->body;
    const bool active = vehicle->hands == VEHICLE_HANDS_READY || vehicle->hands == VEHICLE_HANDS_CLOSED;
    const bool bad = active && (body->duty_permille < 30 || body->duty_permille > 70);
    if (lasts(&vehicle->pilot_bad_ms, bad, vehicle->now_ms, PILOT_LOST_MS)) {
        vehicle_stop(vehicle, VEHICLE_STOP_PILOT);
    }
    if (!body->plugged) {
        vehicle_stop(vehicle, VEHICLE_STOP_UNPLUGGED);
    }
}

static void check_wishes(vehicle_t *vehicle)
{
    const ccs_ev_config_t *const config = vehicle->config;
    if (vehicle->loop_ms < 0) {
        return;
    }
    if (vehicle_soc_permille(vehicle) >= config->soc_stop_permille) {
        vehicle_stop(vehicle, VEHICLE_STOP_SOC);
    }
    if (config->energy_stop_Wh > 0 && vehicle->body.energy_Wh - vehicle->energy_begin_Wh >= config->energy_stop_Wh) {
        vehicle_stop(vehicle, VEHICLE_STOP_ENERGY);
    }
    if (config->duration_stop_ms > 0 && vehicle->now_ms - vehicle->loop_ms >= (int64_t)config->duration_stop_ms) {
        vehicle_stop(vehicle, VEHICLE_STOP_DURATION);
    }
}

void vehicle_feel(vehicle_t *vehicle, int64_t now_ms, const ccs_body_t *body)
{
    vehicle->now_ms = now_ms;
    vehicle->body = *body;
    if (!vehicle->has_body) {
        vehicle->has_body = true;
        vehicle->energy_begin_Wh = body->energy_Wh;
    }
    guard_limits(vehicle);
    guard_plug(vehicle);
    vehicle_turn(vehicle, now_ms);
}

vehicle_target_t vehicle_precharge(vehicle_t *vehicle)
{
    const ccs_ev_config_t *const config = vehicle->config;
    const bool first = vehicle->precharges++ == 0;
    const int32_t battery_mV = vehicle_battery_mV(vehicle);
    vehicle->precharge_mV = first && config->precharge_first_mV > 0 ? config->precharge_first_mV : battery_mV;
    vehicle->asked = (vehicle_target_t){vehicle->precharge_mV, least(config->precharge_mA, PRECHARGE_mA_MAX)};
    return vehicle->asked;
}

/* Constant current by state of charge, then constant voltage: in the last 2 % below the limit the current goes to zero. */
static int32_t battery_takes_mA(const vehicle_t *vehicle)
{
    const ccs_ev_config_t *const config = vehicle->config;
    int32_t permille = 1000;
    for (size_t i = 0; i < sizeof tapers / sizeof tapers[0]; i++) {
        if (vehicle_soc_permille(vehicle) >= tapers[i].soc_permille) {
            permille = tapers[i].current_permille;
        }
    }
    const int32_t band_mV = config->mV_max / 50;
    const int32_t headroom_mV = config->mV_max - vehicle_battery_mV(vehicle);
    if (headroom_mV <= 0 || band_mV <= 0) {
        return 0;
    }
    if (headroom_mV < band_mV) {
        permille = (int32_t)((int64_t)permille * headroom_mV / band_mV);
    }
    return (int32_t)((int64_t)config->mA_max * permille / 1000);
}

static int32_t wished_mA(const vehicle_t *vehicle)
{
    const ccs_ev_config_t *const config = vehicle->config;
    const int32_t battery_mV = vehicle_battery_mV(vehicle);
    if (vehicle->stop != VEHICLE_STOP_NONE || !vehicle_is_closed(vehicle)) {
        return 0;
    }
    int32_t mA = battery_takes_mA(vehicle);
    if (config->W_max > 0 && battery_mV > 0) {
        const int64_t by_power_mA = (int64_t)config->W_max * 1000000 / battery_mV;
        mA = by_power_mA < mA ? (int32_t)by_power_mA : mA;
    }
    return vehicle->told.mA_max > 0 ? least(mA, vehicle->told.mA_max) : mA;
}

vehicle_target_t vehicle_demand(vehicle_t *vehicle)
{
    const ccs_ev_config_t *const config = vehicle->config;
    if (vehicle->loop_ms < 0) {
        vehicle->loop_ms = vehicle->now_ms;
    }
    check_wishes(vehicle);
    const int32_t battery_mV = vehicle_battery_mV(vehicle);
    const int32_t wished_mV = config->mV_target > 0 ? config->mV_target : battery_mV + battery_mV / 20;
    vehicle->asked = (vehicle_target_t){least(wished_mV, config->mV_max), wished_mA(vehicle)};
    return vehicle->asked;
}

bool vehicle_may_end_loop(const vehicle_t *vehicle)
{
    if (vehicle->stop == VEHICLE_STOP_NONE) {
        return false;
    }
    if (vehicle_stop_at_once(vehicle) || (vehicle->config->habits & CCS_EV_ABRUPT_STOP)) {
        return true;
    }
    return magnitude(vehicle->told.present_mA) <= QUIET_mA || vehicle->now_ms - vehicle->stop_ms >= RAMP_MS_MAX;
}

bool vehicle_is_ready(const vehicle_t *vehicle)
{
    if (vehicle->not_ready || vehicle_stop_at_once(vehicle)) {
        return false;
    }
    const bool early = (vehicle->config->habits & CCS_EV_READY_EARLY) && vehicle->hands == VEHICLE_HANDS_PLUGGED;
    return early || vehicle->hands == VEHICLE_HANDS_READY || vehicle->hands == VEHICLE_HANDS_CLOSED;
}

int32_t vehicle_soc_permille(const vehicle_t *vehicle)
{
    return vehicle->has_body ? vehicle->body.soc_permille : vehicle->config->soc_begin_permille;
}

int32_t vehicle_battery_mV(const vehicle_t *vehicle)
{
    return vehicle->has_body ? vehicle->body.battery_mV : vehicle->config->pack_mV;
}

bool vehicle_bulk_complete(const vehicle_t *vehicle)
{
    return vehicle_soc_permille(vehicle) >= vehicle->config->soc_bulk_permille;
}

bool vehicle_complete(const vehicle_t *vehicle)
{
    return vehicle->stop >= VEHICLE_STOP_SOC && vehicle->stop <= VEHICLE_STOP_DURATION;
}

int64_t vehicle_request_Wh(const vehicle_t *vehicle)
{
    const int32_t to_go_permille = 1000 - vehicle_soc_permille(vehicle);
    return to_go_permille > 0 ? (int64_t)vehicle->config->capacity_Wh * to_go_permille / 1000 : 0;
}

int32_t vehicle_seconds_to(const vehicle_t *vehicle, int32_t soc_permille)
{
    const int64_t to_go_permille = soc_permille - vehicle_soc_permille(vehicle);
    const int64_t mW = (int64_t)vehicle->told.present_mV * magnitude(vehicle->told.present_mA) / 1000;
    if (to_go_permille <= 0) {
        return 0;
    }
    if (mW <= 0) {
        return DAY_S;
    }
    const int64_t seconds = (int64_t)vehicle->config->capacity_Wh * to_go_permille * 3600 / mW;
    return seconds < DAY_S ? (int32_t)seconds : DAY_S;
}

const char *vehicle_stop_name(vehicle_stop_t stop)
{
    return (unsigned)stop < VEHICLE_STOPS_COUNT ? stop_names[stop] : "?";
}

const char *vehicle_stop_text(vehicle_stop_t stop)
{
    return (unsigned)stop < VEHICLE_STOPS_COUNT ? stop_texts[stop] : "?";
}
