/* ccs-evse: the charger's daemon. Man page: docs/man/ccs-evse.1
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "ccs/version.h"
#include "charger.h"
#include "ports/common/options/options.h"

typedef struct arguments {
    const char *config, *hal;
    bool help, version, print_config;
    option_assignments_t assignments;
} arguments_t;

static bool take(void *ctx, int letter, const char *argument, char error[SETTINGS_ERROR_SIZE])
{
    arguments_t *arguments = ctx;
    switch (letter) {
    case 'c':
        arguments->config = argument;
        return true;
    case 'H':
        arguments->hal = argument;
        return true;
    case 'p':
        arguments->print_config = true;
        return true;
    case 'h':
        arguments->help = true;
        return true;
    case 'v':
        arguments->version = true;
        return true;
    case 's':
        snprintf(error, SETTINGS_ERROR_SIZE, "too many --set");
        return options_keep(&arguments->assignments, argument);
    default:
        return false;
    }
}

static const option_row_t rows[] = {
    {"interface", "IF", "outlet.1.interface", 0, "network interface towards the car (needed)"},
    {"modem", "MODEM", "outlet.1.modem", 0, "what stands before the interface: none (the default), linux, spi-model"},
    {"config", "FILE", NULL, 'c', "configuration file; --print-config shows one"},
    {"hal", "HAL", NULL, 'H', "hardware: sim (the default), control, or the path of a shared object"},
    {"set", "KEY=VALUE", NULL, 's', "sets one key of the configuration, over the file; may be repeated"},
    {"print-config", NULL, NULL, 'p', "prints the configuration in force, with every key explained, and ends"},
    {"log", "LEVEL", "log.level", 0, "error, warning, info or debug to standard error"},
    {"log-json", "FILE", "log.json", 0, "appends every trace record as a line of JSON"},
    {"capture", "PATH", "log.capture", 0, "directory for a pcapng of each session, or one file (.pcapng) for all"},
    {"control", "PATH", "site.control", 0, "control socket (see ccsctl)"},
    {"help", NULL, NULL, 'h', "this text"},
    {"version", NULL, NULL, 'v', "the version"},
};

static exits_t fail(exits_t code, const char *why)
{
    fprintf(stderr, "ccs-evse: %s\n", why);
    return code;
}

static exits_t fail_settings(settings_result_t result, const char *why)
{
    return fail(result == SETTINGS_ABSENT ? EXITS_ABSENT : EXITS_CONFIG, why);
}

static exits_t run(charger_settings_t *settings, const arguments_t *arguments)
{
    static charger_t charger; /* large: not on the stack */
    const exits_t opened = charger_open(&charger, settings, arguments->hal);
    const exits_t ended = opened == EXITS_OK ? charger_run(&charger) : opened;
    charger_close(&charger);
    return ended;
}

static exits_t configure_and_run(const arguments_t *arguments)
{
    static charger_settings_t settings;
    char why[SETTINGS_ERROR_SIZE];
    const settings_t table = charger_settings_table(&settings);
    charger_settings_defaults(&settings);
    settings_result_t result = arguments->config == NULL ? SETTINGS_OK : settings_load(&table, arguments->config, why);
    if (result == SETTINGS_OK) {
        result = options_apply(&arguments->assignments, &table, why);
    }
    if (result == SETTINGS_OK) {
        result = charger_settings_finish(&settings, why);
    }
    if (result != SETTINGS_OK) {
        return fail_settings(result, why);
    }
    if (arguments->print_config) {
        settings_print(&table, stdout);
        return EXITS_OK;
    }
    for (unsigned i = 0; i < SETTING_OUTLETS_MAX; i++) {
        if (settings.present[i] && settings.outlet[i].interface[0] == '\0') {
            snprintf(why, sizeof why, "%s of [outlet.%u] is needed (--help lists all options)",
                     i == 0 ? "--interface IF" : "interface", i + 1);
            return fail(EXITS_USAGE, why);
        }
    }
    return run(&settings, arguments);
}

int main(int argc, char **argv)
{
    static arguments_t arguments = {.hal = "sim"};
    char why[SETTINGS_ERROR_SIZE];
    int first_word;
    const option_table_t table = {
        .program = "ccs-evse",
        .synopsis = "--interface IF [OPTION]...",
        .about = "A CCS2 DC charger's communication (SECC): SDP, TCP, DIN 70121, the safety guard and the hardware behind it.",
        .row = rows,
        .count = sizeof rows / sizeof rows[0],
        .take = take,
        .ctx = &arguments,
    };
    if (options_read(&table, argc, argv, &arguments.assignments, &first_word, why) != OPTIONS_OK) {
        return (int)fail(EXITS_USAGE, why);
    }
    if (first_word < argc) {
        snprintf(why, sizeof why, "'%.60s' is no option (--help lists them)", argv[first_word]);
        return (int)fail(EXITS_USAGE, why);
    }
    if (arguments.help) {
        options_help(&table, stdout);
        return EXITS_OK;
    }
    if (arguments.version) {
        printf("ccs-evse %s\n", CCS_VERSION);
        return EXITS_OK;
    }
    return (int)configure_and_run(&arguments);
}
