/* SPDX-License-Identifier: Apache-2.0 */
#include "images/tls/vault.h"

#include <string.h>

#include "base/bytes.h"

static bool add_to_chain(tls_credential_t *credential, ccs_view_t der)
{
    for (size_t i = 0; i < PKI_CHAIN_MAX; i++) {
        if (credential->chain[i].length == 0) {
            credential->chain[i] = der;
            return true;
        }
    }
    return false;
}

static bool add_root(vault_t *vault, pki_store_kind_t store, ccs_view_t der)
{
    if (vault->roots[store] == VAULT_ROOTS_MAX) {
        return false;
    }
    vault->root[store][vault->roots[store]++] = der;
    return true;
}

/* The number of the credential of this version, which may be a new one. VAULT_CREDENTIALS_MAX: no room. */
static size_t credential_of(vault_t *vault, uint8_t version)
{
    size_t i = 0;
    while (i < vault->credentials && vault->credential[i].version != version) {
        i++;
    }
    if (i < VAULT_CREDENTIALS_MAX && i == vault->credentials) {
        vault->credential[i].version = version;
        vault->credentials++;
    }
    return i;
}

static bool take_credential(vault_t *vault, vault_tag_t tag, uint8_t version, ccs_view_t octets)
{
    const size_t i = credential_of(vault, version);
    if (i == VAULT_CREDENTIALS_MAX) {
        return false;
    }
    switch (tag) {
    case VAULT_CERTIFICATE:
        return add_to_chain(&vault->credential[i], octets);
    case VAULT_KEY:
        vault->key[i] = octets;
        return true;
    default:
        vault->credential[i].root = octets;
        return true;
    }
}

static bool take_time(vault_t *vault, ccs_view_t octets)
{
    vault->utc_s = 0;
    for (size_t i = 0; i < octets.length && i < 8; i++) {
        vault->utc_s = vault->utc_s << 8 | octets.at[i];
    }
    return octets.length == 8 && vault->utc_s > 0;
}

static bool take(vault_t *vault, vault_tag_t tag, uint8_t version, ccs_view_t octets)
{
    switch (tag) {
    case VAULT_CERTIFICATE:
    case VAULT_KEY:
    case VAULT_OWN_ROOT:
        return take_credential(vault, tag, version, octets);
    case VAULT_V2G_ROOT:
        return add_root(vault, PKI_STORE_V2G, octets);
    case VAULT_OEM_ROOT:
        return add_root(vault, PKI_STORE_OEM, octets);
    case VAULT_TIME:
        return take_time(vault, octets);
    default:
        return false;
    }
}

bool vault_read(vault_t *vault, const uint8_t *memory)
{
    bytes_in_t in = bytes_in(memory, VAULT_SIZE);
    *vault = (vault_t){0};
    if (memcmp(memory, "CCSV", 4) != 0) {
        return false;
    }
    bytes_skip(&in, 4);
    for (;;) {
        const uint8_t tag = bytes_get_u8(&in);
        const uint8_t version = bytes_get_u8(&in);
        const uint16_t length = bytes_get_u16be(&in);
        const ccs_view_t octets = {in.at, length};
        bytes_skip(&in, length);
        if (in.failed || tag == VAULT_END) {
            return !in.failed;
        }
        if (!take(vault, (vault_tag_t)tag, version, octets)) {
            return false;
        }
    }
}
