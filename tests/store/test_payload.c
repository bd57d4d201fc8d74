/* Base64 and PEM, strictly.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/store/payload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static uint8_t memory[256];
static payload_t payload;

/* Lines are separated by a newline. */
static payload_fault_t take(const char *text, size_t size)
{
    payload_begin(&payload, memory, size);
    for (const char *line = text; *line != '\0';) {
        const size_t length = strcspn(line, "\n");
        (void)payload_line(&payload, line, length);
        line += length + (line[length] == '\n');
    }
    return payload_end(&payload);
}

static void assert_taken(const char *text, const char *octets)
{
    assert_int_equal(take(text, sizeof memory), PAYLOAD_FINE);
    assert_int_equal(payload.length, strlen(octets));
    assert_memory_equal(memory, octets, payload.length);
}

static void the_examples_of_rfc_4648(void **state)
{
    (void)state;
    assert_taken("Zg==", "f");
    assert_taken("Zm8=", "fo");
    assert_taken("Zm9v", "foo");
    assert_taken("Zm9vYg==", "foob");
    assert_taken("Zm9vYmE=", "fooba");
    assert_taken("Zm9vYmFy", "foobar");
}

static void groups_may_go_over_lines(void **state)
{
    (void)state;
    assert_taken("Z\nm9\r\nvY\n\nmFy  \n", "foobar");
}

static void what_is_not_base64_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "Zm9v!", "Zm9vYg=a", "Zm9vYg==Zm9v", "Zg==\nZm9v", "=Zm9", "Z===", "Zh==", "Zm9=", "Zm 9v", "Zm9-", "Zm9_", "\xC3\xA4gh"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(take(bad[i], sizeof memory), PAYLOAD_NOT_BASE64);
    }
    assert_int_equal(take("Zm9vY", sizeof memory), PAYLOAD_CUT);
    assert_int_equal(take("Zm9vYg=", sizeof memory), PAYLOAD_CUT);
    assert_int_equal(take("", sizeof memory), PAYLOAD_EMPTY);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    memset(memory, 0xAA, sizeof memory);
    assert_int_equal(take("Zm9vYmFy", 6), PAYLOAD_FINE);
    assert_int_equal(take("Zm9vYmFy", 5), PAYLOAD_LONG);
    assert_int_equal(take("Zm9vYmE=", 5), PAYLOAD_FINE);
    assert_int_equal(take("Zm9vYmE=", 4), PAYLOAD_LONG);
    assert_int_equal(memory[6], 0xAA);
}

static void pem_blocks_lie_one_behind_the_other(void **state)
{
    (void)state;
    assert_taken("-----BEGIN CERTIFICATE-----\nZm8=\n-----END CERTIFICATE-----\nsubject=CN = x\n"
                 "-----BEGIN CERTIFICATE-----\nYmFy\n-----END CERTIFICATE-----\n",
                 "fobar");
}

static void ec_parameters_are_left_out(void **state)
{
    (void)state;
    assert_taken("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
                 "-----BEGIN EC PRIVATE KEY-----\nZm9v\n-----END EC PRIVATE KEY-----\n",
                 "foo");
}

static void a_key_with_a_password_is_said_to_be_one(void **state)
{
    (void)state;
    assert_int_equal(take("-----BEGIN ENCRYPTED PRIVATE KEY-----\nZm9v\n-----END ENCRYPTED PRIVATE KEY-----\n", sizeof memory),
                     PAYLOAD_ENCRYPTED);
    assert_int_equal(take("-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nZm9v\n-----END EC "
                          "PRIVATE KEY-----\n",
                          sizeof memory),
                     PAYLOAD_ENCRYPTED);
}

static void a_block_that_is_not_whole_is_refused(void **state)
{
    (void)state;
    assert_int_equal(take("-----BEGIN CERTIFICATE-----\nZm9v\n", sizeof memory), PAYLOAD_CUT);
    assert_int_equal(take("-----BEGIN CERTIFICATE-----\nZm9\n-----END CERTIFICATE-----\n", sizeof memory), PAYLOAD_CUT);
    assert_int_equal(take("-----BEGIN CERTIFICATE-----\nZm9v\n-----BEGIN CERTIFICATE-----\n", sizeof memory), PAYLOAD_CUT);
    assert_int_equal(take("Zm9v\n-----END CERTIFICATE-----\n", sizeof memory), PAYLOAD_CUT);
    assert_int_equal(take("Zm9v\n-----BEGIN CERTIFICATE-----\nZm9v\n-----END CERTIFICATE-----\n", sizeof memory), PAYLOAD_CUT);
}

static void there_and_back(void **state)
{
    (void)state;
    uint8_t octets[100];
    char text[137];
    for (size_t length = 1; length <= sizeof octets; length++) {
        for (size_t i = 0; i < length; i++) {
            octets[i] = (uint8_t)(i * 37 + length);
        }
        const size_t letters = (length + 2) / 3 * 4;
        assert_int_equal(payload_text(octets, length, text, letters), 0);
        assert_int_equal(payload_text(octets, length, text, letters + 1), letters);
        assert_int_equal(take(text, sizeof memory), PAYLOAD_FINE);
        assert_int_equal(payload.length, length);
        assert_memory_equal(memory, octets, length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_rfc_4648),
        cmocka_unit_test(groups_may_go_over_lines),
        cmocka_unit_test(what_is_not_base64_is_refused),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(pem_blocks_lie_one_behind_the_other),
        cmocka_unit_test(ec_parameters_are_left_out),
        cmocka_unit_test(a_key_with_a_password_is_said_to_be_one),
        cmocka_unit_test(a_block_that_is_not_whole_is_refused),
        cmocka_unit_test(there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
