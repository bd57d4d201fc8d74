/* What each state waits for, in words: for documentation. A target that prints none links none.
 * SPDX-License-Identifier: Apache-2.0 */
#include "slac/ev.h"
#include "slac/evse.h"

const slac_wait_t slac_session_waits[SLAC_SESSION_STATES] = {
    [SLAC_SESSION_FREE] = {"-", "-"},
    [SLAC_SESSION_PARM] = {"CM_START_ATTEN_CHAR.IND", "session ends"},
    [SLAC_SESSION_SOUND] = {"profiles of the modem", "result of those that came; none: session ends"},
    [SLAC_SESSION_CHAR] = {"CM_ATTEN_CHAR.RSP", "session ends"},
    [SLAC_SESSION_WAIT] = {"CM_VALIDATE.REQ or CM_SLAC_MATCH.REQ", "session ends"},
    [SLAC_SESSION_VALIDATE] = {"CM_VALIDATE.REQ step 2", "session ends"},
    [SLAC_SESSION_TOGGLES] = {"the time that the car named", "CM_VALIDATE.CNF with the toggles counted"},
    [SLAC_SESSION_DECIDED] = {"CM_SLAC_MATCH.REQ", "session ends"},
};

const slac_wait_t slac_evse_waits[SLAC_EVSE_STATES] = {
    [SLAC_EVSE_KEYING] = {"random octets, then CM_SET_KEY.CNF", "BROKEN"},
    [SLAC_EVSE_IDLE] = {"a car at the pilot", "-"},
    [SLAC_EVSE_MATCHING] = {"CM_SLAC_PARM.REQ (setting init_ms); anew when the last session has ended without a match", "EF"},
    [SLAC_EVSE_JOINING] = {"the link", "leave, X1"},
    [SLAC_EVSE_MATCHED] = {"the modem's \"link is up\"", "leave, X1"},
    [SLAC_EVSE_PAUSED] = {"a wake-up of either side", "-"},
    [SLAC_EVSE_RESUMING] = {"the old link", "leave, X1"},
    [SLAC_EVSE_X1] = {"its time", "EF"},
    [SLAC_EVSE_EF] = {"its time", "MATCHING; after the retries (setting tries) ENDED"},
    [SLAC_EVSE_ENDED] = {"the plug is pulled, the car toggles B-C-B, or the charger wakes it", "-"},
    [SLAC_EVSE_BROKEN] = {"a reset of the modem", "KEYING"},
};

const slac_wait_t slac_ev_waits[SLAC_EV_STATES] = {
    [SLAC_EV_IDLE] = {"5 %", "-"},
    [SLAC_EV_DRAW] = {"random octets", "-"},
    [SLAC_EV_PARM] = {"CM_SLAC_PARM.CNF of all chargers", "START; none: AGAIN"},
    [SLAC_EV_START] = {"its time, then three CM_START_ATTEN_CHAR.IND", "SOUND"},
    [SLAC_EV_SOUND] = {"ten CM_MNBC_SOUND.IND", "RESULTS"},
    [SLAC_EV_RESULTS] = {"CM_ATTEN_CHAR.IND of all chargers", "the best of them; none: AGAIN"},
    [SLAC_EV_VALIDATE] = {"CM_VALIDATE.CNF", "AGAIN"},
    [SLAC_EV_TOGGLE] = {"CM_VALIDATE.CNF", "AGAIN"},
    [SLAC_EV_DECIDED] = {"its time (setting match_delay_ms)", "MATCH"},
    [SLAC_EV_MATCH] = {"CM_SLAC_MATCH.CNF", "AGAIN"},
    [SLAC_EV_KEY] = {"CM_SET_KEY.CNF", "AGAIN"},
    [SLAC_EV_JOIN] = {"the link", "AGAIN"},
    [SLAC_EV_MATCHED] = {"the modem's \"link is up\"", "FAILED"},
    [SLAC_EV_AGAIN] = {"its time", "DRAW; after repetition_ms FAILED"},
    [SLAC_EV_FAILED] = {"5 % anew", "-"},
};
