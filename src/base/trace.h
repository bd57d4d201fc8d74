/* Calls the trace hook, if there is one. See ccs/trace.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_BASE_TRACE_H
#define CCS_BASE_TRACE_H

#include "ccs/trace.h"

#include <stdbool.h>
#include <stddef.h>

/* -DCCS_TRACE=0 (cmake -DCCS_TRACE=OFF) leaves trace out of a build, with every name and text that only it needs. */
#ifndef CCS_TRACE
#define CCS_TRACE 1
#endif

/* Text for people in a table: CCS_TEXT("the chip reset itself"). Without trace nobody reads it. */
#if CCS_TRACE
#define CCS_TEXT(text) text
#else
#define CCS_TEXT(text) ""
#endif

/* What only the trace calls, in a table: CCS_TRACED(code_name). NULL without trace. */
#define CCS_TRACED(function) (CCS_TRACE ? (function) : NULL)

static inline bool trace_wanted(const ccs_trace_t *trace)
{
    return CCS_TRACE && trace->hook;
}

static inline void trace_emit(const ccs_trace_t *trace, const ccs_trace_record_t *record)
{
    if (trace_wanted(trace)) {
        trace->hook(trace->ctx, record);
    }
}

#endif
