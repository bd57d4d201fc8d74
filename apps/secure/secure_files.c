/* A car's TLS from the files that its settings name. SPDX-License-Identifier: Apache-2.0 */
#include "secure.h"

#include <stdio.h>

#include "ports/tls/files.h"

static const tls_backend_t *backend_of(const tls_settings_t *settings)
{
    if (settings->backend == TLS_SETTINGS_OPENSSL) {
        return tls_openssl();
    }
#ifdef CCS_TLS_MBEDTLS
    return tls_mbedtls();
#else
    return NULL;
#endif
}

static secure_result_t absent(char text[SECURE_TEXT])
{
    (void)snprintf(text, SECURE_TEXT, "[tls] backend: Mbed TLS is not in this build (tools/get_mbedtls.sh)");
    return SECURE_ABSENT;
}

static tls_files_t files_of(const tls_settings_t *settings)
{
    return (tls_files_t){
        .chain_13 = settings->chain, .key_13 = settings->key, .roots_v2g = settings->v2g_roots, .password = settings->password};
}

secure_result_t secure_car(const tls_settings_t *settings, tls_links_t *links, char text[SECURE_TEXT])
{
    const tls_client_config_t config = {.backend = backend_of(settings),
                                        .offers_12 = settings->versions != TLS_SETTINGS_13,
                                        .offers_13 = settings->versions != TLS_SETTINGS_12,
                                        .trust = {.compat = settings->compat},
                                        .tells_roots = true,
                                        .asks_status = settings->ocsp != TLS_SETTINGS_OCSP_OFF,
                                        .judges_status = settings->ocsp != TLS_SETTINGS_OCSP_OFF,
                                        .needs_status = settings->ocsp == TLS_SETTINGS_OCSP_REQUIRE,
                                        .static_ecdh = settings->static_ecdh};
    const tls_files_t files = files_of(settings);
    if (!config.backend) {
        return absent(text);
    }
    if (config.needs_status && (tls_backend_can(config.backend) & TLS_CAN_ASK_STATUS) == 0) {
        (void)snprintf(text, SECURE_TEXT, "[tls] ocsp = require: %s reads no OCSP response", tls_backend_name(config.backend));
        return SECURE_BAD;
    }
    tls_client_t *const client = tls_files_client(&config, &files, text);
    links->client = client;
    return client ? SECURE_OK : SECURE_BAD;
}

void secure_car_close(tls_links_t *links)
{
    tls_links_close(links);
    tls_files_client_free((tls_client_t *)(uintptr_t)links->client);
    links->client = NULL;
}
