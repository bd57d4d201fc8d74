/* Private keys, certificate requests and all that the store asks of cryptography, by OpenSSL 3.
 *
 * Keys in a token (PKCS#11) are named "pkcs11:token=...;object=...;pin-value=..." and never leave it. They need the package
 * libengine-pkcs11-openssl, which is looked for when the first such name is used.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_KEYS_OPENSSL_H
#define CCS_KEYS_OPENSSL_H

#include "ports/common/store/store.h"

#include <openssl/evp.h>

store_crypto_t keys_openssl(void);

/* The library's own handle, for its TLS; owned by the store's key. */
EVP_PKEY *keys_openssl_handle(const store_key_t *key);

#endif
