/* SPDX-License-Identifier: Apache-2.0 */
#include "story.h"

#include "test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void append(story_t *story, const char *line)
{
    const size_t length = strlen(line);
    if (story->length + length + 2 > sizeof story->text) {
        story->full = true;
        return;
    }
    memcpy(story->text + story->length, line, length);
    story->length += length;
    story->text[story->length++] = '\n';
    story->text[story->length] = 0;
}

static void tell_repeats(story_t *story)
{
    if (story->repeats > 2 * STORY_WINDOW) {
        char line[STORY_LINE];
        (void)snprintf(line, sizeof line, "           ...      %" PRIu32 " more", story->repeats - STORY_WINDOW);
        append(story, line);
    }
    for (size_t i = 0; i < STORY_WINDOW && story->repeats > 0; i++) {
        if (story->held[i].text[0]) {
            append(story, story->held[i].text);
        }
    }
    story->repeats = 0;
    memset(story->held, 0, sizeof story->held);
}

/* A line whose key is the one told STORY_WINDOW lines before is a repeat: the loop asks and is answered. */
static void tell(story_t *story, const char *key, const char *text)
{
    story_line_t line;
    (void)snprintf(line.key, sizeof line.key, "%s", key);
    (void)snprintf(line.text, sizeof line.text, "%s", text);
    const bool repeat = strcmp(story->told[0].key, line.key) == 0;
    if (!repeat) {
        tell_repeats(story);
        append(story, line.text);
    } else {
        story->held[0] = story->held[1];
        story->held[1] = line;
        story->repeats++;
    }
    story->told[0] = story->told[1];
    story->told[1] = line;
}

static int put(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static int put(char *out, size_t size, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    const int written = vsnprintf(out, size, format, list);
    va_end(list);
    return written > 0 && (size_t)written < size ? written : 0;
}

static size_t head(const story_t *story, int64_t now_ms, const char *who, const char *what, char *out, size_t size)
{
    const int64_t ms = now_ms - story->begin_ms;
    return (size_t)put(out, size, "%7" PRId64 ".%03" PRId64 "  %-8s %s", ms / 1000, ms % 1000, who, what);
}

static void tell_record(story_t *story, const char *who, const ccs_trace_record_t *record)
{
    char text[STORY_LINE], key[64];
    size_t length = head(story, record->now_ms, who, record->event, text, sizeof text);
    (void)put(key, sizeof key, "%s %s", who, record->event);
    for (size_t i = 0; i < record->fields; i++) {
        const ccs_trace_field_t *const field = &record->field[i];
        length += field->text ? (size_t)put(text + length, sizeof text - length, "  %s=%s", field->name, field->text)
                              : (size_t)put(text + length, sizeof text - length, "  %s=%" PRId64, field->name, field->number);
    }
    tell(story, key, text);
}

static void hear_car(void *ctx, const ccs_trace_record_t *record)
{
    if (record->level <= CCS_LEVEL_INFO) {
        tell_record(ctx, "car", record);
    }
}

static bool is_message(const char *event)
{
    const size_t length = strlen(event);
    return length > 3 && (strcmp(event + length - 3, "Req") == 0 || strcmp(event + length - 3, "Res") == 0);
}

static void hear_charger(void *ctx, const ccs_trace_record_t *record)
{
    if (record->level <= CCS_LEVEL_INFO && record->bytes.length == 0 && !is_message(record->event)) {
        tell_record(ctx, "charger", record);
    }
}

void story_init(story_t *story)
{
    const bool tells_pilot = story->tells_pilot;
    memset(story, 0, sizeof *story);
    story->tells_pilot = tells_pilot;
    story->car = (ccs_trace_t){story, hear_car};
    story->charger = (ccs_trace_t){story, hear_charger};
}

void story_say(story_t *story, const sim_session_t *session, const char *text)
{
    char line[STORY_LINE];
    (void)head(story, session->now_ms, "--", text, line, sizeof line);
    tell(story, text, line);
}

static void watch_pilot(story_t *story, const sim_session_t *session)
{
    static const char *const names[] = {"X1: +12 V", "X2: 5 %", "F: -12 V"};
    const ccs_pilot_drive_t pilot = session->world.drive.pilot;
    char text[STORY_LINE];
    if (!story->tells_pilot || pilot == story->pilot) {
        return;
    }
    (void)head(story, session->now_ms, "pilot", names[pilot], text, sizeof text);
    tell(story, names[pilot], text);
    story->pilot = pilot;
}

void story_watch(story_t *story, const sim_session_t *session)
{
    watch_pilot(story, session);
    const ccs_report_t *const report = &session->world.report;
    const bool moved = report->phase != story->phase || report->why != story->why;
    if (!moved && report->settled == story->settled) {
        return;
    }
    char text[STORY_LINE];
    char what[64];
    (void)put(what, sizeof what, "%s%s", ccs_phase_name(report->phase), report->settled ? ", settled" : "");
    const size_t length = head(story, session->now_ms, "guard", what, text, sizeof text);
    if (report->why != CCS_WHY_NONE && report->why != CCS_WHY_STARTING) {
        (void)put(text + length, sizeof text - length, "  why=%s", ccs_why_name(report->why));
    }
    tell(story, what, text);
    story->phase = report->phase;
    story->settled = report->settled;
    story->why = report->why;
}

const char *story_text(story_t *story)
{
    tell_repeats(story);
    return story->text;
}

static void write_story(const char *path, const char *text)
{
    FILE *const file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static size_t read_story(const char *path, char *out, size_t size)
{
    FILE *const file = fopen(path, "r");
    if (!file) {
        return 0;
    }
    const size_t length = fread(out, 1, size - 1, file);
    out[length] = 0;
    (void)fclose(file);
    return length;
}

static size_t line_length(const char *at)
{
    return strcspn(at, "\n");
}

void story_expect(story_t *story, const char *name)
{
    static char golden[STORY_SIZE];
    char path[512];
    const char *told = story_text(story);
    assert_false(story->full);
    (void)snprintf(path, sizeof path, "%s/tests/trace/stories/%s.txt", CCS_SOURCE_DIR, name);
    if (getenv("CCS_REWRITE_STORIES")) {
        write_story(path, told);
        return;
    }
    if (read_story(path, golden, sizeof golden) == 0) {
        fail_msg("%s is missing: run with CCS_REWRITE_STORIES=1 and read it", path);
    }
    const char *wanted = golden;
    for (int line = 1; *told || *wanted; line++) {
        const size_t is = line_length(told), should = line_length(wanted);
        if (is != should || memcmp(told, wanted, is) != 0) {
            fail_msg("%s.txt:%d\n  written: %.*s\n  told:    %.*s", name, line, (int)should, wanted, (int)is, told);
        }
        told += is + (told[is] == '\n');
        wanted += should + (wanted[should] == '\n');
    }
}
