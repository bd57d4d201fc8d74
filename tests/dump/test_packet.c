/* Every link type that captures of charging sessions come in leads to the same UDP payload.
 * SPDX-License-Identifier: Apache-2.0 */
#include "apps/ccs-dump/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pcap/dlt.h>

#define MACS       \
    "333300000001" \
    "020000000007"
#define ADDRESSES                      \
    "fe800000000000000000000000000007" \
    "ff020000000000000000000000000001"
#define UDP            \
    "c0303b0e00120000" \
    "01fe9000000000021000"
#define IP6    \
    "60000000" \
    "0012"     \
    "11"       \
    "40" ADDRESSES UDP
#define TCP            \
    "c030c351"         \
    "00000064"         \
    "000000c8"         \
    "6018ffff00000000" \
    "02040578"         \
    "abcd"
#define IP6_TCP \
    "60000000"  \
    "001a"      \
    "06"        \
    "40" ADDRESSES TCP
#define IP4    \
    "45000026" \
    "00000000" \
    "4011"     \
    "0000"     \
    "0a000007" \
    "0a000001" UDP

typedef struct frame_case {
    const char *rule;
    int link_type;
    const char *hex;
    packet_kind_t kind;
    size_t payload;
} frame_case_t;

static const frame_case_t cases[] = {
    {"Ethernet", DLT_EN10MB, MACS "86dd" IP6, PACKET_UDP, 10},
    {"Ethernet, padded", DLT_EN10MB, MACS "86dd" IP6 "0000000000000000", PACKET_UDP, 10},
    {"VLAN", DLT_EN10MB,
     MACS "81000064"
          "86dd" IP6,
     PACKET_UDP, 10},
    {"two VLAN tags", DLT_EN10MB,
     MACS "88a80001"
          "81000064"
          "86dd" IP6,
     PACKET_UDP, 10},
    {"Linux cooked", DLT_LINUX_SLL,
     "000000010006"
     "0200000000070000"
     "86dd" IP6,
     PACKET_UDP, 10},
    {"Linux cooked, version 2", DLT_LINUX_SLL2,
     "86dd0000"
     "00000003"
     "0001"
     "04"
     "06"
     "0200000000070000" IP6,
     PACKET_UDP, 10},
    {"Linux cooked and VLAN", DLT_LINUX_SLL,
     "000000010006"
     "0200000000070000"
     "81000064"
     "86dd" IP6,
     PACKET_UDP, 10},
    {"loopback of BSD, little-endian", DLT_NULL, "1e000000" IP6, PACKET_UDP, 10},
    {"loopback of BSD, big-endian", DLT_NULL, "0000001e" IP6, PACKET_UDP, 10},
    {"loopback of OpenBSD", DLT_LOOP, "00000018" IP6, PACKET_UDP, 10},
    {"raw", DLT_RAW, IP6, PACKET_UDP, 10},
    {"raw IPv6", DLT_IPV6, IP6, PACKET_UDP, 10},
    {"IPv4", DLT_EN10MB, MACS "0800" IP4, PACKET_UDP, 10},
    {"TCP with an option", DLT_EN10MB, MACS "86dd" IP6_TCP, PACKET_TCP, 2},
    {"hop-by-hop header", DLT_RAW,
     "60000000"
     "001a"
     "00"
     "40" ADDRESSES "1100010400000000" UDP,
     PACKET_UDP, 10},
    {"a fragment header that splits nothing", DLT_RAW,
     "60000000"
     "001a"
     "2c"
     "40" ADDRESSES "1100000000000001" UDP,
     PACKET_UDP, 10},
    {"a real fragment", DLT_RAW,
     "60000000"
     "001a"
     "2c"
     "40" ADDRESSES "1100000100000001" UDP,
     PACKET_FRAGMENT, 0},
    {"HomePlug", DLT_EN10MB,
     MACS "88e1"
          "01646000000000",
     PACKET_MME, 7},
    {"HomePlug on a cooked capture", DLT_LINUX_SLL,
     "000000010006"
     "0200000000070000"
     "88e1"
     "01646000000000",
     PACKET_MME, 7},
    {"note", DLT_EN10MB,
     "000000000000000000000000"
     "88b5"
     "6869",
     PACKET_NOTE, 2},
    {"ARP", DLT_EN10MB,
     MACS "0806"
          "0001",
     PACKET_OTHER, 0},
    {"ICMPv6", DLT_RAW,
     "60000000"
     "0004"
     "3a"
     "ff" ADDRESSES "87000000",
     PACKET_OTHER, 0},
    {"half an Ethernet header", DLT_EN10MB, "333300000001", PACKET_CUT, 0},
    {"a header cut in the middle", DLT_EN10MB,
     MACS "86dd"
          "60000000"
          "0012",
     PACKET_CUT, 0},
    {"shorter than the IPv6 header says", DLT_EN10MB,
     MACS "86dd"
          "60000000"
          "0013"
          "11"
          "40" ADDRESSES UDP,
     PACKET_CUT, 0},
    {"a TCP header of 16 octets", DLT_RAW,
     "60000000"
     "0014"
     "06"
     "40" ADDRESSES "c030c351"
     "00000064"
     "000000c8"
     "4018ffff00000000",
     PACKET_OTHER, 0},
    {"nothing", DLT_RAW, "", PACKET_OTHER, 0},
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

static void every_link_type_leads_to_the_payload(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t octets[300];
        packet_t packet;
        const size_t length = unhex(cases[i].hex, octets);
        packet_peel(cases[i].link_type, (ccs_view_t){octets, length}, length + (cases[i].kind == PACKET_CUT), &packet);
        if (packet.kind != cases[i].kind || packet.payload.length != cases[i].payload) {
            fail_msg("%s: kind %d, %zu octets", cases[i].rule, (int)packet.kind, packet.payload.length);
        }
        if (packet.kind == PACKET_UDP) {
            assert_int_equal(packet.from.port, 0xC030);
            assert_int_equal(packet.to.port, 15118);
            assert_int_equal(packet.from.address[15], 7);
        }
    }
}

static void tcp_header_is_read(void **state)
{
    (void)state;
    uint8_t octets[300];
    packet_t packet;
    const size_t length = unhex(IP6_TCP, octets);
    packet_peel(DLT_RAW, (ccs_view_t){octets, length}, length, &packet);
    assert_int_equal(packet.sequence, 100);
    assert_int_equal(packet.acknowledge, 200);
    assert_int_equal(packet.flags, 0x18);
    assert_memory_equal(packet.payload.at, "\xab\xcd", 2);
}

/* Every frame cut at every octet, and with every octet changed: no kind is wrong enough to read beyond the frame (sanitizers
 * watch). */
static void damage_is_harmless(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t octets[300];
        packet_t packet;
        const size_t length = unhex(cases[i].hex, octets);
        for (size_t cut = 0; cut < length; cut++) {
            packet_peel(cases[i].link_type, (ccs_view_t){octets, cut}, length, &packet);
            assert_true(packet.payload.length <= cut);
        }
        for (size_t at = 0; at < length; at++) {
            const uint8_t saved = octets[at];
            for (unsigned value = 0; value < 256; value += 5) {
                octets[at] = (uint8_t)value;
                packet_peel(cases[i].link_type, (ccs_view_t){octets, length}, length, &packet);
                assert_true(packet.payload.length <= length);
            }
            octets[at] = saved;
        }
    }
}

static void unknown_link_types_are_told(void **state)
{
    (void)state;
    assert_true(packet_link_known(DLT_EN10MB));
    assert_false(packet_link_known(DLT_USB_LINUX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_link_type_leads_to_the_payload),
        cmocka_unit_test(tcp_header_is_read),
        cmocka_unit_test(damage_is_harmless),
        cmocka_unit_test(unknown_link_types_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
