/* Documents and fragments; what a fault says. The parts of the encoder are told in encode.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "exi/encode.h"

extern inline void exi_write_next(exi_writer_t *m, const exi_row_t *row);
extern inline void exi_descend(exi_writer_t *m, exi_encoder_t *e, const exi_slot_t *slot, const uint8_t *object,
                               const exi_row_t *resume);

static void note_step(exi_fault_t *fault, const exi_encoder_t *e, const exi_row_t *row, uint32_t item)
{
    fault->trail[fault->depth].row = (uint16_t)(row - e->tables->rows);
    fault->trail[fault->depth].item = (uint16_t)item;
    fault->depth++;
}

static void note_fault(const exi_encoder_t *e, ccs_err_t err, uint16_t root, exi_fault_t *fault)
{
    fault->err = err;
    fault->root = root;
    fault->bit = (uint32_t)(e->m.out.at - e->sink.begin) * 8 + e->m.out.count;
    fault->depth = 0;
    for (const exi_written_t *stage = e->stack + 2; stage <= e->top; stage++) {
        note_step(fault, e, stage->call, stage->item);
    }
    if (e->m.row != NULL) {
        note_step(fault, e, e->m.row, 0);
    }
}

static ccs_err_t write_root(exi_encoder_t *e, const exi_set_t *set, uint16_t root, const void *message)
{
    const exi_root_t *found = exi_find_root(set, root);
    if (found == NULL) {
        return CCS_ERR_UNSUPPORTED;
    }
    const bool fragment = (root & EXI_FRAGMENT) != 0;
    exi_out_put(&e->m.out, &e->sink, 0x80, 8);
    exi_out_put(&e->m.out, &e->sink, found->code, fragment ? set->fragment_bits : set->root_bits);
    exi_descend(&e->m, e, &set->tables->slots[found->slot], message, NULL);
    CCS_TRY(exi_write_rows(e));
    if (fragment) {
        exi_out_put(&e->m.out, &e->sink, set->fragment_end, set->fragment_bits);
    }
    exi_out_finish(&e->m.out, &e->sink);
    return e->sink.full ? CCS_ERR_SPACE : CCS_OK;
}

ccs_err_t exi_encode(const exi_set_t *set, uint16_t root, const void *message, uint8_t *buffer, size_t size, size_t *length,
                     exi_fault_t *fault)
{
    exi_encoder_t e;
    e.m = (exi_writer_t){.out = {.at = buffer}};
    e.sink = (exi_sink_t){.begin = buffer, .end = buffer + size};
    e.top = e.stack;
    e.tables = set->tables;
    const ccs_err_t err = write_root(&e, set, root, message);
    *length = err == CCS_OK ? (size_t)(e.m.out.at - buffer) : 0;
    if (fault != NULL) {
        fault->err = CCS_OK;
        if (err != CCS_OK) {
            note_fault(&e, err, root, fault);
        }
    }
    return err;
}
