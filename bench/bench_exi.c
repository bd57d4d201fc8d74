/* bench-exi SET HEX decode|encode COUNT: one EXI message, one direction, so many times; nothing else happens in the loop.
 *
 * Ends with 0 if every repetition succeeded. Count instructions as the difference of two runs (script/bench does).
 * With --time it prints nanoseconds per repetition.
 * SPDX-License-Identifier: Apache-2.0 */
#include "messages/din.h"
#include "messages/iso2.h"
#include "messages/iso20.h"
#include "messages/sap.h"
#include "messages/xmldsig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FRAME_MAX = 1 << 16, ARENA_WORDS = 1 << 17, EXIT_USAGE = 2 };

static const exi_set_t *const sets[] = {&exi_sap, &exi_din, &exi_iso2, &exi_iso20, &exi_iso20_dc, &exi_xmldsig};

static uint8_t frame_octets[FRAME_MAX], out[FRAME_MAX];
static uint64_t memory[ARENA_WORDS];

static const exi_set_t *find(const char *name)
{
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        if (strcmp(exi_set_name(sets[i]), name) == 0) {
            return sets[i];
        }
    }
    return NULL;
}

static bool unhex(const char *hex, ccs_view_t *frame)
{
    size_t length = 0;
    for (; hex[0] && hex[1] && length < FRAME_MAX; hex += 2) {
        const char pair[3] = {hex[0], hex[1], 0};
        char *end;
        frame_octets[length++] = (uint8_t)strtoul(pair, &end, 16);
        if (*end) {
            return false;
        }
    }
    *frame = (ccs_view_t){frame_octets, length};
    return length > 0 && hex[0] == 0;
}

static ccs_err_t decode(const exi_set_t *set, ccs_view_t frame, exi_message_t *message)
{
    exi_arena_t arena = {.at = memory, .size = sizeof memory};
    return exi_decode(set, frame, &arena, message);
}

static ccs_err_t repeat_decode(const exi_set_t *set, ccs_view_t frame, unsigned long count)
{
    exi_message_t message;
    for (unsigned long i = 0; i < count; i++) {
        CCS_TRY(decode(set, frame, &message));
    }
    return CCS_OK;
}

/* What is encoded was decoded whole: a list that still lies in its frame cannot be encoded. */
static ccs_err_t repeat_encode(const exi_set_t *set, ccs_view_t frame, unsigned long count)
{
    const exi_options_t whole = {.whole_lists = true};
    exi_arena_t arena = {.at = memory, .size = sizeof memory};
    exi_message_t message;
    size_t length;
    CCS_TRY(exi_decode_with(set, frame, &whole, &arena, &message));
    for (unsigned long i = 0; i < count; i++) {
        CCS_TRY(exi_encode(set, message.root, message.at, out, sizeof out, &length, NULL));
    }
    return CCS_OK;
}

static double now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

int main(int argc, char **argv)
{
    const bool timed = argc > 1 && strcmp(argv[1], "--time") == 0;
    argv += timed;
    argc -= timed;
    const exi_set_t *const set = argc == 5 ? find(argv[1]) : NULL;
    ccs_view_t frame;
    if (!set || !unhex(argv[2], &frame)) {
        fputs("usage: bench-exi [--time] SET HEX decode|encode COUNT\n", stderr);
        return EXIT_USAGE;
    }
    const unsigned long count = strtoul(argv[4], NULL, 10);
    const double begin_ns = now_ns();
    const ccs_err_t err = strcmp(argv[3], "encode") == 0 ? repeat_encode(set, frame, count) : repeat_decode(set, frame, count);
    if (err != CCS_OK) {
        fprintf(stderr, "bench-exi: %s: %s\n", ccs_err_name(err), ccs_err_text(err));
        return EXIT_FAILURE;
    }
    if (timed && count > 0) {
        printf("%.1f\n", (now_ns() - begin_ns) / (double)count);
    }
    return EXIT_SUCCESS;
}
