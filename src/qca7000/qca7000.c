/* Every access to the chip is a row: a command, and what is done when it has ended. Nothing waits: where nothing is to be done now,
 * the machine rests until its deadline or an interrupt.
 * SPDX-License-Identifier: Apache-2.0 */
#include "qca7000/private.h"

#include "base/assert.h"

static const qca_row_t *row_of(qca_access_t access)
{
    enum {
        GET = QCA_READ | QCA_INTERNAL,
        SET = QCA_WRITE | QCA_INTERNAL,
        READ = QCA_READ | QCA_EXTERNAL,
        WRITE = QCA_WRITE | QCA_EXTERNAL
    };
    static const qca_row_t rows[ACCESS_COUNT] = {QCA_ACCESSES(QCA_ACCESS_ROW)};
    return &rows[access];
}

void qca_begin(qca_t *qca, qca_access_t access, uint8_t *octets, uint16_t length)
{
    const uint16_t command = row_of(access)->command;
    const bool reads = (command & QCA_READ) != 0;
    qca->access = (uint8_t)access;
    qca->stats.transfers++;
    qca->out->again = true;
    qca->out->transfer =
        (qca_transfer_t){.command = command, .length = length, .tx = reads ? NULL : octets, .rx = reads ? octets : NULL};
}

void qca_get(qca_t *qca, qca_access_t access)
{
    qca_begin(qca, access, qca->word, 2);
}

void qca_set(qca_t *qca, qca_access_t access, uint16_t value)
{
    qca->word[0] = (uint8_t)(value >> 8);
    qca->word[1] = (uint8_t)value;
    qca_begin(qca, access, qca->word, 2);
}

/* An impossible value is read once more before it is believed. False: it has been. */
bool qca_doubt(qca_t *qca, qca_access_t access)
{
    const bool first = !qca->doubted;
    qca->doubted = first;
    if (first) {
        qca->stats.noise++;
        qca_get(qca, access);
    }
    return first;
}

static void serve(qca_t *qca)
{
    if (qca->now_ms >= qca->poll_ms) {
        qca->stats.polls++;
        qca->poll_ms = qca->now_ms + (qca->edgeless ? QCA_POLL_FAST_MS : QCA_POLL_MS);
        qca_get(qca, ACCESS_CHECK);
    } else if (qca->interrupt && qca->rounds < QCA_ROUNDS) {
        qca_handle_interrupt(qca);
    } else if (qca->tx_used > 0 && qca->now_ms >= qca->space_ms) {
        qca_get(qca, ACCESS_SPACE);
    }
}

void qca_work(qca_t *qca)
{
    static void (*const rests[])(qca_t *) = {
        [QCA_STATE_SEARCHING] = qca_look_for,
        [QCA_STATE_BOOTING] = qca_look_booted,
        [QCA_STATE_READY] = serve,
        [QCA_STATE_HELD] = qca_release,
    };
    if (qca_deliver(qca)) {
        return;
    }
    if (qca->handling) {
        qca_receive_more(qca);
        return;
    }
    rests[qca->state](qca);
}

void qca_init(qca_t *qca, const qca_config_t *config, int64_t now_ms)
{
    CCS_ASSERT(config->rx && config->rx_size >= QCA_RX_SIZE_MIN && config->frame);
    CCS_ASSERT(config->tx && config->tx_size >= QCA_TX_SIZE_MIN);
    *qca = (qca_t){.config = *config, .now_ms = now_ms, .wake_ms = now_ms, .stuck_ms = INT64_MAX};
    qca_assembler_init(&qca->assembler, config->frame);
}

void qca_restart(qca_t *qca)
{
    qca->restart = true;
}

static void end_access(qca_t *qca, const qca_event_t *event)
{
    const qca_row_t *const row = row_of((qca_access_t)qca->access);
    CCS_ASSERT(row->done);
    qca->access = ACCESS_NONE;
    if (event->failed) {
        qca->stats.bus_failures++;
        qca_fail(qca, QCA_WHY_BUS);
        return;
    }
    row->done(qca, (uint16_t)(qca->word[0] << 8 | qca->word[1]));
}

static void take_event(qca_t *qca, const qca_event_t *event)
{
    if (event->type == QCA_ON_INTERRUPT) {
        qca->interrupt = true;
        qca->edgeless = false;
        qca->stats.interrupts++;
    }
    if (qca->access != ACCESS_NONE) {
        if (event->type == QCA_ON_DONE) {
            end_access(qca, event);
        }
        return;
    }
    if (qca->restart) {
        qca->restart = false;
        qca_go_down(qca, QCA_WHY_START);
        return;
    }
    if (event->type != QCA_ON_DONE) {
        qca->rounds = 0;
    }
    qca_work(qca);
}

void qca_step(qca_t *qca, const qca_event_t *event, qca_out_t *out)
{
    *out = (qca_out_t){.reset_line = qca->line};
    qca->now_ms = event->now_ms;
    qca->out = out;
    take_event(qca, event);
    qca->out = NULL;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t qca_deadline_ms(const qca_t *qca)
{
    if (qca->access != ACCESS_NONE) {
        return INT64_MAX; /* the owner of the bus steps next */
    }
    if (qca->restart || qca->handling || qca->unread.length > 0 || (qca->interrupt && qca->state == QCA_STATE_READY)) {
        return qca->now_ms;
    }
    if (qca->state == QCA_STATE_READY) {
        return earlier(qca->poll_ms, qca->tx_used > 0 ? qca->space_ms : INT64_MAX);
    }
    return qca->state == QCA_STATE_BOOTING ? earlier(qca->wake_ms, qca->step_ms) : qca->wake_ms;
}

bool qca_is_ready(const qca_t *qca)
{
    return qca->state == QCA_STATE_READY;
}
