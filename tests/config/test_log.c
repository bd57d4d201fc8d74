/* Lines of the log.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "ports/common/log/log.h"

typedef struct page {
    char text[4096];
    size_t length;
} page_t;

static void page_write(void *ctx, const char *line, size_t length)
{
    page_t *page = ctx;
    assert_true(page->length + length < sizeof page->text);
    memcpy(page->text + page->length, line, length);
    page->length += length;
    page->text[page->length] = '\0';
}

static int64_t noon(void)
{
    return INT64_C(1700000000123456);
}

static const uint8_t octets[] = {0x01, 0xFE, 0x80};
static const ccs_trace_record_t record = {
    .now_ms = 42,
    .level = CCS_LEVEL_INFO,
    .room = "din",
    .event = "PreChargeReq",
    .fields = 2,
    .field = {{.name = "target_mV", .number = 400000}, {.name = "text", .text = "line\nbreak \x1b[31m"}},
    .bytes = {.at = octets, .length = sizeof octets},
    .direction = 'r',
};

static void text_is_one_line_that_cannot_steer_a_terminal(void **state)
{
    static page_t page;
    log_t log = {.text = {.ctx = &page, .write = page_write}, .level = CCS_LEVEL_INFO, .utc_us = noon};
    (void)state;
    log_record(&log, &record);
    assert_string_equal(page.text,
                        "2023-11-14T22:13:20.123Z info    din       <- PreChargeReq target_mV=400000 text=line?break ?[31m\n");
}

static void a_level_below_is_left_out(void **state)
{
    static page_t page;
    log_t log = {.text = {.ctx = &page, .write = page_write}, .level = CCS_LEVEL_WARNING, .utc_us = noon};
    (void)state;
    log_record(&log, &record);
    assert_int_equal(page.length, 0);
}

static void json_has_every_field_and_the_octets(void **state)
{
    static page_t page;
    log_t log = {.json = {.ctx = &page, .write = page_write}, .utc_us = noon};
    (void)state;
    log_record(&log, &record);
    cJSON *json = cJSON_Parse(page.text);
    assert_string_equal(cJSON_GetObjectItem(json, "event")->valuestring, "PreChargeReq");
    assert_int_equal(cJSON_GetObjectItem(json, "target_mV")->valueint, 400000);
    assert_string_equal(cJSON_GetObjectItem(json, "frame")->valuestring, "01FE80");
    assert_string_equal(cJSON_GetObjectItem(json, "direction")->valuestring, "received");
    assert_string_equal(cJSON_GetObjectItem(json, "utc")->valuestring, "2023-11-14T22:13:20.123Z");
    cJSON_Delete(json);
}

static void a_line_too_long_is_cut_not_lost(void **state)
{
    static page_t page;
    static char text[3000];
    log_t log = {.text = {.ctx = &page, .write = page_write}, .level = CCS_LEVEL_INFO, .utc_us = noon};
    (void)state;
    memset(text, 'x', sizeof text - 1);
    log_say(&log, CCS_LEVEL_ERROR, 0, "evse", "long", text);
    assert_true(page.length > 500 && page.length < 1100);
    assert_int_equal(page.text[page.length - 1], '\n');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_one_line_that_cannot_steer_a_terminal),
        cmocka_unit_test(a_level_below_is_left_out),
        cmocka_unit_test(json_has_every_field_and_the_octets),
        cmocka_unit_test(a_line_too_long_is_cut_not_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
