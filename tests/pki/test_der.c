/* Strict DER, octet by octet. SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "pki/der.h"
#include "pki/pki.h"

#define OCTETS(...) ((ccs_view_t){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})

static der_fault_t fault_of(ccs_view_t octets)
{
    der_t der = der_in(octets);
    while (der_peek(&der) != DER_NO_TAG) {
        der_take_any(&der);
    }
    der_end(&der);
    return der.fault;
}

static void lengths_have_one_form(void **state)
{
    (void)state;
    uint8_t longer[3 + 200] = {0x04, 0x81, 200};
    assert_int_equal(DER_FINE, fault_of(OCTETS(0x04, 0x00)));
    assert_int_equal(DER_FINE, fault_of(OCTETS(0x04, 0x02, 1, 2)));
    assert_int_equal(DER_FINE, fault_of((ccs_view_t){longer, sizeof longer}));
    assert_int_equal(DER_BROKEN, fault_of(OCTETS(0x04, 0x81, 0x02, 1, 2)));             /* longer than needed */
    assert_int_equal(DER_BROKEN, fault_of(OCTETS(0x04, 0x82, 0x00, 0x02, 1, 2)));       /* ... by two */
    assert_int_equal(DER_BROKEN, fault_of(OCTETS(0x30, 0x80, 0x00, 0x00)));             /* indefinite */
    assert_int_equal(DER_BROKEN, fault_of(OCTETS(0x04, 0x83, 0x00, 0x00, 0x01, 7)));    /* more than two octets of length */
    assert_int_equal(DER_BROKEN, fault_of(OCTETS(0x04, 0x84, 0xFF, 0xFF, 0xFF, 0xFF))); /* 4 GB */
    assert_int_equal(DER_BROKEN, fault_of(OCTETS(0x04, 0x03, 1, 2)));                   /* beyond the end */
    assert_int_equal(DER_BROKEN, fault_of(OCTETS(0x04, 0x82, 0x01)));                   /* cut in its length */
    assert_int_equal(DER_BROKEN, fault_of(OCTETS(0x04)));
}

static void tags_have_one_octet(void **state)
{
    (void)state;
    assert_int_equal(DER_BROKEN, fault_of(OCTETS(0x1F, 0x20, 0x00)));
    assert_int_equal(DER_TRAILING, fault_of(OCTETS(0x00, 0x00))); /* end-of-contents has no place in DER */
    der_t der = der_in(OCTETS(0x02, 0x01, 5));
    assert_int_equal(0, der_take(&der, DER_OCTET_STRING, NULL).length); /* another tag than the one asked for */
    assert_int_equal(DER_BROKEN, der.fault);
}

static void a_structure_is_read_to_its_end(void **state)
{
    (void)state;
    der_t der = der_in(OCTETS(0x30, 0x06, 0x02, 0x01, 1, 0x02, 0x01, 2));
    der_t inner = der_enter(&der, DER_SEQUENCE);
    assert_int_equal(1, der_integer(&inner).at[0]);
    der_leave(&der, &inner);
    assert_int_equal(DER_TRAILING, der.fault);
    der = der_in(OCTETS(0x30, 0x00, 0x05));
    inner = der_enter(&der, DER_SEQUENCE);
    der_leave(&der, &inner);
    der_end(&der);
    assert_int_equal(DER_TRAILING, der.fault);
}

/* What comes after a fault is empty, so a structure is read straight down and asked once. */
static void the_first_fault_stays(void **state)
{
    (void)state;
    der_t der = der_in(OCTETS(0x02, 0x02, 0x00, 0x01, 0x02, 0x01, 7));
    assert_int_equal(0, der_integer(&der).length);
    assert_int_equal(0, der_integer(&der).length);
    assert_int_equal(DER_NO_TAG, der_peek(&der));
    der_t inner = der_enter(&der, DER_SEQUENCE);
    assert_int_equal(DER_BROKEN, inner.fault);
    assert_int_equal(DER_BROKEN, der.fault);
}

#define EXPECT_FAULT(fault_wanted, call, ...)      \
    do {                                           \
        der_t one = der_in(OCTETS(__VA_ARGS__));   \
        (void)call(&one);                          \
        assert_int_equal(fault_wanted, one.fault); \
    } while (0)

static void types_have_one_form(void **state)
{
    (void)state;
    EXPECT_FAULT(DER_FINE, der_boolean, 0x01, 0x01, 0xFF);
    EXPECT_FAULT(DER_FINE, der_boolean, 0x01, 0x01, 0x00);
    EXPECT_FAULT(DER_BROKEN, der_boolean, 0x01, 0x01, 0x01);
    EXPECT_FAULT(DER_BROKEN, der_boolean, 0x01, 0x02, 0xFF, 0xFF);
    EXPECT_FAULT(DER_FINE, der_integer, 0x02, 0x02, 0x00, 0x80);
    EXPECT_FAULT(DER_FINE, der_integer, 0x02, 0x01, 0x00);
    EXPECT_FAULT(DER_BROKEN, der_integer, 0x02, 0x00);
    EXPECT_FAULT(DER_BROKEN, der_integer, 0x02, 0x02, 0x00, 0x7F);
    EXPECT_FAULT(DER_BROKEN, der_integer, 0x02, 0x02, 0xFF, 0x80);
    EXPECT_FAULT(DER_FINE, der_oid, 0x06, 0x03, 0x55, 0x1D, 0x0F);
    EXPECT_FAULT(DER_FINE, der_oid, 0x06, 0x03, 0x2A, 0x86, 0x48);
    EXPECT_FAULT(DER_BROKEN, der_oid, 0x06, 0x00);
    EXPECT_FAULT(DER_BROKEN, der_oid, 0x06, 0x03, 0x55, 0x80, 0x0F);
    EXPECT_FAULT(DER_BROKEN, der_oid, 0x06, 0x02, 0x55, 0x86);
}

static void named_bits_are_trimmed(void **state)
{
    (void)state;
    der_t der = der_in(OCTETS(0x03, 0x02, 0x01, 0x06)); /* keyCertSign and cRLSign */
    assert_int_equal(PKI_CERT_SIGN | PKI_CRL_SIGN, der_names(&der));
    EXPECT_FAULT(DER_FINE, der_names, 0x03, 0x01, 0x00);
    EXPECT_FAULT(DER_FINE, der_names, 0x03, 0x03, 0x07, 0x00, 0x80);
    EXPECT_FAULT(DER_BROKEN, der_names, 0x03, 0x02, 0x00, 0x06);             /* a zero at the end */
    EXPECT_FAULT(DER_BROKEN, der_names, 0x03, 0x02, 0x02, 0x06);             /* an unused bit that is set */
    EXPECT_FAULT(DER_BROKEN, der_names, 0x03, 0x02, 0x08, 0x00);             /* eight unused bits */
    EXPECT_FAULT(DER_BROKEN, der_names, 0x03, 0x01, 0x01);                   /* unused bits of nothing */
    EXPECT_FAULT(DER_BROKEN, der_names, 0x03, 0x04, 0x00, 0x00, 0x00, 0x01); /* more than sixteen */
}

static int64_t time_of(uint8_t tag, const char *text, der_fault_t *fault)
{
    uint8_t octets[32] = {tag, (uint8_t)strlen(text)};
    memcpy(octets + 2, text, strlen(text));
    der_t der = der_in((ccs_view_t){octets, strlen(text) + 2});
    const int64_t time_s = der_time(&der);
    *fault = der.fault;
    return time_s;
}

static void times_are_seconds_of_utc(void **state)
{
    static const struct {
        uint8_t tag;
        const char *text;
        int64_t s;
    } good[] = {
        {DER_UTC_TIME, "700101000000Z", 0},
        {DER_UTC_TIME, "691231235959Z", -1},
        {DER_UTC_TIME, "240229120000Z", 1709208000},
        {DER_UTC_TIME, "491231235959Z", 2524607999},
        {DER_UTC_TIME, "500101000000Z", -631152000},
        {DER_GENERALIZED_TIME, "20500101000000Z", 2524608000},
        {DER_GENERALIZED_TIME, "99991231235959Z", 253402300799},
        {DER_GENERALIZED_TIME, "20000229000000Z", 951782400},
    };
    static const struct {
        uint8_t tag;
        const char *text;
    } bad[] = {
        {DER_UTC_TIME, "7001010000Z"},
        {DER_UTC_TIME, "700101000000+0100"},
        {DER_UTC_TIME, "701301000000Z"},
        {DER_UTC_TIME, "700100000000Z"},
        {DER_UTC_TIME, "230229000000Z"},
        {DER_UTC_TIME, "700101240000Z"},
        {DER_UTC_TIME, "700101006000Z"},
        {DER_UTC_TIME, "700101000060Z"},
        {DER_UTC_TIME, "7001x1000000Z"},
        {DER_UTC_TIME, "19700101000000Z"},
        {DER_GENERALIZED_TIME, "500101000000Z"},
        {DER_GENERALIZED_TIME, "21000229000000Z"},
        {DER_GENERALIZED_TIME, "20500101000000.5Z"},
        {DER_UTC_TIME, ""},
    };
    (void)state;
    der_fault_t fault;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(good[i].s, time_of(good[i].tag, good[i].text, &fault));
        assert_int_equal(DER_FINE, fault);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)time_of(bad[i].tag, bad[i].text, &fault);
        assert_int_equal(DER_TIME, fault);
    }
}

/* ---- names */

#define CN(letter)           0x31, 0x0C, 0x30, 0x0A, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0C, 0x03, 'a', 'b', letter
#define CN_PRINTABLE(letter) 0x31, 0x0C, 0x30, 0x0A, 0x06, 0x03, 0x55, 0x04, 0x03, 0x13, 0x03, 'a', 'b', letter
#define COUNTRY              0x31, 0x0B, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x06, 0x13, 0x02, 'D', 'E'

static void names_are_equal_in_any_order_and_string_type(void **state)
{
    (void)state;
    assert_true(pki_name_equal(OCTETS(CN('c'), COUNTRY), OCTETS(COUNTRY, CN_PRINTABLE('c'))));
    assert_false(pki_name_equal(OCTETS(CN('c'), COUNTRY), OCTETS(COUNTRY, CN('d'))));
    assert_false(pki_name_equal(OCTETS(CN('c'), COUNTRY), OCTETS(CN('c'))));
    assert_false(pki_name_equal(OCTETS(CN('c'), CN('c')), OCTETS(CN('c'), COUNTRY)));
    assert_false(pki_name_equal(OCTETS(CN('c'), CN('d')), OCTETS(CN('c'), CN('c'))));
    assert_false(pki_name_equal((ccs_view_t){NULL, 0}, (ccs_view_t){NULL, 0})); /* no name is nobody's issuer */
    assert_false(pki_name_equal(OCTETS(0x31, 0x00), OCTETS(0x31, 0x00)));
}

static void names_tell_their_attributes(void **state)
{
    (void)state;
    ccs_view_t value;
    assert_int_equal(PKI_COMMON_NAME | PKI_COUNTRY, pki_name_attributes(OCTETS(COUNTRY, CN('c'))));
    assert_int_equal(2, pki_name_find(OCTETS(CN('x'), COUNTRY, CN('y')), PKI_COMMON_NAME, &value));
    assert_memory_equal("abx", value.at, 3);
    assert_int_equal(0, pki_name_find(OCTETS(COUNTRY), PKI_COMMON_NAME, NULL));
}

static void nothing_but_certificates_is_read(void **state)
{
    (void)state;
    pki_certificate_t certificate;
    pki_reason_t reason;
    assert_false(pki_read((ccs_view_t){NULL, 0}, &certificate, &reason));
    assert_int_equal(PKI_DER, reason);
    assert_false(pki_read(OCTETS(0x30, 0x00), &certificate, &reason));
    assert_int_equal(PKI_DER, reason);
    assert_string_equal("DER", pki_reason_name(reason));
    assert_string_equal("?", pki_reason_name(PKI_REASONS_COUNT));
}

/* A verdict that nobody filled in is not good. */
static void nothing_judged_is_not_good(void **state)
{
    (void)state;
    const pki_verdict_t verdict = {0};
    assert_false(pki_is_good(&verdict));
    assert_string_equal("UNJUDGED", pki_reason_name(verdict.reason));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_have_one_form),
        cmocka_unit_test(tags_have_one_octet),
        cmocka_unit_test(a_structure_is_read_to_its_end),
        cmocka_unit_test(the_first_fault_stays),
        cmocka_unit_test(types_have_one_form),
        cmocka_unit_test(named_bits_are_trimmed),
        cmocka_unit_test(times_are_seconds_of_utc),
        cmocka_unit_test(names_are_equal_in_any_order_and_string_type),
        cmocka_unit_test(names_tell_their_attributes),
        cmocka_unit_test(nothing_but_certificates_is_read),
        cmocka_unit_test(nothing_judged_is_not_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
