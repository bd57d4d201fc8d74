/* From reset to main(): shared by the boards.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_BARE_START_H
#define CCS_BARE_START_H

#include <stdint.h>

/* Of the linker script. */
extern uint32_t stack_low[], stack_high[], bss_begin[], bss_end[];

enum { STACK_PATTERN = 0x5aa55aa5 };

int main(void);

/* Clears .bss and marks the unused stack, so that its depth can be told later. Runs before there is anything else. */
static inline void start_memory(uint32_t *stack_now)
{
    for (uint32_t *word = bss_begin; word < bss_end; word++) {
        *(volatile uint32_t *)word = 0;
    }
    for (uint32_t *word = stack_low; word < stack_now - 32; word++) {
        *(volatile uint32_t *)word = STACK_PATTERN;
    }
}

#endif
