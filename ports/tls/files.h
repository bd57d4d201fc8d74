/* Credentials and roots from files: one snapshot for a charger, one set of settings for a car. PEM or DER.
 *
 * Read once, whole, at each call; the snapshot that comes out holds everything itself and is freed when it is dropped and its last
 * link has gone. A key that other users of the system may read is refused.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PORT_TLS_FILES_H
#define CCS_PORT_TLS_FILES_H

#include "ports/tls/tls.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Paths; NULL or "": none. */
typedef struct tls_files {
    const char *chain_12, *key_12, *ocsp_12; /* ISO 15118-2: leaf first, its key, the OCSP response on the leaf (DER) */
    const char *chain_13, *key_13, *ocsp_13; /* ISO 15118-20; a car's: the vehicle certificate */
    const char *roots_v2g, *roots_oem;       /* one file each: as many certificates as there are (PEM), or one (DER) */
    const char *password;                    /* file whose first line opens encrypted keys */
} tls_files_t;

enum { TLS_FILES_ERROR = 300 };

/* NULL: error has one line. Free it by tls_server_drop(). site: as in tls_server_config_t. */
tls_server_t *tls_files_server(const tls_backend_t *backend, const tls_files_t *files, const tls_site_t *site,
                               char error[TLS_FILES_ERROR]);

/* config: what is not told by files (backend, versions, what is told to the charger). NULL: error has one line. */
tls_client_t *tls_files_client(const tls_client_config_t *config, const tls_files_t *files, char error[TLS_FILES_ERROR]);
void tls_files_client_free(tls_client_t *client);

#ifdef __cplusplus
}
#endif
#endif
