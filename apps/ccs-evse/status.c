/* The charger's state as one JSON object, for `status` and `watch`.
 * SPDX-License-Identifier: Apache-2.0 */
#include "charger.h"

#include "ccs/version.h"
#include "ports/linux/clock.h"

static void add_reading(cJSON *to, const char *name, const ccs_reading_t *reading)
{
    if (reading->at_ms < 0) {
        cJSON_AddNullToObject(to, name);
        return;
    }
    cJSON_AddNumberToObject(to, name, reading->value);
}

static void add_limited(cJSON *to, uint8_t limited)
{
    static const struct {
        ccs_limited_t bit;
        const char *name;
    } names[] = {
        {CCS_LIMITED_VOLTAGE, "voltage"},
        {CCS_LIMITED_CURRENT, "current"},
        {CCS_LIMITED_POWER, "power"},
        {CCS_LIMITED_TEMPERATURE, "temperature"},
    };
    cJSON *list = cJSON_AddArrayToObject(to, "limited");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((limited & names[i].bit) != 0) {
            cJSON_AddItemToArray(list, cJSON_CreateString(names[i].name));
        }
    }
}

/* Of the running session, or of the last one. */
static int64_t energy_Wh(const ccs_record_t *record, const ccs_report_t *report)
{
    if (record->number == 0 || record->meter_begin_Wh < 0) {
        return 0;
    }
    if (record->end != CCS_END_NONE) {
        return record->meter_end_Wh < 0 ? 0 : record->meter_end_Wh - record->meter_begin_Wh;
    }
    return report->sample.meter.at_ms < 0 ? 0 : report->sample.meter.energy_Wh - record->meter_begin_Wh;
}

static void add_session(cJSON *to, const charger_outlet_t *outlet)
{
    char hex[2 * 20 + 1];
    const ccs_record_t *record = ccs_secc_record(&outlet->loop.secc);
    cJSON_AddNumberToObject(to, "energy_Wh", (double)energy_Wh(record, &outlet->report));
    cJSON_AddStringToObject(to, "protocol", ccs_protocol_name(record->protocol));
    cJSON_AddNumberToObject(to, "session", record->number);
    cJSON_AddNumberToObject(to, "soc_permille", record->number == 0 ? -1 : record->soc_end_permille);
    log_hex(record->evcc_id, record->evcc_id_length, hex, sizeof hex);
    cJSON_AddStringToObject(to, "evcc_id", hex);
    cJSON_AddStringToObject(to, "capture", outlet->recorder.file);
    cJSON_AddStringToObject(to, "last_end", ccs_end_name(outlet->last_end));
}

static void add_guard(cJSON *to, const charger_outlet_t *outlet)
{
    const ccs_report_t *report = &outlet->report;
    const ccs_want_t *want = &outlet->loop.out.want;
    cJSON_AddStringToObject(to, "phase", ccs_phase_name(report->phase));
    cJSON_AddStringToObject(to, "pilot", ccs_pilot_state_name(report->pilot));
    add_reading(to, "mV", &report->sample.output_mV);
    add_reading(to, "mA", &report->sample.output_mA);
    cJSON_AddNumberToObject(to, "target_mV", want->target_mV);
    cJSON_AddNumberToObject(to, "target_mA", want->target_mA);
    cJSON_AddStringToObject(to, "isolation", ccs_isolation_name(report->isolation));
    add_reading(to, "isolation_ohm", &report->sample.isolation_ohm);
    cJSON_AddStringToObject(to, "why", ccs_why_name(report->why));
    add_limited(to, report->limited);
    add_reading(to, "temperature_dC", &report->sample.temperature_dC);
    cJSON_AddNumberToObject(to, "mA_max_now", report->mA_max_now);
    cJSON_AddBoolToObject(to, "settled", report->settled);
    cJSON_AddBoolToObject(to, "locked", report->locked);
    cJSON_AddBoolToObject(to, "latched", report->latched);
    cJSON_AddNumberToObject(to, "late_ms_max", report->late_ms_max);
}

static void add_site(cJSON *to, const charger_t *charger, int64_t now_ms)
{
    static const char *const policies[] = {[AUTHORIZE_FREE] = "free", [AUTHORIZE_ASK] = "ask", [AUTHORIZE_DENY] = "deny"};
    const charger_outlet_t *outlet = &charger->outlet;
    cJSON *authorization = cJSON_AddObjectToObject(to, "authorization");
    cJSON_AddStringToObject(authorization, "policy", policies[outlet->authorizer.policy]);
    cJSON_AddBoolToObject(authorization, "waiting", outlet->authorizer.job != 0);
    cJSON_AddBoolToObject(authorization, "token", authorize_token_waits(&outlet->authorizer, now_ms));
    cJSON *limits = cJSON_AddObjectToObject(to, "limits");
    cJSON_AddNumberToObject(limits, "mV", outlet->limits.mV_max);
    cJSON_AddNumberToObject(limits, "mA", outlet->limits.charge_mA_max);
    cJSON_AddNumberToObject(limits, "W", outlet->limits.power_W_max);
}

cJSON *charger_status(const charger_t *charger)
{
    const charger_outlet_t *outlet = &charger->outlet;
    const int64_t now_ms = clock_now_ms();
    cJSON *status = cJSON_CreateObject();
    cJSON_AddNumberToObject(status, "ms", (double)now_ms);
    cJSON_AddNumberToObject(status, "outlet", outlet->number);
    cJSON_AddStringToObject(status, "wait", ccs_secc_wait_name(&outlet->loop.secc));
    cJSON_AddBoolToObject(status, "running", charger_session_runs(charger));
    add_guard(status, outlet);
    add_session(status, outlet);
    add_site(status, charger, now_ms);
    cJSON_AddStringToObject(status, "hal", outlet->power.name);
    cJSON *sim = power_sim_view(&outlet->power);
    if (sim != NULL) {
        cJSON_AddItemToObject(status, "sim", sim);
    }
    cJSON_AddStringToObject(status, "interface", charger->netif.name);
    cJSON_AddNumberToObject(status, "tcp_port", charger->port.tcp_port);
    cJSON_AddBoolToObject(status, "listening", charger->port.listening);
    cJSON_AddBoolToObject(status, "stopping", charger->stop != CHARGER_RUNS);
    cJSON_AddStringToObject(status, "version", CCS_VERSION);
    return status;
}
