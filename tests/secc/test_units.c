/* Numbers with a power of ten: saturation, direction, and back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/secc/world.h"

#include "base/units.h"

static void packs_by_table(void **state)
{
    static const struct {
        int32_t number;
        int8_t exponent;
        units_range_t range;
        units_round_t round;
        int16_t value;
        int8_t wire;
    } rows[] = {
        {400000, -3, {-1, 3}, UNITS_NEAREST, 4000, -1}, {400049, -3, {-1, 3}, UNITS_NEAREST, 4000, -1},
        {400050, -3, {-1, 3}, UNITS_NEAREST, 4001, -1}, {-400050, -3, {-1, 3}, UNITS_NEAREST, -4001, -1},
        {999999, -3, {0, 3}, UNITS_DOWN, 999, 0},       {-1, -3, {0, 3}, UNITS_DOWN, -1, 0},
        {-1, -3, {0, 3}, UNITS_NEAREST, 0, 0},          {150000, 0, {0, 3}, UNITS_DOWN, 15000, 1},
        {150009, 0, {0, 3}, UNITS_DOWN, 15000, 1},      {32767, 0, {0, 3}, UNITS_DOWN, 32767, 0},
        {32768, 0, {0, 3}, UNITS_DOWN, 3276, 1},        {INT32_MAX, 0, {0, 3}, UNITS_DOWN, 32767, 3},
        {INT32_MIN, 0, {0, 3}, UNITS_DOWN, -32768, 3},  {INT32_MAX, 5, {-1, 3}, UNITS_NEAREST, 32767, 3},
        {0, -3, {-1, 3}, UNITS_NEAREST, 0, -1},         {2000000000, 0, {0, 3}, UNITS_DOWN, 32767, 3},
        {1, -128, {-1, 3}, UNITS_NEAREST, 0, -1},       {-1, -128, {-1, 3}, UNITS_DOWN, -1, -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const units_number_t wire = units_pack(rows[i].number, rows[i].exponent, rows[i].range, rows[i].round);
        assert_int_equal(rows[i].value, wire.value);
        assert_int_equal(rows[i].wire, wire.exponent);
    }
}

static void unpacks_by_table(void **state)
{
    static const struct {
        int16_t value;
        int8_t wire;
        int8_t exponent;
        int32_t number;
    } rows[] = {
        {4000, -1, -3, 400000},     {400, 0, -3, 400000},    {4, 2, -3, 400000}, {-5, 0, -3, -5000}, {32767, 3, -3, INT32_MAX},
        {-32768, 3, -3, INT32_MIN}, {32767, 3, 0, 32767000}, {4149, -3, 0, 4},   {4500, -3, 0, 5},   {-4500, -3, 0, -5},
        {1, 127, 0, INT32_MAX},     {32767, -128, 0, 0},     {0, 3, -3, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const units_number_t wire = {rows[i].value, rows[i].wire};
        assert_int_equal(rows[i].number, units_unpack(wire, rows[i].exponent));
    }
}

/* Whatever the limit is: what is told is not more, and less than one step below. */
static void own_limits_never_round_up(void **state)
{
    (void)state;
    for (int32_t mV = 0; mV < 1100000; mV += 37) {
        const units_number_t wire = units_pack(mV, -3, (units_range_t){0, 3}, UNITS_DOWN);
        const int32_t told = units_unpack(wire, -3);
        assert_true(told <= mV && told > mV - 1000);
    }
    for (int32_t W = 0; W < 1000000; W += 61) {
        const units_number_t wire = units_pack(W, 0, (units_range_t){0, 3}, UNITS_DOWN);
        const int32_t told = units_unpack(wire, 0);
        assert_true(told <= W && told > W - 1000);
    }
}

static void measurements_are_told_to_the_nearest_tenth(void **state)
{
    (void)state;
    for (int32_t mA = -50000; mA < 500000; mA += 13) {
        const units_number_t wire = units_pack(mA, -3, (units_range_t){-1, 3}, UNITS_NEAREST);
        const int64_t error = units_unpack(wire, -3) - mA;
        assert_true(error <= 50 && error >= -50);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packs_by_table),
        cmocka_unit_test(unpacks_by_table),
        cmocka_unit_test(own_limits_never_round_up),
        cmocka_unit_test(measurements_are_told_to_the_nearest_tenth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
