/* What stands between a program and its network: nothing, a PLC modem bridged to the interface, or a modelled QCA7000.
 *
 * With a modem HomePlug frames go in and out (ccs/slac.h says what a port must do), and IPv6 passes only after a match.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_APPS_MODEM_MODEM_H
#define CCS_APPS_MODEM_MODEM_H

#include "ccs/slac.h"
#include "ports/common/config/charger.h"
#include "ports/linux/plc.h"

typedef struct modem {
    modem_kind_t kind;
    bool charger; /* role: else a car */
    netif_t wire; /* the interface that was named */
    netif_t ip;   /* the one whose IPv6 is used; with MODEM_SPI_MODEL a TAP interface of our own */
    port_t *port;
    plc_t plc;
    bool usable, begun, up;                            /* can be used; modem_begin() was; CCS_ON_MODEM was told so */
    bool untold;                                       /* the queue was full: told later */
    struct spi_model *model;                           /* MODEM_SPI_MODEL only, allocated */
    void (*say)(void *ctx, bool up, const char *text); /* the modem can be used: its firmware; or not: why. May be NULL */
    void *say_ctx;
} modem_t;

/* wire: usable; without an address of its own for MODEM_SPI_MODEL. say and say_ctx are kept. On failure error has one line. */
port_result_t modem_open(modem_t *modem, modem_kind_t kind, bool charger, const netif_t *wire, port_t *port, char *error,
                         size_t size);
void modem_close(modem_t *modem);

/* After the core's init: tells it that the modem is there (CCS_ON_MODEM). */
void modem_begin(modem_t *modem);

/* The interface is gone: the modem with it. modem_open() and modem_begin() when it is back. */
void modem_lost(modem_t *modem);

/* For port_hooks_t. */
void modem_send(modem_t *modem, ccs_view_t frame);
bool modem_mac_of(const modem_t *modem, const uint8_t address[16], uint8_t mac[6]);

/* The modelled chip resets itself, as after a dip of its supply: key and link are gone. false: there is no modelled chip. */
bool modem_reset(modem_t *modem);

loop_service_t modem_service(modem_t *modem);

/* SHA-256 for ccs_slac_config_t. */
void modem_sha256(const uint8_t *octets, size_t length, uint8_t digest[32]);

#endif
