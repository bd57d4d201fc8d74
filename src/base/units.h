/* Numbers with a power of ten: PhysicalValue of DIN 70121 and ISO 15118-2, RationalNumber of ISO 15118-20.
 *
 * Inside everything is an integer of mV, mA, mW or Wh. These two calls are the only way from there to the wire and back; both
 * saturate and never fail, because a strange number of a car must not end a charge (a limit of 20 GW has been seen).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_BASE_UNITS_H
#define CCS_BASE_UNITS_H

#include <stdint.h>

/* value * 10^exponent of the unit (V, A, W ...). */
typedef struct units_number {
    int16_t value;
    int8_t exponent;
} units_number_t;

typedef enum units_round {
    UNITS_NEAREST, /* measurements; halves away from zero */
    UNITS_DOWN     /* our own limits: what we tell is never more than what holds (towards minus infinity) */
} units_round_t;

/* The exponents a field may carry. */
typedef struct units_range {
    int8_t finest; /* the smallest exponent to use, tried first */
    int8_t coarsest;
} units_range_t;

/* number * 10^exponent with the finest exponent of the range in which it fits an int16. Saturates at the coarsest. */
units_number_t units_pack(int32_t number, int8_t exponent, units_range_t range, units_round_t round);

/* wire as a number of 10^exponent of the unit, saturated to int32. Digits below the last are rounded to the nearest. */
int32_t units_unpack(units_number_t wire, int8_t exponent);

#endif
