/* Every value of a message, one after the other, with the way to it: for tests that spoil one value at a time.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_EXI_LEAVES_H
#define TESTS_EXI_LEAVES_H

#include "exi/describe.h"

enum { PATH_SIZE = 400 };

/* A field that is there: a simple value, a choice, or a whole list. */
typedef struct leaf {
    const exi_field_t *field;
    void *object; /* the struct that the field is one of; NULL: an item of a list, or an alternative of a choice */
    void *at;     /* the value; of a list: the pointer to its first node */
    const char *path;
} leaf_t;

typedef void leaf_each_t(const leaf_t *leaf, void *ctx);

void leaves_of(const exi_root_name_t *root, void *message, leaf_each_t *each, void *ctx);

/* Each field of the schema once: false if it was here before. */
bool leaves_is_new(const exi_field_t *field, unsigned purpose);

#endif
