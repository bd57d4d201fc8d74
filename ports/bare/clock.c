/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/bare/clock.h"

#include "ports/bare/board.h"

static uint32_t last_ticks, rest_ticks;
static int64_t elapsed_ms;

void clock_start(void)
{
    last_ticks = board_ticks();
}

int64_t board_now_ms(void)
{
    const uint32_t ticks_ms = board_ticks_hz / 1000;
    const uint32_t before = interrupts_off();
    const uint32_t now = board_ticks();
    rest_ticks += now - last_ticks;
    last_ticks = now;
    elapsed_ms += rest_ticks / ticks_ms;
    rest_ticks %= ticks_ms;
    const int64_t result = elapsed_ms;
    interrupts_restore(before);
    return result;
}
