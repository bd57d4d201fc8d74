/* The serial console: who we are, by hand or by a provisioning program. Lines in, lines out, over a UART, a pty or a socket.
 *
 *     auth TOKEN                        opens the session; without it nothing is changed
 *     pki list [cert|key|ca]
 *     pki get cert|key|ca [SLOT|STORE]  certificates in PEM; of a key the fingerprint of its public half, never more
 *     pki set cert|key|ca [SLOT|STORE]  then Base64 or PEM, and a line with a single "."; "!" gives up
 *     pki set key SLOT new              makes a key that nobody ever sees
 *     pki set key SLOT pkcs11:...       uses a key in a token
 *     pki csr [SLOT] [NAME]             a request for the key that waits, or for a new one
 *     pki drop cert SLOT                the old chain of a renewal
 *     pki drop ca STORE FINGERPRINT
 *     time   logout   help
 *
 * SLOT is iso2 (as is understood), iso20 or iso20-ed448; STORE is v2g (as is understood), oem or mo. Each command ends with one
 * line, "OK ..." or "ERROR ...". Nothing that was typed is ever printed again or logged: it may be a secret. Lines are bounded, and
 * memory is the caller's. Any octets may come in. SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_CONSOLE_CONSOLE_H
#define CCS_CONSOLE_CONSOLE_H

#include "ports/common/store/gate.h"
#include "ports/common/store/payload.h"
#include "ports/common/store/store.h"
#include "ports/common/store/utc.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { CONSOLE_LINE_MAX = 512, CONSOLE_MEMORY = STORE_RECORD_MAX };

typedef struct console_config {
    store_t *store;
    gate_t *gate;
    const utc_keeper_t *utc;
    uint8_t *memory; /* CONSOLE_MEMORY octets: what is typed, and what is shown */
    void *ctx;
    void (*print)(void *ctx, const char *text, size_t length);
    void *note_ctx;
    void (*note)(void *note_ctx, const char *what); /* for the log: what was done, without a secret; may be NULL */
} console_config_t;

typedef enum console_waits { CONSOLE_COMMAND, CONSOLE_CERTIFICATE, CONSOLE_KEY, CONSOLE_ROOTS } console_waits_t;

typedef struct console {
    console_config_t config;
    int64_t now_ms;
    char line[CONSOLE_LINE_MAX + 1];
    size_t length;
    bool too_long;
    console_waits_t waits;
    store_slot_t slot;
    pki_store_kind_t kind;
    payload_t payload;
} console_t;

void console_init(console_t *console, const console_config_t *config);

/* Octets as they come, in any pieces. */
void console_feed(console_t *console, const uint8_t *octets, size_t length, int64_t now_ms);

/* Whoever was there is gone: the session ends, what was typed is forgotten. */
void console_leave(console_t *console);

#ifdef __cplusplus
}
#endif
#endif
