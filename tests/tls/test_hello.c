/* The ClientHello as cars, stock libraries and attackers send it; and which policy follows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tls/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* What a car says, in numbers of the wire; 0 ends a list. */
typedef struct car {
    const char *rule;
    uint16_t version;
    uint16_t versions[4], suites[6], groups[5], signatures[5], key_shares[3];
    bool authorities;
    const char *extra; /* further extensions, hexadecimal */
} car_t;

static const char root_name[] = "\x30\x0D\x31\x0B\x30\x09\x06\x03\x55\x04\x03\x0C\x02V2G"; /* not looked into: octets */

static size_t put_list(bytes_out_t *out, const uint16_t *list)
{
    size_t count = 0;
    while (list[count] != 0) {
        bytes_put_u16be(out, list[count++]);
    }
    return 2 * count;
}

static void put_extension(bytes_out_t *out, uint16_t type, const uint16_t *list, size_t length_octets)
{
    size_t count = 0;
    while (list[count] != 0) {
        count++;
    }
    if (count == 0) {
        return;
    }
    bytes_put_u16be(out, type);
    bytes_put_u16be(out, (uint16_t)(2 * count + length_octets));
    if (length_octets == 1) {
        bytes_put_u8(out, (uint8_t)(2 * count));
    } else {
        bytes_put_u16be(out, (uint16_t)(2 * count));
    }
    put_list(out, list);
}

static void put_key_shares(bytes_out_t *out, const uint16_t *list)
{
    uint16_t count = 0;
    while (list[count] != 0) {
        count++;
    }
    if (count == 0) {
        return;
    }
    bytes_put_u16be(out, 51);
    bytes_put_u16be(out, (uint16_t)(2 + 6 * count));
    bytes_put_u16be(out, (uint16_t)(6 * count));
    for (uint16_t i = 0; i < count; i++) {
        bytes_put_u16be(out, list[i]);
        bytes_put_u16be(out, 2);
        bytes_put_u16be(out, 0xABCD);
    }
}

static void put_authorities(bytes_out_t *out)
{
    const uint16_t length = sizeof root_name - 1;
    bytes_put_u16be(out, 47);
    bytes_put_u16be(out, (uint16_t)(length + 4));
    bytes_put_u16be(out, (uint16_t)(length + 2));
    bytes_put_u16be(out, length);
    bytes_put(out, root_name, length);
}

static void put_hex(bytes_out_t *out, const char *text)
{
    for (unsigned octet; text != NULL && sscanf(text, "%2x", &octet) == 1; text += 2) {
        bytes_put_u8(out, (uint8_t)octet);
    }
}

static size_t write_extensions(const car_t *car, uint8_t *to, size_t size)
{
    bytes_out_t out = bytes_out(to, size);
    put_extension(&out, 43, car->versions, 1);
    put_extension(&out, 10, car->groups, 2);
    put_extension(&out, 13, car->signatures, 2);
    put_key_shares(&out, car->key_shares);
    if (car->authorities) {
        put_authorities(&out);
    }
    put_hex(&out, car->extra);
    assert_false(out.failed);
    return out.written;
}

/* The handshake message without records. */
static size_t write_message(const car_t *car, uint8_t *to, size_t size)
{
    uint8_t extensions[3000];
    const size_t extensions_length = write_extensions(car, extensions, sizeof extensions);
    bytes_out_t body = bytes_out(to + 4, size - 4);
    bytes_put_u16be(&body, car->version);
    bytes_put_zeros(&body, 32);
    bytes_put_u8(&body, 0);
    size_t suites = 0;
    while (car->suites[suites] != 0) {
        suites++;
    }
    bytes_put_u16be(&body, (uint16_t)(2 * suites));
    put_list(&body, car->suites);
    bytes_put_u16be(&body, 0x0100); /* one compression method: null */
    if (extensions_length > 0) {
        bytes_put_u16be(&body, (uint16_t)extensions_length);
        bytes_put(&body, extensions, extensions_length);
    }
    assert_false(body.failed);
    bytes_out_t head = bytes_out(to, 4);
    bytes_put_u32be(&head, (uint32_t)(0x01000000 | body.written));
    return 4 + body.written;
}

/* ... and in records of at most record octets. */
static size_t write_hello(const car_t *car, uint8_t *to, size_t size, size_t record)
{
    uint8_t message[4000];
    const size_t length = write_message(car, message, sizeof message);
    bytes_out_t out = bytes_out(to, size);
    for (size_t at = 0; at < length; at += record) {
        const size_t part = length - at < record ? length - at : record;
        bytes_put_u8(&out, 22);
        bytes_put_u16be(&out, 0x0301);
        bytes_put_u16be(&out, (uint16_t)part);
        bytes_put(&out, message + at, part);
    }
    assert_false(out.failed);
    return out.written;
}

#define V12 0x0303
#define BOTH              \
    {                     \
        0x0304, 0x0303, 0 \
    }
#define P256     23
#define P521     25
#define CBC      0xC023
#define GCM13    0x1302
#define ISO2_CAR .version = V12, .suites = {CBC, 0xC025, 0}, .groups = {P256, 0}, .signatures = {0x0403, 0}
#define ISO20_OFFERS \
    .version = V12, .suites = {GCM13, 0x1303, CBC, 0}, .groups = {P521, 30, P256, 0}, .signatures = {0x0603, 0x0808, 0x0403, 0}

static const tls_site_t serves_both = {.allows_12 = true, .allows_13 = true};
static const tls_site_t serves_12 = {.allows_12 = true};
static const tls_site_t serves_13 = {.allows_13 = true};
static const tls_site_t compat = {.allows_12 = true, .allows_13 = true, .compat = true};

typedef struct choice {
    car_t car;
    const tls_site_t *site;
    bool no_certificate_before;
    uint8_t version;
    tls_why_t why;
} choice_t;

static const choice_t choices[] = {
    {{"an ISO 15118-2 car gets 1.2", ISO2_CAR}, &serves_both, false, 12, TLS_WHY_ONLY_12},
    {{"... also where only 1.2 is served", ISO2_CAR}, &serves_12, false, 12, TLS_WHY_ONLY_12},
    {{"... and nothing where only -20 is served", ISO2_CAR}, &serves_13, false, 0, TLS_WHY_NO_VERSION},
    {{"a -20 car that offers 1.3 alone gets 1.3", ISO20_OFFERS, .versions = {0x0304, 0}}, &serves_both, false, 13, TLS_WHY_ONLY_13},
    {{"... and nothing where only 1.2 is served", ISO20_OFFERS, .versions = {0x0304, 0}}, &serves_12, false, 0, TLS_WHY_NO_VERSION},
    {{"both, with the marks of -20: 1.3", ISO20_OFFERS, .versions = BOTH, .authorities = true},
     &serves_both,
     false,
     13,
     TLS_WHY_MARKS_OF_20},
    {{"both, authorities missing: 1.2", ISO20_OFFERS, .versions = BOTH}, &serves_both, false, 12, TLS_WHY_NO_MARKS_OF_20},
    {{"both, compat profile: 1.3", ISO20_OFFERS, .versions = BOTH}, &compat, false, 13, TLS_WHY_COMPAT},
    {{"no certificate last time: 1.2", ISO20_OFFERS, .versions = BOTH, .authorities = true},
     &serves_both,
     true,
     12,
     TLS_WHY_NO_CERTIFICATE_BEFORE},
    {{"... also in the compat profile", ISO20_OFFERS, .versions = BOTH}, &compat, true, 12, TLS_WHY_NO_CERTIFICATE_BEFORE},
    {{"... but 1.3 alone stays 1.3, with a certificate", ISO20_OFFERS, .versions = {0x0304, 0}},
     &serves_both,
     true,
     13,
     TLS_WHY_ONLY_13},
    {{"both, only 1.2 is served", ISO20_OFFERS, .versions = BOTH, .authorities = true}, &serves_12, false, 12, TLS_WHY_SITE},
    {{"both, only 1.3 is served", ISO20_OFFERS, .versions = BOTH}, &serves_13, false, 13, TLS_WHY_SITE},
    {{"1.1 and older: nothing", .version = 0x0302, .suites = {CBC, 0}}, &serves_both, false, 0, TLS_WHY_NO_VERSION},
    {{"supported_versions decides over the old field", .version = V12, .versions = {0x0302, 0x7F1C, 0}, .suites = {CBC, 0}},
     &serves_both,
     false,
     0,
     TLS_WHY_NO_VERSION},
    {{"no suite of ours", .version = V12, .suites = {0xC02B, 0x009C, 0}, .groups = {P256, 0}},
     &serves_both,
     false,
     0,
     TLS_WHY_NO_SUITE},
    {{"static ECDH alone: off by default", .version = V12, .suites = {0xC025, 0}, .groups = {P256, 0}},
     &serves_both,
     false,
     0,
     TLS_WHY_NO_SUITE},
    {{"1.2 without P-256", .version = V12, .suites = {CBC, 0}, .groups = {P521, 0}}, &serves_both, false, 0, TLS_WHY_NO_GROUP},
    {{"1.2 without SHA-256 signatures", .version = V12, .suites = {CBC, 0}, .groups = {P256, 0}, .signatures = {0x0603, 0}},
     &serves_both,
     false,
     0,
     TLS_WHY_NO_SIGNATURE},
    {{"1.2 without any list: early cars", .version = V12, .suites = {CBC, 0}}, &serves_both, false, 12, TLS_WHY_ONLY_12},
    {{"1.3 with AES-128 alone is not -20", .version = V12, .versions = {0x0304, 0}, .suites = {0x1301, 0}, .groups = {P521, 0},
      .signatures = {0x0603, 0}},
     &serves_both,
     false,
     0,
     TLS_WHY_NO_SUITE},
    {{"1.3 with P-256 alone is not -20", .version = V12, .versions = {0x0304, 0}, .suites = {GCM13, 0}, .groups = {P256, 0},
      .signatures = {0x0603, 0}},
     &serves_both,
     false,
     0,
     TLS_WHY_NO_GROUP},
    {{"... but goes in the compat profile", .version = V12, .versions = {0x0304, 0}, .suites = {GCM13, 0}, .groups = {P256, 0},
      .signatures = {0x0403, 0}},
     &compat,
     false,
     13,
     TLS_WHY_ONLY_13},
    {{"1.3 with a P-256 signature alone is not -20", .version = V12, .versions = {0x0304, 0}, .suites = {GCM13, 0},
      .groups = {P521, 0}, .signatures = {0x0403, 0}},
     &serves_both,
     false,
     0,
     TLS_WHY_NO_SIGNATURE},
    {{"GREASE everywhere changes nothing", .version = V12, .versions = {0x0A0A, 0x0304, 0x0303, 0},
      .suites = {0x1A1A, GCM13, CBC, 0}, .groups = {0x2A2A, P521, P256, 0}, .signatures = {0x3A3A, 0x0603, 0x0403, 0},
      .authorities = true, .extra = "4a4a00024242"},
     &serves_both,
     false,
     13,
     TLS_WHY_MARKS_OF_20},
};

static void a_policy_follows_from_the_offer(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(choices); i++) {
        const choice_t *const row = &choices[i];
        uint8_t octets[4096];
        uint8_t scratch[TLS_HELLO_SIZE];
        tls_hello_t hello;
        const size_t length = write_hello(&row->car, octets, sizeof octets, 16384);
        assert_int_equal(tls_hello_read((ccs_view_t){octets, length}, scratch, sizeof scratch, &hello), CCS_OK);
        const tls_policy_t policy = tls_choose(row->site, &hello, row->no_certificate_before);
        if (policy.version != row->version || policy.why != row->why) {
            fail_msg("%s: version %u, %s", row->car.rule, policy.version, tls_why_text(policy.why));
        }
        assert_int_equal(policy.client_certificate, policy.version == 13);
        assert_int_equal(policy.alert != 0, policy.version == 0);
        assert_true(policy.version != 13 || (policy.suites & ~TLS_SUITES_13) == 0);
        assert_true(policy.version != 12 || (policy.suites & ~TLS_SUITES_12) == 0);
    }
}

static const car_t full_car = {"full", ISO20_OFFERS, .versions = BOTH, .key_shares = {P521, P256, 0}, .authorities = true};

static bool same_facts(const tls_hello_t *a, const tls_hello_t *b)
{
    return a->offers_12 == b->offers_12 && a->offers_13 == b->offers_13 && a->suites == b->suites && a->groups == b->groups &&
           a->key_shares == b->key_shares && a->signatures == b->signatures && a->authorities.length == b->authorities.length &&
           memcmp(a->authorities.at, b->authorities.at, a->authorities.length) == 0;
}

static void records_may_cut_it_anywhere(void **state)
{
    (void)state;
    uint8_t whole[4096];
    uint8_t whole_scratch[TLS_HELLO_SIZE];
    tls_hello_t whole_hello;
    const size_t whole_length = write_hello(&full_car, whole, sizeof whole, 16384);
    assert_int_equal(tls_hello_read((ccs_view_t){whole, whole_length}, whole_scratch, sizeof whole_scratch, &whole_hello), CCS_OK);
    assert_int_equal(whole_hello.key_shares, TLS_GROUP_P521 | TLS_GROUP_P256);
    assert_int_equal(whole_hello.length, whole_length);
    for (size_t record = 1; record < whole_length; record++) {
        uint8_t octets[4096];
        uint8_t scratch[TLS_HELLO_SIZE];
        tls_hello_t hello;
        const size_t length = write_hello(&full_car, octets, sizeof octets, record);
        assert_int_equal(tls_hello_read((ccs_view_t){octets, length}, scratch, sizeof scratch, &hello), CCS_OK);
        assert_true(same_facts(&hello, &whole_hello));
        assert_int_equal(hello.length, length);
    }
}

/* In place: pieces that come one after the other, and what stands behind the hello. */
static void in_place_it_ends_up_in_one_record(void **state)
{
    (void)state;
    uint8_t whole[4096];
    const size_t whole_length = write_hello(&full_car, whole, sizeof whole, 16384);
    for (size_t record = 1; record < whole_length; record++) {
        uint8_t sent[4096 + 1], octets[4096 + 1];
        tls_hello_t hello;
        const size_t length = write_hello(&full_car, sent, sizeof sent - 1, record);
        sent[length] = 0xA5; /* of the next message */
        size_t here = 0;
        for (; here < length; here++) {
            size_t still = here;
            assert_int_equal(tls_hello_take(octets, &still, sizeof octets, &hello), CCS_ERR_TRUNCATED);
            assert_int_equal(still, here);
            octets[here] = sent[here];
        }
        octets[here++] = sent[length];
        assert_int_equal(tls_hello_take(octets, &here, sizeof octets, &hello), CCS_OK);
        assert_int_equal(hello.length, whole_length);
        assert_int_equal(here, whole_length + 1);
        assert_memory_equal(octets, whole, whole_length);
        assert_int_equal(octets[whole_length], 0xA5);
    }
}

static void in_place_it_may_fill_the_buffer_and_no_more(void **state)
{
    (void)state;
    uint8_t octets[4096];
    tls_hello_t hello;
    const size_t whole = write_hello(&full_car, octets, sizeof octets, 16384);
    size_t length = whole;
    assert_int_equal(tls_hello_take(octets, &length, whole, &hello), CCS_OK);
    assert_int_equal(tls_hello_take(octets, &length, whole - 1, &hello), CCS_ERR_SPACE);
}

static void octet_by_octet_it_is_only_not_all_here(void **state)
{
    (void)state;
    static const size_t records[] = {1, 7, 100, 16384};
    for (size_t r = 0; r < COUNT(records); r++) {
        uint8_t octets[4096];
        const size_t length = write_hello(&full_car, octets, sizeof octets, records[r]);
        for (size_t here = 0; here < length; here++) {
            uint8_t scratch[TLS_HELLO_SIZE];
            tls_hello_t hello;
            assert_int_equal(tls_hello_read((ccs_view_t){octets, here}, scratch, sizeof scratch, &hello), CCS_ERR_TRUNCATED);
        }
    }
}

typedef struct refusal {
    const char *what, *hex;
    ccs_err_t err;
} refusal_t;

static const refusal_t refusals[] = {
    {"V2GTP on the TLS port", "01FE800100000003AABBCC", CCS_ERR_HEADER},
    {"HTTP", "474554202F", CCS_ERR_HEADER},
    {"an alert first", "15030100020228", CCS_ERR_HEADER},
    {"SSL 2", "802E010002", CCS_ERR_HEADER},
    {"a ServerHello", "1603010005020000010000", CCS_ERR_HEADER},
    {"an empty record", "1603010000", CCS_ERR_HEADER},
    {"a record above 16 k", "16030140010100", CCS_ERR_HEADER},
    {"a record larger than we take: refused before it is here", "1603014000", CCS_ERR_SPACE},
    {"a message larger than we take: refused before it is here", "160301000401010000", CCS_ERR_SPACE},
    {"a body that ends early", "16030100060100000203 03", CCS_ERR_LENGTH},
    {"something behind the ClientHello in its record", "16030100070100000203030000", CCS_ERR_LENGTH},
};

static size_t from_hex(const char *text, uint8_t *to, size_t size)
{
    bytes_out_t out = bytes_out(to, size);
    for (unsigned octet; sscanf(text, " %2x", &octet) == 1; text += 2) {
        text += text[0] == ' ';
        bytes_put_u8(&out, (uint8_t)octet);
    }
    return out.written;
}

static void what_is_no_client_hello_is_refused_at_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++) {
        uint8_t octets[64];
        uint8_t scratch[TLS_HELLO_SIZE];
        tls_hello_t hello;
        const size_t length = from_hex(refusals[i].hex, octets, sizeof octets);
        size_t taken = length;
        const ccs_err_t err = tls_hello_read((ccs_view_t){octets, length}, scratch, sizeof scratch, &hello);
        const ccs_err_t in_place = tls_hello_take(octets, &taken, sizeof octets, &hello);
        if (err != refusals[i].err || in_place != err) {
            fail_msg("%s: %s, in place %s", refusals[i].what, ccs_err_name(err), ccs_err_name(in_place));
        }
    }
}

static ccs_err_t read_with(const char *extra, tls_hello_t *hello)
{
    static uint8_t octets[4096];
    static uint8_t scratch[TLS_HELLO_SIZE];
    const car_t car = {"extra", ISO2_CAR, .extra = extra};
    const size_t length = write_hello(&car, octets, sizeof octets, 16384);
    return tls_hello_read((ccs_view_t){octets, length}, scratch, sizeof scratch, hello);
}

static void an_extension_twice_is_refused(void **state)
{
    (void)state;
    tls_hello_t hello;
    assert_int_equal(read_with("002B0003020304", &hello), CCS_OK);
    assert_int_equal(read_with("002B0003020304002B0003020304", &hello), CCS_ERR_LENGTH);
}

static void lists_that_do_not_fit_their_extension_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"002B0003030304", "002B00020203", "002B000403030403", "003300050004001900",
                                      "002F000400030001"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        tls_hello_t hello;
        assert_int_equal(read_with(bad[i], &hello), CCS_ERR_LENGTH);
    }
}

static void resumption_is_seen_and_named(void **state)
{
    (void)state;
    tls_hello_t hello;
    assert_int_equal(read_with("00230000", &hello), CCS_OK);
    assert_false(hello.ticket);
    assert_int_equal(read_with("00230004DEADBEEF"
                               "002A0000"
                               "00290002AAAA",
                               &hello),
                     CCS_OK);
    assert_true(hello.ticket && hello.early_data && hello.psk);
}

#define SHA1 "0102030405060708090A0B0C0D0E0F1011121314"
static const uint8_t sha1[20] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};

static tls_root_t root_by_certificate(void)
{
    tls_root_t root = {.name = {(const uint8_t *)root_name, sizeof root_name - 1}};
    memcpy(root.certificate_sha1, sha1, sizeof sha1);
    return root;
}

/* [V2G2-651], [V2G2-871]: cars name their roots by the SHA-1 of the certificate. */
static void trusted_ca_keys_name_our_root(void **state)
{
    (void)state;
    const tls_root_t root = root_by_certificate();
    const tls_root_t other = {.name = {(const uint8_t *)"x", 1}};
    tls_hello_t hello;
    assert_int_equal(read_with("0003002D"
                               "002B"
                               "03FF02030405060708090A0B0C0D0E0F1011121314"
                               "00"
                               "03" SHA1,
                               &hello),
                     CCS_OK);
    assert_true(hello.has_trusted_ca && !hello.trusted_ca_bare);
    assert_true(tls_hello_trusts(&hello, &root));
    assert_false(tls_hello_trusts(&hello, &other));
}

/* Seen from a car: the list without the two octets of its length. Never a reason to end the handshake. */
static void a_list_without_its_length_is_read_all_the_same(void **state)
{
    (void)state;
    const tls_root_t root = root_by_certificate();
    tls_hello_t hello;
    assert_int_equal(read_with("00030015"
                               "03" SHA1,
                               &hello),
                     CCS_OK);
    assert_true(hello.trusted_ca_bare);
    assert_true(tls_hello_trusts(&hello, &root));
}

static void a_broken_list_of_roots_never_ends_a_handshake(void **state)
{
    (void)state;
    static const char *const broken[] = {"00030000", "0003000100", "00030003FFFFFF", "00030004000203FF", "0003000700050200FF0102"};
    const tls_root_t root = root_by_certificate();
    for (size_t i = 0; i < COUNT(broken); i++) {
        tls_hello_t hello;
        assert_int_equal(read_with(broken[i], &hello), CCS_OK);
        assert_true(hello.has_trusted_ca);
        assert_false(tls_hello_trusts(&hello, &root));
    }
}

/* [V2G20-1006], [V2G20-1007]: a -20 car names its roots by their subjects. */
static void certificate_authorities_name_our_root(void **state)
{
    (void)state;
    uint8_t octets[4096];
    uint8_t scratch[TLS_HELLO_SIZE];
    tls_hello_t hello;
    const tls_root_t root = root_by_certificate();
    const size_t length = write_hello(&full_car, octets, sizeof octets, 16384);
    assert_int_equal(tls_hello_read((ccs_view_t){octets, length}, scratch, sizeof scratch, &hello), CCS_OK);
    assert_true(tls_hello_trusts(&hello, &root));
}

static void one_wrong_bit_never_reads_beyond(void **state)
{
    (void)state;
    uint8_t octets[4096];
    const size_t length = write_hello(&full_car, octets, sizeof octets, 90);
    for (size_t bit = 0; bit < length * 8; bit++) {
        uint8_t scratch[TLS_HELLO_SIZE];
        tls_hello_t hello;
        octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
        const ccs_err_t err = tls_hello_read((ccs_view_t){octets, length}, scratch, sizeof scratch, &hello);
        octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (err == CCS_OK) {
            (void)tls_choose(&serves_both, &hello, false);
            const tls_root_t root = root_by_certificate();
            (void)tls_hello_trusts(&hello, &root);
            assert_true(hello.length <= length);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_follows_from_the_offer),
        cmocka_unit_test(records_may_cut_it_anywhere),
        cmocka_unit_test(in_place_it_ends_up_in_one_record),
        cmocka_unit_test(in_place_it_may_fill_the_buffer_and_no_more),
        cmocka_unit_test(octet_by_octet_it_is_only_not_all_here),
        cmocka_unit_test(what_is_no_client_hello_is_refused_at_once),
        cmocka_unit_test(an_extension_twice_is_refused),
        cmocka_unit_test(lists_that_do_not_fit_their_extension_are_refused),
        cmocka_unit_test(resumption_is_seen_and_named),
        cmocka_unit_test(trusted_ca_keys_name_our_root),
        cmocka_unit_test(a_list_without_its_length_is_read_all_the_same),
        cmocka_unit_test(a_broken_list_of_roots_never_ends_a_handshake),
        cmocka_unit_test(certificate_authorities_name_our_root),
        cmocka_unit_test(one_wrong_bit_never_reads_beyond),
    };
    return cmocka_run_group_tests_name("tls hello", tests, NULL, NULL);
}
