/* A modelled QCA7000 behind the SPI driver, in this process: TAP interface - driver - chip - power line - wire.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_APPS_MODEM_SPI_MODEL_H
#define CCS_APPS_MODEM_SPI_MODEL_H

#include "ports/linux/plc.h"
#include "qca7000/qca7000.h"
#include "qca7000/startup.h"
#include "sim/chip/chip.h"
#include "wire.h"

enum { SPI_MODEL_TX_SIZE = 8 * QCA_TX_SIZE_MIN, SPI_MODEL_TAP_MTU = 1400, SPI_MODEL_RUNS = 16 };

typedef struct spi_model {
    int tap_fd; /* -1: closed */
    bool charger;
    line_t line;
    chip_t chip;
    wire_t wire;
    qca_t qca;
    uint8_t rx[QCA_RX_SIZE_WHOLE], frame[QCA_FRAME_MAX], tx[SPI_MODEL_TX_SIZE];
    qca_startup_t startup;
    bool pin;    /* interrupt, as last seen */
    bool kicked; /* a frame was put: the driver has something to do */
    port_t *port;
    plc_t *plc;                                         /* who is seen behind which MAC */
    void (*ready)(void *ctx, bool up, const char *why); /* the modem can be used, or not any more */
    void *ctx;
    int64_t now_ms;
} spi_model_t;

/* wire: the interface that is the power line; ip: the TAP interface. false: errno says why. */
bool spi_model_open(spi_model_t *model, const netif_t *wire, bool charger, port_t *port, plc_t *plc, netif_t *ip);
void spi_model_close(spi_model_t *model);

void spi_model_send(spi_model_t *model, ccs_view_t frame);

void spi_model_reset(spi_model_t *model);

loop_service_t spi_model_service(spi_model_t *model);

#endif
