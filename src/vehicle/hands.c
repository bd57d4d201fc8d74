/* The car's hands: S2 (pilot), contactors and the inlet's lock.
 *
 * Closing follows a voltage within 20 V. Opening is asked for and then waits for 0 A; where the car must open at once it drops the
 * pilot to B first, which makes the charger stop faster than any message, and opens when the current is gone or the wait is over.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vehicle/vehicle.h"

enum {
    CLOSE_mV_MAX = 20000,  /* the 20 V rule */
    QUIET_mA = 1000,       /* an orderly opening happens below */
    OPEN_ANYWAY_MS = 3000, /* an orderly opening waits so long for 0 A */
    OPEN_AT_ONCE_MS = 300, /* after a fault; the charger has ended the current by then (emergency stop: 200 A/s and more) */
    CLOSE_LATE_MS = 1000,  /* mirror contact later than that after a close: broken contactor */
    TURN_MS = 10,
    SAFE_mV = 60000
};

static int32_t magnitude(int32_t value)
{
    return value < 0 ? -value : value;
}

static void move(vehicle_t *vehicle, vehicle_hands_t hands)
{
    vehicle->hands = hands;
    vehicle->hands_ms = vehicle->now_ms;
}

void vehicle_get_ready(vehicle_t *vehicle)
{
    if (vehicle->hands != VEHICLE_HANDS_PLUGGED) {
        return;
    }
    move(vehicle, VEHICLE_HANDS_READY);
    vehicle_trace(vehicle, CCS_LEVEL_INFO, "pilot_C", NULL);
}

static bool near_battery(const vehicle_t *vehicle, int32_t mV)
{
    return magnitude(mV - vehicle_battery_mV(vehicle)) <= CLOSE_mV_MAX;
}

/* The inlet of a car without a body is what the charger says. */
bool vehicle_may_close(const vehicle_t *vehicle)
{
    const ccs_ev_close_t rule = vehicle->config->close_on;
    const bool reported = near_battery(vehicle, vehicle->told.present_mV);
    const bool measured = vehicle->has_body ? near_battery(vehicle, vehicle->body.inlet_mV) : reported;
    if (vehicle->hands != VEHICLE_HANDS_READY || vehicle->stop != VEHICLE_STOP_NONE ||
        !near_battery(vehicle, vehicle->precharge_mV)) {
        return false;
    }
    return (reported || rule == CCS_EV_CLOSE_ON_MEASURED) && (measured || rule == CCS_EV_CLOSE_ON_REPORTED);
}

void vehicle_close(vehicle_t *vehicle)
{
    if (vehicle->hands != VEHICLE_HANDS_READY) {
        return;
    }
    move(vehicle, VEHICLE_HANDS_CLOSED);
    vehicle_trace(vehicle, CCS_LEVEL_INFO, "contactors_close", NULL);
}

void vehicle_open(vehicle_t *vehicle)
{
    if (vehicle->hands == VEHICLE_HANDS_OPENING || vehicle->hands == VEHICLE_HANDS_OPEN) {
        return;
    }
    if (vehicle->hands != VEHICLE_HANDS_CLOSED) {
        move(vehicle, VEHICLE_HANDS_OPEN); /* they never closed */
        return;
    }
    move(vehicle, VEHICLE_HANDS_OPENING);
    vehicle_turn(vehicle, vehicle->now_ms);
}

bool vehicle_is_closed(const vehicle_t *vehicle)
{
    return vehicle->hands == VEHICLE_HANDS_CLOSED && (!vehicle->has_body || vehicle->body.contactors_closed);
}

bool vehicle_is_open(const vehicle_t *vehicle)
{
    return vehicle->hands == VEHICLE_HANDS_OPEN;
}

static bool may_open(const vehicle_t *vehicle)
{
    if (!vehicle->has_body || magnitude(vehicle->body.battery_mA) <= QUIET_mA) {
        return true;
    }
    const int64_t waited_ms = vehicle->now_ms - vehicle->hands_ms;
    const int64_t since_stop_ms = vehicle->now_ms - vehicle->stop_ms;
    return waited_ms >= OPEN_ANYWAY_MS ||
           (vehicle_stop_at_once(vehicle) && waited_ms >= OPEN_AT_ONCE_MS && since_stop_ms >= OPEN_AT_ONCE_MS);
}

static void turn_opening(vehicle_t *vehicle)
{
    if (!may_open(vehicle)) {
        return;
    }
    move(vehicle, VEHICLE_HANDS_OPEN);
    vehicle_trace(vehicle, CCS_LEVEL_INFO, "contactors_open", NULL);
}

static void turn_closed(vehicle_t *vehicle)
{
    const bool late = vehicle->now_ms - vehicle->hands_ms >= CLOSE_LATE_MS;
    if (!vehicle->has_body || vehicle->body.contactors_closed || !late) {
        return;
    }
    if (vehicle->error == CCS_EV_NO_ERROR) {
        vehicle->error = CCS_EV_RESS_MALFUNCTION;
    }
    vehicle_stop(vehicle, VEHICLE_STOP_FAULT);
}

void vehicle_turn(vehicle_t *vehicle, int64_t now_ms)
{
    vehicle->now_ms = now_ms;
    if (vehicle->unplugged) {
        vehicle_stop(vehicle, VEHICLE_STOP_UNPLUGGED);
    }
    if (vehicle->hands == VEHICLE_HANDS_CLOSED) {
        turn_closed(vehicle);
    }
    if (vehicle->hands == VEHICLE_HANDS_OPENING) {
        turn_opening(vehicle);
    }
}

int64_t vehicle_deadline_ms(const vehicle_t *vehicle)
{
    const bool moving =
        vehicle->hands == VEHICLE_HANDS_OPENING || (vehicle->hands == VEHICLE_HANDS_CLOSED && !vehicle_is_closed(vehicle));
    return moving ? vehicle->now_ms + TURN_MS : INT64_MAX;
}

void vehicle_leave(vehicle_t *vehicle)
{
    vehicle->done = true;
    vehicle_open(vehicle);
}

static ccs_pilot_state_t pilot(const vehicle_t *vehicle)
{
    if (vehicle->unplugged || (vehicle->has_body && !vehicle->body.plugged)) {
        return CCS_PILOT_A;
    }
    if (vehicle->pilot_forced || vehicle_stop_at_once(vehicle)) {
        return CCS_PILOT_B;
    }
    const bool keeps = (vehicle->config->habits & CCS_EV_KEEPS_C) && !vehicle->done;
    switch (vehicle->hands) {
    case VEHICLE_HANDS_READY:
    case VEHICLE_HANDS_CLOSED:
    case VEHICLE_HANDS_OPENING:
        return CCS_PILOT_C;
    case VEHICLE_HANDS_OPEN:
        return keeps ? CCS_PILOT_C : CCS_PILOT_B;
    case VEHICLE_HANDS_PLUGGED:
        break;
    }
    return CCS_PILOT_B;
}

void vehicle_want(const vehicle_t *vehicle, ccs_ev_want_t *want)
{
    const bool quiet = vehicle->body.inlet_mV < SAFE_mV && magnitude(vehicle->body.battery_mA) <= QUIET_mA;
    want->pilot = pilot(vehicle);
    want->close = vehicle->hands == VEHICLE_HANDS_CLOSED || vehicle->hands == VEHICLE_HANDS_OPENING;
    want->lock = !vehicle->unplugged && !(vehicle->done && vehicle_is_open(vehicle) && quiet);
}
