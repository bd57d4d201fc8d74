/* Lines of the log.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
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

/* ---- what is shown of many ---- */

enum { LINES_S = 25 };

static size_t count_of(const page_t *page, const char *what)
{
    size_t count = 0;
    for (const char *at = strstr(page->text, what); at != NULL; at = strstr(at + 1, what)) {
        count++;
    }
    return count;
}

static page_t *clean_page(void)
{
    static page_t page;
    page.length = 0;
    page.text[0] = '\0';
    return &page;
}

/* A request of the loop: its numbers change, its words do not. */
static void loop_request(log_t *log, int64_t now_ms, const char *in)
{
    const ccs_trace_record_t demand = {.now_ms = now_ms,
                                       .level = CCS_LEVEL_INFO,
                                       .room = "din",
                                       .event = "CurrentDemandReq",
                                       .fields = 2,
                                       .field = {{.name = "in", .text = in}, {.name = "target_mA", .number = now_ms}}};
    log_record(log, &demand);
}

static void loop_answer(log_t *log, int64_t now_ms, const char *code)
{
    const ccs_trace_record_t answer = {.now_ms = now_ms,
                                       .level = CCS_LEVEL_INFO,
                                       .room = "din",
                                       .event = "CurrentDemandRes",
                                       .fields = 1,
                                       .field = {{.name = "code", .text = code}}};
    log_record(log, &answer);
}

static void messages_of_the_loop_are_told_once_at_info_and_all_at_debug(void **state)
{
    static log_t info, debug;
    page_t *page = clean_page();
    (void)state;
    info = (log_t){.text = {.ctx = page, .write = page_write}, .level = CCS_LEVEL_INFO, .utc_us = noon};
    debug = info;
    debug.level = CCS_LEVEL_DEBUG;
    for (int i = 0; i < 10; i++) {
        loop_request(&info, i, "Loop");
        loop_answer(&info, i, "OK");
    }
    assert_int_equal(count_of(page, "CurrentDemandReq"), 1);
    assert_int_equal(count_of(page, "CurrentDemandRes"), 1);
    page = clean_page();
    for (int i = 0; i < 10; i++) {
        loop_request(&debug, i, "Loop");
        loop_answer(&debug, i, "OK");
    }
    assert_int_equal(count_of(page, "info    din"), 2);
    assert_int_equal(count_of(page, "debug   din"), 18);
}

static void a_message_that_says_something_else_is_told(void **state)
{
    static log_t log;
    page_t *page = clean_page();
    (void)state;
    log = (log_t){.text = {.ctx = page, .write = page_write}, .level = CCS_LEVEL_INFO, .utc_us = noon};
    for (int i = 0; i < 10; i++) {
        loop_request(&log, i, i < 5 ? "Loop" : "PowerOff");
        loop_answer(&log, i, i < 9 ? "OK" : "FAILED");
    }
    assert_int_equal(count_of(page, "CurrentDemandReq"), 2);
    assert_int_equal(count_of(page, "code=OK"), 1);
    assert_int_equal(count_of(page, "code=FAILED"), 1);
    log.outlet = 2; /* another car's loop is not this one's */
    loop_request(&log, 11, "PowerOff");
    assert_int_equal(count_of(page, "CurrentDemandReq"), 3);
}

static void a_flood_of_one_kind_is_cut_counted_and_told(void **state)
{
    static log_t log;
    page_t *page = clean_page();
    (void)state;
    log = (log_t){.text = {.ctx = page, .write = page_write}, .level = CCS_LEVEL_INFO, .utc_us = noon, .lines_s = 2};
    for (int i = 0; i < 5000; i++) {
        log_say(&log, CCS_LEVEL_WARNING, i / 10, "secc", "sdp_stranger", NULL); /* ten each ms, for half a second */
    }
    const size_t shown = count_of(page, "sdp_stranger");
    assert_in_range(shown, 2 * FLOW_BURST_S, 2 * FLOW_BURST_S + 1);
    assert_int_equal(count_of(page, "left_out"), 0); /* once a second */
    log_say(&log, CCS_LEVEL_INFO, 2000, "evse", "session_end", NULL);
    char told[100];
    (void)snprintf(told, sizeof told, "warning log          left_out of=secc what=sdp_stranger lines=%zu\n", 5000 - shown);
    assert_non_null(strstr(page->text, told));
    assert_int_equal(count_of(page, "session_end"), 1); /* what is rare is not touched */
}

static void what_is_left_out_at_the_end_is_told_too(void **state)
{
    static log_t log;
    page_t *page = clean_page();
    (void)state;
    log = (log_t){.text = {.ctx = page, .write = page_write}, .level = CCS_LEVEL_INFO, .utc_us = noon, .lines_s = 1};
    for (int i = 0; i < 10; i++) {
        log_say(&log, CCS_LEVEL_INFO, 5, "evse", "again", NULL);
    }
    log_end(&log, 6);
    assert_non_null(strstr(page->text, "what=again lines=6"));
    log_end(&log, 7);
    assert_int_equal(count_of(page, "left_out"), 1);
}

static void json_is_cut_by_the_same_rule_and_an_ordinary_charge_is_whole(void **state)
{
    static log_t log;
    page_t *page = clean_page();
    (void)state;
    log = (log_t){.json = {.ctx = page, .write = page_write}, .utc_us = noon, .lines_s = LINES_S};
    for (int i = 0; i < 20; i++) { /* 20 requests a second */
        loop_request(&log, i * 50, "Loop");
    }
    assert_int_equal(count_of(page, "CurrentDemandReq"), 20);
    page = clean_page();
    log.lines_s = 1;
    for (int i = 0; i < 2000; i++) {
        loop_request(&log, 1000 + i, "Loop");
    }
    assert_in_range(count_of(page, "CurrentDemandReq"), 4, 10);
    assert_true(count_of(page, "left_out") >= 1);
}

static void without_a_limit_every_line_is_there(void **state)
{
    static flow_t flow;
    const ccs_trace_record_t one = {.room = "evse", .event = "again"};
    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_true(flow_pass(&flow, 0, &one, 0));
    }
}

static void more_kinds_than_it_knows_share_the_last(void **state)
{
    static flow_t flow;
    static char name[FLOW_KINDS + 100];
    (void)state;
    for (size_t i = 0; i < sizeof name; i++) {
        const ccs_trace_record_t one = {.room = "evse", .event = &name[i]};
        (void)flow_pass(&flow, 0, &one, 1);
    }
    assert_int_equal(flow.kinds, FLOW_KINDS);
    flow_kind_t gap;
    assert_true(flow_gap(&flow, INT64_MAX, &gap));
    assert_int_equal(gap.left_out, 100 + 1 - FLOW_BURST_S);
    assert_false(flow_gap(&flow, INT64_MAX, &gap));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_one_line_that_cannot_steer_a_terminal),
        cmocka_unit_test(a_level_below_is_left_out),
        cmocka_unit_test(json_has_every_field_and_the_octets),
        cmocka_unit_test(a_line_too_long_is_cut_not_lost),
        cmocka_unit_test(messages_of_the_loop_are_told_once_at_info_and_all_at_debug),
        cmocka_unit_test(a_message_that_says_something_else_is_told),
        cmocka_unit_test(a_flood_of_one_kind_is_cut_counted_and_told),
        cmocka_unit_test(what_is_left_out_at_the_end_is_told_too),
        cmocka_unit_test(json_is_cut_by_the_same_rule_and_an_ordinary_charge_is_whole),
        cmocka_unit_test(without_a_limit_every_line_is_there),
        cmocka_unit_test(more_kinds_than_it_knows_share_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
