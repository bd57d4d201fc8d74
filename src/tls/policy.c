/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/policy.h"

#define TEXT(name, text) text,
static const char *const why_texts[] = {TLS_WHYS(TEXT)};

const char *tls_why_text(tls_why_t why)
{
    return (unsigned)why < TLS_WHYS_COUNT ? why_texts[why] : "?";
}

void tls_alert_write(uint8_t alert, uint8_t out[TLS_ALERT_SIZE])
{
    const uint8_t record[TLS_ALERT_SIZE] = {21, 3, 3, 0, 2, 2 /* fatal */, alert};
    for (int i = 0; i < TLS_ALERT_SIZE; i++) {
        out[i] = record[i];
    }
}

static tls_policy_t refuse(uint8_t alert, tls_why_t why)
{
    return (tls_policy_t){.alert = alert, .why = why};
}

/* All three: a stock library offers P-521 or a list of authorities for its own reasons. */
static bool shows_marks_of_20(const tls_hello_t *hello)
{
    return hello->has_authorities && (hello->groups & TLS_GROUPS_20) != 0 && (hello->signatures & TLS_SIGNATURES_20) != 0;
}

static bool can_12(const tls_site_t *site, const tls_hello_t *hello)
{
    return site->allows_12 && hello->offers_12;
}

static bool can_13(const tls_site_t *site, const tls_hello_t *hello)
{
    return site->allows_13 && hello->offers_13;
}

/* Which version, of the two that the car offers and the site allows. */
static tls_why_t choose_of_both(const tls_site_t *site, const tls_hello_t *hello, bool no_certificate_before)
{
    if (no_certificate_before) {
        return TLS_WHY_NO_CERTIFICATE_BEFORE;
    }
    if (shows_marks_of_20(hello)) {
        return TLS_WHY_MARKS_OF_20;
    }
    return site->compat ? TLS_WHY_COMPAT : TLS_WHY_NO_MARKS_OF_20;
}

/* A car without supported groups may be given any [RFC 8422 4]; without signature algorithms in 1.2: SHA-1, which is not ours, but
 * early cars send none and take SHA-256, the only one of ISO 15118-2. */
static tls_policy_t policy_12(const tls_site_t *site, const tls_hello_t *hello, tls_why_t why)
{
    const uint16_t ours = site->static_ecdh ? TLS_SUITES_12 : TLS_SUITE_ECDHE_ECDSA_AES128_CBC_SHA256;
    const tls_policy_t policy = {
        .version = 12,
        .suites = hello->suites & ours,
        .groups = TLS_GROUP_P256,
        .signatures = TLS_SIGNATURE_P256_SHA256,
        .why = why,
    };
    if (policy.suites == 0) {
        return refuse(TLS_ALERT_HANDSHAKE_FAILURE, TLS_WHY_NO_SUITE);
    }
    if (hello->has_groups && (hello->groups & TLS_GROUP_P256) == 0) {
        return refuse(TLS_ALERT_HANDSHAKE_FAILURE, TLS_WHY_NO_GROUP);
    }
    if (hello->has_signatures && (hello->signatures & TLS_SIGNATURE_P256_SHA256) == 0) {
        return refuse(TLS_ALERT_HANDSHAKE_FAILURE, TLS_WHY_NO_SIGNATURE);
    }
    return policy;
}

static tls_policy_t policy_13(const tls_site_t *site, const tls_hello_t *hello, tls_why_t why)
{
    const uint16_t groups = site->compat ? TLS_GROUPS_20 | TLS_GROUP_P256 : TLS_GROUPS_20;
    const uint16_t signatures = site->compat ? TLS_SIGNATURES_20 | TLS_SIGNATURE_P256_SHA256 : TLS_SIGNATURES_20;
    const tls_policy_t policy = {
        .version = 13,
        .client_certificate = true,
        .suites = hello->suites & TLS_SUITES_13,
        .groups = hello->groups & groups,
        .signatures = hello->signatures & signatures,
        .why = why,
    };
    if (policy.suites == 0) {
        return refuse(TLS_ALERT_HANDSHAKE_FAILURE, TLS_WHY_NO_SUITE);
    }
    if (policy.groups == 0) {
        return refuse(TLS_ALERT_HANDSHAKE_FAILURE, TLS_WHY_NO_GROUP);
    }
    if (policy.signatures == 0) {
        return refuse(TLS_ALERT_HANDSHAKE_FAILURE, TLS_WHY_NO_SIGNATURE);
    }
    return policy;
}

tls_policy_t tls_choose(const tls_site_t *site, const tls_hello_t *hello, bool no_certificate_before)
{
    const bool both_offered = hello->offers_12 && hello->offers_13;
    const bool v12 = can_12(site, hello);
    const bool v13 = can_13(site, hello);
    if (!v12 && !v13) {
        return refuse(TLS_ALERT_PROTOCOL_VERSION, TLS_WHY_NO_VERSION);
    }
    if (v12 && !v13) {
        return policy_12(site, hello, both_offered ? TLS_WHY_SITE : TLS_WHY_ONLY_12);
    }
    if (!v12) {
        return policy_13(site, hello, both_offered ? TLS_WHY_SITE : TLS_WHY_ONLY_13);
    }
    const tls_why_t why = choose_of_both(site, hello, no_certificate_before);
    const bool takes_13 = why == TLS_WHY_MARKS_OF_20 || why == TLS_WHY_COMPAT;
    return takes_13 ? policy_13(site, hello, why) : policy_12(site, hello, why);
}
