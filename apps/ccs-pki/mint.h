/* Makes certificates: good ones, and bad ones with one thing wrong each.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PKI_MINT_H
#define CCS_PKI_MINT_H

#include "ccs/view.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>

/* Keys and hash of a whole tree. */
typedef enum mint_kind { MINT_P256, MINT_P521, MINT_ED448, MINT_KINDS } mint_kind_t;

/* What is wrong with a certificate, or uncommon; bits. */
typedef enum mint_flag {
    MINT_EXPIRED = 1 << 0, /* 2020 */
    MINT_FUTURE = 1 << 1,  /* the last year of the tree */
    MINT_OTHER_CURVE = 1 << 2,
    MINT_RSA = 1 << 3,  /* RSA-1024 */
    MINT_SHA1 = 1 << 4, /* ECDSA with SHA-1 (Ed448: its issuer is another) */
    MINT_SERIAL_ZERO = 1 << 5,
    MINT_SERIAL_NEGATIVE = 1 << 6,
    MINT_SERIAL_LONG = 1 << 7,
    MINT_VERSION_1 = 1 << 8,
    MINT_TWICE = 1 << 9,       /* its last extension once more */
    MINT_OFF_CURVE = 1 << 10,  /* a point that is not on its curve (Ed448: that is too short) */
    MINT_ALGORITHMS = 1 << 11, /* the algorithm inside of what is signed is another */
    MINT_TRAILING = 1 << 12,   /* an octet behind the end */
    MINT_SIGNATURE = 1 << 13,  /* one bit of what is signed has changed since */
    MINT_LONG_FORM = 1 << 14,  /* a length in a longer form than it needs: BER, not DER */
    MINT_MANY = 1 << 16,       /* more extensions than anyone has */
    MINT_COMPRESSED = 1 << 17, /* its point has one coordinate (not Ed448) */
    MINT_BACKWARDS = 1 << 18,  /* ends before it begins */
    MINT_BIG = 1 << 15         /* one octet above the size, else exactly it, where a size is given */
} mint_flag_t;

typedef struct mint_spec {
    const char *name;
    const char *issuer;  /* name of another; NULL: itself */
    const char *subject; /* "/DC=CPO/C=DE/O=ccs2-dc/CN=..." in this order */
    const char
        *extensions; /* "basicConstraints=critical,CA:true|keyUsage=critical,keyCertSign"; `%`: ",keyAgreement" but for Ed448 */
    unsigned flags;
    bool sized;      /* padded to the size that its edition carries, by an extension that nobody knows */
    const char *key; /* name of another whose key it has; NULL: one of its own */
} mint_spec_t;

typedef struct minted {
    const mint_spec_t *spec;
    EVP_PKEY *key;
    X509 *x509;
    uint8_t *der;
    size_t length;
} minted_t;

typedef struct mint {
    mint_kind_t kind;
    int64_t from_s, until_s;
    size_t size; /* that its edition carries */
    long serial; /* of the last one */
} mint_t;

/* issuer: NULL for a root. key: NULL for a new one. False: OpenSSL refused; its errors say why. */
bool mint_make(mint_t *mint, const mint_spec_t *spec, const minted_t *issuer, EVP_PKEY *key, minted_t *out);
void mint_free(minted_t *minted);

EVP_PKEY *mint_key(mint_kind_t kind);

#endif
