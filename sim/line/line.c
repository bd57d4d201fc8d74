/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/line/line.h"

#include "base/assert.h"
#include "sim/line/line_private.h"

#include <string.h>

void line_init(line_t *line, uint32_t seed, line_deliver_fn deliver, void *ctx)
{
    memset(line, 0, sizeof *line);
    line->seed = seed ? seed : 1;
    line->deliver = deliver;
    line->ctx = ctx;
    line->delay_ms = 1;
}

static uint32_t draw(line_t *line)
{
    line->seed ^= line->seed << 13;
    line->seed ^= line->seed >> 17;
    line->seed ^= line->seed << 5;
    return line->seed;
}

unsigned line_add(line_t *line, const uint8_t host[6], const uint8_t modem[6], bool charger)
{
    CCS_ASSERT(line->nodes < LINE_NODES);
    const unsigned number = (unsigned)line->nodes++;
    line_node_t *const node = &line->node[number];
    *node = (line_node_t){.charger = charger, .key_result = 1, .key_busy_ms = 30, .boot_ms = 100};
    memcpy(node->host, host, 6);
    memcpy(node->modem, modem, 6);
    node->nmk[0] = 0xFF;
    node->nmk[1] = (uint8_t)number;
    memcpy(node->own_nmk, node->nmk, sizeof node->nmk);
    for (unsigned other = 0; other < LINE_NODES; other++) {
        line_attenuate(line, number, other, LINE_DEAF_dB);
    }
    return number;
}

void line_reset(line_t *line, unsigned number, int64_t now_ms)
{
    line_node_t *const node = &line->node[number];
    memcpy(node->nmk, node->own_nmk, sizeof node->nmk);
    node->awake_from_ms = now_ms + node->boot_ms;
    node->linked_from_ms = node->awake_from_ms;
    node->resets++;
    if (node->asks_host || node->no_firmware) {
        line_ask_host(line, number, node->awake_from_ms);
    }
}

void line_attenuate(line_t *line, unsigned a, unsigned b, uint8_t dB)
{
    line->attenuation_dB[a][b] = dB;
    line->attenuation_dB[b][a] = dB;
}

void line_shape(line_t *line, unsigned a, unsigned b, const int8_t shape_dB[MME_GROUPS])
{
    memcpy(line->shape_dB[a][b], shape_dB, MME_GROUPS);
    memcpy(line->shape_dB[b][a], shape_dB, MME_GROUPS);
}

bool line_linked(const line_t *line, unsigned a, unsigned b, int64_t now_ms)
{
    const line_node_t *const x = &line->node[a];
    const line_node_t *const y = &line->node[b];
    return a != b && memcmp(x->nmk, y->nmk, sizeof x->nmk) == 0 && now_ms >= x->linked_from_ms && now_ms >= y->linked_from_ms &&
           line->attenuation_dB[a][b] < LINE_DEAF_dB;
}

void line_fly(line_t *line, unsigned to, int64_t at_ms, ccs_view_t frame)
{
    if (line->in_flight == LINE_IN_FLIGHT || frame.length > LINE_FRAME_SIZE) {
        line->overflowed++;
        return;
    }
    line_frame_t *const slot = &line->frame[line->in_flight++];
    slot->at_ms = at_ms;
    slot->order = line->order++;
    slot->to = (uint8_t)to;
    slot->length = (uint16_t)frame.length;
    memcpy(slot->octets, frame.at, frame.length);
}

void line_to_host(line_t *line, unsigned node, int64_t at_ms, const mme_t *mme)
{
    uint8_t octets[LINE_FRAME_SIZE];
    size_t length = 0;
    const ccs_err_t err = mme_encode(mme, octets, sizeof octets, &length);
    CCS_ASSERT(err == CCS_OK);
    line_fly(line, node, at_ms, (ccs_view_t){octets, length});
}

/* --- the line --------------------------------------------------------------------------------------------------------------------
 */

bool line_awake(const line_t *line, unsigned node, int64_t now_ms)
{
    return !line->node[node].no_firmware && now_ms >= line->node[node].awake_from_ms;
}

static uint8_t group_dB(line_t *line, unsigned from, unsigned to, size_t group)
{
    const int value = line->attenuation_dB[from][to] + line->shape_dB[from][to][group] + (int)(draw(line) % 3) - 1;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* Unasked, on the line: the host gets it, and the car as well. */
static void tell_attenuation(line_t *line, unsigned from, unsigned to, int64_t at_ms, const uint8_t *attenuation_dB)
{
    mme_t mme;
    mme_init(&mme, MME_VS_ATTEN_IND, mme_broadcast, line->node[to].modem);
    memcpy(mme.vs_atten_ind.pev_mac, line->node[from].host, 6);
    mme.vs_atten_ind.groups = MME_GROUPS;
    memcpy(mme.vs_atten_ind.attenuation_dB, attenuation_dB, MME_GROUPS);
    line_to_host(line, to, at_ms, &mme);
    line_to_host(line, from, at_ms, &mme);
}

static void measure(line_t *line, unsigned from, unsigned to, int64_t at_ms)
{
    const line_node_t *const node = &line->node[to];
    mme_t profile;
    mme_init(&profile, MME_CM_ATTEN_PROFILE_IND, mme_broadcast, node->modem);
    memcpy(profile.atten_profile_ind.pev_mac, line->node[from].host, 6);
    profile.atten_profile_ind.groups = node->measures_nothing ? 0 : MME_GROUPS;
    for (size_t i = 0; i < MME_GROUPS; i++) {
        profile.atten_profile_ind.attenuation_dB[i] = group_dB(line, from, to, i);
    }
    line_to_host(line, to, at_ms, &profile);
    if (node->tells_attenuation) {
        tell_attenuation(line, from, to, at_ms, profile.atten_profile_ind.attenuation_dB);
    }
}

static bool is_mme(ccs_view_t frame)
{
    return frame.length >= 17 && frame.at[12] == 0x88 && frame.at[13] == 0xE1;
}

static bool is_for(const line_node_t *node, ccs_view_t frame)
{
    return (frame.at[0] & 1) != 0 || memcmp(frame.at, node->host, 6) == 0;
}

static void carry(line_t *line, unsigned from, unsigned to, int64_t now_ms, ccs_view_t frame)
{
    const line_node_t *const node = &line->node[to];
    const bool mme = is_mme(frame);
    if (!line_awake(line, to, now_ms) || line->attenuation_dB[from][to] >= LINE_DEAF_dB || !is_for(node, frame) ||
        (!mme && !line_linked(line, from, to, now_ms))) {
        return;
    }
    if (draw(line) % 1000 < line->loss_permille) {
        line->lost++;
        return;
    }
    line->carried++;
    line_fly(line, to, now_ms + line->delay_ms, frame);
    const uint16_t type = mme ? (uint16_t)(frame.at[15] | frame.at[16] << 8) : 0;
    if (type == MME_CM_MNBC_SOUND_IND && node->charger && !node->silent) {
        measure(line, from, to, now_ms + line->delay_ms);
    }
}

/* The local address, or the modem's own once it is known. */
static bool is_for_modem(const line_node_t *node, ccs_view_t frame)
{
    return memcmp(frame.at, mme_local_modem, 6) == 0 || memcmp(frame.at, node->modem, 6) == 0;
}

void line_send(line_t *line, unsigned node, int64_t now_ms, ccs_view_t frame)
{
    mme_t mme;
    CCS_ASSERT(node < line->nodes && frame.length >= 14);
    if (!line_awake(line, node, now_ms)) {
        return;
    }
    if (is_mme(frame) && is_for_modem(&line->node[node], frame)) {
        if (mme_decode(frame, &mme) == CCS_OK) {
            line_modem_answers(line, node, now_ms, &mme);
        }
        return;
    }
    for (unsigned to = 0; to < line->nodes; to++) {
        if (to != node) {
            carry(line, node, to, now_ms, frame);
        }
    }
}

static size_t soonest(const line_t *line)
{
    size_t best = 0;
    for (size_t i = 1; i < line->in_flight; i++) {
        const line_frame_t *const a = &line->frame[i];
        const line_frame_t *const b = &line->frame[best];
        if (a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->order < b->order)) {
            best = i;
        }
    }
    return best;
}

void line_step(line_t *line, int64_t now_ms)
{
    while (line->in_flight > 0) {
        const size_t next = soonest(line);
        if (line->frame[next].at_ms > now_ms) {
            return;
        }
        const line_frame_t frame = line->frame[next];
        line->frame[next] = line->frame[--line->in_flight];
        line->deliver(line->ctx, frame.to, (ccs_view_t){frame.octets, frame.length});
    }
}

int64_t line_deadline_ms(const line_t *line)
{
    return line->in_flight ? line->frame[soonest(line)].at_ms : INT64_MAX;
}
