/* Signature algorithms. SPDX-License-Identifier: Apache-2.0 */
#include "pki/algorithm.h"
#include "pki/oid.h"

pki_algorithm_t algorithm_read(der_t *der)
{
    der_t inner = der_enter(der, DER_SEQUENCE);
    const pki_algorithm_t algorithm = (pki_algorithm_t)oid_value(oid_algorithms, der_oid(&inner));
    if (algorithm == PKI_ALGORITHM_OTHER) {
        inner.left = inner.fault == DER_FINE ? 0 : inner.left; /* whatever parameters an algorithm has that is refused anyway */
    }
    der_leave(der, &inner);
    return algorithm;
}

bool algorithm_fits(pki_key_kind_t kind, pki_algorithm_t algorithm)
{
    switch (kind) {
    case PKI_P256:
        return algorithm == PKI_ECDSA_SHA256;
    case PKI_P521:
        return algorithm == PKI_ECDSA_SHA512;
    case PKI_ED448:
        return algorithm == PKI_PURE_ED448;
    default:
        return false;
    }
}
