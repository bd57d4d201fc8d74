/* Calls the trace hook, if there is one. See ccs/trace.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_BASE_TRACE_H
#define CCS_BASE_TRACE_H

#include "ccs/trace.h"

static inline void trace_emit(const ccs_trace_t *trace, const ccs_trace_record_t *record)
{
    if (trace->hook) {
        trace->hook(trace->ctx, record);
    }
}

#endif
