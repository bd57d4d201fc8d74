/* Private keys, certificate requests and all that the store asks of cryptography, by Mbed TLS 3.6: where there is no OpenSSL.
 *
 * P-256 and P-521; the library has no Ed448, and keys in tokens are not for it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_KEYS_MBEDTLS_H
#define CCS_KEYS_MBEDTLS_H

#include "ports/common/store/store.h"
#include "ports/tls/tls.h"

store_crypto_t keys_mbedtls(void);

/* For its TLS; owned by the store's key. */
const tls_key_t *keys_mbedtls_handle(const store_key_t *key);

#endif
