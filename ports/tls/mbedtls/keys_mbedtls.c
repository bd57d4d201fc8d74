/* Keys of the store, by Mbed TLS. SPDX-License-Identifier: Apache-2.0 */
#include "ports/tls/mbedtls/keys_mbedtls.h"

#include <mbedtls/asn1.h>
#include <mbedtls/md.h>
#include <mbedtls/platform.h>
#include <psa/crypto.h>
#include <string.h>

#include "ports/tls/mbedtls/pki_mbedtls.h"
#include "ports/tls/mbedtls/private.h"

struct store_key {
    mbedtls_pk_context pk;
};

static const mbedtls_pk_context *pk_of(const store_key_t *key)
{
    return &key->pk;
}

/* ---- reading and making */

static void key_free(void *ctx, store_key_t *key)
{
    (void)ctx;
    mbedtls_pk_free(&key->pk);
    mbedtls_free(key);
}

static store_key_t *key_empty(void)
{
    store_key_t *const key = mbedtls_calloc(1, sizeof *key);
    if (key) {
        mbedtls_pk_init(&key->pk);
    }
    return key;
}

/* Octets behind the end of a key are not what anybody meant; the library does not look at them. */
static bool ends_where_it_says(ccs_view_t der)
{
    unsigned char *at = (unsigned char *)(uintptr_t)der.at;
    const unsigned char *const end = der.at + der.length;
    size_t length = 0;
    return mbedtls_asn1_get_tag(&at, end, &length, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE) == 0 && at + length == end;
}

/* The library knows PEM by a NUL at its end, which counts. */
static bool parse(mbedtls_pk_context *pk, ccs_view_t given, const char *password)
{
    const size_t length = password ? strlen(password) : 0;
    const bool is_der = given.length > 0 && given.at[0] == (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE);
    if (is_der && !ends_where_it_says(given)) {
        return false;
    }
    uint8_t *const copy = mbedtls_calloc(1, given.length + 1);
    if (!copy) {
        return false;
    }
    memcpy(copy, given.at, given.length);
    const bool good =
        mbedtls_pk_parse_key(pk, copy, given.length + (is_der ? 0 : 1), (const uint8_t *)password, length, mbed_random, NULL) == 0;
    store_wipe(copy, given.length);
    mbedtls_free(copy);
    return good;
}

static store_key_t *key_read(void *ctx, ccs_view_t given, const char *password)
{
    store_key_t *const key = key_empty();
    if (key && given.length > 0 && parse(&key->pk, given, password)) {
        return key;
    }
    if (key) {
        key_free(ctx, key);
    }
    return NULL;
}

static bool generate(mbedtls_pk_context *pk, mbedtls_ecp_group_id group)
{
    return mbedtls_pk_setup(pk, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) == 0 &&
           mbedtls_ecp_gen_key(group, mbedtls_pk_ec(*pk), mbed_random, NULL) == 0;
}

static store_key_t *key_new(void *ctx, pki_key_kind_t kind)
{
    const mbedtls_ecp_group_id group = kind == PKI_P256   ? MBEDTLS_ECP_DP_SECP256R1
                                       : kind == PKI_P521 ? MBEDTLS_ECP_DP_SECP521R1
                                                          : MBEDTLS_ECP_DP_NONE;
    store_key_t *const key = group != MBEDTLS_ECP_DP_NONE ? key_empty() : NULL;
    if (key && !generate(&key->pk, group)) {
        key_free(ctx, key);
        return NULL;
    }
    return key;
}

/* ---- telling */

/* The library writes at the end of the buffer. */
static size_t key_keep(void *ctx, const store_key_t *key, uint8_t *to, size_t size)
{
    (void)ctx;
    const int length = mbedtls_pk_write_key_der(pk_of(key), to, size);
    if (length <= 0) {
        return 0;
    }
    memmove(to, to + size - (size_t)length, (size_t)length);
    store_wipe(to + length, size - (size_t)length); /* it stood there, too */
    return (size_t)length;
}

static pki_key_kind_t key_public(void *ctx, const store_key_t *key, uint8_t point[STORE_POINT_MAX], size_t *length)
{
    (void)ctx;
    const mbedtls_pk_context *const pk = pk_of(key);
    const size_t written = mbed_write_point(pk, point, STORE_POINT_MAX);
    const mbedtls_ecp_group_id group = written > 0 ? mbedtls_ecp_keypair_get_group_id(mbedtls_pk_ec(*pk)) : MBEDTLS_ECP_DP_NONE;
    *length = written;
    return group == MBEDTLS_ECP_DP_SECP256R1 ? PKI_P256 : group == MBEDTLS_ECP_DP_SECP521R1 ? PKI_P521 : PKI_KEY_OTHER;
}

/* ---- requests: the subject goes out octet by octet as the old certificate has it, which the library's own writer cannot */

enum { INFO_SIZE = 1024, INTEGER = 0x02, BIT_STRING = 0x03, UTF8_STRING = 0x0C, SEQUENCE = 0x30, SET = 0x31 };

/* DER, written from its end. */
typedef struct back {
    uint8_t *begin, *at, *end;
    bool full;
} back_t;

static back_t back_of(uint8_t *to, size_t size)
{
    return (back_t){.begin = to, .at = to + size, .end = to + size};
}

static size_t written(const back_t *back)
{
    return back->full ? 0 : (size_t)(back->end - back->at);
}

static void put(back_t *back, const void *octets, size_t length)
{
    if (back->full || length > (size_t)(back->at - back->begin)) {
        back->full = true;
        return;
    }
    back->at -= length;
    memcpy(back->at, octets, length);
}

/* Around all that was written since `behind` octets were. */
static void wrap(back_t *back, uint8_t tag, size_t behind)
{
    const size_t length = written(back) - behind;
    const uint8_t low = (uint8_t)(length & 0xFF), high = (uint8_t)(length >> 8);
    const uint8_t small[] = {tag, low}, medium[] = {tag, 0x81, low}, large[] = {tag, 0x82, high, low};
    if (length < 0x80) {
        put(back, small, sizeof small);
    } else if (length < 0x100) {
        put(back, medium, sizeof medium);
    } else {
        put(back, large, sizeof large);
    }
}

static void put_common_name(back_t *back, const char *name)
{
    static const uint8_t common_name[] = {0x06, 0x03, 0x55, 0x04, 0x03};
    const size_t behind = written(back);
    put(back, name, strlen(name));
    wrap(back, UTF8_STRING, behind);
    put(back, common_name, sizeof common_name);
    wrap(back, SEQUENCE, behind);
    wrap(back, SET, behind);
}

static bool put_subject(back_t *back, ccs_view_t like, const char *name)
{
    /* DC=CPO */
    static const uint8_t charger[] = {0x31, 0x13, 0x30, 0x11, 0x06, 0x0A, 0x09, 0x92, 0x26, 0x89, 0x93,
                                      0xF2, 0x2C, 0x64, 0x01, 0x19, 0x16, 0x03, 'C',  'P',  'O'};
    pki_certificate_t certificate;
    pki_reason_t reason;
    if (like.length > 0) {
        const bool good = pki_read(like, &certificate, &reason);
        const ccs_view_t subject = good ? pki_name_whole(certificate.subject) : (ccs_view_t){NULL, 0};
        put(back, subject.at, subject.length);
        return good;
    }
    if (!name) {
        return false;
    }
    const size_t behind = written(back);
    put_common_name(back, name);
    put(back, charger, sizeof charger);
    wrap(back, SEQUENCE, behind);
    return true;
}

static bool put_info(back_t *back, const mbedtls_pk_context *pk, ccs_view_t like, const char *name)
{
    static const uint8_t no_attributes[] = {0xA0, 0x00}, version_1[] = {INTEGER, 0x01, 0x00};
    put(back, no_attributes, sizeof no_attributes);
    const int length = mbedtls_pk_write_pubkey_der(pk, back->begin, (size_t)(back->at - back->begin));
    if (length <= 0) {
        return false;
    }
    back->at -= length;
    const bool named = put_subject(back, like, name);
    put(back, version_1, sizeof version_1);
    wrap(back, SEQUENCE, 0);
    return named && !back->full;
}

static bool sign(back_t *back, store_key_t *key, bool small, const back_t *info)
{
    uint8_t hash[64], signature[MBEDTLS_PK_SIGNATURE_MAX_SIZE];
    size_t length = 0;
    const mbedtls_md_type_t type = small ? MBEDTLS_MD_SHA256 : MBEDTLS_MD_SHA512;
    if (mbedtls_md(mbedtls_md_info_from_type(type), info->at, written(info), hash) != 0 ||
        mbedtls_pk_sign(&key->pk, type, hash, 0, signature, sizeof signature, &length, mbed_random, NULL) != 0) {
        return false;
    }
    static const uint8_t no_unused_bits = 0;
    put(back, signature, length);
    put(back, &no_unused_bits, 1);
    wrap(back, BIT_STRING, 0);
    return true;
}

static size_t request(void *ctx, const store_key_t *key, ccs_view_t like, const char *name, uint8_t *to, size_t size)
{
    static const uint8_t ecdsa_sha256[] = {0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};
    static const uint8_t ecdsa_sha512[] = {0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x04};
    uint8_t octets[INFO_SIZE], point[STORE_POINT_MAX];
    back_t info = back_of(octets, sizeof octets), whole = back_of(to, size);
    size_t length;
    const pki_key_kind_t kind = key_public(ctx, key, point, &length);
    if (kind == PKI_KEY_OTHER || !put_info(&info, pk_of(key), like, name) ||
        !sign(&whole, (store_key_t *)(uintptr_t)key, kind == PKI_P256, &info)) {
        return 0;
    }
    put(&whole, kind == PKI_P256 ? ecdsa_sha256 : ecdsa_sha512, sizeof ecdsa_sha256);
    put(&whole, info.at, written(&info));
    wrap(&whole, SEQUENCE, 0);
    const size_t all = written(&whole);
    memmove(to, whole.at, all);
    return all;
}

store_crypto_t keys_mbedtls(void)
{
    (void)psa_crypto_init(); /* without it there is no randomness, and no key is made */
    return (store_crypto_t){.pki = pki_mbedtls(),
                            .key_read = key_read,
                            .key_new = key_new,
                            .key_free = key_free,
                            .key_keep = key_keep,
                            .key_public = key_public,
                            .request = request};
}

const tls_key_t *keys_mbedtls_handle(const store_key_t *key)
{
    return (const tls_key_t *)&key->pk;
}
