/* Who this charger is: its store of certificates and keys, and what of it the outlets show.
 * SPDX-License-Identifier: Apache-2.0 */
#include "charger.h"

#include <string.h>

enum { RESPONSE_MAX = CONTROL_LINE_SIZE * 3 / 4 };

static void say(void *ctx, ccs_level_t level, const char *event, const char *text)
{
    charger_say(ctx, 0, level, event, text);
}

/* Connections keep what they began with. */
static void changed(void *ctx, tls_server_t *server)
{
    charger_t *const charger = ctx;
    charger->tls = server;
    for (size_t i = 0; i < charger->plugs; i++) {
        plug_show(&charger->plug[i], server);
    }
}

exits_t identity_open(charger_t *charger)
{
    const pki_settings_t *const pki = &charger->settings->pki;
    char why[500];
    if (pki->store[0] == '\0') {
        return pki->console[0] == '\0' && pki->hook[0] == '\0'
                   ? EXITS_OK
                   : charger_give_up(EXITS_CONFIG, "[pki] console and hook need a store");
    }
    const credentials_config_t config = {
        .store = pki->store,
        .console = pki->console,
        .hook = pki->hook,
        .site = {.allows_12 = true, .allows_13 = true, .compat = pki->compat},
        .revocation = PKI_REVOCATION_AS_KNOWN, /* cars are not asked for OCSP [V2G20-2407]; what is known counts */
        .ctx = charger,
        .changed = changed,
        .say = say,
    };
    if (!credentials_open(&charger->credentials, &config, why, sizeof why)) {
        return charger_give_up(EXITS_STORAGE, why);
    }
    charger->has_credentials = true;
    return EXITS_OK;
}

void identity_add_services(charger_t *charger)
{
    loop_service_t services[CREDENTIALS_SERVICES];
    const size_t count = charger->has_credentials ? credentials_services(&charger->credentials, services) : 0;
    for (size_t i = 0; i < count; i++) {
        loop_add(&charger->loop, &services[i]);
    }
}

void identity_close(charger_t *charger)
{
    if (charger->has_credentials) {
        credentials_close(&charger->credentials);
    }
    charger->has_credentials = false;
}

/* ---- at the control socket */

static cJSON *time_json(const credentials_t *credentials)
{
    cJSON *const json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "source", utc_source_name(credentials->utc.source));
    cJSON_AddNumberToObject(json, "utc_s", (double)credentials_utc_s(credentials));
    return json;
}

static cJSON *certificate_json(ccs_view_t der, bool has_response)
{
    pki_certificate_t read;
    pki_reason_t reason;
    ccs_view_t name = {NULL, 0};
    char text[72] = "";
    cJSON *const json = cJSON_CreateObject();
    if (pki_read(der, &read, &reason) && pki_name_find(read.subject, PKI_COMMON_NAME, &name) > 0) {
        for (size_t i = 0; i < name.length && i + 1 < sizeof text; i++) {
            text[i] = name.at[i] >= ' ' && name.at[i] < 127 ? (char)name.at[i] : '?';
        }
        cJSON_AddStringToObject(json, "name", text);
        cJSON_AddNumberToObject(json, "until_s", (double)read.until_s);
        cJSON_AddBoolToObject(json, "ocsp", has_response);
    }
    return json;
}

static cJSON *chain_json(const store_credential_t *own)
{
    cJSON *const json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "slot", store_slot_name(own->slot));
    cJSON_AddBoolToObject(json, "old", own->age == STORE_OLD);
    cJSON *const list = cJSON_AddArrayToObject(json, "certificates");
    for (size_t i = 0; i < own->count; i++) {
        cJSON_AddItemToArray(list, certificate_json(own->chain[i], own->ocsp[i].length > 0));
    }
    return json;
}

static cJSON *job_json(const upkeep_job_t *job)
{
    char request[UPKEEP_REQUEST_MAX * 4 / 3 + 8];
    cJSON *const json = cJSON_CreateObject();
    (void)payload_text(job->request.at, job->request.length, request, sizeof request);
    cJSON_AddNumberToObject(json, "id", job->id);
    cJSON_AddStringToObject(json, "certificate", job->name);
    cJSON_AddStringToObject(json, "uri", (const char *)job->uri.at);
    cJSON_AddStringToObject(json, "request", request);
    return json;
}

cJSON *identity_show(const control_call_t *call)
{
    charger_t *const charger = call->ctx;
    upkeep_job_t job;
    if (!charger->has_credentials) {
        return control_error("no [pki] store is configured");
    }
    cJSON *const answer = cJSON_CreateObject();
    const store_snapshot_t *const snapshot = credentials_snapshot(&charger->credentials);
    cJSON_AddItemToObject(answer, "time", time_json(&charger->credentials));
    cJSON *const chains = cJSON_AddArrayToObject(answer, "chains");
    for (size_t i = 0; snapshot && i < snapshot->count; i++) {
        cJSON_AddItemToArray(chains, chain_json(&snapshot->credential[i]));
    }
    cJSON *const jobs = cJSON_AddArrayToObject(answer, "jobs");
    for (size_t i = 0; credentials_job(&charger->credentials, i, &job); i++) {
        cJSON_AddItemToArray(jobs, job_json(&job));
    }
    return answer;
}

cJSON *identity_answer(const control_call_t *call)
{
    charger_t *const charger = call->ctx;
    uint8_t response[RESPONSE_MAX];
    payload_t payload;
    int64_t id;
    char why[300];
    if (!charger->has_credentials || call->words != 3 || !control_number(call->word[1], 1, UINT32_MAX, &id)) {
        return control_error("ocsp ID BASE64, with a [pki] store");
    }
    payload_begin(&payload, response, sizeof response);
    (void)payload_line(&payload, call->word[2], strlen(call->word[2]));
    const payload_fault_t fault = payload_end(&payload);
    if (fault != PAYLOAD_FINE) {
        return control_error("ocsp: %s", payload_fault_text(fault));
    }
    const ccs_view_t view = {response, payload.length};
    const store_answer_t answer = credentials_answer(&charger->credentials, (uint32_t)id, view);
    store_answer_text(answer, why, sizeof why);
    return answer.fault == STORE_NONE ? control_ok() : control_error("ocsp: %s", why);
}
