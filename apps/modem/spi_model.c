/* SPDX-License-Identifier: Apache-2.0 */
#include "spi_model.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ports/linux/clock.h"
#include "ports/linux/tap.h"

enum { NEAR_dB = 12, SEED = 1, TYPE_AT = 12, TAP_READS = 16 };

/* ---- frames ---- */

static void put(spi_model_t *model, ccs_view_t frame)
{
    uint8_t *const to = qca_put(&model->qca, frame.length);
    if (to != NULL) {
        memcpy(to, frame.at, frame.length);
        model->kicked = true;
    }
}

void spi_model_send(spi_model_t *model, ccs_view_t frame)
{
    put(model, frame);
}

void spi_model_reset(spi_model_t *model)
{
    chip_reset(&model->chip);
    model->kicked = true;
}

static void startup_step(spi_model_t *model, qca_startup_event_type_t type, ccs_view_t frame)
{
    qca_startup_out_t out;
    const qca_startup_event_t event = {.now_ms = model->now_ms, .type = type, .frame = frame};
    qca_startup_step(&model->startup, &event, &out);
    for (size_t i = 0; i < out.count; i++) {
        put(model, (ccs_view_t){out.frame[i], MME_SIZE_MIN});
    }
    if (out.restart) {
        qca_restart(&model->qca);
        model->kicked = true;
    }
    if (out.finished) {
        const bool good = model->startup.state == QCA_STARTUP_READY;
        model->ready(model->ctx, good, good ? model->startup.modem.version : qca_problem_text(model->startup.problem));
    }
}

static void on_frame(void *ctx, ccs_view_t frame)
{
    spi_model_t *model = ctx;
    const unsigned type = (unsigned)frame.at[TYPE_AT] << 8 | frame.at[TYPE_AT + 1];
    if (type == CCS_MME_ETHERTYPE) {
        startup_step(model, QCA_STARTUP_ON_FRAME, frame);
        port_post_mme(model->port, frame);
        return;
    }
    plc_see(model->plc, frame);
    (void)!write(model->tap_fd, frame.at, frame.length);
}

static void on_notice(void *ctx, qca_notice_t notice, qca_why_t why)
{
    spi_model_t *model = ctx;
    if (notice == QCA_NOTICE_UP) {
        startup_step(model, QCA_STARTUP_ON_UP, (ccs_view_t){0});
    } else if (notice == QCA_NOTICE_DOWN) {
        startup_step(model, QCA_STARTUP_ON_DOWN, (ccs_view_t){0});
        model->ready(model->ctx, false, qca_why_text(why));
    }
}

/* The line delivers: to our chip, or out to another process. */
static void on_line(void *ctx, unsigned node, ccs_view_t frame)
{
    spi_model_t *model = ctx;
    if (node == 0) {
        chip_receive(&model->chip, frame);
    } else {
        wire_deliver(&model->wire, node, frame);
    }
}

/* ---- as a service of the loop ---- */

static void tap_read(spi_model_t *model)
{
    uint8_t frame[QCA_FRAME_MAX];
    for (int reads = 0; reads < TAP_READS; reads++) {
        const ssize_t length = read(model->tap_fd, frame, sizeof frame);
        if (length <= 0) {
            return;
        }
        put(model, (ccs_view_t){frame, (size_t)length});
    }
}

static bool transfer(void *ctx, const qca_transfer_t *transfer)
{
    spi_model_t *model = ctx;
    return chip_transfer(&model->chip, transfer);
}

/* The driver, whenever the pin rises, a frame was put or its time has come. */
static bool driver_run(spi_model_t *model)
{
    const qca_io_t io = {.ctx = model, .transfer = transfer, .frame = on_frame, .notice = on_notice};
    const bool pin = chip_interrupt(&model->chip);
    const bool rose = pin && !model->pin;
    const bool due = rose || model->kicked || model->now_ms >= qca_deadline_ms(&model->qca);
    model->pin = pin;
    model->kicked = false;
    if (due) {
        qca_run(&model->qca, &io, model->now_ms, rose);
    }
    return due;
}

static void step(spi_model_t *model)
{
    bool busy = true;
    for (int runs = 0; runs < SPI_MODEL_RUNS && busy; runs++) {
        line_step(&model->line, model->now_ms);
        chip_step(&model->chip, model->now_ms);
        busy = driver_run(model);
    }
    if (model->now_ms >= qca_startup_deadline_ms(&model->startup)) {
        startup_step(model, QCA_STARTUP_ON_TIME, (ccs_view_t){0});
    }
}

static size_t service_fds(void *ctx, struct pollfd *to, size_t room)
{
    const spi_model_t *model = ctx;
    if (model->tap_fd < 0 || room < 2) {
        return 0;
    }
    to[0] = (struct pollfd){.fd = model->tap_fd, .events = POLLIN};
    to[1] = (struct pollfd){.fd = model->wire.fd, .events = POLLIN};
    return 2;
}

static void service_ready(void *ctx, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    spi_model_t *model = ctx;
    if (model->tap_fd < 0) {
        return;
    }
    model->now_ms = now_ms;
    if (count > 0 && fds[0].revents != 0) {
        tap_read(model);
    }
    wire_step(&model->wire, now_ms);
    step(model);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t service_deadline(void *ctx)
{
    const spi_model_t *model = ctx;
    if (model->tap_fd < 0) {
        return INT64_MAX;
    }
    const int64_t outside = earlier(wire_deadline_ms(&model->wire), line_deadline_ms(&model->line));
    const int64_t inside = earlier(chip_deadline_ms(&model->chip), qca_deadline_ms(&model->qca));
    return model->kicked ? 0 : earlier(earlier(outside, inside), qca_startup_deadline_ms(&model->startup));
}

loop_service_t spi_model_service(spi_model_t *model)
{
    return (loop_service_t){.ctx = model, .fds = service_fds, .ready = service_ready, .deadline_ms = service_deadline};
}

/* ---- life ---- */

/* Qualcomm's block, the rest of the host's: every host has a modem of its own. */
static void modem_mac(const uint8_t host[6], uint8_t mac[6])
{
    static const uint8_t block[3] = {0x00, 0xB0, 0x52};
    memcpy(mac, block, sizeof block);
    memcpy(mac + sizeof block, host + sizeof block, 3);
}

static void power_up(spi_model_t *model, const netif_t *host)
{
    uint8_t mac[6];
    qca_startup_config_t startup = {.role = model->charger ? QCA_ROLE_EVSE : QCA_ROLE_EV};
    const qca_config_t config = {
        .rx = model->rx, .rx_size = sizeof model->rx, .frame = model->frame, .tx = model->tx, .tx_size = sizeof model->tx};
    memcpy(startup.mac, host->mac, sizeof startup.mac);
    model->now_ms = clock_now_ms();
    modem_mac(host->mac, mac);
    line_init(&model->line, SEED, on_line, model);
    (void)line_add(&model->line, host->mac, mac, model->charger);
    memcpy(model->line.node[0].own_nmk, mac, sizeof mac); /* after a reset alone, and not with another process's */
    memcpy(model->line.node[0].nmk, model->line.node[0].own_nmk, sizeof model->line.node[0].nmk);
    chip_init(&model->chip, &model->line, 0, model->now_ms);
    qca_init(&model->qca, &config, model->now_ms);
    qca_startup_init(&model->startup, &startup);
}

bool spi_model_open(spi_model_t *model, const netif_t *wire, bool charger, port_t *port, plc_t *plc, netif_t *ip)
{
    char name[16];
    snprintf(name, sizeof name, "plc-%.11s", wire->name);
    model->charger = charger;
    model->port = port;
    model->plc = plc;
    model->wire.fd = -1;
    model->tap_fd = tap_open(name, wire->mac, SPI_MODEL_TAP_MTU, ip);
    if (model->tap_fd < 0) {
        return false;
    }
    power_up(model, wire);
    if (wire_open(&model->wire, wire, &model->line, NEAR_dB)) {
        return true;
    }
    const int why = errno;
    spi_model_close(model);
    errno = why;
    return false;
}

void spi_model_close(spi_model_t *model)
{
    wire_close(&model->wire);
    if (model->tap_fd >= 0) {
        close(model->tap_fd);
    }
    model->tap_fd = -1;
}
