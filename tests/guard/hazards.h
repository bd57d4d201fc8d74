/* Each hazard, the rule against it, how fast it acts, and the tests that prove it; printed into docs/SAFETY.md.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_GUARD_HAZARDS_H
#define CCS_TESTS_GUARD_HAZARDS_H

#include <stddef.h>

enum { HAZARD_TESTS = 4 };

typedef struct hazard {
    const char *what, *rule, *within;
    const char *test[HAZARD_TESTS]; /* "folder/file.c:name"; NULL: no more */
} hazard_t;

extern const hazard_t hazards[];
extern const size_t hazards_count;

#endif
