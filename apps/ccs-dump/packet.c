/* Link layers, IPv6 (and IPv4, for captures of test benches), UDP and TCP headers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "packet.h"

#include "base/bytes.h"
#include "ports/common/capture/capture.h"

#include <pcap/dlt.h>
#include <string.h>

enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_IPV6 = 0x86DD,
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_VLAN_SERVICE = 0x88A8,
    ETHERTYPE_VLAN_OLD = 0x9100,
    ETHERTYPE_HOMEPLUG = 0x88E1,
    NEXT_HOP_BY_HOP = 0,
    NEXT_TCP = 6,
    NEXT_UDP = 17,
    NEXT_ROUTING = 43,
    NEXT_FRAGMENT = 44,
    NEXT_DESTINATION = 60,
    VLAN_TAGS_MAX = 4,
    EXTENSIONS_MAX = 8
};

/* What is left of the frame goes into the payload; the kind says what it is. */
static void payload_is(packet_t *out, packet_kind_t kind, const bytes_in_t *in)
{
    out->kind = kind;
    out->payload = (ccs_view_t){in->at, in->left};
}

static void peel_udp(bytes_in_t *in, packet_t *out)
{
    out->from.port = bytes_get_u16be(in);
    out->to.port = bytes_get_u16be(in);
    bytes_skip(in, 4);
    payload_is(out, in->failed ? PACKET_CUT : PACKET_UDP, in);
}

static void peel_tcp(bytes_in_t *in, packet_t *out)
{
    enum { HEADER = 20 };
    out->from.port = bytes_get_u16be(in);
    out->to.port = bytes_get_u16be(in);
    out->sequence = bytes_get_u32be(in);
    out->acknowledge = bytes_get_u32be(in);
    const size_t header = (size_t)(bytes_get_u8(in) >> 4) * 4;
    out->flags = bytes_get_u8(in);
    bytes_skip(in, 6);
    if (header < HEADER) {
        out->kind = PACKET_OTHER;
        return;
    }
    bytes_skip(in, header - HEADER);
    payload_is(out, in->failed ? PACKET_CUT : PACKET_TCP, in);
}

/* The padding of short Ethernet frames goes; a frame that was cut by the capture's snap length is told. */
static bool limit(bytes_in_t *in, size_t length, packet_t *out)
{
    if (in->failed || in->left < length) {
        out->kind = PACKET_CUT;
        return false;
    }
    in->left = length;
    return true;
}

static void peel_transport(uint8_t protocol, bytes_in_t *in, packet_t *out)
{
    if (protocol == NEXT_UDP) {
        peel_udp(in, out);
    } else if (protocol == NEXT_TCP) {
        peel_tcp(in, out);
    }
}

/* A fragment header that splits nothing (offset 0, no more) is stepped over. */
static bool is_split(bytes_in_t fragment)
{
    bytes_skip(&fragment, 2);
    return (bytes_get_u16be(&fragment) & 0xFFF9) != 0;
}

static void peel_ipv6(bytes_in_t *in, packet_t *out)
{
    bytes_skip(in, 4);
    const uint16_t length = bytes_get_u16be(in);
    uint8_t next = bytes_get_u8(in);
    bytes_skip(in, 1);
    bytes_get(in, out->from.address, 16);
    bytes_get(in, out->to.address, 16);
    if (!limit(in, length, out)) {
        return;
    }
    for (int i = 0; i < EXTENSIONS_MAX; i++) {
        if (next != NEXT_HOP_BY_HOP && next != NEXT_ROUTING && next != NEXT_DESTINATION && next != NEXT_FRAGMENT) {
            peel_transport(next, in, out);
            return;
        }
        if (next == NEXT_FRAGMENT && is_split(*in)) {
            out->kind = PACKET_FRAGMENT;
            return;
        }
        const bool fragment = next == NEXT_FRAGMENT;
        next = bytes_get_u8(in);
        const uint8_t eights = bytes_get_u8(in);
        bytes_skip(in, fragment ? 6 : 6 + (size_t)eights * 8);
    }
}

static void put_ipv4(uint8_t address[16], bytes_in_t *in)
{
    memset(address, 0, 10);
    memset(address + 10, 0xFF, 2);
    bytes_get(in, address + 12, 4);
}

static void peel_ipv4(bytes_in_t *in, packet_t *out)
{
    enum { HEADER = 20 };
    const size_t header = (size_t)(bytes_get_u8(in) & 0x0F) * 4;
    bytes_skip(in, 1);
    const size_t length = bytes_get_u16be(in);
    bytes_skip(in, 2);
    const bool fragment = (bytes_get_u16be(in) & 0x3FFF) != 0;
    bytes_skip(in, 1);
    const uint8_t protocol = bytes_get_u8(in);
    bytes_skip(in, 2);
    put_ipv4(out->from.address, in);
    put_ipv4(out->to.address, in);
    if (in->failed || header < HEADER || length < header) {
        out->kind = in->failed ? PACKET_CUT : PACKET_OTHER;
        return;
    }
    if (!limit(in, length - HEADER, out)) {
        return;
    }
    bytes_skip(in, header - HEADER);
    if (fragment) {
        out->kind = PACKET_FRAGMENT;
        return;
    }
    peel_transport(protocol, in, out);
}

static void peel_ip(bytes_in_t *in, packet_t *out)
{
    if (in->left == 0) {
        return;
    }
    const uint8_t version = in->at[0] >> 4;
    if (version == 6) {
        peel_ipv6(in, out);
    } else if (version == 4) {
        peel_ipv4(in, out);
    }
}

static void peel_ethertype(uint16_t ethertype, bytes_in_t *in, packet_t *out)
{
    for (int i = 0; i < VLAN_TAGS_MAX; i++) {
        if (ethertype != ETHERTYPE_VLAN && ethertype != ETHERTYPE_VLAN_SERVICE && ethertype != ETHERTYPE_VLAN_OLD) {
            break;
        }
        bytes_skip(in, 2);
        ethertype = bytes_get_u16be(in);
    }
    if (in->failed) {
        out->kind = PACKET_CUT;
    } else if (ethertype == ETHERTYPE_IPV6 || ethertype == ETHERTYPE_IPV4) {
        peel_ip(in, out);
    } else if (ethertype == ETHERTYPE_HOMEPLUG) {
        payload_is(out, PACKET_MME, in);
    } else if (ethertype == CAPTURE_NOTE_ETHERTYPE) {
        payload_is(out, PACKET_NOTE, in);
    }
}

static void peel_ethernet(bytes_in_t *in, packet_t *out)
{
    bytes_get(in, out->to_mac, 6);
    bytes_get(in, out->from_mac, 6);
    peel_ethertype(bytes_get_u16be(in), in, out);
}

/* Linux cooked: packet type, ARPHRD, address length, address (8), protocol. */
static void peel_cooked(bytes_in_t *in, packet_t *out)
{
    bytes_skip(in, 6);
    bytes_get(in, out->from_mac, 6);
    bytes_skip(in, 2);
    peel_ethertype(bytes_get_u16be(in), in, out);
}

/* Cooked, version 2: protocol, reserved, interface index, ARPHRD, packet type, address length, address (8). */
static void peel_cooked2(bytes_in_t *in, packet_t *out)
{
    const uint16_t ethertype = bytes_get_u16be(in);
    bytes_skip(in, 10);
    bytes_get(in, out->from_mac, 6);
    bytes_skip(in, 2);
    peel_ethertype(ethertype, in, out);
}

/* The family's number differs by system and byte order; the IP version says the same. */
static void peel_loopback(bytes_in_t *in, packet_t *out)
{
    bytes_skip(in, 4);
    peel_ip(in, out);
}

static const struct {
    int link_type;
    void (*peel)(bytes_in_t *in, packet_t *out);
} links[] = {
    {DLT_EN10MB, peel_ethernet}, {DLT_LINUX_SLL, peel_cooked}, {DLT_LINUX_SLL2, peel_cooked2},
    {DLT_NULL, peel_loopback},   {DLT_LOOP, peel_loopback},    {DLT_RAW, peel_ip},
    {DLT_IPV4, peel_ip},         {DLT_IPV6, peel_ip},
};

enum { LINKS = sizeof links / sizeof links[0] };

static size_t find(int link_type)
{
    size_t i = 0;
    while (i < LINKS && links[i].link_type != link_type) {
        i++;
    }
    return i;
}

bool packet_link_known(int link_type)
{
    return find(link_type) < LINKS;
}

void packet_peel(int link_type, ccs_view_t frame, size_t whole, packet_t *out)
{
    *out = (packet_t){.kind = PACKET_OTHER};
    const size_t i = find(link_type);
    if (i == LINKS) {
        return;
    }
    bytes_in_t in = bytes_in(frame.at, frame.length);
    links[i].peel(&in, out);
    if (in.failed && frame.length < whole) {
        out->kind = PACKET_CUT;
    }
}
