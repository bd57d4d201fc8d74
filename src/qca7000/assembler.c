/* SPDX-License-Identifier: Apache-2.0 */
#include "qca7000/assembler.h"

#include <string.h>

enum { MARK = 0xAA, END = 0x55, END_SIZE = 2, FRAMING = 10, MARK_AT = 4, LENGTH_AT = 8, RESERVED_AT = 10, LOST_MAX = 2 };

void qca_assembler_init(qca_assembler_t *assembler, uint8_t *frame)
{
    memset(assembler, 0, sizeof *assembler);
    assembler->frame = frame;
    qca_assembler_reset(assembler);
}

/* The first octets of a header may be lost behind a reset: begin as if they had been there. */
void qca_assembler_reset(qca_assembler_t *assembler)
{
    memset(assembler->head, 0, sizeof assembler->head);
    assembler->headed = LOST_MAX;
    assembler->lent = LOST_MAX;
    assembler->length = 0;
    assembler->filled = 0;
    assembler->end_wrong = false;
}

static bool is_marked(const uint8_t *head)
{
    static const uint8_t mark[4] = {MARK, MARK, MARK, MARK};
    return memcmp(head + MARK_AT, mark, sizeof mark) == 0 && head[RESERVED_AT] == 0 && head[RESERVED_AT + 1] == 0;
}

/* Length of the frame behind this header; 0: it is none. The first two octets are always zero and may be lost: they tell nothing.
 */
static uint16_t header_length(const qca_assembler_t *assembler)
{
    const uint8_t *const head = assembler->head;
    const uint16_t outer = (uint16_t)(head[2] << 8 | head[3]);
    const uint16_t length = (uint16_t)(head[LENGTH_AT] | head[LENGTH_AT + 1] << 8);
    const bool fits = length >= QCA_FRAME_MIN && length <= QCA_FRAME_MAX;
    return is_marked(head) && fits && outer == length + FRAMING ? length : 0;
}

static void drop_first(qca_assembler_t *assembler)
{
    memmove(assembler->head, assembler->head + 1, QCA_HEADER_SIZE - 1);
    assembler->headed--;
    if (assembler->lent > 0) {
        assembler->lent--;
        return;
    }
    assembler->garbage++;
}

static void take_header(qca_assembler_t *assembler, uint8_t octet)
{
    assembler->head[assembler->headed++] = octet;
    if (assembler->headed < QCA_HEADER_SIZE) {
        return;
    }
    assembler->length = header_length(assembler);
    if (assembler->length == 0) {
        drop_first(assembler);
        return;
    }
    assembler->headed = 0;
    assembler->lent = 0;
}

static void take_end(qca_assembler_t *assembler, uint8_t octet)
{
    assembler->end_wrong |= octet != END;
    assembler->filled++;
}

/* The frame is complete with its end. Behind a wrong end anything may follow. */
static ccs_view_t finish(qca_assembler_t *assembler)
{
    const ccs_view_t frame = {assembler->frame, assembler->length};
    const bool good = !assembler->end_wrong;
    assembler->length = 0;
    assembler->filled = 0;
    assembler->end_wrong = false;
    if (good) {
        assembler->frames++;
        return frame;
    }
    assembler->bad_ends++;
    return (ccs_view_t){NULL, 0};
}

/* Copies as much of the frame as is there. */
static size_t take_run(qca_assembler_t *assembler, ccs_view_t octets)
{
    const size_t wanted = (size_t)(assembler->length - assembler->filled);
    const size_t run = octets.length < wanted ? octets.length : wanted;
    memcpy(assembler->frame + assembler->filled, octets.at, run);
    assembler->filled = (uint16_t)(assembler->filled + run);
    return run;
}

size_t qca_assembler_take(qca_assembler_t *assembler, ccs_view_t octets, ccs_view_t *frame)
{
    size_t taken = 0;
    *frame = (ccs_view_t){NULL, 0};
    while (taken < octets.length && frame->length == 0) {
        if (assembler->length == 0) {
            take_header(assembler, octets.at[taken++]);
        } else if (assembler->filled < assembler->length) {
            taken += take_run(assembler, (ccs_view_t){octets.at + taken, octets.length - taken});
        } else {
            take_end(assembler, octets.at[taken++]);
            if (assembler->filled == assembler->length + END_SIZE) {
                *frame = finish(assembler);
            }
        }
    }
    return taken;
}
