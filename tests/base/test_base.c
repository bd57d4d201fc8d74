/* Byte cursors stop at their end and remember it; names never drift from their lists.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"
#include "ccs/errors.h"
#include "ccs/power.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void numbers_of_both_orders_round_trip(void **state)
{
    (void)state;
    uint8_t octets[13];
    bytes_out_t out = bytes_out(octets, sizeof octets);
    bytes_put_u8(&out, 0x12);
    bytes_put_u16be(&out, 0x3456);
    bytes_put_u32be(&out, 0x789ABCDE);
    bytes_put_u16le(&out, 0xF012);
    bytes_put_u32le(&out, 0xFEDCBA98);
    assert_false(out.failed);
    assert_int_equal(out.written, 13);
    assert_memory_equal(octets, "\x12\x34\x56\x78\x9A\xBC\xDE\x12\xF0\x98\xBA\xDC\xFE", 13);

    bytes_in_t in = bytes_in(octets, sizeof octets);
    assert_int_equal(bytes_get_u8(&in), 0x12);
    assert_int_equal(bytes_get_u16be(&in), 0x3456);
    assert_int_equal(bytes_get_u32be(&in), 0x789ABCDE);
    assert_int_equal(bytes_get_u16le(&in), 0xF012);
    assert_int_equal(bytes_get_u32le(&in), 0xFEDCBA98);
    assert_false(in.failed);
    assert_int_equal(in.left, 0);
}

static void a_read_beyond_the_end_fails_for_good(void **state)
{
    (void)state;
    const uint8_t octets[3] = {1, 2, 3};
    bytes_in_t in = bytes_in(octets, sizeof octets);
    assert_int_equal(bytes_get_u32be(&in), 0);
    assert_true(in.failed);
    assert_int_equal(bytes_get_u8(&in), 0); /* although octets are left */
    assert_int_equal(in.left, 3);
    uint8_t to[2] = {9, 9};
    bytes_get(&in, to, sizeof to);
    assert_memory_equal(to, "\0\0", 2);
}

static void a_write_beyond_the_end_writes_nothing(void **state)
{
    (void)state;
    uint8_t octets[4] = {7, 7, 7, 7};
    bytes_out_t out = bytes_out(octets, 3);
    bytes_put_u16be(&out, 1);
    bytes_put_u16be(&out, 2);
    assert_true(out.failed);
    bytes_put_u8(&out, 3);
    assert_int_equal(out.written, 2);
    assert_memory_equal(octets, "\0\1\7\7", 4);
}

static void nothing_is_a_length_too(void **state)
{
    (void)state;
    bytes_in_t in = bytes_in(NULL, 0);
    bytes_skip(&in, 0);
    bytes_get(&in, NULL, 0);
    assert_false(in.failed);
    bytes_skip(&in, 1);
    assert_true(in.failed);
    uint8_t octet;
    bytes_out_t out = bytes_out(&octet, 1);
    bytes_put(&out, NULL, 0);
    bytes_put_zeros(&out, 1);
    assert_false(out.failed);
    assert_int_equal(octet, 0);
}

static void every_error_has_a_name_and_a_text(void **state)
{
    (void)state;
    for (int i = 0; i < CCS_ERRORS_COUNT; i++) {
        assert_true(strlen(ccs_err_name((ccs_err_t)i)) >= 2);
        assert_true(strlen(ccs_err_text((ccs_err_t)i)) > 4);
    }
    assert_string_equal(ccs_err_name(CCS_ERR_TRUNCATED), "TRUNCATED");
    assert_string_equal(ccs_err_name((ccs_err_t)1000), "?");
}

static void every_why_has_a_name_and_a_text(void **state)
{
    (void)state;
    for (int i = 0; i < CCS_WHYS_COUNT; i++) {
        assert_true(strlen(ccs_why_name((ccs_why_t)i)) >= 2);
        assert_true(strlen(ccs_why_text((ccs_why_t)i)) > 3);
    }
    assert_string_equal(ccs_why_name((ccs_why_t)1000), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_both_orders_round_trip),     cmocka_unit_test(a_read_beyond_the_end_fails_for_good),
        cmocka_unit_test(a_write_beyond_the_end_writes_nothing), cmocka_unit_test(nothing_is_a_length_too),
        cmocka_unit_test(every_error_has_a_name_and_a_text),     cmocka_unit_test(every_why_has_a_name_and_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
