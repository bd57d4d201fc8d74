/* TCP of the port: who may connect, segments, back-pressure, ends.
 * SPDX-License-Identifier: Apache-2.0 */
#include <lwip/priv/tcp_priv.h>
#include <lwip/stats.h>
#include <string.h>

#include "tests/lwip/bench.h"

static const uint8_t header[8] = {0x01, 0xfe, 0x80, 0x01, 0, 0, 0, 4};
static uint8_t pattern[8192];

static ccs_view_t some(size_t length)
{
    for (size_t i = 0; i < length; i++) {
        pattern[i] = (uint8_t)(i * 7 + i / 251);
    }
    return (ccs_view_t){pattern, length};
}

static void perform_close(bench_t *bench, int64_t by_ms)
{
    const ccs_action_t action = {.type = CCS_CLOSE, .link = 0, .close_by_ms = by_ms};
    bench->port.api.perform(bench->port.api.ctx, &action);
}

static void syn(bench_t *bench, const wire_station_t *from)
{
    const wire_tcp_t tcp = {.source = 50010, .target = BENCH_PORT, .sequence = 1, .flags = WIRE_SYN, .window = 4096, .mss = 1440};
    const wire_frame_t frame = wire_segment(from, &bench->us, &tcp);
    bench_in(bench, &frame);
    while (bench_event(bench, 20).type != CCS_ON_TIME) {
    }
}

static void test_a_message_in_two_parts_is_one_segment(void **state)
{
    bench_t *bench = *state;
    wire_frame_t frame;
    bench_connect(bench, 1440);
    bench_forget(bench);
    bench_send(bench, (ccs_view_t){header, sizeof header}, some(60));
    assert_true(bench_out(bench, bench_is_tcp, &frame));
    assert_int_equal(wire_read_tcp(&frame).data.length, sizeof header + 60);
    assert_int_equal(bench_count(bench, bench_is_tcp), 0);
}

/* Hyundai Ioniq: MSS 350. */
static void test_a_car_with_an_mss_of_350_gets_a_long_message_whole(void **state)
{
    bench_t *bench = *state;
    bench_connect(bench, 350);
    const ccs_view_t message = some(5000);
    bench_send(bench, (ccs_view_t){header, sizeof header}, message);
    bench_car(bench, 3000);
    assert_int_equal(bench->received, sizeof header + message.length);
    assert_memory_equal(bench->stream, header, sizeof header);
    assert_memory_equal(bench->stream + sizeof header, message.at, message.length);
    assert_int_equal(bench->largest, 350);
}

static void test_a_lost_segment_is_sent_again(void **state)
{
    bench_t *bench = *state;
    bench_connect(bench, 1440);
    bench->lose = 1;
    bench_send(bench, (ccs_view_t){header, sizeof header}, some(60));
    bench_car(bench, 4000);
    assert_int_equal(bench->received, sizeof header + 60);
}

static void test_octets_come_as_far_as_the_window_allows(void **state)
{
    bench_t *bench = *state;
    const ccs_view_t message = some(1200);
    bench_connect(bench, 1440);
    bench->window = 0;
    bench_car_sends(bench, WIRE_ACK | WIRE_PSH, message);
    bench_car_sends(bench, WIRE_ACK | WIRE_FIN, (ccs_view_t){0});
    assert_int_equal(bench_event(bench, 50).type, CCS_ON_TIME);
    size_t got = 0;
    bench->window = 500;
    while (got < message.length) {
        const ccs_event_t event = bench_event(bench, 10);
        assert_int_equal(event.type, CCS_ON_BYTES);
        assert_true(event.bytes.length <= 500);
        assert_memory_equal(event.bytes.at, message.at + got, event.bytes.length);
        got += event.bytes.length;
    }
    assert_int_equal(bench_event(bench, 10).type, CCS_ON_CLOSED); /* the peer's FIN, behind its octets */
    bench_car(bench, 20);
    assert_true(bench->fin);
    assert_false(bench->reset);
}

static void test_segments_of_350_from_the_car_fill_no_more_than_the_memory_for_them(void **state)
{
    bench_t *bench = *state;
    bench_connect(bench, 350);
    bench->window = 0;
    for (size_t i = 0; i < 16; i++) {
        bench_car_sends(bench, WIRE_ACK | WIRE_PSH, some(350));
    }
    bench_car(bench, 50);
    assert_int_equal(bench->port.modem.stats.no_memory, 0);
    bench->window = 4096;
    size_t got = 0;
    while (got < 16 * 350) {
        const ccs_event_t event = bench_event(bench, 50);
        assert_int_equal(event.type, CCS_ON_BYTES);
        got += event.bytes.length;
    }
}

static void test_a_message_that_is_not_taken_whole_closes_the_link(void **state)
{
    bench_t *bench = *state;
    bench_connect(bench, 1440);
    bench->deaf = true;
    for (int i = 0; i < 4; i++) {
        bench_send(bench, (ccs_view_t){header, sizeof header}, some(4000));
    }
    const ccs_event_t event = bench_event(bench, 10);
    assert_int_equal(event.type, CCS_ON_CLOSED);
    assert_int_equal(bench->port.stats.sends_cut, 1);
    bench_car(bench, 20);
    assert_true(bench->reset);
}

static void test_our_close_delivers_what_was_sent_and_then_fin(void **state)
{
    bench_t *bench = *state;
    bench_connect(bench, 1440);
    bench_send(bench, (ccs_view_t){header, sizeof header}, some(100));
    perform_close(bench, bench->now_ms + 5000);
    bench_car_sends(bench, WIRE_ACK | WIRE_PSH, some(40)); /* what crosses it is no reason for RST */
    bench_car(bench, 100);
    assert_int_equal(bench->received, sizeof header + 100);
    assert_true(bench->fin);
    assert_false(bench->reset);
    bench_car_sends(bench, WIRE_ACK | WIRE_FIN, (ccs_view_t){0});
    bench_car(bench, 6000);
    assert_false(bench->reset);
}

static void test_unread_octets_do_not_turn_our_close_into_a_reset(void **state)
{
    bench_t *bench = *state;
    bench_connect(bench, 1440);
    bench->window = 0;
    bench_car_sends(bench, WIRE_ACK | WIRE_PSH, some(100));
    (void)bench_event(bench, 10);
    perform_close(bench, bench->now_ms + 5000);
    bench_car(bench, 100);
    assert_true(bench->fin);
    assert_false(bench->reset);
}

static void test_a_link_that_was_closed_is_gone_in_time_whatever_the_car_does(void **state)
{
    bench_t *bench = *state;
    bench_connect(bench, 1440);
    perform_close(bench, bench->now_ms + 500);
    bench_car(bench, 400);
    assert_false(bench->reset);
    bench_car(bench, 300);
    assert_true(bench->reset);
}

static void test_a_reset_of_the_car_closes_the_link(void **state)
{
    bench_t *bench = *state;
    bench_connect(bench, 1440);
    bench_car_sends(bench, WIRE_RST | WIRE_ACK, (ccs_view_t){0});
    assert_int_equal(bench_event(bench, 10).type, CCS_ON_CLOSED);
    bench_connect(bench, 1440); /* the next one is welcome */
    bench_car_sends(bench, WIRE_ACK | WIRE_PSH, some(30));
    assert_int_equal(bench_until(bench, CCS_ON_BYTES).bytes.length, 30);
}

static void test_a_refused_connection_sees_a_reset(void **state)
{
    bench_t *bench = *state;
    bench_admit(bench, true);
    bench->mss = 1440;
    bench->sequence = 1;
    bench_car_sends(bench, WIRE_SYN, (ccs_view_t){0});
    bench_car(bench, 20);
    perform_close(bench, bench->now_ms + 1000);
    bench_car(bench, 20);
    assert_true(bench->reset);
}

static void test_a_closed_listener_refuses(void **state)
{
    bench_t *bench = *state;
    wire_frame_t frame;
    bench_connect(bench, 1440); /* resolved */
    bench->port.api.listen(bench->port.api.ctx, false, false);
    bench_forget(bench);
    syn(bench, &bench->car);
    assert_true(bench_out(bench, bench_is_tcp, &frame));
    assert_true((wire_read_tcp(&frame).flags & WIRE_RST) != 0);
}

/* Neither SYN-ACK nor RST, also not with an extension header in front; nothing of it reaches the core. */
static void test_a_neighbour_is_not_answered_when_the_car_alone_is_admitted(void **state)
{
    bench_t *bench = *state;
    bench_admit(bench, true);
    bench_forget(bench);
    syn(bench, &bench->neighbour);
    wire_station_t disguised = bench->neighbour; /* with the car's address */
    memcpy(disguised.address, bench->car.address, 16);
    syn(bench, &disguised);
    const wire_tcp_t tcp = {.source = 50010, .target = BENCH_PORT, .sequence = 1, .flags = WIRE_SYN, .window = 4096};
    const wire_frame_t plain = wire_segment(&bench->neighbour, &bench->us, &tcp);
    wire_frame_t hidden = plain; /* hop-by-hop options with padding only */
    static const uint8_t options[8] = {WIRE_TCP, 0, 1, 4, 0, 0, 0, 0};
    memcpy(hidden.octets + 54, options, sizeof options);
    memcpy(hidden.octets + 62, plain.octets + 54, 20);
    hidden.length += 8;
    hidden.octets[19] = (uint8_t)(hidden.octets[19] + 8);
    hidden.octets[20] = 0;
    bench_in(bench, &hidden);
    while (bench_event(bench, 1500).type != CCS_ON_TIME) {
    }
    assert_int_equal(bench_count(bench, bench_is_tcp), 0);
    assert_int_equal(bench_count(bench, bench_is_solicitation), 0);
    assert_int_equal(bench->port.modem.stats.refused, 3);
    bench_connect(bench, 1440); /* the car is */
}

static void test_a_running_session_does_not_notice_a_neighbour_that_floods(void **state)
{
    bench_t *bench = *state;
    bench_admit(bench, true);
    bench_connect(bench, 1440);
    for (uint32_t i = 0; i < 3000; i++) {
        const wire_tcp_t tcp = {
            .source = (uint16_t)(1024 + i), .target = BENCH_PORT, .sequence = i, .flags = WIRE_SYN, .window = 1};
        const wire_frame_t frame = wire_segment(&bench->neighbour, &bench->us, &tcp);
        bench_in(bench, &frame);
        assert_int_equal(bench_event(bench, 0).type, CCS_ON_TIME);
    }
    bench_car_sends(bench, WIRE_ACK | WIRE_PSH, some(30));
    assert_int_equal(bench_until(bench, CCS_ON_BYTES).bytes.length, 30);
}

/* Without SLAC the listener stands open from the begin; yet a connection begins with the answer to an SDP request. */
static void test_before_sdp_was_answered_nobody_gets_as_much_as_a_syn_ack(void **state)
{
    bench_t *bench = *state;
    bench_connect(bench, 1440); /* the neighbour cache knows the car */
    bench_admit(bench, false);
    bench_forget(bench);
    const uint32_t refused = bench->port.modem.stats.refused;
    syn(bench, &bench->car);
    syn(bench, &bench->neighbour);
    assert_int_equal(bench_count(bench, bench_is_tcp), 0);
    assert_int_equal(bench->port.modem.stats.refused, refused + 2);
}

static void flood(bench_t *bench, const wire_station_t *from, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const wire_tcp_t tcp = {.source = (uint16_t)(1024 + i),
                                .target = BENCH_PORT,
                                .sequence = i,
                                .flags = i % 3 ? WIRE_SYN : WIRE_ACK,
                                .window = 4096};
        const wire_frame_t frame = wire_segment(from, &bench->us, &tcp);
        bench_in(bench, &frame);
        (void)bench_event(bench, 1);
    }
}

/* It lasts from before the car's SDP request until its charge runs, without SLAC: the car's first SYN is answered at once. */
static void test_a_lasting_flood_of_foreign_segments_costs_the_car_nothing(void **state)
{
    bench_t *bench = *state;
    wire_station_t disguised = bench->neighbour; /* with the car's address */
    memcpy(disguised.address, bench->car.address, 16);
    const uint32_t used = (uint32_t)lwip_stats.mem.used;
    flood(bench, &bench->neighbour, 2000);
    bench_admit(bench, true);
    flood(bench, &bench->neighbour, 2000);
    flood(bench, &disguised, 2000);
    assert_int_equal(bench_count(bench, bench_is_tcp), 0);
    assert_int_equal(lwip_stats.mem.used, used);
    assert_null(tcp_active_pcbs);
    bench_connect(bench, 1440);
    flood(bench, &disguised, 2000);
    bench_car_sends(bench, WIRE_ACK | WIRE_PSH, some(30));
    assert_int_equal(bench_until(bench, CCS_ON_BYTES).bytes.length, 30);
}

/* The core admits nobody any more once it has closed; the car's own last octets and its FIN still count. */
static void test_the_last_car_may_end_its_connection_but_not_begin_another(void **state)
{
    bench_t *bench = *state;
    bench_connect(bench, 1440);
    bench_send(bench, (ccs_view_t){header, sizeof header}, some(4));
    perform_close(bench, bench->now_ms + 60000);
    bench_admit(bench, false);
    bench_car(bench, 100);
    assert_int_equal(bench->received, sizeof header + 4);
    assert_true(bench->fin);
    bench_car_sends(bench, WIRE_FIN | WIRE_ACK, (ccs_view_t){0});
    bench_car(bench, 100);
    assert_null(bench->port.drain[0].pcb);
    bench_forget(bench);
    syn(bench, &bench->car);
    assert_int_equal(bench_count(bench, bench_is_tcp), 0);
}

/* Even the car's own: after a restart of its computer it knows nothing of those it began before. */
static void test_connections_that_are_only_begun_do_not_keep_the_car_out(void **state)
{
    bench_t *bench = *state;
    bench_connect(bench, 1440); /* the neighbour cache knows the car; its first link goes on below */
    for (uint32_t i = 0; i < 300; i++) {
        const wire_tcp_t tcp = {
            .source = (uint16_t)(2000 + i), .target = BENCH_PORT, .sequence = i, .flags = WIRE_SYN, .window = 4096};
        const wire_frame_t frame = wire_segment(&bench->car, &bench->us, &tcp);
        bench_in(bench, &frame);
        assert_int_equal(bench_event(bench, 1).type, CCS_ON_TIME);
        bench_forget(bench);
    }
    bench_car_sends(bench, WIRE_ACK | WIRE_PSH, some(30));
    assert_int_equal(bench_until(bench, CCS_ON_BYTES).bytes.length, 30);
    bench_forget(bench);
    syn(bench, &bench->car);
    wire_frame_t answer;
    assert_true(bench_out(bench, bench_is_tcp, &answer));
    assert_int_equal(wire_read_tcp(&answer).flags & (WIRE_SYN | WIRE_ACK), WIRE_SYN | WIRE_ACK);
}

static void test_more_connections_than_links_are_refused_and_counted(void **state)
{
    bench_t *bench = *state;
    bench_connect(bench, 1440);
    for (uint16_t i = 0; i < 6; i++) {
        wire_tcp_t tcp = {.source = (uint16_t)(50100 + i), .target = BENCH_PORT, .sequence = 1, .flags = WIRE_SYN, .window = 4096};
        wire_frame_t frame = wire_segment(&bench->car, &bench->us, &tcp), answer;
        bench_forget(bench);
        bench_in(bench, &frame);
        (void)bench_event(bench, 10);
        assert_true(bench_out(bench, bench_is_tcp, &answer));
        tcp.acknowledge = wire_read_tcp(&answer).sequence + 1;
        tcp.sequence = 2;
        tcp.flags = WIRE_ACK;
        frame = wire_segment(&bench->car, &bench->us, &tcp);
        bench_in(bench, &frame);
        (void)bench_event(bench, 10);
    }
    assert_int_equal(bench->port.stats.connects_without_link, 3);
}

static uint32_t draw(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* A valid frame with some octets changed, cut or with its checksum made good again. */
static wire_frame_t mutated(const bench_t *bench, uint32_t *seed)
{
    const wire_tcp_t tcp = {.source = BENCH_CAR_PORT,
                            .target = BENCH_PORT,
                            .sequence = bench->sequence + draw(seed) % 64,
                            .acknowledge = bench->acknowledge,
                            .flags = (uint8_t)draw(seed),
                            .window = (uint16_t)draw(seed),
                            .mss = draw(seed) % 3 == 0 ? (uint16_t)draw(seed) : 0,
                            .data = some(draw(seed) % 400)};
    const wire_frame_t kinds[] = {
        wire_segment(&bench->car, &bench->us, &tcp),
        wire_udp(&bench->car, &bench->us, 50000, draw(seed) % 4 == 0 ? 15118 : (uint16_t)draw(seed), some(draw(seed) % 200)),
        wire_solicitation(&bench->car, &bench->us, bench->us.address, draw(seed) % 2 == 0, draw(seed) % 4 == 0),
        wire_advertisement(&bench->car, &bench->us, bench->car.address, bench->car.mac),
    };
    wire_frame_t frame = kinds[draw(seed) % 4];
    for (uint32_t changes = draw(seed) % 4; changes > 0; changes--) {
        frame.octets[draw(seed) % frame.length] = (uint8_t)draw(seed);
    }
    if (draw(seed) % 8 == 0) {
        frame.length = draw(seed) % (uint32_t)(frame.length + 1);
    } else if (draw(seed) % 2 == 0 && frame.octets[19] + 256 * frame.octets[18] + 54 == (int)frame.length) {
        wire_seal(&frame);
    }
    return frame;
}

/* Whatever comes over the line: no crash (the sanitizers watch), no octet of memory lost (bench_close), and the next car charges.
 */
static void test_mutated_frames_cost_nothing(void **state)
{
    bench_t *bench = *state;
    uint32_t seed = 20261124;
    for (int i = 0; i < 20000; i++) {
        const wire_frame_t frame = mutated(bench, &seed);
        if (i % 500 == 0) {
            bench_admit(bench, i % 1500 == 0);
        }
        bench_in(bench, &frame);
        const ccs_event_t event = bench_event(bench, draw(&seed) % 3);
        if (event.type == CCS_ON_CONNECT) {
            const ccs_action_t answer = {
                .type = i % 2 == 0 ? CCS_ACCEPT : CCS_CLOSE, .link = event.link, .close_by_ms = bench->now_ms};
            bench->port.api.perform(bench->port.api.ctx, &answer);
        }
        bench_forget(bench);
    }
    for (uint8_t link = 0; link < CCS_LINKS; link++) {
        const ccs_action_t answer = {.type = CCS_CLOSE, .link = link, .close_by_ms = bench->now_ms};
        bench->port.api.perform(bench->port.api.ctx, &answer);
    }
    bench_car(bench, 25000); /* lwIP gives half-open connections up after 20 s */
    bench->car_port++;       /* a new connection never takes the old one's port */
    bench_connect(bench, 1440);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, bench_open, bench_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE(test_a_message_in_two_parts_is_one_segment),
        RULE(test_a_car_with_an_mss_of_350_gets_a_long_message_whole),
        RULE(test_a_lost_segment_is_sent_again),
        RULE(test_octets_come_as_far_as_the_window_allows),
        RULE(test_segments_of_350_from_the_car_fill_no_more_than_the_memory_for_them),
        RULE(test_a_message_that_is_not_taken_whole_closes_the_link),
        RULE(test_our_close_delivers_what_was_sent_and_then_fin),
        RULE(test_unread_octets_do_not_turn_our_close_into_a_reset),
        RULE(test_a_link_that_was_closed_is_gone_in_time_whatever_the_car_does),
        RULE(test_a_reset_of_the_car_closes_the_link),
        RULE(test_a_refused_connection_sees_a_reset),
        RULE(test_a_closed_listener_refuses),
        RULE(test_a_neighbour_is_not_answered_when_the_car_alone_is_admitted),
        RULE(test_a_running_session_does_not_notice_a_neighbour_that_floods),
        RULE(test_mutated_frames_cost_nothing),
        RULE(test_before_sdp_was_answered_nobody_gets_as_much_as_a_syn_ack),
        RULE(test_a_lasting_flood_of_foreign_segments_costs_the_car_nothing),
        RULE(test_the_last_car_may_end_its_connection_but_not_begin_another),
        RULE(test_connections_that_are_only_begun_do_not_keep_the_car_out),
        RULE(test_more_connections_than_links_are_refused_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
