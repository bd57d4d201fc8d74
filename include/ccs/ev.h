/* The car's communication (EVCC): test peer, demo peer, and a product for people who test chargers.
 *
 * The same shape as secc.h: events in, outputs out, no socket, clock, thread or allocation. The car's wishes, its battery and its
 * misbehaviours come from a scenario (src/vehicle); they act on frames and timing, never inside the protocol's own code.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EV_H
#define CCS_EV_H

#include "ccs/errors.h"
#include "ccs/event.h"
#include "ccs/secc.h" /* ccs_protocol_t */

#ifdef __cplusplus
extern "C" {
#endif

/* DC_EVErrorCode of DIN 70121 and ISO 15118-2, in schema order. */
typedef enum ccs_ev_error {
    CCS_EV_NO_ERROR,
    CCS_EV_RESS_TEMPERATURE_INHIBIT,
    CCS_EV_SHIFT_POSITION,
    CCS_EV_CONNECTOR_LOCK_FAULT,
    CCS_EV_RESS_MALFUNCTION,
    CCS_EV_CURRENT_DIFFERENTIAL,
    CCS_EV_VOLTAGE_OUT_OF_RANGE,
    CCS_EV_RESERVED_A,
    CCS_EV_RESERVED_B,
    CCS_EV_RESERVED_C,
    CCS_EV_SYSTEM_INCOMPATIBILITY,
    CCS_EV_NO_DATA
} ccs_ev_error_t;

/* What the car does with its own hardware: whole at every step. */
typedef struct ccs_ev_want {
    ccs_pilot_state_t pilot; /* B or C; A: nothing plugged */
    bool close;              /* the car's contactors */
    bool lock;               /* the inlet's lock */
    int32_t target_mV, target_mA; /* as told to the charger, for a view */
} ccs_ev_want_t;

/* Faults that a car brings: each acts once it is due, and is named in the trace. */
typedef enum ccs_misbehave {
    CCS_MIS_NONE,
    CCS_MIS_SILENT,         /* sends nothing any more, link stays open */
    CCS_MIS_CLOSE,          /* TCP FIN in the middle */
    CCS_MIS_RESET,          /* TCP gone without FIN; the port drops the link */
    CCS_MIS_REPEAT,         /* sends the last request again, octet for octet */
    CCS_MIS_SKIP,           /* leaves one message of the sequence out */
    CCS_MIS_WRONG_SESSION,  /* wrong session id in one request */
    CCS_MIS_BAD_EXI,        /* one frame with a flipped bit */
    CCS_MIS_SPLIT,          /* every frame in two segments */
    CCS_MIS_JOIN,           /* surplus octets behind a frame */
    CCS_MIS_LATE,           /* one request late by misbehave_ms */
    CCS_MIS_ERROR_CODE,     /* DC_EVErrorCode misbehave_value from there on */
    CCS_MIS_NOT_READY,      /* EVReady = false from there on */
    CCS_MIS_UNPLUG,         /* the connector is pulled */
    CCS_MIS_PILOT_B,        /* S2 opens under current */
    CCS_MIS_EARLY_STOP,     /* SessionStopReq right there */
    CCS_MIS_COUNT
} ccs_misbehave_t;

/* What this car is and wants. ccs_ev_defaults(): a 400 V car that charges until it is full. */
typedef struct ccs_ev_config {
    ccs_protocol_t protocol;      /* offered alone; NONE: all that are built in, by priority */
    uint8_t evcc_id[8];           /* DIN, ISO-2: MAC */
    uint8_t evcc_id_length;
    bool tls;                     /* SDP asks for TLS */
    int32_t mV_max, mA_max, W_max;
    int32_t mV_target;            /* told in the loop; 0: follow the battery. Most cars send their limit (field) */
    int32_t capacity_Wh;
    int16_t soc_stop_permille;    /* ends the charge */
    int16_t soc_bulk_permille;    /* BulkChargingComplete from there on */
    int64_t energy_stop_Wh;       /* ends the charge; 0: no such stop */
    uint32_t duration_stop_ms;    /* ends the charge after so long in the loop; 0: no such stop */
    uint32_t loop_ms;             /* pause between a CurrentDemandRes and the next request */
    uint32_t poll_ms;             /* pause between repeats while Ongoing */
    bool weld_test;               /* ask for WeldingDetection */
    ccs_misbehave_t misbehave;
    const char *misbehave_at;     /* name of the request at which it happens, "CurrentDemandReq" */
    uint32_t misbehave_count;     /* at the n-th of these, 1 .. */
    uint32_t misbehave_value;
    uint32_t misbehave_ms;
    ccs_trace_t trace;
} ccs_ev_config_t;

typedef struct ccs_ev_outputs {
    ccs_ev_want_t want;
    bool done;     /* the session is over, one way or the other: ccs_ev_result() */
    size_t count;
    ccs_action_t action[CCS_ACTIONS_MAX];
} ccs_ev_outputs_t;

/* How it went, in the car's eyes. */
#define CCS_EV_RESULTS(X)                                                    \
    X(RUNNING, "session runs")                                               \
    X(CHARGED, "charged and ended in order")                                 \
    X(STOPPED_BY_CHARGER, "the charger asked for the end, ended in order")   \
    X(NO_SDP_ANSWER, "no answer to 50 SDP requests")                         \
    X(NO_CONNECTION, "TCP or TLS failed")                                    \
    X(NO_PROTOCOL, "the charger takes none of our protocols")                \
    X(REFUSED, "the charger answered FAILED")                                \
    X(TIMEOUT, "an answer came too late")                                    \
    X(ONGOING_TOO_LONG, "the charger was not ready within the time")         \
    X(BAD_ANSWER, "an answer that cannot be decoded or does not fit")        \
    X(LINK_LOST, "the charger closed the connection")                        \
    X(CAR_FAULT, "this car's own fault or misbehaviour ended it")            \
    X(UNPLUGGED, "pulled")

#define CCS_EV_RESULT_ENUMERATOR(name, text) CCS_EV_##name,
typedef enum ccs_ev_result { CCS_EV_RESULTS(CCS_EV_RESULT_ENUMERATOR) CCS_EV_RESULTS_COUNT } ccs_ev_result_t;
#undef CCS_EV_RESULT_ENUMERATOR

typedef struct ccs_ev_status {
    ccs_ev_result_t result;
    const char *failed_at;    /* name of the request; NULL: none */
    const char *response;     /* name of the last ResponseCode */
    int32_t present_mV, present_mA; /* as told by the charger */
    int64_t energy_Wh;
    int16_t soc_permille;
    uint32_t requests;
    uint32_t answer_ms_max;   /* slowest answer */
} ccs_ev_status_t;

#define CCS_EV_WORDS 512u
typedef struct ccs_ev {
    uint64_t private_words[CCS_EV_WORDS]; /* asserted in ev.c */
} ccs_ev_t;

void ccs_ev_defaults(ccs_ev_config_t *config);
CCS_MUST_USE ccs_err_t ccs_ev_init(ccs_ev_t *ev, const ccs_ev_config_t *config, const ccs_secc_buffers_t *buffers, int64_t now_ms);
void ccs_ev_step(ccs_ev_t *ev, const ccs_event_t *event, ccs_ev_outputs_t *out);
int64_t ccs_ev_deadline_ms(const ccs_ev_t *ev);
size_t ccs_ev_window(const ccs_ev_t *ev, uint8_t link);
const ccs_ev_status_t *ccs_ev_status(const ccs_ev_t *ev);
const char *ccs_ev_wait_name(const ccs_ev_t *ev);
const char *ccs_ev_result_name(ccs_ev_result_t result);
const char *ccs_ev_result_text(ccs_ev_result_t result);

#ifdef __cplusplus
}
#endif
#endif
