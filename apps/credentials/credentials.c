/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/credentials/credentials.h"

#include "ports/linux/clock.h"
#include "ports/openssl/keys_openssl.h"
#include "ports/tls/openssl/key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

enum { SET_MEMORY = 32768, SET_MEMORY_MAX = 262144, TEXT_MAX = 400 };

/* A snapshot of the store, and of TLS over it. */
struct credentials_set {
    store_snapshot_t snapshot;
    tls_credential_t credential[TLS_CREDENTIALS_MAX];
    size_t count;
    tls_server_t server;
    bool serves; /* server is one: there is at least one credential */
    uint8_t memory[];
};

static void say(const credentials_t *credentials, ccs_level_t level, const char *event, const char *text)
{
    credentials->config.say(credentials->config.ctx, level, event, text);
}

static store_time_t time_now(const credentials_t *credentials)
{
    return utc_time(&credentials->utc, clock_now_ms());
}

/* ---- snapshots */

static void set_free(void *ctx)
{
    credentials_set_t *const set = ctx;
    store_snapshot_free(&set->snapshot);
    free(set);
}

static void set_drop(credentials_set_t *set)
{
    if (set && set->serves) {
        tls_server_drop(&set->server); /* set_free() comes with the last link */
    } else if (set) {
        set_free(set);
    }
}

/* As much memory as it needs. */
static credentials_set_t *set_take(const credentials_t *credentials)
{
    for (size_t size = SET_MEMORY; size <= SET_MEMORY_MAX; size *= 2) {
        credentials_set_t *const set = calloc(1, sizeof *set + size);
        const ccs_err_t err =
            set ? store_snapshot_take(&credentials->store, time_now(credentials), &set->snapshot, set->memory, size) : CCS_ERR_IO;
        if (err == CCS_OK) {
            return set;
        }
        free(set);
        if (err != CCS_ERR_SPACE) {
            return NULL;
        }
    }
    return NULL;
}

static void add_credential(credentials_set_t *set, const store_credential_t *own)
{
    tls_credential_t *const to = &set->credential[set->count++];
    *to = (tls_credential_t){.version = own->version, .root = own->root, .key = tls_openssl_key(keys_openssl_handle(own->key))};
    memcpy(to->chain, own->chain, own->count * sizeof own->chain[0]);
    memcpy(to->ocsp, own->ocsp, own->count * sizeof own->ocsp[0]);
}

static void leave_out(credentials_set_t *set, size_t which)
{
    set->count--;
    memmove(&set->credential[which], &set->credential[which + 1], (set->count - which) * sizeof set->credential[0]);
}

/* A credential that the library does not take costs the others nothing. */
static ccs_err_t set_serve(const credentials_t *credentials, credentials_set_t *set)
{
    const credentials_config_t *const config = &credentials->config;
    ccs_err_t err = CCS_ERR_CONFIG;
    while (set->count > 0 && err == CCS_ERR_CONFIG) {
        size_t which = SIZE_MAX;
        const tls_server_config_t server = {
            .backend = tls_openssl(),
            .site = config->site,
            .trust = {.stores = set->snapshot.stores, .revocation = config->revocation, .compat = config->site.compat},
            .credentials = set->credential,
            .count = set->count,
            .gone = set_free,
            .ctx = set,
        };
        err = tls_server_init(&set->server, &server, &which);
        if (err == CCS_ERR_CONFIG && which >= set->count) {
            return err;
        }
        if (err == CCS_ERR_CONFIG) {
            say(credentials, CCS_LEVEL_WARNING, "credential", "a chain is left out: TLS does not take it");
            leave_out(set, which);
        }
    }
    set->serves = err == CCS_OK;
    return set->count == 0 ? CCS_OK : err;
}

static void tell_set(const credentials_t *credentials, const credentials_set_t *set)
{
    char text[TEXT_MAX];
    unsigned versions[2] = {0, 0};
    for (size_t i = 0; i < set->count; i++) {
        versions[set->credential[i].version == 13]++;
    }
    (void)snprintf(text, sizeof text, "TLS 1.2: %u chains, TLS 1.3: %u; roots V2G %zu, OEM %zu, MO %zu", versions[0], versions[1],
                   set->snapshot.stores.store[PKI_STORE_V2G].count, set->snapshot.stores.store[PKI_STORE_OEM].count,
                   set->snapshot.stores.store[PKI_STORE_MO].count);
    say(credentials, set->count > 0 ? CCS_LEVEL_INFO : CCS_LEVEL_WARNING, "credentials", text);
    if (set->snapshot.lost > 0) {
        say(credentials, CCS_LEVEL_ERROR, "credentials", "a chain has no private key that can be read; it is not shown");
    }
}

/* The next connection is shown what the store has now. Where that fails, what was shown before stays. */
static bool renew(credentials_t *credentials)
{
    credentials_set_t *const before = credentials->set, *const set = set_take(credentials);
    credentials->changes = credentials->store.changes;
    if (!set) {
        say(credentials, CCS_LEVEL_ERROR, "credentials", "the store cannot be read; what was shown before stays");
        return false;
    }
    for (size_t i = 0; i < set->snapshot.count && set->count < TLS_CREDENTIALS_MAX; i++) {
        add_credential(set, &set->snapshot.credential[i]);
    }
    if (set_serve(credentials, set) != CCS_OK) {
        say(credentials, CCS_LEVEL_ERROR, "credentials", "the TLS library refuses; what was shown before stays");
        set_drop(set);
        return false;
    }
    credentials->set = set;
    tell_set(credentials, set);
    credentials->config.changed(credentials->config.ctx, set->serves ? &set->server : NULL);
    set_drop(before);
    return true;
}

/* ---- upkeep */

static bool asks_control(const credentials_t *credentials)
{
    return strcmp(credentials->config.hook, "control") == 0;
}

/* Jobs that wait at the control socket, and whose time has passed. */
static void forget_old_jobs(credentials_t *credentials)
{
    for (size_t i = credentials->hook.jobs; i > 0; i--) {
        const uint32_t id = credentials->hook.job[i - 1].id;
        if (!upkeep_is_open(&credentials->upkeep, id)) {
            hook_forget(&credentials->hook, id);
        }
    }
}

static void ask(void *ctx, const upkeep_job_t *job)
{
    credentials_t *const credentials = ctx;
    forget_old_jobs(credentials);
    if (!hook_ask(&credentials->hook, job)) {
        upkeep_failed(&credentials->upkeep, job->id, clock_now_ms());
    }
}

static void warn(void *ctx, const upkeep_warning_t *warning)
{
    char text[TEXT_MAX];
    upkeep_warning_text(warning, text, sizeof text);
    const bool soon = warning->kind != UPKEEP_ENDS || warning->days <= 7;
    say(ctx, soon ? CCS_LEVEL_ERROR : CCS_LEVEL_WARNING, "upkeep", text);
}

static store_answer_t take_response(credentials_t *credentials, uint32_t id, ccs_view_t response, int64_t now_ms)
{
    char text[TEXT_MAX], why[TEXT_MAX / 2];
    const store_answer_t answer =
        upkeep_answer(&credentials->upkeep, &credentials->store, id, response, time_now(credentials), now_ms);
    store_answer_text(answer, why, sizeof why);
    (void)snprintf(text, sizeof text, "response: %s", why);
    say(credentials, answer.fault == STORE_NONE ? CCS_LEVEL_INFO : CCS_LEVEL_WARNING, "ocsp", text);
    return answer;
}

static void fetched(void *ctx, uint32_t id, ccs_view_t response, int64_t now_ms)
{
    credentials_t *const credentials = ctx;
    if (response.length == 0) {
        say(credentials, CCS_LEVEL_WARNING, "ocsp", "the hook program gave no response");
        upkeep_failed(&credentials->upkeep, id, now_ms);
        return;
    }
    (void)take_response(credentials, id, response, now_ms);
}

bool credentials_job(credentials_t *credentials, size_t at, upkeep_job_t *job)
{
    forget_old_jobs(credentials);
    if (at >= credentials->hook.jobs) {
        return false;
    }
    const hook_job_t *const one = &credentials->hook.job[at];
    *job = (upkeep_job_t){.id = one->id,
                          .uri = {(const uint8_t *)one->uri, strlen(one->uri)},
                          .request = {one->request, one->length},
                          .name = one->name};
    return true;
}

store_answer_t credentials_answer(credentials_t *credentials, uint32_t id, ccs_view_t response)
{
    if (!upkeep_is_open(&credentials->upkeep, id)) {
        return (store_answer_t){.fault = STORE_NOTHING};
    }
    hook_forget(&credentials->hook, id);
    return take_response(credentials, id, response, clock_now_ms());
}

const store_snapshot_t *credentials_snapshot(const credentials_t *credentials)
{
    return credentials->set ? &credentials->set->snapshot : NULL;
}

static void note(void *ctx, const char *what)
{
    say(ctx, CCS_LEVEL_WARNING, "console", what); /* of who changes keys everybody shall hear */
}

/* ---- time: the system's clock, which an NTP or PTP daemon keeps, or nobody but its RTC */

static utc_source_t source_now(void)
{
    struct timex facts = {.modes = 0};
    const int state = adjtimex(&facts);
    if (state < 0 || clock_utc_s() == 0) {
        return UTC_NONE;
    }
    return state != TIME_ERROR && (facts.status & STA_UNSYNC) == 0 ? UTC_NETWORK : UTC_RTC;
}

static void ask_clock(credentials_t *credentials, int64_t now_ms)
{
    const utc_source_t source = source_now(), before = credentials->utc.source;
    const uint32_t refused = credentials->utc.refused;
    char text[TEXT_MAX];
    credentials->clock_ms = now_ms + CREDENTIALS_CLOCK_MS;
    if (source < before) {
        utc_lose(&credentials->utc, now_ms);
    }
    const int64_t utc_ms = clock_utc_us() / 1000; /* its fraction counts: a certificate may be a second old */
    (void)utc_tell(&credentials->utc, source, utc_ms / 1000, now_ms - utc_ms % 1000);
    utc_tick(&credentials->utc, now_ms);
    const bool refused_now = credentials->utc.refused != refused && (before != UTC_NONE || refused == 0);
    if (refused_now) {
        say(credentials, CCS_LEVEL_ERROR, "time", "the clock is behind the newest time on record: it is not trusted");
    }
    if (credentials->utc.source != before) {
        (void)snprintf(text, sizeof text, "source %s", utc_source_name(credentials->utc.source));
        say(credentials, CCS_LEVEL_INFO, "time", text);
    }
}

int64_t credentials_utc_s(const credentials_t *credentials)
{
    return time_now(credentials).trusted_s;
}

/* ---- as a service of the loop */

static void look(credentials_t *credentials, int64_t now_ms)
{
    if (credentials->set) {
        upkeep_look(&credentials->upkeep, &credentials->set->snapshot, time_now(credentials), now_ms);
    }
}

static void own_ready(void *ctx, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    credentials_t *const credentials = ctx;
    (void)fds;
    (void)count;
    bool due = now_ms >= upkeep_deadline_ms(&credentials->upkeep);
    bool ended = false;
    if (now_ms >= credentials->clock_ms) {
        ask_clock(credentials, now_ms);
        ended = credentials->set && time_now(credentials).newest_s > credentials->set->snapshot.until_s;
    }
    const bool trusted = credentials->utc.source != UTC_NONE;
    due = due || trusted != credentials->trusted;
    credentials->trusted = trusted;
    if (credentials->changes != credentials->store.changes || ended) {
        due = renew(credentials) || due;
    }
    if (due) {
        look(credentials, now_ms);
    }
}

static int64_t own_deadline(void *ctx)
{
    const credentials_t *const credentials = ctx;
    const int64_t upkeep_ms = upkeep_deadline_ms(&credentials->upkeep);
    if (credentials->changes != credentials->store.changes) {
        return 0;
    }
    return credentials->clock_ms < upkeep_ms ? credentials->clock_ms : upkeep_ms;
}

size_t credentials_services(credentials_t *credentials, loop_service_t services[CREDENTIALS_SERVICES])
{
    size_t count = 0;
    if (credentials->socket.fd >= 0) {
        services[count++] = console_server_service(&credentials->socket);
    }
    if (credentials->config.hook[0] != '\0' && !asks_control(credentials)) {
        services[count++] = hook_service(&credentials->hook);
    }
    services[count++] = (loop_service_t){.ctx = credentials, .ready = own_ready, .deadline_ms = own_deadline};
    return count;
}

/* ---- life */

static bool open_files(credentials_t *credentials, char *why, size_t size)
{
    char path[FILE_STORE_PATH_SIZE];
    const char *const folder = credentials->config.store;
    switch (file_store_open(&credentials->files, folder, path)) {
    case FILE_STORE_OPEN:
        return true;
    case FILE_STORE_LOOSE:
        (void)snprintf(why, size, "store %s: others may use it, or it is another user's; files must be 0600, the folder 0700",
                       path);
        return false;
    case FILE_STORE_IN_USE:
        (void)snprintf(why, size, "store %s: another program uses it", folder);
        return false;
    default:
        (void)snprintf(why, size, "store %s: %s", folder, strerror(errno));
        return false;
    }
}

static bool open_store(credentials_t *credentials, char *why, size_t size)
{
    if (!open_files(credentials, why, size)) {
        return false;
    }
    credentials->medium = file_store_medium(&credentials->files);
    const store_config_t config = {.medium = &credentials->medium,
                                   .crypto = &credentials->crypto,
                                   .compat = credentials->config.site.compat,
                                   .scratch = credentials->scratch};
    if (store_open(&credentials->store, &config) == CCS_OK && utc_init(&credentials->utc, &credentials->medium) == CCS_OK) {
        return true;
    }
    (void)snprintf(why, size, "store %s: %s", credentials->config.store, strerror(credentials->files.last_errno));
    return false;
}

static bool open_console(credentials_t *credentials, char *why, size_t size)
{
    const console_config_t config = {.store = &credentials->store,
                                     .gate = &credentials->gate,
                                     .utc = &credentials->utc,
                                     .memory = credentials->console_memory,
                                     .note_ctx = credentials,
                                     .note = note};
    gate_init(&credentials->gate, &credentials->medium, &credentials->crypto.pki, clock_now_ms());
    if (credentials->config.console[0] == '\0') {
        return true;
    }
    if (!console_server_open(&credentials->socket, credentials->config.console, &credentials->console, &config)) {
        (void)snprintf(why, size, "console socket %s: %s", credentials->config.console, strerror(errno));
        return false;
    }
    if (!gate_is_provisioned(&credentials->medium)) {
        say(credentials, CCS_LEVEL_INFO, "console", "no token is set: it shows, and changes nothing");
    }
    return true;
}

static bool open_hook(credentials_t *credentials, char *why, size_t size)
{
    const char *const path = credentials->config.hook;
    if (path[0] != '\0' && !asks_control(credentials) && access(path, X_OK) != 0) {
        (void)snprintf(why, size, "hook program %s: %s", path, strerror(errno));
        return false;
    }
    hook_init(&credentials->hook, path, fetched, credentials);
    return true;
}

bool credentials_open(credentials_t *credentials, const credentials_config_t *config, char *why, size_t size)
{
    memset(credentials, 0, sizeof *credentials);
    credentials->config = *config;
    credentials->files.directory = credentials->files.lock = -1;
    credentials->socket.fd = credentials->socket.client = -1;
    credentials->crypto = keys_openssl();
    const upkeep_config_t upkeep = {
        .crypto = &credentials->crypto, .ocsp = config->hook[0] != '\0', .ctx = credentials, .ask = ask, .warn = warn};
    upkeep_init(&credentials->upkeep, &upkeep);
    hook_init(&credentials->hook, "", fetched, credentials);
    if (!open_hook(credentials, why, size) || !open_store(credentials, why, size) || !open_console(credentials, why, size)) {
        credentials_close(credentials);
        return false;
    }
    ask_clock(credentials, clock_now_ms());
    credentials->trusted = credentials->utc.source != UTC_NONE;
    if (!renew(credentials)) {
        (void)snprintf(why, size, "store %s: no TLS can be made of it", config->store);
        credentials_close(credentials);
        return false;
    }
    return true;
}

void credentials_close(credentials_t *credentials)
{
    hook_close(&credentials->hook);
    console_server_close(&credentials->socket);
    if (credentials->set) {
        credentials->config.changed(credentials->config.ctx, NULL);
        set_drop(credentials->set);
        credentials->set = NULL;
    }
    file_store_close(&credentials->files);
}
