/* The ask engine over a toy protocol: one octet of kind, one of code, one of outcome, then a session id.
 * SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "session/ask.h"

enum { KIND_SETUP = 1, KIND_POLL, KIND_POWER, KIND_LOOP, KIND_STOP };
enum { CODE_OK, CODE_FAILED };

static void fill(vehicle_t *vehicle, ask_draft_t *draft)
{
    (void)vehicle;
    *(uint8_t *)draft->body = 0x55;
}

static ask_outcome_t read_outcome(vehicle_t *vehicle, const void *body, ask_note_t *note)
{
    (void)vehicle;
    const uint8_t outcome = ((const uint8_t *)body)[1];
    ask_note_number(note, "outcome", outcome);
    return (ask_outcome_t)outcome;
}

static bool when_closed(vehicle_t *vehicle)
{
    return vehicle->hands == VEHICLE_HANDS_CLOSED;
}

static const ask_pair_t pairs[ASK_COUNT] = {
    [ASK_SESSION_SETUP] = {.request = "SetupReq",
                           .response = "SetupRes",
                           .request_which = KIND_SETUP,
                           .response_which = KIND_SETUP,
                           .fill = fill,
                           .read = read_outcome,
                           .answer_ms = 2000},
    [ASK_AUTHORIZATION] = {.request = "PollReq",
                           .response = "PollRes",
                           .request_which = KIND_POLL,
                           .response_which = KIND_POLL,
                           .fill = fill,
                           .read = read_outcome,
                           .answer_ms = 2000,
                           .again_ms = 60000,
                           .pause = ASK_PAUSE_POLL},
    [ASK_POWER_ON] = {.request = "PowerReq",
                      .response = "PowerRes",
                      .request_which = KIND_POWER,
                      .response_which = KIND_POWER,
                      .fill = fill,
                      .read = read_outcome,
                      .before = when_closed,
                      .answer_ms = 2000},
    [ASK_LOOP] = {.request = "LoopReq",
                  .response = "LoopRes",
                  .request_which = KIND_LOOP,
                  .response_which = KIND_LOOP,
                  .fill = fill,
                  .read = read_outcome,
                  .answer_ms = 250,
                  .pause = ASK_PAUSE_LOOP,
                  .own_end = true},
    [ASK_SESSION_STOP] = {.request = "StopReq",
                          .response = "StopRes",
                          .request_which = KIND_STOP,
                          .response_which = KIND_STOP,
                          .fill = fill,
                          .read = read_outcome,
                          .answer_ms = 2000,
                          .own_end = true},
};

static const ask_step_t steps[] = {
    {ASK_SESSION_SETUP, ASK_NEXT, ASK_AUTHORIZATION},
    {ASK_SESSION_SETUP, ASK_STOP, ASK_SESSION_STOP},
    {ASK_AUTHORIZATION, ASK_AGAIN, ASK_AUTHORIZATION},
    {ASK_AUTHORIZATION, ASK_NEXT, ASK_POWER_ON},
    {ASK_AUTHORIZATION, ASK_STOP, ASK_SESSION_STOP},
    {ASK_POWER_ON, ASK_NEXT, ASK_LOOP},
    {ASK_POWER_ON, ASK_STOP, ASK_LOOP},
    {ASK_LOOP, ASK_AGAIN, ASK_LOOP},
    {ASK_LOOP, ASK_STOP, ASK_SESSION_STOP},
    {ASK_SESSION_STOP, ASK_NEXT, ASK_END},
};

static ccs_err_t toy_write(const ask_pair_t *pair, vehicle_t *vehicle, ccs_view_t session_id, ask_note_t *note, uint8_t *out,
                           size_t size, size_t *length)
{
    assert_true(size >= 2 + session_id.length);
    out[0] = (uint8_t)pair->request_which;
    ask_draft_t draft = {.body = &out[1], .note = note};
    pair->fill(vehicle, &draft);
    memcpy(out + 2, session_id.at, session_id.length);
    *length = 2 + session_id.length;
    return CCS_OK;
}

static ccs_err_t toy_read(ccs_view_t exi, exi_arena_t *arena, ask_answer_t *answer)
{
    (void)arena;
    if (exi.length < 3) {
        return CCS_ERR_TRUNCATED;
    }
    *answer = (ask_answer_t){.which = exi.at[0], .body = exi.at + 1, .has_session = true};
    answer->session_id = (ccs_view_t){exi.at + 3, exi.length - 3};
    return CCS_OK;
}

static const char *toy_code(const void *body, bool *failed)
{
    *failed = *(const uint8_t *)body == CODE_FAILED;
    return *failed ? "FAILED" : "OK";
}

static const ask_protocol_t toy = {.room = "toy",
                                   .pairs = pairs,
                                   .steps = steps,
                                   .step_count = sizeof steps / sizeof steps[0],
                                   .first = ASK_SESSION_SETUP,
                                   .ready_ms = 150000,
                                   .write = toy_write,
                                   .read = toy_read,
                                   .code = toy_code};

typedef struct bench {
    ccs_ev_config_t config;
    vehicle_t vehicle;
    ask_t ask;
    int64_t now_ms;
    uint8_t request[64];
    size_t length;
} bench_t;

static void begin(bench_t *bench)
{
    memset(bench, 0, sizeof *bench);
    bench->now_ms = 5000;
    ccs_ev_defaults(&bench->config);
    vehicle_init(&bench->vehicle, &bench->config, bench->now_ms);
    ask_begin(&bench->ask, &toy, &bench->vehicle, bench->now_ms);
}

static void wait_ms(bench_t *bench, int64_t ms)
{
    bench->now_ms += ms;
    bench->vehicle.now_ms = bench->now_ms;
    ask_time(&bench->ask, bench->now_ms);
}

static void expect_request(bench_t *bench, uint8_t kind)
{
    assert_true(ask_due(&bench->ask, bench->now_ms));
    assert_int_equal(ask_write(&bench->ask, bench->now_ms, bench->request, sizeof bench->request, &bench->length), CCS_OK);
    assert_int_equal(bench->request[0], kind);
    assert_false(ask_due(&bench->ask, bench->now_ms));
}

static void answer_id(bench_t *bench, uint8_t kind, uint8_t code, ask_outcome_t outcome, const char *id)
{
    uint8_t octets[16] = {kind, code, (uint8_t)outcome};
    memcpy(octets + 3, id, strlen(id));
    exi_arena_t arena = {0};
    (void)ask_read(&bench->ask, bench->now_ms, (ccs_view_t){octets, 3 + strlen(id)}, &arena);
}

static void answer(bench_t *bench, uint8_t kind, ask_outcome_t outcome)
{
    answer_id(bench, kind, CODE_OK, outcome, "id");
}

static void expect_over(const bench_t *bench, ccs_ev_result_t result, const char *at)
{
    assert_int_equal(bench->ask.state, ASK_OVER);
    assert_int_equal(bench->ask.result, result);
    if (at) {
        assert_string_equal(bench->ask.failed_at, at);
    } else {
        assert_null(bench->ask.failed_at);
    }
    assert_int_equal(ask_deadline_ms(&bench->ask, bench->now_ms), INT64_MAX);
}

static void set_up(bench_t *bench)
{
    begin(bench);
    expect_request(bench, KIND_SETUP);
    answer(bench, KIND_SETUP, ASK_NEXT);
}

static void a_whole_session_follows_the_rows(void **state)
{
    (void)state;
    bench_t bench;
    set_up(&bench);
    expect_request(&bench, KIND_POLL);
    answer(&bench, KIND_POLL, ASK_NEXT);
    bench.vehicle.hands = VEHICLE_HANDS_CLOSED;
    expect_request(&bench, KIND_POWER);
    answer(&bench, KIND_POWER, ASK_NEXT);
    for (int i = 0; i < 3; i++) {
        expect_request(&bench, KIND_LOOP);
        answer(&bench, KIND_LOOP, ASK_AGAIN);
        wait_ms(&bench, bench.config.loop_ms);
    }
    expect_request(&bench, KIND_LOOP);
    answer(&bench, KIND_LOOP, ASK_STOP);
    expect_request(&bench, KIND_STOP);
    answer(&bench, KIND_STOP, ASK_NEXT);
    expect_over(&bench, CCS_EV_CHARGED, NULL);
    assert_int_equal(bench.ask.requests, 8);
}

static void the_first_request_carries_zeros_and_every_later_one_the_chargers_id(void **state)
{
    (void)state;
    bench_t bench;
    begin(&bench);
    bench.ask.session_id_length = 6;
    expect_request(&bench, KIND_SETUP);
    assert_int_equal(bench.length, 2 + 6);
    assert_memory_equal(bench.request + 2, "\0\0\0\0\0\0", 6);
    answer(&bench, KIND_SETUP, ASK_NEXT);
    expect_request(&bench, KIND_POLL);
    assert_int_equal(bench.length, 2 + 2);
    assert_memory_equal(bench.request + 2, "id", 2);
}

static void a_foreign_session_id_ends_it(void **state)
{
    (void)state;
    bench_t bench;
    set_up(&bench);
    expect_request(&bench, KIND_POLL);
    answer_id(&bench, KIND_POLL, CODE_OK, ASK_NEXT, "xx");
    expect_over(&bench, CCS_EV_BAD_ANSWER, "PollReq");
}

static void no_session_id_at_all_ends_it(void **state)
{
    (void)state;
    bench_t bench;
    begin(&bench);
    expect_request(&bench, KIND_SETUP);
    answer_id(&bench, KIND_SETUP, CODE_OK, ASK_NEXT, "");
    expect_over(&bench, CCS_EV_BAD_ANSWER, "SetupReq");
}

static void failed_ends_it_and_the_code_is_kept(void **state)
{
    (void)state;
    bench_t bench;
    set_up(&bench);
    expect_request(&bench, KIND_POLL);
    answer_id(&bench, KIND_POLL, CODE_FAILED, ASK_NEXT, "id");
    expect_over(&bench, CCS_EV_REFUSED, "PollReq");
    assert_string_equal(bench.ask.code, "FAILED");
}

static void another_response_type_ends_it(void **state)
{
    (void)state;
    bench_t bench;
    set_up(&bench);
    expect_request(&bench, KIND_POLL);
    answer(&bench, KIND_LOOP, ASK_AGAIN);
    expect_over(&bench, CCS_EV_BAD_ANSWER, "PollReq");
}

static void an_answer_that_nobody_asked_for_ends_it(void **state)
{
    (void)state;
    bench_t bench;
    set_up(&bench);
    answer(&bench, KIND_POLL, ASK_NEXT);
    expect_over(&bench, CCS_EV_BAD_ANSWER, "PollReq");
}

static void an_answer_that_cannot_be_read_ends_it(void **state)
{
    (void)state;
    bench_t bench;
    begin(&bench);
    expect_request(&bench, KIND_SETUP);
    const uint8_t stump[] = {KIND_SETUP};
    exi_arena_t arena = {0};
    assert_string_equal(ask_read(&bench.ask, bench.now_ms, (ccs_view_t){stump, sizeof stump}, &arena), "?");
    expect_over(&bench, CCS_EV_BAD_ANSWER, "SetupReq");
}

static void each_request_has_its_own_timeout(void **state)
{
    (void)state;
    bench_t bench;
    begin(&bench);
    expect_request(&bench, KIND_SETUP);
    assert_int_equal(ask_deadline_ms(&bench.ask, bench.now_ms), bench.now_ms + 2000);
    wait_ms(&bench, 1999);
    assert_int_equal(bench.ask.state, ASK_WAITS);
    wait_ms(&bench, 1);
    expect_over(&bench, CCS_EV_TIMEOUT, "SetupReq");

    set_up(&bench);
    bench.vehicle.hands = VEHICLE_HANDS_CLOSED;
    ask_jump(&bench.ask, ASK_LOOP, bench.now_ms);
    expect_request(&bench, KIND_LOOP);
    wait_ms(&bench, 249);
    assert_int_equal(bench.ask.state, ASK_WAITS);
    wait_ms(&bench, 1);
    expect_over(&bench, CCS_EV_TIMEOUT, "LoopReq");
}

static void repeats_pause_and_end_after_their_time(void **state)
{
    (void)state;
    bench_t bench;
    set_up(&bench);
    const int64_t begin_ms = bench.now_ms;
    while (bench.ask.state != ASK_OVER) {
        expect_request(&bench, KIND_POLL);
        answer(&bench, KIND_POLL, ASK_AGAIN);
        wait_ms(&bench, bench.config.poll_ms - 1);
        assert_false(ask_due(&bench.ask, bench.now_ms));
        wait_ms(&bench, 1);
    }
    expect_over(&bench, CCS_EV_ONGOING_TOO_LONG, "PollReq");
    assert_int_equal(bench.now_ms - begin_ms, 60000);
}

static void a_condition_holds_the_request_back_at_most_4_s(void **state)
{
    (void)state;
    bench_t bench;
    set_up(&bench);
    expect_request(&bench, KIND_POLL);
    answer(&bench, KIND_POLL, ASK_NEXT);
    assert_false(ask_due(&bench.ask, bench.now_ms));
    wait_ms(&bench, ASK_BEFORE_MS - 1);
    assert_false(ask_due(&bench.ask, bench.now_ms));
    wait_ms(&bench, 1);
    expect_request(&bench, KIND_POWER);
}

static void a_wish_to_stop_leads_to_the_end_from_every_row(void **state)
{
    (void)state;
    bench_t bench;
    set_up(&bench);
    expect_request(&bench, KIND_POLL);
    vehicle_stop(&bench.vehicle, VEHICLE_STOP_USER);
    answer(&bench, KIND_POLL, ASK_AGAIN);
    expect_request(&bench, KIND_STOP);
    answer(&bench, KIND_STOP, ASK_NEXT);
    expect_over(&bench, CCS_EV_CHARGED, NULL);
}

static void the_loop_decides_itself_when_a_wish_to_stop_ends_it(void **state)
{
    (void)state;
    bench_t bench;
    set_up(&bench);
    ask_jump(&bench.ask, ASK_LOOP, bench.now_ms);
    vehicle_stop(&bench.vehicle, VEHICLE_STOP_USER);
    expect_request(&bench, KIND_LOOP);
    answer(&bench, KIND_LOOP, ASK_AGAIN);
    wait_ms(&bench, bench.config.loop_ms);
    expect_request(&bench, KIND_LOOP);
}

static void ready_to_charge_must_come_within_150_s(void **state)
{
    (void)state;
    bench_t bench;
    set_up(&bench);
    ask_jump(&bench.ask, ASK_LOOP, bench.now_ms);
    for (int64_t begin_ms = bench.now_ms; bench.ask.state != ASK_OVER; wait_ms(&bench, 100)) {
        assert_true(bench.now_ms - begin_ms < 150000);
        expect_request(&bench, KIND_LOOP);
        answer(&bench, KIND_LOOP, ASK_AGAIN);
    }
    expect_over(&bench, CCS_EV_ONGOING_TOO_LONG, "LoopReq");
}

static void the_first_failure_stays(void **state)
{
    (void)state;
    bench_t bench;
    set_up(&bench);
    ask_fail(&bench.ask, CCS_EV_LINK_LOST);
    ask_fail(&bench.ask, CCS_EV_UNPLUGGED);
    expect_over(&bench, CCS_EV_LINK_LOST, "PollReq");
}

static void a_skipped_request_is_as_good_as_answered(void **state)
{
    (void)state;
    bench_t bench;
    begin(&bench);
    ask_skip(&bench.ask, bench.now_ms);
    expect_request(&bench, KIND_POLL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_session_follows_the_rows),
        cmocka_unit_test(the_first_request_carries_zeros_and_every_later_one_the_chargers_id),
        cmocka_unit_test(a_foreign_session_id_ends_it),
        cmocka_unit_test(no_session_id_at_all_ends_it),
        cmocka_unit_test(failed_ends_it_and_the_code_is_kept),
        cmocka_unit_test(another_response_type_ends_it),
        cmocka_unit_test(an_answer_that_nobody_asked_for_ends_it),
        cmocka_unit_test(an_answer_that_cannot_be_read_ends_it),
        cmocka_unit_test(each_request_has_its_own_timeout),
        cmocka_unit_test(repeats_pause_and_end_after_their_time),
        cmocka_unit_test(a_condition_holds_the_request_back_at_most_4_s),
        cmocka_unit_test(a_wish_to_stop_leads_to_the_end_from_every_row),
        cmocka_unit_test(the_loop_decides_itself_when_a_wish_to_stop_ends_it),
        cmocka_unit_test(ready_to_charge_must_come_within_150_s),
        cmocka_unit_test(the_first_failure_stays),
        cmocka_unit_test(a_skipped_request_is_as_good_as_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
