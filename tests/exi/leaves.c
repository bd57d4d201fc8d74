/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/exi/leaves.h"

#include <stdio.h>
#include <string.h>

typedef struct walk {
    leaf_each_t *each;
    void *ctx;
    char path[PATH_SIZE];
} walk_t;

static void walk_type(walk_t *walk, const exi_type_t *type, void *object);

static bool is_list(const exi_field_t *field)
{
    return field->occurs == EXI_LIST || field->occurs == EXI_LIST_SOME;
}

/* Adds "/Name" or "/Name[item]"; texts have no name of their own, choices that of what was chosen. */
static void add_name(walk_t *walk, const exi_field_t *field, unsigned item)
{
    const size_t length = strlen(walk->path);
    const char *const name = field->name + (field->name[0] == '@');
    if (field->kind == EXI_CHOICE || field->name[0] == '#') {
        return;
    }
    if (item == 0) {
        (void)snprintf(walk->path + length, PATH_SIZE - length, "/%s", name);
    } else {
        (void)snprintf(walk->path + length, PATH_SIZE - length, "/%s[%u]", name, item);
    }
}

static void tell(walk_t *walk, const exi_field_t *field, void *object, void *at)
{
    const leaf_t leaf = {.field = field, .object = object, .at = at, .path = walk->path};
    walk->each(&leaf, walk->ctx);
}

static void walk_value(walk_t *walk, const exi_field_t *field, void *object, void *at)
{
    if (field->kind == EXI_STRUCT) {
        if (field->type->count > 0) {
            walk_type(walk, field->type, at);
        }
        return;
    }
    if (field->kind != EXI_NEVER) {
        tell(walk, field, object, at);
    }
    if (field->kind == EXI_CHOICE) {
        const void *inside;
        const exi_field_t *const chosen = exi_chosen(field, at, &inside);
        add_name(walk, chosen, 0);
        walk_value(walk, chosen, NULL, (void *)(uintptr_t)inside);
    }
}

static void walk_list(walk_t *walk, const exi_field_t *field, void *object)
{
    char *const end = walk->path + strlen(walk->path);
    unsigned item = 0;
    for (const exi_node_t *node = exi_nodes(field, object); node != NULL; node = node->next) {
        add_name(walk, field, ++item);
        walk_value(walk, field, NULL, (void *)(uintptr_t)exi_node_value(field, node));
        *end = '\0';
    }
    add_name(walk, field, 0);
    tell(walk, field, object, (uint8_t *)object + field->offset);
    *end = '\0';
}

static void walk_type(walk_t *walk, const exi_type_t *type, void *object)
{
    char *const end = walk->path + strlen(walk->path);
    for (size_t i = 0; i < type->count; i++) {
        const exi_field_t *const field = &type->fields[i];
        if (is_list(field)) {
            walk_list(walk, field, object);
            continue;
        }
        const void *const at = exi_value(field, object);
        if (at != NULL) {
            add_name(walk, field, 0);
            walk_value(walk, field, object, (void *)(uintptr_t)at);
            *end = '\0';
        }
    }
}

void leaves_of(const exi_root_name_t *root, void *message, leaf_each_t *each, void *ctx)
{
    walk_t walk = {.each = each, .ctx = ctx};
    (void)snprintf(walk.path, sizeof walk.path, "%s", root->name);
    walk_type(&walk, root->type, message);
}

bool leaves_is_new(const exi_field_t *field, unsigned purpose)
{
    enum { FIELDS = 4096 };
    static struct {
        const exi_field_t *field;
        unsigned purposes;
    } seen[FIELDS];
    size_t i = ((uintptr_t)field / sizeof *field) % FIELDS;
    while (seen[i].field != NULL && seen[i].field != field) {
        i = (i + 1) % FIELDS;
    }
    const bool is_new = (seen[i].purposes & 1u << purpose) == 0;
    seen[i].field = field;
    seen[i].purposes |= 1u << purpose;
    return is_new;
}
