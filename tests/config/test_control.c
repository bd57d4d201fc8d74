/* Lines of the control protocol.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "ports/common/control/control.h"

static cJSON *echo(const control_call_t *call)
{
    cJSON *answer = control_ok();
    cJSON_AddNumberToObject(answer, "outlet", call->outlet);
    cJSON_AddNumberToObject(answer, "words", (double)call->words);
    cJSON_AddStringToObject(answer, "last", call->word[call->words - 1]);
    return answer;
}

static cJSON *watch(const control_call_t *call)
{
    call->watch->ms = 250;
    return control_ok();
}

static const control_row_t rows[] = {{"echo", "[WORD]...", "says what it heard", echo}, {"watch", "", "watches", watch}};
static const control_table_t table = {.row = rows, .count = 2};

/* The answer to a line, parsed; every answer is one line and one object. */
static cJSON *answer_to(const char *text, control_watch_t *watch)
{
    char line[CONTROL_LINE_SIZE];
    snprintf(line, sizeof line, "%s", text);
    char *answer = control_run(&table, line, watch);
    assert_non_null(answer);
    assert_ptr_equal(strchr(answer, '\n'), answer + strlen(answer) - 1);
    cJSON *json = cJSON_Parse(answer);
    assert_true(cJSON_IsObject(json));
    cJSON_free(answer);
    return json;
}

static void words_are_cut_at_blanks(void **state)
{
    control_watch_t watched = {0};
    cJSON *json = answer_to("  echo \t one  two\r", &watched);
    (void)state;
    assert_int_equal(cJSON_GetObjectItem(json, "words")->valueint, 3);
    assert_string_equal(cJSON_GetObjectItem(json, "last")->valuestring, "two");
    cJSON_Delete(json);
}

static void every_bad_line_gets_an_error(void **state)
{
    static const char many[] = "echo 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33";
    static const char *const bad[] = {"", "   ", "nosuch", "ECHO", "\x01\xff\xfe", "watch 500", many};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        control_watch_t watched = {0};
        cJSON *json = answer_to(bad[i], &watched);
        assert_true(cJSON_IsString(cJSON_GetObjectItem(json, "error")));
        cJSON_Delete(json);
    }
}

static void help_lists_every_command(void **state)
{
    control_watch_t watched = {0};
    cJSON *json = answer_to("help", &watched);
    (void)state;
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "commands")), 2);
    cJSON_Delete(json);
}

static void a_command_may_ask_for_a_watch(void **state)
{
    control_watch_t watched = {0};
    (void)state;
    cJSON_Delete(answer_to("watch", &watched));
    assert_int_equal(watched.ms, 250);
}

static void a_command_may_be_for_one_of_several_outlets(void **state)
{
    static const char *const bad[] = {"outlet", "outlet 1", "outlet 0 echo", "outlet x echo", "outlet 100 echo", "outlet 1 2 echo"};
    control_watch_t watched = {0};
    (void)state;
    cJSON *json = answer_to("outlet 3 echo one", &watched);
    assert_int_equal(cJSON_GetObjectItem(json, "outlet")->valueint, 3);
    assert_int_equal(cJSON_GetObjectItem(json, "words")->valueint, 2);
    cJSON_Delete(json);
    json = answer_to("echo", &watched);
    assert_int_equal(cJSON_GetObjectItem(json, "outlet")->valueint, 0);
    cJSON_Delete(json);
    cJSON_Delete(answer_to("outlet 2 watch", &watched));
    assert_int_equal(watched.outlet, 2);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        json = answer_to(bad[i], &watched);
        assert_non_null(cJSON_GetObjectItem(json, "error"));
        cJSON_Delete(json);
    }
}

static void numbers_are_whole_and_within_their_range(void **state)
{
    int64_t value = -1;
    (void)state;
    assert_true(control_number("-5", -5, 5, &value));
    assert_int_equal(value, -5);
    assert_true(control_named("mA=12", "mA", 0, 100, &value));
    assert_int_equal(value, 12);
    assert_false(control_number("6", -5, 5, &value));
    assert_false(control_number("1.5", 0, 5, &value));
    assert_false(control_number("", 0, 5, &value));
    assert_false(control_number("99999999999999999999999", 0, INT64_MAX, &value));
    assert_false(control_named("mA", "mA", 0, 100, &value));
    assert_false(control_named("mAx=1", "mA", 0, 100, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_cut_at_blanks),
        cmocka_unit_test(every_bad_line_gets_an_error),
        cmocka_unit_test(help_lists_every_command),
        cmocka_unit_test(a_command_may_ask_for_a_watch),
        cmocka_unit_test(a_command_may_be_for_one_of_several_outlets),
        cmocka_unit_test(numbers_are_whole_and_within_their_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
