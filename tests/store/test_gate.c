/* The token: none to begin with, a wait that grows, no way round by a restart.
 * SPDX-License-Identifier: Apache-2.0 */
#include "memory.h"
#include "ports/common/store/gate.h"
#include "ports/openssl/pki_openssl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char right[] = "a token of thirty characters!!", wrong[] = "a token of thirty characters!?";
static const uint8_t salt[GATE_SALT_SIZE] = {1, 2, 3};

static memory_t memory;
static store_medium_t medium;
static pki_crypto_t crypto;
static gate_t gate;

static ccs_view_t text(const char *words)
{
    return (ccs_view_t){(const uint8_t *)words, strlen(words)};
}

static int reset(void **state)
{
    (void)state;
    memset(&memory, 0, sizeof memory);
    memory.power = SIZE_MAX;
    medium = memory_medium(&memory);
    crypto = pki_openssl();
    gate_init(&gate, &medium, &crypto, 0);
    return 0;
}

static int provisioned(void **state)
{
    (void)reset(state);
    return gate_provision(&medium, &crypto, text(right), salt) == CCS_OK ? 0 : -1;
}

static void there_is_no_default_token(void **state)
{
    (void)state;
    assert_false(gate_is_provisioned(&medium));
    assert_int_equal(gate_try(&gate, text(""), 0), GATE_NO_TOKEN);
    assert_int_equal(gate_try(&gate, text(right), 0), GATE_NO_TOKEN);
    assert_false(gate_use(&gate, 0));
}

static void a_short_token_is_refused_at_provisioning(void **state)
{
    (void)state;
    char longest[GATE_TOKEN_MAX + 2];
    memset(longest, 'x', sizeof longest);
    assert_int_equal(gate_provision(&medium, &crypto, text("123456789012345"), salt), CCS_ERR_LENGTH);
    assert_int_equal(gate_provision(&medium, &crypto, (ccs_view_t){(uint8_t *)longest, GATE_TOKEN_MAX + 1}, salt), CCS_ERR_LENGTH);
    assert_int_equal(gate_provision(&medium, &crypto, (ccs_view_t){(uint8_t *)longest, GATE_TOKEN_MAX}, salt), CCS_OK);
    assert_int_equal(gate_try(&gate, (ccs_view_t){(uint8_t *)longest, GATE_TOKEN_MAX}, 0), GATE_OPENED);
}

static void the_token_itself_is_not_kept(void **state)
{
    (void)state;
    const memory_record_t *const record = memory_find(&memory, "token");
    assert_non_null(record);
    assert_null(memmem(record->octets, record->length, right, 8));
}

static void the_right_token_opens_for_a_while(void **state)
{
    (void)state;
    assert_int_equal(gate_try(&gate, text(right), 0), GATE_OPENED);
    assert_true(gate_use(&gate, GATE_IDLE_MS));
    assert_true(gate_use(&gate, 2 * (int64_t)GATE_IDLE_MS)); /* used in between */
    assert_false(gate_use(&gate, 3 * (int64_t)GATE_IDLE_MS + 1));
    assert_false(gate_use(&gate, 3 * (int64_t)GATE_IDLE_MS + 1));
    assert_int_equal(gate_try(&gate, text(right), 0), GATE_OPENED);
    gate_shut(&gate);
    assert_false(gate_use(&gate, 0));
}

static void what_differs_anywhere_is_wrong(void **state)
{
    (void)state;
    char token[sizeof right];
    for (size_t i = 0; i + 1 < sizeof right; i++) {
        (void)reset(NULL);
        assert_int_equal(gate_provision(&medium, &crypto, text(right), salt), CCS_OK);
        memcpy(token, right, sizeof token);
        token[i] ^= 1;
        assert_int_equal(gate_try(&gate, text(token), 0), GATE_WRONG);
        assert_int_equal(gate_try(&gate, (ccs_view_t){(const uint8_t *)right, i}, 0), GATE_WRONG);
        assert_false(gate_use(&gate, 0));
    }
}

static void every_octet_of_the_hash_counts(void **state)
{
    (void)state;
    memory_record_t *const record = (memory_record_t *)(uintptr_t)memory_find(&memory, "token");
    for (size_t i = 0; i < record->length; i++) {
        record->octets[i] ^= 0x10;
        assert_int_equal(gate_try(&gate, text(right), GATE_LOCK_MAX_MS * (int64_t)i), GATE_WRONG);
        record->octets[i] ^= 0x10;
    }
    assert_int_equal(gate_try(&gate, text(right), GATE_LOCK_MAX_MS * (int64_t)record->length), GATE_OPENED);
}

static void a_wrong_try_ends_an_open_session(void **state)
{
    (void)state;
    assert_int_equal(gate_try(&gate, text(right), 0), GATE_OPENED);
    assert_int_equal(gate_try(&gate, text(wrong), 0), GATE_WRONG);
    assert_false(gate_use(&gate, 0));
}

static void the_wait_doubles_with_each_failure(void **state)
{
    (void)state;
    int64_t now_ms = 0, wait_ms = GATE_LOCK_MS;
    for (unsigned i = 1; i < GATE_FREE_FAILURES; i++) {
        assert_int_equal(gate_try(&gate, text(wrong), now_ms), GATE_WRONG);
        assert_int_equal(gate_wait_ms(&gate, now_ms), 0);
    }
    for (unsigned i = 0; i < 30; i++) {
        assert_int_equal(gate_try(&gate, text(wrong), now_ms), GATE_WRONG);
        assert_int_equal(gate_wait_ms(&gate, now_ms), wait_ms);
        assert_int_equal(gate_try(&gate, text(right), now_ms + wait_ms - 1), GATE_LOCKED); /* the right one as well */
        now_ms += wait_ms;
        wait_ms = wait_ms * 2 < GATE_LOCK_MAX_MS ? wait_ms * 2 : GATE_LOCK_MAX_MS;
    }
    assert_int_equal(gate_try(&gate, text(right), now_ms), GATE_OPENED);
    assert_int_equal(gate_try(&gate, text(wrong), now_ms), GATE_WRONG); /* from the begin */
    assert_int_equal(gate_wait_ms(&gate, now_ms), 0);
}

static void a_try_while_locked_does_not_lengthen_the_wait(void **state)
{
    (void)state;
    for (unsigned i = 0; i < GATE_FREE_FAILURES; i++) {
        assert_int_equal(gate_try(&gate, text(wrong), 0), GATE_WRONG);
    }
    for (int64_t now_ms = 0; now_ms < GATE_LOCK_MS; now_ms += 100) {
        assert_int_equal(gate_try(&gate, text(wrong), now_ms), GATE_LOCKED);
    }
    assert_int_equal(gate_try(&gate, text(right), GATE_LOCK_MS), GATE_OPENED);
}

static void a_restart_is_no_way_round(void **state)
{
    (void)state;
    for (unsigned i = 0; i < GATE_FREE_FAILURES + 2; i++) {
        assert_int_equal(gate_try(&gate, text(wrong), (int64_t)i * GATE_LOCK_MAX_MS), GATE_WRONG);
    }
    gate_init(&gate, &medium, &crypto, 1000);
    assert_int_equal(gate_wait_ms(&gate, 1000), 4 * GATE_LOCK_MS);
    assert_int_equal(gate_try(&gate, text(right), 1000), GATE_LOCKED);
    assert_int_equal(gate_try(&gate, text(right), 1000 + 4 * GATE_LOCK_MS), GATE_OPENED);
    gate_init(&gate, &medium, &crypto, 0);
    assert_int_equal(gate_wait_ms(&gate, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(there_is_no_default_token, reset),
        cmocka_unit_test_setup(a_short_token_is_refused_at_provisioning, reset),
        cmocka_unit_test_setup(the_token_itself_is_not_kept, provisioned),
        cmocka_unit_test_setup(the_right_token_opens_for_a_while, provisioned),
        cmocka_unit_test_setup(what_differs_anywhere_is_wrong, provisioned),
        cmocka_unit_test_setup(every_octet_of_the_hash_counts, provisioned),
        cmocka_unit_test_setup(a_wrong_try_ends_an_open_session, provisioned),
        cmocka_unit_test_setup(the_wait_doubles_with_each_failure, provisioned),
        cmocka_unit_test_setup(a_try_while_locked_does_not_lengthen_the_wait, provisioned),
        cmocka_unit_test_setup(a_restart_is_no_way_round, provisioned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
