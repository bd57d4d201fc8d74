/* SDP: the security matrix as a table, strictness, and both ends of an exchange.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdp/sdp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define OFF     CCS_TLS_OFF
#define ALLOW   CCS_TLS_ALLOW
#define REQUIRE CCS_TLS_REQUIRE

enum { P = 50001, T = 50002 };

typedef struct matrix_row {
    const char *rule;
    sdp_site_t site; /* policy, plain port, TLS port, only protocols that need TLS */
    uint8_t asked;
    bool answer, tls;
    uint16_t port;
    sdp_why_t why;
} matrix_row_t;

static const matrix_row_t matrix[] = {
    {"SDP_001: plain asked, plain there", {OFF, P, 0, false}, 0x10, true, false, P, SDP_AS_ASKED},
    {"SDP_007: TLS asked, only plain: told so", {OFF, P, 0, false}, 0x00, true, false, P, SDP_TLS_NOT_HERE},
    {"TLS off beats a TLS port", {OFF, P, T, false}, 0x00, true, false, P, SDP_TLS_NOT_HERE},
    {"SDP_002: TLS asked, TLS there", {ALLOW, P, T, false}, 0x00, true, true, T, SDP_AS_ASKED},
    {"plain asked, both there", {ALLOW, P, T, false}, 0x10, true, false, P, SDP_AS_ASKED},
    {"TLS allowed, but its listener does not exist", {ALLOW, P, 0, false}, 0x00, true, false, P, SDP_TLS_NOT_HERE},
    {"plain asked, plain listener does not exist", {ALLOW, 0, T, false}, 0x10, true, true, T, SDP_TLS_ONLY},
    {"TLS asked, TLS required", {REQUIRE, P, T, false}, 0x00, true, true, T, SDP_AS_ASKED},
    {"plain asked, TLS required: TLS is told, the car may refuse", {REQUIRE, P, T, false}, 0x10, true, true, T, SDP_TLS_ONLY},
    {"TLS required and not there: never plain", {REQUIRE, P, 0, false}, 0x00, false, false, 0, SDP_NO_ENDPOINT},
    {"TLS required and not there, plain asked", {REQUIRE, P, 0, false}, 0x10, false, false, 0, SDP_NO_ENDPOINT},
    {"-20 alone never answers 0x10: TLS asked", {ALLOW, P, T, true}, 0x00, true, true, T, SDP_AS_ASKED},
    {"-20 alone never answers 0x10: plain asked", {ALLOW, P, T, true}, 0x10, true, true, T, SDP_TLS_ONLY},
    {"-20 alone without TLS is silent", {OFF, P, 0, true}, 0x10, false, false, 0, SDP_NO_ENDPOINT},
    {"-20 alone without TLS is silent, TLS asked", {OFF, P, T, true}, 0x00, false, false, 0, SDP_NO_ENDPOINT},
    {"nothing there", {ALLOW, 0, 0, false}, 0x00, false, false, 0, SDP_NO_ENDPOINT},
    {"reserved security", {ALLOW, P, T, false}, 0x01, false, false, 0, SDP_SECURITY},
    {"reserved security", {ALLOW, P, T, false}, 0xFF, false, false, 0, SDP_SECURITY},
};

static void security_matrix(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof matrix / sizeof matrix[0]; i++) {
        const matrix_row_t *const row = &matrix[i];
        const sdp_verdict_t verdict = sdp_decide(&row->site, row->asked);
        if (verdict.answer != row->answer || verdict.tls != row->tls || verdict.port != row->port || verdict.why != row->why) {
            fail_msg("%s: answer %d tls %d port %u why %s", row->rule, verdict.answer, verdict.tls, verdict.port,
                     sdp_why_name(verdict.why));
        }
    }
}

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

static void malformed_requests_meet_silence(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *hex;
        sdp_why_t why;
    } rows[] = {
        {"V2GTPSDP_001: a good one", "01fe9000000000021000", SDP_AS_ASKED},
        {"V2GTPSDP_002: length 0", "01fe9000000000001000", SDP_HEADER},
        {"V2GTPSDP_003: type 7000", "01fe7000000000021000", SDP_TYPE},
        {"V2GTPSDP_004: version FF", "fffe9000000000021000", SDP_HEADER},
        {"V2GTPSDP_005: inverse FF", "01ff9000000000021000", SDP_HEADER},
        {"a response to the server", "01fe900100000014fe800000000000000000000000000001c35110000000", SDP_HEADER},
        {"a whole response to the server", "01fe900100000014fe800000000000000000000000000001c3511000", SDP_TYPE},
        {"an EXI message", "01fe8001000000028000", SDP_TYPE},
        {"length 3", "01fe900000000003100000", SDP_LENGTH},
        {"length 1", "01fe90000000000110", SDP_LENGTH},
        {"shorter than it says", "01fe90000000000210", SDP_HEADER},
        {"longer than it says", "01fe900000000002100000", SDP_HEADER},
        {"UDP is reserved", "01fe9000000000021010", SDP_TRANSPORT},
        {"reserved transport", "01fe90000000000210ff", SDP_TRANSPORT},
        {"reserved security", "01fe9000000000022000", SDP_SECURITY},
        {"the wireless request", "01fe9002000000021000", SDP_TYPE},
        {"nothing", "", SDP_HEADER},
    };
    const sdp_site_t site = {OFF, P, 0, false};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t octets[64];
        const size_t length = unhex(rows[i].hex, octets);
        const sdp_verdict_t verdict = sdp_serve(&site, (ccs_view_t){octets, length});
        if (verdict.why != rows[i].why || verdict.answer != (rows[i].why == SDP_AS_ASKED)) {
            fail_msg("%s: %s", rows[i].rule, sdp_why_name(verdict.why));
        }
    }
}

static const uint8_t link_local[16] = {0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0xFF, 0xFE, 0, 0, 1};

static void an_answer_carries_the_endpoint(void **state)
{
    (void)state;
    uint8_t octets[SDP_RESPONSE_SIZE];
    sdp_response_write(link_local, P, false, octets);
    assert_memory_equal(octets, "\x01\xfe\x90\x01\x00\x00\x00\x14\xfe\x80\0\0\0\0\0\0\x02\0\0\xff\xfe\0\0\x01\xc3\x51\x10\x00", 28);
    const sdp_offer_t offer = sdp_offer_read((ccs_view_t){octets, sizeof octets}, false);
    assert_true(offer.usable);
    assert_false(offer.tls);
    assert_int_equal(offer.endpoint.port, P);
    assert_memory_equal(offer.endpoint.address, link_local, 16);
}

static void a_request_is_served(void **state)
{
    (void)state;
    const sdp_site_t site = {ALLOW, P, T, false};
    for (int tls = 0; tls <= 1; tls++) {
        uint8_t octets[SDP_REQUEST_SIZE];
        sdp_request_write(tls, octets);
        const sdp_verdict_t verdict = sdp_serve(&site, (ccs_view_t){octets, sizeof octets});
        assert_true(verdict.answer);
        assert_int_equal(verdict.tls, tls);
    }
}

/* Changes one octet of a good answer; the car must see what is wrong. */
static void a_car_takes_only_offers_it_can_use(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        bool asked_tls;
        size_t at;
        uint8_t value;
        bool usable;
        sdp_why_t why;
    } rows[] = {
        {"as asked", false, 26, 0x10, true, SDP_AS_ASKED},
        {"another security than asked is an offer", true, 26, 0x10, true, SDP_TLS_NOT_HERE},
        {"TLS although plain was asked", false, 26, 0x00, true, SDP_TLS_ONLY},
        {"reserved security", false, 26, 0x20, false, SDP_SECURITY},
        {"UDP", false, 27, 0x10, false, SDP_TRANSPORT},
        {"a global address", false, 8, 0x20, false, SDP_ADDRESS},
        {"site-local is not link-local", false, 9, 0xC0, false, SDP_ADDRESS},
        {"fe80::/10, not only /64", false, 9, 0xBF, true, SDP_AS_ASKED},
        {"wrong type", false, 3, 0x00, false, SDP_TYPE},
        {"wrong length", false, 7, 0x13, false, SDP_HEADER},
        {"wrong version", false, 0, 0x02, false, SDP_HEADER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t octets[SDP_RESPONSE_SIZE];
        sdp_response_write(link_local, P, false, octets);
        octets[rows[i].at] = rows[i].value;
        const sdp_offer_t offer = sdp_offer_read((ccs_view_t){octets, sizeof octets}, rows[i].asked_tls);
        if (offer.usable != rows[i].usable || offer.why != rows[i].why) {
            fail_msg("%s: %s", rows[i].rule, sdp_why_name(offer.why));
        }
    }
    uint8_t octets[SDP_RESPONSE_SIZE];
    sdp_response_write(link_local, 0, false, octets);
    assert_int_equal(sdp_offer_read((ccs_view_t){octets, sizeof octets}, false).why, SDP_PORT_ZERO);
}

static void tools_read_what_nobody_would_take(void **state)
{
    (void)state;
    uint8_t octets[64];
    sdp_message_t message;
    size_t length = unhex("01fe9000000000022077", octets);
    assert_int_equal(sdp_message_read((ccs_view_t){octets, length}, &message), CCS_OK);
    assert_false(message.response);
    assert_int_equal(message.security, 0x20);
    assert_int_equal(message.transport, 0x77);
    length = unhex("01fe8001000000022077", octets);
    assert_int_equal(sdp_message_read((ccs_view_t){octets, length}, &message), CCS_ERR_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(security_matrix),
        cmocka_unit_test(malformed_requests_meet_silence),
        cmocka_unit_test(an_answer_carries_the_endpoint),
        cmocka_unit_test(a_request_is_served),
        cmocka_unit_test(a_car_takes_only_offers_it_can_use),
        cmocka_unit_test(tools_read_what_nobody_would_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
