/* Handshakes in words. SPDX-License-Identifier: Apache-2.0 */
#include "secure.h"

#include <stdio.h>
#include <string.h>

bool secure_went_well(const tls_facts_t *facts)
{
    return facts->failure == TLS_FAILURE_NONE;
}

static void good_text(const tls_facts_t *facts, bool charger, char text[SECURE_TEXT])
{
    (void)snprintf(text, SECURE_TEXT, "TLS 1.%u, suite 0x%04X, %s%s, %lld ms, %u octets%s%s%s%s", facts->version % 10U,
                   (unsigned)facts->suite, facts->authenticated ? "peer " : "no certificate asked for",
                   facts->authenticated ? facts->name : "", (long long)facts->handshake_ms, (unsigned)facts->handshake_octets,
                   charger ? ": " : "", charger ? tls_why_text(facts->why) : "",
                   facts->resumption_refused ? "; a resumption was refused" : "", facts->compat ? " [COMPAT PROFILE]" : "");
}

static void bad_text(const tls_facts_t *facts, char text[SECURE_TEXT])
{
    char chain[160] = "", alert[24] = "";
    const pki_verdict_t *const verdict = &facts->verdict;
    if (verdict->reason != PKI_UNJUDGED && verdict->reason != PKI_GOOD) {
        (void)snprintf(chain, sizeof chain, ": %s: %s, certificate %u of '%.40s'", pki_reason_name(verdict->reason),
                       pki_reason_text(verdict->reason), (unsigned)verdict->at, facts->name);
    }
    if (facts->failure == TLS_FAILURE_ALERT) {
        (void)snprintf(alert, sizeof alert, " (%u)", (unsigned)facts->alert);
    }
    (void)snprintf(text, SECURE_TEXT, "%s: %s%s%s%s%.80s%s", tls_failure_name(facts->failure), tls_failure_text(facts->failure),
                   alert, chain, facts->detail ? "; the library: " : "", facts->detail ? facts->detail : "",
                   facts->compat ? " [COMPAT PROFILE]" : "");
}

void secure_text(const tls_facts_t *facts, bool charger, char text[SECURE_TEXT])
{
    if (secure_went_well(facts)) {
        good_text(facts, charger, text);
    } else {
        bad_text(facts, text);
    }
}
