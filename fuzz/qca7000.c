/* The modem driver on a bus that answers anything: its work in one run is bounded, frames have a frame's length, what it writes is
 * framed as it must be. The first octet of the input chooses: the assembler alone, or the whole machine and its buffers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "qca7000/qca7000.h"
#include "base/assert.h"

#include <string.h>

enum { STEPS_MAX = 4000, TX_SIZE = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct input {
    const uint8_t *at;
    size_t left;
} input_t;

static uint8_t take(input_t *input)
{
    if (input->left == 0) {
        return 0;
    }
    input->left--;
    return *input->at++;
}

static void judge_frame(ccs_view_t frame)
{
    CCS_ASSERT(frame.length == 0 || (frame.length >= QCA_FRAME_MIN && frame.length <= QCA_FRAME_MAX));
}

static void assemble(input_t *input, size_t piece)
{
    uint8_t buffer[QCA_FRAME_MAX];
    qca_assembler_t assembler;
    qca_assembler_init(&assembler, buffer);
    while (input->left > 0) {
        ccs_view_t frame;
        const ccs_view_t octets = {input->at, input->left < piece ? input->left : piece};
        const size_t taken = qca_assembler_take(&assembler, octets, &frame);
        CCS_ASSERT(taken > 0 && taken <= octets.length);
        CCS_ASSERT(assembler.headed < QCA_HEADER_SIZE && assembler.filled <= QCA_FRAME_MAX + 1);
        judge_frame(frame);
        input->at += taken;
        input->left -= taken;
    }
}

/* A write is a register of two octets, or one frame. */
static void judge_write(const qca_transfer_t *transfer)
{
    if (transfer->command & QCA_INTERNAL) {
        CCS_ASSERT(transfer->length == 2);
        return;
    }
    const uint8_t *const at = transfer->tx;
    CCS_ASSERT(at[0] == 0xAA && at[3] == 0xAA && at[6] == 0 && at[transfer->length - 1] == 0x55);
    CCS_ASSERT((at[4] | at[5] << 8) + 10 == transfer->length);
}

/* Registers are often what keeps a chip alive; packets are the input. */
static void answer(input_t *input, const qca_transfer_t *transfer)
{
    static const uint16_t good[] = {QCA_SIGNATURE, QCA_WRBUF_SIZE, QCA_INTR_CPU_ON, QCA_INTR_PKT_AVLBL};
    if (transfer->length != 2) {
        for (uint16_t i = 0; i < transfer->length; i++) {
            transfer->rx[i] = take(input);
        }
        return;
    }
    const uint8_t choice = take(input);
    const uint16_t value = choice < 0xE0 ? good[choice % 4] : (uint16_t)(take(input) << 8 | take(input));
    transfer->rx[0] = (uint8_t)(value >> 8);
    transfer->rx[1] = (uint8_t)value;
}

static void run(qca_t *qca, input_t *input, int64_t now_ms, uint8_t choice)
{
    qca_event_t event = {.now_ms = now_ms, .type = choice & 1 ? QCA_ON_INTERRUPT : QCA_ON_TIME};
    qca_out_t out = {.again = true};
    unsigned steps = 0;
    while (out.again) {
        qca_step(qca, &event, &out);
        judge_frame(out.frame);
        event = (qca_event_t){.now_ms = now_ms, .type = QCA_ON_DONE, .failed = choice == 0xFF};
        if (out.again && out.transfer.rx) {
            answer(input, &out.transfer);
        } else if (out.again && out.transfer.tx) {
            judge_write(&out.transfer);
        }
        CCS_ASSERT(++steps < STEPS_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t rx[QCA_RX_SIZE_WHOLE], frame[QCA_FRAME_MAX], tx[TX_SIZE];
    input_t input = {data, size};
    const uint8_t mode = take(&input);
    qca_t qca;
    int64_t now_ms = 0;
    if (mode & 1) {
        assemble(&input, (size_t)(mode >> 1) + 1);
        return 0;
    }
    qca_init(&qca,
             &(qca_config_t){.rx = rx,
                             .rx_size = mode & 2 ? QCA_RX_SIZE_MIN : QCA_RX_SIZE_WHOLE,
                             .frame = frame,
                             .tx = tx,
                             .tx_size = mode & 4 ? QCA_TX_SIZE_MIN : TX_SIZE,
                             .has_reset_line = mode & 8},
             0);
    while (input.left > 0) {
        const uint8_t choice = take(&input);
        uint8_t *const to = choice & 2 ? qca_put(&qca, (size_t)take(&input) * 7) : NULL;
        if (to) {
            *to = 0xFF;
        }
        if (choice == 0x80) {
            qca_restart(&qca);
        }
        run(&qca, &input, now_ms, choice);
        const int64_t next_ms = qca_deadline_ms(&qca);
        CCS_ASSERT(next_ms < now_ms + 10000);
        now_ms = choice & 4 && next_ms > now_ms ? next_ms : now_ms + (choice >> 4);
    }
    return 0;
}
