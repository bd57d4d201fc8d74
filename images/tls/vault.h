/* Credentials and roots as they lie in the board's memory when it starts; a product has its store (ports/common/store) there.
 *
 *     "CCSV"  entry ...  END          entry: tag, version (12, 13 or 0), length (2, big-endian), octets
 *
 * Nothing is copied: the views are into that memory. SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_IMAGES_TLS_VAULT_H
#define CCS_IMAGES_TLS_VAULT_H

#include "ports/tls/tls.h"

enum { VAULT_SIZE = 65536, VAULT_CREDENTIALS_MAX = 2, VAULT_ROOTS_MAX = 4 };

typedef enum vault_tag {
    VAULT_END,
    VAULT_CERTIFICATE, /* of the chain of this version, leaf first */
    VAULT_KEY,         /* of that leaf, DER */
    VAULT_OWN_ROOT,    /* that this chain stands under */
    VAULT_V2G_ROOT,
    VAULT_OEM_ROOT,
    VAULT_TIME /* UTC in seconds, 8 octets big-endian: the board's clock at its start */
} vault_tag_t;

typedef struct vault {
    tls_credential_t credential[VAULT_CREDENTIALS_MAX];
    ccs_view_t key[VAULT_CREDENTIALS_MAX];
    size_t credentials;
    ccs_view_t root[PKI_STORES_COUNT][VAULT_ROOTS_MAX];
    size_t roots[PKI_STORES_COUNT];
    int64_t utc_s;
} vault_t;

/* False: there is none, or it does not end. */
bool vault_read(vault_t *vault, const uint8_t *memory);

#endif
