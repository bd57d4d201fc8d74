/* ccs-dump encode: JSON in, hexadecimal out.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "hex.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

enum { OCTETS_MAX = 1 << 20 };

static int refuse(const codec_fault_t *fault)
{
    return complain(EXIT_BAD_INPUT, "%s: %s", fault->path[0] ? fault->path : "-", fault->what);
}

static int print_encoded(const codec_message_t *message)
{
    codec_fault_t fault;
    size_t length;
    uint8_t *const out = malloc(OCTETS_MAX);
    char *const text = malloc(2 * OCTETS_MAX);
    int code = EXIT_FINE;
    if (!out || !text) {
        code = complain(EXIT_IO, "out of memory");
    } else if (codec_encode(message, out, OCTETS_MAX, &length, &fault)) {
        hex_write((ccs_view_t){out, length}, text);
        (void)fwrite(text, 1, 2 * length, stdout);
        putchar('\n');
    } else {
        code = refuse(&fault);
    }
    free(text);
    free(out);
    return code;
}

/* What decode prints without -p names its set itself: {"set": "din", "content": {...}}. */
static const cJSON *unwrap(const cJSON *json, codec_set_t *set, bool *fragment)
{
    const cJSON *const name = cJSON_GetObjectItemCaseSensitive(json, "set");
    const cJSON *const content = cJSON_GetObjectItemCaseSensitive(json, "content");
    if (!cJSON_IsString(name) || !content) {
        return json;
    }
    if (*set == CODEC_SET_UNKNOWN) {
        *set = codec_set_find(name->valuestring, strlen(name->valuestring));
    }
    *fragment = *fragment || cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "fragment"));
    return content;
}

static int encode_json(const options_t *options, const char *text)
{
    codec_message_t message;
    codec_fault_t fault;
    codec_set_t set = options->set;
    bool fragment = options->fragment;
    const char *end = NULL;
    cJSON *const json = cJSON_ParseWithOpts(text, &end, true);
    if (!json) {
        return complain(EXIT_BAD_INPUT, "not JSON at character %zu", (size_t)(end - text) + 1);
    }
    int code;
    const cJSON *const content = unwrap(json, &set, &fragment);
    if (set == CODEC_SET_UNKNOWN) {
        code = complain(EXIT_USAGE, "encode needs -p SET, or JSON that names its set");
    } else {
        code = codec_parse(set, fragment, content, &message, &fault) ? print_encoded(&message) : refuse(&fault);
    }
    cJSON_Delete(json);
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
    const bool whole = strlen(text) == length;
    const int code = whole ? encode_json(options, text) : complain(EXIT_BAD_INPUT, "not JSON: a zero octet inside");
    free(text);
    return code;
}
