/* One table from the charge to DIN's codes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "din/din.h"

static const din_dc_evse_status_code_t status_codes[CHARGE_STATUSES] = {
    [CHARGE_STATUS_NOT_READY] = DIN_DC_EVSE_STATUS_CODE_EVSE_NOT_READY,
    [CHARGE_STATUS_READY] = DIN_DC_EVSE_STATUS_CODE_EVSE_READY,
    [CHARGE_STATUS_SHUTDOWN] = DIN_DC_EVSE_STATUS_CODE_EVSE_SHUTDOWN,
    [CHARGE_STATUS_UTILITY] = DIN_DC_EVSE_STATUS_CODE_EVSE_UTILITY_INTERRUPT_EVENT,
    [CHARGE_STATUS_TESTING] = DIN_DC_EVSE_STATUS_CODE_EVSE_ISOLATION_MONITORING_ACTIVE,
    [CHARGE_STATUS_EMERGENCY] = DIN_DC_EVSE_STATUS_CODE_EVSE_EMERGENCY_SHUTDOWN,
    [CHARGE_STATUS_MALFUNCTION] = DIN_DC_EVSE_STATUS_CODE_EVSE_MALFUNCTION,
};

/* DIN knows neither pause nor another service: both are a stop. */
static const din_evse_notification_t notifications[CHARGE_NOTICES] = {
    [CHARGE_NOTICE_NONE] = DIN_EVSE_NOTIFICATION_NONE,
    [CHARGE_NOTICE_STOP] = DIN_EVSE_NOTIFICATION_STOP_CHARGING,
    [CHARGE_NOTICE_SCHEDULE] = DIN_EVSE_NOTIFICATION_RE_NEGOTIATION,
    [CHARGE_NOTICE_PAUSE] = DIN_EVSE_NOTIFICATION_STOP_CHARGING,
    [CHARGE_NOTICE_SERVICE] = DIN_EVSE_NOTIFICATION_STOP_CHARGING,
    [CHARGE_NOTICE_METERING] = DIN_EVSE_NOTIFICATION_NONE,
};

static const din_isolation_level_t isolation_levels[] = {
    [CCS_ISOLATION_INVALID] = DIN_ISOLATION_LEVEL_INVALID,
    [CCS_ISOLATION_VALID] = DIN_ISOLATION_LEVEL_VALID,
    [CCS_ISOLATION_WARNING] = DIN_ISOLATION_LEVEL_WARNING,
    [CCS_ISOLATION_FAULT] = DIN_ISOLATION_LEVEL_FAULT,
};

/* EVSEIsolationStatus is optional in the schema and mandatory in DIN 70121. */
din_dc_evse_status_t din_status(const charge_t *charge)
{
    return (din_dc_evse_status_t){.has_evse_isolation_status = true,
                                  .evse_isolation_status = isolation_levels[charge_isolation(charge)],
                                  .evse_status_code = status_codes[charge_status(charge)],
                                  .notification_max_delay = 0,
                                  .evse_notification = notifications[charge_notice(charge)]};
}

din_response_code_t din_refusal(session_refusal_t why)
{
    return why == SESSION_REFUSE_SEQUENCE ? DIN_RESPONSE_CODE_FAILED_SEQUENCE_ERROR : DIN_RESPONSE_CODE_FAILED_UNKNOWN_SESSION;
}

/* DC_EVErrorCode has the order of ccs_ev_error_t. */
_Static_assert((int)DIN_DC_EV_ERROR_CODE_NO_DATA == (int)CCS_EV_NO_DATA, "error codes in schema order");

charge_car_effect_t din_car_says(session_t *session, charge_car_phase_t phase, const din_dc_ev_status_t *status)
{
    return charge_car_says(session->charge, phase, status->ev_ready, (uint8_t)status->ev_error_code, status->ev_ress_soc);
}

const char *din_response_code_name(din_response_code_t code)
{
    static const char *const names[] = {"OK",
                                        "OK_NewSessionEstablished",
                                        "OK_OldSessionJoined",
                                        "OK_CertificateExpiresSoon",
                                        "FAILED",
                                        "FAILED_SequenceError",
                                        "FAILED_ServiceIDInvalid",
                                        "FAILED_UnknownSession",
                                        "FAILED_ServiceSelectionInvalid",
                                        "FAILED_PaymentSelectionInvalid",
                                        "FAILED_CertificateExpired",
                                        "FAILED_SignatureError",
                                        "FAILED_NoCertificateAvailable",
                                        "FAILED_CertChainError",
                                        "FAILED_ChallengeInvalid",
                                        "FAILED_ContractCanceled",
                                        "FAILED_WrongChargeParameter",
                                        "FAILED_PowerDeliveryNotApplied",
                                        "FAILED_TariffSelectionInvalid",
                                        "FAILED_ChargingProfileInvalid",
                                        "FAILED_EVSEPresentVoltageToLow",
                                        "FAILED_MeteringSignatureNotValid",
                                        "FAILED_WrongEnergyTransferType"};
    _Static_assert(sizeof names / sizeof *names == DIN_RESPONSE_CODE_FAILED_WRONG_ENERGY_TRANSFER_TYPE + 1, "one name per code");
    return code < sizeof names / sizeof *names ? names[code] : "?";
}
