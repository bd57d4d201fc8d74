/* OCSP responses of the development PKI: good ones, and ones that must not be believed.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PKI_OCSP_H
#define CCS_PKI_OCSP_H

#include "mint.h"
#include "pki/pki.h"

#include <openssl/ocsp.h>

typedef enum ocsp_state { OCSP_GOOD, OCSP_REVOKED, OCSP_UNKNOWN } ocsp_state_t;

typedef struct ocsp_answer {
    const char *name;        /* of the file: "secc", "secc-revoked" */
    const char *certificate; /* whom it is about */
    const char *issuer;      /* of the certificate */
    const char *signer;
    ocsp_state_t state;
    bool expired;
    pki_reason_t reason; /* what src/pki says of it */
} ocsp_answer_t;

extern const ocsp_answer_t ocsp_answers[];
extern const size_t ocsp_answers_count;

/* The DER of a response that is valid for a week from from_s; freed by OPENSSL_free(). 0: OpenSSL refused. */
size_t ocsp_make(const ocsp_answer_t *answer, const minted_t *certificate, const minted_t *issuer, const minted_t *signer,
                 int64_t from_s, uint8_t **der);

/* A response on the certificate of this id, as above. */
size_t ocsp_write(OCSP_CERTID *id, ocsp_state_t state, const minted_t *signer, int64_t from_s, uint8_t **der);

#endif
