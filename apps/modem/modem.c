/* SPDX-License-Identifier: Apache-2.0 */
#include "modem.h"

#include <string.h>

port_result_t modem_open(modem_t *modem, modem_kind_t kind, bool charger, const netif_t *wire, port_t *port, char *error,
                         size_t size)
{
    *modem = (modem_t){.kind = kind, .charger = charger, .wire = *wire, .ip = *wire, .port = port};
    modem->plc = (plc_t){.mme_fd = -1, .tap_fd = -1, .port = port};
    if (kind == MODEM_LINUX) {
        return plc_open(&modem->plc, wire, port, error, size);
    }
    return PORT_OK;
}

void modem_close(modem_t *modem)
{
    plc_close(&modem->plc);
}

static void tell(modem_t *modem, bool up)
{
    const ccs_event_t event = {.type = CCS_ON_MODEM, .modem = {.up = up}};
    modem->up = up;
    (void)port_post(modem->port, &event); /* at start and after a loss the queue is empty */
}

void modem_begin(modem_t *modem)
{
    if (modem->kind == MODEM_LINUX) {
        tell(modem, true);
    }
}

void modem_lost(modem_t *modem)
{
    if (modem->kind != MODEM_NONE) {
        tell(modem, false);
    }
    modem_close(modem);
}

void modem_send(modem_t *modem, ccs_view_t frame)
{
    plc_send(&modem->plc, frame);
}

bool modem_mac_of(const modem_t *modem, const uint8_t address[16], uint8_t mac[6])
{
    return modem->kind != MODEM_NONE && plc_mac_of(&modem->plc, address, mac);
}

loop_service_t modem_service(modem_t *modem)
{
    return plc_service(&modem->plc);
}
