/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/posts/posts.h"

#include <string.h>

#include "base/assert.h"

static post_t *add(posts_t *posts, const ccs_event_t *event)
{
    CCS_ASSERT(posts->count < POSTS_MAX);
    post_t *const post = &posts->post[(posts->first + posts->count) % POSTS_MAX];
    post->event = *event;
    posts->count++;
    return post;
}

void posts_add(posts_t *posts, const ccs_event_t *event)
{
    (void)add(posts, event);
}

bool posts_offer(posts_t *posts, const ccs_event_t *event)
{
    if (posts->count >= POSTS_MAX - POSTS_OWN) {
        return false;
    }
    (void)add(posts, event);
    return true;
}

void posts_report(posts_t *posts, const ccs_report_t *report)
{
    posts->report = *report;
    posts->report_ready = true;
}

void posts_random(posts_t *posts, const ccs_job_t *job, bool (*random)(void *ctx, uint8_t *octets, size_t length), void *ctx)
{
    const size_t length = job->part[0].length;
    const ccs_event_t event = {.type = CCS_ON_ANSWER, .answer = {.id = job->id, .verdict = CCS_UNAVAILABLE}};
    CCS_ASSERT(length <= POSTS_RANDOM_MAX);
    post_t *const post = add(posts, &event);
    if (random(ctx, post->octets, length)) {
        post->event.answer.verdict = CCS_GRANTED;
        post->event.answer.data.length = length; /* at: when it is given out */
    }
}

void posts_forget_link(posts_t *posts, uint8_t link)
{
    for (size_t i = 0; i < posts->count; i++) {
        ccs_event_t *const event = &posts->post[(posts->first + i) % POSTS_MAX].event;
        const bool of_a_link = event->type == CCS_ON_CLOSED || event->type == CCS_ON_SECURED || event->type == CCS_ON_CONNECT;
        if (of_a_link && event->link == link) {
            *event = (ccs_event_t){.type = CCS_ON_TIME};
        }
    }
}

void posts_forget(posts_t *posts)
{
    posts->count = 0;
    posts->report_ready = false;
}

bool posts_wait(const posts_t *posts)
{
    return posts->count > 0 || posts->report_ready;
}

bool posts_take(posts_t *posts, ccs_event_t *out)
{
    if (posts->count == 0) {
        return false;
    }
    const post_t *const post = &posts->post[posts->first];
    *out = post->event;
    if (out->type == CCS_ON_ANSWER && out->answer.data.length > 0) {
        memcpy(posts->given, post->octets, sizeof post->octets);
        out->answer.data.at = posts->given;
    }
    posts->first = (posts->first + 1) % POSTS_MAX;
    posts->count--;
    return true;
}

bool posts_take_report(posts_t *posts, ccs_event_t *out)
{
    if (!posts->report_ready) {
        return false;
    }
    posts->report_ready = false;
    out->type = CCS_ON_REPORT;
    out->report = posts->report;
    return true;
}
