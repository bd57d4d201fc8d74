/* A whole charger without an operating system.
 * SPDX-License-Identifier: Apache-2.0 */
#include <lwip/stats.h>
#include <mbedtls/sha256.h>
#include <string.h>

#include "base/assert.h"
#include "images/charger/hardware.h"
#include "images/charger/modem.h"
#include "ports/bare/board.h"
#include "ports/bare/console.h"
#include "ports/bare/guard_tick.h"
#include "ports/common/outlet/outlet.h"
#include "ports/lwip/port.h"
#include "ports/lwip/stack.h"

/* TICK_LATE_MS: the emulator shares its machine; a board keeps the default of 100. */
enum { TICK_LATE_MS = 500, TCP_PORT = 15118, RX_SIZE = 4096, TX_SIZE = 2048, ARENA_WORDS = 512 };

static const uint8_t mac[6] = {0x02, 0x00, 0x00, 0xca, 0xfe, 0x01};

typedef struct charger {
    outlet_t outlet;
    lwip_port_t port;
    modem_bench_t bench; /* what stands in for hardware */
    hardware_t hardware;
    modem_t modem;
    bool linked;
    uint32_t seed;
    uint8_t rx[RX_SIZE], tx[TX_SIZE];
    uint64_t arena[ARENA_WORDS];
} charger_t;

static charger_t charger;

/* ---- what lwIP and the port ask for ---- */

static int64_t now_ms(void *ctx)
{
    (void)ctx;
    return board_now_ms();
}

static bool random_octets(void *ctx, uint8_t *octets, size_t length)
{
    charger_t *self = ctx;
    for (size_t i = 0; i < length; i++) {
        self->seed = self->seed * 1664525u + 1013904223u + board_ticks();
        octets[i] = (uint8_t)(self->seed >> 24);
    }
    return true;
}

static bool send_frame(void *ctx, ccs_view_t frame)
{
    charger_t *self = ctx;
    return modem_send(&self->modem, frame);
}

/* The pilot wire of the bench. */
static void turn_cable(charger_t *self)
{
    uint8_t frame[CABLE_FRAME_SIZE];
    const ccs_pilot_drive_t shown = (ccs_pilot_drive_t)atomic_load(&self->hardware.shown);
    const size_t length = cable_say(&self->bench.cable, shown, board_now_ms(), frame);
    if (length > 0) {
        board_send((ccs_view_t){.at = frame, .length = length});
    }
    atomic_store(&self->hardware.car, (uint8_t)self->bench.cable.car);
    atomic_store(&self->hardware.pulls, self->bench.cable.pulls);
}

static bool receive_frame(void *ctx, ccs_view_t *frame)
{
    charger_t *self = ctx;
    ccs_report_t report;
    turn_cable(self);
    if (guard_tick_report(&report)) {
        lwip_port_post_report(&self->port, &report);
    }
    return modem_receive(&self->modem, &self->bench, frame);
}

static int64_t deadline_ms(void *ctx)
{
    charger_t *self = ctx;
    return modem_deadline_ms(&self->modem, &self->bench);
}

/* The tick wakes: what is due before it is waited for awake. */
static void idle(void *ctx, int64_t until_ms)
{
    (void)ctx;
    if (until_ms - board_now_ms() >= BOARD_TICK_MS) {
        board_sleep();
    }
}

static void on_modem(void *ctx, bool up)
{
    charger_t *self = ctx;
    const ccs_event_t event = {.type = CCS_ON_MODEM, .modem = {.up = up}};
    console_text(up ? "modem up\n" : "modem down\n");
    (void)lwip_port_post(&self->port, &event);
}

static size_t window(void *ctx, uint8_t link)
{
    charger_t *self = ctx;
    return outlet_window(&self->outlet, link);
}

static void on_job(void *ctx, const ccs_job_t *job)
{
    charger_t *self = ctx;
    const ccs_event_t answer = {.type = CCS_ON_ANSWER, .answer = {.id = job->id, .verdict = CCS_GRANTED}};
    (void)lwip_port_post(&self->port, &answer);
}

static void on_cancel(void *ctx, uint32_t id)
{
    (void)ctx;
    (void)id;
}

/* ---- the loop's hooks ---- */

/* Before an octet leaves: the guard has the want, lwIP knows the network. */
static void on_want(void *ctx, const ccs_want_t *want)
{
    charger_t *self = ctx;
    const bool linked = ccs_secc_slac(&self->outlet.secc).link;
    guard_tick_want(want);
    if (linked != self->linked) {
        self->linked = linked;
        lwip_port_link(&self->port, linked);
    }
}

static void sha256(const uint8_t *octets, size_t length, uint8_t digest[32])
{
    const int failed = mbedtls_sha256(octets, length, digest, 0);
    CCS_ASSERT(failed == 0);
}

static void on_record(void *ctx, const ccs_record_t *record)
{
    (void)ctx;
    console_text("session");
    console_field("number", record->number);
    console_field("Wh", record->meter_end_Wh - record->meter_begin_Wh);
    console_field("mV_max", record->mV_max);
    console_field("mA_max", record->mA_max);
    console_text(" end ");
    console_text(ccs_end_name(record->end));
    console_field("stack", (int64_t)board_stack_used());
    console_field("heap", (int64_t)lwip_stats.mem.max);
    console_text("\n");
}

static void on_trace(void *ctx, const ccs_trace_record_t *record)
{
    (void)ctx;
    if (record->level > CCS_LEVEL_INFO) {
        return;
    }
    console_number(record->now_ms);
    console_text(" ");
    console_text(record->room);
    console_text(" ");
    console_text(record->event);
    for (size_t i = 0; i < record->fields; i++) {
        if (record->field[i].text != NULL) {
            console_text(" ");
            console_text(record->field[i].name);
            console_text(" ");
            console_text(record->field[i].text);
        } else {
            console_field(record->field[i].name, record->field[i].number);
        }
    }
    console_text("\n");
}

/* ---- start ---- */

static bool start_guard(charger_t *self)
{
    ccs_guard_config_t config;
    ccs_hal_t hal;
    hardware_init(&self->hardware, &hal);
    ccs_guard_defaults(&config);
    config.tick_late_ms_max = TICK_LATE_MS;
    return guard_tick_start(&config, &hal) == CCS_OK;
}

static bool start_secc(charger_t *self)
{
    ccs_secc_config_t config;
    const ccs_secc_buffers_t buffers = {.rx = self->rx,
                                        .rx_size = sizeof self->rx,
                                        .tx = self->tx,
                                        .tx_size = sizeof self->tx,
                                        .arena = self->arena,
                                        .arena_size = sizeof self->arena};
    ccs_secc_defaults(&config);
    lwip_port_address(&self->port, config.address);
    cable_init(&self->bench.cable, mac);
    config.port = TCP_PORT;
    config.slac.mode = CCS_SLAC_FIELD;
    config.slac.sha256 = sha256;
    memcpy(config.slac.mac, mac, sizeof config.slac.mac);
    config.trace = (ccs_trace_t){.hook = on_trace};
    self->outlet.port = &self->port.api;
    self->outlet.hooks = (outlet_hooks_t){.ctx = self, .want = on_want, .record = on_record};
    return ccs_secc_init(&self->outlet.secc, &config, &buffers, board_now_ms()) == CCS_OK;
}

int main(void)
{
    static const stack_platform_t platform = {.ctx = &charger, .now_ms = now_ms, .random = random_octets};
    static const lwip_port_hooks_t hooks = {.ctx = &charger,
                                            .send = send_frame,
                                            .receive = receive_frame,
                                            .deadline_ms = deadline_ms,
                                            .idle = idle,
                                            .window = window,
                                            .job = on_job,
                                            .cancel = on_cancel};
    board_init(mac);
    console_text("boot ");
    console_text(board_name);
    console_text("\n");
    stack_init(&platform);
    lwip_port_init(&charger.port, mac, TCP_PORT, &hooks);
    modem_init(&charger.modem, &charger.bench, mac, on_modem, &charger);
    if (!start_secc(&charger) || !start_guard(&charger)) {
        console_text("the configuration is refused\n");
        return 1;
    }
    console_text("ready\n");
    for (;;) {
        outlet_turn(&charger.outlet);
    }
}
