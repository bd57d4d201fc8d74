/* How much of a stream of records is shown: a flood of one kind costs a bounded number of lines, and says how many were left out.
 *
 * A kind is a room and an event of one outlet. Each may have so many lines a second, and a burst of FLOW_BURST_S seconds' worth; so
 * a car that sends thousands of requests a second leaves no gap in what the guard or another car has to say.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LOG_FLOW_H
#define CCS_LOG_FLOW_H

#include <stdbool.h>

#include "ccs/trace.h"

enum {
    FLOW_KINDS = 256, /* some 30 an outlet; more than that share the last one */
    FLOW_BURST_S = 4,
    FLOW_TELL_MS = 1000, /* what was left out is told once in so long */
    FLOW_OUTLETS = 9     /* 0: a charger that has but one */
};

/* Names are constants, so that a pointer is an identity. */
typedef struct flow_kind {
    unsigned outlet;
    const char *room, *event;
    ccs_level_t level;
    int64_t at_ms;     /* of the last line that was asked for */
    int64_t told_ms;   /* when the present gap began, or was last told of */
    int64_t spent;     /* thousandths of a line, falling with time */
    uint32_t left_out; /* not told yet */
} flow_kind_t;

typedef struct flow {
    flow_kind_t kind[FLOW_KINDS];
    size_t kinds;
    size_t gaps; /* kinds of which something is left out and not told */
} flow_t;

/* Whether the record is shown. lines_s 0: every one is. */
bool flow_pass(flow_t *flow, unsigned outlet, const ccs_trace_record_t *record, uint32_t lines_s);

/* One gap to be told now, with its count; false: none. now_ms INT64_MAX: all of them. */
bool flow_gap(flow_t *flow, int64_t now_ms, flow_kind_t *gap);

/* The newest request and answer of each outlet. */
typedef struct flow_repeats {
    uint32_t last[FLOW_OUTLETS][2];
} flow_repeats_t;

/* Whether a message says in words what the one before of its direction said: once in the loop, the numbers alone change. */
bool flow_repeats(flow_repeats_t *repeats, unsigned outlet, const ccs_trace_record_t *record);

#endif
