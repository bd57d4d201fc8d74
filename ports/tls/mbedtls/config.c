/* One immutable configuration for a version, a credential and a role.
 * SPDX-License-Identifier: Apache-2.0 */
#include <mbedtls/platform.h>

#include "ports/tls/mbedtls/private.h"

typedef struct code {
    uint16_t bit, number;
} code_t;

static const code_t suites[] = {{TLS_SUITE_AES256_GCM_SHA384, 0x1302},
                                {TLS_SUITE_CHACHA20_POLY1305_SHA256, 0x1303},
                                {TLS_SUITE_AES128_GCM_SHA256, 0x1301},
                                {TLS_SUITE_ECDHE_ECDSA_AES128_CBC_SHA256, 0xC023},
                                {TLS_SUITE_ECDH_ECDSA_AES128_CBC_SHA256, 0xC025}};
static const code_t groups[] = {{TLS_GROUP_P521, 25}, {TLS_GROUP_X448, 30}, {TLS_GROUP_P256, 23}};
static const code_t signatures[] = {{TLS_SIGNATURE_P521_SHA512, 0x0603}, {TLS_SIGNATURE_P256_SHA256, 0x0403}};

static void write_suites(tls_engine_config_t *config, uint16_t bits)
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        if ((bits & suites[i].bit) != 0) {
            config->suites[count++] = suites[i].number;
        }
    }
}

static void write_list(uint16_t list[MBED_LIST], const code_t *codes, size_t count, uint16_t bits)
{
    size_t written = 0;
    for (size_t i = 0; i < count; i++) {
        if ((bits & codes[i].bit) != 0) {
            list[written++] = codes[i].number;
        }
    }
}

/* Certificates above the leaf only go out: neither parsed nor copied, which is a kilobyte each with P-521. */
static bool add_issuer(mbedtls_x509_crt *last, ccs_view_t der)
{
    mbedtls_x509_crt *const issuer = mbedtls_calloc(1, sizeof *issuer);
    if (!issuer) {
        return false;
    }
    mbedtls_x509_crt_init(issuer);
    issuer->raw.p = (uint8_t *)(uintptr_t)der.at; /* the snapshot's: the library takes no const, and writes none */
    issuer->raw.len = der.length;
    last->next = issuer;
    return true;
}

static bool set_credential(tls_engine_config_t *config, const tls_credential_t *credential)
{
    const ccs_view_t *const chain = credential->chain;
    mbedtls_x509_crt *last = &config->own;
    if (mbedtls_x509_crt_parse_der_nocopy(last, chain[0].at, chain[0].length) != 0) {
        return false;
    }
    for (size_t i = 1; i < PKI_CHAIN_MAX && chain[i].length > 0; i++) {
        if (!add_issuer(last, chain[i])) {
            return false;
        }
        last = last->next;
    }
    return mbedtls_ssl_conf_own_cert(&config->conf, &config->own, mbed_key(credential->key)) == 0;
}

/* No roots: whom to believe is for src/pki and its stores to say. A car's library takes every chain as it is; a charger's would
 * refuse every one, since REQUIRED is what makes it ask: see mbed_leave_chain_to_us(). */
static void set_peer(mbedtls_ssl_config *conf, const tls_engine_spec_t *spec)
{
    const bool asks = spec->server && spec->v13;
    mbedtls_ssl_conf_authmode(conf, asks ? MBEDTLS_SSL_VERIFY_REQUIRED : MBEDTLS_SSL_VERIFY_NONE);
}

static void set_off(mbedtls_ssl_config *conf, bool server)
{
#if defined(MBEDTLS_SSL_RENEGOTIATION)
    mbedtls_ssl_conf_renegotiation(conf, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
#endif
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
    if (!server) {
        mbedtls_ssl_conf_session_tickets(conf, MBEDTLS_SSL_SESSION_TICKETS_DISABLED); /* a server has none without a callback */
    }
#endif
    (void)conf, (void)server;
}

static bool fill(tls_engine_config_t *config, const tls_engine_spec_t *spec)
{
    mbedtls_ssl_config *const conf = &config->conf;
    if ((spec->v13 && !MBED_HAS_13) ||
        mbedtls_ssl_config_defaults(conf, spec->server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
                                    MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT) != 0) {
        return false;
    }
    write_suites(config, spec->suites);
    write_list(config->groups, groups, sizeof groups / sizeof *groups, spec->groups);
    write_list(config->signatures, signatures, sizeof signatures / sizeof *signatures, spec->signatures);
    mbedtls_ssl_conf_rng(conf, mbed_random, NULL);
    mbedtls_ssl_conf_ciphersuites(conf, config->suites);
    mbed_set_algorithms(conf, spec->v12, spec->v13, config->groups, config->signatures);
    set_off(conf, spec->server);
    set_peer(conf, spec);
    return !spec->credential || set_credential(config, spec->credential);
}

tls_engine_config_t *mbed_config_new(const tls_engine_spec_t *spec)
{
    tls_engine_config_t *const config = mbedtls_calloc(1, sizeof *config);
    if (!config) {
        return NULL;
    }
    mbedtls_ssl_config_init(&config->conf);
    mbedtls_x509_crt_init(&config->own);
    if (!fill(config, spec)) {
        mbed_config_free(config);
        return NULL;
    }
    return config;
}

void mbed_config_free(tls_engine_config_t *config)
{
    mbedtls_ssl_config_free(&config->conf);
    mbedtls_x509_crt_free(&config->own);
    mbedtls_free(config);
}
