/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "hex.h"
#include "v2gtp/v2gtp.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int complain(int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("ccs-dump: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return code;
}

/* Reads to the end, growing by halves. */
static char *read_all(FILE *file, size_t *length)
{
    size_t size = 65536;
    char *text = malloc(size);
    *length = 0;
    while (text) {
        *length += fread(text + *length, 1, size - 1 - *length, file);
        if (*length < size - 1) {
            text[*length] = 0;
            return text;
        }
        size += size / 2;
        char *const grown = realloc(text, size);
        if (!grown) {
            free(text);
        }
        text = grown;
    }
    return NULL;
}

char *slurp(const char *path, size_t *length)
{
    const bool from_stdin = !path || strcmp(path, "-") == 0;
    FILE *const file = from_stdin ? stdin : fopen(path, "rb");
    if (!file) {
        (void)complain(EXIT_IO, "%s: %s", path, strerror(errno));
        return NULL;
    }
    char *text = read_all(file, length);
    if (!text || ferror(file)) {
        (void)complain(EXIT_IO, "%s: %s", from_stdin ? "standard input" : path, text ? strerror(errno) : "too large");
        free(text);
        text = NULL;
    }
    if (!from_stdin) {
        (void)fclose(file);
    }
    return text;
}

/* Steps over a V2GTP header. EXI begins with 0x80, so there is no doubt which of the two it is. */
static void step_over_header(message_hex_t *hex)
{
    if (hex->exi.length < V2GTP_HEADER_SIZE || hex->exi.at[0] != V2GTP_VERSION || hex->exi.at[1] != V2GTP_INVERSE) {
        return;
    }
    const v2gtp_header_t header = v2gtp_header_read(hex->exi.at);
    const size_t rest = hex->exi.length - V2GTP_HEADER_SIZE;
    hex->type = header.type;
    if (!v2gtp_type_streams(header.type)) {
        (void)snprintf(hex->why, sizeof hex->why, "V2GTP payload type %04X carries no EXI", header.type);
    } else if (header.length != rest) {
        (void)snprintf(hex->why, sizeof hex->why, "V2GTP header announces %lu octets, %zu follow", (unsigned long)header.length,
                       rest);
    }
    hex->exi = (ccs_view_t){hex->exi.at + V2GTP_HEADER_SIZE, rest};
}

message_hex_t message_hex(ccs_view_t text)
{
    size_t bad;
    message_hex_t hex = {.octets = malloc(text.length / 2 + 1)};
    if (!hex.octets) {
        (void)snprintf(hex.why, sizeof hex.why, "out of memory");
        return hex;
    }
    hex.exi.at = hex.octets;
    if (!hex_read(text, hex.octets, &hex.exi.length, &bad)) {
        (void)snprintf(hex.why, sizeof hex.why, "not hexadecimal at character %zu", bad + 1);
        return hex;
    }
    if (hex.exi.length == 0) {
        (void)snprintf(hex.why, sizeof hex.why, "no octets");
    }
    step_over_header(&hex);
    return hex;
}

/* Bit per set that a payload type may carry; 0x8101 and 0x8102 belong to the common messages. */
static unsigned sets_of(uint16_t type)
{
    switch (type) {
    case V2GTP_EXI:
        return 1u << CODEC_SAP | 1u << CODEC_DIN | 1u << CODEC_ISO2;
    case V2GTP_ISO20_MAIN:
    case V2GTP_ISO20_SCHEDULE_RENEGOTIATION:
    case V2GTP_ISO20_METERING_CONFIRMATION:
        return 1u << CODEC_ISO20;
    case V2GTP_ISO20_DC:
        return 1u << CODEC_ISO20_DC;
    default:
        return type ? 0 : ~0u;
    }
}

size_t guess(const message_hex_t *hex, bool fragment, codec_set_t fits[CODEC_SETS])
{
    const unsigned allowed = sets_of(hex->type);
    size_t count = 0;
    bool clean = false;
    for (codec_set_t set = 0; set < CODEC_SETS; set++) {
        codec_message_t message;
        codec_fault_t fault;
        if (!(allowed >> set & 1) || !codec_decode(set, fragment, hex->exi, &message, &fault)) {
            continue;
        }
        const bool without_rest = message.surplus == 0 && message.soft == 0;
        if (clean && !without_rest) {
            continue;
        }
        if (without_rest && !clean) {
            count = 0;
            clean = true;
        }
        fits[count++] = set;
    }
    return count;
}
