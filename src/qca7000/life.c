/* Up and down: what is known of the chip, what is told of it, and how it is started again.
 * SPDX-License-Identifier: Apache-2.0 */
#include "qca7000/private.h"

#include "base/trace.h"

static void note(qca_t *qca, ccs_level_t level, const char *event, qca_why_t why)
{
    const ccs_trace_record_t record = {
        .now_ms = qca->now_ms,
        .level = level,
        .room = "qca7000",
        .event = event,
        .fields = 2,
        .field = {{.name = "state", .text = qca_state_name(qca->state)}, {.name = "why", .text = qca_why_text(why)}}};
    trace_emit(&qca->config.trace, &record);
}

void qca_notify(qca_t *qca, qca_notice_t notice, qca_why_t why)
{
    static const char *const events[] = {"", "up", "down", "absent"};
    qca->out->notice = notice;
    qca->out->why = why;
    note(qca, notice == QCA_NOTICE_UP ? CCS_LEVEL_INFO : CCS_LEVEL_ERROR, events[notice], why);
}

/* What the machine knows of the chip holds no more. */
void qca_lose(qca_t *qca, qca_why_t why)
{
    qca->stats.down[why]++;
    qca_assembler_reset(&qca->assembler);
    qca->unread = (ccs_view_t){NULL, 0};
    qca->available = 0;
    qca->handling = qca->doubted = qca->interrupt = qca->from_poll = false;
    qca_drop_queue(qca);
    if (qca->told_up) {
        qca->told_up = false;
        qca_notify(qca, QCA_NOTICE_DOWN, why);
    }
}

static void search(qca_t *qca, int64_t from_ms)
{
    qca->state = QCA_STATE_SEARCHING;
    qca->wake_ms = from_ms;
    qca->line = false;
    qca->out->reset_line = false;
}

/* While it ran: begin again at once. */
void qca_go_down(qca_t *qca, qca_why_t why)
{
    qca_lose(qca, why);
    search(qca, qca->now_ms);
    qca_work(qca);
}

static int64_t retry_ms(const qca_t *qca)
{
    const int64_t wait_ms = (int64_t)QCA_RETRY_MS << (qca->failures < 6 ? qca->failures : 6);
    return qca->now_ms + (wait_ms < QCA_RETRY_MAX_MS ? wait_ms : QCA_RETRY_MAX_MS);
}

static void hold(qca_t *qca)
{
    qca->state = QCA_STATE_HELD;
    qca->line = true;
    qca->out->reset_line = true;
    qca->wake_ms = qca->now_ms + QCA_LINE_MS;
}

/* A start that failed: slower each time, the reset line after some, one notice per outage. */
void qca_fail(qca_t *qca, qca_why_t why)
{
    qca_lose(qca, why);
    search(qca, retry_ms(qca));
    qca->failures = (uint8_t)(qca->failures < UINT8_MAX ? qca->failures + 1 : QCA_LINE_AFTER);
    if (qca->failures % QCA_LINE_AFTER == 0 && qca->config.has_reset_line) {
        hold(qca);
    }
    if (qca->failures >= QCA_LINE_AFTER && !qca->told_absent) {
        qca->told_absent = true;
        qca_notify(qca, QCA_NOTICE_ABSENT, why);
    }
}

void qca_release(qca_t *qca)
{
    if (qca->now_ms >= qca->wake_ms) {
        search(qca, retry_ms(qca));
    }
}
