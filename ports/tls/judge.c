/* Certificates: the peer's before src/pki, ours against their key.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/bytes.h"
#include "ports/tls/backend.h"
#include "ports/tls/private.h"

/* The common name for people and for CCS_ON_SECURED: one that does not fit is cut, which no comparison is made with. */
static void note_leaf(tls_link_t *link, ccs_view_t der)
{
    tls_facts_t *const facts = &link->facts;
    pki_certificate_t leaf;
    pki_reason_t reason;
    ccs_view_t name;
    (void)link->backend->hash(TLS_SHA512, der, facts->leaf_sha512);
    if (!pki_read(der, &leaf, &reason) || pki_name_find(leaf.subject, PKI_COMMON_NAME, &name) == 0) {
        return;
    }
    const size_t length = name.length < sizeof facts->name ? name.length : sizeof facts->name - 1;
    for (size_t i = 0; i < length; i++) {
        facts->name[i] = name.at[i] >= ' ' && name.at[i] < 127 ? (char)name.at[i] : '?';
    }
    facts->name[length] = '\0';
}

static pki_request_t request_of(const tls_link_t *link, const ccs_view_t *chain, size_t count)
{
    const tls_trust_t *const trust = link->trust;
    const pki_role_t charger = count == 1 ? PKI_SECC_PRIVATE : PKI_SECC; /* [V2G2-872] directly below a private root */
    const bool is_20 = link->server || link->facts.version == 13;
    return (pki_request_t){.role = link->server ? PKI_VEHICLE : charger,
                           .edition = is_20 ? PKI_ISO20 : PKI_ISO2,
                           .chain = chain,
                           .count = count,
                           .now_s = link->setup.utc_s,
                           .statuses = trust->statuses,
                           .statuses_count = trust->statuses_count,
                           .crls = trust->crls,
                           .crls_count = trust->crls_count,
                           .revocation = trust->revocation,
                           .compat = trust->compat};
}

/* ---- the peer's chain as it came: what a library gives out is encoded anew, and what is wrong with the encoding would be mended
 */

enum { MESSAGE_CERTIFICATE = 11 };

static bytes_in_t take(bytes_in_t *in, size_t length)
{
    const bytes_in_t part = bytes_in(in->at, length);
    bytes_skip(in, length);
    return in->failed ? bytes_in(NULL, 0) : part;
}

static uint32_t get_u24(bytes_in_t *in)
{
    const uint32_t high = bytes_get_u8(in);
    return high << 16 | bytes_get_u16be(in);
}

/* RFC 5246 7.4.2, RFC 8446 4.4.2. Returns how many; the rest of a longer chain is of no use to anybody. */
static size_t read_chain(bytes_in_t in, bool v13, ccs_view_t chain[TLS_PEER_CHAIN_MAX])
{
    size_t count = 0;
    bytes_skip(&in, 4); /* type and length of the message */
    if (v13) {
        const uint8_t context = bytes_get_u8(&in);
        bytes_skip(&in, context);
    }
    const uint32_t length = get_u24(&in);
    bytes_in_t list = take(&in, length);
    while (list.left > 0 && count < TLS_PEER_CHAIN_MAX) {
        const uint32_t size = get_u24(&list);
        const bytes_in_t certificate = take(&list, size);
        if (v13) {
            const uint16_t extensions = bytes_get_u16be(&list);
            bytes_skip(&list, extensions);
        }
        if (list.failed) {
            return count;
        }
        chain[count++] = (ccs_view_t){certificate.at, certificate.left};
    }
    return count;
}

static void judge(tls_link_t *link, const ccs_view_t *chain, size_t count)
{
    const pki_crypto_t crypto = link->backend->crypto();
    const pki_request_t request = request_of(link, chain, count);
    note_leaf(link, chain[0]);
    link->facts.verdict = pki_judge(&link->trust->stores, &request, &crypto, link->setup.cache);
}

bool tls_link_judge(tls_link_t *link, uint8_t version, ccs_view_t message)
{
    ccs_view_t chain[TLS_PEER_CHAIN_MAX];
    if (message.length < 4 || message.at[0] != MESSAGE_CERTIFICATE) {
        return false;
    }
    const size_t count = read_chain(bytes_in(message.at, message.length), version == 13, chain);
    if (link->facts.verdict.reason == PKI_UNJUDGED && count > 0) {
        link->facts.version = version;
        judge(link, chain, count);
        tls_staple_keep(link, chain, count);
    }
    return pki_is_good(&link->facts.verdict);
}

size_t tls_credential_count(const tls_credential_t *credential)
{
    size_t count = 0;
    while (count < PKI_CHAIN_MAX && credential->chain[count].length > 0) {
        count++;
    }
    return count;
}

static uint16_t signature_of(pki_key_kind_t kind)
{
    return kind == PKI_P256    ? TLS_SIGNATURE_P256_SHA256
           : kind == PKI_P521  ? TLS_SIGNATURE_P521_SHA512
           : kind == PKI_ED448 ? TLS_SIGNATURE_ED448
                               : 0;
}

static bool key_is_of(const tls_backend_t *backend, const tls_key_t *key, ccs_view_t point)
{
    uint8_t own[160];
    const size_t length = backend->key_point(key, own, sizeof own);
    return length > 0 && length == point.length && memcmp(own, point.at, length) == 0;
}

bool tls_credential_fits(const tls_backend_t *backend, const tls_credential_t *credential, bool compat, uint16_t *signature)
{
    const uint16_t of_13 = compat ? TLS_SIGNATURES_20 | TLS_SIGNATURE_P256_SHA256 : TLS_SIGNATURES_20;
    const uint16_t allowed = credential->version == 12 ? TLS_SIGNATURE_P256_SHA256 : of_13;
    pki_certificate_t leaf;
    pki_reason_t reason;
    *signature = allowed;
    if (tls_credential_count(credential) == 0 || !credential->key || (credential->version != 12 && credential->version != 13)) {
        return false;
    }
    if (credential->as_it_is) {
        return true;
    }
    if (!pki_read(credential->chain[0], &leaf, &reason)) {
        return false;
    }
    *signature = signature_of(leaf.key.kind);
    return (*signature & allowed) != 0 && key_is_of(backend, credential->key, leaf.key.point);
}

bool tls_root_read(const tls_backend_t *backend, ccs_view_t der, tls_root_t *root)
{
    pki_certificate_t certificate;
    pki_reason_t reason;
    if (!pki_read(der, &certificate, &reason)) {
        return false;
    }
    root->name = pki_name_whole(certificate.subject);
    return backend->hash(TLS_SHA1, der, root->certificate_sha1) &&
           backend->hash(TLS_SHA1, certificate.key.point, root->key_sha1); /* RFC 6066 6: of subjectPublicKey */
}
