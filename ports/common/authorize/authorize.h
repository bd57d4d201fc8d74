/* Who may charge: the site's answer to CCS_NEED_AUTHORIZATION.
 *
 * free  everybody.   deny  nobody.   ask  whoever a person lets in: a token shown before the car asks waits for it for a while; a
 * token shown while the car waits opens at once. One token is good for one session.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_AUTHORIZE_AUTHORIZE_H
#define CCS_AUTHORIZE_AUTHORIZE_H

#include "ccs/event.h"

typedef enum authorize_policy { AUTHORIZE_FREE, AUTHORIZE_ASK, AUTHORIZE_DENY } authorize_policy_t;

enum { AUTHORIZE_TOKEN_SIZE = 64 };

typedef struct authorizer {
    authorize_policy_t policy;
    int64_t token_ms;                      /* how long a token waits */
    int64_t token_until_ms;                /* 0: no token waits */
    char token[AUTHORIZE_TOKEN_SIZE];      /* who is let in next */
    char used_token[AUTHORIZE_TOKEN_SIZE]; /* who was let in last */
    uint32_t job;                          /* of the car that waits; 0: none does */
} authorizer_t;

void authorize_init(authorizer_t *authorizer, authorize_policy_t policy, int64_t token_ms);

/* The car asks. NOT_YET: the job stays open and authorize_allow() or authorize_refuse() end it. */
ccs_verdict_t authorize_ask(authorizer_t *authorizer, uint32_t job, int64_t now_ms);

/* Nobody needs the answer any more. */
void authorize_cancel(authorizer_t *authorizer, uint32_t job);

/* A person lets somebody in. Returns the job to answer GRANTED now; 0: the token waits (or everybody is free anyway).
 * token may be NULL: an unnamed person. */
uint32_t authorize_allow(authorizer_t *authorizer, const char *token, int64_t now_ms);

/* A person says no. Returns the job to answer DENIED; 0: nobody waits. A waiting token is forgotten. */
uint32_t authorize_refuse(authorizer_t *authorizer);

bool authorize_token_waits(const authorizer_t *authorizer, int64_t now_ms);

#endif
