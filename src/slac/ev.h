/* The car's side of SLAC: which charger am I plugged into, and join its network.
 *
 * For the car simulator and as the opposite of the charger's machine in tests: same events, same shape of outputs. Misbehaviours
 * act on frames as they leave, never inside the machine's own states.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SLAC_EV_H
#define CCS_SLAC_EV_H

#include "slac/evse.h"

typedef enum slac_ev_state {
    SLAC_EV_IDLE,     /* no 5 % seen */
    SLAC_EV_DRAW,     /* waits for the random octets of a RunID */
    SLAC_EV_PARM,     /* CM_SLAC_PARM.REQ sent, collects answers */
    SLAC_EV_START,    /* CM_START_ATTEN_CHAR.IND, three times */
    SLAC_EV_SOUND,    /* CM_MNBC_SOUND.IND, ten times */
    SLAC_EV_RESULTS,  /* collects CM_ATTEN_CHAR.IND */
    SLAC_EV_VALIDATE, /* CM_VALIDATE.REQ step 1 sent */
    SLAC_EV_TOGGLE,   /* step 2 sent, toggles the pilot */
    SLAC_EV_DECIDED,  /* waits a little before the match request */
    SLAC_EV_MATCH,    /* CM_SLAC_MATCH.REQ sent */
    SLAC_EV_KEY,      /* sets the own modem */
    SLAC_EV_JOIN,     /* waits for the link */
    SLAC_EV_MATCHED,
    SLAC_EV_AGAIN,  /* before the next attempt */
    SLAC_EV_FAILED, /* no charger found within the time, or its link was lost */
    SLAC_EV_STATES
} slac_ev_state_t;

enum { SLAC_EV_CANDIDATES = 8 };

typedef struct slac_candidate {
    uint8_t mac[6];
    bool heard; /* its CM_ATTEN_CHAR.IND came */
    uint16_t sum_dB;
} slac_candidate_t;

typedef struct slac_ev_out {
    bool need_random;   /* draw 16 octets and give them as SLAC_ON_RANDOM */
    bool toggle;        /* pilot: C while true, B otherwise */
    slac_dlink_t dlink; /* changed since the caller cleared it */
    size_t count;
    slac_out_frame_t frame[SLAC_FRAMES_MAX];
} slac_ev_out_t;

typedef struct slac_ev_stats {
    uint32_t frames, malformed, ignored, attempts, matches, joins;
} slac_ev_stats_t;

/* All fields are private. */
typedef struct slac_ev {
    const ccs_slac_ev_config_t *config;
    const ccs_trace_t *trace;
    slac_ev_state_t state;
    slac_candidate_t candidate[SLAC_EV_CANDIDATES];
    size_t candidates;
    uint8_t chosen;
    uint8_t run_id[8], random[16];
    uint8_t nid[7], nmk[16];
    uint8_t modem[6];      /* that confirmed the key */
    uint8_t retries, sent; /* of the batch */
    uint8_t toggles;
    bool toggle_high;
    uint8_t link_misses;
    int64_t deadline_ms, give_up_ms, results_by_ms, poll_ms, toggle_ms;
    uint32_t frames_sent;
    bool misbehaved;
    slac_ev_stats_t stats;
    int64_t now_ms;
    slac_ev_out_t *out;
} slac_ev_t;

/* config and trace must live as long as the machine. */
void slac_ev_init(slac_ev_t *ev, const ccs_slac_ev_config_t *config, const ccs_trace_t *trace, int64_t now_ms);

/* Frames and dlink are added to out: the caller clears it whenever it has taken them, at the latest after two steps.
 * SLAC_ON_ORDER: WAKE: 5 % was seen, begin. TERMINATE: 5 % is gone, leave. SLAC_ON_PILOT and SLAC_ON_MODEM
 * are not used. */
void slac_ev_step(slac_ev_t *ev, const slac_event_t *event, slac_ev_out_t *out);
int64_t slac_ev_deadline_ms(const slac_ev_t *ev);
const char *slac_ev_state_name(slac_ev_state_t state);
const uint8_t *slac_ev_peer(const slac_ev_t *ev);       /* MAC of the chosen charger */
extern const slac_rule_t slac_ev_rules[SLAC_EV_STATES]; /* what ends each wait; for documentation and tests */
extern const slac_wait_t slac_ev_waits[SLAC_EV_STATES];

#endif
