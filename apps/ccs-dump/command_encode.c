/* ccs-dump encode: JSON in, hexadecimal out.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "hex.h"

#include <stdlib.h>
#include <string.h>

enum { OCTETS_MAX = 1 << 20 };

/* What is to be encoded, and as what. */
typedef struct job {
    codec_set_t set; /* CODEC_SET_UNKNOWN: all that fit */
    bool fragment;
    const json_value_t *content;
} job_t;

typedef struct encoded {
    uint8_t *octets; /* NULL: it did not fit */
    size_t length;
    codec_fault_t fault;
} encoded_t;

static bool encode_as(const job_t *job, codec_set_t set, encoded_t *out)
{
    codec_message_t message;
    *out = (encoded_t){.octets = malloc(OCTETS_MAX)};
    if (!out->octets) {
        (void)snprintf(out->fault.what, sizeof out->fault.what, "out of memory");
        return false;
    }
    if (codec_parse(set, job->fragment, job->content, &message, &out->fault) &&
        codec_encode(&message, out->octets, OCTETS_MAX, &out->length, &out->fault)) {
        return true;
    }
    free(out->octets);
    out->octets = NULL;
    return false;
}

static int print_hex(const encoded_t *encoded)
{
    char *const text = malloc(2 * encoded->length + 1);
    if (!text) {
        return complain(EXIT_IO, "out of memory");
    }
    hex_write((ccs_view_t){encoded->octets, encoded->length}, text);
    (void)fwrite(text, 1, 2 * encoded->length, stdout);
    putchar('\n');
    free(text);
    return EXIT_FINE;
}

static int encode_named(const job_t *job)
{
    encoded_t encoded;
    int code = EXIT_BAD_INPUT;
    if (encode_as(job, job->set, &encoded)) {
        code = print_hex(&encoded);
    } else {
        (void)complain(code, "%s: %s", encoded.fault.path[0] ? encoded.fault.path : "-", encoded.fault.what);
    }
    free(encoded.octets);
    return code;
}

/* Sets that know the message by its name say what they do not like about it; the first one speaks where none does. */
static int refuse_guess(const encoded_t encoded[CODEC_SETS])
{
    bool told = false;
    for (codec_set_t set = 0; set < CODEC_SETS; set++) {
        const codec_fault_t *const fault = &encoded[set].fault;
        if (fault->path[0]) {
            (void)complain(EXIT_BAD_INPUT, "%s: %s: %s", codec_set_name(set), fault->path, fault->what);
            told = true;
        }
    }
    return complain(EXIT_BAD_INPUT, "fits no set%s", told ? "" : ": none has a message of this name");
}

/* One set: its octets alone, as with -p. Several: a line for each, as roundtrip reads them. */
static int print_guess(const job_t *job, const encoded_t encoded[CODEC_SETS], size_t fits)
{
    int code = EXIT_FINE;
    for (codec_set_t set = 0; set < CODEC_SETS && code == EXIT_FINE; set++) {
        if (!encoded[set].octets) {
            continue;
        }
        if (fits > 1) {
            printf("%s%s ", codec_set_name(set), job->fragment ? "-frag" : "");
        }
        code = print_hex(&encoded[set]);
    }
    return code;
}

static int encode_guessed(const job_t *job)
{
    encoded_t encoded[CODEC_SETS];
    size_t fits = 0;
    for (codec_set_t set = 0; set < CODEC_SETS; set++) {
        fits += encode_as(job, set, &encoded[set]);
    }
    const int code = fits > 0 ? print_guess(job, encoded, fits) : refuse_guess(encoded);
    for (codec_set_t set = 0; set < CODEC_SETS; set++) {
        free(encoded[set].octets);
    }
    return code;
}

/* What decode prints without -p names its set itself: {"set": "din", "content": {...}}; "fragment": true where it is one. */
static bool unwrap(job_t *job)
{
    const json_value_t *const wrapper = job->content;
    const json_value_t *const name = json_in_member(wrapper, "set"), *const content = json_in_member(wrapper, "content");
    const json_value_t *const fragment = json_in_member(wrapper, "fragment");
    if (!name || !content || wrapper->count != (fragment ? 3 : 2)) {
        return !name && !content;
    }
    const codec_set_t set = codec_set_find((const char *)name->text.at, name->text.length);
    job->set = job->set == CODEC_SET_UNKNOWN ? set : job->set;
    job->fragment = job->fragment || (fragment && fragment->is_true);
    job->content = content;
    return name->kind == JSON_STRING && set != CODEC_SET_UNKNOWN && (!fragment || fragment->kind == JSON_BOOL);
}

static int encode_json(const options_t *options, ccs_view_t text)
{
    json_document_t document;
    json_fault_t fault;
    if (!json_in_read(text, &document, &fault)) {
        return complain(EXIT_BAD_INPUT, "not JSON: line %zu, column %zu: %s", fault.line, fault.column, fault.why);
    }
    job_t job = {options->set, options->fragment, document.root};
    int code = EXIT_BAD_INPUT;
    if (unwrap(&job)) {
        code = (job.set == CODEC_SET_UNKNOWN ? encode_guessed : encode_named)(&job);
    } else {
        (void)complain(code,
                       "beside \"content\" stand \"set\", one of sap din iso2 iso20 iso20-dc xmldsig, and \"fragment\", a boolean");
    }
    json_in_free(&document);
    return code;
}

int command_encode(const options_t *options)
{
    if (options->count > 1) {
        return complain(EXIT_USAGE, "encode takes one FILE at most; see ccs-dump --help");
    }
    size_t length;
    char *const text = slurp(options->count ? options->arguments[0] : NULL, &length);
    if (!text) {
        return EXIT_IO;
    }
    const int code = encode_json(options, (ccs_view_t){(const uint8_t *)text, length});
    free(text);
    return code;
}
