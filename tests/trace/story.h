/* A story: what charger, guard and car did in a simulated charge, one line per event, to be read and to be compared.
 *
 *      time     who      what
 *      1.514  car      CableCheckReq
 *      1.520  guard    TEST
 *
 * Messages are told once, by the car, which sends or receives them; the charger tells what it decides. Requests that repeat are
 * told for the first time and for the last, with their number between.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_TRACE_STORY_H
#define CCS_TESTS_TRACE_STORY_H

#include "sim/session.h"

enum { STORY_SIZE = 1 << 17, STORY_LINE = 320, STORY_WINDOW = 2 };

typedef struct story_line {
    char key[64]; /* who and what, without values */
    char text[STORY_LINE];
} story_line_t;

typedef struct story {
    int64_t begin_ms;
    char text[STORY_SIZE];
    size_t length;
    bool full;
    /* the last told lines, for repeats */
    story_line_t told[STORY_WINDOW];
    story_line_t held[STORY_WINDOW]; /* the last repeats, not told yet */
    uint32_t repeats;
    /* what was seen of the guard */
    ccs_phase_t phase;
    bool settled;
    ccs_why_t why;
    bool tells_pilot; /* what the charger drives; set before story_init() */
    ccs_pilot_drive_t pilot;
    ccs_trace_t car, charger; /* for the two configurations */
} story_t;

void story_init(story_t *story);

/* Lines of the scenario itself: "the driver pulls the plug". */
void story_say(story_t *story, const sim_session_t *session, const char *text);

/* Looks at the guard; call at every step. */
void story_watch(story_t *story, const sim_session_t *session);

/* The whole text so far; ends repeats. */
const char *story_text(story_t *story);

/* Compares with tests/trace/stories/NAME.txt and fails the test with the first line that differs. CCS_REWRITE_STORIES=1 in the
 * environment writes the file instead. */
void story_expect(story_t *story, const char *name);

#endif
