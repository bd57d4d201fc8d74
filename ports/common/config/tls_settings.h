/* What a car can be told of TLS: its section [tls]. A charger has its store (docs/CERTIFICATES.md).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_CONFIG_TLS_SETTINGS_H
#define CCS_CONFIG_TLS_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

enum { TLS_SETTINGS_PATH_SIZE = 256 };

typedef enum tls_settings_backend { TLS_SETTINGS_OPENSSL, TLS_SETTINGS_MBEDTLS } tls_settings_backend_t;
typedef enum tls_settings_versions { TLS_SETTINGS_BOTH, TLS_SETTINGS_12, TLS_SETTINGS_13 } tls_settings_versions_t;

typedef enum tls_settings_ocsp { TLS_SETTINGS_OCSP_OFF, TLS_SETTINGS_OCSP_WANT, TLS_SETTINGS_OCSP_REQUIRE } tls_settings_ocsp_t;

/* Paths of files, PEM or DER; "": none. */
typedef struct tls_settings {
    uint8_t backend;
    uint8_t versions;                                                /* that it offers */
    uint8_t ocsp;                                                    /* of the charger's response on its leaf */
    char chain[TLS_SETTINGS_PATH_SIZE], key[TLS_SETTINGS_PATH_SIZE]; /* the vehicle certificate, for ISO 15118-20 */
    char v2g_roots[TLS_SETTINGS_PATH_SIZE];
    char password[TLS_SETTINGS_PATH_SIZE];
    bool static_ecdh, compat;
} tls_settings_t;

#endif
