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

#define NO_LINE "neither [section], key = value nor a comment"

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

/* The library looks at a section only with its first key, and passes over what stands behind the bracket. */
static void section_line(reading_t *reading, const char *text)
{
    char section[LINE_MAX_CHARACTERS + 1], why[SETTINGS_ERROR_SIZE];
    const size_t length = strcspn(text + 1, "]");
    const char *const behind = text + 1 + length;
    if (behind[0] != ']' || behind[1 + strspn(behind + 1, " \t\r\n")] != '\0') {
        fail(reading, SETTINGS_BAD, NO_LINE);
        return;
    }
    snprintf(section, sizeof section, "%.*s", (int)length, text + 1);
    if (settings_section(reading->settings, section, why) != SETTINGS_OK) {
        fail(reading, SETTINGS_BAD, why);
    }
}

/* The library takes a colon for an equals sign as well; a person who forgot the one may have meant the other. */
static void judge_line(reading_t *reading, const char *text)
{
    if (strlen(text) > LINE_MAX_CHARACTERS) {
        fail(reading, SETTINGS_BAD, "line too long: at most 190 characters");
    } else if (text[0] == '[') {
        section_line(reading, text);
    } else if (text[strcspn(text, "=:")] == ':') {
        fail(reading, SETTINGS_BAD, NO_LINE);
    }
}

/* A byte order mark, as some editors put it at the beginning of a file, is no part of a line. */
static char *begin_of(const reading_t *reading, char *line)
{
    static const char mark[] = "\xEF\xBB\xBF";
    char *const text = reading->line == 1 && strncmp(line, mark, strlen(mark)) == 0 ? line + strlen(mark) : line;
    return text + strspn(text, " \t");
}

/* A whole line, with its newline if it has one; false: there is none. */
static bool line_of(reading_t *reading, char *line, size_t size)
{
    size_t length = 0;
    bool nul = false;
    for (int octet = fgetc(reading->file); octet != EOF; octet = fgetc(reading->file)) {
        nul = nul || octet == '\0';
        if (length < size - 1) {
            line[length++] = (char)octet;
        }
        if (octet == '\n') {
            break;
        }
    }
    line[length] = '\0';
    reading->line += length > 0;
    if (nul) {
        fail(reading, SETTINGS_BAD, "a NUL in the line");
    }
    return length > 0;
}

static char *read_line(char *to, int size, void *stream)
{
    reading_t *reading = stream;
    char line[1024];
    if (reading->result != SETTINGS_OK || !line_of(reading, line, sizeof line)) {
        return NULL;
    }
    char *text = begin_of(reading, line);
    cut_comment(text);
    judge_line(reading, text);
    if (reading->result != SETTINGS_OK) {
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
        fail(&reading, SETTINGS_BAD, NO_LINE);
    }
    return reading.result;
}
