/* Opening, running and ending a charger.
 * SPDX-License-Identifier: Apache-2.0 */
#include "charger.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "ccs/version.h"
#include "ports/linux/clock.h"

enum { EMERGENCY_WAIT_MS = 5000, LAST_FIN_MS = 3000 };

exits_t charger_give_up(exits_t code, const char *why)
{
    fprintf(stderr, "ccs-evse: %s\n", why);
    return code;
}

exits_t charger_refused(exits_t otherwise, const char *what, const char *path)
{
    char why[500];
    const exits_t code = errno == EACCES || errno == EPERM || errno == EROFS ? EXITS_NO_RIGHT : otherwise;
    snprintf(why, sizeof why, "%s %s: %s", what, path, strerror(errno));
    return charger_give_up(code, why);
}

void charger_say(charger_t *charger, unsigned number, ccs_level_t level, const char *event, const char *text)
{
    charger->log.outlet = charger->several ? number : 0;
    log_say(&charger->log, level, clock_now_ms(), "evse", event, text);
    charger->log.outlet = 0;
}

/* ---- the end of the program ---- */

static void stop_next(charger_t *charger, int64_t now_ms)
{
    const int64_t wait_ms = charger->stop == CHARGER_RUNS ? (int64_t)charger->settings->stop_s * 1000 : EMERGENCY_WAIT_MS;
    charger->stop = charger->stop == CHARGER_STOP_GIVES_UP ? CHARGER_STOP_GIVES_UP : (charger_stop_t)(charger->stop + 1);
    charger->stop_by_ms = now_ms + wait_ms;
    for (size_t i = 0; i < charger->plugs; i++) {
        charger->plug[i].stop_posted = false;
    }
    charger_say(charger, 0, CCS_LEVEL_WARNING, "stop",
                charger->stop == CHARGER_STOP_ORDERLY ? "ending in order" : "emergency stop");
}

static bool all_safe(const charger_t *charger)
{
    for (size_t i = 0; i < charger->plugs; i++) {
        if (!plug_is_safe(&charger->plug[i])) {
            return false;
        }
    }
    return true;
}

static bool is_over(const charger_t *charger)
{
    if (charger->stop == CHARGER_RUNS) {
        return false;
    }
    for (size_t i = 0; i < charger->plugs; i++) {
        const plug_t *plug = &charger->plug[i];
        if (charger->stop == CHARGER_STOP_GIVES_UP ? !plug->stop_posted : !plug_is_over(plug)) {
            return false;
        }
    }
    return true;
}

static size_t own_fds(void *ctx, struct pollfd *to, size_t room)
{
    const charger_t *charger = ctx;
    if (room == 0) {
        return 0;
    }
    to[0] = (struct pollfd){.fd = charger->signals_fd, .events = POLLIN};
    return 1;
}

static void own_ready(void *ctx, const struct pollfd *fds, size_t count, int64_t now_ms)
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
    for (size_t i = 0; i < charger->plugs; i++) {
        plug_tick(&charger->plug[i], now_ms);
    }
    if (now_ms >= journal_deadline_ms(&charger->journal)) {
        (void)journal_flush(&charger->journal, now_ms); /* told when it was first refused; `sessions` shows what waits */
    }
}

static int64_t own_deadline(void *ctx)
{
    const charger_t *charger = ctx;
    int64_t first = journal_deadline_ms(&charger->journal);
    if (charger->stop != CHARGER_RUNS && charger->stop_by_ms < first) {
        first = charger->stop_by_ms;
    }
    for (size_t i = 0; i < charger->plugs; i++) {
        const int64_t plug_ms = plug_deadline_ms(&charger->plug[i]);
        first = plug_ms < first ? plug_ms : first;
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

static exits_t open_storage(charger_t *charger)
{
    char path[340];
    storage_state(charger->settings, charger->state, sizeof charger->state);
    if (!storage_make(charger->state)) {
        return charger_refused(EXITS_STORAGE, "state directory", charger->state);
    }
    if (!storage_lock(charger->state)) {
        snprintf(path, sizeof path, "state directory %.280s is used by another daemon", charger->state);
        return errno == EWOULDBLOCK ? charger_give_up(EXITS_SECOND, path)
                                    : charger_refused(EXITS_STORAGE, "state directory", charger->state);
    }
    snprintf(path, sizeof path, "%.280s/sessions.jsonl", charger->state);
    if (!journal_open(&charger->journal, path)) {
        return charger_refused(EXITS_STORAGE, "session journal", path);
    }
    return keeper_start(&charger->keeper) ? EXITS_OK : charger_give_up(EXITS_FAILED, "no thread for the session journal");
}

static exits_t open_logs(charger_t *charger)
{
    const char *json = charger->settings->log_json;
    charger->text_sink = (sink_t){.fd = STDERR_FILENO};
    charger->log = (log_t){
        .text = {.ctx = &charger->text_sink, .write = sink_write},
        .level = (ccs_level_t)charger->settings->log_level,
        .utc_us = clock_utc_us,
        .lines_s = (uint32_t)charger->settings->log_lines_s,
    };
    if (json[0] == '\0') {
        return EXITS_OK;
    }
    if (!sink_open(&charger->json_sink, json)) {
        return charger_refused(EXITS_STORAGE, "JSON log", json);
    }
    sink_bound(&charger->json_sink, (uint64_t)charger->settings->log_json_kB_max * 1000,
               (unsigned)charger->settings->log_json_older);
    charger->log.json = (log_sink_t){.ctx = &charger->json_sink, .write = sink_write};
    charger->log.decode = message_json;
    charger->log.decode_ctx = &charger->messages;
    return EXITS_OK;
}

static exits_t open_control(charger_t *charger)
{
    char path[300];
    const control_table_t table = {.row = charger_commands, .count = charger_commands_count, .ctx = charger};
    storage_control(charger->settings, charger->settings->outlet[0].interface, path, sizeof path);
    if (!control_server_open(&charger->control, path, &table)) {
        return charger_refused(errno == EADDRINUSE ? EXITS_BUSY : EXITS_STORAGE, "control socket", path);
    }
    return EXITS_OK;
}

static exits_t open_plugs(charger_t *charger)
{
    exits_t code = EXITS_OK;
    for (unsigned number = 1; number <= SETTING_OUTLETS_MAX && code == EXITS_OK; number++) {
        if (charger->settings->present[number - 1]) {
            code = plug_open(&charger->plug[charger->plugs++], charger, number);
        }
    }
    return code;
}

static bool several_outlets(const charger_settings_t *settings)
{
    unsigned outlets = 0;
    for (size_t i = 0; i < SETTING_OUTLETS_MAX; i++) {
        outlets += settings->present[i];
    }
    return outlets > 1;
}

static void add_services(charger_t *charger)
{
    const loop_service_t control = control_server_service(&charger->control);
    const loop_service_t own = {.ctx = charger, .fds = own_fds, .ready = own_ready, .deadline_ms = own_deadline};
    for (size_t i = 0; i < charger->plugs; i++) {
        plug_add_services(&charger->plug[i]);
    }
    identity_add_services(charger);
    loop_add(&charger->loop, &control);
    loop_add(&charger->loop, &own);
}

static void header(charger_t *charger)
{
    char text[800];
    for (size_t i = 0; i < charger->plugs; i++) {
        plug_header(&charger->plug[i]);
    }
    snprintf(text, sizeof text, "control %s, journal %s", charger->control.path, charger->journal.path);
    charger_say(charger, 0, CCS_LEVEL_INFO, "ready", text);
}

exits_t charger_open(charger_t *charger, charger_settings_t *settings, const char *hal_kind)
{
    exits_t code;
    memset(charger, 0, sizeof *charger);
    charger->settings = settings;
    charger->hal_kind = hal_kind;
    charger->several = several_outlets(settings);
    charger->control.fd = -1;
    loop_init(&charger->loop);
    signals_open(charger);
    if ((code = open_logs(charger)) != EXITS_OK || (code = open_storage(charger)) != EXITS_OK ||
        (code = identity_open(charger)) != EXITS_OK || (code = open_plugs(charger)) != EXITS_OK ||
        (code = open_control(charger)) != EXITS_OK) {
        return code;
    }
    add_services(charger);
    header(charger);
    return EXITS_OK;
}

static void last_octets(charger_t *charger)
{
    const int64_t by_ms = clock_now_ms() + LAST_FIN_MS;
    while (clock_now_ms() < by_ms) {
        size_t alive = 0;
        for (size_t i = 0; i < charger->plugs; i++) {
            alive += port_drains_alive(&charger->plug[i].port);
        }
        if (alive == 0) {
            return;
        }
        loop_turn(&charger->loop, by_ms);
    }
}

exits_t charger_run(charger_t *charger)
{
    while (!is_over(charger)) {
        loop_turn(&charger->loop, INT64_MAX);
    }
    const bool safe = all_safe(charger);
    last_octets(charger);
    if (!safe) {
        charger_say(charger, 0, CCS_LEVEL_ERROR, "end", "ended without having seen the output safe");
        return EXITS_FAILED;
    }
    charger_say(charger, 0, CCS_LEVEL_INFO, "end", "output safe, journal written");
    return journal_flush(&charger->journal, clock_now_ms()) ? EXITS_OK : EXITS_STORAGE;
}

void charger_close(charger_t *charger)
{
    for (size_t i = 0; i < charger->plugs; i++) {
        plug_close(&charger->plug[i]);
    }
    identity_close(charger);
    keeper_stop(&charger->keeper);
    control_server_close(&charger->control);
    log_end(&charger->log, clock_now_ms());
}
