/* The journal: never lost, each once, whatever the disk does.
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

#include "ports/common/journal/unfinished.h"

static const ccs_record_t record = {
    .number = 1,
    .protocol = CCS_PROTOCOL_DIN,
    .session_id = {1, 2, 3, 4, 5, 6, 7, 8},
    .session_id_length = 8,
    .evcc_id = {0x02, 0, 0, 0, 0, 1},
    .evcc_id_length = 6,
    .begin_ms = 1000,
    .end_ms = 61000,
    .begin_utc_s = 1700000000,
    .end_utc_s = 1700000060,
    .meter_begin_Wh = 100,
    .meter_end_Wh = 350,
    .soc_begin_permille = 400,
    .soc_end_permille = 410,
    .end = CCS_END_COMPLETED,
    .last_request = "SessionStopReq",
};
static const journal_facts_t facts = {.outlet = 1, .meter_id = "M1", .hal = "sim"};

typedef struct bench {
    char folder[64], path[96];
    journal_t journal;
} bench_t;

static int setup(void **state)
{
    static bench_t bench;
    memset(&bench, 0, sizeof bench);
    snprintf(bench.folder, sizeof bench.folder, "/tmp/ccs-journal-XXXXXX");
    if (mkdtemp(bench.folder) == NULL) {
        return -1;
    }
    snprintf(bench.path, sizeof bench.path, "%s/sessions.jsonl", bench.folder);
    *state = &bench;
    return 0;
}

static int teardown(void **state)
{
    bench_t *bench = *state;
    (void)unlink(bench->path);
    (void)rmdir(bench->path);
    return rmdir(bench->folder);
}

/* The ids of the whole lines of the file, in order; what is no record is -1. */
static size_t ids_of(const char *path, int *ids, size_t room)
{
    char line[JOURNAL_LINE_SIZE];
    size_t count = 0;
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        cJSON *json = cJSON_Parse(line);
        const cJSON *id = cJSON_GetObjectItem(json, "id");
        assert_true(count < room);
        ids[count++] = cJSON_IsNumber(id) ? id->valueint : -1;
        cJSON_Delete(json);
    }
    if (file != NULL) {
        fclose(file);
    }
    return count;
}

static void a_record_is_one_line_with_its_reason_energy_and_meter(void **state)
{
    bench_t *bench = *state;
    char line[JOURNAL_LINE_SIZE];
    assert_true(journal_open(&bench->journal, bench->path));
    assert_true(journal_add(&bench->journal, &record, &facts, 0));
    FILE *file = fopen(bench->path, "r");
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    cJSON *json = cJSON_Parse(line);
    assert_string_equal(cJSON_GetObjectItem(json, "reason")->valuestring, "COMPLETED");
    assert_string_equal(cJSON_GetObjectItem(json, "session_id")->valuestring, "0102030405060708");
    assert_string_equal(cJSON_GetObjectItem(json, "begin_utc")->valuestring, "2023-11-14T22:13:20.000Z");
    assert_string_equal(cJSON_GetObjectItem(json, "meter_id")->valuestring, "M1");
    assert_int_equal(cJSON_GetObjectItem(json, "energy_Wh")->valueint, 250);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(json, "metered")));
    cJSON_Delete(json);
}

static void a_missing_meter_flags_the_record(void **state)
{
    (void)state;
    ccs_record_t unmetered = record;
    unmetered.meter_end_Wh = -1;
    unmetered.begin_utc_s = 0;
    cJSON *json = journal_json(1, &unmetered, &facts);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(json, "metered")));
    assert_int_equal(cJSON_GetObjectItem(json, "energy_Wh")->valueint, -1);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, "begin_utc")));
    cJSON_Delete(json);
}

static void numbers_go_on_after_a_restart(void **state)
{
    bench_t *bench = *state;
    int ids[8] = {0};
    for (int run = 0; run < 3; run++) {
        assert_true(journal_open(&bench->journal, bench->path));
        assert_true(journal_add(&bench->journal, &record, &facts, 0));
    }
    assert_int_equal(ids_of(bench->path, ids, 8), 3);
    assert_int_equal(ids[0], 1);
    assert_int_equal(ids[2], 3);
}

static void a_line_torn_by_a_power_cut_does_not_spoil_the_next(void **state)
{
    bench_t *bench = *state;
    int ids[8] = {0};
    assert_true(journal_open(&bench->journal, bench->path));
    assert_true(journal_add(&bench->journal, &record, &facts, 0));
    FILE *file = fopen(bench->path, "a");
    fputs("{\"id\":2,\"outl", file);
    fclose(file);
    assert_true(journal_open(&bench->journal, bench->path));
    assert_true(journal_add(&bench->journal, &record, &facts, 0));
    assert_int_equal(ids_of(bench->path, ids, 8), 3);
    assert_int_equal(ids[0], 1);
    assert_int_equal(ids[1], -1);
    assert_int_equal(ids[2], 2);
}

/* While the disk refuses, a directory stands where the file was: nothing can be written, not even by root. */
static void what_cannot_be_written_waits_and_is_written_once(void **state)
{
    bench_t *bench = *state;
    int ids[8] = {0};
    assert_true(journal_open(&bench->journal, bench->path));
    assert_int_equal(unlink(bench->path), 0);
    assert_int_equal(mkdir(bench->path, 0700), 0);
    assert_false(journal_add(&bench->journal, &record, &facts, 1000));
    assert_false(journal_add(&bench->journal, &record, &facts, 2000));
    assert_int_equal(journal_deadline_ms(&bench->journal), 2000 + JOURNAL_RETRY_MS);
    assert_int_equal(bench->journal.waiting_count, 2);
    assert_true(bench->journal.write_errors > 0 && bench->journal.last_errno != 0);
    assert_int_equal(rmdir(bench->path), 0);
    assert_true(journal_flush(&bench->journal, 8000));
    assert_true(journal_flush(&bench->journal, 9000));
    assert_int_equal(ids_of(bench->path, ids, 8), 2);
    assert_int_equal(ids[0], 1);
    assert_int_equal(ids[1], 2);
    assert_int_equal(journal_deadline_ms(&bench->journal), INT64_MAX);
}

static void the_last_sessions_are_shown_oldest_first(void **state)
{
    bench_t *bench = *state;
    assert_true(journal_open(&bench->journal, bench->path));
    for (int i = 0; i < JOURNAL_RECENT + 3; i++) {
        assert_true(journal_add(&bench->journal, &record, &facts, 0));
    }
    cJSON *list = journal_recent(&bench->journal);
    char *text = cJSON_PrintUnformatted(list);
    cJSON *read = cJSON_Parse(text);
    assert_int_equal(cJSON_GetArraySize(read), JOURNAL_RECENT);
    assert_int_equal(cJSON_GetObjectItem(cJSON_GetArrayItem(read, 0), "id")->valueint, 4);
    cJSON_free(text);
    cJSON_Delete(list);
    cJSON_Delete(read);
}

static void a_running_session_is_read_back_as_it_was_and_a_torn_or_strange_file_is_none(void **state)
{
    bench_t *bench = *state;
    unfinished_t kept, back;
    unfinished_fill(&kept, &record, "captures/1.pcapng");
    assert_false(unfinished_read(bench->path, &back));
    assert_true(unfinished_write(bench->path, &kept));
    assert_true(unfinished_read(bench->path, &back));
    assert_string_equal(back.record.last_request, "SessionStopReq");
    assert_string_equal(back.capture, "captures/1.pcapng");
    assert_int_equal(back.record.meter_end_Wh, 350);
    kept.record.meter_end_Wh = 351;
    assert_true(unfinished_write(bench->path, &kept));
    assert_true(unfinished_read(bench->path, &back));
    assert_int_equal(back.record.meter_end_Wh, 351);
    FILE *file = fopen(bench->path, "r+");
    assert_non_null(file);
    fseek(file, 100, SEEK_SET);
    fputc(0xA5, file);
    fclose(file);
    assert_false(unfinished_read(bench->path, &back));
    assert_int_equal(truncate(bench->path, 200), 0);
    assert_false(unfinished_read(bench->path, &back));
}

static void a_session_whose_line_stands_is_known_again(void **state)
{
    bench_t *bench = *state;
    ccs_record_t other = record;
    assert_true(journal_open(&bench->journal, bench->path));
    assert_false(journal_has(&bench->journal, 1, &record));
    assert_true(journal_add(&bench->journal, &record, &facts, 0));
    assert_true(journal_has(&bench->journal, 1, &record));
    assert_false(journal_has(&bench->journal, 2, &record));
    other.begin_utc_s++;
    assert_false(journal_has(&bench->journal, 1, &other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_record_is_one_line_with_its_reason_energy_and_meter, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_meter_flags_the_record, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_go_on_after_a_restart, setup, teardown),
        cmocka_unit_test_setup_teardown(a_line_torn_by_a_power_cut_does_not_spoil_the_next, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_written_waits_and_is_written_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_running_session_is_read_back_as_it_was_and_a_torn_or_strange_file_is_none, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_session_whose_line_stands_is_known_again, setup, teardown),
        cmocka_unit_test_setup_teardown(the_last_sessions_are_shown_oldest_first, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
