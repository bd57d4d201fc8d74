/* The charger's communication (SECC) of one outlet, from the SDP request to the last response.
 *
 * It owns no socket, clock, thread or memory: feed it events, perform its actions in order, hand its want to the guard, and call
 * again at its deadline. One caller at a time. A complete program is examples/secc_minimal.c; the ready-made loop is
 * ports/common/outlet.c.
 *
 *     ccs_secc_init(&secc, &config, &buffers);
 *     for (;;) {
 *         wait for an event, until ccs_secc_deadline_ms(&secc);
 *         ccs_secc_step(&secc, &event, &out);
 *         give out.want to the guard; listen or not as out says; perform out.action[0 .. out.count - 1];
 *     }
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SECC_H
#define CCS_SECC_H

#include "ccs/errors.h"
#include "ccs/event.h"
#include "ccs/slac.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ccs_protocol {
    CCS_PROTOCOL_NONE,
    CCS_PROTOCOL_DIN, /* DIN SPEC 70121 */
    CCS_PROTOCOL_ISO2,
    CCS_PROTOCOL_ISO20_DC,
    CCS_PROTOCOLS_COUNT
} ccs_protocol_t;

/* Why a session ended; kept in the record. A list, so that names cannot drift. */
#define CCS_ENDS(X)                                                          \
    X(NONE, "session runs")                                                  \
    X(COMPLETED, "the car ended the session in order")                       \
    X(STOPPED_USER, "stopped at the charger by a person or a backend")       \
    X(STOPPED_SERVICE, "the charger's service was stopped")                  \
    X(EMERGENCY, "emergency stop")                                           \
    X(UNPLUGGED, "the connector was pulled or the pilot was lost")           \
    X(CAR_ERROR, "the car reported an error")                                \
    X(CHARGER_ERROR, "the charger's guard reported a fault")                 \
    X(ISOLATION, "insulation fault")                                         \
    X(NOT_AUTHORIZED, "authorization was denied")                            \
    X(AUTHORIZATION_LATE, "nobody authorized within the time")               \
    X(NO_PROTOCOL, "no common protocol")                                     \
    X(SETUP_TIMEOUT, "no session within the communication setup time")       \
    X(SEQUENCE_TIMEOUT, "the car fell silent")                               \
    X(SEQUENCE_ERROR, "the car sent a request that has no place here")       \
    X(UNKNOWN_SESSION, "the car used a wrong session id")                    \
    X(BAD_REQUEST, "the car sent a request that cannot be answered with OK") \
    X(DECODE_ERROR, "too many requests that cannot be decoded")              \
    X(LINK_LOST, "the connection ended without SessionStop")                 \
    X(POWER_TIMEOUT, "cable check, precharge or contactor took too long")    \
    X(NO_METER, "no meter, and the site asks for one")                       \
    X(INTERRUPTED, "the charger itself was restarted during the session")

#define CCS_END_ENUMERATOR(name, text) CCS_END_##name,
typedef enum ccs_end { CCS_ENDS(CCS_END_ENUMERATOR) CCS_ENDS_COUNT } ccs_end_t;
#undef CCS_END_ENUMERATOR

/* One charge, for the journal and for people: exactly one for each link that became usable (CCS_ON_SECURED), also if no session
 * came of it (protocol NONE, session_id_length 0) and whatever ended it. Whole and unchanged from the moment out.record_ready says
 * so, until the next link becomes usable. It is ready when the guard reports "open and below 60 V" after the end, or 5 s later. */
typedef struct ccs_record {
    uint32_t number; /* of this outlet since start, 1 .. */
    ccs_protocol_t protocol;
    uint8_t session_id[8];
    uint8_t session_id_length;
    uint8_t evcc_id[20];
    uint8_t evcc_id_length;               /* octets: DIN and ISO-2 a MAC */
    int64_t begin_ms, end_ms;             /* monotonic. While a session runs the end is the time of the last report */
    int64_t begin_utc_s, end_utc_s;       /* 0: unknown */
    int64_t meter_begin_Wh, meter_end_Wh; /* -1: no meter answered. The end is the last reading so far, while a session runs */
    int32_t mV_max, mA_max;               /* largest measured while LIVE */
    int16_t soc_begin_permille, soc_end_permille; /* -1: not told */
    ccs_end_t end;
    ccs_why_t why;            /* of the guard, at the end */
    uint8_t car_error;        /* DC_EVErrorCode */
    const char *last_request; /* name of the last accepted request; a constant */
    bool meter_lost;          /* the meter fell silent during the session: meter_end_Wh is the last reading before */
    uint8_t car_mac[6];       /* of the matched car (SLAC); all zero: not known */
    uint8_t run_id[8];        /* of its match */
} ccs_record_t;

/* Counters, never decremented. Each drop of a peer's input increments one. */
typedef struct ccs_secc_stats {
    uint32_t sdp_requests, sdp_malformed, sdp_late, sdp_refused;
    uint32_t connects, connects_refused;
    uint32_t v2gtp_malformed, v2gtp_too_long, v2gtp_unknown_type;
    uint32_t exi_malformed, exi_soft; /* soft: n-bit values outside their range that were taken */
    uint32_t requests, sequence_errors, unknown_sessions;
    uint32_t values_odd; /* numbers of a car with a unit of another quantity, or outside all reason; taken or left out */
    uint32_t car_errors; /* requests with EVReady = false or a DC_EVErrorCode where that matters */
    uint32_t answers_dead;
    uint32_t sessions, sessions_failed;
} ccs_secc_stats_t;

/* The least time between two answers to the same kind of request; what comes sooner waits. For cars that dislike haste, and so
 * that a car which asks thousands of times a second costs nobody a deadline. */
typedef struct ccs_pace {
    const char *request; /* "CurrentDemandReq"; NULL: this entry is not used */
    uint32_t ms;
} ccs_pace_t;

enum { CCS_PACES = 4 };

typedef enum ccs_tls_policy { CCS_TLS_OFF, CCS_TLS_ALLOW, CCS_TLS_REQUIRE } ccs_tls_policy_t;
typedef enum ccs_edition_din { CCS_DIN_2014 } ccs_edition_din_t;

/* Copied at init but for the pointers, which must live as long as the instance. ccs_secc_defaults() fills every figure. */
typedef struct ccs_secc_config {
    uint8_t address[16];     /* our link-local address, told in SDP */
    uint16_t port, port_tls; /* of the two listeners; 0: that one does not exist */
    ccs_tls_policy_t tls;
    bool protocol[CCS_PROTOCOLS_COUNT];
    uint8_t evse_id_din[32]; /* DIN: octets (DIN 91286), 7 .. 32 */
    uint8_t evse_id_din_length;
    const char *evse_id;  /* ISO: "DE*CCS*E0001*1", 7 .. 37 characters */
    const char *meter_id; /* <= 32 characters */
    ccs_limits_t limits;
    int32_t mV_min, mA_min;    /* offered minimum; > 200 V drives some cars away */
    int32_t mA_ripple;         /* EVSEPeakCurrentRipple */
    bool meter_required;       /* true: no charge without a meter, none after it fell silent; false: the record is flagged */
    uint32_t meter_age_ms;     /* a meter that answered so long ago is silent: 5000 */
    bool pilot_gating;         /* CableCheck needs state C or D (field: some cars are late, see docs) */
    bool pilot_stop_strict;    /* WeldingDetection and SessionStop need state B */
    uint32_t setup_ms;         /* SECC communication setup: 18000 */
    uint32_t sequence_ms;      /* 60000 */
    uint32_t lease_ms;         /* 1000 */
    uint32_t authorization_ms; /* Ongoing at most so long: 55000 */
    uint32_t cable_check_ms;   /* Ongoing at most so long: 38000; the car gives up at 40000 */
    uint32_t contactor_ms;     /* PowerDelivery(Start) is answered within: 1500 */
    uint32_t close_ms;         /* link gone so long after the last response: 5000 */
    uint32_t linger_ms;        /* ... but not before: 2000 (cars dislike an immediate FIN) */
    uint32_t pilot_ms;         /* CableCheck waits so long for state C or D: 1500 [V2G-DC-547] */
    uint32_t verdict_ms;       /* authorization: an answer is held so long for a verdict before it says Ongoing: 250 */
    uint32_t stop_ms;          /* after a stop asked at the charger the car may take so long to end in order: 20000 */
    uint32_t fault_ms;         /* after a fault of ours: 8000; without a pilot: close_ms */
    bool profile_strict;       /* a charging profile above PMax fails; else noted only: common in the field (secc.md 3 #8) */
    ccs_pace_t pace[CCS_PACES];
    uint8_t decode_errors_max; /* in a row: 2 tolerated, the third ends the session */
    ccs_slac_config_t slac;    /* OFF: the link is given */
    /* The session that was running when this outlet's last life ended without writing its record: the image of ccs_secc_record()
     * as the port kept it (when a session begins, and every few seconds). Read in init only. The SECC completes it (end
     * INTERRUPTED, the last meter reading that it holds) and gives it out as its first record once the outlet is open and below
     * 60 V. NULL: none. last_request in it may be NULL. */
    const ccs_record_t *unfinished;
    ccs_trace_t trace;
} ccs_secc_config_t;

/* Memory of the caller, for the life of the instance. Frame buffers are counted apart from state. */
typedef struct ccs_secc_buffers {
    uint8_t *rx;    /* one V2GTP message */
    size_t rx_size; /* at least CCS_RX_SIZE_MIN */
    uint8_t *tx;
    size_t tx_size;
    uint64_t *arena;   /* decoded message */
    size_t arena_size; /* octets */
} ccs_secc_buffers_t;

enum { CCS_RX_SIZE_MIN = 512, CCS_TX_SIZE_MIN = 512, CCS_ARENA_SIZE_MIN = 1024 };

/* Whole at every step. Views in the actions live until the next step. */
typedef struct ccs_outputs {
    ccs_want_t want;
    bool listen, listen_tls; /* accept TCP there; false: the listener is closed, a connect is refused by the system */
    ccs_admit_t admit;       /* ... from whom */
    bool record_ready;       /* once per session: ccs_secc_record() has the final image */
    size_t count;
    ccs_action_t action[CCS_ACTIONS_MAX];
} ccs_outputs_t;

#define CCS_SECC_WORDS 512u
typedef struct ccs_secc {
    uint64_t private_words[CCS_SECC_WORDS]; /* asserted in secc.c */
} ccs_secc_t;

void ccs_secc_defaults(ccs_secc_config_t *config);
CCS_MUST_USE ccs_err_t ccs_secc_init(ccs_secc_t *secc, const ccs_secc_config_t *config, const ccs_secc_buffers_t *buffers,
                                     int64_t now_ms);
void ccs_secc_step(ccs_secc_t *secc, const ccs_event_t *event, ccs_outputs_t *out);

/* When to call again at the latest (CCS_ON_TIME); INT64_MAX: only on an event. If more input waits inside, the deadline is now. */
int64_t ccs_secc_deadline_ms(const ccs_secc_t *secc);

/* How many octets a CCS_ON_BYTES of this link may bring now: the only back-pressure. 0: none, ask again after the next step. */
size_t ccs_secc_window(const ccs_secc_t *secc, uint8_t link);

/* The running session, or the last one. */
const ccs_record_t *ccs_secc_record(const ccs_secc_t *secc);
const ccs_secc_stats_t *ccs_secc_stats(const ccs_secc_t *secc);
ccs_slac_status_t ccs_secc_slac(const ccs_secc_t *secc);
const ccs_slac_stats_t *ccs_secc_slac_stats(const ccs_secc_t *secc);
const ccs_limits_t *ccs_secc_limits(const ccs_secc_t *secc); /* the site's limits in force, with their reason */

/* What people want to see: a name of the present wait ("PreCharge"), "idle" outside a session. A constant. */
const char *ccs_secc_wait_name(const ccs_secc_t *secc);

const char *ccs_end_name(ccs_end_t end);
const char *ccs_end_text(ccs_end_t end);
const char *ccs_protocol_name(ccs_protocol_t protocol); /* "DIN 70121" */

#ifdef __cplusplus
}
#endif
#endif
