/* DIN SPEC 70121, DC: its tables for the session engine, and what its messages share.
 *
 * One pair of messages per file, the charger's answer in it. Every request of the schema is decoded; those that DIN does not use
 * for DC (ServiceDetail, PaymentDetails, ChargingStatus, MeteringReceipt, certificates) are answered with their own response type
 * and FAILED_SequenceError in every wait (unused.c).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DIN_DIN_H
#define CCS_DIN_DIN_H

#include "base/units.h"
#include "messages/din.h"
#include "session/session.h"

extern const session_protocol_t din_protocol;
extern const session_codec_t din_codec;

enum { DIN_CHARGE_SERVICE = 1, DIN_TUPLE = 1 }; /* the only service and the only schedule offered */

/* Handlers: session_answer_fn and session_refuse_fn. */
#define DIN_PAIR(name)                                                                              \
    session_outcome_t din_##name##_answer(session_t *session, const void *request, void *response); \
    void din_##name##_refuse(session_t *session, void *response, session_refusal_t why);
DIN_PAIR(session_setup)
DIN_PAIR(service_discovery)
DIN_PAIR(service_payment_selection)
DIN_PAIR(contract_authentication)
DIN_PAIR(charge_parameter_discovery)
DIN_PAIR(cable_check)
DIN_PAIR(pre_charge)
DIN_PAIR(power_delivery)
DIN_PAIR(current_demand)
DIN_PAIR(welding_detection)
DIN_PAIR(session_stop)
#undef DIN_PAIR

/* Pairs that DC does not use. */
void din_service_detail_refuse(session_t *session, void *response, session_refusal_t why);
void din_payment_details_refuse(session_t *session, void *response, session_refusal_t why);
void din_charging_status_refuse(session_t *session, void *response, session_refusal_t why);
void din_metering_receipt_refuse(session_t *session, void *response, session_refusal_t why);
void din_certificate_update_refuse(session_t *session, void *response, session_refusal_t why);
void din_certificate_installation_refuse(session_t *session, void *response, session_refusal_t why);

/* status.c: the charge in DIN's words, and DIN's words for the charge. */
din_dc_evse_status_t din_status(const charge_t *charge);
din_response_code_t din_refusal(session_refusal_t why);
charge_car_effect_t din_car_says(session_t *session, charge_car_phase_t phase, const din_dc_ev_status_t *status);
const char *din_response_code_name(din_response_code_t code);

/* values.c: PhysicalValue. The number of a car counts in the unit of its field, whatever unit stands beside it; one with the unit
 * of another quantity is counted as odd. Both directions saturate. */
din_physical_value_t din_volts(int32_t mV, units_round_t round);
din_physical_value_t din_amps(int32_t mA, units_round_t round);
din_physical_value_t din_watts(int32_t W, units_round_t round);
int32_t din_read_mV(session_t *session, const din_physical_value_t *value);
int32_t din_read_mA(session_t *session, const din_physical_value_t *value);
int32_t din_read_W(session_t *session, const din_physical_value_t *value);

#endif
