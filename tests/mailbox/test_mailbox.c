/* A mailbox gives whole images, the latest one, and waits for nobody.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ports/common/mailbox/mailbox.h"
#include <pthread.h>

enum { WORDS = 61, IMAGES = 200000 };

typedef struct image {
    uint32_t word[WORDS]; /* all the same: a torn image shows */
} image_t;

typedef CCS_MAILBOX(image_t) box_t;

static image_t image_of(uint32_t number)
{
    image_t image;
    for (size_t i = 0; i < WORDS; i++) {
        image.word[i] = number;
    }
    return image;
}

static void begin(box_t *box)
{
    const image_t first = image_of(0);
    mailbox_init(&box->box, box->slot, sizeof(box->slot[0]), &first);
}

static uint32_t got(box_t *box, bool *fresh)
{
    image_t image;
    *fresh = mailbox_get(&box->box, &image);
    for (size_t i = 1; i < WORDS; i++) {
        assert_int_equal(image.word[i], image.word[0]);
    }
    return image.word[0];
}

static void before_the_first_put_the_first_image_is_there(void **state)
{
    (void)state;
    box_t box;
    bool fresh = true;
    begin(&box);
    assert_int_equal(got(&box, &fresh), 0);
    assert_false(fresh);
}

static void an_image_is_fresh_once_and_stays(void **state)
{
    (void)state;
    box_t box;
    bool fresh = false;
    begin(&box);
    const image_t seven = image_of(7);
    mailbox_put(&box.box, &seven);
    assert_int_equal(got(&box, &fresh), 7);
    assert_true(fresh);
    assert_int_equal(got(&box, &fresh), 7);
    assert_false(fresh);
}

static void only_the_latest_counts(void **state)
{
    (void)state;
    box_t box;
    bool fresh = false;
    begin(&box);
    for (uint32_t number = 1; number <= 100; number++) {
        const image_t image = image_of(number);
        mailbox_put(&box.box, &image);
        if (number % 7 == 0) {
            assert_int_equal(got(&box, &fresh), number);
            assert_true(fresh);
        }
    }
    assert_int_equal(got(&box, &fresh), 100);
}

static void *write_all(void *ctx)
{
    box_t *box = ctx;
    for (uint32_t number = 1; number <= IMAGES; number++) {
        const image_t image = image_of(number);
        mailbox_put(&box->box, &image);
    }
    return NULL;
}

static void two_threads_never_see_half_an_image_nor_an_older_one(void **state)
{
    (void)state;
    static box_t box;
    pthread_t writer;
    uint32_t last = 0;
    begin(&box);
    assert_int_equal(pthread_create(&writer, NULL, write_all, &box), 0);
    while (last < IMAGES) {
        bool fresh;
        const uint32_t number = got(&box, &fresh);
        assert_true(fresh ? number > last : number == last);
        last = number;
    }
    assert_int_equal(pthread_join(writer, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_the_first_put_the_first_image_is_there),
        cmocka_unit_test(an_image_is_fresh_once_and_stays),
        cmocka_unit_test(only_the_latest_counts),
        cmocka_unit_test(two_threads_never_see_half_an_image_nor_an_older_one),
    };
    return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
