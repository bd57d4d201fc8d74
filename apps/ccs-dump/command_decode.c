/* ccs-dump decode: hexadecimal in, JSON out.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

static int refuse(codec_set_t set, const codec_fault_t *fault)
{
    return complain(EXIT_BAD_INPUT, "%s: bit %zu, %s: %s", codec_set_name(set), fault->bit, fault->path[0] ? fault->path : "-",
                    fault->what);
}

static void warn(const codec_message_t *message)
{
    if (message->surplus) {
        (void)complain(0, "note: %zu octets behind the message", message->surplus);
    }
    if (message->soft) {
        (void)complain(0, "note: %u values outside their range", message->soft);
    }
}

static int decode_as(codec_set_t set, const options_t *options, const message_hex_t *hex)
{
    codec_message_t message;
    codec_fault_t fault;
    if (!codec_decode(set, options->fragment, hex->exi, &message, &fault)) {
        return refuse(set, &fault);
    }
    json_out_t json = json_out(stdout, options->compact ? JSON_COMPACT : JSON_INDENTED, 0);
    codec_print(&message, &json);
    fputc('\n', stdout);
    warn(&message);
    return EXIT_FINE;
}

/* One object per set that fits, with the set's name; encode takes it back without -p. */
static int decode_guessed(const options_t *options, const message_hex_t *hex)
{
    codec_set_t fits[CODEC_SETS];
    const size_t count = guess(hex, options->fragment, fits);
    if (count == 0) {
        return complain(EXIT_BAD_INPUT, "fits no set; name one with -p to see why");
    }
    for (size_t i = 0; i < count; i++) {
        codec_message_t message;
        codec_fault_t fault;
        if (!codec_decode(fits[i], options->fragment, hex->exi, &message, &fault)) {
            return refuse(fits[i], &fault);
        }
        json_out_t json = json_out(stdout, options->compact ? JSON_COMPACT : JSON_INDENTED, 0);
        json_open(&json, '{');
        json_key(&json, "set");
        json_string(&json, codec_set_name(fits[i]));
        if (options->fragment) {
            json_key(&json, "fragment");
            json_bool(&json, true);
        }
        json_key(&json, "content");
        codec_print(&message, &json);
        json_close(&json, '}');
        fputc('\n', stdout);
        warn(&message);
    }
    return EXIT_FINE;
}

static int decode_text(const options_t *options, ccs_view_t text)
{
    const message_hex_t hex = message_hex(text);
    int code = EXIT_BAD_INPUT;
    if (hex.why[0]) {
        (void)complain(code, "%s", hex.why);
    } else {
        code = options->set == CODEC_SET_UNKNOWN ? decode_guessed(options, &hex) : decode_as(options->set, options, &hex);
    }
    free(hex.octets);
    return code;
}

/* The arguments with a blank between them: a pasted dump needs no quotes. */
static char *join(const options_t *options, size_t *length)
{
    size_t size = 1;
    for (int i = 0; i < options->count; i++) {
        size += strlen(options->arguments[i]) + 1;
    }
    char *const text = malloc(size);
    *length = 0;
    for (int i = 0; text && i < options->count; i++) {
        *length += (size_t)snprintf(text + *length, size - *length, "%s ", options->arguments[i]);
    }
    return text;
}

int command_decode(const options_t *options)
{
    if (options->count == 0) {
        return complain(EXIT_USAGE, "decode needs HEX, or - for standard input; see ccs-dump --help");
    }
    size_t length;
    const bool from_stdin = options->count == 1 && strcmp(options->arguments[0], "-") == 0;
    char *const text = from_stdin ? slurp("-", &length) : join(options, &length);
    if (!text) {
        return EXIT_IO;
    }
    const int code = decode_text(options, (ccs_view_t){(const uint8_t *)text, length});
    free(text);
    return code;
}
