/* Reading the two tables of a protocol.
 * SPDX-License-Identifier: Apache-2.0 */
#include "session/session.h"

#define TEXT(name, text) text,

const char *session_wait_name(session_wait_t wait)
{
    static const char *const names[] = {SESSION_WAITS(TEXT)};
    return wait < SESSION_WAITS_COUNT ? names[wait] : "any";
}

const char *session_outcome_name(session_outcome_t outcome)
{
    static const char *const names[] = {SESSION_OUTCOMES(TEXT)};
    return outcome < SESSION_OUTCOMES_COUNT ? names[outcome] : "?";
}

const session_pair_t *session_pair(const session_protocol_t *protocol, uint8_t request)
{
    for (size_t i = 0; i < protocol->pairs_count; i++) {
        if (protocol->pairs[i].request == request) {
            return &protocol->pairs[i];
        }
    }
    return NULL;
}

const session_step_t *session_step(const session_protocol_t *protocol, session_wait_t wait, uint8_t request,
                                   session_outcome_t outcome)
{
    for (size_t i = 0; i < protocol->steps_count; i++) {
        const session_step_t *const step = &protocol->steps[i];
        const bool here = step->wait == wait || step->wait == SESSION_WAIT_ANY;
        const bool this_one = step->gets == request || step->gets == SESSION_ANY_REQUEST;
        if (here && this_one && step->outcome == outcome) {
            return step;
        }
    }
    return NULL;
}

/* Rows for any wait or any request say what follows, not what is allowed. */
bool session_allowed(const session_protocol_t *protocol, session_wait_t wait, uint8_t request)
{
    for (size_t i = 0; i < protocol->steps_count; i++) {
        const session_step_t *const step = &protocol->steps[i];
        if (step->wait == wait && step->gets == request) {
            return true;
        }
    }
    return false;
}
