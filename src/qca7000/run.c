/* The loop of a blocking bus.
 * SPDX-License-Identifier: Apache-2.0 */
#include "qca7000/qca7000.h"

static void tell(const qca_io_t *io, const qca_out_t *out, bool line_before)
{
    if (io->reset_line && out->reset_line != line_before) {
        io->reset_line(io->ctx, out->reset_line);
    }
    if (out->notice != QCA_NOTICE_NONE) {
        io->notice(io->ctx, out->notice, out->why);
    }
    if (out->frame.length > 0) {
        io->frame(io->ctx, out->frame);
    }
}

void qca_run(qca_t *qca, const qca_io_t *io, int64_t now_ms, bool interrupt)
{
    qca_event_t event = {.now_ms = now_ms, .type = interrupt ? QCA_ON_INTERRUPT : QCA_ON_TIME};
    qca_out_t out = {.again = true};
    while (out.again) {
        const bool line_before = qca->line;
        qca_step(qca, &event, &out);
        tell(io, &out, line_before);
        event = (qca_event_t){.now_ms = now_ms, .type = QCA_ON_DONE};
        if (out.again && out.transfer.length > 0) {
            event.failed = !io->transfer(io->ctx, &out.transfer);
        }
    }
}
