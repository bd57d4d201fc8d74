/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lwip/bench.h"

#include <lwip/priv/tcp_priv.h>
#include <lwip/stats.h>
#include <string.h>

#include "ports/lwip/stack.h"

static bench_t *bench_of_stack; /* lwIP is started once; each test has a bench of its own */

static int64_t now_ms(void *ctx)
{
    (void)ctx;
    return bench_of_stack->now_ms;
}

static bool random_octets(void *ctx, uint8_t *octets, size_t length)
{
    (void)ctx;
    memset(octets, 0x5c, length);
    return true;
}

static const stack_platform_t platform = {.now_ms = now_ms, .random = random_octets};

static void push(bench_queue_t *queue, const wire_frame_t *frame)
{
    assert_true(queue->count < BENCH_QUEUE);
    queue->frame[(queue->first + queue->count) % BENCH_QUEUE] = *frame;
    queue->count++;
}

static bool pop(bench_queue_t *queue, wire_frame_t *frame)
{
    if (queue->count == 0) {
        return false;
    }
    *frame = queue->frame[queue->first];
    queue->first = (queue->first + 1) % BENCH_QUEUE;
    queue->count--;
    return true;
}

static bool send_frame(void *ctx, ccs_view_t octets)
{
    bench_t *bench = ctx;
    wire_frame_t frame = {.length = octets.length};
    if (bench->modem_is_full) {
        return false;
    }
    assert_true(octets.length >= 60 || octets.length == 0);
    assert_true(octets.length <= 1514);
    memcpy(frame.octets, octets.at, octets.length);
    if (bench->lose > 0) {
        bench->lose--;
        return true;
    }
    push(&bench->out, &frame);
    return true;
}

static bool receive_frame(void *ctx, ccs_view_t *frame)
{
    bench_t *bench = ctx;
    if (!pop(&bench->in, &bench->in_hand)) {
        return false;
    }
    *frame = (ccs_view_t){.at = bench->in_hand.octets, .length = bench->in_hand.length};
    return true;
}

static int64_t deadline_ms(void *ctx)
{
    (void)ctx;
    return INT64_MAX;
}

static void idle(void *ctx, int64_t until_ms)
{
    bench_t *bench = ctx;
    if (until_ms > bench->now_ms) {
        bench->now_ms = until_ms;
    }
}

static size_t window(void *ctx, uint8_t link)
{
    const bench_t *bench = ctx;
    (void)link;
    return bench->window;
}

static void no_job(void *ctx, const ccs_job_t *job)
{
    (void)ctx;
    (void)job;
}

static void no_cancel(void *ctx, uint32_t id)
{
    (void)ctx;
    (void)id;
}

int bench_open(void **state)
{
    static bench_t bench;
    const int64_t now = bench_of_stack == NULL ? 1000 : bench.now_ms + 1000;
    const bool first = bench_of_stack == NULL;
    memset(&bench, 0, sizeof bench);
    bench.now_ms = now;
    bench_of_stack = &bench;
    if (first) {
        stack_init(&platform);
    }
    bench.us = wire_station(1);
    bench.car = wire_station(2);
    bench.neighbour = wire_station(3);
    bench.window = 4096;
    bench.car_port = BENCH_CAR_PORT;
    bench.mallocs = (uint32_t)lwip_stats.mem.used;
    const lwip_port_hooks_t hooks = {.ctx = &bench,
                                     .send = send_frame,
                                     .receive = receive_frame,
                                     .deadline_ms = deadline_ms,
                                     .idle = idle,
                                     .window = window,
                                     .job = no_job,
                                     .cancel = no_cancel};
    lwip_port_init(&bench.port, bench.us.mac, BENCH_PORT, &hooks);
    lwip_port_address(&bench.port, bench.us.address);
    lwip_port_link(&bench.port, true);
    bench.port.api.listen(bench.port.api.ctx, true, false);
    *state = &bench;
    return 0;
}

int bench_close(void **state)
{
    bench_t *bench = *state;
    lwip_port_close(&bench->port);
    while (tcp_tw_pcbs != NULL) {
        tcp_abort(tcp_tw_pcbs);
    }
    while (tcp_active_pcbs != NULL) {
        tcp_abort(tcp_active_pcbs);
    }
    assert_int_equal(lwip_stats.mem.used, bench->mallocs);
    assert_int_equal(lwip_stats.mem.illegal, 0);
    return 0;
}

void bench_in(bench_t *bench, const wire_frame_t *frame)
{
    push(&bench->in, frame);
}

ccs_event_t bench_event(bench_t *bench, int64_t ms)
{
    ccs_event_t event;
    bench->port.api.wait(bench->port.api.ctx, bench->now_ms + ms, &event);
    return event;
}

ccs_event_t bench_until(bench_t *bench, ccs_event_type_t type)
{
    const int64_t by_ms = bench->now_ms + 5000;
    while (bench->now_ms < by_ms) {
        const ccs_event_t event = bench_event(bench, 10);
        if (event.type == type) {
            return event;
        }
    }
    fail_msg("no event of type %d", (int)type);
    return (ccs_event_t){0};
}

bool bench_out(bench_t *bench, bench_fits_t fits, wire_frame_t *frame)
{
    while (pop(&bench->out, frame)) {
        if (fits(frame)) {
            return true;
        }
    }
    return false;
}

size_t bench_count(const bench_t *bench, bench_fits_t fits)
{
    size_t count = 0;
    for (size_t i = 0; i < bench->out.count; i++) {
        count += fits(&bench->out.frame[(bench->out.first + i) % BENCH_QUEUE]);
    }
    return count;
}

void bench_forget(bench_t *bench)
{
    bench->out.count = 0;
}

/* ---- the car ---- */

void bench_car_sends(bench_t *bench, uint8_t flags, ccs_view_t data)
{
    const wire_tcp_t tcp = {.source = bench->car_port,
                            .target = BENCH_PORT,
                            .sequence = bench->sequence,
                            .acknowledge = bench->acknowledge,
                            .flags = flags,
                            .window = 8192,
                            .mss = (flags & WIRE_SYN) != 0 ? bench->mss : 0,
                            .data = data};
    const wire_frame_t frame = wire_segment(&bench->car, &bench->us, &tcp);
    bench_in(bench, &frame);
    bench->sequence += (uint32_t)data.length + ((flags & (WIRE_SYN | WIRE_FIN)) != 0);
}

static void car_takes(bench_t *bench, const wire_tcp_t *tcp)
{
    const bool ends = (tcp->flags & (WIRE_SYN | WIRE_FIN)) != 0;
    bench->reset = bench->reset || (tcp->flags & WIRE_RST) != 0;
    if (bench->deaf || (tcp->data.length == 0 && !ends)) {
        return;
    }
    if ((tcp->flags & WIRE_SYN) != 0) {
        bench->acknowledge = tcp->sequence;
    }
    if (tcp->sequence == bench->acknowledge) {
        assert_true(bench->received + tcp->data.length <= sizeof bench->stream);
        memcpy(bench->stream + bench->received, tcp->data.at, tcp->data.length);
        bench->received += tcp->data.length;
        bench->largest = tcp->data.length > bench->largest ? tcp->data.length : bench->largest;
        bench->acknowledge += (uint32_t)tcp->data.length + ends;
        bench->fin = bench->fin || (tcp->flags & WIRE_FIN) != 0;
    }
    bench_car_sends(bench, WIRE_ACK, (ccs_view_t){0});
}

static void car_reads(bench_t *bench, const wire_frame_t *frame)
{
    if (wire_protocol(frame) != 0) {
        assert_true(wire_protocol(frame) == 0 || wire_protocol(frame) == WIRE_ICMP || wire_sealed(frame));
    }
    if (bench_is_solicitation(frame) && memcmp(frame->octets + 62, bench->car.address, 16) == 0) {
        const wire_frame_t answer = wire_advertisement(&bench->car, &bench->us, bench->car.address, bench->car.mac);
        bench_in(bench, &answer);
    } else if (bench_is_tcp(frame)) {
        const wire_tcp_t tcp = wire_read_tcp(frame);
        car_takes(bench, &tcp);
    }
}

void bench_car(bench_t *bench, int64_t ms)
{
    const int64_t by_ms = bench->now_ms + ms;
    wire_frame_t frame;
    while (bench->now_ms < by_ms) {
        while (pop(&bench->out, &frame)) {
            car_reads(bench, &frame);
        }
        (void)bench_event(bench, 1);
    }
}

void bench_admit(bench_t *bench, bool car)
{
    ccs_admit_t who = {.only = car};
    if (car) {
        memcpy(who.address, bench->car.address, sizeof who.address);
        memcpy(who.mac, bench->car.mac, sizeof who.mac);
    }
    bench->port.api.admit(bench->port.api.ctx, &who);
}

void bench_connect(bench_t *bench, uint16_t mss)
{
    bench_admit(bench, true);
    bench->mss = mss;
    bench->sequence = 1000;
    bench->received = bench->largest = 0;
    bench->fin = bench->reset = false;
    bench_car_sends(bench, WIRE_SYN, (ccs_view_t){0});
    wire_frame_t frame;
    for (const int64_t by_ms = bench->now_ms + 5000; bench->now_ms < by_ms;) {
        const ccs_event_t event = bench_event(bench, 10);
        while (pop(&bench->out, &frame)) {
            car_reads(bench, &frame);
        }
        if (event.type == CCS_ON_CONNECT) {
            assert_memory_equal(event.connect.from.address, bench->car.address, 16);
            assert_int_equal(event.connect.from.port, bench->car_port);
            const ccs_action_t accept = {.type = CCS_ACCEPT, .link = event.link};
            bench->port.api.perform(bench->port.api.ctx, &accept);
            (void)bench_until(bench, CCS_ON_SECURED);
            return;
        }
        assert_true(event.type == CCS_ON_TIME || event.type == CCS_ON_NEIGHBOUR);
    }
    fail_msg("the connection did not come up");
}

void bench_send(bench_t *bench, ccs_view_t header, ccs_view_t payload)
{
    const ccs_action_t action = {.type = CCS_SEND, .link = 0, .bytes = {header, payload}};
    bench->port.api.perform(bench->port.api.ctx, &action);
}

/* ---- what a frame is ---- */

bool bench_is_advertisement(const wire_frame_t *frame)
{
    return wire_is_icmp(frame, WIRE_ADVERTISEMENT);
}

bool bench_is_solicitation(const wire_frame_t *frame)
{
    return wire_is_icmp(frame, WIRE_SOLICITATION);
}

bool bench_is_tcp(const wire_frame_t *frame)
{
    return wire_protocol(frame) == WIRE_TCP;
}

bool bench_is_udp(const wire_frame_t *frame)
{
    return wire_protocol(frame) == WIRE_UDP;
}
