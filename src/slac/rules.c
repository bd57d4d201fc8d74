/* What ends each wait of a matching session, and the network id.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/trace.h"
#include "slac/ev.h"
#include "slac/evse.h"

#include <string.h>

const slac_rule_t slac_session_rules[SLAC_SESSION_STATES] = {
    [SLAC_SESSION_FREE] = {CCS_TEXT("FREE"), 0, 0},
    [SLAC_SESSION_PARM] = {CCS_TEXT("PARM"), SLAC_MATCH_SEQUENCE_MS, 0},
    [SLAC_SESSION_SOUND] = {CCS_TEXT("SOUND"), SLAC_SOUNDS_100MS * 100 + SLAC_PROFILE_GRACE_MS, 0},
    [SLAC_SESSION_CHAR] = {CCS_TEXT("CHAR"), SLAC_MATCH_RESPONSE_MS, SLAC_MATCH_RETRIES},
    [SLAC_SESSION_WAIT] = {CCS_TEXT("WAIT"), SLAC_EVSE_MATCH_SESSION_MS, 0},
    [SLAC_SESSION_VALIDATE] = {CCS_TEXT("VALIDATE"), SLAC_MATCH_SEQUENCE_MS, SLAC_MATCH_RETRIES},
    [SLAC_SESSION_TOGGLES] = {CCS_TEXT("TOGGLES"), SLAC_VALIDATE_TOGGLE_MS, 0},
    [SLAC_SESSION_DECIDED] = {CCS_TEXT("DECIDED"), SLAC_MATCH_SEQUENCE_MS, 0},
};

const slac_rule_t slac_evse_rules[SLAC_EVSE_STATES] = {
    [SLAC_EVSE_KEYING] = {"KEYING", SLAC_KEY_ANSWER_MS, SLAC_KEY_RETRIES - 1},
    [SLAC_EVSE_IDLE] = {"IDLE", 0, 0},
    [SLAC_EVSE_MATCHING] = {"MATCHING", SLAC_EVSE_INIT_MS, 0},
    [SLAC_EVSE_JOINING] = {"JOINING", SLAC_JOIN_MS, 0},
    [SLAC_EVSE_MATCHED] = {"MATCHED", SLAC_LINK_POLL_MS, SLAC_LINK_MISSES - 1},
    [SLAC_EVSE_PAUSED] = {"PAUSED", 0, 0},
    [SLAC_EVSE_RESUMING] = {"RESUMING", SLAC_RESUME_MS, 0},
    [SLAC_EVSE_X1] = {"X1", SLAC_STEP_X1_MS, 0},
    [SLAC_EVSE_EF] = {"EF", SLAC_STEP_EF_MS, SLAC_SEQUENCE_RETRIES},
    [SLAC_EVSE_ENDED] = {"ENDED", 0, 0},
    [SLAC_EVSE_BROKEN] = {"BROKEN", SLAC_BROKEN_MS, 0},
};

const slac_rule_t slac_ev_rules[SLAC_EV_STATES] = {
    [SLAC_EV_IDLE] = {CCS_TEXT("IDLE"), 0, 0},
    [SLAC_EV_DRAW] = {CCS_TEXT("DRAW"), 0, 0},
    [SLAC_EV_PARM] = {CCS_TEXT("PARM"), SLAC_MATCH_RESPONSE_MS, SLAC_MATCH_RETRIES},
    [SLAC_EV_START] = {CCS_TEXT("START"), SLAC_EV_SEQUENCE_MS, 0},
    [SLAC_EV_SOUND] = {CCS_TEXT("SOUND"), SLAC_EV_BATCH_MS, 0},
    [SLAC_EV_RESULTS] = {CCS_TEXT("RESULTS"), SLAC_EV_RESULTS_MS, 0},
    [SLAC_EV_VALIDATE] = {CCS_TEXT("VALIDATE"), SLAC_MATCH_RESPONSE_MS, SLAC_MATCH_RETRIES},
    [SLAC_EV_TOGGLE] = {CCS_TEXT("TOGGLE"), (SLAC_EV_VALIDATE_100MS + 1) * 100 + SLAC_MATCH_RESPONSE_MS, 0},
    [SLAC_EV_DECIDED] = {CCS_TEXT("DECIDED"), SLAC_EV_MATCH_SESSION_MS, 0},
    [SLAC_EV_MATCH] = {CCS_TEXT("MATCH"), SLAC_MATCH_RESPONSE_MS, SLAC_MATCH_RETRIES},
    [SLAC_EV_KEY] = {CCS_TEXT("KEY"), SLAC_KEY_ANSWER_MS, SLAC_MATCH_RETRIES},
    [SLAC_EV_JOIN] = {CCS_TEXT("JOIN"), SLAC_JOIN_MS, 0},
    [SLAC_EV_MATCHED] = {CCS_TEXT("MATCHED"), SLAC_LINK_POLL_MS, SLAC_LINK_MISSES - 1},
    [SLAC_EV_AGAIN] = {CCS_TEXT("AGAIN"), SLAC_EV_RATE_MS, 0},
    [SLAC_EV_FAILED] = {CCS_TEXT("FAILED"), 0, 0},
};

const char *slac_session_state_name(slac_session_state_t state)
{
    return (unsigned)state < SLAC_SESSION_STATES ? slac_session_rules[state].state : "?";
}

const char *slac_evse_state_name(slac_evse_state_t state)
{
    return (unsigned)state < SLAC_EVSE_STATES ? slac_evse_rules[state].state : "?";
}

void slac_nid(ccs_sha256_t sha256, const uint8_t nmk[16], uint8_t nid[7])
{
    uint8_t digest[32];
    sha256(nmk, 16, digest);
    for (int i = 0; i < 4; i++) {
        uint8_t again[32];
        sha256(digest, sizeof digest, again);
        memcpy(digest, again, sizeof digest);
    }
    memcpy(nid, digest, 6);
    nid[6] = (uint8_t)(digest[6] >> 4); /* the two bits above are the security level: 0, simple connect */
}
