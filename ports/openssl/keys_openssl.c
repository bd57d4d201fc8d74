/* Keys of the store, by OpenSSL 3. SPDX-License-Identifier: Apache-2.0 */
#define OPENSSL_SUPPRESS_DEPRECATED /* Debian 12 has PKCS#11 as an engine, not as a provider */
#include "ports/openssl/keys_openssl.h"

#include "ports/openssl/pki_openssl.h"

#include <openssl/bio.h>
#include <openssl/engine.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_NAME_MAX = 512 };

struct store_key {
    EVP_PKEY *pkey;
    char name[TOKEN_NAME_MAX]; /* of a key in a token; "": it is here */
};

static const char token_prefix[] = "pkcs11:";

/* ---- reading */

/* Never asks a person at a terminal. */
static int give_password(char *to, int size, int writing, void *password)
{
    (void)writing;
    const size_t length = password ? strlen(password) : 0;
    if (length == 0 || length > (size_t)size) {
        return -1;
    }
    memcpy(to, password, length);
    return (int)length;
}

static EVP_PKEY *read_pem(BIO *bio, const char *password)
{
    return PEM_read_bio_PrivateKey(bio, NULL, give_password, (void *)(uintptr_t)password);
}

static EVP_PKEY *read_plain_der(ccs_view_t given)
{
    const unsigned char *at = given.at;
    EVP_PKEY *const pkey = d2i_AutoPrivateKey(NULL, &at, (long)given.length);
    if (pkey && at != given.at + given.length) { /* octets behind its end: not what anybody meant */
        EVP_PKEY_free(pkey);
        return NULL;
    }
    return pkey;
}

static EVP_PKEY *read_octets(ccs_view_t given, const char *password)
{
    EVP_PKEY *pkey = read_plain_der(given);
    BIO *const bio = BIO_new_mem_buf(given.at, (int)given.length);
    if (!pkey && bio) {
        pkey = read_pem(bio, password);
    }
    if (!pkey && bio && password && BIO_reset(bio) == 1) {
        pkey = d2i_PKCS8PrivateKey_bio(bio, NULL, give_password, (void *)(uintptr_t)password);
    }
    BIO_free(bio);
    return pkey;
}

/* ---- tokens */

static EVP_PKEY *load_from_token(const char *name)
{
    ENGINE_load_dynamic();
    ENGINE *const engine = ENGINE_by_id("pkcs11");
    if (!engine || ENGINE_init(engine) != 1) {
        ENGINE_free(engine);
        return NULL;
    }
    EVP_PKEY *const pkey = ENGINE_load_private_key(engine, name, NULL, NULL);
    ENGINE_finish(engine);
    ENGINE_free(engine);
    return pkey;
}

static bool is_token_name(ccs_view_t given)
{
    const size_t length = sizeof token_prefix - 1;
    return given.length > length && given.length < TOKEN_NAME_MAX && memcmp(given.at, token_prefix, length) == 0 &&
           !memchr(given.at, '\0', given.length);
}

/* ---- store_crypto_t */

static store_key_t *wrap(EVP_PKEY *pkey, ccs_view_t name)
{
    store_key_t *const key = pkey ? calloc(1, sizeof *key) : NULL;
    if (!key) {
        EVP_PKEY_free(pkey);
        return NULL;
    }
    key->pkey = pkey;
    memcpy(key->name, name.at, name.length);
    return key;
}

/* A name that comes from a file ends with a newline. */
static ccs_view_t trimmed(ccs_view_t given)
{
    while (given.length > 0 && (given.at[given.length - 1] == '\n' || given.at[given.length - 1] == '\r')) {
        given.length--;
    }
    return given;
}

static store_key_t *key_read(void *ctx, ccs_view_t given, const char *password)
{
    (void)ctx;
    const ccs_view_t line = trimmed(given);
    if (is_token_name(line)) {
        char name[TOKEN_NAME_MAX] = {0};
        memcpy(name, line.at, line.length);
        return wrap(load_from_token(name), line);
    }
    return wrap(read_octets(given, password), (ccs_view_t){(const uint8_t *)"", 0});
}

static store_key_t *key_new(void *ctx, pki_key_kind_t kind)
{
    (void)ctx;
    const ccs_view_t here = {(const uint8_t *)"", 0};
    switch (kind) {
    case PKI_P256:
        return wrap(EVP_EC_gen("P-256"), here);
    case PKI_P521:
        return wrap(EVP_EC_gen("P-521"), here);
    case PKI_ED448:
        return wrap(EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), here);
    default:
        return NULL;
    }
}

static void key_free(void *ctx, store_key_t *key)
{
    (void)ctx;
    EVP_PKEY_free(key->pkey);
    store_wipe(key, sizeof *key); /* the name of a token's key may have its PIN */
    free(key);
}

static size_t keep_octets(const EVP_PKEY *pkey, uint8_t *to, size_t size)
{
    PKCS8_PRIV_KEY_INFO *const info = EVP_PKEY2PKCS8(pkey);
    const int length = info ? i2d_PKCS8_PRIV_KEY_INFO(info, NULL) : 0;
    const bool fits = length > 0 && (size_t)length <= size;
    if (fits) {
        (void)i2d_PKCS8_PRIV_KEY_INFO(info, &to);
    }
    PKCS8_PRIV_KEY_INFO_free(info);
    return fits ? (size_t)length : 0;
}

static size_t key_keep(void *ctx, const store_key_t *key, uint8_t *to, size_t size)
{
    (void)ctx;
    const size_t length = strlen(key->name);
    if (length == 0) {
        return keep_octets(key->pkey, to, size);
    }
    if (length > size) {
        return 0;
    }
    memcpy(to, key->name, length);
    return length;
}

static pki_key_kind_t kind_of(const ASN1_OBJECT *algorithm, const X509_PUBKEY *public, int length)
{
    const int nid = OBJ_obj2nid(algorithm);
    if (nid == NID_ED448) {
        return PKI_ED448;
    }
    EVP_PKEY *const pkey = nid == NID_X9_62_id_ecPublicKey ? X509_PUBKEY_get0(public) : NULL;
    const int bits = pkey ? EVP_PKEY_get_bits(pkey) : 0;
    char group[32] = "";
    (void)(pkey && EVP_PKEY_get_group_name(pkey, group, sizeof group, NULL));
    if (bits == 256 && length == 65 && strcmp(group, "prime256v1") == 0) {
        return PKI_P256;
    }
    return bits == 521 && length == STORE_POINT_MAX && strcmp(group, "secp521r1") == 0 ? PKI_P521 : PKI_KEY_OTHER;
}

/* By way of its SubjectPublicKeyInfo: keys of engines have it as well. */
static pki_key_kind_t key_public(void *ctx, const store_key_t *key, uint8_t point[STORE_POINT_MAX], size_t *length)
{
    (void)ctx;
    X509_PUBKEY *public = NULL;
    ASN1_OBJECT *algorithm = NULL;
    const unsigned char *octets = NULL;
    int count = 0;
    pki_key_kind_t kind = PKI_KEY_OTHER;
    if (X509_PUBKEY_set(&public, key->pkey) == 1 && X509_PUBKEY_get0_param(&algorithm, &octets, &count, NULL, public) == 1 &&
        count > 0 && count <= STORE_POINT_MAX) {
        kind = kind_of(algorithm, public, count);
        memcpy(point, octets, (size_t)count);
        *length = (size_t)count;
    }
    X509_PUBKEY_free(public);
    return kind;
}

/* ---- requests */

static bool add_word(X509_NAME *name, const char *field, const char *value)
{
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0) == 1;
}

static bool set_subject(X509_REQ *request, ccs_view_t like, const char *name)
{
    if (like.length == 0) {
        X509_NAME *const subject = X509_REQ_get_subject_name(request);
        return name && add_word(subject, "DC", "CPO") && add_word(subject, "CN", name);
    }
    const unsigned char *at = like.at;
    X509 *const certificate = d2i_X509(NULL, &at, (long)like.length);
    const bool set = certificate && X509_REQ_set_subject_name(request, X509_get_subject_name(certificate)) == 1;
    X509_free(certificate);
    return set;
}

static const EVP_MD *digest_of(const EVP_PKEY *pkey)
{
    return EVP_PKEY_get_base_id(pkey) == EVP_PKEY_ED448 ? NULL : EVP_PKEY_get_bits(pkey) > 256 ? EVP_sha512() : EVP_sha256();
}

static size_t request(void *ctx, const store_key_t *key, ccs_view_t like, const char *name, uint8_t *to, size_t size)
{
    (void)ctx;
    X509_REQ *const made = X509_REQ_new();
    int length = 0;
    if (made && X509_REQ_set_version(made, X509_REQ_VERSION_1) == 1 && set_subject(made, like, name) &&
        X509_REQ_set_pubkey(made, key->pkey) == 1 && X509_REQ_sign(made, key->pkey, digest_of(key->pkey)) > 0) {
        length = i2d_X509_REQ(made, NULL);
    }
    const bool fits = length > 0 && (size_t)length <= size;
    if (fits) {
        (void)i2d_X509_REQ(made, &to);
    }
    X509_REQ_free(made);
    return fits ? (size_t)length : 0;
}

store_crypto_t keys_openssl(void)
{
    return (store_crypto_t){.pki = pki_openssl(),
                            .key_read = key_read,
                            .key_new = key_new,
                            .key_free = key_free,
                            .key_keep = key_keep,
                            .key_public = key_public,
                            .request = request};
}

EVP_PKEY *keys_openssl_handle(const store_key_t *key)
{
    return key->pkey;
}
