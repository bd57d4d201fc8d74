/* Opening, running and ending one charger.
 * SPDX-License-Identifier: Apache-2.0 */
#include "charger.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "ccs/version.h"
#include "ports/linux/clock.h"

enum {
    ADDRESS_WAIT_MS = 3000, /* duplicate address detection takes a second or two */
    EMERGENCY_WAIT_MS = 5000,
    LAST_FIN_MS = 3000
};

static exits_t give_up(exits_t code, const char *why)
{
    fprintf(stderr, "ccs-evse: %s\n", why);
    return code;
}

static void say(charger_t *charger, ccs_level_t level, const char *event, const char *text)
{
    log_say(&charger->log, level, clock_now_ms(), "evse", event, text);
}

bool charger_session_runs(const charger_t *charger)
{
    const ccs_record_t *record = ccs_secc_record(&charger->outlet.loop.secc);
    return record->number != charger->outlet.recorded;
}

/* ---- what the loop shows ---- */

static void on_event(void *ctx, const ccs_event_t *event)
{
    charger_t *charger = ctx;
    recorder_event(&charger->outlet.recorder, event);
    if (event->type == CCS_ON_DATAGRAM || event->type == CCS_ON_CONNECT || event->type == CCS_ON_BYTES) {
        power_heard(&charger->outlet.power, event->now_ms);
    }
}

static void on_action(void *ctx, const ccs_action_t *action)
{
    charger_t *charger = ctx;
    recorder_action(&charger->outlet.recorder, action);
}

static void on_want(void *ctx, const ccs_want_t *want)
{
    charger_t *charger = ctx;
    guard_thread_want(&charger->outlet.guard, want);
}

static void on_record(void *ctx, const ccs_record_t *record)
{
    charger_t *charger = ctx;
    charger_outlet_t *outlet = &charger->outlet;
    const journal_facts_t facts = {
        .outlet = outlet->number,
        .meter_id = charger->settings->outlet.meter_id,
        .hal = outlet->power.name,
        .capture = outlet->recorder.open ? outlet->recorder.file : NULL,
    };
    char text[200];
    outlet->last_end = record->end;
    outlet->recorded = record->number;
    if (!journal_add(&charger->journal, record, &facts, clock_now_ms())) {
        say(charger, CCS_LEVEL_ERROR, "journal_not_written", strerror(charger->journal.last_errno));
    }
    snprintf(text, sizeof text, "session %u: %s (%s)", record->number, ccs_end_name(record->end), ccs_end_text(record->end));
    say(charger, CCS_LEVEL_INFO, "session_end", text);
    recorder_note(&outlet->recorder, text);
    recorder_end(&outlet->recorder);
    control_server_nudge(&charger->control);
}

/* ---- authorization ---- */

static void on_job(void *ctx, const ccs_job_t *job)
{
    charger_t *charger = ctx;
    ccs_event_t event = {.type = CCS_ON_ANSWER, .answer = {.id = job->id, .verdict = CCS_UNAVAILABLE}};
    if (job->need == CCS_NEED_AUTHORIZATION) {
        event.answer.verdict = authorize_ask(&charger->outlet.authorizer, job->id, clock_now_ms());
        control_server_nudge(&charger->control);
    }
    if (!port_post(&charger->port, &event)) {
        say(charger, CCS_LEVEL_ERROR, "answer_lost", "the event queue is full");
    }
}

static void on_cancel(void *ctx, uint32_t id)
{
    charger_t *charger = ctx;
    authorize_cancel(&charger->outlet.authorizer, id);
}

/* ---- the guard's reports ---- */

static void latch_follow(charger_t *charger, const ccs_report_t *report)
{
    charger_outlet_t *outlet = &charger->outlet;
    if (report->latched == outlet->latched) {
        return;
    }
    outlet->latched = report->latched;
    if (!storage_latch(charger->state, outlet->number, report->latched)) {
        say(charger, CCS_LEVEL_ERROR, "latch_not_written", strerror(errno));
    }
}

static void guard_changed(charger_t *charger, const ccs_report_t *report)
{
    char note[200];
    const ccs_trace_record_t record = {
        .now_ms = report->at_ms,
        .level = report->why <= CCS_WHY_STARTING ? CCS_LEVEL_INFO : CCS_LEVEL_WARNING,
        .room = "guard",
        .event = "state",
        .fields = 6,
        .field =
            {
                {.name = "phase", .text = ccs_phase_name(report->phase)},
                {.name = "pilot", .text = ccs_pilot_state_name(report->pilot)},
                {.name = "isolation", .text = ccs_isolation_name(report->isolation)},
                {.name = "why", .text = ccs_why_name(report->why)},
                {.name = "output_mV", .number = report->sample.output_mV.value},
                {.name = "output_mA", .number = report->sample.output_mA.value},
            },
    };
    log_record(&charger->log, &record);
    snprintf(note, sizeof note, "guard %s, pilot %s, isolation %s, %s, %d mV, %d mA", ccs_phase_name(report->phase),
             ccs_pilot_state_name(report->pilot), ccs_isolation_name(report->isolation), ccs_why_name(report->why),
             report->sample.output_mV.value, report->sample.output_mA.value);
    recorder_note(&charger->outlet.recorder, note);
    control_server_nudge(&charger->control);
}

/* No modem of ours: the interface is the link, and it is there. Told once the pilot is known, so that no car is answered before. */
static void link_follow(charger_t *charger, const ccs_report_t *report)
{
    const ccs_event_t up = {.type = CCS_ON_DLINK, .dlink = {.up = true}};
    if (!charger->outlet.linked && report->pilot != CCS_PILOT_UNKNOWN) {
        charger->outlet.linked = port_post(&charger->port, &up);
    }
}

static void on_cable(void *ctx, bool there, uint8_t state)
{
    charger_t *charger = ctx;
    power_cable(&charger->outlet.power, there, (ccs_pilot_state_t)state);
}

static void on_report(void *ctx, const ccs_report_t *report)
{
    charger_t *charger = ctx;
    charger_outlet_t *outlet = &charger->outlet;
    const ccs_report_t before = outlet->report;
    const bool changed = !outlet->has_report || before.phase != report->phase || before.pilot != report->pilot ||
                         before.why != report->why || before.isolation != report->isolation || before.latched != report->latched;
    outlet->report = *report;
    outlet->has_report = true;
    if (changed) {
        guard_changed(charger, report);
    }
    latch_follow(charger, report);
    link_follow(charger, report);
    cable_show(&outlet->cable, (uint8_t)power_pilot_shown(&outlet->power));
}

/* ---- the end of the program ---- */

static void stop_next(charger_t *charger, int64_t now_ms)
{
    const int64_t wait_ms = charger->stop == CHARGER_RUNS ? (int64_t)charger->settings->stop_s * 1000 : EMERGENCY_WAIT_MS;
    charger->stop = charger->stop == CHARGER_STOP_GIVES_UP ? CHARGER_STOP_GIVES_UP : (charger_stop_t)(charger->stop + 1);
    charger->stop_by_ms = now_ms + wait_ms;
    charger->stop_posted = false;
    say(charger, CCS_LEVEL_WARNING, "stop", charger->stop == CHARGER_STOP_ORDERLY ? "ending in order" : "emergency stop");
}

/* Tells the SECC of the present stage, as soon as its queue has room. */
static void stop_tell(charger_t *charger)
{
    const ccs_event_t event = {.type = CCS_ON_STOP,
                               .stop = charger->stop == CHARGER_STOP_ORDERLY ? CCS_STOP_SERVICE : CCS_STOP_EMERGENCY};
    if (charger->stop != CHARGER_RUNS && !charger->stop_posted) {
        charger->stop_posted = port_post(&charger->port, &event);
    }
}

static bool is_safe(const charger_t *charger)
{
    const ccs_report_t *report = &charger->outlet.report;
    return (report->phase == CCS_PHASE_OFF || report->phase == CCS_PHASE_FAULT) && report->settled;
}

static bool is_over(const charger_t *charger)
{
    if (charger->stop == CHARGER_RUNS || !charger->stop_posted) {
        return false;
    }
    if (charger->stop == CHARGER_STOP_GIVES_UP) {
        return true;
    }
    return !charger_session_runs(charger) && charger->port.posts == 0 && is_safe(charger);
}

static size_t signals_fds(void *ctx, struct pollfd *to, size_t room)
{
    const charger_t *charger = ctx;
    if (room == 0) {
        return 0;
    }
    to[0] = (struct pollfd){.fd = charger->signals_fd, .events = POLLIN};
    return 1;
}

static void signals_ready(void *ctx, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    charger_t *charger = ctx;
    struct signalfd_siginfo info;
    if (count > 0 && (fds[0].revents & POLLIN) != 0 && read(charger->signals_fd, &info, sizeof info) == (ssize_t)sizeof info &&
        charger->stop < CHARGER_STOP_EMERGENCY) {
        stop_next(charger, now_ms);
    }
    if (charger->stop != CHARGER_RUNS && now_ms >= charger->stop_by_ms) {
        stop_next(charger, now_ms);
    }
    stop_tell(charger);
    power_tick(&charger->outlet.power, charger_session_runs(charger) || port_links_open(&charger->port) > 0, now_ms);
    if (now_ms >= journal_deadline_ms(&charger->journal)) {
        (void)journal_flush(&charger->journal, now_ms); /* told when it was first refused; `sessions` shows what waits */
    }
}

static int64_t signals_deadline(void *ctx)
{
    const charger_t *charger = ctx;
    const int64_t deadline_ms[] = {
        journal_deadline_ms(&charger->journal),
        charger->stop == CHARGER_RUNS ? INT64_MAX : charger->stop_by_ms,
        power_deadline_ms(&charger->outlet.power),
    };
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < sizeof deadline_ms / sizeof deadline_ms[0]; i++) {
        first = deadline_ms[i] < first ? deadline_ms[i] : first;
    }
    return first;
}

static void signals_open(charger_t *charger)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP); /* a lost terminal ends a charge in order, too */
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    charger->signals_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* ---- opening ---- */

static exits_t open_interface(charger_t *charger, const char *interface)
{
    static const exits_t codes[] = {
        [NETIF_MISSING] = EXITS_INTERFACE,    [NETIF_DOWN] = EXITS_INTERFACE, [NETIF_NO_ADDRESS] = EXITS_NO_ADDRESS,
        [NETIF_TENTATIVE] = EXITS_NO_ADDRESS, [NETIF_TAKEN] = EXITS_SECOND,
    };
    char why[200];
    netif_result_t result = netif_open(interface, ADDRESS_WAIT_MS, &charger->netif);
    if (result == NETIF_OK) {
        result = netif_lock(&charger->netif, "ccs-evse");
    }
    if (result == NETIF_OK) {
        return EXITS_OK;
    }
    netif_explain(result, interface, why, sizeof why);
    return give_up(codes[result], why);
}

static size_t window(void *ctx, uint8_t link)
{
    charger_t *charger = ctx;
    return outlet_window(&charger->outlet.loop, link);
}

static exits_t open_sockets(charger_t *charger)
{
    static const exits_t codes[] = {[PORT_NO_RIGHT] = EXITS_NO_RIGHT, [PORT_BUSY] = EXITS_BUSY, [PORT_FAILED] = EXITS_FAILED};
    char why[200];
    charger->port.netif = charger->netif;
    const port_result_t result = port_open_charger(&charger->port, charger->settings->outlet.secc.port, why, sizeof why);
    return result == PORT_OK ? EXITS_OK : give_up(codes[result], why);
}

static exits_t refused(exits_t otherwise, const char *what, const char *path)
{
    char why[500];
    const exits_t code = errno == EACCES || errno == EPERM || errno == EROFS ? EXITS_NO_RIGHT : otherwise;
    snprintf(why, sizeof why, "%s %s: %s", what, path, strerror(errno));
    return give_up(code, why);
}

static exits_t open_storage(charger_t *charger)
{
    char path[340];
    storage_state(charger->settings, charger->state, sizeof charger->state);
    if (!storage_make(charger->state)) {
        return refused(EXITS_STORAGE, "state directory", charger->state);
    }
    snprintf(path, sizeof path, "%.280s/sessions.jsonl", charger->state);
    if (!journal_open(&charger->journal, path)) {
        return refused(EXITS_STORAGE, "session journal", path);
    }
    charger->outlet.latched = storage_latched(charger->state, charger->outlet.number);
    charger->settings->outlet.guard.latched = charger->outlet.latched;
    return EXITS_OK;
}

static exits_t open_logs(charger_t *charger)
{
    const char *json = charger->settings->log_json;
    charger->text_sink = (sink_t){.fd = STDERR_FILENO};
    charger->log = (log_t){
        .text = {.ctx = &charger->text_sink, .write = sink_write},
        .level = (ccs_level_t)charger->settings->log_level,
        .utc_us = clock_utc_us,
    };
    if (json[0] == '\0') {
        return EXITS_OK;
    }
    if (!sink_open(&charger->json_sink, json)) {
        return refused(EXITS_STORAGE, "JSON log", json);
    }
    charger->log.json = (log_sink_t){.ctx = &charger->json_sink, .write = sink_write};
    charger->log.decode = message_json;
    charger->log.decode_ctx = &charger->messages;
    return EXITS_OK;
}

static bool is_capture_file(const char *path)
{
    static const char ending[] = ".pcapng";
    const size_t length = strlen(path);
    return length > sizeof ending - 1 && strcmp(path + length - (sizeof ending - 1), ending) == 0;
}

static exits_t open_recorder(charger_t *charger)
{
    recorder_t *recorder = &charger->outlet.recorder;
    const char *given = charger->settings->capture;
    recorder->single = is_capture_file(given);
    recorder->utc_us = clock_utc_us;
    snprintf(recorder->path, sizeof recorder->path, "%.280s%s", given[0] == '\0' ? charger->state : given,
             given[0] == '\0' ? "/captures" : "");
    snprintf(recorder->name, sizeof recorder->name, "ccs-evse-outlet%u", charger->outlet.number);
    snprintf(recorder->application, sizeof recorder->application, "ccs-evse %s, hal %.60s", CCS_VERSION,
             charger->outlet.power.name);
    memcpy(recorder->us.address, charger->netif.address, 16);
    recorder->us.port = charger->port.tcp_port;
    recorder->us_datagram = recorder->us;
    recorder->us_datagram.port = 15118;
    if (recorder->single) {
        return recorder_open(recorder) ? EXITS_OK : refused(EXITS_STORAGE, "capture", recorder->path);
    }
    if (!storage_make(recorder->path) || access(recorder->path, W_OK) != 0) {
        return refused(EXITS_STORAGE, "capture directory", recorder->path);
    }
    return EXITS_OK;
}

static exits_t open_control(charger_t *charger)
{
    char path[300];
    const control_table_t table = {.row = charger_commands, .count = charger_commands_count, .ctx = charger};
    storage_control(charger->settings, charger->netif.name, path, sizeof path);
    if (!control_server_open(&charger->control, path, &table)) {
        return refused(errno == EADDRINUSE ? EXITS_BUSY : EXITS_STORAGE, "control socket", path);
    }
    return EXITS_OK;
}

static exits_t open_power(charger_t *charger)
{
    char why[SETTINGS_ERROR_SIZE];
    charger_outlet_t *outlet = &charger->outlet;
    if (!power_open(&outlet->power, charger->hal_kind, charger->settings, clock_now_ms(), why)) {
        return give_up(EXITS_HARDWARE, why);
    }
    if (outlet->power.kind == POWER_SIM && !cable_open(&outlet->cable, &charger->netif, CABLE_CHARGER, on_cable, charger)) {
        snprintf(why, sizeof why, "UDP port %d (the simulated cable): %s", CABLE_PORT, strerror(errno));
        return give_up(EXITS_BUSY, why);
    }
    return EXITS_OK;
}

static exits_t start_secc(charger_t *charger)
{
    charger_outlet_t *outlet = &charger->outlet;
    ccs_secc_config_t *config = &charger->settings->outlet.secc;
    const ccs_secc_buffers_t buffers = {
        .rx = outlet->rx,
        .rx_size = sizeof outlet->rx,
        .tx = outlet->tx,
        .tx_size = sizeof outlet->tx,
        .arena = outlet->arena,
        .arena_size = sizeof outlet->arena,
    };
    memcpy(config->address, charger->netif.address, sizeof config->address);
    config->port = charger->port.tcp_port;
    config->trace = (ccs_trace_t){.ctx = &charger->log, .hook = log_record};
    outlet->loop.port = &charger->port.api;
    outlet->loop.hooks =
        (outlet_hooks_t){.ctx = charger, .event = on_event, .want = on_want, .action = on_action, .record = on_record};
    if (ccs_secc_init(&outlet->loop.secc, config, &buffers, clock_now_ms()) != CCS_OK) {
        return give_up(EXITS_CONFIG, "the SECC refuses the configuration");
    }
    return EXITS_OK;
}

static exits_t start_guard(charger_t *charger)
{
    charger_outlet_t *outlet = &charger->outlet;
    outlet->guard.taken = NULL;
    const ccs_err_t err = guard_thread_start(&outlet->guard, &charger->settings->outlet.guard, &outlet->power.hal, &charger->port);
    if (err != CCS_OK) {
        return give_up(err == CCS_ERR_CONFIG ? EXITS_CONFIG : EXITS_FAILED, "the guard refuses the configuration of [outlet.1]");
    }
    outlet->guard.taken = on_report;
    outlet->guard.taken_ctx = charger;
    return EXITS_OK;
}

static void add_services(charger_t *charger)
{
    const port_service_t guard = guard_thread_service(&charger->outlet.guard);
    const port_service_t control = control_server_service(&charger->control);
    const port_service_t signals = {.ctx = charger, .fds = signals_fds, .ready = signals_ready, .deadline_ms = signals_deadline};
    const port_service_t cable = cable_service(&charger->outlet.cable);
    port_add_service(&charger->port, &guard);
    port_add_service(&charger->port, &cable);
    port_add_service(&charger->port, &control);
    port_add_service(&charger->port, &signals);
}

static void header(charger_t *charger)
{
    char text[800];
    const charger_outlet_t *outlet = &charger->outlet;
    snprintf(text, sizeof text, "ccs-evse %s, hal %s (%s), interface %s, TCP port %u, control %s, journal %s", CCS_VERSION,
             outlet->power.name, outlet->power.about, charger->netif.name, charger->port.tcp_port, charger->control.path,
             charger->journal.path);
    say(charger, CCS_LEVEL_INFO, "start", text);
    if (!outlet->guard.real_time || !outlet->guard.locked_memory) {
        say(charger, CCS_LEVEL_WARNING, "no_real_time",
            "the guard runs without real-time priority or locked memory (needs CAP_SYS_NICE, CAP_IPC_LOCK); it watches its own "
            "lateness");
    }
    if (outlet->latched) {
        say(charger, CCS_LEVEL_ERROR, "latched", "a fault of an earlier run is latched: no charge before a service reset");
    }
}

exits_t charger_open(charger_t *charger, charger_settings_t *settings, const char *interface, const char *hal_kind)
{
    exits_t code;
    const port_hooks_t hooks = {.ctx = charger, .window = window, .job = on_job, .cancel = on_cancel};
    memset(charger, 0, sizeof *charger);
    charger->settings = settings;
    charger->hal_kind = hal_kind;
    charger->outlet.number = 1;
    charger->outlet.limits = settings->outlet.secc.limits;
    charger->control.fd = -1;
    charger->outlet.cable.fd = -1;
    charger->signals_fd = -1;
    authorize_init(&charger->outlet.authorizer, (authorize_policy_t)settings->authorize, (int64_t)settings->token_s * 1000);
    port_init(&charger->port, &charger->netif, &hooks);
    signals_open(charger);
    if ((code = open_interface(charger, interface)) != EXITS_OK || (code = open_sockets(charger)) != EXITS_OK ||
        (code = open_storage(charger)) != EXITS_OK || (code = open_logs(charger)) != EXITS_OK ||
        (code = open_power(charger)) != EXITS_OK || (code = open_recorder(charger)) != EXITS_OK ||
        (code = open_control(charger)) != EXITS_OK || (code = start_secc(charger)) != EXITS_OK ||
        (code = start_guard(charger)) != EXITS_OK) {
        return code;
    }
    add_services(charger);
    header(charger);
    return EXITS_OK;
}

exits_t charger_run(charger_t *charger)
{
    while (!is_over(charger)) {
        outlet_turn(&charger->outlet.loop);
    }
    port_drain_all(&charger->port, clock_now_ms() + LAST_FIN_MS);
    if (!is_safe(charger)) {
        say(charger, CCS_LEVEL_ERROR, "end", "ended without having seen the output safe");
        return EXITS_FAILED;
    }
    say(charger, CCS_LEVEL_INFO, "end", "output safe, journal written");
    return journal_flush(&charger->journal, clock_now_ms()) ? EXITS_OK : EXITS_STORAGE;
}

void charger_close(charger_t *charger)
{
    guard_thread_stop(&charger->outlet.guard);
    power_close(&charger->outlet.power);
    recorder_close(&charger->outlet.recorder);
    control_server_close(&charger->control);
    cable_close(&charger->outlet.cable);
    port_close(&charger->port);
}
