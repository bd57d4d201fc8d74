/* The cryptography that src/pki asks for, by Mbed TLS: P-256 and P-521; it has no Ed448, whose signatures are never good here.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PKI_MBEDTLS_H
#define CCS_PKI_MBEDTLS_H

#include "pki/pki.h"

pki_crypto_t pki_mbedtls(void);

#endif
