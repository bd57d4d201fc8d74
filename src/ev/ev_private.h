/* Inside of ccs_ev_t.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EV_PRIVATE_H
#define CCS_EV_PRIVATE_H

#include "ccs/ev.h"
#include "sdp/sdp.h"
#include "session/ask.h"
#include "slac/ev.h"
#include "v2gtp/v2gtp.h"
#include "vehicle/mischief.h"

typedef enum ev_phase {
    EV_PLUG,    /* waits for the plug, 5 % and the private network */
    EV_SDP,     /* asks for the charger's endpoint */
    EV_CONNECT, /* opens the link */
    EV_TALK,    /* the ask engine works */
    EV_LEAVE,   /* contactors on their way to open */
    EV_DONE
} ev_phase_t;

typedef struct ev_match {
    slac_ev_t slac;
    slac_ev_out_t out;  /* frames of this step, until the next */
    bool lit;           /* 5 % is seen */
    bool failed;        /* the machine has given up; counted */
    uint8_t rounds;     /* that failed */
    uint32_t job;       /* last one asked */
    int64_t random_ms;  /* asked again then */
    int64_t give_up_ms; /* nothing came of it: NO_MATCH */
} ev_match_t;

typedef struct ev {
    ccs_ev_config_t config;
    ccs_secc_buffers_t buffers;
    vehicle_t vehicle;
    mischief_t mischief;
    ask_t ask;
    v2gtp_reader_t reader;
    ccs_ev_status_t status;
    int64_t now_ms;
    ev_phase_t phase;
    bool dlink;
    bool link;           /* a link is open or being opened */
    bool silent;         /* misbehaviour */
    bool split;          /* misbehaviour */
    bool judged;         /* the misbehaviour has seen the request that is about to leave */
    int64_t setup_by_ms; /* communication setup */
    int64_t sdp_at_ms;
    uint32_t sdp_tries;
    uint8_t sdp_request[SDP_REQUEST_SIZE];
    int64_t late_ms;         /* no request leaves before */
    size_t rest_at, rest_to; /* second half of a split frame in the tx buffer */
    int64_t rest_ms;
    int64_t leave_by_ms; /* EV_LEAVE after a lost link: the plug may still say why */
    ev_match_t match;
} ev_t;

/* match.c: SLAC; only called with it. */
bool ev_has_slac(const ev_t *ev); /* always */
void ev_match_init(ev_t *ev);
void ev_match_begin_step(ev_t *ev);
void ev_match_event(ev_t *ev, const ccs_event_t *event, ccs_ev_outputs_t *out);
bool ev_match_turn(ev_t *ev, bool lit, ccs_ev_outputs_t *out); /* true: given up */
void ev_match_leave(ev_t *ev, ccs_ev_outputs_t *out);
int64_t ev_match_deadline_ms(const ev_t *ev);

/* frame.c: requests on their way out, with the scenario's misbehaviour. */
void ev_talk(ev_t *ev, ccs_ev_outputs_t *out);
int64_t ev_talk_deadline_ms(const ev_t *ev);

ccs_action_t *ev_action(ccs_ev_outputs_t *out, ccs_action_type_t type);
void ev_close_link(ev_t *ev, ccs_ev_outputs_t *out, bool reset);
void ev_trace(const ev_t *ev, ccs_level_t level, const char *room, const char *event, const ask_note_t *note, ccs_view_t bytes,
              uint8_t direction);

/* sap.c: the protocol handshake, a protocol of one pair. */
extern const ask_protocol_t ev_sap;

#endif
