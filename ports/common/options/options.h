/* Command-line options from one table, which --help is printed from.
 *
 * An option either names a setting ("--log LEVEL" is log.level) or is handed to the program.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_OPTIONS_OPTIONS_H
#define CCS_OPTIONS_OPTIONS_H

#include "ports/common/config/settings.h"

typedef struct option_row {
    const char *name;     /* "interface", without dashes */
    const char *argument; /* "IF"; NULL: takes none */
    const char *setting;  /* "log.level"; "battery.": the argument is key=value of that section; NULL: the program takes it */
    int letter;           /* what take() gets, > 0; 0 with a setting */
    const char *help;
} option_row_t;

typedef struct option_table {
    const char *program;
    const char *synopsis; /* what stands behind the program's name in the usage line */
    const char *about;    /* one or two lines */
    const option_row_t *row;
    size_t count;
    /* Takes an option that is no setting; false: error has the reason. */
    bool (*take)(void *ctx, int letter, const char *argument, char error[SETTINGS_ERROR_SIZE]);
    void *ctx;
} option_table_t;

enum { OPTION_ASSIGNMENTS_MAX = 64 };

/* Settings of the command line, kept until the file has been read, because they win over it. */
typedef struct option_assignments {
    const char *text[OPTION_ASSIGNMENTS_MAX]; /* of argv: "log.level", "debug" apart, or a whole "key=value" with setting NULL */
    const char *setting[OPTION_ASSIGNMENTS_MAX];
    size_t count;
} option_assignments_t;

typedef enum options_result { OPTIONS_OK, OPTIONS_BAD } options_result_t;

/* Reads argv. first_word: index of the first argument that is no option. On failure error has one line. */
options_result_t options_read(const option_table_t *table, int argc, char **argv, option_assignments_t *assignments,
                              int *first_word, char error[SETTINGS_ERROR_SIZE]);

/* Keeps "--set key=value". false: too many. */
bool options_keep(option_assignments_t *assignments, const char *key_value);

/* Applies them, in order. */
settings_result_t options_apply(const option_assignments_t *assignments, const settings_t *settings,
                                char error[SETTINGS_ERROR_SIZE]);

void options_help(const option_table_t *table, FILE *to);

#endif
