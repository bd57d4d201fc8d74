/* ccs-pki: makes a development PKI of V2G, and judges chains as a charger does.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ccs/version.h"
#include "commands.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char help[] =
    "usage: ccs-pki make [--kind p256|p521|ed448]... [--from DATE] [--until DATE] DIR\n"
    "       ccs-pki judge --role ROLE --edition 2|20 [--v2g FILE]... [--oem FILE]... [--mo FILE]...\n"
    "                     [--time DATE] [--name NAME] [--compat] FILE...\n"
    "       ccs-pki load --store DIR [--compat] [--password FILE] ca v2g|oem|mo FILE...\n"
    "                     ... key|cert iso2|iso20|iso20-ed448 FILE...\n"
    "       ccs-pki token|list --store DIR\n"
    "       ccs-pki ocsp [--state good|revoked|unknown] [--time DATE] DIR... <request >response\n"
    "\n"
    "  make    the development PKI in DIR: iso2 (P-256), iso20-p521, iso20-ed448. Each has certs/ (all certificates, PEM and\n"
    "          DER), keys/, roots/, ocsp/ and crl/ (for a week from --time), good/ and bad/ (chains that must be accepted and\n"
    "          refused, leaf first) and cases.tsv, which tells role, edition and the reason of each. Never for real use.\n"
    "  judge   a chain, leaf first, in PEM or DER: one line, GOOD or why not. Nothing is asked of revocation.\n"
    "          ROLE: secc secc-private vehicle oem-provisioning contract cps\n"
    "  load    puts roots, a private key or a chain (leaf first) into the store of a charger that does not run. Roots first, then\n"
    "          the key, then the chain, which is judged. Keys in PEM or DER, also with a password.\n"
    "  token   sets the token of the charger's console; it is one line at standard input, of 16 characters at least\n"
    "  list    what is in a store; of keys the fingerprint of their public halves\n"
    "  ocsp    a test responder: answers an OCSP request about a certificate of the trees in DIR..., as their issuers\n"
    "\n"
    "  --kind KIND       only this kind of key; may be repeated\n"
    "  --from, --until   validity; default 2024-01-01 and 2045-01-01\n"
    "  --time DATE       the time to judge at and to date OCSP responses; default now\n"
    "  --v2g, --oem, --mo FILE   roots of each store, PEM or DER; may be repeated\n"
    "  --name NAME       what the common name must be (eMAID, EVCCID)\n"
    "  --store DIR       the store, as [pki] store of ccs-evse; made where it is not there\n"
    "  --password FILE   file whose first line is the key's password\n"
    "  --state STATE     what the responder says; default good\n"
    "  --compat          P-256 in ISO 15118-20 as well, as field peers have it\n"
    "  -h, --help        this text\n"
    "  -V, --version\n"
    "\n"
    "DATE is 2030-01-31 or 2030-01-31T12:00:00, in UTC.\n"
    "exit codes: 0 made, or good; 1 refused; 2 usage; 3 a file that cannot be read or written\n";

enum {
    OPTION_KIND = 256,
    OPTION_FROM,
    OPTION_UNTIL,
    OPTION_TIME,
    OPTION_ROLE,
    OPTION_EDITION,
    OPTION_NAME,
    OPTION_COMPAT,
    OPTION_STORE,
    OPTION_PASSWORD,
    OPTION_STATE,
    OPTION_V2G
};

static const struct option long_options[] = {
    {"kind", required_argument, NULL, OPTION_KIND},
    {"from", required_argument, NULL, OPTION_FROM},
    {"until", required_argument, NULL, OPTION_UNTIL},
    {"time", required_argument, NULL, OPTION_TIME},
    {"role", required_argument, NULL, OPTION_ROLE},
    {"edition", required_argument, NULL, OPTION_EDITION},
    {"name", required_argument, NULL, OPTION_NAME},
    {"compat", no_argument, NULL, OPTION_COMPAT},
    {"store", required_argument, NULL, OPTION_STORE},
    {"password", required_argument, NULL, OPTION_PASSWORD},
    {"state", required_argument, NULL, OPTION_STATE},
    {"v2g", required_argument, NULL, OPTION_V2G + PKI_STORE_V2G},
    {"oem", required_argument, NULL, OPTION_V2G + PKI_STORE_OEM},
    {"mo", required_argument, NULL, OPTION_V2G + PKI_STORE_MO},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static const struct {
    const char *name;
    int (*run)(const options_t *options);
} commands[] = {{"make", command_make},   {"judge", command_judge}, {"load", command_load},
                {"token", command_token}, {"list", command_list},   {"ocsp", command_ocsp}};

int complain(int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("ccs-pki: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return code;
}

/* ---- values of options */

static bool take_date(const char *text, int64_t *time_s)
{
    struct tm parts = {0};
    const char *end = strptime(text, "%Y-%m-%d", &parts);
    if (end && *end == 'T') {
        end = strptime(end + 1, "%H:%M:%S", &parts);
    }
    if (!end || (*end != '\0' && strcmp(end, "Z") != 0)) {
        return false;
    }
    *time_s = (int64_t)timegm(&parts);
    return *time_s > 0;
}

static bool take_kind(const char *text, unsigned *kinds)
{
    static const char *const names[] = {"p256", "p521", "ed448"};
    for (unsigned i = 0; i < MINT_KINDS; i++) {
        if (strcmp(names[i], text) == 0) {
            *kinds |= 1u << i;
            return true;
        }
    }
    return false;
}

static bool take_role(options_t *options, const char *text)
{
    for (unsigned i = 0; i < PKI_ROLES_COUNT; i++) {
        if (strcmp(pki_role_name((pki_role_t)i), text) == 0) {
            options->role = (pki_role_t)i;
            options->has_role = true;
        }
    }
    return options->has_role;
}

static bool take_edition(options_t *options, const char *text)
{
    options->has_edition = strcmp(text, "2") == 0 || strcmp(text, "20") == 0;
    options->edition = strcmp(text, "2") == 0 ? PKI_ISO2 : PKI_ISO20;
    return options->has_edition;
}

static bool take_root(options_t *options, unsigned store, const char *path)
{
    if (options->roots_count[store] == FILES_MAX) {
        return false;
    }
    options->roots[store][options->roots_count[store]++] = path;
    return true;
}

static bool take_state(options_t *options, const char *text)
{
    static const char *const names[] = {"good", "revoked", "unknown"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], text) == 0) {
            options->state = (ocsp_state_t)i;
            return true;
        }
    }
    return false;
}

static bool take(options_t *options, int option, const char *value)
{
    switch (option) {
    case OPTION_KIND:
        return take_kind(value, &options->kinds);
    case OPTION_FROM:
        return take_date(value, &options->from_s);
    case OPTION_UNTIL:
        return take_date(value, &options->until_s);
    case OPTION_TIME:
        return take_date(value, &options->now_s);
    case OPTION_ROLE:
        return take_role(options, value);
    case OPTION_EDITION:
        return take_edition(options, value);
    case OPTION_NAME:
        options->name = value;
        return true;
    case OPTION_COMPAT:
        options->compat = true;
        return true;
    case OPTION_STORE:
        options->store = value;
        return true;
    case OPTION_PASSWORD:
        options->password = value;
        return true;
    case OPTION_STATE:
        return take_state(options, value);
    default:
        return take_root(options, (unsigned)(option - OPTION_V2G), value);
    }
}

static int run(const char *name, const options_t *options)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            const int code = commands[i].run(options);
            return fflush(stdout) == 0 ? code : complain(EXIT_IO, "cannot write the output");
        }
    }
    return complain(EXIT_USAGE, "no command \"%s\"; see ccs-pki --help", name);
}

int main(int argc, char **argv)
{
    options_t options = {.from_s = TREE_FROM_S, .until_s = TREE_UNTIL_S};
    for (int option; (option = getopt_long(argc, argv, "hV", long_options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(help, stdout);
            return EXIT_GOOD;
        }
        if (option == 'V') {
            puts("ccs-pki " CCS_VERSION);
            return EXIT_GOOD;
        }
        if (option == '?') {
            return EXIT_USAGE;
        }
        if (!take(&options, option, optarg)) {
            return complain(EXIT_USAGE, "\"%s\" is no value that can be taken; see ccs-pki --help", optarg);
        }
    }
    if (optind >= argc) {
        return complain(EXIT_USAGE, "no command; see ccs-pki --help");
    }
    options.words = argv + optind + 1;
    options.words_count = (size_t)(argc - optind - 1);
    return run(argv[optind], &options);
}
