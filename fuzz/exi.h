/* Any octets as a message of a set: the decoder never leaves frame or arena, and what it took within the schema's limits can be
 * written and read again. The first octet of the input chooses document or fragment, lists whole or lazy, with or without strings,
 * a small arena or a large one. SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_FUZZ_EXI_H
#define CCS_FUZZ_EXI_H

#include "base/assert.h"
#include "exi/exi.h"

#include <stdlib.h>
#include <string.h>

enum {
    FUZZ_FRAGMENT = 1,
    FUZZ_LAZY = 2,
    FUZZ_STRINGS = 4,
    FUZZ_SMALL = 8,
    FUZZ_ARENA = 1 << 18,
    FUZZ_ARENA_SMALL = 600,
    FUZZ_OUT = 1 << 16
};

/* One copy of the frame, so that a read one octet behind it is seen. */
static inline uint8_t *fuzz_copy(const uint8_t *data, size_t size)
{
    uint8_t *const copy = malloc(size ? size : 1);
    CCS_ASSERT(copy != NULL);
    memcpy(copy, data, size);
    return copy;
}

static inline void fuzz_again(const exi_set_t *set, const exi_message_t *message)
{
    uint8_t *const out = malloc(FUZZ_OUT);
    void *const memory = malloc(FUZZ_ARENA);
    CCS_ASSERT(out != NULL && memory != NULL);
    exi_arena_t arena = {.at = memory, .size = FUZZ_ARENA};
    exi_message_t again;
    size_t length;
    const ccs_err_t err = exi_encode(set, message->root, message->at, out, FUZZ_OUT, &length, NULL);
    if (err == CCS_ERR_TEXT) { /* a character that XML does not have is read but never written */
        free(memory);
        free(out);
        return;
    }
    CCS_ASSERT(err == CCS_OK);
    const exi_options_t options = {.fragment = (message->root & EXI_FRAGMENT) != 0};
    const ccs_err_t back = exi_decode_with(set, (ccs_view_t){out, length}, &options, &arena, &again);
    CCS_ASSERT(back == CCS_OK && again.root == message->root && again.soft == 0);
    free(memory);
    free(out);
}

static inline void fuzz_exi(const exi_set_t *set, const uint8_t *data, size_t size)
{
    if (size < 1) {
        return;
    }
    exi_string_t entries[64];
    exi_strings_t strings = {.at = entries, .size = sizeof entries / sizeof entries[0]};
    const exi_options_t options = {.fragment = (data[0] & FUZZ_FRAGMENT) != 0,
                                   .whole_lists = (data[0] & FUZZ_LAZY) == 0,
                                   .strings = data[0] & FUZZ_STRINGS ? &strings : NULL};
    const size_t room = data[0] & FUZZ_SMALL ? FUZZ_ARENA_SMALL : FUZZ_ARENA;
    exi_arena_t arena = {.at = malloc(room), .size = room};
    uint8_t *const frame = fuzz_copy(data + 1, size - 1);
    exi_message_t message;
    CCS_ASSERT(arena.at != NULL);
    const ccs_err_t err = exi_decode_with(set, (ccs_view_t){frame, size - 1}, &options, &arena, &message);
    CCS_ASSERT((err == CCS_OK) == (message.at != NULL));
    CCS_ASSERT(arena.used <= arena.size);
    if (err == CCS_OK && message.soft == 0 && options.whole_lists) {
        fuzz_again(set, &message);
    }
    free(frame);
    free(arena.at);
}

#endif
