/* What several cars and the modem say on the charger's power line, for tests that put it in any order.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_SECC_CARS_H
#define CCS_TESTS_SECC_CARS_H

#include "mme/mme.h"

enum { CARS_MATCH = 7 };

extern const uint8_t cars_charger[6], cars_modem[6]; /* MAC addresses */
extern const uint16_t cars_match[CARS_MATCH];        /* a car that does all as it should, the modem's profiles among it */

/* What mme->type says when it comes from this car (or from the modem). number: a figure of it, where it has one; 0: a sound one. */
void cars_fill(mme_t *mme, const uint8_t mac[6], const uint8_t run_id[8], uint8_t number);

/* In place of SHA-256: cheap, and each key has another. */
void cars_sum(const uint8_t *octets, size_t length, uint8_t digest[32]);

#endif
