/* What the line and its modems' firmware share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SIM_LINE_LINE_PRIVATE_H
#define CCS_SIM_LINE_LINE_PRIVATE_H

#include "sim/line/line.h"

/* line.c */
void line_fly(line_t *line, unsigned to, int64_t at_ms, ccs_view_t frame);
void line_to_host(line_t *line, unsigned node, int64_t at_ms, const mme_t *mme);
bool line_awake(const line_t *line, unsigned node, int64_t now_ms);

/* modem.c */
void line_modem_answers(line_t *line, unsigned node, int64_t now_ms, const mme_t *request);
void line_ask_host(line_t *line, unsigned node, int64_t at_ms);

#endif
