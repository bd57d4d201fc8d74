/* Compares two messages leaf by leaf.
 * SPDX-License-Identifier: Apache-2.0 */
#include "differences.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

typedef struct leaf {
    char text[DIFFERENCE_VALUE_MAX];
    bool number;
} leaf_t;

static bool is_physical(const cJSON *node)
{
    return cJSON_HasObjectItem(node, "Multiplier") && cJSON_HasObjectItem(node, "Value");
}

static double number_of(const cJSON *object, const char *key)
{
    return cJSON_GetNumberValue(cJSON_GetObjectItem(object, key));
}

/* A node that holds no more places: a number, a word, a physical value, or nothing. */
static leaf_t leaf_of(const cJSON *node)
{
    leaf_t leaf = {"(absent)", false};
    if (is_physical(node)) {
        const char *unit = cJSON_GetStringValue(cJSON_GetObjectItem(node, "Unit"));
        const double value = number_of(node, "Value") * pow(10.0, number_of(node, "Multiplier"));
        (void)snprintf(leaf.text, sizeof leaf.text, "%.10g %s", value, unit == NULL ? "(no unit)" : unit);
        leaf.number = true;
    } else if (cJSON_IsNumber(node)) {
        (void)snprintf(leaf.text, sizeof leaf.text, "%.10g", node->valuedouble);
        leaf.number = true;
    } else if (cJSON_IsString(node)) {
        (void)snprintf(leaf.text, sizeof leaf.text, "%s", node->valuestring);
    } else if (cJSON_IsBool(node)) {
        (void)snprintf(leaf.text, sizeof leaf.text, "%s", cJSON_IsTrue(node) ? "true" : "false");
    } else if (node != NULL) {
        (void)snprintf(leaf.text, sizeof leaf.text, "(present)");
    }
    return leaf;
}

static bool same_place(const difference_t *difference, const char *path, const leaf_t *theirs, const leaf_t *ours)
{
    const bool numbers = difference->number && theirs->number && ours->number;
    const bool words = strcmp(difference->theirs, theirs->text) == 0 && strcmp(difference->ours, ours->text) == 0;
    return strcmp(difference->path, path) == 0 && (numbers || words);
}

static void note(differences_t *differences, const char *path, const leaf_t *theirs, const leaf_t *ours)
{
    for (size_t i = 0; i < differences->count; i++) {
        if (same_place(&differences->at[i], path, theirs, ours)) {
            differences->at[i].count++;
            return;
        }
    }
    if (differences->count < DIFFERENCES_MAX) {
        difference_t *added = &differences->at[differences->count++];
        (void)snprintf(added->path, sizeof added->path, "%s", path);
        (void)snprintf(added->theirs, sizeof added->theirs, "%s", theirs->text);
        (void)snprintf(added->ours, sizeof added->ours, "%s", ours->text);
        added->number = theirs->number && ours->number;
        added->count = 1;
    }
}

static void compare(differences_t *differences, const char *path, const cJSON *theirs, const cJSON *ours);

static void compare_member(differences_t *differences, const char *path, const cJSON *theirs, const cJSON *ours)
{
    char deeper[DIFFERENCE_PATH_MAX];
    const char *name = theirs != NULL ? theirs->string : ours->string;
    if (name == NULL) { /* of a list: its entries share a place */
        compare(differences, path, theirs, ours);
        return;
    }
    (void)snprintf(deeper, sizeof deeper, "%s%s%.60s", path, path[0] == '\0' ? "" : "/", name);
    compare(differences, deeper, theirs, ours);
}

static bool has_members(const cJSON *node)
{
    return (cJSON_IsObject(node) || cJSON_IsArray(node)) && !is_physical(node);
}

static const cJSON *counterpart(const cJSON *node, const cJSON *other, int index)
{
    return node->string != NULL ? cJSON_GetObjectItem(other, node->string) : cJSON_GetArrayItem(other, index);
}

static void compare(differences_t *differences, const char *path, const cJSON *theirs, const cJSON *ours)
{
    if (has_members(theirs) && has_members(ours)) {
        int index = 0;
        for (const cJSON *node = theirs->child; node != NULL; node = node->next) {
            compare_member(differences, path, node, counterpart(node, ours, index++));
        }
        index = 0;
        for (const cJSON *node = ours->child; node != NULL; node = node->next) {
            if (counterpart(node, theirs, index++) == NULL) {
                compare_member(differences, path, NULL, node);
            }
        }
        return;
    }
    const leaf_t left = leaf_of(theirs);
    const leaf_t right = leaf_of(ours);
    if (strcmp(left.text, right.text) != 0) {
        note(differences, path, &left, &right);
    }
}

static const cJSON *body_of(const cJSON *message)
{
    const cJSON *v2g = cJSON_GetObjectItem(message, "V2G_Message");
    return v2g == NULL ? message : cJSON_GetObjectItem(v2g, "Body");
}

void differences_add(differences_t *differences, const cJSON *theirs, const cJSON *ours)
{
    compare(differences, "", body_of(theirs), body_of(ours));
}

/* "PreChargeRes" of "PreChargeRes/EVSEPresentVoltage". */
static size_t message_length(const char *path)
{
    return strcspn(path, "/");
}

void differences_print(const differences_t *differences, FILE *to)
{
    const char *message = "";
    for (size_t i = 0; i < differences->count; i++) {
        const difference_t *difference = &differences->at[i];
        const size_t length = message_length(difference->path);
        if (length != message_length(message) || strncmp(message, difference->path, length) != 0) {
            message = difference->path;
            (void)fprintf(to, "    %.*s\n", (int)length, message);
        }
        const char *place = difference->path[length] == '\0' ? "the message" : difference->path + length + 1;
        (void)fprintf(to, "      %-66s %s -> %s  x%u%s\n", place, difference->theirs, difference->ours, difference->count,
                      difference->number && difference->count > 1 ? " (the first shown)" : "");
    }
}
