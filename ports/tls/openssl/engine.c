/* One SSL over the callbacks of its link. SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <stdlib.h>

#include "ports/openssl/pki_openssl.h"
#include "ports/tls/openssl/private.h"

/* ---- the wire as a BIO */

static int wire_read(BIO *bio, char *to, int size)
{
    const int length = size > 0 ? tls_link_receive(BIO_get_data(bio), (uint8_t *)to, (size_t)size) : 0;
    BIO_clear_retry_flags(bio);
    if (length == 0) {
        BIO_set_retry_read(bio);
    }
    return length > 0 ? length : -1;
}

static int wire_write(BIO *bio, const char *from, int size)
{
    const int length = size > 0 ? tls_link_send(BIO_get_data(bio), (const uint8_t *)from, (size_t)size) : 0;
    BIO_clear_retry_flags(bio);
    if (length == 0) {
        BIO_set_retry_write(bio);
    }
    return length > 0 ? length : -1;
}

static long wire_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static int wire_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

BIO_METHOD *openssl_wire_new(void)
{
    BIO_METHOD *const method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "link");
    if (method && BIO_meth_set_read(method, wire_read) == 1 && BIO_meth_set_write(method, wire_write) == 1 &&
        BIO_meth_set_ctrl(method, wire_control) == 1 && BIO_meth_set_create(method, wire_create) == 1) {
        return method;
    }
    BIO_meth_free(method);
    return NULL;
}

/* ---- life */

static void engine_free(tls_engine_t *engine)
{
    SSL_free(engine->ssl);
    free(engine);
    ERR_clear_error();
}

static tls_engine_t *engine_new(const tls_engine_config_t *config, tls_link_t *link)
{
    tls_engine_t *const engine = calloc(1, sizeof *engine);
    BIO *const wire = BIO_new(config->wire);
    if (!engine || !wire) {
        free(engine);
        BIO_free(wire);
        return NULL;
    }
    engine->link = link;
    engine->ssl = SSL_new(config->ctx);
    BIO_set_data(wire, link);
    if (!engine->ssl) {
        BIO_free(wire);
        engine_free(engine);
        return NULL;
    }
    SSL_set_bio(engine->ssl, wire, wire);
    SSL_set_app_data(engine->ssl, link);
    SSL_set_msg_callback_arg(engine->ssl, link);
    if (link->server) {
        SSL_set_accept_state(engine->ssl);
    } else {
        SSL_set_connect_state(engine->ssl);
        (void)(config->asks_status && SSL_set_tlsext_status_type(engine->ssl, TLSEXT_STATUSTYPE_ocsp));
    }
    return engine;
}

/* ---- what became of a call */

static void blame(tls_engine_t *engine, int error)
{
    const unsigned long code = ERR_peek_error();
    const int reason = ERR_GET_REASON(code);
    const char *const text = code ? ERR_reason_error_string(code) : NULL;
    const bool of_tls = error == SSL_ERROR_SSL && ERR_GET_LIB(code) == ERR_LIB_SSL;
    if (of_tls && reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
        tls_link_blame(engine->link, TLS_FAILURE_NO_CERTIFICATE, text);
    } else if (of_tls && reason > SSL_AD_REASON_OFFSET && reason <= SSL_AD_REASON_OFFSET + 255) {
        tls_link_blame_alert(engine->link, (uint8_t)(reason - SSL_AD_REASON_OFFSET), text);
    } else if (error == SSL_ERROR_SYSCALL || (of_tls && reason == SSL_R_UNEXPECTED_EOF_WHILE_READING)) {
        tls_link_blame(engine->link, TLS_FAILURE_LEFT, text);
    } else {
        tls_link_blame(engine->link, TLS_FAILURE_PROTOCOL, text);
    }
}

static tls_result_t result_of(tls_engine_t *engine, int returned)
{
    const int error = SSL_get_error(engine->ssl, returned);
    switch (error) {
    case SSL_ERROR_NONE:
        return TLS_OK;
    case SSL_ERROR_WANT_READ:
        return TLS_AGAIN;
    case SSL_ERROR_WANT_WRITE:
        engine->link->wants_room = true;
        return TLS_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return TLS_CLOSED;
    default:
        blame(engine, error);
        return TLS_FAILED;
    }
}

static tls_result_t handshake(tls_engine_t *engine)
{
    ERR_clear_error();
    return result_of(engine, SSL_do_handshake(engine->ssl));
}

static tls_result_t read_clear(tls_engine_t *engine, uint8_t *to, size_t size, size_t *length)
{
    ERR_clear_error();
    return result_of(engine, SSL_read_ex(engine->ssl, to, size, length));
}

/* OpenSSL encrypts once, and wants the same call again while the wire is full: that is flush(). */
static tls_result_t write_clear(tls_engine_t *engine, ccs_view_t octets)
{
    size_t taken = 0;
    ERR_clear_error();
    const tls_result_t result = result_of(engine, SSL_write_ex(engine->ssl, octets.at, octets.length, &taken));
    if (result == TLS_AGAIN && engine->link->wants_room && octets.length > SSL3_RT_MAX_PLAIN_LENGTH) {
        tls_link_blame(engine->link, TLS_FAILURE_LEFT, "no room for a message of several records");
        return TLS_FAILED;
    }
    engine->unsent = result == TLS_AGAIN ? octets.length : 0;
    return result == TLS_AGAIN ? TLS_OK : result;
}

static tls_result_t flush(tls_engine_t *engine)
{
    static const uint8_t any[SSL3_RT_MAX_PLAIN_LENGTH];
    size_t taken = 0;
    if (engine->unsent == 0) {
        return TLS_OK;
    }
    ERR_clear_error();
    const tls_result_t result =
        result_of(engine, SSL_write_ex(engine->ssl, any, engine->unsent, &taken)); /* looks at the length only */
    engine->unsent = result == TLS_OK ? 0 : engine->unsent;
    return result;
}

static void close_notify(tls_engine_t *engine)
{
    ERR_clear_error();
    (void)SSL_shutdown(engine->ssl);
}

static bool holds_octets(const tls_engine_t *engine)
{
    return SSL_pending(engine->ssl) > 0;
}

static void facts(const tls_engine_t *engine, tls_facts_t *out)
{
    const SSL_CIPHER *const cipher = SSL_get_current_cipher(engine->ssl);
    const uint8_t *response = NULL;
    out->version = SSL_version(engine->ssl) == TLS1_3_VERSION ? 13 : 12;
    out->suite = cipher ? SSL_CIPHER_get_protocol_id(cipher) : 0;
    out->stapled = !engine->link->server && SSL_get_tlsext_status_ocsp_resp(engine->ssl, &response) > 0;
}

static bool hash(tls_hash_t which, ccs_view_t octets, uint8_t *out)
{
    return EVP_Q_digest(NULL, which == TLS_SHA1 ? "SHA1" : "SHA512", NULL, octets.at, octets.length, out, NULL) == 1;
}

const tls_backend_t *tls_openssl(void)
{
    static const tls_backend_t backend = {
        .name = OPENSSL_VERSION_TEXT,
        .can = TLS_CAN_13 | TLS_CAN_X448 | TLS_CAN_ED448 | TLS_CAN_STAPLE | TLS_CAN_REQUEST_ROOTS | TLS_CAN_ANSWER_TRUSTED_CA |
               TLS_CAN_TELL_TRUSTED_CA | TLS_CAN_TELL_AUTHORITIES | TLS_CAN_ASK_STATUS,
        .crypto = pki_openssl,
        .hash = hash,
        .key_load = openssl_key_load,
        .key_point = openssl_key_point,
        .key_free = openssl_key_free,
        .config_new = openssl_config_new,
        .config_free = openssl_config_free,
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
    return &backend;
}
