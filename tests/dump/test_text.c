/* Hexadecimal in, JSON out, lines in: the small text parts of ccs-dump.
 * SPDX-License-Identifier: Apache-2.0 */
#include "apps/ccs-dump/hex.h"
#include "apps/ccs-dump/json_out.h"
#include "apps/ccs-dump/line_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void hex_is_read_as_people_paste_it(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        size_t length, bad;
    } rows[] = {
        {"809a02", true, 3, 0},   {"80 9A 02\n", true, 3, 0}, {"0x809a02", true, 3, 0}, {"0x80, 0x9a, 0x02", true, 3, 0},
        {"80:9a:02", true, 3, 0}, {"", true, 0, 0},           {"  ", true, 0, 0},       {"809", false, 1, 3},
        {"80 9", false, 1, 4},    {"8 09a", false, 0, 1},     {"80zz", false, 1, 2},    {"80-9a", false, 1, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t octets[32];
        size_t length, bad = 0;
        const ccs_view_t text = {(const uint8_t *)rows[i].text, strlen(rows[i].text)};
        assert_int_equal(hex_read(text, octets, &length, &bad), rows[i].good);
        assert_int_equal(length, rows[i].length);
        if (!rows[i].good) {
            assert_int_equal(bad, rows[i].bad);
        } else if (length == 3) {
            assert_memory_equal(octets, "\x80\x9a\x02", 3);
        }
    }
}

static void write_tree(json_out_t *json)
{
    json_open(json, '{');
    json_key(json, "a");
    json_int(json, -5);
    json_key(json, "list");
    json_open(json, '[');
    json_bool(json, true);
    json_open(json, '{');
    json_key(json, "t");
    json_string(json, "x\"\\\n\x01 \xC3\xA4 \xFF");
    json_close(json, '}');
    json_close(json, ']');
    json_key(json, "none");
    json_open(json, '{');
    json_close(json, '}');
    json_key(json, "hex");
    json_hex(json, (ccs_view_t){(const uint8_t *)"\x01\xAB", 2});
    json_key(json, "base64");
    json_base64(json, (ccs_view_t){(const uint8_t *)"\x00\x10\x83\xFF", 4});
    json_key(json, "time");
    json_time(json, 1700000000000250);
    json_close(json, '}');
}

static void a_tree_is_written_in_three_styles(void **state)
{
    (void)state;
    static const char *const expected[] = {
        [JSON_COMPACT] =
            "{\"a\":-5,\"list\":[true,{\"t\":\"x\\\"\\\\\\u000a\\u0001 \xC3\xA4 \xEF\xBF\xBD\"}],\"none\":{},\"hex\":\"01AB\","
            "\"base64\":\"ABCD/w==\",\"time\":1700000000.000250}",
        [JSON_INDENTED] = "{\n  \"a\": -5,\n  \"list\": [\n    true,\n    {\n      \"t\": \"x\\\"\\\\\\u000a\\u0001 \xC3\xA4 "
                          "\xEF\xBF\xBD\"\n    }\n  ],\n  \"none\": {},\n  \"hex\": \"01AB\",\n  \"base64\": \"ABCD/w==\",\n"
                          "  \"time\": 1700000000.000250\n}",
        [JSON_PLAIN] = "\n  a: -5\n  list:\n    - true\n    -\n      t: x\"\\\\u000a\\u0001 \xC3\xA4 \xEF\xBF\xBD\n  none:\n"
                       "  hex: 01AB\n  base64: ABCD/w==\n  time: 1700000000.000250",
    };
    for (json_style_t style = JSON_COMPACT; style <= JSON_PLAIN; style++) {
        char *text = NULL;
        size_t length;
        FILE *const file = open_memstream(&text, &length);
        json_out_t json = json_out(file, style, 0);
        write_tree(&json);
        fclose(file);
        assert_string_equal(text, expected[style]);
        free(text);
    }
}

static void lines_come_whole_and_waiting_is_known(void **state)
{
    (void)state;
    int ends[2];
    ccs_view_t line;
    assert_int_equal(pipe(ends), 0);
    line_reader_t reader = line_reader(ends[0]);
    assert_int_equal(write(ends[1], "one\ntwo\nthr", 11), 11);
    assert_false(line_must_wait(&reader));
    assert_true(line_next(&reader, &line));
    assert_memory_equal(line.at, "one", line.length);
    assert_false(line_must_wait(&reader));
    assert_true(line_next(&reader, &line));
    assert_memory_equal(line.at, "two", line.length);
    assert_true(line_must_wait(&reader));
    assert_int_equal(write(ends[1], "ee", 2), 2);
    close(ends[1]);
    assert_true(line_next(&reader, &line));
    assert_int_equal(line.length, 5);
    assert_memory_equal(line.at, "three", 5);
    assert_false(line_next(&reader, &line));
    line_reader_free(&reader);
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_is_read_as_people_paste_it),
        cmocka_unit_test(a_tree_is_written_in_three_styles),
        cmocka_unit_test(lines_come_whole_and_waiting_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
