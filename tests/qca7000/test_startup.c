/* The modem's firmware is asked through driver, bus and chip: what it is, its role, a key, its link.
 * SPDX-License-Identifier: Apache-2.0 */
#include "qca7000/startup.h"
#include "station.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t host[6] = {2, 0, 0, 0, 0, 1}, modem[6] = {0, 0xB0, 0x52, 0, 0, 0x11}, other[6] = {0, 0xB0, 0x52, 9, 9, 9};

typedef struct boot {
    line_t line;
    station_t station;
    qca_startup_t startup;
    uint16_t mute[3];          /* answers of these types never arrive */
    qca_startup_state_t ended; /* what it finished with last */
    unsigned finished, restarts, asked[QCA_STEP_COUNT];
    int64_t now_ms;
} boot_t;

static void step(boot_t *boot, qca_startup_event_t event)
{
    qca_startup_out_t out;
    event.now_ms = boot->now_ms;
    qca_startup_step(&boot->startup, &event, &out);
    boot->finished += out.finished;
    boot->ended = out.finished ? boot->startup.state : boot->ended;
    if (out.restart) {
        boot->restarts++;
        qca_restart(&boot->station.qca);
    }
    for (size_t i = 0; i < out.count; i++) {
        assert_true(station_send(&boot->station, (ccs_view_t){out.frame[i], MME_SIZE_MIN}));
        boot->asked[boot->startup.step]++;
    }
}

static void deliver(void *ctx, unsigned node, ccs_view_t frame)
{
    (void)node;
    chip_receive(&((boot_t *)ctx)->station.chip, frame);
}

static void on_frame(void *ctx, ccs_view_t frame)
{
    const boot_t *const boot = ctx;
    for (size_t i = 0; i < 3; i++) {
        if (boot->mute[i] != 0 && boot->mute[i] == (frame.at[15] | frame.at[16] << 8)) {
            return;
        }
    }
    step(ctx, (qca_startup_event_t){.type = QCA_STARTUP_ON_FRAME, .frame = frame});
}

static boot_t *boot_make(bool charger)
{
    boot_t *const boot = calloc(1, sizeof *boot);
    assert_non_null(boot);
    line_init(&boot->line, 1, deliver, boot);
    (void)line_add(&boot->line, host, modem, charger);
    station_init(&boot->station, &boot->line, 0, QCA_RX_SIZE_WHOLE, false);
    boot->station.on_frame = on_frame;
    boot->station.ctx = boot;
    qca_startup_config_t config = {.role = QCA_ROLE_EVSE, .has_key = true, .nmk = "0123456789abcde", .nid = "network"};
    memcpy(config.mac, host, 6);
    qca_startup_init(&boot->startup, &config);
    return boot;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void notices(boot_t *boot, unsigned *ups, unsigned *downs)
{
    if (boot->station.downs != *downs) {
        *downs = boot->station.downs;
        step(boot, (qca_startup_event_t){.type = QCA_STARTUP_ON_DOWN});
    }
    if (boot->station.ups != *ups) {
        *ups = boot->station.ups;
        step(boot, (qca_startup_event_t){.type = QCA_STARTUP_ON_UP});
    }
}

static void run(boot_t *boot, int64_t ms)
{
    unsigned ups = boot->station.ups, downs = boot->station.downs;
    const int64_t until_ms = boot->now_ms + ms;
    while (boot->now_ms < until_ms) {
        line_step(&boot->line, boot->now_ms);
        station_serve(&boot->station, boot->now_ms);
        notices(boot, &ups, &downs);
        if (boot->now_ms >= qca_startup_deadline_ms(&boot->startup)) {
            step(boot, (qca_startup_event_t){.type = QCA_STARTUP_ON_TIME});
        }
        station_serve(&boot->station, boot->now_ms);
        int64_t next_ms = least(least(until_ms, line_deadline_ms(&boot->line)), station_deadline_ms(&boot->station));
        next_ms = least(next_ms, qca_startup_deadline_ms(&boot->startup));
        boot->now_ms = next_ms > boot->now_ms ? next_ms : boot->now_ms + 1;
    }
}

static void a_healthy_modem_is_known_has_its_role_and_our_key(void **state)
{
    (void)state;
    boot_t *const boot = boot_make(true);
    run(boot, 1500);
    const qca_startup_t *const startup = &boot->startup;
    assert_int_equal(startup->state, QCA_STARTUP_READY);
    assert_int_equal(startup->problem, QCA_PROBLEM_NONE);
    assert_string_equal(startup->modem.version, "MAC-QCA7005-1.1.0.730-04-20140815-CS");
    assert_int_equal(startup->modem.device, 0x22);
    assert_memory_equal(startup->modem.mac, modem, 6);
    assert_int_equal(startup->modem.role, QCA_ROLE_EVSE);
    assert_int_equal(startup->modem.key, QCA_KEY_VERIFIED);
    assert_true(startup->modem.tells_link);
    assert_false(startup->modem.linked);
    assert_memory_equal(boot->line.node[0].nmk, "0123456789abcde", 16);
    assert_int_equal(boot->finished, 1);
    free(boot);
}

static void a_chip_that_reset_itself_is_started_up_again(void **state)
{
    (void)state;
    boot_t *const boot = boot_make(true);
    run(boot, 1500);
    chip_reset(&boot->station.chip);
    assert_memory_not_equal(boot->line.node[0].nmk, "0123456789abcde", 16);
    run(boot, 2000);
    assert_int_equal(boot->startup.state, QCA_STARTUP_READY);
    assert_int_equal(boot->finished, 2);
    assert_memory_equal(boot->line.node[0].nmk, "0123456789abcde", 16);
    free(boot);
}

static void the_pib_of_a_car_in_a_charger_is_a_problem_and_for_a_bench_a_warning(void **state)
{
    (void)state;
    for (int bench = 0; bench < 2; bench++) {
        boot_t *const boot = boot_make(false);
        boot->startup.config.any_role = bench;
        run(boot, 1500);
        assert_int_equal(boot->startup.modem.role, QCA_ROLE_EV);
        assert_int_equal(boot->startup.problem, QCA_PROBLEM_WRONG_ROLE);
        assert_int_equal(boot->startup.state, bench ? QCA_STARTUP_READY : QCA_STARTUP_FAILED);
        free(boot);
    }
}

static void newer_firmware_tells_its_role_by_another_message(void **state)
{
    (void)state;
    boot_t *const boot = boot_make(true);
    boot->line.node[0].newer = true;
    run(boot, 5000);
    assert_int_equal(boot->startup.state, QCA_STARTUP_READY);
    assert_int_equal(boot->startup.modem.role, QCA_ROLE_EVSE);
    free(boot);
}

static void a_pib_that_is_not_told_leaves_the_role_unknown_and_goes_on(void **state)
{
    (void)state;
    boot_t *const boot = boot_make(true);
    boot->line.node[0].hides_pib = true;
    run(boot, 5000);
    assert_int_equal(boot->startup.state, QCA_STARTUP_READY);
    assert_int_equal(boot->startup.modem.role, QCA_ROLE_UNKNOWN);
    free(boot);
}

static void firmware_that_waits_for_the_hosts_answer_gets_it(void **state)
{
    (void)state;
    boot_t *const boot = boot_make(true);
    boot->line.node[0].asks_host = true;
    run(boot, 3000);
    assert_int_equal(boot->startup.state, QCA_STARTUP_READY);
    assert_int_equal(boot->startup.host_actions, 1);
    free(boot);
}

static void a_modem_without_firmware_is_told_apart_from_a_silent_one(void **state)
{
    (void)state;
    boot_t *const empty = boot_make(true);
    empty->line.node[0].no_firmware = true;
    run(empty, 1500);
    assert_int_equal(empty->startup.problem, QCA_PROBLEM_NEEDS_FIRMWARE);
    free(empty);
    boot_t *const silent = boot_make(true);
    silent->line.node[0].silent = true;
    while (silent->finished == 0 && silent->now_ms < 10000) {
        run(silent, 1);
    }
    assert_int_equal(silent->startup.problem, QCA_PROBLEM_SILENT);
    assert_int_equal(silent->asked[QCA_STEP_VERSION], qca_startup_rules[QCA_STEP_VERSION].tries);
    assert_int_equal(silent->restarts, 1);
    silent->line.node[0].silent = false;
    run(silent, 1500); /* the restart was what it needed */
    assert_int_equal(silent->startup.state, QCA_STARTUP_READY);
    free(silent);
}

static void a_key_that_was_not_taken_is_set_again_and_then_a_problem(void **state)
{
    (void)state;
    boot_t *const boot = boot_make(true);
    boot->line.node[0].forgets_key = true;
    while (boot->finished == 0 && boot->now_ms < 10000) {
        run(boot, 1);
    }
    assert_int_equal(boot->startup.problem, QCA_PROBLEM_KEY);
    assert_int_equal(boot->startup.keys, 3);
    assert_int_equal(boot->restarts, 1);
    free(boot);
}

/* HomePlug says 0, Qualcomm says 1: what counts is the key that is there. */
static void success_is_what_was_read_back_whatever_set_key_says(void **state)
{
    (void)state;
    static const struct {
        uint8_t said;
        bool hides, forgets;
        qca_startup_state_t state;
        qca_key_t key;
    } rows[] = {
        {1, false, false, QCA_STARTUP_READY, QCA_KEY_VERIFIED}, {0, false, false, QCA_STARTUP_READY, QCA_KEY_VERIFIED},
        {1, true, false, QCA_STARTUP_READY, QCA_KEY_VERIFIED}, /* by its network id */
        {0, true, false, QCA_STARTUP_READY, QCA_KEY_VERIFIED},  {1, true, true, QCA_STARTUP_FAILED, QCA_KEY_NONE},
        {0, false, true, QCA_STARTUP_FAILED, QCA_KEY_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        boot_t *const boot = boot_make(true);
        boot->line.node[0].key_result = rows[i].said;
        boot->line.node[0].hides_key = rows[i].hides;
        boot->line.node[0].forgets_key = rows[i].forgets;
        while (boot->finished == 0 && boot->now_ms < 10000) {
            run(boot, 1);
        }
        assert_int_equal(boot->ended, rows[i].state);
        assert_int_equal(boot->startup.modem.key, rows[i].key);
        free(boot);
    }
}

static void a_modem_that_does_not_tell_its_link_is_not_polled_for_it(void **state)
{
    (void)state;
    boot_t *const boot = boot_make(true);
    boot->line.node[0].silent_link = true;
    run(boot, 5000);
    assert_int_equal(boot->startup.state, QCA_STARTUP_READY);
    assert_false(boot->startup.modem.tells_link);
    free(boot);
}

/* Silence at each step, as the rules say. */
static void each_silence_has_its_end(void **state)
{
    (void)state;
    static const struct {
        uint16_t mute[3];
        uint8_t said;
        qca_problem_t problem;
        qca_role_t role;
        qca_key_t key;
    } rows[] = {
        {{MME_VS_RD_MOD_CNF}, 1, QCA_PROBLEM_NONE, QCA_ROLE_EVSE, QCA_KEY_VERIFIED},
        {{MME_VS_RD_MOD_CNF, MME_VS_MODULE_OPERATION_CNF}, 1, QCA_PROBLEM_NONE, QCA_ROLE_UNKNOWN, QCA_KEY_VERIFIED},
        {{MME_CM_SET_KEY_CNF}, 1, QCA_PROBLEM_KEY, QCA_ROLE_EVSE, QCA_KEY_NONE},
        {{MME_CM_GET_KEY_CNF}, 1, QCA_PROBLEM_NONE, QCA_ROLE_EVSE, QCA_KEY_VERIFIED},
        {{MME_CM_GET_KEY_CNF, MME_CM_NW_INFO_CNF}, 1, QCA_PROBLEM_NONE, QCA_ROLE_EVSE, QCA_KEY_BELIEVED},
        {{MME_CM_GET_KEY_CNF, MME_CM_NW_INFO_CNF}, 0, QCA_PROBLEM_KEY, QCA_ROLE_EVSE, QCA_KEY_NONE},
        {{MME_VS_PL_LINK_STATUS_CNF}, 1, QCA_PROBLEM_NONE, QCA_ROLE_EVSE, QCA_KEY_VERIFIED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        boot_t *const boot = boot_make(true);
        memcpy(boot->mute, rows[i].mute, sizeof boot->mute);
        boot->line.node[0].key_result = rows[i].said;
        while (boot->finished == 0 && boot->now_ms < 30000) {
            run(boot, 1);
        }
        assert_int_equal(boot->finished, 1);
        assert_int_equal(boot->startup.problem, rows[i].problem);
        assert_int_equal(boot->startup.modem.role, rows[i].role);
        assert_int_equal(boot->startup.modem.key, rows[i].key);
        free(boot);
    }
}

/* Octets of the PIB and what they mean together: the answer is given here, not by the model. */
static void a_pib_that_is_neither_is_mixed(void **state)
{
    (void)state;
    boot_t *const boot = boot_make(true);
    boot->mute[0] = MME_VS_RD_MOD_CNF;
    for (size_t i = 0; i < 2; i++) {
        static const uint8_t octets[] = {2, 1}; /* always coordinator, but SLAC as EV */
        mme_t mme;
        uint8_t frame[MME_SIZE_MIN];
        size_t length;
        while (boot->startup.step != (i == 0 ? QCA_STEP_CCO : QCA_STEP_SLAC)) {
            run(boot, 1);
        }
        mme_init(&mme, MME_VS_RD_MOD_CNF, host, modem);
        mme.rd_mod_cnf.module = 2;
        mme.rd_mod_cnf.length = 1;
        mme.rd_mod_cnf.offset = i == 0 ? 0xF4 : 0x1653;
        mme.rest = (ccs_view_t){octets + i, 1};
        assert_int_equal(mme_encode(&mme, frame, sizeof frame, &length), CCS_OK);
        step(boot, (qca_startup_event_t){.type = QCA_STARTUP_ON_FRAME, .frame = {frame, length}});
    }
    run(boot, 2000);
    assert_int_equal(boot->startup.modem.role, QCA_ROLE_MIXED);
    assert_int_equal(boot->startup.problem, QCA_PROBLEM_WRONG_ROLE);
    assert_string_equal(qca_role_name(boot->startup.modem.role), "mixed");
    free(boot);
}

/* On a shared segment every modem answers: the first one is ours, the others say nothing to us. */
static void another_modem_does_not_speak_for_ours(void **state)
{
    (void)state;
    boot_t *const boot = boot_make(true);
    boot->line.node[0].hides_pib = true;
    run(boot, 400);
    mme_t mme;
    uint8_t octets[MME_SIZE_MIN];
    size_t length;
    while (boot->startup.step != QCA_STEP_KEY && boot->startup.step != QCA_STEP_READ_KEY &&
           boot->startup.state == QCA_STARTUP_ASKING) {
        run(boot, 1);
    }
    mme_init(&mme, MME_CM_GET_KEY_CNF, host, other);
    assert_int_equal(mme_encode(&mme, octets, sizeof octets, &length), CCS_OK);
    const uint8_t keys = boot->startup.keys;
    step(boot, (qca_startup_event_t){.type = QCA_STARTUP_ON_FRAME, .frame = {octets, length}});
    assert_int_equal(boot->startup.keys, keys);
    run(boot, 3000);
    assert_int_equal(boot->startup.state, QCA_STARTUP_READY);
    free(boot);
}

/* Every prefix and every one-bit flip of every answer: no crash, and an end within the sum of the rules. */
static void mutilated_answers_end_in_ready_or_in_a_problem(void **state)
{
    (void)state;
    int64_t most_ms = 1000;
    for (size_t i = 0; i < QCA_STEP_COUNT; i++) {
        assert_non_null(qca_startup_rules[i].step);
        assert_non_null(qca_startup_rules[i].silence);
        most_ms += 3 * qca_startup_rules[i].timeout_ms * qca_startup_rules[i].tries;
    }
    boot_t *const boot = boot_make(true);
    run(boot, 300);
    for (unsigned turn = 0; turn < 2000; turn++) {
        uint8_t octets[MME_SIZE_MIN] = {2, 0, 0, 0, 0, 1, 0, 0xB0, 0x52, 0, 0, 0x11, 0x88, 0xE1, 0};
        const uint16_t type = qca_startup_rules[turn % QCA_STEP_COUNT].confirm;
        octets[15] = (uint8_t)type;
        octets[16] = (uint8_t)(type >> 8);
        octets[17 + turn % 40] = (uint8_t)(turn * 37);
        step(boot, (qca_startup_event_t){.type = QCA_STARTUP_ON_FRAME, .frame = {octets, 14 + turn % 47}});
        run(boot, 1);
    }
    run(boot, most_ms);
    assert_true(boot->startup.state == QCA_STARTUP_READY || boot->startup.problem != QCA_PROBLEM_NONE);
    free(boot);
}

static char *read_document(void)
{
    FILE *const file = fopen(CCS_SOURCE_DIR "/docs/MODEM.md", "rb");
    assert_non_null(file);
    char *const text = calloc(1, 1 << 16);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
    (void)fclose(file);
    return text;
}

static void the_document_has_the_rules_of_the_machine(void **state)
{
    (void)state;
    char *const text = read_document();
    for (size_t i = 0; i < QCA_STEP_COUNT; i++) {
        char row[200];
        const qca_startup_rule_t *const rule = &qca_startup_rules[i];
        const char *const known = mme_type_name(rule->confirm);
        (void)snprintf(row, sizeof row, "| %s | %s | %u | %u | %s |", rule->step, known, (unsigned)rule->timeout_ms,
                       (unsigned)rule->tries, rule->silence);
        if (!strstr(text, row)) {
            fail_msg("docs/MODEM.md has not: %s", row);
        }
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_modem_is_known_has_its_role_and_our_key),
        cmocka_unit_test(a_chip_that_reset_itself_is_started_up_again),
        cmocka_unit_test(the_pib_of_a_car_in_a_charger_is_a_problem_and_for_a_bench_a_warning),
        cmocka_unit_test(newer_firmware_tells_its_role_by_another_message),
        cmocka_unit_test(a_pib_that_is_not_told_leaves_the_role_unknown_and_goes_on),
        cmocka_unit_test(firmware_that_waits_for_the_hosts_answer_gets_it),
        cmocka_unit_test(a_modem_without_firmware_is_told_apart_from_a_silent_one),
        cmocka_unit_test(a_key_that_was_not_taken_is_set_again_and_then_a_problem),
        cmocka_unit_test(success_is_what_was_read_back_whatever_set_key_says),
        cmocka_unit_test(a_modem_that_does_not_tell_its_link_is_not_polled_for_it),
        cmocka_unit_test(each_silence_has_its_end),
        cmocka_unit_test(a_pib_that_is_neither_is_mixed),
        cmocka_unit_test(another_modem_does_not_speak_for_ours),
        cmocka_unit_test(mutilated_answers_end_in_ready_or_in_a_problem),
        cmocka_unit_test(the_document_has_the_rules_of_the_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
