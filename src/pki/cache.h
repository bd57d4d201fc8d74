/* Signatures of sub-CAs that were verified before. Private to src/pki.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PKI_CACHE_H
#define CCS_PKI_CACHE_H

#include "pki/pki.h"

bool cache_knows(const pki_cache_t *cache, const uint8_t certificate[PKI_SHA256_SIZE], const uint8_t issuer[PKI_SHA256_SIZE]);

/* Overwrites the oldest entry if all are used. */
void cache_add(pki_cache_t *cache, const uint8_t certificate[PKI_SHA256_SIZE], const uint8_t issuer[PKI_SHA256_SIZE]);

#endif
