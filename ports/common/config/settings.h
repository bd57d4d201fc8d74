/* Settings: one table of keys that the file, --set, --print-config, the documentation and every error message come from.
 *
 * A row names a section and a key, says where in a plain struct the value lives, what it may be and what it means. The struct is
 * the caller's; the defaults are whatever it holds before the first file is read, so that no figure is written down twice.
 * The file is INI: [section], key = value, comments start with # or ;.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_CONFIG_SETTINGS_H
#define CCS_CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum setting_type {
    SETTING_BOOL,   /* bool: on | off (also yes, no, true, false, 1, 0) */
    SETTING_INT,    /* 1, 2, 4 or 8 octets, signed if min < 0 */
    SETTING_TEXT,   /* char[size], min .. max characters */
    SETTING_CHOICE, /* integer of size octets: index into choices */
    SETTING_FLAGS,  /* bool[]: list of choices, comma or blank between them; true where named, and at least min of them */
    SETTING_OCTETS  /* uint8_t[size] and its length in a uint8_t at length_offset: hex digits */
} setting_type_t;

typedef struct setting {
    const char *section, *key;
    setting_type_t type;
    size_t offset, size, length_offset;
    int64_t min, max;
    const char *const *choices; /* ends with NULL; an empty name is one that cannot be written */
    const char *const *absent;  /* FLAGS, CHOICE: names that are known but not in this build; ends with NULL. May be NULL */
    const char *help;           /* one sentence */
    const char *(*form)(
        const char *text); /* what a text has to be besides, where it is not: "a name without blanks". May be NULL */
} setting_t;

/* A table and the struct that it describes. Both live as long as the settings are used.
 *
 * One section may be there several times, as NAME.1, NAME.2 ...: its rows name the first and its place in the struct; the others
 * follow it stride octets apart, as elements of an array. present[n - 1] says which sections were named; the first always is. */
typedef struct settings {
    const setting_t *row;
    size_t count;
    void *values;
    const char *repeated; /* "outlet.1"; NULL: no such section */
    size_t stride;
    bool *present;
    unsigned repeats_max;
} settings_t;

/* Room for one line of error: "charger.conf:12: unknown key ..." */
enum { SETTINGS_ERROR_SIZE = 512 };

typedef enum settings_result {
    SETTINGS_OK,
    SETTINGS_BAD,   /* unknown key, value outside its range, unreadable file */
    SETTINGS_ABSENT /* a known thing that this build does not have */
} settings_result_t;

/* Sets one key from text; on failure nothing changes and error has the reason, without a trailing newline. */
settings_result_t settings_set(const settings_t *settings, const char *section, const char *key, const char *text,
                               char error[SETTINGS_ERROR_SIZE]);

/* A section of a file begins, also one without keys: one that may be there several times is there from now on. BAD: unknown. */
settings_result_t settings_section(const settings_t *settings, const char *section, char error[SETTINGS_ERROR_SIZE]);

/* Where the value of a key lives; NULL: there is no such key. */
const void *settings_place(const settings_t *settings, const char *section, const char *key);

/* "section.key=value"; the section may be left out where the key stands in one section only. */
settings_result_t settings_assign(const settings_t *settings, const char *assignment, char error[SETTINGS_ERROR_SIZE]);

/* Reads a whole file, in which a key stands once; stops at the first error, which names FILE:LINE. */
settings_result_t settings_load(const settings_t *settings, const char *path, char error[SETTINGS_ERROR_SIZE]);

/* The value of a row as the file would spell it. */
void settings_text(const settings_t *settings, const setting_t *row, char *text, size_t size);

/* What a row takes, for people: "0 .. 3600", "free | ask | deny". */
void settings_range(const setting_t *row, char *text, size_t size);

/* A file that settings_load() takes, with each key's help and range as comments. */
void settings_print(const settings_t *settings, FILE *to);

/* The same table as Markdown. */
void settings_document(const settings_t *settings, FILE *to);

#endif
