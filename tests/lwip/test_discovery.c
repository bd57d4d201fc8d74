/* IPv6 below TCP: neighbour discovery answered once and never given away, hop limits, padding, checksums, SDP, management frames.
 * SPDX-License-Identifier: Apache-2.0 */
#include <lwip/pbuf.h>
#include <string.h>

#include "tests/lwip/bench.h"

static const uint8_t request[10] = {0x01, 0xfe, 0x90, 0x00, 0, 0, 0, 2, 0x10, 0x00};

static wire_station_t group_of(const uint8_t address[16])
{
    wire_station_t group = {.mac = {0}};
    memcpy(group.address, address, sizeof group.address);
    return group;
}

static wire_station_t our_group(const bench_t *bench)
{
    wire_station_t group = {.mac = {0}};
    wire_solicited_node(bench->us.address, group.address);
    return group;
}

/* The car asks for our address and gets this one answer. */
static void ask_and_expect_one(bench_t *bench, const wire_frame_t *question)
{
    wire_frame_t answer;
    bench_forget(bench);
    bench_in(bench, question);
    bench_car(bench, 0);
    while (bench_event(bench, 50).type != CCS_ON_TIME) {
    }
    assert_int_equal(bench_count(bench, bench_is_advertisement), 1);
    assert_true(bench_out(bench, bench_is_advertisement, &answer));
    assert_int_equal(wire_hop_limit(&answer), 255);
    assert_true(wire_sealed(&answer));
    assert_memory_equal(answer.octets + 62, bench->us.address, 16); /* target */
    assert_memory_equal(answer.octets + 80, bench->us.mac, 6);      /* its link-layer address */
    assert_memory_equal(answer.octets + 6, bench->us.mac, 6);
}

static void test_a_solicitation_is_answered_once(void **state)
{
    bench_t *bench = *state;
    const wire_station_t group = our_group(bench);
    const wire_frame_t multicast = wire_solicitation(&bench->car, &group, bench->us.address, true, false);
    const wire_frame_t unicast = wire_solicitation(&bench->car, &bench->us, bench->us.address, true, false);
    ask_and_expect_one(bench, &multicast);
    ask_and_expect_one(bench, &unicast);
}

/* RFC 4861 4.3: a unicast solicitation may come without it; lwIP would stay silent and the car lose us while charging. */
static void test_a_solicitation_without_the_link_layer_option_is_answered_once(void **state)
{
    bench_t *bench = *state;
    const wire_frame_t question = wire_solicitation(&bench->car, &bench->us, bench->us.address, false, false);
    ask_and_expect_one(bench, &question);
    assert_int_equal(bench->port.modem.stats.advertised, 1);
}

/* A fast car asks before the modem has told of the link. */
static void test_before_the_link_is_told_up_a_solicitation_is_answered_once(void **state)
{
    bench_t *bench = *state;
    const wire_station_t group = our_group(bench);
    lwip_port_link(&bench->port, false);
    const wire_frame_t question = wire_solicitation(&bench->car, &group, bench->us.address, true, false);
    ask_and_expect_one(bench, &question);
}

static void test_a_car_that_probes_for_our_address_is_told_once(void **state)
{
    bench_t *bench = *state;
    const wire_station_t group = our_group(bench);
    const wire_frame_t probe = wire_solicitation(&bench->car, &group, bench->us.address, false, true);
    ask_and_expect_one(bench, &probe);
    lwip_port_link(&bench->port, false);
    ask_and_expect_one(bench, &probe);
}

static void test_a_solicitation_for_somebody_else_or_with_a_wrong_checksum_is_not_answered(void **state)
{
    bench_t *bench = *state;
    const wire_station_t group = our_group(bench);
    wire_frame_t question = wire_solicitation(&bench->car, &group, bench->car.address, true, false);
    bench_in(bench, &question);
    question = wire_solicitation(&bench->car, &bench->us, bench->us.address, false, false);
    question.octets[56] ^= 1;
    bench_in(bench, &question);
    question = wire_solicitation(&bench->car, &bench->us, bench->us.address, true, false);
    question.octets[79] = 0; /* an option of no length */
    wire_seal(&question);
    bench_in(bench, &question);
    while (bench_event(bench, 50).type != CCS_ON_TIME) {
    }
    assert_int_equal(bench_count(bench, bench_is_advertisement), 0);
    assert_int_equal(bench->port.modem.stats.malformed, 2);
}

/* lwIP gives an address up that somebody else claims; in the middle of a charge that would be the end of it. */
static void test_a_claim_of_our_address_changes_nothing(void **state)
{
    bench_t *bench = *state;
    const wire_station_t everybody = group_of(wire_all_nodes), group = our_group(bench);
    const wire_frame_t claim = wire_advertisement(&bench->neighbour, &everybody, bench->us.address, bench->neighbour.mac);
    bench_in(bench, &claim);
    assert_int_equal(bench_event(bench, 50).type, CCS_ON_TIME);
    assert_int_equal(bench->port.modem.stats.spoofed, 1);
    const wire_frame_t question = wire_solicitation(&bench->car, &group, bench->us.address, true, false);
    ask_and_expect_one(bench, &question);
}

static void admit_the_car(bench_t *bench)
{
    ccs_admit_t admit = {.only = true};
    memcpy(admit.address, bench->car.address, sizeof admit.address);
    memcpy(admit.mac, bench->car.mac, sizeof admit.mac);
    bench->port.api.admit(bench->port.api.ctx, &admit);
}

static void send_datagram_to_car(bench_t *bench, size_t length)
{
    static const uint8_t octets[1452];
    ccs_action_t action = {.type = CCS_SEND_DATAGRAM, .datagram = {.to.port = BENCH_CAR_PORT, .bytes = {octets, length}}};
    memcpy(action.datagram.to.address, bench->car.address, 16);
    bench->port.api.perform(bench->port.api.ctx, &action);
}

static bool goes_to_the_car(const wire_frame_t *frame)
{
    return bench_is_udp(frame) && frame->octets[5] == 2;
}

/* What we send to the car goes to the car's station, whoever claims its address, in its own name or in the car's. */
static void test_a_spoofed_advertisement_of_the_cars_address_changes_nothing(void **state)
{
    bench_t *bench = *state;
    const wire_station_t everybody = group_of(wire_all_nodes);
    wire_frame_t frame;
    admit_the_car(bench);
    send_datagram_to_car(bench, 20);
    bench_car(bench, 20);
    const wire_frame_t own = wire_advertisement(&bench->neighbour, &everybody, bench->car.address, bench->neighbour.mac);
    const wire_frame_t in_its_name = wire_advertisement(&bench->car, &everybody, bench->car.address, bench->neighbour.mac);
    bench_in(bench, &own);
    bench_in(bench, &in_its_name);
    while (bench_event(bench, 50).type != CCS_ON_TIME) {
    }
    assert_int_equal(bench->port.modem.stats.spoofed, 2);
    bench_forget(bench);
    send_datagram_to_car(bench, 20);
    assert_true(bench_out(bench, goes_to_the_car, &frame));
}

/* lwIP remembers four neighbours: a flood of others must not push the car out. */
static void test_strangers_that_ask_are_told_of_and_cost_the_car_nothing(void **state)
{
    bench_t *bench = *state;
    const wire_station_t group = our_group(bench);
    admit_the_car(bench);
    send_datagram_to_car(bench, 20);
    bench_car(bench, 20);
    bench_forget(bench);
    for (uint8_t number = 10; number < 60; number++) {
        const wire_station_t stranger = wire_station(number);
        const wire_frame_t question = wire_solicitation(&stranger, &group, bench->us.address, number % 2 == 0, false);
        bench_in(bench, &question);
        assert_int_equal(bench_event(bench, 1).type, CCS_ON_NEIGHBOUR);
    }
    assert_int_equal(bench->port.modem.stats.refused, 50);
    assert_int_equal(bench_count(bench, bench_is_advertisement), 0);
    send_datagram_to_car(bench, 20);
    assert_int_equal(bench_count(bench, bench_is_udp), 1);
    assert_int_equal(bench_count(bench, bench_is_solicitation), 0);
    const wire_frame_t question = wire_solicitation(&bench->car, &group, bench->us.address, true, false);
    ask_and_expect_one(bench, &question);
}

static void test_sdp_of_a_stranger_still_reaches_the_core(void **state)
{
    bench_t *bench = *state;
    const wire_station_t everybody = group_of(wire_all_nodes);
    admit_the_car(bench);
    const wire_frame_t frame = wire_udp(&bench->neighbour, &everybody, 50000, 15118, (ccs_view_t){request, sizeof request});
    bench_in(bench, &frame);
    const ccs_event_t event = bench_until(bench, CCS_ON_DATAGRAM);
    assert_memory_equal(event.datagram.from_mac, bench->neighbour.mac, 6);
}

static void test_a_new_link_is_probed_for_our_address_and_used_at_once(void **state)
{
    bench_t *bench = *state;
    wire_frame_t probe;
    assert_true(bench_out(bench, bench_is_solicitation, &probe));
    assert_int_equal(wire_hop_limit(&probe), 255);
    assert_true(wire_sealed(&probe));
    assert_memory_equal(probe.octets + 62, bench->us.address, 16);
    static const uint8_t unspecified[16];
    assert_memory_equal(probe.octets + 22, unspecified, 16);
    send_datagram_to_car(bench, 20);
    bench_event(bench, 0);
    bench_forget(bench);
    const wire_frame_t answer = wire_advertisement(&bench->car, &bench->us, bench->car.address, bench->car.mac);
    bench_in(bench, &answer);
    (void)bench_event(bench, 5);
    assert_int_equal(bench_count(bench, bench_is_udp), 1);
}

static void test_hop_limits_are_255_in_discovery_and_at_least_64_elsewhere(void **state)
{
    bench_t *bench = *state;
    send_datagram_to_car(bench, 20);
    bench_admit(bench, true);
    bench->port.api.listen(bench->port.api.ctx, false, false);
    bench->sequence = 1;
    bench_car_sends(bench, WIRE_SYN, (ccs_view_t){0});
    bench_car(bench, 0);
    const wire_frame_t answer = wire_advertisement(&bench->car, &bench->us, bench->car.address, bench->car.mac);
    bench_in(bench, &answer);
    while (bench_event(bench, 20).type != CCS_ON_TIME) {
    }
    size_t discovery = 0, others = 0;
    wire_frame_t frame;
    while (bench_out(bench, bench_is_solicitation, &frame)) {
        assert_int_equal(wire_hop_limit(&frame), 255);
        discovery++;
    }
    bench_car_sends(bench, WIRE_SYN, (ccs_view_t){0});
    send_datagram_to_car(bench, 20);
    while (bench_event(bench, 20).type != CCS_ON_TIME) {
    }
    for (size_t i = 0; i < bench->out.count; i++) {
        const wire_frame_t *sent = &bench->out.frame[(bench->out.first + i) % BENCH_QUEUE];
        if (bench_is_tcp(sent) || bench_is_udp(sent)) {
            assert_true(wire_hop_limit(sent) >= 64);
            others++;
        }
    }
    assert_true(discovery >= 1 && others >= 2);
}

/* The plan's bug: padding written behind a packet's payload. */
static void test_padding_never_writes_behind_a_packet(void **state)
{
    bench_t *bench = *state;
    uint8_t memory[64];
    struct pbuf packet = {.payload = memory, .tot_len = 20, .len = 20, .ref = 1};
    wire_frame_t frame;
    memset(memory, 0xa5, sizeof memory);
    bench_forget(bench);
    assert_int_equal(bench->port.modem.netif.linkoutput(&bench->port.modem.netif, &packet), ERR_OK);
    frame = bench->out.frame[bench->out.first];
    assert_int_equal(frame.length, 60);
    for (size_t i = 0; i < 60; i++) {
        assert_int_equal(frame.octets[i], i < 20 ? 0xa5 : 0);
    }
    for (size_t i = 0; i < sizeof memory; i++) {
        assert_int_equal(memory[i], 0xa5);
    }
}

/* The plan's bug: an odd last octet, or padding, in the IPv6 checksum. */
static void test_odd_lengths_and_padding_do_not_spoil_checksums(void **state)
{
    bench_t *bench = *state;
    const uint8_t octets[11] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xff};
    for (size_t length = 0; length <= sizeof octets; length++) {
        wire_frame_t frame = wire_udp(&bench->car, &bench->us, 50000, 15118, (ccs_view_t){octets, length});
        frame.length += 9; /* a switch's padding, not of zeros */
        memset(frame.octets + frame.length - 9, 0xee, 9);
        bench_in(bench, &frame);
        const ccs_event_t event = bench_until(bench, CCS_ON_DATAGRAM);
        assert_int_equal(event.datagram.bytes.length, length);
        assert_memory_equal(event.datagram.bytes.at, octets, length);
        send_datagram_to_car(bench, length);
        bench_car(bench, 5); /* checks every checksum of ours */
    }
}

/* MTU: a datagram that fills a packet of 1280 octets leaves and comes whole, and one of 1500. */
static void test_packets_of_1280_octets_and_more_pass_whole(void **state)
{
    bench_t *bench = *state;
    wire_frame_t frame;
    send_datagram_to_car(bench, 20);
    bench_car(bench, 20);
    bench_forget(bench);
    send_datagram_to_car(bench, 1280 - 48);
    assert_true(bench_out(bench, bench_is_udp, &frame));
    assert_int_equal(frame.length, 14 + 1280);
    send_datagram_to_car(bench, 1452);
    assert_true(bench_out(bench, bench_is_udp, &frame));
    assert_int_equal(frame.length, 1514);
    static const uint8_t octets[1452] = {[0] = 1, [1451] = 2};
    for (size_t length = 1280 - 48; length <= sizeof octets; length += sizeof octets - (1280 - 48)) {
        frame = wire_udp(&bench->car, &bench->us, 50000, 15118, (ccs_view_t){octets, length});
        bench_in(bench, &frame);
        const ccs_event_t event = bench_until(bench, CCS_ON_DATAGRAM);
        assert_int_equal(event.datagram.bytes.length, length);
        assert_memory_equal(event.datagram.bytes.at, octets, length);
    }
}

/* Nothing has to be joined for ff02::1; the request comes with its sender's station, and that is a neighbour. */
static void test_sdp_to_all_nodes_arrives_with_its_station(void **state)
{
    bench_t *bench = *state;
    const wire_station_t everybody = group_of(wire_all_nodes);
    const wire_frame_t frame = wire_udp(&bench->car, &everybody, 50000, 15118, (ccs_view_t){request, sizeof request});
    bench_in(bench, &frame);
    const ccs_event_t neighbour = bench_event(bench, 10);
    assert_int_equal(neighbour.type, CCS_ON_NEIGHBOUR);
    assert_memory_equal(neighbour.neighbour.mac, bench->car.mac, 6);
    assert_memory_equal(neighbour.neighbour.address, bench->car.address, 16);
    const ccs_event_t event = bench_event(bench, 10);
    assert_int_equal(event.type, CCS_ON_DATAGRAM);
    assert_memory_equal(event.datagram.from_mac, bench->car.mac, 6);
    assert_memory_equal(event.datagram.from.address, bench->car.address, 16);
    assert_int_equal(event.datagram.from.port, 50000);
    assert_memory_equal(event.datagram.bytes.at, request, sizeof request);
    bench_in(bench, &frame); /* again: nothing new about the neighbour */
    assert_int_equal(bench_event(bench, 10).type, CCS_ON_DATAGRAM);
}

static void test_neighbours_are_told_from_discovery_by_their_station(void **state)
{
    bench_t *bench = *state;
    const wire_station_t group = our_group(bench);
    wire_frame_t frame = wire_solicitation(&bench->neighbour, &group, bench->us.address, true, false);
    bench_in(bench, &frame);
    ccs_event_t event = bench_until(bench, CCS_ON_NEIGHBOUR);
    assert_memory_equal(event.neighbour.mac, bench->neighbour.mac, 6);
    assert_memory_equal(event.neighbour.address, bench->neighbour.address, 16);
    frame = wire_advertisement(&bench->car, &bench->us, bench->car.address, bench->car.mac);
    bench_in(bench, &frame);
    event = bench_until(bench, CCS_ON_NEIGHBOUR);
    assert_memory_equal(event.neighbour.mac, bench->car.mac, 6);
}

static void test_management_frames_go_to_slac_and_come_from_it(void **state)
{
    bench_t *bench = *state;
    wire_frame_t frame = {.length = 60, .octets = {0x02, 0, 0, 0, 0, 1, 0, 0xb0, 0x52, 1, 2, 3, 0x88, 0xe1, 1, 0x65, 0x60}};
    bench_in(bench, &frame);
    const ccs_event_t event = bench_event(bench, 10);
    assert_int_equal(event.type, CCS_ON_MME);
    assert_int_equal(event.bytes.length, 60);
    assert_memory_equal(event.bytes.at, frame.octets, 60);
    bench_forget(bench);
    const ccs_action_t action = {.type = CCS_SEND_MME, .bytes = {{frame.octets, 60}}};
    bench->port.api.perform(bench->port.api.ctx, &action);
    assert_int_equal(bench->out.count, 1);
    assert_memory_equal(bench->out.frame[bench->out.first].octets, frame.octets, 60);
}

static void test_frames_of_nobody_and_broken_frames_are_counted_and_change_nothing(void **state)
{
    bench_t *bench = *state;
    const wire_frame_t good = wire_udp(&bench->car, &bench->us, 50000, 15118, (ccs_view_t){request, sizeof request});
    for (size_t length = 0; length < good.length; length++) {
        wire_frame_t cut = good;
        cut.length = length;
        bench_in(bench, &cut);
        (void)bench_event(bench, 1);
    }
    wire_frame_t frame = good;
    frame.octets[12] = 0x08; /* IPv4 */
    bench_in(bench, &frame);
    frame = good;
    memcpy(frame.octets + 6, bench->us.mac, 6); /* our own, back from the modem */
    bench_in(bench, &frame);
    frame = good;
    frame.octets[5] = 9; /* to another station */
    bench_in(bench, &frame);
    frame = good;
    frame.octets[6] = 0x33; /* from a group */
    bench_in(bench, &frame);
    frame.length = WIRE_FRAME_MAX;
    bench_in(bench, &frame);
    while (bench_event(bench, 20).type != CCS_ON_TIME) {
    }
    assert_int_equal(bench->port.modem.stats.elsewhere, 3);
    bench_in(bench, &good);
    assert_int_equal(bench_until(bench, CCS_ON_DATAGRAM).datagram.bytes.length, sizeof request);
}

static void test_a_modem_without_room_costs_a_frame_and_nothing_else(void **state)
{
    bench_t *bench = *state;
    bench->modem_is_full = true;
    send_datagram_to_car(bench, 20);
    (void)bench_event(bench, 5);
    assert_true(bench->port.modem.stats.modem_full >= 1);
    bench->modem_is_full = false;
    send_datagram_to_car(bench, 20);
    bench_car(bench, 1500);
    send_datagram_to_car(bench, 20);
    assert_int_equal(bench_count(bench, bench_is_udp), 1);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, bench_open, bench_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE(test_a_solicitation_is_answered_once),
        RULE(test_a_solicitation_without_the_link_layer_option_is_answered_once),
        RULE(test_before_the_link_is_told_up_a_solicitation_is_answered_once),
        RULE(test_a_car_that_probes_for_our_address_is_told_once),
        RULE(test_a_solicitation_for_somebody_else_or_with_a_wrong_checksum_is_not_answered),
        RULE(test_a_claim_of_our_address_changes_nothing),
        RULE(test_a_spoofed_advertisement_of_the_cars_address_changes_nothing),
        RULE(test_strangers_that_ask_are_told_of_and_cost_the_car_nothing),
        RULE(test_sdp_of_a_stranger_still_reaches_the_core),
        RULE(test_a_new_link_is_probed_for_our_address_and_used_at_once),
        RULE(test_hop_limits_are_255_in_discovery_and_at_least_64_elsewhere),
        RULE(test_padding_never_writes_behind_a_packet),
        RULE(test_odd_lengths_and_padding_do_not_spoil_checksums),
        RULE(test_packets_of_1280_octets_and_more_pass_whole),
        RULE(test_sdp_to_all_nodes_arrives_with_its_station),
        RULE(test_neighbours_are_told_from_discovery_by_their_station),
        RULE(test_management_frames_go_to_slac_and_come_from_it),
        RULE(test_frames_of_nobody_and_broken_frames_are_counted_and_change_nothing),
        RULE(test_a_modem_without_room_costs_a_frame_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
