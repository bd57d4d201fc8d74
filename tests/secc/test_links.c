/* Who may talk to us: SDP, TCP, octets of all kinds, protocol choice.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/secc/world.h"

#include <string.h>

#include "exi/exi.h"
#include "messages/sap.h"
#include "v2gtp/v2gtp.h"

/* --- SDP -------------------------------------------------------------------------------------------------------------------------
 */

static void sdp_is_answered_again_until_tcp_is_there(void **state)
{
    world_t *const w = *state;
    world_start(w);
    for (int i = 0; i < 5; i++) {
        assert_true(world_sdp(w, &world_car, false));
        world_pass(w, 250);
    }
    assert_true(world_connect(w, WORLD_LINK, &world_car, false));
    assert_false(world_sdp(w, &world_car, false)); /* a session runs */
    assert_false(w->out.listen);
}

/* Audi Q4, Ford Lightning #13: a car that asks for TLS is told where plain TCP is. */
static void tls_request_is_answered_with_plain(void **state)
{
    world_t *const w = *state;
    world_start(w);
    assert_true(world_sdp(w, &world_car, true));
    assert_true(world_connect(w, WORLD_LINK, &world_car, false));
}

static void malformed_sdp_is_silence_and_a_count(void **state)
{
    static const uint8_t bad[][10] = {
        {0x01, 0xFF, 0x90, 0x00, 0, 0, 0, 2, 0x10, 0x00}, /* inverse version */
        {0x01, 0xFE, 0x90, 0x01, 0, 0, 0, 2, 0x10, 0x00}, /* a response */
        {0x01, 0xFE, 0x90, 0x00, 0, 0, 0, 3, 0x10, 0x00}, /* length */
        {0x01, 0xFE, 0x90, 0x00, 0, 0, 0, 2, 0x10, 0x10}, /* UDP */
        {0x01, 0xFE, 0x90, 0x00, 0, 0, 0, 2, 0x33, 0x00}, /* reserved security */
    };
    world_t *const w = *state;
    world_start(w);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ccs_event_t event = {.type = CCS_ON_DATAGRAM, .datagram = {.from = world_car, .bytes = {bad[i], sizeof bad[i]}}};
        world_event(w, &event);
        assert_int_equal(i + 1, world_stats(w)->sdp_malformed);
    }
    assert_int_equal(0, w->sdp_answers);
}

/* #43 a neighbour's traffic on our wire */
static void nobody_is_answered_without_a_car_at_our_own_pilot(void **state)
{
    static const ccs_pilot_state_t pilots[] = {CCS_PILOT_A, CCS_PILOT_E, CCS_PILOT_F};
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof pilots / sizeof *pilots; i++) {
        world_init(w);
        w->pilot = pilots[i];
        world_start(w);
        assert_false(world_sdp(w, &world_car, false));
        assert_false(world_connect(w, 2, &world_car, false));
    }
}

static void nobody_is_answered_without_a_network(void **state)
{
    world_t *const w = *state;
    world_start(w);
    ccs_event_t down = {.type = CCS_ON_DLINK};
    world_event(w, &down);
    assert_false(world_sdp(w, &world_car, false));
    assert_false(w->out.listen);
}

/* --- TCP -------------------------------------------------------------------------------------------------------------------------
 */

static void second_car_is_refused(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    assert_false(w->out.listen);
    assert_false(world_connect(w, 2, &world_stranger, false));
    assert_false(world_connect(w, 3, &world_car, false)); /* the same car a second time as well */
    assert_int_equal(2, w->refusals);
    assert_int_equal(2, world_stats(w)->connects_refused);
    world_say(w, DIN_BODY_CURRENT_DEMAND_REQ); /* the first does not notice */
    world_expect(w, DIN_BODY_CURRENT_DEMAND_RES, DIN_RESPONSE_CODE_OK);
}

static void who_did_not_ask_sdp_is_refused(void **state)
{
    world_t *const w = *state;
    world_start(w);
    assert_true(world_sdp(w, &world_car, false));
    assert_false(world_connect(w, 2, &world_stranger, false));
    assert_true(world_connect(w, WORLD_LINK, &world_car, false));
}

/* A port of plain TCP is found without SDP as well. */
static void where_tls_is_required_plain_tcp_is_shut(void **state)
{
    world_t *const w = *state;
    w->config.tls = CCS_TLS_REQUIRE;
    w->config.port_tls = 50001;
    world_start(w);
    assert_true(world_sdp(w, &world_car, true));
    assert_false(w->out.listen);
    assert_true(w->out.listen_tls);
    assert_false(world_connect(w, 2, &world_car, false));
    assert_int_equal(1, world_stats(w)->connects_refused);
    assert_true(world_connect(w, WORLD_LINK, &world_car, true));
}

static void who_was_offered_tls_and_comes_plain_is_logged(void **state)
{
    world_t *const w = *state;
    w->config.tls = CCS_TLS_ALLOW;
    w->config.port_tls = 50001;
    world_start(w);
    assert_true(world_sdp(w, &world_car, true));
    assert_true(world_connect(w, WORLD_LINK, &world_car, false));
    assert_non_null(strstr(w->trace, "downgrade"));
}

static void octets_of_other_links_do_not_reach_the_session(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    const uint8_t octets[] = {0x01, 0xFE, 0x80, 0x01, 0, 0, 0, 1, 0x80};
    ccs_event_t event = {.type = CCS_ON_BYTES, .link = 2, .bytes = {octets, sizeof octets}};
    world_event(w, &event);
    assert_int_equal(0, ccs_secc_window(&w->secc, 2));
    assert_int_equal(0, world_stats(w)->exi_malformed);
    ccs_event_t closed = {.type = CCS_ON_CLOSED, .link = 2};
    world_event(w, &closed);
    assert_int_equal(CCS_PHASE_LIVE, w->out.want.phase);
}

static void failed_handshake_leaves_the_setup_time_running(void **state)
{
    world_t *const w = *state;
    world_start(w);
    assert_true(world_sdp(w, &world_car, false));
    ccs_event_t connect = {.type = CCS_ON_CONNECT, .link = WORLD_LINK, .connect = {.from = world_car}};
    world_event(w, &connect);
    world_closed(w, WORLD_LINK); /* before SECURED */
    assert_int_equal(0, w->records);
    assert_true(w->out.listen);
    assert_true(world_connect(w, WORLD_LINK, &world_car, false));
}

static void lost_link_ends_the_session_in_every_wait(void **state)
{
    static const session_wait_t waits[] = {SESSION_WAIT_SESSION_SETUP, SESSION_WAIT_AUTHORIZATION, SESSION_WAIT_PRECHARGE,
                                           SESSION_WAIT_LOOP, SESSION_WAIT_POWER_OFF};
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        world_init(w);
        world_start(w);
        world_go(w, waits[i]);
        world_closed(w, WORLD_LINK);
        assert_int_equal(CCS_PHASE_OFF, w->out.want.phase);
        world_expect_end(w, CCS_END_LINK_LOST, 0);
    }
}

static void network_down_ends_the_session(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    ccs_event_t down = {.type = CCS_ON_DLINK};
    world_event(w, &down);
    world_expect_end(w, CCS_END_LINK_LOST, 0);
}

/* The car closes first, as it should. */
static void car_that_closes_after_the_last_answer(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_POWER_OFF);
    world_say(w, DIN_BODY_SESSION_STOP_REQ);
    world_pass(w, 100);
    assert_true(ccs_secc_window(&w->secc, WORLD_LINK) > 0); /* or its FIN would not be seen */
    world_closed(w, WORLD_LINK);
    world_expect_end(w, CCS_END_COMPLETED, 0);
}

/* --- octets ----------------------------------------------------------------------------------------------------------------------
 */

static void frame_in_single_octets(void **state)
{
    world_t *const w = *state;
    uint8_t frame[256];
    world_start(w);
    world_go(w, SESSION_WAIT_SERVICE_DISCOVERY);
    const din_v2g_message_t message = world_message(DIN_BODY_SERVICE_DISCOVERY_REQ);
    const size_t length = world_frame_of(w, &message, frame + V2GTP_HEADER_SIZE, sizeof frame - V2GTP_HEADER_SIZE);
    v2gtp_header_write(V2GTP_EXI, (uint32_t)length, frame);
    for (size_t i = 0; i < V2GTP_HEADER_SIZE + length; i++) {
        world_bytes(w, WORLD_LINK, frame + i, 1);
        world_pass(w, 5);
    }
    world_expect(w, DIN_BODY_SERVICE_DISCOVERY_RES, DIN_RESPONSE_CODE_OK);
}

static void several_frames_in_one_segment(void **state)
{
    world_t *const w = *state;
    uint8_t frames[512];
    size_t at = 0;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    for (int i = 0; i < 3; i++) {
        const din_v2g_message_t message = world_message(DIN_BODY_CURRENT_DEMAND_REQ);
        const size_t length = world_frame_of(w, &message, frames + at + V2GTP_HEADER_SIZE, sizeof frames - at - V2GTP_HEADER_SIZE);
        v2gtp_header_write(V2GTP_EXI, (uint32_t)length, frames + at);
        at += V2GTP_HEADER_SIZE + length;
    }
    const unsigned before = w->answers;
    world_bytes(w, WORLD_LINK, frames, at);
    assert_int_equal(before + 3, w->answers);
}

/* The whole message in one event, although only eight octets were asked for: taken as well. */
static void whole_frame_in_one_event(void **state)
{
    world_t *const w = *state;
    uint8_t frame[256];
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    const din_v2g_message_t message = world_message(DIN_BODY_CURRENT_DEMAND_REQ);
    const size_t length = world_frame_of(w, &message, frame + V2GTP_HEADER_SIZE, sizeof frame - V2GTP_HEADER_SIZE);
    v2gtp_header_write(V2GTP_EXI, (uint32_t)length, frame);
    ccs_event_t event = {.type = CCS_ON_BYTES, .link = WORLD_LINK, .bytes = {frame, V2GTP_HEADER_SIZE + length}};
    world_event(w, &event);
    world_expect(w, DIN_BODY_CURRENT_DEMAND_RES, DIN_RESPONSE_CODE_OK);
}

static void window_is_closed_while_an_answer_waits(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    assert_int_equal(V2GTP_HEADER_SIZE, ccs_secc_window(&w->secc, WORLD_LINK));
    din_v2g_message_t stop = world_message(DIN_BODY_POWER_DELIVERY_REQ);
    world_send(w, &stop);
    assert_int_equal(0, ccs_secc_window(&w->secc, WORLD_LINK));
    world_pass(w, 200);
    world_expect(w, DIN_BODY_POWER_DELIVERY_RES, DIN_RESPONSE_CODE_OK);
    assert_int_equal(V2GTP_HEADER_SIZE, ccs_secc_window(&w->secc, WORLD_LINK));
}

static void bad_header_is_ignored_and_the_session_goes_on(void **state)
{
    static const uint8_t bad[] = {0xFF, 0xFE, 0x80, 0x01, 0, 0, 0, 1, 0x80, 0x01, 0xFE, 0x70, 0x01, 0, 0, 0, 1, 0x80};
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    world_bytes(w, WORLD_LINK, bad, sizeof bad);
    assert_true(world_stats(w)->v2gtp_malformed > 0);
    world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
    world_expect(w, DIN_BODY_CURRENT_DEMAND_RES, DIN_RESPONSE_CODE_OK);
}

static void payload_type_of_another_protocol_is_ignored(void **state)
{
    static const uint8_t frame[] = {0x01, 0xFE, 0x80, 0x02, 0, 0, 0, 2, 0x80, 0x00};
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    world_bytes(w, WORLD_LINK, frame, sizeof frame);
    assert_int_equal(1, world_stats(w)->v2gtp_unknown_type);
    assert_true(w->link_open);
}

static void two_undecodable_requests_are_forgiven_the_third_ends(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    const unsigned answers = w->answers;
    world_hex(w, "809affffff");
    world_hex(w, "80");
    assert_int_equal(answers, w->answers);
    world_say(w, DIN_BODY_CURRENT_DEMAND_REQ); /* a good one sets the count back */
    world_hex(w, "809affffff");
    world_hex(w, "ff00112233");
    assert_true(w->link_open);
    world_hex(w, "809affffff");
    assert_int_equal(5, world_stats(w)->exi_malformed);
    world_expect_end(w, CCS_END_DECODE_ERROR, 5000);
}

static void response_is_no_request(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    din_v2g_message_t message = world_message(DIN_BODY_SESSION_STOP_RES);
    world_send(w, &message);
    message.body.which = 0; /* an empty body */
    world_send(w, &message);
    assert_int_equal(2, world_stats(w)->exi_malformed);
    assert_true(w->link_open);
}

/* Tesla appends an octet. */
static void surplus_octet_behind_a_message_is_ignored(void **state)
{
    world_t *const w = *state;
    uint8_t exi[256];
    world_start(w);
    world_go(w, SESSION_WAIT_AUTHORIZATION);
    const din_v2g_message_t message = world_message(DIN_BODY_CONTRACT_AUTHENTICATION_REQ);
    const size_t length = world_frame_of(w, &message, exi, sizeof exi);
    exi[length] = 0;
    world_exi(w, exi, length + 1);
    world_pass(w, 10);
    world_expect(w, DIN_BODY_CONTRACT_AUTHENTICATION_RES, DIN_RESPONSE_CODE_OK);
}

static void message_longer_than_the_buffer_is_skipped(void **state)
{
    world_t *const w = *state;
    static uint8_t huge[3 * WORLD_FRAME];
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    v2gtp_header_write(V2GTP_EXI, sizeof huge - V2GTP_HEADER_SIZE, huge);
    world_bytes(w, WORLD_LINK, huge, sizeof huge);
    assert_int_equal(1, world_stats(w)->v2gtp_too_long);
    world_say(w, DIN_BODY_CURRENT_DEMAND_REQ);
    world_expect(w, DIN_BODY_CURRENT_DEMAND_RES, DIN_RESPONSE_CODE_OK);
}

/* --- the first request
 * ------------------------------------------------------------------------------------------------------------ */

static sap_supported_app_protocol_res_t sap_answer(const world_t *w)
{
    static uint64_t memory[64];
    exi_arena_t arena = {.at = memory, .size = sizeof memory};
    exi_message_t message;
    const ccs_view_t exi = {w->frame + V2GTP_HEADER_SIZE, w->frame_length - V2GTP_HEADER_SIZE};
    assert_int_equal(CCS_OK, exi_decode(&exi_sap, exi, &arena, &message));
    assert_int_equal(SAP_SUPPORTED_APP_PROTOCOL_RES, message.root);
    return *(const sap_supported_app_protocol_res_t *)message.at;
}

static void link_only(world_t *w)
{
    world_start(w);
    assert_true(world_sdp(w, &world_car, false));
    assert_true(world_connect(w, WORLD_LINK, &world_car, false));
}

/* #36 #50 */
static void schema_id_is_echoed_unchanged(void **state)
{
    static const uint8_t ids[] = {0, 1, 20, 255};
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof ids; i++) {
        world_init(w);
        link_only(w);
        world_offer(w, "urn:din:70121:2012:MsgDef", 2, 0, ids[i]);
        const sap_supported_app_protocol_res_t res = sap_answer(w);
        assert_int_equal(SAP_RESPONSE_CODE_OK_SUCCESSFUL_NEGOTIATION, res.response_code);
        assert_true(res.has_schema_id);
        assert_int_equal(ids[i], res.schema_id);
    }
}

static void minor_version_that_differs_is_told(void **state)
{
    world_t *const w = *state;
    link_only(w);
    world_offer(w, "urn:din:70121:2012:MsgDef", 2, 1, 1);
    assert_int_equal(SAP_RESPONSE_CODE_OK_SUCCESSFUL_NEGOTIATION_WITH_MINOR_DEVIATION, sap_answer(w).response_code);
    world_say(w, DIN_BODY_SESSION_SETUP_REQ);
    world_expect(w, DIN_BODY_SESSION_SETUP_RES, DIN_RESPONSE_CODE_OK_NEW_SESSION_ESTABLISHED);
}

static void v2g2_172_no_common_protocol(void **state)
{
    static const struct {
        const char *name;
        uint32_t major;
    } rows[] = {{"urn:din:70121:2012:MsgDef", 1}, {"urn:iso:15118:2:2013:MsgDef", 2}, {"urn:tesla:din:2018:MsgDef", 2}, {"", 2}};
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_init(w);
        link_only(w);
        world_offer(w, rows[i].name, rows[i].major, 0, 1);
        const sap_supported_app_protocol_res_t res = sap_answer(w);
        assert_int_equal(SAP_RESPONSE_CODE_FAILED_NO_NEGOTIATION, res.response_code);
        assert_false(res.has_schema_id);
        world_expect_end(w, CCS_END_NO_PROTOCOL, 5000);
    }
}

/* #60 */
static void repeated_offer_gets_the_same_octets(void **state)
{
    world_t *const w = *state;
    uint8_t first[64];
    link_only(w);
    world_sap(w);
    const size_t length = w->frame_length;
    memcpy(first, w->frame, length);
    world_sap(w);
    assert_int_equal(length, w->frame_length);
    assert_memory_equal(first, w->frame, length);
    world_say(w, DIN_BODY_SESSION_SETUP_REQ);
    world_expect(w, DIN_BODY_SESSION_SETUP_RES, DIN_RESPONSE_CODE_OK_NEW_SESSION_ESTABLISHED);
}

static void offer_in_the_middle_of_a_session_is_a_sequence_error(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    world_sap(w);
    assert_int_equal(SAP_RESPONSE_CODE_FAILED_NO_NEGOTIATION, sap_answer(w).response_code);
    world_expect_end(w, CCS_END_SEQUENCE_ERROR, 5000);
}

static void request_before_the_offer_is_not_answered(void **state)
{
    world_t *const w = *state;
    link_only(w);
    for (int i = 0; i < 3; i++) {
        assert_true(w->link_open);
        din_v2g_message_t setup = world_message(DIN_BODY_SESSION_SETUP_REQ);
        world_send(w, &setup);
    }
    assert_int_equal(0, w->answers);
    world_expect_end(w, CCS_END_DECODE_ERROR, 5000);
    assert_int_equal(0, w->record.session_id_length); /* a link that never became a session has its record too */
    assert_int_equal(CCS_PROTOCOL_NONE, w->record.protocol);
}

/* --- settings
 * ---------------------------------------------------------------------------------------------------------------------- */

static ccs_err_t init_with(world_t *w, size_t size)
{
    const ccs_secc_buffers_t buffers = {w->rx, size, w->tx, size, w->arena, size};
    return ccs_secc_init(&w->secc, &w->config, &buffers, 0);
}

static void settings_that_cannot_be(void **state)
{
    world_t *const w = *state;
    assert_int_equal(CCS_OK, init_with(w, WORLD_FRAME));
    assert_int_equal(CCS_ERR_SPACE, init_with(w, 100));
    w->config.protocol[CCS_PROTOCOL_ISO2] = true; /* not there yet: said, not ignored */
    assert_int_equal(CCS_ERR_UNSUPPORTED, init_with(w, WORLD_FRAME));
    w->config.protocol[CCS_PROTOCOL_ISO2] = false;
    w->config.evse_id_din_length = 33;
    assert_int_equal(CCS_ERR_CONFIG, init_with(w, WORLD_FRAME));
    w->config.evse_id_din_length = 1;
    w->config.port = 0;
    assert_int_equal(CCS_ERR_CONFIG, init_with(w, WORLD_FRAME));
}

/* The smallest memory that init takes is enough for a whole charge. */
static void least_memory_is_enough(void **state)
{
    world_t *const w = *state;
    const ccs_secc_buffers_t least = {w->rx, CCS_RX_SIZE_MIN, w->tx, CCS_TX_SIZE_MIN, w->arena, CCS_ARENA_SIZE_MIN};
    world_start(w);
    world_unplug(w);
    assert_int_equal(CCS_OK, ccs_secc_init(&w->secc, &w->config, &least, w->now_ms));
    world_report(w);
    world_replug(w);
    world_go(w, SESSION_WAIT_POWER_OFF);
    world_say(w, DIN_BODY_SESSION_STOP_REQ);
    world_expect_end(w, CCS_END_COMPLETED, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(sdp_is_answered_again_until_tcp_is_there),
        world_test(tls_request_is_answered_with_plain),
        world_test(malformed_sdp_is_silence_and_a_count),
        world_test(nobody_is_answered_without_a_car_at_our_own_pilot),
        world_test(nobody_is_answered_without_a_network),
        world_test(second_car_is_refused),
        world_test(who_did_not_ask_sdp_is_refused),
        world_test(where_tls_is_required_plain_tcp_is_shut),
        world_test(who_was_offered_tls_and_comes_plain_is_logged),
        world_test(octets_of_other_links_do_not_reach_the_session),
        world_test(failed_handshake_leaves_the_setup_time_running),
        world_test(lost_link_ends_the_session_in_every_wait),
        world_test(network_down_ends_the_session),
        world_test(car_that_closes_after_the_last_answer),
        world_test(frame_in_single_octets),
        world_test(several_frames_in_one_segment),
        world_test(whole_frame_in_one_event),
        world_test(window_is_closed_while_an_answer_waits),
        world_test(bad_header_is_ignored_and_the_session_goes_on),
        world_test(payload_type_of_another_protocol_is_ignored),
        world_test(two_undecodable_requests_are_forgiven_the_third_ends),
        world_test(response_is_no_request),
        world_test(surplus_octet_behind_a_message_is_ignored),
        world_test(message_longer_than_the_buffer_is_skipped),
        world_test(schema_id_is_echoed_unchanged),
        world_test(minor_version_that_differs_is_told),
        world_test(v2g2_172_no_common_protocol),
        world_test(repeated_offer_gets_the_same_octets),
        world_test(offer_in_the_middle_of_a_session_is_a_sequence_error),
        world_test(request_before_the_offer_is_not_answered),
        world_test(settings_that_cannot_be),
        world_test(least_memory_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
