/* The V2GTP header and the types behind it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "v2gtp/v2gtp.h"

#include "base/bytes.h"

static const struct {
    uint16_t type;
    const char *name;
} types[] = {
    {V2GTP_EXI, "EXI"},
    {V2GTP_ISO20_MAIN, "ISO 15118-20 main"},
    {V2GTP_ISO20_AC, "ISO 15118-20 AC"},
    {V2GTP_ISO20_DC, "ISO 15118-20 DC"},
    {V2GTP_ISO20_ACDP, "ISO 15118-20 ACDP"},
    {V2GTP_ISO20_WPT, "ISO 15118-20 WPT"},
    {V2GTP_ISO20_SCHEDULE_RENEGOTIATION, "ISO 15118-20 schedule renegotiation"},
    {V2GTP_ISO20_METERING_CONFIRMATION, "ISO 15118-20 metering confirmation"},
    {V2GTP_ISO20_ACDP_STATUS, "ISO 15118-20 ACDP system status"},
    {V2GTP_ISO20_PARKING_STATUS, "ISO 15118-20 parking status"},
    {V2GTP_SDP_REQUEST, "SDP request"},
    {V2GTP_SDP_RESPONSE, "SDP response"},
    {V2GTP_SDP_WIRELESS_REQUEST, "SDP wireless request"},
    {V2GTP_SDP_WIRELESS_RESPONSE, "SDP wireless response"},
};

const char *v2gtp_type_name(uint16_t type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].type == type) {
            return types[i].name;
        }
    }
    return NULL;
}

/* Messages have the types from 8001, side channels those from 8101. */
bool v2gtp_type_streams(uint16_t type)
{
    const bool message = type >= V2GTP_EXI && type <= V2GTP_ISO20_WPT;
    const bool aside = type >= V2GTP_ISO20_SCHEDULE_RENEGOTIATION && type <= V2GTP_ISO20_PARKING_STATUS;
    return message || aside;
}

void v2gtp_header_write(uint16_t type, uint32_t length, uint8_t out[V2GTP_HEADER_SIZE])
{
    bytes_out_t cursor = bytes_out(out, V2GTP_HEADER_SIZE);
    bytes_put_u8(&cursor, V2GTP_VERSION);
    bytes_put_u8(&cursor, V2GTP_INVERSE);
    bytes_put_u16be(&cursor, type);
    bytes_put_u32be(&cursor, length);
}

v2gtp_header_t v2gtp_header_read(const uint8_t in[V2GTP_HEADER_SIZE])
{
    bytes_in_t cursor = bytes_in(in, V2GTP_HEADER_SIZE);
    v2gtp_header_t header;
    header.version = bytes_get_u8(&cursor);
    header.inverse = bytes_get_u8(&cursor);
    header.type = bytes_get_u16be(&cursor);
    header.length = bytes_get_u32be(&cursor);
    return header;
}

ccs_err_t v2gtp_datagram_read(ccs_view_t datagram, uint16_t *type, ccs_view_t *payload)
{
    if (datagram.length < V2GTP_HEADER_SIZE) {
        return CCS_ERR_TRUNCATED;
    }
    const v2gtp_header_t header = v2gtp_header_read(datagram.at);
    if (header.version != V2GTP_VERSION || header.inverse != V2GTP_INVERSE || header.length == 0) {
        return CCS_ERR_HEADER;
    }
    const size_t rest = datagram.length - V2GTP_HEADER_SIZE;
    if (rest != header.length) {
        return rest < header.length ? CCS_ERR_TRUNCATED : CCS_ERR_LENGTH;
    }
    *type = header.type;
    *payload = (ccs_view_t){datagram.at + V2GTP_HEADER_SIZE, rest};
    return CCS_OK;
}
