/* What an outlet's communication is made of; inside secc/ only.
 *
 * The outlet's own states (life.c), outside any protocol:
 *
 *   BOOT     just started: what is plugged, does anything stand on the cable?
 *   IDLE     no private network; with SLAC: the matching machine works (match.c)
 *   SETUP    network up: SDP is answered and TCP accepted, for setup_ms
 *   TALK     a link is usable, a record runs
 *   LINGER   the last answer is given; the car closes, or we do
 *   SETTLE   the link is gone; the record waits for "open and below 60 V"
 *   HOLD     what charge_after() says, with its pilot
 *   BLOCKED  waits for the plug to be pulled, or for CCS_ON_RESET
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SECC_PRIVATE_H
#define CCS_SECC_PRIVATE_H

#include "charge/charge.h"
#include "session/session.h"
#include "slac/evse.h"
#include "v2gtp/v2gtp.h"

typedef enum secc_state {
    SECC_BOOT,
    SECC_IDLE,
    SECC_SETUP,
    SECC_TALK,
    SECC_LINGER,
    SECC_SETTLE,
    SECC_HOLD,
    SECC_BLOCKED
} secc_state_t;

/* What the matching machine was told. */
typedef enum secc_service { SECC_SERVICE_OPEN, SECC_SERVICE_REST, SECC_SERVICE_CLOSED } secc_service_t;

typedef struct secc_match {
    slac_evse_t evse;
    slac_evse_out_t out; /* frames of this step, until the next */
    secc_service_t service;
    int64_t key_ms; /* random octets are asked again then */
    bool has_seen;
    uint8_t seen[16]; /* IPv6 address of the matched car by its MAC in neighbour discovery */
} secc_match_t;

enum { SECC_NO_LINK = -1, SECC_SETTLE_MS = 5000, SECC_SDP_SIZE = 28, SECC_FIN_MS = 1000, SECC_BOOT_MS = 500 };

typedef struct secc {
    secc_state_t state;
    bool dlink_up;
    bool rests;       /* with SLAC: the car has ended in order and is not called again */
    bool interrupted; /* the record holds a session of the last life */
    bool set_up;      /* SessionSetupRes was given */
    bool was_plugged;
    bool reset_pending; /* CCS_ON_RESET came while a session was ending */
    bool halted;        /* the service was stopped, or emergency: only CCS_ON_RESET goes on */
    uint8_t failures;   /* in a row */
    ccs_end_t last_end;

    int link; /* ours; SECC_NO_LINK */
    uint8_t tls;
    bool authenticated;
    bool has_asker;
    bool asker_tls;    /* its last answer was an endpoint with TLS */
    uint8_t asker[16]; /* address that SDP was answered to */
    uint8_t asker_mac[6];
    uint8_t sdp[SECC_SDP_SIZE];

    uint8_t *tx; /* header, then session.exi */
    ccs_outputs_t *out;
    int64_t now_ms;
    int64_t boot_ms;
    int64_t until_ms;       /* LINGER, SETTLE, HOLD: ends then */
    int64_t close_by_ms;    /* LINGER: the link is gone by then */
    int64_t ef_ms;          /* HOLD: E/F instead of X1 from then on; INT64_MAX: by the row alone */
    int64_t fin_ms;         /* the network is kept until then, for our FIN */
    int64_t setup_until_ms; /* SETUP, and TALK until there is a session; INT64_MAX: does not run */

    session_t session;
    charge_t charge;
    session_jobs_t jobs;
    v2gtp_reader_t reader;
    secc_match_t match;
    ccs_secc_stats_t stats;
    ccs_secc_config_t config;
} secc_t;

/* link.c: what comes from the network. */
void secc_on_datagram(secc_t *secc, const ccs_event_t *event);
void secc_on_connect(secc_t *secc, const ccs_event_t *event);
void secc_on_secured(secc_t *secc, const ccs_event_t *event);
void secc_on_bytes(secc_t *secc, const ccs_event_t *event);
void secc_on_closed(secc_t *secc, const ccs_event_t *event);
void secc_deliver(secc_t *secc, session_did_t did); /* what the engine did with a request */
bool secc_open(const secc_t *secc);                 /* SDP is answered and TCP accepted */

/* match.c: SLAC; only called with it, but for the three that say otherwise. */
bool secc_has_slac(const secc_t *secc);                  /* always */
void secc_match_init(secc_t *secc);                      /* always */
void secc_match_wake(secc_t *secc);                      /* always: 5 % again, if the outlet rests */
ccs_slac_status_t secc_match_status(const secc_t *secc); /* always */
void secc_match_begin_step(secc_t *secc);
void secc_match_event(secc_t *secc, const ccs_event_t *event);
void secc_match_serve(secc_t *secc); /* opens or closes the machine as the outlet's state wants it */
void secc_match_end_step(secc_t *secc);
bool secc_match_is_car(secc_t *secc, const ccs_endpoint_t *from, const uint8_t mac[6]);
int64_t secc_match_deadline_ms(const secc_t *secc);
const char *secc_match_wait_name(const secc_t *secc);

/* life.c: from one state to the next. */
void secc_link(secc_t *secc, bool up); /* the private network */
void secc_on_dlink(secc_t *secc, const ccs_event_t *event);
void secc_on_report(secc_t *secc, const ccs_event_t *event);
void secc_on_stop(secc_t *secc, const ccs_event_t *event);
void secc_on_reset(secc_t *secc, const ccs_event_t *event);
void secc_begin(secc_t *secc);                                  /* the link is usable: TALK */
void secc_linger(secc_t *secc);                                 /* the last answer is on its way: LINGER */
void secc_give_up(secc_t *secc, ccs_end_t end, uint32_t in_ms); /* closes the link within so long, without an answer: SETTLE */
void secc_advance(secc_t *secc);                                /* deadlines, after every event */
int64_t secc_next_ms(const secc_t *secc);
ccs_pilot_drive_t secc_pilot(const secc_t *secc);
const char *secc_state_name(secc_state_t state);

/* secc.c */
ccs_action_t *secc_action(secc_t *secc, ccs_action_type_t type, uint8_t link);
void secc_note(const secc_t *secc, ccs_level_t level, const char *event, const char *name, const char *text, int64_t number);

#endif
