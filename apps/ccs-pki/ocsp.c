/* OCSP responses of the development PKI. SPDX-License-Identifier: Apache-2.0 */
#include "ocsp.h"

enum { WEEK_S = 7 * 86400, YEAR_S = 365 * 86400 };

/* One for each certificate that a charger, a car or a contract brings (each stapled or stored by itself), then the bad ones. */
const ocsp_answer_t ocsp_answers[] = {
    {"secc", "secc", "cposub2", "cposub2", OCSP_GOOD, false, PKI_GOOD},
    {"cposub2", "cposub2", "cposub1", "cposub1", OCSP_GOOD, false, PKI_GOOD},
    {"cposub1", "cposub1", "v2groot", "v2groot", OCSP_GOOD, false, PKI_GOOD},
    {"vehicle", "vehicle", "vehsub2", "vehsub2", OCSP_GOOD, false, PKI_GOOD},
    {"vehsub2", "vehsub2", "vehsub1", "vehsub1", OCSP_GOOD, false, PKI_GOOD},
    {"vehsub1", "vehsub1", "oemroot", "oemroot", OCSP_GOOD, false, PKI_GOOD},
    {"contract", "contract", "mosub2", "mosub2", OCSP_GOOD, false, PKI_GOOD},
    {"mosub2", "mosub2", "mosub1", "mosub1", OCSP_GOOD, false, PKI_GOOD},
    {"mosub1", "mosub1", "moroot", "moroot", OCSP_GOOD, false, PKI_GOOD},
    {"secc-by-responder", "secc", "cposub2", "responder", OCSP_GOOD, false, PKI_GOOD},
    {"secc-revoked", "secc", "cposub2", "cposub2", OCSP_REVOKED, false, PKI_GOOD},
    {"secc-by-secc", "secc", "cposub2", "secc", OCSP_GOOD, false, PKI_OCSP_SIGNER},
    {"secc-unknown", "secc", "cposub2", "cposub2", OCSP_UNKNOWN, false, PKI_REVOCATION_UNKNOWN},
    {"secc-expired", "secc", "cposub2", "cposub2", OCSP_GOOD, true, PKI_REVOCATION_STALE},
    {"secc-of-another", "s_domain", "cposub2", "cposub2", OCSP_GOOD, false, PKI_REVOCATION_UNKNOWN},
    {"secc-of-another-issuer", "secc", "mosub2", "cposub2", OCSP_GOOD, false, PKI_REVOCATION_UNKNOWN},
    {"secc-by-another", "secc", "cposub2", "mosub2", OCSP_GOOD, false, PKI_OCSP_SIGNER},
};
const size_t ocsp_answers_count = sizeof ocsp_answers / sizeof ocsp_answers[0];

static bool add_answer(OCSP_BASICRESP *response, ocsp_state_t state, OCSP_CERTID *id, int64_t from_s)
{
    static const int states[] = {V_OCSP_CERTSTATUS_GOOD, V_OCSP_CERTSTATUS_REVOKED, V_OCSP_CERTSTATUS_UNKNOWN};
    ASN1_GENERALIZEDTIME *const from = ASN1_GENERALIZEDTIME_set(NULL, (time_t)from_s);
    ASN1_GENERALIZEDTIME *const until = ASN1_GENERALIZEDTIME_set(NULL, (time_t)(from_s + WEEK_S));
    const bool revoked = state == OCSP_REVOKED;
    const bool added =
        from && until &&
        OCSP_basic_add1_status(response, id, states[state], OCSP_REVOKED_STATUS_KEYCOMPROMISE, revoked ? from : NULL, from, until);
    ASN1_GENERALIZEDTIME_free(from);
    ASN1_GENERALIZEDTIME_free(until);
    return added;
}

static bool sign(OCSP_BASICRESP *response, const minted_t *signer)
{
    EVP_MD_CTX *const ctx = EVP_MD_CTX_new();
    const char *const hash = EVP_PKEY_is_a(signer->key, "ED448")    ? NULL
                             : EVP_PKEY_get_bits(signer->key) > 256 ? "SHA512"
                                                                    : "SHA256";
    const bool good = ctx && EVP_DigestSignInit_ex(ctx, NULL, hash, NULL, NULL, signer->key, NULL) == 1 &&
                      OCSP_basic_sign_ctx(response, signer->x509, ctx, NULL, 0) == 1;
    EVP_MD_CTX_free(ctx);
    return good;
}

size_t ocsp_write(OCSP_CERTID *id, ocsp_state_t state, const minted_t *signer, int64_t from_s, uint8_t **der)
{
    OCSP_BASICRESP *const basic = OCSP_BASICRESP_new();
    OCSP_RESPONSE *response = NULL;
    int length = 0;
    if (basic && add_answer(basic, state, id, from_s) && sign(basic, signer)) {
        response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    }
    *der = NULL;
    if (response) {
        length = i2d_OCSP_RESPONSE(response, der);
    }
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    return length > 0 ? (size_t)length : 0;
}

size_t ocsp_make(const ocsp_answer_t *answer, const minted_t *certificate, const minted_t *issuer, const minted_t *signer,
                 int64_t from_s, uint8_t **der)
{
    OCSP_CERTID *const id = OCSP_cert_to_id(NULL, certificate->x509, issuer->x509);
    const int64_t at_s = answer->expired ? from_s - YEAR_S : from_s;
    const size_t length = id ? ocsp_write(id, answer->state, signer, at_s, der) : 0;
    OCSP_CERTID_free(id);
    return length;
}
