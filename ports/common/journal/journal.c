/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"
#include "ports/common/log/log.h"

static void add_text(cJSON *to, const char *name, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        cJSON_AddStringToObject(to, name, text);
    } else {
        cJSON_AddNullToObject(to, name);
    }
}

static void add_time(cJSON *to, const char *name, int64_t utc_s)
{
    char text[LOG_TIME_SIZE];
    log_time(utc_s * 1000000, text);
    add_text(to, name, utc_s == 0 ? NULL : text);
}

static void add_octets(cJSON *to, const char *name, const uint8_t *octets, size_t length)
{
    char hex[2 * 32 + 1];
    log_hex(octets, length, hex, sizeof hex);
    cJSON_AddStringToObject(to, name, hex);
}

static bool is_zero(const uint8_t *octets, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (octets[i] != 0) {
            return false;
        }
    }
    return true;
}

static void add_energy(cJSON *to, const ccs_record_t *record)
{
    const bool metered = record->meter_begin_Wh >= 0 && record->meter_end_Wh >= 0;
    cJSON_AddNumberToObject(to, "begin_Wh", (double)record->meter_begin_Wh);
    cJSON_AddNumberToObject(to, "end_Wh", (double)record->meter_end_Wh);
    cJSON_AddNumberToObject(to, "energy_Wh", metered ? (double)(record->meter_end_Wh - record->meter_begin_Wh) : -1.0);
    cJSON_AddBoolToObject(to, "metered", metered);
    cJSON_AddBoolToObject(to, "meter_lost", record->meter_lost);
}

cJSON *journal_json(uint64_t id, const ccs_record_t *record, const journal_facts_t *facts)
{
    cJSON *line = cJSON_CreateObject();
    cJSON_AddNumberToObject(line, "id", (double)id);
    cJSON_AddNumberToObject(line, "outlet", facts->outlet);
    cJSON_AddNumberToObject(line, "session", record->number);
    cJSON_AddStringToObject(line, "protocol", ccs_protocol_name(record->protocol));
    add_octets(line, "session_id", record->session_id, record->session_id_length);
    add_octets(line, "evcc_id", record->evcc_id, record->evcc_id_length);
    add_octets(line, "car_mac", record->car_mac, is_zero(record->car_mac, sizeof record->car_mac) ? 0 : sizeof record->car_mac);
    add_octets(line, "run_id", record->run_id, is_zero(record->car_mac, sizeof record->car_mac) ? 0 : sizeof record->run_id);
    add_time(line, "begin_utc", record->begin_utc_s);
    add_time(line, "end_utc", record->end_utc_s);
    cJSON_AddNumberToObject(line, "duration_ms", (double)(record->end_ms - record->begin_ms));
    cJSON_AddStringToObject(line, "reason", ccs_end_name(record->end));
    cJSON_AddStringToObject(line, "reason_text", ccs_end_text(record->end));
    cJSON_AddStringToObject(line, "why", ccs_why_name(record->why));
    cJSON_AddNumberToObject(line, "car_error", record->car_error);
    add_text(line, "last_request", record->last_request);
    add_text(line, "meter_id", facts->meter_id);
    add_energy(line, record);
    cJSON_AddNumberToObject(line, "mV_max", record->mV_max);
    cJSON_AddNumberToObject(line, "mA_max", record->mA_max);
    cJSON_AddNumberToObject(line, "soc_begin_permille", record->soc_begin_permille);
    cJSON_AddNumberToObject(line, "soc_end_permille", record->soc_end_permille);
    add_text(line, "hal", facts->hal);
    add_text(line, "capture", facts->capture);
    cJSON_AddNumberToObject(line, "capture_left_out", facts->capture_left_out);
    return line;
}

/* ---- the file ---- */

/* One line, whole and on the disk, or not there at all. */
static bool file_append(journal_t *journal, const char *line)
{
    const size_t length = strlen(line);
    const int fd = open(journal->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0) {
        journal->last_errno = errno;
        return false;
    }
    const off_t before = lseek(fd, 0, SEEK_END);
    const ssize_t written = write(fd, line, length);
    bool done = written == (ssize_t)length && fsync(fd) == 0;
    journal->last_errno = done ? 0 : written >= 0 && written < (ssize_t)length ? ENOSPC : errno;
    if (!done && before >= 0) {
        (void)!ftruncate(fd, before); /* taken back: it is written again later, and must stand there once */
    }
    close(fd);
    return done;
}

/* The number of the last whole line, and whether the file ends inside a line. */
static void file_scan(FILE *file, uint64_t *last_id, bool *torn)
{
    char line[JOURNAL_LINE_SIZE + 64];
    *last_id = 0;
    *torn = false;
    while (fgets(line, sizeof line, file) != NULL) {
        const size_t length = strlen(line);
        *torn = line[length - 1] != '\n';
        cJSON *json = cJSON_Parse(line);
        const cJSON *id = cJSON_GetObjectItemCaseSensitive(json, "id");
        if (cJSON_IsNumber(id) && id->valuedouble >= 0 && (uint64_t)id->valuedouble > *last_id) {
            *last_id = (uint64_t)id->valuedouble;
        }
        cJSON_Delete(json);
    }
}

static void directory_sync(const char *path)
{
    char directory[300];
    snprintf(directory, sizeof directory, "%s", path);
    char *slash = strrchr(directory, '/');
    if (slash == NULL) {
        return;
    }
    *slash = '\0';
    const int fd = open(directory[0] == '\0' ? "/" : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd); /* so that a new file's name survives a power cut too */
        close(fd);
    }
}

bool journal_open(journal_t *journal, const char *path)
{
    uint64_t last_id;
    bool torn;
    memset(journal, 0, sizeof *journal);
    snprintf(journal->path, sizeof journal->path, "%s", path);
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    if (file == NULL) {
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    file_scan(file, &last_id, &torn);
    fclose(file);
    directory_sync(path);
    journal->next_id = last_id + 1;
    return !torn || file_append(journal, "\n");
}

static bool line_is(const cJSON *json, const char *key, const char *text)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
    return value != NULL && strcmp(value, text) == 0;
}

bool journal_has(const journal_t *journal, unsigned outlet, const ccs_record_t *record)
{
    char line[JOURNAL_LINE_SIZE + 64], session[2 * 8 + 1], begin[LOG_TIME_SIZE];
    bool found = false;
    FILE *file = fopen(journal->path, "re");
    if (file == NULL) {
        return false;
    }
    log_hex(record->session_id, record->session_id_length, session, sizeof session);
    log_time(record->begin_utc_s * 1000000, begin);
    while (!found && fgets(line, sizeof line, file) != NULL) {
        cJSON *json = cJSON_Parse(line);
        const cJSON *number = cJSON_GetObjectItemCaseSensitive(json, "outlet");
        found = cJSON_IsNumber(number) && number->valueint == (int)outlet && line_is(json, "session_id", session) &&
                line_is(json, "begin_utc", begin);
        cJSON_Delete(json);
    }
    fclose(file);
    return found;
}

/* ---- lines ---- */

bool journal_flush(journal_t *journal, int64_t now_ms)
{
    while (journal->waiting_count > 0) {
        if (!file_append(journal, journal->waiting[journal->waiting_first])) {
            journal->write_errors++;
            journal->retry_at_ms = now_ms + JOURNAL_RETRY_MS;
            return false;
        }
        journal->waiting_first = (journal->waiting_first + 1) % JOURNAL_WAITING_MAX;
        journal->waiting_count--;
    }
    return true;
}

int64_t journal_deadline_ms(const journal_t *journal)
{
    return journal->waiting_count > 0 ? journal->retry_at_ms : INT64_MAX;
}

/* The queue is full only when the disk has refused so many sessions: the oldest must go, and is counted as an error. */
static char *line_to_wait(journal_t *journal)
{
    if (journal->waiting_count == JOURNAL_WAITING_MAX) {
        journal->waiting_first = (journal->waiting_first + 1) % JOURNAL_WAITING_MAX;
        journal->waiting_count--;
        journal->write_errors++;
    }
    return journal->waiting[(journal->waiting_first + journal->waiting_count++) % JOURNAL_WAITING_MAX];
}

bool journal_add(journal_t *journal, const ccs_record_t *record, const journal_facts_t *facts, int64_t now_ms)
{
    char *line = line_to_wait(journal);
    cJSON *json = journal_json(journal->next_id++, record, facts);
    const bool printed = cJSON_PrintPreallocated(json, line, JOURNAL_LINE_SIZE - 8, 0) != 0;
    cJSON_Delete(json);
    CCS_ASSERT(printed); /* every text in it is bounded */
    memcpy(journal->recent[journal->recent_count++ % JOURNAL_RECENT], line, JOURNAL_LINE_SIZE);
    const size_t length = strlen(line);
    line[length] = '\n';
    line[length + 1] = '\0';
    return journal_flush(journal, now_ms);
}

cJSON *journal_recent(const journal_t *journal)
{
    cJSON *list = cJSON_CreateArray();
    const size_t first = journal->recent_count > JOURNAL_RECENT ? journal->recent_count - JOURNAL_RECENT : 0;
    for (size_t i = first; i < journal->recent_count; i++) {
        cJSON_AddItemToArray(list, cJSON_CreateRaw(journal->recent[i % JOURNAL_RECENT]));
    }
    return list;
}
