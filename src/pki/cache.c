/* Signatures of sub-CAs that were verified before. SPDX-License-Identifier: Apache-2.0 */
#include "pki/cache.h"

#include <string.h>

void pki_cache_init(pki_cache_t *cache, pki_cache_entry_t *entries, uint16_t count)
{
    *cache = (pki_cache_t){.entries = entries, .count = count};
    for (uint16_t i = 0; i < count; i++) {
        entries[i].used = false;
    }
}

bool cache_knows(const pki_cache_t *cache, const uint8_t certificate[PKI_SHA256_SIZE], const uint8_t issuer[PKI_SHA256_SIZE])
{
    for (uint16_t i = 0; i < cache->count; i++) {
        const pki_cache_entry_t *const entry = &cache->entries[i];
        if (entry->used && memcmp(entry->certificate, certificate, PKI_SHA256_SIZE) == 0 &&
            memcmp(entry->issuer, issuer, PKI_SHA256_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

void cache_add(pki_cache_t *cache, const uint8_t certificate[PKI_SHA256_SIZE], const uint8_t issuer[PKI_SHA256_SIZE])
{
    if (cache->count == 0) {
        return;
    }
    pki_cache_entry_t *const entry = &cache->entries[cache->next];
    entry->used = true;
    memcpy(entry->certificate, certificate, PKI_SHA256_SIZE);
    memcpy(entry->issuer, issuer, PKI_SHA256_SIZE);
    cache->next = (uint16_t)((cache->next + 1u) % cache->count);
}
