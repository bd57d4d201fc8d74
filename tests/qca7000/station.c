/* SPDX-License-Identifier: Apache-2.0 */
#include "station.h"

#include <stdio.h>
#include <string.h>

static void log_text(station_t *station, const char *format, unsigned value)
{
    const size_t left = sizeof station->log - station->logged;
    const int length = snprintf(station->log + station->logged, left, format, value);
    station->logged += length > 0 && (size_t)length < left ? (size_t)length : 0;
}

/* "DA00 > AA55": the command, the direction as the host sees it, the octets. */
static void log_transfer(station_t *station, const qca_transfer_t *transfer)
{
    const uint8_t *const octets = transfer->tx ? transfer->tx : transfer->rx;
    log_text(station, "%04X ", transfer->command);
    log_text(station, "%c ", transfer->tx ? '<' : '>');
    for (uint16_t i = 0; i < transfer->length; i++) {
        log_text(station, "%02X", octets[i]);
    }
    log_text(station, "%c", '\n');
}

static bool transfer(void *ctx, const qca_transfer_t *transfer)
{
    station_t *const station = ctx;
    station->transfers++;
    if (station->bus_dead) {
        return false;
    }
    (void)chip_transfer(&station->chip, transfer);
    if (station->logging) {
        log_transfer(station, transfer);
    }
    return true;
}

static void frame(void *ctx, ccs_view_t frame)
{
    station_t *const station = ctx;
    station->frames++;
    memcpy(station->last, frame.at, frame.length);
    station->last_length = frame.length;
    if (station->on_frame) {
        station->on_frame(station->ctx, frame);
    }
}

static void notice(void *ctx, qca_notice_t notice, qca_why_t why)
{
    station_t *const station = ctx;
    station->ups += notice == QCA_NOTICE_UP;
    station->downs += notice == QCA_NOTICE_DOWN;
    station->absents += notice == QCA_NOTICE_ABSENT;
    station->why = notice == QCA_NOTICE_UP ? station->why : why;
}

static void reset_line(void *ctx, bool hold)
{
    station_t *const station = ctx;
    station->line_held = hold;
    chip_hold(&station->chip, hold);
}

void station_init(station_t *station, line_t *line, unsigned node, uint16_t rx_size, bool has_reset_line)
{
    memset(station, 0, sizeof *station);
    chip_init(&station->chip, line, node, 0);
    qca_init(&station->qca,
             &(qca_config_t){.rx = station->rx,
                             .rx_size = rx_size,
                             .frame = station->frame,
                             .tx = station->tx,
                             .tx_size = sizeof station->tx,
                             .has_reset_line = has_reset_line},
             0);
}

void station_serve(station_t *station, int64_t now_ms)
{
    static const qca_io_t calls = {.transfer = transfer, .frame = frame, .notice = notice, .reset_line = reset_line};
    qca_io_t io = calls;
    io.ctx = station;
    station->now_ms = now_ms;
    chip_step(&station->chip, now_ms);
    for (int turns = 0; turns < 50; turns++) {
        const bool pin = chip_interrupt(&station->chip);
        const bool edge = pin && !station->pin;
        station->pin = pin;
        if (!edge && now_ms < qca_deadline_ms(&station->qca)) {
            return;
        }
        qca_run(&station->qca, &io, now_ms, edge);
        station->pin = station->pin && chip_interrupt(&station->chip); /* masking lets the pin fall */
    }
}

int64_t station_deadline_ms(const station_t *station)
{
    const int64_t chip_ms = chip_deadline_ms(&station->chip), host_ms = qca_deadline_ms(&station->qca);
    return chip_ms < host_ms ? chip_ms : host_ms;
}

bool station_send(station_t *station, ccs_view_t frame)
{
    uint8_t *const to = qca_put(&station->qca, frame.length);
    if (to) {
        memcpy(to, frame.at, frame.length);
    }
    return to != NULL;
}
