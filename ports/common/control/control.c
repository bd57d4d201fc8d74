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

static cJSON *call_row(const control_table_t *table, const control_call_t *call)
{
    if (strcmp(call->word[0], "help") == 0) {
        return help(table);
    }
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->row[i].name, call->word[0]) == 0) {
            return table->row[i].act(call);
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

char *control_run(const control_table_t *table, char *line, uint32_t *watch_ms)
{
    control_call_t call = {.ctx = table->ctx, .watch_ms = watch_ms};
    if (!words_split(line, &call)) {
        return answer_text(control_error("more than %d words", CONTROL_WORDS_MAX));
    }
    if (call.words == 0) {
        return answer_text(control_error("empty line; 'help' lists the commands"));
    }
    return answer_text(call_row(table, &call));
}
