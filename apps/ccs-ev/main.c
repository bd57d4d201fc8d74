/* ccs-ev: a car to test chargers with. Man page: docs/man/ccs-ev.1
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "ccs/version.h"
#include "driver.h"
#include "ports/common/options/options.h"

typedef struct arguments {
    const char *interface, *config, *preset, *misbehave;
    bool help, version, print_config;
    option_assignments_t assignments;
} arguments_t;

static bool take(void *ctx, int letter, const char *argument, char error[SETTINGS_ERROR_SIZE])
{
    arguments_t *arguments = ctx;
    switch (letter) {
    case 'i':
        arguments->interface = argument;
        return true;
    case 'c':
        arguments->config = argument;
        return true;
    case 'P':
        arguments->preset = argument;
        return true;
    case 'm':
        arguments->misbehave = argument;
        return true;
    case 't':
        snprintf(error, SETTINGS_ERROR_SIZE, "too many options");
        return options_keep(&arguments->assignments, "car.tls=on");
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
    {"interface", "IF", NULL, 'i', "network interface towards the charger (needed)"},
    {"modem", "MODEM", "slac.modem", 0, "what stands before the interface: none (the default), linux, spi-model"},
    {"protocol", "NAME", "car.protocol", 0, "the protocol that is offered: din"},
    {"preset", "NAME", NULL, 'P', "a car as seen on the road; 'list' shows them"},
    {"config", "FILE", NULL, 'c', "configuration file; --print-config shows one"},
    {"set", "KEY=VALUE", NULL, 's', "sets one key of the configuration, over the file; may be repeated"},
    {"tls", NULL, NULL, 't', "asks for TLS; roots and certificates: [tls] of the configuration"},
    {"battery", "KEY=VALUE", "battery.", 0, "the same for a key of [battery]"},
    {"sessions", "N", "run.sessions", 0, "so many sessions, with the connector pulled in between"},
    {"misbehave", "NAME@MESSAGE[:n]", NULL, 'm', "a fault of this car at the n-th request of that name; 'list' shows them"},
    {"plug", "PATH", "run.plug", 0, "control socket of a ccs-evse --hal sim whose connector follows this car"},
    {"control", "PATH", "run.control", 0, "this car's own control socket (see ccsctl)"},
    {"print-config", NULL, NULL, 'p', "prints the configuration in force, with every key explained, and ends"},
    {"log", "LEVEL", "log.level", 0, "error, warning, info or debug to standard error"},
    {"log-json", "FILE", "log.json", 0, "appends every trace record as a line of JSON"},
    {"capture", "FILE", "log.capture", 0, "pcapng of all sessions"},
    {"help", NULL, NULL, 'h', "this text"},
    {"version", NULL, NULL, 'v', "the version"},
};

static exits_t fail(exits_t code, const char *why)
{
    fprintf(stderr, "ccs-ev: %s\n", why);
    return code;
}

static exits_t list_presets(void)
{
    for (size_t i = 0; ccs_ev_preset_name(i) != NULL; i++) {
        printf("%-12s %s\n", ccs_ev_preset_name(i), ccs_ev_preset_text(i));
    }
    return EXITS_OK;
}

static exits_t list_misbehaviours(void)
{
#define CCS_MISBEHAVE_LINE(name, text) {#name, text},
    static const struct {
        const char *name, *text;
    } lines[] = {CCS_MISBEHAVIOURS(CCS_MISBEHAVE_LINE)};
#undef CCS_MISBEHAVE_LINE
    for (size_t i = 1; i < sizeof lines / sizeof lines[0]; i++) {
        printf("%-14s %s\n", lines[i].name, lines[i].text);
    }
    return EXITS_OK;
}

/* In the order of strength: defaults, preset, file, command line. */
static settings_result_t configure(const settings_t *table, const arguments_t *arguments, char why[SETTINGS_ERROR_SIZE])
{
    car_settings_t *settings = table->values;
    settings_result_t result = SETTINGS_OK;
    car_settings_defaults(settings);
    if (arguments->preset != NULL && !car_settings_preset(settings, arguments->preset)) {
        snprintf(why, SETTINGS_ERROR_SIZE, "--preset: no car '%.60s'; 'list' shows them", arguments->preset);
        return SETTINGS_BAD;
    }
    if (arguments->config != NULL) {
        result = settings_load(table, arguments->config, why);
    }
    if (result == SETTINGS_OK && arguments->misbehave != NULL) {
        result = car_settings_misbehave(settings, arguments->misbehave, why);
    }
    if (result == SETTINGS_OK) {
        result = options_apply(&arguments->assignments, table, why);
    }
    return result == SETTINGS_OK ? car_settings_finish(settings, why) : result;
}

static exits_t configure_and_run(const arguments_t *arguments)
{
    static car_settings_t settings;
    static driver_t driver; /* large: not on the stack */
    char why[SETTINGS_ERROR_SIZE];
    const settings_t table = {.row = car_rows, .count = car_rows_count, .values = &settings};
    const settings_result_t result = configure(&table, arguments, why);
    if (result != SETTINGS_OK) {
        return fail(result == SETTINGS_ABSENT ? EXITS_ABSENT : EXITS_CONFIG, why);
    }
    if (arguments->print_config) {
        settings_print(&table, stdout);
        return EXITS_OK;
    }
    if (arguments->interface == NULL) {
        return fail(EXITS_USAGE, "--interface IF is needed (--help lists all options)");
    }
    const exits_t opened = driver_open(&driver, &settings, arguments->interface);
    const exits_t ended = opened == EXITS_OK ? driver_run(&driver) : opened;
    driver_close(&driver);
    return ended;
}

static bool is_list(const char *text)
{
    return text != NULL && strcmp(text, "list") == 0;
}

int main(int argc, char **argv)
{
    static arguments_t arguments;
    char why[SETTINGS_ERROR_SIZE];
    int first_word;
    const option_table_t table = {
        .program = "ccs-ev",
        .synopsis = "--interface IF --protocol din [OPTION]...",
        .about = "A simulated electric car (EVCC) that charges at a real or simulated DC charger over the network.",
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
        printf("ccs-ev %s\n", CCS_VERSION);
        return EXITS_OK;
    }
    if (is_list(arguments.preset)) {
        return (int)list_presets();
    }
    if (is_list(arguments.misbehave)) {
        return (int)list_misbehaviours();
    }
    return (int)configure_and_run(&arguments);
}
