/* OCSP responses (RFC 6960): who signed, whom they are about, what they say.
 * SPDX-License-Identifier: Apache-2.0 */
#include "pki/algorithm.h"
#include "pki/oid.h"

enum {
    ENUMERATED = 0x0A,
    SUCCESSFUL = 0,
    GOOD = DER_CONTEXT, /* [0] IMPLICIT NULL */
    REVOKED = DER_CONTEXT_CONSTRUCTED + 1,
    ANSWERS_MAX = 64
};

typedef struct basic {
    ccs_view_t tbs, responses, signature, signer; /* signer: the first certificate that came along; empty: none */
    pki_algorithm_t algorithm;
} basic_t;

typedef struct answer {
    oid_hash_t hash; /* of the issuer's name and key; 0: one that is not known here */
    ccs_view_t name_hash, key_hash, serial;
    uint8_t says; /* GOOD, REVOKED or another tag */
    int64_t from_s, until_s;
    bool ends;
} answer_t;

static pki_reason_t reason_of(const der_t *der)
{
    return der->fault == DER_FINE ? PKI_GOOD : der->fault == DER_TRAILING ? PKI_TRAILING : PKI_DER;
}

/* ---- layers */

/* OCSPResponse: the octets of the BasicOCSPResponse. */
static pki_reason_t read_outer(ccs_view_t octets, ccs_view_t *basic)
{
    der_t der = der_in(octets);
    der_t response = der_enter(&der, DER_SEQUENCE);
    const ccs_view_t status = der_take(&response, ENUMERATED, NULL);
    if (response.fault == DER_FINE && (status.length != 1 || status.at[0] != SUCCESSFUL)) {
        return PKI_OCSP_REFUSED;
    }
    der_t tagged = der_enter(&response, DER_CONTEXT_CONSTRUCTED);
    der_t typed = der_enter(&tagged, DER_SEQUENCE);
    const bool is_basic = oid_value(oid_responses, der_oid(&typed)) == OID_BASIC_RESPONSE;
    *basic = der_take(&typed, DER_OCTET_STRING, NULL);
    der_leave(&tagged, &typed);
    der_leave(&response, &tagged);
    der_leave(&der, &response);
    der_end(&der);
    return der.fault == DER_FINE && !is_basic ? PKI_OCSP_REFUSED : reason_of(&der);
}

/* ResponseData: the list of answers. */
static ccs_view_t read_data(der_t *der)
{
    der_t data = der_enter(der, DER_SEQUENCE);
    if (der_peek(&data) == DER_CONTEXT_CONSTRUCTED) {
        der_take_any(&data); /* the version */
    }
    der_take_any(&data); /* the responder's name, or the hash of its key */
    (void)der_time(&data);
    const ccs_view_t responses = der_take(&data, DER_SEQUENCE, NULL);
    if (der_peek(&data) == DER_CONTEXT_CONSTRUCTED + 1) {
        der_take_any(&data); /* extensions: a nonce is of no use to what is stored */
    }
    der_leave(der, &data);
    return responses;
}

static ccs_view_t read_signer(der_t *basic)
{
    ccs_view_t first = {NULL, 0};
    if (der_peek(basic) != DER_CONTEXT_CONSTRUCTED) {
        return first;
    }
    der_t tagged = der_enter(basic, DER_CONTEXT_CONSTRUCTED);
    der_t list = der_enter(&tagged, DER_SEQUENCE);
    while (der_peek(&list) != DER_NO_TAG) {
        const ccs_view_t one = der_take_any(&list);
        first = first.length == 0 ? one : first;
    }
    der_leave(&tagged, &list);
    der_leave(basic, &tagged);
    return first;
}

static pki_reason_t read_basic(ccs_view_t octets, basic_t *out)
{
    unsigned unused;
    der_t der = der_in(octets);
    der_t basic = der_enter(&der, DER_SEQUENCE);
    der_t look = basic;
    der_take(&look, DER_SEQUENCE, &out->tbs);
    out->responses = read_data(&basic);
    out->algorithm = algorithm_read(&basic);
    out->signature = der_bits(&basic, &unused);
    out->signer = read_signer(&basic);
    der_leave(&der, &basic);
    der_end(&der);
    return unused == 0 ? reason_of(&der) : PKI_DER;
}

/* ---- answers */

static void read_answer(der_t *list, answer_t *out)
{
    der_t one = der_enter(list, DER_SEQUENCE);
    der_t id = der_enter(&one, DER_SEQUENCE);
    der_t algorithm = der_enter(&id, DER_SEQUENCE);
    out->hash = (oid_hash_t)oid_value(oid_hashes, der_oid(&algorithm));
    if (der_peek(&algorithm) != DER_NO_TAG) {
        der_take_any(&algorithm); /* NULL, or left out */
    }
    der_leave(&id, &algorithm);
    out->name_hash = der_take(&id, DER_OCTET_STRING, NULL);
    out->key_hash = der_take(&id, DER_OCTET_STRING, NULL);
    out->serial = der_integer(&id);
    der_leave(&one, &id);
    out->says = der_peek(&one);
    der_take_any(&one);
    out->from_s = der_time(&one);
    out->ends = der_peek(&one) == DER_CONTEXT_CONSTRUCTED;
    if (out->ends) {
        der_t tagged = der_enter(&one, DER_CONTEXT_CONSTRUCTED);
        out->until_s = der_time(&tagged);
        der_leave(&one, &tagged);
    }
    if (der_peek(&one) == DER_CONTEXT_CONSTRUCTED + 1) {
        der_take_any(&one);
    }
    der_leave(list, &one);
}

static bool hashes_to(const pki_crypto_t *crypto, oid_hash_t hash, ccs_view_t octets, ccs_view_t wanted)
{
    uint8_t out[PKI_SHA256_SIZE];
    if (hash == OID_SHA256) {
        crypto->sha256(crypto->ctx, octets, out);
        return der_equal((ccs_view_t){out, PKI_SHA256_SIZE}, wanted);
    }
    if (hash != OID_SHA1 || !crypto->sha1) {
        return false;
    }
    crypto->sha1(crypto->ctx, octets, out);
    return der_equal((ccs_view_t){out, PKI_SHA1_SIZE}, wanted);
}

/* CertID, RFC 6960 4.1.1: the issuer's name as one of the two certificates spells it, the content of its key, the serial number. */
static bool is_about(const answer_t *answer, const pki_certificate_t *certificate, const pki_certificate_t *issuer,
                     const pki_crypto_t *crypto)
{
    if (!der_equal(der_magnitude(answer->serial), certificate->serial) ||
        !hashes_to(crypto, answer->hash, issuer->key.point, answer->key_hash)) {
        return false;
    }
    return hashes_to(crypto, answer->hash, pki_name_whole(certificate->issuer), answer->name_hash) ||
           hashes_to(crypto, answer->hash, pki_name_whole(issuer->subject), answer->name_hash);
}

static pki_reason_t find_answer(ccs_view_t responses, const pki_certificate_t *certificate, const pki_certificate_t *issuer,
                                const pki_crypto_t *crypto, answer_t *out)
{
    der_t list = der_in(responses);
    bool found = false;
    for (unsigned i = 0; i < ANSWERS_MAX && der_peek(&list) != DER_NO_TAG; i++) {
        answer_t one = {0};
        read_answer(&list, &one);
        if (!found && list.fault == DER_FINE && is_about(&one, certificate, issuer, crypto)) {
            *out = one;
            found = true;
        }
    }
    der_end(&list);
    const pki_reason_t reason = reason_of(&list);
    return reason != PKI_GOOD ? reason : found ? PKI_GOOD : PKI_REVOCATION_UNKNOWN;
}

static pki_reason_t judge_answer(const answer_t *answer, int64_t now_s)
{
    if (answer->says != GOOD && answer->says != REVOKED) {
        return PKI_REVOCATION_UNKNOWN;
    }
    if (now_s <= 0) {
        return PKI_NO_TIME;
    }
    return answer->ends && now_s >= answer->from_s && now_s <= answer->until_s ? PKI_GOOD : PKI_REVOCATION_STALE;
}

/* ---- signer */

static bool verify(const pki_crypto_t *crypto, const pki_key_t *key, pki_algorithm_t algorithm, ccs_view_t tbs,
                   ccs_view_t signature)
{
    return algorithm_fits(key->kind, algorithm) && crypto->verify(crypto->ctx, key, algorithm, tbs, signature);
}

/* A responder that the issuer has made for this. */
static bool is_responder(const pki_certificate_t *responder, const pki_certificate_t *issuer, int64_t now_s,
                         const pki_crypto_t *crypto)
{
    return responder->purposes & PKI_OCSP_SIGNING && !responder->critical_unknown && !responder->is_ca &&
           now_s >= responder->from_s && now_s <= responder->until_s && pki_name_equal(responder->issuer, issuer->subject) &&
           verify(crypto, &issuer->key, responder->algorithm, responder->tbs, responder->signature);
}

static pki_reason_t judge_signer(const basic_t *basic, const pki_certificate_t *issuer, int64_t now_s, const pki_crypto_t *crypto)
{
    pki_certificate_t responder;
    pki_reason_t reason;
    const bool came = basic->signer.length > 0 && pki_read(basic->signer, &responder, &reason);
    if (!came || der_equal(responder.key_info, issuer->key_info)) {
        return verify(crypto, &issuer->key, basic->algorithm, basic->tbs, basic->signature) ? PKI_GOOD : PKI_OCSP_SIGNER;
    }
    const bool signs = is_responder(&responder, issuer, now_s, crypto) &&
                       verify(crypto, &responder.key, basic->algorithm, basic->tbs, basic->signature);
    return signs ? PKI_GOOD : PKI_OCSP_SIGNER;
}

pki_reason_t pki_ocsp_read(ccs_view_t response, const pki_certificate_t *certificate, const pki_certificate_t *issuer,
                           int64_t now_s, const pki_crypto_t *crypto, pki_status_t *status)
{
    ccs_view_t octets = {NULL, 0};
    basic_t basic = {0};
    answer_t answer = {0};
    pki_reason_t reason = read_outer(response, &octets);
    reason = reason == PKI_GOOD ? read_basic(octets, &basic) : reason;
    reason = reason == PKI_GOOD ? find_answer(basic.responses, certificate, issuer, crypto, &answer) : reason;
    reason = reason == PKI_GOOD ? judge_answer(&answer, now_s) : reason;
    reason = reason == PKI_GOOD ? judge_signer(&basic, issuer, now_s, crypto) : reason;
    if (reason != PKI_GOOD) {
        return reason;
    }
    crypto->sha256(crypto->ctx, certificate->whole, status->sha256);
    status->revoked = answer.says == REVOKED;
    status->from_s = answer.from_s;
    status->until_s = answer.until_s;
    return PKI_GOOD;
}
