/* SPDX-License-Identifier: Apache-2.0 */
#include "base/units.h"

#include "base/assert.h"

enum { DIGITS_MAX = 9 }; /* 10^9 fits an int32 */

static int32_t power_of_ten(int digits)
{
    int32_t power = 1;
    for (int i = 0; i < digits; i++) {
        power *= 10;
    }
    return power;
}

static int32_t divide(int32_t number, int32_t by, units_round_t round)
{
    const int32_t whole = number / by;
    const int32_t rest = number % by;
    if (round == UNITS_DOWN) {
        return rest < 0 ? whole - 1 : whole;
    }
    if (rest >= by - by / 2) {
        return whole + 1;
    }
    return rest <= -(by - by / 2) ? whole - 1 : whole;
}

static int32_t multiply(int32_t number, int digits)
{
    for (int i = 0; i < digits && number != 0; i++) {
        if (number > INT32_MAX / 10) {
            return INT32_MAX;
        }
        if (number < INT32_MIN / 10) {
            return INT32_MIN;
        }
        number *= 10;
    }
    return number;
}

/* number * 10^shift */
static int32_t shifted(int32_t number, int shift, units_round_t round)
{
    if (shift < -DIGITS_MAX) {
        return number < 0 && round == UNITS_DOWN ? -1 : 0;
    }
    return shift < 0 ? divide(number, power_of_ten(-shift), round) : multiply(number, shift);
}

static int16_t clamp(int32_t number)
{
    if (number < INT16_MIN) {
        return INT16_MIN;
    }
    return number > INT16_MAX ? INT16_MAX : (int16_t)number;
}

units_number_t units_pack(int32_t number, int8_t exponent, units_range_t range, units_round_t round)
{
    CCS_ASSERT(range.finest <= range.coarsest);
    for (int8_t to = range.finest; to < range.coarsest; to++) {
        const int32_t value = shifted(number, exponent - to, round);
        if (value == clamp(value)) {
            return (units_number_t){.value = (int16_t)value, .exponent = to};
        }
    }
    return (units_number_t){.value = clamp(shifted(number, exponent - range.coarsest, round)), .exponent = range.coarsest};
}

int32_t units_unpack(units_number_t wire, int8_t exponent)
{
    return shifted(wire.value, wire.exponent - exponent, UNITS_NEAREST);
}
