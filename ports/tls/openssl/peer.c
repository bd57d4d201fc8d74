/* The peer's chain: taken from its Certificate message as it came, since what OpenSSL gives out is encoded anew, and what is wrong
 * with the encoding would be mended. SPDX-License-Identifier: Apache-2.0 */
#include "ports/tls/openssl/private.h"

void openssl_on_message(int write, int version, int type, const void *octets, size_t length, SSL *ssl, void *arg)
{
    tls_link_t *const link = arg;
    (void)version;
    if (!write && type == SSL3_RT_HANDSHAKE) {
        (void)tls_link_judge(link, SSL_version(ssl) == TLS1_3_VERSION ? 13 : 12, (ccs_view_t){octets, length});
    }
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
