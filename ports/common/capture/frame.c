/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/capture/frame.h"

#include "base/assert.h"
#include "base/bytes.h"

#include <string.h>

enum {
    ETHERTYPE_IPV6 = 0x86DD,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    HOP_LIMIT = 64,
    ETHERNET_SIZE = 14,
    IPV6_SIZE = 40,
    UDP_SIZE = 8,
    TCP_SIZE = 20,
    TCP_CHECKSUM_AT = 16,
    UDP_CHECKSUM_AT = 6,
    TCP_WINDOW = 65535
};

/* Multicast maps as RFC 2464 says; an EUI-64 address gives its MAC back; anything else gets a locally administered one. */
static void put_mac(bytes_out_t *out, const uint8_t address[16])
{
    static const uint8_t multicast[2] = {0x33, 0x33};
    static const uint8_t local[2] = {0x02, 0x00};
    if (address[0] == 0xFF) {
        bytes_put(out, multicast, 2);
        bytes_put(out, address + 12, 4);
        return;
    }
    if (address[11] == 0xFF && address[12] == 0xFE) {
        bytes_put_u8(out, address[8] ^ 0x02);
        bytes_put(out, address + 9, 2);
        bytes_put(out, address + 13, 3);
        return;
    }
    bytes_put(out, local, 2);
    bytes_put(out, address + 12, 4);
}

static void put_ipv6(bytes_out_t *out, const ccs_endpoint_t *from, const ccs_endpoint_t *to, uint8_t protocol, size_t length)
{
    put_mac(out, to->address);
    put_mac(out, from->address);
    bytes_put_u16be(out, ETHERTYPE_IPV6);
    bytes_put_u32be(out, (uint32_t)6 << 28);
    bytes_put_u16be(out, (uint16_t)length);
    bytes_put_u8(out, protocol);
    bytes_put_u8(out, HOP_LIMIT);
    bytes_put(out, from->address, 16);
    bytes_put(out, to->address, 16);
}

static uint32_t sum_octets(uint32_t sum, const uint8_t *at, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
    }
    return sum;
}

/* RFC 8200 8.1: pseudo header (addresses, length, protocol), then the segment with a zero checksum. */
static uint16_t checksum(const uint8_t *frame, uint8_t protocol, size_t length)
{
    uint32_t sum = protocol + (uint32_t)length;
    sum = sum_octets(sum, frame + ETHERNET_SIZE + 8, 32);
    sum = sum_octets(sum, frame + ETHERNET_SIZE + IPV6_SIZE, length);
    while (sum >> 16) {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    const uint16_t result = (uint16_t)~sum;
    return result == 0 ? 0xFFFF : result;
}

static void put_checksum(uint8_t *frame, uint8_t protocol, size_t length, size_t at)
{
    bytes_out_t out = bytes_out(frame + ETHERNET_SIZE + IPV6_SIZE + at, 2);
    bytes_put_u16be(&out, checksum(frame, protocol, length));
}

size_t frame_udp(uint8_t at[FRAME_MAX], const ccs_endpoint_t *from, const ccs_endpoint_t *to, ccs_view_t payload)
{
    CCS_ASSERT(payload.length <= FRAME_PAYLOAD_MAX);
    const size_t length = UDP_SIZE + payload.length;
    bytes_out_t out = bytes_out(at, FRAME_MAX);
    put_ipv6(&out, from, to, PROTOCOL_UDP, length);
    bytes_put_u16be(&out, from->port);
    bytes_put_u16be(&out, to->port);
    bytes_put_u16be(&out, (uint16_t)length);
    bytes_put_u16be(&out, 0);
    bytes_put(&out, payload.at, payload.length);
    put_checksum(at, PROTOCOL_UDP, length, UDP_CHECKSUM_AT);
    return out.written;
}

size_t frame_tcp(uint8_t at[FRAME_MAX], const ccs_endpoint_t *from, const ccs_endpoint_t *to, uint32_t sequence,
                 uint32_t acknowledge, uint8_t flags, ccs_view_t payload)
{
    CCS_ASSERT(payload.length <= FRAME_PAYLOAD_MAX);
    const size_t length = TCP_SIZE + payload.length;
    bytes_out_t out = bytes_out(at, FRAME_MAX);
    put_ipv6(&out, from, to, PROTOCOL_TCP, length);
    bytes_put_u16be(&out, from->port);
    bytes_put_u16be(&out, to->port);
    bytes_put_u32be(&out, sequence);
    bytes_put_u32be(&out, acknowledge);
    bytes_put_u8(&out, TCP_SIZE / 4 << 4);
    bytes_put_u8(&out, flags);
    bytes_put_u16be(&out, TCP_WINDOW);
    bytes_put_u32be(&out, 0); /* checksum, urgent pointer */
    bytes_put(&out, payload.at, payload.length);
    put_checksum(at, PROTOCOL_TCP, length, TCP_CHECKSUM_AT);
    return out.written;
}

size_t frame_note(uint8_t at[FRAME_MAX], uint16_t ethertype, ccs_view_t text)
{
    static const uint8_t nobody[12] = {0};
    CCS_ASSERT(text.length <= FRAME_PAYLOAD_MAX);
    bytes_out_t out = bytes_out(at, FRAME_MAX);
    bytes_put(&out, nobody, sizeof nobody);
    bytes_put_u16be(&out, ethertype);
    bytes_put(&out, text.at, text.length);
    return out.written;
}
