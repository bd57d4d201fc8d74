/* The car against a charger that a test plays: every timer, every bad answer, every way to be stopped, at every request.
 * Whatever happens, it ends with contactors open, pilot in B and the link closed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "charger.h"

#include "sdp/sdp.h"
#include "v2gtp/v2gtp.h"

/* Every request that is out once in a charge, and how long the car waits for its answer. */
static const struct at {
    const char *request;
    uint32_t nth;
    int64_t answer_ms;
} ats[] = {
    {"SessionSetupReq", 1, 2000},
    {"ServiceDiscoveryReq", 1, 2000},
    {"ServicePaymentSelectionReq", 1, 2000},
    {"ContractAuthenticationReq", 1, 2000},
    {"ChargeParameterDiscoveryReq", 1, 2000},
    {"CableCheckReq", 1, 2000},
    {"PreChargeReq", 1, 2000},
    {"PowerDeliveryReq", 1, 2000},
    {"CurrentDemandReq", 1, 250},
    {"CurrentDemandReq", 3, 250},
    {"PowerDeliveryReq", 2, 2000},
    {"WeldingDetectionReq", 1, 2000},
    {"SessionStopReq", 1, 2000},
};
enum { ATS = sizeof ats / sizeof ats[0], CABLE_CHECK = 5, PRE_CHARGE = 6, POWER_ON = 7, LOOP = 9, POWER_OFF = 10, WELDING = 11 };

static charger_t charger;

static void start(void)
{
    charger_begin(&charger);
    charger_connect(&charger);
}

/* A charge of half a second in the loop, at the moment when this request is out. */
static void start_at(const struct at *at)
{
    charger_init(&charger);
    charger.config.duration_stop_ms = 500;
    start();
    charger_reach(&charger, at->request, at->nth);
}

static const ccs_ev_status_t *status(void)
{
    return ccs_ev_status(&charger.ev);
}

static void expect_safe_end(ccs_ev_result_t result, const char *failed_at)
{
    for (int i = 0; i < 600 && !charger.out.done; i++) {
        charger_wait(&charger, STEP_MS);
    }
    assert_true(charger.out.done);
    assert_false(charger.out.want.close);
    assert_true(charger.out.want.pilot == CCS_PILOT_B || charger.out.want.pilot == CCS_PILOT_A);
    assert_false(charger.linked);
    assert_string_equal(ccs_ev_result_name(status()->result), ccs_ev_result_name(result));
    if (failed_at) {
        assert_string_equal(status()->failed_at, failed_at);
    }
    const uint32_t requests = charger.requests;
    charger_wait(&charger, 5000);
    assert_int_equal(charger.requests, requests); /* and stays silent */
    assert_int_equal(ccs_ev_window(&charger.ev, 0), 0);
}

static void answer_until_done(void)
{
    for (int i = 0; i < 2000 && !charger.out.done; i++) {
        charger_answer(&charger);
    }
}

/* --- a good charge ------------------------------------------------------------------------------------------------- */

static void a_whole_charge_ends_in_order(void **state)
{
    (void)state;
    charger_init(&charger);
    charger.config.duration_stop_ms = 2000;
    start();
    answer_until_done();
    expect_safe_end(CCS_EV_CHARGED, NULL);
    assert_null(status()->failed_at);
    assert_string_equal(status()->response, "OK");
    assert_true(charger.opened_at_mA <= 1000);
    assert_int_equal(charger.closes, 1);
}

static void pilot_is_c_before_cable_check_and_b_before_the_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < ATS; i++) {
        start_at(&ats[i]);
        const bool c = i >= CABLE_CHECK && i <= POWER_OFF;
        assert_int_equal(charger.out.want.pilot, c ? CCS_PILOT_C : CCS_PILOT_B);
        const bool closed = i >= POWER_ON && i <= POWER_OFF;
        assert_int_equal(charger.out.want.close, closed);
    }
}

static void precharge_asks_for_at_most_2_A(void **state)
{
    (void)state;
    start_at(&ats[PRE_CHARGE]);
    const din_pre_charge_req_t *const req = &charger_request(&charger)->body.pre_charge_req;
    assert_int_equal(req->ev_target_voltage.value, 3500);
    assert_int_equal(req->ev_target_current.value, 10);
}

static void the_first_demand_stays_within_the_chargers_limits(void **state)
{
    (void)state;
    start_at(&ats[LOOP]);
    const din_current_demand_req_t *const req = &charger_request(&charger)->body.current_demand_req;
    assert_int_equal(req->ev_target_current.value * 100, 150000); /* EVSEMaximumCurrentLimit of the discovery */
    assert_int_equal(req->ev_target_current.multiplier, -1);
}

static void a_limit_lowered_in_the_loop_is_followed(void **state)
{
    (void)state;
    start_at(&ats[LOOP]);
    din_v2g_message_t message = charger_good(&charger);
    message.body.current_demand_res.has_evse_maximum_current_limit = true;
    message.body.current_demand_res.evse_maximum_current_limit = (din_physical_value_t){.value = 20};
    const uint32_t before = charger.requests;
    charger_send_din(&charger, &message);
    while (charger.requests == before) {
        charger_wait(&charger, STEP_MS);
    }
    assert_int_equal(charger_request(&charger)->body.current_demand_req.ev_target_current.value, 200);
}

static void optional_elements_follow_what_the_car_tells(void **state)
{
    (void)state;
    charger_init(&charger);
    charger.config.tells = 0;
    charger.config.habits = CCS_EV_NO_UNITS;
    start();
    charger_reach(&charger, "ChargeParameterDiscoveryReq", 1);
    const din_dc_ev_charge_parameter_t *const parameters =
        &charger_request(&charger)->body.charge_parameter_discovery_req.ev_charge_parameter.dc_ev_charge_parameter;
    assert_false(parameters->has_ev_energy_capacity || parameters->has_full_soc || parameters->has_ev_maximum_power_limit);
    assert_false(parameters->ev_maximum_current_limit.has_unit);
    charger_reach(&charger, "CurrentDemandReq", 1);
    const din_current_demand_req_t *const demand = &charger_request(&charger)->body.current_demand_req;
    assert_false(demand->has_remaining_time_to_full_soc || demand->has_ev_maximum_voltage_limit);
}

static void remaining_time_comes_in_minutes_where_a_car_has_that_habit(void **state)
{
    (void)state;
    charger_init(&charger);
    charger.config.habits = CCS_EV_MINUTES;
    start();
    charger_reach(&charger, "CurrentDemandReq", 5);
    const din_current_demand_req_t *const demand = &charger_request(&charger)->body.current_demand_req;
    assert_int_equal(demand->remaining_time_to_full_soc.unit, DIN_UNIT_SYMBOL_M);
    assert_in_range(demand->remaining_time_to_full_soc.value, 30, 40); /* 30 kWh at 52.5 kW */
}

static void the_session_id_is_zeros_of_the_cars_own_length_then_the_chargers(void **state)
{
    (void)state;
    static const uint8_t lengths[] = {0, 1, 6, 8};
    for (size_t i = 0; i < sizeof lengths; i++) {
        charger_init(&charger);
        charger.config.session_id_length = lengths[i];
        start();
        charger_reach(&charger, "SessionSetupReq", 1);
        assert_int_equal(charger_request(&charger)->header.session_id.length, lengths[i]);
        charger_reach(&charger, "ServiceDiscoveryReq", 1);
        const ccs_view_t id = charger_request(&charger)->header.session_id;
        assert_int_equal(id.length, 8);
        assert_int_equal(id.at[0], 0x11);
    }
}

/* --- discovery, link, handshake ------------------------------------------------------------------------------------ */

static void v2g2_159_161_sdp_is_asked_50_times_every_250_ms(void **state)
{
    (void)state;
    charger_init(&charger);
    charger_begin(&charger);
    charger_wait(&charger, 240);
    assert_int_equal(charger.datagrams, 1);
    charger_wait(&charger, 10);
    assert_int_equal(charger.datagrams, 2);
    charger_wait(&charger, 49 * 250 - 250);
    assert_int_equal(charger.datagrams, 50);
    assert_int_equal(status()->result, CCS_EV_RUNNING);
    charger_wait(&charger, 250);
    assert_int_equal(charger.datagrams, 50);
    expect_safe_end(CCS_EV_NO_SDP_ANSWER, NULL);
}

static void an_sdp_answer_that_leads_nowhere_is_ignored(void **state)
{
    (void)state;
    static const uint8_t link_local[16] = {0xfe, 0x80, [15] = 1}, global[16] = {0x20, 0x01, [15] = 1};
    const struct {
        const uint8_t *address;
        uint16_t port;
        bool tls;
    } rows[] = {{global, 49200, false}, {link_local, 0, false}, {link_local, 49200, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        charger_init(&charger);
        charger_begin(&charger);
        uint8_t offer[SDP_RESPONSE_SIZE];
        sdp_response_write(rows[i].address, rows[i].port, rows[i].tls, offer);
        ccs_event_t event = {.now_ms = charger.now_ms, .type = CCS_ON_DATAGRAM};
        event.datagram.bytes = (ccs_view_t){offer, sizeof offer};
        charger_step(&charger, &event);
        assert_int_equal(charger.connects, 0);
        charger_wait(&charger, 250);
        assert_int_equal(charger.datagrams, 2);
    }
}

static void a_refused_connection_ends_it(void **state)
{
    (void)state;
    charger_init(&charger);
    charger_begin(&charger);
    uint8_t offer[SDP_RESPONSE_SIZE];
    static const uint8_t link_local[16] = {0xfe, 0x80, [15] = 1};
    sdp_response_write(link_local, 49200, false, offer);
    ccs_event_t event = {.now_ms = charger.now_ms, .type = CCS_ON_DATAGRAM};
    event.datagram.bytes = (ccs_view_t){offer, sizeof offer};
    charger_step(&charger, &event);
    event = (ccs_event_t){.now_ms = charger.now_ms, .type = CCS_ON_CLOSED};
    charger_step(&charger, &event);
    expect_safe_end(CCS_EV_NO_CONNECTION, NULL);
}

static void communication_setup_takes_at_most_20_s(void **state)
{
    (void)state;
    charger_init(&charger);
    charger_begin(&charger);
    uint8_t offer[SDP_RESPONSE_SIZE];
    static const uint8_t link_local[16] = {0xfe, 0x80, [15] = 1};
    sdp_response_write(link_local, 49200, false, offer);
    ccs_event_t event = {.now_ms = charger.now_ms, .type = CCS_ON_DATAGRAM};
    event.datagram.bytes = (ccs_view_t){offer, sizeof offer};
    charger_step(&charger, &event);
    charger.linked = true;
    charger_wait(&charger, 19990);
    assert_int_equal(status()->result, CCS_EV_RUNNING);
    charger_wait(&charger, 10);
    expect_safe_end(CCS_EV_TIMEOUT, NULL);
}

static void handshake_answers_are_judged(void **state)
{
    (void)state;
    const struct {
        sap_response_code_t code;
        int schema_id;
        ccs_ev_result_t result;
    } rows[] = {
        {SAP_RESPONSE_CODE_OK_SUCCESSFUL_NEGOTIATION, 10, CCS_EV_RUNNING},
        {SAP_RESPONSE_CODE_OK_SUCCESSFUL_NEGOTIATION_WITH_MINOR_DEVIATION, 10, CCS_EV_RUNNING},
        {SAP_RESPONSE_CODE_FAILED_NO_NEGOTIATION, -1, CCS_EV_NO_PROTOCOL},
        {SAP_RESPONSE_CODE_OK_SUCCESSFUL_NEGOTIATION, 11, CCS_EV_BAD_ANSWER}, /* the own namespace of a Tesla */
        {SAP_RESPONSE_CODE_OK_SUCCESSFUL_NEGOTIATION, -1, CCS_EV_BAD_ANSWER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        charger_init(&charger);
        charger.config.schema_id = 10;
        charger.config.habits = CCS_EV_OWN_NAMESPACE;
        start();
        charger_send_sap(&charger, rows[i].code, rows[i].schema_id);
        if (rows[i].result == CCS_EV_RUNNING) {
            assert_string_equal(charger.request, "SessionSetupReq");
        } else {
            expect_safe_end(rows[i].result, "supportedAppProtocolReq");
        }
    }
}

/* --- bad answers, at every request --------------------------------------------------------------------------------- */

static void no_answer_ends_it_after_the_messages_own_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < ATS; i++) {
        start_at(&ats[i]);
        charger_wait(&charger, ats[i].answer_ms - STEP_MS);
        assert_int_equal(status()->result, CCS_EV_RUNNING);
        charger_wait(&charger, STEP_MS);
        assert_int_equal(status()->result, CCS_EV_TIMEOUT);
        assert_int_equal(charger.out.want.pilot, CCS_PILOT_B); /* the fastest way to tell the charger */
        expect_safe_end(CCS_EV_TIMEOUT, ats[i].request);
    }
}

static void failed_ends_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ATS; i++) {
        start_at(&ats[i]);
        din_v2g_message_t message = charger_good(&charger);
        message.body.session_stop_res.response_code = DIN_RESPONSE_CODE_FAILED_SEQUENCE_ERROR; /* first in every response */
        charger_send_din(&charger, &message);
        assert_string_equal(status()->response, "FAILED_SequenceError");
        expect_safe_end(CCS_EV_REFUSED, ats[i].request);
    }
}

static void another_response_ends_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ATS; i++) {
        start_at(&ats[i]);
        din_v2g_message_t message = charger_good(&charger);
        const bool stop = message.body.which == DIN_BODY_SESSION_STOP_RES;
        message.body.which = stop ? DIN_BODY_SERVICE_PAYMENT_SELECTION_RES : DIN_BODY_SESSION_STOP_RES;
        charger_send_din(&charger, &message);
        expect_safe_end(CCS_EV_BAD_ANSWER, ats[i].request);
    }
}

static void an_answer_that_cannot_be_decoded_ends_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ATS; i++) {
        start_at(&ats[i]);
        uint8_t octets[FRAME_MAX];
        const din_v2g_message_t message = charger_good(&charger);
        const size_t length = charger_encode(&charger, &message, octets, sizeof octets);
        octets[V2GTP_HEADER_SIZE] = 0x00; /* no EXI header */
        charger_send_bytes(&charger, octets, length);
        expect_safe_end(CCS_EV_BAD_ANSWER, ats[i].request);
    }
}

static void a_foreign_session_id_ends_it(void **state)
{
    (void)state;
    static const uint8_t foreign[8] = {9, 9, 9, 9, 9, 9, 9, 9};
    for (size_t i = 1; i < ATS; i++) {
        start_at(&ats[i]);
        din_v2g_message_t message = charger_good(&charger);
        message.header.session_id.at = foreign;
        charger_send_din(&charger, &message);
        expect_safe_end(CCS_EV_BAD_ANSWER, ats[i].request);
    }
}

static void two_answers_to_one_request_end_it(void **state)
{
    (void)state;
    for (size_t i = 0; i + 1 < ATS; i++) {
        start_at(&ats[i]);
        uint8_t octets[2 * FRAME_MAX];
        const din_v2g_message_t message = charger_good(&charger);
        const size_t length = charger_encode(&charger, &message, octets, FRAME_MAX);
        memcpy(octets + length, octets, length);
        charger_send_bytes(&charger, octets, 2 * length);
        expect_safe_end(CCS_EV_BAD_ANSWER, NULL);
    }
}

static void a_closed_link_ends_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ATS; i++) {
        start_at(&ats[i]);
        const ccs_event_t event = {.now_ms = charger.now_ms, .type = CCS_ON_CLOSED};
        charger.linked = false;
        charger_step(&charger, &event);
        assert_int_equal(charger.out.want.pilot, CCS_PILOT_B);
        expect_safe_end(CCS_EV_LINK_LOST, ats[i].request);
    }
}

static void a_lost_network_ends_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ATS; i++) {
        start_at(&ats[i]);
        const ccs_event_t event = {.now_ms = charger.now_ms, .type = CCS_ON_DLINK};
        charger_step(&charger, &event);
        expect_safe_end(CCS_EV_LINK_LOST, ats[i].request);
    }
}

static void a_pulled_plug_ends_it_without_a_word(void **state)
{
    (void)state;
    for (size_t i = 0; i < ATS; i++) {
        start_at(&ats[i]);
        charger.body.plugged = false;
        charger_wait(&charger, STEP_MS);
        assert_true(charger.reset);
        assert_int_equal(charger.out.want.pilot, CCS_PILOT_A);
        expect_safe_end(CCS_EV_UNPLUGGED, ats[i].request);
    }
}

/* The network may say so before the proximity does: a link that dies right before the plug is felt out was a pulled plug. */
static void a_link_that_dies_with_the_plug_is_recorded_as_unplugged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ATS; i++) {
        for (int64_t felt_ms = 0; felt_ms <= 250; felt_ms += 50) {
            start_at(&ats[i]);
            const ccs_event_t event = {.now_ms = charger.now_ms, .type = CCS_ON_CLOSED};
            charger.linked = false;
            charger_step(&charger, &event);
            charger_wait(&charger, felt_ms);
            charger.body.plugged = false;
            charger_wait(&charger, STEP_MS);
            expect_safe_end(CCS_EV_UNPLUGGED, ats[i].request);
        }
    }
}

/* --- good answers in odd pieces ------------------------------------------------------------------------------------ */

static void answers_may_come_octet_by_octet_or_behind_a_foreign_message(void **state)
{
    (void)state;
    static const uint8_t foreign[] = {0x01, 0xFE, 0x70, 0x01, 0, 0, 0, 2, 0xAA, 0x55};
    for (size_t i = 0; i + 1 < ATS; i++) {
        start_at(&ats[i]);
        uint8_t octets[FRAME_MAX];
        memcpy(octets, foreign, sizeof foreign);
        const din_v2g_message_t message = charger_good(&charger);
        const size_t length = sizeof foreign + charger_encode(&charger, &message, octets + sizeof foreign, FRAME_MAX / 2);
        const uint32_t before = charger.requests;
        for (size_t at = 0; at < length; at++) {
            charger_send_bytes(&charger, octets + at, 1);
        }
        for (int k = 0; k < 500 && charger.requests == before; k++) {
            charger_wait(&charger, STEP_MS);
        }
        assert_true(charger.requests > before);
        assert_int_equal(status()->result, CCS_EV_RUNNING);
    }
}

/* --- Ongoing for too long ------------------------------------------------------------------------------------------ */

/* Says Ongoing until the car gives up or so long has passed; how long it bore. */
static int64_t say_ongoing(int64_t ms_max)
{
    const int64_t begin_ms = charger.now_ms;
    char request[64];
    strcpy(request, charger.request);
    while (!charger.out.done && charger.now_ms - begin_ms < ms_max && strcmp(charger.request, request) == 0) {
        din_v2g_message_t message = charger_good(&charger);
        din_body_t *const body = &message.body;
        body->contract_authentication_res.evse_processing = body->which == DIN_BODY_CONTRACT_AUTHENTICATION_RES
                                                                ? DIN_EVSE_PROCESSING_ONGOING
                                                                : body->contract_authentication_res.evse_processing;
        if (body->which == DIN_BODY_CHARGE_PARAMETER_DISCOVERY_RES) {
            body->charge_parameter_discovery_res.evse_processing = DIN_EVSE_PROCESSING_ONGOING;
        }
        if (body->which == DIN_BODY_CABLE_CHECK_RES) {
            body->cable_check_res.evse_processing = DIN_EVSE_PROCESSING_ONGOING;
        }
        if (body->which == DIN_BODY_PRE_CHARGE_RES) {
            body->pre_charge_res.evse_present_voltage.value = 100;
        }
        const uint32_t before = charger.requests;
        charger_send_din(&charger, &message);
        for (int i = 0; i < 50 && charger.requests == before && !charger.out.done; i++) {
            charger_wait(&charger, STEP_MS);
        }
    }
    return charger.now_ms - begin_ms;
}

static void ongoing_is_borne_for_its_time_only(void **state)
{
    (void)state;
    const struct {
        size_t at;
        int64_t ms;
    } rows[] = {{3, 60000}, {4, 60000}, {CABLE_CHECK, 40000}, {PRE_CHARGE, 7000}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        start_at(&ats[rows[i].at]);
        const int64_t borne_ms = say_ongoing(200000);
        assert_in_range(borne_ms, rows[i].ms - 100, rows[i].ms + 100);
        expect_safe_end(CCS_EV_ONGOING_TOO_LONG, ats[rows[i].at].request);
    }
}

static void a_car_must_be_ready_to_charge_within_150_s(void **state)
{
    (void)state;
    start_at(&ats[3]);
    const int64_t begin_ms = charger.now_ms;
    (void)say_ongoing(59000);
    charger_reach(&charger, "ChargeParameterDiscoveryReq", 1);
    (void)say_ongoing(59000);
    charger_reach(&charger, "CableCheckReq", 1);
    (void)say_ongoing(39000);
    assert_in_range(charger.now_ms - begin_ms, 149000, 151000);
    expect_safe_end(CCS_EV_ONGOING_TOO_LONG, "CableCheckReq");
}

/* --- stopped by the charger ---------------------------------------------------------------------------------------- */

static din_dc_evse_status_t *status_of(din_body_t *body)
{
    switch (body->which) {
    case DIN_BODY_CHARGE_PARAMETER_DISCOVERY_RES:
        return &body->charge_parameter_discovery_res.evse_charge_parameter.dc_evse_charge_parameter.dc_evse_status;
    case DIN_BODY_CABLE_CHECK_RES:
        return &body->cable_check_res.dc_evse_status;
    case DIN_BODY_PRE_CHARGE_RES:
        return &body->pre_charge_res.dc_evse_status;
    case DIN_BODY_POWER_DELIVERY_RES:
        return &body->power_delivery_res.evse_status.dc_evse_status;
    case DIN_BODY_CURRENT_DEMAND_RES:
        return &body->current_demand_res.dc_evse_status;
    case DIN_BODY_WELDING_DETECTION_RES:
        return &body->welding_detection_res.dc_evse_status;
    default:
        return NULL;
    }
}

/* The next requests after an answer with this status, up to the end. */
static void answer_with(din_dc_evse_status_code_t code, din_evse_notification_t notification, din_isolation_level_t isolation)
{
    din_v2g_message_t message = charger_good(&charger);
    din_dc_evse_status_t *const evse = status_of(&message.body);
    assert_non_null(evse);
    evse->evse_status_code = code;
    evse->evse_notification = notification;
    evse->evse_isolation_status = isolation;
    const uint32_t before = charger.requests;
    charger_send_din(&charger, &message);
    for (int i = 0; i < 500 && charger.requests == before && !charger.out.done; i++) {
        charger_wait(&charger, STEP_MS);
    }
}

static void stop_charging_in_the_loop_ramps_down_and_ends_in_order(void **state)
{
    (void)state;
    static const struct {
        din_dc_evse_status_code_t code;
        din_evse_notification_t notification;
    } rows[] = {
        {DIN_DC_EVSE_STATUS_CODE_EVSE_READY, DIN_EVSE_NOTIFICATION_STOP_CHARGING},
        {DIN_DC_EVSE_STATUS_CODE_EVSE_SHUTDOWN, DIN_EVSE_NOTIFICATION_NONE},
        {DIN_DC_EVSE_STATUS_CODE_EVSE_SHUTDOWN, DIN_EVSE_NOTIFICATION_STOP_CHARGING},
        {DIN_DC_EVSE_STATUS_CODE_EVSE_UTILITY_INTERRUPT_EVENT, DIN_EVSE_NOTIFICATION_NONE},
        {DIN_DC_EVSE_STATUS_CODE_EVSE_NOT_READY, DIN_EVSE_NOTIFICATION_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        start_at(&ats[LOOP]);
        charger.config.duration_stop_ms = 0;
        answer_with(rows[i].code, rows[i].notification, DIN_ISOLATION_LEVEL_VALID);
        assert_string_equal(charger.request, "CurrentDemandReq");
        assert_int_equal(charger_request(&charger)->body.current_demand_req.ev_target_current.value, 0);
        charger_answer(&charger);
        assert_string_equal(charger.request, "PowerDeliveryReq");
        assert_false(charger_request(&charger)->body.power_delivery_req.ready_to_charge_state);
        answer_until_done();
        expect_safe_end(CCS_EV_STOPPED_BY_CHARGER, NULL);
        assert_true(charger.opened_at_mA <= 1000);
    }
}

static void a_fault_of_the_charger_opens_at_once_and_still_ends_in_order(void **state)
{
    (void)state;
    static const struct {
        din_dc_evse_status_code_t code;
        din_isolation_level_t isolation;
    } rows[] = {
        {DIN_DC_EVSE_STATUS_CODE_EVSE_EMERGENCY_SHUTDOWN, DIN_ISOLATION_LEVEL_VALID},
        {DIN_DC_EVSE_STATUS_CODE_EVSE_MALFUNCTION, DIN_ISOLATION_LEVEL_VALID},
        {DIN_DC_EVSE_STATUS_CODE_EVSE_READY, DIN_ISOLATION_LEVEL_FAULT},
    };
    static const size_t where[] = {4, CABLE_CHECK, PRE_CHARGE, POWER_ON, LOOP, WELDING};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t k = 0; k < sizeof where / sizeof where[0]; k++) {
            start_at(&ats[where[k]]);
            answer_with(rows[i].code, DIN_EVSE_NOTIFICATION_NONE, rows[i].isolation);
            assert_int_equal(charger.out.want.pilot, CCS_PILOT_B);
            charger_wait(&charger, STEP_MS);
            assert_false(charger.out.want.close);
            answer_until_done();
            expect_safe_end(CCS_EV_STOPPED_BY_CHARGER, NULL);
            assert_string_equal(charger.request, "SessionStopReq");
        }
    }
}

static void a_finished_cable_check_without_a_verdict_is_a_fault(void **state)
{
    (void)state;
    start_at(&ats[CABLE_CHECK]);
    answer_with(DIN_DC_EVSE_STATUS_CODE_EVSE_READY, DIN_EVSE_NOTIFICATION_NONE, DIN_ISOLATION_LEVEL_INVALID);
    assert_string_equal(charger.request, "SessionStopReq");
    answer_until_done();
    expect_safe_end(CCS_EV_STOPPED_BY_CHARGER, NULL);
}

static void an_isolation_warning_is_none(void **state)
{
    (void)state;
    start_at(&ats[CABLE_CHECK]);
    answer_with(DIN_DC_EVSE_STATUS_CODE_EVSE_READY, DIN_EVSE_NOTIFICATION_NONE, DIN_ISOLATION_LEVEL_WARNING);
    assert_string_equal(charger.request, "PreChargeReq");
}

/* --- the car itself ------------------------------------------------------------------------------------------------ */

static void the_driver_may_stop_at_every_request(void **state)
{
    (void)state;
    for (size_t i = 0; i < ATS; i++) {
        start_at(&ats[i]);
        ccs_event_t event = {.now_ms = charger.now_ms, .type = CCS_ON_STOP, .stop = CCS_STOP_USER};
        charger_step(&charger, &event);
        answer_until_done();
        expect_safe_end(CCS_EV_CHARGED, NULL);
        assert_string_equal(charger.request, "SessionStopReq");
        assert_true(charger.opened_at_mA <= 1000);
    }
}

static void contactors_stay_open_without_the_voltage_behind_the_word(void **state)
{
    (void)state;
    start_at(&ats[PRE_CHARGE]);
    for (int i = 0; i < 100 && !charger.out.done; i++) {
        din_v2g_message_t message = charger_good(&charger); /* says 350 V */
        charger.body.inlet_mV = 0;
        const uint32_t before = charger.requests;
        charger_send_din(&charger, &message);
        for (int k = 0; k < 50 && charger.requests == before && !charger.out.done; k++) {
            charger_wait(&charger, STEP_MS);
            assert_false(charger.out.want.close);
        }
    }
    expect_safe_end(CCS_EV_ONGOING_TOO_LONG, "PreChargeReq");
}

static void too_much_voltage_or_current_is_the_cars_own_fault(void **state)
{
    (void)state;
    start_at(&ats[LOOP]);
    charger.body.inlet_mV = 450000;
    charger_wait(&charger, STEP_MS);
    assert_int_equal(charger.out.want.pilot, CCS_PILOT_B);
    charger_answer(&charger);
    assert_string_equal(charger.request, "PowerDeliveryReq");
    const din_dc_ev_power_delivery_parameter_t *const parameter =
        &charger_request(&charger)->body.power_delivery_req.ev_power_delivery_parameter.dc_ev_power_delivery_parameter;
    assert_int_equal(parameter->dc_ev_status.ev_error_code, DIN_DC_EV_ERROR_CODE_FAILED_CHARGING_VOLTAGE_OUT_OF_RANGE);
    assert_false(parameter->dc_ev_status.ev_ready);
    answer_until_done();
    expect_safe_end(CCS_EV_CAR_FAULT, NULL);
}

static void a_charger_that_cannot_reach_the_battery_is_left(void **state)
{
    (void)state;
    charger_init(&charger);
    charger.body.battery_mV = 550000;
    charger.config.mV_max = 800000;
    start();
    charger_reach(&charger, "SessionStopReq", 1);
    answer_until_done();
    expect_safe_end(CCS_EV_CAR_FAULT, NULL);
}

static void a_charger_without_dc_or_without_external_payment_is_left(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        start_at(&ats[1]);
        din_v2g_message_t message = charger_good(&charger);
        din_service_discovery_res_t *const res = &message.body.service_discovery_res;
        if (i == 0) {
            res->charge_service.energy_transfer_type = DIN_EVSE_SUPPORTED_ENERGY_TRANSFER_AC_THREE_PHASE_CORE;
        } else {
            charger.nodes.payment.item = DIN_PAYMENT_OPTION_CONTRACT;
        }
        charger_send_din(&charger, &message);
        expect_safe_end(CCS_EV_BAD_ANSWER, "ServiceDiscoveryReq");
    }
}

static void a_configuration_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    uint8_t rx[512], tx[512];
    uint64_t arena[128];
    const ccs_secc_buffers_t good = {rx, sizeof rx, tx, sizeof tx, arena, sizeof arena};
    ccs_secc_buffers_t small = good;
    small.rx_size = CCS_RX_SIZE_MIN - 1;
    ccs_ev_config_t config;
    ccs_ev_t ev;
    ccs_ev_defaults(&config);
    assert_int_equal(ccs_ev_init(&ev, &config, &good, 0), CCS_OK);
    assert_int_equal(ccs_ev_init(&ev, &config, &small, 0), CCS_ERR_CONFIG);
    config.protocol = CCS_PROTOCOL_ISO2;
    assert_int_equal(ccs_ev_init(&ev, &config, &good, 0), CCS_ERR_CONFIG);
    config.protocol = CCS_PROTOCOL_DIN;
    config.session_id_length = 9;
    assert_int_equal(ccs_ev_init(&ev, &config, &good, 0), CCS_ERR_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_charge_ends_in_order),
        cmocka_unit_test(pilot_is_c_before_cable_check_and_b_before_the_end),
        cmocka_unit_test(precharge_asks_for_at_most_2_A),
        cmocka_unit_test(the_first_demand_stays_within_the_chargers_limits),
        cmocka_unit_test(a_limit_lowered_in_the_loop_is_followed),
        cmocka_unit_test(optional_elements_follow_what_the_car_tells),
        cmocka_unit_test(remaining_time_comes_in_minutes_where_a_car_has_that_habit),
        cmocka_unit_test(the_session_id_is_zeros_of_the_cars_own_length_then_the_chargers),
        cmocka_unit_test(v2g2_159_161_sdp_is_asked_50_times_every_250_ms),
        cmocka_unit_test(an_sdp_answer_that_leads_nowhere_is_ignored),
        cmocka_unit_test(a_refused_connection_ends_it),
        cmocka_unit_test(communication_setup_takes_at_most_20_s),
        cmocka_unit_test(handshake_answers_are_judged),
        cmocka_unit_test(no_answer_ends_it_after_the_messages_own_time),
        cmocka_unit_test(failed_ends_it),
        cmocka_unit_test(another_response_ends_it),
        cmocka_unit_test(an_answer_that_cannot_be_decoded_ends_it),
        cmocka_unit_test(a_foreign_session_id_ends_it),
        cmocka_unit_test(two_answers_to_one_request_end_it),
        cmocka_unit_test(a_closed_link_ends_it),
        cmocka_unit_test(a_lost_network_ends_it),
        cmocka_unit_test(a_pulled_plug_ends_it_without_a_word),
        cmocka_unit_test(a_link_that_dies_with_the_plug_is_recorded_as_unplugged),
        cmocka_unit_test(answers_may_come_octet_by_octet_or_behind_a_foreign_message),
        cmocka_unit_test(ongoing_is_borne_for_its_time_only),
        cmocka_unit_test(a_car_must_be_ready_to_charge_within_150_s),
        cmocka_unit_test(stop_charging_in_the_loop_ramps_down_and_ends_in_order),
        cmocka_unit_test(a_fault_of_the_charger_opens_at_once_and_still_ends_in_order),
        cmocka_unit_test(a_finished_cable_check_without_a_verdict_is_a_fault),
        cmocka_unit_test(an_isolation_warning_is_none),
        cmocka_unit_test(the_driver_may_stop_at_every_request),
        cmocka_unit_test(contactors_stay_open_without_the_voltage_behind_the_word),
        cmocka_unit_test(too_much_voltage_or_current_is_the_cars_own_fault),
        cmocka_unit_test(a_charger_that_cannot_reach_the_battery_is_left),
        cmocka_unit_test(a_charger_without_dc_or_without_external_payment_is_left),
        cmocka_unit_test(a_configuration_that_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
