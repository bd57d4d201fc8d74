/* Shared inside charge/ only.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_CHARGE_RULES_H
#define CCS_CHARGE_RULES_H

#include "charge/charge.h"

void charge_enter(charge_t *charge, charge_stage_t stage);

#endif
