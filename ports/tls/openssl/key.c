/* Private keys: an EVP_PKEY behind an opaque pointer. SPDX-License-Identifier: Apache-2.0 */
#include "ports/tls/openssl/key.h"

#include <openssl/x509.h>
#include <string.h>

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

/* TLS's encoding is the uncompressed one always; the octets that a key of an engine gives as its public half are compressed. */
static size_t point_of_curve(EVP_PKEY *pkey, uint8_t *point, size_t size)
{
    unsigned char *octets = NULL;
    const size_t length = EVP_PKEY_get1_encoded_public_key(pkey, &octets);
    const bool fits = length > 0 && length <= size;
    if (fits) {
        memcpy(point, octets, length);
    }
    OPENSSL_free(octets);
    return fits ? length : 0;
}

size_t openssl_key_point(const tls_key_t *key, uint8_t *point, size_t size)
{
    EVP_PKEY *const pkey = openssl_key(key);
    const bool edwards = EVP_PKEY_is_a(pkey, "ED448") == 1;
    size_t length = size;
    return !edwards ? point_of_curve(pkey, point, size) : EVP_PKEY_get_raw_public_key(pkey, point, &length) == 1 ? length : 0;
}

void openssl_key_free(tls_key_t *key)
{
    EVP_PKEY_free(openssl_key(key));
}
