/* The oldest files of a folder make room; never one that runs.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/prune/prune.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { FILES = 10, SIZE = 1000 };

typedef struct folder {
    char path[64];
} folder_t;

static const char *path_of(const folder_t *folder, const char *name)
{
    static char path[200];
    (void)snprintf(path, sizeof path, "%s/%s", folder->path, name);
    return path;
}

static const char *capture(int number)
{
    static char name[40];
    (void)snprintf(name, sizeof name, "charger-%d.pcapng", number);
    return name;
}

/* Of SIZE octets, changed so many seconds after a day long ago. */
static void file_make(const folder_t *folder, const char *name, int age)
{
    static const char octets[SIZE];
    const struct timespec when[2] = {{1000000000 + age, 0}, {1000000000 + age, 0}};
    const char *const path = path_of(folder, name);
    const int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, octets, sizeof octets), SIZE);
    assert_int_equal(futimens(fd, when), 0);
    close(fd);
}

static bool is_there(const folder_t *folder, const char *name)
{
    return access(path_of(folder, name), F_OK) == 0;
}

/* charger-0 is the oldest; a name says nothing about age. */
static int set_up(void **state)
{
    folder_t *const folder = calloc(1, sizeof *folder);
    strcpy(folder->path, "/tmp/ccs-prune-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    for (int i = 0; i < FILES; i++) {
        file_make(folder, capture(i), i);
    }
    file_make(folder, "charger-notes.txt", -1);
    file_make(folder, "other-0.pcapng", -1);
    *state = folder;
    return 0;
}

static int tear_down(void **state)
{
    folder_t *const folder = *state;
    for (int i = 0; i < FILES; i++) {
        unlink(path_of(folder, capture(i)));
    }
    unlink(path_of(folder, "charger-notes.txt"));
    unlink(path_of(folder, "other-0.pcapng"));
    rmdir(path_of(folder, "charger-folder.pcapng"));
    assert_int_equal(rmdir(folder->path), 0);
    free(folder);
    return 0;
}

static prune_rule_t rule(size_t files_max, uint64_t octets_max)
{
    return (prune_rule_t){.begins = "charger-", .ends = ".pcapng", .files_max = files_max, .octets_max = octets_max};
}

static void expect_from(const folder_t *folder, int first)
{
    for (int i = 0; i < FILES; i++) {
        assert_int_equal(is_there(folder, capture(i)), i >= first);
    }
    assert_true(is_there(folder, "charger-notes.txt"));
    assert_true(is_there(folder, "other-0.pcapng"));
}

static void by_number_the_oldest_go(void **state)
{
    folder_t *const folder = *state;
    const prune_rule_t four = rule(4, UINT64_MAX);
    const prune_done_t done = prune_folder(folder->path, &four);
    assert_int_equal(done.removed, FILES - 4);
    assert_int_equal(done.failed, 0);
    expect_from(folder, FILES - 4);
}

static void by_size_the_oldest_go(void **state)
{
    folder_t *const folder = *state;
    const prune_rule_t octets = rule(FILES, 3 * SIZE + SIZE / 2);
    assert_int_equal(prune_folder(folder->path, &octets).removed, FILES - 3);
    expect_from(folder, FILES - 3);
}

static void within_its_limits_nothing_goes(void **state)
{
    folder_t *const folder = *state;
    const prune_rule_t enough = rule(FILES, FILES * SIZE);
    assert_int_equal(prune_folder(folder->path, &enough).removed, 0);
    expect_from(folder, 0);
}

static void a_running_file_stays_whatever_its_age(void **state)
{
    folder_t *const folder = *state;
    const prune_rule_t none = rule(1, 0);
    const int held = prune_hold(path_of(folder, capture(0)));
    assert_true(held >= 0);
    assert_int_equal(prune_folder(folder->path, &none).removed, FILES - 1);
    assert_true(is_there(folder, capture(0)));
    close(held);
    const prune_rule_t nothing = rule(0, 0);
    assert_int_equal(prune_folder(folder->path, &nothing).removed, 1);
    assert_false(is_there(folder, capture(0)));
}

static void the_size_of_a_running_file_costs_no_other(void **state)
{
    folder_t *const folder = *state;
    const prune_rule_t octets = rule(FILES, (FILES - 1) * SIZE);
    const int held = prune_hold(path_of(folder, capture(FILES - 1)));
    assert_int_equal(prune_folder(folder->path, &octets).removed, 0);
    close(held);
}

static void a_folder_that_is_not_there_is_told_and_what_is_no_file_is_left_alone(void **state)
{
    folder_t *const folder = *state;
    const prune_rule_t none = rule(0, 0);
    assert_int_equal(prune_folder("/nowhere/at/all", &none).failed, ENOENT);
    assert_int_equal(mkdir(path_of(folder, "charger-folder.pcapng"), 0700), 0); /* no file: not ours */
    const prune_done_t done = prune_folder(folder->path, &none);
    assert_int_equal(done.removed, FILES);
    assert_int_equal(done.failed, 0);
    assert_true(is_there(folder, "charger-folder.pcapng"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(by_number_the_oldest_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(by_size_the_oldest_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(within_its_limits_nothing_goes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_running_file_stays_whatever_its_age, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_size_of_a_running_file_costs_no_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_that_is_not_there_is_told_and_what_is_no_file_is_left_alone, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
