/* The divisions and products that an lx106 lacks, against this machine's own.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Under other names: here the compiler has its own. */
#define __udivsi3 bare_udivsi3
#define __umodsi3 bare_umodsi3
#define __divsi3  bare_divsi3
#define __modsi3  bare_modsi3
#define __udivdi3 bare_udivdi3
#define __umoddi3 bare_umoddi3
#define __divdi3  bare_divdi3
#define __moddi3  bare_moddi3
#define __muldi3  bare_muldi3
#include "ports/bare/divide.c"

enum { DRAWS = 200000 };

static uint64_t draw(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Numbers of every length, so that all digits of a quotient come about. */
static uint64_t number(uint64_t *seed)
{
    const uint64_t value = draw(seed);
    return value >> (draw(seed) % 64);
}

static void check_short(uint32_t n, uint32_t d)
{
    assert_int_equal(bare_udivsi3(n, d), n / d);
    assert_int_equal(bare_umodsi3(n, d), n % d);
    const int a = (int)n, b = (int)d;
    if (a != INT32_MIN || b != -1) { /* overflow in C as well */
        assert_int_equal(bare_divsi3(a, b), a / b);
        assert_int_equal(bare_modsi3(a, b), a % b);
    }
}

static void check_long(uint64_t n, uint64_t d)
{
    assert_true(bare_udivdi3(n, d) == n / d);
    assert_true(bare_umoddi3(n, d) == n % d);
    const long long a = (long long)n, b = (long long)d;
    if (a != INT64_MIN || b != -1) {
        assert_true(bare_divdi3(a, b) == a / b);
        assert_true(bare_moddi3(a, b) == a % b);
    }
    assert_true((uint64_t)bare_muldi3(a, b) == n * d);
}

static void test_quotients_rests_and_products_are_those_of_this_machine(void **state)
{
    uint64_t seed = 20261124;
    (void)state;
    for (int i = 0; i < DRAWS; i++) {
        const uint64_t n = number(&seed), d = number(&seed);
        check_long(n, d == 0 ? 1 : d);
        check_long(0u - n, d == 0 ? 1 : d);
        check_short((uint32_t)n, (uint32_t)d == 0 ? 1 : (uint32_t)d);
        check_short((uint32_t)(0u - n), (uint32_t)d == 0 ? 1 : (uint32_t)d);
    }
}

static void test_the_edges(void **state)
{
    static const uint64_t edge[] = {
        0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff};
    enum { EDGES = sizeof edge / sizeof edge[0] };
    (void)state;
    for (size_t i = 0; i < EDGES; i++) {
        for (size_t k = 1; k < EDGES; k++) {
            check_long(edge[i], edge[k]);
            if ((uint32_t)edge[k] != 0) {
                check_short((uint32_t)edge[i], (uint32_t)edge[k]);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quotients_rests_and_products_are_those_of_this_machine),
        cmocka_unit_test(test_the_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
