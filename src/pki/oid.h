/* The object identifiers that matter here. Private to src/pki.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PKI_OID_H
#define CCS_PKI_OID_H

#include "ccs/view.h"

typedef struct oid_row {
    uint8_t length;
    uint8_t octets[10];
    uint8_t value; /* never 0; a row with length 0 ends a table */
} oid_row_t;

typedef enum oid_key { OID_EC = 1, OID_ED448 } oid_key_t;
typedef enum oid_access { OID_OCSP = 1 } oid_access_t;
typedef enum oid_response { OID_BASIC_RESPONSE = 1 } oid_response_t;
typedef enum oid_hash { OID_SHA1 = 1, OID_SHA256 } oid_hash_t;
typedef enum oid_extension {
    OID_BASIC_CONSTRAINTS = 1,
    OID_KEY_USAGE,
    OID_EXTENDED_KEY_USAGE,
    OID_SUBJECT_KEY_ID,
    OID_AUTHORITY_KEY_ID,
    OID_AUTHORITY_INFO_ACCESS
} oid_extension_t;

extern const oid_row_t oid_keys[];       /* oid_key_t */
extern const oid_row_t oid_curves[];     /* pki_key_kind_t */
extern const oid_row_t oid_algorithms[]; /* pki_algorithm_t */
extern const oid_row_t oid_extensions[]; /* oid_extension_t */
extern const oid_row_t oid_purposes[];   /* pki_purpose_t */
extern const oid_row_t oid_accesses[];   /* oid_access_t */
extern const oid_row_t oid_attributes[]; /* pki_attribute_t */
extern const oid_row_t oid_responses[];  /* oid_response_t */
extern const oid_row_t oid_hashes[];     /* oid_hash_t */

/* The value that a table gives to an identifier; 0: it is not in it. */
unsigned oid_value(const oid_row_t *table, ccs_view_t oid);

#endif
