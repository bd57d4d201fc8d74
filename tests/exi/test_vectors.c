/* Frames that real cars and chargers sent, and that a foreign codec has judged: ours decodes each and writes the same octets.
 * They lie outside the repository, at CCS_SHARED; without them this suite is skipped.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/exi/sets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LINE_MAX_OCTETS = 1 << 22, SKIPPED = 77 };

static char line[LINE_MAX_OCTETS];

static FILE *open_vectors(const char *name)
{
    char path[1024];
    const char *shared = getenv("CCS_SHARED");
    (void)snprintf(path, sizeof path, "%s/vectors/%s", shared ? shared : CCS_SOURCE_DIR "/../shared", name);
    return fopen(path, "r");
}

/* The text after "KEY": " in the line. */
static const char *value_of(const char *key)
{
    char pattern[40];
    (void)snprintf(pattern, sizeof pattern, "\"%s\": \"", key);
    const char *at = strstr(line, pattern);
    return at == NULL ? NULL : at + strlen(pattern);
}

/* One vector: decoded, and encoded to `expected`. False: of a set that is not ours. */
static bool judge(const char *expected_key, bool lenient, unsigned *wrong)
{
    const char *name = value_of("protocol");
    const char *hex = value_of("hex");
    const char *expected = value_of(expected_key);
    bool fragment;
    const exi_set_t *set = name == NULL ? NULL : set_named(name, strcspn(name, "\""), &fragment);
    if (set == NULL || hex == NULL || expected == NULL) {
        return false;
    }
    exi_message_t message;
    size_t length = 0;
    ccs_err_t err = decode_whole(set, fragment, octets_read(hex, 0), &message);
    if (err == CCS_OK) {
        err = exi_encode(set, message.root, message.at, octets_of(1), OCTETS_MAX, &length, &message.fault);
    }
    const ccs_view_t wanted = octets_read(expected, 0);
    /* Some cars send octets behind a message (Tesla); an empty value or abstract element that a lenient peer wrote is read, and not
     * written again. */
    const bool same =
        err == CCS_OK && length <= wanted.length && length + 1 >= wanted.length && memcmp(octets_of(1), wanted.at, length) == 0;
    const bool only_read = lenient && message.at != NULL && (err == CCS_ERR_LENGTH || err == CCS_ERR_UNSUPPORTED);
    if (!same && !only_read) {
        char path[300];
        exi_fault_path(exi_describe(set), &message.fault, path, sizeof path);
        print_message("%.*s: %s at bit %u of %s\n", (int)strcspn(line + 8, "\""), line + 8, ccs_err_name(err), message.fault.bit,
                      path);
        (*wrong)++;
    }
    return true;
}

static void judge_all(const char *file, const char *expected_key, bool lenient, unsigned least)
{
    FILE *from = open_vectors(file);
    assert_non_null(from);
    unsigned judged = 0;
    unsigned wrong = 0;
    while (fgets(line, sizeof line, from) != NULL) {
        judged += judge(expected_key, lenient, &wrong);
    }
    (void)fclose(from);
    print_message("%s: %u judged, %u wrong\n", file, judged, wrong);
    assert_int_equal(wrong, 0);
    assert_true(judged >= least);
}

static void made_up_messages_of_every_set_are_octet_exact(void **state)
{
    (void)state;
    judge_all("generated_exiref_exificient_verified.jsonl", "hex", false, 3000);
}

static void frames_of_real_vehicles_are_octet_exact(void **state)
{
    (void)state;
    judge_all("real_vehicle.jsonl", "hex", false, 700);
}

/* References to strings of before, and an end instead of an empty value: read, never written. */
static void what_lenient_peers_write_is_read(void **state)
{
    (void)state;
    judge_all("tolerance_exificient_default_options.jsonl", "canonical_hex", true, 70);
}

int main(void)
{
    FILE *there = open_vectors("real_vehicle.jsonl");
    if (there == NULL) {
        puts("SKIPPED: no vectors at $CCS_SHARED/vectors");
        return SKIPPED;
    }
    (void)fclose(there);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_up_messages_of_every_set_are_octet_exact),
        cmocka_unit_test(frames_of_real_vehicles_are_octet_exact),
        cmocka_unit_test(what_lenient_peers_write_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
