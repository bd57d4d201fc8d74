/* The loop of a charger, on a virtual clock.
 * SPDX-License-Identifier: Apache-2.0 */
#include "station.h"

#include "v2gtp/v2gtp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { LINK = 0, TURNS_MAX = 1000, SAFE_mV = 60000, REST_mA = 5000 };

static void step(station_t *station, ccs_event_t *event);

static ccs_event_t event_of(ccs_event_type_t type)
{
    return (ccs_event_t){.type = type, .link = LINK};
}

static void take_send(station_t *station, const ccs_action_t *action)
{
    const size_t header = action->bytes[0].length;
    const size_t payload = action->bytes[1].length;
    assert_true(header + payload <= sizeof station->answer);
    memcpy(station->answer, action->bytes[0].at, header);
    if (payload > 0) {
        memcpy(station->answer + header, action->bytes[1].at, payload);
    }
    station->answered = header + payload;
}

static void take_job(station_t *station, const ccs_job_t *job)
{
    if (job->need == CCS_NEED_RANDOM) {
        station->random_job = job->id;
        station->random_length = (uint32_t)job->part[0].length;
    } else if (job->need == CCS_NEED_AUTHORIZATION) {
        station->authorization_job = job->id;
    }
}

static void take_action(station_t *station, const ccs_action_t *action)
{
    switch (action->type) {
    case CCS_ACCEPT:
        station->accepted = true;
        break;
    case CCS_SEND:
        take_send(station, action);
        break;
    case CCS_CLOSE:
        station->open = false;
        break;
    case CCS_JOB:
        take_job(station, &action->job);
        break;
    case CCS_CANCEL:
        station->authorization_job = action->cancel == station->authorization_job ? 0 : station->authorization_job;
        break;
    case CCS_SEND_DATAGRAM:
        assert_true(action->datagram.bytes.length <= sizeof station->datagram);
        memcpy(station->datagram, action->datagram.bytes.at, action->datagram.bytes.length);
        station->datagram_length = action->datagram.bytes.length;
        break;
    default:
        fail_msg("a charger does not do action %d", (int)action->type);
    }
}

/* Voltage at the plug only in phases that have one, current only where energy may flow. */
static void watch(station_t *station)
{
    const ccs_phase_t phase = station->report.phase;
    const bool live = phase == CCS_PHASE_LIVE || phase == CCS_PHASE_RAMP;
    const bool volts = live || phase == CCS_PHASE_TEST || phase == CCS_PHASE_PRECHARGE || phase == CCS_PHASE_DISCHARGE;
    const int32_t mA = station->plant.cable_mA;
    const bool at_rest = phase == CCS_PHASE_OFF && station->report.settled;
    station->unsafe += (mA > REST_mA && !live && phase != CCS_PHASE_DISCHARGE) ? 1 : 0;
    station->unsafe += (at_rest && !volts && station->plant.source_mV > SAFE_mV) ? 1 : 0;
    station->mA_max = mA > station->mA_max ? mA : station->mA_max;
}

static void guard_turn(station_t *station)
{
    ccs_sample_t sample;
    ccs_drive_t drive;
    station->hal.sample(station->hal.ctx, station->now_ms, &sample);
    ccs_guard_step(&station->guard, station->now_ms, &sample, &station->out.want, &drive, &station->report);
    station->hal.apply(station->hal.ctx, station->now_ms, &drive);
    watch(station);
}

static void answer_jobs(station_t *station)
{
    static const uint8_t octets[64] = {0x52, 0x61, 0x6e, 0x64, 0x6f, 0x6d, 0x21, 0x07};
    if (station->random_job != 0) {
        ccs_event_t event = event_of(CCS_ON_ANSWER);
        event.answer = (ccs_answer_t){station->random_job, CCS_GRANTED, {octets, station->random_length}};
        station->random_job = 0;
        step(station, &event);
    }
    if (station->authorization_job != 0 && station->authorized) {
        ccs_event_t event = event_of(CCS_ON_ANSWER);
        event.answer = (ccs_answer_t){station->authorization_job, CCS_GRANTED, {NULL, 0}};
        station->authorization_job = 0;
        step(station, &event);
    }
}

static void step(station_t *station, ccs_event_t *event)
{
    event->now_ms = station->now_ms;
    ccs_secc_step(&station->secc, event, &station->out);
    station->recorded = station->recorded || station->out.record_ready;
    for (size_t i = 0; i < station->out.count; i++) {
        take_action(station, &station->out.action[i]);
    }
    guard_turn(station);
    if (station->accepted) {
        ccs_event_t secured = event_of(CCS_ON_SECURED);
        station->accepted = false;
        station->open = true;
        step(station, &secured);
    }
    answer_jobs(station);
}

static void step_report(station_t *station)
{
    ccs_event_t event = event_of(CCS_ON_REPORT);
    guard_turn(station);
    event.report = station->report;
    if (station->hold_test && event.report.phase == CCS_PHASE_TEST) {
        event.report.settled = false;
        event.report.isolation = CCS_ISOLATION_INVALID;
    }
    step(station, &event);
}

void station_run(station_t *station, int64_t until_ms)
{
    int turns = 0;
    while (station->now_ms < until_ms || ccs_secc_deadline_ms(&station->secc) <= station->now_ms) {
        const int64_t deadline_ms = ccs_secc_deadline_ms(&station->secc);
        int64_t next_ms = deadline_ms < station->tick_ms ? deadline_ms : station->tick_ms;
        next_ms = next_ms < until_ms ? next_ms : until_ms;
        turns = next_ms > station->now_ms ? 0 : turns + 1;
        assert_true(turns < TURNS_MAX); /* a deadline that never moves */
        station->now_ms = next_ms > station->now_ms ? next_ms : station->now_ms;
        if (station->now_ms >= station->tick_ms) {
            station->tick_ms = station->now_ms + STATION_TICK_MS;
            step_report(station);
        } else {
            ccs_event_t event = event_of(CCS_ON_TIME);
            step(station, &event);
        }
    }
}

void station_init(station_t *station, int64_t now_ms)
{
    ccs_secc_config_t secc;
    ccs_guard_config_t guard;
    sim_plant_config_t plant;
    ccs_event_t up = event_of(CCS_ON_DLINK);
    *station = (station_t){.now_ms = now_ms, .tick_ms = now_ms};
    sim_plant_defaults(&plant);
    plant.foreign = true;
    sim_plant_init(&station->plant, &plant, now_ms);
    station->hal = sim_plant_hal(&station->plant);
    ccs_guard_defaults(&guard);
    assert_int_equal(ccs_guard_init(&station->guard, &guard, now_ms), CCS_OK);
    ccs_secc_defaults(&secc);
    secc.address[0] = 0xfe;
    secc.address[1] = 0x80;
    secc.address[15] = 0x01;
    secc.port = 49200;
    secc.cable_check_ms = 60000; /* one recorded charger took 41 s; its car waited as long */
    assert_int_equal(ccs_secc_init(&station->secc, &secc,
                                   &(ccs_secc_buffers_t){station->rx, sizeof station->rx, station->tx, sizeof station->tx,
                                                         station->arena, sizeof station->arena},
                                   now_ms),
                     CCS_OK);
    sim_plant_plug(&station->plant);
    station_run(station, now_ms + 500);
    up.dlink.up = true;
    step(station, &up);
}

bool station_discover(station_t *station, ccs_view_t datagram)
{
    ccs_event_t event = event_of(CCS_ON_DATAGRAM);
    event.datagram.bytes = datagram;
    event.datagram.from.port = 50000;
    station->datagram_length = 0;
    step(station, &event);
    return station->datagram_length > 0;
}

bool station_connect(station_t *station)
{
    ccs_event_t event = event_of(CCS_ON_CONNECT);
    step(station, &event);
    return station->open;
}

static void feed(station_t *station, ccs_view_t octets)
{
    while (octets.length > 0 && station->open) {
        const size_t window = ccs_secc_window(&station->secc, LINK);
        const size_t taken = octets.length < window ? octets.length : window;
        ccs_event_t event = event_of(CCS_ON_BYTES);
        if (taken == 0) {
            station_run(station, station->now_ms + 1);
            continue;
        }
        event.bytes = (ccs_view_t){octets.at, taken};
        octets = (ccs_view_t){octets.at + taken, octets.length - taken};
        step(station, &event);
    }
}

bool station_ask(station_t *station, ccs_view_t exi, ccs_view_t *answer)
{
    uint8_t frame[STATION_FRAME_MAX];
    const int64_t limit_ms = station->now_ms + STATION_ANSWER_MS;
    assert_true(exi.length + V2GTP_HEADER_SIZE <= sizeof frame);
    v2gtp_header_write(V2GTP_EXI, (uint32_t)exi.length, frame);
    memcpy(frame + V2GTP_HEADER_SIZE, exi.at, exi.length);
    station->answered = 0;
    feed(station, (ccs_view_t){frame, V2GTP_HEADER_SIZE + exi.length});
    while (station->answered == 0 && station->open && station->now_ms < limit_ms) {
        station_run(station, station->now_ms + 1);
    }
    if (station->answered <= V2GTP_HEADER_SIZE) {
        return false;
    }
    *answer = (ccs_view_t){station->answer + V2GTP_HEADER_SIZE, station->answered - V2GTP_HEADER_SIZE};
    return true;
}

void station_hang_up(station_t *station)
{
    ccs_event_t event = event_of(CCS_ON_CLOSED);
    if (station->open) {
        station->open = false;
        step(station, &event);
    }
}

void station_stop(station_t *station)
{
    ccs_event_t event = event_of(CCS_ON_STOP);
    event.stop = CCS_STOP_USER;
    step(station, &event);
}
