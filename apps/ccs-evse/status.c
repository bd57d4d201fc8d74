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

static void add_session(cJSON *to, const plug_t *plug)
{
    char hex[2 * 20 + 1];
    const ccs_record_t *record = ccs_secc_record(&plug->loop.secc);
    cJSON_AddNumberToObject(to, "energy_Wh", (double)energy_Wh(record, &plug->report));
    cJSON_AddStringToObject(to, "protocol", ccs_protocol_name(record->protocol));
    cJSON_AddNumberToObject(to, "session", record->number + plug->number_base);
    cJSON_AddNumberToObject(to, "soc_permille", record->number == 0 ? -1 : record->soc_end_permille);
    log_hex(record->evcc_id, record->evcc_id_length, hex, sizeof hex);
    cJSON_AddStringToObject(to, "evcc_id", hex);
    cJSON_AddStringToObject(to, "capture", plug->recorder.file);
    cJSON_AddStringToObject(to, "last_end", ccs_end_name(plug->last_end));
}

static void add_octets(cJSON *to, const char *name, const uint8_t *octets, size_t length)
{
    char hex[2 * 16 + 1];
    log_hex(octets, length, hex, sizeof hex);
    cJSON_AddStringToObject(to, name, hex);
}

static void add_slac(cJSON *to, const plug_t *plug)
{
    static const char *const kinds[] = {[MODEM_NONE] = "none", [MODEM_LINUX] = "linux", [MODEM_SPI_MODEL] = "spi-model"};
    const ccs_slac_status_t slac = ccs_secc_slac(&plug->loop.secc);
    cJSON *view = cJSON_AddObjectToObject(to, "slac");
    cJSON_AddStringToObject(view, "modem", kinds[plug->modem.kind]);
    cJSON_AddStringToObject(view, "state", slac.state);
    cJSON_AddBoolToObject(view, "ready", slac.modem);
    cJSON_AddBoolToObject(view, "matched", slac.matched);
    cJSON_AddBoolToObject(view, "link", slac.link);
    add_octets(view, "mac", slac.mac, slac.matched ? sizeof slac.mac : 0);
    add_octets(view, "run_id", slac.run_id, slac.matched ? sizeof slac.run_id : 0);
    cJSON_AddNumberToObject(view, "attenuation_dB", slac.matched ? slac.attenuation_dB : -1);
}

static void add_guard(cJSON *to, const plug_t *plug)
{
    const ccs_report_t *report = &plug->report;
    const ccs_want_t *want = &plug->loop.out.want;
    cJSON_AddStringToObject(to, "phase", ccs_phase_name(report->phase));
    cJSON_AddStringToObject(to, "pilot", ccs_pilot_state_name(report->pilot));
    cJSON_AddStringToObject(to, "pilot_drive", plug_pilot_drive(plug));
    add_reading(to, "main_closed", &report->sample.main_closed);
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

static void add_site(cJSON *to, const plug_t *plug, int64_t now_ms)
{
    static const char *const policies[] = {[AUTHORIZE_FREE] = "free", [AUTHORIZE_ASK] = "ask", [AUTHORIZE_DENY] = "deny"};
    cJSON *authorization = cJSON_AddObjectToObject(to, "authorization");
    cJSON_AddStringToObject(authorization, "policy", policies[plug->authorizer.policy]);
    cJSON_AddBoolToObject(authorization, "waiting", plug->authorizer.job != 0);
    cJSON_AddBoolToObject(authorization, "token", authorize_token_waits(&plug->authorizer, now_ms));
    cJSON *limits = cJSON_AddObjectToObject(to, "limits");
    cJSON_AddNumberToObject(limits, "mV", plug->limits.mV_max);
    cJSON_AddNumberToObject(limits, "mA", plug->limits.charge_mA_max);
    cJSON_AddNumberToObject(limits, "W", plug->limits.power_W_max);
    cJSON_AddStringToObject(limits, "reason", plug->limits.reason);
}

cJSON *plug_status(const plug_t *plug)
{
    const int64_t now_ms = clock_now_ms();
    cJSON *status = cJSON_CreateObject();
    cJSON_AddNumberToObject(status, "ms", (double)now_ms);
    cJSON_AddNumberToObject(status, "outlet", plug->number);
    cJSON_AddStringToObject(status, "wait", ccs_secc_wait_name(&plug->loop.secc));
    cJSON_AddBoolToObject(status, "running", plug_session_runs(plug));
    add_guard(status, plug);
    add_session(status, plug);
    add_slac(status, plug);
    add_site(status, plug, now_ms);
    cJSON_AddStringToObject(status, "hal", plug->power.name);
    cJSON *sim = power_sim_view(&plug->power);
    if (sim != NULL) {
        cJSON_AddItemToObject(status, "sim", sim);
    }
    cJSON_AddStringToObject(status, "interface", plug->wire.name);
    cJSON_AddNumberToObject(status, "tcp_port", plug->port.tcp_port);
    cJSON_AddBoolToObject(status, "network", !plug->away);
    cJSON_AddBoolToObject(status, "listening", plug->port.listening);
    cJSON_AddItemToObject(status, "tls", plug_tls_view(plug));
    cJSON_AddBoolToObject(status, "stopping", plug->charger->stop != CHARGER_RUNS);
    cJSON_AddStringToObject(status, "version", CCS_VERSION);
    return status;
}

cJSON *charger_status(const charger_t *charger)
{
    cJSON *status = cJSON_CreateObject();
    cJSON *outlets = cJSON_AddArrayToObject(status, "outlets");
    for (size_t i = 0; i < charger->plugs; i++) {
        cJSON_AddItemToArray(outlets, plug_status(&charger->plug[i]));
    }
    return status;
}
