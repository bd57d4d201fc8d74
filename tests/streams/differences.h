/* What two answers to the same request say differently, gathered over a connection and printed for people.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_DIFFERENCES_H
#define CCS_TESTS_DIFFERENCES_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { DIFFERENCES_MAX = 400, DIFFERENCE_PATH_MAX = 160, DIFFERENCE_VALUE_MAX = 48 };

/* The same place with the same pair of words counts up; for numbers the place alone is enough, and the first pair is kept. */
typedef struct difference {
    char path[DIFFERENCE_PATH_MAX]; /* "CableCheckRes/DC_EVSEStatus/EVSEStatusCode" */
    char theirs[DIFFERENCE_VALUE_MAX];
    char ours[DIFFERENCE_VALUE_MAX];
    bool number;
    unsigned count;
} difference_t;

typedef struct differences {
    difference_t at[DIFFERENCES_MAX];
    size_t count;
} differences_t;

/* theirs, ours: a message as ccs-dump prints it. A physical value counts as one number. */
void differences_add(differences_t *differences, const cJSON *theirs, const cJSON *ours);

/* Message by message, a line each: place, theirs -> ours, how often. */
void differences_print(const differences_t *differences, FILE *to);

#endif
