/* Revocation lists (RFC 5280 5): who signed, until when, whom they name.
 * SPDX-License-Identifier: Apache-2.0 */
#include "pki/algorithm.h"

enum { VERSION_2 = 1 };

typedef struct list {
    ccs_view_t tbs, issuer, entries, signature;
    pki_algorithm_t inside, outside;
    int64_t from_s, until_s;
    bool ends, critical;
} list_t;

static bool is_time(uint8_t tag)
{
    return tag == DER_UTC_TIME || tag == DER_GENERALIZED_TIME;
}

/* Extensions of a list or of an entry: what is critical would change what is said. True: there is one that is. */
static bool pass_extensions(der_t *outer)
{
    bool critical = false;
    der_t list = der_enter(outer, DER_SEQUENCE);
    do {
        der_t one = der_enter(&list, DER_SEQUENCE);
        (void)der_oid(&one);
        critical |= der_peek(&one) == DER_BOOLEAN && der_boolean(&one);
        (void)der_take(&one, DER_OCTET_STRING, NULL);
        der_leave(&list, &one);
    } while (der_peek(&list) != DER_NO_TAG);
    der_leave(outer, &list);
    return critical;
}

/* One revoked certificate: its serial number. */
static ccs_view_t read_entry(der_t *list, bool *critical)
{
    der_t one = der_enter(list, DER_SEQUENCE);
    const ccs_view_t serial = der_integer(&one);
    (void)der_time(&one);
    *critical |= der_peek(&one) == DER_SEQUENCE && pass_extensions(&one);
    der_leave(list, &one);
    return der_magnitude(serial);
}

static void read_entries(der_t *tbs, list_t *out)
{
    out->entries = der_take(tbs, DER_SEQUENCE, NULL);
    der_t entries = der_in(out->entries);
    do {
        (void)read_entry(&entries, &out->critical);
    } while (der_peek(&entries) != DER_NO_TAG);
    der_leave(tbs, &entries);
}

static pki_reason_t read_tbs(der_t *outer, list_t *out)
{
    der_t tbs = der_enter(outer, DER_SEQUENCE);
    if (der_peek(&tbs) == DER_INTEGER) {
        const ccs_view_t version = der_integer(&tbs);
        if (version.length != 1 || version.at[0] != VERSION_2) {
            return PKI_VERSION;
        }
    }
    out->inside = algorithm_read(&tbs);
    out->issuer = der_take(&tbs, DER_SEQUENCE, NULL);
    out->from_s = der_time(&tbs);
    out->ends = is_time(der_peek(&tbs));
    out->until_s = out->ends ? der_time(&tbs) : 0;
    if (der_peek(&tbs) == DER_SEQUENCE) {
        read_entries(&tbs, out);
    }
    if (der_peek(&tbs) == DER_CONTEXT_CONSTRUCTED) {
        der_t tagged = der_enter(&tbs, DER_CONTEXT_CONSTRUCTED);
        out->critical |= pass_extensions(&tagged);
        der_leave(&tbs, &tagged);
    }
    der_leave(outer, &tbs);
    return PKI_GOOD;
}

static pki_reason_t read_list(ccs_view_t octets, list_t *out)
{
    unsigned unused = 0;
    der_t der = der_in(octets);
    der_t whole = der_enter(&der, DER_SEQUENCE);
    der_t look = whole;
    der_take(&look, DER_SEQUENCE, &out->tbs);
    const pki_reason_t reason = read_tbs(&whole, out);
    if (reason != PKI_GOOD) {
        return reason;
    }
    out->outside = algorithm_read(&whole);
    out->signature = der_bits(&whole, &unused);
    der_leave(&der, &whole);
    der_end(&der);
    return der.fault == DER_TRAILING                  ? PKI_TRAILING
           : der.fault == DER_TIME                    ? PKI_DATES
           : der.fault != DER_FINE || unused != 0     ? PKI_DER
           : !out->ends || out->until_s < out->from_s ? PKI_DATES
           : out->inside != out->outside              ? PKI_ALGORITHMS_DIFFER
           : out->critical                            ? PKI_EXTENSION_CRITICAL
                                                      : PKI_GOOD;
}

static bool is_signed_by(const list_t *list, const pki_certificate_t *issuer, const pki_crypto_t *crypto)
{
    return pki_name_equal(list->issuer, issuer->subject) && (!issuer->has_usage || (issuer->usage & PKI_CRL_SIGN) != 0) &&
           algorithm_fits(issuer->key.kind, list->outside) &&
           crypto->verify(crypto->ctx, &issuer->key, list->outside, list->tbs, list->signature);
}

pki_reason_t pki_crl_read(ccs_view_t der, const pki_certificate_t *issuer, const pki_crypto_t *crypto, pki_crl_t *crl)
{
    list_t list = {0};
    const pki_reason_t reason = read_list(der, &list);
    if (reason != PKI_GOOD) {
        return reason;
    }
    if (!is_signed_by(&list, issuer, crypto)) {
        return PKI_CRL_SIGNER;
    }
    *crl = (pki_crl_t){.issuer_key = issuer->key_info, .entries = list.entries, .from_s = list.from_s, .until_s = list.until_s};
    return PKI_GOOD;
}

bool pki_crl_names(const pki_crl_t *crl, const pki_certificate_t *certificate)
{
    der_t entries = der_in(crl->entries);
    bool critical = false;
    while (der_peek(&entries) != DER_NO_TAG) {
        if (der_equal(read_entry(&entries, &critical), certificate->serial)) {
            return true;
        }
    }
    return false;
}
