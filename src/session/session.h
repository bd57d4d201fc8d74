/* The session engine of the charger: find the pair, check, answer, move on.
 *
 * A protocol gives two tables and a codec (session_protocol_t). Only this engine writes waits and deadlines, checks session ids,
 * finds sequence errors and traces messages; only rows name what follows. One request at a time: window back-pressure keeps the
 * next one outside until this one is answered.
 *
 *   pairs  request | response | answer | refuse | answer by
 *   steps  waits in | gets | outcome | then waits in
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SESSION_SESSION_H
#define CCS_SESSION_SESSION_H

#include "ccs/errors.h"
#include "ccs/event.h"
#include "ccs/secc.h"
#include "charge/charge.h"
#include "session/jobs.h"

/* One vocabulary for all protocols, so that their tables can be laid side by side. */
#define SESSION_WAITS(X)                                                 \
    X(SESSION_SETUP, "SessionSetup")                                     \
    X(AUTHORIZATION_SETUP, "AuthorizationSetup")                         \
    X(SERVICE_DISCOVERY, "ServiceDiscovery")                             \
    X(SERVICE_DETAIL, "ServiceDetail")                                   \
    X(SERVICE_SELECTION, "ServiceSelection")                             \
    X(PAYMENT, "Payment")                                                \
    X(PAYMENT_DETAILS, "PaymentDetails")                                 \
    X(AUTHORIZATION, "Authorization")                                    \
    X(CHARGE_PARAMETERS, "ChargeParameters")                             \
    X(SCHEDULE, "Schedule")                                              \
    X(CABLE_CHECK, "CableCheck")                                         \
    X(PRECHARGE, "PreCharge")                                            \
    X(POWER_ON, "PowerOn")         /* precharging: again, or power on */ \
    X(FIRST_DEMAND, "FirstDemand") /* power is on, nothing asked yet */  \
    X(LOOP, "Loop")                                                      \
    X(RECEIPT, "Receipt")                                                \
    X(POWER_OFF, "PowerOff") /* power is off: weld test or end */        \
    X(OVER, "Over")          /* the last answer has been given */

#define SESSION_WAIT_ENUMERATOR(name, text) SESSION_WAIT_##name,
typedef enum session_wait { SESSION_WAITS(SESSION_WAIT_ENUMERATOR) SESSION_WAITS_COUNT, SESSION_WAIT_ANY } session_wait_t;
#undef SESSION_WAIT_ENUMERATOR

/* What an answer says about what follows. */
#define SESSION_OUTCOMES(X)                                                              \
    X(STAY, "stay")               /* answered; the same is expected again (Ongoing) */   \
    X(NEXT, "next")               /* answered; on to what the row says */                \
    X(STOP, "stop")               /* answered; power is off now */                       \
    X(RENEGOTIATE, "renegotiate") /* answered; back to the parameters */                 \
    X(END, "end")                 /* answered; the car has ended the session in order */ \
    X(FAIL, "fail")               /* answered with a failure; the session ends */        \
    X(LATER, "later")             /* not answered: again on the next report, answer or deadline */

#define SESSION_OUTCOME_ENUMERATOR(name, text) SESSION_##name,
typedef enum session_outcome { SESSION_OUTCOMES(SESSION_OUTCOME_ENUMERATOR) SESSION_OUTCOMES_COUNT } session_outcome_t;
#undef SESSION_OUTCOME_ENUMERATOR

const char *session_wait_name(session_wait_t wait);
const char *session_outcome_name(session_outcome_t outcome);

typedef struct session session_t;

/* Why a request is refused by the engine itself. */
typedef enum session_refusal { SESSION_REFUSE_SEQUENCE, SESSION_REFUSE_UNKNOWN_SESSION } session_refusal_t;

/* request: the decoded body; response: the zeroed body to fill. Run again from its top after LATER: it must not count runs. */
typedef session_outcome_t (*session_answer_fn)(session_t *session, const void *request, void *response);

/* Fills a response that satisfies the schema and says why. */
typedef void (*session_refuse_fn)(session_t *session, void *response, session_refusal_t why);

typedef struct session_pair {
    const char *request_name, *response_name; /* "PreChargeReq", "PreChargeRes" */
    uint8_t request, response;                /* `which` of the body */
    uint16_t answer_by_ms;                    /* far before the car's own timeout; LATER ends then */
    session_answer_fn answer;                 /* NULL: never allowed in this protocol, always refused */
    session_refuse_fn refuse;
} session_pair_t;

typedef struct session_step {
    session_wait_t wait; /* SESSION_WAIT_ANY: in each */
    uint8_t gets;        /* `which` of the request; SESSION_ANY_REQUEST */
    session_outcome_t outcome;
    session_wait_t then;
} session_step_t;

enum { SESSION_ANY_REQUEST = 0, SESSION_ID_SIZE = 8, SESSION_NOTES = 3 };

/* A decoded request; lives in the arena until the next one. */
typedef struct session_request {
    uint8_t which; /* of the body; 0: none */
    const void *body;
    ccs_view_t session_id;
} session_request_t;

typedef struct session_codec {
    size_t response_size; /* octets of a response message, without what hangs on it by pointers */
    /* Decodes into memory. *used: octets of it that the request takes; *soft: values outside their range that were taken. */
    ccs_err_t (*read)(ccs_view_t exi, void *memory, size_t size, session_request_t *request, size_t *used, uint32_t *soft);
    /* Makes zeroed memory a message of this kind; returns the body to fill. */
    void *(*prepare)(void *memory, uint8_t which, const uint8_t session_id[SESSION_ID_SIZE]);
    ccs_err_t (*write)(const void *memory, uint8_t *out, size_t size, size_t *length);
    const char *(*code_name)(const void *memory); /* name of its response code; for the trace */
} session_codec_t;

typedef struct session_protocol {
    ccs_protocol_t protocol;
    const char *room; /* for the trace: "din" */
    const session_codec_t *codec;
    const session_pair_t *pairs;
    size_t pairs_count;
    const session_step_t *steps;
    size_t steps_count;
    session_wait_t first;       /* waits in this after the protocol was agreed */
    bool unknown_session_first; /* a wrong session id wins over a sequence error (DIN); else the other way (-2) */
} session_protocol_t;

/* A value that a handler wants to see beside its message in the trace. */
typedef struct session_note {
    const char *name;
    int64_t value;
} session_note_t;

/* What the engine did with an event. */
typedef enum session_did {
    SESSION_DID_NOTHING, /* parked, or nothing to do */
    SESSION_DID_ANSWER,  /* session->answer_length octets of EXI stand in its buffer */
    SESSION_DID_IGNORE,  /* the frame is dropped, the peer gets nothing */
    SESSION_DID_GIVE_UP  /* the session ends without an answer */
} session_did_t;

struct session {
    session_wait_t wait;
    uint8_t decode_errors; /* in a row */
    bool pacing;           /* parked by its pace: the handler has not run */
    uint8_t notes;
    uint8_t id[SESSION_ID_SIZE];        /* all zero: none yet */
    const session_protocol_t *protocol; /* NULL: not agreed yet */
    const ccs_secc_config_t *config;
    ccs_secc_stats_t *stats;
    charge_t *charge;
    session_jobs_t *jobs;
    uint8_t *exi; /* where answers are encoded */
    size_t exi_size;
    uint8_t *arena;
    size_t arena_size;
    size_t request_used;          /* octets of the arena that hold the decoded request */
    size_t arena_used;            /* ... and the answer that is being made */
    int64_t sequence_ms;          /* the next request must have come by then */
    int64_t ongoing_ms;           /* first request of the present Ongoing; -1: none */
    const session_pair_t *parked; /* its request waits for an answer; NULL: none */
    int64_t parked_ms;            /* since */
    int64_t retry_ms;             /* run again then at the latest */
    int64_t paced_ms[CCS_PACES];  /* not before */
    session_request_t request;
    size_t answer_length;
    session_note_t note[SESSION_NOTES];
    int64_t now_ms, utc_s;
};

/* A link is usable; the protocol was agreed. Everything but what init gave is forgotten. */
void session_begin(session_t *session, const session_protocol_t *protocol, int64_t now_ms);

/* One whole request arrived. frame: with its V2GTP header, for the trace; it must live until the request is answered. */
session_did_t session_take(session_t *session, ccs_view_t frame, ccs_view_t exi);

/* Something else happened: runs a parked request again; ends a silent session. */
session_did_t session_turn(session_t *session);

/* Nothing later than this. INT64_MAX: no deadline. */
int64_t session_deadline_ms(const session_t *session);

bool session_parked(const session_t *session);

/* For handlers. */
void session_note(session_t *session, const char *name, int64_t value);
int64_t session_waited_ms(const session_t *session);                      /* since the request came */
bool session_last_call(const session_t *session);                         /* LATER is not possible any more */
session_outcome_t session_later(session_t *session, int64_t retry_ms);    /* LATER, again at retry_ms or sooner */
int64_t session_ongoing_ms(session_t *session);                           /* since the first request of this kind in this wait */
void session_open(session_t *session, const uint8_t id[SESSION_ID_SIZE]); /* the session has this id from now on */
/* Zeroed memory for lists of the answer, until it is encoded. NULL: the arena is too small, the answer cannot be given. */
void *session_memory(session_t *session, size_t size);
bool session_id_is(ccs_view_t id, const uint8_t ours[SESSION_ID_SIZE]); /* same length, same octets */

/* Is there a row for it? For the engine, for documentation and for tests. */
const session_step_t *session_step(const session_protocol_t *protocol, session_wait_t wait, uint8_t request,
                                   session_outcome_t outcome);
bool session_allowed(const session_protocol_t *protocol, session_wait_t wait, uint8_t request);
const session_pair_t *session_pair(const session_protocol_t *protocol, uint8_t request);

#endif
