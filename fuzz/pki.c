/* Any octets as certificates: the DER walker and all that is read from it, and the judgement of chains made of them.
 * The first octet chooses role, edition and what cryptography says; the rest is a row of certificates, each behind two octets of
 * length, the last one being the root. The first one is read as an OCSP response and as a revocation list as well.
 * SPDX-License-Identifier: Apache-2.0 */
#include "pki/pki.h"
#include "base/assert.h"
#include "base/bytes.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CERTIFICATES_MAX = 6 };

typedef struct oracle {
    bool says;
    unsigned asked;
} oracle_t;

static bool verify(void *ctx, const pki_key_t *key, pki_algorithm_t algorithm, ccs_view_t tbs, ccs_view_t signature)
{
    oracle_t *const oracle = ctx;
    CCS_ASSERT(key->kind != PKI_KEY_OTHER && algorithm != PKI_ALGORITHM_OTHER);
    CCS_ASSERT(key->point.length >= 57 && tbs.length > 0 && signature.length > 0);
    oracle->asked++;
    return oracle->says;
}

static bool key_fits(void *ctx, const pki_key_t *key)
{
    (void)ctx;
    return key->point.at[key->point.length - 1] != 0xFF;
}

/* Not a hash, but the same for the same octets. */
static void sum(void *ctx, ccs_view_t octets, uint8_t hash[PKI_SHA256_SIZE])
{
    (void)ctx;
    memset(hash, 0, PKI_SHA256_SIZE);
    for (size_t i = 0; i < octets.length; i++) {
        hash[i % PKI_SHA256_SIZE] = (uint8_t)(hash[i % PKI_SHA256_SIZE] * 31 + octets.at[i]);
    }
}

static void expect_inside(ccs_view_t part, ccs_view_t whole)
{
    CCS_ASSERT(part.length == 0 || (part.at >= whole.at && part.at + part.length <= whole.at + whole.length));
}

static void read_one(ccs_view_t octets)
{
    pki_certificate_t one;
    pki_reason_t reason;
    const bool good = pki_read(octets, &one, &reason);
    CCS_ASSERT(good == (reason == PKI_GOOD) && reason != PKI_UNJUDGED);
    if (!good) {
        return;
    }
    CCS_ASSERT(one.whole.at == octets.at && one.whole.length == octets.length);
    const ccs_view_t parts[] = {one.tbs,       one.serial,    one.issuer,         one.subject,          one.key_info,
                                one.key.point, one.signature, one.subject_key_id, one.authority_key_id, one.ocsp};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        expect_inside(parts[i], octets);
    }
    CCS_ASSERT(one.from_s <= one.until_s && one.path_length >= -1 && one.serial.length >= 1);
    CCS_ASSERT(pki_name_equal(one.subject, one.subject) == (pki_name_attributes(one.subject) != 0));
    (void)pki_root_check(octets);
}

static void judge(ccs_view_t *certificates, size_t count, uint8_t how)
{
    pki_cache_entry_t entries[2];
    pki_cache_t cache;
    oracle_t oracle = {.says = how & 1};
    const pki_crypto_t crypto = {&oracle, verify, key_fits, sum, NULL};
    const pki_store_t store = {&certificates[count - 1], 1};
    const pki_stores_t stores = {{store, store, store}};
    pki_request_t request = {.chain = certificates, .count = count - 1, .now_s = 1893456000, .revocation = PKI_REVOCATION_AS_KNOWN};
    request.role = (pki_role_t)((how >> 1) % PKI_ROLES_COUNT);
    request.edition = how & 0x20 ? PKI_ISO20 : PKI_ISO2;
    request.compat = how & 0x40;
    pki_cache_init(&cache, entries, 2);
    const pki_verdict_t first = pki_judge(&stores, &request, &crypto, &cache);
    const pki_verdict_t second = pki_judge(&stores, &request, &crypto, &cache);
    CCS_ASSERT(first.reason == second.reason && first.at == second.at && first.reason != PKI_UNJUDGED);
    CCS_ASSERT(!pki_is_good(&first) || (oracle.says && oracle.asked > 0));
}

/* The first octets as an OCSP response on the second certificate, issued by the third. */
static void respond(const ccs_view_t *certificates, bool says)
{
    oracle_t oracle = {.says = says};
    const pki_crypto_t crypto = {&oracle, verify, key_fits, sum, NULL};
    pki_certificate_t one, issuer;
    pki_reason_t reason;
    pki_status_t status = {0};
    if (!pki_read(certificates[1], &one, &reason) || !pki_read(certificates[2], &issuer, &reason)) {
        return;
    }
    reason = pki_ocsp_read(certificates[0], &one, &issuer, 1893456000, &crypto, &status);
    CCS_ASSERT(reason != PKI_UNJUDGED && (reason != PKI_GOOD || (oracle.says && status.until_s >= status.from_s)));
}

/* The first octets as a revocation list of the third one's issuer, asked for the second. */
static void revoke(const ccs_view_t *certificates, bool says)
{
    oracle_t oracle = {.says = says};
    const pki_crypto_t crypto = {&oracle, verify, key_fits, sum, NULL};
    pki_certificate_t one, issuer;
    pki_reason_t reason;
    pki_crl_t crl = {0};
    if (!pki_read(certificates[1], &one, &reason) || !pki_read(certificates[2], &issuer, &reason)) {
        return;
    }
    reason = pki_crl_read(certificates[0], &issuer, &crypto, &crl);
    CCS_ASSERT(reason != PKI_UNJUDGED && (reason != PKI_GOOD || (oracle.says && crl.until_s >= crl.from_s)));
    expect_inside(crl.entries, certificates[0]);
    (void)pki_crl_names(&crl, &one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bytes_in_t in = bytes_in(data, size);
    ccs_view_t certificates[CERTIFICATES_MAX];
    size_t count = 0;
    const uint8_t how = bytes_get_u8(&in);
    while (in.left > 2 && count < CERTIFICATES_MAX) {
        const size_t said = bytes_get_u16be(&in);
        certificates[count] = (ccs_view_t){in.at, said < in.left ? said : in.left};
        read_one(certificates[count]);
        bytes_skip(&in, certificates[count++].length);
    }
    if (count > 0) {
        judge(certificates, count, how);
    }
    if (count > 2) {
        respond(certificates, how & 1);
        revoke(certificates, how & 1);
    }
    return 0;
}
