/* A host with its driver and its chip on a line, for the tests.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_QCA7000_STATION_H
#define CCS_TESTS_QCA7000_STATION_H

#include "sim/chip/chip.h"

enum { STATION_LOG = 1 << 14 };

typedef struct station {
    chip_t chip;
    qca_t qca;
    uint8_t rx[QCA_RX_SIZE_WHOLE], frame[QCA_FRAME_MAX], tx[4096];
    bool pin; /* level seen last */
    bool bus_dead;
    bool line_held;
    int64_t now_ms;
    unsigned ups, downs, absents, frames, transfers;
    qca_why_t why;                                 /* of the last time that it was not up */
    void (*on_frame)(void *ctx, ccs_view_t frame); /* what the host does with a frame; NULL: keeps the last */
    void *ctx;
    uint8_t last[QCA_FRAME_MAX];
    size_t last_length;
    char log[STATION_LOG]; /* every transfer, as on the wire, when logging */
    size_t logged;
    bool logging;
} station_t;

void station_init(station_t *station, line_t *line, unsigned node, uint16_t rx_size, bool reset_line);

/* Gives an edge of the pin and time to the driver, as far as due. */
void station_serve(station_t *station, int64_t now_ms);
int64_t station_deadline_ms(const station_t *station);

/* Queues a frame; false: refused. */
bool station_send(station_t *station, ccs_view_t frame);

#endif
