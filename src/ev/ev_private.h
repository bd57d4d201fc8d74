/* Inside of ccs_ev_t.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EV_PRIVATE_H
#define CCS_EV_PRIVATE_H

#include "ccs/ev.h"
#include "sdp/sdp.h"
#include "session/ask.h"
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
} ev_t;

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
