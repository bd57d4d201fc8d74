/* Makes certificates. What OpenSSL would not write (a wrong version of DER, a point off its curve) is changed in the octets that
 * are signed, before they are signed. SPDX-License-Identifier: Apache-2.0 */
#include "mint.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 512, DER_MAX = 8192, PADS = 64, DATE_2020 = 1577836800, YEAR_S = 31557600 };

static const char padding_oid[] = "1.3.6.1.4.1.55555.1"; /* of nobody: an extension that no program knows */

EVP_PKEY *mint_key(mint_kind_t kind)
{
    switch (kind) {
    case MINT_P256:
        return EVP_EC_gen("P-256");
    case MINT_P521:
        return EVP_EC_gen("P-521");
    default:
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED448");
    }
}

static EVP_PKEY *compressed(EVP_PKEY *key)
{
    if (key && EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "compressed") == 1) {
        return key;
    }
    EVP_PKEY_free(key);
    return NULL;
}

static EVP_PKEY *key_for(const mint_t *mint, const mint_spec_t *spec)
{
    if (spec->flags & MINT_COMPRESSED) {
        return compressed(mint_key(mint->kind));
    }
    if (spec->flags & MINT_RSA) {
        return EVP_RSA_gen(1024);
    }
    if (spec->flags & MINT_OTHER_CURVE) {
        return mint->kind == MINT_P256 ? mint_key(MINT_P521) : mint_key(MINT_P256);
    }
    return mint_key(mint->kind);
}

/* The hash that goes with an issuer's key. */
static const EVP_MD *hash_for(EVP_PKEY *issuer, unsigned flags)
{
    if (EVP_PKEY_is_a(issuer, "ED448")) {
        return NULL;
    }
    if (flags & MINT_SHA1) {
        return EVP_sha1();
    }
    return EVP_PKEY_get_bits(issuer) > 256 && !EVP_PKEY_is_a(issuer, "RSA") ? EVP_sha512() : EVP_sha256();
}

/* ---- name */

static bool add_part(X509_NAME *name, char *part)
{
    char *const value = strchr(part, '=');
    if (!value) {
        return false;
    }
    *value = '\0';
    return X509_NAME_add_entry_by_txt(name, part, MBSTRING_ASC, (const unsigned char *)value + 1, -1, -1, 0) == 1;
}

static bool set_subject(X509 *x509, const char *subject)
{
    char text[TEXT_MAX];
    (void)snprintf(text, sizeof text, "%s", subject);
    char *rest = text;
    for (char *part = strtok_r(text, "/", &rest); part; part = strtok_r(NULL, "/", &rest)) {
        if (!add_part(X509_get_subject_name(x509), part)) {
            return false;
        }
    }
    return true;
}

/* ---- extensions */

static bool add_extension(X509 *x509, X509V3_CTX *ctx, char *line)
{
    char *const value = strchr(line, '=');
    if (!value) {
        return false;
    }
    *value = '\0';
    X509_EXTENSION *const extension = X509V3_EXT_nconf(NULL, ctx, line, value + 1);
    const bool added = extension && X509_add_ext(x509, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

/* The text with `%` spelled out. */
static void spell(const mint_t *mint, const char *from, char text[TEXT_MAX])
{
    size_t length = 0;
    for (; *from && length + 16 < TEXT_MAX; from++) {
        if (*from != '%') {
            text[length++] = *from;
        } else if (mint->kind != MINT_ED448) {
            length += (size_t)snprintf(text + length, TEXT_MAX - length, ",keyAgreement");
        }
    }
    text[length] = '\0';
}

static bool add_extensions(const mint_t *mint, X509 *x509, X509 *issuer, const char *extensions)
{
    char text[TEXT_MAX];
    X509V3_CTX ctx;
    spell(mint, extensions, text);
    X509V3_set_ctx(&ctx, issuer, x509, NULL, NULL, 0);
    char *rest = text;
    for (char *line = strtok_r(text, "|", &rest); line; line = strtok_r(NULL, "|", &rest)) {
        if (!add_extension(x509, &ctx, line)) {
            return false;
        }
    }
    return true;
}

static bool add_twice(X509 *x509)
{
    const int count = X509_get_ext_count(x509);
    return count > 0 && X509_add_ext(x509, X509_get_ext(x509, count - 1), -1) == 1;
}

static bool add_many(X509 *x509)
{
    enum { MANY = 24 };
    char line[64];
    bool added = true;
    for (int i = 0; added && i < MANY; i++) {
        (void)snprintf(line, sizeof line, "1.3.6.1.4.1.55555.%d=DER:0500", 100 + i);
        added = add_extension(x509, NULL, line);
    }
    return added;
}

/* An extension of nobody with so many octets. */
static bool add_padding(X509 *x509, size_t octets)
{
    ASN1_OBJECT *const oid = OBJ_txt2obj(padding_oid, 1);
    ASN1_OCTET_STRING *const value = ASN1_OCTET_STRING_new();
    uint8_t *const zeros = calloc(1, octets + 1);
    X509_EXTENSION *extension = NULL;
    if (oid && value && zeros && ASN1_OCTET_STRING_set(value, zeros, (int)octets) == 1) {
        extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, value);
    }
    const bool added = extension && X509_add_ext(x509, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(oid);
    free(zeros);
    return added;
}

/* ---- serial and dates */

static bool set_serial(mint_t *mint, X509 *x509, unsigned flags)
{
    ASN1_INTEGER *const serial = X509_get_serialNumber(x509);
    mint->serial++;
    if (flags & MINT_SERIAL_LONG) {
        BIGNUM *const number = BN_new();
        const bool set = number && BN_set_bit(number, 8 * 20) && BN_to_ASN1_INTEGER(number, serial);
        BN_free(number);
        return set;
    }
    const long value = flags & MINT_SERIAL_ZERO ? 0 : flags & MINT_SERIAL_NEGATIVE ? -mint->serial : mint->serial;
    return ASN1_INTEGER_set(serial, value) == 1;
}

static bool set_dates(const mint_t *mint, X509 *x509, unsigned flags)
{
    const bool expired = flags & MINT_EXPIRED;
    const int64_t from_s = expired ? DATE_2020 : flags & MINT_FUTURE ? mint->until_s - YEAR_S : mint->from_s;
    const int64_t until_s = expired ? DATE_2020 + YEAR_S : flags & MINT_BACKWARDS ? mint->from_s - 1 : mint->until_s;
    return ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)from_s) && ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)until_s);
}

/* ---- octets */

static uint8_t *find(uint8_t *in, size_t length, const uint8_t *what, size_t size)
{
    for (size_t i = 0; i + size <= length; i++) {
        if (memcmp(in + i, what, size) == 0) {
            return in + i;
        }
    }
    return NULL;
}

/* Changes what is going to be signed. The last octet of the point is flipped: y is another one, and the point off the curve. */
static bool change_before(X509 *x509, uint8_t *tbs, size_t length, unsigned flags)
{
    if (flags & MINT_OFF_CURVE) {
        const ASN1_BIT_STRING *const point = X509_get0_pubkey_bitstr(x509);
        uint8_t *const at = find(tbs, length, point->data, (size_t)point->length);
        if (!at) {
            return false;
        }
        at[point->length - 1] ^= 0x01;
    }
    if (flags & MINT_ALGORITHMS) {
        const X509_ALGOR *algorithm;
        X509_get0_signature(NULL, &algorithm, x509);
        const ASN1_OBJECT *oid;
        X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
        uint8_t *const at = find(tbs, length, OBJ_get0_data(oid), OBJ_length(oid));
        if (!at) {
            return false;
        }
        at[OBJ_length(oid) - 1] ^= 0x01;
    }
    return true;
}

static size_t put_head(uint8_t *to, uint8_t tag, size_t length, bool long_form)
{
    size_t at = 0;
    to[at++] = tag;
    if (length < 0x80 && !long_form) {
        to[at++] = (uint8_t)length;
    } else if (length < 0x100 && !(length >= 0x80 && long_form)) {
        to[at++] = 0x81;
        to[at++] = (uint8_t)length;
    } else {
        to[at++] = 0x82;
        to[at++] = (uint8_t)(length >> 8);
        to[at++] = (uint8_t)length;
    }
    return at;
}

static size_t sign(EVP_PKEY *key, const EVP_MD *md, const uint8_t *tbs, size_t length, uint8_t *signature, size_t size)
{
    EVP_MD_CTX *const ctx = EVP_MD_CTX_new();
    const bool good =
        ctx && EVP_DigestSignInit(ctx, NULL, md, NULL, key) == 1 && EVP_DigestSign(ctx, signature, &size, tbs, length) == 1;
    EVP_MD_CTX_free(ctx);
    return good ? size : 0;
}

/* SEQUENCE { tbs, algorithm, BIT STRING }: tbs as it is, signed anew. */
static bool assemble(minted_t *out, EVP_PKEY *issuer, uint8_t *tbs, size_t length)
{
    const unsigned flags = out->spec->flags;
    uint8_t signature[512], body[DER_MAX], *algorithm_der = NULL;
    const X509_ALGOR *algorithm;
    X509_get0_signature(NULL, &algorithm, out->x509);
    const int algorithm_length = i2d_X509_ALGOR(algorithm, &algorithm_der);
    const size_t signed_length = sign(issuer, hash_for(issuer, flags), tbs, length, signature, sizeof signature);
    if (algorithm_length <= 0 || signed_length == 0 || length + 1024 > sizeof body) {
        OPENSSL_free(algorithm_der);
        return false;
    }
    if (flags & MINT_SIGNATURE) {
        tbs[length - 1] ^= 0x01;
    }
    size_t at = 0;
    memcpy(body, tbs, length);
    at += length;
    memcpy(body + at, algorithm_der, (size_t)algorithm_length);
    at += (size_t)algorithm_length;
    at += put_head(body + at, 0x03, signed_length + 1, flags & MINT_LONG_FORM);
    body[at++] = 0;
    memcpy(body + at, signature, signed_length);
    at += signed_length;
    OPENSSL_free(algorithm_der);
    out->der = OPENSSL_malloc(at + 8);
    if (!out->der) {
        return false;
    }
    out->length = put_head(out->der, 0x30, at, false);
    memcpy(out->der + out->length, body, at);
    out->length += at;
    if (flags & MINT_TRAILING) {
        out->der[out->length++] = 0;
    }
    return true;
}

/* What must be made by hand. */
static bool is_handmade(unsigned flags)
{
    return flags & (MINT_OFF_CURVE | MINT_ALGORITHMS | MINT_TRAILING | MINT_SIGNATURE | MINT_LONG_FORM);
}

static bool finish(minted_t *out, EVP_PKEY *issuer)
{
    uint8_t *tbs = NULL;
    if (X509_sign(out->x509, issuer, hash_for(issuer, out->spec->flags)) <= 0) {
        return false;
    }
    if (!is_handmade(out->spec->flags)) {
        const int length = i2d_X509(out->x509, &out->der);
        out->length = length > 0 ? (size_t)length : 0;
        return length > 0;
    }
    const int length = i2d_re_X509_tbs(out->x509, &tbs);
    const bool good =
        length > 0 && change_before(out->x509, tbs, (size_t)length, out->spec->flags) && assemble(out, issuer, tbs, (size_t)length);
    OPENSSL_free(tbs);
    return good;
}

/* ---- all of it */

static bool fill(mint_t *mint, const minted_t *issuer, size_t padding, minted_t *out)
{
    const mint_spec_t *const spec = out->spec;
    X509 *const above = issuer ? issuer->x509 : out->x509;
    const bool bare = spec->flags & MINT_VERSION_1;
    return X509_set_version(out->x509, bare ? X509_VERSION_1 : X509_VERSION_3) && set_serial(mint, out->x509, spec->flags) &&
           set_dates(mint, out->x509, spec->flags) && set_subject(out->x509, spec->subject) &&
           X509_set_issuer_name(out->x509, X509_get_subject_name(above)) && X509_set_pubkey(out->x509, out->key) &&
           (bare || add_extensions(mint, out->x509, above, spec->extensions)) &&
           (!(spec->flags & MINT_MANY) || add_many(out->x509)) && (!(spec->flags & MINT_TWICE) || add_twice(out->x509)) &&
           (padding == 0 || add_padding(out->x509, padding));
}

static bool make_once(mint_t *mint, const minted_t *issuer, size_t padding, minted_t *out)
{
    X509_free(out->x509);
    OPENSSL_free(out->der);
    out->der = NULL;
    out->x509 = X509_new();
    return out->x509 && fill(mint, issuer, padding, out) && finish(out, issuer ? issuer->key : out->key);
}

/* Padded until it has the very size: ECDSA signatures differ by an octet or two. */
static bool make_sized(mint_t *mint, const minted_t *issuer, size_t size, minted_t *out)
{
    size_t padding = 1;
    for (int i = 0; i < PADS; i++) {
        if (!make_once(mint, issuer, padding, out)) {
            return false;
        }
        if (out->length == size) {
            return true;
        }
        padding = padding + size > out->length ? padding + size - out->length : 1;
    }
    return false;
}

bool mint_make(mint_t *mint, const mint_spec_t *spec, const minted_t *issuer, EVP_PKEY *key, minted_t *out)
{
    *out = (minted_t){.spec = spec, .key = key};
    if (key) {
        EVP_PKEY_up_ref(key);
    } else {
        out->key = key_for(mint, spec);
    }
    if (!out->key) {
        return false;
    }
    return spec->sized ? make_sized(mint, issuer, mint->size + (spec->flags & MINT_BIG ? 1 : 0), out)
                       : make_once(mint, issuer, 0, out);
}

void mint_free(minted_t *minted)
{
    EVP_PKEY_free(minted->key);
    X509_free(minted->x509);
    OPENSSL_free(minted->der);
    *minted = (minted_t){0};
}
