/* A stream of any octets in pieces of any size: the reader keeps its invariant and always moves.
 * The first octet of the input chooses the size of the pieces and of the buffer.
 * SPDX-License-Identifier: Apache-2.0 */
#include "v2gtp/v2gtp.h"
#include "base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_message(v2gtp_reader_t *reader)
{
    v2gtp_message_t message;
    if (!v2gtp_reader_message(reader, &message)) {
        return;
    }
    CCS_ASSERT(message.payload.length >= 1);
    CCS_ASSERT(message.whole.length == message.payload.length + V2GTP_HEADER_SIZE);
    CCS_ASSERT(v2gtp_type_streams(message.type));
    v2gtp_reader_next(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t buffer[256];
    v2gtp_reader_t reader;
    if (size < 1) {
        return 0;
    }
    const size_t piece = (size_t)(data[0] & 15) + 1;
    v2gtp_reader_init(&reader, buffer, data[0] & 16 ? sizeof buffer : 9);
    for (size_t at = 1; at < size;) {
        const size_t left = size - at;
        CCS_ASSERT(v2gtp_reader_window(&reader) > 0);
        const size_t taken = v2gtp_reader_put(&reader, (ccs_view_t){data + at, left < piece ? left : piece});
        CCS_ASSERT(taken > 0);
        at += taken;
        take_message(&reader);
    }
    return 0;
}
