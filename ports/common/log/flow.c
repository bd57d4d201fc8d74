/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/log/flow.h"

#include <string.h>

enum { LINE = 1000 };

static flow_kind_t *kind_of(flow_t *flow, unsigned outlet, const ccs_trace_record_t *record)
{
    for (size_t i = 0; i < flow->kinds; i++) {
        flow_kind_t *const kind = &flow->kind[i];
        if (kind->event == record->event && kind->room == record->room && kind->outlet == outlet) {
            return kind;
        }
    }
    if (flow->kinds == FLOW_KINDS) {
        return &flow->kind[FLOW_KINDS - 1];
    }
    flow_kind_t *const kind = &flow->kind[flow->kinds++];
    *kind = (flow_kind_t){.outlet = outlet, .room = record->room, .event = record->event, .at_ms = record->now_ms};
    return kind;
}

static void leave_out(flow_t *flow, flow_kind_t *kind, const ccs_trace_record_t *record)
{
    if (kind->left_out == 0) {
        kind->told_ms = record->now_ms;
        kind->level = record->level;
        flow->gaps++;
    }
    kind->level = record->level < kind->level ? record->level : kind->level; /* the gravest */
    kind->left_out++;
}

bool flow_pass(flow_t *flow, unsigned outlet, const ccs_trace_record_t *record, uint32_t lines_s)
{
    if (lines_s == 0) {
        return true;
    }
    flow_kind_t *const kind = kind_of(flow, outlet, record);
    const int64_t fallen = (record->now_ms - kind->at_ms) * (int64_t)lines_s; /* a thousandth of a line each ms and line a second */
    kind->at_ms = record->now_ms;
    kind->spent = kind->spent > fallen ? kind->spent - fallen : 0;
    if (kind->spent + LINE > (int64_t)lines_s * LINE * FLOW_BURST_S) {
        leave_out(flow, kind, record);
        return false;
    }
    kind->spent += LINE;
    return true;
}

bool flow_gap(flow_t *flow, int64_t now_ms, flow_kind_t *gap)
{
    for (size_t i = 0; flow->gaps > 0 && i < flow->kinds; i++) {
        flow_kind_t *const kind = &flow->kind[i];
        if (kind->left_out > 0 && now_ms - kind->told_ms >= FLOW_TELL_MS) {
            *gap = *kind;
            kind->left_out = 0;
            flow->gaps--;
            return true;
        }
    }
    return false;
}

/* ---- repeats ---- */

/* 0: a request, 1: an answer, -1: no message. */
static int side_of(const char *event)
{
    const size_t length = strlen(event);
    const char *const end = length > 3 ? event + length - 3 : "";
    return strcmp(end, "Req") == 0 ? 0 : strcmp(end, "Res") == 0 ? 1 : -1;
}

/* FNV-1a, the end of each word with it. */
static uint32_t mix(uint32_t sum, const char *word)
{
    for (;; word++) {
        sum = (sum ^ (uint8_t)*word) * 16777619u;
        if (*word == '\0') {
            return sum;
        }
    }
}

bool flow_repeats(flow_repeats_t *repeats, unsigned outlet, const ccs_trace_record_t *record)
{
    const int side = side_of(record->event);
    if (side < 0 || outlet >= FLOW_OUTLETS) {
        return false;
    }
    uint32_t sum = mix(mix(2166136261u, record->room), record->event);
    for (size_t i = 0; i < record->fields; i++) {
        sum = record->field[i].text != NULL ? mix(mix(sum, record->field[i].name), record->field[i].text) : sum;
    }
    const bool same = repeats->last[outlet][side] == sum;
    repeats->last[outlet][side] = sum;
    return same;
}
