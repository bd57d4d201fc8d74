/* The session that runs, kept on the disk while it runs, so that a charger which dies leaves its record behind.
 *
 * One small file per outlet, replaced as a whole: written beside, flushed, renamed. A file that is torn or of another release
 * counts as none. It is removed when the session's line stands in the journal; where that was not reached any more, journal_has()
 * says so. SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_JOURNAL_UNFINISHED_H
#define CCS_JOURNAL_UNFINISHED_H

#include "ports/common/journal/journal.h"

enum { UNFINISHED_REQUEST_SIZE = 48, UNFINISHED_CAPTURE_SIZE = 400 };

typedef struct unfinished {
    ccs_record_t record; /* as ccs_secc_record() gave it; last_request is beside */
    char last_request[UNFINISHED_REQUEST_SIZE];
    char capture[UNFINISHED_CAPTURE_SIZE];
} unfinished_t;

void unfinished_fill(unfinished_t *unfinished, const ccs_record_t *record, const char *capture);

bool unfinished_write(const char *path, const unfinished_t *unfinished); /* false: errno says why; the old file stays */

/* true: there is one, and record.last_request points into *unfinished, which must stay where it is. */
bool unfinished_read(const char *path, unfinished_t *unfinished);

#endif
