/* Private keys: a pk context behind an opaque pointer. SPDX-License-Identifier: Apache-2.0 */
#include <mbedtls/platform.h>

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

size_t mbed_key_point(const tls_key_t *key, uint8_t *point, size_t size)
{
    return mbed_write_point(mbed_key(key), point, size);
}

void mbed_key_free(tls_key_t *key)
{
    mbedtls_pk_free(mbed_key(key));
    mbedtls_free(mbed_key(key));
}
