/* The car's half of DIN SPEC 70121: its two tables, and what it writes and reads.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DIN_EV_DIN_H
#define CCS_DIN_EV_DIN_H

#include "session/ask.h"

extern const ask_protocol_t din_ask;

#endif
