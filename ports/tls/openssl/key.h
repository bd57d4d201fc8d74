/* Keys that only OpenSSL reaches: a PKCS#11 token, a TPM, by an engine or a provider of OpenSSL.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TLS_OPENSSL_KEY_H
#define CCS_TLS_OPENSSL_KEY_H

#include <openssl/evp.h>

#include "ports/tls/tls.h"

/* Takes a key that was loaded by OpenSSL's own means; it is freed by tls_key_free(). */
tls_key_t *tls_openssl_key(EVP_PKEY *key);

#endif
