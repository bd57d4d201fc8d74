/* The sets by name and memory for their messages, for tests of the codec.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_EXI_SETS_H
#define TESTS_EXI_SETS_H

#include "exi/describe.h"

enum { SETS = 6, OCTETS_MAX = 1 << 20, MEMORY_MAX = 1 << 23 };

extern const exi_set_t *const sets[SETS];

/* NULL: none of ours. "iso2-frag" sets *fragment. */
const exi_set_t *set_named(const char *name, size_t length, bool *fragment);

/* Arenas of MEMORY_MAX octets: number 0 .. 1; empty, or as it is now. */
exi_arena_t *arena_of(unsigned number);
exi_arena_t *arena_of_now(unsigned number);
uint8_t *octets_of(unsigned number);

/* Hexadecimal digits up to the first other character, into octets_of(number). */
ccs_view_t octets_read(const char *hex, unsigned number);

/* Some elements have only a wildcard for content: nobody can send them. */
bool can_be_sent(const exi_root_name_t *root);

ccs_err_t decode_whole(const exi_set_t *set, bool fragment, ccs_view_t frame, exi_message_t *message);

#endif
