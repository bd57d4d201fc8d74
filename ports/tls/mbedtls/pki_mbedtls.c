/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/tls/mbedtls/pki_mbedtls.h"

#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <string.h>

/* What stands before a point in SubjectPublicKeyInfo: the form in which every version of the library takes a key. */
static const uint8_t before_p256[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                                      0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
static const uint8_t before_p521[] = {0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
                                      0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00};
enum { POINT_P256 = 65, POINT_P521 = 133, INFO_SIZE = 160 };

/* False: no such point. pk is to be freed in both cases. */
static bool load(mbedtls_pk_context *pk, const pki_key_t *key)
{
    uint8_t info[INFO_SIZE];
    const bool small = key->kind == PKI_P256;
    const uint8_t *const before = small ? before_p256 : before_p521;
    const size_t length = small ? sizeof before_p256 : sizeof before_p521;
    mbedtls_pk_init(pk);
    if ((key->kind != PKI_P256 && key->kind != PKI_P521) || key->point.length != (size_t)(small ? POINT_P256 : POINT_P521)) {
        return false;
    }
    memcpy(info, before, length);
    memcpy(info + length, key->point.at, key->point.length);
    return mbedtls_pk_parse_public_key(pk, info, length + key->point.length) == 0;
}

static bool verify(void *ctx, const pki_key_t *key, pki_algorithm_t algorithm, ccs_view_t tbs, ccs_view_t signature)
{
    uint8_t hash[64];
    mbedtls_pk_context pk;
    const mbedtls_md_type_t type = algorithm == PKI_ECDSA_SHA256   ? MBEDTLS_MD_SHA256
                                   : algorithm == PKI_ECDSA_SHA512 ? MBEDTLS_MD_SHA512
                                                                   : MBEDTLS_MD_NONE;
    const mbedtls_md_info_t *const md = mbedtls_md_info_from_type(type);
    (void)ctx;
    const bool good = load(&pk, key) && md && mbedtls_md(md, tbs.at, tbs.length, hash) == 0 &&
                      mbedtls_pk_verify(&pk, type, hash, mbedtls_md_get_size(md), signature.at, signature.length) == 0;
    mbedtls_pk_free(&pk);
    return good;
}

/* Reading a key asks whether its point is on the curve. */
static bool key_fits(void *ctx, const pki_key_t *key)
{
    mbedtls_pk_context pk;
    (void)ctx;
    const bool fits = load(&pk, key);
    mbedtls_pk_free(&pk);
    return fits;
}

static void sha256(void *ctx, ccs_view_t octets, uint8_t hash[PKI_SHA256_SIZE])
{
    (void)ctx;
    if (mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), octets.at, octets.length, hash) != 0) {
        memset(hash, 0, PKI_SHA256_SIZE);
    }
}

static void sha1(void *ctx, ccs_view_t octets, uint8_t hash[PKI_SHA1_SIZE])
{
    (void)ctx;
    if (mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA1), octets.at, octets.length, hash) != 0) {
        memset(hash, 0, PKI_SHA1_SIZE);
    }
}

pki_crypto_t pki_mbedtls(void)
{
    return (pki_crypto_t){.verify = verify, .key_fits = key_fits, .sha256 = sha256, .sha1 = sha1};
}
