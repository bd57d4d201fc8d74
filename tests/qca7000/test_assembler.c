/* The frame assembler: any cut of a good stream gives the same frames; behind any garbage it finds the next packet.
 * SPDX-License-Identifier: Apache-2.0 */
#include "qca7000/assembler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { STREAM = 1 << 18, PACKETS = 100, OVERHEAD = 14 };

typedef struct tape {
    uint8_t octets[STREAM];
    size_t length;
    uint16_t lengths[PACKETS];
    size_t packets;
    uint32_t seed;
} tape_t;

static uint32_t draw(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Content that looks like framing more often than chance would have it, but never like a whole header. */
static uint8_t tricky(uint32_t *seed)
{
    static const uint8_t likely[] = {0xAA, 0xAA, 0x55, 0x00, 0x00, 60, 70};
    const uint32_t value = draw(seed);
    return value % 4 ? likely[(value >> 8) % sizeof likely] : (uint8_t)(value >> 16);
}

static void put(tape_t *tape, const uint8_t *octets, size_t length)
{
    assert_true(tape->length + length <= sizeof tape->octets);
    memcpy(tape->octets + tape->length, octets, length);
    tape->length += length;
}

static void put_packet(tape_t *tape, uint16_t length)
{
    const uint16_t outer = (uint16_t)(length + 10);
    const uint8_t head[] = {0,    0,    (uint8_t)(outer >> 8), (uint8_t)outer,         0xAA, 0xAA,
                            0xAA, 0xAA, (uint8_t)length,       (uint8_t)(length >> 8), 0,    0};
    const uint8_t end[] = {0x55, 0x55};
    put(tape, head, sizeof head);
    for (uint16_t i = 0; i < length; i++) {
        const uint8_t octet = tricky(&tape->seed);
        put(tape, &octet, 1);
    }
    put(tape, end, sizeof end);
    tape->lengths[tape->packets++] = length;
}

static tape_t *tape_make(uint32_t seed)
{
    tape_t *const tape = calloc(1, sizeof *tape);
    assert_non_null(tape);
    tape->seed = seed;
    return tape;
}

/* Feeds pieces of any size; each frame must be the one that was put, at its place. */
static size_t feed_and_compare(const tape_t *tape, qca_assembler_t *assembler, uint32_t cuts)
{
    size_t found = 0, place = 0;
    for (size_t at = 0; at < tape->length;) {
        size_t piece = 1 + draw(&cuts) % (cuts % 3 ? 20 : 2000);
        piece = piece < tape->length - at ? piece : tape->length - at;
        ccs_view_t left = {tape->octets + at, piece}, frame;
        at += piece;
        while (left.length > 0) {
            const size_t taken = qca_assembler_take(assembler, left, &frame);
            assert_true(taken > 0 && taken <= left.length);
            left.at += taken;
            left.length -= taken;
            if (frame.length > 0) {
                assert_true(found < tape->packets);
                assert_int_equal(frame.length, tape->lengths[found]);
                assert_memory_equal(frame.at, tape->octets + place + OVERHEAD - 2, frame.length);
                place += frame.length + OVERHEAD;
                found++;
            }
        }
    }
    return found;
}

static void any_cut_of_a_stream_gives_the_same_frames(void **state)
{
    (void)state;
    for (uint32_t turn = 1; turn <= 100; turn++) {
        uint8_t buffer[QCA_FRAME_MAX];
        qca_assembler_t assembler;
        tape_t *const tape = tape_make(turn);
        for (int i = 0; i < PACKETS; i++) {
            put_packet(tape, (uint16_t)(QCA_FRAME_MIN + draw(&tape->seed) % (QCA_FRAME_MAX - QCA_FRAME_MIN + 1)));
        }
        qca_assembler_init(&assembler, buffer);
        assert_int_equal(feed_and_compare(tape, &assembler, turn * 7919), PACKETS);
        assert_int_equal(assembler.garbage + assembler.bad_ends, 0);
        assert_int_equal(assembler.frames, PACKETS);
        free(tape);
    }
}

static unsigned frames_of(qca_assembler_t *assembler, const uint8_t *octets, size_t length, size_t *last)
{
    unsigned frames = 0;
    ccs_view_t left = {octets, length}, frame;
    while (left.length > 0) {
        const size_t taken = qca_assembler_take(assembler, left, &frame);
        left.at += taken;
        left.length -= taken;
        frames += frame.length > 0;
        *last = frame.length > 0 ? frame.length : *last;
    }
    return frames;
}

/* Whatever was there before, a packet behind 1536 quiet octets is found: the longest that a false header can swallow. */
static void behind_any_garbage_the_next_packet_is_found(void **state)
{
    (void)state;
    uint32_t seed = 99;
    for (int turn = 0; turn < 2000; turn++) {
        uint8_t buffer[QCA_FRAME_MAX];
        qca_assembler_t assembler;
        tape_t *const tape = tape_make(draw(&seed) | 1);
        const size_t garbage = draw(&seed) % 300;
        size_t last = 0;
        for (size_t i = 0; i < garbage; i++) {
            const uint8_t octet = tricky(&seed);
            put(tape, &octet, 1);
        }
        tape->length += turn % 2 ? 1536 : 0;
        put_packet(tape, (uint16_t)(60 + turn % 1463));
        put_packet(tape, 77);
        qca_assembler_init(&assembler, buffer);
        const unsigned frames = frames_of(&assembler, tape->octets, tape->length, &last);
        assert_true(frames >= 1);
        assert_int_equal(last, 77);
        free(tape);
    }
}

/* Each octet of header and end, each bit: that packet is lost or harmless, the one behind it is not. */
static void a_flipped_bit_loses_one_packet_at_most(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < 8 * (12 + 64 + 2); bit++) {
        uint8_t buffer[QCA_FRAME_MAX];
        qca_assembler_t assembler;
        tape_t *const tape = tape_make(5);
        size_t last = 0;
        put_packet(tape, 64);
        put_packet(tape, 64);
        put_packet(tape, 65);
        tape->octets[(12 + 64 + 2) + bit / 8] ^= (uint8_t)(1 << bit % 8);
        qca_assembler_init(&assembler, buffer);
        const unsigned frames = frames_of(&assembler, tape->octets, tape->length, &last);
        const bool framing = bit / 8 < 12 || bit / 8 >= 12 + 64;
        assert_int_equal(frames, framing && bit / 8 >= 2 ? 2 : 3);
        assert_int_equal(last, 65);
        free(tape);
    }
}

static void lengths_beyond_a_frame_are_no_header(void **state)
{
    (void)state;
    static const uint16_t lengths[] = {0, 1, 59, 1523, 1600, 0xFFF5, 0xFFFF};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        uint8_t buffer[QCA_FRAME_MAX];
        qca_assembler_t assembler;
        tape_t *const tape = tape_make(3);
        size_t last = 0;
        const uint16_t outer = (uint16_t)(lengths[i] + 10);
        const uint8_t head[] = {
            0, 0, (uint8_t)(outer >> 8), (uint8_t)outer, 0xAA, 0xAA, 0xAA, 0xAA, (uint8_t)lengths[i], (uint8_t)(lengths[i] >> 8),
            0, 0};
        put(tape, head, sizeof head);
        put_packet(tape, 60);
        qca_assembler_init(&assembler, buffer);
        assert_int_equal(frames_of(&assembler, tape->octets, tape->length, &last), 1);
        assert_int_equal(last, 60);
        assert_int_equal(assembler.garbage, sizeof head);
        free(tape);
    }
}

/* The first two octets of the length in front are zero anyhow: found without them, at the start and behind garbage. */
static void a_header_without_its_first_octets_is_found(void **state)
{
    (void)state;
    for (size_t lost = 0; lost <= 3; lost++) {
        for (size_t garbage = 0; garbage < 3; garbage++) {
            uint8_t buffer[QCA_FRAME_MAX];
            qca_assembler_t assembler;
            tape_t *const tape = tape_make(3);
            size_t last = 0;
            tape->length = 3;
            memset(tape->octets, 0xEE, 3);
            put_packet(tape, 60);
            memmove(tape->octets + 3, tape->octets + 3 + lost, tape->length - 3 - lost);
            qca_assembler_init(&assembler, buffer);
            const unsigned frames = frames_of(&assembler, tape->octets + 3 - garbage, tape->length - 3 - lost + garbage, &last);
            assert_int_equal(frames, lost <= 2);
            free(tape);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_cut_of_a_stream_gives_the_same_frames),  cmocka_unit_test(behind_any_garbage_the_next_packet_is_found),
        cmocka_unit_test(a_flipped_bit_loses_one_packet_at_most),     cmocka_unit_test(lengths_beyond_a_frame_are_no_header),
        cmocka_unit_test(a_header_without_its_first_octets_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
