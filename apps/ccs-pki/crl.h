/* Revocation lists of the development PKI: good ones, and ones that must not be believed.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PKI_CRL_H
#define CCS_PKI_CRL_H

#include "tree.h"

typedef enum crl_flag { CRL_EXPIRED = 1 << 0, CRL_ENDLESS = 1 << 1, CRL_PARTIAL = 1 << 2 } crl_flag_t;

typedef struct crl_spec {
    const char *name;    /* of the file: "vehsub2", "vehsub2-revoked" */
    const char *about;   /* whose list it is taken for */
    const char *issuer;  /* whom it names as its issuer */
    const char *signer;  /* whose key has signed */
    const char *revoked; /* a certificate; NULL: none */
    unsigned flags;
    pki_reason_t reason; /* what src/pki says of it */
} crl_spec_t;

extern const crl_spec_t crl_specs[];
extern const size_t crl_specs_count;

/* The DER of a list that is valid for a week from from_s; freed by OPENSSL_free(). 0: OpenSSL refused. */
size_t crl_make(const tree_t *tree, const crl_spec_t *spec, int64_t from_s, uint8_t **der);

#endif
