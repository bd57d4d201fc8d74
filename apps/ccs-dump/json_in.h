/* JSON text as a tree, by the letter of RFC 8259.
 *
 * cJSON, which the rest of the house uses, ends a string at its first zero character, keeps a number as a double and takes "01" or
 * "1." for one. A message that is sent to a car must be the one that was written: here strings have a length, and numbers stay the
 * characters that they are. A byte order mark in front is passed over.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DUMP_JSON_IN_H
#define CCS_DUMP_JSON_IN_H

#include "ccs/view.h"

#include <stdbool.h>

typedef enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } json_kind_t;

typedef struct json_value {
    json_kind_t kind;
    bool is_true;
    ccs_view_t text;               /* string: UTF-8; number: as it was written */
    ccs_view_t name;               /* of a member of an object: UTF-8; a zero octet that does not count follows */
    const struct json_value *next; /* of the same array or object */
    const struct json_value *first;
    size_t count; /* items or members */
} json_value_t;

/* Everything in it lives until json_in_free(). */
typedef struct json_document {
    const json_value_t *root;
    json_value_t *values; /* private, as what follows */
    char *strings;
} json_document_t;

typedef struct json_fault {
    size_t line, column; /* 1 .. ; columns are octets */
    const char *why;
} json_fault_t;

/* false: not JSON, and nothing is to be freed. Names that stand twice in an object are taken: see json_in_twice(). */
bool json_in_read(ccs_view_t text, json_document_t *out, json_fault_t *fault);
void json_in_free(json_document_t *document);

/* The member of this name; NULL: none. The first of several. */
const json_value_t *json_in_member(const json_value_t *object, const char *name);

/* Stands a member of the same name before this one? */
bool json_in_twice(const json_value_t *object, const json_value_t *member);

bool json_in_is(ccs_view_t text, const char *word);

#endif
