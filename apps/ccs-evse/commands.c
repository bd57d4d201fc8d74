/* What the control socket takes. docs/CONTROL.md is the same table for people.
 * SPDX-License-Identifier: Apache-2.0 */
#include "charger.h"

#include <string.h>

#include "ports/linux/clock.h"

/* The outlet that a command is for; NULL: *why is the answer. Of several outlets one must be named. */
static plug_t *plug_of(const control_call_t *call, cJSON **why)
{
    charger_t *charger = call->ctx;
    if (call->outlet == 0 && !charger->several) {
        return &charger->plug[0];
    }
    for (size_t i = 0; i < charger->plugs; i++) {
        if (charger->plug[i].number == call->outlet) {
            return &charger->plug[i];
        }
    }
    *why = call->outlet == 0 ? control_error("which outlet? say 'outlet N %.40s'", call->word[0])
                             : control_error("there is no outlet %u", call->outlet);
    return NULL;
}

static cJSON *post(plug_t *plug, const ccs_event_t *event)
{
    return port_post(&plug->port, event) ? control_ok() : control_error("too many commands at once; try again");
}

static cJSON *do_status(const control_call_t *call)
{
    const charger_t *charger = call->ctx;
    if (call->outlet == 0 && charger->several) {
        return charger_status(charger);
    }
    cJSON *why = NULL;
    const plug_t *plug = plug_of(call, &why);
    return plug == NULL ? why : plug_status(plug);
}

static cJSON *do_watch(const control_call_t *call)
{
    int64_t ms = 500;
    if (call->words > 1 && !control_number(call->word[1], CONTROL_WATCH_MS_MIN, 60000, &ms)) {
        return control_error("watch [MS]: %d .. 60000", CONTROL_WATCH_MS_MIN);
    }
    cJSON *answer = do_status(call);
    if (!cJSON_HasObjectItem(answer, "error")) {
        call->watch->ms = (uint32_t)ms;
    }
    return answer;
}

static bool car_plugged(const plug_t *plug)
{
    return plug->report.pilot == CCS_PILOT_B || plug->report.pilot == CCS_PILOT_C || plug->report.pilot == CCS_PILOT_D;
}

/* A card that comes after the car was sent away: the car is asked to start afresh. */
static void start_afresh(plug_t *plug)
{
    const ccs_event_t event = {.type = CCS_ON_RESET};
    const bool sent_away = plug->last_end == CCS_END_AUTHORIZATION_LATE || plug->last_end == CCS_END_NOT_AUTHORIZED;
    if (sent_away && car_plugged(plug) && !plug_session_runs(plug)) {
        (void)port_post(&plug->port, &event);
    }
}

static cJSON *do_authorize(const control_call_t *call)
{
    cJSON *why = NULL;
    plug_t *plug = plug_of(call, &why);
    if (plug == NULL) {
        return why;
    }
    authorizer_t *authorizer = &plug->authorizer;
    const int64_t now_ms = clock_now_ms();
    if (authorizer->policy == AUTHORIZE_DENY) {
        return control_error("authorize = deny: nobody may charge here");
    }
    const uint32_t job = authorize_allow(authorizer, call->words > 1 ? call->word[1] : NULL, now_ms);
    if (job == 0) {
        start_afresh(plug);
        return control_ok();
    }
    const ccs_event_t event = {.type = CCS_ON_ANSWER, .answer = {.id = job, .verdict = CCS_GRANTED}};
    return post(plug, &event);
}

static cJSON *do_deny(const control_call_t *call)
{
    cJSON *why = NULL;
    plug_t *plug = plug_of(call, &why);
    if (plug == NULL) {
        return why;
    }
    const uint32_t job = authorize_refuse(&plug->authorizer);
    const ccs_event_t event = {.type = CCS_ON_ANSWER, .answer = {.id = job, .verdict = CCS_DENIED}};
    return job == 0 ? control_ok() : post(plug, &event);
}

static cJSON *do_stop(const control_call_t *call)
{
    cJSON *why = NULL;
    plug_t *plug = plug_of(call, &why);
    if (plug == NULL) {
        return why;
    }
    const bool emergency = call->words == 2 && strcmp(call->word[1], "emergency") == 0;
    const ccs_event_t event = {.type = CCS_ON_STOP, .stop = emergency ? CCS_STOP_EMERGENCY : CCS_STOP_USER};
    if (call->words > 1 && !emergency) {
        return control_error("stop [emergency]");
    }
    return post(plug, &event);
}

/* Why: a word for status and log, as "grid". */
static bool reason_word(const char *word, ccs_limits_t *limits)
{
    static const char name[] = "reason=";
    const size_t length = strlen(word);
    if (strncmp(word, name, sizeof name - 1) != 0 || length >= sizeof name - 1 + sizeof limits->reason) {
        return false;
    }
    memset(limits->reason, 0, sizeof limits->reason);
    memcpy(limits->reason, word + sizeof name - 1, length - (sizeof name - 1));
    return true;
}

static bool limit_word(const char *word, const ccs_limits_t *site, ccs_limits_t *limits)
{
    int64_t value;
    if (control_named(word, "mV", 0, site->mV_max, &value)) {
        limits->mV_max = (int32_t)value;
        return true;
    }
    if (control_named(word, "mA", 0, site->charge_mA_max, &value)) {
        limits->charge_mA_max = (int32_t)value;
        return true;
    }
    if (control_named(word, "W", 0, site->power_W_max, &value)) {
        limits->power_W_max = (int32_t)value;
        return true;
    }
    if (strcmp(word, "site") == 0) {
        *limits = *site;
        return true;
    }
    return reason_word(word, limits);
}

static cJSON *do_limits(const control_call_t *call)
{
    cJSON *why = NULL;
    plug_t *plug = plug_of(call, &why);
    if (plug == NULL) {
        return why;
    }
    const ccs_limits_t *site = &plug->settings->secc.limits;
    ccs_limits_t limits = plug->limits;
    memset(limits.reason, 0, sizeof limits.reason); /* of the change before */
    for (size_t i = 1; i < call->words; i++) {
        if (!limit_word(call->word[i], site, &limits)) {
            return control_error("limits [mV=0..%d] [mA=0..%d] [W=0..%d] [reason=WORD] [site], not '%.40s'", site->mV_max,
                                 site->charge_mA_max, site->power_W_max, call->word[i]);
        }
    }
    const ccs_event_t event = {.type = CCS_ON_LIMITS, .limits = limits};
    if (!port_post(&plug->port, &event)) {
        return control_error("too many commands at once; try again");
    }
    plug->limits = limits;
    cJSON *answer = control_ok();
    cJSON_AddNumberToObject(answer, "mV", limits.mV_max);
    cJSON_AddNumberToObject(answer, "mA", limits.charge_mA_max);
    cJSON_AddNumberToObject(answer, "W", limits.power_W_max);
    cJSON_AddStringToObject(answer, "reason", limits.reason);
    return answer;
}

static cJSON *do_reset(const control_call_t *call)
{
    cJSON *why = NULL;
    plug_t *plug = plug_of(call, &why);
    if (plug == NULL) {
        return why;
    }
    const ccs_event_t event = {.type = CCS_ON_RESET};
    guard_thread_service_reset(&plug->guard);
    return post(plug, &event);
}

static cJSON *do_sessions(const control_call_t *call)
{
    const charger_t *charger = call->ctx;
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddStringToObject(answer, "journal", charger->journal.path);
    cJSON_AddNumberToObject(answer, "waiting", (double)charger->journal.waiting_count);
    cJSON_AddNumberToObject(answer, "write_errors", charger->journal.write_errors);
    cJSON_AddItemToObject(answer, "sessions", journal_recent(&charger->journal));
    return answer;
}

typedef struct counter {
    const char *name;
    size_t offset;
} counter_t;

#define SECC_COUNTER(field)                       \
    {                                             \
#field, offsetof(ccs_secc_stats_t, field) \
    }

static const counter_t counters[] = {
    SECC_COUNTER(sdp_requests),       SECC_COUNTER(sdp_malformed),    SECC_COUNTER(sdp_late),        SECC_COUNTER(sdp_refused),
    SECC_COUNTER(connects),           SECC_COUNTER(connects_refused), SECC_COUNTER(v2gtp_malformed), SECC_COUNTER(v2gtp_too_long),
    SECC_COUNTER(v2gtp_unknown_type), SECC_COUNTER(exi_malformed),    SECC_COUNTER(exi_soft),        SECC_COUNTER(requests),
    SECC_COUNTER(sequence_errors),    SECC_COUNTER(unknown_sessions), SECC_COUNTER(values_odd),      SECC_COUNTER(car_errors),
    SECC_COUNTER(answers_dead),       SECC_COUNTER(sessions),         SECC_COUNTER(sessions_failed),
};

#define SLAC_COUNTER(field)                               \
    {                                                     \
        "slac_" #field, offsetof(ccs_slac_stats_t, field) \
    }

static const counter_t slac_rows[] = {
    SLAC_COUNTER(frames),   SLAC_COUNTER(malformed),     SLAC_COUNTER(foreign),    SLAC_COUNTER(invalid),
    SLAC_COUNTER(sessions), SLAC_COUNTER(evicted),       SLAC_COUNTER(failed),     SLAC_COUNTER(matches),
    SLAC_COUNTER(links),    SLAC_COUNTER(join_timeouts), SLAC_COUNTER(links_lost), SLAC_COUNTER(key_failures),
    SLAC_COUNTER(restarts), SLAC_COUNTER(far),           SLAC_COUNTER(limited),    SLAC_COUNTER(strangers),
};

static void counters_add(cJSON *to, const counter_t *row, size_t count, const void *stats)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t value;
        memcpy(&value, (const char *)stats + row[i].offset, sizeof value);
        cJSON_AddNumberToObject(to, row[i].name, value);
    }
}

static void slac_counters(cJSON *to, const ccs_slac_stats_t *stats)
{
    counters_add(to, slac_rows, sizeof slac_rows / sizeof slac_rows[0], stats);
}

static cJSON *do_stats(const control_call_t *call)
{
    cJSON *why = NULL;
    plug_t *plug = plug_of(call, &why);
    if (plug == NULL) {
        return why;
    }
    const charger_t *charger = plug->charger;
    const ccs_secc_stats_t *stats = ccs_secc_stats(&plug->loop.secc);
    cJSON *answer = cJSON_CreateObject();
    counters_add(answer, counters, sizeof counters / sizeof counters[0], stats);
    slac_counters(answer, ccs_secc_slac_stats(&plug->loop.secc));
    cJSON_AddNumberToObject(answer, "mmes_dropped", plug->port.stats.mmes_dropped + plug->modem.plc.not_sent);
    cJSON_AddNumberToObject(answer, "links_exhausted", plug->port.stats.connects_without_link);
    cJSON_AddNumberToObject(answer, "sends_cut", plug->port.stats.sends_cut);
    cJSON_AddNumberToObject(answer, "datagrams_elsewhere", plug->port.stats.datagrams_elsewhere);
    cJSON_AddNumberToObject(answer, "control_lines", charger->control.lines);
    cJSON_AddNumberToObject(answer, "watch_dropped", charger->control.watch_dropped);
    cJSON_AddNumberToObject(answer, "log_lines_dropped", charger->text_sink.dropped + charger->json_sink.dropped);
    cJSON_AddNumberToObject(answer, "late_ms_max", plug->report.late_ms_max);
    return answer;
}

static cJSON *do_sim(const control_call_t *call)
{
    cJSON *why = NULL;
    plug_t *plug = plug_of(call, &why);
    if (plug == NULL) {
        return why;
    }
    return power_sim_command(&plug->power, call);
}

static cJSON *do_sample(const control_call_t *call)
{
    cJSON *why = NULL;
    plug_t *plug = plug_of(call, &why);
    if (plug == NULL) {
        return why;
    }
    return power_sample_command(&plug->power, call, clock_now_ms());
}

static cJSON *do_modem(const control_call_t *call)
{
    cJSON *why = NULL;
    plug_t *plug = plug_of(call, &why);
    if (plug == NULL) {
        return why;
    }
    if (call->words != 2 || strcmp(call->word[1], "reset") != 0) {
        return control_error("modem reset");
    }
    return modem_reset(&plug->modem) ? control_ok() : control_error("'modem reset' works with --modem spi-model only");
}

const control_row_t charger_commands[] = {
    {"status", "", "the state of the outlet; of all, if there are several and none is named", do_status},
    {"watch", "[MS]", "the state now and every MS milliseconds (500), until the connection is closed", do_watch},
    {"authorize", "[TOKEN]", "lets the car charge that waits, or the next one that asks in time", do_authorize},
    {"deny", "", "refuses the car that waits, and forgets a waiting token", do_deny},
    {"stop", "[emergency]", "ends the charge in order, or at once", do_stop},
    {"limits", "[mV=N] [mA=N] [W=N] [reason=WORD] [site]",
     "changes the limits of the site from now on; 'site' takes those of the configuration", do_limits},
    {"reset", "", "service: clears a latched fault and lets a failed outlet try again", do_reset},
    {"sessions", "", "the records of the last sessions since start", do_sessions},
    {"stats", "", "every counter", do_stats},
    {"pki", "", "certificates of the charger, and OCSP responses that it asks for", identity_show},
    {"ocsp", "ID BASE64", "the response to one of these requests", identity_answer},
    {"sim", "[plug|unplug|replug|auto|clear|isolation OHM|temperature dC|SWITCH [on|off]]",
     "throws a switch of the simulated hardware", do_sim},
    {"modem", "reset", "with --modem spi-model: the modem's chip resets itself", do_modem},
    {"sample", "[READING=N]...", "with --hal control: what is measured; the answer is what to drive", do_sample},
};
const size_t charger_commands_count = sizeof charger_commands / sizeof charger_commands[0];
