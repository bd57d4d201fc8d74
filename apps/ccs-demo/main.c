/* ccs-demo: charger and car in one process on a simulated link, in real time, for machines that allow no network namespaces.
 *
 * Commands come on standard input and are ccs-evse's (docs/CONTROL.md): watch, status, stop, limits, sim. Answers and the watched
 * status go to standard output, one JSON object a line. Ends with its input. tools/demo.py draws the view.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ccs/version.h"
#include "ports/common/control/control.h"
#include "recording.h"
#include "sim/session.h"

enum {
    TURN_MS = 10,
    BEHIND_MS_MAX = 1000,
    REPLUG_MS = 700, /* nobody pulls a connector and puts it back faster */
    LINE_SIZE = 512,
    EXIT_USAGE = 2
};

typedef struct demo {
    sim_session_t session;
    sim_session_config_t config;
    recording_t recording;
    bool plugged;
    int64_t plug_at_ms; /* of the simulated clock; a connector that was asked for goes in then */
    bool plugs;
    uint32_t records; /* ended sessions that were told */
    control_watch_t watch;
    int64_t watch_at_ms;
    char line[LINE_SIZE];
    size_t length;
} demo_t;

static int64_t clock_ms(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- status ---- */

static int64_t energy_Wh(const sim_session_t *session)
{
    const ccs_record_t *const record = ccs_secc_record(&session->secc);
    const ccs_meter_t *const meter = &session->world.report.sample.meter;
    return record->meter_begin_Wh < 0 || meter->at_ms < 0 ? 0 : meter->energy_Wh - record->meter_begin_Wh;
}

static cJSON *do_status(const control_call_t *call)
{
    const demo_t *const demo = call->ctx;
    const sim_session_t *const session = &demo->session;
    const ccs_report_t *const report = &session->world.report;
    const ccs_record_t *const record = ccs_secc_record(&session->secc);
    cJSON *const status = cJSON_CreateObject();
    cJSON_AddStringToObject(status, "wait", ccs_secc_wait_name(&session->secc));
    cJSON_AddBoolToObject(status, "running", record->number > session->records);
    cJSON_AddStringToObject(status, "phase", ccs_phase_name(report->phase));
    cJSON_AddStringToObject(status, "pilot", ccs_pilot_state_name(report->pilot));
    cJSON_AddNumberToObject(status, "mV", report->sample.output_mV.value);
    cJSON_AddNumberToObject(status, "mA", report->sample.output_mA.value);
    cJSON_AddNumberToObject(status, "target_mV", session->secc_out.want.target_mV);
    cJSON_AddNumberToObject(status, "energy_Wh", (double)energy_Wh(session));
    cJSON_AddStringToObject(status, "isolation", ccs_isolation_name(report->isolation));
    cJSON_AddStringToObject(status, "protocol", ccs_protocol_name(record->protocol));
    cJSON_AddNumberToObject(status, "session", record->number);
    cJSON_AddStringToObject(status, "why", ccs_why_name(report->why));
    cJSON_AddNumberToObject(status, "soc_permille", session->car ? ccs_ev_status(&session->ev)->soc_permille : -1);
    cJSON_AddStringToObject(status, "capture", demo->recording.file);
    cJSON_AddStringToObject(status, "last_end", session->records ? ccs_end_name(session->record.end) : "NONE");
    return status;
}

/* ---- commands ---- */

static cJSON *do_watch(const control_call_t *call)
{
    int64_t every_ms;
    if (call->words != 2 || !control_number(call->word[1], TURN_MS, 60000, &every_ms)) {
        return control_error("watch MS: a number of milliseconds, 10 .. 60000");
    }
    call->watch->ms = (uint32_t)every_ms;
    return control_ok();
}

static cJSON *do_stop(const control_call_t *call)
{
    demo_t *const demo = call->ctx;
    const bool at_once = call->words > 1 && strcmp(call->word[1], "emergency") == 0;
    sim_session_stop(&demo->session, at_once ? CCS_STOP_EMERGENCY : CCS_STOP_USER);
    return control_ok();
}

/* Service: after an emergency the outlet waits for it. */
static cJSON *do_reset(const control_call_t *call)
{
    demo_t *const demo = call->ctx;
    const ccs_event_t reset = {.type = CCS_ON_RESET, .now_ms = demo->session.now_ms};
    ccs_secc_step(&demo->session.secc, &reset, &demo->session.secc_out);
    return control_ok();
}

static cJSON *do_limits(const control_call_t *call)
{
    demo_t *const demo = call->ctx;
    ccs_limits_t limits = demo->config.secc.limits;
    int64_t current_mA = limits.charge_mA_max;
    const char *const word = call->words == 2 ? call->word[1] : "";
    if (strcmp(word, "site") != 0 && !control_named(word, "mA", 0, limits.charge_mA_max, &current_mA)) {
        return control_error("limits mA=N | site");
    }
    limits.charge_mA_max = (int32_t)current_mA;
    sim_session_limits(&demo->session, &limits);
    return control_ok();
}

static cJSON *sim_plug(demo_t *demo)
{
    if (demo->plugged || demo->plugs) {
        return control_error("a car is plugged in");
    }
    demo->plugs = true;
    return control_ok();
}

static cJSON *sim_unplug(demo_t *demo)
{
    if (demo->plugged) {
        sim_session_unplug(&demo->session);
        demo->plug_at_ms = demo->session.now_ms + REPLUG_MS;
    }
    demo->plugged = demo->plugs = false;
    return control_ok();
}

static void plug_when_due(demo_t *demo)
{
    if (demo->plugs && demo->session.now_ms >= demo->plug_at_ms) {
        demo->plugs = false;
        demo->plugged = sim_session_plug(&demo->session) == CCS_OK;
    }
}

static cJSON *do_sim(const control_call_t *call)
{
    demo_t *const demo = call->ctx;
    const char *const what = call->words > 1 ? call->word[1] : "";
    int64_t ohm;
    if (strcmp(what, "plug") == 0) {
        return sim_plug(demo);
    }
    if (strcmp(what, "unplug") == 0) {
        return sim_unplug(demo);
    }
    if (strcmp(what, "isolation") == 0 && call->words == 3 && control_number(call->word[2], 0, INT32_MAX, &ohm)) {
        demo->session.world.plant.isolation_ohm = (int32_t)ohm;
        return control_ok();
    }
    return control_error("sim plug | unplug | isolation OHM");
}

static const control_row_t commands[] = {
    {"status", "", "the present state", do_status},
    {"watch", "MS", "the present state, again and again", do_watch},
    {"stop", "[emergency]", "ends the charge", do_stop},
    {"reset", "", "service: lets a stopped outlet try again", do_reset},
    {"limits", "mA=N | site", "the site's limit on the current", do_limits},
    {"sim", "plug | unplug | isolation OHM", "throws a switch of the simulated world", do_sim},
};

static void answer(demo_t *demo, char *line)
{
    const control_table_t table = {.row = commands, .count = sizeof commands / sizeof commands[0], .ctx = demo};
    char *const text = control_run(&table, line, &demo->watch);
    if (text) {
        (void)fputs(text, stdout);
        (void)fflush(stdout);
        cJSON_free(text);
    }
}

/* ---- the loop ---- */

/* Takes what has come on standard input. false: it has ended. */
static bool input_take(demo_t *demo)
{
    const ssize_t got = read(STDIN_FILENO, demo->line + demo->length, sizeof demo->line - 1 - demo->length);
    if (got <= 0) {
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    }
    demo->length += (size_t)got;
    demo->line[demo->length] = '\0';
    char *end;
    while ((end = strchr(demo->line, '\n')) != NULL) {
        *end = '\0';
        answer(demo, demo->line);
        demo->length = strlen(end + 1);
        memmove(demo->line, end + 1, demo->length + 1);
    }
    if (demo->length == sizeof demo->line - 1) {
        demo->length = 0; /* a line longer than any command */
    }
    return true;
}

/* Runs the simulated clock up to the real one; a machine that was asleep loses the time. */
static void catch_up(demo_t *demo, int64_t *at_ms)
{
    const int64_t now_ms = clock_ms(CLOCK_MONOTONIC);
    const int64_t behind_ms = now_ms - *at_ms;
    plug_when_due(demo);
    sim_session_run(&demo->session, behind_ms > BEHIND_MS_MAX ? BEHIND_MS_MAX : behind_ms);
    *at_ms = now_ms;
    if (demo->records != demo->session.records) {
        demo->records = demo->session.records;
        recording_end(&demo->recording, demo->session.now_ms, ccs_end_text(demo->session.record.end));
    }
}

static void show(demo_t *demo, int64_t now_ms)
{
    char line[] = "status";
    if (demo->watch.ms == 0 || now_ms < demo->watch_at_ms) {
        return;
    }
    demo->watch_at_ms = now_ms + demo->watch.ms;
    answer(demo, line);
}

static int run(demo_t *demo)
{
    int64_t at_ms = clock_ms(CLOCK_MONOTONIC);
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    for (;;) {
        (void)poll(&input, 1, TURN_MS);
        if ((input.revents & (POLLIN | POLLHUP)) != 0 && !input_take(demo)) {
            recording_end(&demo->recording, demo->session.now_ms, "the demo ended");
            return EXIT_SUCCESS;
        }
        catch_up(demo, &at_ms);
        show(demo, at_ms);
    }
}

static bool prepare(demo_t *demo, const char *directory)
{
    sim_session_defaults(&demo->config);
    demo->config.ev.capacity_Wh = 1500; /* small enough to watch it fill */
    sim_session_fit_battery(&demo->config);
    demo->config.secc.trace = recording_trace(&demo->recording);
    demo->config.seed = (uint64_t)clock_ms(CLOCK_REALTIME);
    return recording_init(&demo->recording, directory, clock_ms(CLOCK_REALTIME) * 1000) &&
           sim_session_init(&demo->session, &demo->config) == CCS_OK;
}

static const char usage[] =
    "usage: ccs-demo [--capture DIRECTORY]\n"
    "Charger and car in one process on a simulated link; commands on standard input, JSON on standard output.\n";

int main(int argc, char **argv)
{
    static demo_t demo;
    const char *directory = "";
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            (void)fputs(usage, stdout);
            return EXIT_SUCCESS;
        }
        if (strcmp(argv[i], "--capture") != 0 || i + 1 == argc) {
            (void)fputs(usage, stderr);
            return EXIT_USAGE;
        }
        directory = argv[++i];
    }
    if (!prepare(&demo, directory)) {
        (void)fputs("ccs-demo: the session does not start\n", stderr);
        return EXIT_FAILURE;
    }
    (void)fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
    return run(&demo);
}
