/* SPDX-License-Identifier: Apache-2.0 */
#include "modem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spi_model.h"

static void tell(modem_t *modem, bool up)
{
    const ccs_event_t event = {.type = CCS_ON_MODEM, .modem = {.up = up}};
    if (!port_post(modem->port, &event)) {
        modem->untold = true; /* tried again in the next turn */
        return;
    }
    modem->untold = false;
    modem->up = up;
}

static void on_ready(void *ctx, bool up, const char *text)
{
    modem_t *modem = ctx;
    modem->usable = up;
    if (modem->say != NULL) {
        modem->say(modem->say_ctx, up, text);
    }
    if (modem->begun && up != modem->up) {
        tell(modem, up);
    }
}

static port_result_t model_open(modem_t *modem, char *error, size_t size)
{
    modem->model = calloc(1, sizeof *modem->model); /* large, and most programs have none */
    if (modem->model == NULL) {
        snprintf(error, size, "no memory for a modelled modem");
        return PORT_FAILED;
    }
    modem->model->ready = on_ready;
    modem->model->ctx = modem;
    if (spi_model_open(modem->model, &modem->wire, modem->charger, modem->port, &modem->plc, &modem->ip)) {
        return PORT_OK;
    }
    const int why = errno;
    snprintf(error, size, "modelled modem on %s: %s%s", modem->wire.name, strerror(why),
             why == EPERM || why == EACCES ? " (needs CAP_NET_ADMIN and CAP_NET_RAW)" : "");
    free(modem->model);
    modem->model = NULL;
    return why == EACCES || why == EPERM ? PORT_NO_RIGHT : PORT_FAILED;
}

port_result_t modem_open(modem_t *modem, modem_kind_t kind, bool charger, const netif_t *wire, port_t *port, char *error,
                         size_t size)
{
    modem->kind = kind;
    modem->charger = charger;
    modem->wire = modem->ip = *wire;
    modem->port = port;
    modem->up = modem->begun = modem->usable = modem->untold = false;
    modem->plc = (plc_t){.mme_fd = -1, .tap_fd = -1, .port = port};
    if (kind == MODEM_SPI_MODEL) {
        return model_open(modem, error, size);
    }
    modem->usable = true;
    return kind == MODEM_LINUX ? plc_open(&modem->plc, wire, port, error, size) : PORT_OK;
}

void modem_close(modem_t *modem)
{
    plc_close(&modem->plc);
    if (modem->model != NULL) {
        spi_model_close(modem->model);
        free(modem->model);
        modem->model = NULL;
    }
}

void modem_begin(modem_t *modem)
{
    modem->begun = true;
    modem->up = false;
    if (modem->kind != MODEM_NONE && modem->usable) {
        tell(modem, true);
    }
}

void modem_lost(modem_t *modem)
{
    if (modem->kind != MODEM_NONE) {
        modem->usable = false;
        tell(modem, false);
    }
    modem_close(modem);
}

void modem_send(modem_t *modem, ccs_view_t frame)
{
    if (modem->model != NULL) {
        spi_model_send(modem->model, frame);
    } else {
        plc_send(&modem->plc, frame);
    }
}

bool modem_mac_of(const modem_t *modem, const uint8_t address[16], uint8_t mac[6])
{
    return modem->kind != MODEM_NONE && plc_mac_of(&modem->plc, address, mac);
}

bool modem_reset(modem_t *modem)
{
    if (modem->model != NULL) {
        spi_model_reset(modem->model);
    }
    return modem->model != NULL;
}

/* ---- as a service of the loop: of the kind that it is ---- */

static loop_service_t inner(modem_t *modem)
{
    return modem->model != NULL ? spi_model_service(modem->model) : plc_service(&modem->plc);
}

static size_t service_fds(void *ctx, struct pollfd *to, size_t room)
{
    const loop_service_t service = inner(ctx);
    return service.fds(service.ctx, to, room);
}

static void service_ready(void *ctx, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    modem_t *modem = ctx;
    const loop_service_t service = inner(modem);
    service.ready(service.ctx, fds, count, now_ms);
    if (modem->untold) {
        tell(modem, modem->usable);
    }
}

static int64_t service_deadline(void *ctx)
{
    const loop_service_t service = inner(ctx);
    return service.deadline_ms == NULL ? INT64_MAX : service.deadline_ms(service.ctx);
}

loop_service_t modem_service(modem_t *modem)
{
    return (loop_service_t){.ctx = modem, .fds = service_fds, .ready = service_ready, .deadline_ms = service_deadline};
}
