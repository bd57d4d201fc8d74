/* Whatever stands in a file and is not meant by its table is refused with its line: nothing is taken silently.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ports/common/config/car.h"
#include "ports/common/config/charger.h"
#include "ports/common/config/read.h"

typedef struct refusal {
    const char *text;
    int line;
    const char *why;
} refusal_t;

#define NO_LINE "neither [section], key = value nor a comment"
#define PORT    "it takes 0 .. 65535"
#define PACE    "up to four different requests of DIN 70121"

static const refusal_t charger[] = {
    /* numbers */
    {"[evse]\nport = 5 x\n", 2, PORT},
    {"[evse]\nport = 5x\n", 2, PORT},
    {"[evse]\nport = 0x10\n", 2, PORT},
    {"[evse]\nport = +5\n", 2, PORT},
    {"[evse]\nport = -0\n", 2, PORT},
    {"[evse]\nport = -1\n", 2, PORT},
    {"[evse]\nport = 1e3\n", 2, PORT},
    {"[evse]\nport = 5.0\n", 2, PORT},
    {"[evse]\nport =\n", 2, PORT},
    {"[evse]\nport = 65536\n", 2, PORT},
    {"[evse]\nport = 4294967301\n", 2, PORT},
    {"[evse]\nport = 99999999999999999999\n", 2, PORT},
    {"[outlet.1]\nderate_1_dC = --5\n", 2, "it takes -400 .. 2000"},
    {"[outlet.1]\nderate_1_dC = -\n", 2, "it takes -400 .. 2000"},
    /* lines */
    {"[evse]\nport 5\n", 2, NO_LINE},
    {"[evse]\nport\n", 2, NO_LINE},
    {"[evse]\nport: 5\n", 2, NO_LINE},
    {"[evse]\nport == 5\n", 2, "'= 5' is not allowed"},
    {"[evse]\n= 5\n", 2, "unknown key ''"},
    {"[evse]\nPort = 5\n", 2, "unknown key 'Port'"},
    {"[site]\ntoken_s = 5\n  6\n", 3, NO_LINE},
    {"[evse]\nlease_ms = 100\nlease_ms = 100\n", 3, "stands there a second time"},
    /* sections, with and without keys */
    {"[foo]\n", 1, "unknown section [foo]"},
    {"# a charger\n\n[foo]\n[site]\ntoken_s = 5\n", 3, "unknown section [foo]"},
    {"[outlet.0]\n", 1, "unknown section [outlet.0]"},
    {"[outlet.9]\n", 1, "unknown section [outlet.9]"},
    {"[outlet.01]\n", 1, "unknown section [outlet.01]"},
    {"[outlet.]\n", 1, "unknown section [outlet.]"},
    {"[outlet]\n", 1, "unknown section [outlet]"},
    {"[outlet.1x]\n", 1, "unknown section [outlet.1x]"},
    {"[outlet.4294967297]\n", 1, "unknown section"},
    {"[ site ]\n", 1, "unknown section [ site ]"},
    {"[]\n", 1, "unknown section []"},
    {"[[site]]\n", 1, NO_LINE},
    {"[site]]\n", 1, NO_LINE},
    {"[site] token_s = 5\n", 1, NO_LINE},
    {"[site\n", 1, NO_LINE},
    {"site]\n", 1, NO_LINE},
    /* lists and choices */
    {"[evse]\nprotocols = din din\n", 2, "at least one"},
    {"[evse]\nprotocols = din,,din\n", 2, "at least one"},
    {"[evse]\nprotocols = din,\n", 2, "at least one"},
    {"[evse]\nprotocols =\n", 2, "at least one"},
    {"[evse]\nprotocols = DIN\n", 2, "at least one"},
    {"[outlet.1]\nlacks = ,\n", 2, "lock, feedback"},
    {"[outlet.1]\nlacks = lock, lock\n", 2, "lock, feedback"},
    {"[log]\nlevel = info, debug\n", 2, "error | warning"},
    {"[log]\nlevel = 2\n", 2, "error | warning"},
    {"[log]\nlevel =\n", 2, "error | warning"},
    {"[evse]\nmeter_required = on off\n", 2, "on | off"},
    {"[evse]\nmeter_required = 2\n", 2, "on | off"},
    /* texts with a form */
    {"[evse]\npace = Foo:20\n", 2, PACE},
    {"[evse]\npace = currentdemandreq:20\n", 2, PACE},
    {"[evse]\npace = CurrentDemandRes:20\n", 2, PACE},
    {"[evse]\npace = CurrentDemandReq\n", 2, PACE},
    {"[evse]\npace = CurrentDemandReq:\n", 2, PACE},
    {"[evse]\npace = CurrentDemandReq: 20\n", 2, PACE},
    {"[evse]\npace = CurrentDemandReq:+20\n", 2, PACE},
    {"[evse]\npace = CurrentDemandReq:-20\n", 2, PACE},
    {"[evse]\npace = CurrentDemandReq:20:30\n", 2, PACE},
    {"[evse]\npace = CurrentDemandReq:10001\n", 2, PACE},
    {"[evse]\npace = CurrentDemandReq:99999999999999999999\n", 2, PACE},
    {"[evse]\npace = CurrentDemandReq:20, CurrentDemandReq:30\n", 2, PACE},
    {"[evse]\npace = ,\n", 2, PACE},
    {"[evse]\npace = SessionSetupReq:1 CableCheckReq:1 PreChargeReq:1 CurrentDemandReq:1 SessionStopReq:1\n", 2, PACE},
    {"[outlet.1]\ninterface = a/b\n", 2, "a name without blank"},
    {"[outlet.1]\ninterface = a b\n", 2, "a name without blank"},
    {"[outlet.1]\ninterface = ..\n", 2, "a name without blank"},
    {"[outlet.1]\nevse_id = 1234567\n", 2, "DE*CCS*E0001*1"},
    {"[outlet.1]\nevse_id = DE*CCS*X01\n", 2, "DE*CCS*E0001*1"},
    {"[outlet.1]\nevse_id = DE*CCS*E0001*1 x\n", 2, "DE*CCS*E0001*1"},
    {"[outlet.1]\nevse_id_din = 12 34\n", 2, "octets in hex"},
    {"[outlet.1]\nmeter_id = a\tb\n", 2, "characters"},
    {"[outlet.1]\nmeter_id = \xff\n", 2, "characters"},
    {"[outlet.1]\nmeter_id = \xc3\n", 2, "characters"},
};

static const refusal_t car[] = {
    {"[car]\nmisbehave_at = Foo\n", 2, "the name of a request"},
    {"[car]\nmisbehave_at = PreChargeRes\n", 2, "the name of a request"},
    {"[slac]\nrun_id = 0102\n", 2, "8 of them, or none"},
    {"[car]\nevcc_id = 010203040506070809\n", 2, "octets in hex"},
    {"[battery]\nsoc_permille = 1001\n", 2, "0 .. 1000"},
    {"[car]\nhabits = minutes minutes\n", 2, "no-units"},
    {"[outlet.1]\n", 1, "unknown section [outlet.1]"},
    {"[car]\nprotocol =\n", 2, "it takes din"},
};

typedef settings_result_t (*load_fn)(const char *path, char error[SETTINGS_ERROR_SIZE]);

static settings_result_t load_charger(const char *path, char error[SETTINGS_ERROR_SIZE])
{
    static charger_settings_t settings;
    const settings_t table = charger_settings_table(&settings);
    charger_settings_defaults(&settings);
    return settings_load(&table, path, error);
}

static settings_result_t load_car(const char *path, char error[SETTINGS_ERROR_SIZE])
{
    static car_settings_t settings;
    const settings_t table = {.row = car_rows, .count = car_rows_count, .values = &settings};
    car_settings_defaults(&settings);
    return settings_load(&table, path, error);
}

static settings_result_t load(load_fn load_it, const char *text, size_t length, char error[SETTINGS_ERROR_SIZE], char place[96],
                              int line)
{
    char path[] = "/tmp/ccs-refusal-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, length) == (ssize_t)length);
    close(fd);
    const settings_result_t result = load_it(path, error);
    unlink(path);
    snprintf(place, 96, "%s:%d: ", path, line);
    return result;
}

static void refuse_all(load_fn load_it, const refusal_t *rows, size_t count)
{
    char error[SETTINGS_ERROR_SIZE], place[96];
    for (size_t i = 0; i < count; i++) {
        error[0] = '\0';
        const settings_result_t result = load(load_it, rows[i].text, strlen(rows[i].text), error, place, rows[i].line);
        if (result != SETTINGS_BAD || strstr(error, place) != error || strstr(error, rows[i].why) == NULL) {
            fail_msg("'%s' gave %d, '%s'; expected line %d, '%s'", rows[i].text, (int)result, error, rows[i].line, rows[i].why);
        }
    }
}

static void a_charger_takes_nothing_silently(void **state)
{
    (void)state;
    refuse_all(load_charger, charger, sizeof charger / sizeof charger[0]);
}

static void nor_does_a_car(void **state)
{
    (void)state;
    refuse_all(load_car, car, sizeof car / sizeof car[0]);
}

static void a_nul_is_seen_also_at_the_end_of_the_file(void **state)
{
    static const char text[] = "[site]\ntoken_s = 5\0 00";
    char error[SETTINGS_ERROR_SIZE], place[96];
    (void)state;
    assert_int_equal(load(load_charger, text, sizeof text - 1, error, place, 2), SETTINGS_BAD);
    assert_non_null(strstr(error, place));
}

static void what_people_write_is_taken(void **state)
{
    static const char *const texts[] = {
        "\xef\xbb\xbf[site]\r\ntoken_s = 5\r\n",
        "[site] # a charger\ntoken_s = 05 ; s\n",
        "[evse]\npace = PreChargeReq:0, CurrentDemandReq:10000\n",
        "[evse]\npace =\n",
        "[outlet.1]\nlacks =\nderate_1_dC = -5\nmeter_id = Z\xc3\xa4hler 1\n",
        "[outlet.1]\nlacks = lock feedback , alarms\n",
        "[site]\nstate = /tmp/a b:c=d\n",
        "[site]\n[log]\n[site]\ntoken_s = 5",
    };
    char error[SETTINGS_ERROR_SIZE], place[96];
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        error[0] = '\0';
        if (load(load_charger, texts[i], strlen(texts[i]), error, place, 0) != SETTINGS_OK) {
            fail_msg("'%s': %s", texts[i], error);
        }
    }
}

/* An outlet without an interface must be told of, not passed over. */
static void an_outlet_without_keys_is_there(void **state)
{
    static charger_settings_t settings;
    char error[SETTINGS_ERROR_SIZE];
    const settings_t table = charger_settings_table(&settings);
    (void)state;
    charger_settings_defaults(&settings);
    assert_int_equal(settings_section(&table, "outlet.3", error), SETTINGS_OK);
    assert_true(settings.present[2]);
    assert_false(settings.present[1]);
}

static void every_request_of_the_schema_and_no_other_has_a_pace(void **state)
{
    (void)state;
    assert_true(read_is_request("CurrentDemandReq", 16));
    assert_true(read_is_request("MeteringReceiptReq", 18));
    assert_false(read_is_request("CurrentDemandReq", 15));
    assert_false(read_is_request("AuthorizationReq", 16)); /* of ISO 15118-2 */
    assert_false(read_is_request("Req", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_charger_takes_nothing_silently),
        cmocka_unit_test(nor_does_a_car),
        cmocka_unit_test(a_nul_is_seen_also_at_the_end_of_the_file),
        cmocka_unit_test(what_people_write_is_taken),
        cmocka_unit_test(an_outlet_without_keys_is_there),
        cmocka_unit_test(every_request_of_the_schema_and_no_other_has_a_pace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
