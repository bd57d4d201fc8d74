/* What a person writes, taken at its word: a number with a tail, a stray comma or a control character is none of these.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_CONFIG_READ_H
#define CCS_CONFIG_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal digits alone, a minus before them where min is below 0. */
bool read_number(const char *text, int64_t min, int64_t max, int64_t *value);

/* UTF-8 without control characters. */
bool read_is_text(const char *text);

/* A list: words with one comma or blanks between them; none at all is a list, too. */
bool read_is_list(const char *text);

/* The next word of a list, *text moves behind it; its length, 0: no more. */
size_t read_word(const char **text, const char **word);

/* Whether a message of that name is a request of DIN SPEC 70121. */
bool read_is_request(const char *name, size_t length);

#endif
