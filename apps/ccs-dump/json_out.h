/* A tree of names and values written straight to a stream: as JSON, compact or indented, or as plain text for people.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DUMP_JSON_OUT_H
#define CCS_DUMP_JSON_OUT_H

#include "ccs/view.h"

#include <stdbool.h>
#include <stdio.h>

enum { JSON_DEPTH_MAX = 64 };

typedef enum json_style {
    JSON_COMPACT,
    JSON_INDENTED,
    JSON_PLAIN /* a line "Name: value" for each value, items with a dash; no quotes, brackets or commas */
} json_style_t;

/* All fields are private. */
typedef struct json_out {
    FILE *to;
    json_style_t style;
    int margin; /* of every line that JSON_PLAIN or JSON_INDENTED begin */
    int depth;
    bool filled[JSON_DEPTH_MAX]; /* the object or array on this level has a member */
    bool array[JSON_DEPTH_MAX];
    bool after_key;
} json_out_t;

json_out_t json_out(FILE *to, json_style_t style, int margin);

/* A key of the open object; one value, object or array follows. */
void json_key(json_out_t *json, const char *key);

void json_open(json_out_t *json, char bracket); /* '{' or '[' */
void json_close(json_out_t *json, char bracket);

/* Octets that are not UTF-8 become U+FFFD. JSON_PLAIN shows control characters as JSON does. */
void json_text(json_out_t *json, ccs_view_t text);
void json_string(json_out_t *json, const char *text);
void json_int(json_out_t *json, int64_t value);
void json_unsigned(json_out_t *json, uint64_t value);
void json_digits(json_out_t *json, const char *number); /* of any size: "-12" */
void json_bool(json_out_t *json, bool value);
void json_hex(json_out_t *json, ccs_view_t octets); /* capitals */
void json_base64(json_out_t *json, ccs_view_t octets);
void json_time(json_out_t *json, int64_t us); /* seconds with six decimals */

/* Length of the UTF-8 character at the start; 0: it is none. left > 0. */
size_t json_character(const uint8_t *at, size_t left);

#endif
