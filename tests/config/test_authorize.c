/* Who may charge, on a virtual clock.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "ports/common/authorize/authorize.h"

enum { TOKEN_MS = 60000 };

static authorizer_t site(authorize_policy_t policy)
{
    authorizer_t authorizer;
    authorize_init(&authorizer, policy, TOKEN_MS);
    return authorizer;
}

static void free_lets_everybody_and_deny_nobody(void **state)
{
    authorizer_t open = site(AUTHORIZE_FREE), closed = site(AUTHORIZE_DENY);
    (void)state;
    assert_int_equal(authorize_ask(&open, 1, 0), CCS_GRANTED);
    assert_int_equal(authorize_ask(&closed, 1, 0), CCS_DENIED);
    assert_int_equal(authorize_allow(&closed, "card", 0), 0);
    assert_int_equal(authorize_ask(&closed, 2, 1), CCS_DENIED);
}

static void a_token_before_the_car_asks_waits_its_time_and_serves_once(void **state)
{
    authorizer_t authorizer = site(AUTHORIZE_ASK);
    (void)state;
    assert_int_equal(authorize_allow(&authorizer, "card", 1000), 0);
    assert_true(authorize_token_waits(&authorizer, 1000 + TOKEN_MS - 1));
    assert_int_equal(authorize_ask(&authorizer, 7, 1000 + TOKEN_MS - 1), CCS_GRANTED);
    assert_string_equal(authorizer.used_token, "card");
    assert_int_equal(authorize_ask(&authorizer, 8, 1000 + TOKEN_MS - 1), CCS_NOT_YET);
}

static void a_token_too_old_is_none(void **state)
{
    authorizer_t authorizer = site(AUTHORIZE_ASK);
    (void)state;
    assert_int_equal(authorize_allow(&authorizer, "card", 1000), 0);
    assert_int_equal(authorize_ask(&authorizer, 7, 1000 + TOKEN_MS), CCS_NOT_YET);
}

static void a_token_while_the_car_waits_opens_at_once(void **state)
{
    authorizer_t authorizer = site(AUTHORIZE_ASK);
    (void)state;
    assert_int_equal(authorize_ask(&authorizer, 7, 0), CCS_NOT_YET);
    assert_int_equal(authorize_allow(&authorizer, NULL, 10), 7);
    assert_false(authorize_token_waits(&authorizer, 10));
    assert_int_equal(authorize_allow(&authorizer, NULL, 20), 0); /* the next one waits for the next car */
}

static void a_job_that_nobody_needs_any_more_gets_no_answer(void **state)
{
    authorizer_t authorizer = site(AUTHORIZE_ASK);
    (void)state;
    assert_int_equal(authorize_ask(&authorizer, 7, 0), CCS_NOT_YET);
    authorize_cancel(&authorizer, 6);
    authorize_cancel(&authorizer, 7);
    assert_int_equal(authorize_refuse(&authorizer), 0);
    assert_int_equal(authorize_allow(&authorizer, "late card", 5), 0);
    assert_int_equal(authorize_ask(&authorizer, 8, 6), CCS_GRANTED); /* the same car, started afresh */
}

static void a_no_ends_the_wait_and_forgets_the_token(void **state)
{
    authorizer_t authorizer = site(AUTHORIZE_ASK);
    (void)state;
    assert_int_equal(authorize_ask(&authorizer, 7, 0), CCS_NOT_YET);
    assert_int_equal(authorize_refuse(&authorizer), 7);
    assert_int_equal(authorize_allow(&authorizer, "card", 1), 0);
    assert_int_equal(authorize_refuse(&authorizer), 0);
    assert_int_equal(authorize_ask(&authorizer, 8, 2), CCS_NOT_YET);
}

static void a_token_longer_than_its_room_is_cut(void **state)
{
    authorizer_t authorizer = site(AUTHORIZE_ASK);
    char token[200];
    (void)state;
    memset(token, 'x', sizeof token - 1);
    token[sizeof token - 1] = '\0';
    assert_int_equal(authorize_allow(&authorizer, token, 0), 0);
    assert_int_equal(strlen(authorizer.token), AUTHORIZE_TOKEN_SIZE - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(free_lets_everybody_and_deny_nobody),
        cmocka_unit_test(a_token_before_the_car_asks_waits_its_time_and_serves_once),
        cmocka_unit_test(a_token_too_old_is_none),
        cmocka_unit_test(a_token_while_the_car_waits_opens_at_once),
        cmocka_unit_test(a_job_that_nobody_needs_any_more_gets_no_answer),
        cmocka_unit_test(a_no_ends_the_wait_and_forgets_the_token),
        cmocka_unit_test(a_token_longer_than_its_room_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
