/* What the standards demand of each certificate of a chain, as tables. Private to src/pki.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PKI_PROFILE_H
#define CCS_PKI_PROFILE_H

#include "pki/pki.h"

/* One role in one edition: what its leaf and its sub-CAs must be. */
typedef struct profile {
    uint8_t stores;     /* 1 << pki_store_kind_t: whose roots may anchor it; 0: the edition does not have the role */
    uint8_t subs_max;   /* sub-CAs between leaf and root */
    uint8_t keys;       /* pki_key_kind_t bits, of every certificate */
    uint8_t algorithms; /* pki_algorithm_t bits, of every signature below the root */
    uint16_t size_max;  /* octets of a certificate */
    bool size_is_soft;  /* larger ones are good, and said to be large */
    uint16_t usage;     /* key usages that the leaf must have */
    uint8_t purposes;   /* extended key usages of the leaf: one of these, if it has any */
    bool purpose_needed;
    uint8_t subject;             /* attributes that the leaf's subject must have */
    uint8_t subject_only;        /* the only ones that it may have; 0: any */
    const char *domain;          /* domain component of the leaf; NULL: none may be there */
    const char *subs_domains[2]; /* of a sub-CA, if it has one */
} profile_t;

/* Never NULL. */
const profile_t *profile_of(pki_role_t role, pki_edition_t edition);

/* Judges one certificate by itself. below: CAs between it and the leaf. GOOD: nothing is wrong with it. */
pki_reason_t profile_leaf(const profile_t *profile, const pki_request_t *request, const pki_certificate_t *certificate);
pki_reason_t profile_sub(const profile_t *profile, const pki_request_t *request, const pki_certificate_t *certificate,
                         unsigned below);
pki_reason_t profile_root(const pki_certificate_t *certificate, unsigned below);
bool profile_takes_key(const profile_t *profile, const pki_request_t *request, pki_key_kind_t kind);

#endif
