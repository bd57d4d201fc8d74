/* The trace as people and programs read it: one line of text, or one line of JSON, per record.
 *
 * A message that repeats the one before, as in the loop of a charge, is of level debug: only its numbers are new. A flood of one
 * kind of record is cut to lines_s a second, and what is left out is counted and told.
 * Where lines go is a sink's business; a sink never blocks (a reader that stops must not stop a charge) and may drop lines.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LOG_LOG_H
#define CCS_LOG_LOG_H

#include <cjson/cJSON.h>

#include "ccs/trace.h"
#include "ports/common/log/flow.h"

typedef struct log_sink {
    void *ctx;
    void (*write)(void *ctx, const char *line, size_t length); /* the line ends with a newline; NULL: no such log */
} log_sink_t;

typedef struct log {
    log_sink_t text, json;
    ccs_level_t level;       /* of the text log; the JSON log takes every level */
    int64_t (*utc_us)(void); /* wall clock */
    unsigned outlet;         /* whose record it is, where there are several outlets; 0: not told */
    uint32_t lines_s;        /* of a room and event, in each log; 0: no limit */
    /* The message that a record's octets hold, with the schema's own names; NULL: not decodable. May be NULL itself. */
    cJSON *(*decode)(void *ctx, const ccs_trace_record_t *record);
    void *decode_ctx;
    flow_t text_flow, json_flow; /* private, as is the rest: all zero at first */
    flow_repeats_t repeats;
} log_t;

/* One record of the trace; fits ccs_trace_t.hook with a log_t as its ctx. */
void log_record(void *log, const ccs_trace_record_t *record);

/* A line of the program's own; text may be NULL. */
void log_say(log_t *log, ccs_level_t level, int64_t now_ms, const char *room, const char *event, const char *text);

/* Tells what was left out and is not told yet: at the end of a program. */
void log_end(log_t *log, int64_t now_ms);

const char *log_level_name(ccs_level_t level);

/* "2026-11-24T08:00:00.123Z" */
enum { LOG_TIME_SIZE = 32 };
void log_time(int64_t utc_us, char text[LOG_TIME_SIZE]);

/* "01FE8001"; size must be at least 2 * length + 1, else the end is cut. */
void log_hex(const uint8_t *octets, size_t length, char *text, size_t size);

#endif
