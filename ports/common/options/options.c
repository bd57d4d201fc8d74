/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/options/options.h"

#include <getopt.h>
#include <string.h>

enum { ROWS_MAX = 40, LETTER_FIRST = 256 };

bool options_keep(option_assignments_t *assignments, const char *key_value)
{
    if (assignments->count == OPTION_ASSIGNMENTS_MAX) {
        return false;
    }
    assignments->setting[assignments->count] = NULL;
    assignments->text[assignments->count++] = key_value;
    return true;
}

static bool row_take(const option_table_t *table, const option_row_t *row, option_assignments_t *assignments, const char *argument,
                     char error[SETTINGS_ERROR_SIZE])
{
    if (row->setting == NULL) {
        return table->take(table->ctx, row->letter, argument, error);
    }
    if (!options_keep(assignments, argument)) {
        snprintf(error, SETTINGS_ERROR_SIZE, "too many options");
        return false;
    }
    assignments->setting[assignments->count - 1] = row->setting;
    return true;
}

/* getopt_long() wants its own form of the table; the value of each is the row's index. */
static void long_options(const option_table_t *table, struct option *to)
{
    for (size_t i = 0; i < table->count && i < ROWS_MAX; i++) {
        const option_row_t *row = &table->row[i];
        to[i] = (struct option){
            .name = row->name, .has_arg = row->argument == NULL ? no_argument : required_argument, .val = LETTER_FIRST + (int)i};
    }
}

options_result_t options_read(const option_table_t *table, int argc, char **argv, option_assignments_t *assignments,
                              int *first_word, char error[SETTINGS_ERROR_SIZE])
{
    struct option rows[ROWS_MAX + 1] = {0};
    long_options(table, rows);
    opterr = 0;
    optind = 0;
    for (;;) {
        const int found = getopt_long(argc, argv, "+:", rows, NULL);
        if (found == -1) {
            *first_word = optind;
            return OPTIONS_OK;
        }
        if (found == ':' || found == '?') {
            const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
            snprintf(error, SETTINGS_ERROR_SIZE, found == ':' ? "option '%.60s' needs an argument" : "unknown option '%.60s'",
                     word);
            return OPTIONS_BAD;
        }
        if (!row_take(table, &table->row[found - LETTER_FIRST], assignments, optarg, error)) {
            return OPTIONS_BAD;
        }
    }
}

settings_result_t options_apply(const option_assignments_t *assignments, const settings_t *settings,
                                char error[SETTINGS_ERROR_SIZE])
{
    for (size_t i = 0; i < assignments->count; i++) {
        char whole[SETTINGS_ERROR_SIZE];
        const char *setting = assignments->setting[i] == NULL ? "" : assignments->setting[i];
        const bool names_key = setting[0] != '\0' && setting[strlen(setting) - 1] != '.';
        snprintf(whole, sizeof whole, "%s%s%s", setting, names_key ? "=" : "", assignments->text[i]);
        const settings_result_t result = settings_assign(settings, whole, error);
        if (result != SETTINGS_OK) {
            return result;
        }
    }
    return SETTINGS_OK;
}

void options_help(const option_table_t *table, FILE *to)
{
    fprintf(to, "Usage: %s %s\n\n%s\n\nOptions:\n", table->program, table->synopsis, table->about);
    for (size_t i = 0; i < table->count; i++) {
        char head[48];
        const option_row_t *row = &table->row[i];
        snprintf(head, sizeof head, "--%s%s%s", row->name, row->argument == NULL ? "" : " ",
                 row->argument == NULL ? "" : row->argument);
        fprintf(to, "  %-26s %s\n", head, row->help);
    }
}
