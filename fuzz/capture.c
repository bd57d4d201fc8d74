/* Frames of any content through every link type, and TCP streams of them: what ccs-dump makes of a hostile capture.
 * The input is a row of frames, each behind one octet of link type and two of length.
 * SPDX-License-Identifier: Apache-2.0 */
#include "apps/ccs-dump/stream.h"
#include "base/assert.h"
#include "base/bytes.h"

#include <pcap/dlt.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(void *ctx, const stream_piece_t *piece)
{
    uint32_t *const sum = ctx;
    for (size_t i = 0; i < piece->octets.length; i++) {
        *sum += piece->octets.at[i];
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int links[] = {DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_NULL, DLT_LOOP, DLT_RAW, DLT_IPV4, DLT_IPV6};
    bytes_in_t in = bytes_in(data, size);
    stream_t stream = {0};
    uint32_t sum = 0;
    const stream_sink_t sink = {&sum, take};
    while (in.left > 3) {
        packet_t packet;
        const int link = links[bytes_get_u8(&in) % 8];
        const size_t said = bytes_get_u16be(&in);
        const size_t length = said < in.left ? said : in.left;
        packet_peel(link, (ccs_view_t){in.at, length}, said, &packet);
        CCS_ASSERT(packet.payload.length <= length);
        if (packet.kind == PACKET_TCP) {
            stream_segment(&stream, &packet, sink);
            stream_acknowledged(&stream, packet.acknowledge, sink);
        }
        bytes_skip(&in, length);
    }
    stream_end(&stream, sink);
    return 0;
}
