/* Between the files of the OpenSSL backend. SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TLS_OPENSSL_PRIVATE_H
#define CCS_TLS_OPENSSL_PRIVATE_H

#include <openssl/ssl.h>

#include "ports/tls/backend.h"

enum { EXTENSION_TRUSTED_CA_SIZE = 2 + 21 * TLS_ROOTS_MAX };

struct tls_engine_config {
    SSL_CTX *ctx;
    BIO_METHOD *wire;
    ccs_view_t ocsp_of_leaf; /* the snapshot's octets; empty: none */
    bool asks_status;
    uint8_t trusted_ca[EXTENSION_TRUSTED_CA_SIZE]; /* content of the extension, whole */
    size_t trusted_ca_at, trusted_ca_length;
};

struct tls_engine {
    SSL *ssl;
    tls_link_t *link;
    size_t unsent; /* octets of the last write that still wait for room */
    bool truncated;
};

tls_engine_config_t *openssl_config_new(const tls_engine_spec_t *spec);
void openssl_config_free(tls_engine_config_t *config);

/* The chain in a Certificate message, as it came. */
void openssl_on_message(int write, int version, int type, const void *octets, size_t length, SSL *ssl, void *arg);

/* Called instead of OpenSSL's own verification. */
int openssl_on_verify(X509_STORE_CTX *store, void *arg);

BIO_METHOD *openssl_wire_new(void);

tls_key_t *openssl_key_load(ccs_view_t der);
size_t openssl_key_point(const tls_key_t *key, uint8_t *point, size_t size);
void openssl_key_free(tls_key_t *key);
EVP_PKEY *openssl_key(const tls_key_t *key); /* borrowed */

#endif
