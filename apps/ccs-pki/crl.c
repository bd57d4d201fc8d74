/* Revocation lists of the development PKI. SPDX-License-Identifier: Apache-2.0 */
#include "crl.h"

#include <openssl/x509v3.h>

enum { WEEK_S = 7 * 86400, YEAR_S = 365 * 86400 };

/* Of each issuer above a charger and a car, then what revokes, then the bad ones. */
const crl_spec_t crl_specs[] = {
    {"v2groot", "v2groot", "v2groot", "v2groot", NULL, 0, PKI_GOOD},
    {"cposub1", "cposub1", "cposub1", "cposub1", NULL, 0, PKI_GOOD},
    {"cposub2", "cposub2", "cposub2", "cposub2", NULL, 0, PKI_GOOD},
    {"oemroot", "oemroot", "oemroot", "oemroot", NULL, 0, PKI_GOOD},
    {"vehsub1", "vehsub1", "vehsub1", "vehsub1", NULL, 0, PKI_GOOD},
    {"vehsub2", "vehsub2", "vehsub2", "vehsub2", NULL, 0, PKI_GOOD},
    {"cposub2-revoked", "cposub2", "cposub2", "cposub2", "secc", 0, PKI_GOOD},
    {"vehsub2-revoked", "vehsub2", "vehsub2", "vehsub2", "vehicle", 0, PKI_GOOD},
    {"vehsub1-revoked", "vehsub1", "vehsub1", "vehsub1", "vehsub2", 0, PKI_GOOD},
    {"oemroot-revoked", "oemroot", "oemroot", "oemroot", "vehsub1", 0, PKI_GOOD},
    {"vehsub2-expired", "vehsub2", "vehsub2", "vehsub2", NULL, CRL_EXPIRED, PKI_GOOD}, /* its dates are asked when it is used */
    {"vehsub2-by-another", "vehsub2", "vehsub2", "mosub2", NULL, 0, PKI_CRL_SIGNER},
    {"vehsub2-of-another", "vehsub2", "mosub2", "mosub2", NULL, 0, PKI_CRL_SIGNER},
    {"vehsub2-by-vehicle", "vehicle", "vehicle", "vehicle", NULL, 0, PKI_CRL_SIGNER}, /* its key usage has no cRLSign */
    {"vehsub2-endless", "vehsub2", "vehsub2", "vehsub2", NULL, CRL_ENDLESS, PKI_DATES},
    {"vehsub2-partial", "vehsub2", "vehsub2", "vehsub2", NULL, CRL_PARTIAL, PKI_EXTENSION_CRITICAL},
};
const size_t crl_specs_count = sizeof crl_specs / sizeof crl_specs[0];

static bool set_time(X509_CRL *crl, int64_t at_s, int (*set)(X509_CRL *crl, const ASN1_TIME *time))
{
    ASN1_TIME *const time = ASN1_TIME_set(NULL, (time_t)at_s);
    const bool good = time && set(crl, time) == 1;
    ASN1_TIME_free(time);
    return good;
}

static bool add_revoked(X509_CRL *crl, const minted_t *revoked, int64_t from_s)
{
    X509_REVOKED *const entry = X509_REVOKED_new();
    ASN1_TIME *const time = ASN1_TIME_set(NULL, (time_t)from_s);
    const bool good = entry && time && X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked->x509)) == 1 &&
                      X509_REVOKED_set_revocationDate(entry, time) == 1 && X509_CRL_add0_revoked(crl, entry) == 1;
    ASN1_TIME_free(time);
    if (!good) {
        X509_REVOKED_free(entry);
    }
    return good;
}

/* An issuing distribution point is critical: the list is of leaves alone. */
static bool add_extensions(X509_CRL *crl, const crl_spec_t *spec, int64_t from_s)
{
    ASN1_INTEGER *const number = ASN1_INTEGER_new();
    bool good =
        number && ASN1_INTEGER_set_int64(number, from_s) == 1 && X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) == 1;
    ASN1_INTEGER_free(number);
    if (good && (spec->flags & CRL_PARTIAL) != 0) {
        ISSUING_DIST_POINT *const point = ISSUING_DIST_POINT_new();
        if (point) {
            point->onlyuser = 0xFF;
        }
        good = point && X509_CRL_add1_ext_i2d(crl, NID_issuing_distribution_point, point, 1, 0) == 1;
        ISSUING_DIST_POINT_free(point);
    }
    return good;
}

static bool sign(X509_CRL *crl, const minted_t *signer)
{
    const bool is_ed448 = EVP_PKEY_is_a(signer->key, "ED448");
    const EVP_MD *const hash = is_ed448 ? NULL : EVP_PKEY_get_bits(signer->key) > 256 ? EVP_sha512() : EVP_sha256();
    return X509_CRL_sort(crl) == 1 && X509_CRL_sign(crl, signer->key, hash) > 0;
}

size_t crl_make(const tree_t *tree, const crl_spec_t *spec, int64_t from_s, uint8_t **der)
{
    const minted_t *const issuer = tree_find(tree, spec->issuer), *const signer = tree_find(tree, spec->signer);
    const minted_t *const revoked = spec->revoked ? tree_find(tree, spec->revoked) : NULL;
    const int64_t at_s = (spec->flags & CRL_EXPIRED) != 0 ? from_s - YEAR_S : from_s;
    X509_CRL *const crl = X509_CRL_new();
    const bool made = crl && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
                      X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x509)) == 1 &&
                      set_time(crl, at_s, X509_CRL_set1_lastUpdate) &&
                      ((spec->flags & CRL_ENDLESS) != 0 || set_time(crl, at_s + WEEK_S, X509_CRL_set1_nextUpdate)) &&
                      (!revoked || add_revoked(crl, revoked, at_s)) && add_extensions(crl, spec, from_s) && sign(crl, signer);
    *der = NULL;
    const int length = made ? i2d_X509_CRL(crl, der) : 0;
    X509_CRL_free(crl);
    return length > 0 ? (size_t)length : 0;
}
