/* A charger's snapshot: which credentials it has, and which one a car is shown.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "ports/tls/backend.h"
#include "ports/tls/private.h"

static tls_engine_spec_t spec_of(const tls_server_t *server, const tls_credential_t *credential)
{
    const tls_site_t *const site = &server->config.site;
    const bool v13 = credential->version == 13;
    const bool static_ecdh = site->static_ecdh && (server->config.backend->can & TLS_CAN_STATIC_ECDH) != 0;
    tls_engine_spec_t spec = {.server = true, .v12 = !v13, .v13 = v13, .credential = credential, .trust = &server->config.trust};
    if (v13) {
        spec.suites = TLS_SUITES_13;
        spec.groups = site->compat ? TLS_GROUPS_20 | TLS_GROUP_P256 : TLS_GROUPS_20;
        spec.signatures = site->compat ? TLS_SIGNATURES_20 | TLS_SIGNATURE_P256_SHA256 : TLS_SIGNATURES_20;
        return spec;
    }
    spec.suites = static_ecdh ? TLS_SUITES_12 : TLS_SUITE_ECDHE_ECDSA_AES128_CBC_SHA256;
    spec.groups = TLS_GROUP_P256;
    spec.signatures = TLS_SIGNATURE_P256_SHA256;
    return spec;
}

static void free_engines(tls_server_t *server)
{
    for (size_t i = 0; i < server->config.count; i++) {
        if (server->engine[i]) {
            server->config.backend->config_free(server->engine[i]);
            server->engine[i] = NULL;
        }
    }
}

static ccs_err_t take_credential(tls_server_t *server, size_t i)
{
    const tls_backend_t *const backend = server->config.backend;
    tls_credential_t *const credential = &server->credential[i];
    *credential = server->config.credentials[i];
    if (!tls_credential_fits(backend, credential, server->config.site.compat, &server->signature[i])) {
        return CCS_ERR_CONFIG;
    }
    if (credential->root.length > 0 && !tls_root_read(backend, credential->root, &server->root[i])) {
        return CCS_ERR_CONFIG;
    }
    const tls_engine_spec_t spec = spec_of(server, credential);
    server->engine[i] = backend->config_new(&spec);
    return server->engine[i] ? CCS_OK : CCS_ERR_UNSUPPORTED;
}

/* A version without a credential is not served, and without static ECDH in the library that suite is not agreed on. */
static void narrow_site(tls_server_t *server)
{
    bool has_12 = false, has_13 = false;
    for (size_t i = 0; i < server->config.count; i++) {
        has_12 = has_12 || server->credential[i].version == 12;
        has_13 = has_13 || server->credential[i].version == 13;
    }
    tls_site_t *const site = &server->config.site;
    site->allows_12 = site->allows_12 && has_12;
    site->allows_13 = site->allows_13 && has_13;
    site->static_ecdh = site->static_ecdh && (server->config.backend->can & TLS_CAN_STATIC_ECDH) != 0;
}

ccs_err_t tls_server_init(tls_server_t *server, const tls_server_config_t *config, size_t *which)
{
    *which = 0;
    if (config->count > TLS_CREDENTIALS_MAX) {
        return CCS_ERR_SPACE;
    }
    memset(server, 0, sizeof *server);
    server->config = *config;
    server->config.trust.compat = config->site.compat;
    for (size_t i = 0; i < config->count; i++) {
        const ccs_err_t err = take_credential(server, i);
        if (err != CCS_OK) {
            *which = i;
            free_engines(server);
            return err;
        }
    }
    server->config.credentials = server->credential;
    narrow_site(server);
    return CCS_OK;
}

static void end_if_unused(tls_server_t *server)
{
    if (!server->dropped || server->links > 0) {
        return;
    }
    free_engines(server);
    if (server->config.gone) {
        server->config.gone(server->config.ctx);
    }
}

void tls_server_drop(tls_server_t *server)
{
    CCS_ASSERT(!server->dropped);
    server->dropped = true;
    end_if_unused(server);
}

void tls_server_leave(tls_server_t *server)
{
    CCS_ASSERT(server->links > 0);
    server->links--;
    end_if_unused(server);
}

bool tls_server_choose(const tls_server_t *server, const tls_policy_t *policy, const tls_hello_t *hello, size_t *credential,
                       bool *named)
{
    size_t first = server->config.count;
    for (size_t i = server->config.count; i-- > 0;) {
        if (server->credential[i].version == policy->version && (server->signature[i] & policy->signatures) != 0) {
            first = i;
        }
    }
    *credential = first;
    *named = false;
    for (size_t i = first; i < server->config.count; i++) {
        const bool fits = server->credential[i].version == policy->version && (server->signature[i] & policy->signatures) != 0;
        if (fits && server->root[i].name.length > 0 && tls_hello_trusts(hello, &server->root[i])) {
            *credential = i;
            *named = true;
            break;
        }
    }
    return first < server->config.count;
}

pki_verdict_t tls_server_judge(const tls_server_t *server, size_t credential, int64_t utc_s)
{
    const tls_credential_t *const own = &server->credential[credential];
    const tls_trust_t *const trust = &server->config.trust;
    const pki_crypto_t crypto = server->config.backend->crypto();
    const size_t count = tls_credential_count(own);
    const ccs_view_t *const root = &own->root;
    const pki_stores_t stores = {.store[PKI_STORE_V2G] = {root, root->length > 0}};
    const pki_request_t request = {.role = count == 1 ? PKI_SECC_PRIVATE : PKI_SECC,
                                   .edition = own->version == 13 ? PKI_ISO20 : PKI_ISO2,
                                   .chain = own->chain,
                                   .count = count,
                                   .now_s = utc_s,
                                   .statuses = trust->statuses,
                                   .statuses_count = trust->statuses_count,
                                   .crls = trust->crls,
                                   .crls_count = trust->crls_count,
                                   .revocation = PKI_REVOCATION_AS_KNOWN,
                                   .compat = trust->compat};
    return pki_judge(root->length > 0 ? &stores : &trust->stores, &request, &crypto, NULL);
}
