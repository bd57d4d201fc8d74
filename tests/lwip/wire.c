/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lwip/wire.h"

#include <string.h>

enum { ETHERNET = 14, IPV6 = 40, HEADERS = ETHERNET + IPV6 };

const uint8_t wire_all_nodes[16] = {0xff, 0x02, [15] = 1};

static void put16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)get16(at) << 16 | get16(at + 2);
}

wire_station_t wire_station(uint8_t number)
{
    wire_station_t station = {.mac = {0x02, 0, 0, 0, 0, number}, .address = {0xfe, 0x80}};
    station.address[8] = 0x5a; /* privacy addresses exist: nobody may derive it from the MAC */
    station.address[14] = 0x77;
    station.address[15] = number;
    return station;
}

void wire_solicited_node(const uint8_t address[16], uint8_t group[16])
{
    static const uint8_t prefix[13] = {0xff, 0x02, [11] = 1, [12] = 0xff};
    memcpy(group, prefix, sizeof prefix);
    memcpy(group + sizeof prefix, address + 13, 3);
}

static uint32_t sum_of(const uint8_t *at, size_t length)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < length; i++) {
        sum += i % 2 == 0 ? (uint32_t)at[i] << 8 : at[i];
    }
    return sum;
}

static uint16_t checksum(const wire_frame_t *frame)
{
    const size_t length = get16(frame->octets + ETHERNET + 4);
    uint32_t sum = (uint32_t)length + frame->octets[ETHERNET + 6] + sum_of(frame->octets + ETHERNET + 8, 32) +
                   sum_of(frame->octets + HEADERS, length);
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

static size_t checksum_at(uint8_t protocol)
{
    return protocol == WIRE_ICMP ? 2 : protocol == WIRE_UDP ? 6 : 16;
}

void wire_seal(wire_frame_t *frame)
{
    uint8_t *at = frame->octets + HEADERS + checksum_at(frame->octets[ETHERNET + 6]);
    put16(at, 0);
    put16(at, checksum(frame));
}

bool wire_sealed(const wire_frame_t *frame)
{
    return checksum(frame) == 0;
}

static wire_frame_t begin(const wire_station_t *from, const wire_station_t *to, uint8_t protocol, size_t payload)
{
    wire_frame_t frame = {.length = HEADERS + payload};
    uint8_t *ip = frame.octets + ETHERNET;
    memcpy(frame.octets, to->mac, 6);
    if (to->address[0] == 0xff) {
        frame.octets[0] = frame.octets[1] = 0x33;
        memcpy(frame.octets + 2, to->address + 12, 4);
    }
    memcpy(frame.octets + 6, from->mac, 6);
    put16(frame.octets + 12, 0x86dd);
    ip[0] = 0x60;
    put16(ip + 4, payload);
    ip[6] = protocol;
    ip[7] = 255;
    memcpy(ip + 8, from->address, 16);
    memcpy(ip + 24, to->address, 16);
    return frame;
}

wire_frame_t wire_udp(const wire_station_t *from, const wire_station_t *to, uint16_t source, uint16_t target, ccs_view_t data)
{
    wire_frame_t frame = begin(from, to, WIRE_UDP, 8 + data.length);
    uint8_t *udp = frame.octets + HEADERS;
    frame.octets[ETHERNET + 7] = 10; /* as a real car does */
    put16(udp, source);
    put16(udp + 2, target);
    put16(udp + 4, 8 + data.length);
    memcpy(udp + 8, data.at, data.length);
    wire_seal(&frame);
    return frame;
}

wire_frame_t wire_segment(const wire_station_t *from, const wire_station_t *to, const wire_tcp_t *tcp)
{
    const size_t header = tcp->mss != 0 ? 24 : 20;
    wire_frame_t frame = begin(from, to, WIRE_TCP, header + tcp->data.length);
    uint8_t *at = frame.octets + HEADERS;
    put16(at, tcp->source);
    put16(at + 2, tcp->target);
    put32(at + 4, tcp->sequence);
    put32(at + 8, tcp->acknowledge);
    at[12] = (uint8_t)(header / 4 << 4);
    at[13] = tcp->flags;
    put16(at + 14, tcp->window);
    if (tcp->mss != 0) {
        at[20] = 2;
        at[21] = 4;
        put16(at + 22, tcp->mss);
    }
    if (tcp->data.length > 0) {
        memcpy(at + header, tcp->data.at, tcp->data.length);
    }
    wire_seal(&frame);
    return frame;
}

wire_frame_t wire_solicitation(const wire_station_t *from, const wire_station_t *to, const uint8_t target[16], bool with_option,
                               bool probe)
{
    wire_frame_t frame = begin(from, to, WIRE_ICMP, with_option ? 32 : 24);
    uint8_t *icmp = frame.octets + HEADERS;
    if (probe) {
        memset(frame.octets + ETHERNET + 8, 0, 16);
    }
    icmp[0] = WIRE_SOLICITATION;
    memcpy(icmp + 8, target, 16);
    if (with_option) {
        icmp[24] = 1;
        icmp[25] = 1;
        memcpy(icmp + 26, from->mac, 6);
    }
    wire_seal(&frame);
    return frame;
}

wire_frame_t wire_advertisement(const wire_station_t *from, const wire_station_t *to, const uint8_t target[16],
                                const uint8_t option[6])
{
    wire_frame_t frame = begin(from, to, WIRE_ICMP, 32);
    uint8_t *icmp = frame.octets + HEADERS;
    icmp[0] = WIRE_ADVERTISEMENT;
    icmp[4] = to->address[0] == 0xff ? 0x20 : 0x60;
    memcpy(icmp + 8, target, 16);
    icmp[24] = 2;
    icmp[25] = 1;
    memcpy(icmp + 26, option, 6);
    wire_seal(&frame);
    return frame;
}

uint8_t wire_protocol(const wire_frame_t *frame)
{
    return get16(frame->octets + 12) == 0x86dd ? frame->octets[ETHERNET + 6] : 0;
}

uint8_t wire_hop_limit(const wire_frame_t *frame)
{
    return frame->octets[ETHERNET + 7];
}

bool wire_is_icmp(const wire_frame_t *frame, uint8_t type)
{
    return wire_protocol(frame) == WIRE_ICMP && frame->octets[HEADERS] == type;
}

wire_tcp_t wire_read_tcp(const wire_frame_t *frame)
{
    const uint8_t *at = frame->octets + HEADERS;
    const size_t header = (size_t)(at[12] >> 4) * 4, length = get16(frame->octets + ETHERNET + 4);
    return (wire_tcp_t){.source = get16(at),
                        .target = get16(at + 2),
                        .sequence = get32(at + 4),
                        .acknowledge = get32(at + 8),
                        .flags = at[13],
                        .window = get16(at + 14),
                        .data = {.at = at + header, .length = length - header}};
}
