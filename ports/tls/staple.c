/* A car looks at the OCSP response that a charger staples to its chain.
 *
 * In TLS 1.2 it comes in a message of its own, after the chain, so the leaf and its issuer are kept for it; a car's link has no use
 * for the room of the ClientHello. A chain of a leaf alone has its issuer among the roots. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "ports/tls/backend.h"
#include "ports/tls/private.h"

static bool judges(const tls_link_t *link)
{
    return link->client && link->client->config.judges_status;
}

void tls_staple_keep(tls_link_t *link, const ccs_view_t *chain, size_t count)
{
    size_t at = 0;
    if (!judges(link) || !pki_is_good(&link->facts.verdict)) {
        return;
    }
    for (size_t i = 0; i < 2 && i < count; i++) { /* a good chain has certificates of 1600 octets at most */
        CCS_ASSERT(chain[i].length <= sizeof link->hello - at);
        memcpy(link->hello + at, chain[i].at, chain[i].length);
        link->kept[i] = (uint16_t)chain[i].length;
        at += chain[i].length;
    }
}

static ccs_view_t issuer_of(const tls_link_t *link)
{
    const pki_verdict_t *const verdict = &link->facts.verdict;
    if (link->kept[1] > 0) {
        return (ccs_view_t){link->hello + link->kept[0], link->kept[1]};
    }
    return link->trust->stores.store[verdict->store].roots[verdict->root];
}

static pki_reason_t judge_response(const tls_link_t *link, ccs_view_t response)
{
    const pki_crypto_t crypto = link->backend->crypto();
    pki_certificate_t leaf, issuer;
    pki_reason_t reason;
    pki_status_t status;
    if (!pki_read((ccs_view_t){link->hello, link->kept[0]}, &leaf, &reason) || !pki_read(issuer_of(link), &issuer, &reason)) {
        return reason;
    }
    reason = pki_ocsp_read(response, &leaf, &issuer, link->setup.utc_s, &crypto, &status);
    return reason == PKI_GOOD && status.revoked ? PKI_REVOKED : reason;
}

bool tls_link_judge_staple(tls_link_t *link, ccs_view_t response)
{
    pki_verdict_t *const verdict = &link->facts.verdict;
    if (!judges(link) || !pki_is_good(verdict)) {
        return pki_is_good(verdict);
    }
    link->status_judged = true;
    if (response.length > 0) {
        verdict->reason = judge_response(link, response);
    } else if (link->client->config.needs_status) {
        verdict->reason = PKI_REVOCATION_UNKNOWN;
    }
    return pki_is_good(verdict);
}

bool tls_staple_is_missing(const tls_link_t *link)
{
    return link->client && link->client->config.needs_status && !link->status_judged;
}
