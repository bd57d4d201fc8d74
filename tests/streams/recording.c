/* Reads recorded connections: JSON lines.
 * SPDX-License-Identifier: Apache-2.0 */
#include "recording.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void copy_text(char *to, size_t size, const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, key));
    (void)snprintf(to, size, "%s", text == NULL ? "" : text);
}

static size_t copy_hex(uint8_t *to, size_t size, const cJSON *object, const char *key)
{
    const char *hex = cJSON_GetStringValue(cJSON_GetObjectItem(object, key));
    size_t length = 0;
    unsigned octet;
    while (hex != NULL && length < size && sscanf(hex + 2 * length, "%2x", &octet) == 1) {
        to[length++] = (uint8_t)octet;
    }
    return length;
}

static int64_t milliseconds(const cJSON *object)
{
    return (int64_t)(cJSON_GetNumberValue(cJSON_GetObjectItem(object, "t")) * 1000.0 + 0.5);
}

static bool by_car(const cJSON *object)
{
    const char *who = cJSON_GetStringValue(cJSON_GetObjectItem(object, "by"));
    return who != NULL && strcmp(who, "ev") == 0;
}

static void read_frame(const cJSON *object, recording_frame_t *frame)
{
    frame->at_ms = milliseconds(object);
    frame->by_car = by_car(object);
    copy_text(frame->name, sizeof frame->name, object, "message");
    frame->length = copy_hex(frame->exi, sizeof frame->exi, object, "exi");
}

/* What was left out shows as the longest silence. */
static size_t longest_silence(const recording_t *recording)
{
    size_t at = 0;
    int64_t longest_ms = -1;
    for (size_t i = 1; i < recording->frames; i++) {
        const int64_t silence_ms = recording->frame[i].at_ms - recording->frame[i - 1].at_ms;
        if (silence_ms > longest_ms) {
            longest_ms = silence_ms;
            at = i;
        }
    }
    return at;
}

static bool read_recording(const cJSON *object, recording_t *recording)
{
    const cJSON *frames = cJSON_GetObjectItem(object, "frames");
    const cJSON *item;
    copy_text(recording->id, sizeof recording->id, object, "id");
    copy_text(recording->car, sizeof recording->car, object, "car");
    copy_text(recording->protocol, sizeof recording->protocol, object, "protocol");
    recording->sdp_length =
        copy_hex(recording->sdp, sizeof recording->sdp, cJSON_GetArrayItem(cJSON_GetObjectItem(object, "sdp"), 0), "hex");
    recording->frame = calloc((size_t)cJSON_GetArraySize(frames), sizeof *recording->frame);
    if (recording->frame == NULL) {
        return false;
    }
    cJSON_ArrayForEach(item, frames)
    {
        read_frame(item, &recording->frame[recording->frames++]);
    }
    recording->left_out = (size_t)cJSON_GetNumberValue(cJSON_GetObjectItem(object, "cut"));
    recording->resumes_at = recording->left_out > 0 ? longest_silence(recording) : 0;
    return recording->frames > 0;
}

static recording_t *append_line(recording_t *recordings, size_t *count, const char *line)
{
    recording_t *grown = realloc(recordings, (*count + 1) * sizeof *grown);
    cJSON *object = cJSON_Parse(line);
    if (grown != NULL && object != NULL) {
        grown[*count] = (recording_t){0};
        *count += read_recording(object, &grown[*count]) ? 1 : 0;
    }
    cJSON_Delete(object);
    return grown;
}

recording_t *recording_load(const char *path, size_t *count)
{
    FILE *file = fopen(path, "r");
    recording_t *recordings = NULL;
    char *line = NULL;
    size_t size = 0;
    *count = 0;
    if (file == NULL) {
        return NULL;
    }
    while (getline(&line, &size, file) > 0) {
        recordings = append_line(recordings, count, line);
    }
    free(line);
    (void)fclose(file);
    return recordings;
}

void recording_free(recording_t *recordings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(recordings[i].frame);
    }
    free(recordings);
}
