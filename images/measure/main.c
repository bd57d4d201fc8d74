/* What a charge costs on this processor: a whole one, car included, on a virtual clock inside the image, from plug to record.
 *
 * The linker puts measure() around the step of each machine (--wrap); with `qemu -icount shift=0` the board's clock counts
 * instructions. Prints one line per machine: steps, instructions at most, stack at most; and one for the CurrentDemand turns, from
 * the request's octets to the response's.
 * SPDX-License-Identifier: Apache-2.0 */
#include <mbedtls/sha256.h>
#include <string.h>

#include "base/assert.h"
#include "ports/bare/board.h"
#include "ports/bare/console.h"
#include "sim/session.h"

enum {
    NANOSECONDS = 1000000000, /* of one instruction: 1 */
    CHARGE_MS = 60000
};

typedef struct cost {
    const char *name;
    uint32_t steps, ticks_max, ticks_sum;
    uint32_t stack_max;
} cost_t;

static cost_t guard = {.name = "guard"}, secc = {.name = "secc"}, turn = {.name = "current_demand"};
static sim_session_t session;

/* ---- one step ---- */

static void add(cost_t *cost, uint32_t ticks)
{
    cost->steps++;
    cost->ticks_sum += ticks;
    cost->ticks_max = ticks > cost->ticks_max ? ticks : cost->ticks_max;
}

static void add_stack(cost_t *cost, size_t before)
{
    const size_t deepest = board_stack_used();
    const uint32_t used = deepest > before ? (uint32_t)(deepest - before) : 0;
    cost->stack_max = used > cost->stack_max ? used : cost->stack_max;
}

void __real_ccs_guard_step(ccs_guard_t *machine, int64_t now_ms, const ccs_sample_t *sample, const ccs_want_t *want,
                           ccs_drive_t *drive, ccs_report_t *report);
void __wrap_ccs_guard_step(ccs_guard_t *machine, int64_t now_ms, const ccs_sample_t *sample, const ccs_want_t *want,
                           ccs_drive_t *drive, ccs_report_t *report);
void __real_ccs_secc_step(ccs_secc_t *machine, const ccs_event_t *event, ccs_outputs_t *out);
void __wrap_ccs_secc_step(ccs_secc_t *machine, const ccs_event_t *event, ccs_outputs_t *out);

void __wrap_ccs_guard_step(ccs_guard_t *machine, int64_t now_ms, const ccs_sample_t *sample, const ccs_want_t *want,
                           ccs_drive_t *drive, ccs_report_t *report)
{
    const size_t stack = board_stack_now();
    board_stack_mark();
    const uint32_t before = board_ticks();
    __real_ccs_guard_step(machine, now_ms, sample, want, drive, report);
    add(&guard, board_ticks() - before);
    add_stack(&guard, stack);
}

static bool is_current_demand(const ccs_secc_t *machine, const ccs_event_t *event, const ccs_outputs_t *out)
{
    bool sends = false;
    for (size_t i = 0; i < out->count; i++) {
        sends = sends || out->action[i].type == CCS_SEND;
    }
    const char *last = ccs_secc_record(machine)->last_request;
    return event->type == CCS_ON_BYTES && sends && last != NULL && strcmp(last, "CurrentDemandReq") == 0;
}

void __wrap_ccs_secc_step(ccs_secc_t *machine, const ccs_event_t *event, ccs_outputs_t *out)
{
    const size_t stack = board_stack_now();
    board_stack_mark();
    const uint32_t before = board_ticks();
    __real_ccs_secc_step(machine, event, out);
    const uint32_t ticks = board_ticks() - before;
    add_stack(&secc, stack);
    add(&secc, ticks);
    if (is_current_demand(machine, event, out)) {
        add(&turn, ticks);
    }
}

/* ---- a charge ---- */

static void sha256(const uint8_t *octets, size_t length, uint8_t digest[32])
{
    const int failed = mbedtls_sha256(octets, length, digest, 0);
    CCS_ASSERT(failed == 0);
}

static bool over(const sim_session_t *now, const void *unused)
{
    (void)unused;
    return now->records > 0;
}

static bool charge(void)
{
    static sim_session_config_t config;
    sim_session_defaults(&config);
    sim_session_with_slac(&config, sha256);
    config.ev.duration_stop_ms = 3000;
    if (sim_session_init(&session, &config) != CCS_OK) {
        return false;
    }
    sim_session_run(&session, 2000); /* the modem takes its key */
    if (sim_session_plug(&session) != CCS_OK) {
        return false;
    }
    return sim_session_until(&session, over, NULL, CHARGE_MS) && session.record.end == CCS_END_COMPLETED &&
           session.world.violation == NULL;
}

static void tell(const cost_t *cost)
{
    const uint32_t each = NANOSECONDS / board_ticks_hz;
    console_text("measure ");
    console_text(cost->name);
    console_field("steps", cost->steps);
    console_field("instructions_max", (int64_t)cost->ticks_max * each);
    console_field("instructions_mean", cost->steps == 0 ? 0 : (int64_t)cost->ticks_sum * each / cost->steps);
    console_field("stack_max", cost->stack_max);
    console_text("\n");
}

int main(void)
{
    static const uint8_t mac[6] = {0x02, 0x00, 0x00, 0xca, 0xfe, 0x02};
    board_init(mac);
    const bool good = charge();
    tell(&guard);
    tell(&secc);
    tell(&turn);
    console_text(good ? "measure charge COMPLETED\n" : "measure charge FAILED\n");
    return good ? 0 : 1;
}
