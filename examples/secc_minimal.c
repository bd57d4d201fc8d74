/* The smallest charger: one outlet for DIN 70121 on an Ethernet interface, free for everybody.
 *
 *     secc_minimal INTERFACE
 *
 * The board is a simulated one: put your own sample() and apply() in its place (docs/PORTING.md).
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "ccs/secc.h"
#include "ports/common/outlet/outlet.h"
#include "ports/linux/clock.h"
#include "ports/linux/guard_thread.h"
#include "ports/linux/port.h"
#include "sim/plant.h"

typedef struct charger {
    outlet_t outlet;      /* the SECC and the loop around it */
    guard_thread_t guard; /* decides about energy, every 10 ms, in a thread of its own */
    port_t port;          /* sockets */
    sim_plant_t board;
    uint8_t rx[4096], tx[4096];
    uint64_t arena[1024];
} charger_t;

/* What the communication asks for goes to the guard, which grants what is safe. */
static void on_want(void *ctx, const ccs_want_t *want)
{
    charger_t *const charger = ctx;
    guard_thread_want(&charger->guard, want);
}

/* The SECC asks for something that is not its own to decide: may this car charge? Answer now or later. */
static void on_job(void *ctx, const ccs_job_t *job)
{
    charger_t *const charger = ctx;
    const ccs_event_t answer = {.type = CCS_ON_ANSWER, .answer = {.id = job->id, .verdict = CCS_GRANTED}};
    (void)port_post(&charger->port, &answer);
}

/* Nobody needs the answer any more. Ours are given at once. */
static void on_cancel(void *ctx, uint32_t job)
{
    (void)ctx;
    (void)job;
}

static void on_record(void *ctx, const ccs_record_t *record)
{
    (void)ctx;
    printf("session %u: %lld Wh, %s\n", record->number, (long long)(record->meter_end_Wh - record->meter_begin_Wh),
           ccs_end_text(record->end));
    (void)fflush(stdout);
}

static size_t window(void *ctx, uint8_t link)
{
    charger_t *const charger = ctx;
    return outlet_window(&charger->outlet, link);
}

static bool start_guard(charger_t *charger)
{
    ccs_guard_config_t config;
    sim_plant_config_t plant;
    sim_plant_defaults(&plant);
    plant.foreign = true; /* the car on the other end of the cable has a battery of its own */
    sim_plant_init(&charger->board, &plant, clock_now_ms());
    sim_plant_plug(&charger->board);
    const ccs_hal_t hal = sim_plant_hal(&charger->board);
    ccs_guard_defaults(&config);
    if (guard_thread_start(&charger->guard, &config, &hal, &charger->port) != CCS_OK) {
        return false;
    }
    const port_service_t service = guard_thread_service(&charger->guard);
    port_add_service(&charger->port, &service);
    return true;
}

static bool start_secc(charger_t *charger, const netif_t *netif)
{
    ccs_secc_config_t config;
    const ccs_secc_buffers_t buffers = {.rx = charger->rx,
                                        .rx_size = sizeof charger->rx,
                                        .tx = charger->tx,
                                        .tx_size = sizeof charger->tx,
                                        .arena = charger->arena,
                                        .arena_size = sizeof charger->arena};
    const ccs_event_t connected = {.type = CCS_ON_DLINK, .dlink = {.up = true}}; /* no modem here: the cable is the link */
    ccs_secc_defaults(&config);
    memcpy(config.address, netif->address, sizeof config.address);
    config.port = charger->port.tcp_port;
    charger->outlet.port = &charger->port.api;
    charger->outlet.hooks = (outlet_hooks_t){.ctx = charger, .want = on_want, .record = on_record};
    return ccs_secc_init(&charger->outlet.secc, &config, &buffers, clock_now_ms()) == CCS_OK &&
           port_post(&charger->port, &connected);
}

int main(int argc, char **argv)
{
    static charger_t charger;
    const port_hooks_t hooks = {.ctx = &charger, .window = window, .job = on_job, .cancel = on_cancel};
    netif_t netif;
    char why[200] = "usage: secc_minimal INTERFACE";
    if (argc != 2 || netif_open(argv[1], 3000, &netif) != NETIF_OK) {
        fprintf(stderr, "%s (up, with a link-local address)\n", why);
        return 2;
    }
    port_init(&charger.port, &netif, &hooks);
    if (port_open_charger(&charger.port, 0, why, sizeof why) != PORT_OK) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    if (!start_secc(&charger, &netif) || !start_guard(&charger)) {
        fprintf(stderr, "the configuration is refused\n");
        return 1;
    }
    for (;;) {
        outlet_turn(&charger.outlet);
    }
}
