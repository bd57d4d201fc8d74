/* The modem driver against the chip model: every access as it is on the wire, and the frames of both directions.
 * SPDX-License-Identifier: Apache-2.0 */
#include "station.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct pair {
    line_t line;
    station_t station[2];
    int64_t now_ms;
} pair_t;

static const uint8_t host[2][6] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};

static void deliver(void *ctx, unsigned node, ccs_view_t frame)
{
    chip_receive(&((pair_t *)ctx)->station[node].chip, frame);
}

static pair_t *pair_make(uint16_t rx_size)
{
    static const uint8_t modem[2][6] = {{0, 0xB0, 0x52, 0, 0, 0x11}, {0, 0xB0, 0x52, 0, 0, 0x12}};
    pair_t *const pair = calloc(1, sizeof *pair);
    assert_non_null(pair);
    line_init(&pair->line, 1, deliver, pair);
    for (unsigned i = 0; i < 2; i++) {
        (void)line_add(&pair->line, host[i], modem[i], i == 0);
        station_init(&pair->station[i], &pair->line, i, rx_size, false);
    }
    line_attenuate(&pair->line, 0, 1, 20);
    return pair;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void run(pair_t *pair, int64_t ms)
{
    const int64_t until_ms = pair->now_ms + ms;
    while (pair->now_ms < until_ms) {
        for (unsigned i = 0; i < 2; i++) {
            station_serve(&pair->station[i], pair->now_ms);
        }
        line_step(&pair->line, pair->now_ms);
        for (unsigned i = 0; i < 2; i++) {
            station_serve(&pair->station[i], pair->now_ms);
        }
        int64_t next_ms = least(until_ms, line_deadline_ms(&pair->line));
        for (unsigned i = 0; i < 2; i++) {
            next_ms = least(next_ms, station_deadline_ms(&pair->station[i]));
        }
        pair->now_ms = next_ms > pair->now_ms ? next_ms : pair->now_ms + 1;
    }
}

/* A broadcast management message: passes without a key. */
static ccs_view_t message(uint8_t *octets, size_t length, uint8_t mark)
{
    static const uint8_t head[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 0, 1, 0x88, 0xE1, 1, 0xFE, 0x6F, 0, 0};
    memset(octets, mark, length);
    memcpy(octets, head, sizeof head);
    return (ccs_view_t){octets, length};
}

static void log_begin(station_t *station)
{
    station->logged = 0;
    station->log[0] = 0;
    station->logging = true;
}

static void begins_with(const char *text, const char *front)
{
    assert_memory_equal(text, front, strlen(front));
}

static void a_start_is_signature_twice_reset_cpu_on_and_an_empty_buffer(void **state)
{
    (void)state;
    pair_t *const pair = pair_make(QCA_RX_SIZE_WHOLE);
    pair->now_ms = 100; /* powered before its host */
    chip_step(&pair->station[0].chip, 100);
    log_begin(&pair->station[0]);
    run(pair, 80);
    assert_true(qca_is_ready(&pair->station[0].qca));
    assert_int_equal(pair->station[0].ups, 1);
    begins_with(pair->station[0].log, "DA00 > 5A5A\n" /* the first read is garbage */
                                      "DA00 > AA55\n"
                                      "4D00 < 0000\n"
                                      "4C00 < 044F\n"
                                      "C400 > 0000\n"
                                      "4400 < 0040\n" /* reset */
                                      "CC00 > 0000\n"
                                      "CC00 > 0000\n"
                                      "CC00 > 0040\n" /* CPU_ON */
                                      "4C00 < 0040\n"
                                      "DA00 > 5A5A\n" /* garbage again */
                                      "DA00 > AA55\n"
                                      "C200 > 0C5B\n" /* empty */
                                      "4D00 < 0047\n");
    free(pair);
}

static pair_t *pair_ready(uint16_t rx_size)
{
    pair_t *const pair = pair_make(rx_size);
    run(pair, 600);
    assert_true(qca_is_ready(&pair->station[0].qca) && qca_is_ready(&pair->station[1].qca));
    return pair;
}

static void a_frame_out_is_space_size_and_one_write(void **state)
{
    (void)state;
    uint8_t octets[60];
    pair_t *const pair = pair_ready(QCA_RX_SIZE_WHOLE);
    log_begin(&pair->station[0]);
    assert_true(station_send(&pair->station[0], message(octets, 20, 0x77)));
    station_serve(&pair->station[0], pair->now_ms);
    begins_with(pair->station[0].log, "C200 > 0C5B\n"
                                      "4100 < 0046\n" /* 60 + 10 */
                                      "0000 < AAAAAAAA3C000000FFFFFFFFFFFF02000000000188E101FE6F0000770000");
    assert_string_equal(pair->station[0].log + pair->station[0].logged - 9, "00005555\n");
    free(pair);
}

static void a_frame_in_is_masked_read_acknowledged_looked_for_again_and_enabled(void **state)
{
    (void)state;
    uint8_t octets[60];
    pair_t *const pair = pair_ready(QCA_RX_SIZE_WHOLE);
    pair->station[1].qca.poll_ms = INT64_MAX; /* no supervision in between */
    log_begin(&pair->station[1]);
    assert_true(station_send(&pair->station[0], message(octets, 60, 0x55)));
    run(pair, 10);
    const char *const log = pair->station[1].log;
    const char *const read = strstr(log, "8000 > ");
    assert_non_null(read);
    begins_with(log, "4D00 < 0000\nCC00 > 0001\nC300 > 004A\n4100 < 004A\n8000 > 00000046AAAAAAAA3C000000FFFF");
    assert_string_equal(strchr(read, '\n'), "\n4C00 < 0001\nC300 > 0000\n4D00 < 0047\n");
    assert_int_equal(pair->station[1].last_length, 60);
    assert_memory_equal(pair->station[1].last, octets, 60);
    free(pair);
}

static void supervision_is_the_signature_and_a_look_for_what_had_no_edge(void **state)
{
    (void)state;
    pair_t *const pair = pair_ready(QCA_RX_SIZE_WHOLE);
    log_begin(&pair->station[0]);
    run(pair, QCA_POLL_MS);
    assert_string_equal(pair->station[0].log, "DA00 > AA55\n4D00 < 0000\nCC00 > 0000\nC300 > 0000\n4D00 < 0047\n");
    free(pair);
}

static uint32_t draw(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

typedef struct stream {
    uint32_t seed; /* of what is expected next */
    unsigned right, wrong;
} stream_t;

static ccs_view_t numbered(uint8_t *octets, uint32_t *seed)
{
    const size_t length = 60 + draw(seed) % (QCA_FRAME_MAX - 59);
    ccs_view_t view = message(octets, length, 0);
    for (size_t i = 19; i < length; i++) {
        octets[i] = draw(seed) % 3 ? 0xAA : (uint8_t)draw(seed); /* like a header, often */
    }
    return view;
}

static void judge(void *ctx, ccs_view_t frame)
{
    stream_t *const stream = ctx;
    uint8_t octets[QCA_FRAME_MAX];
    const ccs_view_t expected = numbered(octets, &stream->seed);
    const bool same = frame.length == expected.length && memcmp(frame.at, expected.at, frame.length) == 0;
    stream->right += same;
    stream->wrong += !same;
}

/* Whatever the sizes, and wherever the chip cuts: every frame arrives once, whole and in order. */
static void frames_of_any_size_arrive_in_order_through_pieces_of_any_size(void **state)
{
    (void)state;
    static const struct {
        uint16_t rx_size, announce_most;
    } rows[] = {{QCA_RX_SIZE_WHOLE, 0}, {QCA_RX_SIZE_WHOLE, 100}, {QCA_RX_SIZE_WHOLE, 7}, {64, 0}, {65, 3}, {1000, 1}, {512, 513}};
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        pair_t *const pair = pair_ready(rows[row].rx_size);
        stream_t stream = {.seed = 77};
        uint32_t seed = 77;
        unsigned sent = 0;
        uint8_t octets[QCA_FRAME_MAX];
        pair->station[1].on_frame = judge;
        pair->station[1].ctx = &stream;
        pair->station[1].chip.faults.announce_most = rows[row].announce_most;
        while (sent < 150) {
            uint32_t next = seed;
            const ccs_view_t frame = numbered(octets, &next);
            if (pair->station[0].qca.tx_used == 0 && station_send(&pair->station[0], frame)) {
                seed = next;
                sent++;
            }
            run(pair, 1 + draw(&next) % 4);
        }
        run(pair, 500);
        assert_int_equal(stream.wrong, 0);
        assert_int_equal(stream.right, sent);
        assert_int_equal(pair->station[1].qca.assembler.garbage, 0);
        assert_int_equal(pair->station[1].downs, 0);
        free(pair);
    }
}

/* The chip holds two long frames; the third waits for room, and none is lost. */
static void a_full_buffer_makes_frames_wait_and_loses_none(void **state)
{
    (void)state;
    uint8_t octets[1400];
    pair_t *const pair = pair_ready(QCA_RX_SIZE_WHOLE);
    pair->station[0].chip.send_ms = 20;
    for (int i = 0; i < 2; i++) {
        assert_true(station_send(&pair->station[0], message(octets, sizeof octets, 1)));
    }
    assert_false(station_send(&pair->station[0], (ccs_view_t){octets, sizeof octets})); /* our queue is full as well */
    run(pair, 5);
    assert_int_equal(pair->station[0].qca.tx_used, 0);
    assert_true(station_send(&pair->station[0], (ccs_view_t){octets, sizeof octets}));
    run(pair, 5);
    assert_int_not_equal(pair->station[0].qca.tx_used, 0);
    run(pair, 100);
    assert_int_equal(pair->station[1].frames, 3);
    assert_int_equal(pair->station[0].chip.stats.over_writes, 0);
    assert_int_equal(pair->station[0].qca.stats.refused_out, 1);
    free(pair);
}

static void lengths_that_no_frame_has_are_refused_and_counted(void **state)
{
    (void)state;
    pair_t *const pair = pair_ready(QCA_RX_SIZE_WHOLE);
    assert_null(qca_put(&pair->station[0].qca, 0));
    assert_null(qca_put(&pair->station[0].qca, QCA_FRAME_MAX + 1));
    assert_int_equal(pair->station[0].qca.stats.refused_out, 2);
    assert_non_null(qca_put(&pair->station[0].qca, QCA_FRAME_MAX));
    free(pair);
    pair_t *const early = pair_make(QCA_RX_SIZE_WHOLE);
    assert_null(qca_put(&early->station[0].qca, 60)); /* not ready yet */
    free(early);
}

/* A flood does not hold the task: a run ends after so many reads, and the rest comes in the next. */
static void work_in_one_run_is_bounded(void **state)
{
    (void)state;
    pair_t *const pair = pair_ready(QCA_RX_SIZE_MIN);
    station_t *const station = &pair->station[1];
    uint8_t octets[1500];
    message(octets, sizeof octets, 3);
    chip_receive(&station->chip, (ccs_view_t){octets, sizeof octets});
    qca_event_t event = {.now_ms = pair->now_ms, .type = QCA_ON_INTERRUPT};
    qca_out_t out = {.again = true};
    unsigned steps = 0;
    while (out.again) {
        qca_step(&station->qca, &event, &out);
        event.type = QCA_ON_DONE;
        if (out.transfer.length > 0) {
            (void)chip_transfer(&station->chip, &out.transfer);
        }
        steps++;
    }
    assert_true(steps < 4 * QCA_ROUNDS);
    assert_int_equal(qca_deadline_ms(&station->qca), pair->now_ms);
    run(pair, 10);
    assert_int_equal(station->frames, 1);
    free(pair);
}

/* Handles one interrupt; a second packet comes in when so many transfers are done. Returns the transfers of the first run. */
static unsigned handle_with_late_packet(pair_t *pair, unsigned after, unsigned *frames)
{
    station_t *const station = &pair->station[1];
    uint8_t octets[60];
    qca_event_t event = {.now_ms = pair->now_ms, .type = QCA_ON_INTERRUPT};
    qca_out_t out = {.again = true};
    unsigned transfers = 0;
    station->qca.poll_ms = INT64_MAX; /* supervision would find it as well */
    chip_receive(&station->chip, message(octets, sizeof octets, 1));
    while (out.again) {
        qca_step(&station->qca, &event, &out);
        *frames += out.frame.length > 0;
        event.type = QCA_ON_DONE;
        if (out.transfer.length > 0) {
            (void)chip_transfer(&station->chip, &out.transfer);
            if (++transfers == after) {
                chip_receive(&station->chip, message(octets, sizeof octets, 2));
            }
        }
    }
    return transfers;
}

/* Whenever it comes, before, between or behind reading and acknowledging: it is read at once, or the pin tells of it. */
static void a_packet_that_comes_at_any_moment_is_not_forgotten(void **state)
{
    (void)state;
    unsigned after = 1, transfers;
    do {
        pair_t *const pair = pair_ready(QCA_RX_SIZE_WHOLE);
        unsigned frames = 0;
        transfers = handle_with_late_packet(pair, after, &frames);
        assert_true(frames == 2 || (frames == 1 && chip_interrupt(&pair->station[1].chip)));
        free(pair);
    } while (after++ < transfers);
    assert_true(after > 8);
}

/* An interrupt in the middle of a transfer (a bus with DMA): nothing is asked for twice, nothing is forgotten. */
static void an_interrupt_during_a_transfer_is_kept(void **state)
{
    (void)state;
    pair_t *const pair = pair_ready(QCA_RX_SIZE_WHOLE);
    qca_t *const qca = &pair->station[0].qca;
    qca_out_t out;
    qca->poll_ms = INT64_MAX;
    assert_non_null(qca_put(qca, 60));
    qca_step(qca, &(qca_event_t){.now_ms = pair->now_ms, .type = QCA_ON_TIME}, &out);
    assert_int_equal(out.transfer.command, QCA_READ | QCA_INTERNAL | QCA_REG_WRBUF_SPC_AVA);
    qca_step(qca, &(qca_event_t){.now_ms = pair->now_ms, .type = QCA_ON_INTERRUPT}, &out);
    assert_false(out.again);
    assert_int_equal(qca_deadline_ms(qca), INT64_MAX);
    for (int i = 0; i < 3; i++) {
        memset(qca->word, 0x0C, 2); /* room enough */
        qca_step(qca, &(qca_event_t){.now_ms = pair->now_ms, .type = QCA_ON_DONE}, &out);
    }
    assert_int_equal(out.transfer.command, QCA_WRITE | QCA_INTERNAL | QCA_REG_INTR_ENABLE);
    free(pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_start_is_signature_twice_reset_cpu_on_and_an_empty_buffer),
        cmocka_unit_test(a_frame_out_is_space_size_and_one_write),
        cmocka_unit_test(a_frame_in_is_masked_read_acknowledged_looked_for_again_and_enabled),
        cmocka_unit_test(supervision_is_the_signature_and_a_look_for_what_had_no_edge),
        cmocka_unit_test(frames_of_any_size_arrive_in_order_through_pieces_of_any_size),
        cmocka_unit_test(a_full_buffer_makes_frames_wait_and_loses_none),
        cmocka_unit_test(lengths_that_no_frame_has_are_refused_and_counted),
        cmocka_unit_test(work_in_one_run_is_bounded),
        cmocka_unit_test(a_packet_that_comes_at_any_moment_is_not_forgotten),
        cmocka_unit_test(an_interrupt_during_a_transfer_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
