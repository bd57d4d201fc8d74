/* What follows a session: every row of the table, shown on the clock.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/secc/world.h"

#include <stdio.h>

static void forget_session(world_t *w)
{
    w->records = 0;
    w->jobs = 0;
    w->id_length = 0;
}

/* --- ways to bring a session to each end
 * ------------------------------------------------------------------------------------------- */

static void end_completed(world_t *w)
{
    world_go(w, SESSION_WAIT_POWER_OFF);
    world_say(w, DIN_BODY_SESSION_STOP_REQ);
}

static void end_stopped_user(world_t *w)
{
    world_go(w, SESSION_WAIT_LOOP);
    world_stop(w, CCS_STOP_USER);
}

static void end_stopped_service(world_t *w)
{
    world_go(w, SESSION_WAIT_LOOP);
    world_stop(w, CCS_STOP_SERVICE);
}

static void end_emergency(world_t *w)
{
    world_go(w, SESSION_WAIT_LOOP);
    w->fault = CCS_WHY_EMERGENCY_STOP;
    world_report(w);
}

static void end_unplugged(world_t *w)
{
    world_go(w, SESSION_WAIT_LOOP);
    world_unplug(w);
}

static void end_car_error(world_t *w)
{
    world_go(w, SESSION_WAIT_LOOP);
    din_v2g_message_t demand = world_message(DIN_BODY_CURRENT_DEMAND_REQ);
    demand.body.current_demand_req.dc_ev_status.ev_error_code = DIN_DC_EV_ERROR_CODE_FAILED_EV_RESS_MALFUNCTION;
    world_request(w, &demand);
}

static void end_charger_error(world_t *w)
{
    world_go(w, SESSION_WAIT_LOOP);
    w->fault = CCS_WHY_OVER_CURRENT;
    world_report(w);
}

static void end_isolation(world_t *w)
{
    world_go(w, SESSION_WAIT_LOOP);
    w->fault = CCS_WHY_ISOLATION_FAULT;
    world_report(w);
}

static void end_not_authorized(world_t *w)
{
    w->authorization = CCS_DENIED;
    world_go(w, SESSION_WAIT_AUTHORIZATION);
    world_say(w, DIN_BODY_CONTRACT_AUTHENTICATION_REQ);
}

static void end_authorization_late(world_t *w)
{
    w->authorization = -1;
    world_go(w, SESSION_WAIT_AUTHORIZATION);
    for (int i = 0; i < 100 && (w->res == NULL || world_code(w) == DIN_RESPONSE_CODE_OK_NEW_SESSION_ESTABLISHED ||
                                world_code(w) == DIN_RESPONSE_CODE_OK);
         i++) {
        world_say(w, DIN_BODY_CONTRACT_AUTHENTICATION_REQ);
        world_pass(w, 800);
    }
}

static void end_no_protocol(world_t *w)
{
    assert_true(world_sdp(w, &world_car, false));
    assert_true(world_connect(w, WORLD_LINK, &world_car, false));
    world_offer(w, "urn:iso:15118:2:2013:MsgDef", 2, 0, 1);
}

static void end_setup_timeout(world_t *w)
{
    world_link_up(w);
}

static void end_sequence_timeout(world_t *w)
{
    world_go(w, SESSION_WAIT_PAYMENT);
    world_pass(w, 59000);
}

static void end_sequence_error(world_t *w)
{
    world_go(w, SESSION_WAIT_PAYMENT);
    world_say(w, DIN_BODY_PRE_CHARGE_REQ);
}

static void end_unknown_session(world_t *w)
{
    world_go(w, SESSION_WAIT_PAYMENT);
    w->id[0] ^= 0xff;
    world_say(w, DIN_BODY_SERVICE_PAYMENT_SELECTION_REQ);
}

static void end_bad_request(world_t *w)
{
    world_go(w, SESSION_WAIT_PAYMENT);
    din_v2g_message_t message = world_message(DIN_BODY_SERVICE_PAYMENT_SELECTION_REQ);
    message.body.service_payment_selection_req.selected_payment_option = DIN_PAYMENT_OPTION_CONTRACT;
    world_request(w, &message);
}

static void end_decode_error(world_t *w)
{
    world_go(w, SESSION_WAIT_PAYMENT);
    for (int i = 0; i < 3; i++) {
        world_hex(w, "809affffff");
    }
}

static void end_link_lost(world_t *w)
{
    world_go(w, SESSION_WAIT_PAYMENT);
    world_closed(w, WORLD_LINK);
}

static void end_power_timeout(world_t *w)
{
    w->contactor_ms = INT64_MAX / 2;
    world_go(w, SESSION_WAIT_POWER_ON);
    din_v2g_message_t start = world_message(DIN_BODY_POWER_DELIVERY_REQ);
    start.body.power_delivery_req.ready_to_charge_state = true;
    world_request(w, &start);
}

static void end_no_meter(world_t *w)
{
    w->no_meter = true;
    world_report(w);
    world_go(w, SESSION_WAIT_CABLE_CHECK);
    w->pilot = CCS_PILOT_C;
    world_report(w);
    world_say(w, DIN_BODY_CABLE_CHECK_REQ);
}

/* --- the table
 * --------------------------------------------------------------------------------------------------------------------- */

enum { ENDLESS = 255 };

static const struct {
    ccs_end_t end;
    void (*bring)(world_t *world);
    unsigned tries; /* further ones that the outlet offers by itself while the plug stays in */
    ccs_pilot_drive_t pilot;
} rows[] = {
    {CCS_END_COMPLETED, end_completed, ENDLESS, CCS_PILOT_STEADY},
    {CCS_END_STOPPED_USER, end_stopped_user, 0, CCS_PILOT_STEADY},
    {CCS_END_STOPPED_SERVICE, end_stopped_service, 0, CCS_PILOT_STEADY},
    {CCS_END_EMERGENCY, end_emergency, 0, CCS_PILOT_NEGATIVE},
    {CCS_END_CAR_ERROR, end_car_error, 1, CCS_PILOT_STEADY},
    {CCS_END_CHARGER_ERROR, end_charger_error, 1, CCS_PILOT_STEADY},
    {CCS_END_ISOLATION, end_isolation, 1, CCS_PILOT_STEADY},
    {CCS_END_NOT_AUTHORIZED, end_not_authorized, 0, CCS_PILOT_STEADY},
    {CCS_END_AUTHORIZATION_LATE, end_authorization_late, 0, CCS_PILOT_STEADY},
    {CCS_END_NO_PROTOCOL, end_no_protocol, 3, CCS_PILOT_STEADY},
    {CCS_END_SETUP_TIMEOUT, end_setup_timeout, 3, CCS_PILOT_STEADY},
    {CCS_END_SEQUENCE_TIMEOUT, end_sequence_timeout, 3, CCS_PILOT_STEADY},
    {CCS_END_SEQUENCE_ERROR, end_sequence_error, 3, CCS_PILOT_STEADY},
    {CCS_END_UNKNOWN_SESSION, end_unknown_session, 3, CCS_PILOT_STEADY},
    {CCS_END_BAD_REQUEST, end_bad_request, 3, CCS_PILOT_STEADY},
    {CCS_END_DECODE_ERROR, end_decode_error, 3, CCS_PILOT_STEADY},
    {CCS_END_LINK_LOST, end_link_lost, 3, CCS_PILOT_STEADY},
    {CCS_END_POWER_TIMEOUT, end_power_timeout, 3, CCS_PILOT_STEADY},
    {CCS_END_NO_METER, end_no_meter, 0, CCS_PILOT_STEADY},
};

/* Brings it to its end, expects one record, the pilot of the row for at least 4 s, and nothing answered meanwhile. */
static void one_round(world_t *w, size_t i, ccs_pilot_drive_t pilot)
{
    rows[i].bring(w);
    for (int n = 0; n < 4000 && w->records == 0; n++) {
        world_pass(w, 10);
    }
    assert_int_equal(1, w->records);
    assert_string_equal(ccs_end_name(rows[i].end), ccs_end_name(w->record.end));
    w->fault = CCS_WHY_NONE;
    w->pilot = CCS_PILOT_B;
    for (int n = 0; n < 398; n++) {
        assert_int_equal(pilot, w->out.want.pilot);
        assert_false(w->out.listen);
        world_pass(w, 10);
    }
    assert_false(world_sdp(w, &world_car, false));
    world_pass(w, 50);
    forget_session(w);
}

static void each_end_is_followed_by_what_its_row_says(void **state)
{
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_init(w);
        w->config.meter_required = rows[i].end == CCS_END_NO_METER;
        world_start(w);
        const unsigned rounds = rows[i].tries == ENDLESS ? 6 : rows[i].tries;
        for (unsigned round = 1; round <= rounds; round++) {
            const bool last = rows[i].tries != ENDLESS && round == rows[i].tries;
            one_round(w, i, last ? CCS_PILOT_NEGATIVE : rows[i].pilot); /* E/F wakes cars that X1 does not */
            assert_true(w->out.listen);
            assert_int_equal(CCS_PILOT_5_PERCENT, w->out.want.pilot);
        }
        if (rows[i].tries != ENDLESS) {
            one_round(w, i, rows[i].tries ? CCS_PILOT_NEGATIVE : rows[i].pilot);
            assert_string_equal("blocked", ccs_secc_wait_name(&w->secc)); /* given up */
            assert_int_equal(CCS_PILOT_STEADY, w->out.want.pilot);
            assert_false(w->out.listen);
        }
    }
}

static void table_has_a_row_for_every_end(void **state)
{
    (void)state;
    bool shown[CCS_ENDS_COUNT] = {[CCS_END_NONE] = true, [CCS_END_UNPLUGGED] = true, [CCS_END_INTERRUPTED] = true};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        shown[rows[i].end] = true;
    }
    for (int end = 0; end < CCS_ENDS_COUNT; end++) {
        assert_true(shown[end]);
        assert_int_equal(end, charge_after((ccs_end_t)end)->end);
    }
}

/* --- ways out
 * ---------------------------------------------------------------------------------------------------------------------- */

static void give_up(world_t *w)
{
    for (int i = 0; i < 4; i++) {
        end_sequence_error(w);
        world_pass(w, 12000);
        forget_session(w);
    }
    assert_string_equal("blocked", ccs_secc_wait_name(&w->secc));
}

static void pulled_plug_starts_afresh(void **state)
{
    world_t *const w = *state;
    world_start(w);
    give_up(w);
    world_unplug(w);
    assert_int_equal(CCS_PILOT_STEADY, w->out.want.pilot);
    world_replug(w);
    assert_int_equal(CCS_PILOT_5_PERCENT, w->out.want.pilot);
    give_up(w); /* all tries again */
}

static void reset_starts_afresh(void **state)
{
    world_t *const w = *state;
    world_start(w);
    give_up(w);
    ccs_event_t reset = {.type = CCS_ON_RESET};
    world_event(w, &reset);
    assert_true(w->out.listen);
    give_up(w); /* all tries again */
}

static void reset_while_a_session_ends_is_remembered(void **state)
{
    world_t *const w = *state;
    world_start(w);
    end_not_authorized(w);
    ccs_event_t reset = {.type = CCS_ON_RESET};
    world_event(w, &reset);
    world_expect_end(w, CCS_END_NOT_AUTHORIZED, 5000);
    assert_true(w->out.listen);
}

static void good_session_sets_the_count_back(void **state)
{
    world_t *const w = *state;
    world_start(w);
    for (int i = 0; i < 8; i++) {
        (i % 3 == 2 ? end_completed : end_sequence_error)(w);
        world_pass(w, 12000);
        forget_session(w);
        assert_true(w->out.listen);
    }
}

static void unplugged_is_ready_at_once(void **state)
{
    world_t *const w = *state;
    world_start(w);
    end_unplugged(w);
    world_expect_end(w, CCS_END_UNPLUGGED, 0);
    forget_session(w);
    world_replug(w);
    world_go(w, SESSION_WAIT_LOOP);
}

static void setup_timeout_without_any_connection_counts_as_well(void **state)
{
    world_t *const w = *state;
    world_start(w);
    for (int i = 0; i < 3; i++) {
        world_pass(w, 18000);
        assert_string_equal("holding", ccs_secc_wait_name(&w->secc));
        world_pass(w, 4000);
        assert_string_equal("setup", ccs_secc_wait_name(&w->secc));
    }
    world_pass(w, 22000);
    assert_string_equal("blocked", ccs_secc_wait_name(&w->secc));
    assert_int_equal(4, world_stats(w)->sessions_failed);
    assert_int_equal(0, w->records);
}

/* An emergency waits until a person has looked, a stopped service until it is started again: not for a plug. */
static void what_only_a_reset_frees_is_not_freed_by_a_pulled_plug(void **state)
{
    static const struct {
        ccs_end_t end;
        void (*bring)(world_t *world);
    } ends[] = {{CCS_END_EMERGENCY, end_emergency}, {CCS_END_STOPPED_SERVICE, end_stopped_service}};
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        assert_int_equal(CHARGE_NEXT_BLOCKS, charge_after(ends[i].end)->next);
        for (int early = 0; early < 2; early++) { /* pulled while the session ends, and once it has ended */
            world_init(w);
            world_start(w);
            ends[i].bring(w);
            world_pass(w, early ? 20 : 30000);
            w->fault = CCS_WHY_NONE;
            world_unplug(w);
            world_pass(w, 30000);
            world_replug(w);
            world_pass(w, 30000);
            assert_string_equal("blocked", ccs_secc_wait_name(&w->secc));
            assert_false(world_sdp(w, &world_car, false));
            assert_int_equal(CCS_PILOT_STEADY, w->out.want.pilot);
            ccs_event_t reset = {.type = CCS_ON_RESET};
            world_event(w, &reset);
            assert_true(world_sdp(w, &world_car, false));
        }
    }
}

/* The port resets the outlet when a card comes for a car that was sent away: it is served at once, plug left in. */
static void card_after_the_55_s_is_a_fresh_start_without_a_pulled_plug(void **state)
{
    world_t *const w = *state;
    for (int64_t after_ms = 0; after_ms <= 60000; after_ms += 2000) {
        world_init(w);
        world_start(w);
        end_authorization_late(w);
        world_pass(w, 100 + after_ms);
        w->authorization = CCS_GRANTED;
        ccs_event_t card = {.type = CCS_ON_RESET};
        world_event(w, &card);
        for (int n = 0; n < 1000 && !w->out.listen; n++) {
            world_pass(w, 10);
        }
        assert_int_equal(1, w->records);
        assert_int_equal(CCS_END_AUTHORIZATION_LATE, w->record.end);
        forget_session(w);
        w->pilot = CCS_PILOT_B;
        world_go(w, SESSION_WAIT_LOOP);
    }
}

/* A stop of the service or an emergency outside a session closes the outlet until somebody resets it, also over a pulled plug. */
static void stop_outside_a_session(void **state)
{
    static const ccs_stop_t stops[] = {CCS_STOP_SERVICE, CCS_STOP_EMERGENCY};
    world_t *const w = *state;
    for (size_t i = 0; i < 2; i++) {
        world_init(w);
        world_start(w);
        world_stop(w, CCS_STOP_USER); /* nothing to stop */
        assert_true(w->out.listen);
        world_stop(w, stops[i]);
        assert_false(w->out.listen);
        world_unplug(w);
        world_replug(w);
        assert_false(world_sdp(w, &world_car, false));
        ccs_event_t reset = {.type = CCS_ON_RESET};
        world_event(w, &reset);
        assert_true(world_sdp(w, &world_car, false));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(each_end_is_followed_by_what_its_row_says),
        world_test(table_has_a_row_for_every_end),
        world_test(pulled_plug_starts_afresh),
        world_test(reset_starts_afresh),
        world_test(reset_while_a_session_ends_is_remembered),
        world_test(good_session_sets_the_count_back),
        world_test(unplugged_is_ready_at_once),
        world_test(setup_timeout_without_any_connection_counts_as_well),
        world_test(stop_outside_a_session),
        world_test(what_only_a_reset_frees_is_not_freed_by_a_pulled_plug),
        world_test(card_after_the_55_s_is_a_fresh_start_without_a_pulled_plug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
