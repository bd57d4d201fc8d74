/* ccs-dump: V2G messages between hexadecimal, JSON and capture files.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ccs/version.h"
#include "commands.h"

#include <getopt.h>
#include <string.h>

static const char help[] =
    "usage: ccs-dump decode [-p SET] [--fragment] [--compact] HEX...|-\n"
    "       ccs-dump encode [-p SET] [--fragment] [FILE|-]\n"
    "       ccs-dump roundtrip [-p SET] [--fragment]\n"
    "       ccs-dump pcap [--json] FILE|-\n"
    "\n"
    "  decode     hexadecimal EXI in, JSON out. Spaces, 0x and a V2GTP header are accepted; - reads standard input.\n"
    "             Without -p every set that fits is listed, each as {\"set\": ..., \"content\": ...}.\n"
    "  encode     JSON in (what decode prints, from FILE or standard input), hexadecimal out. Without -p every set that fits\n"
    "             is tried: one prints HEX, several a line \"SET HEX\" each.\n"
    "  roundtrip  for each line \"SET HEX\" one line: the message decoded and encoded again, or \"error BIT PATH: why\".\n"
    "             SET-frag names a fragment: \"iso2-frag 80...\".\n"
    "  pcap       a pcap or pcapng file (Ethernet, VLAN, Linux cooked, loopback, raw IP) as readable text.\n"
    "\n"
    "  -p, --set SET   sap din iso2 iso20 iso20-dc xmldsig\n"
    "  --fragment      not a message document but a fragment: the input of a signature\n"
    "  --compact       JSON on one line\n"
    "  --json          one JSON object per line for each thing found\n"
    "  -h, --help      this text\n"
    "  -V, --version\n"
    "\n"
    "exit codes: 0 fine, 1 bad message, JSON or capture, 2 usage, 3 a file that cannot be read or written\n";

static const struct option long_options[] = {
    {"set", required_argument, NULL, 'p'},
    {"fragment", no_argument, NULL, 'f'},
    {"compact", no_argument, NULL, 'c'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static const struct {
    const char *name;
    int (*run)(const options_t *options);
} commands[] = {
    {"decode", command_decode},
    {"encode", command_encode},
    {"roundtrip", command_roundtrip},
    {"pcap", command_pcap},
};

static int run(const char *name, const options_t *options)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            const int code = commands[i].run(options);
            return fflush(stdout) == 0 ? code : complain(EXIT_IO, "cannot write the output");
        }
    }
    return complain(EXIT_USAGE, "no command \"%s\"; see ccs-dump --help", name);
}

static bool take_set(options_t *options, const char *name)
{
    options->set = codec_set_find(name, strlen(name));
    return options->set != CODEC_SET_UNKNOWN;
}

int main(int argc, char **argv)
{
    options_t options = {.set = CODEC_SET_UNKNOWN};
    for (int option; (option = getopt_long(argc, argv, "p:fcjhV", long_options, NULL)) != -1;) {
        switch (option) {
        case 'p':
            if (!take_set(&options, optarg)) {
                return complain(EXIT_USAGE, "no set \"%s\": sap din iso2 iso20 iso20-dc xmldsig", optarg);
            }
            break;
        case 'f':
            options.fragment = true;
            break;
        case 'c':
            options.compact = true;
            break;
        case 'j':
            options.json = true;
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_FINE;
        case 'V':
            puts("ccs-dump " CCS_VERSION);
            return EXIT_FINE;
        default:
            return EXIT_USAGE;
        }
    }
    if (optind == argc) {
        fputs(help, stderr);
        return EXIT_USAGE;
    }
    options.arguments = argv + optind + 1;
    options.count = argc - optind - 1;
    return run(argv[optind], &options);
}
