/* JSON in, by the letter of RFC 8259; integers of any size; octets in pairs of digits.
 * SPDX-License-Identifier: Apache-2.0 */
#include "apps/ccs-dump/decimal.h"
#include "apps/ccs-dump/hex.h"
#include "apps/ccs-dump/json_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static ccs_view_t view(const char *text)
{
    return (ccs_view_t){(const uint8_t *)text, strlen(text)};
}

static void what_the_grammar_has_is_read(void **state)
{
    static const char *const good[] = {
        "0",
        "-0",
        "10",
        "-1.5",
        "1e5",
        "1E+05",
        "0.0e-0",
        "true",
        "false",
        "null",
        "\"\"",
        "[]",
        "{}",
        " [ 1 , 2 ] ",
        "\r\n\t{}\n",
        "{\"a\":{\"b\":[{}]}}",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\\uD83D\\uDE00\"",
        "\"\xC3\xA4\"",
        "\xEF\xBB\xBF{}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        json_document_t document;
        json_fault_t fault;
        if (!json_in_read(view(good[i]), &document, &fault)) {
            fail_msg("%s: %s", good[i], fault.why);
        }
        json_in_free(&document);
    }
}

static void nothing_beside_the_grammar_is_read(void **state)
{
    static const struct {
        const char *text;
        size_t line, column;
    } bad[] = {
        {"", 1, 1},
        {"  ", 1, 3},
        {"01", 1, 2},
        {"-01", 1, 3},
        {"1.", 1, 3},
        {"+1", 1, 1},
        {".5", 1, 1},
        {"1e", 1, 3},
        {"1e+", 1, 4},
        {"-", 1, 2},
        {"NaN", 1, 1},
        {"-NaN", 1, 2},
        {"Infinity", 1, 1},
        {"-Infinity", 1, 2},
        {"0x10", 1, 2},
        {"True", 1, 1},
        {"nul", 1, 1},
        {"truefalse", 1, 5},
        {"{} x", 1, 4},
        {"{}{}", 1, 3},
        {"[1,]", 1, 4},
        {"[,1]", 1, 2},
        {"[1 2]", 1, 4},
        {"[1", 1, 3},
        {"{\"a\":1,}", 1, 8},
        {"{\"a\" 1}", 1, 6},
        {"{a:1}", 1, 2},
        {"{\"a\":}", 1, 6},
        {"{'a':1}", 1, 2},
        {"\"a", 1, 3},
        {"\"\n\"", 1, 2},
        {"\"\\x41\"", 1, 3},
        {"\"\\u12g4\"", 1, 6},
        {"\"\\uD800\"", 1, 8},
        {"\"\\uDC00\"", 1, 8},
        {"\"\xFF\"", 1, 2},
        {"\"\xC0\x80\"", 1, 2},
        {"// x\n1", 1, 1},
        {"{\n \"a\": 01\n}", 2, 8},
        {"\"\\uD800\\u0041\"", 1, 14},
        {"[1}", 1, 3},
        {"]", 1, 1},
        {"\"\xED\xA0\x80\"", 1, 2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        json_document_t document;
        json_fault_t fault;
        if (json_in_read(view(bad[i].text), &document, &fault)) {
            fail_msg("%s was taken", bad[i].text);
        }
        if (fault.line != bad[i].line || fault.column != bad[i].column) {
            fail_msg("%s: line %zu, column %zu: %s", bad[i].text, fault.line, fault.column, fault.why);
        }
    }
}

static void strings_have_a_length(void **state)
{
    static const char text[] = "{\"a\\u0000b\": \"x\\u0000y\\uD83D\\uDE00\\u00e4\\u20AC\"}";
    json_document_t document;
    json_fault_t fault;
    (void)state;
    assert_true(json_in_read(view(text), &document, &fault));
    const json_value_t *const member = document.root->first;
    assert_int_equal(member->name.length, 3);
    assert_memory_equal(member->name.at, "a\0b", 4);
    assert_int_equal(member->text.length, 3 + 4 + 2 + 3);
    assert_memory_equal(member->text.at, "x\0y\xF0\x9F\x98\x80\xC3\xA4\xE2\x82\xAC", 12);
    assert_null(json_in_member(document.root, "a"));
    json_in_free(&document);
    assert_false(json_in_read((ccs_view_t){(const uint8_t *)"\"a\0b\"", 5}, &document, &fault));
    assert_int_equal(fault.column, 3);
}

static void a_name_that_comes_twice_is_seen(void **state)
{
    json_document_t document;
    json_fault_t fault;
    (void)state;
    assert_true(json_in_read(view("{\"a\": 1, \"b\": 2, \"a\": 3}"), &document, &fault));
    const json_value_t *const first = document.root->first, *const second = first->next, *const third = second->next;
    assert_int_equal(document.root->count, 3);
    assert_false(json_in_twice(document.root, first));
    assert_false(json_in_twice(document.root, second));
    assert_true(json_in_twice(document.root, third));
    assert_ptr_equal(json_in_member(document.root, "a"), first);
    json_in_free(&document);
}

static void nesting_ends_somewhere(void **state)
{
    static char text[200001];
    json_document_t document;
    json_fault_t fault;
    (void)state;
    memset(text, '[', sizeof text - 1);
    assert_false(json_in_read(view(text), &document, &fault));
    assert_string_equal(fault.why, "nested too deep");
}

static void every_prefix_of_a_document_is_refused(void **state)
{
    static const char text[] = "{\"a\": [-1.5e+3, true, null, {\"b\": \"\\u00e4\\n\\uD83D\\uDE00\"}], \"c\": false}";
    json_document_t document;
    json_fault_t fault;
    (void)state;
    for (size_t length = 0; length < sizeof text - 1; length++) {
        char *const cut = malloc(length + 1); /* as long as it is: a sanitizer sees a step too far */
        memcpy(cut, text, length);
        assert_false(json_in_read((ccs_view_t){(const uint8_t *)cut, length}, &document, &fault));
        free(cut);
    }
}

/* ---- integers */

static const struct {
    const char *digits, *octets;
} numbers[] = {
    {"0", ""},
    {"1", "01"},
    {"-1", "01"},
    {"255", "FF"},
    {"256", "0100"},
    {"999999999", "3B9AC9FF"},
    {"1000000000", "3B9ACA00"},
    {"1000000001", "3B9ACA01"},
    {"18446744073709551615", "FFFFFFFFFFFFFFFF"},
    {"18446744073709551616", "010000000000000000"},
    {"-730750818665451459101842416358141509827966271488", "8000000000000000000000000000000000000000"},
};

static void integers_of_any_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uint8_t octets[64], expected[64];
        size_t length;
        bool negative;
        assert_true(hex_pairs(view(numbers[i].octets), expected));
        assert_true(decimal_read(view(numbers[i].digits), octets, &length, &negative));
        assert_int_equal(length, strlen(numbers[i].octets) / 2);
        assert_memory_equal(octets, expected, length);
        char *const text = decimal_write((ccs_view_t){octets, length}, negative);
        assert_string_equal(text, numbers[i].digits);
        free(text);
    }
}

/* Behind 1024 octets, up to 2467 digits, comes hexadecimal: nothing takes long. */
static void decimal_digits_end_where_they_get_slow(void **state)
{
    enum { LARGE = 500000 };
    uint8_t *const octets = malloc(LARGE), *const back = malloc(2 * LARGE + 8);
    size_t length;
    bool negative;
    (void)state;
    memset(octets, 0xFF, LARGE);
    for (size_t size = DECIMAL_OCTETS_MAX - 1; size <= LARGE; size += size < DECIMAL_OCTETS_MAX + 1 ? 1 : 250000) {
        char *const text = decimal_write((ccs_view_t){octets, size}, true);
        const bool hexadecimal = strncmp(text, "-0x", 3) == 0;
        assert_int_equal(hexadecimal, size > DECIMAL_OCTETS_MAX);
        assert_true(decimal_read(view(text), back, &length, &negative));
        assert_true(negative);
        assert_int_equal(length, size);
        assert_memory_equal(back, octets, size);
        free(text);
    }
    free(octets);
    free(back);
}

static void what_is_no_integer(void **state)
{
    static const char *const bad[] = {"", "-", "+1", "1.0", "1 ", " 1", "--1", "0x", "0x1", "0xGG", "0x12 34", "1e3", "x"};
    uint8_t octets[16];
    size_t length;
    bool negative;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(decimal_read(view(bad[i]), octets, &length, &negative));
    }
}

static void json_numbers_that_are_whole(void **state)
{
    static const struct {
        const char *number, *digits; /* "": it is not whole */
    } rows[] = {
        {"0", "0"},       {"-7", "-7"},
        {"1.0", "1"},     {"1.50e2", "150"},
        {"15e-1", ""},    {"150E-1", "15"},
        {"0.5", ""},      {"0.000e9", "0000"},
        {"-0.0", "-00"},  {"1e99999999999999999", ""},
        {"1e-99999", ""}, {"0e99999", "0"},
        {"2.5e+1", "25"}, {"100e-2", "1"},
        {"1.01", ""},     {"18446744073709551615", "18446744073709551615"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char digits[DECIMAL_DIGITS_MAX + 1];
        const size_t length = decimal_whole(view(rows[i].number), digits);
        assert_int_equal(length, strlen(rows[i].digits));
        assert_memory_equal(digits, rows[i].digits, length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_grammar_has_is_read), cmocka_unit_test(nothing_beside_the_grammar_is_read),
        cmocka_unit_test(strings_have_a_length),        cmocka_unit_test(a_name_that_comes_twice_is_seen),
        cmocka_unit_test(nesting_ends_somewhere),       cmocka_unit_test(every_prefix_of_a_document_is_refused),
        cmocka_unit_test(integers_of_any_size),         cmocka_unit_test(decimal_digits_end_where_they_get_slow),
        cmocka_unit_test(what_is_no_integer),           cmocka_unit_test(json_numbers_that_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
