/* The file of settings as a file: what is not one, or says a thing twice, is refused with its line.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ports/common/config/charger.h"

typedef struct bench {
    charger_settings_t charger;
    settings_t table;
    char error[SETTINGS_ERROR_SIZE];
} bench_t;

static int setup(void **state)
{
    static bench_t bench;
    memset(&bench, 0, sizeof bench);
    bench.table = charger_settings_table(&bench.charger);
    charger_settings_defaults(&bench.charger);
    *state = &bench;
    return 0;
}

static settings_result_t load(bench_t *bench, const char *text, size_t length)
{
    char path[] = "/tmp/ccs-file-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, length) == (ssize_t)length);
    close(fd);
    const settings_result_t result = settings_load(&bench->table, path, bench->error);
    unlink(path);
    return result;
}

static void refuses(bench_t *bench, const char *text, size_t length, const char *why)
{
    assert_int_equal(load(bench, text, length), SETTINGS_BAD);
    assert_non_null(strstr(bench->error, why));
}

/* A charger that took it for an empty file would charge with the defaults: free for everybody. */
static void a_directory_is_no_file(void **state)
{
    bench_t *bench = *state;
    assert_int_equal(settings_load(&bench->table, "/tmp", bench->error), SETTINGS_BAD);
    assert_string_equal(bench->error, "/tmp: Is a directory");
}

static void a_key_that_stands_there_twice_is_refused(void **state)
{
    static const char near[] = "[site]\nauthorize = ask\nauthorize = free\n";
    static const char far[] = "[site]\nauthorize = ask\n[log]\nlevel = info\n[site]\nauthorize = ask\n";
    static const char outlet[] = "[outlet.2]\nmeter_id = a\n[outlet.1]\nmeter_id = b\n[outlet.2]\nmeter_id = c\n";
    bench_t *bench = *state;
    refuses(bench, near, strlen(near), ":3: [site] authorize stands there a second time");
    refuses(bench, far, strlen(far), ":6: [site] authorize stands there a second time");
    refuses(bench, outlet, strlen(outlet), ":6: [outlet.2] meter_id stands there a second time");
}

static void a_section_may_go_on_later_and_outlets_have_the_same_keys(void **state)
{
    static const char text[] = "[site]\nauthorize = ask\n[outlet.1]\nmeter_id = a\n[outlet.2]\nmeter_id = b\n[site]\ntoken_s = 7\n";
    bench_t *bench = *state;
    assert_int_equal(load(bench, text, strlen(text)), SETTINGS_OK);
    assert_int_equal(bench->charger.token_s, 7);
}

static void a_nul_is_refused(void **state)
{
    static const char text[] = "[site]\nstate = /var\0/lib\n";
    refuses(*state, text, sizeof text - 1, ":2: a NUL in the line");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_directory_is_no_file, setup),
        cmocka_unit_test_setup(a_key_that_stands_there_twice_is_refused, setup),
        cmocka_unit_test_setup(a_section_may_go_on_later_and_outlets_have_the_same_keys, setup),
        cmocka_unit_test_setup(a_nul_is_refused, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
