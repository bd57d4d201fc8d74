/* SPDX-License-Identifier: Apache-2.0 */
#include "sdp/sdp.h"

#include "base/bytes.h"
#include "v2gtp/v2gtp.h"

#define NAME(name, text) #name,
#define TEXT(name, text) text,
static const char *const why_names[] = {SDP_WHYS(NAME)};
static const char *const why_texts[] = {SDP_WHYS(TEXT)};

enum { REQUEST_LENGTH = SDP_REQUEST_SIZE - V2GTP_HEADER_SIZE, RESPONSE_LENGTH = SDP_RESPONSE_SIZE - V2GTP_HEADER_SIZE };

const char *sdp_why_name(sdp_why_t why)
{
    return (unsigned)why < SDP_WHYS_COUNT ? why_names[why] : "?";
}

const char *sdp_why_text(sdp_why_t why)
{
    return (unsigned)why < SDP_WHYS_COUNT ? why_texts[why] : "?";
}

bool sdp_is_link_local(const uint8_t address[16])
{
    return address[0] == 0xFE && (address[1] & 0xC0) == 0x80;
}

static sdp_verdict_t silence(sdp_why_t why)
{
    return (sdp_verdict_t){.answer = false, .why = why};
}

sdp_verdict_t sdp_decide(const sdp_site_t *site, uint8_t security)
{
    if (security != SDP_TLS && security != SDP_PLAIN) {
        return silence(SDP_SECURITY);
    }
    const bool has_tls = site->tls != CCS_TLS_OFF && site->port_tls != 0;
    const bool has_plain = site->tls != CCS_TLS_REQUIRE && site->port != 0 && !site->plain_useless;
    if (!has_tls && !has_plain) {
        return silence(SDP_NO_ENDPOINT);
    }
    const bool asked_tls = security == SDP_TLS;
    const bool tls = asked_tls ? has_tls : !has_plain;
    const sdp_why_t differs = asked_tls ? SDP_TLS_NOT_HERE : SDP_TLS_ONLY;
    return (sdp_verdict_t){
        .answer = true, .tls = tls, .port = tls ? site->port_tls : site->port, .why = tls == asked_tls ? SDP_AS_ASKED : differs};
}

/* Header, type and length of one SDP message; its payload. SDP_AS_ASKED: nothing is wrong. */
static sdp_why_t open_message(ccs_view_t datagram, uint16_t expected_type, size_t expected_length, bytes_in_t *payload)
{
    uint16_t type;
    ccs_view_t inside;
    if (v2gtp_datagram_read(datagram, &type, &inside) != CCS_OK) {
        return SDP_HEADER;
    }
    if (type != expected_type) {
        return SDP_TYPE;
    }
    if (inside.length != expected_length) {
        return SDP_LENGTH;
    }
    *payload = bytes_in(inside.at, inside.length);
    return SDP_AS_ASKED;
}

sdp_verdict_t sdp_serve(const sdp_site_t *site, ccs_view_t datagram)
{
    bytes_in_t payload;
    const sdp_why_t wrong = open_message(datagram, V2GTP_SDP_REQUEST, REQUEST_LENGTH, &payload);
    if (wrong != SDP_AS_ASKED) {
        return silence(wrong);
    }
    const uint8_t security = bytes_get_u8(&payload);
    const uint8_t transport = bytes_get_u8(&payload);
    if (transport != SDP_TCP) {
        return silence(SDP_TRANSPORT);
    }
    return sdp_decide(site, security);
}

void sdp_request_write(bool tls, uint8_t out[SDP_REQUEST_SIZE])
{
    v2gtp_header_write(V2GTP_SDP_REQUEST, REQUEST_LENGTH, out);
    out[V2GTP_HEADER_SIZE] = tls ? SDP_TLS : SDP_PLAIN;
    out[V2GTP_HEADER_SIZE + 1] = SDP_TCP;
}

void sdp_response_write(const uint8_t address[16], uint16_t port, bool tls, uint8_t out[SDP_RESPONSE_SIZE])
{
    v2gtp_header_write(V2GTP_SDP_RESPONSE, RESPONSE_LENGTH, out);
    bytes_out_t payload = bytes_out(out + V2GTP_HEADER_SIZE, RESPONSE_LENGTH);
    bytes_put(&payload, address, 16);
    bytes_put_u16be(&payload, port);
    bytes_put_u8(&payload, tls ? SDP_TLS : SDP_PLAIN);
    bytes_put_u8(&payload, SDP_TCP);
}

static void response_read(bytes_in_t *payload, sdp_message_t *out)
{
    bytes_get(payload, out->endpoint.address, 16);
    out->endpoint.port = bytes_get_u16be(payload);
    out->security = bytes_get_u8(payload);
    out->transport = bytes_get_u8(payload);
}

ccs_err_t sdp_message_read(ccs_view_t datagram, sdp_message_t *out)
{
    uint16_t type;
    ccs_view_t inside;
    *out = (sdp_message_t){0};
    CCS_TRY(v2gtp_datagram_read(datagram, &type, &inside));
    if (type != V2GTP_SDP_REQUEST && type != V2GTP_SDP_RESPONSE) {
        return CCS_ERR_UNKNOWN;
    }
    out->response = type == V2GTP_SDP_RESPONSE;
    if (inside.length != (out->response ? RESPONSE_LENGTH : REQUEST_LENGTH)) {
        return CCS_ERR_LENGTH;
    }
    bytes_in_t payload = bytes_in(inside.at, inside.length);
    if (out->response) {
        response_read(&payload, out);
        return CCS_OK;
    }
    out->security = bytes_get_u8(&payload);
    out->transport = bytes_get_u8(&payload);
    return CCS_OK;
}

static sdp_why_t judge_offer(const sdp_message_t *message, bool asked_tls)
{
    if (message->transport != SDP_TCP) {
        return SDP_TRANSPORT;
    }
    if (message->security != SDP_TLS && message->security != SDP_PLAIN) {
        return SDP_SECURITY;
    }
    if (!sdp_is_link_local(message->endpoint.address)) {
        return SDP_ADDRESS;
    }
    if (message->endpoint.port == 0) {
        return SDP_PORT_ZERO;
    }
    const bool tls = message->security == SDP_TLS;
    if (tls == asked_tls) {
        return SDP_AS_ASKED;
    }
    return asked_tls ? SDP_TLS_NOT_HERE : SDP_TLS_ONLY;
}

sdp_offer_t sdp_offer_read(ccs_view_t datagram, bool asked_tls)
{
    bytes_in_t payload;
    const sdp_why_t wrong = open_message(datagram, V2GTP_SDP_RESPONSE, RESPONSE_LENGTH, &payload);
    if (wrong != SDP_AS_ASKED) {
        return (sdp_offer_t){.why = wrong};
    }
    sdp_message_t message = {.response = true};
    response_read(&payload, &message);
    const sdp_why_t why = judge_offer(&message, asked_tls);
    const bool usable = why == SDP_AS_ASKED || why == SDP_TLS_NOT_HERE || why == SDP_TLS_ONLY;
    return (sdp_offer_t){.usable = usable, .tls = message.security == SDP_TLS, .endpoint = message.endpoint, .why = why};
}
