/* The one trace hook that everything visible is drawn from: logs, golden tests, captures, live view.
 *
 * Logging is data. A record has a level, a room, an event name and up to CCS_TRACE_FIELDS named values; a record of a message
 * carries its octets as well. No text is formatted in the core. The hook is called inside a step and must not call back.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TRACE_H
#define CCS_TRACE_H

#include "ccs/view.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ccs_level { CCS_LEVEL_ERROR, CCS_LEVEL_WARNING, CCS_LEVEL_INFO, CCS_LEVEL_DEBUG } ccs_level_t;

typedef struct ccs_trace_field {
    const char *name; /* units last, as everywhere: "present_mV" */
    const char *text; /* NULL: the value is the number */
    int64_t number;
} ccs_trace_field_t;

enum { CCS_TRACE_FIELDS = 6 };

typedef struct ccs_trace_record {
    int64_t now_ms;
    ccs_level_t level;
    const char *room;  /* "din", "guard", "sdp": a constant */
    const char *event; /* "PreChargeReq", "sequence_error": a constant */
    size_t fields;
    ccs_trace_field_t field[CCS_TRACE_FIELDS];
    ccs_view_t bytes;  /* V2GTP message or MME this record is about; length 0: none */
    uint8_t direction; /* of bytes: 'r' received, 's' sent, 0 none */
} ccs_trace_record_t;

typedef struct ccs_trace {
    void *ctx;
    void (*hook)(void *ctx, const ccs_trace_record_t *record); /* NULL: no trace */
} ccs_trace_t;

#ifdef __cplusplus
}
#endif
#endif
