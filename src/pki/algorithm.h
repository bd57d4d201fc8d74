/* Signature algorithms. Private to src/pki.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PKI_ALGORITHM_H
#define CCS_PKI_ALGORITHM_H

#include "pki/der.h"
#include "pki/pki.h"

/* AlgorithmIdentifier of a signature: those that matter have no parameters. */
pki_algorithm_t algorithm_read(der_t *der);

/* An algorithm belongs to a kind of key, and its hash to the curve [V2G20-2674]. */
bool algorithm_fits(pki_key_kind_t kind, pki_algorithm_t algorithm);

#endif
