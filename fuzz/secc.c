/* Anything that can happen to a charger, in any order: ccs_secc_step() behind a port that keeps the contract of ccs/event.h, with a
 * guard, a site, people and cars that do as the input says. The input is read as a row of commands, an octet each, with operands.
 * With SLAC the power line is in secc_line.c.
 *
 * Whatever comes: energy is asked for only behind an open link and within the limits of the site, answers leave only on an open
 * link, there is one session at a time and one record per link that became usable, what a link that is gone still says changes
 * nothing, deadlines move on, and at the end the next car is served. SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/secc.h"

#include "base/assert.h"
#include "exi/exi.h"
#include "messages/sap.h"
#include "sdp/sdp.h"
#include "v2gtp/v2gtp.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COMMANDS_MAX = 400, DEADLINES_MAX = 64, BOOT_MS = 600, REST_MS = 60000, WAIT_MS = 500, TEXT_MAX = 200 };

ccs_endpoint_t fuzz_car(unsigned car)
{
    return (ccs_endpoint_t){.address = {0xfe, 0x80, [15] = (uint8_t)(car % FUZZ_CARS + 1)}, .port = (uint16_t)(50000 + car)};
}

/* ---- the port */

static void take_closed(fuzz_t *f, uint8_t link)
{
    CCS_ASSERT(link < CCS_LINKS && f->line[link] != LINE_FREE);
    f->line[link] = LINE_FREE;
}

static void perform(fuzz_t *f, const ccs_action_t *action)
{
    switch (action->type) {
    case CCS_ACCEPT:
        CCS_ASSERT(action->link < CCS_LINKS && f->line[action->link] == LINE_ASKED);
        f->line[action->link] = LINE_ACCEPTED;
        break;
    case CCS_SEND:
        CCS_ASSERT(action->link < CCS_LINKS && f->line[action->link] == LINE_USABLE);
        CCS_ASSERT(action->bytes[0].length + action->bytes[1].length <= FRAME);
        break;
    case CCS_CLOSE:
        take_closed(f, action->link);
        break;
    case CCS_JOB:
        CCS_ASSERT(action->job.id != 0);
        if (action->job.need == CCS_NEED_KEY) {
            f->key_job = action->job.id;
        } else {
            f->job = action->job;
        }
        break;
    case CCS_CANCEL:
        f->key_job = f->key_job == action->cancel ? 0 : f->key_job;
        break;
    case CCS_SEND_DATAGRAM:
        break;
    default:
        CCS_ASSERT(action->type == CCS_SEND_MME);
        line_send(f, action->bytes[0]);
        break;
    }
}

static unsigned lines(const fuzz_t *f, line_state_t at_least)
{
    unsigned count = 0;
    for (size_t i = 0; i < CCS_LINKS; i++) {
        count += f->line[i] >= at_least;
    }
    return count;
}

static void read_text(const char *text)
{
    CCS_ASSERT(text && memchr(text, 0, TEXT_MAX));
}

/* What is told is whole: names, texts, octets. */
static void traced(void *ctx, const ccs_trace_record_t *record)
{
    (void)ctx;
    uint8_t octets[FRAME];
    read_text(record->room);
    read_text(record->event);
    for (size_t i = 0; i < record->fields; i++) {
        read_text(record->field[i].name);
        if (record->field[i].text) {
            read_text(record->field[i].text);
        }
    }
    CCS_ASSERT(record->bytes.length <= sizeof octets);
    if (record->bytes.length > 0) {
        memcpy(octets, record->bytes.at, record->bytes.length);
    }
}

/* Somebody always looks at the status. */
static void expect_told(const fuzz_t *f)
{
    const ccs_limits_t *const limits = ccs_secc_limits(&f->secc);
    read_text(ccs_secc_wait_name(&f->secc));
    read_text(ccs_secc_slac(&f->secc).state);
    CCS_ASSERT(memchr(limits->reason, 0, sizeof limits->reason));
    CCS_ASSERT(ccs_secc_stats(&f->secc)->connects >= ccs_secc_stats(&f->secc)->connects_refused);
    CCS_ASSERT(ccs_secc_slac_stats(&f->secc)->sessions >= ccs_secc_slac_stats(&f->secc)->matches);
    CCS_ASSERT(ccs_secc_record(&f->secc)->number <= f->records + 1);
}

static void expect_invariants(const fuzz_t *f)
{
    const ccs_want_t *const want = &f->out.want;
    CCS_ASSERT(lines(f, LINE_ACCEPTED) <= 1 && (lines(f, LINE_ACCEPTED) == 0 || !f->out.listen));
    CCS_ASSERT(lines(f, LINE_USABLE) > 0 || (want->phase == CCS_PHASE_OFF && want->target_mA <= 0));
    CCS_ASSERT(want->target_mV <= f->config.limits.mV_max && want->target_mA <= f->config.limits.charge_mA_max);
    CCS_ASSERT(want->lease_until_ms <= f->now_ms + f->config.lease_ms);
    CCS_ASSERT(f->records <= f->usable && f->records + 1 >= f->usable);
    CCS_ASSERT(f->out.count <= CCS_ACTIONS_MAX);
    for (uint8_t link = 0; link < CCS_LINKS; link++) {
        CCS_ASSERT(ccs_secc_window(&f->secc, link) <= FRAME);
    }
    line_invariants(f);
    expect_told(f);
}

static void step_once(fuzz_t *f, ccs_event_t event)
{
    event.now_ms = f->now_ms;
    ccs_secc_step(&f->secc, &event, &f->out);
    f->records += f->out.record_ready;
    for (size_t i = 0; i < f->out.count; i++) {
        perform(f, &f->out.action[i]);
    }
    expect_invariants(f);
}

void fuzz_step(fuzz_t *f, ccs_event_t event)
{
    step_once(f, event);
    for (unsigned turns = 0; line_answer(f, &event); turns++) {
        CCS_ASSERT(turns < DEADLINES_MAX);
        step_once(f, event);
    }
}

/* Deadlines that are due, as the port's loop has them. A step at its deadline puts the deadline off. */
static void run_due(fuzz_t *f)
{
    unsigned turns = 0;
    while (ccs_secc_deadline_ms(&f->secc) <= f->now_ms) {
        fuzz_step(f, (ccs_event_t){.type = CCS_ON_TIME});
        CCS_ASSERT(++turns < DEADLINES_MAX);
    }
}

void fuzz_pass(fuzz_t *f, int64_t ms)
{
    f->now_ms += ms;
    run_due(f);
}

/* ---- the guard */

static ccs_reading_t measured(const fuzz_t *f, int32_t value, bool stale)
{
    return (ccs_reading_t){.at_ms = stale ? f->now_ms - 2000 : f->now_ms, .value = value};
}

/* flags: what the guard does with what is wanted; the rest is as it should be. */
static void report(fuzz_t *f, uint8_t flags)
{
    const ccs_want_t *const want = &f->out.want;
    ccs_report_t *const r = &f->report;
    const bool stale = flags & 1;
    const bool driven = r->phase == CCS_PHASE_PRECHARGE || r->phase == CCS_PHASE_LIVE;
    r->at_ms = f->now_ms;
    r->phase = flags & 2 ? r->phase : want->phase;
    r->settled = !(flags & 4);
    r->locked = want->lock;
    r->isolation = CCS_ISOLATION_VALID;
    r->mA_max_now = f->config.limits.charge_mA_max;
    r->sample.output_mV = r->sample.car_mV = measured(f, driven ? want->target_mV : 0, stale);
    r->sample.output_mA = measured(f, r->phase == CCS_PHASE_LIVE ? want->target_mA : 0, stale);
    r->sample.meter = (ccs_meter_t){.at_ms = flags & 8 ? -1 : f->now_ms, .energy_Wh = f->now_ms / 100};
    fuzz_step(f, (ccs_event_t){.type = CCS_ON_REPORT, .report = *r});
}

static void report_odd(fuzz_t *f)
{
    ccs_report_t *const r = &f->report;
    r->phase = (ccs_phase_t)(bytes_get_u8(&f->in) % (CCS_PHASE_FAULT + 1));
    r->why = (ccs_why_t)(bytes_get_u8(&f->in) % CCS_WHYS_COUNT);
    r->isolation = (ccs_isolation_t)(bytes_get_u8(&f->in) % (CCS_ISOLATION_FAULT + 1));
    r->mA_max_now = bytes_get_u16be(&f->in) * 4;
    r->limited = bytes_get_u8(&f->in);
    r->sample.output_mV = measured(f, (int32_t)bytes_get_u32be(&f->in), false);
    r->sample.output_mA = measured(f, (int32_t)bytes_get_u32be(&f->in), false);
    r->latched = bytes_get_u8(&f->in) & 1;
    r->at_ms = f->now_ms;
    fuzz_step(f, (ccs_event_t){.type = CCS_ON_REPORT, .report = *r});
}

/* ---- the network */

static void datagram(fuzz_t *f, uint8_t how)
{
    uint8_t octets[SDP_REQUEST_SIZE];
    sdp_request_write(how & 1, octets);
    if (how & 2) {
        bytes_get(&f->in, octets + (how >> 2) % 8, 3);
    }
    ccs_event_t event = {.type = CCS_ON_DATAGRAM};
    event.datagram.from = fuzz_car(how >> 7);
    if (f->slac) {
        const uint8_t who = bytes_get_u8(&f->in);
        event.datagram.from = fuzz_car(who);
        fuzz_mac(who >> 2, event.datagram.from_mac);
    }
    event.datagram.bytes = (ccs_view_t){octets, how & 64 ? how % (sizeof octets + 1) : sizeof octets};
    fuzz_step(f, event);
}

static void connect(fuzz_t *f, uint8_t link, uint8_t how)
{
    if (f->line[link] != LINE_FREE) {
        return;
    }
    f->line[link] = LINE_ASKED;
    ccs_event_t event = {.type = CCS_ON_CONNECT, .link = link};
    event.connect.from = fuzz_car((how & 1) | (how >> 1 & 2));
    event.connect.tls = how & 2;
    const ccs_admit_t admit = f->out.admit;
    const bool listen = f->out.listen;
    fuzz_step(f, event);
    const bool may = listen && (!admit.only || memcmp(admit.address, event.connect.from.address, 16) == 0);
    CCS_ASSERT(f->line[link] == LINE_FREE || may);
}

static void secure(fuzz_t *f, uint8_t link)
{
    if (f->line[link] != LINE_ACCEPTED) {
        return;
    }
    f->line[link] = LINE_USABLE;
    f->usable++;
    fuzz_step(f, (ccs_event_t){.type = CCS_ON_SECURED, .link = link});
}

/* As many octets as the window takes, until the link is gone or the window is shut. */
static void stream(fuzz_t *f, uint8_t link, ccs_view_t octets)
{
    while (octets.length > 0 && f->line[link] == LINE_USABLE) {
        const size_t window = ccs_secc_window(&f->secc, link);
        const size_t taken = octets.length < window ? octets.length : window;
        if (taken == 0) {
            return;
        }
        fuzz_step(f, (ccs_event_t){.type = CCS_ON_BYTES, .link = link, .bytes = {octets.at, taken}});
        octets = (ccs_view_t){octets.at + taken, octets.length - taken};
        run_due(f);
    }
}

static void framed(fuzz_t *f, uint8_t link, uint8_t *frame, size_t exi)
{
    const uint8_t header[V2GTP_HEADER_SIZE] = {0x01, 0xFE, 0x80, 0x01, 0, 0, (uint8_t)(exi >> 8), (uint8_t)exi};
    memcpy(frame, header, sizeof header);
    stream(f, link, (ccs_view_t){frame, exi + V2GTP_HEADER_SIZE});
}

static void octets_of_input(fuzz_t *f, uint8_t link, bool with_header)
{
    uint8_t frame[V2GTP_HEADER_SIZE + 256] = {0};
    const size_t said = bytes_get_u8(&f->in);
    const size_t length = said < f->in.left ? said : f->in.left;
    bytes_get(&f->in, frame + V2GTP_HEADER_SIZE, length);
    if (with_header) {
        framed(f, link, frame, length);
    } else {
        stream(f, link, (ccs_view_t){frame + V2GTP_HEADER_SIZE, length});
    }
}

/* What only some cars send. */
static void add_options(din_v2g_message_t *message)
{
    static din_profile_entry_node_t entry = {.item = {.charging_profile_entry_max_power = INT16_MAX}};
    const din_physical_value_t limit = {.multiplier = 3, .has_unit = true, .unit = DIN_UNIT_SYMBOL_W, .value = 50};
    din_dc_ev_charge_parameter_t *const discovery =
        &message->body.charge_parameter_discovery_req.ev_charge_parameter.dc_ev_charge_parameter;
    switch (message->body.which) {
    case DIN_BODY_POWER_DELIVERY_REQ:
        message->body.power_delivery_req.has_charging_profile = true;
        message->body.power_delivery_req.charging_profile = (din_charging_profile_t){1, &entry};
        break;
    case DIN_BODY_CHARGE_PARAMETER_DISCOVERY_REQ:
        discovery->has_ev_maximum_power_limit = true;
        discovery->ev_maximum_power_limit = limit;
        break;
    case DIN_BODY_CURRENT_DEMAND_REQ:
        message->body.current_demand_req.has_ev_maximum_power_limit = true;
        message->body.current_demand_req.ev_maximum_power_limit = limit;
        break;
    default:
        break;
    }
}

/* A request as a car would send it, with one octet of its frame changed if the input says so. */
static void request(fuzz_t *f, uint8_t link, uint8_t which, uint8_t how)
{
    uint8_t frame[V2GTP_HEADER_SIZE + 512];
    size_t length = 0;
    din_v2g_message_t message = world_message(which % (DIN_BODY_WELDING_DETECTION_RES + 1));
    const bool first = message.body.which == DIN_BODY_SESSION_SETUP_REQ;
    message.header.session_id = (ccs_view_t){f->id, first && !(how & 2) ? 1 : sizeof f->id};
    if (how & 16) { /* somebody else's session */
        message.header.session_id.length = sizeof f->id - 1;
    }
    if (message.body.which == DIN_BODY_POWER_DELIVERY_REQ) {
        message.body.power_delivery_req.ready_to_charge_state = how & 1;
    }
    if (how & 8) {
        add_options(&message);
    }
    if (exi_encode(&exi_din, DIN_V2G_MESSAGE, &message, frame + V2GTP_HEADER_SIZE, 512, &length, NULL) != CCS_OK) {
        return; /* responses are left empty: not everyone is whole */
    }
    if (how & 4) {
        frame[V2GTP_HEADER_SIZE + bytes_get_u8(&f->in) % length] ^= bytes_get_u8(&f->in);
    }
    framed(f, link, frame, length);
}

static void offer(fuzz_t *f, uint8_t link)
{
    static const char name[] = "urn:din:70121:2012:MsgDef";
    sap_app_protocol_node_t din = {.item = {.version_number_major = 2, .schema_id = 1, .priority = 1}};
    din.item.protocol_namespace = (ccs_view_t){(const uint8_t *)name, sizeof name - 1};
    const sap_supported_app_protocol_req_t req = {.app_protocol = &din};
    uint8_t frame[V2GTP_HEADER_SIZE + 64];
    size_t length = 0;
    CCS_ASSERT(exi_encode(&exi_sap, SAP_SUPPORTED_APP_PROTOCOL_REQ, &req, frame + V2GTP_HEADER_SIZE, 64, &length, NULL) == CCS_OK);
    framed(f, link, frame, length);
}

static void closed(fuzz_t *f, uint8_t link)
{
    if (f->line[link] != LINE_FREE) {
        f->line[link] = LINE_FREE;
        fuzz_step(f, (ccs_event_t){.type = CCS_ON_CLOSED, .link = link});
    }
}

/* What was posted before a link was gone, and comes late. */
static void late(fuzz_t *f, uint8_t link, uint8_t how)
{
    static const ccs_event_type_t types[] = {CCS_ON_BYTES, CCS_ON_SECURED, CCS_ON_CLOSED};
    static const uint8_t octets[] = {0x01, 0xFE, 0x80, 0x01, 0, 0, 0, 1, 0x80};
    if (f->line[link] != LINE_FREE) {
        return;
    }
    const unsigned before = lines(f, LINE_ASKED);
    ccs_event_t event = {.type = types[how % 3], .link = link};
    if (event.type == CCS_ON_BYTES) {
        event.bytes = (ccs_view_t){octets, sizeof octets};
    }
    fuzz_step(f, event);
    CCS_ASSERT(lines(f, LINE_ASKED) <= before);
}

/* ---- people and site */

static void answer(fuzz_t *f, uint8_t how)
{
    static const uint8_t random[8] = {0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6, 0x07, 0x18};
    const uint32_t id = how & 0x80 ? bytes_get_u8(&f->in) : f->job.id;
    ccs_event_t event = {.type = CCS_ON_ANSWER, .answer = {.id = id, .verdict = (ccs_verdict_t)(how % (CCS_UNAVAILABLE + 1))}};
    if (f->job.need == CCS_NEED_RANDOM) {
        event.answer.verdict = how & 0x40 ? event.answer.verdict : CCS_GRANTED;
        event.answer.data = (ccs_view_t){random, how & 0x20 ? how % 9 : sizeof random};
        memcpy(f->id, random, sizeof random);
    }
    fuzz_step(f, event);
}

static void limits(fuzz_t *f)
{
    ccs_event_t event = {.type = CCS_ON_LIMITS};
    event.limits.mV_max = bytes_get_u16be(&f->in) * 15;
    event.limits.charge_mA_max = bytes_get_u16be(&f->in) * 3;
    event.limits.power_W_max = bytes_get_u16be(&f->in);
    fuzz_step(f, event);
}

static void dlink(fuzz_t *f, bool up)
{
    ccs_event_t event = {.type = CCS_ON_DLINK};
    event.dlink.up = up;
    fuzz_step(f, event);
}

static void plug(fuzz_t *f, uint8_t state)
{
    f->report.pilot = (ccs_pilot_state_t)(state % (CCS_PILOT_F + 1));
    f->report.why = CCS_WHY_NONE;
    f->report.latched = false;
    report(f, 0);
}

/* ---- the input */

/* What a car does next when all goes well: seeds are rows of these. */
static void command(fuzz_t *f, uint8_t code)
{
    const uint8_t link = code >> 6;
    switch (code & 0x1F) {
    case 0:
        fuzz_pass(f, bytes_get_u8(&f->in));
        break;
    case 1:
        fuzz_pass(f, (int64_t)bytes_get_u16be(&f->in) * 4);
        break;
    case 2:
        report(f, bytes_get_u8(&f->in));
        break;
    case 3:
        report_odd(f);
        break;
    case 4:
        datagram(f, bytes_get_u8(&f->in));
        break;
    case 5:
        connect(f, link, bytes_get_u8(&f->in));
        break;
    case 6:
        secure(f, link);
        break;
    case 7:
        octets_of_input(f, link, false);
        break;
    case 8:
        octets_of_input(f, link, true);
        break;
    case 9:
        offer(f, link);
        break;
    case 10: {
        const uint8_t which = bytes_get_u8(&f->in);
        request(f, link, which, bytes_get_u8(&f->in));
        break;
    }
    case 11:
        closed(f, link);
        break;
    case 12:
        answer(f, bytes_get_u8(&f->in));
        break;
    case 13:
        limits(f);
        break;
    case 14:
        fuzz_step(f, (ccs_event_t){.type = CCS_ON_STOP, .stop = (ccs_stop_t)(bytes_get_u8(&f->in) % (CCS_STOP_EMERGENCY + 1))});
        break;
    case 15:
        fuzz_step(f, (ccs_event_t){.type = CCS_ON_RESET});
        break;
    case 16:
        dlink(f, bytes_get_u8(&f->in) & 1);
        break;
    case 17:
        plug(f, bytes_get_u8(&f->in));
        break;
    case 18:
        late(f, link, bytes_get_u8(&f->in));
        break;
    default:
        if (!line_command(f, code & 0x1F)) {
            fuzz_pass(f, 10);
            report(f, 0);
        }
        break;
    }
}

static void rest(fuzz_t *f, int64_t ms)
{
    for (const int64_t until_ms = f->now_ms + ms; f->now_ms < until_ms;) {
        fuzz_pass(f, WAIT_MS);
        report(f, 0);
    }
}

/* Whatever was: the cable is free, the plug is pulled, somebody resets the outlet, the modem works, a car comes. */
static void expect_service(fuzz_t *f)
{
    for (uint8_t link = 0; link < CCS_LINKS; link++) {
        closed(f, link);
    }
    plug(f, CCS_PILOT_A);
    f->report.isolation = CCS_ISOLATION_VALID;
    line_heal(f);
    rest(f, REST_MS);
    fuzz_step(f, (ccs_event_t){.type = CCS_ON_RESET});
    rest(f, REST_MS);
    plug(f, CCS_PILOT_B);
    if (!f->slac) {
        dlink(f, true);
    }
    rest(f, WAIT_MS);
    CCS_ASSERT(f->out.want.pilot == CCS_PILOT_5_PERCENT);
}

static void start(fuzz_t *f, uint8_t how)
{
    const ccs_secc_buffers_t buffers = {f->rx, sizeof f->rx, f->tx, sizeof f->tx, f->arena, sizeof f->arena};
    ccs_secc_defaults(&f->config);
    f->config.trace.hook = traced;
    memcpy(f->config.address, fuzz_car(0).address, sizeof f->config.address);
    f->config.port = 50001;
    f->config.pilot_gating = how & 1;
    f->config.pilot_stop_strict = how & 2;
    f->config.meter_required = how & 4;
    f->config.profile_strict = how & 8;
    if (how & 16) {
        f->config.pace[0] = (ccs_pace_t){"CurrentDemandReq", 50};
    }
    f->slac = how & 32;
    if (f->slac) {
        line_settings(f, how & 64, bytes_get_u8(&f->in));
    }
    CCS_ASSERT(ccs_secc_init(&f->secc, &f->config, &buffers, f->now_ms) == CCS_OK);
    f->report.pilot = f->slac && !(how & 128) ? CCS_PILOT_A : CCS_PILOT_B;
    report(f, 0);
    if (f->slac) {
        rest(f, BOOT_MS);
        line_heal(f);
    } else {
        dlink(f, true);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_t f = {.in = bytes_in(data, size), .now_ms = 1000};
    start(&f, bytes_get_u8(&f.in));
    for (unsigned i = 0; i < COMMANDS_MAX && f.in.left > 0; i++) {
        command(&f, bytes_get_u8(&f.in));
        run_due(&f);
    }
    expect_service(&f);
    return 0;
}
