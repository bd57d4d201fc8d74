/* DIN messages of a recording, made fit for a session of ours; and any message as JSON, for people and comparisons.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_MESSAGE_H
#define CCS_TESTS_MESSAGE_H

#include "messages/din.h"
#include <cjson/cJSON.h>

enum { MESSAGE_EXI_MAX = 1024, MESSAGE_ARENA_WORDS = 512 };

/* A decoded DIN message and the memory it lives in; it points into the frame it came from. */
typedef struct message {
    uint64_t memory[MESSAGE_ARENA_WORDS];
    din_v2g_message_t *v2g; /* in memory */
} message_t;

/* An encoded one. */
typedef struct message_frame {
    size_t length;
    uint8_t exi[MESSAGE_EXI_MAX];
} message_frame_t;

/* Both fail the test when the codec refuses. */
void message_read(message_t *message, ccs_view_t exi);
void message_write(const message_t *message, message_frame_t *frame);

/* Puts another session id into a frame. Every other bit stays as it came: values out of range, trailing octets and all. */
void message_adopt(message_frame_t *frame, ccs_view_t session_id);

/* As ccs-dump prints it; NULL: not a message of that set. The caller deletes it. */
cJSON *message_json(bool sap, ccs_view_t exi);

/* "CableCheckRes", and "OK" of it; "" where there is none. Both live as long as the JSON. */
const char *message_name(const cJSON *json);
const char *message_code(const cJSON *json);

/* A value of the body, "EVSEProcessing"; "" where there is none. */
const char *message_word(const cJSON *json, const char *key);

int32_t message_mV(din_physical_value_t value);

#endif
