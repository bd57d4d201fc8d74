/* The control socket itself: every line that was sent is answered, however many came at once.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ports/linux/control_server.h"

enum { ANSWER_SIZE = 1500, FDS = 1 + CONTROL_CLIENTS_MAX, TURNS = 2000, ASKED = 500 };

typedef struct bench {
    control_server_t server;
    char folder[32], path[48];
    int client;
    size_t answers, octets; /* that the client has read */
} bench_t;

static cJSON *long_answer(const control_call_t *call)
{
    char text[ANSWER_SIZE];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    cJSON *const answer = cJSON_CreateObject();
    cJSON_AddStringToObject(answer, call->word[0], text);
    return answer;
}

static const control_row_t rows[] = {{.name = "status", .usage = "", .help = "", .act = long_answer}};

static int setup(void **state)
{
    static bench_t bench;
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    memset(&bench, 0, sizeof bench);
    snprintf(bench.folder, sizeof bench.folder, "/tmp/ccs-control-XXXXXX");
    assert_non_null(mkdtemp(bench.folder));
    snprintf(bench.path, sizeof bench.path, "%s/s", bench.folder);
    assert_true(control_server_open(&bench.server, bench.path, &(control_table_t){.row = rows, .count = 1}));
    bench.client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    memcpy(name.sun_path, bench.path, strlen(bench.path));
    assert_int_equal(connect(bench.client, (const struct sockaddr *)&name, sizeof name), 0);
    *state = &bench;
    return 0;
}

static int teardown(void **state)
{
    bench_t *const bench = *state;
    close(bench->client);
    control_server_close(&bench->server);
    return rmdir(bench->folder);
}

/* One turn of the daemon's loop, with what poll() says at this moment. */
static void turn(bench_t *bench)
{
    struct pollfd fds[FDS];
    const port_service_t service = control_server_service(&bench->server);
    const size_t count = service.fds(service.ctx, fds, FDS);
    assert_true(poll(fds, count, 0) >= 0);
    service.ready(service.ctx, fds, count, 0);
}

static void read_answers(bench_t *bench)
{
    char text[4096];
    ssize_t length;
    while ((length = recv(bench->client, text, sizeof text, 0)) > 0) {
        bench->octets += (size_t)length;
        for (ssize_t i = 0; i < length; i++) {
            bench->answers += text[i] == '\n';
        }
    }
}

/* The same command many times, in one piece. */
static void ask_all(bench_t *bench)
{
    static char lines[ASKED * 7 + 1];
    for (size_t i = 0; i < ASKED; i++) {
        memcpy(lines + i * 7, "status\n", 7);
    }
    assert_int_equal(send(bench->client, lines, ASKED * 7, 0), ASKED * 7);
}

static void lines_that_come_at_once_are_all_answered(void **state)
{
    bench_t *const bench = *state;
    ask_all(bench);
    for (int i = 0; i < TURNS && bench->answers < ASKED; i++) {
        turn(bench);
        read_answers(bench);
    }
    assert_int_equal(bench->answers, ASKED);
}

static void lines_before_the_end_of_input_are_all_answered(void **state)
{
    bench_t *const bench = *state;
    ask_all(bench);
    assert_int_equal(shutdown(bench->client, SHUT_WR), 0);
    for (int i = 0; i < TURNS && bench->answers < ASKED; i++) {
        turn(bench);
        read_answers(bench);
    }
    assert_int_equal(bench->answers, ASKED);
    turn(bench);
    assert_int_equal(bench->server.client[0].fd, -1);
}

static void a_client_that_reads_late_gets_every_answer(void **state)
{
    bench_t *const bench = *state;
    ask_all(bench);
    for (int i = 0; i < TURNS; i++) {
        turn(bench); /* its socket and its queue are full: its commands wait */
    }
    for (int i = 0; i < TURNS && bench->answers < ASKED; i++) {
        read_answers(bench);
        turn(bench);
    }
    assert_int_equal(bench->answers, ASKED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_that_come_at_once_are_all_answered, setup, teardown),
        cmocka_unit_test_setup_teardown(lines_before_the_end_of_input_are_all_answered, setup, teardown),
        cmocka_unit_test_setup_teardown(a_client_that_reads_late_gets_every_answer, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
