/* Strange values of real cars, one at a time, in a charge that must go on.
 *
 * A plain car of ours charges at our charger; one of its requests is replaced by a row's. The answer must be OK, energy must flow
 * and the charge must end in order. Rows: frames of our own making (frames.jsonl, see make_frames.py), and every such frame of a
 * real car in the vectors of CCS_SHARED, where these are at hand.
 * SPDX-License-Identifier: Apache-2.0 */
#include "message.h"
#include "station.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    FRAMES_MAX = 200,
    ROW_MAX = 64,
    POLL_MS = 100,
    POLLS_MAX = 100,
    LOOPS = 10,
    STRANGE_LOOP = 5,
    NEAR_mV = 20000,
    FLOWS_mA = 10000
};

typedef struct frame {
    char row[ROW_MAX]; /* what is strange; "": a request of the plain car */
    char request[ROW_MAX];
    message_frame_t exi;
} frame_t;

static frame_t frames[FRAMES_MAX];
static size_t frames_count;

/* One charge. */
typedef struct charge {
    station_t station;
    ccs_view_t session_id;
    uint8_t session_octets[8];
    const frame_t *strange; /* NULL: none */
    unsigned sent;          /* times that the strange frame was sent */
} charge_t;

static void copy_text(char *to, size_t size, const cJSON *json, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(json, key));
    (void)snprintf(to, size, "%s", text == NULL ? "" : text);
}

static void copy_hex(message_frame_t *to, const cJSON *json, const char *key)
{
    const char *hex = cJSON_GetStringValue(cJSON_GetObjectItem(json, key));
    unsigned octet;
    to->length = 0;
    while (hex != NULL && to->length < sizeof to->exi && sscanf(hex + 2 * to->length, "%2x", &octet) == 1) {
        to->exi[to->length++] = (uint8_t)octet;
    }
}

static bool read_own(const cJSON *json, frame_t *frame)
{
    copy_text(frame->row, sizeof frame->row, json, "row");
    copy_text(frame->request, sizeof frame->request, json, "request");
    copy_hex(&frame->exi, json, "exi");
    return frame->exi.length > 0;
}

static bool strange_number(din_physical_value_t value)
{
    const double number = value.value;
    return number <= 0 || (value.multiplier == 3 && number > 2000);
}

static bool strange_unit(bool present, din_physical_value_t value, din_unit_symbol_t unit)
{
    return present && (!value.has_unit || value.unit != unit);
}

static const char *strange_in_loop(const din_current_demand_req_t *request)
{
    if (strange_unit(request->has_remaining_time_to_full_soc, request->remaining_time_to_full_soc, DIN_UNIT_SYMBOL_S)) {
        return "remaining time not in seconds";
    }
    if (strange_unit(true, request->ev_target_voltage, DIN_UNIT_SYMBOL_V) ||
        strange_unit(true, request->ev_target_current, DIN_UNIT_SYMBOL_A)) {
        return "target with no unit, or another";
    }
    if (strange_number(request->ev_target_current) || strange_number(request->ev_target_voltage)) {
        return "target of 0 or less";
    }
    return NULL;
}

static const char *strange_in_precharge(const din_pre_charge_req_t *request)
{
    if (strange_unit(true, request->ev_target_voltage, DIN_UNIT_SYMBOL_V) ||
        strange_unit(true, request->ev_target_current, DIN_UNIT_SYMBOL_A)) {
        return "precharge target with no unit, or another";
    }
    return strange_number(request->ev_target_current) ? "precharge current of 0" : NULL;
}

static const char *strange_in_discovery(const din_charge_parameter_discovery_req_t *request)
{
    const din_dc_ev_charge_parameter_t *dc = &request->ev_charge_parameter.dc_ev_charge_parameter;
    if (strange_unit(true, dc->ev_maximum_voltage_limit, DIN_UNIT_SYMBOL_V) ||
        strange_unit(true, dc->ev_maximum_current_limit, DIN_UNIT_SYMBOL_A) ||
        strange_unit(dc->has_ev_maximum_power_limit, dc->ev_maximum_power_limit, DIN_UNIT_SYMBOL_W)) {
        return "limit with no unit, or another";
    }
    return dc->has_ev_maximum_power_limit && strange_number(dc->ev_maximum_power_limit) ? "power limit of 0, negative or huge"
                                                                                        : NULL;
}

/* What is strange about a real car's request; NULL: nothing, or not one that this test looks at. */
static const char *strangeness(const din_body_t *body)
{
    switch (body->which) {
    case DIN_BODY_CURRENT_DEMAND_REQ:
        return strange_in_loop(&body->current_demand_req);
    case DIN_BODY_PRE_CHARGE_REQ:
        return strange_in_precharge(&body->pre_charge_req);
    case DIN_BODY_CHARGE_PARAMETER_DISCOVERY_REQ:
        return strange_in_discovery(&body->charge_parameter_discovery_req);
    default:
        return NULL;
    }
}

static bool is_word(const cJSON *json, const char *key, const char *word)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(json, key));
    return text != NULL && strcmp(text, word) == 0;
}

static bool read_real(const cJSON *json, frame_t *frame)
{
    message_t message;
    const char *strange;
    if (!is_word(json, "protocol", "din") || !is_word(json, "direction", "ev->evse")) {
        return false;
    }
    copy_hex(&frame->exi, json, "hex");
    copy_text(frame->request, sizeof frame->request, json, "message");
    message_read(&message, (ccs_view_t){frame->exi.exi, frame->exi.length});
    strange = strangeness(&message.v2g->body);
    (void)snprintf(frame->row, sizeof frame->row, "%s", strange == NULL ? "" : strange);
    return strange != NULL;
}

/* Fills frames[]; false: no such file. */
static bool read_file(const char *path, bool (*read)(const cJSON *json, frame_t *frame))
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    if (file == NULL) {
        return false;
    }
    while (getline(&line, &size, file) > 0 && frames_count < FRAMES_MAX) {
        cJSON *json = cJSON_Parse(line);
        frames[frames_count] = (frame_t){0};
        frames_count += read(json, &frames[frames_count]) ? 1 : 0;
        cJSON_Delete(json);
    }
    free(line);
    (void)fclose(file);
    return true;
}

static const frame_t *plain(const char *request)
{
    for (size_t i = 0; i < frames_count; i++) {
        if (frames[i].row[0] == '\0' && strcmp(frames[i].request, request) == 0) {
            return &frames[i];
        }
    }
    fail_msg("no frame for %s", request);
    return NULL;
}

/* Sends a request, its answer must be OK; *answer lives until the next one. */
static void send(charge_t *charge, const frame_t *frame, message_t *answer)
{
    message_frame_t request = frame->exi;
    ccs_view_t octets;
    station_run(&charge->station, charge->station.now_ms + POLL_MS);
    if (charge->session_id.length > 0) {
        message_adopt(&request, charge->session_id);
    }
    if (!station_ask(&charge->station, (ccs_view_t){request.exi, request.length}, &octets)) {
        fail_msg("%s: no answer", frame->request);
    }
    cJSON *json = message_json(false, octets);
    assert_non_null(json);
    if (strncmp(message_code(json), "OK", 2) != 0) {
        fail_msg("%s: answered %s", frame->request, message_code(json));
    }
    cJSON_Delete(json);
    message_read(answer, octets);
}

/* The plain request, or once the strange one in its place. */
static void ask(charge_t *charge, const char *request, bool strange_here, message_t *answer)
{
    const frame_t *strange = charge->strange;
    const bool now = strange_here && strange != NULL && charge->sent == 0 && strcmp(strange->request, request) == 0;
    charge->sent += now ? 1 : 0;
    send(charge, now ? strange : plain(request), answer);
}

static void begin(charge_t *charge)
{
    static const uint8_t discover[] = {0x01, 0xfe, 0x90, 0x00, 0, 0, 0, 2, 0x10, 0x00};
    const frame_t *offer = plain("supportedAppProtocolReq");
    message_t answer;
    ccs_view_t octets;
    station_init(&charge->station);
    assert_true(station_discover(&charge->station, (ccs_view_t){discover, sizeof discover}));
    assert_true(station_connect(&charge->station));
    assert_true(station_ask(&charge->station, (ccs_view_t){offer->exi.exi, offer->exi.length}, &octets));
    ask(charge, "SessionSetupReq", true, &answer);
    charge->session_id = (ccs_view_t){charge->session_octets, answer.v2g->header.session_id.length};
    memcpy(charge->session_octets, answer.v2g->header.session_id.at, charge->session_id.length);
}

static void until_finished(charge_t *charge, const char *request, bool (*finished)(const din_body_t *body))
{
    message_t answer;
    for (int i = 0; i < POLLS_MAX; i++) {
        ask(charge, request, true, &answer);
        if (finished(&answer.v2g->body)) {
            return;
        }
    }
    fail_msg("%s: never finished", request);
}

static bool authorized(const din_body_t *body)
{
    return body->contract_authentication_res.evse_processing == DIN_EVSE_PROCESSING_FINISHED;
}

static bool discovered(const din_body_t *body)
{
    return body->charge_parameter_discovery_res.evse_processing == DIN_EVSE_PROCESSING_FINISHED;
}

static bool tested(const din_body_t *body)
{
    return body->cable_check_res.evse_processing == DIN_EVSE_PROCESSING_FINISHED;
}

static bool precharged(const din_body_t *body)
{
    return abs(message_mV(body->pre_charge_res.evse_present_voltage) - 400000) < NEAR_mV;
}

static void prepare(charge_t *charge)
{
    message_t answer;
    charge->station.authorized = true;
    ask(charge, "ServiceDiscoveryReq", true, &answer);
    ask(charge, "ServicePaymentSelectionReq", true, &answer);
    until_finished(charge, "ContractAuthenticationReq", authorized);
    until_finished(charge, "ChargeParameterDiscoveryReq", discovered);
    until_finished(charge, "CableCheckReq", tested);
    until_finished(charge, "PreChargeReq", precharged);
}

static void deliver(charge_t *charge)
{
    message_t answer;
    ask(charge, "PowerDeliveryReq", true, &answer);
    for (int i = 0; i < 2 * LOOPS; i++) {
        ask(charge, "CurrentDemandReq", i == STRANGE_LOOP, &answer);
    }
    ask(charge, "PowerDeliveryReq stop", false, &answer);
    ask(charge, "WeldingDetectionReq", false, &answer);
    ask(charge, "SessionStopReq", false, &answer);
}

/* One whole charge with one strange request, ended in order, with energy delivered. */
static void charge_with(const frame_t *strange)
{
    static charge_t charge;
    charge = (charge_t){.strange = strange};
    begin(&charge);
    prepare(&charge);
    deliver(&charge);
    station_run(&charge.station, charge.station.now_ms + 10000);
    assert_int_equal(charge.sent, strange == NULL ? 0 : 1);
    assert_true(charge.station.recorded);
    assert_int_equal(ccs_secc_record(&charge.station.secc)->end, CCS_END_COMPLETED);
    assert_in_range(charge.station.mA_max, FLOWS_mA, 60000);
    if (charge.station.world.violation != NULL) {
        fail_msg("broken in the charge: %s", charge.station.world.violation);
    }
}

static unsigned charge_with_each(size_t first)
{
    unsigned rows = 0;
    for (size_t i = first; i < frames_count; i++) {
        if (frames[i].row[0] != '\0') {
            print_message("  %-28s %s\n", frames[i].request, frames[i].row);
            charge_with(&frames[i]);
            rows++;
        }
    }
    return rows;
}

static void a_plain_car_charges(void **state)
{
    (void)state;
    charge_with(NULL);
}

static void strange_values_of_our_own_making_end_no_charge(void **state)
{
    (void)state;
    assert_int_equal(charge_with_each(0), 35);
}

static void strange_values_of_real_cars_end_no_charge(void **state)
{
    const char *shared = getenv("CCS_SHARED");
    const size_t first = frames_count;
    char path[1024];
    (void)state;
    (void)snprintf(path, sizeof path, "%s/vectors/real_vehicle.jsonl", shared != NULL ? shared : CCS_SOURCE_DIR "/../shared");
    if (!read_file(path, read_real)) {
        print_message("SKIPPED: the frames of real cars are not here (real_vehicle.jsonl; set CCS_SHARED)\n");
        skip();
    }
    assert_int_equal(charge_with_each(first), 71);
}

int main(void)
{
    if (!read_file(CCS_SOURCE_DIR "/tests/streams/frames.jsonl", read_own)) {
        print_message("frames.jsonl cannot be read\n");
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_car_charges),
        cmocka_unit_test(strange_values_of_our_own_making_end_no_charge),
        cmocka_unit_test(strange_values_of_real_cars_end_no_charge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
