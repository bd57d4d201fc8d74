/* What a charge costs on this processor: a whole one, car included, on a virtual clock inside the image, from plug to record.
 *
 * The linker puts our functions around entries of the rooms (--wrap); with `qemu -icount shift=0` the board's clock counts
 * instructions. The charge runs twice: once for instructions, once for stack, because marking the stack costs instructions.
 * Prints a line per machine or room, and one for the CurrentDemand turns, from the request's octets to the response's.
 * SPDX-License-Identifier: Apache-2.0 */
#include <mbedtls/sha256.h>
#include <string.h>

#include "base/assert.h"
#include "exi/exi.h"
#include "mme/mme.h"
#include "ports/bare/board.h"
#include "ports/bare/console.h"
#include "sim/session.h"
#include "slac/evse.h"

enum {
    NANOSECONDS = 1000000000, /* of one instruction: 1 */
    CHARGE_MS = 60000
};

typedef struct cost {
    const char *name;
    uint32_t steps, ticks_max, ticks_sum;
    uint32_t stack_max;
} cost_t;

static cost_t guard = {.name = "guard"}, secc = {.name = "secc"}, turn = {.name = "current_demand"}, slac = {.name = "slac"},
              exi = {.name = "exi"}, mme = {.name = "mme"};
static bool of_stack; /* this run measures stack */
static size_t hidden; /* depth that a mark has wiped out */
static sim_session_t session;

/* ---- one call ---- */

typedef struct call {
    uint32_t ticks;
    size_t base, before, hidden;
} call_t;

static size_t deeper(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Calls nest: what the caller has used so far is kept while the inner call starts on a clean stack. */
static call_t begin(size_t base)
{
    call_t call = {.base = base, .hidden = hidden};
    if (of_stack) {
        call.before = board_stack_used();
        hidden = 0;
        board_stack_mark();
    }
    call.ticks = board_ticks();
    return call;
}

static void end(cost_t *cost, const call_t *call)
{
    const uint32_t ticks = board_ticks() - call->ticks;
    if (!of_stack) {
        cost->steps++;
        cost->ticks_sum += ticks;
        cost->ticks_max = ticks > cost->ticks_max ? ticks : cost->ticks_max;
        return;
    }
    const size_t depth = deeper(board_stack_used(), hidden);
    cost->stack_max = (uint32_t)deeper(cost->stack_max, depth > call->base ? depth - call->base : 0);
    hidden = deeper(call->hidden, call->before);
}

void __real_ccs_guard_step(ccs_guard_t *machine, int64_t now_ms, const ccs_sample_t *sample, const ccs_want_t *want,
                           ccs_drive_t *drive, ccs_report_t *report);
void __wrap_ccs_guard_step(ccs_guard_t *machine, int64_t now_ms, const ccs_sample_t *sample, const ccs_want_t *want,
                           ccs_drive_t *drive, ccs_report_t *report);
void __real_ccs_secc_step(ccs_secc_t *machine, const ccs_event_t *event, ccs_outputs_t *out);
void __wrap_ccs_secc_step(ccs_secc_t *machine, const ccs_event_t *event, ccs_outputs_t *out);
void __real_slac_evse_step(slac_evse_t *machine, const slac_event_t *event, slac_evse_out_t *out);
void __wrap_slac_evse_step(slac_evse_t *machine, const slac_event_t *event, slac_evse_out_t *out);
ccs_err_t __real_exi_decode(const exi_set_t *set, ccs_view_t frame, exi_arena_t *arena, exi_message_t *message);
ccs_err_t __wrap_exi_decode(const exi_set_t *set, ccs_view_t frame, exi_arena_t *arena, exi_message_t *message);
ccs_err_t __real_exi_encode(const exi_set_t *set, uint16_t root, const void *message, uint8_t *buffer, size_t size, size_t *length,
                            exi_fault_t *fault);
ccs_err_t __wrap_exi_encode(const exi_set_t *set, uint16_t root, const void *message, uint8_t *buffer, size_t size, size_t *length,
                            exi_fault_t *fault);
ccs_err_t __real_mme_decode(ccs_view_t frame, mme_t *message);
ccs_err_t __wrap_mme_decode(ccs_view_t frame, mme_t *message);

void __wrap_ccs_guard_step(ccs_guard_t *machine, int64_t now_ms, const ccs_sample_t *sample, const ccs_want_t *want,
                           ccs_drive_t *drive, ccs_report_t *report)
{
    const call_t call = begin(board_stack_now());
    __real_ccs_guard_step(machine, now_ms, sample, want, drive, report);
    end(&guard, &call);
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
    const call_t call = begin(board_stack_now());
    __real_ccs_secc_step(machine, event, out);
    const uint32_t ticks = board_ticks() - call.ticks;
    end(&secc, &call);
    if (!of_stack && is_current_demand(machine, event, out)) {
        turn.steps++;
        turn.ticks_sum += ticks;
        turn.ticks_max = ticks > turn.ticks_max ? ticks : turn.ticks_max;
    }
}

void __wrap_slac_evse_step(slac_evse_t *machine, const slac_event_t *event, slac_evse_out_t *out)
{
    const call_t call = begin(board_stack_now());
    __real_slac_evse_step(machine, event, out);
    end(&slac, &call);
}

ccs_err_t __wrap_exi_decode(const exi_set_t *set, ccs_view_t frame, exi_arena_t *arena, exi_message_t *message)
{
    const call_t call = begin(board_stack_now());
    const ccs_err_t err = __real_exi_decode(set, frame, arena, message);
    end(&exi, &call);
    return err;
}

ccs_err_t __wrap_exi_encode(const exi_set_t *set, uint16_t root, const void *message, uint8_t *buffer, size_t size, size_t *length,
                            exi_fault_t *fault)
{
    const call_t call = begin(board_stack_now());
    const ccs_err_t err = __real_exi_encode(set, root, message, buffer, size, length, fault);
    end(&exi, &call);
    return err;
}

ccs_err_t __wrap_mme_decode(ccs_view_t frame, mme_t *message)
{
    const call_t call = begin(board_stack_now());
    const ccs_err_t err = __real_mme_decode(frame, message);
    end(&mme, &call);
    return err;
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
    bool good = charge();
    of_stack = true;
    good = charge() && good;
    const cost_t *const costs[] = {&guard, &secc, &turn, &slac, &exi, &mme};
    for (size_t i = 0; i < sizeof costs / sizeof costs[0]; i++) {
        tell(costs[i]);
    }
    console_text(good ? "measure charge COMPLETED\n" : "measure charge FAILED\n");
    return good ? 0 : 1;
}
