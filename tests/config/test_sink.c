/* A log file that never blocks and never grows beyond its limit.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ports/linux/sink.h"

enum { LIMIT = 100 };

static char folder[] = "/tmp/ccs-sink-XXXXXX";

static const char *name_of(const char *file)
{
    static char path[100];
    (void)snprintf(path, sizeof path, "%s/%s", folder, file);
    return path;
}

static long size_of(const char *file)
{
    struct stat facts;
    return stat(name_of(file), &facts) == 0 ? (long)facts.st_size : -1;
}

/* Lines "0001\\n" .. of five octets. */
static void lines(sink_t *sink, int from, int to)
{
    char line[16];
    for (int i = from; i <= to; i++) {
        const int length = snprintf(line, sizeof line, "%04d\n", i);
        sink_write(sink, line, (size_t)length);
    }
}

static const char *last_line(const char *file)
{
    static char text[LIMIT + 1];
    FILE *const from = fopen(name_of(file), "r");
    assert_non_null(from);
    const size_t length = fread(text, 1, LIMIT, from);
    (void)fclose(from);
    assert_true(length >= 5);
    text[length] = '\0';
    return text + length - 5;
}

static int set_up(void **state)
{
    (void)state;
    memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int tear_down(void **state)
{
    static const char *const files[] = {"log", "log.1", "log.2", "log.3"};
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        (void)unlink(name_of(files[i]));
    }
    assert_int_equal(rmdir(folder), 0);
    return 0;
}

static void a_full_file_makes_way_and_only_so_many_are_kept(void **state)
{
    sink_t sink;
    (void)state;
    assert_true(sink_open(&sink, name_of("log")));
    sink_bound(&sink, LIMIT, 2);
    lines(&sink, 1, 90); /* 20 of them are a file */
    assert_string_equal(last_line("log"), "0090\n");
    assert_string_equal(last_line("log.1"), "0080\n");
    assert_string_equal(last_line("log.2"), "0060\n");
    assert_int_equal(size_of("log.1"), LIMIT);
    assert_int_equal(size_of("log.3"), -1);
    close(sink.fd);
}

static void what_stood_in_the_file_at_the_start_counts(void **state)
{
    sink_t sink;
    (void)state;
    for (int run = 0; run < 3; run++) {
        assert_true(sink_open(&sink, name_of("log")));
        sink_bound(&sink, LIMIT, 1);
        lines(&sink, 1, 15);
        close(sink.fd);
    }
    assert_true(size_of("log") <= LIMIT && size_of("log.1") <= LIMIT);
    assert_string_equal(last_line("log"), "0015\n");
}

static void a_file_alone_begins_anew(void **state)
{
    sink_t sink;
    (void)state;
    assert_true(sink_open(&sink, name_of("log")));
    sink_bound(&sink, LIMIT, 0);
    lines(&sink, 1, 21);
    assert_int_equal(size_of("log"), 5);
    assert_int_equal(size_of("log.1"), -1);
    close(sink.fd);
}

static void a_device_has_no_limit(void **state)
{
    sink_t sink;
    (void)state;
    assert_true(sink_open(&sink, "/dev/null"));
    sink_bound(&sink, LIMIT, 2);
    lines(&sink, 1, 100);
    assert_int_equal(sink.octets_max, 0);
    close(sink.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_full_file_makes_way_and_only_so_many_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_stood_in_the_file_at_the_start_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_alone_begins_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_device_has_no_limit, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
