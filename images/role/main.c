/* The charger's role and nothing else: everything of src/ that a charger with all three protocols links, and the memory of one
 * outlet. It is measured, not run. SPDX-License-Identifier: Apache-2.0 */
#include "ccs/guard.h"
#include "ccs/secc.h"
#include "exi/exi.h"
#include "messages/din.h"
#include "messages/iso2.h"
#include "messages/iso20.h"
#include "messages/sap.h"
#include "messages/xmldsig.h"
#include "ports/bare/board.h"
#include "qca7000/qca7000.h"
#include "qca7000/startup.h"

/* State of one outlet, counted by symbol. */
ccs_guard_t outlet_guard;
ccs_secc_t outlet_secc; /* SLAC is inside */

/* Its modem, and the buffers: on lines of their own. */
qca_t outlet_modem_driver;
qca_startup_t outlet_modem_startup;
uint8_t outlet_buffer_rx[CCS_RX_SIZE_MIN], outlet_buffer_tx[CCS_TX_SIZE_MIN];
uint64_t outlet_buffer_arena[CCS_ARENA_SIZE_MIN / 8];
uint8_t outlet_modem_rx[QCA_RX_SIZE_WHOLE], outlet_modem_frame[QCA_FRAME_MAX], outlet_modem_tx[QCA_TX_SIZE_MIN];

typedef void (*entry_t)(void);

/* What a charger's program calls. */
static const entry_t entries[] = {
    (entry_t)ccs_guard_defaults, (entry_t)ccs_guard_init,   (entry_t)ccs_guard_step,          (entry_t)ccs_guard_service_reset,
    (entry_t)ccs_secc_defaults,  (entry_t)ccs_secc_init,    (entry_t)ccs_secc_step,           (entry_t)ccs_secc_deadline_ms,
    (entry_t)ccs_secc_window,    (entry_t)ccs_secc_record,  (entry_t)ccs_secc_stats,          (entry_t)ccs_secc_slac,
    (entry_t)qca_init,           (entry_t)qca_step,         (entry_t)qca_deadline_ms,         (entry_t)qca_put,
    (entry_t)qca_startup_init,   (entry_t)qca_startup_step, (entry_t)qca_startup_deadline_ms,
};

/* Protocols whose sessions are still to come bring their codec already. */
static const exi_set_t *const sets[] = {&exi_sap, &exi_din, &exi_iso2, &exi_iso20, &exi_iso20_dc, &exi_xmldsig};

static void *const memory[] = {&outlet_guard,    &outlet_secc,        &outlet_modem_driver, &outlet_modem_startup, outlet_buffer_rx,
                               outlet_buffer_tx, outlet_buffer_arena, outlet_modem_rx,      outlet_modem_frame,    outlet_modem_tx};

int main(void)
{
    void *const volatile *object = memory;
    const volatile entry_t *entry = entries;
    const exi_set_t *const volatile *set = sets;
    size_t there = 0;
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        there += entry[i] != NULL;
    }
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        there += set[i] != NULL;
    }
    for (size_t i = 0; i < sizeof memory / sizeof memory[0]; i++) {
        there += object[i] != NULL;
    }
    return there == sizeof memory / sizeof memory[0] + sizeof entries / sizeof entries[0] + sizeof sets / sizeof sets[0] ? 0 : 1;
}
