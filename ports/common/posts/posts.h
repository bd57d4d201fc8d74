/* Events that a port holds for its own core: what its sockets, jobs and neighbours have to tell at the next turn, in order, and the
 * guard's latest report. One thread.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_COMMON_POSTS_H
#define CCS_COMMON_POSTS_H

#include "ccs/event.h"

enum {
    POSTS_MAX = 24,
    POSTS_OWN = 16,       /* of these for the port itself: two per link, answers of jobs */
    POSTS_RANDOM_MAX = 32 /* octets of a random answer; a network key has 16 */
};

typedef struct post {
    ccs_event_t event;
    uint8_t octets[POSTS_RANDOM_MAX];
} post_t;

typedef struct posts {
    post_t post[POSTS_MAX];
    size_t first, count;
    ccs_report_t report;
    bool report_ready;
    uint8_t given[POSTS_RANDOM_MAX]; /* of the answer given out last */
} posts_t;

/* The port's own: there is always room, by construction. */
void posts_add(posts_t *posts, const ccs_event_t *event);

/* From outside. false: full, but for what is the port's own. */
bool posts_offer(posts_t *posts, const ccs_event_t *event);

/* Replaces a report that was not taken: the latest counts. */
void posts_report(posts_t *posts, const ccs_report_t *report);

/* Answers a job that needs random octets; UNAVAILABLE where random gives none. */
void posts_random(posts_t *posts, const ccs_job_t *job, bool (*random)(void *ctx, uint8_t *octets, size_t length), void *ctx);

/* The core has closed the link: what is still held of it must not meet the link's next owner. */
void posts_forget_link(posts_t *posts, uint8_t link);
void posts_forget(posts_t *posts); /* all of it */

bool posts_wait(const posts_t *posts); /* something is held */

/* The next event; its views live until the next call. false: none. */
bool posts_take(posts_t *posts, ccs_event_t *out);
bool posts_take_report(posts_t *posts, ccs_event_t *out);

#endif
