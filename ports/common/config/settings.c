/* The table of keys at work: text to value and back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/config/settings.h"
#include "ports/common/config/read.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void *value_at(const settings_t *settings, const setting_t *row)
{
    return (char *)settings->values + row->offset;
}

static int64_t int_get(const void *at, size_t size, bool is_signed)
{
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
    switch (size) {
    case 1:
        memcpy(&i8, at, 1);
        return is_signed ? i8 : (uint8_t)i8;
    case 2:
        memcpy(&i16, at, 2);
        return is_signed ? i16 : (uint16_t)i16;
    case 4:
        memcpy(&i32, at, 4);
        return is_signed ? i32 : (int64_t)(uint32_t)i32;
    default:
        memcpy(&i64, at, 8);
        return i64;
    }
}

static void int_put(void *at, size_t size, int64_t value)
{
    const uint8_t u8 = (uint8_t)value;
    const uint16_t u16 = (uint16_t)value;
    const uint32_t u32 = (uint32_t)value;
    switch (size) {
    case 1:
        memcpy(at, &u8, 1);
        return;
    case 2:
        memcpy(at, &u16, 2);
        return;
    case 4:
        memcpy(at, &u32, 4);
        return;
    default:
        memcpy(at, &value, 8);
    }
}

/* Appends text; what does not fit is cut. */
static void text_add(char *text, size_t size, const char *more)
{
    const size_t length = strlen(text);
    snprintf(text + length, size - length, "%s", more);
}

static void choices_text(const char *const *choices, const char *between, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; choices[i] != NULL; i++) {
        if (choices[i][0] == '\0') {
            continue;
        }
        text_add(text, size, text[0] == '\0' ? "" : between);
        text_add(text, size, choices[i]);
    }
}

void settings_range(const setting_t *row, char *text, size_t size)
{
    switch (row->type) {
    case SETTING_BOOL:
        snprintf(text, size, "on | off");
        return;
    case SETTING_INT:
        snprintf(text, size, "%" PRId64 " .. %" PRId64, row->min, row->max);
        return;
    case SETTING_TEXT:
        snprintf(text, size, "%" PRId64 " .. %" PRId64 " characters", row->min, row->max);
        return;
    case SETTING_CHOICE:
        choices_text(row->choices, " | ", text, size);
        return;
    case SETTING_FLAGS:
        choices_text(row->choices, ", ", text, size);
        text_add(text, size, row->min > 0 ? " (a list of at least one)" : " (a list)");
        return;
    case SETTING_OCTETS:
        snprintf(text, size, "%" PRId64 " .. %" PRId64 " octets in hex", row->min, row->max);
        return;
    }
}

static bool bool_read(const char *text, bool *value)
{
    static const struct {
        const char *name;
        bool value;
    } names[] = {{"on", true},   {"off", false},   {"yes", true}, {"no", false},
                 {"true", true}, {"false", false}, {"1", true},   {"0", false}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i].name) == 0) {
            *value = names[i].value;
            return true;
        }
    }
    return false;
}

static bool bool_set(const setting_t *row, void *at, const char *text)
{
    bool value;
    (void)row;
    if (!bool_read(text, &value)) {
        return false;
    }
    memcpy(at, &value, sizeof value);
    return true;
}

static bool int_set(const setting_t *row, void *at, const char *text)
{
    int64_t value;
    if (!read_number(text, row->min, row->max, &value)) {
        return false;
    }
    int_put(at, row->size, value);
    return true;
}

static bool text_set(const setting_t *row, void *at, const char *text)
{
    const size_t length = strlen(text);
    if ((int64_t)length < row->min || (int64_t)length > row->max || length >= row->size || !read_is_text(text)) {
        return false;
    }
    memset(at, 0, row->size);
    memcpy(at, text, length);
    return true;
}

/* The index of a name of so many characters; -1: none of them. */
static int choice_find(const char *const *choices, const char *name, size_t length)
{
    for (int i = 0; choices != NULL && choices[i] != NULL; i++) {
        if (length > 0 && strlen(choices[i]) == length && strncmp(choices[i], name, length) == 0) {
            return i;
        }
    }
    return -1;
}

static bool choice_set(const setting_t *row, void *at, const char *text)
{
    const int index = choice_find(row->choices, text, strlen(text));
    if (index < 0) {
        return false;
    }
    int_put(at, row->size, index);
    return true;
}

enum { FLAGS_MAX = 16 };

static bool flags_set(const setting_t *row, void *at, const char *text)
{
    bool flag[FLAGS_MAX] = {false};
    const char *word;
    int64_t named = 0;
    for (size_t length = read_word(&text, &word); length > 0; length = read_word(&text, &word)) {
        const int index = choice_find(row->choices, word, length);
        if (index < 0 || flag[index]) {
            return false;
        }
        flag[index] = true;
        named++;
    }
    if (named < row->min) {
        return false;
    }
    memcpy(at, flag, row->size);
    return true;
}

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    const int lower = tolower((unsigned char)digit);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool octets_set(const settings_t *settings, const setting_t *row, const char *text)
{
    uint8_t octet[64] = {0};
    const size_t digits = strlen(text);
    const size_t length = digits / 2;
    if (digits % 2 != 0 || (int64_t)length < row->min || (int64_t)length > row->max || length > sizeof octet) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        const int high = hex_digit(text[2 * i]);
        const int low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        octet[i] = (uint8_t)(high << 4 | low);
    }
    memcpy(value_at(settings, row), octet, row->size);
    *((uint8_t *)settings->values + row->length_offset) = (uint8_t)length;
    return true;
}

static bool value_set(const settings_t *settings, const setting_t *row, const char *text)
{
    static bool (*const set[])(const setting_t *, void *, const char *) = {
        [SETTING_BOOL] = bool_set,     [SETTING_INT] = int_set,     [SETTING_TEXT] = text_set,
        [SETTING_CHOICE] = choice_set, [SETTING_FLAGS] = flags_set,
    };
    if (row->type == SETTING_FLAGS && !read_is_list(text)) {
        return false;
    }
    if (row->type == SETTING_OCTETS) {
        return octets_set(settings, row, text);
    }
    return set[row->type](row, value_at(settings, row), text);
}

/* The first known but absent name in the text; NULL: none. */
static const char *absent_name(const setting_t *row, const char *text)
{
    const char *word;
    for (size_t length = row->absent == NULL ? 0 : read_word(&text, &word); length > 0; length = read_word(&text, &word)) {
        const int index = choice_find(row->absent, word, length);
        if (index >= 0) {
            return row->absent[index];
        }
    }
    return NULL;
}

/* The number of a section that may be there several times: "outlet.3" is 3; 0: another section, or no number within the limit. */
static unsigned repeat_of(const settings_t *settings, const char *section)
{
    const size_t stem = settings->repeated == NULL ? 0 : strlen(settings->repeated) - 1;
    if (stem == 0 || strncmp(section, settings->repeated, stem) != 0) {
        return 0;
    }
    char *end = NULL;
    const unsigned long number = isdigit((unsigned char)section[stem]) ? strtoul(section + stem, &end, 10) : 0;
    const bool whole = number > 0 && *end == '\0' && section[stem] != '0';
    return whole && number <= settings->repeats_max ? (unsigned)number : 0;
}

/* The same table over the values of that section. */
static settings_t repeat_at(const settings_t *settings, unsigned number)
{
    settings_t at = *settings;
    at.values = (char *)settings->values + (number - 1) * settings->stride;
    return at;
}

static bool row_repeats(const settings_t *settings, const setting_t *row)
{
    return settings->repeated != NULL && strcmp(row->section, settings->repeated) == 0;
}

static settings_result_t row_set(const settings_t *settings, const setting_t *row, const char *section, const char *text,
                                 char error[SETTINGS_ERROR_SIZE])
{
    const char *absent = absent_name(row, text);
    if (absent != NULL) {
        snprintf(error, SETTINGS_ERROR_SIZE, "[%s] %s: '%s' is not in this release", section, row->key, absent);
        return SETTINGS_ABSENT;
    }
    const char *const form = row->form == NULL ? NULL : row->form(text);
    if (form != NULL || !value_set(settings, row, text)) {
        char range[256];
        settings_range(row, range, sizeof range);
        text_add(range, sizeof range, form == NULL ? "" : ": ");
        text_add(range, sizeof range, form == NULL ? "" : form);
        snprintf(error, SETTINGS_ERROR_SIZE, "[%s] %s: '%.80s' is not allowed here; it takes %s", section, row->key, text, range);
        return SETTINGS_BAD;
    }
    return SETTINGS_OK;
}

static bool section_known(const settings_t *settings, const char *section)
{
    if (repeat_of(settings, section) > 0) {
        return true;
    }
    for (size_t i = 0; i < settings->count; i++) {
        if (strcmp(settings->row[i].section, section) == 0) {
            return true;
        }
    }
    return false;
}

settings_result_t settings_section(const settings_t *settings, const char *section, char error[SETTINGS_ERROR_SIZE])
{
    const unsigned number = repeat_of(settings, section);
    if (!section_known(settings, section)) {
        snprintf(error, SETTINGS_ERROR_SIZE, "unknown section [%.60s]", section);
        return SETTINGS_BAD;
    }
    if (number > 0) {
        settings->present[number - 1] = true;
    }
    return SETTINGS_OK;
}

/* Where else a misplaced key stands, so that the error can say so; NULL: nowhere. */
static const setting_t *key_anywhere(const settings_t *settings, const char *key)
{
    for (size_t i = 0; i < settings->count; i++) {
        if (strcmp(settings->row[i].key, key) == 0) {
            return &settings->row[i];
        }
    }
    return NULL;
}

static settings_result_t key_unknown(const settings_t *settings, const char *section, const char *key,
                                     char error[SETTINGS_ERROR_SIZE])
{
    const setting_t *other = key_anywhere(settings, key);
    if (section[0] == '\0') {
        snprintf(error, SETTINGS_ERROR_SIZE, "key '%.60s' stands before the first [section]", key);
    } else if (!section_known(settings, section)) {
        snprintf(error, SETTINGS_ERROR_SIZE, "unknown section [%.60s]", section);
    } else if (other != NULL) {
        snprintf(error, SETTINGS_ERROR_SIZE, "unknown key '%.60s' in [%.60s]; it belongs to [%s]", key, section, other->section);
    } else {
        snprintf(error, SETTINGS_ERROR_SIZE, "unknown key '%.60s' in [%.60s]", key, section);
    }
    return SETTINGS_BAD;
}

static const setting_t *row_find(const settings_t *settings, const char *section, const char *key)
{
    for (size_t i = 0; i < settings->count; i++) {
        const setting_t *row = &settings->row[i];
        if (strcmp(row->section, section) == 0 && strcmp(row->key, key) == 0) {
            return row;
        }
    }
    return NULL;
}

const void *settings_place(const settings_t *settings, const char *section, const char *key)
{
    const unsigned number = repeat_of(settings, section);
    const settings_t at = number > 0 ? repeat_at(settings, number) : *settings;
    const setting_t *const row = row_find(settings, number > 0 ? settings->repeated : section, key);
    return row == NULL ? NULL : value_at(&at, row);
}

settings_result_t settings_set(const settings_t *settings, const char *section, const char *key, const char *text,
                               char error[SETTINGS_ERROR_SIZE])
{
    const unsigned number = repeat_of(settings, section);
    const settings_t at = number > 0 ? repeat_at(settings, number) : *settings;
    const setting_t *const row = row_find(settings, number > 0 ? settings->repeated : section, key);
    if (row == NULL) {
        return key_unknown(settings, section, key, error);
    }
    if (number > 0) {
        settings->present[number - 1] = true;
    }
    return row_set(&at, row, section, text, error);
}

static settings_result_t assign_bare(const settings_t *settings, const char *key, const char *text, char error[SETTINGS_ERROR_SIZE])
{
    const setting_t *found = NULL;
    for (size_t i = 0; i < settings->count; i++) {
        if (strcmp(settings->row[i].key, key) != 0) {
            continue;
        }
        if (found != NULL) {
            snprintf(error, SETTINGS_ERROR_SIZE, "'%.60s' stands in [%s] and in [%s]: write section.key=value", key, found->section,
                     settings->row[i].section);
            return SETTINGS_BAD;
        }
        found = &settings->row[i];
    }
    if (found == NULL) {
        snprintf(error, SETTINGS_ERROR_SIZE, "unknown key '%.60s'", key);
        return SETTINGS_BAD;
    }
    return row_set(settings, found, found->section, text, error);
}

settings_result_t settings_assign(const settings_t *settings, const char *assignment, char error[SETTINGS_ERROR_SIZE])
{
    char name[128];
    const char *equals = strchr(assignment, '=');
    if (equals == NULL || equals == assignment || (size_t)(equals - assignment) >= sizeof name) {
        snprintf(error, SETTINGS_ERROR_SIZE, "'%.60s' is not key=value", assignment);
        return SETTINGS_BAD;
    }
    snprintf(name, sizeof name, "%.*s", (int)(equals - assignment), assignment);
    char *dot = strrchr(name, '.'); /* the last one: sections are called outlet.1 */
    if (dot == NULL) {
        return assign_bare(settings, name, equals + 1, error);
    }
    *dot = '\0';
    return settings_set(settings, name, dot + 1, equals + 1, error);
}

static void flags_text(const setting_t *row, const bool *flag, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i < row->size && row->choices[i] != NULL; i++) {
        if (flag[i]) {
            text_add(text, size, text[0] == '\0' ? "" : ", ");
            text_add(text, size, row->choices[i]);
        }
    }
}

static void octets_text(const settings_t *settings, const setting_t *row, char *text, size_t size)
{
    const uint8_t length = *((const uint8_t *)settings->values + row->length_offset);
    const uint8_t *octet = value_at(settings, row);
    text[0] = '\0';
    for (size_t i = 0; i < length && 2 * i + 2 < size; i++) {
        snprintf(text + 2 * i, size - 2 * i, "%02X", octet[i]);
    }
}

void settings_text(const settings_t *settings, const setting_t *row, char *text, size_t size)
{
    const void *at = value_at(settings, row);
    switch (row->type) {
    case SETTING_BOOL:
        snprintf(text, size, "%s", *(const bool *)at ? "on" : "off");
        return;
    case SETTING_INT:
        snprintf(text, size, "%" PRId64, int_get(at, row->size, row->min < 0));
        return;
    case SETTING_TEXT:
        snprintf(text, size, "%s", (const char *)at);
        return;
    case SETTING_CHOICE:
        snprintf(text, size, "%s", row->choices[int_get(at, row->size, false)]);
        return;
    case SETTING_FLAGS:
        flags_text(row, at, text, size);
        return;
    case SETTING_OCTETS:
        octets_text(settings, row, text, size);
        return;
    }
}

static bool section_starts(const settings_t *settings, size_t i)
{
    return i == 0 || strcmp(settings->row[i - 1].section, settings->row[i].section) != 0;
}

static void row_print(const settings_t *settings, const setting_t *row, FILE *to)
{
    char text[512], range[256];
    settings_range(row, range, sizeof range);
    settings_text(settings, row, text, sizeof text);
    fprintf(to, "# %s\n# %s\n%s = %s\n", row->help, range, row->key, text);
}

/* Rows i .. of one section, as often as it is there; returns the first row behind them. */
static size_t section_print(const settings_t *settings, size_t i, FILE *to)
{
    const setting_t *first = &settings->row[i];
    const bool repeats = row_repeats(settings, first);
    size_t end = i + 1;
    while (end < settings->count && !section_starts(settings, end)) {
        end++;
    }
    for (unsigned number = 1; number <= (repeats ? settings->repeats_max : 1); number++) {
        if (repeats && number > 1 && !settings->present[number - 1]) {
            continue;
        }
        const settings_t at = repeats ? repeat_at(settings, number) : *settings;
        const int stem = (int)strlen(first->section) - (repeats ? 1 : 0);
        fprintf(to, "%s[%.*s", i == 0 ? "" : "\n", stem, first->section);
        fprintf(to, repeats ? "%u]\n" : "]\n", number);
        for (size_t row = i; row < end; row++) {
            row_print(&at, &settings->row[row], to);
        }
    }
    return end;
}

void settings_print(const settings_t *settings, FILE *to)
{
    for (size_t i = 0; i < settings->count; i = section_print(settings, i, to)) {
    }
}

/* A bar would end a cell of the table. */
static void cell_print(const char *text, FILE *to)
{
    for (; *text != '\0'; text++) {
        fprintf(to, *text == '|' ? "\\%c" : "%c", *text);
    }
}

void settings_document(const settings_t *settings, FILE *to)
{
    char text[512], range[256];
    for (size_t i = 0; i < settings->count; i++) {
        const setting_t *row = &settings->row[i];
        if (section_starts(settings, i)) {
            fprintf(to, "\n### [%s]\n\n| key | takes | default | meaning |\n|---|---|---|---|\n", row->section);
        }
        settings_range(row, range, sizeof range);
        settings_text(settings, row, text, sizeof text);
        fprintf(to, "| `%s` | ", row->key);
        cell_print(range, to);
        fprintf(to, " | %s%s%s | ", text[0] == '\0' ? "" : "`", text, text[0] == '\0' ? "" : "`");
        cell_print(row->help, to);
        fprintf(to, " |\n");
    }
}
