/* TLS of the programs: a car's settings made into what the port uses, and handshakes in words.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_APPS_SECURE_H
#define CCS_APPS_SECURE_H

#include "ports/common/config/tls_settings.h"
#include "ports/linux/tls_links.h"

enum { SECURE_TEXT = 400 };

typedef enum secure_result { SECURE_OK, SECURE_BAD, SECURE_ABSENT } secure_result_t;

/* A car's settings from the files that they name. ABSENT: a library that this build does not have. text: why, in one line. */
secure_result_t secure_car(const tls_settings_t *settings, tls_links_t *links, char text[SECURE_TEXT]);
void secure_car_close(tls_links_t *links);

/* What became of a handshake, for people: "TLS 1.3, 0x1302, WMIV1234567890ABCDEX, 31 ms: the car offers both ...". */
void secure_text(const tls_facts_t *facts, bool charger, char text[SECURE_TEXT]);
bool secure_went_well(const tls_facts_t *facts);

#endif
