/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/lwip/stack.h"

#include <lwip/init.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/sys.h>
#include <lwip/timeouts.h>

#include "base/assert.h"

static const stack_platform_t *platform; /* lwIP's callbacks bring no context */

uint32_t sys_now(void)
{
    return (uint32_t)platform->now_ms(platform->ctx);
}

/* Initial sequence numbers, the first MLD report's delay. Without randomness they are only harder to guess wrong, never wrong. */
uint32_t stack_random32(void)
{
    uint32_t value = 0;
    return platform->random(platform->ctx, (uint8_t *)&value, sizeof value) ? value : sys_now();
}

enum { HALF_OPEN_MAX = 3 };

/* lwIP keeps a connection that was begun and left for 20 s, and has room for eight: whoever begins three keeps nobody out, for the
 * oldest of them makes room. Only the admitted car gets as far as here; its computer may have restarted. */
int8_t stack_segment(const struct tcp_pcb *pcb)
{
    struct tcp_pcb *oldest = NULL;
    unsigned half_open = 0;
    if (pcb->state != LISTEN) {
        return ERR_OK;
    }
    for (struct tcp_pcb *other = tcp_active_pcbs; other != NULL; other = other->next) {
        if (other->state == SYN_RCVD) {
            half_open++;
            oldest = other; /* who was heard last stands in front */
        }
    }
    if (half_open >= HALF_OPEN_MAX) {
        tcp_abandon(oldest, 0);
    }
    return ERR_OK;
}

void stack_init(const stack_platform_t *given)
{
    CCS_ASSERT(platform == NULL);
    platform = given;
    lwip_init();
}

void stack_turn(void)
{
    sys_check_timeouts();
}

int64_t stack_deadline_ms(void)
{
    const uint32_t sleep_ms = sys_timeouts_sleeptime();
    return sleep_ms == SYS_TIMEOUTS_SLEEPTIME_INFINITE ? INT64_MAX : platform->now_ms(platform->ctx) + sleep_ms;
}

const stack_platform_t *stack_platform(void)
{
    return platform;
}
