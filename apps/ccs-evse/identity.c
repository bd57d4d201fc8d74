/* Who this charger is: its store of certificates and keys, and what of it the outlets show.
 * SPDX-License-Identifier: Apache-2.0 */
#include "charger.h"

static void say(void *ctx, ccs_level_t level, const char *event, const char *text)
{
    charger_say(ctx, 0, level, event, text);
}

/* Connections keep what they began with. */
static void changed(void *ctx, tls_server_t *server)
{
    charger_t *const charger = ctx;
    charger->tls = server;
}

exits_t identity_open(charger_t *charger)
{
    const pki_settings_t *const pki = &charger->settings->pki;
    char why[500];
    if (pki->store[0] == '\0') {
        return pki->console[0] == '\0' && pki->hook[0] == '\0'
                   ? EXITS_OK
                   : charger_give_up(EXITS_CONFIG, "[pki] console and hook need a store");
    }
    const credentials_config_t config = {
        .store = pki->store,
        .console = pki->console,
        .hook = pki->hook,
        .site = {.allows_12 = true, .allows_13 = true, .compat = pki->compat},
        .revocation = PKI_REVOCATION_AS_KNOWN, /* cars are not asked for OCSP [V2G20-2407]; what is known counts */
        .ctx = charger,
        .changed = changed,
        .say = say,
    };
    if (!credentials_open(&charger->credentials, &config, why, sizeof why)) {
        return charger_give_up(EXITS_STORAGE, why);
    }
    charger->has_credentials = true;
    return EXITS_OK;
}

void identity_add_services(charger_t *charger)
{
    loop_service_t services[CREDENTIALS_SERVICES];
    const size_t count = charger->has_credentials ? credentials_services(&charger->credentials, services) : 0;
    for (size_t i = 0; i < count; i++) {
        loop_add(&charger->loop, &services[i]);
    }
}

void identity_close(charger_t *charger)
{
    if (charger->has_credentials) {
        credentials_close(&charger->credentials);
    }
    charger->has_credentials = false;
}
