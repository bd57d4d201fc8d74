/* The car's values on the wire, and the charger's status in neutral words.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/units.h"
#include "din/ev_private.h"

enum { MILLI = -3, UNIT = 0 };

static din_physical_value_t put(const vehicle_t *vehicle, int32_t number, int8_t exponent, units_range_t range,
                                din_unit_symbol_t unit)
{
    const units_number_t packed = units_pack(number, exponent, range, UNITS_NEAREST);
    return (din_physical_value_t){.multiplier = packed.exponent,
                                  .has_unit = !(vehicle->config->habits & CCS_EV_NO_UNITS),
                                  .unit = unit,
                                  .value = packed.value};
}

din_physical_value_t din_ev_put_mV(const vehicle_t *vehicle, int32_t mV)
{
    return put(vehicle, mV, MILLI, (units_range_t){-1, 3}, DIN_UNIT_SYMBOL_V);
}

din_physical_value_t din_ev_put_mA(const vehicle_t *vehicle, int32_t mA)
{
    return put(vehicle, mA, MILLI, (units_range_t){-1, 3}, DIN_UNIT_SYMBOL_A);
}

din_physical_value_t din_ev_put_W(const vehicle_t *vehicle, int32_t W)
{
    return put(vehicle, W, UNIT, (units_range_t){0, 3}, DIN_UNIT_SYMBOL_W);
}

din_physical_value_t din_ev_put_Wh(const vehicle_t *vehicle, int64_t Wh)
{
    const int32_t told_Wh = Wh < INT32_MAX ? (int32_t)Wh : INT32_MAX;
    return put(vehicle, told_Wh, UNIT, (units_range_t){0, 3}, DIN_UNIT_SYMBOL_WH);
}

din_physical_value_t din_ev_put_seconds(const vehicle_t *vehicle, int32_t seconds)
{
    if (vehicle->config->habits & CCS_EV_MINUTES) {
        return put(vehicle, seconds / 60, UNIT, (units_range_t){0, 3}, DIN_UNIT_SYMBOL_M);
    }
    return put(vehicle, seconds, UNIT, (units_range_t){0, 3}, DIN_UNIT_SYMBOL_S);
}

din_dc_ev_status_t din_ev_put_status(const vehicle_t *vehicle)
{
    const bool conditioning = vehicle->config->tells & CCS_EV_TELLS_CONDITIONING;
    const int32_t soc_percent = vehicle_soc_permille(vehicle) / 10;
    return (din_dc_ev_status_t){
        .ev_ready = vehicle_is_ready(vehicle),
        .has_ev_cabin_conditioning = conditioning,
        .has_ev_ress_conditioning = conditioning,
        .ev_error_code = (din_dc_ev_error_code_t)vehicle->error,
        .ev_ress_soc = (int8_t)(soc_percent < 0     ? 0
                                : soc_percent > 100 ? 100
                                                    : soc_percent),
    };
}

static int32_t get(const din_physical_value_t *value, int8_t exponent)
{
    return units_unpack((units_number_t){.value = value->value, .exponent = (int8_t)value->multiplier}, exponent);
}

int32_t din_ev_get_mV(const din_physical_value_t *value)
{
    return get(value, MILLI);
}

int32_t din_ev_get_mA(const din_physical_value_t *value)
{
    return get(value, MILLI);
}

int32_t din_ev_get_W(const din_physical_value_t *value)
{
    return get(value, UNIT);
}

/* The enumerations stand in the same order; what DIN reserves is OTHER. */
static vehicle_charger_t charger_state(din_dc_evse_status_code_t code)
{
    return (unsigned)code < VEHICLE_CHARGER_OTHER ? (vehicle_charger_t)code : VEHICLE_CHARGER_OTHER;
}

void din_ev_get_status(vehicle_t *vehicle, const din_dc_evse_status_t *status, ask_note_t *note)
{
    static const char *const names[] = {"NotReady",          "Ready",       "Shutdown", "UtilityInterrupt", "IsolationMonitoring",
                                        "EmergencyShutdown", "Malfunction", "Reserved"};
    static const ccs_isolation_t isolations[] = {CCS_ISOLATION_INVALID, CCS_ISOLATION_VALID, CCS_ISOLATION_WARNING,
                                                 CCS_ISOLATION_FAULT};
    vehicle_told_t *const told = &vehicle->told;
    told->charger = charger_state(status->evse_status_code);
    if (status->has_evse_isolation_status && (unsigned)status->evse_isolation_status < sizeof isolations / sizeof isolations[0]) {
        told->isolation = isolations[status->evse_isolation_status];
    }
    told->stop = status->evse_notification == DIN_EVSE_NOTIFICATION_STOP_CHARGING;
    ask_note_text(note, "status", names[told->charger]);
    if (told->isolation != CCS_ISOLATION_VALID) {
        ask_note_text(note, "isolation", ccs_isolation_name(told->isolation));
    }
    if (told->stop) {
        ask_note_text(note, "notification", "StopCharging");
    }
    vehicle_listen(vehicle);
}
