/* SPDX-License-Identifier: Apache-2.0 */
#include "images/charger/modem.h"

#include <string.h>

enum { OURS, THE_CARS, ATTENUATION_DB = 12, LINE_SEED = 7 };

/* ---- the bench ---- */

static void deliver(void *ctx, unsigned node, ccs_view_t frame)
{
    modem_bench_t *bench = ctx;
    if (node == OURS) {
        chip_receive(&bench->chip, frame);
    } else {
        board_send(frame);
    }
}

static void bench_init(modem_bench_t *bench, const uint8_t mac[6], int64_t now_ms)
{
    static const uint8_t our_modem[6] = {0x00, 0xb0, 0x52, 0xca, 0xfe, 0x01}, car_modem[6] = {0x00, 0xb0, 0x52, 0xca, 0xfe, 0x02};
    static const uint8_t nobody[6];
    line_init(&bench->line, LINE_SEED, deliver, bench);
    (void)line_add(&bench->line, mac, our_modem, true);
    (void)line_add(&bench->line, nobody, car_modem, false);
    line_attenuate(&bench->line, OURS, THE_CARS, ATTENUATION_DB);
    chip_init(&bench->chip, &bench->line, OURS, now_ms);
}

/* The car's modem learns its host as a real one does: whoever speaks first. */
static void hear_car(modem_bench_t *bench, int64_t now_ms)
{
    const ccs_view_t frame = {.at = bench->frame, .length = board_receive(bench->frame)};
    if (frame.length < 14 || cable_take(&bench->cable, frame, now_ms)) {
        return;
    }
    memcpy(bench->line.node[THE_CARS].host, frame.at + 6, 6);
    line_send(&bench->line, THE_CARS, now_ms, frame);
}

static void bench_turn(modem_bench_t *bench, int64_t now_ms)
{
    hear_car(bench, now_ms);
    chip_step(&bench->chip, now_ms);
    line_step(&bench->line, now_ms);
}

/* ---- the modem's start ---- */

static void startup_step(modem_t *modem, qca_startup_event_type_t type, ccs_view_t frame)
{
    const qca_startup_event_t event = {.now_ms = board_now_ms(), .type = type, .frame = frame};
    qca_startup_out_t out;
    qca_startup_step(&modem->startup, &event, &out);
    for (size_t i = 0; i < out.count; i++) {
        (void)modem_send(modem, (ccs_view_t){.at = out.frame[i], .length = MME_SIZE_MIN});
    }
    if (out.restart) {
        qca_restart(&modem->qca);
    }
    if (out.finished && modem->startup.state == QCA_STARTUP_READY) {
        modem->present(modem->ctx, true);
    }
}

static void on_notice(modem_t *modem, qca_notice_t notice)
{
    static const ccs_view_t none = {0};
    if (notice == QCA_NOTICE_UP) {
        startup_step(modem, QCA_STARTUP_ON_UP, none);
    } else if (notice == QCA_NOTICE_DOWN) {
        startup_step(modem, QCA_STARTUP_ON_DOWN, none);
        modem->present(modem->ctx, false);
    }
}

static bool is_management(ccs_view_t frame)
{
    return frame.length > 14 && frame.at[12] == 0x88 && frame.at[13] == 0xe1;
}

static void watch_startup(modem_t *modem, ccs_view_t frame)
{
    static const ccs_view_t none = {0};
    if (is_management(frame)) {
        startup_step(modem, QCA_STARTUP_ON_FRAME, frame);
    }
    if (board_now_ms() >= qca_startup_deadline_ms(&modem->startup)) {
        startup_step(modem, QCA_STARTUP_ON_TIME, none);
    }
}

/* ---- frames ---- */

bool modem_send(modem_t *modem, ccs_view_t frame)
{
    uint8_t *to = qca_put(&modem->qca, frame.length);
    if (to == NULL) {
        return false;
    }
    memcpy(to, frame.at, frame.length);
    modem->put = true;
    return true;
}

/* A turn that gave a frame goes on where it was; else a new one begins. */
static qca_event_t first_event(modem_t *modem, const chip_t *chip)
{
    const bool interrupt = chip_interrupt(chip);
    const bool edge = interrupt && !modem->interrupt_was;
    modem->interrupt_was = interrupt;
    const qca_event_type_t type = edge ? QCA_ON_INTERRUPT : modem->more ? QCA_ON_DONE : QCA_ON_TIME;
    return (qca_event_t){.now_ms = board_now_ms(), .type = type};
}

/* Steps the driver until it has a frame or nothing more to do. A step that gives a frame asks for no transfer. */
static ccs_view_t run_driver(modem_t *modem, chip_t *chip)
{
    qca_event_t event = first_event(modem, chip);
    qca_out_t out = {.again = true};
    while (out.again) {
        qca_step(&modem->qca, &event, &out);
        on_notice(modem, out.notice);
        if (out.frame.length > 0) {
            modem->more = out.again;
            return out.frame;
        }
        event = (qca_event_t){.now_ms = board_now_ms(), .type = QCA_ON_DONE};
        if (out.again && out.transfer.length > 0) {
            event.failed = !chip_transfer(chip, &out.transfer);
        }
    }
    modem->more = false;
    return (ccs_view_t){0};
}

bool modem_receive(modem_t *modem, modem_bench_t *bench, ccs_view_t *frame)
{
    modem->put = false;
    bench_turn(bench, board_now_ms());
    *frame = run_driver(modem, &bench->chip);
    watch_startup(modem, *frame);
    return frame->length > 0;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t modem_deadline_ms(const modem_t *modem, const modem_bench_t *bench)
{
    if (modem->more || modem->put) {
        return 0;
    }
    const int64_t product_ms = earlier(qca_deadline_ms(&modem->qca), qca_startup_deadline_ms(&modem->startup));
    return earlier(product_ms, earlier(chip_deadline_ms(&bench->chip), line_deadline_ms(&bench->line)));
}

void modem_init(modem_t *modem, modem_bench_t *bench, const uint8_t mac[6], modem_present_t present, void *ctx)
{
    const qca_config_t config = {
        .rx = modem->rx, .rx_size = sizeof modem->rx, .frame = modem->frame, .tx = modem->tx, .tx_size = sizeof modem->tx};
    qca_startup_config_t startup = {.role = QCA_ROLE_EVSE};
    memcpy(startup.mac, mac, sizeof startup.mac);
    modem->present = present;
    modem->ctx = ctx;
    bench_init(bench, mac, board_now_ms());
    qca_init(&modem->qca, &config, board_now_ms());
    qca_startup_init(&modem->startup, &startup);
}
