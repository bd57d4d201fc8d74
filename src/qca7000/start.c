/* From the signature through reset and CPU_ON to a chip that is ready.
 * SPDX-License-Identifier: Apache-2.0 */
#include "qca7000/private.h"

void qca_look_for(qca_t *qca)
{
    if (qca->now_ms >= qca->wake_ms) {
        qca_get(qca, ACCESS_WAKE);
    }
}

void qca_on_wake(qca_t *qca, uint16_t value)
{
    (void)value;
    qca_get(qca, ACCESS_SIGNATURE);
}

void qca_on_signature(qca_t *qca, uint16_t value)
{
    if (value != QCA_SIGNATURE) {
        qca_fail(qca, QCA_WHY_SIGNATURE);
        return;
    }
    qca_set(qca, ACCESS_QUIET, 0);
}

void qca_on_quiet(qca_t *qca, uint16_t value)
{
    (void)value;
    qca_set(qca, ACCESS_FORGET, QCA_INTR_KNOWN);
}

void qca_on_forget(qca_t *qca, uint16_t value)
{
    (void)value;
    qca_get(qca, ACCESS_CONFIG);
}

void qca_on_config(qca_t *qca, uint16_t value)
{
    qca->stats.resets++;
    qca_set(qca, ACCESS_RESET, value | QCA_CONFIG_RESET);
}

void qca_boot(qca_t *qca)
{
    qca->state = QCA_STATE_BOOTING;
    qca->tries = 0;
    qca->cpu_on = false;
    qca->interrupt = false;
    qca->wake_ms = qca->now_ms + QCA_RESET_POLL_MS;
    qca->step_ms = qca->now_ms + QCA_RESET_STEP_MS;
}

void qca_on_reset(qca_t *qca, uint16_t value)
{
    (void)value;
    qca_boot(qca);
}

void qca_look_booted(qca_t *qca)
{
    if (qca->now_ms >= qca->step_ms) {
        qca->step_ms = qca->now_ms + QCA_RESET_STEP_MS;
        qca->tries++;
    }
    if (qca->tries >= QCA_RESET_TRIES) {
        qca_fail(qca, QCA_WHY_NO_CPU_ON);
        return;
    }
    if (qca->now_ms >= qca->wake_ms || qca->interrupt) {
        qca->interrupt = false;
        qca->wake_ms = qca->now_ms + QCA_RESET_POLL_MS;
        qca_get(qca, ACCESS_BOOT_CAUSE);
    }
}

/* CPU_ON may have come and gone before we looked: after a step the rest counts without it. All ones is a bus that nobody drives. */
void qca_on_boot_cause(qca_t *qca, uint16_t value)
{
    if (value == QCA_STUCK_HIGH) {
        return;
    }
    if ((value & QCA_INTR_CPU_ON) != 0) {
        qca->cpu_on = true;
        qca_set(qca, ACCESS_BOOT_ACK, value);
        return;
    }
    if (qca->cpu_on || qca->tries > 0) {
        qca_get(qca, ACCESS_BOOT_WAKE);
    }
}

void qca_on_boot_ack(qca_t *qca, uint16_t value)
{
    (void)value;
    qca_get(qca, ACCESS_BOOT_WAKE);
}

void qca_on_boot_wake(qca_t *qca, uint16_t value)
{
    (void)value;
    qca_get(qca, ACCESS_BOOT_SIGNATURE);
}

void qca_on_boot_signature(qca_t *qca, uint16_t value)
{
    if (value == QCA_SIGNATURE) {
        qca_get(qca, ACCESS_BOOT_SPACE);
    }
}

void qca_on_boot_space(qca_t *qca, uint16_t value)
{
    if (value == QCA_WRBUF_SIZE) {
        qca_set(qca, ACCESS_BOOT_ENABLE, QCA_INTR_ENABLED);
    }
}

void qca_on_boot_enable(qca_t *qca, uint16_t value)
{
    (void)value;
    qca->state = QCA_STATE_READY;
    qca->failures = 0;
    qca->told_absent = false;
    qca->told_up = true;
    qca->poll_ms = qca->now_ms; /* what came in meanwhile had no edge */
    qca->space_ms = qca->now_ms;
    qca->stuck_ms = INT64_MAX;
    qca_notify(qca, QCA_NOTICE_UP, QCA_WHY_NONE);
    qca_work(qca);
}
