/* The control protocol: one command per line in, one JSON object per line out. docs/CONTROL.md is its page for people.
 *
 * A program gives a table of commands; this room splits lines, finds the row, and turns every bad line into {"error": ...}.
 * Transport (the Unix socket) is the platform's.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_CONTROL_CONTROL_H
#define CCS_CONTROL_CONTROL_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CONTROL_LINE_SIZE = 4096 /* an OCSP response in Base64 */, CONTROL_WORDS_MAX = 32 };

/* What a connection watches: the answer of "status" is repeated on it every ms milliseconds. */
typedef struct control_watch {
    uint32_t ms;     /* 0: nothing */
    unsigned outlet; /* 0: not addressed */
} control_watch_t;

/* One command as it was typed. word[0] is its name; "outlet N" in front of it is taken off. */
typedef struct control_call {
    void *ctx;
    unsigned outlet; /* 0: not addressed */
    size_t words;
    const char *word[CONTROL_WORDS_MAX];
    control_watch_t *watch; /* set ms, and the connection watches */
} control_call_t;

/* Returns the answer, a JSON object; never NULL. */
typedef cJSON *(*control_do_t)(const control_call_t *call);

typedef struct control_row {
    const char *name;
    const char *usage; /* arguments, for people: "[emergency]" */
    const char *help;
    control_do_t act;
} control_row_t;

typedef struct control_table {
    const control_row_t *row;
    size_t count;
    void *ctx;
} control_table_t;

/* Runs one line (without its newline; it is cut into words in place). The answer is text with a newline; free it with
 * cJSON_free(). NULL only when there is no memory. */
char *control_run(const control_table_t *table, char *line, control_watch_t *watch);

/* The line that a watch repeats. */
char *control_watched(const control_table_t *table, control_watch_t watch);

/* {"ok": true}; {"error": text}; the format is printf's. */
cJSON *control_ok(void);
cJSON *control_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A whole decimal number within min .. max. */
bool control_number(const char *text, int64_t min, int64_t max, int64_t *value);

/* The value of a word "name=number"; false: another name, not a number, or outside min .. max. */
bool control_named(const char *word, const char *name, int64_t min, int64_t max, int64_t *value);

#endif
