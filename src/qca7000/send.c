/* The transmit queue and what goes out.
 * SPDX-License-Identifier: Apache-2.0 */
#include "qca7000/private.h"

#include <string.h>

enum { FRAMING_FRONT = 8, MARK = 0xAA, END = 0x55 };

static uint16_t queued_length(const qca_t *qca, uint16_t at)
{
    return (uint16_t)(qca->config.tx[at + 4] | qca->config.tx[at + 5] << 8);
}

void qca_drop_queue(qca_t *qca)
{
    for (uint16_t at = 0; at < qca->tx_used; at = (uint16_t)(at + queued_length(qca, at) + QCA_FRAMING)) {
        qca->stats.dropped_out++;
    }
    qca->tx_used = 0;
}

static void wait_for_space(qca_t *qca)
{
    if (qca->stuck_ms == INT64_MAX) {
        qca->stuck_ms = qca->now_ms + QCA_STUCK_MS;
    }
    if (qca->now_ms >= qca->stuck_ms) {
        qca_go_down(qca, QCA_WHY_STUCK);
        return;
    }
    qca->space_ms = qca->now_ms + QCA_SPACE_POLL_MS;
    qca_work(qca);
}

void qca_on_space(qca_t *qca, uint16_t value)
{
    if (value > QCA_WRBUF_SIZE) {
        if (!qca_doubt(qca, ACCESS_SPACE)) {
            qca_go_down(qca, QCA_WHY_NOISE);
        }
        return;
    }
    qca->doubted = false;
    const uint16_t length = queued_length(qca, 0);
    if (value < length + QCA_SPACE_OVERHEAD) {
        wait_for_space(qca);
        return;
    }
    qca->stuck_ms = INT64_MAX;
    qca->piece = (uint16_t)(length + QCA_FRAMING);
    qca_set(qca, ACCESS_WRITE_SIZE, qca->piece);
}

void qca_on_write_size(qca_t *qca, uint16_t value)
{
    (void)value;
    qca_begin(qca, ACCESS_WRITE, qca->config.tx, qca->piece);
}

void qca_on_write(qca_t *qca, uint16_t value)
{
    (void)value;
    qca->stats.frames_out++;
    qca->stats.octets_out += (uint32_t)(qca->piece - QCA_FRAMING);
    qca->tx_used = (uint16_t)(qca->tx_used - qca->piece);
    memmove(qca->config.tx, qca->config.tx + qca->piece, qca->tx_used);
    qca_work(qca);
}

uint8_t *qca_put(qca_t *qca, size_t length)
{
    const size_t padded = length < QCA_FRAME_MIN ? QCA_FRAME_MIN : length;
    const size_t room = (size_t)(qca->config.tx_size - qca->tx_used);
    if (qca->state != QCA_STATE_READY || length == 0 || length > QCA_FRAME_MAX || padded + QCA_FRAMING > room) {
        qca->stats.refused_out++;
        return NULL;
    }
    uint8_t *const at = qca->config.tx + qca->tx_used;
    memset(at, MARK, 4);
    at[4] = (uint8_t)padded;
    at[5] = (uint8_t)(padded >> 8);
    memset(at + 6, 0, padded + 2);
    memset(at + FRAMING_FRONT + padded, END, 2);
    qca->tx_used = (uint16_t)(qca->tx_used + padded + QCA_FRAMING);
    return at + FRAMING_FRONT;
}
