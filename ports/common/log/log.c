/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/log/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { TEXT_SIZE = 1024, HEX_OCTETS_MAX = 4096 };

const char *log_level_name(ccs_level_t level)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    return names[level];
}

void log_time(int64_t utc_us, char text[LOG_TIME_SIZE])
{
    const time_t seconds = (time_t)(utc_us / 1000000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    const size_t length = strftime(text, LOG_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + length, LOG_TIME_SIZE - length, ".%03dZ", (int)(utc_us / 1000 % 1000));
}

void log_hex(const uint8_t *octets, size_t length, char *text, size_t size)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t at = 0;
    for (size_t i = 0; i < length && at + 2 < size; i++) {
        text[at++] = digits[octets[i] >> 4];
        text[at++] = digits[octets[i] & 15];
    }
    text[at] = '\0';
}

static void text_field(const ccs_trace_field_t *field, char *text, size_t size, size_t *length)
{
    if (*length >= size) {
        return;
    }
    const int added = field->text != NULL ? snprintf(text + *length, size - *length, " %s=%s", field->name, field->text)
                                          : snprintf(text + *length, size - *length, " %s=%" PRId64, field->name, field->number);
    *length += added > 0 ? (size_t)added : 0;
}

/* Nothing that a peer sends may steer a terminal or fake a line. */
static void text_clean(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            *text = '?';
        }
    }
}

static void text_line(const log_t *log, const ccs_trace_record_t *record, int64_t utc_us)
{
    char line[TEXT_SIZE], when[LOG_TIME_SIZE];
    log_time(utc_us, when);
    const char *mark = record->direction == 'r' ? "<-" : record->direction == 's' ? "->" : "  ";
    char outlet[16] = "";
    if (log->outlet > 0) {
        snprintf(outlet, sizeof outlet, "[%u] ", log->outlet);
    }
    const int head = snprintf(line, sizeof line - 1, "%s %-7s %s%-9s %s %s", when, log_level_name(record->level), outlet,
                              record->room, mark, record->event);
    size_t length = head > 0 ? (size_t)head : 0;
    for (size_t i = 0; i < record->fields; i++) {
        text_field(&record->field[i], line, sizeof line - 1, &length);
    }
    text_clean(line);
    length = strlen(line);
    line[length] = '\n';
    log->text.write(log->text.ctx, line, length + 1);
}

static void json_fields(cJSON *line, const ccs_trace_record_t *record)
{
    for (size_t i = 0; i < record->fields; i++) {
        const ccs_trace_field_t *field = &record->field[i];
        if (field->text != NULL) {
            cJSON_AddStringToObject(line, field->name, field->text);
        } else {
            cJSON_AddNumberToObject(line, field->name, (double)field->number);
        }
    }
}

static void json_bytes(const log_t *log, cJSON *line, const ccs_trace_record_t *record)
{
    char hex[2 * HEX_OCTETS_MAX + 1];
    if (record->bytes.length == 0) {
        return;
    }
    cJSON_AddStringToObject(line, "direction", record->direction == 's' ? "sent" : "received");
    log_hex(record->bytes.at, record->bytes.length, hex, sizeof hex);
    cJSON_AddStringToObject(line, "frame", hex);
    cJSON *message = log->decode != NULL ? log->decode(log->decode_ctx, record) : NULL;
    if (message != NULL) {
        cJSON_AddItemToObject(line, "message", message);
    }
}

static void json_line(const log_t *log, const ccs_trace_record_t *record, int64_t utc_us)
{
    char when[LOG_TIME_SIZE];
    cJSON *line = cJSON_CreateObject();
    log_time(utc_us, when);
    cJSON_AddStringToObject(line, "utc", when);
    cJSON_AddNumberToObject(line, "ms", (double)record->now_ms);
    cJSON_AddStringToObject(line, "level", log_level_name(record->level));
    if (log->outlet > 0) {
        cJSON_AddNumberToObject(line, "outlet", log->outlet);
    }
    cJSON_AddStringToObject(line, "room", record->room);
    cJSON_AddStringToObject(line, "event", record->event);
    json_fields(line, record);
    json_bytes(log, line, record);
    char *text = cJSON_PrintUnformatted(line);
    if (text != NULL) {
        const size_t length = strlen(text);
        text[length] = '\n'; /* in place of the end: a sink takes a length */
        log->json.write(log->json.ctx, text, length + 1);
        cJSON_free(text);
    }
    cJSON_Delete(line);
}

/* One of the two logs. */
typedef struct side {
    flow_t *flow;
    ccs_level_t level;
    void (*line)(const log_t *log, const ccs_trace_record_t *record, int64_t utc_us);
} side_t;

static void tell_gaps(log_t *log, const side_t *side, int64_t now_ms, int64_t until_ms)
{
    const unsigned outlet = log->outlet;
    flow_kind_t gap;
    while (flow_gap(side->flow, until_ms, &gap)) {
        const ccs_trace_record_t record = {
            .now_ms = now_ms,
            .level = gap.level,
            .room = "log",
            .event = "left_out",
            .fields = 3,
            .field = {{.name = "of", .text = gap.room},
                      {.name = "what", .text = gap.event},
                      {.name = "lines", .number = gap.left_out}},
        };
        log->outlet = gap.outlet;
        side->line(log, &record, log->utc_us());
    }
    log->outlet = outlet;
}

static size_t sides_of(log_t *log, side_t side[2])
{
    size_t count = 0;
    if (log->text.write != NULL) {
        side[count++] = (side_t){&log->text_flow, log->level, text_line};
    }
    if (log->json.write != NULL) {
        side[count++] = (side_t){&log->json_flow, CCS_LEVEL_DEBUG, json_line};
    }
    return count;
}

void log_record(void *ctx, const ccs_trace_record_t *told)
{
    log_t *const log = ctx;
    side_t side[2];
    ccs_trace_record_t record = *told;
    const size_t sides = sides_of(log, side);
    if (flow_repeats(&log->repeats, log->outlet, told) && told->level == CCS_LEVEL_INFO) {
        record.level = CCS_LEVEL_DEBUG;
    }
    for (size_t i = 0; i < sides; i++) {
        tell_gaps(log, &side[i], told->now_ms, told->now_ms);
        if (record.level <= side[i].level && flow_pass(side[i].flow, log->outlet, &record, log->lines_s)) {
            side[i].line(log, &record, log->utc_us());
        }
    }
}

void log_end(log_t *log, int64_t now_ms)
{
    side_t side[2];
    const size_t sides = sides_of(log, side);
    for (size_t i = 0; i < sides; i++) {
        tell_gaps(log, &side[i], now_ms, INT64_MAX);
    }
}

void log_say(log_t *log, ccs_level_t level, int64_t now_ms, const char *room, const char *event, const char *text)
{
    ccs_trace_record_t record = {.now_ms = now_ms, .level = level, .room = room, .event = event};
    if (text != NULL) {
        record.field[0] = (ccs_trace_field_t){.name = "text", .text = text};
        record.fields = 1;
    }
    log_record(log, &record);
}
