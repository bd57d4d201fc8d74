/* Settings from an INI file, through libinih.
 *
 * The library reads the grammar; the reader beneath it counts lines, so that every error has its line, strips leading blanks
 * (else an indented key would be taken as the continuation of the value above it) and cuts comments that follow a value.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/config/settings.h"

#include <errno.h>
#include <ini.h>
#include <string.h>

enum {
    LINE_MAX_CHARACTERS = 190, /* libinih's own buffer takes 200 */
    KEYS_MAX = 1024            /* all keys of all outlets: some 120, and 80 for each further one */
};

typedef struct reading {
    const settings_t *settings;
    FILE *file;
    int line;
    int failed_line;
    settings_result_t result;
    char *error; /* of SETTINGS_ERROR_SIZE */
    const char *path;
    const void *taken[KEYS_MAX]; /* values that the file has set */
    size_t taken_count;
} reading_t;

static void fail(reading_t *reading, settings_result_t result, const char *why)
{
    if (reading->result != SETTINGS_OK) {
        return; /* the first error is the one to mend */
    }
    reading->result = result;
    reading->failed_line = reading->line;
    snprintf(reading->error, SETTINGS_ERROR_SIZE, "%.120s:%d: %.370s", reading->path, reading->line, why);
}

static void cut_comment(char *text)
{
    for (char *at = text; *at != '\0'; at++) {
        if ((*at == '#' || *at == ';') && (at == text || at[-1] == ' ' || at[-1] == '\t')) {
            at[0] = '\n';
            at[1] = '\0';
            return;
        }
    }
}

static char *read_line(char *to, int size, void *stream)
{
    reading_t *reading = stream;
    char line[1024];
    if (reading->result != SETTINGS_OK || fgets(line, sizeof line, reading->file) == NULL) {
        return NULL;
    }
    reading->line++;
    if (strchr(line, '\n') == NULL && strlen(line) < sizeof line - 1 && !feof(reading->file)) {
        fail(reading, SETTINGS_BAD, "a NUL in the line");
        return NULL;
    }
    char *text = line + strspn(line, " \t");
    cut_comment(text);
    if (strlen(text) > LINE_MAX_CHARACTERS) {
        fail(reading, SETTINGS_BAD, "line too long");
        return NULL;
    }
    snprintf(to, (size_t)size, "%s", text);
    return to;
}

/* Of two values for one key, a person reads the one and the charger takes the other. */
static bool is_first(reading_t *reading, const char *section, const char *name)
{
    const void *const place = settings_place(reading->settings, section, name);
    for (size_t i = 0; i < reading->taken_count; i++) {
        if (reading->taken[i] == place) {
            return false;
        }
    }
    if (place != NULL && reading->taken_count < KEYS_MAX) {
        reading->taken[reading->taken_count++] = place;
    }
    return true;
}

static int take_value(void *user, const char *section, const char *name, const char *value)
{
    reading_t *reading = user;
    char why[SETTINGS_ERROR_SIZE];
    if (!is_first(reading, section, name)) {
        snprintf(why, sizeof why, "[%.40s] %.40s stands there a second time", section, name);
        fail(reading, SETTINGS_BAD, why);
        return false;
    }
    const settings_result_t result = settings_set(reading->settings, section, name, value, why);
    if (result != SETTINGS_OK) {
        fail(reading, result, why);
    }
    return result == SETTINGS_OK;
}

settings_result_t settings_load(const settings_t *settings, const char *path, char error[SETTINGS_ERROR_SIZE])
{
    reading_t reading = {.settings = settings, .file = fopen(path, "r"), .path = path, .error = error};
    if (reading.file == NULL) {
        snprintf(error, SETTINGS_ERROR_SIZE, "%.200s: %s", path, strerror(errno));
        return SETTINGS_BAD;
    }
    const int bad_line = ini_parse_stream(read_line, &reading, take_value, &reading);
    const bool unreadable = ferror(reading.file) != 0; /* a directory opens, and reads as an error */
    const int why = errno;
    fclose(reading.file);
    if (unreadable && reading.result == SETTINGS_OK) {
        snprintf(error, SETTINGS_ERROR_SIZE, "%.200s: %s", path, strerror(why));
        return SETTINGS_BAD;
    }
    if (bad_line != 0 && (reading.result == SETTINGS_OK || bad_line < reading.failed_line)) {
        reading.result = SETTINGS_OK; /* what the library passed over came first */
        reading.line = bad_line;
        fail(&reading, SETTINGS_BAD, "neither [section], key = value nor a comment");
    }
    return reading.result;
}
