/* Who may change the store: a person or a program that knows the token which was set at provisioning.
 *
 * There is no token to begin with, and then nothing opens. Its salted hash is kept, never itself; it is compared in constant time.
 * After some failures the gate stays shut for a while that doubles each time; the count outlives a restart. Time is the caller's.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_STORE_GATE_H
#define CCS_STORE_GATE_H

#include "ports/common/store/store.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    GATE_TOKEN_MIN = 16, /* octets: what is shorter is guessed */
    GATE_TOKEN_MAX = 128,
    GATE_SALT_SIZE = 16,
    GATE_FREE_FAILURES = 3, /* a person may mistype */
    GATE_LOCK_MS = 5000,    /* after the last free failure; doubles with each further one */
    GATE_LOCK_MAX_MS = 3600000,
    GATE_IDLE_MS = 300000 /* an open gate that nobody uses shuts */
};

typedef enum gate_said { GATE_OPENED, GATE_WRONG, GATE_LOCKED, GATE_NO_TOKEN, GATE_FAILED } gate_said_t;

typedef struct gate {
    const store_medium_t *medium;
    const pki_crypto_t *crypto;
    uint32_t failures;
    int64_t locked_until_ms;
    bool open;
    int64_t used_ms; /* when it was last used */
} gate_t;

/* At provisioning: sets the token, replacing another; salt is random. LENGTH: too short or too long. */
CCS_MUST_USE ccs_err_t gate_provision(const store_medium_t *medium, const pki_crypto_t *crypto, ccs_view_t token,
                                      const uint8_t salt[GATE_SALT_SIZE]);
bool gate_is_provisioned(const store_medium_t *medium);

/* Failures of before a restart count: their wait begins anew. */
void gate_init(gate_t *gate, const store_medium_t *medium, const pki_crypto_t *crypto, int64_t now_ms);

/* While it is locked nothing is compared, and a right token is refused as well: whoever guesses learns nothing. */
gate_said_t gate_try(gate_t *gate, ccs_view_t token, int64_t now_ms);

/* Is it open? Asking is using. */
bool gate_use(gate_t *gate, int64_t now_ms);
void gate_shut(gate_t *gate);

int64_t gate_wait_ms(const gate_t *gate, int64_t now_ms); /* until it may be tried again; 0: now */

#ifdef __cplusplus
}
#endif
#endif
