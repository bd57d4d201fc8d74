/* One plug at work: what its loop shows, its guard's reports, its network.
 * SPDX-License-Identifier: Apache-2.0 */
#include "charger.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ccs/version.h"
#include "ports/linux/clock.h"

enum { ADDRESS_WAIT_MS = 3000, PLUG_RETRY_MS = 1000, PLUG_KEEP_MS = 1000 }; /* duplicate address detection takes a second or two */

static void say(plug_t *plug, ccs_level_t level, const char *event, const char *text)
{
    charger_say(plug->charger, plug->number, level, event, text);
}

/* The log knows whose line it is. */
void plug_trace(void *ctx, const ccs_trace_record_t *record)
{
    plug_t *plug = ctx;
    log_t *log = &plug->charger->log;
    log->outlet = plug->charger->several ? plug->number : 0;
    log_record(log, record);
    log->outlet = 0;
}

bool plug_session_runs(const plug_t *plug)
{
    const ccs_record_t *record = ccs_secc_record(&plug->loop.secc);
    return record->number != plug->recorded;
}

/* ---- what the loop shows ---- */

static void on_event(void *ctx, const ccs_event_t *event)
{
    plug_t *plug = ctx;
    recorder_event(&plug->recorder, event);
    if (event->type == CCS_ON_MME) {
        power_mme(&plug->power, event->bytes, event->now_ms);
    }
    if (event->type == CCS_ON_DATAGRAM || event->type == CCS_ON_CONNECT || event->type == CCS_ON_BYTES) {
        power_heard(&plug->power, event->now_ms);
    }
}

static void on_action(void *ctx, const ccs_action_t *action)
{
    plug_t *plug = ctx;
    recorder_action(&plug->recorder, action);
}

static void on_want(void *ctx, const ccs_want_t *want)
{
    plug_t *plug = ctx;
    guard_thread_want(&plug->guard, want);
}

static void on_record(void *ctx, const ccs_record_t *told)
{
    plug_t *plug = ctx;
    charger_t *charger = plug->charger;
    ccs_record_t record = *told;
    const journal_facts_t facts = {
        .outlet = plug->number,
        .meter_id = plug->settings->meter_id,
        .hal = plug->power.name,
        .capture = told->end == CCS_END_INTERRUPTED ? plug->unfinished.capture
                   : plug->recorder.open            ? plug->recorder.file
                                                    : NULL,
        .capture_left_out = captures_left_out(plug),
    };
    const bool before_us = record.end == CCS_END_INTERRUPTED;
    char text[300], running[340], cut[60] = "";
    record.number += plug->number_base;
    plug->last_end = record.end;
    plug->recorded = told->number;
    if (!journal_add(&charger->journal, &record, &facts, clock_now_ms())) {
        say(plug, CCS_LEVEL_ERROR, "journal_not_written", strerror(charger->journal.last_errno));
    }
    storage_running(charger->state, plug->number, running, sizeof running);
    keeper_forget(&charger->keeper, plug->number - 1, running); /* what waits for the disk is in memory, and is said above */
    if (facts.capture_left_out > 0) {
        snprintf(cut, sizeof cut, "; %u packets left out of its capture", facts.capture_left_out);
    }
    snprintf(text, sizeof text, "session %u: %s (%s)%s", record.number, ccs_end_name(record.end), ccs_end_text(record.end), cut);
    say(plug, CCS_LEVEL_INFO, "session_end", text);
    if (!before_us) {
        recorder_note(&plug->recorder, text);
        recorder_end(&plug->recorder);
    }
    control_server_nudge(&charger->control);
}

/* ---- the running session, on the disk as well ---- */

static bool kept_differs(const unfinished_t *a, const unfinished_t *b)
{
    return a->record.number != b->record.number || a->record.meter_end_Wh != b->record.meter_end_Wh ||
           a->record.session_id_length != b->record.session_id_length || a->record.soc_end_permille != b->record.soc_end_permille ||
           strcmp(a->last_request, b->last_request) != 0 || strcmp(a->capture, b->capture) != 0;
}

/* At its beginning, and whenever it has something new to tell, once a second at most. */
static void keep_running(plug_t *plug, int64_t now_ms)
{
    char path[340];
    unfinished_t now;
    const ccs_record_t *record = ccs_secc_record(&plug->loop.secc);
    const bool begins = plug->kept.record.number != record->number;
    if (!plug_session_runs(plug) || record->end == CCS_END_INTERRUPTED || (!begins && now_ms < plug->kept_ms + PLUG_KEEP_MS)) {
        return;
    }
    unfinished_fill(&now, record, plug->recorder.open ? plug->recorder.file : "");
    if (kept_differs(&now, &plug->kept)) {
        plug->kept = now;
        plug->kept_ms = now_ms;
        storage_running(plug->charger->state, plug->number, path, sizeof path);
        keeper_keep(&plug->charger->keeper, plug->number - 1, path, &now);
    }
}

/* ---- authorization ---- */

static void on_job(void *ctx, const ccs_job_t *job)
{
    plug_t *plug = ctx;
    ccs_event_t event = {.type = CCS_ON_ANSWER, .answer = {.id = job->id, .verdict = CCS_UNAVAILABLE}};
    if (job->need == CCS_NEED_AUTHORIZATION) {
        event.answer.verdict = authorize_ask(&plug->authorizer, job->id, clock_now_ms());
        control_server_nudge(&plug->charger->control);
    }
    if (!port_post(&plug->port, &event)) {
        say(plug, CCS_LEVEL_ERROR, "answer_lost", "the event queue is full");
    }
}

static void on_cancel(void *ctx, uint32_t id)
{
    plug_t *plug = ctx;
    authorize_cancel(&plug->authorizer, id);
}

/* ---- the guard's reports ---- */

static void latch_follow(plug_t *plug, const ccs_report_t *report)
{
    if (report->latched == plug->latched) {
        return;
    }
    plug->latched = report->latched;
    if (!storage_latch(plug->charger->state, plug->number, report->latched)) {
        say(plug, CCS_LEVEL_ERROR, "latch_not_written", strerror(errno));
    }
}

/* No modem of ours: the interface is the link, and it is there. Told once the pilot is known, so that no car is answered before. */
static void link_follow(plug_t *plug, const ccs_report_t *report)
{
    const ccs_event_t up = {.type = CCS_ON_DLINK, .dlink = {.up = true}};
    if (plug->modem.kind == MODEM_NONE && !plug->away && !plug->linked && report->pilot != CCS_PILOT_UNKNOWN) {
        plug->linked = port_post(&plug->port, &up);
    }
}

static void on_cable(void *ctx, bool there, uint8_t state)
{
    plug_t *plug = ctx;
    power_cable(&plug->power, there, (ccs_pilot_state_t)state);
}

static void on_report(void *ctx, const guard_image_t *image)
{
    plug_t *plug = ctx;
    const witness_t seen = witness_see(plug, image);
    plug->report = image->report;
    plug->drive = image->drive;
    plug->has_report = true;
    witness_tell(plug, seen);
    latch_follow(plug, &plug->report);
    if (plug->report.pilot == CCS_PILOT_A) {
        tls_links_unplugged(&plug->tls);
    }
    link_follow(plug, &plug->report);
    cable_show(&plug->cable, (uint8_t)plug->drive.pilot);
}

/* ---- the end of the program ---- */

void plug_stop_tell(plug_t *plug)
{
    const charger_stop_t stop = plug->charger->stop;
    const ccs_event_t event = {.type = CCS_ON_STOP, .stop = stop == CHARGER_STOP_ORDERLY ? CCS_STOP_SERVICE : CCS_STOP_EMERGENCY};
    if (stop != CHARGER_RUNS && !plug->stop_posted) {
        plug->stop_posted = port_post(&plug->port, &event);
    }
}

bool plug_is_safe(const plug_t *plug)
{
    const ccs_report_t *report = &plug->report;
    return (report->phase == CCS_PHASE_OFF || report->phase == CCS_PHASE_FAULT) && report->settled;
}

bool plug_is_over(const plug_t *plug)
{
    return plug->stop_posted && !plug_session_runs(plug) && plug->port.posts.count == 0 && plug_is_safe(plug);
}

/* ---- the network comes and goes ---- */

static void network_lost(plug_t *plug, netif_result_t result)
{
    const ccs_event_t down = {.type = CCS_ON_DLINK, .dlink = {.up = false}};
    char why[200], text[300];
    netif_explain(result, plug->wire.name, why, sizeof why);
    if (result == NETIF_OK) {
        snprintf(why, sizeof why, "interface '%s' has another address", plug->wire.name);
    }
    snprintf(text, sizeof text, "%s; a running session ends, the outlet waits for it", why);
    say(plug, CCS_LEVEL_ERROR, "network_lost", text);
    plug->away = true;
    plug->linked = false;
    port_detach(&plug->port);
    cable_close(&plug->cable);
    power_cable_lost(&plug->power, clock_now_ms());
    if (plug->modem.kind == MODEM_NONE) {
        (void)port_post(&plug->port, &down);
    }
    modem_lost(&plug->modem);
    control_server_nudge(&plug->charger->control);
}

static void on_network(void *ctx, netif_result_t result, const netif_t *netif)
{
    plug_t *plug = ctx;
    (void)netif;
    if (!plug->away) {
        network_lost(plug, result); /* another address is a loss, too: sessions lived on the old one */
    }
}

static exits_t secc_start(plug_t *plug);
static void tls_follow(plug_t *plug);

static bool has_tls(const plug_t *plug)
{
    return plug->settings->secc.tls != CCS_TLS_OFF;
}

/* SDP server and listeners; a second time on the ports of before. */
static port_result_t listeners_open(plug_t *plug, uint16_t tcp_port, uint16_t tcp_port_tls, char *why, size_t size)
{
    const port_result_t result = port_open_charger(&plug->port, tcp_port, why, size);
    return result == PORT_OK && has_tls(plug) ? port_open_tls(&plug->port, &plug->tls, tcp_port_tls, why, size) : result;
}

static bool network_open(plug_t *plug)
{
    char why[200];
    if (modem_open(&plug->modem, (modem_kind_t)plug->settings->modem, true, &plug->watch.netif, &plug->port, why, sizeof why) ==
        PORT_OK) {
        plug->wire = plug->watch.netif;
        plug->netif = plug->modem.ip;
        plug->port.netif = plug->netif;
        if (listeners_open(plug, plug->port.tcp_port, plug->port.tcp_port_tls, why, sizeof why) == PORT_OK) {
            return true;
        }
        modem_close(&plug->modem);
        port_detach(&plug->port);
    }
    say(plug, CCS_LEVEL_ERROR, "network_back", why);
    plug->retry_at_ms = clock_now_ms() + PLUG_RETRY_MS;
    return false;
}

/* With the session of before on record the outlet takes up its network again; a new address is a new life of the SECC. */
static void network_back(plug_t *plug)
{
    const netif_t before = plug->netif;
    if (!network_open(plug)) {
        return;
    }
    const bool moved = memcmp(before.address, plug->netif.address, 16) != 0 || memcmp(before.mac, plug->netif.mac, 6) != 0;
    if (plug->power.kind == POWER_SIM) {
        (void)cable_open(&plug->cable, &plug->wire, CABLE_CHARGER, plug->modem.kind != MODEM_NONE, on_cable, plug);
    }
    memcpy(plug->recorder.us.address, plug->netif.address, 16);
    memcpy(plug->recorder.us_datagram.address, plug->netif.address, 16);
    if (moved && secc_start(plug) != EXITS_OK) {
        return; /* cannot be: the same configuration was taken before */
    }
    modem_begin(&plug->modem);
    plug->away = false;
    say(plug, CCS_LEVEL_WARNING, "network_back", moved ? "usable again, with another address" : "usable again");
    control_server_nudge(&plug->charger->control);
}

void plug_tick(plug_t *plug, int64_t now_ms)
{
    const bool busy = plug_session_runs(plug);
    if (!busy && !plug->away) {
        tls_follow(plug);
    }
    plug_stop_tell(plug);
    keep_running(plug, now_ms);
    captures_follow(plug);
    const bool joined = port_links_open(&plug->port) > 0 || ccs_secc_slac(&plug->loop.secc).matched;
    power_tick(&plug->power, busy || joined, now_ms);
    if (plug->away && plug->watch.result == NETIF_OK && !busy && plug->port.posts.count == 0 && now_ms >= plug->retry_at_ms &&
        plug->charger->stop == CHARGER_RUNS) {
        network_back(plug);
    }
}

int64_t plug_deadline_ms(const plug_t *plug)
{
    const int64_t power_ms = power_deadline_ms(&plug->power);
    const bool waits = plug->away && plug->watch.result == NETIF_OK && plug->charger->stop == CHARGER_RUNS;
    return waits && plug->retry_at_ms < power_ms ? plug->retry_at_ms : power_ms;
}

/* ---- as a service of the loop ---- */

static void step_ready(void *ctx, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    plug_t *plug = ctx;
    ccs_event_t event;
    (void)fds;
    (void)count;
    for (int i = 0; i < PLUG_EVENTS_PER_TURN && port_take(&plug->port, &event); i++) {
        outlet_step(&plug->loop, &event);
    }
    if (now_ms >= ccs_secc_deadline_ms(&plug->loop.secc)) {
        event = (ccs_event_t){.type = CCS_ON_TIME, .now_ms = clock_now_ms(), .utc_s = clock_utc_s()};
        outlet_step(&plug->loop, &event);
    }
}

static int64_t step_deadline(void *ctx)
{
    plug_t *plug = ctx;
    return ccs_secc_deadline_ms(&plug->loop.secc);
}

void plug_add_services(plug_t *plug)
{
    const loop_service_t service[] = {
        guard_thread_service(&plug->guard), netwatch_service(&plug->watch),
        cable_service(&plug->cable),        modem_service(&plug->modem),
        port_service(&plug->port),          {.ctx = plug, .ready = step_ready, .deadline_ms = step_deadline},
    };
    for (size_t i = 0; i < sizeof service / sizeof service[0]; i++) {
        loop_add(&plug->charger->loop, &service[i]);
    }
}

/* ---- opening ---- */

static exits_t open_interface(plug_t *plug)
{
    static const exits_t codes[] = {
        [NETIF_MISSING] = EXITS_INTERFACE,    [NETIF_DOWN] = EXITS_INTERFACE, [NETIF_NO_ADDRESS] = EXITS_NO_ADDRESS,
        [NETIF_TENTATIVE] = EXITS_NO_ADDRESS, [NETIF_TAKEN] = EXITS_SECOND,
    };
    char why[200];
    const char *interface = plug->settings->interface;
    const bool address = plug->settings->modem != MODEM_SPI_MODEL; /* whose own interface has one */
    netif_result_t result = netif_open(interface, address ? ADDRESS_WAIT_MS : 0, &plug->wire);
    if (!address && (result == NETIF_NO_ADDRESS || result == NETIF_TENTATIVE)) {
        result = NETIF_OK;
    }
    if (result == NETIF_OK) {
        result = netif_lock(&plug->wire, "ccs-evse");
    }
    if (result == NETIF_OK) {
        netwatch_open(&plug->watch, &plug->wire, address, on_network, plug);
        return EXITS_OK;
    }
    netif_explain(result, interface, why, sizeof why);
    return charger_give_up(codes[result], why);
}

static void send_mme(void *ctx, ccs_view_t frame)
{
    plug_t *plug = ctx;
    modem_send(&plug->modem, frame);
}

static bool mac_of(void *ctx, const uint8_t address[16], uint8_t mac[6])
{
    const plug_t *plug = ctx;
    return modem_mac_of(&plug->modem, address, mac);
}

static size_t window(void *ctx, uint8_t link)
{
    plug_t *plug = ctx;
    return outlet_window(&plug->loop, link);
}

static void on_modem(void *ctx, bool up, const char *text)
{
    plug_t *plug = ctx;
    say(plug, up ? CCS_LEVEL_INFO : CCS_LEVEL_ERROR, up ? "modem" : "modem_lost", text);
}

/* ---- TLS ---- */

static void on_handshake(void *ctx, const ccs_endpoint_t *peer, const tls_facts_t *facts)
{
    plug_t *plug = ctx;
    char text[SECURE_TEXT];
    const bool well = secure_went_well(facts);
    (void)peer; /* the one car that may connect */
    secure_text(facts, true, text);
    recorder_note(&plug->recorder, text);
    say(plug, well ? CCS_LEVEL_INFO : CCS_LEVEL_WARNING, well ? "tls" : "tls_refused", text);
}

static int64_t trusted_utc_s(void *ctx)
{
    const plug_t *plug = ctx;
    return plug->charger->has_credentials ? credentials_utc_s(&plug->charger->credentials) : 0;
}

void plug_show(plug_t *plug, tls_server_t *server)
{
    plug->tls.server = server;
}

static void tls_start(plug_t *plug)
{
    tls_links_init(&plug->tls);
    plug->tls.told = on_handshake;
    plug->tls.utc_s = trusted_utc_s;
    plug->tls.ctx = plug;
    plug_show(plug, plug->charger->tls);
    if (has_tls(plug) && !plug->tls.server) {
        say(plug, CCS_LEVEL_WARNING, "no_credentials",
            "the store has no certificate yet that a car could be shown: no TLS until then");
    }
}

/* The first credentials, or the last ones gone: SDP says something else from now on, by a new life of the SECC between two cars. */
static void tls_follow(plug_t *plug)
{
    const bool told = plug->settings->secc.port_tls != 0;
    if (!has_tls(plug) || told == (plug->tls.server != NULL) || plug->report.pilot != CCS_PILOT_A || plug->port.posts.count > 0) {
        return;
    }
    plug->linked = false;
    if (secc_start(plug) == EXITS_OK) {
        modem_begin(&plug->modem);
        say(plug, CCS_LEVEL_INFO, "tls",
            plug->tls.server ? "there are certificates: TLS is offered" : "no certificates any more: no TLS");
    }
}

static exits_t open_sockets(plug_t *plug)
{
    static const exits_t codes[] = {[PORT_NO_RIGHT] = EXITS_NO_RIGHT, [PORT_BUSY] = EXITS_BUSY, [PORT_FAILED] = EXITS_FAILED};
    char why[200];
    port_result_t result =
        modem_open(&plug->modem, (modem_kind_t)plug->settings->modem, true, &plug->wire, &plug->port, why, sizeof why);
    if (result == PORT_OK) {
        plug->netif = plug->modem.ip;
        plug->port.netif = plug->netif;
        result = listeners_open(plug, plug->settings->secc.port, plug->settings->secc.port_tls, why, sizeof why);
    }
    return result == PORT_OK ? EXITS_OK : charger_give_up(codes[result], why);
}

static exits_t open_power(plug_t *plug)
{
    char why[SETTINGS_ERROR_SIZE];
    const charger_t *charger = plug->charger;
    if (!power_open(&plug->power, charger->hal_kind, plug->settings, &charger->settings->sim, clock_now_ms(), why)) {
        return charger_give_up(EXITS_HARDWARE, why);
    }
    if (plug->power.kind == POWER_SIM &&
        !cable_open(&plug->cable, &plug->wire, CABLE_CHARGER, plug->modem.kind != MODEM_NONE, on_cable, plug)) {
        return charger_refused(EXITS_BUSY, "the simulated cable", plug->wire.name);
    }
    return EXITS_OK;
}

static exits_t secc_start(plug_t *plug)
{
    ccs_secc_config_t *config = &plug->settings->secc;
    const ccs_secc_buffers_t buffers = {
        .rx = plug->rx,
        .rx_size = sizeof plug->rx,
        .tx = plug->tx,
        .tx_size = sizeof plug->tx,
        .arena = plug->arena,
        .arena_size = sizeof plug->arena,
    };
    memcpy(config->address, plug->netif.address, sizeof config->address);
    config->port = plug->port.tcp_port;
    config->port_tls = plug->tls.server ? plug->port.tcp_port_tls : 0;
    memcpy(config->slac.mac, plug->netif.mac, sizeof config->slac.mac);
    config->slac.sha256 = modem_sha256;
    config->trace = (ccs_trace_t){.ctx = plug, .hook = plug_trace};
    plug->number_base += plug->recorded;
    plug->recorded = 0;
    if (ccs_secc_init(&plug->loop.secc, config, &buffers, clock_now_ms()) != CCS_OK) {
        return charger_give_up(EXITS_CONFIG, "the SECC refuses the configuration");
    }
    return EXITS_OK;
}

static exits_t start_secc(plug_t *plug)
{
    plug->loop.port = &plug->port.api;
    plug->loop.hooks = (outlet_hooks_t){.ctx = plug, .event = on_event, .want = on_want, .action = on_action, .record = on_record};
    char running[340];
    storage_running(plug->charger->state, plug->number, running, sizeof running);
    const bool interrupted = unfinished_read(running, &plug->unfinished) &&
                             !journal_has(&plug->charger->journal, plug->number, &plug->unfinished.record);
    plug->settings->secc.unfinished = interrupted ? &plug->unfinished.record : NULL;
    const exits_t code = secc_start(plug);
    plug->settings->secc.unfinished = NULL;
    modem_begin(&plug->modem);
    return code;
}

static exits_t start_guard(plug_t *plug)
{
    char why[120];
    plug->latched = storage_latched(plug->charger->state, plug->number);
    plug->settings->guard.latched = plug->latched;
    const ccs_err_t err = guard_thread_start(&plug->guard, &plug->settings->guard, &plug->power.hal, &plug->port);
    if (err != CCS_OK) {
        snprintf(why, sizeof why, "the guard refuses the configuration of [outlet.%u]", plug->number);
        return charger_give_up(err == CCS_ERR_CONFIG ? EXITS_CONFIG : EXITS_FAILED, why);
    }
    plug->guard.taken = on_report;
    plug->guard.taken_ctx = plug;
    return EXITS_OK;
}

exits_t plug_open(plug_t *plug, charger_t *charger, unsigned number)
{
    exits_t code;
    const port_hooks_t hooks = {
        .ctx = plug, .window = window, .job = on_job, .cancel = on_cancel, .send_mme = send_mme, .mac_of = mac_of};
    plug->charger = charger;
    plug->number = number;
    plug->settings = &charger->settings->outlet[number - 1];
    plug->limits = plug->settings->secc.limits;
    plug->cable.fd = -1;
    plug->watch.fd = -1;
    plug->capture_hold = -1;
    plug->modem = (modem_t){.plc = {.mme_fd = -1, .tap_fd = -1}, .say = on_modem, .say_ctx = plug};
    authorize_init(&plug->authorizer, (authorize_policy_t)charger->settings->authorize, (int64_t)charger->settings->token_s * 1000);
    port_init(&plug->port, &plug->netif, &hooks);
    tls_start(plug);
    if ((code = open_interface(plug)) != EXITS_OK || (code = open_sockets(plug)) != EXITS_OK ||
        (code = open_power(plug)) != EXITS_OK || (code = captures_open(plug)) != EXITS_OK ||
        (code = start_secc(plug)) != EXITS_OK) {
        return code;
    }
    return start_guard(plug);
}

void plug_header(plug_t *plug)
{
    char text[400];
    char tls[40] = "";
    if (has_tls(plug)) {
        snprintf(tls, sizeof tls, ", TLS port %u", plug->port.tcp_port_tls);
    }
    snprintf(text, sizeof text, "ccs-evse %s, hal %s (%s), interface %s, TCP port %u%s", CCS_VERSION, plug->power.name,
             plug->power.about, plug->wire.name, plug->port.tcp_port, tls);
    say(plug, CCS_LEVEL_INFO, "start", text);
    if (!plug->guard.real_time || !plug->guard.locked_memory) {
        say(plug, CCS_LEVEL_WARNING, "no_real_time",
            "the guard runs without real-time priority or locked memory (needs CAP_SYS_NICE, CAP_IPC_LOCK); it watches its own "
            "lateness");
    }
    if (plug->latched) {
        say(plug, CCS_LEVEL_ERROR, "latched", "a fault of an earlier run is latched: no charge before a service reset");
    }
}

void plug_close(plug_t *plug)
{
    guard_thread_stop(&plug->guard);
    power_close(&plug->power);
    captures_close(plug);
    cable_close(&plug->cable);
    netwatch_close(&plug->watch);
    modem_close(&plug->modem);
    port_close(&plug->port);
    tls_links_close(&plug->tls);
}
