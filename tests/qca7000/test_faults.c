/* Every fault of the chip and of the bus, at a driver that carries frames: it comes back within a bound, or the fault is told; it
 * never loops, and works on when the fault has gone. SPDX-License-Identifier: Apache-2.0 */
#include "station.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct cell {
    line_t line;
    station_t station[2];
    int64_t now_ms;
    unsigned sent;
    unsigned most_transfers; /* in one turn of the clock */
} cell_t;

static const uint8_t host[2][6] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};

static void deliver(void *ctx, unsigned node, ccs_view_t frame)
{
    chip_receive(&((cell_t *)ctx)->station[node].chip, frame);
}

static cell_t *cell_make(bool reset_line)
{
    static const uint8_t modem[2][6] = {{0, 0xB0, 0x52, 0, 0, 0x11}, {0, 0xB0, 0x52, 0, 0, 0x12}};
    cell_t *const cell = calloc(1, sizeof *cell);
    assert_non_null(cell);
    line_init(&cell->line, 1, deliver, cell);
    for (unsigned i = 0; i < 2; i++) {
        (void)line_add(&cell->line, host[i], modem[i], i == 0);
        station_init(&cell->station[i], &cell->line, i, QCA_RX_SIZE_WHOLE, reset_line);
    }
    line_attenuate(&cell->line, 0, 1, 20);
    return cell;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void serve(cell_t *cell, unsigned i)
{
    const unsigned before = cell->station[i].transfers;
    station_serve(&cell->station[i], cell->now_ms);
    const unsigned transfers = cell->station[i].transfers - before;
    cell->most_transfers = transfers > cell->most_transfers ? transfers : cell->most_transfers;
}

static void run(cell_t *cell, int64_t ms)
{
    const int64_t until_ms = cell->now_ms + ms;
    while (cell->now_ms < until_ms) {
        serve(cell, 0);
        serve(cell, 1);
        line_step(&cell->line, cell->now_ms);
        serve(cell, 0);
        serve(cell, 1);
        int64_t next_ms = least(until_ms, line_deadline_ms(&cell->line));
        next_ms = least(next_ms, least(station_deadline_ms(&cell->station[0]), station_deadline_ms(&cell->station[1])));
        cell->now_ms = next_ms > cell->now_ms ? next_ms : cell->now_ms + 1;
    }
}

static cell_t *cell_ready(void)
{
    cell_t *const cell = cell_make(false);
    run(cell, 600);
    assert_true(qca_is_ready(&cell->station[0].qca) && qca_is_ready(&cell->station[1].qca));
    return cell;
}

/* From host 1 to host 0 or back; broadcast, so that no key is needed. */
static bool send_one(cell_t *cell, unsigned from, size_t length)
{
    uint8_t octets[QCA_FRAME_MAX] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 0, 1, 0x88, 0xE1, 1, 0xFE, 0x6F, 0, 0};
    cell->sent++;
    octets[20] = (uint8_t)cell->sent;
    return station_send(&cell->station[from], (ccs_view_t){octets, length});
}

static void passes(cell_t *cell)
{
    for (unsigned from = 0; from < 2; from++) {
        const unsigned before = cell->station[1 - from].frames;
        assert_true(send_one(cell, from, 100));
        run(cell, 300);
        assert_int_equal(cell->station[1 - from].frames, before + 1);
    }
}

/* --- lost edges, noise that passes ----------------------------------------------------------------------------------------------
 */

static void without_interrupts_the_poll_carries_frames_within_100_ms(void **state)
{
    (void)state;
    cell_t *const cell = cell_ready();
    cell->station[0].chip.faults.interrupt_dead = true;
    assert_true(send_one(cell, 1, 60));
    run(cell, QCA_POLL_MS + 10);
    assert_int_equal(cell->station[0].frames, 1);
    assert_int_equal(cell->station[0].qca.stats.lost_interrupts, 1);
    assert_int_equal(cell->station[0].downs, 0);
    free(cell);
}

static void a_signature_that_is_wrong_once_is_read_again(void **state)
{
    (void)state;
    cell_t *const cell = cell_ready();
    cell->station[0].chip.faults.signature_wrong = 1;
    run(cell, 250);
    assert_int_equal(cell->station[0].downs, 0);
    assert_int_equal(cell->station[0].qca.stats.signature_retries, 1);
    passes(cell);
    free(cell);
}

static void a_signature_that_is_wrong_twice_starts_the_chip_again(void **state)
{
    (void)state;
    cell_t *const cell = cell_ready();
    cell->station[0].chip.faults.signature_wrong = 2;
    run(cell, 110);
    assert_int_equal(cell->station[0].downs, 1);
    assert_int_equal(cell->station[0].why, QCA_WHY_SIGNATURE);
    run(cell, 500);
    assert_int_equal(cell->station[0].ups, 2);
    passes(cell);
    free(cell);
}

static void a_burst_with_one_broken_header_or_end_loses_that_frame_only(void **state)
{
    (void)state;
    for (int end = 0; end < 2; end++) {
        cell_t *const cell = cell_ready();
        station_t *const station = &cell->station[0];
        *(end ? &station->chip.faults.flip_end : &station->chip.faults.flip_header) = 3;
        for (int i = 0; i < 12; i++) {
            assert_true(send_one(cell, 1, 60 + (size_t)i));
            run(cell, 1);
        }
        run(cell, 200);
        assert_int_equal(station->frames, 8);
        assert_int_equal(station->downs, 0);
        assert_true(end ? station->qca.assembler.bad_ends == 4 : station->qca.assembler.garbage > 0);
        free(cell);
    }
}

static void garbage_between_packets_is_skipped(void **state)
{
    (void)state;
    static const uint8_t garbage[] = {0xAA, 0xAA, 0xAA, 0xAA, 0x3C, 0x00, 0x00, 0x00, 0x55, 0x55,
                                      1,    2,    3,    0,    0,    0,    0x46, 0xAA, 0xAA};
    cell_t *const cell = cell_ready();
    chip_inject(&cell->station[0].chip, (ccs_view_t){garbage, sizeof garbage});
    passes(cell);
    assert_int_equal(cell->station[0].qca.assembler.garbage, sizeof garbage);
    assert_int_equal(cell->station[0].downs, 0);
    free(cell);
}

static void a_header_that_lost_its_first_two_octets_behind_a_reset_is_found(void **state)
{
    (void)state;
    cell_t *const cell = cell_ready();
    uint8_t packet[10 + 60 + 2] = {0, 0x46, 0xAA, 0xAA, 0xAA, 0xAA, 60, 0, 0, 0, 0xFF};
    packet[70] = packet[71] = 0x55;
    qca_restart(&cell->station[0].qca);
    run(cell, 600);
    chip_inject(&cell->station[0].chip, (ccs_view_t){packet, sizeof packet});
    run(cell, 50);
    assert_int_equal(cell->station[0].frames, 1);
    assert_int_equal(cell->station[0].qca.assembler.garbage, 0);
    free(cell);
}

/* --- the chip starts again ------------------------------------------------------------------------------------------------------
 */

static void a_chip_that_resets_itself_is_told_and_up_again(void **state)
{
    (void)state;
    cell_t *const cell = cell_ready();
    chip_reset(&cell->station[0].chip);
    run(cell, 500);
    assert_int_equal(cell->station[0].downs, 1);
    assert_int_equal(cell->station[0].ups, 2);
    passes(cell);
    free(cell);
}

/* In the middle of a packet, at every octet of it, in both directions: no half frame ever reaches the host. */
static void a_reset_in_the_middle_of_a_packet_leaves_no_half_frame(void **state)
{
    (void)state;
    for (unsigned from = 0; from < 2; from++) {
        for (uint16_t at = 1; at <= 74; at++) {
            cell_t *const cell = cell_ready();
            cell->station[0].chip.faults.reset_within = at;
            assert_true(send_one(cell, from, 60));
            run(cell, 800);
            const unsigned whole = from == 0 ? at > 70 : at == 74; /* the host has read it all, or the chip has it */
            assert_int_equal(cell->station[0].downs, from == 0 ? at <= 70 : 1);
            assert_int_equal(cell->station[0].frames + cell->station[1].frames, whole);
            cell->station[0].chip.faults.reset_within = 0;
            passes(cell);
            free(cell);
        }
    }
}

static void what_waited_is_dropped_and_counted_when_the_chip_goes_down(void **state)
{
    (void)state;
    cell_t *const cell = cell_ready();
    cell->station[0].chip.faults.transmit_stuck = true;
    for (int i = 0; i < 2; i++) {
        assert_true(send_one(cell, 0, 1400));
        run(cell, 2);
    }
    assert_true(send_one(cell, 0, 1400));
    assert_true(send_one(cell, 0, 1400));
    run(cell, QCA_STUCK_MS + 50);
    assert_int_equal(cell->station[0].downs, 1);
    assert_int_equal(cell->station[0].qca.stats.down[QCA_WHY_STUCK], 1);
    assert_int_equal(cell->station[0].qca.stats.dropped_out, 2);
    cell->station[0].chip.faults.transmit_stuck = false;
    run(cell, 600);
    passes(cell);
    free(cell);
}

static void a_reset_asked_of_the_firmware_is_not_confirmed_and_comes_back(void **state)
{
    (void)state;
    cell_t *const cell = cell_ready();
    uint8_t octets[MME_SIZE_MIN];
    size_t length;
    mme_t mme;
    mme_init(&mme, MME_VS_RS_DEV_REQ, mme_local_modem, host[0]);
    assert_int_equal(mme_encode(&mme, octets, sizeof octets, &length), CCS_OK);
    assert_true(station_send(&cell->station[0], (ccs_view_t){octets, length}));
    run(cell, 600);
    assert_int_equal(cell->station[0].frames, 0);
    assert_int_equal(cell->station[0].downs, 1);
    assert_int_equal(cell->station[0].ups, 2);
    passes(cell);
    free(cell);
}

static void no_cpu_on_is_replaced_by_signature_and_empty_buffer_after_a_step(void **state)
{
    (void)state;
    cell_t *const cell = cell_make(false);
    cell->station[0].chip.faults.no_cpu_on = true;
    run(cell, QCA_RESET_STEP_MS + 300);
    assert_true(qca_is_ready(&cell->station[0].qca));
    passes(cell);
    free(cell);
}

/* --- not there ------------------------------------------------------------------------------------------------------------------
 */

typedef struct fault_row {
    const char *name;
    size_t offset; /* of a bool in chip_faults_t */
    qca_why_t why;
    int64_t absent_ms; /* told within */
} fault_row_t;

#define FAULT(name, why, ms)                          \
    {                                                 \
#name, offsetof(chip_faults_t, name), why, ms \
    }
static const fault_row_t dead_rows[] = {
    FAULT(absent, QCA_WHY_SIGNATURE, 1000),
    FAULT(legacy, QCA_WHY_SIGNATURE, 1000),
    FAULT(stuck_low, QCA_WHY_SIGNATURE, 1000),
    FAULT(stuck_high, QCA_WHY_SIGNATURE, 1000),
    FAULT(never_boots, QCA_WHY_NO_CPU_ON, 3 * 10000 + 2000),
};

static void set_fault(cell_t *cell, const fault_row_t *row, bool on)
{
    *(bool *)((char *)&cell->station[0].chip.faults + row->offset) = on;
}

/* From the first moment: told once, tried ever slower, at most so many transfers a second, and up when it is there. */
static void a_chip_that_is_not_there_is_told_once_and_found_when_it_comes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof dead_rows / sizeof dead_rows[0]; i++) {
        const fault_row_t *const row = &dead_rows[i];
        cell_t *const cell = cell_make(false);
        set_fault(cell, row, true);
        if (row->why == QCA_WHY_NO_CPU_ON) {
            cell->station[0].chip.booting = false; /* it shows its signature, and never comes out of our reset */
        }
        run(cell, row->absent_ms);
        assert_int_equal(cell->station[0].absents, 1);
        const unsigned before = cell->station[0].transfers;
        run(cell, 60000);
        assert_int_equal(cell->station[0].absents, 1);
        assert_int_equal(cell->station[0].ups, 0);
        assert_true(cell->station[0].transfers - before < 60 * 60);
        set_fault(cell, row, false);
        run(cell, QCA_RETRY_MAX_MS + QCA_RESET_STEP_MS * (QCA_RESET_TRIES + 1));
        assert_int_equal(cell->station[0].ups, 1);
        passes(cell);
        free(cell);
    }
}

/* The same in the middle of work: told within two polls. */
static void a_chip_that_vanishes_is_told_within_two_polls(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        cell_t *const cell = cell_ready();
        set_fault(cell, &dead_rows[i], true);
        run(cell, 2 * QCA_POLL_MS);
        assert_int_equal(cell->station[0].downs, 1);
        assert_false(qca_is_ready(&cell->station[0].qca));
        assert_null(qca_put(&cell->station[0].qca, 60));
        run(cell, 2000);
        assert_int_equal(cell->station[0].absents, 1);
        set_fault(cell, &dead_rows[i], false);
        run(cell, QCA_RETRY_MAX_MS + 500);
        passes(cell);
        free(cell);
    }
}

static void the_reset_line_wakes_a_chip_that_no_soft_reset_reaches(void **state)
{
    (void)state;
    cell_t *const cell = cell_make(true);
    cell->station[0].chip.faults.stuck_low = true;
    while (!cell->station[0].line_held && cell->now_ms < 5000) {
        run(cell, 1);
    }
    assert_true(cell->station[0].line_held);
    const int64_t held_ms = cell->now_ms;
    cell->station[0].chip.faults.stuck_low = false; /* the line helps */
    while (cell->station[0].line_held) {
        run(cell, 1);
    }
    assert_true(cell->now_ms - held_ms >= QCA_LINE_MS - 1);
    run(cell, 3000);
    assert_int_equal(cell->station[0].ups, 1);
    free(cell);
}

static void a_restart_asked_while_the_line_is_held_lets_it_go(void **state)
{
    (void)state;
    cell_t *const cell = cell_make(true);
    cell->station[0].chip.faults.absent = true;
    while (!cell->station[0].line_held && cell->now_ms < 5000) {
        run(cell, 1);
    }
    cell->station[0].chip.faults.absent = false;
    qca_restart(&cell->station[0].qca);
    run(cell, 1);
    assert_false(cell->station[0].line_held);
    run(cell, 4000);
    assert_int_equal(cell->station[0].ups, 1);
    free(cell);
}

static void a_bus_that_refuses_is_a_fault_of_its_own(void **state)
{
    (void)state;
    cell_t *const cell = cell_ready();
    cell->station[0].bus_dead = true;
    run(cell, 250);
    assert_int_equal(cell->station[0].downs, 1);
    assert_true(cell->station[0].qca.stats.down[QCA_WHY_BUS] >= 1);
    run(cell, 5000);
    assert_int_equal(cell->station[0].absents, 1);
    cell->station[0].bus_dead = false;
    run(cell, QCA_RETRY_MAX_MS + 500);
    passes(cell);
    free(cell);
}

/* --- errors that the chip reports -----------------------------------------------------------------------------------------------
 */

static bool bus(void *ctx, const qca_transfer_t *transfer)
{
    return chip_transfer(&((station_t *)ctx)->chip, transfer);
}

static void wrong_access(station_t *station, uint16_t command, uint16_t length)
{
    static uint8_t octets[QCA_RDBUF_MAX];
    const bool read = (command & QCA_READ) != 0;
    (void)bus(station,
              &(qca_transfer_t){.command = command, .length = length, .tx = read ? NULL : octets, .rx = read ? octets : NULL});
}

/* Somebody else on the bus spoke to the chip: each kind of wrong access has its cause, and each cause its reaction. */
static void each_error_cause_starts_the_chip_again(void **state)
{
    (void)state;
    static const struct {
        uint16_t command, length, cause;
        qca_why_t why;
    } rows[] = {
        {QCA_READ | QCA_EXTERNAL, 10, QCA_INTR_RDBUF_ERR, QCA_WHY_RDBUF_ERR},
        {QCA_WRITE | QCA_EXTERNAL, 70, QCA_INTR_WRBUF_ERR, QCA_WHY_WRBUF_ERR},
        {QCA_READ | QCA_INTERNAL | 0x2000, 2, QCA_INTR_ADDR_ERR, QCA_WHY_ADDR_ERR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cell_t *const cell = cell_ready();
        wrong_access(&cell->station[0], rows[i].command, rows[i].length);
        assert_int_equal(cell->station[0].chip.cause, rows[i].cause);
        run(cell, QCA_POLL_MS + 10);
        assert_int_equal(cell->station[0].downs, 1);
        assert_int_equal(cell->station[0].why, rows[i].why);
        run(cell, 500);
        assert_int_equal(cell->station[0].ups, 2);
        passes(cell);
        free(cell);
    }
}

/* The chip's own checks, which the rows above stand on. */
static void the_chip_refuses_what_no_frame_is(void **state)
{
    (void)state;
    cell_t *const cell = cell_ready();
    chip_t *const chip = &cell->station[0].chip;
    static uint8_t write[2 + QCA_RDBUF_MAX];
    uint8_t size[] = {0x41, 0x00, 0, 0x46};
    static const uint8_t good[] = {0, 0, 0xAA, 0xAA, 0xAA, 0xAA, 60, 0, 0, 0};
    memcpy(write, good, sizeof good);
    write[2 + 68] = write[2 + 69] = 0x55;
    chip_bus(chip, size, NULL, sizeof size);
    chip_bus(chip, write, NULL, 72);
    assert_int_equal(chip->cause, 0);
    assert_int_equal(chip->stats.frames_in, 1);
    for (size_t wrong = 2; wrong < 10; wrong++) { /* each octet of the header */
        chip_bus(chip, size, NULL, sizeof size);
        write[wrong] ^= 1;
        chip_bus(chip, write, NULL, 72);
        write[wrong] ^= 1;
        assert_int_equal(chip->cause, QCA_INTR_WRBUF_ERR);
        chip->cause = 0;
    }
    for (size_t length = 71; length < 74; length += 2) { /* BFR_SIZE is not what was clocked */
        chip_bus(chip, size, NULL, sizeof size);
        chip_bus(chip, write, NULL, length);
        assert_int_equal(chip->cause, QCA_INTR_WRBUF_ERR);
        chip->cause = 0;
    }
    assert_int_equal(chip->stats.frames_in, 1);
    while (chip->cause == 0) { /* more than it holds */
        chip_bus(chip, size, NULL, sizeof size);
        chip_bus(chip, write, NULL, 72);
    }
    assert_int_equal(chip->stats.over_writes, 1);
    assert_int_equal(chip->stats.frames_in, QCA_WRBUF_SIZE / 74);
    free(cell);
}

static void a_register_that_flips_once_ends_no_charge(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 16; bit++) {
        cell_t *const cell = cell_ready();
        qca_t *const qca = &cell->station[0].qca;
        qca_event_t event = {.now_ms = cell->now_ms, .type = QCA_ON_INTERRUPT};
        qca_out_t out = {.again = true};
        bool flipped = false;
        while (out.again) {
            qca_step(qca, &event, &out);
            event.type = QCA_ON_DONE;
            if (out.transfer.length > 0) {
                (void)bus(&cell->station[0], &out.transfer);
            }
            if (!flipped && out.transfer.command == (QCA_READ | QCA_INTERNAL | QCA_REG_INTR_CAUSE)) {
                out.transfer.rx[bit < 8] ^= (uint8_t)(1 << bit % 8);
                flipped = true;
            }
        }
        assert_true(flipped && qca_is_ready(qca));
        passes(cell);
        assert_int_equal(cell->station[0].downs, 0);
        free(cell);
    }
}

/* --- everything at once ---------------------------------------------------------------------------------------------------------
 */

/* Bits flip in both directions for a minute while frames pass: no loop, no frame of a wrong length, and quiet again afterwards.
 */
static void noise_on_the_bus_is_survived(void **state)
{
    (void)state;
    static const uint32_t levels[] = {1, 20, 200, 5000, 200000};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        cell_t *const cell = cell_ready();
        cell->station[0].chip.faults.noise_in_million = levels[i];
        cell->station[0].chip.faults.noise_out_million = levels[i] / 2;
        for (int turn = 0; turn < 6000; turn++) {
            (void)send_one(cell, (unsigned)turn % 2, 60 + (size_t)turn % 1000);
            run(cell, 10);
        }
        assert_true(cell->most_transfers < 1000);
        cell->station[0].chip.faults.noise_in_million = 0;
        cell->station[0].chip.faults.noise_out_million = 0;
        run(cell, QCA_RETRY_MAX_MS + QCA_RESET_STEP_MS * (QCA_RESET_TRIES + 2));
        assert_true(qca_is_ready(&cell->station[0].qca));
        passes(cell);
        print_message("noise %u/million bits: %u of %u frames, down %u\n", levels[i],
                      cell->station[0].frames + cell->station[1].frames, cell->sent, cell->station[0].downs);
        free(cell);
    }
}

/* Switches thrown by chance; whatever happened, an orderly station follows. */
static void faults_in_any_order_leave_a_driver_that_works(void **state)
{
    (void)state;
    uint32_t seed = 4711;
    cell_t *const cell = cell_ready();
    for (int turn = 0; turn < 400; turn++) {
        seed = seed * 1664525u + 1013904223u;
        chip_t *const chip = &cell->station[0].chip;
        memset(&chip->faults, 0, sizeof chip->faults);
        bool *const switches[] = {&chip->faults.absent,    &chip->faults.never_boots,    &chip->faults.no_cpu_on,
                                  &chip->faults.stuck_low, &chip->faults.interrupt_dead, &chip->faults.transmit_stuck};
        *switches[(seed >> 16) % 6] = true;
        chip->faults.reset_within = (uint16_t)((seed >> 20) % 500);
        chip->faults.announce_most = (uint16_t)((seed >> 8) % 100);
        (void)send_one(cell, 0, 60 + (seed >> 24));
        (void)send_one(cell, 1, 60 + (seed >> 24));
        run(cell, 20 + (seed >> 12) % 700);
    }
    memset(&cell->station[0].chip.faults, 0, sizeof cell->station[0].chip.faults);
    run(cell, QCA_RETRY_MAX_MS + QCA_RESET_STEP_MS * (QCA_RESET_TRIES + 2));
    passes(cell);
    assert_true(cell->station[0].downs >= 50 && cell->station[0].downs == cell->station[0].ups - 1);
    free(cell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_interrupts_the_poll_carries_frames_within_100_ms),
        cmocka_unit_test(a_signature_that_is_wrong_once_is_read_again),
        cmocka_unit_test(a_signature_that_is_wrong_twice_starts_the_chip_again),
        cmocka_unit_test(a_burst_with_one_broken_header_or_end_loses_that_frame_only),
        cmocka_unit_test(garbage_between_packets_is_skipped),
        cmocka_unit_test(a_header_that_lost_its_first_two_octets_behind_a_reset_is_found),
        cmocka_unit_test(a_chip_that_resets_itself_is_told_and_up_again),
        cmocka_unit_test(a_reset_in_the_middle_of_a_packet_leaves_no_half_frame),
        cmocka_unit_test(what_waited_is_dropped_and_counted_when_the_chip_goes_down),
        cmocka_unit_test(a_reset_asked_of_the_firmware_is_not_confirmed_and_comes_back),
        cmocka_unit_test(no_cpu_on_is_replaced_by_signature_and_empty_buffer_after_a_step),
        cmocka_unit_test(a_chip_that_is_not_there_is_told_once_and_found_when_it_comes),
        cmocka_unit_test(a_chip_that_vanishes_is_told_within_two_polls),
        cmocka_unit_test(the_reset_line_wakes_a_chip_that_no_soft_reset_reaches),
        cmocka_unit_test(a_restart_asked_while_the_line_is_held_lets_it_go),
        cmocka_unit_test(a_bus_that_refuses_is_a_fault_of_its_own),
        cmocka_unit_test(each_error_cause_starts_the_chip_again),
        cmocka_unit_test(the_chip_refuses_what_no_frame_is),
        cmocka_unit_test(a_register_that_flips_once_ends_no_charge),
        cmocka_unit_test(noise_on_the_bus_is_survived),
        cmocka_unit_test(faults_in_any_order_leave_a_driver_that_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
