/* The cryptography that src/pki asks for, by OpenSSL 3: pure functions, no state, any thread.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PKI_OPENSSL_H
#define CCS_PKI_OPENSSL_H

#include "pki/pki.h"

pki_crypto_t pki_openssl(void);

#endif
