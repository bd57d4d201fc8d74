/* The two tables of DIN SPEC 70121. docs/STATES.md is made from them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/trace.h"
#include "din/din.h"

/* Short names for the columns. */
#define REQ(name) DIN_BODY_##name##_REQ
#define ROW(text, NAME, ms, answer, refuse)                                                    \
    {                                                                                          \
        text "Req", CCS_TEXT(text "Res"), REQ(NAME), DIN_BODY_##NAME##_RES, ms, answer, refuse \
    }
#define PAIR(text, NAME, name, ms) ROW(text, NAME, ms, din_##name##_answer, din_##name##_refuse)
#define UNUSED(text, NAME, name)   ROW(text, NAME, 0, NULL, din_##name##_refuse)

/* The car waits 2 s, and 0.25 s in the loop. */
static const session_pair_t pairs[] = {
    /*   name                        which                       handlers                  answer by, ms */
    PAIR("SessionSetup", SESSION_SETUP, session_setup, 1500),
    PAIR("ServiceDiscovery", SERVICE_DISCOVERY, service_discovery, 1500),
    PAIR("ServicePaymentSelection", SERVICE_PAYMENT_SELECTION, service_payment_selection, 1500),
    PAIR("ContractAuthentication", CONTRACT_AUTHENTICATION, contract_authentication, 1500),
    PAIR("ChargeParameterDiscovery", CHARGE_PARAMETER_DISCOVERY, charge_parameter_discovery, 300), /* Nexon: 400 ms (#11) */
    PAIR("CableCheck", CABLE_CHECK, cable_check, 1500),
    PAIR("PreCharge", PRE_CHARGE, pre_charge, 1500),
    PAIR("PowerDelivery", POWER_DELIVERY, power_delivery, 1500), /* DIN cars wait 1.5 .. 2 s (#16) */
    PAIR("CurrentDemand", CURRENT_DEMAND, current_demand, 200),
    PAIR("WeldingDetection", WELDING_DETECTION, welding_detection, 1500),
    PAIR("SessionStop", SESSION_STOP, session_stop, 1500),
    UNUSED("ServiceDetail", SERVICE_DETAIL, service_detail),
    UNUSED("PaymentDetails", PAYMENT_DETAILS, payment_details),
    UNUSED("ChargingStatus", CHARGING_STATUS, charging_status),
    UNUSED("MeteringReceipt", METERING_RECEIPT, metering_receipt),
    UNUSED("CertificateUpdate", CERTIFICATE_UPDATE, certificate_update),
    UNUSED("CertificateInstallation", CERTIFICATE_INSTALLATION, certificate_installation),
};

#define IN(wait) SESSION_WAIT_##wait
#define STAY     SESSION_STAY
#define NEXT     SESSION_NEXT
#define STOP     SESSION_STOP
#define END      SESSION_END
#define FAIL     SESSION_FAIL

/* What a wait has no row for is a sequence error. SessionStop is in order until power is on and after it is off: a car that leaves
 * early is no error (secc.md 3 #17). */
static const session_step_t steps[] = {
    /* waits in                 gets                              outcome then waits in */
    {IN(SESSION_SETUP), REQ(SESSION_SETUP), NEXT, IN(SERVICE_DISCOVERY)},

    {IN(SERVICE_DISCOVERY), REQ(SERVICE_DISCOVERY), NEXT, IN(PAYMENT)},
    {IN(SERVICE_DISCOVERY), REQ(SESSION_STOP), END, IN(OVER)},

    {IN(PAYMENT), REQ(SERVICE_PAYMENT_SELECTION), NEXT, IN(AUTHORIZATION)},
    {IN(PAYMENT), REQ(SESSION_STOP), END, IN(OVER)},

    {IN(AUTHORIZATION), REQ(CONTRACT_AUTHENTICATION), STAY, IN(AUTHORIZATION)},
    {IN(AUTHORIZATION), REQ(CONTRACT_AUTHENTICATION), NEXT, IN(CHARGE_PARAMETERS)},
    {IN(AUTHORIZATION), REQ(SESSION_STOP), END, IN(OVER)},

    {IN(CHARGE_PARAMETERS), REQ(CHARGE_PARAMETER_DISCOVERY), NEXT, IN(CABLE_CHECK)},
    {IN(CHARGE_PARAMETERS), REQ(SESSION_STOP), END, IN(OVER)},

    {IN(CABLE_CHECK), REQ(CABLE_CHECK), STAY, IN(CABLE_CHECK)},
    {IN(CABLE_CHECK), REQ(CABLE_CHECK), NEXT, IN(PRECHARGE)},
    {IN(CABLE_CHECK), REQ(SESSION_STOP), END, IN(OVER)},

    {IN(PRECHARGE), REQ(PRE_CHARGE), NEXT, IN(POWER_ON)},
    {IN(PRECHARGE), REQ(SESSION_STOP), END, IN(OVER)},

    {IN(POWER_ON), REQ(PRE_CHARGE), NEXT, IN(POWER_ON)},
    {IN(POWER_ON), REQ(POWER_DELIVERY), NEXT, IN(FIRST_DEMAND)},
    {IN(POWER_ON), REQ(POWER_DELIVERY), STOP, IN(POWER_OFF)},
    {IN(POWER_ON), REQ(SESSION_STOP), END, IN(OVER)},

    {IN(FIRST_DEMAND), REQ(CURRENT_DEMAND), NEXT, IN(LOOP)},

    {IN(LOOP), REQ(CURRENT_DEMAND), NEXT, IN(LOOP)},
    {IN(LOOP), REQ(POWER_DELIVERY), STOP, IN(POWER_OFF)},

    {IN(POWER_OFF), REQ(WELDING_DETECTION), NEXT, IN(POWER_OFF)},
    {IN(POWER_OFF), REQ(SESSION_STOP), END, IN(OVER)},

    {SESSION_WAIT_ANY, SESSION_ANY_REQUEST, FAIL, IN(OVER)},
};

const session_protocol_t din_protocol = {
    .protocol = CCS_PROTOCOL_DIN,
    .room = "din",
    .codec = &din_codec,
    .pairs = pairs,
    .pairs_count = sizeof pairs / sizeof *pairs,
    .steps = steps,
    .steps_count = sizeof steps / sizeof *steps,
    .first = SESSION_WAIT_SESSION_SETUP,
    .unknown_session_first = true,
};
