/* SPDX-License-Identifier: Apache-2.0 */
#include "din/din.h"

/* Measured to a tenth: cars close their contactors by it. Limits in whole units: some cars cannot do more (secc.md 3 #4), and a
 * multiplier that they have not met is a risk for nothing. */
static const units_range_t tenths = {-1, 3};
static const units_range_t wholes = {0, 3};

static din_physical_value_t pack(int32_t number, int8_t exponent, units_round_t round, din_unit_symbol_t unit)
{
    const units_number_t wire = units_pack(number, exponent, round == UNITS_DOWN ? wholes : tenths, round);
    return (din_physical_value_t){.multiplier = wire.exponent, .has_unit = true, .unit = unit, .value = wire.value};
}

din_physical_value_t din_volts(int32_t mV, units_round_t round)
{
    return pack(mV, -3, round, DIN_UNIT_SYMBOL_V);
}

din_physical_value_t din_amps(int32_t mA, units_round_t round)
{
    return pack(mA, -3, round, DIN_UNIT_SYMBOL_A);
}

din_physical_value_t din_watts(int32_t W, units_round_t round)
{
    return pack(W, 0, round, DIN_UNIT_SYMBOL_W);
}

static int32_t unpack(session_t *session, const din_physical_value_t *value, int8_t exponent, din_unit_symbol_t unit,
                      din_unit_symbol_t also)
{
    if (value->has_unit && value->unit != unit && value->unit != also) {
        session->stats->values_odd++;
    }
    return units_unpack((units_number_t){.value = value->value, .exponent = value->multiplier}, exponent);
}

int32_t din_read_mV(session_t *session, const din_physical_value_t *value)
{
    return unpack(session, value, -3, DIN_UNIT_SYMBOL_V, DIN_UNIT_SYMBOL_V);
}

int32_t din_read_mA(session_t *session, const din_physical_value_t *value)
{
    return unpack(session, value, -3, DIN_UNIT_SYMBOL_A, DIN_UNIT_SYMBOL_A);
}

int32_t din_read_W(session_t *session, const din_physical_value_t *value)
{
    return unpack(session, value, 0, DIN_UNIT_SYMBOL_W, DIN_UNIT_SYMBOL_VA);
}
