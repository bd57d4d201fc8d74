/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/bare/guard_tick.h"

#include "ports/bare/board.h"
#include "ports/common/mailbox/mailbox.h"

static ccs_guard_t guard;
static ccs_hal_t hal;
static CCS_MAILBOX(ccs_want_t) wants;
static CCS_MAILBOX(ccs_report_t) reports;

static void turn(void)
{
    static ccs_sample_t sample; /* not on the interrupted program's stack */
    static ccs_want_t want;
    static ccs_drive_t drive;
    static ccs_report_t report;
    const int64_t now_ms = board_now_ms();
    (void)mailbox_get(&wants.box, &want);
    hal.sample(hal.ctx, now_ms, &sample);
    ccs_guard_step(&guard, now_ms, &sample, &want, &drive, &report);
    hal.apply(hal.ctx, now_ms, &drive);
    mailbox_put(&reports.box, &report);
}

ccs_err_t guard_tick_start(const ccs_guard_config_t *config, const ccs_hal_t *given)
{
    static const ccs_want_t off = {.phase = CCS_PHASE_OFF};
    static const ccs_report_t nothing = {.at_ms = -1};
    hal = *given;
    mailbox_init(&wants.box, wants.slot, sizeof off, &off);
    mailbox_init(&reports.box, reports.slot, sizeof nothing, &nothing);
    CCS_TRY(ccs_guard_init(&guard, config, board_now_ms()));
    board_every_tick(turn);
    return CCS_OK;
}

void guard_tick_want(const ccs_want_t *want)
{
    mailbox_put(&wants.box, want);
}

bool guard_tick_report(ccs_report_t *report)
{
    return mailbox_get(&reports.box, report);
}
