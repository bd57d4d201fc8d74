/* One immutable SSL_CTX for a version, a credential and a role.
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "ports/tls/openssl/private.h"

typedef struct word {
    uint16_t bit;
    const char *name;
} word_t;

static const word_t ciphers[] = {{TLS_SUITE_ECDHE_ECDSA_AES128_CBC_SHA256, "ECDHE-ECDSA-AES128-SHA256"}, {0, NULL}};
/* In the order of ISO 15118-20. */
static const word_t suites[] = {{TLS_SUITE_AES256_GCM_SHA384, "TLS_AES_256_GCM_SHA384"},
                                {TLS_SUITE_CHACHA20_POLY1305_SHA256, "TLS_CHACHA20_POLY1305_SHA256"},
                                {TLS_SUITE_AES128_GCM_SHA256, "TLS_AES_128_GCM_SHA256"},
                                {0, NULL}};
static const word_t groups[] = {{TLS_GROUP_P521, "P-521"}, {TLS_GROUP_X448, "X448"}, {TLS_GROUP_P256, "P-256"}, {0, NULL}};
static const word_t signatures[] = {{TLS_SIGNATURE_P521_SHA512, "ecdsa_secp521r1_sha512"},
                                    {TLS_SIGNATURE_ED448, "ed448"},
                                    {TLS_SIGNATURE_P256_SHA256, "ecdsa_secp256r1_sha256"},
                                    {0, NULL}};

enum { LIST_SIZE = 128 };

static const char *list_of(const word_t *words, uint16_t bits, char list[LIST_SIZE])
{
    size_t length = 0;
    list[0] = '\0';
    for (; words->bit != 0; words++) {
        const size_t more = strlen(words->name);
        if ((bits & words->bit) != 0 && length + more + 2 < LIST_SIZE) {
            list[length] = ':';
            length += length > 0;
            memcpy(list + length, words->name, more + 1);
            length += more;
        }
    }
    return list;
}

static bool set_algorithms(SSL_CTX *ctx, const tls_engine_spec_t *spec)
{
    char list[LIST_SIZE];
    const bool versions = SSL_CTX_set_min_proto_version(ctx, spec->v12 ? TLS1_2_VERSION : TLS1_3_VERSION) == 1 &&
                          SSL_CTX_set_max_proto_version(ctx, spec->v13 ? TLS1_3_VERSION : TLS1_2_VERSION) == 1;
    return versions && (!spec->v12 || SSL_CTX_set_cipher_list(ctx, list_of(ciphers, spec->suites, list)) == 1) &&
           SSL_CTX_set_ciphersuites(ctx, list_of(suites, spec->suites, list)) == 1 &&
           SSL_CTX_set1_groups_list(ctx, list_of(groups, spec->groups, list)) == 1 &&
           SSL_CTX_set1_sigalgs_list(ctx, list_of(signatures, spec->signatures, list)) == 1 &&
           SSL_CTX_set1_client_sigalgs_list(ctx, list) == 1;
}

static X509 *certificate_of(ccs_view_t der)
{
    const unsigned char *at = der.at;
    return d2i_X509(NULL, &at, (long)der.length);
}

/* The chain goes out as it is: nothing is added from stores, nothing left out. */
static bool set_credential(SSL_CTX *ctx, const tls_credential_t *credential)
{
    bool good = true;
    for (size_t i = 0; good && i < PKI_CHAIN_MAX && credential->chain[i].length > 0; i++) {
        X509 *const x509 = certificate_of(credential->chain[i]);
        good = x509 && (i == 0 ? SSL_CTX_use_certificate(ctx, x509) : SSL_CTX_add1_chain_cert(ctx, x509)) == 1;
        X509_free(x509);
    }
    return good && SSL_CTX_use_PrivateKey(ctx, openssl_key(credential->key)) == 1;
}

/* Names of roots: a server's for CertificateRequest, a car's for certificate_authorities. */
static bool set_roots(SSL_CTX *ctx, const pki_stores_t *stores, pki_store_kind_t last)
{
    STACK_OF(X509_NAME) *const names = sk_X509_NAME_new_null();
    for (unsigned kind = PKI_STORE_V2G; names && kind <= (unsigned)last; kind++) {
        for (size_t i = 0; i < stores->store[kind].count && sk_X509_NAME_num(names) < TLS_ROOTS_MAX; i++) {
            X509 *const root = certificate_of(stores->store[kind].roots[i]);
            X509_NAME *const name = root ? X509_NAME_dup(X509_get_subject_name(root)) : NULL;
            if (name && sk_X509_NAME_push(names, name) == 0) {
                X509_NAME_free(name);
            }
            X509_free(root);
        }
    }
    SSL_CTX_set0_CA_list(ctx, names);
    return names != NULL;
}

/* ---- trusted_ca_keys, which OpenSSL does not know */

/* NOLINTNEXTLINE(readability-function-size): the library calls it so */
static int add_trusted_ca(SSL *ssl, unsigned type, unsigned context, const unsigned char **out, size_t *length, X509 *x509,
                          size_t at, int *alert, void *arg)
{
    const tls_engine_config_t *const config = arg;
    (void)ssl, (void)type, (void)context, (void)x509, (void)at, (void)alert;
    *out = config->trusted_ca + config->trusted_ca_at;
    *length = config->trusted_ca_length;
    return 1;
}

/* A charger's answer is empty, and comes only to those who have sent it, RFC 6066 6. */
/* NOLINTNEXTLINE(readability-function-size): the library calls it so */
static int answer_trusted_ca(SSL *ssl, unsigned type, unsigned context, const unsigned char **out, size_t *length, X509 *x509,
                             size_t at, int *alert, void *arg)
{
    (void)ssl, (void)type, (void)context, (void)x509, (void)at, (void)alert, (void)arg;
    *out = NULL;
    *length = 0;
    return 1;
}

/* Read by src/tls before, and malformed in the field: never a reason to end a handshake. */
/* NOLINTNEXTLINE(readability-function-size): the library calls it so */
static int pass_trusted_ca(SSL *ssl, unsigned type, unsigned context, const unsigned char *in, size_t length, X509 *x509, size_t at,
                           int *alert, void *arg)
{
    (void)ssl, (void)type, (void)context, (void)in, (void)length, (void)x509, (void)at, (void)alert, (void)arg;
    return 1;
}

enum { EXTENSION_TRUSTED_CA = 3, ENTRY_SIZE = 21 };

static void write_trusted_ca(tls_engine_config_t *config, const tls_client_config_t *client)
{
    const pki_store_t *const store = &client->trust.stores.store[PKI_STORE_V2G];
    uint8_t *at = config->trusted_ca + 2;
    for (size_t i = 0; i < store->count && i < TLS_ROOTS_MAX; i++) {
        at[0] = TLS_CA_CERTIFICATE_SHA1;
        if (EVP_Q_digest(NULL, "SHA1", NULL, store->roots[i].at, store->roots[i].length, at + 1, NULL) == 1) {
            at += ENTRY_SIZE;
        }
    }
    const size_t entries = (size_t)(at - config->trusted_ca) - 2;
    config->trusted_ca[0] = (uint8_t)(entries >> 8);
    config->trusted_ca[1] = (uint8_t)(entries & 0xFF);
    config->trusted_ca_at = client->bare_trusted_ca ? 2 : 0;
    config->trusted_ca_length = entries + 2 - config->trusted_ca_at;
}

static bool set_trusted_ca(tls_engine_config_t *config, const tls_engine_spec_t *spec)
{
    const unsigned where = SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO | SSL_EXT_IGNORE_ON_RESUMPTION;
    if (spec->server) {
        return SSL_CTX_add_custom_ext(config->ctx, EXTENSION_TRUSTED_CA, where, answer_trusted_ca, NULL, NULL, pass_trusted_ca,
                                      NULL) == 1;
    }
    write_trusted_ca(config, spec->client);
    return SSL_CTX_add_custom_ext(config->ctx, EXTENSION_TRUSTED_CA, where, add_trusted_ca, NULL, config, pass_trusted_ca, NULL) ==
           1;
}

/* ---- OCSP */

static int staple(SSL *ssl, void *arg)
{
    const tls_engine_config_t *const config = arg;
    uint8_t *const copy =
        config->ocsp_of_leaf.length > 0 ? OPENSSL_memdup(config->ocsp_of_leaf.at, config->ocsp_of_leaf.length) : NULL;
    if (!copy || SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)config->ocsp_of_leaf.length) != 1) {
        OPENSSL_free(copy);
        return SSL_TLSEXT_ERR_NOACK;
    }
    return SSL_TLSEXT_ERR_OK;
}

/* Called on the car's side once the chain is there, with a response or without. */
static int look_at_staple(SSL *ssl, void *arg)
{
    const uint8_t *response = NULL;
    const long length = SSL_get_tlsext_status_ocsp_resp(ssl, &response);
    (void)arg;
    return tls_link_judge_staple(SSL_get_app_data(ssl), (ccs_view_t){response, length > 0 ? (size_t)length : 0});
}

/* ---- roles */

static bool set_server(tls_engine_config_t *config, const tls_engine_spec_t *spec)
{
    SSL_CTX *const ctx = config->ctx;
    config->ocsp_of_leaf = spec->credential->ocsp[0];
    SSL_CTX_set_tlsext_status_cb(ctx, staple);
    SSL_CTX_set_tlsext_status_arg(ctx, config);
    if (!spec->v13) {
        SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
        return set_trusted_ca(config, spec);
    }
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return set_roots(ctx, &spec->trust->stores, PKI_STORE_OEM); /* [V2G20-2401] */
}

static bool set_client(tls_engine_config_t *config, const tls_engine_spec_t *spec)
{
    SSL_CTX_set_verify(config->ctx, SSL_VERIFY_PEER, NULL);
    config->asks_status = spec->client->asks_status;
    SSL_CTX_set_tlsext_status_cb(config->ctx, look_at_staple);
    if (!spec->client->tells_roots) {
        return true;
    }
    return (!spec->v12 || set_trusted_ca(config, spec)) &&
           (!spec->v13 || set_roots(config->ctx, &spec->trust->stores, PKI_STORE_V2G));
}

/* RFC 8879, in OpenSSL from 3.2 on where it is built with zlib (Debian 13): a chain that comes packed (message 25) is not there as
 * it came, and would stay unjudged. ISO 15118-20 does not know it; and nothing of a peer is unpacked before the peer is known. */
#ifdef SSL_OP_NO_RX_CERTIFICATE_COMPRESSION
static const uint64_t no_packed_chains = SSL_OP_NO_RX_CERTIFICATE_COMPRESSION | SSL_OP_NO_TX_CERTIFICATE_COMPRESSION;
#else
static const uint64_t no_packed_chains = 0;
#endif

static void set_common(SSL_CTX *ctx, const tls_engine_spec_t *spec)
{
    SSL_CTX_set_options(ctx, no_packed_chains);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_num_tickets(ctx, 0);
    (void)SSL_CTX_set_max_early_data(ctx, 0);
    SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_cert_verify_callback(ctx, openssl_on_verify, NULL);
    SSL_CTX_set_msg_callback(ctx, openssl_on_message);
    if (spec->credential && spec->credential->as_it_is) {
        SSL_CTX_set_security_level(ctx, 0); /* a bad chain of a test: OpenSSL would not even show it */
    }
}

static bool fill(tls_engine_config_t *config, const tls_engine_spec_t *spec)
{
    config->wire = openssl_wire_new();
    config->ctx = SSL_CTX_new(spec->server ? TLS_server_method() : TLS_client_method());
    if (!config->wire || !config->ctx) {
        return false;
    }
    set_common(config->ctx, spec);
    return set_algorithms(config->ctx, spec) && (!spec->credential || set_credential(config->ctx, spec->credential)) &&
           (spec->server ? set_server(config, spec) : set_client(config, spec));
}

tls_engine_config_t *openssl_config_new(const tls_engine_spec_t *spec)
{
    tls_engine_config_t *const config = calloc(1, sizeof *config);
    if (!config) {
        return NULL;
    }
    if (!fill(config, spec)) {
        openssl_config_free(config);
        return NULL;
    }
    return config;
}

void openssl_config_free(tls_engine_config_t *config)
{
    SSL_CTX_free(config->ctx);
    BIO_meth_free(config->wire);
    free(config);
    ERR_clear_error();
}
