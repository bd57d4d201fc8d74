/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/secc/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exi/exi.h"
#include "messages/sap.h"
#include "sdp/sdp.h"
#include "v2gtp/v2gtp.h"

const ccs_endpoint_t world_car = {{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0xff, 0xfe, 0, 0, 1}, 50000};
const ccs_endpoint_t world_stranger = {{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0xff, 0xfe, 0, 0, 2}, 50001};

/* --- trace as text ------------------------------------------------------------------------------------------------------------ */

static void append(world_t *world, const char *text)
{
    const size_t length = strlen(text);
    if (world->trace_length + length + 1 < WORLD_TRACE) {
        memcpy(world->trace + world->trace_length, text, length + 1);
        world->trace_length += length;
    }
}

static void on_trace(void *ctx, const ccs_trace_record_t *record)
{
    world_t *const world = ctx;
    char line[64];
    if (record->level == CCS_LEVEL_DEBUG) {
        return;
    }
    (void)snprintf(line, sizeof line, "[%7lld] %-6s ", (long long)record->now_ms, record->room);
    append(world, line);
    append(world, record->direction == 'r' ? "> " : "  ");
    append(world, record->event);
    for (size_t i = 0; i < record->fields; i++) {
        append(world, "  ");
        append(world, record->field[i].name);
        append(world, "=");
        (void)snprintf(line, sizeof line, "%lld", (long long)record->field[i].number);
        append(world, record->field[i].text ? record->field[i].text : line);
    }
    append(world, "\n");
}

static void tell(world_t *world, const char *what, const char *detail)
{
    char line[96];
    (void)snprintf(line, sizeof line, "[%7lld] port     %s%s\n", (long long)world->now_ms, what, detail);
    append(world, line);
}

/* --- the guard model -----------------------------------------------------------------------------------------------------------
 */

static ccs_reading_t reading(const world_t *world, int32_t value)
{
    return (ccs_reading_t){.at_ms = world->stale ? world->now_ms - 1000 : world->now_ms, .value = value};
}

static void enter(world_t *world, ccs_phase_t phase)
{
    if (world->phase != phase) {
        world->phase = phase;
        world->phase_ms = world->now_ms;
    }
}

/* With a fault: ramp, discharge, then it stands; where nothing is energised it only holds back. */
static void move_faulty(world_t *world)
{
    const int64_t since_ms = world->now_ms - world->phase_ms;
    switch (world->phase) {
    case CCS_PHASE_OFF:
    case CCS_PHASE_FAULT:
        return;
    case CCS_PHASE_RAMP:
        enter(world, since_ms >= 50 ? CCS_PHASE_DISCHARGE : CCS_PHASE_RAMP);
        return;
    case CCS_PHASE_DISCHARGE:
        enter(world, since_ms >= 50 ? CCS_PHASE_FAULT : CCS_PHASE_DISCHARGE);
        return;
    case CCS_PHASE_WELD:
        enter(world, CCS_PHASE_DISCHARGE);
        return;
    default:
        enter(world, CCS_PHASE_RAMP);
        return;
    }
}

static void move_phase(world_t *world)
{
    if (world->fault != CCS_WHY_NONE) {
        move_faulty(world);
    } else {
        enter(world, world->out.want.phase);
    }
}

static void move_output(world_t *world)
{
    const ccs_want_t *const want = &world->out.want;
    const bool live = world->phase == CCS_PHASE_LIVE && want->lease_until_ms > world->now_ms;
    const bool driven = world->phase == CCS_PHASE_PRECHARGE || world->phase == CCS_PHASE_LIVE || world->phase == CCS_PHASE_RAMP;
    world->output_mV = driven ? want->target_mV : 0;
    world->output_mA = live ? want->target_mA : 0;
}

static bool settled(const world_t *world)
{
    const int64_t since_ms = world->now_ms - world->phase_ms;
    switch (world->phase) {
    case CCS_PHASE_TEST:
        return since_ms >= world->test_ms;
    case CCS_PHASE_LIVE:
        return since_ms >= world->contactor_ms;
    case CCS_PHASE_RAMP:
        return since_ms >= 100;
    default:
        return true;
    }
}

static ccs_report_t make_report(world_t *world)
{
    move_phase(world);
    move_output(world);
    ccs_report_t report = {.at_ms = world->now_ms,
                           .phase = world->phase,
                           .pilot = world->pilot,
                           .why = world->fault,
                           .limited = world->limited,
                           .settled = settled(world),
                           .locked = world->out.want.lock,
                           .mA_max_now = world->mA_max_now};
    report.isolation = world->phase == CCS_PHASE_TEST && !report.settled ? CCS_ISOLATION_INVALID : world->verdict;
    report.sample.output_mV = reading(world, world->output_mV);
    report.sample.car_mV = reading(world, world->output_mV);
    report.sample.output_mA = reading(world, world->output_mA);
    report.sample.meter =
        (ccs_meter_t){.at_ms = world->meter_silent_ms ? world->meter_silent_ms : world->now_ms, .energy_Wh = world->energy_Wh};
    if (world->no_meter) {
        report.sample.meter.at_ms = -1;
    }
    if (world->held) {
        report.phase = CCS_PHASE_DISCHARGE;
        report.settled = false;
    }
    return report;
}

/* --- the port ------------------------------------------------------------------------------------------------------------------
 */

static void take_answer(world_t *world, const ccs_action_t *action)
{
    world->frame_length = 0;
    for (size_t i = 0; i < 2; i++) {
        if (action->bytes[i].length > 0) {
            memcpy(world->frame + world->frame_length, action->bytes[i].at, action->bytes[i].length);
            world->frame_length += action->bytes[i].length;
        }
    }
    exi_arena_t arena = {.at = world->memory, .size = sizeof world->memory};
    exi_message_t message;
    const ccs_view_t exi = {world->frame + V2GTP_HEADER_SIZE, world->frame_length - V2GTP_HEADER_SIZE};
    world->res = exi_decode(&exi_din, exi, &arena, &message) == CCS_OK ? message.at : NULL;
    world->answers++;
    world->answered_ms = world->now_ms;
}

static void take_close(world_t *world, const ccs_action_t *action)
{
    if (action->link != WORLD_LINK) {
        world->refusals++;
        return;
    }
    assert_true(world->link_open);
    tell(world, "closes the link", "");
    world->link_open = false;
    world->closed_ms = world->now_ms;
    world->close_by_ms = action->close_by_ms;
}

/* To the own modem: a key. To the line: kept for the test to look at. */
static void take_mme(world_t *world, ccs_view_t frame)
{
    mme_t mme;
    assert_true(frame.length >= CCS_MME_SIZE_MIN && frame.length <= sizeof world->mme);
    assert_int_equal(CCS_OK, mme_decode(frame, &mme));
    assert_memory_equal(world->config.slac.mac, mme.source, 6);
    if (mme.type == MME_CM_SET_KEY_REQ) {
        memcpy(world->key, mme.set_key_req.nmk, sizeof world->key);
        world->keys++;
        world->sets_key = true;
    } else if (mme.type != MME_VS_PL_LINK_STATUS_REQ) {
        memcpy(world->mme, frame.at, frame.length);
        world->mme_length = frame.length;
        world->mmes++;
    }
}

static void take_job(world_t *world, const ccs_action_t *action)
{
    if (action->job.need == CCS_NEED_KEY) {
        world->key_job = action->job.id;
        return;
    }
    assert_true(world->jobs < WORLD_JOBS);
    world->job[world->jobs++] = action->job;
    if (action->job.need == CCS_NEED_AUTHORIZATION) {
        world->authorization_job = action->job.id;
    }
}

static void perform(world_t *world, const ccs_action_t *action)
{
    switch (action->type) {
    case CCS_SEND_DATAGRAM:
        world->sdp_answers++;
        break;
    case CCS_ACCEPT:
        world->accepts++;
        world->link_open = true;
        break;
    case CCS_SEND:
        assert_true(world->link_open);
        take_answer(world, action);
        break;
    case CCS_CLOSE:
        take_close(world, action);
        break;
    case CCS_JOB:
        take_job(world, action);
        break;
    case CCS_CANCEL:
        world->cancels++;
        break;
    case CCS_SEND_MME:
        take_mme(world, action->bytes[0]);
        break;
    default:
        fail_msg("action %d is none of a charger", (int)action->type);
    }
}

static void answer_jobs(world_t *world, size_t from)
{
    static const uint8_t octets[8] = {0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6, 0x07, 0x18};
    for (size_t i = from; i < world->jobs; i++) {
        const ccs_job_t *const job = &world->job[i];
        ccs_event_t event = {.type = CCS_ON_ANSWER, .answer = {.id = job->id, .verdict = CCS_GRANTED}};
        if (job->need == CCS_NEED_RANDOM && !world->random_held) {
            event.answer.data = (ccs_view_t){octets, sizeof octets};
            world_event(world, &event);
        } else if (job->need == CCS_NEED_AUTHORIZATION && world->authorization >= 0) {
            event.answer.verdict = (ccs_verdict_t)world->authorization;
            world_event(world, &event);
        }
    }
}

static void answer_modem(world_t *world)
{
    static const uint8_t modem[6] = {0x00, 0xB0, 0x52, 0, 0, 0x77};
    if (world->key_job != 0) {
        const unsigned fresh = ++world->keys_drawn;
        const uint8_t octets[16] = {0x4B, (uint8_t)(fresh >> 16), (uint8_t)(fresh >> 8), (uint8_t)fresh};
        ccs_event_t event = {.type = CCS_ON_ANSWER, .answer = {.id = world->key_job, .verdict = CCS_UNAVAILABLE}};
        if (!world->key_refused) {
            event.answer.verdict = CCS_GRANTED;
            event.answer.data = (ccs_view_t){octets, sizeof octets};
        }
        world->key_job = 0;
        world_event(world, &event);
    }
    if (world->sets_key && !world->modem_silent) {
        mme_t answer;
        mme_init(&answer, MME_CM_SET_KEY_CNF, world->config.slac.mac, modem);
        answer.set_key_cnf.result = 1;
        world->sets_key = false;
        world_mme(world, &answer);
    }
}

void world_mme(world_t *world, const mme_t *mme)
{
    uint8_t frame[MME_SIZE_MAX];
    size_t length = 0;
    assert_int_equal(CCS_OK, mme_encode(mme, frame, sizeof frame, &length));
    ccs_event_t event = {.type = CCS_ON_MME, .bytes = {frame, length}};
    world_event(world, &event);
}

void world_event(world_t *world, ccs_event_t *event)
{
    const size_t jobs = world->jobs;
    const ccs_phase_t wanted = world->out.want.phase;
    event->now_ms = world->now_ms;
    event->utc_s = world->utc_s;
    ccs_secc_step(&world->secc, event, &world->out);
    if (world->out.want.phase != wanted) {
        tell(world, "asks the guard for ", ccs_phase_name(world->out.want.phase));
    }
    if (world->out.record_ready) {
        tell(world, "keeps the record: ", ccs_end_name(ccs_secc_record(&world->secc)->end));
        world->records++;
        world->record = *ccs_secc_record(&world->secc);
    }
    for (size_t i = 0; i < world->out.count; i++) {
        perform(world, &world->out.action[i]);
    }
    answer_jobs(world, jobs);
    answer_modem(world);
}

void world_report(world_t *world)
{
    ccs_event_t event = {.type = CCS_ON_REPORT};
    event.report = make_report(world);
    world_event(world, &event);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void world_pass(world_t *world, int64_t ms)
{
    const int64_t until_ms = world->now_ms + ms;
    for (unsigned turns = 0; world->now_ms < until_ms; turns++) {
        const int64_t deadline_ms = ccs_secc_deadline_ms(&world->secc);
        const int64_t report_ms = (world->now_ms / 10 + 1) * 10;
        const int64_t next_ms = least(least(deadline_ms > world->now_ms ? deadline_ms : world->now_ms, report_ms), until_ms);
        assert_true(turns < 100 + (unsigned)ms); /* a deadline that stays in the past would spin for ever */
        world->now_ms = next_ms;
        if (next_ms == report_ms && !world->silent) {
            world_report(world);
        } else {
            ccs_event_t event = {.type = CCS_ON_TIME};
            world_event(world, &event);
        }
    }
}

void world_stop(world_t *world, ccs_stop_t stop)
{
    ccs_event_t event = {.type = CCS_ON_STOP, .stop = stop};
    world_event(world, &event);
}

static void world_dlink(world_t *world, bool up)
{
    ccs_event_t event = {.type = CCS_ON_DLINK, .dlink = {.up = up}};
    world_event(world, &event);
}

void world_unplug(world_t *world)
{
    world->pilot = CCS_PILOT_A;
    world_report(world);
}

void world_replug(world_t *world)
{
    world->pilot = CCS_PILOT_B;
    world_report(world);
    world_dlink(world, true);
}

void world_authorize(world_t *world, ccs_verdict_t verdict)
{
    ccs_event_t event = {.type = CCS_ON_ANSWER, .answer = {.id = world->authorization_job, .verdict = verdict}};
    world_event(world, &event);
}

void world_init(world_t *world)
{
    memset(world, 0, sizeof *world);
    ccs_secc_defaults(&world->config);
    world->config.address[0] = 0xfe;
    world->config.address[1] = 0x80;
    world->config.port = 61000;
    world->config.trace = (ccs_trace_t){.ctx = world, .hook = on_trace};
    world->now_ms = 1000;
    world->utc_s = 1700000000;
    world->pilot = CCS_PILOT_B;
    world->verdict = CCS_ISOLATION_VALID;
    world->test_ms = 3000;
    world->contactor_ms = 200;
    world->mA_max_now = 500000;
    world->energy_Wh = 1000;
    world->authorization = CCS_GRANTED;
}

void world_boot(world_t *world)
{
    const ccs_secc_buffers_t buffers = {.rx = world->rx,
                                        .rx_size = sizeof world->rx,
                                        .tx = world->tx,
                                        .tx_size = sizeof world->tx,
                                        .arena = world->arena,
                                        .arena_size = sizeof world->arena};
    assert_int_equal(CCS_OK, ccs_secc_init(&world->secc, &world->config, &buffers, world->now_ms));
    world_report(world);
}

/* Nobody is there when it starts; then a car is plugged in. */
void world_start(world_t *world)
{
    const ccs_pilot_state_t pilot = world->pilot;
    world->pilot = CCS_PILOT_A;
    world_boot(world);
    world->pilot = pilot;
    world_report(world);
    world_dlink(world, true);
}

/* --- network -------------------------------------------------------------------------------------------------------------------
 */

bool world_sdp(world_t *world, const ccs_endpoint_t *from, bool tls)
{
    uint8_t request[SDP_REQUEST_SIZE];
    const unsigned before = world->sdp_answers;
    sdp_request_write(tls, request);
    ccs_event_t event = {.type = CCS_ON_DATAGRAM, .datagram = {.from = *from, .bytes = {request, sizeof request}}};
    world_event(world, &event);
    return world->sdp_answers > before;
}

bool world_connect(world_t *world, uint8_t link, const ccs_endpoint_t *from, bool tls)
{
    const unsigned before = world->accepts;
    ccs_event_t event = {.type = CCS_ON_CONNECT, .link = link, .connect = {.from = *from, .tls = tls}};
    world_event(world, &event);
    if (world->accepts == before) {
        return false;
    }
    ccs_event_t secured = {.type = CCS_ON_SECURED, .link = link};
    world_event(world, &secured);
    return true;
}

/* As a port does it: never more than the window at a time. */
void world_bytes(world_t *world, uint8_t link, const uint8_t *bytes, size_t length)
{
    size_t at = 0;
    while (at < length && world->link_open) {
        const size_t window = ccs_secc_window(&world->secc, link);
        const size_t now = window < length - at ? window : length - at;
        if (now == 0) {
            world_pass(world, 10);
            continue;
        }
        ccs_event_t event = {.type = CCS_ON_BYTES, .link = link, .bytes = {bytes + at, now}};
        at += now;
        world_event(world, &event);
    }
}

void world_exi(world_t *world, const uint8_t *exi, size_t length)
{
    uint8_t frame[WORLD_FRAME];
    v2gtp_header_write(V2GTP_EXI, (uint32_t)length, frame);
    memcpy(frame + V2GTP_HEADER_SIZE, exi, length);
    world_bytes(world, WORLD_LINK, frame, V2GTP_HEADER_SIZE + length);
}

void world_hex(world_t *world, const char *hex)
{
    uint8_t exi[WORLD_FRAME / 2];
    const size_t length = strlen(hex) / 2;
    for (size_t i = 0; i < length; i++) {
        unsigned octet = 0;
        assert_int_equal(1, sscanf(hex + 2 * i, "%2x", &octet));
        exi[i] = (uint8_t)octet;
    }
    world_exi(world, exi, length);
}

void world_closed(world_t *world, uint8_t link)
{
    ccs_event_t event = {.type = CCS_ON_CLOSED, .link = link};
    if (link == WORLD_LINK) {
        world->link_open = false;
        world->closed_ms = world->now_ms;
    }
    world_event(world, &event);
}

/* --- the car -------------------------------------------------------------------------------------------------------------------
 */

void world_offer(world_t *world, const char *name, uint32_t major, uint32_t minor, uint8_t schema_id)
{
    sap_app_protocol_node_t node = {.item = {.protocol_namespace = {(const uint8_t *)name, strlen(name)},
                                             .version_number_major = major,
                                             .version_number_minor = minor,
                                             .schema_id = schema_id,
                                             .priority = 1}};
    const sap_supported_app_protocol_req_t req = {.app_protocol = &node};
    uint8_t exi[256];
    size_t length = 0;
    assert_int_equal(CCS_OK, exi_encode(&exi_sap, SAP_SUPPORTED_APP_PROTOCOL_REQ, &req, exi, sizeof exi, &length, NULL));
    world_exi(world, exi, length);
}

void world_sap(world_t *world)
{
    world_offer(world, "urn:din:70121:2012:MsgDef", 2, 0, 1);
}

size_t world_frame_of(world_t *world, const din_v2g_message_t *message, uint8_t *out, size_t size)
{
    din_v2g_message_t copy = *message;
    size_t length = 0;
    copy.header.session_id = (ccs_view_t){world->id, world->id_length};
    assert_int_equal(CCS_OK, exi_encode(&exi_din, DIN_V2G_MESSAGE, &copy, out, size, &length, NULL));
    return length;
}

void world_send(world_t *world, din_v2g_message_t *message)
{
    uint8_t exi[WORLD_FRAME / 2];
    const size_t length = world_frame_of(world, message, exi, sizeof exi);
    world->res = NULL;
    world_exi(world, exi, length);
    const bool opened = world->res && world->res->body.which == DIN_BODY_SESSION_SETUP_RES;
    if (opened && world->res->header.session_id.length == sizeof world->id && world->id_length != sizeof world->id) {
        memcpy(world->id, world->res->header.session_id.at, sizeof world->id);
        world->id_length = sizeof world->id;
    }
}

void world_request(world_t *world, din_v2g_message_t *message)
{
    const unsigned before = world->answers;
    world_send(world, message);
    for (int i = 0; i < 200 && world->answers == before && world->link_open; i++) {
        world_pass(world, 10);
    }
}

void world_say(world_t *world, uint8_t which)
{
    din_v2g_message_t message = world_message(which);
    world_request(world, &message);
}

/* --- shortcuts -----------------------------------------------------------------------------------------------------------------
 */

void world_link_up(world_t *world)
{
    assert_true(world_sdp(world, &world_car, false));
    assert_true(world_connect(world, WORLD_LINK, &world_car, false));
    world_sap(world);
    world->id_length = 0;
    memset(world->id, 0, sizeof world->id);
}

static void wait_for_finished(world_t *world, uint8_t which)
{
    for (int i = 0; i < 100; i++) {
        world_say(world, which);
        assert_non_null(world->res);
        const bool ongoing = which == DIN_BODY_CABLE_CHECK_REQ
                                 ? world->res->body.cable_check_res.evse_processing == DIN_EVSE_PROCESSING_ONGOING
                                 : false;
        if (!ongoing) {
            return;
        }
        world_pass(world, 100);
    }
    fail_msg("Ongoing for ever");
}

/* The way of a whole session: each wait and the request that leads on from it. */
static const struct {
    session_wait_t wait;
    uint8_t request;
} way[] = {
    {SESSION_WAIT_SESSION_SETUP, DIN_BODY_SESSION_SETUP_REQ},
    {SESSION_WAIT_SERVICE_DISCOVERY, DIN_BODY_SERVICE_DISCOVERY_REQ},
    {SESSION_WAIT_PAYMENT, DIN_BODY_SERVICE_PAYMENT_SELECTION_REQ},
    {SESSION_WAIT_AUTHORIZATION, DIN_BODY_CONTRACT_AUTHENTICATION_REQ},
    {SESSION_WAIT_CHARGE_PARAMETERS, DIN_BODY_CHARGE_PARAMETER_DISCOVERY_REQ},
    {SESSION_WAIT_CABLE_CHECK, DIN_BODY_CABLE_CHECK_REQ},
    {SESSION_WAIT_PRECHARGE, DIN_BODY_PRE_CHARGE_REQ},
    {SESSION_WAIT_POWER_ON, DIN_BODY_POWER_DELIVERY_REQ},
    {SESSION_WAIT_FIRST_DEMAND, DIN_BODY_CURRENT_DEMAND_REQ},
    {SESSION_WAIT_LOOP, DIN_BODY_POWER_DELIVERY_REQ},
    {SESSION_WAIT_POWER_OFF, DIN_BODY_SESSION_STOP_REQ},
};

void world_go(world_t *world, session_wait_t wait)
{
    world_link_up(world);
    for (size_t i = 0; i < sizeof way / sizeof *way && way[i].wait != wait; i++) {
        din_v2g_message_t message = world_message(way[i].request);
        if (way[i].wait == SESSION_WAIT_CABLE_CHECK) {
            world->pilot = CCS_PILOT_C;
            world_report(world);
            wait_for_finished(world, way[i].request);
        } else {
            if (way[i].wait == SESSION_WAIT_POWER_ON) {
                message.body.power_delivery_req.ready_to_charge_state = true;
            }
            world_request(world, &message);
        }
        assert_non_null(world->res);
    }
    assert_string_equal(session_wait_name(wait), ccs_secc_wait_name(&world->secc));
}

din_response_code_t world_code(const world_t *world)
{
    assert_non_null(world->res);
    const din_body_t *const body = &world->res->body;
    if (body->which == DIN_BODY_CERTIFICATE_INSTALLATION_RES) {
        return body->certificate_installation_res.response_code;
    }
    if (body->which == DIN_BODY_CERTIFICATE_UPDATE_RES) {
        return body->certificate_update_res.response_code;
    }
    return body->session_stop_res.response_code;
}

void world_expect(const world_t *world, uint8_t which, din_response_code_t code)
{
    assert_non_null(world->res);
    assert_int_equal(which, world->res->body.which);
    assert_int_equal(code, world_code(world));
}

const din_dc_evse_status_t *world_status(const world_t *world)
{
    assert_non_null(world->res);
    const din_body_t *const body = &world->res->body;
    switch (body->which) {
    case DIN_BODY_CABLE_CHECK_RES:
        return &body->cable_check_res.dc_evse_status;
    case DIN_BODY_PRE_CHARGE_RES:
        return &body->pre_charge_res.dc_evse_status;
    case DIN_BODY_POWER_DELIVERY_RES:
        return &body->power_delivery_res.evse_status.dc_evse_status;
    case DIN_BODY_CURRENT_DEMAND_RES:
        return &body->current_demand_res.dc_evse_status;
    case DIN_BODY_WELDING_DETECTION_RES:
        return &body->welding_detection_res.dc_evse_status;
    case DIN_BODY_CHARGE_PARAMETER_DISCOVERY_RES:
        return &body->charge_parameter_discovery_res.evse_charge_parameter.dc_evse_charge_parameter.dc_evse_status;
    default:
        return NULL;
    }
}

/* Nothing is asked for any more, the link is gone, and there is exactly one record that says why. */
void world_expect_end(world_t *world, ccs_end_t end, int64_t within_ms)
{
    const int64_t from_ms = world->now_ms;
    while (world->records == 0 && world->now_ms < from_ms + within_ms + 5000) {
        world_pass(world, 10);
    }
    assert_false(world->link_open);
    assert_true(world->closed_ms <= from_ms + within_ms);
    assert_int_equal(CCS_PHASE_OFF, world->out.want.phase);
    assert_int_equal(1, world->records);
    assert_string_equal(ccs_end_name(end), ccs_end_name(world->record.end));
    assert_true(world->record.end_ms >= world->record.begin_ms);
}

const ccs_secc_stats_t *world_stats(const world_t *world)
{
    return ccs_secc_stats(&world->secc);
}

int world_setup(void **state)
{
    world_t *const world = malloc(sizeof *world);
    if (!world) {
        return -1;
    }
    world_init(world);
    *state = world;
    return 0;
}

int world_teardown(void **state)
{
    free(*state);
    return 0;
}
