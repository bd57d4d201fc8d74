/* A charger's TLS port without an operating system: lwIP, the ClientHello's peek and policy, Mbed TLS out of one static arena, our
 * own judgement of the car's chain, and the guard beside it in the timer interrupt. It greets each car that comes in by its name,
 * and tells what the handshake cost. With QEMU's -icount the board's clock counts instructions. SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "images/charger/hardware.h"
#include "images/tls/library.h"
#include "images/tls/vault.h"
#include "images/tls/wire.h"
#include "ports/bare/board.h"
#include "ports/bare/console.h"
#include "ports/bare/guard_tick.h"
#include "ports/lwip/modem_netif.h"
#include "ports/lwip/stack.h"

enum { TLS_PORT = 64109, SPEAK_MS = 120000, CACHE = 4, TEXT_SIZE = 128, NANOSECONDS = 1000000000 };

static const uint8_t mac[6] = {0x02, 0x00, 0x00, 0xca, 0xfe, 0x01};

/* Of one handshake. */
typedef struct cost {
    uint64_t ticks;
    uint32_t ticks_step_max;
} cost_t;

/* The first four are what TLS keeps beside the library's arena. */
typedef struct tls_image {
    tls_server_t server;
    tls_link_t link;
    pki_cache_entry_t entries[CACHE];
    pki_cache_t cache;
    vault_t vault;
    wire_t wire;
    modem_netif_t modem;
    hardware_t hardware;
    cost_t cost;
    uint32_t seed, number;
    bool linked, greeted, told_busy;
    int64_t speak_ms;
    uint32_t late_ms_max; /* of the guard's ticks */
    uint8_t frame[BOARD_FRAME_MAX];
} tls_image_t;

static tls_image_t image;

/* ---- what the stack and the library ask for ---- */

static int64_t now_ms(void *ctx)
{
    (void)ctx;
    return board_now_ms();
}

/* The emulated boards have no noise: the same numbers in each run. A real one puts its generator here. */
static bool bench_random(uint8_t *octets, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        image.seed = image.seed * 1664525u + 1013904223u;
        octets[i] = (uint8_t)(image.seed >> 24);
    }
    return true;
}

static bool stack_random(void *ctx, uint8_t *octets, size_t length)
{
    (void)ctx;
    return bench_random(octets, length);
}

static bool send_frame(void *ctx, ccs_view_t frame)
{
    (void)ctx;
    board_send(frame);
    return true;
}

static void on_management(void *ctx, ccs_view_t frame)
{
    (void)ctx, (void)frame; /* no modem here: the board's Ethernet is the car's network */
}

static void on_neighbour(void *ctx, const uint8_t station[6], const uint8_t address[16])
{
    (void)ctx, (void)station, (void)address;
}

/* ---- one car ---- */

static void begin(tls_image_t *self)
{
    const tls_setup_t setup = {.wire = wire_of_link(&self->wire),
                               .now_ms = board_now_ms(),
                               .utc_s = self->vault.utc_s + board_now_ms() / 1000,
                               .cache = &self->cache};
    self->number++;
    self->cost = (cost_t){0};
    self->linked = true;
    self->greeted = false;
    library_arena_mark();
    board_stack_mark();
    tls_link_open_server(&self->link, &self->server, &setup);
    console_text("come");
    console_field("number", self->number);
    console_text("\n");
}

static void tell(const tls_image_t *self)
{
    const tls_facts_t *const facts = tls_link_facts(&self->link);
    const uint32_t each = NANOSECONDS / board_ticks_hz;
    console_text("link");
    console_field("number", self->number);
    console_field("version", facts->version);
    console_field("authenticated", facts->authenticated);
    console_text(" failure ");
    console_text(tls_failure_name(facts->failure));
    console_text(" verdict ");
    console_text(pki_reason_name(facts->verdict.reason));
    console_field("cached", facts->verdict.cached);
    console_field("instructions", (int64_t)(self->cost.ticks * each));
    console_field("step_max", (int64_t)self->cost.ticks_step_max * each);
    console_field("arena", (int64_t)library_arena_most());
    console_field("stack", (int64_t)board_stack_used());
    console_text("\n");
}

static void end(tls_image_t *self)
{
    tls_link_close(&self->link);
    tls_link_free(&self->link);
    wire_hang_up(&self->wire);
    self->linked = false;
    console_text("free");
    console_field("number", self->number);
    console_field("arena", (int64_t)library_arena_now());
    console_field("refused", self->wire.refused);
    console_field("guard_late_ms", self->late_ms_max);
    console_text("\n");
}

static tls_result_t step(tls_image_t *self)
{
    const bool open = self->link.state == TLS_LINK_OPEN;
    const uint32_t before = board_ticks();
    const tls_result_t result = tls_link_step(&self->link, board_now_ms());
    const uint32_t ticks = board_ticks() - before;
    if (!open) {
        self->cost.ticks += ticks;
        self->cost.ticks_step_max = ticks > self->cost.ticks_step_max ? ticks : self->cost.ticks_step_max;
    }
    return result;
}

/* True: it has said something, and was answered with its name. */
static bool answer(tls_image_t *self)
{
    static const char hello[] = "hello from the charger, ";
    uint8_t text[TEXT_SIZE];
    size_t length;
    if (tls_link_read(&self->link, text, sizeof text, &length) != TLS_OK || length == 0) {
        return false;
    }
    const char *const name = tls_link_facts(&self->link)->name;
    const size_t size = strlen(name);
    memcpy(text, hello, sizeof hello - 1);
    memcpy(text + sizeof hello - 1, name, size);
    text[sizeof hello - 1 + size] = '\n';
    return tls_link_write(&self->link, (ccs_view_t){text, sizeof hello + size}) == TLS_OK;
}

static void turn_open(tls_image_t *self)
{
    if (!self->greeted) {
        self->greeted = true;
        self->speak_ms = board_now_ms() + SPEAK_MS;
        tell(self);
    }
    if (answer(self) || self->link.state != TLS_LINK_OPEN || board_now_ms() >= self->speak_ms) {
        end(self);
    }
}

/* The wire has moved, or time is up. */
static bool is_due(const tls_image_t *self)
{
    const int64_t until_ms = self->greeted ? self->speak_ms : tls_link_deadline_ms(&self->link);
    return self->wire.waiting != NULL || self->wire.finished || tls_link_wants_room(&self->link) || board_now_ms() >= until_ms;
}

static void turn_link(tls_image_t *self)
{
    if (!self->linked && self->wire.open) {
        begin(self);
    }
    if (!self->linked || !is_due(self)) {
        return;
    }
    switch (step(self)) {
    case TLS_AGAIN:
        return;
    case TLS_OK:
        turn_open(self);
        return;
    default:
        tell(self);
        end(self);
    }
}

/* ---- start ---- */

static bool load_credentials(tls_image_t *self)
{
    const tls_backend_t *const backend = tls_mbedtls();
    vault_t *const vault = &self->vault;
    if (backend == NULL) {
        return false;
    }
    for (size_t i = 0; i < vault->credentials; i++) {
        vault->credential[i].key = tls_key_load(backend, vault->key[i]);
    }
    tls_server_config_t config = {.backend = backend,
                                  .site = {.allows_12 = true, .allows_13 = true},
                                  .trust = {.revocation = PKI_REVOCATION_AS_KNOWN},
                                  .credentials = vault->credential,
                                  .count = vault->credentials};
    for (size_t i = 0; i < PKI_STORES_COUNT; i++) {
        config.trust.stores.store[i] = (pki_store_t){vault->root[i], vault->roots[i]};
    }
    size_t which;
    pki_cache_init(&self->cache, self->entries, CACHE);
    return tls_server_init(&self->server, &config, &which) == CCS_OK;
}

static bool start_guard(tls_image_t *self)
{
    ccs_guard_config_t config;
    ccs_hal_t hal;
    hardware_init(&self->hardware, &hal);
    ccs_guard_defaults(&config);
    return guard_tick_start(&config, &hal) == CCS_OK;
}

static bool start_network(tls_image_t *self)
{
    static const stack_platform_t platform = {.now_ms = now_ms, .random = stack_random};
    static const modem_netif_hooks_t hooks = {.send = send_frame, .management = on_management, .neighbour = on_neighbour};
    stack_init(&platform);
    modem_netif_add(&self->modem, mac, &hooks);
    modem_netif_link(&self->modem, true);
    return wire_listen(&self->wire, TLS_PORT);
}

static void turn_network(tls_image_t *self)
{
    for (size_t length = board_receive(self->frame); length > 0; length = board_receive(self->frame)) {
        modem_netif_input(&self->modem, (ccs_view_t){self->frame, length});
    }
    stack_turn();
    if (self->wire.refused > 0 && !self->told_busy) {
        self->told_busy = true;
        console_text("busy\n");
    }
}

static void watch_guard(tls_image_t *self)
{
    ccs_report_t report;
    if (guard_tick_report(&report)) {
        self->late_ms_max = report.late_ms_max;
    }
}

int main(void)
{
    tls_image_t *const self = &image;
    board_init(mac);
    console_text("boot ");
    console_text(board_name);
    console_text("\n");
    library_init(bench_random);
    if (!vault_read(&self->vault, (const uint8_t *)(uintptr_t)VAULT_ADDRESS) || !load_credentials(self)) {
        console_text("no credentials\n");
        return 1;
    }
    if (!start_network(self) || !start_guard(self)) {
        console_text("the configuration is refused\n");
        return 1;
    }
    console_text("ready");
    console_field("arena", (int64_t)library_arena_most());
    console_field("kept", (int64_t)library_arena_now());
    console_field("state", (int64_t)(sizeof self->server + sizeof self->link + sizeof self->entries + sizeof self->cache));
    console_text("\n");
    for (;;) {
        turn_network(self);
        turn_link(self);
        watch_guard(self); /* never sleeps: the emulator gives an idle board the time of its host, and ticks as late as that is */
    }
}
