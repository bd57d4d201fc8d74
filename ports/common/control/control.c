/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/control/control.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

cJSON *control_ok(void)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddTrueToObject(answer, "ok");
    return answer;
}

cJSON *control_error(const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || (unsigned char)*at > 0x7e) {
            *at = '?'; /* the answer stays valid JSON, whatever was typed */
        }
    }
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddStringToObject(answer, "error", text);
    return answer;
}

bool control_number(const char *text, int64_t min, int64_t max, int64_t *value)
{
    char *end = NULL;
    errno = 0;
    const long long number = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < min || number > max) {
        return false;
    }
    *value = number;
    return true;
}

bool control_named(const char *word, const char *name, int64_t min, int64_t max, int64_t *value)
{
    const size_t length = strlen(name);
    return strncmp(word, name, length) == 0 && word[length] == '=' && control_number(word + length + 1, min, max, value);
}

/* Every command of the table, with its usage. */
static cJSON *help(const control_table_t *table)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(answer, "commands");
    for (size_t i = 0; i < table->count; i++) {
        cJSON *row = cJSON_CreateObject();
        cJSON_AddStringToObject(row, "command", table->row[i].name);
        cJSON_AddStringToObject(row, "arguments", table->row[i].usage);
        cJSON_AddStringToObject(row, "help", table->row[i].help);
        cJSON_AddItemToArray(list, row);
    }
    return answer;
}

/* A command without arguments takes none: "deny LATER" must not deny now. */
static cJSON *call_acts(const control_row_t *row, const control_call_t *call)
{
    if (row->usage[0] == '\0' && call->words > 1) {
        return control_error("'%.40s' takes no arguments, not '%.40s'", row->name, call->word[1]);
    }
    return row->act(call);
}

static cJSON *call_row(const control_table_t *table, const control_call_t *call)
{
    if (strcmp(call->word[0], "help") == 0) {
        return help(table);
    }
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->row[i].name, call->word[0]) == 0) {
            return call_acts(&table->row[i], call);
        }
    }
    return control_error("unknown command '%.40s'; 'help' lists them", call->word[0]);
}

static bool words_split(char *line, control_call_t *call)
{
    char *rest = NULL;
    for (char *word = strtok_r(line, " \t\r", &rest); word != NULL; word = strtok_r(NULL, " \t\r", &rest)) {
        if (call->words == CONTROL_WORDS_MAX) {
            return false;
        }
        call->word[call->words++] = word;
    }
    return true;
}

static char *answer_text(cJSON *answer)
{
    char *text = cJSON_PrintUnformatted(answer);
    cJSON_Delete(answer);
    if (text == NULL) {
        return NULL;
    }
    const size_t length = strlen(text);
    char *line = cJSON_malloc(length + 2);
    if (line != NULL) {
        memcpy(line, text, length);
        memcpy(line + length, "\n", 2);
    }
    cJSON_free(text);
    return line;
}

enum { OUTLETS_MAX = 99 };

/* "outlet N COMMAND ..." is COMMAND at outlet N. */
static bool outlet_take(control_call_t *call)
{
    int64_t number;
    if (strcmp(call->word[0], "outlet") != 0) {
        return true;
    }
    if (call->words < 3 || !control_number(call->word[1], 1, OUTLETS_MAX, &number)) {
        return false;
    }
    call->outlet = (unsigned)number;
    call->words -= 2;
    memmove(call->word, call->word + 2, call->words * sizeof call->word[0]);
    return true;
}

char *control_run(const control_table_t *table, char *line, control_watch_t *watch)
{
    control_call_t call = {.ctx = table->ctx, .watch = watch};
    if (!words_split(line, &call)) {
        return answer_text(control_error("more than %d words", CONTROL_WORDS_MAX));
    }
    if (call.words == 0) {
        return answer_text(control_error("empty line; 'help' lists the commands"));
    }
    if (!outlet_take(&call)) {
        return answer_text(control_error("outlet N COMMAND: N is 1 .. %d", OUTLETS_MAX));
    }
    const uint32_t ms = watch->ms;
    cJSON *answer = call_row(table, &call);
    if (watch->ms != ms) {
        watch->outlet = call.outlet;
    }
    return answer_text(answer);
}

char *control_watched(const control_table_t *table, control_watch_t watch)
{
    const control_call_t call = {.ctx = table->ctx, .outlet = watch.outlet, .words = 1, .word = {"status"}, .watch = &watch};
    return answer_text(call_row(table, &call));
}
