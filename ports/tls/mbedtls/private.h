/* Between the files of the Mbed TLS backend. SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TLS_MBEDTLS_PRIVATE_H
#define CCS_TLS_MBEDTLS_PRIVATE_H

#include "ports/tls/mbedtls/version.h"

enum { MBED_LIST = 6 };

struct tls_engine_config {
    mbedtls_ssl_config conf;
    mbedtls_x509_crt own;
    int suites[MBED_LIST];
    uint16_t groups[MBED_LIST], signatures[MBED_LIST];
};

struct tls_engine {
    mbedtls_ssl_context ssl;
    tls_link_t *link;
    size_t unsent; /* octets of the last write that still wait for room */
};

tls_engine_config_t *mbed_config_new(const tls_engine_spec_t *spec);
void mbed_config_free(tls_engine_config_t *config);

tls_key_t *mbed_key_load(ccs_view_t der);
size_t mbed_key_point(const tls_key_t *key, uint8_t *point, size_t size);
void mbed_key_free(tls_key_t *key);
mbedtls_pk_context *mbed_key(const tls_key_t *key); /* borrowed */

#endif
