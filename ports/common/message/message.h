/* The message in a trace record's octets as JSON, with the schema's own names: {"V2G_Message": {"Header": ..., "Body": ...}}.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_MESSAGE_MESSAGE_H
#define CCS_MESSAGE_MESSAGE_H

#include <cjson/cJSON.h>

#include "ccs/trace.h"

enum { MESSAGE_ARENA_WORDS = 8192 };

typedef struct message_reader {
    uint64_t arena[MESSAGE_ARENA_WORDS];
} message_reader_t;

/* Fits log_t.decode, with a message_reader_t as its ctx. NULL: no V2GTP message with EXI of a known set in it. */
cJSON *message_json(void *reader, const ccs_trace_record_t *record);

#endif
