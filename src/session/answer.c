/* The engine: take a request, check it, run its answer, move on. Nobody else writes waits and deadlines.
 * SPDX-License-Identifier: Apache-2.0 */
#include "session/session.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "base/trace.h"

#include <string.h>

enum { ALIGNMENT = 8 };

void session_begin(session_t *session, const session_protocol_t *protocol, int64_t now_ms)
{
    session->protocol = protocol;
    session->wait = protocol->first;
    memset(session->id, 0, sizeof session->id);
    session->decode_errors = 0;
    session->sequence_ms = now_ms + session->config->sequence_ms;
    session->ongoing_ms = -1;
    session->parked = NULL;
    session->pacing = false;
    memset(session->paced_ms, 0, sizeof session->paced_ms);
}

bool session_parked(const session_t *session)
{
    return session->parked != NULL;
}

/* --- for handlers ------------------------------------------------------------------------------------------------------------ */

void session_note(session_t *session, const char *name, int64_t value)
{
    if (CCS_TRACE && session->notes < SESSION_NOTES) {
        session->note[session->notes++] = (session_note_t){.name = name, .value = value};
    }
}

int64_t session_waited_ms(const session_t *session)
{
    return session->now_ms - session->parked_ms;
}

bool session_last_call(const session_t *session)
{
    return session_waited_ms(session) >= session->parked->answer_by_ms;
}

session_outcome_t session_later(session_t *session, int64_t retry_ms)
{
    const int64_t last_ms = session->parked_ms + session->parked->answer_by_ms;
    session->retry_ms = retry_ms < last_ms ? retry_ms : last_ms;
    return SESSION_LATER;
}

int64_t session_ongoing_ms(session_t *session)
{
    if (session->ongoing_ms < 0) {
        session->ongoing_ms = session->now_ms;
    }
    return session->now_ms - session->ongoing_ms;
}

/* The header of the answer already points at it. */
void session_open(session_t *session, const uint8_t id[SESSION_ID_SIZE])
{
    memcpy(session->id, id, SESSION_ID_SIZE);
    memcpy(session->charge->record.session_id, id, SESSION_ID_SIZE);
    session->charge->record.session_id_length = SESSION_ID_SIZE;
}

void *session_memory(session_t *session, size_t size)
{
    const size_t room = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (room > session->arena_size - session->arena_used) {
        return NULL;
    }
    void *const at = session->arena + session->arena_used;
    session->arena_used += room;
    memset(at, 0, room);
    return at;
}

/* [V2G-DC-391] An id is the same if it has the same length and the same octets: some cars send 1, 4 or 6 of them. */
bool session_id_is(ccs_view_t id, const uint8_t ours[SESSION_ID_SIZE])
{
    return id.length == SESSION_ID_SIZE && memcmp(id.at, ours, SESSION_ID_SIZE) == 0;
}

/* --- trace ------------------------------------------------------------------------------------------------------------------- */

static void trace_request(const session_t *session, const char *name, ccs_view_t frame)
{
    trace_emit(&session->config->trace, &(ccs_trace_record_t){.now_ms = session->now_ms,
                                                              .level = CCS_LEVEL_INFO,
                                                              .room = session->protocol->room,
                                                              .event = name,
                                                              .fields = 1,
                                                              .field = {{.name = "in", .text = session_wait_name(session->wait)}},
                                                              .bytes = frame,
                                                              .direction = 'r'});
}

static void trace_answer(const session_t *session, const session_pair_t *pair, const void *message)
{
    if (!trace_wanted(&session->config->trace)) {
        return;
    }
    const char *const code = session->protocol->codec->code_name(message);
    ccs_trace_record_t record = {
        .now_ms = session->now_ms,
        .level = CCS_LEVEL_INFO,
        .room = session->protocol->room,
        .event = pair->response_name,
        .fields = 2,
        .field = {{.name = "code", .text = code}, {.name = "then", .text = session_wait_name(session->wait)}}};
    for (size_t i = 0; i < session->notes; i++) {
        record.field[record.fields++] = (ccs_trace_field_t){.name = session->note[i].name, .number = session->note[i].value};
    }
    trace_emit(&session->config->trace, &record);
}

static void trace_fault(const session_t *session, const char *event, const char *name, const char *text, int64_t number)
{
    trace_emit(&session->config->trace, &(ccs_trace_record_t){.now_ms = session->now_ms,
                                                              .level = CCS_LEVEL_WARNING,
                                                              .room = session->protocol->room,
                                                              .event = event,
                                                              .fields = 1,
                                                              .field = {{.name = name, .text = text, .number = number}}});
}

/* --- answering --------------------------------------------------------------------------------------------------------------- */

static void *new_response(session_t *session, const session_pair_t *pair, void **message)
{
    session->arena_used = session->request_used;
    session->notes = 0;
    *message = session_memory(session, session->protocol->codec->response_size);
    return *message ? session->protocol->codec->prepare(*message, pair->response, session->id) : NULL;
}

static session_did_t give_up(session_t *session, ccs_end_t end)
{
    session->parked = NULL;
    session->wait = SESSION_WAIT_OVER;
    charge_end(session->charge, end);
    return SESSION_DID_GIVE_UP;
}

/* [V2G2-443] The 60 s start anew with each answer. */
static session_did_t send(session_t *session, const session_pair_t *pair, const void *message)
{
    session->parked = NULL;
    session->sequence_ms = session->now_ms + session->config->sequence_ms;
    const ccs_err_t err = session->protocol->codec->write(message, session->exi, session->exi_size, &session->answer_length);
    if (err != CCS_OK) {
        trace_fault(session, "answer_not_encoded", "error", ccs_err_name(err), 0);
        return give_up(session, CCS_END_CHARGER_ERROR);
    }
    trace_answer(session, pair, message);
    return SESSION_DID_ANSWER;
}

static void follow(session_t *session, const session_pair_t *pair, session_outcome_t outcome)
{
    const session_step_t *const step = session_step(session->protocol, session->wait, pair->request, outcome);
    CCS_ASSERT(step != NULL);
    if (outcome != SESSION_STAY) {
        session->ongoing_ms = -1;
    }
    session->wait = step->then;
    if (outcome == SESSION_END) {
        charge_end(session->charge, CCS_END_COMPLETED);
    }
    if (outcome == SESSION_FAIL) {
        charge_end(session->charge, CCS_END_BAD_REQUEST); /* unless the handler has named a better reason */
    }
}

static int64_t *pace_of(session_t *session, const session_pair_t *pair, uint32_t *least_ms)
{
    for (size_t i = 0; i < CCS_PACES; i++) {
        const ccs_pace_t *const pace = &session->config->pace[i];
        if (pace->request && bytes_are_text(pace->request, strlen(pace->request), pair->request_name)) {
            *least_ms = pace->ms;
            return &session->paced_ms[i];
        }
    }
    return NULL;
}

/* Too soon after the last answer to the same kind of request: wait. */
static bool too_soon(session_t *session, const session_pair_t *pair)
{
    uint32_t least_ms = 0;
    const int64_t *const next_ms = pace_of(session, pair, &least_ms);
    if (!next_ms || session->now_ms >= *next_ms) {
        return false;
    }
    session->retry_ms = *next_ms;
    return true;
}

static void keep_pace(session_t *session, const session_pair_t *pair)
{
    uint32_t least_ms = 0;
    int64_t *const next_ms = pace_of(session, pair, &least_ms);
    if (next_ms) {
        *next_ms = session->now_ms + least_ms;
    }
}

static session_did_t run(session_t *session)
{
    const session_pair_t *const pair = session->parked;
    if (session->pacing && too_soon(session, pair)) {
        return SESSION_DID_NOTHING;
    }
    if (session->pacing) {
        session->pacing = false;
        session->parked_ms = session->now_ms; /* the time to answer counts from when the answer was due */
    }
    void *message = NULL;
    void *const body = new_response(session, pair, &message);
    if (!body) {
        return give_up(session, CCS_END_CHARGER_ERROR);
    }
    const session_outcome_t outcome = pair->answer(session, session->request.body, body);
    if (outcome == SESSION_LATER) {
        CCS_ASSERT(!session_last_call(session));
        return SESSION_DID_NOTHING;
    }
    keep_pace(session, pair);
    follow(session, pair, outcome);
    return send(session, pair, message);
}

/* [V2G-DC-390] [V2G-DC-391] Its own response type, filled so that it satisfies the schema, with the valid session id. */
static session_did_t refuse(session_t *session, const session_pair_t *pair, session_refusal_t why)
{
    const bool sequence = why == SESSION_REFUSE_SEQUENCE;
    trace_fault(session, sequence ? "sequence_error" : "unknown_session", "got", pair->request_name, 0);
    if (sequence) {
        session->stats->sequence_errors++;
    } else {
        session->stats->unknown_sessions++;
    }
    charge_end(session->charge, sequence ? CCS_END_SEQUENCE_ERROR : CCS_END_UNKNOWN_SESSION);
    void *message = NULL;
    void *const body = new_response(session, pair, &message);
    if (!body) {
        return give_up(session, CCS_END_CHARGER_ERROR);
    }
    pair->refuse(session, body, why);
    session->wait = SESSION_WAIT_OVER;
    return send(session, pair, message);
}

/* The first request opens the session, so its id is not compared. */
static bool id_fits(const session_t *session)
{
    return session->wait == session->protocol->first || session_id_is(session->request.session_id, session->id);
}

static session_did_t judge(session_t *session, const session_pair_t *pair)
{
    const bool known = id_fits(session);
    const bool allowed = pair->answer && session_allowed(session->protocol, session->wait, pair->request);
    if (!known && (session->protocol->unknown_session_first || allowed)) {
        return refuse(session, pair, SESSION_REFUSE_UNKNOWN_SESSION);
    }
    if (!allowed) {
        return refuse(session, pair, SESSION_REFUSE_SEQUENCE);
    }
    session->charge->record.last_request = pair->request_name;
    session->parked = pair;
    session->parked_ms = session->now_ms;
    session->pacing = too_soon(session, pair);
    return run(session);
}

/* A frame that cannot be decoded is dropped; two in a row are forgiven, the third ends the session. */
static session_did_t undecodable(session_t *session, ccs_view_t frame, ccs_err_t err)
{
    session->stats->exi_malformed++;
    trace_emit(&session->config->trace, &(ccs_trace_record_t){.now_ms = session->now_ms,
                                                              .level = CCS_LEVEL_WARNING,
                                                              .room = session->protocol->room,
                                                              .event = "undecodable",
                                                              .fields = 1,
                                                              .field = {{.name = "error", .text = ccs_err_name(err)}},
                                                              .bytes = frame,
                                                              .direction = 'r'});
    if (session->decode_errors >= session->config->decode_errors_max) {
        return give_up(session, CCS_END_DECODE_ERROR);
    }
    session->decode_errors++;
    return SESSION_DID_IGNORE;
}

session_did_t session_take(session_t *session, ccs_view_t frame, ccs_view_t exi)
{
    CCS_ASSERT(!session->parked);
    uint32_t soft = 0;
    const ccs_err_t err =
        session->protocol->codec->read(exi, session->arena, session->arena_size, &session->request, &session->request_used, &soft);
    if (err != CCS_OK) {
        return undecodable(session, frame, err);
    }
    /* A body that is empty or a response is no request: as little use as one that cannot be decoded. */
    const session_pair_t *const pair = session_pair(session->protocol, session->request.which);
    if (!pair) {
        return undecodable(session, frame, CCS_ERR_UNKNOWN);
    }
    session->request_used = (session->request_used + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    session->decode_errors = 0;
    session->stats->requests++;
    session->stats->exi_soft += soft;
    trace_request(session, pair->request_name, frame);
    return judge(session, pair);
}

session_did_t session_turn(session_t *session)
{
    if (!session->protocol || session->wait == SESSION_WAIT_OVER) {
        return SESSION_DID_NOTHING;
    }
    if (session->parked) {
        return run(session);
    }
    if (session->now_ms >= session->sequence_ms) {
        return give_up(session, CCS_END_SEQUENCE_TIMEOUT);
    }
    return SESSION_DID_NOTHING;
}

int64_t session_deadline_ms(const session_t *session)
{
    if (!session->protocol || session->wait == SESSION_WAIT_OVER) {
        return INT64_MAX;
    }
    return session->parked ? session->retry_ms : session->sequence_ms;
}
