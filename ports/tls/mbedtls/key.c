/* Private keys: a pk context behind an opaque pointer. SPDX-License-Identifier: Apache-2.0 */
#include <mbedtls/platform.h>
#include <string.h>

#include "ports/tls/mbedtls/private.h"

mbedtls_pk_context *mbed_key(const tls_key_t *key)
{
    return (mbedtls_pk_context *)(uintptr_t)key;
}

tls_key_t *mbed_key_load(ccs_view_t der)
{
    mbedtls_pk_context *const pk = mbedtls_calloc(1, sizeof *pk);
    if (!pk) {
        return NULL;
    }
    mbedtls_pk_init(pk);
    if (der.length == 0 || mbed_parse_key(pk, der) != 0) {
        mbed_key_free((tls_key_t *)pk);
        return NULL;
    }
    return (tls_key_t *)pk;
}

/* SubjectPublicKeyInfo ends with the point. */
size_t mbed_key_point(const tls_key_t *key, uint8_t *point, size_t size)
{
    uint8_t info[512];
    const mbedtls_pk_context *const pk = mbed_key(key);
    const size_t length = 1 + 2 * ((mbedtls_pk_get_bitlen(pk) + 7) / 8);
    const int written =
        mbedtls_pk_can_do(pk, MBEDTLS_PK_ECKEY) ? mbedtls_pk_write_pubkey_der(mbed_key(key), info, sizeof info) : -1;
    if (written < 0 || (size_t)written < length || length > size) {
        return 0;
    }
    memcpy(point, info + sizeof info - length, length); /* it is written at the end of the buffer */
    return length;
}

void mbed_key_free(tls_key_t *key)
{
    mbedtls_pk_free(mbed_key(key));
    mbedtls_free(mbed_key(key));
}
