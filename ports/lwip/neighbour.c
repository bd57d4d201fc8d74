/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/lwip/neighbour.h"

#include <string.h>

enum { ETHERNET = 14, IPV6 = 40, FIXED = 24, ICMPV6 = 58, SOLICITATION = 135, ADVERTISEMENT = 136, HOP_LIMIT = 255 };
enum { AT_NEXT_HEADER = ETHERNET + 6, AT_HOP_LIMIT = ETHERNET + 7, AT_SOURCE = ETHERNET + 8, AT_ICMP = ETHERNET + IPV6 };
enum { OPTION_SOURCE = 1, OPTION_TARGET = 2, SOLICITED = 0x40, OVERRIDE = 0x20 };

static const uint8_t unspecified[16];
static const uint8_t all_nodes[16] = {0xff, 0x02, [15] = 1};
static const uint8_t solicited_node[13] = {0xff, 0x02, [11] = 1, [12] = 0xff};
static const uint8_t all_nodes_mac[6] = {0x33, 0x33, [5] = 1};

/* Of IPv6's payload length field, within the frame: what stands behind is padding. */
static size_t payload_length(ccs_view_t frame)
{
    const size_t told = (size_t)frame.at[ETHERNET + 4] << 8 | frame.at[ETHERNET + 5];
    const size_t there = frame.length - ETHERNET - IPV6;
    return told < there ? told : there;
}

static void read_options(neighbour_message_t *message, const uint8_t *at, size_t left)
{
    const uint8_t wanted = message->type == NEIGHBOUR_SOLICITATION ? OPTION_SOURCE : OPTION_TARGET;
    while (left > 0) {
        const size_t length = left > 1 ? (size_t)at[1] * 8 : 0;
        if (length == 0 || length > left) {
            message->malformed = true;
            return;
        }
        if (at[0] == wanted) {
            message->option = at + 2;
        }
        at += length;
        left -= length;
    }
}

neighbour_message_t neighbour_read(ccs_view_t frame)
{
    neighbour_message_t message = {.type = NEIGHBOUR_NONE};
    if (frame.length < AT_ICMP + FIXED || frame.at[AT_NEXT_HEADER] != ICMPV6 || payload_length(frame) < FIXED) {
        return message;
    }
    const uint8_t type = frame.at[AT_ICMP];
    if (frame.at[AT_HOP_LIMIT] != HOP_LIMIT || (type != SOLICITATION && type != ADVERTISEMENT)) {
        return message; /* what came over a router is nobody's neighbour; lwIP drops it */
    }
    message.type = type == SOLICITATION ? NEIGHBOUR_SOLICITATION : NEIGHBOUR_ADVERTISEMENT;
    message.station = frame.at + 6;
    message.source = frame.at + AT_SOURCE;
    message.target = frame.at + AT_ICMP + 8;
    message.probe = memcmp(message.source, unspecified, sizeof unspecified) == 0;
    read_options(&message, frame.at + AT_ICMP + FIXED, payload_length(frame) - FIXED);
    return message;
}

static uint32_t add_words(uint32_t sum, const uint8_t *at, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        sum += i % 2 == 0 ? (uint32_t)at[i] << 8 : at[i];
    }
    return sum;
}

/* Over the pseudo header of RFC 8200 8.1 and the payload; 0 where the checksum within it holds. */
static uint16_t checksum(const uint8_t *frame, size_t payload)
{
    uint32_t sum = add_words((uint32_t)payload + ICMPV6, frame + AT_SOURCE, 32);
    sum = add_words(sum, frame + AT_ICMP, payload);
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

bool neighbour_checksum_holds(ccs_view_t frame)
{
    return checksum(frame.at, payload_length(frame)) == 0;
}

/* Everything but the ICMPv6 message. */
static uint8_t *begin(uint8_t *out, size_t payload, const uint8_t to[6], const uint8_t mac[6])
{
    memset(out, 0, AT_ICMP + payload);
    memcpy(out, to, 6);
    memcpy(out + 6, mac, 6);
    out[12] = 0x86;
    out[13] = 0xdd;
    out[ETHERNET] = 0x60;
    out[ETHERNET + 5] = (uint8_t)payload;
    out[AT_NEXT_HEADER] = ICMPV6;
    out[AT_HOP_LIMIT] = HOP_LIMIT;
    return out + AT_ICMP;
}

static void seal(uint8_t *out, size_t payload)
{
    const uint16_t sum = checksum(out, payload);
    out[AT_ICMP + 2] = (uint8_t)(sum >> 8);
    out[AT_ICMP + 3] = (uint8_t)sum;
}

void neighbour_advertise(uint8_t out[NEIGHBOUR_ADVERTISEMENT_SIZE], const neighbour_message_t *asked, const uint8_t mac[6])
{
    uint8_t *icmp = begin(out, FIXED + 8, asked->probe ? all_nodes_mac : asked->station, mac);
    memcpy(out + AT_SOURCE, asked->target, 16);
    memcpy(out + AT_SOURCE + 16, asked->probe ? all_nodes : asked->source, 16);
    icmp[0] = ADVERTISEMENT;
    icmp[4] = asked->probe ? OVERRIDE : SOLICITED | OVERRIDE;
    memcpy(icmp + 8, asked->target, 16);
    icmp[FIXED] = OPTION_TARGET;
    icmp[FIXED + 1] = 1;
    memcpy(icmp + FIXED + 2, mac, 6);
    seal(out, FIXED + 8);
}

void neighbour_probe(uint8_t out[NEIGHBOUR_PROBE_SIZE], const uint8_t address[16], const uint8_t mac[6])
{
    const uint8_t group_mac[6] = {0x33, 0x33, 0xff, address[13], address[14], address[15]};
    uint8_t *icmp = begin(out, FIXED, group_mac, mac);
    memcpy(out + AT_SOURCE + 16, solicited_node, sizeof solicited_node);
    memcpy(out + AT_SOURCE + 16 + sizeof solicited_node, address + sizeof solicited_node, 3);
    icmp[0] = SOLICITATION;
    memcpy(icmp + 8, address, 16);
    seal(out, FIXED);
}
