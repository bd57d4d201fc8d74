/* What the files of this room share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_CONSOLE_PRIVATE_H
#define CCS_CONSOLE_PRIVATE_H

#include "ports/common/console/console.h"

void console_say(console_t *console, const char *format, ...) __attribute__((format(printf, 2, 3))); /* one line */
void console_note(console_t *console, const char *what, const char *where);
void console_answer(console_t *console, store_answer_t answer, const char *what, const char *where); /* OK or ERROR, and a note */
bool console_may_write(console_t *console);                                                          /* says why not */

/* Shows; no command is over after these. */
void console_show_certificate(console_t *console, ccs_view_t der, const char *what, bool pem);
void console_show_pem(console_t *console, const char *label, ccs_view_t der);
void console_show_print(console_t *console, const char *what, const uint8_t sha256[PKI_SHA256_SIZE]);
void console_show_time(console_t *console);

/* `pki ...`; words behind pki. */
void console_pki(console_t *console, char *const *word, size_t words);
void console_take(console_t *console); /* the payload is whole */

#endif
