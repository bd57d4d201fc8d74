/* A medium in memory, whose power can go before any of its changes.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_STORE_MEMORY_H
#define CCS_TESTS_STORE_MEMORY_H

#include "ports/common/store/store.h"

enum { MEMORY_RECORDS = STORE_NAMES_MAX };

typedef struct memory_record {
    char name[STORE_NAME_SIZE];
    uint8_t octets[STORE_RECORD_MAX];
    size_t length;
} memory_record_t;

typedef struct memory {
    memory_record_t record[MEMORY_RECORDS];
    size_t count;
    size_t changes; /* so far */
    size_t power;   /* changes that are still made; SIZE_MAX: all */
} memory_t;

store_medium_t memory_medium(memory_t *memory);
const memory_record_t *memory_find(const memory_t *memory, const char *name); /* NULL: none */
size_t memory_count(const memory_t *memory, const char *prefix);

#endif
