/* V2GTP: what a stream of octets becomes, whatever shape it comes in.
 * SPDX-License-Identifier: Apache-2.0 */
#include "v2gtp/v2gtp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { BUFFER = 8 + 40 };

/* Everything the reader found, one text line: "8001:3 8002:1" (type and payload length), in order. */
typedef struct found {
    char text[400];
    uint8_t last[BUFFER];
    size_t last_length;
} found_t;

static void note(found_t *found, const v2gtp_message_t *message)
{
    const size_t at = strlen(found->text);
    (void)snprintf(found->text + at, sizeof found->text - at, "%s%04x:%zu", at ? " " : "", message->type, message->payload.length);
    memcpy(found->last, message->payload.at, message->payload.length);
    found->last_length = message->payload.length;
}

/* Feeds octets in pieces of so many and takes every message that comes. */
static void feed(v2gtp_reader_t *reader, found_t *found, const uint8_t *at, size_t length, size_t piece)
{
    while (length > 0) {
        const size_t now = length < piece ? length : piece;
        const size_t taken = v2gtp_reader_put(reader, (ccs_view_t){at, now});
        v2gtp_message_t message;
        if (v2gtp_reader_message(reader, &message)) {
            note(found, &message);
            v2gtp_reader_next(reader);
        } else {
            assert_int_equal(taken, now);
        }
        at += taken;
        length -= taken;
    }
}

typedef struct stream_case {
    const char *rule;
    const char *hex;
    const char *found;
    uint32_t malformed, too_long, unknown_type;
} stream_case_t;

#define GOOD "01fe800100000003aabbcc"

static const stream_case_t cases[] = {
    {"one message", GOOD, "8001:3", 0, 0, 0},
    {"three in a row", GOOD "01fe800200000001ee" GOOD, "8001:3 8002:1 8001:3", 0, 0, 0},
    {"every type of a stream",
     "01fe80010000000100"
     "01fe80020000000100"
     "01fe80030000000100"
     "01fe80040000000100"
     "01fe80050000000100"
     "01fe80060000000100"
     "01fe81010000000100"
     "01fe81020000000100"
     "01fe81030000000100"
     "01fe81040000000100",
     "8001:1 8002:1 8003:1 8004:1 8005:1 8006:1 8101:1 8102:1 8103:1 8104:1", 0, 0, 0},
    {"V2GTPSessionSetup_002: length 0, payload follows",
     "01fe800100000000"
     "8098004011d01801f7e81e4c7800" GOOD,
     "8001:3", 1, 0, 0},
    {"length 0 twice, nothing follows",
     "01fe800100000000"
     "01fe800100000000" GOOD,
     "8001:3", 1, 0, 0},
    {"V2GTPSessionSetup_003: type 7001", "01fe700100000003aabbcc" GOOD, "8001:3", 0, 0, 1},
    {"V2GTPSessionSetup_004: version FF", "fffe800100000003aabbcc" GOOD, "8001:3", 1, 0, 0},
    {"V2GTPSessionSetup_005: inverse FF", "01ff800100000003aabbcc" GOOD, "8001:3", 1, 0, 0},
    {"version 2 with its right inverse", "02fd800100000003aabbcc" GOOD, "8001:3", 1, 0, 0},
    {"a skipped payload may look like a message", "fffe80010000000b" GOOD GOOD, "8001:3", 1, 0, 0},
    {"SDP has no place in a stream", "01fe9000000000021000" GOOD, "8001:3", 0, 0, 1},
    {"a manufacturer's type", "01fea00000000002dead" GOOD, "8001:3", 0, 0, 1},
    {"exactly as long as the buffer",
     "01fe800100000028"
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627",
     "8001:40", 0, 0, 0},
    {"one octet longer than the buffer",
     "01fe800100000029"
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728" GOOD,
     "8001:3", 0, 1, 0},
    {"a length beyond all reason",
     "01fe8001ffffffff"
     "aabbcc" GOOD,
     "8001:3", 1, 0, 0},
    {"one stray octet", "00" GOOD, "8001:3", 1, 0, 0},
    {"a stray 01", "01" GOOD, "8001:3", 1, 0, 0},
    {"a stray FE", "fe" GOOD, "8001:3", 1, 0, 0},
    {"a stray 01 FE", "01fe" GOOD, "8001:3", 1, 0, 0},
    {"text of somebody who tries HTTP", "474554202f20485454502f312e310d0a0d0a" GOOD, "8001:3", 1, 0, 0},
    {"a TLS ClientHello on the plain port", "16030100c8010000c40303aabbccddee" GOOD, "8001:3", 1, 0, 0},
    {"out of step: an unknown type does not lead back in",
     "000000000000000000"
     "01fe700100000003aabbcc" GOOD,
     "8001:3", 1, 0, 0},
    {"out of step: a message too long for us does",
     "000000000000000000"
     "01fe800100000029"
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728" GOOD,
     "8001:3", 1, 1, 0},
    {"two faults count twice", "00" GOOD "00" GOOD, "8001:3 8001:3", 2, 0, 0},
    {"a truncated message gives nothing", "01fe800100000003aabb", "", 0, 0, 0},
    {"half a header gives nothing", "01fe8001", "", 0, 0, 0},
};

static size_t unhex(const char *hex, uint8_t *out)
{
    size_t length = 0;
    for (; hex[0]; hex += 2) {
        unsigned value;
        assert_int_equal(sscanf(hex, "%2x", &value), 1);
        out[length++] = (uint8_t)value;
    }
    return length;
}

static void every_stream_gives_its_messages_in_any_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t octets[600];
        const size_t length = unhex(cases[i].hex, octets);
        for (size_t piece = 1; piece <= length; piece++) {
            uint8_t buffer[BUFFER];
            v2gtp_reader_t reader;
            found_t found = {{0}, {0}, 0};
            v2gtp_reader_init(&reader, buffer, sizeof buffer);
            feed(&reader, &found, octets, length, piece);
            const v2gtp_stats_t *const stats = v2gtp_reader_stats(&reader);
            if (strcmp(found.text, cases[i].found) != 0 || stats->malformed != cases[i].malformed ||
                stats->too_long != cases[i].too_long || stats->unknown_type != cases[i].unknown_type) {
                fail_msg("%s, in pieces of %zu: found \"%s\", malformed %u, too long %u, unknown type %u", cases[i].rule, piece,
                         found.text, stats->malformed, stats->too_long, stats->unknown_type);
            }
        }
    }
}

static void payload_is_what_was_sent(void **state)
{
    (void)state;
    uint8_t buffer[BUFFER];
    uint8_t octets[64];
    const size_t length = unhex("ff" GOOD, octets);
    v2gtp_reader_t reader;
    found_t found = {{0}, {0}, 0};
    v2gtp_reader_init(&reader, buffer, sizeof buffer);
    feed(&reader, &found, octets, length, 1);
    assert_int_equal(found.last_length, 3);
    assert_memory_equal(found.last, "\xaa\xbb\xcc", 3);
}

static void window_never_reaches_beyond_the_message(void **state)
{
    (void)state;
    uint8_t buffer[BUFFER];
    uint8_t octets[64];
    (void)unhex(GOOD, octets);
    v2gtp_reader_t reader;
    v2gtp_message_t message;
    v2gtp_reader_init(&reader, buffer, sizeof buffer);
    assert_int_equal(v2gtp_reader_window(&reader), 8);
    assert_int_equal(v2gtp_reader_put(&reader, (ccs_view_t){octets, 8}), 8);
    assert_int_equal(v2gtp_reader_window(&reader), 3);
    assert_false(v2gtp_reader_message(&reader, &message));
    assert_int_equal(v2gtp_reader_put(&reader, (ccs_view_t){octets + 8, 3}), 3);
    assert_int_equal(v2gtp_reader_window(&reader), 0);

    /* While it waits nothing is taken, and the frame stays as it is. */
    assert_int_equal(v2gtp_reader_put(&reader, (ccs_view_t){octets, 8}), 0);
    assert_true(v2gtp_reader_message(&reader, &message));
    assert_int_equal(message.whole.length, 11);
    assert_memory_equal(message.whole.at, octets, 11);
    v2gtp_reader_next(&reader);
    assert_int_equal(v2gtp_reader_window(&reader), 8);
    assert_false(v2gtp_reader_message(&reader, &message));
}

static void skipped_octets_are_asked_for_at_once(void **state)
{
    (void)state;
    uint8_t buffer[BUFFER];
    uint8_t octets[64];
    (void)unhex("01fe800100001000", octets);
    v2gtp_reader_t reader;
    v2gtp_reader_init(&reader, buffer, sizeof buffer);
    (void)v2gtp_reader_put(&reader, (ccs_view_t){octets, 8});
    assert_int_equal(v2gtp_reader_window(&reader), 4096);
    assert_int_equal(v2gtp_reader_put(&reader, (ccs_view_t){octets, 64}), 64);
    assert_int_equal(v2gtp_reader_window(&reader), 4032);
}

static void a_new_connection_starts_in_step_and_keeps_counting(void **state)
{
    (void)state;
    uint8_t buffer[BUFFER];
    uint8_t octets[64];
    const size_t length = unhex(GOOD, octets);
    v2gtp_reader_t reader;
    found_t found = {{0}, {0}, 0};
    v2gtp_reader_init(&reader, buffer, sizeof buffer);
    feed(&reader, &found, (const uint8_t *)"GET / HTTP/1.1", 14, 14);
    feed(&reader, &found, octets, 5, 5);
    v2gtp_reader_restart(&reader);
    feed(&reader, &found, octets, length, length);
    assert_string_equal(found.text, "8001:3");
    assert_int_equal(v2gtp_reader_stats(&reader)->malformed, 1);
    assert_int_equal(v2gtp_reader_stats(&reader)->messages, 1);
}

/* Any octets at all, then good messages: the reader is back in step after at most one lost message of plausible length. */
static void random_octets_never_break_it(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < 2000; round++) {
        uint8_t buffer[BUFFER];
        uint8_t junk[200];
        v2gtp_reader_t reader;
        found_t found = {{0}, {0}, 0};
        v2gtp_reader_init(&reader, buffer, sizeof buffer);
        for (size_t i = 0; i < sizeof junk; i++) {
            seed = seed * 1664525u + 1013904223u;
            static const uint8_t favourites[] = {0x01, 0xFE, 0x80, 0x00};
            junk[i] = seed & 0x10000 ? favourites[(seed >> 24) & 3] : (uint8_t)(seed >> 24);
        }
        for (size_t done = 0; done < sizeof junk;) {
            done += v2gtp_reader_put(&reader, (ccs_view_t){junk + done, sizeof junk - done});
            v2gtp_message_t message;
            if (v2gtp_reader_message(&reader, &message)) {
                assert_in_range(message.payload.length, 1, BUFFER - 8);
                v2gtp_reader_next(&reader);
            }
        }
        while (reader.skip || (reader.have && reader.want > 8)) {
            const size_t window = v2gtp_reader_window(&reader);
            (void)v2gtp_reader_put(&reader, (ccs_view_t){junk, window < sizeof junk ? window : sizeof junk});
            v2gtp_reader_next(&reader);
        }
        uint8_t octets[64];
        const size_t length = unhex(GOOD GOOD GOOD, octets);
        feed(&reader, &found, octets, length, 7);
        assert_true(strlen(found.text) >= strlen("8001:3"));
    }
}

static void header_round_trip(void **state)
{
    (void)state;
    uint8_t octets[V2GTP_HEADER_SIZE];
    v2gtp_header_write(V2GTP_ISO20_DC, 0x01020304, octets);
    assert_memory_equal(octets, "\x01\xfe\x80\x04\x01\x02\x03\x04", 8);
    const v2gtp_header_t header = v2gtp_header_read(octets);
    assert_int_equal(header.type, V2GTP_ISO20_DC);
    assert_int_equal(header.length, 0x01020304);
    assert_string_equal(v2gtp_type_name(0x8101), "ISO 15118-20 schedule renegotiation");
    assert_null(v2gtp_type_name(0x7001));
}

static void a_datagram_is_one_whole_message(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        ccs_err_t err;
    } datagrams[] = {
        {"01fe9000000000021000", CCS_OK},
        {"01fe90000000000210", CCS_ERR_TRUNCATED},
        {"01fe900000000002100000", CCS_ERR_LENGTH},
        {"01fe9000000000", CCS_ERR_TRUNCATED},
        {"", CCS_ERR_TRUNCATED},
        {"01fe900000000000", CCS_ERR_HEADER},
        {"fffe9000000000021000", CCS_ERR_HEADER},
        {"01ff9000000000021000", CCS_ERR_HEADER},
        {"01fe9000ffffffff1000", CCS_ERR_TRUNCATED},
    };
    for (size_t i = 0; i < sizeof datagrams / sizeof datagrams[0]; i++) {
        uint8_t octets[32];
        const size_t length = unhex(datagrams[i].hex, octets);
        uint16_t type;
        ccs_view_t payload;
        assert_int_equal(v2gtp_datagram_read((ccs_view_t){octets, length}, &type, &payload), datagrams[i].err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_stream_gives_its_messages_in_any_pieces),
        cmocka_unit_test(payload_is_what_was_sent),
        cmocka_unit_test(window_never_reaches_beyond_the_message),
        cmocka_unit_test(skipped_octets_are_asked_for_at_once),
        cmocka_unit_test(a_new_connection_starts_in_step_and_keeps_counting),
        cmocka_unit_test(random_octets_never_break_it),
        cmocka_unit_test(header_round_trip),
        cmocka_unit_test(a_datagram_is_one_whole_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
