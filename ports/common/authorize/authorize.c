/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/authorize/authorize.h"

#include <string.h>

void authorize_init(authorizer_t *authorizer, authorize_policy_t policy, int64_t token_ms)
{
    *authorizer = (authorizer_t){.policy = policy, .token_ms = token_ms};
}

bool authorize_token_waits(const authorizer_t *authorizer, int64_t now_ms)
{
    return authorizer->token_until_ms > now_ms;
}

static void token_use(authorizer_t *authorizer)
{
    memcpy(authorizer->used_token, authorizer->token, sizeof authorizer->used_token);
    memset(authorizer->token, 0, sizeof authorizer->token);
    authorizer->token_until_ms = 0;
    authorizer->job = 0;
}

ccs_verdict_t authorize_ask(authorizer_t *authorizer, uint32_t job, int64_t now_ms)
{
    if (authorizer->policy == AUTHORIZE_FREE) {
        return CCS_GRANTED;
    }
    if (authorizer->policy == AUTHORIZE_DENY) {
        return CCS_DENIED;
    }
    if (authorize_token_waits(authorizer, now_ms)) {
        token_use(authorizer);
        return CCS_GRANTED;
    }
    authorizer->job = job;
    return CCS_NOT_YET;
}

void authorize_cancel(authorizer_t *authorizer, uint32_t job)
{
    if (authorizer->job == job) {
        authorizer->job = 0;
    }
}

uint32_t authorize_allow(authorizer_t *authorizer, const char *token, int64_t now_ms)
{
    const uint32_t job = authorizer->job;
    const char *name = token == NULL ? "" : token;
    const size_t length = strlen(name);
    if (authorizer->policy != AUTHORIZE_ASK) {
        return 0;
    }
    memset(authorizer->token, 0, sizeof authorizer->token);
    memcpy(authorizer->token, name, length < sizeof authorizer->token ? length : sizeof authorizer->token - 1);
    if (job != 0) {
        token_use(authorizer);
        return job;
    }
    authorizer->token_until_ms = now_ms + authorizer->token_ms;
    return 0;
}

uint32_t authorize_refuse(authorizer_t *authorizer)
{
    const uint32_t job = authorizer->job;
    authorizer->job = 0;
    authorizer->token_until_ms = 0;
    memset(authorizer->token, 0, sizeof authorizer->token);
    return job;
}
