/* The store's records as files: modes, names, and a kill at each moment of a write.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/file_store.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char parent[64], place[80], told[FILE_STORE_PATH_SIZE];
static file_store_t files;
static store_medium_t medium;

static int make(void **state)
{
    (void)state;
    (void)snprintf(parent, sizeof parent, "/tmp/ccs-store-XXXXXX");
    if (!mkdtemp(parent)) {
        return -1;
    }
    (void)snprintf(place, sizeof place, "%s/keys", parent);
    return 0;
}

static void path_of(const char *name, char path[200])
{
    (void)snprintf(path, 200, "%s/%s", place, name);
}

static void remove_name(void *to, const char *name)
{
    (void)to;
    char path[200];
    path_of(name, path);
    (void)unlink(path);
}

static int drop(void **state)
{
    (void)state;
    static const char *const own[] = {".lock", ".new", "big-name-of-somebody-else"};
    file_store_close(&files);
    (void)chmod(place, 0700);
    files.directory = open(place, O_RDONLY | O_DIRECTORY);
    if (files.directory >= 0) {
        (void)medium.list(&files, remove_name, NULL);
    }
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        remove_name(NULL, own[i]);
    }
    file_store_close(&files);
    (void)rmdir(place);
    return rmdir(parent);
}

static void open_it(void)
{
    assert_int_equal(file_store_open(&files, place, told), FILE_STORE_OPEN);
    medium = file_store_medium(&files);
}

static ccs_view_t text(const char *words)
{
    return (ccs_view_t){(const uint8_t *)words, strlen(words)};
}

static void assert_record(const char *name, const char *words)
{
    uint8_t found[256];
    size_t length = 0;
    assert_int_equal(medium.get(medium.ctx, name, found, sizeof found, &length), CCS_OK);
    assert_int_equal(length, strlen(words));
    assert_memory_equal(found, words, length);
}

static void what_is_set_is_there_after_a_restart(void **state)
{
    (void)state;
    uint8_t found[8];
    size_t length = 0;
    open_it();
    assert_int_equal(medium.get(medium.ctx, "iso2.now", found, sizeof found, &length), CCS_ERR_MISSING);
    assert_int_equal(medium.set(medium.ctx, "iso2.now", text("one")), CCS_OK);
    assert_int_equal(medium.set(medium.ctx, "iso2.now", text("two")), CCS_OK);
    assert_int_equal(medium.set(medium.ctx, "token", text("")), CCS_OK);
    file_store_close(&files);
    open_it();
    assert_record("iso2.now", "two");
    assert_record("token", "");
    assert_int_equal(medium.erase(medium.ctx, "iso2.now"), CCS_OK);
    assert_int_equal(medium.erase(medium.ctx, "iso2.now"), CCS_OK);
    assert_int_equal(medium.get(medium.ctx, "iso2.now", found, sizeof found, &length), CCS_ERR_MISSING);
}

static void count_name(void *to, const char *name)
{
    (void)name;
    (*(size_t *)to)++;
}

static void files_are_for_their_owner_alone(void **state)
{
    (void)state;
    struct stat facts;
    char path[200];
    size_t count = 0;
    open_it();
    const mode_t before = umask(0);
    assert_int_equal(medium.set(medium.ctx, "key.0a", text("secret")), CCS_OK);
    umask(before);
    path_of("key.0a", path);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0600);
    assert_int_equal(stat(place, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0700);
    assert_int_equal(medium.list(medium.ctx, count_name, &count), CCS_OK);
    assert_int_equal(count, 1);
}

static void what_others_can_read_is_refused_at_start(void **state)
{
    (void)state;
    char path[200];
    open_it();
    assert_int_equal(medium.set(medium.ctx, "key.0a", text("secret")), CCS_OK);
    file_store_close(&files);
    path_of("key.0a", path);
    static const mode_t loose[] = {0640, 0604, 0660, 0700, 0666};
    for (size_t i = 0; i < sizeof loose / sizeof loose[0]; i++) {
        assert_int_equal(chmod(path, loose[i]), 0);
        assert_int_equal(file_store_open(&files, place, told), FILE_STORE_LOOSE);
        assert_string_equal(told, path);
    }
    assert_int_equal(chmod(path, 0400), 0); /* tighter is good */
    assert_int_equal(chmod(place, 0750), 0);
    assert_int_equal(file_store_open(&files, place, told), FILE_STORE_LOOSE);
    assert_string_equal(told, place);
    assert_int_equal(chmod(place, 0700), 0);
    open_it();
}

static void what_is_loosened_while_we_run_is_not_read(void **state)
{
    (void)state;
    char path[200];
    uint8_t found[16];
    size_t length = 0;
    open_it();
    assert_int_equal(medium.set(medium.ctx, "key.0a", text("secret")), CCS_OK);
    path_of("key.0a", path);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(medium.get(medium.ctx, "key.0a", found, sizeof found, &length), CCS_ERR_IO);
}

static void a_link_is_no_record(void **state)
{
    (void)state;
    char path[200];
    uint8_t found[16];
    size_t length = 0;
    open_it();
    path_of("key.0b", path);
    assert_int_equal(symlink("/etc/hostname", path), 0);
    assert_int_equal(medium.get(medium.ctx, "key.0b", found, sizeof found, &length), CCS_ERR_IO);
    file_store_close(&files);
    assert_int_equal(file_store_open(&files, place, told), FILE_STORE_LOOSE);
}

static void names_never_leave_the_directory(void **state)
{
    (void)state;
    static const char *const names[] = {"", ".", "..", "../x", "a/b", ".lock", ".new", "0123456789012345", "A"};
    uint8_t found[16];
    size_t length = 0;
    open_it();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(medium.set(medium.ctx, names[i], text("x")), CCS_ERR_SPACE);
        assert_int_equal(medium.get(medium.ctx, names[i], found, sizeof found, &length), CCS_ERR_MISSING);
        assert_int_equal(medium.erase(medium.ctx, names[i]), CCS_OK);
    }
}

static void one_program_at_a_time(void **state)
{
    (void)state;
    file_store_t second;
    open_it();
    assert_int_equal(file_store_open(&second, place, told), FILE_STORE_IN_USE);
    file_store_close(&files);
    assert_int_equal(file_store_open(&second, place, told), FILE_STORE_OPEN);
    file_store_close(&second);
}

static void a_record_longer_than_asked_for_is_said(void **state)
{
    (void)state;
    uint8_t found[4];
    size_t length = 0;
    open_it();
    assert_int_equal(medium.set(medium.ctx, "a", text("12345")), CCS_OK);
    assert_int_equal(medium.get(medium.ctx, "a", found, sizeof found, &length), CCS_ERR_SPACE);
    assert_int_equal(medium.set(medium.ctx, "a", text("1234")), CCS_OK);
    assert_int_equal(medium.get(medium.ctx, "a", found, sizeof found, &length), CCS_OK);
}

/* ---- power cuts: a child writes, and is killed at a moment */

static file_store_moment_t fatal;

static void die(file_store_moment_t moment)
{
    if (moment == fatal) {
        (void)raise(SIGKILL);
    }
}

static void write_until_killed(void)
{
    file_store_t own;
    char path[FILE_STORE_PATH_SIZE];
    if (file_store_open(&own, place, path) == FILE_STORE_OPEN) {
        own.moment = die;
        const store_medium_t writes = file_store_medium(&own);
        (void)writes.set(writes.ctx, "iso2.now", text("the new chain"));
    }
    _exit(1);
}

static void a_kill_at_each_moment_leaves_the_old_or_the_new(void **state)
{
    (void)state;
    for (unsigned moment = 0; moment < FILE_STORE_MOMENTS; moment++) {
        int status = 0;
        open_it();
        assert_int_equal(medium.set(medium.ctx, "iso2.now", text("the old one")), CCS_OK);
        file_store_close(&files);
        fatal = (file_store_moment_t)moment;
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            write_until_killed();
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

        open_it();
        char rest[200];
        path_of(".new", rest);
        assert_int_equal(access(rest, F_OK), -1);
        assert_record("iso2.now", moment < FILE_STORE_RENAMED ? "the old one" : "the new chain");
        file_store_close(&files);
    }
}

static void a_full_disk_leaves_the_old_one(void **state)
{
    (void)state;
    uint8_t big[4096] = {1};
    struct rlimit before, small;
    open_it();
    assert_int_equal(medium.set(medium.ctx, "iso2.now", text("the old one")), CCS_OK);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*const handler)(int) = signal(SIGXFSZ, SIG_IGN);
    small = before;
    small.rlim_cur = 1000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const ccs_err_t err = medium.set(medium.ctx, "iso2.now", (ccs_view_t){big, sizeof big});
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(err, CCS_ERR_SPACE);
    assert_record("iso2.now", "the old one");
    char rest[200];
    path_of(".new", rest);
    assert_int_equal(access(rest, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_set_is_there_after_a_restart, make, drop),
        cmocka_unit_test_setup_teardown(files_are_for_their_owner_alone, make, drop),
        cmocka_unit_test_setup_teardown(what_others_can_read_is_refused_at_start, make, drop),
        cmocka_unit_test_setup_teardown(what_is_loosened_while_we_run_is_not_read, make, drop),
        cmocka_unit_test_setup_teardown(a_link_is_no_record, make, drop),
        cmocka_unit_test_setup_teardown(names_never_leave_the_directory, make, drop),
        cmocka_unit_test_setup_teardown(one_program_at_a_time, make, drop),
        cmocka_unit_test_setup_teardown(a_record_longer_than_asked_for_is_said, make, drop),
        cmocka_unit_test_setup_teardown(a_kill_at_each_moment_leaves_the_old_or_the_new, make, drop),
        cmocka_unit_test_setup_teardown(a_full_disk_leaves_the_old_one, make, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
