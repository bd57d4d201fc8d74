/* The development PKI: every certificate of every role, the chains that must be accepted and those that must be refused.
 *
 * One tree for each kind of key: P-256 is ISO 15118-2, P-521 and Ed448 are ISO 15118-20. All of it is tables (tree.c).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PKI_TREE_H
#define CCS_PKI_TREE_H

#include "mint.h"
#include "pki/pki.h"

enum { TREE_MAX = 128, CASE_CERTIFICATES_MAX = 12 };

typedef struct tree {
    mint_t mint;
    minted_t item[TREE_MAX];
    size_t count;
} tree_t;

/* 2024-01-01 .. 2045-01-01: fixed, so that what is made today is judged alike in ten years, by an injected clock. */
enum { TREE_FROM_S = 1704067200 };
#define TREE_UNTIL_S INT64_C(2366841600)
#define TREE_NOW_S   INT64_C(1893456000) /* 2030-01-01: when cases are judged */

/* False: OpenSSL refused. The tree is freed by tree_free() in both cases. */
bool tree_make(tree_t *tree, mint_kind_t kind, int64_t from_s, int64_t until_s);
void tree_free(tree_t *tree);

/* NULL: none of this name. */
const minted_t *tree_find(const tree_t *tree, const char *name);

const char *tree_folder(mint_kind_t kind); /* "iso2", "iso20-p521", "iso20-ed448" */
pki_edition_t tree_edition(mint_kind_t kind);

/* What holds in a case beyond certificates and roots. */
typedef enum case_flag {
    CASE_ISO2 = 1 << 0, /* editions that have it; none of the two: both */
    CASE_ISO20 = 1 << 1,
    CASE_NO_ED448 = 1 << 2,     /* makes no sense there */
    CASE_REVOKED = 1 << 3,      /* the leaf is known to be revoked */
    CASE_REVOKED_SUB = 1 << 4,  /* the first sub-CA is */
    CASE_NO_STATUS = 1 << 5,    /* nothing is known of the leaf */
    CASE_STALE = 1 << 6,        /* the answer on the leaf is out of date */
    CASE_OTHER_STATUS = 1 << 7, /* there is an answer, on another certificate */
    CASE_NO_TIME = 1 << 8,
    CASE_NAME = 1 << 9,       /* the name announced is another one */
    CASE_OTHER_KEY = 1 << 10, /* our key is another one */
    CASE_LARGE = 1 << 11      /* good, and said to be large */
} case_flag_t;

typedef struct tree_case {
    const char *name;
    pki_role_t role;
    const char *chain;                   /* names, leaf first */
    const char *roots[PKI_STORES_COUNT]; /* names in the stores V2G, OEM, MO; NULL: the usual ones */
    unsigned flags;
    pki_reason_t reason;
    uint8_t at;          /* which certificate the reason is about */
    bool openssl_agrees; /* good ones: `openssl verify` says the same */
} tree_case_t;

extern const tree_case_t tree_cases[];
extern const size_t tree_cases_count;

bool case_applies(const tree_case_t *one, mint_kind_t kind);

/* The certificates of a case, of its chain or of a store. Returns how many. */
size_t case_certificates(const tree_t *tree, const char *names, const minted_t *found[CASE_CERTIFICATES_MAX]);
const char *case_roots(const tree_case_t *one, pki_store_kind_t store);

/* Judges a case by src/pki, as tests and `ccs-pki make` do. */
pki_verdict_t case_judge(const tree_t *tree, const tree_case_t *one, pki_cache_t *cache);

#endif
