/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/store/upkeep.h"

#include "ports/common/store/private.h"

#include <stdio.h>
#include <string.h>

enum { DAY_S = 86400, STEPS = 4 };

/* Days before an end at which people are told; the last step is the end itself. */
static const unsigned step_days[STEPS] = {60, 21, 7, 0};

/* One certificate of ours in its place. */
typedef struct place {
    const store_credential_t *credential;
    size_t at;
    ccs_view_t der, issuer, response;
    pki_certificate_t read;
    char name[UPKEEP_NAME_SIZE];
} place_t;

void upkeep_init(upkeep_t *upkeep, const upkeep_config_t *config)
{
    memset(upkeep, 0, sizeof *upkeep);
    upkeep->config = *config;
    upkeep->looked_ms = -1; /* look_ms is 0: at once */
}

/* ---- items */

static upkeep_item_t *find(upkeep_t *upkeep, const uint8_t sha256[PKI_SHA256_SIZE])
{
    upkeep_item_t *free_one = NULL;
    for (size_t i = 0; i < sizeof upkeep->item / sizeof upkeep->item[0]; i++) {
        upkeep_item_t *const item = &upkeep->item[i];
        if (item->used && memcmp(item->sha256, sha256, PKI_SHA256_SIZE) == 0) {
            return item;
        }
        free_one = item->used || free_one ? free_one : item;
    }
    if (free_one) {
        *free_one = (upkeep_item_t){.used = true, .due_ms = INT64_MIN};
        memcpy(free_one->sha256, sha256, PKI_SHA256_SIZE);
    }
    return free_one;
}

static upkeep_item_t *find_job(upkeep_t *upkeep, uint32_t id)
{
    for (size_t i = 0; i < sizeof upkeep->item / sizeof upkeep->item[0] && id != 0; i++) {
        if (upkeep->item[i].used && upkeep->item[i].job == id) {
            return &upkeep->item[i];
        }
    }
    return NULL;
}

/* ---- warnings */

static void warn(const upkeep_t *upkeep, const place_t *place, upkeep_warning_kind_t kind, unsigned days)
{
    const upkeep_warning_t warning = {.kind = kind,
                                      .days = days,
                                      .until_s = place->read.until_s,
                                      .slot = place->credential->slot,
                                      .age = place->credential->age,
                                      .at = place->at,
                                      .name = place->name};
    upkeep->config.warn(upkeep->config.ctx, &warning);
}

/* Each step once; of several that have passed the last one, as after months without power. */
static void look_at_end(const upkeep_t *upkeep, upkeep_item_t *item, const place_t *place, int64_t utc_s)
{
    uint8_t reached = 0;
    while (reached < STEPS && utc_s > place->read.until_s - (int64_t)step_days[reached] * DAY_S) {
        reached++;
    }
    if (reached <= item->warned) {
        return;
    }
    item->warned = reached;
    const unsigned days = step_days[reached - 1];
    warn(upkeep, place, days == 0 ? UPKEEP_ENDED : UPKEEP_ENDS, days);
}

void upkeep_warning_text(const upkeep_warning_t *warning, char *text, size_t size)
{
    const char *const slot = store_slot_name(warning->slot);
    const char *const age = warning->age == STORE_OLD ? ", old chain" : "";
    switch (warning->kind) {
    case UPKEEP_ENDS:
        (void)snprintf(text, size, "%s%s: certificate \"%s\" ends within %u days", slot, age, warning->name, warning->days);
        return;
    case UPKEEP_ENDED:
        (void)snprintf(text, size, "%s%s: certificate \"%s\" has ended: cars refuse it", slot, age, warning->name);
        return;
    case UPKEEP_REVOKED:
        (void)snprintf(text, size, "%s%s: certificate \"%s\" is revoked: cars refuse it", slot, age, warning->name);
        return;
    default:
        (void)snprintf(text, size, "%s%s: no OCSP response in date on certificate \"%s\"", slot, age, warning->name);
        return;
    }
}

/* ---- OCSP */

static void put_off(upkeep_item_t *item, int64_t now_ms)
{
    const uint32_t doublings = item->failures < 16 ? item->failures : 16;
    const int64_t wait_ms = (int64_t)UPKEEP_RETRY_MS << doublings;
    item->job = 0;
    item->failures++;
    item->due_ms = now_ms + (wait_ms < UPKEEP_RETRY_MAX_MS ? wait_ms : UPKEEP_RETRY_MAX_MS);
}

static void ask(upkeep_t *upkeep, upkeep_item_t *item, const place_t *place, int64_t now_ms)
{
    uint8_t request[UPKEEP_REQUEST_MAX];
    const pki_crypto_t *const crypto = &upkeep->config.crypto->pki;
    const size_t length = upkeep_request(crypto, place->der, place->issuer, request, sizeof request);
    if (length == 0) {
        put_off(item, now_ms);
        return;
    }
    upkeep->last_job = upkeep->last_job == UINT32_MAX ? 1 : upkeep->last_job + 1;
    item->job = upkeep->last_job;
    item->answer_by_ms = now_ms + UPKEEP_ANSWER_MS;
    const upkeep_job_t job = {.id = item->job,
                              .certificate = place->der,
                              .issuer = place->issuer,
                              .uri = place->read.ocsp,
                              .request = {request, length},
                              .name = place->name};
    upkeep->config.ask(upkeep->config.ctx, &job);
}

static bool is_fresh(const pki_status_t *status, int64_t utc_s)
{
    const int64_t half_s = (status->until_s - status->from_s) / 2;
    return utc_s < status->from_s + (half_s < UPKEEP_FRESH_S ? half_s : UPKEEP_FRESH_S);
}

static void look_at_response(upkeep_t *upkeep, upkeep_item_t *item, const place_t *place, int64_t utc_s, int64_t now_ms)
{
    pki_status_t status = {0};
    pki_certificate_t issuer;
    pki_reason_t reason;
    if (!pki_read(place->issuer, &issuer, &reason)) {
        return; /* its root is not there any more */
    }
    const bool there = place->response.length > 0 && pki_ocsp_read(place->response, &place->read, &issuer, utc_s,
                                                                   &upkeep->config.crypto->pki, &status) == PKI_GOOD;
    if (there && status.revoked && !item->told_revoked) {
        warn(upkeep, place, UPKEEP_REVOKED, 0);
    }
    item->told_revoked = there && status.revoked;
    if (!there && item->failures > 0 && !item->told_missing) {
        warn(upkeep, place, UPKEEP_NO_RESPONSE, 0);
    }
    item->told_missing = !there && item->failures > 0;
    if (item->job != 0 && now_ms >= item->answer_by_ms) {
        put_off(item, now_ms);
    }
    if (item->job == 0 && now_ms >= item->due_ms && !(there && is_fresh(&status, utc_s))) {
        ask(upkeep, item, place, now_ms);
    }
}

/* ---- looking around */

static void copy_name(const pki_certificate_t *certificate, char name[UPKEEP_NAME_SIZE])
{
    ccs_view_t found = {NULL, 0};
    (void)pki_name_find(certificate->subject, PKI_COMMON_NAME, &found);
    const size_t length = found.length < UPKEEP_NAME_SIZE ? found.length : UPKEEP_NAME_SIZE - 1;
    for (size_t i = 0; i < length; i++) {
        name[i] = found.at[i] >= ' ' && found.at[i] < 127 && found.at[i] != '"' ? (char)found.at[i] : '?';
    }
    name[length] = '\0';
}

static void look_at_place(upkeep_t *upkeep, place_t *place, store_time_t time, int64_t now_ms)
{
    pki_reason_t reason;
    uint8_t sha256[PKI_SHA256_SIZE];
    const pki_crypto_t *const crypto = &upkeep->config.crypto->pki;
    if (!pki_read(place->der, &place->read, &reason)) {
        return;
    }
    crypto->sha256(crypto->ctx, place->der, sha256);
    upkeep_item_t *const item = find(upkeep, sha256);
    if (!item || item->seen) {
        return; /* a sub-CA or a root of several chains */
    }
    item->seen = true;
    copy_name(&place->read, place->name);
    look_at_end(upkeep, item, place, time.newest_s);
    const bool has_issuer = place->at < place->credential->count; /* nobody answers for a root */
    if (upkeep->config.ocsp && has_issuer && time.trusted_s != 0) {
        look_at_response(upkeep, item, place, time.trusted_s, now_ms);
    }
}

static void look_at_credential(upkeep_t *upkeep, const store_credential_t *credential, store_time_t time, int64_t now_ms)
{
    for (size_t i = 0; i <= credential->count; i++) {
        place_t place = {.credential = credential, .at = i};
        const bool is_root = i == credential->count;
        place.der = is_root ? credential->root : credential->chain[i];
        place.response = is_root ? (ccs_view_t){NULL, 0} : credential->ocsp[i];
        place.issuer = i + 1 < credential->count ? credential->chain[i + 1] : credential->root;
        if (place.der.length > 0) {
            look_at_place(upkeep, &place, time, now_ms);
        }
    }
}

void upkeep_look(upkeep_t *upkeep, const store_snapshot_t *snapshot, store_time_t time, int64_t now_ms)
{
    const size_t items = sizeof upkeep->item / sizeof upkeep->item[0];
    for (size_t i = 0; i < items; i++) {
        upkeep->item[i].seen = false;
    }
    for (size_t i = 0; i < snapshot->count; i++) {
        look_at_credential(upkeep, &snapshot->credential[i], time, now_ms);
    }
    for (size_t i = 0; i < items; i++) {
        upkeep->item[i].used = upkeep->item[i].seen; /* what is gone is forgotten, and so is its job */
    }
    upkeep->look_ms = now_ms + UPKEEP_LOOK_MS;
    upkeep->looked_ms = now_ms;
}

/* ---- answers */

store_answer_t upkeep_answer(upkeep_t *upkeep, store_t *store, uint32_t id, ccs_view_t response, store_time_t time, int64_t now_ms)
{
    pki_status_t status = {0};
    upkeep_item_t *const item = find_job(upkeep, id);
    if (!item) {
        return (store_answer_t){.fault = STORE_NOTHING};
    }
    store_answer_t answer = store_set_ocsp(store, response, time, &status);
    if (answer.fault == STORE_NONE && memcmp(status.sha256, item->sha256, PKI_SHA256_SIZE) != 0) {
        answer.fault = STORE_NOT_OURS; /* about another of ours: kept, but not what was asked for */
    }
    if (answer.fault != STORE_NONE) {
        put_off(item, now_ms);
        return answer;
    }
    item->job = 0;
    item->failures = 0;
    item->due_ms = now_ms + UPKEEP_RETRY_MS; /* one that is old already is not asked for in a circle */
    return answer;
}

void upkeep_failed(upkeep_t *upkeep, uint32_t id, int64_t now_ms)
{
    upkeep_item_t *const item = find_job(upkeep, id);
    if (item) {
        put_off(item, now_ms);
    }
}

bool upkeep_is_open(const upkeep_t *upkeep, uint32_t id)
{
    return find_job((upkeep_t *)(uintptr_t)upkeep, id) != NULL;
}

int64_t upkeep_deadline_ms(const upkeep_t *upkeep)
{
    int64_t first_ms = upkeep->look_ms;
    for (size_t i = 0; i < sizeof upkeep->item / sizeof upkeep->item[0]; i++) {
        const upkeep_item_t *const item = &upkeep->item[i];
        const int64_t at_ms = item->job != 0 ? item->answer_by_ms : item->failures > 0 ? item->due_ms : INT64_MAX;
        if (item->used && at_ms > upkeep->looked_ms && at_ms < first_ms) {
            first_ms = at_ms;
        }
    }
    return first_ms;
}
