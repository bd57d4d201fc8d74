/* What a C library would bring, in the few octets that are needed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/bare/start.h"

#include <stdlib.h>

#include "ports/bare/board.h"
#include "ports/bare/console.h"

enum { EXIT_ABORTED = 3, MARK_MARGIN_WORDS = 16 };

size_t board_stack_now(void)
{
    return (size_t)((const uint8_t *)stack_high - (const uint8_t *)__builtin_frame_address(0));
}

void board_stack_mark(void)
{
    const uint32_t *now = __builtin_frame_address(0);
    for (volatile uint32_t *word = stack_low; word < now - MARK_MARGIN_WORDS; word++) {
        *word = STACK_PATTERN;
    }
}

size_t board_stack_used(void)
{
    const uint32_t *word = stack_low;
    while (word < stack_high && *word == STACK_PATTERN) {
        word++;
    }
    return (size_t)(stack_high - word) * sizeof *word;
}

/* CCS_ASSERT ends here. A charger's board opens its contactors by the end of the drive's validity. */
void abort(void)
{
    console_text("abort\n");
    board_exit(EXIT_ABORTED);
    for (;;) {
    }
}
