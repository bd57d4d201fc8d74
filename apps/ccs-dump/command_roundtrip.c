/* ccs-dump roundtrip: a line "SET HEX" in, a line "HEX" or "error BIT PATH: why" out; for tests of codecs against each other.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "hex.h"
#include "line_reader.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OCTETS_MAX = 1 << 20 };

static void print_error(const codec_fault_t *fault)
{
    printf("error %zu %s: %s\n", fault->bit, fault->path[0] ? fault->path : "-", fault->what);
}

static void print_why(const char *why)
{
    printf("error 0 -: %s\n", why);
}

static void print_hex(ccs_view_t octets)
{
    char text[4096];
    while (octets.length > 0) {
        const size_t piece = octets.length < sizeof text / 2 ? octets.length : sizeof text / 2;
        hex_write((ccs_view_t){octets.at, piece}, text);
        (void)fwrite(text, 1, 2 * piece, stdout);
        octets = (ccs_view_t){octets.at + piece, octets.length - piece};
    }
    putchar('\n');
}

static void there_and_back(codec_set_t set, bool fragment, ccs_view_t exi, uint8_t *out)
{
    codec_message_t message;
    codec_fault_t fault;
    size_t length;
    if (codec_decode(set, fragment, exi, &message, &fault) && codec_encode(&message, out, OCTETS_MAX, &length, &fault)) {
        print_hex((ccs_view_t){out, length});
    } else {
        print_error(&fault);
    }
}

/* The first word, if it names a set: "din", "iso2-frag". Steps over it. */
static bool take_set(ccs_view_t *line, codec_set_t *set, bool *fragment)
{
    static const char suffix[] = "-frag";
    const size_t tail = sizeof suffix - 1;
    size_t word = 0;
    while (word < line->length && line->at[word] != ' ' && line->at[word] != '\t') {
        word++;
    }
    const char *const name = (const char *)line->at;
    *fragment = word > tail && memcmp(name + word - tail, suffix, tail) == 0;
    *set = codec_set_find(name, *fragment ? word - tail : word);
    if (*set == CODEC_SET_UNKNOWN) {
        return false;
    }
    *line = (ccs_view_t){line->at + word, line->length - word};
    return true;
}

static bool is_hex_word(ccs_view_t line)
{
    return line.length > 0 && strchr("0123456789abcdefABCDEF", line.at[0]) != NULL;
}

static void one_line(ccs_view_t line, const options_t *options, uint8_t *out)
{
    codec_set_t set;
    bool fragment;
    if (!take_set(&line, &set, &fragment)) {
        set = options->set;
        fragment = options->fragment;
        if (line.length > 1 && !is_hex_word(line)) {
            print_why(
                "the line begins with no name of a set (sap din iso2 iso20 iso20-dc xmldsig, fragments with -frag behind it)");
            return;
        }
    }
    const message_hex_t hex = message_hex(line);
    codec_set_t fits[CODEC_SETS];
    if (hex.why[0]) {
        print_why(hex.why);
    } else if (set != CODEC_SET_UNKNOWN) {
        there_and_back(set, fragment, hex.exi, out);
    } else if (guess(&hex, fragment, fits) > 0) {
        there_and_back(fits[0], fragment, hex.exi, out);
    } else {
        print_why("fits no set");
    }
    free(hex.octets);
}

int command_roundtrip(const options_t *options)
{
    if (options->count > 0) {
        return complain(EXIT_USAGE, "roundtrip takes no arguments: it reads standard input");
    }
    uint8_t *const out = malloc(OCTETS_MAX);
    line_reader_t reader = line_reader(STDIN_FILENO);
    ccs_view_t line;
    while (out && line_next(&reader, &line)) {
        one_line(line, options, out);
        if (line_must_wait(&reader)) {
            (void)fflush(stdout);
        }
    }
    const bool failed = reader.failed || !out || fflush(stdout) != 0;
    line_reader_free(&reader);
    free(out);
    return failed ? complain(EXIT_IO, "cannot read or write") : EXIT_FINE;
}
