/* The codec of ccs-dump, thousands of messages a second: a line in, a line out.
 *
 *     codec_lines decode SET[-frag]  < HEX lines  > JSON lines
 *     codec_lines encode SET[-frag]  < JSON lines > HEX lines
 *
 * A line that fails is answered with "error BIT PATH: why".
 * SPDX-License-Identifier: Apache-2.0 */
#include "apps/ccs-dump/codec.h"
#include "apps/ccs-dump/hex.h"
#include "apps/ccs-dump/line_reader.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { OCTETS_MAX = 1 << 20 };

typedef struct job {
    codec_set_t set;
    bool fragment;
} job_t;

static void print_fault(const codec_fault_t *fault)
{
    printf("error %zu %s: %s\n", fault->bit, fault->path, fault->what);
}

static void decode_line(const job_t *job, ccs_view_t line)
{
    static uint8_t octets[OCTETS_MAX];
    codec_message_t message;
    codec_fault_t fault;
    size_t length = 0;
    size_t bad = 0;
    if (line.length > 2 * OCTETS_MAX || !hex_read(line, octets, &length, &bad)) {
        printf("error 0 -: not hexadecimal\n");
    } else if (!codec_decode(job->set, job->fragment, (ccs_view_t){octets, length}, &message, &fault)) {
        print_fault(&fault);
    } else {
        json_out_t json = json_out(stdout, JSON_COMPACT, 0);
        codec_print(&message, &json);
        putchar('\n');
    }
}

static void encode_line(const job_t *job, ccs_view_t line)
{
    static uint8_t octets[OCTETS_MAX];
    static char text[2 * OCTETS_MAX];
    codec_message_t message;
    codec_fault_t fault = {0};
    size_t length = 0;
    json_document_t json;
    json_fault_t wrong;
    if (!json_in_read(line, &json, &wrong)) {
        printf("error 0 -: not JSON: column %zu: %s\n", wrong.column, wrong.why);
        return;
    }
    if (codec_parse(job->set, job->fragment, json.root, &message, &fault) &&
        codec_encode(&message, octets, sizeof octets, &length, &fault)) {
        hex_write((ccs_view_t){octets, length}, text);
        printf("%.*s\n", (int)(2 * length), text);
    } else {
        print_fault(&fault);
    }
    json_in_free(&json);
}

static job_t job_of(const char *name)
{
    static const char suffix[] = "-frag";
    const size_t tail = sizeof suffix - 1;
    const size_t length = strlen(name);
    const bool fragment = length > tail && strcmp(name + length - tail, suffix) == 0;
    return (job_t){codec_set_find(name, fragment ? length - tail : length), fragment};
}

int main(int count, char **argument)
{
    const bool encode = count == 3 && strcmp(argument[1], "encode") == 0;
    const bool decode = count == 3 && strcmp(argument[1], "decode") == 0;
    const job_t job = job_of(count == 3 ? argument[2] : "");
    if ((!encode && !decode) || job.set == CODEC_SET_UNKNOWN) {
        fprintf(stderr, "usage: codec_lines decode|encode SET[-frag]\n");
        return 2;
    }
    line_reader_t reader = line_reader(STDIN_FILENO);
    ccs_view_t line;
    while (line_next(&reader, &line)) {
        (encode ? encode_line : decode_line)(&job, line);
    }
    line_reader_free(&reader);
    return fflush(stdout) == 0 && !reader.failed ? 0 : 1;
}
