/* Settings from an INI file, through libinih.
 *
 * The library reads the grammar; the reader beneath it counts lines, so that every error has its line, strips leading blanks
 * (else an indented key would be taken as the continuation of the value above it) and cuts comments that follow a value.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/config/settings.h"

#include <errno.h>
#include <ini.h>
#include <string.h>

enum { LINE_MAX_CHARACTERS = 190 }; /* libinih's own buffer takes 200 */

typedef struct reading {
    const settings_t *settings;
    FILE *file;
    int line;
    int failed_line;
    settings_result_t result;
    char *error; /* of SETTINGS_ERROR_SIZE */
    const char *path;
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
    char *text = line + strspn(line, " \t");
    cut_comment(text);
    if (strlen(text) > LINE_MAX_CHARACTERS) {
        fail(reading, SETTINGS_BAD, "line too long");
        return NULL;
    }
    snprintf(to, (size_t)size, "%s", text);
    return to;
}

static int take_value(void *user, const char *section, const char *name, const char *value)
{
    reading_t *reading = user;
    char why[SETTINGS_ERROR_SIZE];
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
    fclose(reading.file);
    if (bad_line != 0 && (reading.result == SETTINGS_OK || bad_line < reading.failed_line)) {
        reading.result = SETTINGS_OK; /* what the library passed over came first */
        reading.line = bad_line;
        fail(&reading, SETTINGS_BAD, "neither [section], key = value nor a comment");
    }
    return reading.result;
}
