/* The modem driver's frame assembler: its invariant holds after any octets, and nothing is touched beyond the caller's buffer.
 * qca_assembler_take() is a loop around the steps proved here; fuzz/ runs the loop. SPDX-License-Identifier: Apache-2.0 */
#include "prove.h"
#include "qca7000/assembler.c"

enum { RUN_MAX = 1 << 16 };

static bool holds(const qca_assembler_t *assembler)
{
    const bool in_header = assembler->length == 0 && assembler->filled == 0 && assembler->headed < QCA_HEADER_SIZE &&
                           assembler->lent <= assembler->headed;
    const bool in_frame = assembler->length >= QCA_FRAME_MIN && assembler->length <= QCA_FRAME_MAX && assembler->headed == 0 &&
                          assembler->lent == 0 && assembler->filled < assembler->length + END_SIZE;
    return in_header || in_frame;
}

static qca_assembler_t any_assembler(void)
{
    qca_assembler_t assembler;
    assembler.frame = any_octets(QCA_FRAME_MAX);
    for (size_t i = 0; i < QCA_HEADER_SIZE; i++) {
        assembler.head[i] = any_u8();
    }
    assembler.headed = any_u8();
    assembler.lent = any_u8();
    assembler.length = any_u16();
    assembler.filled = any_u16();
    assembler.end_wrong = any_bool();
    assembler.frames = assembler.garbage = assembler.bad_ends = 0;
    assume(holds(&assembler));
    return assembler;
}

void harness_qca_take_header(void)
{
    qca_assembler_t assembler = any_assembler();
    assume(assembler.length == 0);
    take_header(&assembler, any_u8());
    claim(holds(&assembler));
    claim(assembler.length == 0 || assembler.length >= QCA_FRAME_MIN);
}

void harness_qca_take_run(void)
{
    qca_assembler_t assembler = any_assembler();
    const size_t length = any_size();
    assume(length > 0 && length <= RUN_MAX);
    assume(assembler.length > 0 && assembler.filled < assembler.length);
    const size_t taken = take_run(&assembler, (ccs_view_t){any_octets(length), length});
    claim(taken > 0 && taken <= length);
    claim(holds(&assembler) && assembler.filled <= assembler.length);
}

void harness_qca_take_end(void)
{
    qca_assembler_t assembler = any_assembler();
    assume(assembler.length > 0 && assembler.filled >= assembler.length);
    const uint16_t length = assembler.length;
    take_end(&assembler, any_u8());
    if (assembler.filled == assembler.length + END_SIZE) {
        const ccs_view_t frame = finish(&assembler);
        claim(frame.length == 0 || (frame.length == length && frame.at == assembler.frame));
    }
    claim(holds(&assembler));
}
