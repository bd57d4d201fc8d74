/* What a port holds for its core: order, room for its own, links that are gone, random answers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/posts/posts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const ccs_event_t card = {.type = CCS_ON_ANSWER, .answer = {.id = 7, .verdict = CCS_GRANTED}};
static const ccs_event_t stop = {.type = CCS_ON_STOP, .stop = CCS_STOP_USER};

static void events_come_out_in_their_order(void **state)
{
    posts_t posts = {0};
    ccs_event_t out;
    (void)state;
    for (int round = 0; round < 2 * POSTS_MAX; round++) { /* around the ring's end */
        assert_true(posts_offer(&posts, &card));
        assert_true(posts_offer(&posts, &stop));
        assert_true(posts_take(&posts, &out));
        assert_int_equal(CCS_ON_ANSWER, out.type);
        assert_true(posts_take(&posts, &out));
        assert_int_equal(CCS_ON_STOP, out.type);
        assert_false(posts_take(&posts, &out) || posts_wait(&posts));
    }
}

static void a_flood_from_outside_leaves_room_for_the_port(void **state)
{
    posts_t posts = {0};
    size_t taken = 0;
    (void)state;
    while (posts_offer(&posts, &card)) {
        taken++;
    }
    assert_int_equal(POSTS_MAX - POSTS_OWN, taken);
    for (int i = 0; i < POSTS_OWN; i++) {
        posts_add(&posts, &stop);
    }
    assert_int_equal(POSTS_MAX, posts.count);
}

static void a_closed_link_leaves_nothing_for_its_next_owner(void **state)
{
    static const ccs_event_type_t kinds[] = {CCS_ON_CLOSED, CCS_ON_SECURED, CCS_ON_CONNECT};
    posts_t posts = {0};
    ccs_event_t out;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        posts_add(&posts, &(ccs_event_t){.type = kinds[i], .link = 1});
        posts_add(&posts, &(ccs_event_t){.type = kinds[i], .link = 2});
    }
    posts_forget_link(&posts, 1);
    for (size_t i = 0; i < 3; i++) {
        assert_true(posts_take(&posts, &out));
        assert_int_equal(CCS_ON_TIME, out.type);
        assert_true(posts_take(&posts, &out));
        assert_true(out.type == kinds[i] && out.link == 2);
    }
}

static void the_latest_report_counts(void **state)
{
    posts_t posts = {0};
    ccs_event_t out = {0};
    (void)state;
    posts_report(&posts, &(ccs_report_t){.at_ms = 10});
    posts_report(&posts, &(ccs_report_t){.at_ms = 20});
    assert_true(posts_take_report(&posts, &out));
    assert_int_equal(20, out.report.at_ms);
    assert_false(posts_take_report(&posts, &out));
}

static bool sevens(void *ctx, uint8_t *octets, size_t length)
{
    (void)ctx;
    memset(octets, 7, length);
    return true;
}

static bool none(void *ctx, uint8_t *octets, size_t length)
{
    (void)ctx, (void)octets, (void)length;
    return false;
}

static void random_octets_live_until_the_next_event(void **state)
{
    static const ccs_job_t job = {.id = 3, .need = CCS_NEED_RANDOM, .part = {{.length = 16}}};
    posts_t posts = {0};
    ccs_event_t out;
    (void)state;
    posts_random(&posts, &job, sevens, NULL);
    posts_random(&posts, &job, none, NULL);
    assert_true(posts_take(&posts, &out));
    assert_true(out.answer.id == 3 && out.answer.verdict == CCS_GRANTED && out.answer.data.length == 16);
    posts_add(&posts, &stop); /* its place in the ring is another's */
    assert_int_equal(7, out.answer.data.at[15]);
    assert_true(posts_take(&posts, &out));
    assert_true(out.answer.verdict == CCS_UNAVAILABLE && out.answer.data.length == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_come_out_in_their_order),
        cmocka_unit_test(a_flood_from_outside_leaves_room_for_the_port),
        cmocka_unit_test(a_closed_link_leaves_nothing_for_its_next_owner),
        cmocka_unit_test(the_latest_report_counts),
        cmocka_unit_test(random_octets_live_until_the_next_event),
    };
    return cmocka_run_group_tests_name("posts", tests, NULL, NULL);
}
