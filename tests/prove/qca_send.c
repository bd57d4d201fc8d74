/* The modem driver's transmit queue.
 * SPDX-License-Identifier: Apache-2.0 */
#include "prove.h"
#include "qca7000/send.c"

/* Whatever is asked for and however full the queue is: what is given lies inside it. */
void harness_qca_put(void)
{
    qca_t qca;
    const size_t length = any_size();
    qca.config.tx_size = any_u16();
    assume(qca.config.tx_size >= QCA_TX_SIZE_MIN);
    qca.config.tx = any_octets(qca.config.tx_size);
    qca.tx_used = any_u16();
    assume(qca.tx_used <= qca.config.tx_size);
    qca.state = any_bool() ? QCA_STATE_READY : QCA_STATE_BOOTING;
    const uint16_t used = qca.tx_used;
    uint8_t *const to = qca_put(&qca, length);
    claim(qca.tx_used <= qca.config.tx_size);
    claim(!to || (to + length + 2 <= qca.config.tx + qca.tx_used && to == qca.config.tx + used + FRAMING_FRONT));
    claim(to || qca.tx_used == used);
}
