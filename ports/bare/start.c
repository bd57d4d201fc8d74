/* What a C library would bring, in the few octets that are needed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/bare/start.h"

#include <stdlib.h>

#include "ports/bare/board.h"
#include "ports/bare/console.h"

enum { EXIT_ABORTED = 3 };

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
