/* A capture that we write is read by libpcap, frame for frame, with checksums and sequence numbers that hold.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/capture/capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <pcap/pcap.h>

static const ccs_endpoint_t us = {{0xFE, 0x80, [8] = 0x02, 0x11, 0x22, 0xFF, 0xFE, 0x33, 0x44, 0x55}, 50001};
static const ccs_endpoint_t car = {{0xFE, 0x80, [15] = 7}, 49200};
static const ccs_endpoint_t everybody = {{0xFF, 0x02, [15] = 1}, 15118};

enum { UTC_US = 1700000000 };
#define STAMP (INT64_C(1000000) * UTC_US + 250)

/* Sum over pseudo header and segment including its checksum: 0xFFFF when it is right. */
static uint16_t checksum_of(const uint8_t *frame, size_t length)
{
    uint32_t sum = frame[20] + (uint32_t)(length - 54);
    for (size_t i = 22; i < length; i++) {
        sum += i % 2 ? frame[i] : (uint32_t)frame[i] << 8;
    }
    while (sum >> 16) {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    return (uint16_t)sum;
}

static uint32_t u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

typedef struct fixture {
    char path[64];
    capture_t capture;
    pcap_t *pcap;
} fixture_t;

static int set_up(void **state)
{
    fixture_t *const fixture = calloc(1, sizeof *fixture);
    strcpy(fixture->path, "/tmp/ccs-capture-XXXXXX");
    const int fd = mkstemp(fixture->path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(capture_open(&fixture->capture, fixture->path, "test 0.1"), CCS_OK);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    fixture_t *const fixture = *state;
    capture_close(&fixture->capture);
    if (fixture->pcap) {
        pcap_close(fixture->pcap);
    }
    unlink(fixture->path);
    free(fixture);
    return 0;
}

/* The next frame; opens the file on first use, while the writer still has it open: nothing is buffered. */
static const uint8_t *next_frame(fixture_t *fixture, size_t *length)
{
    char error[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const uint8_t *frame;
    if (!fixture->pcap) {
        fixture->pcap = pcap_open_offline(fixture->path, error);
        if (!fixture->pcap) {
            fail_msg("libpcap: %s", error);
        }
        assert_int_equal(pcap_datalink(fixture->pcap), DLT_EN10MB);
    }
    const int got = pcap_next_ex(fixture->pcap, &header, &frame);
    if (got == PCAP_ERROR_BREAK) {
        return NULL;
    }
    assert_int_equal(got, 1);
    assert_int_equal(header->ts.tv_sec, UTC_US);
    assert_int_equal(header->ts.tv_usec, 250);
    *length = header->caplen;
    return frame;
}

static void a_datagram_is_a_frame(void **state)
{
    fixture_t *const fixture = *state;
    static const uint8_t request[] = {0x01, 0xFE, 0x90, 0, 0, 0, 0, 2, 0x10, 0};
    capture_datagram(&fixture->capture, STAMP, &car, &everybody, (ccs_view_t){request, sizeof request}, "asks for plain TCP");
    size_t length;
    const uint8_t *const frame = next_frame(fixture, &length);
    assert_int_equal(length, 14 + 40 + 8 + 10);
    assert_memory_equal(frame, "\x33\x33\0\0\0\x01\x02\0\0\0\0\x07\x86\xDD", 14);
    assert_memory_equal(frame + 62, request, sizeof request);
    assert_int_equal(checksum_of(frame, length), 0xFFFF);
    assert_null(next_frame(fixture, &length));
}

static void an_address_of_a_mac_gives_it_back(void **state)
{
    fixture_t *const fixture = *state;
    capture_datagram(&fixture->capture, STAMP, &us, &car, (ccs_view_t){(const uint8_t *)"x", 1}, NULL);
    size_t length;
    const uint8_t *const frame = next_frame(fixture, &length);
    assert_memory_equal(frame + 6, "\x00\x11\x22\x33\x44\x55", 6);
    assert_int_equal(checksum_of(frame, length), 0xFFFF);
}

static void a_stream_has_handshake_numbers_and_end(void **state)
{
    fixture_t *const fixture = *state;
    uint8_t big[3000];
    memset(big, 0xA5, sizeof big);
    capture_connect(&fixture->capture, STAMP, 1, &us, &car, false, NULL);
    capture_stream(&fixture->capture, STAMP, 1, 'r', (ccs_view_t){big, 10}, "request");
    capture_stream(&fixture->capture, STAMP, 1, 's', (ccs_view_t){big, sizeof big}, "response");
    capture_disconnect(&fixture->capture, STAMP, 1, 's', NULL);
    static const struct {
        bool from_us;
        uint32_t sequence, acknowledge;
        uint8_t flags;
        size_t payload;
    } expected[] = {
        {false, 2000, 0, 0x02, 0},     {true, 1000, 2001, 0x12, 0},    {false, 2001, 1001, 0x10, 0},
        {false, 2001, 1001, 0x18, 10}, {true, 1001, 2011, 0x10, 1440}, {true, 2441, 2011, 0x10, 1440},
        {true, 3881, 2011, 0x18, 120}, {true, 4001, 2011, 0x11, 0},    {false, 2011, 4002, 0x11, 0},
        {true, 4002, 2012, 0x10, 0},
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        size_t length;
        const uint8_t *const frame = next_frame(fixture, &length);
        assert_non_null(frame);
        assert_int_equal(length, 74 + expected[i].payload);
        assert_memory_equal(frame + 22, expected[i].from_us ? us.address : car.address, 16);
        assert_int_equal(u32(frame + 58), expected[i].sequence);
        assert_int_equal(u32(frame + 62), expected[i].acknowledge);
        assert_int_equal(frame[67], expected[i].flags);
        assert_int_equal(checksum_of(frame, length), 0xFFFF);
    }
    assert_int_equal(capture_packets(&fixture->capture), 10);
}

static void octets_of_no_connection_are_counted(void **state)
{
    fixture_t *const fixture = *state;
    capture_stream(&fixture->capture, STAMP, 0, 'r', (ccs_view_t){(const uint8_t *)"x", 1}, NULL);
    capture_disconnect(&fixture->capture, STAMP, 200, 'r', NULL);
    assert_int_equal(fixture->capture.strays, 2);
    assert_int_equal(capture_packets(&fixture->capture), 0);
}

static void notes_are_text_on_their_own_interface(void **state)
{
    fixture_t *const fixture = *state;
    char text[2000];
    memset(text, 'n', sizeof text - 1);
    text[sizeof text - 1] = 0;
    capture_note(&fixture->capture, STAMP, "pilot C, 5 %");
    capture_note(&fixture->capture, STAMP, text);
    size_t length;
    const uint8_t *frame = next_frame(fixture, &length);
    assert_int_equal(frame[12] << 8 | frame[13], CAPTURE_NOTE_ETHERTYPE);
    assert_memory_equal(frame + 14, "pilot C, 5 %", length - 14);
    frame = next_frame(fixture, &length);
    assert_non_null(frame);
    assert_int_equal(length, 14 + CAPTURE_NOTE_MAX);
}

typedef struct full_disk {
    size_t left;
} full_disk_t;

static bool write_until_full(void *ctx, const void *octets, size_t length)
{
    full_disk_t *const disk = ctx;
    (void)octets;
    if (length > disk->left) {
        return false;
    }
    disk->left -= length;
    return true;
}

static void a_full_disk_ends_the_capture_not_the_charge(void **state)
{
    (void)state;
    full_disk_t disk = {400};
    capture_t capture;
    assert_int_equal(capture_open_sink(&capture, (capture_sink_t){&disk, write_until_full}, "test"), CCS_OK);
    assert_false(capture_failed(&capture));
    for (int i = 0; i < 10; i++) {
        capture_note(&capture, STAMP, "a line");
    }
    assert_true(capture_failed(&capture));
    assert_true(capture_packets(&capture) < 10);
    capture_close(&capture);
}

static void a_place_that_cannot_be_written_is_an_error(void **state)
{
    (void)state;
    capture_t capture;
    assert_int_equal(capture_open(&capture, "/nowhere/at/all.pcapng", "test"), CCS_ERR_IO);
    capture_note(&capture, STAMP, "goes nowhere");
    assert_true(capture_failed(&capture));
    capture_close(&capture);
}

/* ---- a limit ---- */

enum { LIMIT = 65536 };

/* A car that asks so often; a note every hundredth time. Packets and notes are numbered. */
static void flood(capture_t *capture, int from, int to)
{
    char text[40];
    for (int i = from; i < to; i++) {
        const int length = snprintf(text, sizeof text, "packet %d", i);
        capture_datagram(capture, STAMP, &car, &us, (ccs_view_t){(const uint8_t *)text, (size_t)length}, NULL);
        if (i % 100 == 0) {
            (void)snprintf(text, sizeof text, "note %d", i);
            capture_note(capture, STAMP, text);
        }
    }
}

static long size_of(const char *path)
{
    struct stat facts;
    assert_int_equal(stat(path, &facts), 0);
    return (long)facts.st_size;
}

/* Whether a frame ends with that text. */
static bool ends_with(const uint8_t *frame, size_t length, const char *text)
{
    const size_t size = strlen(text);
    return length >= size && memcmp(frame + length - size, text, size) == 0;
}

/* How many frames the file has; told counts those whose text begins so. */
static int frames_of(fixture_t *fixture, const char *begins, int *told)
{
    int frames = 0;
    size_t length;
    *told = 0;
    for (const uint8_t *frame = next_frame(fixture, &length); frame; frame = next_frame(fixture, &length)) {
        frames++;
        *told += length > 14 + strlen(begins) && memcmp(frame + 14, begins, strlen(begins)) == 0;
    }
    return frames;
}

static void a_flood_meets_the_limit_and_the_end_of_the_session_is_there(void **state)
{
    fixture_t *const fixture = *state;
    capture_limit(&fixture->capture, LIMIT);
    flood(&fixture->capture, 1, 100000);
    assert_true(capture_is_cut(&fixture->capture));
    assert_true(capture_left_out(&fixture->capture) > 90000);
    assert_true(size_of(fixture->path) <= LIMIT + 1000);
    capture_note(&fixture->capture, STAMP, "session 1: COMPLETED");
    capture_close(&fixture->capture);
    assert_true(size_of(fixture->path) <= LIMIT + 1000 + CAPTURE_TAIL_SIZE);
    size_t length;
    const uint8_t *frame, *last = NULL;
    bool packet_before = false, end = false;
    while ((frame = next_frame(fixture, &length)) != NULL) {
        packet_before = packet_before || ends_with(frame, length, "packet 99999");
        end = ends_with(frame, length, "session 1: COMPLETED");
        last = frame;
    }
    assert_non_null(last);
    assert_true(packet_before && end);
}

static void what_is_left_out_is_said_in_the_file(void **state)
{
    fixture_t *const fixture = *state;
    int told;
    capture_limit(&fixture->capture, LIMIT);
    flood(&fixture->capture, 1, 20000);
    capture_close(&fixture->capture);
    const int kept = frames_of(fixture, "capture: ", &told);
    assert_int_equal(told, 2); /* where it begins, and how much it was */
    assert_int_equal(kept - told + (int)capture_left_out(&fixture->capture), 19999 + 199);
}

static void notes_go_on_behind_the_last_packet(void **state)
{
    fixture_t *const fixture = *state;
    int told;
    capture_limit(&fixture->capture, LIMIT);
    flood(&fixture->capture, 1, 5000);
    (void)frames_of(fixture, "note ", &told); /* in the file already, before the capture ends */
    assert_int_equal(told, 49);
}

static void below_the_limit_nothing_is_left_out(void **state)
{
    fixture_t *const fixture = *state;
    int told;
    capture_limit(&fixture->capture, LIMIT);
    flood(&fixture->capture, 1, 300);
    assert_false(capture_is_cut(&fixture->capture));
    capture_close(&fixture->capture);
    assert_int_equal(frames_of(fixture, "capture: ", &told), 299 + 2);
    assert_int_equal(told, 0);
    assert_int_equal(capture_left_out(&fixture->capture), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_datagram_is_a_frame, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_address_of_a_mac_gives_it_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stream_has_handshake_numbers_and_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(octets_of_no_connection_are_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(notes_are_text_on_their_own_interface, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_flood_meets_the_limit_and_the_end_of_the_session_is_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_left_out_is_said_in_the_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(notes_go_on_behind_the_last_packet, set_up, tear_down),
        cmocka_unit_test_setup_teardown(below_the_limit_nothing_is_left_out, set_up, tear_down),
        cmocka_unit_test(a_full_disk_ends_the_capture_not_the_charge),
        cmocka_unit_test(a_place_that_cannot_be_written_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
