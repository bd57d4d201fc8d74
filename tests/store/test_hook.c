/* The hook program: what it gets, what it gives, and what becomes of one that misbehaves. The clock is ours; only the program's own
 * doing takes real time.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/hook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { TURNS_MAX = 10000, ANSWERS_MAX = 32 };

static char folder[64], program[96];
static hook_t hook;
static loop_service_t service;
static int64_t now_ms;
static uint32_t ids[ANSWERS_MAX];
static uint8_t response[HOOK_RESPONSE_MAX];
static size_t lengths[ANSWERS_MAX], answers;

static void done(void *ctx, uint32_t id, ccs_view_t octets, int64_t at_ms)
{
    (void)ctx;
    assert_true(answers < ANSWERS_MAX);
    assert_int_equal(at_ms, now_ms);
    ids[answers] = id;
    lengths[answers++] = octets.length;
    memcpy(response, octets.at, octets.length);
}

static int make(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/ccs-hook-XXXXXX");
    answers = 0;
    now_ms = 1000;
    if (!mkdtemp(folder)) {
        return -1;
    }
    (void)snprintf(program, sizeof program, "%s/hook", folder);
    hook_init(&hook, program, done, NULL);
    service = hook_service(&hook);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    hook_close(&hook);
    (void)unlink(program);
    return rmdir(folder);
}

static void write_program(const char *text)
{
    FILE *const file = fopen(program, "w");
    assert_non_null(file);
    assert_true(fprintf(file, "#!/bin/sh\n%s\n", text) > 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(program, 0700), 0);
}

static void ask(uint32_t id, const char *request, const char *uri)
{
    const upkeep_job_t job = {.id = id,
                              .request = {(const uint8_t *)request, strlen(request)},
                              .uri = {(const uint8_t *)uri, strlen(uri)},
                              .name = "DE*CCS"};
    assert_true(hook_ask(&hook, &job));
}

static void turn(void)
{
    struct pollfd fds[4];
    const size_t count = service.fds(service.ctx, fds, 4);
    assert_true(poll(fds, (nfds_t)count, 20) >= 0);
    service.ready(service.ctx, fds, count, now_ms);
}

static void run_until(size_t wanted)
{
    for (unsigned i = 0; i < TURNS_MAX && answers < wanted; i++) {
        turn();
    }
    assert_int_equal(answers, wanted);
}

static void request_in_response_out(void **state)
{
    (void)state;
    write_program("[ \"$1\" = ocsp ] || exit 1\nprintf '%s|%s|' \"$CCS_OCSP_URI\" \"$CCS_CERTIFICATE\"\ncat");
    ask(7, "the request", "http://ocsp.example/");
    run_until(1);
    static const char expected[] = "http://ocsp.example/|DE*CCS|the request";
    assert_int_equal(ids[0], 7);
    assert_int_equal(lengths[0], strlen(expected));
    assert_memory_equal(response, expected, lengths[0]);
}

static void jobs_queue(void **state)
{
    (void)state;
    write_program("cat");
    for (uint32_t id = 1; id <= HOOK_JOBS; id++) {
        ask(id, "x", "");
    }
    const upkeep_job_t one_more = {.id = 99, .name = ""};
    assert_false(hook_ask(&hook, &one_more));
    run_until(HOOK_JOBS);
    for (uint32_t id = 1; id <= HOOK_JOBS; id++) {
        assert_int_equal(ids[id - 1], id);
        assert_int_equal(lengths[id - 1], 1);
    }
}

static void one_that_fails_has_no_response(void **state)
{
    (void)state;
    write_program("echo something; exit 3");
    ask(1, "x", "");
    run_until(1);
    assert_int_equal(lengths[0], 0);
    write_program("exec 0<&-; exit 0"); /* does not read: no SIGPIPE for us */
    ask(2, "x", "");
    run_until(2);
    assert_int_equal(lengths[1], 0);
    assert_int_equal(unlink(program), 0);
    ask(3, "x", "");
    run_until(3);
    assert_int_equal(lengths[2], 0);
    write_program("kill -9 $$");
    ask(4, "x", "");
    run_until(4);
    assert_int_equal(lengths[3], 0);
}

static void one_that_takes_too_long_is_killed_with_its_children(void **state)
{
    (void)state;
    write_program("sleep 1000 & sleep 1000");
    ask(1, "x", "");
    turn();
    const pid_t group = hook.pid;
    assert_true(group > 0);
    turn();
    assert_int_equal(answers, 0);
    now_ms += HOOK_MS;
    run_until(1);
    assert_int_equal(lengths[0], 0);
    assert_int_equal(hook.pid, 0);
}

static void one_that_writes_for_ever_is_killed(void **state)
{
    (void)state;
    write_program("yes");
    ask(1, "x", "");
    run_until(1);
    assert_int_equal(lengths[0], 0);
}

static void a_uri_that_is_no_text_is_not_told(void **state)
{
    (void)state;
    write_program("printf '[%s]' \"$CCS_OCSP_URI\"");
    ask(1, "x", "http://x/\n-e evil");
    run_until(1);
    assert_int_equal(lengths[0], 2);
    assert_memory_equal(response, "[]", 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(request_in_response_out, make, drop),
        cmocka_unit_test_setup_teardown(jobs_queue, make, drop),
        cmocka_unit_test_setup_teardown(one_that_fails_has_no_response, make, drop),
        cmocka_unit_test_setup_teardown(one_that_takes_too_long_is_killed_with_its_children, make, drop),
        cmocka_unit_test_setup_teardown(one_that_writes_for_ever_is_killed, make, drop),
        cmocka_unit_test_setup_teardown(a_uri_that_is_no_text_is_not_told, make, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
