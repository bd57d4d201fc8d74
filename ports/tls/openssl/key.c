/* Private keys: an EVP_PKEY behind an opaque pointer. SPDX-License-Identifier: Apache-2.0 */
#include "ports/tls/openssl/key.h"

#include <openssl/core_names.h>
#include <openssl/x509.h>

#include "ports/tls/openssl/private.h"

tls_key_t *tls_openssl_key(EVP_PKEY *key)
{
    return (tls_key_t *)key;
}

EVP_PKEY *openssl_key(const tls_key_t *key)
{
    return (EVP_PKEY *)(uintptr_t)key;
}

tls_key_t *openssl_key_load(ccs_view_t der)
{
    const unsigned char *at = der.at;
    return tls_openssl_key(d2i_AutoPrivateKey(NULL, &at, (long)der.length));
}

size_t openssl_key_point(const tls_key_t *key, uint8_t *point, size_t size)
{
    size_t length = 0;
    EVP_PKEY *const pkey = openssl_key(key);
    if (EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, point, size, &length) == 1) {
        return length;
    }
    length = size;
    return EVP_PKEY_get_raw_public_key(pkey, point, &length) == 1 ? length : 0;
}

void openssl_key_free(tls_key_t *key)
{
    EVP_PKEY_free(openssl_key(key));
}
