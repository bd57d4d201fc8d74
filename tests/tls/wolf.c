/* SPDX-License-Identifier: Apache-2.0 */
#include "wolf.h"

#include <wolfssl/options.h>

#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>

#include <stdlib.h>

struct wolf {
    WOLFSSL_CTX *ctx;
    WOLFSSL *ssl;
    tls_wire_t wire;
};

static int receive(WOLFSSL *ssl, char *to, int size, void *ctx)
{
    const wolf_t *const wolf = ctx;
    const int length = wolf->wire.receive(wolf->wire.ctx, (uint8_t *)to, (size_t)size);
    (void)ssl;
    return length > 0 ? length : length == 0 ? WOLFSSL_CBIO_ERR_WANT_READ : WOLFSSL_CBIO_ERR_CONN_CLOSE;
}

static int give(WOLFSSL *ssl, char *from, int size, void *ctx)
{
    const wolf_t *const wolf = ctx;
    const int length = wolf->wire.send(wolf->wire.ctx, (const uint8_t *)from, (size_t)size);
    (void)ssl;
    return length > 0 ? length : length == 0 ? WOLFSSL_CBIO_ERR_WANT_WRITE : WOLFSSL_CBIO_ERR_CONN_CLOSE;
}

/* Debian's build believes everybody unless it is told not to, and then compares responses with nothing. */
static bool believe(WOLFSSL_CTX *ctx, const wolf_config_t *config)
{
    wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_PEER, NULL);
    return wolfSSL_CTX_load_verify_buffer(ctx, config->root.at, (long)config->root.length, WOLFSSL_FILETYPE_ASN1) ==
               WOLFSSL_SUCCESS &&
           wolfSSL_CTX_EnableOCSPStapling(ctx) == WOLFSSL_SUCCESS &&
           (!config->must_staple || wolfSSL_CTX_EnableOCSPMustStaple(ctx) == WOLFSSL_SUCCESS);
}

static bool show(WOLFSSL_CTX *ctx, const wolf_config_t *config)
{
    return config->chain.length == 0 ||
           (wolfSSL_CTX_use_certificate_chain_buffer_format(ctx, config->chain.at, (long)config->chain.length,
                                                            WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS &&
            wolfSSL_CTX_use_PrivateKey_buffer(ctx, config->key.at, (long)config->key.length, WOLFSSL_FILETYPE_ASN1) ==
                WOLFSSL_SUCCESS);
}

/* As a car of its edition: one suite, one group, the leaf's OCSP response asked for. */
static bool be_a_car(wolf_t *wolf, const wolf_config_t *config)
{
    const bool v13 = config->version == 13;
    wolfSSL_CTX_SetIORecv(wolf->ctx, receive);
    wolfSSL_CTX_SetIOSend(wolf->ctx, give);
    if (wolfSSL_CTX_set_cipher_list(wolf->ctx, v13 ? "TLS13-AES256-GCM-SHA384" : "ECDHE-ECDSA-AES128-SHA256") != WOLFSSL_SUCCESS ||
        !believe(wolf->ctx, config) || !show(wolf->ctx, config)) {
        return false;
    }
    wolf->ssl = wolfSSL_new(wolf->ctx);
    if (!wolf->ssl || wolfSSL_UseOCSPStapling(wolf->ssl, WOLFSSL_CSR_OCSP, 0) != WOLFSSL_SUCCESS) {
        return false;
    }
    wolfSSL_SetIOReadCtx(wolf->ssl, wolf);
    wolfSSL_SetIOWriteCtx(wolf->ssl, wolf);
    return wolfSSL_UseSupportedCurve(wolf->ssl, v13 ? WOLFSSL_ECC_SECP521R1 : WOLFSSL_ECC_SECP256R1) == WOLFSSL_SUCCESS &&
           (!v13 || wolfSSL_UseKeyShare(wolf->ssl, WOLFSSL_ECC_SECP521R1) == WOLFSSL_SUCCESS);
}

wolf_t *wolf_open(const wolf_config_t *config)
{
    wolf_t *const wolf = calloc(1, sizeof *wolf);
    if (!wolf || wolfSSL_Init() != WOLFSSL_SUCCESS) {
        free(wolf);
        return NULL;
    }
    wolf->wire = config->wire;
    wolf->ctx = wolfSSL_CTX_new(config->version == 13 ? wolfTLSv1_3_client_method() : wolfTLSv1_2_client_method());
    if (!wolf->ctx || !be_a_car(wolf, config)) {
        wolf_free(wolf);
        return NULL;
    }
    return wolf;
}

void wolf_free(wolf_t *wolf)
{
    wolfSSL_free(wolf->ssl);
    wolfSSL_CTX_free(wolf->ctx);
    (void)wolfSSL_Cleanup();
    free(wolf);
}

int wolf_step(wolf_t *wolf)
{
    const int returned = wolfSSL_connect(wolf->ssl);
    const int error = returned == WOLFSSL_SUCCESS ? 0 : wolfSSL_get_error(wolf->ssl, returned);
    return returned == WOLFSSL_SUCCESS                                             ? 1
           : error == WOLFSSL_ERROR_WANT_READ || error == WOLFSSL_ERROR_WANT_WRITE ? 0
           : error < 0                                                             ? error
                                                                                   : -1;
}

const char *wolf_text(int error, char text[80])
{
    return wolfSSL_ERR_error_string((unsigned long)(unsigned)error, text);
}

int wolf_write(wolf_t *wolf, const char *text, size_t length)
{
    return wolfSSL_write(wolf->ssl, text, (int)length);
}
