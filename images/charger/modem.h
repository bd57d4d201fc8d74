/* The charger's modem: driver, chip model behind its SPI, and the power line up to the car's modem.
 *
 *     port -- qca7000 driver -- SPI -- sim/chip -- sim/line -- the car's modem -- Ethernet of the board -- the car
 *
 * What stands right of SPI stands in for hardware; a real board puts its SPI transfer there and drops the rest. The car's modem
 * answers its own host's management messages (CM_SET_KEY), so a car that is made for a modem finds one at the end of the cable.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_IMAGES_MODEM_H
#define CCS_IMAGES_MODEM_H

#include "images/charger/cable.h"
#include "ports/bare/board.h"
#include "qca7000/qca7000.h"
#include "qca7000/startup.h"
#include "sim/chip/chip.h"
#include "sim/line/line.h"

enum { MODEM_TX_SIZE = 2 * (BOARD_FRAME_MAX + QCA_TX_OVERHEAD) };

typedef void (*modem_present_t)(void *ctx, bool up); /* usable, without a key of ours; or gone */

/* The product's part. */
typedef struct modem {
    qca_t qca;
    qca_startup_t startup;
    uint8_t rx[QCA_RX_SIZE_WHOLE], frame[QCA_FRAME_MAX], tx[MODEM_TX_SIZE];
    bool interrupt_was;
    bool more; /* the driver has not finished its turn */
    bool put;  /* a frame waits for its next one */
    modem_present_t present;
    void *ctx;
} modem_t;

/* What stands in for hardware. */
typedef struct modem_bench {
    chip_t chip;
    line_t line;
    cable_t cable;
    uint8_t frame[BOARD_FRAME_MAX];
} modem_bench_t;

/* mac: ours. The bench lives as long as the modem. */
void modem_init(modem_t *modem, modem_bench_t *bench, const uint8_t mac[6], modem_present_t present, void *ctx);

bool modem_send(modem_t *modem, ccs_view_t frame);

/* The next frame that came over the power line; valid until the next call. false: none now. */
bool modem_receive(modem_t *modem, modem_bench_t *bench, ccs_view_t *frame);
int64_t modem_deadline_ms(const modem_t *modem, const modem_bench_t *bench);

#endif
