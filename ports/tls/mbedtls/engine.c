/* One SSL context over the callbacks of its link. SPDX-License-Identifier: Apache-2.0 */
#include <mbedtls/md.h>
#include <mbedtls/platform.h>
#include <psa/crypto.h>

#include "ports/tls/mbedtls/pki_mbedtls.h"
#include "ports/tls/mbedtls/private.h"

/* ---- the wire */

static int wire_receive(void *ctx, unsigned char *to, size_t size)
{
    const int length = tls_link_receive(ctx, to, size);
    return length > 0 ? length : length == 0 ? MBEDTLS_ERR_SSL_WANT_READ : MBEDTLS_ERR_SSL_CONN_EOF;
}

static int wire_send(void *ctx, const unsigned char *from, size_t length)
{
    const int taken = tls_link_send(ctx, from, length);
    return taken > 0 ? taken : taken == 0 ? MBEDTLS_ERR_SSL_WANT_WRITE : MBEDTLS_ERR_SSL_CONN_EOF;
}

/* ---- the peer's chain, whose only judge is src/pki */

/* The message that the library is at: judged if it is a chain. */
static bool judge(tls_engine_t *engine)
{
    return tls_link_judge(engine->link, mbed_version_of(&engine->ssl), mbed_message_of(&engine->ssl));
}

/* As OpenSSL tells its peers. */
static uint8_t alert_of(pki_reason_t reason)
{
    return reason == PKI_EXPIRED        ? MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED
           : reason == PKI_REVOKED      ? MBEDTLS_SSL_ALERT_MSG_CERT_REVOKED
           : reason == PKI_ROOT_UNKNOWN ? MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA
                                        : MBEDTLS_SSL_ALERT_MSG_BAD_CERT;
}

/* False: the step has brought a chain, and it is not good. */
static bool chain_holds(tls_engine_t *engine)
{
    const pki_verdict_t *const verdict = &engine->link->facts.verdict;
    mbed_forget_issuers(&engine->ssl);
    if (judge(engine) || verdict->reason == PKI_UNJUDGED || pki_is_good(verdict)) {
        return true;
    }
    (void)mbedtls_ssl_send_alert_message(&engine->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL, alert_of(verdict->reason));
    tls_link_blame(engine->link, TLS_FAILURE_CERTIFICATE, NULL);
    return false;
}

/* ---- life */

static void engine_free(tls_engine_t *engine)
{
    mbedtls_ssl_free(&engine->ssl);
    mbedtls_free(engine);
}

static tls_engine_t *engine_new(const tls_engine_config_t *config, tls_link_t *link)
{
    tls_engine_t *const engine = mbedtls_calloc(1, sizeof *engine);
    if (!engine) {
        return NULL;
    }
    engine->link = link;
    mbedtls_ssl_init(&engine->ssl);
    if (mbedtls_ssl_setup(&engine->ssl, &config->conf) != 0 ||
        (!link->server && mbedtls_ssl_set_hostname(&engine->ssl, NULL) != 0)) { /* V2G certificates name no host */
        engine_free(engine);
        return NULL;
    }
    mbedtls_ssl_set_bio(&engine->ssl, link, wire_send, wire_receive, NULL);
    return engine;
}

/* ---- what became of a call */

/* Faults of X.509, keys and curves; those of TLS itself lie below. */
static bool is_of_a_chain(int error)
{
    return error > MBEDTLS_ERR_MD_FEATURE_UNAVAILABLE;
}

static void blame(tls_engine_t *engine, int error)
{
    tls_link_t *const link = engine->link;
    const char *const text = mbed_text_of(error);
    switch (error) {
    case MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE:
        tls_link_blame(link, TLS_FAILURE_NO_CERTIFICATE, text);
        return;
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
        tls_link_blame_alert(link, mbed_alert_of(&engine->ssl), text);
        return;
    case MBEDTLS_ERR_SSL_CONN_EOF:
        tls_link_blame(link, TLS_FAILURE_LEFT, text);
        return;
    case MBEDTLS_ERR_SSL_ALLOC_FAILED:
        tls_link_blame(link, TLS_FAILURE_LIBRARY, text);
        return;
    default:
        break;
    }
    if (is_of_a_chain(error)) { /* one that the library could not read, or found too long to look at */
        (void)judge(engine);
    }
    tls_link_blame(link, TLS_FAILURE_PROTOCOL, text);
}

static tls_result_t result_of(tls_engine_t *engine, int returned)
{
    switch (returned) {
    case MBEDTLS_ERR_SSL_WANT_READ:
        return TLS_AGAIN;
    case MBEDTLS_ERR_SSL_WANT_WRITE:
        engine->link->wants_room = true;
        return TLS_AGAIN;
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
        return TLS_CLOSED;
    default:
        break;
    }
    if (returned >= 0) {
        return TLS_OK;
    }
    blame(engine, returned);
    return TLS_FAILED;
}

/* Step by step: a chain is judged before the next one, in which the library asks whether its sender has the leaf's key. */
static tls_result_t handshake(tls_engine_t *engine)
{
    int returned = 0;
    while (returned == 0 && !mbed_is_over(&engine->ssl)) {
        mbed_leave_chain_to_us(&engine->ssl);
        returned = mbedtls_ssl_handshake_step(&engine->ssl);
        if (returned == 0 && !chain_holds(engine)) {
            return TLS_FAILED;
        }
    }
    return result_of(engine, returned);
}

static tls_result_t read_clear(tls_engine_t *engine, uint8_t *to, size_t size, size_t *length)
{
    const int returned = mbedtls_ssl_read(&engine->ssl, to, size);
    *length = returned > 0 ? (size_t)returned : 0;
    return result_of(engine, returned == 0 && size > 0 ? MBEDTLS_ERR_SSL_CONN_EOF : returned);
}

/* The library encrypts a record once, keeps it, and wants to be called again while the wire is full: that is flush(). */
static tls_result_t write_clear(tls_engine_t *engine, ccs_view_t octets)
{
    for (size_t at = 0; at < octets.length;) {
        const int most = mbedtls_ssl_get_max_out_record_payload(&engine->ssl);
        const size_t left = octets.length - at;
        const int returned = mbedtls_ssl_write(&engine->ssl, octets.at + at, left);
        const tls_result_t result = result_of(engine, returned);
        if (result == TLS_AGAIN && most > 0 && left <= (size_t)most) {
            engine->unsent = left;
            return TLS_OK;
        }
        if (result != TLS_OK) {
            tls_link_blame(engine->link, TLS_FAILURE_LEFT, "no room for a message of several records");
            return TLS_FAILED;
        }
        at += (size_t)returned;
    }
    return TLS_OK;
}

static tls_result_t flush(tls_engine_t *engine)
{
    static const uint8_t any[1] = {0};
    if (engine->unsent == 0) {
        return TLS_OK;
    }
    const tls_result_t result =
        result_of(engine, mbedtls_ssl_write(&engine->ssl, any, engine->unsent)); /* looks at the length only */
    engine->unsent = result == TLS_OK ? 0 : engine->unsent;
    return result;
}

static void close_notify(tls_engine_t *engine)
{
    (void)mbedtls_ssl_close_notify(&engine->ssl);
}

static bool holds_octets(const tls_engine_t *engine)
{
    return mbedtls_ssl_check_pending(&engine->ssl) != 0;
}

static void facts(const tls_engine_t *engine, tls_facts_t *out)
{
    const char *const suite = mbedtls_ssl_get_ciphersuite(&engine->ssl);
    out->version = mbed_version_of(&engine->ssl);
    out->suite = suite ? (uint16_t)mbedtls_ssl_get_ciphersuite_id(suite) : 0;
}

static bool hash(tls_hash_t which, ccs_view_t octets, uint8_t *out)
{
    const mbedtls_md_info_t *const md = mbedtls_md_info_from_type(which == TLS_SHA1 ? MBEDTLS_MD_SHA1 : MBEDTLS_MD_SHA512);
    return md && mbedtls_md(md, octets.at, octets.length, out) == 0;
}

const tls_backend_t *tls_mbedtls(void)
{
    static const tls_backend_t backend = {
        .name = MBEDTLS_VERSION_STRING_FULL,
        .can =
            (MBED_HAS_STATIC_ECDH ? TLS_CAN_STATIC_ECDH : 0) | (MBED_HAS_13 ? TLS_CAN_13 : 0) | (MBED_HAS_X448 ? TLS_CAN_X448 : 0),
        .crypto = pki_mbedtls,
        .hash = hash,
        .key_load = mbed_key_load,
        .key_point = mbed_key_point,
        .key_free = mbed_key_free,
        .config_new = mbed_config_new,
        .config_free = mbed_config_free,
        .engine_new = engine_new,
        .engine_free = engine_free,
        .handshake = handshake,
        .read = read_clear,
        .write = write_clear,
        .flush = flush,
        .close_notify = close_notify,
        .holds_octets = holds_octets,
        .facts = facts,
    };
    return psa_crypto_init() == PSA_SUCCESS ? &backend : NULL;
}
