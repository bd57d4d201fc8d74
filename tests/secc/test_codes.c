/* Every response code that DIN has a use for, and what each answer says in good order.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/secc/world.h"

#include <string.h>

static void expect_failed(world_t *w, uint8_t which, din_response_code_t code, ccs_end_t end)
{
    world_expect(w, which, code);
    world_expect_end(w, end, 5000);
}

/* --- SessionSetup, ServiceDiscovery
 * ----------------------------------------------------------------------------------------------- */

static void session_setup_tells_id_and_time(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_SERVICE_DISCOVERY);
    const din_session_setup_res_t *const res = &w->res->body.session_setup_res;
    assert_int_equal(7, res->evse_id.length);
    assert_true(res->has_date_time_now);
    assert_int_equal(1700000000, res->date_time_now);
}

static void unknown_time_is_left_out(void **state)
{
    world_t *const w = *state;
    w->utc_s = 0;
    world_start(w);
    world_go(w, SESSION_WAIT_SERVICE_DISCOVERY);
    assert_false(w->res->body.session_setup_res.has_date_time_now);
}

/* #23 */
static void empty_evccid_does_not_end_a_session(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_link_up(w);
    din_v2g_message_t setup = world_message(DIN_BODY_SESSION_SETUP_REQ);
    setup.body.session_setup_req.evcc_id.length = 0;
    world_request(w, &setup);
    world_expect(w, DIN_BODY_SESSION_SETUP_RES, DIN_RESPONSE_CODE_OK_NEW_SESSION_ESTABLISHED);
}

/* [V2G-DC-628] [V2G-DC-629] */
static void v2g_dc_628_service_has_neither_name_nor_scope(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_PAYMENT);
    const din_service_discovery_res_t *const res = &w->res->body.service_discovery_res;
    assert_false(res->charge_service.service_tag.has_service_name || res->charge_service.service_tag.has_service_scope);
    assert_int_equal(1, res->charge_service.service_tag.service_id);
    assert_int_equal(DIN_EVSE_SUPPORTED_ENERGY_TRANSFER_DC_EXTENDED, res->charge_service.energy_transfer_type);
    assert_int_equal(DIN_PAYMENT_OPTION_EXTERNAL_PAYMENT, res->payment_options.payment_option->item);
    assert_null(res->payment_options.payment_option->next);
    assert_false(res->has_service_list);
}

/* --- ServicePaymentSelection
 * ------------------------------------------------------------------------------------------------------- */

static void v2g_dc_395_contract_is_not_offered(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_PAYMENT);
    din_v2g_message_t select = world_message(DIN_BODY_SERVICE_PAYMENT_SELECTION_REQ);
    select.body.service_payment_selection_req.selected_payment_option = DIN_PAYMENT_OPTION_CONTRACT;
    world_request(w, &select);
    expect_failed(w, DIN_BODY_SERVICE_PAYMENT_SELECTION_RES, DIN_RESPONSE_CODE_FAILED_PAYMENT_SELECTION_INVALID,
                  CCS_END_BAD_REQUEST);
}

static void v2g_dc_396_service_that_is_not_offered(void **state)
{
    world_t *const w = *state;
    din_selected_service_node_t other = {.item = {.service_id = 2}};
    world_start(w);
    world_go(w, SESSION_WAIT_PAYMENT);
    din_v2g_message_t select = world_message(DIN_BODY_SERVICE_PAYMENT_SELECTION_REQ);
    select.body.service_payment_selection_req.selected_service_list.selected_service = &other;
    world_request(w, &select);
    expect_failed(w, DIN_BODY_SERVICE_PAYMENT_SELECTION_RES, DIN_RESPONSE_CODE_FAILED_SERVICE_SELECTION_INVALID,
                  CCS_END_BAD_REQUEST);
}

static void v2g_dc_635_exactly_one_service(void **state)
{
    world_t *const w = *state;
    din_selected_service_node_t second = {.item = {.service_id = 1}};
    din_selected_service_node_t first = {.next = &second, .item = {.service_id = 1}};
    world_start(w);
    world_go(w, SESSION_WAIT_PAYMENT);
    din_v2g_message_t select = world_message(DIN_BODY_SERVICE_PAYMENT_SELECTION_REQ);
    select.body.service_payment_selection_req.selected_service_list.selected_service = &first;
    world_request(w, &select);
    expect_failed(w, DIN_BODY_SERVICE_PAYMENT_SELECTION_RES, DIN_RESPONSE_CODE_FAILED_SERVICE_SELECTION_INVALID,
                  CCS_END_BAD_REQUEST);
}

/* --- ContractAuthentication
 * -------------------------------------------------------------------------------------------------------- */

static void every_verdict_against_the_car_ends_the_session(void **state)
{
    static const ccs_verdict_t verdicts[] = {CCS_DENIED, CCS_EXPIRED, CCS_REVOKED, CCS_UNAVAILABLE};
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        world_init(w);
        w->authorization = (int)verdicts[i];
        world_start(w);
        world_go(w, SESSION_WAIT_AUTHORIZATION);
        world_say(w, DIN_BODY_CONTRACT_AUTHENTICATION_REQ);
        expect_failed(w, DIN_BODY_CONTRACT_AUTHENTICATION_RES, DIN_RESPONSE_CODE_FAILED, CCS_END_NOT_AUTHORIZED);
    }
}

static void authorization_job_brings_the_cars_id(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_CHARGE_PARAMETERS);
    assert_int_equal(2, w->jobs); /* random octets, authorization: each once */
    assert_int_equal(CCS_NEED_AUTHORIZATION, w->job[1].need);
    assert_int_equal(6, w->job[1].part[0].length);
    assert_memory_equal("\x02\0\0\0\0\x01", w->job[1].part[0].at, 6);
    assert_int_equal(w->now_ms + 55000, w->job[1].by_ms);
}

/* --- ChargeParameterDiscovery
 * ------------------------------------------------------------------------------------------------------ */

static void parameters(world_t *w, din_v2g_message_t *message)
{
    world_start(w);
    world_go(w, SESSION_WAIT_CHARGE_PARAMETERS);
    world_request(w, message);
}

static void limits_are_told_and_a_schedule_of_a_day(void **state)
{
    world_t *const w = *state;
    w->config.limits = (ccs_limits_t){.mV_max = 920900, .charge_mA_max = 250999, .power_W_max = 150000};
    din_v2g_message_t message = world_message(DIN_BODY_CHARGE_PARAMETER_DISCOVERY_REQ);
    parameters(w, &message);
    const din_charge_parameter_discovery_res_t *const res = &w->res->body.charge_parameter_discovery_res;
    const din_dc_evse_charge_parameter_t *const evse = &res->evse_charge_parameter.dc_evse_charge_parameter;
    const din_sa_schedule_tuple_t *const tuple = &res->sa_schedules.sa_schedule_list.sa_schedule_tuple->item;
    const din_p_max_schedule_entry_t *const entry = &tuple->p_max_schedule.p_max_schedule_entry->item;
    assert_int_equal(DIN_EVSE_PROCESSING_FINISHED, res->evse_processing);
    assert_int_equal(920, evse->evse_maximum_voltage_limit.value);
    assert_int_equal(250, evse->evse_maximum_current_limit.value);
    assert_int_equal(15000, evse->evse_maximum_power_limit.value);
    assert_int_equal(1, evse->evse_maximum_power_limit.multiplier);
    assert_true(evse->evse_maximum_power_limit.has_unit && evse->evse_maximum_voltage_limit.has_unit);
    assert_int_equal(1, tuple->sa_schedule_tuple_id);
    assert_int_equal(0, entry->time_interval.relative_time_interval.start);
    assert_true(entry->time_interval.relative_time_interval.duration >= 86400);
    assert_int_equal(32767, entry->p_max); /* an int16 of W: saturated */
}

static void v2g_dc_397_other_energy_transfer_types(void **state)
{
    world_t *const w = *state;
    for (int type = DIN_EV_REQUESTED_ENERGY_TRANSFER_AC_SINGLE_PHASE_CORE; type <= DIN_EV_REQUESTED_ENERGY_TRANSFER_DC_UNIQUE;
         type++) {
        if (type == DIN_EV_REQUESTED_ENERGY_TRANSFER_DC_EXTENDED) {
            continue;
        }
        world_init(w);
        din_v2g_message_t message = world_message(DIN_BODY_CHARGE_PARAMETER_DISCOVERY_REQ);
        message.body.charge_parameter_discovery_req.ev_requested_energy_transfer_type = (din_ev_requested_energy_transfer_t)type;
        parameters(w, &message);
        expect_failed(w, DIN_BODY_CHARGE_PARAMETER_DISCOVERY_RES, DIN_RESPONSE_CODE_FAILED_WRONG_ENERGY_TRANSFER_TYPE,
                      CCS_END_BAD_REQUEST);
    }
}

static void v2g_dc_398_parameters_of_ac(void **state)
{
    world_t *const w = *state;
    din_v2g_message_t message = world_message(DIN_BODY_CHARGE_PARAMETER_DISCOVERY_REQ);
    din_charge_parameter_discovery_req_t *const req = &message.body.charge_parameter_discovery_req;
    memset(&req->ev_charge_parameter, 0, sizeof req->ev_charge_parameter);
    req->ev_charge_parameter.which = DIN_CHARGE_PARAMETER_DISCOVERY_REQ_AC_EV_CHARGE_PARAMETER;
    parameters(w, &message);
    expect_failed(w, DIN_BODY_CHARGE_PARAMETER_DISCOVERY_RES, DIN_RESPONSE_CODE_FAILED_WRONG_CHARGE_PARAMETER, CCS_END_BAD_REQUEST);
}

static void v2g_dc_398_negative_limits(void **state)
{
    world_t *const w = *state;
    for (int field = 0; field < 2; field++) {
        world_init(w);
        din_v2g_message_t message = world_message(DIN_BODY_CHARGE_PARAMETER_DISCOVERY_REQ);
        din_dc_ev_charge_parameter_t *const ev =
            &message.body.charge_parameter_discovery_req.ev_charge_parameter.dc_ev_charge_parameter;
        (field ? &ev->ev_maximum_voltage_limit : &ev->ev_maximum_current_limit)->value = -1;
        parameters(w, &message);
        expect_failed(w, DIN_BODY_CHARGE_PARAMETER_DISCOVERY_RES, DIN_RESPONSE_CODE_FAILED_WRONG_CHARGE_PARAMETER,
                      CCS_END_BAD_REQUEST);
    }
}

/* --- CableCheck
 * -------------------------------------------------------------------------------------------------------------------- */

static void cable_check_tells_what_was_found(void **state)
{
    static const struct {
        ccs_isolation_t verdict;
        din_response_code_t code;
        din_isolation_level_t level;
        din_dc_evse_status_code_t status;
    } rows[] = {
        {CCS_ISOLATION_VALID, DIN_RESPONSE_CODE_OK, DIN_ISOLATION_LEVEL_VALID, DIN_DC_EVSE_STATUS_CODE_EVSE_READY},
        {CCS_ISOLATION_WARNING, DIN_RESPONSE_CODE_OK, DIN_ISOLATION_LEVEL_WARNING, DIN_DC_EVSE_STATUS_CODE_EVSE_READY},
        {CCS_ISOLATION_FAULT, DIN_RESPONSE_CODE_FAILED, DIN_ISOLATION_LEVEL_FAULT, DIN_DC_EVSE_STATUS_CODE_EVSE_MALFUNCTION},
    };
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_init(w);
        w->pilot = CCS_PILOT_C;
        world_start(w);
        world_go(w, SESSION_WAIT_CABLE_CHECK);
        world_say(w, DIN_BODY_CABLE_CHECK_REQ);
        assert_int_equal(DIN_ISOLATION_LEVEL_INVALID, world_status(w)->evse_isolation_status); /* not judged yet */
        assert_true(world_status(w)->has_evse_isolation_status);
        w->verdict = rows[i].verdict;
        world_pass(w, 3100);
        world_say(w, DIN_BODY_CABLE_CHECK_REQ);
        world_expect(w, DIN_BODY_CABLE_CHECK_RES, rows[i].code);
        assert_int_equal(DIN_EVSE_PROCESSING_FINISHED, w->res->body.cable_check_res.evse_processing);
        assert_int_equal(rows[i].level, world_status(w)->evse_isolation_status);
        assert_int_equal(rows[i].status, world_status(w)->evse_status_code);
        if (rows[i].code == DIN_RESPONSE_CODE_FAILED) {
            world_expect_end(w, CCS_END_ISOLATION, 5000);
        }
    }
}

static void no_meter_no_charge_where_a_site_wants_one(void **state)
{
    world_t *const w = *state;
    w->config.meter_required = true;
    w->no_meter = true;
    w->pilot = CCS_PILOT_C;
    world_start(w);
    world_go(w, SESSION_WAIT_CABLE_CHECK);
    world_say(w, DIN_BODY_CABLE_CHECK_REQ);
    expect_failed(w, DIN_BODY_CABLE_CHECK_RES, DIN_RESPONSE_CODE_FAILED, CCS_END_NO_METER);
    assert_int_equal(-1, w->record.meter_begin_Wh);
}

static void missing_meter_is_flagged_where_a_site_does_without(void **state)
{
    world_t *const w = *state;
    w->no_meter = true;
    world_start(w);
    world_go(w, SESSION_WAIT_POWER_OFF);
    world_say(w, DIN_BODY_SESSION_STOP_REQ);
    world_expect_end(w, CCS_END_COMPLETED, 5000);
    assert_int_equal(-1, w->record.meter_begin_Wh);
    assert_int_equal(-1, w->record.meter_end_Wh);
}

/* --- PreCharge
 * --------------------------------------------------------------------------------------------------------------------- */

/* BMW i3, VW: the first target is wrong; each request counts. EVTargetCurrent is the charger's affair. */
static void target_of_each_precharge_request_counts(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_PRECHARGE);
    din_v2g_message_t message = world_message(DIN_BODY_PRE_CHARGE_REQ);
    message.body.pre_charge_req.ev_target_voltage.value = 200;
    message.body.pre_charge_req.ev_target_current.value = 0;
    world_request(w, &message);
    assert_int_equal(200000, w->out.want.target_mV);
    message.body.pre_charge_req.ev_target_voltage.value = 361;
    world_request(w, &message);
    assert_int_equal(361000, w->out.want.target_mV);
    world_pass(w, 50);
    world_request(w, &message);
    world_expect(w, DIN_BODY_PRE_CHARGE_RES, DIN_RESPONSE_CODE_OK);
    assert_int_equal(3610, w->res->body.pre_charge_res.evse_present_voltage.value);
    assert_int_equal(-1, w->res->body.pre_charge_res.evse_present_voltage.multiplier);
    assert_int_equal(DIN_DC_EVSE_STATUS_CODE_EVSE_READY, world_status(w)->evse_status_code);
}

static void fault_in_precharge_fails(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_POWER_ON);
    w->fault = CCS_WHY_SOURCE_SILENT;
    world_pass(w, 20);
    world_say(w, DIN_BODY_PRE_CHARGE_REQ);
    assert_int_equal(DIN_DC_EVSE_STATUS_CODE_EVSE_MALFUNCTION, world_status(w)->evse_status_code);
    expect_failed(w, DIN_BODY_PRE_CHARGE_RES, DIN_RESPONSE_CODE_FAILED, CCS_END_CHARGER_ERROR);
    assert_int_equal(CCS_WHY_SOURCE_SILENT, w->record.why);
}

/* --- PowerDelivery
 * ----------------------------------------------------------------------------------------------------------------- */

static din_v2g_message_t start_with(din_profile_entry_node_t *entry, int16_t tuple)
{
    din_v2g_message_t message = world_message(DIN_BODY_POWER_DELIVERY_REQ);
    message.body.power_delivery_req.ready_to_charge_state = true;
    message.body.power_delivery_req.has_charging_profile = true;
    message.body.power_delivery_req.charging_profile.sa_schedule_tuple_id = tuple;
    message.body.power_delivery_req.charging_profile.profile_entry = entry;
    return message;
}

static void v2g_dc_400_tuple_that_was_not_offered(void **state)
{
    world_t *const w = *state;
    din_profile_entry_node_t entry = {.item = {.charging_profile_entry_max_power = 1000}};
    din_v2g_message_t start = start_with(&entry, 2);
    world_start(w);
    world_go(w, SESSION_WAIT_POWER_ON);
    world_request(w, &start);
    expect_failed(w, DIN_BODY_POWER_DELIVERY_RES, DIN_RESPONSE_CODE_FAILED_TARIFF_SELECTION_INVALID, CCS_END_BAD_REQUEST);
}

/* #8 Taycan: 11 040 W of 11 kW. */
static void v2g_dc_399_profile_above_pmax_is_noted_and_goes_on(void **state)
{
    world_t *const w = *state;
    din_profile_entry_node_t entry = {.item = {.charging_profile_entry_max_power = 11040}};
    din_v2g_message_t start = start_with(&entry, 1);
    w->config.limits.power_W_max = 11000;
    world_start(w);
    world_go(w, SESSION_WAIT_POWER_ON);
    world_request(w, &start);
    world_expect(w, DIN_BODY_POWER_DELIVERY_RES, DIN_RESPONSE_CODE_OK);
    assert_true(world_stats(w)->values_odd > 0);
    assert_int_equal(11000, w->out.want.offer_W_max); /* the set point obeys all the same */
}

static void v2g_dc_399_profile_above_pmax_fails_where_a_site_is_strict(void **state)
{
    world_t *const w = *state;
    din_profile_entry_node_t entry = {.item = {.charging_profile_entry_max_power = 11040}};
    din_v2g_message_t start = start_with(&entry, 1);
    w->config.limits.power_W_max = 11000;
    w->config.profile_strict = true;
    world_start(w);
    world_go(w, SESSION_WAIT_POWER_ON);
    world_request(w, &start);
    expect_failed(w, DIN_BODY_POWER_DELIVERY_RES, DIN_RESPONSE_CODE_FAILED_CHARGING_PROFILE_INVALID, CCS_END_BAD_REQUEST);
}

static void v2g2_812_start_twice(void **state)
{
    world_t *const w = *state;
    din_v2g_message_t start = world_message(DIN_BODY_POWER_DELIVERY_REQ);
    start.body.power_delivery_req.ready_to_charge_state = true;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    world_request(w, &start);
    expect_failed(w, DIN_BODY_POWER_DELIVERY_RES, DIN_RESPONSE_CODE_FAILED, CCS_END_BAD_REQUEST);
}

static void stop_before_start_is_in_order(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_POWER_ON);
    world_say(w, DIN_BODY_POWER_DELIVERY_REQ);
    world_expect(w, DIN_BODY_POWER_DELIVERY_RES, DIN_RESPONSE_CODE_OK);
    assert_int_equal(CCS_PHASE_OFF, w->out.want.phase);
    world_say(w, DIN_BODY_SESSION_STOP_REQ);
    expect_failed(w, DIN_BODY_SESSION_STOP_RES, DIN_RESPONSE_CODE_OK, CCS_END_COMPLETED);
}

static void power_delivery_without_a_status_of_the_car(void **state)
{
    world_t *const w = *state;
    din_v2g_message_t start = world_message(DIN_BODY_POWER_DELIVERY_REQ);
    memset(&start.body.power_delivery_req, 0, sizeof start.body.power_delivery_req);
    start.body.power_delivery_req.ready_to_charge_state = true;
    world_start(w);
    world_go(w, SESSION_WAIT_POWER_ON);
    world_request(w, &start);
    world_expect(w, DIN_BODY_POWER_DELIVERY_RES, DIN_RESPONSE_CODE_OK);
}

/* --- WeldingDetection, SessionStop
 * -------------------------------------------------------------------------------------------------- */

static void v2g_dc_556_state_b_is_demanded_only_where_a_site_wants_it(void **state)
{
    static const uint8_t requests[] = {DIN_BODY_WELDING_DETECTION_REQ, DIN_BODY_SESSION_STOP_REQ};
    world_t *const w = *state;
    for (size_t i = 0; i < 4; i++) {
        world_init(w);
        w->config.pilot_stop_strict = i >= 2;
        world_start(w);
        world_go(w, SESSION_WAIT_POWER_OFF); /* the car stays in C */
        world_say(w, requests[i % 2]);
        world_expect(w, (uint8_t)(requests[i % 2] + 1), i >= 2 ? DIN_RESPONSE_CODE_FAILED : DIN_RESPONSE_CODE_OK);
    }
}

/* #17 */
static void early_session_stop_is_in_order(void **state)
{
    static const session_wait_t waits[] = {SESSION_WAIT_SERVICE_DISCOVERY, SESSION_WAIT_PAYMENT,     SESSION_WAIT_AUTHORIZATION,
                                           SESSION_WAIT_CHARGE_PARAMETERS, SESSION_WAIT_CABLE_CHECK, SESSION_WAIT_PRECHARGE,
                                           SESSION_WAIT_POWER_ON};
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        world_init(w);
        world_start(w);
        world_go(w, waits[i]);
        world_say(w, DIN_BODY_SESSION_STOP_REQ);
        world_expect(w, DIN_BODY_SESSION_STOP_RES, DIN_RESPONSE_CODE_OK);
        world_expect_end(w, CCS_END_COMPLETED, 5000);
    }
}

/* #47 a car that goes on after FAILED is not answered any more; the connection ends all the same. */
static void after_failed_nothing_is_answered(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    world_say(w, DIN_BODY_SESSION_SETUP_REQ);
    const unsigned answers = w->answers;
    for (int i = 0; i < 10; i++) {
        din_v2g_message_t demand = world_message(DIN_BODY_CURRENT_DEMAND_REQ);
        world_send(w, &demand);
        world_pass(w, 50);
        assert_int_equal(CCS_PHASE_OFF, w->out.want.phase);
    }
    assert_int_equal(answers, w->answers);
    world_expect_end(w, CCS_END_SEQUENCE_ERROR, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(session_setup_tells_id_and_time),
        world_test(unknown_time_is_left_out),
        world_test(empty_evccid_does_not_end_a_session),
        world_test(v2g_dc_628_service_has_neither_name_nor_scope),
        world_test(v2g_dc_395_contract_is_not_offered),
        world_test(v2g_dc_396_service_that_is_not_offered),
        world_test(v2g_dc_635_exactly_one_service),
        world_test(every_verdict_against_the_car_ends_the_session),
        world_test(authorization_job_brings_the_cars_id),
        world_test(limits_are_told_and_a_schedule_of_a_day),
        world_test(v2g_dc_397_other_energy_transfer_types),
        world_test(v2g_dc_398_parameters_of_ac),
        world_test(v2g_dc_398_negative_limits),
        world_test(cable_check_tells_what_was_found),
        world_test(no_meter_no_charge_where_a_site_wants_one),
        world_test(missing_meter_is_flagged_where_a_site_does_without),
        world_test(target_of_each_precharge_request_counts),
        world_test(fault_in_precharge_fails),
        world_test(v2g_dc_400_tuple_that_was_not_offered),
        world_test(v2g_dc_399_profile_above_pmax_is_noted_and_goes_on),
        world_test(v2g_dc_399_profile_above_pmax_fails_where_a_site_is_strict),
        world_test(v2g2_812_start_twice),
        world_test(stop_before_start_is_in_order),
        world_test(power_delivery_without_a_status_of_the_car),
        world_test(v2g_dc_556_state_b_is_demanded_only_where_a_site_wants_it),
        world_test(early_session_stop_is_in_order),
        world_test(after_failed_nothing_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
