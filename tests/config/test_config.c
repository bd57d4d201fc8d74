/* The table of keys: what a file may say, and how it is told what it may not.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guard/rules.h"
#include "ports/common/config/car.h"
#include "ports/common/config/charger.h"

typedef struct bench {
    charger_settings_t charger;
    settings_t table;
    char error[SETTINGS_ERROR_SIZE];
    char path[64];
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

static settings_result_t load(bench_t *bench, const char *text)
{
    snprintf(bench->path, sizeof bench->path, "/tmp/ccs-config-XXXXXX");
    const int fd = mkstemp(bench->path);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    const settings_result_t result = settings_load(&bench->table, bench->path, bench->error);
    unlink(bench->path);
    return result;
}

/* The error names file and line and says this. */
static void refuses(bench_t *bench, const char *text, int line, const char *why)
{
    char place[96];
    assert_int_equal(load(bench, text), SETTINGS_BAD);
    snprintf(place, sizeof place, "%s:%d: ", bench->path, line);
    assert_ptr_equal(strstr(bench->error, place), bench->error);
    assert_non_null(strstr(bench->error, why));
}

static void a_file_with_comments_and_blanks_is_read(void **state)
{
    bench_t *bench = *state;
    const char *text =
        "\xef\xbb\xbf# a charger\n\n[site]\n  authorize = ask   # by card\n\ttoken_s=30;half a minute\n; done\n"
        "[outlet.1]\nevse_id = FR*ABC*E12*3\nevse_id_din = 49a80737A45678\n[evse]\nprotocols = din\npace = CurrentDemandReq:100\n";
    assert_int_equal(load(bench, text), SETTINGS_BAD); /* a ; without a blank before it belongs to the value */
    assert_non_null(strstr(bench->error, ":5: "));
    text =
        "\xef\xbb\xbf# a charger\n\n[site]\n  authorize = ask   # by card\n\ttoken_s=30 ;half a minute\n; done\n"
        "[outlet.1]\nevse_id = FR*ABC*E12*3\nevse_id_din = 49a80737A45678\n[evse]\nprotocols = din\npace = CurrentDemandReq:100\n";
    assert_int_equal(load(bench, text), SETTINGS_OK);
    assert_int_equal(charger_settings_finish(&bench->charger, bench->error), SETTINGS_OK);
    assert_int_equal(bench->charger.authorize, AUTHORIZE_ASK);
    assert_int_equal(bench->charger.token_s, 30);
    assert_string_equal(bench->charger.outlet[0].secc.evse_id, "FR*ABC*E12*3");
    assert_int_equal(bench->charger.outlet[0].secc.evse_id_din_length, 7);
    assert_memory_equal(bench->charger.outlet[0].secc.evse_id_din, "\x49\xa8\x07\x37\xa4\x56\x78", 7);
    assert_string_equal(bench->charger.outlet[0].secc.pace[0].request, "CurrentDemandReq");
    assert_int_equal(bench->charger.outlet[0].secc.pace[0].ms, 100);
}

static void what_it_does_not_know_is_refused_with_its_line(void **state)
{
    bench_t *bench = *state;
    refuses(bench, "[site]\n\nautorize = ask\n", 3, "unknown key 'autorize' in [site]");
    refuses(bench, "[sight]\nauthorize = ask\n", 1, "unknown section [sight]");
    refuses(bench, "[site]\nport = 1\n", 2, "it belongs to [evse]");
    refuses(bench, "[site]\nauthorize ask\n", 2, "neither");
    refuses(bench, "[site\nauthorize = ask\n", 1, "neither");
    refuses(bench, "authorize = ask\n", 1, "before the first [section]");
}

static void values_outside_their_range_are_refused_and_change_nothing(void **state)
{
    bench_t *bench = *state;
    refuses(bench, "[site]\ntoken_s = 0\n", 2, "1 .. 3600");
    refuses(bench, "[site]\ntoken_s = 12x\n", 2, "1 .. 3600");
    refuses(bench, "[site]\ntoken_s = 99999999999999999999\n", 2, "1 .. 3600");
    refuses(bench, "[site]\ntoken_s =\n", 2, "1 .. 3600");
    refuses(bench, "[site]\nauthorize = maybe\n", 2, "free | ask | deny");
    refuses(bench, "[evse]\nmeter_required = perhaps\n", 2, "on | off");
    refuses(bench, "[outlet.1]\nevse_id_din = 123\n", 2, "octets in hex");
    refuses(bench, "[outlet.1]\nevse_id_din = 12zz\n", 2, "octets in hex");
    refuses(bench, "[outlet.1]\nevse_id = DE\n", 2, "7 .. 37");
    refuses(bench, "[outlet.1]\nlacks = lock, brain\n", 2, "lock, feedback");
    assert_int_equal(bench->charger.token_s, 60);
    assert_int_equal(bench->charger.authorize, AUTHORIZE_FREE);
}

static void a_line_too_long_is_refused_not_cut(void **state)
{
    bench_t *bench = *state;
    char text[1500] = "[site]\nstate = ";
    memset(text + strlen(text), 'x', 1200);
    refuses(bench, text, 2, "line too long");
}

static void protocols_of_later_releases_say_so(void **state)
{
    bench_t *bench = *state;
    assert_int_equal(load(bench, "[evse]\nprotocols = din, iso2\n"), SETTINGS_ABSENT);
    assert_non_null(strstr(bench->error, "'iso2' is not in this release"));
    assert_int_equal(settings_assign(&bench->table, "tls=perhaps", bench->error), SETTINGS_BAD);
}

static void what_single_keys_cannot_tell_is_checked_at_the_end(void **state)
{
    bench_t *bench = *state;
    static const char *const bad[][2] = {
        {"linger_ms=50000", "close_ms=5000"},
        {"hardware_mV_min=999999", "hardware_mV_max=60000"},
        {"port=50000", "port_tls=50000"},
        {"offered_mV_min=200000", "site_mV_max=100000"},
        {"offered_mA_min=2000", "site_mA_max=1000"},
        {"captures_kB_max=1000", "capture_kB_max=1001"},
        {"lacks=feedback", "meter_place=after"},
        {"derate_1_dC=700", "derate_2_dC=600"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        charger_settings_defaults(&bench->charger);
        assert_int_equal(settings_assign(&bench->table, bad[i][0], bench->error), SETTINGS_OK);
        assert_int_equal(settings_assign(&bench->table, bad[i][1], bench->error), SETTINGS_OK);
        assert_int_equal(charger_settings_finish(&bench->charger, bench->error), SETTINGS_BAD);
    }
}

static void core_takes(charger_settings_t *charger, const setting_t *row)
{
    static uint8_t rx[CCS_RX_SIZE_MIN], tx[CCS_TX_SIZE_MIN];
    static uint64_t arena[CCS_ARENA_SIZE_MIN / 8];
    static ccs_secc_t core;
    static ccs_guard_t guard;
    const ccs_secc_buffers_t buffers = {rx, sizeof rx, tx, sizeof tx, arena, sizeof arena};
    ccs_secc_config_t *const secc = &charger->outlet[0].secc;
    secc->port = 50000;
    if (ccs_secc_init(&core, secc, &buffers, 0) != CCS_OK || ccs_guard_init(&guard, &charger->outlet[0].guard, 0) != CCS_OK) {
        fail_msg("[%s] %s", row->section, row->key);
    }
}

/* A number that the table takes is refused by name or not at all: never by the core, which names no key. */
static void both_ends_of_every_range_are_for_the_core_too(void **state)
{
    bench_t *bench = *state;
    unsigned taken = 0;
    for (size_t i = 0; i < charger_rows_count; i++) {
        const setting_t *const row = &charger_rows[i];
        for (int end = 0; end < 2 && row->type == SETTING_INT; end++) {
            char text[32];
            charger_settings_defaults(&bench->charger);
            snprintf(text, sizeof text, "%lld", (long long)(end ? row->max : row->min));
            assert_int_equal(settings_set(&bench->table, row->section, row->key, text, bench->error), SETTINGS_OK);
            if (charger_settings_finish(&bench->charger, bench->error) == SETTINGS_OK) {
                core_takes(&bench->charger, row);
                taken++;
            }
        }
    }
    assert_true(taken > 100);
}

static void the_din_evse_id_is_derived_where_none_is_given(void **state)
{
    bench_t *bench = *state;
    assert_int_equal(charger_settings_finish(&bench->charger, bench->error), SETTINGS_OK);
    assert_int_equal(bench->charger.outlet[0].secc.evse_id_din_length, strlen("DE*CCS*E0001*1"));
    assert_memory_equal(bench->charger.outlet[0].secc.evse_id_din, "DE*CCS*E0001*1", strlen("DE*CCS*E0001*1"));
}

static void set_takes_bare_keys_where_they_are_unique(void **state)
{
    bench_t *bench = *state;
    assert_int_equal(settings_assign(&bench->table, "token_s=5", bench->error), SETTINGS_OK);
    assert_int_equal(settings_assign(&bench->table, "outlet.1.meter_id=M=1", bench->error), SETTINGS_OK);
    assert_int_equal(bench->charger.token_s, 5);
    assert_string_equal(bench->charger.outlet[0].meter_id, "M=1");
    assert_int_equal(settings_assign(&bench->table, "nosuch=5", bench->error), SETTINGS_BAD);
    assert_int_equal(settings_assign(&bench->table, "token_s", bench->error), SETTINGS_BAD);
}

/* Every value of the table, written and read back, is the same. */
static void what_is_printed_is_read_back_the_same(void **state)
{
    bench_t *bench = *state;
    static charger_settings_t before;
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    settings_print(&bench->table, file);
    fclose(file);
    before = bench->charger;
    assert_int_equal(load(bench, text), SETTINGS_OK);
    assert_memory_equal(&before, &bench->charger, sizeof before);
    free(text);
}

/* The guard refuses what lies outside its rules; a key that allows more would be a trap. */
static void keys_of_the_guard_have_the_ranges_of_its_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < guard_settings_count; i++) {
        const size_t offset = offsetof(charger_settings_t, outlet[0].guard) + guard_settings[i].offset;
        const setting_t *row = NULL;
        for (size_t k = 0; k < charger_rows_count; k++) {
            row = charger_rows[k].offset == offset ? &charger_rows[k] : row;
        }
        assert_non_null(row); /* guard_settings[i].name has no key */
        if (row != NULL && (row->min != guard_settings[i].least || row->max != guard_settings[i].most)) {
            fail_msg("%s: range %d .. %d in the guard", row->key, guard_settings[i].least, guard_settings[i].most);
        }
    }
}

static void every_outlet_has_its_section_and_evse_is_for_all(void **state)
{
    bench_t *bench = *state;
    const outlet_settings_t *outlet = bench->charger.outlet;
    assert_int_equal(
        load(bench, "[evse]\nsetup_ms = 19000\n[outlet.1]\ninterface = a\n[outlet.3]\ninterface = b\nsite_mA_max = 5000\n"),
        SETTINGS_OK);
    assert_int_equal(charger_settings_finish(&bench->charger, bench->error), SETTINGS_OK);
    assert_true(bench->charger.present[0] && !bench->charger.present[1] && bench->charger.present[2]);
    assert_string_equal(outlet[2].interface, "b");
    assert_string_equal(outlet[2].evse_id, "DE*CCS*E0001*3");
    assert_int_equal(outlet[2].secc.limits.charge_mA_max, 5000);
    assert_int_not_equal(outlet[0].secc.limits.charge_mA_max, 5000);
    assert_int_equal(outlet[2].secc.setup_ms, 19000);
    assert_ptr_equal(outlet[2].secc.evse_id, outlet[2].evse_id);
}

static void an_outlet_that_cannot_be_is_refused_by_its_number(void **state)
{
    bench_t *bench = *state;
    refuses(bench, "[outlet.9]\ninterface = a\n", 1, "unknown section [outlet.9]");
    refuses(bench, "[outlet.02]\ninterface = a\n", 1, "unknown section [outlet.02]");
    refuses(bench, "[outlet.2]\nsite_mA_max = x\n", 2, "[outlet.2] site_mA_max");
    assert_int_equal(load(bench, "[outlet.1]\ninterface = a\n[outlet.2]\ninterface = a\n"), SETTINGS_OK);
    assert_int_equal(charger_settings_finish(&bench->charger, bench->error), SETTINGS_BAD);
    assert_non_null(strstr(bench->error, "[outlet.2] interface"));
}

static void the_cores_take_their_defaults(void **state)
{
    bench_t *bench = *state;
    static ccs_guard_t guard;
    assert_int_equal(charger_settings_finish(&bench->charger, bench->error), SETTINGS_OK);
    assert_int_equal(ccs_guard_init(&guard, &bench->charger.outlet[0].guard, 0), CCS_OK);
    assert_int_equal(bench->charger.outlet[0].secc.setup_ms, 18000); /* [V2G2-723] */
}

static void every_row_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < charger_rows_count + car_rows_count; i++) {
        const setting_t *row = i < charger_rows_count ? &charger_rows[i] : &car_rows[i - charger_rows_count];
        assert_true(row->min <= row->max && row->size > 0 && strlen(row->help) > 10);
        assert_int_equal(row->help[strlen(row->help) - 1] == '.' || strstr(row->help, "...") != NULL, true);
        assert_int_equal(row->choices != NULL, row->type == SETTING_CHOICE || row->type == SETTING_FLAGS);
    }
}

static void a_misbehaviour_has_a_name_a_message_and_a_count(void **state)
{
    static car_settings_t car;
    char error[SETTINGS_ERROR_SIZE];
    static const char *const bad[] = {"SILENT", "@X", "DANCE@SessionSetupReq", "SILENT@", "SILENT@X:0", "SILENT@X:1x", "NONE@X"};
    (void)state;
    car_settings_defaults(&car);
    assert_int_equal(car_settings_misbehave(&car, "bad-exi@CurrentDemandReq:7", error), SETTINGS_OK);
    assert_int_equal(car.ev.misbehave, CCS_MIS_BAD_EXI);
    assert_int_equal(car.ev.misbehave_count, 7);
    assert_string_equal(car.misbehave_at, "CurrentDemandReq");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(car_settings_misbehave(&car, bad[i], error), SETTINGS_BAD);
    }
}

static void every_preset_is_a_car_that_its_keys_can_tell(void **state)
{
    static car_settings_t car;
    char error[SETTINGS_ERROR_SIZE];
    const settings_t table = {.row = car_rows, .count = car_rows_count, .values = &car};
    (void)state;
    for (size_t i = 0; ccs_ev_preset_name(i) != NULL; i++) {
        car_settings_defaults(&car);
        assert_true(car_settings_preset(&car, ccs_ev_preset_name(i)));
        const uint16_t tells = car.ev.tells, habits = car.ev.habits;
        for (size_t k = 0; k < car_rows_count; k++) {
            char text[512];
            settings_text(&table, &car_rows[k], text, sizeof text);
            assert_int_equal(settings_set(&table, car_rows[k].section, car_rows[k].key, text, error), SETTINGS_OK);
        }
        assert_int_equal(car_settings_finish(&car, error), SETTINGS_OK);
        assert_int_equal(car.ev.tells, tells);
        assert_int_equal(car.ev.habits, habits);
    }
    assert_false(car_settings_preset(&car, "trabant"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_file_with_comments_and_blanks_is_read, setup),
        cmocka_unit_test_setup(what_it_does_not_know_is_refused_with_its_line, setup),
        cmocka_unit_test_setup(values_outside_their_range_are_refused_and_change_nothing, setup),
        cmocka_unit_test_setup(a_line_too_long_is_refused_not_cut, setup),
        cmocka_unit_test_setup(protocols_of_later_releases_say_so, setup),
        cmocka_unit_test_setup(what_single_keys_cannot_tell_is_checked_at_the_end, setup),
        cmocka_unit_test_setup(both_ends_of_every_range_are_for_the_core_too, setup),
        cmocka_unit_test_setup(the_din_evse_id_is_derived_where_none_is_given, setup),
        cmocka_unit_test_setup(set_takes_bare_keys_where_they_are_unique, setup),
        cmocka_unit_test_setup(what_is_printed_is_read_back_the_same, setup),
        cmocka_unit_test(keys_of_the_guard_have_the_ranges_of_its_rules),
        cmocka_unit_test_setup(every_outlet_has_its_section_and_evse_is_for_all, setup),
        cmocka_unit_test_setup(an_outlet_that_cannot_be_is_refused_by_its_number, setup),
        cmocka_unit_test_setup(the_cores_take_their_defaults, setup),
        cmocka_unit_test(every_row_is_whole),
        cmocka_unit_test(a_misbehaviour_has_a_name_a_message_and_a_count),
        cmocka_unit_test(every_preset_is_a_car_that_its_keys_can_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
