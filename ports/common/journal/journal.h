/* The journal: one line of JSON per session, appended and flushed to the disk before anybody is told.
 *
 * Never lost: a line that cannot be written stays in memory and is tried again. Each once: a line is written whole or taken back;
 * a line torn by a power cut is closed off at the next start, so that it cannot spoil its successor.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_JOURNAL_JOURNAL_H
#define CCS_JOURNAL_JOURNAL_H

#include <cjson/cJSON.h>

#include "ccs/secc.h"

enum { JOURNAL_LINE_SIZE = 1536, JOURNAL_WAITING_MAX = 32, JOURNAL_RECENT = 16, JOURNAL_RETRY_MS = 5000 };

/* What the record does not know by itself. Texts may be NULL. */
typedef struct journal_facts {
    unsigned outlet;
    const char *meter_id;
    const char *hal;
    const char *capture;
    uint32_t capture_left_out; /* packets that its limit kept out of it */
} journal_facts_t;

typedef struct journal {
    char path[300];
    uint64_t next_id; /* of the next line; goes on where the file ended */
    char waiting[JOURNAL_WAITING_MAX][JOURNAL_LINE_SIZE];
    size_t waiting_first, waiting_count;
    int64_t retry_at_ms;
    char recent[JOURNAL_RECENT][JOURNAL_LINE_SIZE];
    size_t recent_count; /* ever; the newest is at (recent_count - 1) % JOURNAL_RECENT */
    uint32_t write_errors;
    int last_errno;
} journal_t;

/* Opens or creates the file; false: errno says why. */
bool journal_open(journal_t *journal, const char *path);

/* Adds a line; false: it could not be written yet and waits. */
bool journal_add(journal_t *journal, const ccs_record_t *record, const journal_facts_t *facts, int64_t now_ms);

/* Whether a session of this outlet, begun at that time with that session id, has its line in the file. Reads all of it: at start.
 */
bool journal_has(const journal_t *journal, unsigned outlet, const ccs_record_t *record);

/* Tries what waits again; call at journal_deadline_ms(). true: nothing waits any more. */
bool journal_flush(journal_t *journal, int64_t now_ms);
int64_t journal_deadline_ms(const journal_t *journal); /* INT64_MAX: nothing waits */

/* The last lines of this run, oldest first, as a JSON array. */
cJSON *journal_recent(const journal_t *journal);

/* The line of a record. id: its number in the file, never used twice. */
cJSON *journal_json(uint64_t id, const ccs_record_t *record, const journal_facts_t *facts);

#endif
