/* SPDX-License-Identifier: Apache-2.0 */
#include "driver.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "ccs/version.h"
#include "ports/linux/clock.h"

enum { ADDRESS_WAIT_MS = 3000, LAST_FIN_MS = 5500, NETWORK_RETRY_MS = 1000 };

static exits_t give_up(exits_t code, const char *why)
{
    fprintf(stderr, "ccs-ev: %s\n", why);
    return code;
}

static void say(driver_t *driver, ccs_level_t level, const char *event, const char *text)
{
    log_say(&driver->log, level, clock_now_ms(), "car", event, text);
}

/* ---- what the loop shows and shares ---- */

static void on_event(void *ctx, const ccs_event_t *event)
{
    driver_t *driver = ctx;
    recorder_event(&driver->recorder, event);
}

static void on_action(void *ctx, const ccs_action_t *action)
{
    driver_t *driver = ctx;
    recorder_action(&driver->recorder, action);
}

static size_t window(void *ctx, uint8_t link)
{
    driver_t *driver = ctx;
    return car_window(&driver->car, link);
}

static void on_job(void *ctx, const ccs_job_t *job)
{
    driver_t *driver = ctx;
    const ccs_event_t event = {.type = CCS_ON_ANSWER, .answer = {.id = job->id, .verdict = CCS_UNAVAILABLE}};
    (void)port_post(&driver->port, &event);
}

static void send_mme(void *ctx, ccs_view_t frame)
{
    driver_t *driver = ctx;
    modem_send(&driver->modem, frame);
}

static bool mac_of(void *ctx, const uint8_t address[16], uint8_t mac[6])
{
    const driver_t *driver = ctx;
    return modem_mac_of(&driver->modem, address, mac);
}

static void on_cancel(void *ctx, uint32_t id)
{
    (void)ctx;
    (void)id;
}

static void post_body(driver_t *driver)
{
    const ccs_event_t event = {.type = CCS_ON_BODY, .body = driver->body.now};
    (void)port_post(&driver->port, &event); /* a lost one is followed by the next */
}

/* What the charger shows on the pilot; a simulated charger that has fallen silent shows nothing. */
static void on_cable(void *ctx, bool there, uint8_t drive)
{
    driver_t *driver = ctx;
    body_pilot(&driver->body, there && drive == CCS_PILOT_5_PERCENT);
    driver->body_at_ms = 0; /* felt at once */
}

static void cable_follow(driver_t *driver)
{
    const bool plugged = driver->plugged && driver->body.now.plugged;
    cable_show(&driver->cable, plugged ? (uint8_t)driver->car.out.want.pilot : CCS_PILOT_A);
}

void driver_unplug(driver_t *driver)
{
    body_unplug(&driver->body);
    driver->port.cut = true;
    driver->body_at_ms = 0; /* felt at once */
}

/* ---- the network comes and goes ---- */

static void on_network(void *ctx, netif_result_t result, const netif_t *netif)
{
    driver_t *driver = ctx;
    const ccs_event_t down = {.type = CCS_ON_DLINK, .dlink = {.up = false}};
    char why[200];
    (void)netif;
    if (driver->away) {
        return; /* taken up before the next session */
    }
    netif_explain(result, driver->wire.name, why, sizeof why);
    say(driver, CCS_LEVEL_ERROR, "network_lost", result == NETIF_OK ? "the interface has another address" : why);
    driver->away = true;
    port_detach(&driver->port);
    cable_close(&driver->cable);
    if (driver->modem.kind == MODEM_NONE) {
        (void)port_post(&driver->port, &down);
    }
    modem_lost(&driver->modem);
}

static void on_modem(void *ctx, bool up, const char *text)
{
    driver_t *driver = ctx;
    say(driver, up ? CCS_LEVEL_INFO : CCS_LEVEL_ERROR, up ? "modem" : "modem_lost", text);
}

static port_result_t network_open(driver_t *driver, char *why, size_t size)
{
    const port_result_t result =
        modem_open(&driver->modem, (modem_kind_t)driver->settings->modem, false, &driver->watch.netif, &driver->port, why, size);
    if (result != PORT_OK) {
        return result;
    }
    driver->wire = driver->watch.netif;
    driver->netif = driver->modem.ip;
    driver->port.netif = driver->netif;
    memcpy(driver->settings->ev.slac.mac, driver->netif.mac, sizeof driver->netif.mac);
    return port_open_car(&driver->port, why, size);
}

static bool network_take(driver_t *driver)
{
    char why[200];
    if (network_open(driver, why, sizeof why) != PORT_OK) {
        modem_close(&driver->modem);
        port_detach(&driver->port);
        return false;
    }
    memcpy(driver->recorder.us.address, driver->netif.address, 16);
    memcpy(driver->recorder.us_datagram.address, driver->netif.address, 16);
    if (driver->settings->cable) {
        (void)cable_open(&driver->cable, &driver->wire, CABLE_CAR, driver->modem.kind != MODEM_NONE, on_cable, driver);
    }
    say(driver, CCS_LEVEL_WARNING, "network_back", "usable again");
    return true;
}

/* Before a session. false: a signal came first. */
static bool network_wait(driver_t *driver)
{
    ccs_event_t nobodys;
    while (driver->away && driver->signals == 0) {
        if (driver->watch.result == NETIF_OK) {
            driver->away = !network_take(driver);
        }
        driver->port.api.wait(driver->port.api.ctx, clock_now_ms() + (driver->away ? NETWORK_RETRY_MS : 0), &nobodys);
    }
    return !driver->away;
}

static void take_signal(driver_t *driver)
{
    struct signalfd_siginfo info;
    const ccs_event_t stop = {.type = CCS_ON_STOP, .stop = CCS_STOP_USER};
    if (read(driver->signals_fd, &info, sizeof info) != (ssize_t)sizeof info) {
        return;
    }
    driver->signals++;
    (void)port_post(&driver->port, &stop);
    say(driver, CCS_LEVEL_WARNING, "stop", driver->signals == 1 ? "ending in order" : "pulling the connector");
    if (driver->signals > 1) {
        driver_unplug(driver);
    }
}

static size_t service_fds(void *ctx, struct pollfd *to, size_t room)
{
    const driver_t *driver = ctx;
    if (room == 0) {
        return 0;
    }
    to[0] = (struct pollfd){.fd = driver->signals_fd, .events = POLLIN};
    return 1;
}

static void service_ready(void *ctx, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    driver_t *driver = ctx;
    if (count > 0 && (fds[0].revents & POLLIN) != 0) {
        take_signal(driver);
    }
    if (driver->plugged && now_ms >= driver->body_at_ms) {
        driver->body_at_ms = now_ms + DRIVER_BODY_MS;
        if (driver->car.out.want.pilot == CCS_PILOT_A && driver->body.now.plugged && driver->felt) {
            driver_unplug(driver); /* a misbehaviour pulls it */
        }
        body_turn(&driver->body, ccs_ev_status(&driver->car.ev), &driver->car.out.want, now_ms);
        driver->felt = true;
        post_body(driver);
        cable_follow(driver);
    }
}

static int64_t service_deadline(void *ctx)
{
    const driver_t *driver = ctx;
    return driver->plugged ? driver->body_at_ms : INT64_MAX;
}

/* ---- opening ---- */

static void signals_open(driver_t *driver)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    driver->signals_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static exits_t open_interface(driver_t *driver, const char *interface)
{
    char why[200];
    const bool address = driver->settings->modem != MODEM_SPI_MODEL; /* whose own interface has one */
    netif_result_t result = netif_open(interface, address ? ADDRESS_WAIT_MS : 0, &driver->wire);
    if (!address && (result == NETIF_NO_ADDRESS || result == NETIF_TENTATIVE)) {
        result = NETIF_OK;
    }
    if (result == NETIF_OK) {
        netwatch_open(&driver->watch, &driver->wire, address, on_network, driver);
        return EXITS_OK;
    }
    netif_explain(result, interface, why, sizeof why);
    return give_up(result == NETIF_MISSING || result == NETIF_DOWN ? EXITS_INTERFACE : EXITS_NO_ADDRESS, why);
}

static exits_t open_sockets(driver_t *driver)
{
    char why[200];
    const port_result_t result = network_open(driver, why, sizeof why);
    if (result == PORT_OK) {
        return EXITS_OK;
    }
    return give_up(result == PORT_NO_RIGHT ? EXITS_NO_RIGHT : EXITS_FAILED, why);
}

static exits_t refused(const char *what, const char *path)
{
    char why[400];
    const exits_t code = errno == EACCES || errno == EPERM || errno == EROFS ? EXITS_NO_RIGHT
                         : errno == EADDRINUSE                               ? EXITS_BUSY
                                                                             : EXITS_STORAGE;
    snprintf(why, sizeof why, "%s %s: %s", what, path, strerror(errno));
    return give_up(code, why);
}

static exits_t open_files(driver_t *driver)
{
    const car_settings_t *settings = driver->settings;
    const control_table_t table = {.row = driver_commands, .count = driver_commands_count, .ctx = driver};
    recorder_t *recorder = &driver->recorder;
    driver->text_sink = (sink_t){.fd = STDERR_FILENO};
    driver->log = (log_t){.text = {.ctx = &driver->text_sink, .write = sink_write},
                          .level = (ccs_level_t)settings->log_level,
                          .utc_us = clock_utc_us,
                          .lines_s = (uint32_t)settings->log_lines_s};
    if (settings->log_json[0] != '\0') {
        if (!sink_open(&driver->json_sink, settings->log_json)) {
            return refused("JSON log", settings->log_json);
        }
        sink_bound(&driver->json_sink, (uint64_t)settings->log_json_kB_max * 1000, (unsigned)settings->log_json_older);
        driver->log.json = (log_sink_t){.ctx = &driver->json_sink, .write = sink_write};
        driver->log.decode = message_json;
        driver->log.decode_ctx = &driver->messages;
    }
    recorder->single = true;
    recorder->octets_max = (uint64_t)settings->capture_kB_max * 1000;
    recorder->utc_us = clock_utc_us;
    snprintf(recorder->path, sizeof recorder->path, "%s", settings->capture);
    snprintf(recorder->application, sizeof recorder->application, "ccs-ev %s", CCS_VERSION);
    memcpy(recorder->us.address, driver->netif.address, 16);
    recorder->us_datagram = recorder->us;
    if (settings->capture[0] != '\0' && !recorder_open(recorder)) {
        return refused("capture", settings->capture);
    }
    if (settings->control[0] != '\0' && !control_server_open(&driver->control, settings->control, &table)) {
        return refused("control socket", settings->control);
    }
    return EXITS_OK;
}

static void on_handshake(void *ctx, const ccs_endpoint_t *peer, const tls_facts_t *facts)
{
    driver_t *driver = ctx;
    char text[SECURE_TEXT];
    const bool well = secure_went_well(facts);
    (void)peer;
    secure_text(facts, false, text);
    say(driver, well ? CCS_LEVEL_INFO : CCS_LEVEL_WARNING, well ? "tls" : "tls_refused", text);
}

static exits_t open_tls(driver_t *driver)
{
    char text[SECURE_TEXT];
    tls_links_init(&driver->tls);
    driver->tls.told = on_handshake;
    driver->tls.ctx = driver;
    if (!driver->settings->ev.tls) {
        return EXITS_OK;
    }
    const secure_result_t result = secure_car(&driver->settings->tls, &driver->tls, text);
    if (result != SECURE_OK) {
        return give_up(result == SECURE_ABSENT ? EXITS_ABSENT : EXITS_CONFIG, text);
    }
    port_use_tls(&driver->port, &driver->tls);
    return EXITS_OK;
}

static void add_services(driver_t *driver)
{
    const port_service_t control = control_server_service(&driver->control);
    const port_service_t own = {.ctx = driver, .fds = service_fds, .ready = service_ready, .deadline_ms = service_deadline};
    const port_service_t cable = cable_service(&driver->cable);
    const port_service_t watch = netwatch_service(&driver->watch);
    const port_service_t modem = modem_service(&driver->modem);
    if (driver->control.fd >= 0) {
        port_add_service(&driver->port, &control);
    }
    port_add_service(&driver->port, &watch);
    port_add_service(&driver->port, &modem);
    port_add_service(&driver->port, &cable);
    port_add_service(&driver->port, &own);
}

exits_t driver_open(driver_t *driver, car_settings_t *settings, const char *interface)
{
    exits_t code;
    char text[200];
    const port_hooks_t hooks = {
        .ctx = driver, .window = window, .job = on_job, .cancel = on_cancel, .send_mme = send_mme, .mac_of = mac_of};
    memset(driver, 0, sizeof *driver);
    driver->settings = settings;
    driver->control.fd = -1;
    driver->cable.fd = -1;
    driver->watch.fd = -1;
    driver->modem = (modem_t){.plc = {.mme_fd = -1, .tap_fd = -1}, .say = on_modem, .say_ctx = driver};
    port_init(&driver->port, &driver->netif, &hooks);
    signals_open(driver);
    if ((code = open_tls(driver)) != EXITS_OK || (code = open_interface(driver, interface)) != EXITS_OK ||
        (code = open_sockets(driver)) != EXITS_OK || (code = open_files(driver)) != EXITS_OK) {
        return code;
    }
    add_services(driver);
    if (settings->cable &&
        !cable_open(&driver->cable, &driver->wire, CABLE_CAR, driver->modem.kind != MODEM_NONE, on_cable, driver)) {
        say(driver, CCS_LEVEL_WARNING, "cable", strerror(errno)); /* a wish: the network alone will do */
    }
    if (settings->ev.evcc_id_length == 0) {
        memcpy(settings->ev.evcc_id, driver->netif.mac, sizeof driver->netif.mac);
        settings->ev.evcc_id_length = sizeof driver->netif.mac;
    }
    settings->ev.trace = (ccs_trace_t){.ctx = &driver->log, .hook = log_record};
    driver->car.port = &driver->port.api;
    driver->car.hooks = (outlet_hooks_t){.ctx = driver, .event = on_event, .action = on_action};
    snprintf(text, sizeof text, "ccs-ev %s, a simulated car, interface %s", CCS_VERSION, driver->wire.name);
    say(driver, CCS_LEVEL_INFO, "start", text);
    return EXITS_OK;
}

/* ---- sessions ---- */

static void charger_connector(driver_t *driver, const char *command)
{
    char why[400];
    if (driver->settings->plug[0] != '\0' && !plug_tell(driver->settings->plug, command, why, sizeof why)) {
        say(driver, CCS_LEVEL_WARNING, "plug", why);
    }
}

/* fresh: the connector goes in; else it never went out. */
static bool plug_in(driver_t *driver, bool fresh)
{
    const int64_t now_ms = clock_now_ms();
    const ccs_event_t up = {.type = CCS_ON_DLINK, .dlink = {.up = true}}; /* no modem of ours: the interface is the link */
    const ccs_secc_buffers_t buffers = {
        .rx = driver->rx,
        .rx_size = sizeof driver->rx,
        .tx = driver->tx,
        .tx_size = sizeof driver->tx,
        .arena = driver->arena,
        .arena_size = sizeof driver->arena,
    };
    memset(&driver->car.out, 0, sizeof driver->car.out);
    if (ccs_ev_init(&driver->car.ev, &driver->settings->ev, &buffers, now_ms) != CCS_OK) {
        return false;
    }
    port_forget_posts(&driver->port);
    if (fresh) {
        charger_connector(driver, "sim plug");
        body_plug(&driver->body, driver->settings, now_ms);
    }
    cable_show(&driver->cable, CCS_PILOT_B);
    driver->body_at_ms = now_ms + DRIVER_BODY_MS;
    driver->plugged = true;
    driver->felt = false;
    driver->port.cut = false;
    post_body(driver);
    if (driver->modem.kind == MODEM_NONE) {
        (void)port_post(&driver->port, &up);
    }
    modem_begin(&driver->modem);
    return true;
}

static void summary(const driver_t *driver)
{
    const ccs_ev_status_t *told = ccs_ev_status(&driver->car.ev);
    const ccs_body_t *body = &driver->body.now;
    printf("session %d: %s (%s)%s%s, %lld Wh, %d.%d %%, %u requests, slowest answer %u ms%s%s\n", driver->session,
           ccs_ev_result_name(told->result), ccs_ev_result_text(told->result), told->failed_at == NULL ? "" : " at ",
           told->failed_at == NULL ? "" : told->failed_at, (long long)body->energy_Wh, body->soc_permille / 10,
           body->soc_permille % 10, told->requests, told->answer_ms_max, told->response == NULL ? "" : ", last response ",
           told->response == NULL ? "" : told->response);
    fflush(stdout);
}

static exits_t exit_of(ccs_ev_result_t result)
{
    if (result == CCS_EV_CHARGED || result == CCS_EV_STOPPED_BY_CHARGER) {
        return EXITS_OK;
    }
    return (exits_t)(EXITS_CAR_FIRST + (int)result);
}

static exits_t session(driver_t *driver, bool fresh)
{
    if (!plug_in(driver, fresh)) {
        return give_up(EXITS_CONFIG, "the car refuses its configuration");
    }
    while (!driver->car.out.done) {
        car_turn(&driver->car);
    }
    const ccs_ev_result_t result = ccs_ev_status(&driver->car.ev)->result;
    port_drain_all(&driver->port, clock_now_ms() + LAST_FIN_MS);
    recorder_end(&driver->recorder);
    summary(driver);
    return exit_of(result);
}

static void pull(driver_t *driver)
{
    driver->plugged = false;
    body_unplug(&driver->body);
    cable_show(&driver->cable, CCS_PILOT_A);
    port_breathe(&driver->port);
    charger_connector(driver, "sim unplug");
}

/* From plug to pull: one session, or several where the car begins again. */
static exits_t stay(driver_t *driver)
{
    exits_t code = session(driver, true);
    for (int32_t again = 0; code != EXITS_OK && again < driver->settings->again && driver->signals == 0 &&
                            driver->body.now.plugged && network_wait(driver);
         again++) {
        code = session(driver, false);
    }
    pull(driver);
    return code;
}

/* The connector is out: the car sends nothing, the control socket answers. */
static void pause_between(driver_t *driver, int64_t until_ms)
{
    ccs_event_t event;
    while (clock_now_ms() < until_ms && driver->signals == 0) {
        driver->port.api.wait(driver->port.api.ctx, until_ms, &event); /* what comes now concerns nobody */
    }
}

exits_t driver_run(driver_t *driver)
{
    exits_t code = EXITS_OK;
    for (driver->session = 1; network_wait(driver); driver->session++) {
        const exits_t now = stay(driver);
        code = code == EXITS_OK ? now : code;
        if (driver->session == driver->settings->sessions || driver->signals > 0) {
            return code;
        }
        pause_between(driver, clock_now_ms() + driver->settings->pause_ms);
    }
    return code;
}

void driver_close(driver_t *driver)
{
    recorder_close(&driver->recorder);
    control_server_close(&driver->control);
    cable_close(&driver->cable);
    netwatch_close(&driver->watch);
    modem_close(&driver->modem);
    port_close(&driver->port);
    secure_car_close(&driver->tls);
    log_end(&driver->log, clock_now_ms());
}
