/* The peer's chain: taken from its Certificate message as it came, since what OpenSSL gives out is encoded anew, and what is wrong
 * with the encoding would be mended. SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"
#include "ports/tls/openssl/private.h"

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

void openssl_on_message(int write, int version, int type, const void *octets, size_t length, SSL *ssl, void *arg)
{
    tls_link_t *const link = arg;
    const uint8_t *const at = octets;
    ccs_view_t chain[TLS_PEER_CHAIN_MAX];
    (void)version;
    if (write || type != SSL3_RT_HANDSHAKE || length < 4 || at[0] != MESSAGE_CERTIFICATE) {
        return;
    }
    const bool v13 = SSL_version(ssl) == TLS1_3_VERSION;
    link->facts.version = v13 ? 13 : 12;
    (void)tls_link_judge(link, chain, read_chain(bytes_in(at, length), v13, chain));
}

int openssl_on_verify(X509_STORE_CTX *store, void *arg)
{
    const SSL *const ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    const tls_link_t *const link = ssl ? SSL_get_app_data(ssl) : NULL;
    (void)arg;
    if (link && pki_is_good(&link->facts.verdict)) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }
    const pki_reason_t reason = link ? link->facts.verdict.reason : PKI_UNJUDGED;
    X509_STORE_CTX_set_error(store, reason == PKI_EXPIRED        ? X509_V_ERR_CERT_HAS_EXPIRED
                                    : reason == PKI_REVOKED      ? X509_V_ERR_CERT_REVOKED
                                    : reason == PKI_ROOT_UNKNOWN ? X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
                                                                 : X509_V_ERR_CERT_REJECTED); /* chooses the alert */
    return 0;
}
