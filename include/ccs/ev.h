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
#include "ccs/slac.h"

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
    ccs_pilot_state_t pilot;      /* B or C; A: nothing plugged */
    bool close;                   /* the car's contactors */
    bool lock;                    /* the inlet's lock */
    int32_t target_mV, target_mA; /* as told to the charger, for a view */
} ccs_ev_want_t;

/* Faults that a car brings: each acts once it is due, on frames and timing, and is named in the trace. A list, so that names
 * cannot drift. Where misbehave_ms or misbehave_value is 0, the figure in brackets holds. */
#define CCS_MISBEHAVIOURS(X)                                                                                         \
    X(NONE, "none")                                                                                                  \
    X(SILENT, "sends nothing any more, the link stays open")                                                         \
    X(CLOSE, "TCP FIN instead of the request")                                                                       \
    X(RESET, "TCP gone without FIN: CLOSE with close_by_ms 0")                                                       \
    X(REPEAT, "sends the request twice, octet for octet")                                                            \
    X(SKIP, "leaves this request out and goes on as if it had been answered")                                        \
    X(WRONG_SESSION, "wrong session id in one request")                                                              \
    X(BAD_EXI, "flips bit misbehave_value of the EXI octets of one frame, counted from the first body bit [0]")      \
    X(SPLIT, "every frame from there on in two segments, misbehave_ms apart [20]")                                   \
    X(JOIN, "surplus octets behind the message: misbehave_value inside the payload, or [0] a foreign V2GTP message") \
    X(LATE, "one request late by misbehave_ms [1500]")                                                               \
    X(ERROR_CODE, "DC_EVErrorCode misbehave_value from there on [RESS_MALFUNCTION]")                                 \
    X(NOT_READY, "EVReady = false from there on")                                                                    \
    X(UNPLUG, "the connector is pulled")                                                                             \
    X(PILOT_B, "S2 opens: state B")                                                                                  \
    X(EARLY_STOP, "SessionStopReq right there")

#define CCS_MISBEHAVE_ENUMERATOR(name, text) CCS_MIS_##name,
typedef enum ccs_misbehave { CCS_MISBEHAVIOURS(CCS_MISBEHAVE_ENUMERATOR) CCS_MIS_COUNT } ccs_misbehave_t;
#undef CCS_MISBEHAVE_ENUMERATOR

/* Optional elements that a car sends; bits of ccs_ev_config_t.tells. Real cars differ in every one of them. */
typedef enum ccs_ev_tells {
    CCS_EV_TELLS_CONDITIONING = 1 << 0,   /* EVCabinConditioning, EVRESSConditioning */
    CCS_EV_TELLS_POWER = 1 << 1,          /* EVMaximumPowerLimit */
    CCS_EV_TELLS_CAPACITY = 1 << 2,       /* EVEnergyCapacity */
    CCS_EV_TELLS_REQUEST = 1 << 3,        /* EVEnergyRequest */
    CCS_EV_TELLS_SOC = 1 << 4,            /* FullSOC, BulkSOC */
    CCS_EV_TELLS_BULK = 1 << 5,           /* BulkChargingComplete */
    CCS_EV_TELLS_FULL_TIME = 1 << 6,      /* RemainingTimeToFullSoC */
    CCS_EV_TELLS_BULK_TIME = 1 << 7,      /* RemainingTimeToBulkSoC */
    CCS_EV_TELLS_LIMITS_IN_LOOP = 1 << 8, /* EVMaximum* in CurrentDemandReq */
    CCS_EV_TELLS_EVERYTHING = (1 << 9) - 1
} ccs_ev_tells_t;

/* Habits seen in real cars; bits of ccs_ev_config_t.habits. */
typedef enum ccs_ev_habit {
    CCS_EV_NO_UNITS = 1 << 0,      /* every PhysicalValue without its unit (VW, Opel) */
    CCS_EV_MINUTES = 1 << 1,       /* remaining times in minutes (BYD) */
    CCS_EV_TRAILING_ZERO = 1 << 2, /* one surplus octet 00 behind ContractAuthenticationReq (Tesla) */
    CCS_EV_OWN_NAMESPACE = 1 << 3, /* offers a maker's own protocol first (Tesla) */
    CCS_EV_KEEPS_C = 1 << 4,       /* pilot stays in C until the session has ended */
    CCS_EV_READY_EARLY = 1 << 5,   /* EVReady already in ChargeParameterDiscoveryReq (Tesla) */
    CCS_EV_ABRUPT_STOP = 1 << 6    /* no ramp to 0 A of its own before PowerDeliveryReq(false) */
} ccs_ev_habit_t;

/* What must stand within 20 V of the battery before the car's contactors close. */
typedef enum ccs_ev_close {
    CCS_EV_CLOSE_ON_BOTH,
    CCS_EV_CLOSE_ON_REPORTED, /* the voltage in PreChargeRes (Ioniq) */
    CCS_EV_CLOSE_ON_MEASURED  /* its own measurement at the inlet */
} ccs_ev_close_t;

/* What this car is and wants. ccs_ev_defaults(): a 400 V car that charges until it is full. */
typedef struct ccs_ev_config {
    ccs_protocol_t protocol; /* offered alone; NONE: all that are built in, by priority */
    uint8_t evcc_id[8];      /* DIN, ISO-2: MAC */
    uint8_t evcc_id_length;
    bool tls; /* SDP asks for TLS */
    int32_t mV_max, mA_max, W_max;
    int32_t mV_target; /* told in the loop; 0: follow the battery. Most cars send their limit (field) */
    int32_t capacity_Wh;
    int16_t soc_stop_permille; /* ends the charge */
    int16_t soc_bulk_permille; /* BulkChargingComplete from there on */
    int64_t energy_stop_Wh;    /* ends the charge; 0: no such stop */
    uint32_t duration_stop_ms; /* ends the charge after so long in the loop; 0: no such stop */
    uint32_t loop_ms;          /* pause between a CurrentDemandRes and the next request */
    uint32_t poll_ms;          /* pause between repeats while Ongoing */
    bool weld_test;            /* ask for WeldingDetection */
    int32_t pack_mV; /* open-circuit voltage of the battery at plug-in: for a simulated battery, and for a car without a body */
    int16_t soc_begin_permille; /* at plug-in, likewise */
    int32_t precharge_first_mV; /* EVTargetVoltage of the first PreChargeReq; 0: the battery's (VW: 200 V) */
    int32_t precharge_mA;       /* EVTargetCurrent of PreChargeReq, at most 2 A; several cars: 0 A */
    int32_t profile_W; /* ChargingProfile in PowerDeliveryReq(start): one entry of so much, as Seres in DIN and most in ISO-2; 0:
                          none */
    ccs_ev_close_t close_on;
    uint8_t session_id_length; /* zeros in SessionSetupReq: 0 .. 8 */
    uint8_t schema_id;         /* in the protocol offer; any value is legal */
    uint16_t tells;            /* ccs_ev_tells_t bits */
    uint16_t habits;           /* ccs_ev_habit_t bits */
    ccs_misbehave_t misbehave;
    const char *misbehave_at; /* name of the request at which it happens, "CurrentDemandReq" */
    uint32_t misbehave_count; /* at the n-th of these, 1 .. */
    uint32_t misbehave_value;
    uint32_t misbehave_ms;
    ccs_slac_ev_config_t slac; /* OFF: the link is given */
    ccs_trace_t trace;
} ccs_ev_config_t;

typedef struct ccs_ev_outputs {
    ccs_ev_want_t want;
    bool done; /* the session is over, one way or the other: ccs_ev_result() */
    size_t count;
    ccs_action_t action[CCS_ACTIONS_MAX];
} ccs_ev_outputs_t;

/* How it went, in the car's eyes. */
#define CCS_EV_RESULTS(X)                                                  \
    X(RUNNING, "session runs")                                             \
    X(CHARGED, "charged and ended in order")                               \
    X(STOPPED_BY_CHARGER, "the charger asked for the end, ended in order") \
    X(NO_SDP_ANSWER, "no answer to 50 SDP requests")                       \
    X(NO_CONNECTION, "TCP or TLS failed")                                  \
    X(NO_PROTOCOL, "the charger takes none of our protocols")              \
    X(REFUSED, "the charger answered FAILED")                              \
    X(TIMEOUT, "an answer came too late")                                  \
    X(ONGOING_TOO_LONG, "the charger was not ready within the time")       \
    X(BAD_ANSWER, "an answer that cannot be decoded or does not fit")      \
    X(LINK_LOST, "the charger closed the connection")                      \
    X(CAR_FAULT, "this car's own fault or misbehaviour ended it")          \
    X(UNPLUGGED, "pulled")                                                 \
    X(NO_MATCH, "SLAC: no charger found, or no link with it")

#define CCS_EV_RESULT_ENUMERATOR(name, text) CCS_EV_##name,
typedef enum ccs_ev_result { CCS_EV_RESULTS(CCS_EV_RESULT_ENUMERATOR) CCS_EV_RESULTS_COUNT } ccs_ev_result_t;
#undef CCS_EV_RESULT_ENUMERATOR

typedef struct ccs_ev_status {
    ccs_ev_result_t result;
    const char *failed_at;          /* name of the request; NULL: none */
    const char *response;           /* name of the last ResponseCode */
    int32_t present_mV, present_mA; /* as told by the charger */
    int64_t energy_Wh;
    int16_t soc_permille;
    uint32_t requests;
    uint32_t answer_ms_max; /* slowest answer */
} ccs_ev_status_t;

#define CCS_EV_WORDS 384u
typedef struct ccs_ev {
    uint64_t private_words[CCS_EV_WORDS]; /* asserted in ev.c */
} ccs_ev_t;

void ccs_ev_defaults(ccs_ev_config_t *config);

/* Cars as seen on the road: "ioniq5", "model-y", "id4" ... Fills what that car is over the defaults; wishes (stops), misbehaviour
 * and trace stay as they are. CCS_ERR_UNKNOWN: no such name, config untouched. */
CCS_MUST_USE ccs_err_t ccs_ev_preset(ccs_ev_config_t *config, const char *name);
const char *ccs_ev_preset_name(size_t index);              /* NULL: no more */
const char *ccs_ev_preset_text(size_t index);              /* one line; NULL: no more */
const char *ccs_misbehave_name(ccs_misbehave_t misbehave); /* "WRONG_SESSION" */
CCS_MUST_USE ccs_err_t ccs_ev_init(ccs_ev_t *ev, const ccs_ev_config_t *config, const ccs_secc_buffers_t *buffers, int64_t now_ms);
void ccs_ev_step(ccs_ev_t *ev, const ccs_event_t *event, ccs_ev_outputs_t *out);
int64_t ccs_ev_deadline_ms(const ccs_ev_t *ev);
size_t ccs_ev_window(const ccs_ev_t *ev, uint8_t link);
const ccs_ev_status_t *ccs_ev_status(const ccs_ev_t *ev);
const char *ccs_ev_slac_state(const ccs_ev_t *ev); /* "SOUND"; "OFF" without SLAC */
const char *ccs_ev_wait_name(const ccs_ev_t *ev);
const char *ccs_ev_result_name(ccs_ev_result_t result);
const char *ccs_ev_result_text(ccs_ev_result_t result);

#ifdef __cplusplus
}
#endif
#endif
