/* SPDX-License-Identifier: Apache-2.0 */
#include "stock.h"

#include <openssl/err.h>
#include <string.h>

static void set_up(SSL_CTX *ctx, const stock_t *stock)
{
    (void)SSL_CTX_set_min_proto_version(ctx, stock->version_min);
    (void)SSL_CTX_set_max_proto_version(ctx, stock->version_max);
    assert_true(!stock->ciphers || SSL_CTX_set_cipher_list(ctx, stock->ciphers) == 1);
    assert_true(!stock->suites || SSL_CTX_set_ciphersuites(ctx, stock->suites) == 1);
    assert_true(!stock->groups || SSL_CTX_set1_groups_list(ctx, stock->groups) == 1);
    assert_true(!stock->signatures || SSL_CTX_set1_sigalgs_list(ctx, stock->signatures) == 1);
}

void stock_prepare(stock_client_t *client, const stock_t *stock)
{
    client->ctx = SSL_CTX_new(TLS_client_method());
    set_up(client->ctx, stock);
}

void stock_start(stock_client_t *client, const stock_t *stock)
{
    size_t written = 0;
    client->ssl = SSL_new(client->ctx);
    SSL_set_bio(client->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    BIO_set_mem_eof_return(SSL_get_rbio(client->ssl), -1);
    SSL_set_connect_state(client->ssl);
    if (stock->session) {
        assert_int_equal(SSL_set_session(client->ssl, stock->session), 1);
    }
    if (stock->early_data) {
        (void)SSL_write_early_data(client->ssl, stock->early_data, strlen(stock->early_data), &written);
    }
}

void stock_open(stock_client_t *client, const stock_t *stock)
{
    stock_prepare(client, stock);
    stock_start(client, stock);
}

void stock_free(stock_client_t *client)
{
    SSL_free(client->ssl);
    SSL_CTX_free(client->ctx);
    ERR_clear_error();
    memset(client, 0, sizeof *client);
}

static void carry(stock_client_t *client)
{
    uint8_t octets[4096];
    tls_wire_t wire = world_wire(&world.car);
    int length;
    while ((length = BIO_read(SSL_get_wbio(client->ssl), octets, sizeof octets)) > 0) {
        pipe_put(&world.up, octets, (size_t)length);
    }
    while ((length = wire.receive(wire.ctx, octets, sizeof octets)) > 0) {
        (void)BIO_write(SSL_get_rbio(client->ssl), octets, length);
    }
}

bool stock_talk(stock_client_t *client)
{
    bool done = false;
    for (int round = 0; round < 12; round++) {
        ERR_clear_error();
        done = SSL_do_handshake(client->ssl) == 1;
        carry(client);
        if (world.charger.result == TLS_OK || world.charger.result == TLS_AGAIN) {
            world.charger.result = tls_link_step(&world.charger.link, world.now_ms);
        }
        carry(client);
    }
    return done;
}

/* ---- a server from elsewhere */

static SSL *elsewhere(SSL_CTX *ctx, BIO *in, BIO *out, bool server)
{
    SSL *const ssl = SSL_new(ctx);
    BIO_up_ref(in);
    BIO_up_ref(out);
    SSL_set_bio(ssl, in, out);
    if (server) {
        SSL_set_accept_state(ssl);
    } else {
        SSL_set_connect_state(ssl);
    }
    return ssl;
}

SSL_SESSION *stock_session(int version, uint32_t early)
{
    const minted_t *const leaf = tree_find(&world.tree[MINT_P256], "secc");
    const stock_t stock = {.version_min = version, .version_max = version};
    SSL_CTX *const server_ctx = SSL_CTX_new(TLS_server_method()), *const client_ctx = SSL_CTX_new(TLS_client_method());
    BIO *const up = BIO_new(BIO_s_mem()), *const down = BIO_new(BIO_s_mem());
    uint8_t nothing[16];
    BIO_set_mem_eof_return(up, -1);
    BIO_set_mem_eof_return(down, -1);
    set_up(server_ctx, &stock);
    set_up(client_ctx, &stock);
    (void)SSL_CTX_set_max_early_data(server_ctx, early);
    assert_int_equal(SSL_CTX_use_certificate(server_ctx, leaf->x509), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(server_ctx, leaf->key), 1);
    SSL *const server = elsewhere(server_ctx, up, down, true), *const client = elsewhere(client_ctx, down, up, false);
    for (int round = 0; round < 8; round++) {
        (void)SSL_do_handshake(client);
        (void)SSL_do_handshake(server);
    }
    (void)SSL_read(client, nothing, sizeof nothing); /* tickets of 1.3 come behind the handshake */
    SSL_SESSION *const session = SSL_get1_session(client);
    assert_non_null(session);
    assert_true(SSL_SESSION_is_resumable(session));
    SSL_set_shutdown(client, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); /* else the session counts as broken */
    SSL_free(server);
    SSL_free(client);
    SSL_CTX_free(server_ctx);
    SSL_CTX_free(client_ctx);
    BIO_free(up);
    BIO_free(down);
    return session;
}
