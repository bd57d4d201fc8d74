/* What goes into a step and what comes out: shared by the charger's and the car's communication.
 *
 * A step eats one event and fills one ccs_outputs_t; it cannot fail: a peer's fault ends in the outputs. Same events => same
 * outputs, so a recorded session is a test. Time, random octets, signatures and verdicts arrive in events.
 *
 * A link is a TCP or TLS connection, numbered by the port (0 .. CCS_LINKS - 1) and free again after CCS_ON_CLOSED or CCS_CLOSE.
 * A V2GTP payload type on a link is a channel.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EVENT_H
#define CCS_EVENT_H

#include "ccs/power.h"
#include "ccs/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { CCS_LINKS = 4, CCS_ACTIONS_MAX = 12, CCS_JOB_PARTS = 3 };

typedef struct ccs_endpoint {
    uint8_t address[16]; /* IPv6, network order */
    uint16_t port;
} ccs_endpoint_t;

/* Slow work, or a decision that is not ours, asked of the port. */
typedef enum ccs_need {
    CCS_NEED_RANDOM,        /* part[0].length octets from a CSPRNG */
    CCS_NEED_AUTHORIZATION, /* may this car charge? by a person, a card, a backend */
    CCS_NEED_CHAIN,         /* judge a certificate chain */
    CCS_NEED_VERIFY,        /* verify a signature: digest, key, signature */
    CCS_NEED_SIGN,
    CCS_NEED_CERTIFICATE, /* certificate installation or update by a backend: the raw EXI request */
    CCS_NEED_SCHEDULE,    /* power schedules for this session */
    CCS_NEED_KEY          /* as RANDOM, for a network key: never logged, never kept */
} ccs_need_t;

/* Zero is "no". NOT_YET keeps the job open: another answer with the same id follows. Every other verdict ends it. */
typedef enum ccs_verdict { CCS_DENIED, CCS_GRANTED, CCS_NOT_YET, CCS_EXPIRED, CCS_REVOKED, CCS_UNAVAILABLE } ccs_verdict_t;

typedef struct ccs_job {
    uint32_t id; /* never 0, never used twice in the life of an instance */
    ccs_need_t need;
    int64_t by_ms;                  /* after this the answer is of no use */
    ccs_view_t part[CCS_JOB_PARTS]; /* valid until ANSWER or CANCEL */
} ccs_job_t;

/* An answer with a dead id is counted and dropped. */
typedef struct ccs_answer {
    uint32_t id;
    ccs_verdict_t verdict;
    ccs_view_t data; /* RANDOM, SIGN: the octets; CERTIFICATE: a whole EXI response, sent unchanged */
} ccs_answer_t;

/* The facts of a link that has just become usable. */
typedef struct ccs_peer {
    uint8_t tls;        /* 0 plain TCP, 12 TLS 1.2, 13 TLS 1.3 */
    bool authenticated; /* the peer showed a certificate that was judged good */
    ccs_view_t name;    /* common name of the leaf */
    uint8_t leaf_sha512[64];
} ccs_peer_t;

enum { CCS_REASON_SIZE = 24 };

/* Site limits of the charger. Zero is zero. */
typedef struct ccs_limits {
    int32_t mV_max;
    int32_t charge_mA_max, discharge_mA_max;
    int32_t power_W_max;
    char reason[CCS_REASON_SIZE]; /* why, in a word or two, for trace and status: "grid", "load management"; terminated; "": none */
} ccs_limits_t;

typedef enum ccs_stop {
    CCS_STOP_USER,     /* a person or a backend ends the charge: normal ramp */
    CCS_STOP_SERVICE,  /* the daemon shuts down (SIGTERM): normal ramp */
    CCS_STOP_EMERGENCY /* at once */
} ccs_stop_t;

typedef enum ccs_event_type {
    CCS_ON_TIME,      /* the deadline came, or just a tick */
    CCS_ON_REPORT,    /* charger: what the guard says. At least every 10 ms while anything is live */
    CCS_ON_BODY,      /* car: what the car's own hardware says */
    CCS_ON_DLINK,     /* the private network is up or down (SLAC; without a modem: the port says so). Charger: up starts the
                         communication setup time once a car is at the pilot; up again before a car connects starts it anew */
    CCS_ON_DATAGRAM,  /* UDP: SDP; from_mac: see slac.h */
    CCS_ON_CONNECT,   /* charger: a peer opened TCP and waits to be accepted (ACCEPT or CLOSE answers) */
    CCS_ON_SECURED,   /* the link is usable: TCP connected, and TLS done where there is TLS */
    CCS_ON_BYTES,     /* octets of the stream, at most ccs_*_window() of them */
    CCS_ON_CLOSED,    /* the peer or the network ended the link */
    CCS_ON_ANSWER,    /* to a job */
    CCS_ON_LIMITS,    /* charger: the site's limits changed */
    CCS_ON_STOP,      /* somebody wants the charge to end */
    CCS_ON_RESET,     /* charger: give an outlet that holds or has given up its next try now (service, control socket, a card that
                         comes late); while a session ends it is remembered, and with SLAC until the pilot has shown X1 and E/F for
                         their     full times */
    CCS_ON_MME,       /* SLAC: a HomePlug frame (0x88E1) came in: bytes is all of it. This and the next two: see slac.h */
    CCS_ON_NEIGHBOUR, /* SLAC: an IPv6 address was seen with this source MAC */
    CCS_ON_MODEM      /* SLAC: the modem is there and has no key of ours, or it is gone */
} ccs_event_type_t;

/* What the car's own hardware measures; the counterpart of ccs_sample_t. */
typedef struct ccs_body {
    int32_t inlet_mV; /* before the car's contactors */
    int32_t battery_mV;
    int32_t battery_mA; /* > 0: charging */
    int32_t soc_permille;
    int64_t energy_Wh;      /* received since plug-in */
    uint16_t duty_permille; /* pilot as seen in the car; 50 is 5 % */
    bool plugged, locked;   /* proximity; lock of the inlet */
    bool contactors_closed; /* mirror contacts */
    uint8_t error;          /* ccs_ev_error_t of ev.h */
} ccs_body_t;

typedef struct ccs_event {
    int64_t now_ms;
    int64_t utc_s; /* Unix time, 0: unknown */
    ccs_event_type_t type;
    uint8_t link;
    union {
        ccs_report_t report;
        ccs_body_t body;
        struct {
            bool up;
            uint8_t peer_mac[6]; /* zero: not known (no modem) */
        } dlink;
        ccs_view_t bytes;
        struct {
            ccs_endpoint_t from;
            ccs_view_t bytes;
            uint8_t from_mac[6]; /* Ethernet source; all zero: not known */
        } datagram;
        struct {
            uint8_t address[16]; /* IPv6 */
            uint8_t mac[6];
        } neighbour;
        struct {
            bool up;
        } modem;
        struct {
            ccs_endpoint_t from;
            bool tls; /* it came to the TLS listener */
        } connect;
        ccs_peer_t secured;
        ccs_answer_t answer;
        ccs_limits_t limits;
        ccs_stop_t stop;
    };
} ccs_event_t;

typedef enum ccs_action_type {
    CCS_SEND_DATAGRAM,
    CCS_CONNECT, /* car: open a link to an endpoint, with TLS or without */
    CCS_ACCEPT,  /* charger: take the link that CONNECT asked for */
    CCS_SEND,    /* two views, one write; taken whole or the link is closed by the port (and CLOSED follows) */
    CCS_CLOSE,   /* orderly: what was sent goes out first, then FIN; gone by close_by_ms at the latest. No CLOSED follows */
    CCS_JOB,
    CCS_CANCEL,  /* the job is of no use any more */
    CCS_SEND_MME /* SLAC: bytes[0] is a whole frame for the modem */
} ccs_action_type_t;

typedef struct ccs_action {
    ccs_action_type_t type;
    uint8_t link;
    union {
        ccs_view_t bytes[2];
        struct {
            ccs_endpoint_t to;
            ccs_view_t bytes;
        } datagram;
        struct {
            ccs_endpoint_t to;
            bool tls;
        } connect;
        int64_t close_by_ms;
        ccs_job_t job;
        uint32_t cancel;
    };
} ccs_action_t;

/* Who may connect to the listeners. only false: everybody (without SLAC, and before the first SDP request); a port may be stricter
 * and let in nobody before it (ports/lwip). */
typedef struct ccs_admit {
    bool only;           /* nobody but the one below */
    uint8_t address[16]; /* IPv6 source */
    uint8_t mac[6];      /* Ethernet source as well; all zero: any */
} ccs_admit_t;

#ifdef __cplusplus
}
#endif
#endif
