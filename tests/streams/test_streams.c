/* Real cars at our charger: whole recorded DIN connections, answered to their end.
 *
 * Every request of a recording is sent to our charger at its recorded time, with our session id in it. The recorded charger's own
 * pace is followed where the car's next request depends on it: authorization and cable check end in our answers where they ended
 * in the recording, and a person at our charger ends the charge where one ended it there. Where our cable check takes longer than
 * the recorded one, the car's last request is repeated until it is done. Where a recording left frames out, its silence is closed
 * up; where it left out the way from cable check to the loop, that way is built from the car's own frames.
 * A report of every difference between our answers and the recorded ones goes to streams-report.txt in tests/streams of the build
 * folder. SPDX-License-Identifier: Apache-2.0 */
#include "differences.h"
#include "message.h"
#include "recording.h"
#include "station.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SKIPPED = 77, CLOSE_UP_MS = 200, PACE_MS = 100, REPEATS_MAX = 100, NEAR_mV = 20000, AFTER_MS = 10000 };

/* What a file of recordings holds, and how our charger did. */
typedef struct tally {
    unsigned connections, din, left_out, ended_by_car;
    unsigned requests, added, answered, other_type, refused;
    unsigned ends[CCS_ENDS_COUNT];
} tally_t;

typedef struct replay {
    const recording_t *recording;
    station_t station;
    int64_t offset_ms; /* our time minus the recording's */
    uint8_t session_id[8];
    size_t session_id_length;
    const cJSON *last; /* our last answer */
    message_frame_t last_request;
    differences_t differences;
    tally_t tally;
} replay_t;

static recording_t *recordings;
static size_t recordings_count;

static bool is_din(const recording_t *recording)
{
    return strcmp(recording->protocol, "din") == 0;
}

static const recording_frame_t *frame_at(const recording_t *recording, size_t index)
{
    return index < recording->frames ? &recording->frame[index] : NULL;
}

static ccs_view_t view_of(const recording_frame_t *frame)
{
    return (ccs_view_t){frame->exi, frame->length};
}

/* The recorded answer to the request at index; NULL: the recording has none. */
static const recording_frame_t *answer_to(const recording_t *recording, size_t index)
{
    const recording_frame_t *next = frame_at(recording, index + 1);
    return next == NULL || next->by_car ? NULL : next;
}

static bool is_sap(const recording_frame_t *frame)
{
    return strncmp(frame->name, "supportedAppProtocol", 20) == 0;
}

static void keep_last(replay_t *replay, cJSON *json)
{
    cJSON_Delete((cJSON *)(uintptr_t)replay->last);
    replay->last = json;
}

static void learn_session(replay_t *replay, ccs_view_t answer)
{
    message_t message;
    message_read(&message, answer);
    replay->session_id_length = message.v2g->header.session_id.length;
    assert_in_range(replay->session_id_length, 1, sizeof replay->session_id);
    memcpy(replay->session_id, message.v2g->header.session_id.at, replay->session_id_length);
}

/* Sends one frame of the car and keeps our answer to it. */
static bool ask(replay_t *replay, const message_frame_t *frame, bool sap)
{
    ccs_view_t answer;
    const bool answered = station_ask(&replay->station, (ccs_view_t){frame->exi, frame->length}, &answer);
    keep_last(replay, answered ? message_json(sap, answer) : NULL);
    replay->last_request = *frame;
    replay->tally.answered += replay->last != NULL ? 1 : 0;
    if (replay->last != NULL && strcmp(message_name(replay->last), "SessionSetupRes") == 0) {
        learn_session(replay, answer);
    }
    return replay->last != NULL;
}

/* The car's frame with our session id, once there is one. */
static void prepare(const replay_t *replay, const recording_frame_t *request, message_frame_t *frame)
{
    frame->length = request->length;
    memcpy(frame->exi, request->exi, request->length);
    if (replay->session_id_length > 0) {
        message_adopt(frame, (ccs_view_t){replay->session_id, replay->session_id_length});
    }
}

/* Lets the outside of our charger do what the recorded charger's did before it answered. */
static void follow(replay_t *replay, const cJSON *recorded)
{
    const char *name = message_name(recorded);
    const bool finished = strcmp(message_word(recorded, "EVSEProcessing"), "Finished") == 0;
    const char *notice = cJSON_GetStringValue(cJSON_GetObjectItem(
        cJSON_GetObjectItem(cJSON_GetObjectItem(cJSON_GetObjectItem(cJSON_GetObjectItem(recorded, "V2G_Message"), "Body"), name),
                            "DC_EVSEStatus"),
        "EVSENotification"));
    if (strcmp(name, "ContractAuthenticationRes") == 0 && finished) {
        replay->station.authorized = true;
    }
    if (strcmp(name, "CableCheckRes") == 0) {
        replay->station.hold_test = !finished;
    }
    if (strcmp(name, "CurrentDemandRes") == 0 && notice != NULL && strcmp(notice, "StopCharging") == 0) {
        station_stop(&replay->station);
    }
}

static void judge(replay_t *replay, const recording_frame_t *request, const cJSON *recorded)
{
    char expected[RECORDING_NAME_MAX];
    (void)snprintf(expected, sizeof expected, "%.*sRes", (int)strlen(request->name) - 3, request->name);
    if (replay->last == NULL || strcmp(message_name(replay->last), expected) != 0) {
        replay->tally.other_type++;
        print_message("  %s: %s at %lld ms: answered with %s\n", replay->recording->car, request->name, (long long)request->at_ms,
                      replay->last == NULL ? "nothing" : message_name(replay->last));
        return;
    }
    if (strncmp(message_code(replay->last), "OK", 2) != 0) {
        replay->tally.refused++;
        print_message("  %s: %s at %lld ms: %s\n", replay->recording->car, request->name, (long long)request->at_ms,
                      message_code(replay->last));
    }
    if (recorded != NULL) {
        differences_add(&replay->differences, recorded, replay->last);
    }
}

static bool said(const replay_t *replay, const char *name, const char *processing)
{
    return replay->last != NULL && strcmp(message_name(replay->last), name) == 0 &&
           strcmp(message_word(replay->last, "EVSEProcessing"), processing) == 0;
}

/* A request that the recording does not have. */
static void ask_more(replay_t *replay, const message_frame_t *frame)
{
    station_run(&replay->station, replay->station.now_ms + PACE_MS);
    replay->tally.added++;
    assert_true(ask(replay, frame, false));
    assert_string_equal(message_code(replay->last), "OK");
}

static void ask_built(replay_t *replay, const message_t *message)
{
    message_frame_t frame;
    message_write(message, &frame);
    ask_more(replay, &frame);
}

/* The recorded charger was done; so the car goes on, once we are. */
static void catch_up(replay_t *replay, const cJSON *recorded)
{
    const message_frame_t request = replay->last_request;
    const int64_t begin_ms = replay->station.now_ms;
    for (int i = 0; i < REPEATS_MAX && said(replay, message_name(recorded), "Ongoing"); i++) {
        ask_more(replay, &request);
    }
    replay->offset_ms += replay->station.now_ms - begin_ms;
}

/* One request of the recording and our answer. */
static void turn(replay_t *replay, size_t index)
{
    const recording_frame_t *request = frame_at(replay->recording, index);
    const recording_frame_t *response = answer_to(replay->recording, index);
    cJSON *recorded = response == NULL ? NULL : message_json(is_sap(response), view_of(response));
    message_frame_t frame;
    if (recorded != NULL) {
        follow(replay, recorded);
    }
    station_run(&replay->station, request->at_ms + replay->offset_ms);
    prepare(replay, request, &frame);
    replay->tally.requests++;
    (void)ask(replay, &frame, is_sap(request));
    if (strcmp(message_word(recorded, "EVSEProcessing"), "Finished") == 0) {
        catch_up(replay, recorded);
    }
    judge(replay, request, recorded);
    cJSON_Delete(recorded);
}

/* The voltage that the recorded charger measured behind the gap: that of the battery. */
static int32_t battery_mV(const recording_t *recording)
{
    message_t message;
    message_read(&message, view_of(answer_to(recording, recording->resumes_at)));
    return message_mV(message.v2g->body.current_demand_res.evse_present_voltage);
}

static void bridge_precharge(replay_t *replay, message_t *message, din_dc_ev_status_t status)
{
    const int32_t target_mV = battery_mV(replay->recording);
    message->v2g->body =
        (din_body_t){.which = DIN_BODY_PRE_CHARGE_REQ,
                     .pre_charge_req = {.dc_ev_status = status,
                                        .ev_target_voltage = {-1, true, DIN_UNIT_SYMBOL_V, (int16_t)(target_mV / 100)},
                                        .ev_target_current = {0, true, DIN_UNIT_SYMBOL_A, 1}}};
    for (int i = 0; i < REPEATS_MAX; i++) {
        ask_built(replay, message);
        if (abs(replay->station.world.report.sample.output_mV.value - target_mV) < NEAR_mV) {
            return;
        }
    }
    fail_msg("no precharge voltage");
}

/* What the recording left out: the rest of the cable check, precharge, PowerDelivery(Start). */
static void bridge(replay_t *replay)
{
    const message_frame_t cable_check = replay->last_request;
    message_t message;
    message_read(&message, (ccs_view_t){cable_check.exi, cable_check.length});
    const din_dc_ev_status_t status = message.v2g->body.cable_check_req.dc_ev_status;
    replay->station.hold_test = false;
    for (int i = 0; i < REPEATS_MAX && !said(replay, "CableCheckRes", "Finished"); i++) {
        ask_built(replay, &message);
    }
    bridge_precharge(replay, &message, status);
    message.v2g->body = (din_body_t){.which = DIN_BODY_POWER_DELIVERY_REQ, .power_delivery_req = {.ready_to_charge_state = true}};
    message.v2g->body.power_delivery_req.ev_power_delivery_parameter.which = DIN_POWER_DELIVERY_REQ_DC_EV_POWER_DELIVERY_PARAMETER;
    message.v2g->body.power_delivery_req.ev_power_delivery_parameter.dc_ev_power_delivery_parameter.dc_ev_status = status;
    ask_built(replay, &message);
}

/* Where the recording left frames out. */
static void close_up(replay_t *replay, size_t index)
{
    const recording_frame_t *request = frame_at(replay->recording, index);
    if (said(replay, "CableCheckRes", "Ongoing")) {
        bridge(replay);
    }
    replay->offset_ms = replay->station.now_ms + CLOSE_UP_MS - request->at_ms;
}

static void open_connection(replay_t *replay)
{
    const recording_t *recording = replay->recording;
    station_init(&replay->station);
    assert_true(station_discover(&replay->station, (ccs_view_t){recording->sdp, recording->sdp_length}));
    assert_true(station_connect(&replay->station));
    replay->offset_ms = replay->station.now_ms - recording->frame[0].at_ms;
}

static void every_request(replay_t *replay)
{
    bool gap_closed = replay->recording->left_out == 0;
    for (size_t i = 0; i < replay->recording->frames && replay->tally.other_type + replay->tally.refused == 0; i++) {
        if (!replay->recording->frame[i].by_car) {
            continue;
        }
        if (!gap_closed && i >= replay->recording->resumes_at) {
            close_up(replay, i);
            gap_closed = true;
        }
        turn(replay, i);
    }
}

/* After the last frame: the car goes, and the charger must be off and open. */
static void close_connection(replay_t *replay)
{
    station_t *station = &replay->station;
    station_hang_up(station);
    station_run(station, station->now_ms + AFTER_MS);
    sim_plant_unplug(&station->world.plant);
    station_run(station, station->now_ms + AFTER_MS);
    assert_true(station->recorded);
    assert_int_equal(station->world.report.phase, CCS_PHASE_OFF);
    assert_true(station->world.report.settled);
    assert_false(sim_plant_energised(&station->world.plant));
    assert_null(station->world.violation);
    replay->tally.ends[ccs_secc_record(&station->secc)->end]++;
}

static const char legend[] =
    "Real cars at our charger: every difference between our answers and those of the charger that was recorded.\n"
    "A line: place in the answer, theirs -> ours, how often. Figures of one place count together; the first pair is shown.\n"
    "The recorded chargers are small ones (25 A); ours is the simulated one (200 A, 100 kW), and its battery the simulated "
    "one.\n\n";

static void report(const replay_t *replay, FILE *to)
{
    const ccs_record_t *record = ccs_secc_record(&replay->station.secc);
    (void)fprintf(to,
                  "%s\n  %u requests (%zu left out by the recording, %u added), %u answered, %u refused, up to %.1f A; ends %s\n",
                  replay->recording->car, replay->tally.requests, replay->recording->left_out / 2, replay->tally.added,
                  replay->tally.answered, replay->tally.refused, replay->station.mA_max / 1000.0, ccs_end_name(record->end));
    differences_print(&replay->differences, to);
}

static void replay_one(replay_t *replay, const recording_t *recording)
{
    *replay = (replay_t){.recording = recording};
    open_connection(replay);
    every_request(replay);
    close_connection(replay);
    keep_last(replay, NULL);
}

static bool ended_by_car(const recording_t *recording)
{
    return strcmp(recording->frame[recording->frames - 1].name, "SessionStopRes") == 0;
}

static void count_recording(const recording_t *recording, tally_t *tally)
{
    tally->connections++;
    if (is_din(recording)) {
        tally->din++;
        tally->left_out += recording->left_out > 0 ? 1 : 0;
        tally->ended_by_car += ended_by_car(recording) ? 1 : 0;
    }
}

static void add_replay(const tally_t *one, tally_t *sum)
{
    sum->requests += one->requests;
    sum->added += one->added;
    sum->answered += one->answered;
    sum->other_type += one->other_type;
    sum->refused += one->refused;
    for (size_t i = 0; i < CCS_ENDS_COUNT; i++) {
        sum->ends[i] += one->ends[i];
    }
}

/* 66 connections, 19 of them DIN: 11 with frames left out, 14 that end with SessionStop, 5 that the recording or the car broke
 * off. */
static void recordings_are_those_that_this_test_was_written_for(void **state)
{
    tally_t tally = {0};
    (void)state;
    for (size_t i = 0; i < recordings_count; i++) {
        count_recording(&recordings[i], &tally);
    }
    assert_int_equal(tally.connections, 66);
    assert_int_equal(tally.din, 19);
    assert_int_equal(tally.left_out, 11);
    assert_int_equal(tally.ended_by_car, 14);
}

static void every_real_car_is_answered_to_the_end_of_its_recording(void **state)
{
    static replay_t replay;
    tally_t sum = {0};
    FILE *to = fopen(STREAMS_REPORT, "w");
    (void)state;
    assert_non_null(to);
    (void)fputs(legend, to);
    for (size_t i = 0; i < recordings_count; i++) {
        if (is_din(&recordings[i])) {
            replay_one(&replay, &recordings[i]);
            report(&replay, to);
            add_replay(&replay.tally, &sum);
        }
    }
    assert_int_equal(fclose(to), 0);
    print_message("%u requests, %u added, %u answered, %u with another type, %u refused\n", sum.requests, sum.added, sum.answered,
                  sum.other_type, sum.refused);
    assert_int_equal(sum.answered, sum.requests + sum.added);
    assert_int_equal(sum.other_type, 0);
    assert_int_equal(sum.refused, 0);
    assert_int_equal(sum.ends[CCS_END_COMPLETED], 9);
    assert_int_equal(sum.ends[CCS_END_STOPPED_USER], 5);
    assert_int_equal(sum.ends[CCS_END_LINK_LOST], 5);
}

int main(void)
{
    const char *shared = getenv("CCS_SHARED");
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/vectors/real_streams.jsonl", shared != NULL ? shared : CCS_SOURCE_DIR "/../shared");
    recordings = recording_load(path, &recordings_count);
    if (recordings == NULL) {
        print_message("SKIPPED: the recorded connections are not here (real_streams.jsonl; set CCS_SHARED)\n");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recordings_are_those_that_this_test_was_written_for),
        cmocka_unit_test(every_real_car_is_answered_to_the_end_of_its_recording),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    recording_free(recordings, recordings_count);
    return failed;
}
