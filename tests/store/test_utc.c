/* Time: its sources, their trust, and the record that it never falls behind.
 * SPDX-License-Identifier: Apache-2.0 */
#include "memory.h"
#include "ports/common/store/utc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define NOON INT64_C(1893499200) /* 2030-01-01T12:00:00 */

static memory_t memory;
static store_medium_t medium;
static utc_keeper_t utc;

static int reset(void **state)
{
    (void)state;
    memset(&memory, 0, sizeof memory);
    memory.power = SIZE_MAX;
    medium = memory_medium(&memory);
    return utc_init(&utc, &medium) == CCS_OK ? 0 : -1;
}

static void restart(void)
{
    assert_int_equal(utc_init(&utc, &medium), CCS_OK);
}

static void nobody_has_told_the_time(void **state)
{
    (void)state;
    const store_time_t time = utc_time(&utc, 5000);
    assert_int_equal(time.trusted_s, 0);
    assert_int_equal(time.newest_s, UTC_EARLIEST_S);
    utc_tick(&utc, 5000);
    assert_int_equal(memory.count, 0);
}

static void a_told_time_counts_on(void **state)
{
    (void)state;
    assert_true(utc_tell(&utc, UTC_RTC, NOON, 1000));
    assert_int_equal(utc_time(&utc, 1000).trusted_s, NOON);
    assert_int_equal(utc_time(&utc, 61999).trusted_s, NOON + 60);
    assert_int_equal(utc_time(&utc, 61999).newest_s, NOON + 60);
}

static void the_network_corrects_the_rtc_and_not_the_other_way_round(void **state)
{
    (void)state;
    assert_true(utc_tell(&utc, UTC_RTC, NOON, 0));
    assert_true(utc_tell(&utc, UTC_NETWORK, NOON + 86400, 0));
    assert_true(utc_tell(&utc, UTC_RTC, NOON, 0));
    assert_int_equal(utc.source, UTC_NETWORK);
    assert_int_equal(utc_time(&utc, 0).trusted_s, NOON + 86400);
    assert_int_equal(utc.refused, 0);
}

static void time_never_goes_back(void **state)
{
    (void)state;
    assert_true(utc_tell(&utc, UTC_NETWORK, NOON, 0));
    assert_true(utc_tell(&utc, UTC_NETWORK, NOON - 100, 1000)); /* an ordinary correction: time waits for it */
    assert_int_equal(utc_time(&utc, 1000).trusted_s, NOON + 1);
    assert_int_equal(utc_time(&utc, 51000).trusted_s, NOON + 1);
    assert_int_equal(utc_time(&utc, 201000).trusted_s, NOON + 100);
}

static void a_source_that_falls_behind_is_trusted_no_more(void **state)
{
    (void)state;
    assert_true(utc_tell(&utc, UTC_NETWORK, NOON, 0));
    assert_false(utc_tell(&utc, UTC_NETWORK, NOON - UTC_SLACK_S - 1, 0));
    assert_int_equal(utc_time(&utc, 0).trusted_s, 0);
    assert_int_equal(utc_time(&utc, 0).newest_s, NOON);
    assert_int_equal(utc.refused, 1);
    assert_true(utc_tell(&utc, UTC_NETWORK, NOON + 5, 5000));
    assert_int_equal(utc_time(&utc, 5000).trusted_s, NOON + 5);
}

static void the_record_outlives_a_restart(void **state)
{
    (void)state;
    assert_true(utc_tell(&utc, UTC_NETWORK, NOON, 0));
    utc_tick(&utc, 0);
    restart();
    assert_int_equal(utc_time(&utc, 0).trusted_s, 0);
    assert_int_equal(utc_time(&utc, 0).newest_s, NOON);
    assert_false(utc_tell(&utc, UTC_RTC, NOON - 86400, 0)); /* its battery was empty */
    assert_int_equal(utc_time(&utc, 0).trusted_s, 0);
    assert_true(utc_tell(&utc, UTC_RTC, NOON + 10, 0));
}

static void the_record_is_written_once_an_hour(void **state)
{
    (void)state;
    assert_true(utc_tell(&utc, UTC_NETWORK, NOON, 0));
    for (int64_t now_ms = 0; now_ms < INT64_C(10) * 3600 * 1000; now_ms += 60000) {
        utc_tick(&utc, now_ms);
    }
    assert_int_equal(memory.changes, 10);
}

static void a_record_that_cannot_be_written_is_tried_again(void **state)
{
    (void)state;
    memory.power = 0;
    assert_true(utc_tell(&utc, UTC_NETWORK, NOON, 0));
    utc_tick(&utc, 0);
    utc_tick(&utc, 1);
    assert_int_equal(utc.write_errors, 1);
    memory.power = SIZE_MAX;
    utc_tick(&utc, UTC_RETRY_MS);
    assert_int_equal(memory.count, 1);
}

static void nonsense_does_not_spoil_the_record(void **state)
{
    (void)state;
    static const int64_t nonsense[] = {0, -1, INT64_MIN, INT64_MAX, UTC_EARLIEST_S - 1, UTC_LATEST_S};
    for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
        assert_false(utc_tell(&utc, UTC_NETWORK, nonsense[i], 0));
    }
    utc_tick(&utc, 0);
    assert_int_equal(memory.count, 0);
    static const uint8_t spoilt[] = {0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    assert_int_equal(medium.set(medium.ctx, "time", (ccs_view_t){spoilt, sizeof spoilt}), CCS_OK);
    restart();
    assert_int_equal(utc_time(&utc, 0).newest_s, UTC_EARLIEST_S);
}

static void a_lost_source_takes_its_trust_along(void **state)
{
    (void)state;
    assert_true(utc_tell(&utc, UTC_RTC, NOON, 0));
    utc_lose(&utc, 60000);
    assert_int_equal(utc_time(&utc, 120000).trusted_s, 0);
    assert_int_equal(utc_time(&utc, 120000).newest_s, NOON + 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nobody_has_told_the_time, reset),
        cmocka_unit_test_setup(a_told_time_counts_on, reset),
        cmocka_unit_test_setup(the_network_corrects_the_rtc_and_not_the_other_way_round, reset),
        cmocka_unit_test_setup(time_never_goes_back, reset),
        cmocka_unit_test_setup(a_source_that_falls_behind_is_trusted_no_more, reset),
        cmocka_unit_test_setup(the_record_outlives_a_restart, reset),
        cmocka_unit_test_setup(the_record_is_written_once_an_hour, reset),
        cmocka_unit_test_setup(a_record_that_cannot_be_written_is_tried_again, reset),
        cmocka_unit_test_setup(nonsense_does_not_spoil_the_record, reset),
        cmocka_unit_test_setup(a_lost_source_takes_its_trust_along, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
