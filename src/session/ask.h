/* The car's engine: finds the row, asks, waits with the car's own timers, judges the answer, moves on.
 *
 * Two tables per protocol, in the shape of the charger's (answer.h), so that both can be laid side by side:
 *   pairs  request | response | fill | read | answer within | may repeat for | pause | before it is asked
 *   steps  asked | outcome | then ask
 * A pair's functions compute: fill() writes a request from the vehicle, read() tells the vehicle what the answer said and returns
 * an outcome. Only the rows name what follows; only the engine moves, keeps time, checks session id, type and code.
 * It handles EXI octets and owns no link: src/ev frames and sends them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SESSION_ASK_H
#define CCS_SESSION_ASK_H

#include "ccs/ev.h"
#include "exi/exi.h"
#include "vehicle/vehicle.h"

/* What the car can be asking. One vocabulary for all protocols; PowerDelivery stands twice, since it means two things. */
typedef enum ask_at {
    ASK_PROTOCOL, /* supportedAppProtocolReq */
    ASK_SESSION_SETUP,
    ASK_SERVICE_DISCOVERY,
    ASK_SERVICE_SELECTION,
    ASK_AUTHORIZATION,
    ASK_CHARGE_PARAMETERS,
    ASK_CABLE_CHECK,
    ASK_PRE_CHARGE,
    ASK_POWER_ON,
    ASK_LOOP,
    ASK_POWER_OFF,
    ASK_WELDING,
    ASK_SESSION_STOP,
    ASK_END, /* nothing more: the session ended in order */
    ASK_COUNT
} ask_at_t;

typedef enum ask_outcome {
    ASK_NEXT,  /* done here */
    ASK_AGAIN, /* same request once more */
    ASK_STOP,  /* the car ends the charge */
    ASK_REFUSE /* the car cannot go on with such a charger */
} ask_outcome_t;

typedef enum ask_pause { ASK_PAUSE_NONE, ASK_PAUSE_POLL, ASK_PAUSE_LOOP } ask_pause_t; /* before a repeat */

/* Named values for the trace, picked by fill() and read(). */
typedef struct ask_note {
    size_t fields;
    ccs_trace_field_t field[CCS_TRACE_FIELDS];
} ask_note_t;
void ask_note_number(ask_note_t *note, const char *name, int64_t number);
void ask_note_text(ask_note_t *note, const char *name, const char *text);

/* A request while it is filled: a zeroed body, and memory for list items that lives until it is encoded. */
typedef struct ask_draft {
    void *body;
    ask_note_t *note;
    uint64_t memory[24];
} ask_draft_t;

typedef struct ask_pair {
    const char *request, *response; /* names; NULL: this protocol does not ask it */
    uint16_t request_which, response_which;
    void (*fill)(vehicle_t *vehicle, ask_draft_t *draft);
    ask_outcome_t (*read)(vehicle_t *vehicle, const void *body, ask_note_t *note);
    bool (*before)(vehicle_t *vehicle); /* true: may be asked now; NULL: always. After ASK_BEFORE_MS it is asked all the same */
    uint32_t answer_ms;                 /* the car's message timeout */
    uint32_t again_ms;                  /* repeats at most so long; 0: as long as it likes */
    ask_pause_t pause;
    bool own_end; /* read() itself decides what a wish to stop means here */
} ask_pair_t;

typedef struct ask_step {
    uint8_t at;      /* ask_at_t */
    uint8_t outcome; /* ask_outcome_t */
    uint8_t then;    /* ask_at_t */
} ask_step_t;

/* One decoded answer, as far as the engine looks into it. */
typedef struct ask_answer {
    uint16_t which;
    const void *body;
    bool has_session;
    ccs_view_t session_id;
} ask_answer_t;

typedef struct ask_protocol {
    const char *room;        /* "din" */
    const ask_pair_t *pairs; /* ASK_COUNT of them, by ask_at_t */
    const ask_step_t *steps;
    size_t step_count;
    uint8_t first;     /* ask_at_t */
    uint32_t ready_ms; /* from the answer to SessionSetup to the answer to PowerDelivery(true); 0: no such timer */
    /* Encodes a request: header with this session id, body filled by pair->fill. */
    ccs_err_t (*write)(const ask_pair_t *pair, vehicle_t *vehicle, ccs_view_t session_id, ask_note_t *note, uint8_t *out,
                       size_t size, size_t *length);
    /* Decodes an answer into the arena. */
    ccs_err_t (*read)(ccs_view_t exi, exi_arena_t *arena, ask_answer_t *answer);
    /* The name of the ResponseCode of a body that is one of the pairs' responses. */
    const char *(*code)(const void *body, bool *failed);
} ask_protocol_t;

enum { ASK_BEFORE_MS = 4000, ASK_SESSION_ID_SIZE = 8 };

typedef enum ask_state { ASK_HELD, ASK_WAITS, ASK_OVER } ask_state_t;

typedef struct ask {
    const ask_protocol_t *protocol;
    vehicle_t *vehicle;
    ask_state_t state;
    uint8_t at;
    ccs_ev_result_t result; /* once OVER */
    const char *failed_at;  /* name of the request; NULL: none */
    const char *code;       /* last ResponseCode */
    int64_t not_before_ms;  /* HELD: the pause */
    int64_t anyway_ms;      /* HELD: asked from then on, whatever before() says */
    int64_t asked_ms;
    int64_t again_by_ms, ready_by_ms; /* INT64_MAX: none */
    uint8_t session_id[ASK_SESSION_ID_SIZE];
    uint8_t session_id_length;
    uint32_t requests, answer_ms_max;
    ask_note_t note; /* of the last request or answer */
} ask_t;

/* Starts a protocol at its first row; session_id_length zeros are told until the charger gives an id. Counters go on. */
void ask_begin(ask_t *ask, const ask_protocol_t *protocol, vehicle_t *vehicle, int64_t now_ms);

/* Passing of time: message, repeat and ready timers. */
void ask_time(ask_t *ask, int64_t now_ms);

/* Should a request leave now? Then ask_write() makes its EXI octets and waits for the answer. An error is our own fault. */
bool ask_due(const ask_t *ask, int64_t now_ms);
CCS_MUST_USE ccs_err_t ask_write(ask_t *ask, int64_t now_ms, uint8_t *out, size_t size, size_t *length);

/* An answer came. Returns its name for the trace (the response type; "?" if it could not be read). */
const char *ask_read(ask_t *ask, int64_t now_ms, ccs_view_t exi, exi_arena_t *arena);

/* Out of the row's order, for misbehaviours: as if answered; straight to another row. */
void ask_skip(ask_t *ask, int64_t now_ms);
void ask_jump(ask_t *ask, uint8_t at, int64_t now_ms);

/* Ends it from outside: link lost, unplugged, another timer. The first result stays. */
void ask_fail(ask_t *ask, ccs_ev_result_t result);

int64_t ask_deadline_ms(const ask_t *ask, int64_t now_ms);
const char *ask_request_name(const ask_t *ask); /* of the row; "" at the end */

/* What follows in this row; ASK_COUNT: no such step. */
uint8_t ask_follow(const ask_protocol_t *protocol, uint8_t at, ask_outcome_t outcome);

#endif
