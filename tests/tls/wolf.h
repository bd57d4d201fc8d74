/* A client of a third library: wolfSSL, which checks what is stapled. Apart from OpenSSL's headers, which it has names of.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_TLS_WOLF_H
#define CCS_TESTS_TLS_WOLF_H

#include "ports/tls/tls.h"

typedef struct wolf_config {
    uint8_t version; /* 12, 13 */
    ccs_view_t root;
    ccs_view_t chain; /* certificates, one behind the other; empty: none */
    ccs_view_t key;
    bool must_staple; /* without an OCSP response that says good of the leaf it leaves */
    tls_wire_t wire;
} wolf_config_t;

typedef struct wolf wolf_t;

wolf_t *wolf_open(const wolf_config_t *config); /* NULL: the library refused */
void wolf_free(wolf_t *wolf);

/* One step of the handshake, 1: done, 0: wants more, below: the library's error. */
int wolf_step(wolf_t *wolf);
const char *wolf_text(int error, char text[80]);

/* Octets in the clear; as many as went. */
int wolf_write(wolf_t *wolf, const char *text, size_t length);
#endif
