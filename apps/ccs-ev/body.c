/* SPDX-License-Identifier: Apache-2.0 */
#include "body.h"

enum { FULL_OVER_EMPTY_PERCENT = 20, DUTY_5_PERCENT = 50 };

/* Open circuit: as told at plug-in, rising by a fifth from empty to full. */
static int32_t open_circuit_mV(const body_t *body)
{
    const ccs_ev_config_t *car = &body->settings->ev;
    const int64_t gained_permille = body->now.soc_permille - car->soc_begin_permille;
    const int64_t rise_mV = (int64_t)car->pack_mV * FULL_OVER_EMPTY_PERCENT / 100;
    return (int32_t)(car->pack_mV + rise_mV * gained_permille / 1000);
}

void body_plug(body_t *body, const car_settings_t *settings, int64_t now_ms)
{
    *body = (body_t){.settings = settings, .at_ms = now_ms, .moves_ms = INT64_MAX};
    body->now.soc_permille = settings->ev.soc_begin_permille;
    body->now.battery_mV = settings->ev.pack_mV;
    body->now.plugged = true;
    body->now.duty_permille = DUTY_5_PERCENT;
}

void body_pilot(body_t *body, bool talks)
{
    body->now.duty_permille = talks && body->now.plugged ? DUTY_5_PERCENT : 0;
}

void body_unplug(body_t *body)
{
    body->now.plugged = false;
    body->now.duty_permille = 0;
}

static void contactors_follow(body_t *body, bool close, int64_t now_ms)
{
    if (close == body->now.contactors_closed) {
        body->moves_ms = INT64_MAX;
        return;
    }
    if (body->moves_ms == INT64_MAX) {
        body->moves_ms = now_ms + (close ? BODY_CLOSE_MS : BODY_OPEN_MS);
    }
    if (now_ms >= body->moves_ms) {
        body->now.contactors_closed = close;
        body->moves_ms = INT64_MAX;
    }
}

static void battery_fill(body_t *body, int64_t now_ms)
{
    const int64_t mW = (int64_t)body->now.battery_mV * body->now.battery_mA / 1000;
    const int64_t mWms_per_Wh = INT64_C(3600000000);
    body->charge_mWms += mW * (now_ms - body->at_ms);
    body->at_ms = now_ms;
    body->now.energy_Wh += body->charge_mWms / mWms_per_Wh;
    body->charge_mWms %= mWms_per_Wh;
    /* To the tenth of a percent, with what does not make a Wh yet: small batteries fill smoothly. */
    const int64_t mWh = body->now.energy_Wh * 1000 + body->charge_mWms / 3600000;
    const int64_t soc = body->settings->ev.soc_begin_permille + mWh / body->settings->ev.capacity_Wh;
    body->now.soc_permille = soc > 1000 ? 1000 : (int32_t)soc;
}

void body_turn(body_t *body, const ccs_ev_status_t *told, const ccs_ev_want_t *want, int64_t now_ms)
{
    const bool joined = body->now.plugged;
    battery_fill(body, now_ms);
    contactors_follow(body, want->close && joined, now_ms);
    body->now.locked = want->lock && joined;
    body->now.battery_mA = joined && body->now.contactors_closed ? told->present_mA : 0;
    body->now.battery_mV = open_circuit_mV(body) + (int32_t)((int64_t)body->now.battery_mA * body->settings->battery_mohm / 1000);
    body->now.inlet_mV = joined && !body->now.contactors_closed ? told->present_mV : joined ? body->now.battery_mV : 0;
}
