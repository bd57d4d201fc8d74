/* Any octets as a message of SET: decoding ends in a message or in a fault inside the frame; what is encoded from a message decodes
 * to the same message and is encoded to the same octets again. The first octet of the input chooses fragment, whole lists, a table
 * of strings, and a small arena. SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "exi/describe.h"
#include "messages/din.h"
#include "messages/iso2.h"
#include "messages/iso20.h"
#include "messages/sap.h"
#include "messages/xmldsig.h"

#include <stdlib.h>
#include <string.h>

enum { ARENA = 1 << 22, SMALL = 600, STRINGS = 64, OUT = 1 << 16 };
enum { WITH_FRAGMENT = 1, WITH_WHOLE_LISTS = 2, WITH_STRINGS = 4, WITH_SMALL_ARENA = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool decode(ccs_view_t frame, unsigned how, exi_arena_t *arena, exi_message_t *message)
{
    static exi_string_t memory[STRINGS];
    exi_strings_t strings = {.at = memory, .size = STRINGS};
    const exi_options_t options = {
        .fragment = how & WITH_FRAGMENT, .whole_lists = how & WITH_WHOLE_LISTS, .strings = how & WITH_STRINGS ? &strings : NULL};
    const ccs_err_t err = exi_decode_with(&SET, frame, &options, arena, message);
    CCS_ASSERT((err == CCS_OK) == (message->at != NULL));
    CCS_ASSERT(err == CCS_OK ? message->bits <= frame.length * 8 : message->fault.bit <= frame.length * 8);
    if (err != CCS_OK) {
        char path[200];
        exi_fault_path(exi_describe(&SET), &message->fault, path, sizeof path);
    }
    return err == CCS_OK;
}

/* out is as long as what is encoded: a write beyond it is found. */
static uint8_t *encode(const exi_message_t *message, size_t *length)
{
    static uint8_t large[OUT];
    exi_fault_t fault;
    size_t again;
    if (exi_encode(&SET, message->root, message->at, large, sizeof large, length, &fault) != CCS_OK) {
        return NULL;
    }
    uint8_t *const out = malloc(*length);
    CCS_ASSERT(exi_encode(&SET, message->root, message->at, out, *length, &again, NULL) == CCS_OK);
    CCS_ASSERT(again == *length && memcmp(out, large, again) == 0);
    CCS_ASSERT(exi_encode(&SET, message->root, message->at, large, *length - 1, &again, NULL) == CCS_ERR_SPACE);
    return out;
}

static void check_stable(const exi_message_t *first, unsigned how)
{
    static uint64_t memory[ARENA / 8];
    exi_arena_t arena = {.at = memory, .size = sizeof memory};
    exi_message_t second;
    size_t length, again;
    uint8_t *const out = encode(first, &length);
    if (!out) {
        return; /* taken with a value that nobody may send */
    }
    const exi_type_t *const type = exi_root_find(exi_describe(&SET), first->root)->type;
    CCS_ASSERT(decode((ccs_view_t){out, length}, how & (WITH_FRAGMENT | WITH_WHOLE_LISTS), &arena, &second));
    CCS_ASSERT(second.root == first->root && second.soft == 0);
    CCS_ASSERT(exi_equal(type, first->at, second.at));
    uint8_t *const out2 = encode(&second, &again);
    CCS_ASSERT(out2 && again == length && memcmp(out, out2, length) == 0);
    free(out2);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint64_t memory[ARENA / 8];
    if (size < 1) {
        return 0;
    }
    const unsigned how = data[0];
    exi_arena_t arena = {.at = memory, .size = how & WITH_SMALL_ARENA ? SMALL : sizeof memory};
    exi_message_t message;
    if (decode((ccs_view_t){data + 1, size - 1}, how, &arena, &message) && (how & WITH_WHOLE_LISTS)) {
        check_stable(&message, how);
    }
    return 0;
}
