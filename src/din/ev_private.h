/* What the files of the car's half share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DIN_EV_PRIVATE_H
#define CCS_DIN_EV_PRIVATE_H

#include "din/ev_din.h"
#include "messages/din.h"

/* ev_values.c: values on the wire. Volts and amperes are told in tenths, as most cars do. */
din_physical_value_t din_ev_put_mV(const vehicle_t *vehicle, int32_t mV);
din_physical_value_t din_ev_put_mA(const vehicle_t *vehicle, int32_t mA);
din_physical_value_t din_ev_put_W(const vehicle_t *vehicle, int32_t W);
din_physical_value_t din_ev_put_Wh(const vehicle_t *vehicle, int64_t Wh);
din_physical_value_t din_ev_put_seconds(const vehicle_t *vehicle, int32_t seconds);
din_dc_ev_status_t din_ev_put_status(const vehicle_t *vehicle);

/* A charger's unit is not looked at: chargers leave it out or get it wrong, and the field says what it means. */
int32_t din_ev_get_mV(const din_physical_value_t *value);
int32_t din_ev_get_mA(const din_physical_value_t *value);
int32_t din_ev_get_W(const din_physical_value_t *value);
void din_ev_get_status(vehicle_t *vehicle, const din_dc_evse_status_t *status, ask_note_t *note);

/* One fill and one read per pair; ev_setup.c, ev_charge.c. */
#define EV_PAIR(name)                                                \
    void din_ev_fill_##name(vehicle_t *vehicle, ask_draft_t *draft); \
    ask_outcome_t din_ev_read_##name(vehicle_t *vehicle, const void *body, ask_note_t *note);
EV_PAIR(session_setup)
EV_PAIR(service_discovery)
EV_PAIR(service_selection)
EV_PAIR(authorization)
EV_PAIR(charge_parameters)
EV_PAIR(cable_check)
EV_PAIR(pre_charge)
EV_PAIR(power_on)
EV_PAIR(loop)
EV_PAIR(power_off)
EV_PAIR(welding)
EV_PAIR(session_stop)
#undef EV_PAIR

bool din_ev_before_cable_check(vehicle_t *vehicle);
bool din_ev_before_leaving(vehicle_t *vehicle);

#endif
