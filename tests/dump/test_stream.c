/* TCP segments in any order, twice, overlapping or lost become one stream.
 * SPDX-License-Identifier: Apache-2.0 */
#include "apps/ccs-dump/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

typedef struct heard {
    char text[200];
} heard_t;

static void hear(void *ctx, const stream_piece_t *piece)
{
    heard_t *const heard = ctx;
    const size_t at = strlen(heard->text);
    char hole[20] = "";
    if (piece->missing) {
        (void)snprintf(hole, sizeof hole, "<%u>", piece->missing);
    }
    (void)snprintf(heard->text + at, sizeof heard->text - at, "%s%.*s", hole, (int)piece->octets.length,
                   (const char *)piece->octets.at);
}

static packet_t data(uint32_t sequence, const char *text)
{
    return (packet_t){
        .kind = PACKET_TCP, .sequence = sequence, .flags = PACKET_ACK, .payload = {(const uint8_t *)text, strlen(text)}};
}

typedef struct step {
    enum { END_OF_CASE, SYN, DATA, ACKED } what;
    uint32_t number;
    const char *text;
} step_t;

typedef struct stream_case {
    const char *rule;
    step_t step[8];
    const char *before_end, *after_end;
} stream_case_t;

static const stream_case_t cases[] = {
    {"in order", {{SYN, 99, ""}, {DATA, 100, "abc"}, {DATA, 103, "def"}}, "abcdef", "abcdef"},
    {"a segment twice", {{SYN, 99, ""}, {DATA, 100, "abc"}, {DATA, 100, "abc"}, {DATA, 103, "d"}}, "abcd", "abcd"},
    {"two swapped", {{SYN, 99, ""}, {DATA, 103, "def"}, {DATA, 100, "abc"}}, "abcdef", "abcdef"},
    {"three in reverse", {{SYN, 99, ""}, {DATA, 104, "e"}, {DATA, 102, "cd"}, {DATA, 100, "ab"}}, "abcde", "abcde"},
    {"overlap at the front", {{SYN, 99, ""}, {DATA, 100, "abc"}, {DATA, 101, "bcd"}}, "abcd", "abcd"},
    {"overlap of an early one", {{SYN, 99, ""}, {DATA, 102, "cde"}, {DATA, 100, "abcd"}}, "abcde", "abcde"},
    {"keep-alive probe", {{SYN, 99, ""}, {DATA, 100, "abc"}, {DATA, 102, "c"}, {DATA, 103, "d"}}, "abcd", "abcd"},
    {"begins in the middle", {{DATA, 500, "abc"}, {DATA, 503, "d"}}, "abcd", "abcd"},
    {"numbers wrap", {{SYN, 0xFFFFFFFD, ""}, {DATA, 1, "d"}, {DATA, 0xFFFFFFFE, "abc"}}, "abcd", "abcd"},
    {"a hole waits", {{SYN, 99, ""}, {DATA, 102, "cd"}}, "", "<2>cd"},
    {"a hole that the peer has acknowledged",
     {{SYN, 99, ""}, {DATA, 102, "cd"}, {ACKED, 104, ""}, {DATA, 104, "e"}},
     "<2>cde",
     "<2>cde"},
    {"an old acknowledgement tells nothing", {{SYN, 99, ""}, {DATA, 102, "cd"}, {ACKED, 100, ""}}, "", "<2>cd"},
    {"two holes", {{SYN, 99, ""}, {DATA, 102, "c"}, {DATA, 105, "f"}, {ACKED, 106, ""}}, "<2>c<2>f", "<2>c<2>f"},
    {"a new connection on the same ports", {{SYN, 99, ""}, {DATA, 100, "a"}, {SYN, 999, ""}, {DATA, 1000, "b"}}, "ab", "ab"},
    {"an empty segment", {{SYN, 99, ""}, {DATA, 100, ""}, {DATA, 100, "a"}}, "a", "a"},
};

static void segments_become_a_stream(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stream_t stream = {0};
        heard_t heard = {""};
        const stream_sink_t sink = {&heard, hear};
        for (const step_t *step = cases[i].step; step->what != END_OF_CASE; step++) {
            packet_t packet = data(step->number, step->text);
            packet.flags |= step->what == SYN ? PACKET_SYN : 0;
            if (step->what == ACKED) {
                stream_acknowledged(&stream, step->number, sink);
            } else {
                stream_segment(&stream, &packet, sink);
            }
        }
        if (strcmp(heard.text, cases[i].before_end) != 0) {
            fail_msg("%s: \"%s\"", cases[i].rule, heard.text);
        }
        stream_end(&stream, sink);
        if (strcmp(heard.text, cases[i].after_end) != 0) {
            fail_msg("%s: at the end \"%s\"", cases[i].rule, heard.text);
        }
    }
}

static void early_segments_are_bounded(void **state)
{
    (void)state;
    stream_t stream = {0};
    heard_t heard = {""};
    const stream_sink_t sink = {&heard, hear};
    packet_t packet = data(99, "");
    packet.flags |= PACKET_SYN;
    stream_segment(&stream, &packet, sink);
    for (uint32_t i = 0; i < STREAM_EARLY_MAX + 10; i++) {
        packet = data(1000 + 2 * i, "x");
        stream_segment(&stream, &packet, sink);
        assert_true(stream.early_count <= STREAM_EARLY_MAX);
    }
    stream_end(&stream, sink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_become_a_stream),
        cmocka_unit_test(early_segments_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
