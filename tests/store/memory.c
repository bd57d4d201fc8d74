/* SPDX-License-Identifier: Apache-2.0 */
#include "memory.h"

#include <string.h>

const memory_record_t *memory_find(const memory_t *memory, const char *name)
{
    for (size_t i = 0; i < memory->count; i++) {
        if (strcmp(memory->record[i].name, name) == 0) {
            return &memory->record[i];
        }
    }
    return NULL;
}

size_t memory_count(const memory_t *memory, const char *prefix)
{
    size_t count = 0;
    for (size_t i = 0; i < memory->count; i++) {
        count += strncmp(memory->record[i].name, prefix, strlen(prefix)) == 0;
    }
    return count;
}

static bool has_power(memory_t *memory)
{
    if (memory->power == 0) {
        return false;
    }
    memory->power -= memory->power != SIZE_MAX;
    memory->changes++;
    return true;
}

static ccs_err_t get(void *ctx, const char *name, uint8_t *to, size_t size, size_t *length)
{
    const memory_record_t *const found = memory_find(ctx, name);
    if (!found) {
        return CCS_ERR_MISSING;
    }
    if (found->length > size) {
        return CCS_ERR_SPACE;
    }
    memcpy(to, found->octets, found->length);
    *length = found->length;
    return CCS_OK;
}

static ccs_err_t set(void *ctx, const char *name, ccs_view_t record)
{
    memory_t *const memory = ctx;
    memory_record_t *found = (memory_record_t *)(uintptr_t)memory_find(memory, name);
    if (strlen(name) >= STORE_NAME_SIZE || record.length > STORE_RECORD_MAX || (!found && memory->count == MEMORY_RECORDS)) {
        return CCS_ERR_SPACE;
    }
    if (!has_power(memory)) {
        return CCS_ERR_IO;
    }
    found = found ? found : &memory->record[memory->count++];
    memcpy(found->name, name, strlen(name) + 1);
    memcpy(found->octets, record.at, record.length);
    found->length = record.length;
    return CCS_OK;
}

static ccs_err_t erase(void *ctx, const char *name)
{
    memory_t *const memory = ctx;
    memory_record_t *const found = (memory_record_t *)(uintptr_t)memory_find(memory, name);
    if (!found) {
        return CCS_OK;
    }
    if (!has_power(memory)) {
        return CCS_ERR_IO;
    }
    *found = memory->record[--memory->count];
    return CCS_OK;
}

static ccs_err_t list(void *ctx, void (*each)(void *to, const char *name), void *to)
{
    const memory_t *const memory = ctx;
    for (size_t i = 0; i < memory->count; i++) {
        each(to, memory->record[i].name);
    }
    return CCS_OK;
}

store_medium_t memory_medium(memory_t *memory)
{
    return (store_medium_t){.ctx = memory, .get = get, .set = set, .erase = erase, .list = list};
}
