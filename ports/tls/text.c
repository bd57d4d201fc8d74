/* Names, and calls that only pass on. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "ports/tls/backend.h"

#define NAME(name, text) #name,

const char *tls_failure_name(tls_failure_t failure)
{
    static const char *const names[] = {TLS_FAILURES(NAME)};
    return (unsigned)failure < TLS_FAILURES_COUNT ? names[failure] : "?";
}

const char *tls_backend_name(const tls_backend_t *backend)
{
    return backend->name;
}

unsigned tls_backend_can(const tls_backend_t *backend)
{
    return backend->can;
}

tls_key_t *tls_key_load(const tls_backend_t *backend, ccs_view_t der)
{
    return backend->key_load(der);
}

void tls_key_free(const tls_backend_t *backend, tls_key_t *key)
{
    if (key) {
        backend->key_free(key);
    }
}

size_t tls_key_point(const tls_backend_t *backend, const tls_key_t *key, uint8_t *point, size_t size)
{
    return backend->key_point(key, point, size);
}

bool tls_memory_without_certificate(const tls_memory_t *memory, const uint8_t address[16])
{
    return memory->without_certificate && memcmp(memory->address, address, sizeof memory->address) == 0;
}

void tls_memory_note(tls_memory_t *memory, const uint8_t address[16], const tls_facts_t *facts)
{
    if (facts->failure == TLS_FAILURE_NO_CERTIFICATE) {
        memcpy(memory->address, address, sizeof memory->address);
        memory->without_certificate = true;
    }
}

void tls_memory_forget(tls_memory_t *memory)
{
    *memory = (tls_memory_t){0};
}
