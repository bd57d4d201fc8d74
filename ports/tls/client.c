/* A car's settings. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "ports/tls/backend.h"
#include "ports/tls/private.h"

static tls_engine_spec_t spec_of(const tls_client_t *client)
{
    const tls_client_config_t *const config = &client->config;
    tls_engine_spec_t spec = {.v12 = config->offers_12, .v13 = config->offers_13, .trust = &config->trust, .client = config};
    spec.credential = config->credential;
    if (config->offers_12) {
        spec.suites |= config->static_ecdh ? TLS_SUITE_ECDH_ECDSA_AES128_CBC_SHA256 : TLS_SUITE_ECDHE_ECDSA_AES128_CBC_SHA256;
        spec.groups |= TLS_GROUP_P256;
        spec.signatures |= TLS_SIGNATURE_P256_SHA256;
    }
    if (config->offers_13) {
        spec.suites |= TLS_SUITES_13;
        spec.groups |= config->trust.compat ? TLS_GROUPS_20 | TLS_GROUP_P256 : TLS_GROUPS_20;
        spec.signatures |= config->trust.compat ? TLS_SIGNATURES_20 | TLS_SIGNATURE_P256_SHA256 : TLS_SIGNATURES_20;
    }
    return spec;
}

ccs_err_t tls_client_init(tls_client_t *client, const tls_client_config_t *config)
{
    uint16_t signature;
    memset(client, 0, sizeof *client);
    client->config = *config;
    if (!config->offers_12 && !config->offers_13) {
        return CCS_ERR_CONFIG;
    }
    if (config->needs_status && (config->backend->can & TLS_CAN_ASK_STATUS) == 0) {
        return CCS_ERR_UNSUPPORTED;
    }
    if (config->credential) {
        client->credential = *config->credential;
        client->config.credential = &client->credential;
        if (!tls_credential_fits(config->backend, &client->credential, config->trust.compat, &signature)) {
            return CCS_ERR_CONFIG;
        }
    }
    const tls_engine_spec_t spec = spec_of(client);
    client->engine = config->backend->config_new(&spec);
    return client->engine ? CCS_OK : CCS_ERR_UNSUPPORTED;
}

void tls_client_free(tls_client_t *client)
{
    if (client->engine) {
        client->config.backend->config_free(client->engine);
        client->engine = NULL;
    }
}
