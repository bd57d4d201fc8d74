/* Supervision, interrupts and what comes in.
 * SPDX-License-Identifier: Apache-2.0 */
#include "qca7000/private.h"

/* Causes that end a charge. */
enum { GRAVE = QCA_INTR_CPU_ON | QCA_INTR_RDBUF_ERR | QCA_INTR_WRBUF_ERR | QCA_INTR_ADDR_ERR };

void qca_on_check(qca_t *qca, uint16_t value)
{
    if (value != QCA_SIGNATURE) { /* seen once in a while when the chip is busy with SLAC */
        qca->stats.signature_retries += !qca->doubted;
        if (!qca_doubt(qca, ACCESS_CHECK)) {
            qca_go_down(qca, QCA_WHY_SIGNATURE);
        }
        return;
    }
    qca->doubted = false;
    qca->from_poll = !qca->interrupt;
    qca->interrupt = true;
    qca_work(qca);
}

void qca_handle_interrupt(qca_t *qca)
{
    qca->interrupt = false;
    qca->handling = true;
    qca_set(qca, ACCESS_MASK, 0);
}

void qca_on_mask(qca_t *qca, uint16_t value)
{
    (void)value;
    qca_get(qca, ACCESS_CAUSE);
}

/* The chip started again by itself: key and link are gone. */
static void self_reset(qca_t *qca, uint16_t cause)
{
    qca_lose(qca, QCA_WHY_SELF_RESET);
    qca_boot(qca);
    qca->cpu_on = true;
    qca_set(qca, ACCESS_BOOT_ACK, cause);
}

static bool handle_grave(qca_t *qca, uint16_t cause)
{
    if (cause == QCA_STUCK_HIGH) {
        qca_go_down(qca, QCA_WHY_NOISE);
    } else if ((cause & QCA_INTR_CPU_ON) != 0) {
        self_reset(qca, cause);
    } else if ((cause & QCA_INTR_RDBUF_ERR) != 0) {
        qca_go_down(qca, QCA_WHY_RDBUF_ERR);
    } else if ((cause & QCA_INTR_WRBUF_ERR) != 0) {
        qca_go_down(qca, QCA_WHY_WRBUF_ERR);
    } else if ((cause & QCA_INTR_ADDR_ERR) != 0) {
        qca_go_down(qca, QCA_WHY_ADDR_ERR);
    } else {
        return false;
    }
    return true;
}

static void count_cause(qca_t *qca)
{
    if (qca->from_poll && qca->cause != 0) {
        qca->stats.lost_interrupts++;
        qca->edgeless = true;
        qca->poll_ms = qca->now_ms + QCA_POLL_FAST_MS;
    }
    qca->stats.spurious += !qca->from_poll && qca->cause == 0;
    qca->from_poll = false;
}

/* Causes are latched: one that ends a charge must stand there twice, so that a flipped bit on the bus does not. */
void qca_on_cause(qca_t *qca, uint16_t value)
{
    if ((value & GRAVE) != 0 && !qca->doubted) {
        qca->doubted = true;
        qca->cause = value;
        qca_get(qca, ACCESS_CAUSE);
        return;
    }
    if (qca->doubted) {
        qca->doubted = false;
        const uint16_t both = value & qca->cause;
        if (handle_grave(qca, both)) {
            return;
        }
        qca->stats.noise++;
    }
    qca->cause = value & (uint16_t)~GRAVE;
    count_cause(qca);
    qca->acknowledged = qca->cause == 0;
    if (qca->acknowledged || (qca->cause & QCA_INTR_PKT_AVLBL) != 0) {
        qca_get(qca, ACCESS_AVAILABLE);
        return;
    }
    qca_set(qca, ACCESS_ACK, qca->cause);
}

static void read_piece(qca_t *qca)
{
    qca->piece = qca->available < qca->config.rx_size ? qca->available : qca->config.rx_size;
    qca_set(qca, ACCESS_READ_SIZE, qca->piece);
}

/* Acknowledged after reading, and looked at once more before interrupts are let in again: nothing falls into the gap. */
void qca_receive_more(qca_t *qca)
{
    if (qca->available > 0 && qca->rounds < QCA_ROUNDS) {
        read_piece(qca);
    } else if (!qca->acknowledged) {
        qca_set(qca, ACCESS_ACK, qca->cause);
    } else if (qca->rounds < QCA_ROUNDS) {
        qca_get(qca, ACCESS_AVAILABLE);
    } else {
        qca->interrupt = true; /* there may be more: in the next run */
        qca_set(qca, ACCESS_ENABLE, QCA_INTR_ENABLED);
    }
}

void qca_on_available(qca_t *qca, uint16_t value)
{
    if (value > QCA_RDBUF_MAX) {
        if (!qca_doubt(qca, ACCESS_AVAILABLE)) {
            qca_go_down(qca, QCA_WHY_NOISE);
        }
        return;
    }
    qca->doubted = false;
    qca->available = value;
    if (value == 0 && qca->acknowledged) {
        qca_set(qca, ACCESS_ENABLE, QCA_INTR_ENABLED);
        return;
    }
    qca_receive_more(qca);
}

void qca_on_read_size(qca_t *qca, uint16_t value)
{
    (void)value;
    qca_begin(qca, ACCESS_READ, qca->config.rx, qca->piece);
}

void qca_on_read(qca_t *qca, uint16_t value)
{
    (void)value;
    qca->rounds++;
    qca->available = (uint16_t)(qca->available - qca->piece);
    qca->unread = (ccs_view_t){qca->config.rx, qca->piece};
    qca_work(qca);
}

void qca_on_ack(qca_t *qca, uint16_t value)
{
    (void)value;
    qca->acknowledged = true;
    qca->available = 0; /* ask anew */
    qca_receive_more(qca);
}

void qca_on_enable(qca_t *qca, uint16_t value)
{
    (void)value;
    qca->handling = false;
    qca_work(qca);
}

/* Hands out one frame of the last transfer; false: there is none left in it. */
bool qca_deliver(qca_t *qca)
{
    if (qca->unread.length == 0) {
        return false;
    }
    ccs_view_t *const frame = &qca->out->frame;
    const size_t taken = qca_assembler_take(&qca->assembler, qca->unread, frame);
    qca->unread.at += taken;
    qca->unread.length -= taken;
    if (frame->length == 0) {
        return false;
    }
    qca->stats.frames_in++;
    qca->stats.octets_in += (uint32_t)frame->length;
    qca->out->again = true;
    return true;
}
