/* Who a charger is, under Linux: its store, the console that changes it, the upkeep of OCSP responses, the time, and what comes of
 * them: a TLS snapshot for the connections to come.
 *
 *     credentials_open(credentials, &config, why, sizeof why);
 *     loop_add(&loop, ...) for each of credentials_services();
 *     ... config.changed(ctx, server) whenever the next connection shall be shown something else; NULL: no TLS now.
 *
 * A connection keeps the snapshot that it began with; the memory of an old one goes with its last connection. One thread, the
 * loop's. SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_CREDENTIALS_CREDENTIALS_H
#define CCS_CREDENTIALS_CREDENTIALS_H

#include "ccs/trace.h"
#include "ports/common/store/upkeep.h"
#include "ports/linux/console_server.h"
#include "ports/linux/file_store.h"
#include "ports/linux/hook.h"
#include "ports/tls/tls.h"

enum { CREDENTIALS_SERVICES = 3, CREDENTIALS_CLOCK_MS = 10000 };

typedef struct credentials_config {
    const char *store;   /* directory; made where it is not there */
    const char *console; /* path of its socket; "": none */
    const char
        *hook; /* program that fetches OCSP responses; "control": jobs wait for credentials_answer(); "": none are asked for */
    tls_site_t site; /* a version without a credential is off, whatever it says */
    pki_revocation_t revocation;
    void *ctx;
    void (*changed)(void *ctx, tls_server_t *server);
    void (*say)(void *ctx, ccs_level_t level, const char *event, const char *text);
} credentials_config_t;

typedef struct credentials_set credentials_set_t;

typedef struct credentials {
    credentials_config_t config;
    file_store_t files;
    store_medium_t medium;
    store_crypto_t crypto;
    store_t store;
    uint8_t scratch[STORE_SCRATCH_SIZE];
    utc_keeper_t utc;
    gate_t gate;
    console_t console;
    uint8_t console_memory[CONSOLE_MEMORY];
    console_server_t socket;
    upkeep_t upkeep;
    hook_t hook;
    credentials_set_t *set; /* in force; NULL: none could be made yet */
    uint32_t changes;       /* of the store, that the set has */
    bool trusted;           /* the time was, when last looked at */
    int64_t clock_ms;       /* when the system's clock is asked next */
} credentials_t;

/* False: why says it in one line, for people; nothing is left open. The first snapshot is told by changed() before it returns. */
bool credentials_open(credentials_t *credentials, const credentials_config_t *config, char *why, size_t size);

/* changed(NULL) is told first; links that still stand on a snapshot keep it until they end, and need *credentials so long. */
void credentials_close(credentials_t *credentials);

/* Returns how many. */
size_t credentials_services(credentials_t *credentials, loop_service_t services[CREDENTIALS_SERVICES]);

/* What waits for an answer; the views in job live until the next call. False: no more than at. */
bool credentials_job(credentials_t *credentials, size_t at, upkeep_job_t *job);

/* An answer to one of them; NOTHING: no such job is open. */
store_answer_t credentials_answer(credentials_t *credentials, uint32_t id, ccs_view_t response);

/* The set in force; NULL: none. */
const store_snapshot_t *credentials_snapshot(const credentials_t *credentials);

/* For handshakes: UTC of a trusted clock; 0: there is none. */
int64_t credentials_utc_s(const credentials_t *credentials);

#endif
