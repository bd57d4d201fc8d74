/* The cryptography that src/pki asks for, by OpenSSL 3. SPDX-License-Identifier: Apache-2.0 */
#include "ports/openssl/pki_openssl.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

static EVP_PKEY *elliptic(const char *group, ccs_view_t point)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point.at, point.length),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *const ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 || EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    return key;
}

/* NULL: no such point. */
static EVP_PKEY *load(const pki_key_t *key)
{
    switch (key->kind) {
    case PKI_P256:
        return elliptic("P-256", key->point);
    case PKI_P521:
        return elliptic("P-521", key->point);
    case PKI_ED448:
        return EVP_PKEY_new_raw_public_key_ex(NULL, "ED448", NULL, key->point.at, key->point.length);
    default:
        return NULL;
    }
}

static const char *digest_of(pki_algorithm_t algorithm)
{
    switch (algorithm) {
    case PKI_ECDSA_SHA256:
        return "SHA256";
    case PKI_ECDSA_SHA512:
        return "SHA512";
    default:
        return NULL; /* Ed448 hashes by itself */
    }
}

/* What does not fit is an answer here. The thread's queue of errors stays as it was: SSL_get_error() would take what lies there for
 * a fault of its link. OpenSSL 3.5 notes each signature that does not fit, as with the first of two roots of one name. */
static bool keep_queue(bool answer)
{
    (void)ERR_pop_to_mark();
    return answer;
}

static bool verify(void *ctx, const pki_key_t *key, pki_algorithm_t algorithm, ccs_view_t tbs, ccs_view_t signature)
{
    (void)ctx;
    (void)ERR_set_mark();
    EVP_PKEY *const public = load(key);
    EVP_MD_CTX *const md = EVP_MD_CTX_new();
    const bool known = algorithm != PKI_ALGORITHM_OTHER && public && md;
    const bool good = known && EVP_DigestVerifyInit_ex(md, NULL, digest_of(algorithm), NULL, NULL, public, NULL) == 1 &&
                      EVP_DigestVerify(md, signature.at, signature.length, tbs.at, tbs.length) == 1;
    EVP_MD_CTX_free(md);
    EVP_PKEY_free(public);
    return keep_queue(good);
}

static bool key_fits(void *ctx, const pki_key_t *key)
{
    (void)ctx;
    (void)ERR_set_mark();
    EVP_PKEY *const public = load(key);
    EVP_PKEY_CTX *const check = public ? EVP_PKEY_CTX_new_from_pkey(NULL, public, NULL) : NULL;
    /* OpenSSL has no check of Ed448 points: the private key's owner alone suffers from a bad one. */
    const bool fits = public && (key->kind == PKI_ED448 || (check && EVP_PKEY_public_check_quick(check) == 1));
    EVP_PKEY_CTX_free(check);
    EVP_PKEY_free(public);
    return keep_queue(fits);
}

static void sha256(void *ctx, ccs_view_t octets, uint8_t hash[PKI_SHA256_SIZE])
{
    (void)ctx;
    (void)EVP_Q_digest(NULL, "SHA256", NULL, octets.at, octets.length, hash, NULL);
}

static void sha1(void *ctx, ccs_view_t octets, uint8_t hash[PKI_SHA1_SIZE])
{
    (void)ctx;
    (void)EVP_Q_digest(NULL, "SHA1", NULL, octets.at, octets.length, hash, NULL);
}

pki_crypto_t pki_openssl(void)
{
    return (pki_crypto_t){.verify = verify, .key_fits = key_fits, .sha256 = sha256, .sha1 = sha1};
}
