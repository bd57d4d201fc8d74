/* DIN messages between frames, structs and JSON.
 * SPDX-License-Identifier: Apache-2.0 */
#include "message.h"

#include "apps/ccs-dump/codec.h"
#include "base/units.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SESSION_ID_BIT = 18 };

void message_read(message_t *message, ccs_view_t exi)
{
    exi_arena_t arena = {.at = message->memory, .size = sizeof message->memory};
    exi_message_t decoded;
    assert_int_equal(exi_decode(&exi_din, exi, &arena, &decoded), CCS_OK);
    message->v2g = decoded.at;
}

void message_write(const message_t *message, message_frame_t *frame)
{
    assert_int_equal(exi_encode(&exi_din, DIN_V2G_MESSAGE, message->v2g, frame->exi, sizeof frame->exi, &frame->length, NULL),
                     CCS_OK);
}

static unsigned bits_get(const uint8_t *from, size_t bit, unsigned count)
{
    unsigned value = 0;
    for (size_t i = bit; i < bit + count; i++) {
        value = value << 1 | (from[i / 8] >> (7 - i % 8) & 1U);
    }
    return value;
}

static void bits_put(uint8_t *to, size_t bit, unsigned count, unsigned value)
{
    for (size_t i = 0; i < count; i++) {
        const unsigned mask = 0x80U >> ((bit + i) % 8);
        const bool set = (value >> (count - 1 - i) & 1U) != 0;
        uint8_t *octet = &to[(bit + i) / 8];
        *octet = (uint8_t)(set ? *octet | mask : *octet & ~mask);
    }
}

/* The session id stands first in every DIN message, its length at a fixed bit; so what follows moves by whole octets. */
void message_adopt(message_frame_t *frame, ccs_view_t session_id)
{
    const message_frame_t before = *frame;
    const size_t old_length = bits_get(before.exi, SESSION_ID_BIT, 8);
    size_t to = SESSION_ID_BIT + 8;
    bits_put(frame->exi, SESSION_ID_BIT, 8, (unsigned)session_id.length);
    for (size_t i = 0; i < session_id.length; i++, to += 8) {
        bits_put(frame->exi, to, 8, session_id.at[i]);
    }
    frame->length = before.length + session_id.length - old_length;
    assert_true(frame->length <= sizeof frame->exi);
    for (size_t from = SESSION_ID_BIT + 8 + 8 * old_length; from < 8 * before.length; from++, to++) {
        bits_put(frame->exi, to, 1, bits_get(before.exi, from, 1));
    }
}

static char *print(const codec_message_t *message)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    assert_non_null(to);
    json_out_t json = json_out(to, JSON_COMPACT, 0);
    codec_print(message, &json);
    assert_int_equal(fclose(to), 0);
    return text;
}

cJSON *message_json(bool sap, ccs_view_t exi)
{
    codec_message_t message;
    codec_fault_t fault;
    if (!codec_decode(sap ? CODEC_SAP : CODEC_DIN, false, exi, &message, &fault)) {
        return NULL;
    }
    char *text = print(&message);
    cJSON *json = cJSON_Parse(text);
    free(text);
    return json;
}

/* SAP: the message itself; DIN: the one member of the body. */
static const cJSON *content_of(const cJSON *json)
{
    const cJSON *v2g = cJSON_GetObjectItem(json, "V2G_Message");
    const cJSON *outer = v2g == NULL ? json : cJSON_GetObjectItem(v2g, "Body");
    return outer == NULL ? NULL : outer->child;
}

const char *message_name(const cJSON *json)
{
    const cJSON *content = content_of(json);
    return content == NULL || content->string == NULL ? "" : content->string;
}

const char *message_word(const cJSON *json, const char *key)
{
    const char *word = cJSON_GetStringValue(cJSON_GetObjectItem(content_of(json), key));
    return word == NULL ? "" : word;
}

const char *message_code(const cJSON *json)
{
    return message_word(json, "ResponseCode");
}

int32_t message_mV(din_physical_value_t value)
{
    return units_unpack((units_number_t){value.value, value.multiplier}, -3);
}
