/* What follows a session: pilot, how long, how often, when to give up. A pulled plug or CCS_ON_RESET starts afresh from every
 * row, but for those that only CCS_ON_RESET frees.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "charge/charge.h"

#define steady   CCS_PILOT_STEADY
#define negative CCS_PILOT_NEGATIVE
#define always   CHARGE_ALWAYS
#define hold     4000 /* X1, E or F for at least 4 s, so that every car notices and forgets the old match */
#define offers   CHARGE_NEXT_OFFERS
#define rests    CHARGE_NEXT_RESTS
#define blocks   CHARGE_NEXT_BLOCKS
#define tries    3 /* field: one more try cures most cars (secc.md 3 #40, #41); more of them only cost battery */

static const charge_after_t rows[CCS_ENDS_COUNT] = {
    /*                         end                        failure pilot   last     hold  tries   next */
    [CCS_END_NONE] = {CCS_END_NONE, false, steady, steady, 0, always, offers},
    [CCS_END_COMPLETED] = {CCS_END_COMPLETED, false, steady, steady, hold, always, rests}, /* a car may come back for more */
    [CCS_END_STOPPED_USER] = {CCS_END_STOPPED_USER, false, steady, steady, hold, 0, offers},
    [CCS_END_STOPPED_SERVICE] = {CCS_END_STOPPED_SERVICE, false, steady, steady, hold, 0, blocks}, /* until started again */
    [CCS_END_EMERGENCY] = {CCS_END_EMERGENCY, true, negative, negative, hold, 0, blocks},          /* until a person has looked */
    [CCS_END_UNPLUGGED] = {CCS_END_UNPLUGGED, false, steady, steady, 0, always, offers},
    [CCS_END_CAR_ERROR] = {CCS_END_CAR_ERROR, true, steady, negative, hold, 1, offers},
    [CCS_END_CHARGER_ERROR] = {CCS_END_CHARGER_ERROR, true, steady, negative, hold, 1, offers},
    [CCS_END_ISOLATION] = {CCS_END_ISOLATION, true, steady, negative, hold, 1, offers},
    [CCS_END_NOT_AUTHORIZED] = {CCS_END_NOT_AUTHORIZED, false, steady, steady, hold, 0, offers},
    [CCS_END_AUTHORIZATION_LATE] = {CCS_END_AUTHORIZATION_LATE, false, steady, steady, hold, 0, offers}, /* the card resets it */
    [CCS_END_NO_PROTOCOL] = {CCS_END_NO_PROTOCOL, true, steady, negative, hold, tries, offers},
    [CCS_END_SETUP_TIMEOUT] = {CCS_END_SETUP_TIMEOUT, true, steady, negative, hold, tries, offers},
    [CCS_END_SEQUENCE_TIMEOUT] = {CCS_END_SEQUENCE_TIMEOUT, true, steady, negative, hold, tries, offers},
    [CCS_END_SEQUENCE_ERROR] = {CCS_END_SEQUENCE_ERROR, true, steady, negative, hold, tries, offers},
    [CCS_END_UNKNOWN_SESSION] = {CCS_END_UNKNOWN_SESSION, true, steady, negative, hold, tries, offers},
    [CCS_END_BAD_REQUEST] = {CCS_END_BAD_REQUEST, true, steady, negative, hold, tries, offers},
    [CCS_END_DECODE_ERROR] = {CCS_END_DECODE_ERROR, true, steady, negative, hold, tries, offers},
    [CCS_END_LINK_LOST] = {CCS_END_LINK_LOST, true, steady, negative, hold, tries, offers},
    [CCS_END_POWER_TIMEOUT] = {CCS_END_POWER_TIMEOUT, true, steady, negative, hold, tries, offers},
    [CCS_END_NO_METER] = {CCS_END_NO_METER, true, steady, steady, hold, 0, offers},
    [CCS_END_INTERRUPTED] = {CCS_END_INTERRUPTED, false, negative, negative, hold, always,
                             offers}, /* the car forgets the old match */
};

const charge_after_t *charge_after(ccs_end_t end)
{
    CCS_ASSERT(end < CCS_ENDS_COUNT);
    CCS_ASSERT(rows[end].end == end);
    return &rows[end];
}
