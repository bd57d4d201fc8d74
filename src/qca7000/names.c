/* SPDX-License-Identifier: Apache-2.0 */
#include "qca7000/qca7000.h"

const char *qca_state_name(qca_state_t state)
{
    static const char *const names[] = {"searching", "booting", "ready", "held"};
    return state <= QCA_STATE_HELD ? names[state] : "unknown";
}

const char *qca_why_text(qca_why_t why)
{
    static const char *const texts[QCA_WHY_COUNT] = {
        [QCA_WHY_NONE] = "",
        [QCA_WHY_START] = "started again on request",
        [QCA_WHY_SELF_RESET] = "the chip reset itself",
        [QCA_WHY_SIGNATURE] = "no signature: no chip, no power, a stuck bus, or a chip strapped to legacy mode",
        [QCA_WHY_RDBUF_ERR] = "the chip reports a wrong read",
        [QCA_WHY_WRBUF_ERR] = "the chip reports a wrong write",
        [QCA_WHY_ADDR_ERR] = "the chip reports a wrong address",
        [QCA_WHY_NOISE] = "impossible values: noise on the bus",
        [QCA_WHY_STUCK] = "the chip does not send any more",
        [QCA_WHY_NO_CPU_ON] = "the chip does not come out of reset",
        [QCA_WHY_BUS] = "the bus refused a transfer",
    };
    return why < QCA_WHY_COUNT ? texts[why] : "unknown";
}
