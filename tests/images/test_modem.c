/* The image's modem on this machine: the board is a queue that stays empty and a virtual clock.
 * SPDX-License-Identifier: Apache-2.0 */
#include "images/charger/modem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static int64_t clock_ms;

int64_t board_now_ms(void)
{
    return clock_ms;
}

size_t board_receive(uint8_t *frame)
{
    (void)frame;
    return 0;
}

void board_send(ccs_view_t frame)
{
    (void)frame;
}

typedef struct image {
    modem_t modem;
    modem_bench_t bench;
    unsigned ups, downs;
} image_t;

static void present(void *ctx, bool up)
{
    image_t *image = ctx;
    image->ups += up;
    image->downs += !up;
}

static image_t *image_make(void)
{
    static const uint8_t mac[6] = {0x02, 0, 0, 0, 0x5E, 1};
    image_t *const image = calloc(1, sizeof *image);
    assert_non_null(image);
    clock_ms = 0;
    modem_init(&image->modem, &image->bench, mac, present, image);
    return image;
}

static void run(image_t *image, int64_t ms)
{
    for (const int64_t until_ms = clock_ms + ms; clock_ms < until_ms; clock_ms++) {
        ccs_view_t frame;
        while (modem_receive(&image->modem, &image->bench, &frame)) {
        }
    }
}

/* The driver's UP is not enough: firmware, role and key were looked at first. */
static void the_modem_is_up_when_its_start_up_is_ready(void **state)
{
    (void)state;
    image_t *const image = image_make();
    while (image->ups == 0 && clock_ms < 10000) {
        assert_int_not_equal(image->modem.startup.state, QCA_STARTUP_READY);
        run(image, 1);
    }
    assert_int_equal(image->ups, 1);
    assert_int_equal(image->modem.startup.state, QCA_STARTUP_READY);
    free(image);
}

static void a_chip_that_resets_itself_is_down_and_starts_up_anew(void **state)
{
    (void)state;
    image_t *const image = image_make();
    run(image, 10000);
    chip_reset(&image->bench.chip);
    run(image, 200);
    assert_int_equal(image->downs, 1);
    assert_int_not_equal(image->modem.startup.state, QCA_STARTUP_READY);
    run(image, 10000);
    assert_int_equal(image->ups, 2);
    free(image);
}

/* A chip whose SPI answers and whose firmware does not: only a reset helps, so it gets one, again and again. */
static void a_silent_firmware_is_restarted_until_it_answers(void **state)
{
    (void)state;
    image_t *const image = image_make();
    line_node_t *const node = &image->bench.line.node[0];
    node->silent = true;
    run(image, 30000);
    assert_int_equal(image->ups, 0);
    assert_true(node->resets >= 2);
    node->silent = false;
    run(image, 30000);
    assert_int_equal(image->ups, 1);
    free(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_modem_is_up_when_its_start_up_is_ready),
        cmocka_unit_test(a_chip_that_resets_itself_is_down_and_starts_up_anew),
        cmocka_unit_test(a_silent_firmware_is_restarted_until_it_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
