/* SPDX-License-Identifier: Apache-2.0 */
#include "vehicle/mischief.h"

#include "base/assert.h"

#include <string.h>

enum { V2GTP_HEADER = 8, EXI_AND_SESSION_ID = 12 };

#define NAME(name, text) #name,
static const char *const names[] = {CCS_MISBEHAVIOURS(NAME)};

/* Once due, some go on with every later request; the others act a single time. */
static const bool lasting[CCS_MIS_COUNT] = {[CCS_MIS_SILENT] = true, [CCS_MIS_SPLIT] = true};

void mischief_init(mischief_t *mischief, const ccs_ev_config_t *config)
{
    *mischief = (mischief_t){.config = config};
}

static bool is_due(mischief_t *mischief, const char *request)
{
    const ccs_ev_config_t *const config = mischief->config;
    if (config->misbehave == CCS_MIS_NONE || !config->misbehave_at || strcmp(request, config->misbehave_at) != 0) {
        return false;
    }
    const uint32_t wanted = config->misbehave_count > 0 ? config->misbehave_count : 1;
    return ++mischief->seen == wanted;
}

mischief_verdict_t mischief_judge(mischief_t *mischief, const char *request)
{
    const ccs_misbehave_t kind = mischief->config->misbehave;
    if (mischief->acted) {
        return (mischief_verdict_t){.kind = lasting[kind] ? kind : CCS_MIS_NONE};
    }
    if (!is_due(mischief, request)) {
        return (mischief_verdict_t){.kind = CCS_MIS_NONE};
    }
    mischief->acted = true;
    return (mischief_verdict_t){.kind = kind, .first = true};
}

uint32_t mischief_ms(const mischief_t *mischief)
{
    if (mischief->config->misbehave_ms > 0) {
        return mischief->config->misbehave_ms;
    }
    return mischief->config->misbehave == CCS_MIS_SPLIT ? 20 : 1500;
}

uint32_t mischief_value(const mischief_t *mischief)
{
    const uint32_t value = mischief->config->misbehave_value;
    const bool error_code = mischief->config->misbehave == CCS_MIS_ERROR_CODE;
    return value == 0 && error_code ? CCS_EV_RESS_MALFUNCTION : value;
}

void mischief_flip(const mischief_t *mischief, uint8_t *message, size_t length)
{
    CCS_ASSERT(length > V2GTP_HEADER);
    const size_t skip = length > V2GTP_HEADER + EXI_AND_SESSION_ID ? V2GTP_HEADER + EXI_AND_SESSION_ID : V2GTP_HEADER;
    const size_t bits = (length - skip) * 8;
    const size_t bit = mischief_value(mischief) % bits;
    message[skip + bit / 8] ^= (uint8_t)(0x80u >> (bit % 8));
}

void mischief_on_car(const mischief_t *mischief, vehicle_t *vehicle)
{
    switch (mischief->config->misbehave) {
    case CCS_MIS_ERROR_CODE:
        vehicle->error = (uint8_t)mischief_value(mischief);
        break;
    case CCS_MIS_NOT_READY:
        vehicle->not_ready = true;
        break;
    case CCS_MIS_PILOT_B:
        vehicle->pilot_forced = true;
        break;
    case CCS_MIS_UNPLUG:
        vehicle->unplugged = true;
        break;
    default:
        break;
    }
}

const char *ccs_misbehave_name(ccs_misbehave_t misbehave)
{
    return (unsigned)misbehave < CCS_MIS_COUNT ? names[misbehave] : "?";
}
