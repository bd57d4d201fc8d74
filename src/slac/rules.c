/* What ends each wait of a matching session, and the network id.
 * SPDX-License-Identifier: Apache-2.0 */
#include "slac/evse.h"

#include <string.h>

const slac_rule_t slac_session_rules[SLAC_SESSION_STATES] = {
    [SLAC_SESSION_FREE] = {"FREE", 0, 0, "-", "-"},
    [SLAC_SESSION_PARM] = {"PARM", SLAC_MATCH_SEQUENCE_MS, 0, "CM_START_ATTEN_CHAR.IND", "session ends"},
    [SLAC_SESSION_SOUND] = {"SOUND", SLAC_SOUNDS_100MS * 100 + SLAC_PROFILE_GRACE_MS, 0, "profiles of the modem",
                            "result of those that came; none: session ends"},
    [SLAC_SESSION_CHAR] = {"CHAR", SLAC_MATCH_RESPONSE_MS, SLAC_MATCH_RETRIES, "CM_ATTEN_CHAR.RSP", "session ends"},
    [SLAC_SESSION_WAIT] = {"WAIT", SLAC_EVSE_MATCH_SESSION_MS, 0, "CM_VALIDATE.REQ or CM_SLAC_MATCH.REQ", "session ends"},
    [SLAC_SESSION_VALIDATE] = {"VALIDATE", SLAC_MATCH_SEQUENCE_MS, SLAC_MATCH_RETRIES, "CM_VALIDATE.REQ step 2", "session ends"},
    [SLAC_SESSION_TOGGLES] = {"TOGGLES", 0, 0, "the time that the car named", "CM_VALIDATE.CNF with the toggles counted"},
    [SLAC_SESSION_DECIDED] = {"DECIDED", SLAC_MATCH_SEQUENCE_MS, 0, "CM_SLAC_MATCH.REQ", "session ends"},
};

const char *slac_session_state_name(slac_session_state_t state)
{
    return (unsigned)state < SLAC_SESSION_STATES ? slac_session_rules[state].state : "?";
}

const char *slac_evse_state_name(slac_evse_state_t state)
{
    static const char *const names[] = {"KEYING",   "IDLE", "MATCHING", "JOINING", "MATCHED", "PAUSED",
                                        "RESUMING", "X1",   "EF",       "ENDED",   "BROKEN"};
    return (unsigned)state < sizeof names / sizeof names[0] ? names[state] : "?";
}

void slac_nid(slac_sha256_fn sha256, const uint8_t nmk[16], uint8_t nid[7])
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
