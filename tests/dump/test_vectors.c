/* Every vector beside the repository: its content as JSON is what the vector says, and the JSON leads back to its octets.
 *
 * Skipped where the vectors are not at hand (CCS_SHARED, default ../shared). The vectors write every value as a string, a list of
 * one item as the item, and leave out the order of unlike items in lists of choices: that is what is normalised here.
 * SPDX-License-Identifier: Apache-2.0 */
#include "apps/ccs-dump/codec.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LINE_MAX_OCTETS = 1 << 20, SKIPPED = 77 };

static const char *const files[] = {"generated_exiref_exificient_verified.jsonl", "real_vehicle.jsonl"};

static bool same(const json_value_t *ours, const cJSON *theirs);

static bool same_scalar(const json_value_t *ours, const char *theirs)
{
    if (ours->kind == JSON_BOOL) {
        return strcmp(theirs, ours->is_true ? "true" : "false") == 0;
    }
    return (ours->kind == JSON_NUMBER || ours->kind == JSON_STRING) && json_in_is(ours->text, theirs);
}

static size_t count_of(const cJSON *theirs)
{
    return cJSON_IsArray(theirs) ? (size_t)cJSON_GetArraySize(theirs) : 1;
}

/* The i-th of what one name stands for. */
static const cJSON *item_of(const cJSON *theirs, size_t i)
{
    return cJSON_IsArray(theirs) ? cJSON_GetArrayItem(theirs, (int)i) : theirs;
}

static bool same_array(const json_value_t *ours, const cJSON *theirs)
{
    size_t i = 0;
    const bool equal = ours->count == count_of(theirs);
    for (const json_value_t *item = ours->first; equal && item; item = item->next) {
        if (!same(item, item_of(theirs, i++))) {
            return false;
        }
    }
    return equal;
}

/* Items of {"*": [{"A": 1}, {"B": 2}, {"A": 3}]} with the name of theirs, {"A": [1, 3], "B": [2]}. SIZE_MAX: one differs. */
static size_t same_of_name(const json_value_t *mixed, const cJSON *theirs)
{
    size_t count = 0;
    for (const json_value_t *item = mixed->first; item; item = item->next) {
        if (!json_in_is(item->first->name, theirs->string)) {
            continue;
        }
        if (count == count_of(theirs) || !same(item->first, item_of(theirs, count))) {
            return SIZE_MAX;
        }
        count++;
    }
    return count;
}

static bool same_mixed(const json_value_t *ours, const cJSON *theirs)
{
    const json_value_t *const mixed = json_in_member(ours, "*");
    size_t count = 0;
    const cJSON *member;
    cJSON_ArrayForEach(member, theirs)
    {
        const json_value_t *const plain = json_in_member(ours, member->string);
        const size_t met = plain ? 0 : same_of_name(mixed, member);
        if (plain ? !same(plain, member) : met != count_of(member)) {
            return false;
        }
        count += met;
    }
    return count == mixed->count;
}

static bool same_object(const json_value_t *ours, const cJSON *theirs)
{
    if (cJSON_IsString(theirs)) {
        return ours->count == 0 && theirs->valuestring[0] == 0;
    }
    if (json_in_member(ours, "*")) {
        return same_mixed(ours, theirs);
    }
    if (!cJSON_IsObject(theirs) || ours->count != (size_t)cJSON_GetArraySize(theirs)) {
        return false;
    }
    for (const json_value_t *member = ours->first; member; member = member->next) {
        const cJSON *const other = cJSON_GetObjectItemCaseSensitive(theirs, (const char *)member->name.at);
        if (!other || !same(member, other)) {
            return false;
        }
    }
    return true;
}

static bool same(const json_value_t *ours, const cJSON *theirs)
{
    if (ours->kind == JSON_ARRAY) {
        return same_array(ours, theirs);
    }
    if (ours->kind == JSON_OBJECT) {
        return same_object(ours, theirs);
    }
    return cJSON_IsString(theirs) && same_scalar(ours, theirs->valuestring);
}

static size_t unhex(const char *hex, uint8_t *out)
{
    size_t length = 0;
    for (; hex[0] && hex[1]; hex += 2) {
        const char pair[3] = {hex[0], hex[1], 0};
        out[length++] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return length;
}

static char *print(const codec_message_t *message)
{
    char *text = NULL;
    size_t length;
    FILE *const file = open_memstream(&text, &length);
    json_out_t json = json_out(file, JSON_COMPACT, 0);
    codec_print(message, &json);
    (void)fclose(file);
    return text;
}

/* Says what is wrong with a vector; "": nothing. */
static const char *judge(codec_set_t set, bool fragment, ccs_view_t frame, const cJSON *decoded)
{
    static uint8_t out[LINE_MAX_OCTETS];
    codec_message_t message;
    codec_fault_t fault;
    size_t length;
    if (!codec_decode(set, fragment, frame, &message, &fault)) {
        return "does not decode";
    }
    frame.length -= message.surplus;
    char *const text = print(&message);
    json_document_t json;
    json_fault_t fault_of_json;
    const char *wrong = "";
    if (!json_in_read((ccs_view_t){(const uint8_t *)text, strlen(text)}, &json, &fault_of_json)) {
        wrong = "is not printed as JSON";
    } else if (!same(json.root, decoded)) {
        wrong = "has other content";
    } else if (!codec_parse(set, fragment, json.root, &message, &fault) ||
               !codec_encode(&message, out, sizeof out, &length, &fault)) {
        wrong = "cannot be encoded from its JSON";
    } else if (length != frame.length || memcmp(out, frame.at, length) != 0) {
        wrong = "is encoded from its JSON to other octets";
    }
    json_in_free(&json);
    free(text);
    return wrong;
}

static unsigned judge_line(const char *line)
{
    static uint8_t frame[LINE_MAX_OCTETS];
    cJSON *const record = cJSON_Parse(line);
    const char *const protocol = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, "protocol"));
    const char *const hex = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, "hex"));
    const cJSON *const decoded = cJSON_GetObjectItemCaseSensitive(record, "decoded");
    assert_true(protocol && hex && decoded);
    const char *const suffix = strstr(protocol, "-frag");
    const codec_set_t set = codec_set_find(protocol, suffix ? (size_t)(suffix - protocol) : strlen(protocol));
    if (set != CODEC_SET_UNKNOWN) {
        const char *const wrong = judge(set, suffix != NULL, (ccs_view_t){frame, unhex(hex, frame)}, decoded);
        if (wrong[0]) {
            fail_msg("%s %s", cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, "id")), wrong);
        }
    }
    cJSON_Delete(record);
    return set != CODEC_SET_UNKNOWN;
}

static FILE *open_vectors(const char *name)
{
    char path[500];
    const char *const shared = getenv("CCS_SHARED");
    (void)snprintf(path, sizeof path, "%s/vectors/%s", shared ? shared : CCS_SOURCE_DIR "/../shared", name);
    return fopen(path, "r");
}

static void content_of_every_vector(void **state)
{
    static char line[LINE_MAX_OCTETS];
    unsigned judged = 0;
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        FILE *const file = open_vectors(files[i]);
        assert_non_null(file);
        while (fgets(line, sizeof line, file)) {
            judged += judge_line(line);
        }
        (void)fclose(file);
    }
    print_message("%u vectors\n", judged);
    assert_true(judged > 4000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(content_of_every_vector)};
    FILE *const file = open_vectors(files[0]);
    if (!file) {
        puts("skipped: no vectors; CCS_SHARED names the folder that holds them");
        return SKIPPED;
    }
    (void)fclose(file);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
