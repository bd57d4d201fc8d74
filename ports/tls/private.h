/* Between the files of the common code. SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PORT_TLS_PRIVATE_H
#define CCS_PORT_TLS_PRIVATE_H

#include "ports/tls/tls.h"

/* Which credential a car is shown: of the policy's version, with a key that it can verify; below a root that it names, else the
 * first [V2G2-871] [V2G2-923] [V2G20-1007]. False: none. */
bool tls_server_choose(const tls_server_t *server, const tls_policy_t *policy, const tls_hello_t *hello, size_t *credential,
                       bool *named);

/* A link is done with its snapshot. */
void tls_server_leave(tls_server_t *server);

/* A car's: what its judgement of a stapled response will need of a chain that was judged good; has it been asked for, and never
 * judged? */
void tls_staple_keep(tls_link_t *link, const ccs_view_t *chain, size_t count);
bool tls_staple_is_missing(const tls_link_t *link);

/* Certificates of a chain that is empty behind the last. */
size_t tls_credential_count(const tls_credential_t *credential);

/* Does the key belong to the leaf, and may it stand for its version? *signature: TLS_SIGNATURE_... of its kind. */
bool tls_credential_fits(const tls_backend_t *backend, const tls_credential_t *credential, bool compat, uint16_t *signature);

#endif
