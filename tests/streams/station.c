/* The loop of a charger, on a virtual clock.
 * SPDX-License-Identifier: Apache-2.0 */
#include "station.h"

#include "v2gtp/v2gtp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { LINK = 0, TURNS_MAX = 1000, PLUG_MS = 1000 };

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
    station->world.want = station->out.want;
    if (station->accepted) {
        ccs_event_t secured = event_of(CCS_ON_SECURED);
        station->accepted = false;
        station->open = true;
        step(station, &secured);
    }
    answer_jobs(station);
}

static void tick(station_t *station)
{
    ccs_event_t event = event_of(CCS_ON_REPORT);
    const int32_t mA = station->world.plant.cable_mA;
    sim_world_turn(&station->world, (uint32_t)(station->now_ms - station->world.now_ms));
    station->mA_max = mA > station->mA_max ? mA : station->mA_max;
    event.report = station->world.report;
    if (station->hold_test && event.report.phase == CCS_PHASE_TEST) {
        event.report.settled = false;
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
            station->tick_ms = station->now_ms + SIM_TICK_MS;
            tick(station);
        } else {
            ccs_event_t event = event_of(CCS_ON_TIME);
            step(station, &event);
        }
    }
}

static void init_world(station_t *station)
{
    sim_plant_config_t plant;
    sim_plant_defaults(&plant);
    plant.foreign = true;
    assert_int_equal(sim_world_init(&station->world, NULL, &plant), CCS_OK);
    station->now_ms = station->world.now_ms;
    station->tick_ms = station->now_ms + SIM_TICK_MS;
}

static void init_secc(station_t *station)
{
    ccs_secc_buffers_t buffers = {.rx = station->rx,
                                  .rx_size = sizeof station->rx,
                                  .tx = station->tx,
                                  .tx_size = sizeof station->tx,
                                  .arena = station->arena,
                                  .arena_size = sizeof station->arena};
    ccs_secc_config_t config;
    ccs_secc_defaults(&config);
    config.address[0] = 0xfe;
    config.address[1] = 0x80;
    config.address[15] = 0x01;
    config.port = 49200;
    config.cable_check_ms = 60000; /* one recorded charger took 41 s, and its car waited as long */
    assert_int_equal(ccs_secc_init(&station->secc, &config, &buffers, station->now_ms), CCS_OK);
}

void station_init(station_t *station)
{
    ccs_event_t up = event_of(CCS_ON_DLINK);
    *station = (station_t){0};
    init_world(station);
    init_secc(station);
    station_run(station, station->now_ms + PLUG_MS); /* nobody is there when the charger starts */
    sim_plant_plug(&station->world.plant);
    station_run(station, station->now_ms + PLUG_MS);
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
