/* Private to codec*.c: the memory of the one message.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DUMP_CODEC_ARENA_H
#define CCS_DUMP_CODEC_ARENA_H

#include "codec.h"

const exi_set_t *codec_set_exi(codec_set_t set);

/* Emptied; what was in it is lost. */
exi_arena_t *codec_arena(void);

#endif
