/* What credentials need as time goes by: OCSP responses before they are too old, and words to people before a certificate ends.
 *
 * Nothing is fetched here: each request is a job that the program gives to whoever can reach a responder (a hook program, somebody
 * at the control socket), and the answer comes back with the job's id. It is believed only if src/pki believes it.
 *
 *     upkeep_look(&upkeep, &snapshot, time, now_ms);        after each new snapshot, and at upkeep_deadline_ms()
 *     upkeep_answer(&upkeep, &store, id, response, time, now_ms);
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_STORE_UPKEEP_H
#define CCS_STORE_UPKEEP_H

#include "ports/common/store/store.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    UPKEEP_FRESH_S = 6 * 86400, /* a response is renewed at half of its life, and after this: a week is the most [V2G2-649] */
    UPKEEP_ANSWER_MS = 120000,  /* how long a job waits for its answer */
    UPKEEP_RETRY_MS = 60000,    /* after a failure; doubles with each one */
    UPKEEP_RETRY_MAX_MS = 21600000,
    UPKEEP_LOOK_MS = 600000, /* how often the clock is looked at */
    UPKEEP_REQUEST_MAX = 192,
    UPKEEP_ITEMS = STORE_SLOTS_COUNT * 2 * STORE_CHAIN_MAX,
    UPKEEP_NAME_SIZE = 72
};

/* Views live until the call returns. */
typedef struct upkeep_job {
    uint32_t id;
    ccs_view_t certificate, issuer; /* DER */
    ccs_view_t uri;                 /* of the responder, as the certificate tells; empty: it does not */
    ccs_view_t request;             /* OCSPRequest, DER */
    const char *name;               /* common name, for people */
} upkeep_job_t;

typedef enum upkeep_warning_kind {
    UPKEEP_ENDS,        /* within days */
    UPKEEP_ENDED,       /* the chain cannot be used any more */
    UPKEEP_REVOKED,     /* a certificate of ours is: no car takes it */
    UPKEEP_NO_RESPONSE, /* none that is in date is left, and asking did not help */
    UPKEEP_WARNINGS
} upkeep_warning_kind_t;

typedef struct upkeep_warning {
    upkeep_warning_kind_t kind;
    unsigned days; /* ENDS: 60, 21 or 7 */
    int64_t until_s;
    store_slot_t slot;
    store_age_t age;
    size_t at; /* which certificate of the chain; its count: the root */
    const char *name;
} upkeep_warning_t;

typedef struct upkeep_item {
    uint8_t sha256[PKI_SHA256_SIZE]; /* of the certificate */
    bool used, seen;
    uint8_t warned; /* how many of the steps have been told */
    bool told_revoked, told_missing;
    uint32_t job;   /* 0: none is out */
    int64_t due_ms; /* of the next request */
    int64_t answer_by_ms;
    uint32_t failures;
} upkeep_item_t;

typedef struct upkeep_config {
    const store_crypto_t *crypto;
    bool ocsp; /* ask for responses at all */
    void *ctx;
    void (*ask)(void *ctx, const upkeep_job_t *job); /* may fail by upkeep_failed(), later or at once */
    void (*warn)(void *ctx, const upkeep_warning_t *warning);
} upkeep_config_t;

typedef struct upkeep {
    upkeep_config_t config;
    upkeep_item_t item[UPKEEP_ITEMS + STORE_SLOTS_COUNT * 2]; /* certificates and roots of ours */
    uint32_t last_job;
    int64_t look_ms;   /* at the latest */
    int64_t looked_ms; /* the last time; what was due then has been seen to */
} upkeep_t;

void upkeep_init(upkeep_t *upkeep, const upkeep_config_t *config);

/* Asks for what is due and warns of what ends. Without a trusted time nothing is asked: no response could be judged. */
void upkeep_look(upkeep_t *upkeep, const store_snapshot_t *snapshot, store_time_t time, int64_t now_ms);
int64_t upkeep_deadline_ms(const upkeep_t *upkeep);

/* The answer to a job. NOTHING: no such job is out. A response that is not to be believed counts as a failure. */
store_answer_t upkeep_answer(upkeep_t *upkeep, store_t *store, uint32_t id, ccs_view_t response, store_time_t time, int64_t now_ms);
bool upkeep_is_open(const upkeep_t *upkeep, uint32_t id);          /* somebody may still answer it */
void upkeep_failed(upkeep_t *upkeep, uint32_t id, int64_t now_ms); /* whoever was asked could not */

/* One line for people. */
void upkeep_warning_text(const upkeep_warning_t *warning, char *text, size_t size);

/* An OCSPRequest for one certificate (RFC 6960), named by SHA-256. 0: does not fit, or a certificate that cannot be read. */
size_t upkeep_request(const pki_crypto_t *crypto, ccs_view_t certificate, ccs_view_t issuer, uint8_t *to, size_t size);

#ifdef __cplusplus
}
#endif
#endif
