/* SPDX-License-Identifier: Apache-2.0 */
#include "base/units.h"

#include "base/assert.h"

enum { DIGITS_MAX = 18 }; /* 10^18 fits an int64 */

static int64_t power_of_ten(int digits)
{
    int64_t power = 1;
    for (int i = 0; i < digits && i < DIGITS_MAX; i++) {
        power *= 10;
    }
    return power;
}

static int64_t divide(int64_t number, int64_t by, units_round_t round)
{
    const int64_t whole = number / by;
    const int64_t rest = number % by;
    if (round == UNITS_DOWN) {
        return rest < 0 ? whole - 1 : whole;
    }
    if (rest >= by - by / 2) {
        return whole + 1;
    }
    return rest <= -(by - by / 2) ? whole - 1 : whole;
}

static int64_t multiply(int64_t number, int64_t by)
{
    if (number > INT64_MAX / by) {
        return INT64_MAX;
    }
    return number < INT64_MIN / by ? INT64_MIN : number * by;
}

/* number * 10^shift */
static int64_t shifted(int64_t number, int shift, units_round_t round)
{
    if (shift < -DIGITS_MAX) {
        return number < 0 && round == UNITS_DOWN ? -1 : 0;
    }
    if (shift < 0) {
        return divide(number, power_of_ten(-shift), round);
    }
    return multiply(number, power_of_ten(shift));
}

static int64_t clamp(int64_t number, int64_t least, int64_t most)
{
    if (number < least) {
        return least;
    }
    return number > most ? most : number;
}

units_number_t units_pack(int64_t number, int8_t exponent, units_range_t range, units_round_t round)
{
    CCS_ASSERT(range.finest <= range.coarsest);
    for (int to = (int)range.finest; to < (int)range.coarsest; to++) {
        const int64_t value = shifted(number, exponent - to, round);
        if (value >= INT16_MIN && value <= INT16_MAX) {
            return (units_number_t){.value = (int16_t)value, .exponent = (int8_t)to};
        }
    }
    const int64_t value = clamp(shifted(number, exponent - range.coarsest, round), INT16_MIN, INT16_MAX);
    return (units_number_t){.value = (int16_t)value, .exponent = range.coarsest};
}

int32_t units_unpack(units_number_t wire, int8_t exponent)
{
    return (int32_t)clamp(shifted(wire.value, wire.exponent - exponent, UNITS_NEAREST), INT32_MIN, INT32_MAX);
}
