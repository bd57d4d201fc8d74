/* What the standards demand of each certificate of a chain, as tables. Private to src/pki.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PKI_PROFILE_H
#define CCS_PKI_PROFILE_H

#include "pki/pki.h"

/* What an edition demands of every certificate. */
typedef struct profile_edition {
    uint8_t keys;       /* pki_key_kind_t bits */
    uint8_t algorithms; /* pki_algorithm_t bits, of every signature below the root */
    uint16_t size_max;  /* octets; in a TLS handshake of ISO 15118-2 no schema limits them, so there the size is soft */
} profile_edition_t;

/* What a role demands, by edition where they differ. Every leaf has the key usage digitalSignature. */
typedef struct profile_role {
    uint8_t
        stores[PKI_EDITIONS_COUNT]; /* 1 << pki_store_kind_t: whose roots may anchor it; 0: the edition does not have the role */
    bool size_is_soft[PKI_EDITIONS_COUNT]; /* larger ones are good, and said to be large */
    uint8_t subs_max;                      /* sub-CAs between leaf and root */
    uint8_t purposes;                      /* extended key usages of the leaf: one of these, if it has any */
    bool purpose_needed;
    uint8_t subject;             /* attributes that the leaf's subject must have */
    uint8_t subject_only;        /* the only ones that it may have; 0: any */
    const char *domain;          /* domain component of the leaf; NULL: none may be there */
    const char *subs_domains[2]; /* of a sub-CA, if it has one */
} profile_role_t;

/* One role in one edition. */
typedef struct profile {
    const profile_role_t *role;
    const profile_edition_t *edition;
    uint8_t stores; /* 0: there is no such role, and nothing anchors it */
    bool size_is_soft;
} profile_t;

profile_t profile_of(pki_role_t role, pki_edition_t edition);

/* Judges one certificate by itself. below: CAs between it and the leaf. GOOD: nothing is wrong with it. */
pki_reason_t profile_leaf(const profile_t *profile, const pki_request_t *request, const pki_certificate_t *certificate);
pki_reason_t profile_sub(const profile_t *profile, const pki_request_t *request, const pki_certificate_t *certificate,
                         unsigned below);
pki_reason_t profile_root(const pki_certificate_t *certificate, unsigned below);
bool profile_takes_key(const profile_t *profile, const pki_request_t *request, pki_key_kind_t kind);

#endif
